//! `SEQUENCE { body, AlgorithmIdentifier, BIT STRING }`: the shape that certificates, requests and CRLs share.

use super::X509Error;
use crate::signer::{Algorithm, PublicKey, Signer, SignerError};
use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode, Reader, SliceReader};
use spki::{AlgorithmIdentifier, AlgorithmIdentifierRef, ObjectIdentifier};
use std::time::Duration;
use x509_cert::time::Time;

/// A signed structure, taken apart without re-encoding.
pub(super) struct Signed<'a> {
    /// The bytes that the signature covers.
    pub body: &'a [u8],
    /// The signature algorithm outside the body.
    pub algorithm: ObjectIdentifier,
    /// DER `SEQUENCE { r, s }`.
    pub signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(super) fn split(der: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let parts = reader.sequence(|inner| {
            let body = inner.tlv_bytes()?;
            let algorithm = AlgorithmIdentifierRef::decode(inner)?;
            let bits = BitStringRef::decode(inner)?;
            // A signature is whole bytes: a count of unused bits would be a second spelling of the same one.
            let unaligned = || der::ErrorKind::Length {
                tag: der::Tag::BitString,
            };
            let signature = bits.as_bytes().ok_or_else(|| unaligned().to_error())?;
            Ok::<_, der::Error>((body, algorithm.oid, signature))
        })?;
        reader.finish()?;
        Ok(Self {
            body: parts.0,
            algorithm: parts.1,
            signature: parts.2,
        })
    }

    pub(super) fn verify(&self, key: &PublicKey) -> Result<(), SignerError> {
        if self.algorithm != key.algorithm().signature_oid() {
            return Err(SignerError::Signature);
        }
        key.verify(self.body, self.signature)
    }
}

/// Signs `body` and puts the three parts together; `body` goes in unchanged.
pub(super) fn join(body: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, X509Error> {
    let signature = signer.sign(body)?;
    assemble(body, signer.algorithm(), &signature).map_err(|_| X509Error::malformed("tbs"))
}

fn assemble(body: &[u8], algorithm: Algorithm, signature: &[u8]) -> der::Result<Vec<u8>> {
    let parts = [
        AnyRef::from_der(body)?.to_der()?,
        algorithm_identifier(algorithm).to_der()?,
        BitStringRef::from_bytes(signature)?.to_der()?,
    ]
    .concat();
    AnyRef::new(der::Tag::Sequence, &parts)?.to_der()
}

/// Without parameters, as RFC 5758 demands and GM/T 0015 prefers.
pub(super) const fn algorithm_identifier(
    algorithm: Algorithm,
) -> AlgorithmIdentifier<AnyRef<'static>> {
    AlgorithmIdentifier {
        oid: algorithm.signature_oid(),
        parameters: None,
    }
}

/// UTCTime through 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5).
pub(super) fn time(unix_seconds: u64, field: &'static str) -> Result<Time, X509Error> {
    let date = der::DateTime::from_unix_duration(Duration::from_secs(unix_seconds));
    let date = date.map_err(|_| X509Error::Field {
        field,
        reason: "is no date that X.509 can hold",
    })?;
    Ok(Time::from(date))
}
