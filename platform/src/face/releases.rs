//! `S_f` in a PIN reset: given to the phone that the person was seen with, by a statement of this very service.

use super::shares::sealed_row;
use crate::clock::{SECOND, seconds};
use crate::platform::Platform;
use crate::role_keys::{self, verifies};
use crate::server::{Answer, Failure, Input, Principal};
use crate::store::face::{self as rows, Release, Share};
use crate::store::{StoreError, Tx};
use axum::Json;
use axum::extract::State;
use kapok_protocol::api::guard::{AssertionPurpose, SignedBody};
use kapok_protocol::delivery::{ShareContext, ShareKind};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{Expected, ReleaseShareAnswer, ReleaseShareRequest, verify_assertion};
use kapok_protocol::guard::{
    PhoneDeleted, RESET_LIFE_SECONDS, RESET_LIVENESS, RESET_REFETCHES, Signed, SignedError, Suite,
};
use kapok_protocol::ids::DeviceId;
use kapok_protocol::point;
use std::sync::Arc;

const AUDIENCE: &str = "face";
const LIFE: i64 = RESET_LIFE_SECONDS.cast_signed() * SECOND;

/// `POST /v1/face/releases`: `S_f` to the request's ephemeral key; again, up to three times in ten minutes, for a phone that was killed.
///
/// `DEVICE_PROOF` when the request is not of this account, this phone and its key; `GUARD_REFUSED` for a statement that does not hold;
/// `GUARD_STALE` for a reset that is over; `PIN_UNSET` where there is no share.
pub(super) async fn release(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<SignedBody>,
) -> Answer<SignedBody> {
    let signed = Signed::try_from(input.value)
        .map_err(|_: SignedError| Failure::field("signature", "invalid"))?;
    let request: ReleaseShareRequest = signed
        .peek()
        .map_err(|_| Failure::field("body", "invalid"))?;
    let key = principal.device.public_key;
    let own = request.account == principal.account && request.device == DeviceId::of_key(&key);
    let body = signed.signing_input::<ReleaseShareRequest>();
    if !own || !verifies(&key, &body, &signed.signature) {
        return Err(ErrorCode::DeviceProof.into());
    }
    point::parse_compressed(&request.ephemeral)
        .map_err(|_| Failure::field("ephemeral", "point"))?;
    let subject = platform.mac_of(principal.account).await?;
    let subject = subject.ok_or(ErrorCode::NotAllowed)?;
    let (now, face_key, sent) = (
        platform.now(),
        *platform.face_keys.sign_public(),
        request.clone(),
    );
    let share = platform
        .face_db
        .write(move |tx| Box::pin(give(tx, sent, (face_key, subject), now)))
        .await?;
    let context = ShareContext {
        account: share.account,
        device: share.device,
        kind: ShareKind::Face { epoch: share.epoch },
    };
    let row = (share.account, share.device, share.stage);
    let opened = platform
        .face_keys
        .unseal("shares.share", &sealed_row(&row), &share.sealed)?;
    let sealed = role_keys::send(&context, &request.ephemeral, &opened);
    let answer = ReleaseShareAnswer {
        suite: Suite::P256,
        request: signed.hash(),
        epoch: share.epoch,
        share: sealed.map_err(|_| ErrorCode::Internal)?,
    };
    Ok(Json(platform.face_keys.sign(&answer)?.into()))
}

async fn give(
    tx: &mut Tx,
    request: ReleaseShareRequest,
    (face_key, subject): ([u8; 33], [u8; 32]),
    now: i64,
) -> Result<Share, Failure> {
    let known = rows::release(tx, &request.reset).await?;
    if known
        .as_ref()
        .is_some_and(|known| !gives_again(known, &request, now))
    {
        return Err(ErrorCode::GuardStale.into());
    }
    let expected = Expected {
        purpose: AssertionPurpose::RecoveryShare,
        audience: AUDIENCE,
        account: request.account,
        device: request.device,
        reference: request.reset,
    };
    // A statement is fresh when the reset begins; the phone that comes again within ten minutes brings the same one.
    let at = known.map_or(now, |known| known.begun_at);
    let assertion = verify_assertion(&request.assertion, &face_key, &expected, seconds(at))
        .map_err(|_| ErrorCode::GuardRefused)?;
    if assertion.subject != subject || assertion.liveness < RESET_LIVENESS {
        return Err(ErrorCode::GuardRefused.into());
    }
    let share = rows::current(tx, request.account, request.device).await?;
    let share = share.ok_or(ErrorCode::PinUnset)?;
    rows::give(tx, &request.reset, request.account, request.device, now).await?;
    Ok(share)
}

fn gives_again(known: &Release, request: &ReleaseShareRequest, now: i64) -> bool {
    known.account == request.account
        && known.device == request.device
        && known.begun_at + LIFE > now
        && known.given <= RESET_REFETCHES
}

/// Deletes the shares of a lost phone. Decided by the guard's signed statement alone; anything else changes nothing.
pub async fn deleted(platform: &Platform, statement: &Signed) -> Result<(), StoreError> {
    let Ok(gone) = statement.open::<PhoneDeleted>(platform.guard.sign_public()) else {
        return Ok(());
    };
    platform
        .face_db
        .write(move |tx| Box::pin(async move { rows::delete(tx, gone.account, gone.device).await }))
        .await
}
