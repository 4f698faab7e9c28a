//! X.509 certificates, certificate requests and CRLs (RFC 5280, RFC 2986, GM/T 0015) for P-256 and SM2.
//!
//! Issuing is two steps, so that a CA can record what it is about to sign: [`tbs`] makes the bytes, [`certificate`]
//! signs exactly these. Whatever is verified is verified over the bytes as received, never over a re-encoding.

mod certificate;
mod chain;
mod crl;
mod csr;
mod extensions;
mod issue;
mod pem;
mod signed;
mod subject;

pub use certificate::Certificate;
pub use chain::{ChainError, verify_chain};
pub use crl::{Crl, CrlEntry, RevocationReason, build_crl};
pub(crate) use crl::{reason_code, reason_of};
pub use csr::{Csr, build_csr};
pub(crate) use extensions::OCSP_SIGNING;
pub use issue::{IssueRequest, Profile, certificate, tbs};
pub use pem::{
    LABEL_CERTIFICATE, LABEL_CRL, LABEL_CSR, certificates_from_pem, pem_decode, pem_encode,
};
pub use subject::{Name, Subject};

use crate::signer::SignerError;
use thiserror::Error;

/// Why a certificate, request or CRL was refused or not made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum X509Error {
    /// The bytes are no such structure.
    #[error("{what} is malformed")]
    Malformed {
        /// `certificate`, `csr`, `crl`, `tbs` or `pem`.
        what: &'static str,
    },
    /// A field of what was asked for cannot be written into a certificate.
    #[error("{field}: {reason}")]
    Field {
        /// The field of the request.
        field: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The signer's algorithm is not the one that the bytes to be signed name.
    #[error("the signer's algorithm is not the one to sign with")]
    Algorithm,
    /// The key did not sign, or a key or signature is wrong.
    #[error(transparent)]
    Signer(#[from] SignerError),
}

impl X509Error {
    const fn malformed(what: &'static str) -> Self {
        Self::Malformed { what }
    }
}

/// Lower-case hex.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}
