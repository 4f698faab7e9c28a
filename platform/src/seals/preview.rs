//! The picture that the person confirms: drawn from registered and verified names only.

use crate::clock::MINUTE;
use crate::identity::persons::new_id;
use crate::platform::Platform;
use crate::registry::access::{self, Member};
use crate::server::{Answer, Failure, Input, Principal};
use crate::store::ca::{self, CertificateRow};
use crate::store::seals::{self as rows, PreviewRow};
use axum::Json;
use axum::extract::State;
use kapok_formats::draw::{
    DrawError, NameSealDesign, Picture, SealDesign, company_seal, name_seal,
};
use kapok_protocol::api::seals::{AskPreview, SealKind, SealPreview};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, PreviewId};
use std::sync::Arc;

/// How long a picture waits for 生成.
const LIFE: i64 = 10 * MINUTE;

/// `POST /v1/seals/previews`.
pub(super) async fn preview(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<AskPreview>,
) -> Answer<SealPreview> {
    let ask = input.value;
    let member = access::of(
        platform.db.reader(),
        principal.account,
        ask.enterprise_id,
        platform.now(),
    )
    .await?;
    let certificate = certificate(&platform, &principal, &ask).await?;
    let name = name(&platform, &principal, &member, ask.kind).await?;
    let kind = ask.kind;
    let drawn_name = name.clone();
    let drawn = tokio::task::spawn_blocking(move || draw(kind, &drawn_name))
        .await
        .map_err(|_| ErrorCode::Internal)?;
    let picture = drawn.map_err(|error| match error {
        DrawError::Internal => Failure::from(ErrorCode::Internal),
        _ => ErrorCode::SealGlyph.into(),
    })?;
    let row = PreviewRow {
        id: PreviewId(new_id(&*platform.clock)),
        account: principal.account,
        enterprise: ask.enterprise_id,
        kind,
        serial: certificate.serial,
        name: name.clone(),
        picture: picture.png.clone(),
        width_mm: picture.width_mm,
        height_mm: picture.height_mm,
        expires_at: platform.now() + LIFE,
    };
    let (preview_id, now) = (row.id, platform.now());
    let job = platform.db.write(move |tx| {
        Box::pin(async move { rows::put_preview(tx, row, now).await.map_err(Failure::from) })
    });
    job.await?;
    Ok(Json(SealPreview {
        preview_id,
        name,
        picture: Bytes(picture.png),
        width_mm: picture.width_mm.into(),
        height_mm: picture.height_mm.into(),
    }))
}

/// The certificate that the seal is for: the person's own, of this enterprise, good now.
async fn certificate(
    platform: &Platform,
    principal: &Principal,
    ask: &AskPreview,
) -> Result<CertificateRow, Failure> {
    let serial = hex::decode(&ask.certificate_serial)
        .map_err(|_| Failure::field("certificate_serial", "format"))?;
    let row = ca::by_serial(platform.db.reader(), &serial)
        .await?
        .ok_or(ErrorCode::CertNone)?;
    let own = row.account == principal.account && row.enterprise == ask.enterprise_id;
    if own && row.state == "active" && row.not_after > platform.clock.seconds() {
        return Ok(row);
    }
    Err(ErrorCode::CertNone.into())
}

/// 机构印章 only by the certificate admin (YQQ-013); 员工印章 in the person's own verified name (YQQ-014).
async fn name(
    platform: &Platform,
    principal: &Principal,
    member: &Member,
    kind: SealKind,
) -> Result<String, Failure> {
    match kind {
        SealKind::Organisation if member.admin => Ok(member.name.clone()),
        SealKind::Organisation => Err(ErrorCode::SealAdminOnly.into()),
        SealKind::Employee => Ok(platform
            .name_of(principal.account)
            .await?
            .ok_or(ErrorCode::NotAllowed)?),
        SealKind::Unknown => Err(Failure::field("kind", "unknown")),
    }
}

fn draw(kind: SealKind, name: &str) -> Result<Picture, DrawError> {
    match kind {
        SealKind::Organisation => company_seal(&SealDesign::company(name)),
        _ => name_seal(&NameSealDesign::person(name)),
    }
}
