//! The token: what is in it, and checking it.

use super::request::{number, positive, sequence};
use super::{ID_TIME_STAMPING, ID_TST_INFO, Imprint, TspError};
use crate::cms::tlv::{Tlv, wrap};
use crate::cms::{self, Oid};
use crate::signer::{Algorithm, Signer};
use crate::x509::Certificate;
use der::asn1::GeneralizedTime;
use der::{Decode, Encode, Tag};
use sha2::{Digest, Sha256};
use sm3::Sm3;
use std::time::Duration;

/// What a timestamp says (`TSTInfo`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Under which policy it was given.
    pub policy: Oid,
    /// What it is over.
    pub imprint: Imprint,
    /// Big-endian, positive, unique at its service.
    pub serial: Vec<u8>,
    /// The time, Unix seconds; fractions are cut off.
    pub time: u64,
    /// How far the time may be off, in whole seconds; rounded up. Nothing if the service does not say.
    pub accuracy: Option<u64>,
    /// The request's nonce.
    pub nonce: Option<Vec<u8>>,
}

impl Stamp {
    /// DER `TSTInfo`.
    pub(super) fn to_der(&self) -> Result<Vec<u8>, TspError> {
        const WHAT: &str = "timestamp";
        let date = GeneralizedTime::from_unix_duration(Duration::from_secs(self.time));
        let time = date.and_then(|date| date.to_der());
        let time = time.map_err(|_| TspError::Malformed(WHAT))?;
        let accuracy = match self.accuracy {
            Some(seconds) => wrap(Tag::Sequence, &[&positive(&seconds.to_be_bytes())?])?,
            None => Vec::new(),
        };
        let nonce = match &self.nonce {
            Some(nonce) => positive(nonce)?,
            None => Vec::new(),
        };
        let parts = [
            &wrap(Tag::Integer, &[&[1]])?[..],
            &wrap(Tag::ObjectIdentifier, &[self.policy.as_bytes()])?,
            &self.imprint.to_der()?,
            &positive(&self.serial)?,
            &time,
            &accuracy,
            &nonce,
        ];
        Ok(wrap(Tag::Sequence, &parts)?)
    }

    fn parse(der: &[u8]) -> Result<Self, TspError> {
        const WHAT: &str = "timestamp";
        let fields = sequence(der, WHAT)?;
        let [version, policy, imprint, serial, time, optional @ ..] = fields.as_slice() else {
            return Err(TspError::Malformed(WHAT));
        };
        let shape = version.tag == Tag::Integer
            && version.value == [1]
            && policy.tag == Tag::ObjectIdentifier;
        if !shape {
            return Err(TspError::Malformed(WHAT));
        }
        let accuracy = optional.iter().find(|field| field.tag == Tag::Sequence);
        let nonce = optional.iter().find(|field| field.tag == Tag::Integer);
        Ok(Self {
            policy: Oid::of_der(policy.value),
            imprint: Imprint::read(imprint)?,
            serial: number(serial, WHAT)?,
            time: seconds(time)?,
            accuracy: accuracy.map(read_accuracy).transpose()?,
            nonce: nonce.map(|nonce| number(nonce, WHAT)).transpose()?,
        })
    }
}

/// `YYYYMMDDhhmmss[.f…]Z` (RFC 3161 § 2.4.2).
fn seconds(element: &Tlv<'_>) -> Result<u64, TspError> {
    let malformed = || TspError::Malformed("timestamp's time");
    let digits = element.value.get(..14).ok_or_else(malformed)?;
    let fraction = element.value.get(14..).unwrap_or_default();
    let fits = match fraction {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if element.tag != Tag::GeneralizedTime || !fits {
        return Err(malformed());
    }
    let whole = wrap(Tag::GeneralizedTime, &[digits, b"Z"])?;
    let time = GeneralizedTime::from_der(&whole).map_err(|_| malformed())?;
    Ok(time.to_unix_duration().as_secs())
}

/// `SEQUENCE { seconds INTEGER OPTIONAL, millis [0] OPTIONAL, micros [1] OPTIONAL }`.
fn read_accuracy(element: &Tlv<'_>) -> Result<u64, TspError> {
    const WHAT: &str = "timestamp's accuracy";
    let fields = element.open(Tag::Sequence, WHAT)?;
    let whole = match fields.iter().find(|field| field.tag == Tag::Integer) {
        Some(field) => number(field, WHAT)?,
        None => Vec::new(),
    };
    let whole = whole.iter().try_fold(0u64, |sum, byte| {
        sum.checked_mul(256)?.checked_add(u64::from(*byte))
    });
    let whole = whole.ok_or(TspError::Malformed(WHAT))?;
    let part = fields.iter().any(|field| field.tag != Tag::Integer);
    Ok(whole.saturating_add(u64::from(part)))
}

/// A timestamp whose signature holds. Trust in its certificate is not part of it.
#[derive(Debug, Clone)]
pub struct Token {
    /// What it says.
    pub stamp: Stamp,
    /// The service's certificate.
    pub certificate: Certificate,
    /// All certificates that it brings, DER.
    pub certificates: Vec<Vec<u8>>,
}

impl Token {
    /// Checks a token by itself (DER `ContentInfo`, zeros may follow): its signature, that its certificate is for timestamps alone and was valid
    /// at its time. What it is over is for the caller: see [`Token::is_over`].
    ///
    /// # Errors
    /// [`TspError`].
    pub fn verify(token: &[u8]) -> Result<Self, TspError> {
        let attached = cms::verify_attached(token)?;
        let signature = attached.signature;
        if signature.content_type != ID_TST_INFO.as_bytes() {
            return Err(TspError::Malformed("timestamp"));
        }
        // RFC 5816 § 2.2.1: which certificate, so that nobody puts another one for the same key.
        if !signature.names_certificate {
            return Err(TspError::Unnamed);
        }
        let stamp = Stamp::parse(&attached.content)?;
        let certificate = Certificate::parse(&signature.signer_certificate)?;
        if certificate.extended_key_usage() != [ID_TIME_STAMPING] {
            return Err(TspError::Purpose);
        }
        if !certificate.is_valid_at(stamp.time) {
            return Err(TspError::Time);
        }
        Ok(Self {
            stamp,
            certificate,
            certificates: signature.certificates,
        })
    }

    /// Checks that the token is over `data`.
    ///
    /// # Errors
    /// [`TspError::OtherData`].
    pub fn is_over(&self, data: &[u8]) -> Result<(), TspError> {
        match self.stamp.imprint.is_of(&[data]) {
            true => Ok(()),
            false => Err(TspError::OtherData),
        }
    }
}

/// The signed token over a stamp; `chain` with the service's certificate first.
pub(super) fn sign(
    stamp: &Stamp,
    chain: &[Vec<u8>],
    signer: &dyn Signer,
) -> Result<Vec<u8>, TspError> {
    let content = stamp.to_der()?;
    let own = chain.first().ok_or(cms::CmsError::NoCertificate)?;
    let digest: [u8; 32] = match signer.algorithm() {
        Algorithm::EcdsaP256Sha256 => Sha256::digest(&content).into(),
        Algorithm::Sm2Sm3 => Sm3::digest(&content).into(),
    };
    let attributes = cms::signed_attributes(&digest, own, ID_TST_INFO)?;
    let signature = signer.sign(&attributes)?;
    Ok(cms::attached_signed_data(
        &attributes,
        &signature,
        chain,
        &content,
    )?)
}
