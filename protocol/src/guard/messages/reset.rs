//! RESET_BEGIN and RELEASE: recovery by face. REVOCATION_CODE: what ends a lost phone without a face. [`PhoneDeleted`]: what a lost phone leaves.

use super::super::signed::{Message, Signed, Suite};
use super::messages;
use crate::delivery::SealedShare;
use crate::ids::{AccountId, DeviceId};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// Life of a reset from its RESET_BEGIN, in seconds.
pub const RESET_LIFE_SECONDS: u64 = 600;
/// How often a reset gives its share again.
pub const RESET_REFETCHES: u8 = 3;
/// How long after RESET_BEGIN its stop code counts, in seconds.
pub const RESET_STOP_SECONDS: u64 = 86_400;
/// Lower bound of the liveness score that a reset asks for.
pub const RESET_LIVENESS: u8 = 80;
/// How long the owner of a phone that was reported lost may object on it, in seconds.
pub const OBJECTION_SECONDS: u64 = 72 * 3_600;

/// RESET_BEGIN: a face check opens a recovery; the PIN path closes at RELEASE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ResetBeginRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// Number of the reset, drawn by the phone.
    #[serde(with = "serde_bytes")]
    pub reset: [u8; 16],
    /// [`crate::face::FaceAssertion`] for this reset.
    pub assertion: Signed,
}

/// Answer to RESET_BEGIN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ResetBeginAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// When the reset dies.
    pub ends: u64,
}

/// RELEASE: fetches `S_g`, and closes the PIN path until a COMMIT. A reset gives it once and, to a phone that was killed, [`RESET_REFETCHES`] times
/// again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ReleaseRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The reset.
    #[serde(with = "serde_bytes")]
    pub reset: [u8; 16],
    /// Where the share goes.
    #[serde(with = "serde_bytes")]
    pub ephemeral: [u8; 33],
}

/// Answer to RELEASE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ReleaseAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Epoch of the share.
    pub epoch: u64,
    /// `S_g`, sealed to the request's ephemeral key.
    pub share: SealedShare,
}

/// REVOCATION_CODE: the phone drew a [`crate::guard::Code`] and shows it to its owner; the guard keeps its hash in place of an older one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct RevocationCodeRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// A confirmed attempt of kind `pin`, younger than 60 s; it serves once, here or in STAGE.
    #[serde(with = "serde_bytes")]
    pub attempt: [u8; 16],
    /// [`crate::guard::Code::hash`].
    #[serde(with = "serde_bytes")]
    pub code_hash: [u8; 32],
}

/// Answer to REVOCATION_CODE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct RevocationCodeAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// The guard's clock.
    pub time: u64,
}

/// The guard has deleted all that it held of a lost phone: the face service drops its half, the CA revokes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct PhoneDeleted {
    /// Suite of the record.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The guard's clock.
    pub time: u64,
}

impl Message for PhoneDeleted {
    const NAME: &'static str = "phone-deleted";
}

messages! {
    ResetBeginRequest, "reset_begin" => ResetBeginAnswer;
    ReleaseRequest, "release" => ReleaseAnswer;
    RevocationCodeRequest, "revocation_code" => RevocationCodeAnswer;
}
