//! The PIN guard and the face service over HTTP. What is inside is deterministic CBOR, signed on both sides ([`crate::guard`]).
//!
//! | call | body → answer |
//! |---|---|
//! | `POST /v1/guard/{name}` | [`SignedBody`] → [`SignedBody`]; `name` is `state`, `nonce`, `eval`, `confirm`, `pick`, `receipt`, `stage`, `eval_staged`, `commit`, `reset_begin`, `release`, `revocation_code` |
//! | `POST /v1/face/assertions` | [`AskAssertion`] → [`SignedBody`]: signed by the face service |
//! | `POST /v1/face/shares` | [`SignedBody`] → [`SignedBody`]: stages `S_f` of an epoch |
//! | `POST /v1/face/releases` | [`SignedBody`] → [`SignedBody`]: gives `S_f` back in a reset |
//! | `GET /v1/phones` | → `Vec<`[`PhoneView`]`>`: phones on which the account has a PIN |
//! | `POST /v1/phones/{device}/lost` | [`SignedBody`], a face assertion for `device_change` → [`LossReported`] |
//! | `POST /v1/phones/lost` (nobody is logged in) | [`ReportLoss`] → [`LossReported`] |
//! | `POST /v1/resets/stop` (nobody is logged in) | [`StopReset`] → 204 |

use super::identity::{Purpose, TypedIdentity};
use crate::guard::GuardState;
use crate::ids::{Bytes, DeviceId, HandoffId};
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
    /// See [`crate::face`].
    pub purpose: AssertionPurpose,
    /// What the assertion is about: the order, the reset, the lost phone …; 16 bytes.
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
    /// A PIN reset, for the guard.
    PinReset,
    /// A PIN reset, for the face service's own half of the recovery share.
    RecoveryShare,
    /// Another phone is lost; by a login that is younger than five minutes.
    DeviceChange,
}

impl AssertionPurpose {
    /// Which face checks may serve: a login's for first set, certificate and a lost phone, its own for a reset.
    pub const fn accepts(self, purpose: Purpose) -> bool {
        matches!(
            (self, purpose),
            (
                Self::FirstSet | Self::Certificate | Self::DeviceChange,
                Purpose::Login
            ) | (Self::PinReset | Self::RecoveryShare, Purpose::PinReset)
        )
    }

    /// Who may take the statement ([`crate::face::FaceAssertion::audience`]); nothing for a first set, whose ticket is the guard's.
    pub const fn audience(self) -> Option<&'static str> {
        match self {
            Self::FirstSet => None,
            Self::Certificate => Some("ca"),
            Self::PinReset | Self::DeviceChange => Some("guard"),
            Self::RecoveryShare => Some("face"),
        }
    }
}

/// A phone on which the account has a PIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhoneView {
    /// Which phone.
    pub device_id: DeviceId,
    /// It is the one that asks.
    pub this_phone: bool,
    /// Whether its PIN may be used.
    pub state: GuardState,
    /// Reported lost: until then the owner may object on it, seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objection_until: Option<u64>,
}

/// Reports a phone lost by the revocation code that was shown on it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportLoss {
    /// The owner, as on the identity document.
    pub owner: TypedIdentity,
    /// See [`crate::guard::Code`]. A person has five tries.
    pub code: String,
}

/// The phone gets nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LossReported {
    /// Which phone.
    pub device_id: DeviceId,
    /// What is held of it is deleted then, unless the owner objects on it before; seconds since the epoch.
    pub objection_until: u64,
}

/// Ends a PIN reset that the owner did not ask for, by the code of the short message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StopReset {
    /// See [`crate::guard::Code`].
    pub code: String,
}
