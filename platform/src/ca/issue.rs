//! Issuing: reserve, store what will be signed, sign, compare, store, answer.

use super::evidence;
use crate::pki::{self, CA};
use crate::platform::Platform;
use crate::registry::access::{self, Member};
use crate::server::{Answer, Failure, Input, Principal};
use crate::store::ca::{self as rows, CertificateRow};
use axum::Json;
use axum::extract::{Path, State};
use kapok_formats::identity::Uscc;
use kapok_formats::x509::{self, Certificate, IssueRequest, Profile, Subject};
use kapok_protocol::api::certificates::{CertificateIssued, CertificateKind, OrderCertificate};
use kapok_protocol::api::registry::{Role, TrustLevel};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::Bytes;
use std::sync::Arc;

/// Life of a certificate.
const LIFE_SECONDS: u64 = 2 * 365 * 86_400;

/// `POST /v1/certificates`. The same request again, after a lost answer, gets the same certificate.
pub(super) async fn order(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<OrderCertificate>,
) -> Answer<CertificateIssued> {
    let order = input.value;
    let hash = <sha2::Sha256 as sha2::Digest>::digest(&order.csr.0).into();
    if let Some(row) = rows::by_csr(platform.db.reader(), &hash).await? {
        return finish(&platform, own(row, &principal)?).await;
    }
    let evidence = evidence::check(&platform, &principal, &order)?;
    let member = access::of(
        platform.db.reader(),
        principal.account,
        order.enterprise_id,
        platform.now(),
    )
    .await?;
    may_hold(&member, order.kind)?;
    not_elsewhere(&platform, &principal, &order, &evidence).await?;
    let serial = pki::serial();
    let not_before = platform.clock.seconds();
    let not_after = not_before + LIFE_SECONDS;
    let request = IssueRequest {
        profile: if order.kind == CertificateKind::Organisation {
            Profile::Organisation
        } else {
            Profile::Employee
        },
        serial: &serial,
        issuer: Some(&platform.pki.issuing.certificate),
        subject: subject(&platform, &principal, &member, order.kind).await?,
        subject_spki_der: &evidence.spki,
        not_before,
        not_after,
        crl_url: Some(&platform.pki.crl_url(CA)),
        ca_issuers_url: Some(&platform.pki.ca_url(CA)),
        ocsp_url: None,
    };
    let tbs = x509::tbs(&request).map_err(|_| ErrorCode::CertEvidence)?;
    let row = CertificateRow {
        serial: serial.to_vec(),
        order_id: order.order_id,
        account: principal.account,
        enterprise: order.enterprise_id,
        kind: order.kind,
        cert_id: order.cert_id,
        device: evidence.device,
        csr_hash: evidence.csr_hash,
        tbs,
        certificate: None,
        state: "reserved".to_owned(),
        not_after,
    };
    let (reserved, proof_id, now) = (row.clone(), evidence.proof_id, platform.now());
    let job = platform
        .db
        .write(move |tx| Box::pin(async move { rows::reserve(tx, reserved, proof_id, now).await }));
    job.await?;
    finish(&platform, row).await
}

/// `GET /v1/certificates/by-csr/{sha256 hex}`.
pub(super) async fn by_csr(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    Path(hash): Path<String>,
) -> Answer<CertificateIssued> {
    let mut digest = [0; 32];
    hex::decode_to_slice(&hash, &mut digest).map_err(|_| Failure::field("hash", "format"))?;
    let row = rows::by_csr(platform.db.reader(), &digest)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    finish(&platform, own(row, &principal)?).await
}

/// Another account's certificate is as if absent.
fn own(row: CertificateRow, principal: &Principal) -> Result<CertificateRow, Failure> {
    if row.account == principal.account {
        Ok(row)
    } else {
        Err(ErrorCode::NotFound.into())
    }
}

/// 机构证书 for the legal representative and the admin of an authenticated enterprise, 员工证书 for agents with that right.
fn may_hold(member: &Member, kind: CertificateKind) -> Result<(), Failure> {
    if member.level != TrustLevel::Authenticated {
        return Err(ErrorCode::EnterpriseUnauthenticated.into());
    }
    let may = match kind {
        CertificateKind::Organisation => member.role == Role::LegalRep || member.admin,
        CertificateKind::Employee => member.may("certificates"),
        CertificateKind::Unknown => return Err(Failure::field("kind", "unknown")),
    };
    if may {
        Ok(())
    } else {
        Err(ErrorCode::NotAllowed.into())
    }
}

/// One phone a person and certificate: the first must be revoked before a second installs (YQQ-016).
async fn not_elsewhere(
    platform: &Platform,
    principal: &Principal,
    order: &OrderCertificate,
    evidence: &evidence::Evidence,
) -> Result<(), Failure> {
    let held = rows::of_account(platform.db.reader(), principal.account).await?;
    let same =
        |row: &&CertificateRow| row.enterprise == order.enterprise_id && row.kind == order.kind;
    let live = |row: &&CertificateRow| row.not_after > platform.clock.seconds();
    match held.iter().filter(same).find(live) {
        Some(row) if row.device != evidence.device => Err(ErrorCode::CertExists.into()),
        _ => Ok(()),
    }
}

/// Names come from the register and the face check, never from the request.
async fn subject(
    platform: &Platform,
    principal: &Principal,
    member: &Member,
    kind: CertificateKind,
) -> Result<Subject, Failure> {
    let common_name = match kind {
        CertificateKind::Organisation => member.name.clone(),
        _ => platform
            .name_of(principal.account)
            .await?
            .ok_or(ErrorCode::NotAllowed)?,
    };
    let uscc = Uscc::parse(&member.uscc).map_err(|_| ErrorCode::Internal)?;
    Ok(Subject {
        common_name,
        organization: Some(member.name.clone()),
        organizational_unit: None,
        uscc: Some(uscc),
    })
}

/// Signs what is stored and not yet signed, and answers. P-256 signatures are deterministic (RFC 6979): whoever finishes, it is the
/// same certificate.
async fn finish(platform: &Arc<Platform>, row: CertificateRow) -> Answer<CertificateIssued> {
    if row.state == "revoked" {
        return Err(ErrorCode::CertRevoked.into());
    }
    let certificate = match &row.certificate {
        Some(certificate) => certificate.clone(),
        None => sign(platform, row.clone()).await?,
    };
    let chain = vec![
        Bytes(certificate),
        Bytes::from(platform.pki.issuing.certificate.der()),
    ];
    Ok(Json(CertificateIssued {
        order_id: row.order_id,
        serial: hex::encode(&row.serial),
        chain,
    }))
}

async fn sign(platform: &Arc<Platform>, row: CertificateRow) -> Result<Vec<u8>, Failure> {
    let certificate = x509::certificate(&row.tbs, platform.pki.issuing.key.as_ref())
        .map_err(|_| ErrorCode::Internal)?;
    let signed = Certificate::parse(&certificate).map_err(|_| ErrorCode::Internal)?;
    // A SEQUENCE above 255 bytes has a header of four; the signed part must be the stored one to the byte.
    let same = certificate.get(4..4 + row.tbs.len()) == Some(row.tbs.as_slice());
    if !same || signed.serial() != row.serial.as_slice() {
        return Err(ErrorCode::Internal.into());
    }
    let stored = certificate.clone();
    let job = platform
        .db
        .write(move |tx| Box::pin(async move { rows::issued(tx, &row, &stored).await }));
    job.await?;
    Ok(certificate)
}
