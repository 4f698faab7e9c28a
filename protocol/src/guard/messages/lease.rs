//! PICK and RECEIPT: the certificate of a lease, and the guard's countersignature of each signature.

use super::super::signed::{Message, Signed, SignedError, Suite, verify_bytes};
use super::messages;
use crate::cbor::CborError;
use crate::delivery::SealedShare;
use crate::ids::{AccountId, Bytes, CertId, DeviceId, LeaseId};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// Life of a lease from its PIN, in seconds.
pub const LEASE_SECONDS: u64 = 300;
/// Most signatures of a lease.
pub const LEASE_MAX_COUNT: u16 = 50;

/// What the lease key signs in PICK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct LeasePick {
    /// Suite of the message.
    pub suite: Suite,
    /// The lease.
    pub lease: LeaseId,
    /// The certificate that it opens from now on.
    pub cert_id: CertId,
    /// Where the share goes.
    #[serde(with = "serde_bytes")]
    pub ephemeral: [u8; 33],
}

impl Message for LeasePick {
    const NAME: &'static str = "lease-pick";
}

impl LeasePick {
    /// What the lease key signs.
    pub fn signing_input(&self) -> Result<Vec<u8>, CborError> {
        Ok(super::super::Unsigned::new(self)?.signing_input())
    }

    /// Verifies PICK's `lease_signature`.
    pub fn verify(&self, lease_key: &[u8; 33], signature: &[u8; 64]) -> Result<(), SignedError> {
        verify_bytes(lease_key, &self.signing_input()?, signature)
    }
}

/// PICK: one certificate for the lease, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct PickRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The lease.
    pub lease: LeaseId,
    /// The certificate.
    pub cert_id: CertId,
    /// Where the share goes.
    #[serde(with = "serde_bytes")]
    pub ephemeral: [u8; 33],
    /// By the lease key over [`LeasePick`].
    #[serde(with = "serde_bytes")]
    pub lease_signature: [u8; 64],
}

impl PickRequest {
    /// The part that the lease key signed.
    pub fn pick(&self) -> LeasePick {
        let Self {
            suite,
            lease,
            cert_id,
            ephemeral,
            ..
        } = *self;
        LeasePick {
            suite,
            lease,
            cert_id,
            ephemeral,
        }
    }
}

/// Answer to PICK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct PickAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// `S_cert`, sealed to the request's ephemeral key.
    pub share: SealedShare,
}

/// RECEIPT: asks the guard to countersign. No signature leaves the phone without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ReceiptRequest {
    /// Suite of the message.
    pub suite: Suite,
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The lease.
    pub lease: LeaseId,
    /// The signatures, numbered on from the last receipt.
    pub items: Vec<ReceiptItem>,
}

/// One signature to be countersigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ReceiptItem {
    /// Number in the lease, from 1.
    pub n: u16,
    /// The certificate whose key signed.
    pub cert_id: CertId,
    /// The digest that was signed: SHA-256, or SM3 with the ZA prefix for SM2.
    #[serde(with = "serde_bytes")]
    pub digest: [u8; 32],
    /// r ‖ s, 64 bytes.
    pub signature: Bytes,
}

/// Answer to RECEIPT: one [`super::super::Receipt`] an item, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct ReceiptAnswer {
    /// Suite of the message.
    pub suite: Suite,
    /// SHA-256 of the request.
    #[serde(with = "serde_bytes")]
    pub request: [u8; 32],
    /// Signed receipts.
    pub receipts: Vec<Signed>,
}

messages! {
    PickRequest, "pick" => PickAnswer;
    ReceiptRequest, "receipt" => ReceiptAnswer;
}
