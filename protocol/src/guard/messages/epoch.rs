//! STAGE, EVAL_STAGED, COMMIT: a new PIN epoch.

use super::super::signed::{Message, Signed, SignedError, Suite, verify_bytes};
use super::messages;
use crate::cbor::CborError;
use crate::delivery::SealedShare;
use crate::ids::{AccountId, Bytes, DeviceId};
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// Life of a staging, in seconds.
pub const STAGE_LIFE_SECONDS: u64 = 600;

/// By what right a new epoch is staged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// [`crate::face::FirstSetTicket`], signed by the face service; only while there is no epoch.
    FirstSet(Signed),
    /// A confirmed attempt of kind `pin`, younger than 60 s.
    Attempt(#[serde(with = "serde_bytes")] [u8; 16]),
    /// A released reset, while it lives: a phone that was killed may stage again.
    Reset(#[serde(with = "serde_bytes")] [u8; 16]),
}

/// STAGE: prepares epoch `cur + 1`. Never touches the count of tries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct StageRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The new epoch.
    pub epoch: u64,
    /// Why it may.
    pub authority: Authority,
}

/// Answer to STAGE.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct StageAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Number of this staging.
    #[serde(with = "serde_bytes")]
    pub stage: [u8; 16],
    /// The new epoch.
    pub epoch: u64,
    /// OPRF key of the new epoch.
    #[serde(with = "serde_bytes")]
    pub oprf_pk: [u8; 33],
    /// When the staging dies.
    pub ends: u64,
}

/// EVAL_STAGED: evaluates under the staged key; one blinded element a staging.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct EvalStagedRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The staging.
    #[serde(with = "serde_bytes")]
    pub stage: [u8; 16],
    /// Blinded element, 33 bytes.
    pub blinded: Bytes,
}

/// Answer to EVAL_STAGED.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct EvalStagedAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Evaluated element.
    #[serde(with = "serde_bytes")]
    pub evaluated: [u8; 33],
    /// DLEQ proof under the staged key.
    #[serde(with = "serde_bytes")]
    pub proof: [u8; 64],
}

/// What `sk_auth` signs in COMMIT: proof of possession.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct AuthPossession {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The staging.
    #[serde(with = "serde_bytes")]
    pub stage: [u8; 16],
    /// The key.
    #[serde(with = "serde_bytes")]
    pub pk_auth: [u8; 33],
}

impl Message for AuthPossession {
    const NAME: &'static str = "auth-possession";
}

impl AuthPossession {
    /// What `sk_auth` signs.
    pub fn signing_input(&self) -> Result<Vec<u8>, CborError> {
        Ok(super::super::Unsigned::new(self)?.signing_input())
    }
}

/// COMMIT: the new epoch becomes the current one, the older one is deleted. Idempotent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct CommitRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The live staging.
    #[serde(with = "serde_bytes")]
    pub stage: [u8; 16],
    /// Public half of `sk_auth`.
    #[serde(with = "serde_bytes")]
    pub pk_auth: [u8; 33],
    /// By `sk_auth` over [`AuthPossession`].
    #[serde(with = "serde_bytes")]
    pub possession: [u8; 64],
    /// `S_g`, sealed to the guard's delivery key.
    pub share: SealedShare,
    /// [`crate::guard::wrap::SlotRecord::hash`].
    #[serde(with = "serde_bytes")]
    pub slot_hash: [u8; 32],
    /// [`crate::face::StagingTicket`]: the face service holds `S_f` of this staging.
    pub face_ticket: Signed,
}

impl CommitRequest {
    /// Verifies the proof of possession.
    pub fn verify_possession(&self) -> Result<(), SignedError> {
        let Self {
            suite,
            account,
            device,
            stage,
            pk_auth,
            ..
        } = *self;
        let signed = AuthPossession {
            suite,
            account,
            device,
            stage,
            pk_auth,
        };
        verify_bytes(&pk_auth, &signed.signing_input()?, &self.possession)
    }
}

/// Answer to COMMIT: the receipt that marks the slot active and lets the face service drop older shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct CommitAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The epoch that is current now.
    pub epoch: u64,
    /// The committed slot.
    #[serde(with = "serde_bytes")]
    pub slot_hash: [u8; 32],
    /// Number of the guard's log row.
    pub log_n: u64,
    /// Hash of the guard's log up to that row.
    #[serde(with = "serde_bytes")]
    pub log_head: [u8; 32],
    /// The guard's clock.
    pub time: u64,
}

messages! {
    StageRequest, "stage" => StageAnswer;
    EvalStagedRequest, "eval_staged" => EvalStagedAnswer;
    CommitRequest, "commit" => CommitAnswer;
}
