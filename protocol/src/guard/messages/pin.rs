//! EVAL and CONFIRM: one try, and the proof that it was right.

use super::super::nonce::Nonce;
use super::super::signed::{Message, Signed, SignedError, Suite, verify_bytes};
use super::super::wrap::KeyAlgorithm;
use super::messages;
use crate::cbor::CborError;
use crate::delivery::SealedShare;
use crate::error::ErrorCode;
use crate::ids::{AccountId, Bytes, CertId, DeviceId, LeaseId};
use crate::kdf::sha256;
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// How long after EVAL a CONFIRM is taken, and how long an attempt may authorise STAGE, in seconds.
pub const ATTEMPT_LIFE_SECONDS: u64 = 60;
/// Life of a PIN proof, in seconds.
pub const PIN_PROOF_LIFE_SECONDS: u64 = 120;

/// What the PIN is typed for; the only thing besides the count that the guard learns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PinKind {
    /// Connect to a PC: opens a lease of 1 to 50 signatures.
    Connect,
    /// Open one encrypted object; no lease.
    Decrypt,
    /// Install a certificate.
    Install,
    /// Change a certificate (YQQ-055): opens a lease of one signature.
    Change,
    /// Revoke an authorisation or a certificate (YQQ-042).
    Deregister,
    /// Change the PIN.
    Pin,
    /// Object to a report that this phone is lost: ends the report, releases nothing.
    Object,
}

impl PinKind {
    /// Whether the guard opens a lease of `count` signatures for this kind: connect 1 to 50, change 1, others none (count 0).
    pub const fn allows(self, count: u16) -> bool {
        match self {
            Self::Connect => count >= 1 && count <= 50,
            Self::Change => count == 1,
            _ => count == 0,
        }
    }
}

/// EVAL: one try. The guard counts it before it evaluates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct EvalRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// PIN epoch of the slot.
    pub epoch: u64,
    /// Blinded element, 33 bytes; checked by [`crate::oprf`].
    pub blinded: Bytes,
    /// From NONCE, single use.
    pub nonce: Nonce,
    /// [`crate::guard::intent`].
    #[serde(with = "serde_bytes")]
    pub intent: [u8; 32],
}

/// Answer to EVAL. Says nothing about the PIN being right: only the phone can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct EvalAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Number of this attempt.
    #[serde(with = "serde_bytes")]
    pub attempt: [u8; 16],
    /// Evaluated element, 33 bytes.
    #[serde(with = "serde_bytes")]
    pub evaluated: [u8; 33],
    /// DLEQ proof under the epoch's key.
    #[serde(with = "serde_bytes")]
    pub proof: [u8; 64],
    /// Tries left if this one was wrong.
    pub tries_left: u8,
    /// Seconds to wait if this one was wrong.
    pub wait_seconds: u32,
}

/// What `sk_auth` signs in CONFIRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct PinConfirm {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// PIN epoch.
    pub epoch: u64,
    /// The attempt that is confirmed.
    #[serde(with = "serde_bytes")]
    pub attempt: [u8; 16],
    /// [`eval_transcript`].
    #[serde(with = "serde_bytes")]
    pub transcript: [u8; 32],
    /// Intent of the EVAL request.
    #[serde(with = "serde_bytes")]
    pub intent: [u8; 32],
}

impl Message for PinConfirm {
    const NAME: &'static str = "confirm";
}

impl PinConfirm {
    /// What `sk_auth` signs.
    pub fn signing_input(&self) -> Result<Vec<u8>, CborError> {
        Ok(super::super::Unsigned::new(self)?.signing_input())
    }

    /// Verifies CONFIRM's `pin_signature` under the stored `pk_auth`.
    pub fn verify(&self, pk_auth: &[u8; 33], signature: &[u8; 64]) -> Result<(), SignedError> {
        verify_bytes(pk_auth, &self.signing_input()?, signature)
    }
}

/// `SHA-256(EVAL request body || E)`.
pub fn eval_transcript(eval_body: &[u8], evaluated: &[u8; 33]) -> [u8; 32] {
    sha256(&[eval_body, evaluated])
}

