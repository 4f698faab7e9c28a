//! What phone and guard say to each other. Requests are signed by the phone's hardware key `K_dev`, answers by the guard.
//!
//! `POST /v1/guard/{PATH}`. Times are seconds since the epoch by the guard's clock. Every answer names SHA-256 of its request's body.

mod epoch;
mod lease;
mod pin;
mod reset;

pub use epoch::*;
pub use lease::*;
pub use pin::*;
pub use reset::*;

use super::nonce::Nonce;
use super::signed::{Message, Signed, SignedError, Suite};
use crate::error::ErrorCode;
use crate::ids::{AccountId, DeviceId};
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// A message of the phone.
pub trait Request: Message {
    /// Last part of the URL.
    const PATH: &'static str;
    /// What the guard answers.
    type Answer: Answer;
    /// Whose PIN.
    fn account(&self) -> AccountId;
    /// Which phone: names the key that signed.
    fn device(&self) -> DeviceId;
}

/// A message of the guard.
pub trait Answer: Message {
    /// SHA-256 of the request's body.
    fn request(&self) -> &[u8; 32];
}

/// Opens the guard's answer to a request with [`super::Unsigned::hash`] `request`: the answer, or its signed refusal.
///
/// # Errors
/// [`SignedError`]: the answer is not the guard's, or not to this request (`GUARD_TAMPERED`). It says nothing about the PIN.
pub fn open_reply<R: Request>(
    reply: &Signed,
    guard_key: &[u8; 33],
    request: &[u8; 32],
) -> Result<Result<R::Answer, Refusal>, SignedError> {
    let opened = match reply.open::<R::Answer>(guard_key) {
        Ok(answer) => Ok(answer),
        Err(first) => Err(reply.open::<Refusal>(guard_key).map_err(|_| first)?),
    };
    let named = match &opened {
        Ok(answer) => answer.request(),
        Err(refusal) => &refusal.request,
    };
    if named != request {
        return Err(SignedError::OtherRequest);
    }
    Ok(opened)
}

/// Names, paths and answers of messages.
macro_rules! messages {
    ($($request:ident, $path:literal => $answer:ident;)+) => {$(
        impl super::Message for $request {
            const NAME: &'static str = concat!($path, "-request");
        }
        impl super::Request for $request {
            const PATH: &'static str = $path;
            type Answer = $answer;
            fn account(&self) -> AccountId {
                self.account
            }
            fn device(&self) -> DeviceId {
                self.device
            }
        }
        impl super::Message for $answer {
            const NAME: &'static str = concat!($path, "-answer");
        }
        impl super::Answer for $answer {
            fn request(&self) -> &[u8; 32] {
                &self.request
            }
        }
    )+};
}
pub(crate) use messages;

mod basic {
    use super::*;

    /// STATE: what does the guard hold of me?
    #[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
    pub struct StateRequest {
        /// Suite of the message.
        pub suite: Suite,
        /// Whose PIN.
        pub account: AccountId,
        /// Which phone.
        pub device: DeviceId,
        /// Fresh random bytes: make the answer unique.
        #[serde(with = "serde_bytes")]
        pub random: [u8; 32],
    }

    /// Answer to STATE.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
    pub struct StateAnswer {
        /// Suite of the message.
        pub suite: Suite,
        /// SHA-256 of the request.
        #[serde(with = "serde_bytes")]
        pub request: [u8; 32],
        /// Current PIN epoch; 0 before the first COMMIT.
        pub epoch: u64,
        /// Hash of the slot that was committed, if any.
        #[serde(with = "serde_bytes")]
        pub slot_hash: Option<[u8; 32]>,
        /// Whether the PIN path is open.
        pub state: GuardState,
        /// Tries left before the face is asked for.
        pub tries_left: u8,
        /// Seconds until the next try.
        pub wait_seconds: u32,
        /// Number of the guard's last log row.
        pub log_n: u64,
        /// Hash of the guard's log up to that row.
        #[serde(with = "serde_bytes")]
        pub log_head: [u8; 32],
        /// The guard's clock.
        pub time: u64,
        /// A newer master key exists: after the next right PIN the phone stages the same PIN anew.
        pub renew: bool,
    }

    /// NONCE: asks for a nonce for EVAL.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
    pub struct NonceRequest {
        /// Suite of the message.
        pub suite: Suite,
        /// Whose PIN.
        pub account: AccountId,
        /// Which phone.
        pub device: DeviceId,
        /// Fresh random bytes: make the answer unique.
        #[serde(with = "serde_bytes")]
        pub random: [u8; 32],
    }

    /// Answer to NONCE.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
    pub struct NonceAnswer {
        /// Suite of the message.
        pub suite: Suite,
        /// SHA-256 of the request.
        #[serde(with = "serde_bytes")]
        pub request: [u8; 32],
        /// Single-use, 60 s.
        pub nonce: Nonce,
    }

    messages! {
        StateRequest, "state" => StateAnswer;
        NonceRequest, "nonce" => NonceAnswer;
    }
}
pub use basic::*;

/// State of an account on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GuardState {
    /// The PIN may be used.
    Ok,
    /// Ten wrong in a row, the monthly budget is used up, or not used for 180 days: face.
    Blocked,
    /// Between RELEASE and COMMIT of a reset: the PIN path is closed.
    Resetting,
    /// Reported lost: nothing is released any more. For a while the owner may object by PIN, with the kind `object`.
    Revoked,
}

/// The guard says no. Signed, so that nobody else can count tries down on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Refusal {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Why: `PIN_WAIT`, `PIN_BLOCKED`, `GUARD_STALE`, `GUARD_REFUSED`, `DEVICE_REVOKED`, `LEASE_OVER`, `CERT_REVOKED` …
    pub code: ErrorCode,
    /// Tries left before the face is asked for.
    pub tries_left: Option<u8>,
    /// Seconds until the next try.
    pub wait_seconds: Option<u32>,
    /// The guard's clock.
    pub time: u64,
}

impl Message for Refusal {
    const NAME: &'static str = "refusal";
}

impl Answer for Refusal {
    fn request(&self) -> &[u8; 32] {
        &self.request
    }
}
