//! 生成: a seal from a confirmed picture, and the account's seals.

use crate::guard;
use crate::platform::Platform;
use crate::server::{Answer, Failure, Input, Principal};
use crate::store::ca;
use crate::store::seals::{self as rows, PreviewRow, SealRow};
use axum::Json;
use axum::extract::State;
use kapok_formats::seal::{self, PictureKind, SealInfo};
use kapok_formats::x509::Certificate;
use kapok_protocol::api::seals::{GenerateSeal, SealKind, SealView};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::Bytes;
use std::sync::Arc;

/// GB/T 38540 leaves the type to the business: 1 for an organisation's seal, 4 for a person's.
const TYPE_ORGANISATION: u32 = 1;
const TYPE_PERSON: u32 = 4;

/// `POST /v1/seals`. A picture makes one seal: asking again gives the same one.
pub(super) async fn generate(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<GenerateSeal>,
) -> Answer<SealView> {
    guard::second_face(&platform, &principal).await?;
    let id = input.value.preview_id;
    let preview = rows::preview(platform.db.reader(), principal.account, id)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    let row = match rows::of_preview(platform.db.reader(), id).await? {
        Some(row) => row,
        None => reserve(&platform, preview).await?,
    };
    if row.revoked {
        return Err(ErrorCode::SealRevoked.into());
    }
    let seal = match &row.seal {
        Some(seal) => seal.clone(),
        None => sign(&platform, &row).await?,
    };
    Ok(Json(view(row, seal)))
}

/// `GET /v1/seals`.
pub(super) async fn list(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
) -> Answer<Vec<SealView>> {
    let rows = rows::of_account(platform.db.reader(), principal.account).await?;
    let views = rows
        .into_iter()
        .filter_map(|row| row.seal.clone().map(|seal| view(row, seal)));
    Ok(Json(views.collect()))
}

/// Stores what will be signed, and gives what is stored: of two calls at once both go on with the first one's row.
async fn reserve(platform: &Arc<Platform>, preview: PreviewRow) -> Result<SealRow, Failure> {
    let now = platform.now();
    if preview.expires_at < now {
        return Err(ErrorCode::NotFound.into());
    }
    let holder = ca::by_serial(platform.db.reader(), &preview.serial)
        .await?
        .filter(|row| row.state == "active");
    let der = holder
        .and_then(|row| row.certificate)
        .ok_or(ErrorCode::CertNone)?;
    let certificate = Certificate::parse(&der).map_err(|_| ErrorCode::Internal)?;
    let es_id = es_id(platform.clock.seconds());
    let info = SealInfo {
        es_id: &es_id,
        seal_type: if preview.kind == SealKind::Organisation {
            TYPE_ORGANISATION
        } else {
            TYPE_PERSON
        },
        name: &preview.name,
        signers: std::slice::from_ref(&certificate),
        created: platform.clock.seconds(),
        valid_from: certificate.not_before(),
        valid_to: certificate.not_after(),
        picture: seal::Picture {
            kind: PictureKind::Png,
            data: &preview.picture,
            width_mm: preview.width_mm,
            height_mm: preview.height_mm,
        },
    };
    let info = seal::seal_info(&info).map_err(|_| ErrorCode::Internal)?;
    let id = preview.id;
    let row = SealRow {
        es_id,
        preview,
        info,
        seal: None,
        revoked: false,
    };
    let job = platform.db.write(move |tx| {
        Box::pin(async move { rows::reserve(tx, &row, now).await.map_err(Failure::from) })
    });
    job.await?;
    Ok(rows::of_preview(platform.db.reader(), id)
        .await?
        .ok_or(ErrorCode::Internal)?)
}

/// Signs the stored bytes with the maker's SM2 key and stores the seal; a seal that was stored meanwhile is the one that counts.
async fn sign(platform: &Arc<Platform>, row: &SealRow) -> Result<Vec<u8>, Failure> {
    let maker = &platform.pki.seal_maker;
    let made = seal::seal(&row.info, &maker.certificate, maker.key.as_ref())
        .map_err(|_| ErrorCode::Internal)?;
    let es_id = row.es_id.clone();
    let job = platform.db.write(move |tx| {
        Box::pin(async move { rows::made(tx, &es_id, &made).await.map_err(Failure::from) })
    });
    job.await?;
    let stored = rows::of_preview(platform.db.reader(), row.preview.id)
        .await?
        .and_then(|row| row.seal);
    Ok(stored.ok_or(ErrorCode::Internal)?)
}

/// Our own number, ASCII: the 13-digit number of the police system is assigned by it and never made up.
fn es_id(now: u64) -> String {
    format!(
        "KAPOK-{now}-{}",
        hex::encode_upper(rand::random::<[u8; 8]>())
    )
}

fn view(row: SealRow, seal: Vec<u8>) -> SealView {
    SealView {
        es_id: row.es_id,
        enterprise_id: row.preview.enterprise,
        kind: row.preview.kind,
        name: row.preview.name,
        seal: Bytes(seal),
        picture: Bytes(row.preview.picture),
        width_mm: row.preview.width_mm.into(),
        height_mm: row.preview.height_mm.into(),
        certificate_serial: hex::encode(&row.preview.serial),
    }
}
