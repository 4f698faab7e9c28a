//! The phone's side of a face-login handoff.
//!
//! Triggered by 人脸识别登录 or an act that needs a face check. Outcome: tokens, a consent page, or a check that counts.
//! Exits: cancelled, expired, locked, failed. The link to the mini program holds the handoff's id and nothing else, and the
//! result is released only against verifier, device key, purpose and return code together.

mod finish;
pub mod row;
pub mod state;
pub mod transitions;

pub use finish::finish;

use crate::clock::{MINUTE, SECOND};
use crate::platform::Platform;
use crate::server::{Answer, DeviceProof, Failure, Input, Principal};
use axum::Json;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use kapok_protocol::api::identity::{
    HandoffMode, HandoffStarted, HandoffStatus, Purpose, StartHandoff,
};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::{HandoffId, InviteId};
use row::Handoff;
use state::State;
use std::sync::Arc;
use transitions::Event;

/// Life of a handoff.
pub const LIFE: i64 = 5 * MINUTE;
/// Life of a return code.
pub const RETURN_LIFE: i64 = 2 * MINUTE;
/// Tries of the return code or the typed code.
pub const CODE_TRIES: u32 = 5;
/// Where the sealed identity lies.
pub(super) const DECLARED: &str = "handoffs.declared";
const MAX_LABEL: usize = 64;

/// `POST /v1/handoffs`.
pub async fn start(
    Shared(platform): Shared<Arc<Platform>>,
    device: DeviceProof,
    principal: Option<Principal>,
    input: Input<StartHandoff>,
) -> Answer<HandoffStarted> {
    let body = input.value;
    let now = platform.now();
    let new = prepare(&platform, device, principal, body, now)?;
    let answer = HandoffStarted {
        handoff_id: new.id,
        match_code: new.match_code.clone(),
        mini_program_path: format!("pages/face?h={}", new.id),
        expires_in: seconds_left(&new, now),
    };
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(invite) = new.subject.map(InviteId) {
                    crate::agents::check_start(tx, invite, new.purpose, now).await?;
                }
                row::insert(tx, new, now).await
            })
        })
        .await?;
    Ok(Json(answer))
}

fn prepare(
    platform: &Platform,
    device: DeviceProof,
    principal: Option<Principal>,
    body: StartHandoff,
    now: i64,
) -> Result<Handoff, Failure> {
    if body.code_challenge.len() != 32 {
        return Err(Failure::field("code_challenge", "length"));
    }
    let label = body.device_label.trim();
    if label.chars().count() > MAX_LABEL || label.chars().any(char::is_control) {
        return Err(Failure::field("device_label", "length"));
    }
    if !["zh-CN", "zh-HK", "en"].contains(&body.locale.as_str()) {
        return Err(Failure::field("locale", "unknown"));
    }
    if body.mode == HandoffMode::CrossDevice && body.purpose != Purpose::Login {
        return Err(Failure::field("mode", "login_only"));
    }
    if body.purpose == Purpose::Transfer {
        unrestricted(principal.as_ref(), now)?;
    }
    let account = principal.map(|p| p.account);
    if body.purpose.of_account() && account.is_none() {
        return Err(ErrorCode::LoginRequired.into());
    }
    let id = HandoffId(rand::random());
    let mut declared_mac = None;
    let mut declared = None;
    if let Some(typed) = &body.declared {
        let person = platform.person("declared", typed)?;
        face_supported(platform, person.document)?;
        let text = serde_json::to_vec(typed).map_err(|_| ErrorCode::Internal)?;
        declared_mac = Some(person.mac);
        declared = Some(platform.sealer.seal(DECLARED, &id.0, &text)?);
    }
    Ok(Handoff {
        id,
        state: State::Created,
        purpose: body.purpose,
        mode: body.mode,
        jkt: device.jkt,
        device_key: device.public_key,
        device_label: label.to_owned(),
        challenge: body.code_challenge.0,
        match_code: format!("{:02}", rand::random_range(0..100_u8)),
        subject: subject(body.purpose, body.subject_ref.as_deref())?,
        account,
        declared_mac,
        declared,
        openid_mac: None,
        face_order: None,
        face_left: platform.config.profile.face.tries_per_handoff,
        code_left: CODE_TRIES,
        return_hash: None,
        return_expires: None,
        typed_hash: None,
        person_mac: None,
        created_at: now,
        expires_at: now + LIFE,
        used_at: None,
        finish_key: None,
        session: None,
    })
}

/// A login by typed code on a new phone may be a stranger's who talked somebody into reading the code aloud.
fn unrestricted(principal: Option<&Principal>, now: i64) -> Result<(), Failure> {
    let left = principal.map_or(0, |p| p.restricted_until - now);
    if left <= 0 {
        return Ok(());
    }
    Err(Failure(ApiError {
        wait_seconds: u32::try_from(left / SECOND).ok(),
        ..ApiError::new(ErrorCode::NotAllowed)
    }))
}

fn subject(purpose: Purpose, text: Option<&str>) -> Result<Option<[u8; 16]>, Failure> {
    let needed = matches!(purpose, Purpose::AcceptInvite | Purpose::EnterpriseAuth);
    match text {
        None if needed => Err(Failure::field("subject_ref", "missing")),
        Some(text) if needed => match text.parse::<InviteId>() {
            Ok(id) => Ok(Some(id.0)),
            Err(_) => Err(Failure::field("subject_ref", "invalid")),
        },
        // What other purposes are about is checked where the result is used.
        _ => Ok(None),
    }
}

/// Documents that the profile does not list are refused before anybody looks into a camera (YST-058 to YST-061).
pub(super) fn face_supported(
    platform: &Platform,
    document: kapok_protocol::api::identity::DocumentKind,
) -> Result<(), Failure> {
    if platform.config.profile.face_documents.contains(&document) {
        return Ok(());
    }
    Err(ErrorCode::FaceUnsupported.into())
}

/// `GET /v1/handoffs/{id}`: the state, never the result.
pub async fn status(
    Shared(platform): Shared<Arc<Platform>>,
    device: DeviceProof,
    Path(id): Path<String>,
) -> Answer<HandoffStatus> {
    let now = platform.now();
    let handoff = row::load(platform.db.reader(), parse_id(&id)?, now).await?;
    own(&handoff, &device)?;
    Ok(Json(HandoffStatus {
        state: handoff.state.wire(),
        tries_left: handoff.face_left,
        expires_in: seconds_left(&handoff, now),
    }))
}

/// `POST /v1/handoffs/{id}/cancel`.
pub async fn cancel(
    Shared(platform): Shared<Arc<Platform>>,
    device: DeviceProof,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    let (id, now) = (parse_id(&id)?, platform.now());
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut handoff = row::load(&mut *tx, id, now).await?;
                own(&handoff, &device)?;
                row::step(tx, &mut handoff, Event::Cancel, now).await
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn parse_id(text: &str) -> Result<HandoffId, Failure> {
    text.parse().map_err(|_| ErrorCode::HandoffUnknown.into())
}

/// Another phone's handoff does not exist for this one.
fn own(handoff: &Handoff, device: &DeviceProof) -> Result<(), Failure> {
    if handoff.jkt == device.jkt {
        return Ok(());
    }
    Err(ErrorCode::HandoffUnknown.into())
}

fn seconds_left(handoff: &Handoff, now: i64) -> u32 {
    if handoff.state.ended() {
        return 0;
    }
    u32::try_from((handoff.expires_at - now) / SECOND).unwrap_or(0)
}

#[cfg(test)]
mod tests;
