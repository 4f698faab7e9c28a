//! What may be installed, what is installed, and whether a certificate is good now.

use crate::platform::Platform;
use crate::portal::Authority;
use crate::registry::access::{self, Member};
use crate::server::{Answer, Failure, Principal};
use crate::store::BoxFuture;
use crate::store::ca::{self as rows, CertificateRow};
use axum::Json;
use axum::extract::{Path, State};
use kapok_formats::x509::Certificate;
use kapok_protocol::api::certificates::{
    CertificateKind, CertificateState, CertificateStatus, CertificateView,
};
use kapok_protocol::api::registry::{Role, TrustLevel};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{CertId, DeviceId};
use std::sync::Arc;

/// `GET /v1/certificates`: one line for each certificate that the account may hold (YQQ-003, YQQ-004).
pub(super) async fn list(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
) -> Answer<Vec<CertificateView>> {
    let members = access::all(platform.db.reader(), principal.account, platform.now()).await?;
    let held = rows::of_account(platform.db.reader(), principal.account).await?;
    let device = DeviceId::of_key(&principal.device.public_key);
    let now = platform.clock.seconds();
    let lines = members.into_iter().filter_map(|member| {
        let kind = kind(&member)?;
        let row = held
            .iter()
            .find(|row| row.enterprise == member.enterprise && row.kind == kind);
        Some(line(member, kind, row, device, now))
    });
    Ok(Json(lines.collect()))
}

fn kind(member: &Member) -> Option<CertificateKind> {
    if member.level != TrustLevel::Authenticated {
        return None;
    }
    if member.role == Role::LegalRep || member.admin {
        return Some(CertificateKind::Organisation);
    }
    member
        .may("certificates")
        .then_some(CertificateKind::Employee)
}

fn line(
    member: Member,
    kind: CertificateKind,
    row: Option<&CertificateRow>,
    device: DeviceId,
    now: u64,
) -> CertificateView {
    let state = match row {
        None => CertificateState::Installable,
        Some(row) if row.not_after <= now => CertificateState::Expired,
        Some(row) if row.state == "suspended" => CertificateState::Suspended,
        Some(row) if row.device == device => CertificateState::Active,
        Some(_) => CertificateState::Elsewhere,
    };
    CertificateView {
        enterprise_id: member.enterprise,
        enterprise: member.name,
        kind,
        state,
        serial: row.map(|row| hex::encode(&row.serial)),
        not_after: row.map(|row| row.not_after),
        admin: member.admin,
    }
}

/// `GET /v1/certificates/{serial}/status`: the account's own.
pub(super) async fn status(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(serial): Path<String>,
) -> Answer<CertificateStatus> {
    let serial = hex::decode(&serial).map_err(|_| Failure::field("serial", "format"))?;
    let row = rows::by_serial(platform.db.reader(), &serial).await?;
    let row = row
        .filter(|row| row.account == principal.account)
        .ok_or(ErrorCode::NotFound)?;
    let at = platform.clock.seconds();
    let state = match good(&platform, &row).await {
        Ok(()) => CertificateState::Active,
        Err(Failure(error)) if error.code == ErrorCode::GrantSuspended => {
            CertificateState::Suspended
        }
        Err(_) if row.not_after <= at => CertificateState::Expired,
        Err(_) => CertificateState::Revoked,
    };
    Ok(Json(CertificateStatus { state, at }))
}

/// Certificate, and the right that it rests on, are good now.
pub(super) async fn good(platform: &Platform, row: &CertificateRow) -> Result<(), Failure> {
    match row.state.as_str() {
        "active" if row.not_after > platform.clock.seconds() => {}
        "suspended" => return Err(ErrorCode::GrantSuspended.into()),
        _ => return Err(ErrorCode::CertRevoked.into()),
    }
    let member = access::of(
        platform.db.reader(),
        row.account,
        row.enterprise,
        platform.now(),
    )
    .await;
    let member = member.map_err(|_| Failure::from(ErrorCode::GrantRevoked))?;
    match (row.kind, kind(&member)) {
        (CertificateKind::Employee, Some(_))
        | (CertificateKind::Organisation, Some(CertificateKind::Organisation)) => Ok(()),
        _ => Err(ErrorCode::GrantRevoked.into()),
    }
}

/// What the portal asks.
pub struct Status;

impl Authority for Status {
    fn certificate<'a>(
        &'a self,
        platform: &'a Platform,
        certificate: &'a Certificate,
    ) -> BoxFuture<'a, Result<CertId, Failure>> {
        Box::pin(async move {
            let row = rows::by_serial(platform.db.reader(), certificate.serial())
                .await?
                .ok_or(ErrorCode::CertNone)?;
            if row.certificate.as_deref() != Some(certificate.der()) {
                return Err(ErrorCode::CertNone.into());
            }
            good(platform, &row).await?;
            Ok(row.cert_id)
        })
    }

    fn seal<'a>(
        &'a self,
        platform: &'a Platform,
        es_id: &'a str,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(crate::seals::good(platform, es_id))
    }

    fn receipt_key<'a>(
        &'a self,
        platform: &'a Platform,
    ) -> BoxFuture<'a, Result<[u8; 33], Failure>> {
        Box::pin(async move {
            platform
                .pinned
                .guard_sign
                .array()
                .ok_or_else(|| ErrorCode::ServiceDown.into())
        })
    }
}
