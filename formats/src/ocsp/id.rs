//! How a certificate is named: its serial number, and hashes of its issuer's name and key (RFC 6960 § 4.1.1).

use super::OcspError;
use crate::cms::ID_SHA256;
use crate::cms::tlv::{Tlv, oid, wrap};
use crate::x509::Certificate;
use der::asn1::ObjectIdentifier;
use der::{Decode, Tag};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use spki::SubjectPublicKeyInfoRef;

const ID_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// Names one certificate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CertId {
    algorithm: ObjectIdentifier,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
}

impl CertId {
    /// With SHA-1, which every responder knows (RFC 5019 § 2.1.1). It is a name, nothing rests on its strength: the response is signed.
    ///
    /// # Errors
    /// [`OcspError::Malformed`] when the issuer's key is none.
    pub fn sha1(serial: &[u8], issuer: &Certificate) -> Result<Self, OcspError> {
        Self::by(ID_SHA1, serial, issuer)
    }

    /// With SHA-256.
    ///
    /// # Errors
    /// As [`CertId::sha1`].
    pub fn sha256(serial: &[u8], issuer: &Certificate) -> Result<Self, OcspError> {
        Self::by(ID_SHA256, serial, issuer)
    }

    fn by(
        algorithm: ObjectIdentifier,
        serial: &[u8],
        issuer: &Certificate,
    ) -> Result<Self, OcspError> {
        let hash = |bytes: &[u8]| match algorithm {
            ID_SHA1 => Sha1::digest(bytes).to_vec(),
            _ => Sha256::digest(bytes).to_vec(),
        };
        Ok(Self {
            algorithm,
            issuer_name: hash(&issuer.subject().der),
            issuer_key: hash(&key_bits(issuer)?),
            serial: without_zeros(serial).to_vec(),
        })
    }

    /// Big-endian digits of the serial number, without leading zeros.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// Whether this names a certificate of this issuer, whatever its serial number.
    ///
    /// # Errors
    /// As [`CertId::sha1`].
    pub fn is_of(&self, issuer: &Certificate) -> Result<bool, OcspError> {
        Ok(Self::by(self.algorithm, &self.serial, issuer)? == *self)
    }

    pub(super) fn to_der(&self) -> Result<Vec<u8>, OcspError> {
        let null: &[u8] = &[5, 0];
        let algorithm = wrap(Tag::Sequence, &[&oid(self.algorithm)?, null])?;
        let high = self.serial.first().copied().unwrap_or_default() >= 0x80;
        let sign: &[u8] = if high || self.serial.is_empty() {
            &[0]
        } else {
            &[]
        };
        let parts = [
            &algorithm[..],
            &wrap(Tag::OctetString, &[&self.issuer_name])?,
            &wrap(Tag::OctetString, &[&self.issuer_key])?,
            &wrap(Tag::Integer, &[sign, &self.serial])?,
        ];
        Ok(wrap(Tag::Sequence, &parts)?)
    }

    pub(super) fn read(element: &Tlv<'_>) -> Result<Self, OcspError> {
        const WHAT: &str = "certificate id";
        let malformed = || OcspError::Malformed(WHAT);
        let fields = element.open(Tag::Sequence, WHAT)?;
        let [algorithm, name, key, serial] = fields.as_slice() else {
            return Err(malformed());
        };
        let algorithm = algorithm.open(Tag::Sequence, WHAT)?;
        let id = algorithm.first().ok_or_else(malformed)?;
        let known = [ID_SHA1, ID_SHA256]
            .into_iter()
            .find(|known| id.is_oid(*known));
        let tags = [name.tag, key.tag, serial.tag];
        if tags != [Tag::OctetString, Tag::OctetString, Tag::Integer] || serial.value.len() > 21 {
            return Err(malformed());
        }
        Ok(Self {
            algorithm: known.ok_or_else(malformed)?,
            issuer_name: name.value.to_vec(),
            issuer_key: key.value.to_vec(),
            serial: without_zeros(serial.value).to_vec(),
        })
    }
}

/// The bits of a certificate's public key: what key hashes are over.
pub(super) fn key_bits(certificate: &Certificate) -> Result<Vec<u8>, OcspError> {
    let spki = SubjectPublicKeyInfoRef::from_der(certificate.spki_der());
    let spki = spki.map_err(|_| OcspError::Malformed("public key"))?;
    Ok(spki.subject_public_key.raw_bytes().to_vec())
}

/// SHA-1 of the public key's bits: how a responder names itself (RFC 6960 § 4.2.1).
pub(super) fn key_hash(certificate: &Certificate) -> Result<Vec<u8>, OcspError> {
    Ok(Sha1::digest(key_bits(certificate)?).to_vec())
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
