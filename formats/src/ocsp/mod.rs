//! Whether a certificate is revoked, asked online (RFC 6960) or kept beside a signature.
//!
//! [`Request`] asks, [`respond`] and [`refuse`] answer (the responder's side), [`Response`] reads an answer and checks it.

mod id;
mod request;
mod respond;
mod response;

pub use id::CertId;
pub use request::Request;
pub use respond::{Answer, Refusal, Status, refuse, respond};
pub use response::{Checked, Response};

use crate::cms::CmsError;
use crate::signer::SignerError;
use crate::x509::X509Error;
use der::asn1::ObjectIdentifier;
use thiserror::Error;

/// id-pkix-ocsp-basic: the one kind of response there is.
const ID_BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// id-pkix-ocsp-nonce.
const ID_NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
/// Longest nonce, in bytes (RFC 8954 § 2.1).
const MAX_NONCE: usize = 32;
/// Most certificates that one request or response is about.
const MAX_CERTIFICATES: usize = 64;

/// Why a request or response is not made or not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OcspError {
    /// The bytes are not the structure that is named.
    #[error("the {0} is malformed")]
    Malformed(&'static str),
    /// A time that ASN.1 cannot hold.
    #[error("{0} is no date")]
    Date(&'static str),
    /// The responder gave no answer, and says why.
    #[error("the responder answers {0:?}")]
    Refused(Refusal),
    /// The response does not speak of this certificate.
    #[error("the response is about another certificate")]
    OtherCertificate,
    /// Signed neither by the certificate's issuer nor by a responder that the issuer has named.
    #[error("the response is not by the certificate's issuer or its responder")]
    NotAuthorised,
    /// The signature is wrong.
    #[error(transparent)]
    Signature(#[from] SignerError),
    /// A certificate in it.
    #[error(transparent)]
    Certificate(#[from] X509Error),
    /// The encoding.
    #[error(transparent)]
    Encoding(#[from] CmsError),
}
