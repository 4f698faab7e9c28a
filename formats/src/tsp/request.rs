//! Asking for a timestamp (RFC 3161 § 2.4.1).

use super::TspError;
use crate::cms::tlv::{Tlv, children, first, oid, wrap};
use crate::cms::{ID_SHA256, ID_SM3, Oid};
use der::Tag;
use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sm3::Sm3;

const ID_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const ID_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
const ALGORITHMS: [(ObjectIdentifier, usize); 4] = [
    (ID_SHA256, 32),
    (ID_SHA384, 48),
    (ID_SHA512, 64),
    (ID_SM3, 32),
];
/// Longest nonce that is taken, in bytes.
const MAX_NONCE: usize = 32;

/// A digest and its algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imprint {
    algorithm: ObjectIdentifier,
    digest: Vec<u8>,
}

impl Imprint {
    /// A digest by one of SHA-256, SHA-384, SHA-512 and SM3.
    ///
    /// # Errors
    /// [`TspError::Imprint`].
    pub fn new(algorithm: ObjectIdentifier, digest: &[u8]) -> Result<Self, TspError> {
        if !ALGORITHMS.contains(&(algorithm, digest.len())) {
            return Err(TspError::Imprint);
        }
        Ok(Self {
            algorithm,
            digest: digest.to_vec(),
        })
    }

    /// The SHA-256 digest of `data`.
    pub fn sha256(data: &[u8]) -> Self {
        Self {
            algorithm: ID_SHA256,
            digest: Sha256::digest(data).to_vec(),
        }
    }

    /// A SHA-256 digest that is there already.
    pub fn of_sha256(digest: &[u8; 32]) -> Self {
        Self {
            algorithm: ID_SHA256,
            digest: digest.to_vec(),
        }
    }

    /// Whether this is the digest of these parts one after the other.
    pub fn is_of(&self, parts: &[&[u8]]) -> bool {
        let digest = match self.algorithm {
            ID_SHA384 => digest::<Sha384>(parts),
            ID_SHA512 => digest::<Sha512>(parts),
            ID_SM3 => digest::<Sm3>(parts),
            _ => digest::<Sha256>(parts),
        };
        digest == self.digest
    }

    /// The digest algorithm.
    pub const fn algorithm(&self) -> ObjectIdentifier {
        self.algorithm
    }

    /// The digest.
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }

    pub(super) fn to_der(&self) -> Result<Vec<u8>, TspError> {
        let algorithm = wrap(Tag::Sequence, &[&oid(self.algorithm)?])?;
        let digest = wrap(Tag::OctetString, &[&self.digest])?;
        Ok(wrap(Tag::Sequence, &[&algorithm, &digest])?)
    }

    pub(super) fn read(element: &Tlv<'_>) -> Result<Self, TspError> {
        const WHAT: &str = "message imprint";
        let fields = element.open(Tag::Sequence, WHAT)?;
        let [algorithm, digest] = fields.as_slice() else {
            return Err(TspError::Malformed(WHAT));
        };
        let algorithm = algorithm.open(Tag::Sequence, WHAT)?;
        let id = algorithm.first().ok_or(TspError::Malformed(WHAT))?;
        let known = ALGORITHMS.iter().find(|(known, _)| id.is_oid(*known));
        let (known, _) = known.ok_or(TspError::Imprint)?;
        if digest.tag != Tag::OctetString {
            return Err(TspError::Malformed(WHAT));
        }
        Self::new(*known, digest.value)
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = D::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().to_vec()
}

/// What is asked of a timestamping service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What the timestamp is to be over.
    pub imprint: Imprint,
    /// Under which policy; the service's own where none is asked.
    pub policy: Option<Oid>,
    /// Big-endian, positive, at most 32 bytes: the answer holds the same.
    pub nonce: Option<Vec<u8>>,
    /// Whether the token is to hold the service's certificate.
    pub certificate: bool,
}

