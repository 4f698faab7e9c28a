//! Receipts: the guard's countersignature, by which a verifier refuses a key that was stolen and used elsewhere.

use super::signed::{Message, Signed, SignedError, Suite};
use crate::cbor::CborError;
use crate::ids::{CertId, LeaseId};
use crate::kdf::sha256;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// OID of the unsigned CMS attribute that carries a receipt: an OCTET STRING with [`Signed::to_bytes`]. The arc 2.25 is free for
/// UUIDs as decimal numbers (ITU-T X.667); this one is kept below 2^63 so that every reader of OIDs takes it.
pub const RECEIPT_OID: &str = "2.25.8116329104217365531";

/// One signature as the guard saw it. Travels as [`Signed`] bytes in an unsigned attribute of the CMS and in the portal's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Receipt {
    /// Suite of the record.
    pub suite: Suite,
    /// The lease that it was made under.
    pub lease: LeaseId,
    /// Number in the lease, from 1.
    pub n: u16,
    /// The certificate's id at the guard.
    pub cert_id: CertId,
    /// The digest that was signed.
    #[serde(with = "serde_bytes")]
    pub digest: [u8; 32],
    /// SHA-256 of the signature value as r ‖ s, 64 bytes.
    #[serde(with = "serde_bytes")]
    pub signature_hash: [u8; 32],
    /// The guard's clock, seconds since the epoch.
    pub time: u64,
    /// When the PIN was last reset by face, for 24 h after it.
    pub reset_at: Option<u64>,
}

impl Message for Receipt {
    const NAME: &'static str = "receipt";
}

impl Receipt {
    /// `signature_hash` of a 64-byte r ‖ s.
    pub fn hash_signature(signature: &[u8]) -> [u8; 32] {
        sha256(&[signature])
    }
}

/// Why a receipt does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not the bytes of a signed receipt.
    #[error("the receipt is not readable: {0}")]
    Encoding(#[from] CborError),
    /// Not signed by this guard.
    #[error("the receipt is not the guard's: {0}")]
    Signed(#[from] SignedError),
    /// A receipt for another signature or digest.
    #[error("the receipt is for another signature")]
    Other,
}

/// Verifies the receipt of a signature. `signature` is r ‖ s, 64 bytes; `digest` what it covers.
///
/// # Errors
/// [`ReceiptError`]: forged, for another signature, or unreadable. A missing receipt is the caller's finding.
pub fn verify_receipt(
    receipt: &[u8],
    guard_key: &[u8; 33],
    digest: &[u8; 32],
    signature: &[u8],
) -> Result<Receipt, ReceiptError> {
    let receipt: Receipt = Signed::from_bytes(receipt)?.open(guard_key)?;
    if receipt.digest != *digest || receipt.signature_hash != Receipt::hash_signature(signature) {
        return Err(ReceiptError::Other);
    }
    Ok(receipt)
}
