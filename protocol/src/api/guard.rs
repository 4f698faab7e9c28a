//! The PIN guard and the face service over HTTP. What is inside is deterministic CBOR, signed on both sides ([`crate::guard`]).
//!
//! | call | body → answer |
//! |---|---|
//! | `POST /v1/guard/{name}` | [`SignedBody`] → [`SignedBody`]; `name` is `state`, `nonce`, `eval`, `confirm`, `pick`, `receipt`, `stage`, `eval_staged`, `commit` |
//! | `POST /v1/face/assertions` | [`AskAssertion`] → [`SignedBody`]: signed by the face service |
//! | `POST /v1/face/shares` | [`SignedBody`] → [`SignedBody`]: stages `S_f` of an epoch |

use super::identity::Purpose;
use crate::ids::{Bytes, HandoffId};
use serde::{Deserialize, Serialize};

/// A signed message: by the phone's hardware key in a request, by guard or face service in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedBody {
    /// Deterministic CBOR array.
    pub body: Bytes,
    /// ECDSA P-256 r ‖ s, 64 bytes.
    pub signature: Bytes,
}

/// Asks the face service to state that the person of a face check holds this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskAssertion {
    /// The face check; its person must be the account's, its device the one that asks.
    pub handoff_id: HandoffId,
    /// `first_set`, `certificate`: see [`crate::face`].
    pub purpose: AssertionPurpose,
    /// What the assertion is about: the order, the reset …; 16 bytes.
    pub reference: Bytes,
}

/// What a statement of the face service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AssertionPurpose {
    /// The first PIN of an account on a device.
    FirstSet,
    /// An order for a certificate.
    Certificate,
    /// A PIN reset.
    PinReset,
}

impl AssertionPurpose {
    /// Which face checks may serve: a login's for first set and certificate, its own for a reset.
    pub const fn accepts(self, purpose: Purpose) -> bool {
        matches!(
            (self, purpose),
            (Self::FirstSet | Self::Certificate, Purpose::Login)
                | (Self::PinReset, Purpose::PinReset)
        )
    }
}
