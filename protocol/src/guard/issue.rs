//! What the hardware key signs when a certificate is ordered: the order and the request belong to this phone.

use super::signed::{Message, SignedError, Suite, verify_bytes};
use crate::cbor::CborError;
use crate::ids::OrderId;
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

/// `K_dev` over this is [`crate::api::certificates::OrderCertificate::device_signature`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct IssueStatement {
    /// Suite of the record.
    pub suite: Suite,
    /// The order.
    pub order: OrderId,
    /// SHA-256 of the CSR's DER.
    #[serde(with = "serde_bytes")]
    pub csr_hash: [u8; 32],
}

impl Message for IssueStatement {
    const NAME: &'static str = "issue";
}

impl IssueStatement {
    /// What `K_dev` signs.
    pub fn signing_input(&self) -> Result<Vec<u8>, CborError> {
        Ok(super::Unsigned::new(self)?.signing_input())
    }

    /// Verifies the order's `device_signature` under its `device_key`.
    pub fn verify(&self, device_key: &[u8; 33], signature: &[u8; 64]) -> Result<(), SignedError> {
        verify_bytes(device_key, &self.signing_input()?, signature)
    }
}