impl Request {
    /// DER `TimeStampReq`.
    ///
    /// # Errors
    /// [`TspError::Malformed`] when the nonce is empty or too long.
    pub fn to_der(&self) -> Result<Vec<u8>, TspError> {
        let version = wrap(Tag::Integer, &[&[1]])?;
        let imprint = self.imprint.to_der()?;
        let policy = match &self.policy {
            Some(policy) => wrap(Tag::ObjectIdentifier, &[policy.as_bytes()])?,
            None => Vec::new(),
        };
        let nonce = match &self.nonce {
            Some(nonce) => positive(nonce)?,
            None => Vec::new(),
        };
        // DEFAULT FALSE is left out in DER.
        let certificate = match self.certificate {
            true => wrap(Tag::Boolean, &[&[0xff]])?,
            false => Vec::new(),
        };
        let parts = [&version[..], &imprint, &policy, &nonce, &certificate];
        Ok(wrap(Tag::Sequence, &parts)?)
    }

    /// Reads DER. Extensions are refused: this service knows none, and one that is critical must not be passed over.
    ///
    /// # Errors
    /// [`TspError::Malformed`], [`TspError::Imprint`].
    pub fn parse(der: &[u8]) -> Result<Self, TspError> {
        const WHAT: &str = "timestamp request";
        let malformed = TspError::Malformed(WHAT);
        let (outer, rest) = first(der, WHAT)?;
        let fields = outer.open(Tag::Sequence, WHAT)?;
        let [version, imprint, optional @ ..] = fields.as_slice() else {
            return Err(malformed);
        };
        if !rest.is_empty() || version.tag != Tag::Integer || version.value != [1] {
            return Err(malformed);
        }
        let mut request = Self {
            imprint: Imprint::read(imprint)?,
            policy: None,
            nonce: None,
            certificate: false,
        };
        // Each at most once and in this order.
        let mut place = 0;
        for field in optional {
            let own = match field.tag {
                Tag::ObjectIdentifier => 1,
                Tag::Integer => 2,
                Tag::Boolean => 3,
                _ => return Err(malformed),
            };
            if own <= place {
                return Err(malformed);
            }
            place = own;
            match own {
                1 => request.policy = Some(Oid::of_der(field.value)),
                2 => request.nonce = Some(number(field, WHAT)?),
                _ => request.certificate = field.value == [0xff],
            }
        }
        Ok(request)
    }
}

/// DER INTEGER of a positive number, big-endian.
pub(super) fn positive(number: &[u8]) -> Result<Vec<u8>, TspError> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let digits = number.get(zeros..).unwrap_or_default();
    let Some(high) = digits.first() else {
        return Err(TspError::Malformed("number"));
    };
    if digits.len() > MAX_NONCE {
        return Err(TspError::Malformed("number"));
    }
    let sign: &[u8] = if *high >= 0x80 { &[0] } else { &[] };
    Ok(wrap(Tag::Integer, &[sign, digits])?)
}

/// Big-endian digits of a positive INTEGER, without leading zeros.
pub(super) fn number(element: &Tlv<'_>, what: &'static str) -> Result<Vec<u8>, TspError> {
    let value = element.value;
    let negative = value.first().is_none_or(|high| *high >= 0x80);
    if element.tag != Tag::Integer || negative || value.len() > MAX_NONCE + 1 {
        return Err(TspError::Malformed(what));
    }
    let zeros = value.iter().take_while(|byte| **byte == 0).count();
    Ok(value.get(zeros..).unwrap_or_default().to_vec())
}

/// The only element of `der`, opened as a sequence.
pub(super) fn sequence<'a>(der: &'a [u8], what: &'static str) -> Result<Vec<Tlv<'a>>, TspError> {
    let members = children(der, what)?;
    let [one] = members.as_slice() else {
        return Err(TspError::Malformed(what));
    };
    Ok(one.open(Tag::Sequence, what)?)
}
