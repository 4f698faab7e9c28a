//! Answering a request for a timestamp, and reading the answer (RFC 3161 § 2.4.2).

use super::TspError;
use super::request::{Request, sequence};
use super::token::{Stamp, Token, sign};
use crate::cms::Oid;
use crate::cms::tlv::wrap;
use crate::signer::Signer;
use der::Tag;

/// Why a service gives no timestamp (`PKIFailureInfo`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The digest's algorithm is not taken.
    BadAlgorithm,
    /// The request is malformed.
    BadRequest,
    /// The service has no time that it would vouch for.
    TimeNotAvailable,
    /// The policy that is asked for is not the service's.
    UnacceptedPolicy,
    /// Something failed inside.
    SystemFailure,
    /// A reason that this version does not know.
    Other,
}

impl Failure {
    /// Number of its bit.
    const fn bit(self) -> u8 {
        match self {
            Self::BadAlgorithm => 0,
            Self::BadRequest => 2,
            Self::TimeNotAvailable => 14,
            Self::UnacceptedPolicy => 15,
            Self::SystemFailure | Self::Other => 25,
        }
    }

    const ALL: [Self; 5] = [
        Self::BadAlgorithm,
        Self::BadRequest,
        Self::TimeNotAvailable,
        Self::UnacceptedPolicy,
        Self::SystemFailure,
    ];
}

/// What a service answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// The token, DER; not checked yet.
    Granted(Vec<u8>),
    /// No timestamp.
    Refused(Failure),
}

/// The answer to a request: DER `TimeStampResp` with a token. `chain` has the service's certificate first; all of it goes into the token if the
/// request asks for certificates, else only the first, by which readers of documents find the key.
///
/// # Errors
/// [`TspError`] when the time or serial cannot be written or the key does not sign.
pub fn respond(
    request: &Request,
    policy: &Oid,
    serial: &[u8],
    time: u64,
    chain: &[Vec<u8>],
    signer: &dyn Signer,
) -> Result<Vec<u8>, TspError> {
    if request.policy.as_ref().is_some_and(|asked| asked != policy) {
        return refuse(Failure::UnacceptedPolicy);
    }
    let stamp = Stamp {
        policy: policy.clone(),
        imprint: request.imprint.clone(),
        serial: serial.to_vec(),
        time,
        accuracy: Some(1),
        nonce: request.nonce.clone(),
    };
    let brought = match request.certificate {
        true => chain,
        false => chain.get(..1).unwrap_or_default(),
    };
    let token = sign(&stamp, brought, signer)?;
    let granted = wrap(Tag::Sequence, &[&wrap(Tag::Integer, &[&[0]])?])?;
    Ok(wrap(Tag::Sequence, &[&granted, &token])?)
}

/// An answer without a token: status 2 with its reason.
///
/// # Errors
/// None in practice; the encoder's own error type is passed on.
pub fn refuse(failure: Failure) -> Result<Vec<u8>, TspError> {
    let bit = usize::from(failure.bit());
    let mut bits = vec![0; bit / 8 + 2];
    // The first byte counts the unused bits at the end.
    let (unused, mask) = (7 - failure.bit() % 8, 0x80 >> (bit % 8));
    if let Some(first) = bits.first_mut() {
        *first = unused;
    }
    if let Some(last) = bits.last_mut() {
        *last = mask;
    }
    let status = wrap(Tag::Integer, &[&[2]])?;
    let reason = wrap(Tag::BitString, &[&bits])?;
    let info = wrap(Tag::Sequence, &[&status, &reason])?;
    Ok(wrap(Tag::Sequence, &[&info])?)
}

impl Response {
    /// Reads DER `TimeStampResp`.
    ///
    /// # Errors
    /// [`TspError::Malformed`].
    pub fn parse(der: &[u8]) -> Result<Self, TspError> {
        const WHAT: &str = "timestamp response";
        let fields = sequence(der, WHAT)?;
        let (info, token) = fields.split_first().ok_or(TspError::Malformed(WHAT))?;
        let info = info.open(Tag::Sequence, WHAT)?;
        let status = info.first().ok_or(TspError::Malformed(WHAT))?;
        match (status.tag, status.value, token) {
            // Granted, or granted with changes that the request's own checks will find.
            (Tag::Integer, [0 | 1], [token]) => Ok(Self::Granted(token.raw.to_vec())),
            (Tag::Integer, [2..=5], []) => {
                let bits = info.iter().find(|field| field.tag == Tag::BitString);
                let held = |failure: &Failure| {
                    let bit = usize::from(failure.bit());
                    let byte = bits.and_then(|bits| bits.value.get(bit / 8 + 1));
                    byte.is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0)
                };
                let known = Failure::ALL.into_iter().find(held);
                Ok(Self::Refused(known.unwrap_or(Failure::Other)))
            }
            _ => Err(TspError::Malformed(WHAT)),
        }
    }
}

impl Request {
    /// Checks that a token answers this request: its digest, nonce and policy.
    ///
    /// # Errors
    /// [`TspError::OtherData`], [`TspError::OtherRequest`].
    pub fn is_answered_by(&self, token: &Token) -> Result<(), TspError> {
        let stamp = &token.stamp;
        if stamp.imprint != self.imprint {
            return Err(TspError::OtherData);
        }
        let nonce = self.nonce.as_deref().map(without_zeros);
        let policy = self
            .policy
            .as_ref()
            .is_none_or(|asked| *asked == stamp.policy);
        if nonce != stamp.nonce.as_deref() || !policy {
            return Err(TspError::OtherRequest);
        }
        Ok(())
    }
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
