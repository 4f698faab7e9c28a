//! Statements about a face check: a first PIN on this phone, an order for a certificate.

use crate::clock::DAY;
use crate::face_results::{FaceResult, Liveness};
use crate::platform::Platform;
use crate::server::{Answer, Failure, Input, Principal};
use axum::Json;
use axum::extract::State;
use kapok_protocol::api::guard::{AskAssertion, AssertionPurpose, SignedBody};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{FaceAssertion, FirstSetTicket};
use kapok_protocol::guard::Suite;
use kapok_protocol::ids::DeviceId;
use std::sync::Arc;

/// Who takes a statement for a certificate.
const CA: &str = "ca";
/// A login's check serves its own session for a day; the statement itself is taken for a few minutes.
const LOGIN_LIFE: i64 = DAY;

/// `POST /v1/face/assertions`: for the account's own login by face, on the phone that it was made on.
///
/// `NOT_ALLOWED` for anybody else's check or a login by password, `HANDOFF_EXPIRED` when it is too old to be taken.
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
    let signed = match ask.purpose {
        AssertionPurpose::FirstSet => platform.face_keys.sign(&FirstSetTicket {
            suite,
            subject: result.person_mac,
            account,
            device_key: result.device_key,
            time,
        }),
        AssertionPurpose::Certificate => platform.face_keys.sign(&FaceAssertion {
            suite,
            purpose: ask.purpose,
            audience: CA.to_owned(),
            subject: result.person_mac,
            account,
            device: DeviceId::of_key(&result.device_key),
            reference,
            liveness: score(result.liveness),
            time,
        }),
        AssertionPurpose::PinReset => return Err(Failure::field("purpose", "unsupported")),
    };
    Ok(Json(signed.map_err(|_| ErrorCode::Internal)?.into()))
}

async fn own_result(
    platform: &Platform,
    principal: &Principal,
    ask: &AskAssertion,
) -> Result<FaceResult, Failure> {
    if principal.handoff != Some(ask.handoff_id) {
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
    if platform.now() > result.at + LOGIN_LIFE {
        return Err(ErrorCode::HandoffExpired.into());
    }
    Ok(result)
}

/// The lower bound of the provider's class.
const fn score(liveness: Liveness) -> u8 {
    match liveness {
        Liveness::High => 90,
        Liveness::Medium => 70,
    }
}
