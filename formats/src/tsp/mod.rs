//! Timestamps (RFC 3161, RFC 5816): a third party's word that some digest was there at some time.
//!
//! [`Request`] asks, [`respond`] answers (the service's side), [`Response::parse`] takes the answer apart, [`Token::verify`] checks a token over a
//! digest. Whether the service's certificate can be trusted is the question of [`crate::x509`].

mod request;
mod response;
mod token;

pub use request::{Imprint, Request};
pub use response::{Failure, Response, refuse, respond};
pub use token::{Stamp, Token};

use crate::cms::CmsError;
use crate::signer::SignerError;
use crate::x509::X509Error;
use der::asn1::ObjectIdentifier;
use thiserror::Error;

/// Content type of a timestamp's information (RFC 3161 § 2.4.2).
const ID_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// The extended key usage that a timestamping certificate has, alone and critical (RFC 3161 § 2.3).
const ID_TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

/// Why a request, answer or token is not made or not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TspError {
    /// The bytes are not the structure that is named.
    #[error("the {0} is malformed")]
    Malformed(&'static str),
    /// The digest has another length than its algorithm gives, or the algorithm is none of SHA-256, SHA-384, SHA-512 and SM3.
    #[error("the digest is of no supported algorithm, or of another length")]
    Imprint,
    /// The token is over another digest.
    #[error("the timestamp is over other data")]
    OtherData,
    /// The token answers another request.
    #[error("the timestamp answers another request")]
    OtherRequest,
    /// The signer's certificate is not for timestamps alone.
    #[error("the timestamp's certificate is not for timestamps")]
    Purpose,
    /// The time lies outside the validity of the signer's certificate.
    #[error("the timestamp's certificate was not valid at its time")]
    Time,
    /// The token does not name its signer's certificate.
    #[error("the timestamp does not name its certificate")]
    Unnamed,
    /// The token's signature.
    #[error(transparent)]
    Signature(#[from] CmsError),
    /// The certificate in it.
    #[error(transparent)]
    Certificate(#[from] X509Error),
    /// The key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
}
