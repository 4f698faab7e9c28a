//! Statements about a face check: a first PIN on this phone, an order for a certificate, a PIN reset, the loss of another phone.

use crate::clock::{DAY, MINUTE};
use crate::face_results::{FaceResult, Liveness};
use crate::platform::Platform;
use crate::server::{Answer, Failure, Input, Principal};
use axum::Json;
use axum::extract::State;
use kapok_protocol::api::guard::{AskAssertion, AssertionPurpose, SignedBody};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{FaceAssertion, FirstSetTicket};
use kapok_protocol::guard::Suite;
use kapok_protocol::ids::{DeviceId, HandoffId};
use std::sync::Arc;

/// A login's check serves its own session for a day; the statement itself is taken for a few minutes.
const LOGIN_LIFE: i64 = DAY;
/// What closes or opens a PIN path needs a face that was seen just now.
const FRESH: i64 = 5 * MINUTE;

/// `POST /v1/face/assertions`: for the account's own face check, on the phone that it was made for: the login's, or one that was finished for a
/// reset.
///
/// `NOT_ALLOWED` for anybody else's check, one that was not finished, or a login by password; `HANDOFF_EXPIRED` when it is too old to be taken.
pub(super) async fn assert(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
    input: Input<AskAssertion>,
) -> Answer<SignedBody> {
    let ask = input.value;
    let reference = ask
        .reference
        .array()
        .ok_or_else(|| Failure::field("reference", "length"))?;
    let result = own_result(&platform, &principal, &ask).await?;
    let (suite, account, time) = (Suite::P256, principal.account, platform.clock.seconds());
    let signed = match ask.purpose.audience() {
        None => platform.face_keys.sign(&FirstSetTicket {
            suite,
            subject: result.person_mac,
            account,
            device_key: result.device_key,
            time,
        }),
        Some(audience) => platform.face_keys.sign(&FaceAssertion {
            suite,
            purpose: ask.purpose,
            audience: audience.to_owned(),
            subject: result.person_mac,
            account,
            device: DeviceId::of_key(&result.device_key),
            reference,
            liveness: score(result.liveness),
            time,
        }),
    };
    Ok(Json(signed.map_err(|_| ErrorCode::Internal)?.into()))
}

async fn own_result(
    platform: &Platform,
    principal: &Principal,
    ask: &AskAssertion,
) -> Result<FaceResult, Failure> {
    let (own, life) = match ask.purpose {
        AssertionPurpose::FirstSet | AssertionPurpose::Certificate => {
            (principal.handoff == Some(ask.handoff_id), LOGIN_LIFE)
        }
        AssertionPurpose::DeviceChange => (principal.handoff == Some(ask.handoff_id), FRESH),
        AssertionPurpose::PinReset | AssertionPurpose::RecoveryShare => {
            (finished(platform, principal, ask.handoff_id).await?, FRESH)
        }
    };
    if !own {
        return Err(ErrorCode::NotAllowed.into());
    }
    let result = platform.face.find(ask.handoff_id).await?;
    let person = platform.mac_of(principal.account).await?;
    let result = result
        .filter(|result| {
            ask.purpose.accepts(result.purpose)
                && result.device_key == principal.device.public_key
                && Some(result.person_mac) == person
        })
        .ok_or(ErrorCode::NotAllowed)?;
    if platform.now() > result.at + life {
        return Err(ErrorCode::HandoffExpired.into());
    }
    Ok(result)
}

/// Whether this account finished the handoff on this phone: whoever only stood before a camera has agreed to nothing here.
async fn finished(
    platform: &Platform,
    principal: &Principal,
    handoff: HandoffId,
) -> Result<bool, Failure> {
    let used: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM handoffs WHERE id = $1 AND account = $2 AND jkt = $3 AND used_at IS NOT NULL",
    )
    .bind(handoff.0.to_vec())
    .bind(principal.account.0.to_vec())
    .bind(principal.device.jkt.to_vec())
    .fetch_optional(platform.db.reader())
    .await?;
    Ok(used.is_some())
}

/// The lower bound of the provider's class.
const fn score(liveness: Liveness) -> u8 {
    match liveness {
        Liveness::High => 90,
        Liveness::Medium => 70,
    }
}
