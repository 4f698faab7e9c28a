//! Wraps at rest: XChaCha20-Poly1305 with a random 24-byte nonce in front, and the slot record.

use super::schedule::{Argon2Params, SlotContext};
use super::signed::Suite;
use crate::cbor::{self, CborError};
use crate::ids::{AccountId, Bytes, CertId, DeviceId};
use crate::kdf::sha256;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};
use zeroize::Zeroizing;

/// A wrap that does not open: wrong key, other context, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the wrap does not open")]
pub struct WrapError;

/// Seals: `nonce(24) || ciphertext || tag(16)`.
///
/// # Errors
/// [`WrapError`] above 256 GiB.
pub fn seal(
    key: &[u8; 32],
    nonce: &[u8; 24],
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, WrapError> {
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(nonce.into(), Payload { msg: plain, aad })
        .map_err(|_| WrapError)?;
    Ok([&nonce[..], &sealed].concat())
}

/// Opens [`seal`].
pub fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, WrapError> {
    let (nonce, body) = sealed.split_first_chunk::<24>().ok_or(WrapError)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(nonce.into(), Payload { msg: body, aad })
        .map(Zeroizing::new)
        .map_err(|_| WrapError)
}

/// Algorithm of a certificate key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAlgorithm {
    /// ECDSA P-256.
    P256,
    /// SM2 (GB/T 32918).
    Sm2,
}

/// AAD of a wrapped certificate key: `cert_id` and the algorithm's number (1 = P-256, 2 = SM2).
pub fn cert_aad(cert_id: CertId, algorithm: KeyAlgorithm) -> [u8; 17] {
    let mut out = [match algorithm {
        KeyAlgorithm::P256 => 1,
        KeyAlgorithm::Sm2 => 2,
    }; 17];
    out[..16].copy_from_slice(&cert_id.0);
    out
}

/// A slot without its state and receipt: what COMMIT names by hash. `ct_pin` and `ct_rec` hold the VMK under `KEK_pin` and `KEK_rec`, AAD = ctx.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct SlotRecord {
    /// Suite of the record.
    pub suite: Suite,
    /// PIN epoch.
    pub epoch: u64,
    /// Stretching parameters.
    pub params: Argon2Params,
    /// Salt of Argon2id.
    #[serde(with = "serde_bytes")]
    pub salt: [u8; 32],
    /// Input of the chip for recovery.
    #[serde(with = "serde_bytes")]
    pub rec_salt: [u8; 32],
    /// The guard's OPRF key of this epoch.
    #[serde(with = "serde_bytes")]
    pub oprf_pk: [u8; 33],
    /// Tells a wrong PIN.
    #[serde(with = "serde_bytes")]
    pub commit: [u8; 32],
    /// VMK under the PIN.
    pub ct_pin: Bytes,
    /// VMK under the recovery shares.
    pub ct_rec: Bytes,
}

impl SlotRecord {
    /// SHA-256 of the record's deterministic CBOR.
    pub fn hash(&self) -> Result<[u8; 32], CborError> {
        Ok(sha256(&[&cbor::encode(self)?]))
    }

    /// What the slot is bound to.
    pub fn context(&self, account: AccountId, device: DeviceId) -> SlotContext {
        SlotContext {
            account,
            device,
            epoch: self.epoch,
            oprf_pk: self.oprf_pk,
            params: self.params,
        }
    }
}
