//! Detached CMS signatures (RFC 5652) of the PAdES B-B kind (ETSI EN 319 142-1).
//!
//! Signing is split in two, because the key may live where this code does not run: [`signed_attributes`] makes
//! the bytes to be signed, whoever holds the key signs them (DER `SEQUENCE{r,s}`), and [`signed_data`] puts the
//! result together. [`verify`] checks the cryptography of one signer; whether the certificate can be trusted is
//! the question of the `x509` module.

mod build;
mod oid;
pub(crate) mod tlv;
mod verify;

#[cfg(test)]
mod tests;

pub use build::{
    add_unsigned, attached_signed_data, receipt_attribute, signed_attributes, signed_data,
};
pub use oid::Oid;
pub use verify::{Attached, Verified, digest_algorithm, verify, verify_attached};

use der::asn1::ObjectIdentifier;
use thiserror::Error;

/// Content type `id-data` (RFC 5652 § 4): what a signature over a document uses.
pub const ID_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
/// The same of GM/T 0010-2012 (GB/T 35275): an object with this content type carries that standard's `signedData` OID, as SM2 signatures in Chinese
/// products do. Structure and attributes are those of CMS.
pub const ID_GM_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.6.1.4.2.1");
/// `id-aa-timeStampToken` (RFC 3161 appendix A): the unsigned attribute that lifts a signature to B-T.
pub const ID_TIMESTAMP_TOKEN: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.14");

const ID_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const ID_GM_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.6.1.4.2.2");
const ID_CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const ID_MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const ID_SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
pub(crate) const ID_SHA256: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
pub(crate) const ID_SM3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.401");
const ID_EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ID_P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ID_SM2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");
const ID_SM2_SIGN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301.1");
const ID_ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ID_SM2_SM3: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.501");

/// Why a CMS object was not made or not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CmsError {
    /// The bytes are not the DER structure expected at this place.
    #[error("{0} is not well-formed DER")]
    Malformed(&'static str),
    /// The digest has not 32 bytes (SHA-256 and SM3 both have).
    #[error("the digest must have 32 bytes")]
    DigestLength,
    /// An OID text is not dotted decimal with arcs below 2^128.
    #[error("the object identifier is not valid")]
    BadOid,
    /// The chain is empty; its first certificate is the signer's.
    #[error("the certificate chain is empty")]
    NoCertificate,
    /// The attributes name another signer certificate than the first of the chain.
    #[error("the signed attributes belong to another certificate")]
    OtherCertificate,
    /// Key or digest algorithm outside ECDSA P-256 with SHA-256 and SM2 with SM3.
    #[error("the signature algorithm is not supported")]
    UnsupportedAlgorithm,
    /// Not exactly one signer.
    #[error("the signature has {0} signers, exactly one is expected")]
    SignerCount(usize),
    /// The signer's certificate is not among the certificates.
    #[error("the signer's certificate is missing")]
    SignerMissing,
    /// A signed attribute that RFC 5652 demands is missing or occurs twice.
    #[error("the signed attribute {0} is missing or repeated")]
    Attribute(&'static str),
    /// The signature is over other content.
    #[error("the content was changed after it was signed")]
    DigestMismatch,
    /// The signature value does not verify under the signer's key.
    #[error("the signature value is wrong")]
    BadSignature,
}
