//! Signing sessions: opened for documents, bound to a channel by the first request, ended by the page.

use super::visitor::Visitor;
use crate::Platform;
use crate::clock::{HOUR, MINUTE, seconds};
use crate::server::{Answer, Failure, Input};
use crate::store::portal::{self as rows, SessionRow, VisitorKey};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use kapok_protocol::api::portal::{AskRequest, NewSession, RequestMade, SessionMade};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::{Bytes, DocumentId, SessionId};
use kapok_protocol::message::{BATCH_MAX_BYTES, BATCH_MAX_DOCUMENTS, Empty, Format};
use kapok_protocol::rp::{self, MAX_LIFE_SECONDS, RequestClaims, RpContext, RpLimits, RpPurpose};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::Arc;

/// Sessions that a visitor may open in a minute.
const PER_MINUTE: i64 = 10;
/// Longest life of a session.
const LIFE: i64 = 8 * HOUR;
/// What the portal asks for; the phone shows it as the site's words.
const PURPOSE: RpPurpose = RpPurpose::Seal;

/// `POST /portal/api/sessions`.
pub(super) async fn create(
    State(platform): State<Arc<Platform>>,
    Visitor(visitor): Visitor,
    ask: Input<NewSession>,
) -> Answer<SessionMade> {
    let docs = ask.value.docs;
    check_documents(&docs, "docs")?;
    for doc in &docs {
        rows::document(platform.db.reader(), &visitor, doc)
            .await?
            .ok_or(ErrorCode::NotFound)?;
    }
    let now = platform.now();
    if rows::sessions_since(platform.db.reader(), &visitor, now - MINUTE).await? >= PER_MINUTE {
        let wait = ApiError {
            wait_seconds: Some(60),
            ..ApiError::new(ErrorCode::RateLimited)
        };
        return Err(wait.into());
    }
    let made = platform.relay.create()?;
    let sid = made.sid;
    platform
        .db
        .write(move |tx| {
            Box::pin(async move { rows::put_session(tx, visitor, sid, &docs, now).await })
        })
        .await?;
    Ok(Json(SessionMade {
        sid,
        ticket: made.ticket.as_slice().into(),
        relay_path: "/v1/relay".into(),
        qr_host: platform.config.profile.qr_host.clone(),
    }))
}

/// Between one and fifty documents, none twice.
pub(super) fn check_documents(docs: &[DocumentId], field: &str) -> Result<(), Failure> {
    if docs.is_empty() {
        return Err(Failure::field(field, "empty"));
    }
    if docs.len() > BATCH_MAX_DOCUMENTS {
        return Err(ErrorCode::BatchLimit.into());
    }
    if docs.iter().collect::<HashSet<_>>().len() != docs.len() {
        return Err(Failure::field(field, "repeated"));
    }
    Ok(())
}

/// A visitor's session that is still open.
pub(super) async fn open_session(
    platform: &Platform,
    visitor: &VisitorKey,
    sid: &str,
) -> Result<(SessionId, SessionRow), Failure> {
    let sid: SessionId = sid.parse().map_err(|_| ErrorCode::NotFound)?;
    let row = rows::session(platform.db.reader(), visitor, &sid)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    if row.ended_at.is_some() || platform.now() - row.created_at > LIFE {
        return Err(ErrorCode::SessionExpired.into());
    }
    Ok((sid, row))
}

/// A 32-byte field of a request.
pub(super) fn bytes32(bytes: &Bytes, field: &str) -> Result<[u8; 32], Failure> {
    bytes.array().ok_or_else(|| Failure::field(field, "length"))
}

/// `POST /portal/api/sessions/{sid}/request`: the portal's signed request for this phone and channel.
pub(super) async fn request(
    State(platform): State<Arc<Platform>>,
    Visitor(visitor): Visitor,
    Path(sid): Path<String>,
    ask: Input<AskRequest>,
) -> Answer<RequestMade> {
    let (sid, _) = open_session(&platform, &visitor, &sid).await?;
    let AskRequest {
        phone_nonce,
        cb,
        origin,
    } = ask.value;
    let binding = bytes32(&cb, "cb")?;
    bytes32(&phone_nonce, "phone_nonce")?;
    if origin != platform.http_url {
        return Err(ErrorCode::OriginMismatch.into());
    }
    let bound = platform
        .db
        .write(move |tx| Box::pin(async move { rows::bind_session(tx, sid, binding).await }));
    if !bound.await? {
        return Err(ErrorCode::ChannelBinding.into());
    }
    let count = rows::session_documents(platform.db.reader(), &sid)
        .await?
        .len();
    let iat = seconds(platform.now());
    let claims = RequestClaims {
        iss: rp::issuer(platform.portal.certificate.der()),
        aud: rp::AUDIENCE.to_owned(),
        iat,
        exp: iat + MAX_LIFE_SECONDS,
        jti: rand::random::<[u8; 16]>().into(),
        phone_nonce,
        cb,
        origin,
        purpose: PURPOSE,
        uscc_hash: None,
        ctx: RpContext {
            title: format!("签署{count}份文件"),
            reference: sid.to_string(),
        },
        limits: RpLimits {
            docs: BATCH_MAX_DOCUMENTS as u32,
            bytes: BATCH_MAX_BYTES,
        },
        formats: vec![Format::Pades],
        crit: Vec::new(),
    };
    Ok(Json(RequestMade {
        jws: platform.portal.sign(rp::REQUEST_TYP, &claims)?,
    }))
}

/// What every batch of a session must repeat from its request.
pub(super) const fn purpose() -> RpPurpose {
    PURPOSE
}

/// `POST /portal/api/sessions/{sid}/end`.
pub(super) async fn end(
    State(platform): State<Arc<Platform>>,
    Visitor(visitor): Visitor,
    Path(sid): Path<String>,
    _: Input<Empty>,
) -> Result<StatusCode, Failure> {
    let sid: SessionId = sid.parse().map_err(|_| ErrorCode::NotFound)?;
    rows::session(platform.db.reader(), &visitor, &sid)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    let now = platform.now();
    platform
        .db
        .write(move |tx| Box::pin(async move { rows::end_session(tx, sid, now).await }))
        .await?;
    platform.relay.end(&sid, ErrorCode::PeerGone);
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every open session in which a certificate is used: a revocation bites at once, not at the next document (T9 of docs/security.md).
pub async fn end_sessions_of(platform: &Platform, certificate_der: &[u8]) -> Result<(), Failure> {
    let hash = Sha256::digest(certificate_der).into();
    let now = platform.now();
    for sid in rows::sessions_of_certificate(platform.db.reader(), &hash).await? {
        platform
            .db
            .write(move |tx| Box::pin(async move { rows::end_session(tx, sid, now).await }))
            .await?;
        platform.relay.end(&sid, ErrorCode::CertRevoked);
    }
    Ok(())
}
