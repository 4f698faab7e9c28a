//! Releasing the result: all checks and the change to `Used` are one transaction.

use super::row::{self, Handoff};
use super::state::State;
use super::transitions::Event;
use super::{own, parse_id};
use crate::agents;
use crate::audit;
use crate::face_results::FaceResult;
use crate::identity::persons::{account_for, masked};
use crate::identity::tokens::{NewSession, REPEAT, open_session, reopen_session, revoke};
use crate::platform::Platform;
use crate::server::{Acr, Answer, DeviceProof, Failure, IdempotencyKey, Input};
use crate::store::Tx;
use axum::Json;
use axum::extract::{Path, State as Shared};
use kapok_protocol::api::identity::{
    AccountKind, AccountView, FinishHandoff, HandoffFinished, HandoffMode, LoggedIn, Purpose,
    ReturnProof,
};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::{HandoffId, InviteId};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;

struct Finish {
    platform: Arc<Platform>,
    device: DeviceProof,
    key: IdempotencyKey,
    body: FinishHandoff,
    result: Option<FaceResult>,
    now: i64,
}

/// `POST /v1/handoffs/{id}/finish`.
pub async fn finish(
    Shared(platform): Shared<Arc<Platform>>,
    device: DeviceProof,
    Path(id): Path<String>,
    key: IdempotencyKey,
    input: Input<FinishHandoff>,
) -> Answer<HandoffFinished> {
    let id = parse_id(&id)?;
    let call = Finish {
        result: platform.face.find(id).await?,
        now: platform.now(),
        platform: Arc::clone(&platform),
        device,
        key,
        body: input.value,
    };
    // A counted wrong code or a lock must be committed, therefore the inner result.
    let word = platform
        .db
        .write(move |tx| Box::pin(async move { settle(tx, id, call).await }))
        .await?;
    word.map(Json)
}

async fn settle(
    tx: &mut Tx,
    id: HandoffId,
    call: Finish,
) -> Result<Result<HandoffFinished, Failure>, Failure> {
    let mut handoff = row::load(&mut *tx, id, call.now).await?;
    let known = own(&handoff, &call.device)
        .and_then(|()| holder(&handoff, &call))
        .err();
    if let Some(refused) = known {
        // A grabbed return link ends here: it lacks the verifier and the device key.
        let event = audit::Event {
            event: "handoff.foreign_finish",
            object: Some(&id.0),
            ..audit::Event::default()
        };
        audit::note(tx, call.now, event).await?;
        return Ok(Err(refused));
    }
    if handoff.state == State::Used {
        return repeat(tx, &mut handoff, &call).await;
    }
    if handoff.state != State::Verified {
        // Says by its code what state it is in.
        return Ok(row::step(tx, &mut handoff, Event::Finish, call.now)
            .await
            .and(Err(ErrorCode::StateWrong.into())));
    }
    if let Err(refused) = proof(&handoff, &call) {
        return wrong_code(tx, &mut handoff, &call, refused).await;
    }
    if let Err(refused) = person(tx, &handoff, &call).await? {
        row::step(tx, &mut handoff, Event::PersonWrong, call.now).await?;
        return Ok(Err(refused));
    }
    row::step(tx, &mut handoff, Event::Finish, call.now).await?;
    release(tx, &mut handoff, &call).await.map(Ok)
}

/// The caller knows the verifier and asks for the purpose that the handoff was made for.
fn holder(handoff: &Handoff, call: &Finish) -> Result<(), Failure> {
    let challenge = Sha256::digest(&*call.body.verifier);
    if !bool::from(challenge.as_slice().ct_eq(&handoff.challenge)) {
        return Err(ErrorCode::HandoffProof.into());
    }
    if call.body.purpose != handoff.purpose {
        return Err(Failure(ApiError {
            field: Some("purpose".into()),
            reason: Some("other".into()),
            ..ApiError::new(ErrorCode::HandoffProof)
        }));
    }
    Ok(())
}

/// A lost answer: same key, phone and verifier within two minutes get new tokens, and the first family ends.
async fn repeat(
    tx: &mut Tx,
    handoff: &mut Handoff,
    call: &Finish,
) -> Result<Result<HandoffFinished, Failure>, Failure> {
    let same = handoff.finish_key.as_deref() == Some(call.key.0.as_bytes().as_slice());
    let soon = handoff
        .used_at
        .is_some_and(|used| call.now - used <= REPEAT);
    if !same || !soon {
        return Ok(Err(ErrorCode::HandoffUsed.into()));
    }
    if let Some(session) = handoff.session.clone() {
        revoke(tx, &session, "session.replaced", call.now).await?;
    }
    release(tx, handoff, call).await.map(Ok)
}

fn proof(handoff: &Handoff, call: &Finish) -> Result<(), ErrorCode> {
    let fits = |stored: &Option<Vec<u8>>, sent: [u8; 32]| {
        stored
            .as_ref()
            .is_some_and(|stored| bool::from(stored.as_slice().ct_eq(sent.as_slice())))
    };
    let right = match &call.body.proof {
        // A return code travels on this phone only.
        ReturnProof::ReturnCode(_) if handoff.mode == HandoffMode::CrossDevice => false,
        ReturnProof::ReturnCode(code) => {
            let alive = handoff.return_expires.is_some_and(|end| call.now < end);
            let sent = call.platform.return_hash(handoff.id, code);
            alive && fits(&handoff.return_hash, sent)
        }
        ReturnProof::TypedCode(code) => {
            let sent = call.platform.typed_hash(handoff.id, code.trim());
            fits(&handoff.typed_hash, sent)
        }
    };
    if right {
        Ok(())
    } else {
        Err(ErrorCode::HandoffProof)
    }
}