/// CONFIRM: the PIN was right. Clears the count, stores and releases shares, opens a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ConfirmRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The attempt that is confirmed.
    #[serde(with = "serde_bytes")]
    pub attempt: [u8; 16],
    /// By `sk_auth` over [`PinConfirm`].
    #[serde(with = "serde_bytes")]
    pub pin_signature: [u8; 64],
    /// Opens the intent: what for.
    pub kind: PinKind,
    /// Opens the intent: signatures of the lease.
    pub count: u16,
    /// Opens the intent: [`crate::guard::intent_object`].
    #[serde(with = "serde_bytes")]
    pub h: [u8; 32],
    /// Released shares are sealed to this key.
    #[serde(with = "serde_bytes")]
    pub ephemeral: [u8; 33],
    /// Shares to release now; for connect none, PICK asks later.
    pub wanted: Vec<CertId>,
    /// New certificate keys.
    pub added: Vec<AddedCert>,
    /// Public half of the lease key, kept in memory by the phone; for kinds with a lease.
    #[serde(with = "serde_bytes")]
    pub lease_key: Option<[u8; 33]>,
}

/// A certificate key that the guard is to hold a share of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct AddedCert {
    /// Named by the phone.
    pub cert_id: CertId,
    /// Algorithm of the key.
    pub algorithm: KeyAlgorithm,
    /// SEC1 compressed.
    #[serde(with = "serde_bytes")]
    pub public_key: [u8; 33],
    /// `S_cert`, sealed to the guard's delivery key.
    pub share: SealedShare,
}

/// Answer to CONFIRM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ConfirmAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Released shares.
    pub shares: Vec<ReleasedShare>,
    /// Wanted, but revoked, suspended or unknown.
    pub withheld: Vec<WithheldShare>,
    /// For kinds with a lease.
    pub lease: Option<LeaseGrant>,
    /// [`PinProof`], signed by the guard.
    pub pin_proof: Signed,
    /// The guard's clock.
    pub time: u64,
}

/// A share of a certificate key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ReleasedShare {
    /// Which certificate.
    pub cert_id: CertId,
    /// `S_cert`, sealed to the request's ephemeral key.
    pub share: SealedShare,
}

/// A share that the guard keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct WithheldShare {
    /// Which certificate.
    pub cert_id: CertId,
    /// `CERT_REVOKED`, `GRANT_SUSPENDED` or `NOT_FOUND`.
    pub code: ErrorCode,
}

/// A lease: one PIN proof that opens one certificate for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct LeaseGrant {
    /// Its number.
    pub lease: LeaseId,
    /// Signatures in all.
    pub count: u16,
    /// End by the guard's clock; not sliding.
    pub ends: u64,
}

/// The only evidence of a PIN that other roles take: single use, 120 s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct PinProof {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// What for; part of the intent, shown so that a role need not guess it.
    pub kind: PinKind,
    /// Binds what the PIN was typed for.
    #[serde(with = "serde_bytes")]
    pub intent: [u8; 32],
    /// Unique: whoever takes a proof remembers it.
    #[serde(with = "serde_bytes")]
    pub proof_id: [u8; 16],
    /// When the PIN was proved.
    pub time: u64,
}

impl Message for PinProof {
    const NAME: &'static str = "pin-proof";
}

/// Why a PIN proof is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinProofError {
    /// Not signed by the guard.
    #[error("the PIN proof is not the guard's: {0}")]
    Signed(#[from] SignedError),
    /// Of another account, device or act.
    #[error("the PIN proof is for something else")]
    Other,
    /// Older than [`PIN_PROOF_LIFE_SECONDS`].
    #[error("the PIN proof is too old")]
    Expired,
}

/// Verifies a PIN proof for an act. The caller stores `proof_id` and refuses a second use.
pub fn verify_pin_proof(
    proof: &Signed,
    guard_key: &[u8; 33],
    account: AccountId,
    device: DeviceId,
    intent: &[u8; 32],
    now: u64,
) -> Result<PinProof, PinProofError> {
    let proof: PinProof = proof.open(guard_key)?;
    if proof.account != account || proof.device != device || proof.intent != *intent {
        return Err(PinProofError::Other);
    }
    // A few seconds of tolerance for two machines' clocks.
    if now > proof.time.saturating_add(PIN_PROOF_LIFE_SECONDS) || proof.time > now.saturating_add(5)
    {
        return Err(PinProofError::Expired);
    }
    Ok(proof)
}

messages! {
    EvalRequest, "eval" => EvalAnswer;
    ConfirmRequest, "confirm" => ConfirmAnswer;
}