async fn wrong_code(
    tx: &mut Tx,
    handoff: &mut Handoff,
    call: &Finish,
    code: ErrorCode,
) -> Result<Result<HandoffFinished, Failure>, Failure> {
    let left = handoff.code_left.saturating_sub(1);
    sqlx::query("UPDATE handoffs SET code_left = $1 WHERE id = $2")
        .bind(i64::from(left))
        .bind(handoff.id.0.to_vec())
        .execute(&mut *tx)
        .await?;
    let to = row::step(tx, handoff, Event::CodeWrong { left }, call.now).await?;
    let code = if to == State::Locked {
        ErrorCode::HandoffLocked
    } else {
        code
    };
    Ok(Err(Failure(ApiError {
        tries_left: Some(left),
        ..ApiError::new(code)
    })))
}

/// The verified person is the declared one, the account's, or the invite's.
async fn person(
    tx: &mut Tx,
    handoff: &Handoff,
    call: &Finish,
) -> Result<Result<(), Failure>, Failure> {
    let verified = handoff.person_mac.ok_or(ErrorCode::Internal)?;
    if handoff.declared_mac.is_some_and(|mac| mac != verified) {
        return Ok(Err(ErrorCode::IdentityMismatch.into()));
    }
    // A login that was started while logged in is the same person's once more.
    if let Some(account) = handoff.account {
        let own: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT id_mac FROM persons WHERE account = $1")
                .bind(account.0.to_vec())
                .fetch_optional(&mut *tx)
                .await?;
        let same = own.as_deref() == Some(verified.as_slice());
        // An enterprise account has no person of its own: whoever acts for it is checked where the result is used.
        let needs_person = matches!(handoff.purpose, Purpose::PinReset | Purpose::Login);
        if own.is_some() && !same || own.is_none() && needs_person {
            return Ok(Err(ErrorCode::IdentityMismatch.into()));
        }
    }
    if let Some(invite) = handoff.subject.map(InviteId) {
        return agents::check_person(tx, invite, &verified, call.now).await;
    }
    Ok(Ok(()))
}

async fn release(
    tx: &mut Tx,
    handoff: &mut Handoff,
    call: &Finish,
) -> Result<HandoffFinished, Failure> {
    let verified = handoff.person_mac.ok_or(ErrorCode::Internal)?;
    let mut session = None;
    let finished = match (handoff.purpose, handoff.subject) {
        (Purpose::Login, _) => {
            let (id, logged_in) = log_in(tx, handoff, call, verified).await?;
            session = Some(id);
            HandoffFinished::LoggedIn(logged_in)
        }
        (Purpose::AcceptInvite | Purpose::EnterpriseAuth, Some(invite)) => {
            let page =
                agents::consent(tx, &call.platform, InviteId(invite), verified, call.now).await?;
            HandoffFinished::Consent(Box::new(page))
        }
        (purpose, _) => {
            debug_assert!(purpose.of_account());
            HandoffFinished::Verified {}
        }
    };
    let used_at = handoff.used_at.unwrap_or(call.now);
    sqlx::query("UPDATE handoffs SET used_at = $1, finish_key = $2, session = $3 WHERE id = $4")
        .bind(used_at)
        .bind(call.key.0.0.to_vec())
        .bind(session.map(|id| id.to_vec()))
        .bind(handoff.id.0.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(finished)
}

async fn log_in(
    tx: &mut Tx,
    handoff: &Handoff,
    call: &Finish,
    verified: [u8; 32],
) -> Result<([u8; 16], LoggedIn), Failure> {
    let result = call
        .result
        .as_ref()
        .filter(|r| r.person_mac == verified && r.purpose == handoff.purpose)
        .ok_or(ErrorCode::Internal)?;
    let account = account_for(tx, &call.platform, verified, &result.name, result.document).await?;
    crate::registry::find_own(tx, &call.platform, account, &verified).await?;
    let new = NewSession {
        account,
        device: call.device.clone(),
        acr: Acr::Face,
        handoff: Some(handoff.id),
        device_label: handoff.device_label.clone(),
        typed: matches!(call.body.proof, ReturnProof::TypedCode(_)),
    };
    let (session, tokens) = match handoff.account {
        Some(_) => reopen_session(tx, &call.platform, new).await?,
        None => open_session(tx, &call.platform, new).await?,
    };
    let logged_in = LoggedIn {
        tokens,
        account: AccountView {
            account_id: account,
            kind: AccountKind::Person,
            display_name: masked(&result.name),
        },
    };
    Ok((session, logged_in))
}

impl Platform {
    /// Keyed hash of a return code: only the platform can say whether a code is the right one.
    pub(in crate::identity) fn return_hash(&self, id: HandoffId, code: &[u8]) -> [u8; 32] {
        self.keys.mac("handoff/return", &[&id.0, code])
    }

    /// Keyed hash of a typed code: a plain hash of six digits is the digits.
    pub(in crate::identity) fn typed_hash(&self, id: HandoffId, code: &str) -> [u8; 32] {
        self.keys.mac("handoff/typed", &[&id.0, code.as_bytes()])
    }
}
