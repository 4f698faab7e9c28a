//! Answering (RFC 6960 § 4.2).

use super::id::key_hash;
use super::request::nonce_extension;
use super::{CertId, ID_BASIC, MAX_CERTIFICATES, OcspError};
use crate::cms::tlv::{context, oid, wrap};
use crate::signer::{Signer, algorithm_identifier_der};
use crate::x509::{Certificate, RevocationReason, reason_code};
use der::asn1::GeneralizedTime;
use der::{Encode, Tag, TagNumber};
use std::time::Duration;

/// What a responder knows of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when, Unix seconds.
        at: u64,
        /// Why.
        reason: RevocationReason,
    },
    /// The responder does not know it.
    Unknown,
}

/// One line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which certificate, named as it was asked for.
    pub id: CertId,
    /// What is known of it.
    pub status: Status,
    /// When that was known, Unix seconds.
    pub this_update: u64,
    /// Until when nothing newer is to be expected; nothing if there is always something newer.
    pub next_update: Option<u64>,
}

/// Why a responder does not answer (`OCSPResponseStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The request is malformed.
    MalformedRequest,
    /// Something failed inside.
    InternalError,
    /// Later.
    TryLater,
    /// The request must be signed.
    SigRequired,
    /// This caller gets no answer.
    Unauthorized,
}

impl Refusal {
    const fn number(self) -> u8 {
        match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::SigRequired => 5,
            Self::Unauthorized => 6,
        }
    }

    pub(super) fn of(number: u8) -> Option<Self> {
        let all = [
            Self::MalformedRequest,
            Self::InternalError,
            Self::TryLater,
            Self::SigRequired,
            Self::Unauthorized,
        ];
        all.into_iter().find(|refusal| refusal.number() == number)
    }
}

/// Signs an answer; DER `OCSPResponse`. `responder` is the signer's certificate: the issuer's own, or one that the issuer has given it
/// ([`crate::x509::Profile::Ocsp`]), which then goes into the answer.
///
/// # Errors
/// [`OcspError::Malformed`] for no answer or too many, [`OcspError::Date`], [`OcspError::Signature`] when the key does not sign or is not the
/// responder's.
pub fn respond(
    answers: &[Answer],
    nonce: Option<&[u8]>,
    produced_at: u64,
    responder: &Certificate,
    signer: &dyn Signer,
) -> Result<Vec<u8>, OcspError> {
    if !(1..=MAX_CERTIFICATES).contains(&answers.len()) {
        return Err(OcspError::Malformed("OCSP response"));
    }
    if signer.spki_der()? != responder.spki_der() {
        return Err(crate::signer::SignerError::PublicKey.into());
    }
    let data = data(answers, nonce, produced_at, responder)?;
    let signature = signer.sign(&data)?;
    let algorithm = algorithm_identifier_der(signer.algorithm())
        .map_err(|_| OcspError::Malformed("algorithm"))?;
    let bits = wrap(Tag::BitString, &[&[0], &signature])?;
    let certificates = match responder.is_ca() {
        true => Vec::new(),
        false => wrap(context(0), &[&wrap(Tag::Sequence, &[responder.der()])?])?,
    };
    let basic = wrap(Tag::Sequence, &[&data, &algorithm, &bits, &certificates])?;
    let bytes = wrap(
        Tag::Sequence,
        &[&oid(ID_BASIC)?, &wrap(Tag::OctetString, &[&basic])?],
    )?;
    let bytes = wrap(context(0), &[&bytes])?;
    Ok(wrap(
        Tag::Sequence,
        &[&wrap(Tag::Enumerated, &[&[0]])?, &bytes],
    )?)
}

/// An answer that says nothing of any certificate; unsigned, as the standard has it.
///
/// # Errors
/// None in practice; the encoder's own error type is passed on.
pub fn refuse(refusal: Refusal) -> Result<Vec<u8>, OcspError> {
    let status = wrap(Tag::Enumerated, &[&[refusal.number()]])?;
    Ok(wrap(Tag::Sequence, &[&status])?)
}

/// DER `ResponseData`, the responder named by its key.
fn data(
    answers: &[Answer],
    nonce: Option<&[u8]>,
    produced_at: u64,
    responder: &Certificate,
) -> Result<Vec<u8>, OcspError> {
    let by_key = wrap(Tag::OctetString, &[&key_hash(responder)?])?;
    let mut list = Vec::new();
    for answer in answers {
        list.extend(single(answer)?);
    }
    let extensions = match nonce {
        Some(nonce) => wrap(
            context(1),
            &[&wrap(Tag::Sequence, &[&nonce_extension(nonce)?])?],
        )?,
        None => Vec::new(),
    };
    let parts = [
        &wrap(context(2), &[&by_key])?[..],
        &time(produced_at, "produced_at")?,
        &wrap(Tag::Sequence, &[&list])?,
        &extensions,
    ];
    Ok(wrap(Tag::Sequence, &parts)?)
}

fn single(answer: &Answer) -> Result<Vec<u8>, OcspError> {
    let status = match answer.status {
        Status::Good => wrap(implicit(0), &[])?,
        Status::Unknown => wrap(implicit(2), &[])?,
        Status::Revoked { at, reason } => {
            let code = reason_code(reason).map(|code| code.to_der()).transpose();
            let code = code.map_err(|_| OcspError::Malformed("reason"))?;
            let reason = match code {
                Some(code) => wrap(context(0), &[&code])?,
                None => Vec::new(),
            };
            wrap(context(1), &[&time(at, "revoked_at")?, &reason])?
        }
    };
    let next = match answer.next_update {
        Some(next) => wrap(context(0), &[&time(next, "next_update")?])?,
        None => Vec::new(),
    };
    let parts = [
        &answer.id.to_der()?[..],
        &status,
        &time(answer.this_update, "this_update")?,
        &next,
    ];
    Ok(wrap(Tag::Sequence, &parts)?)
}

/// Context-specific primitive tag.
pub(super) const fn implicit(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: false,
        number: TagNumber(number),
    }
}

fn time(seconds: u64, field: &'static str) -> Result<Vec<u8>, OcspError> {
    let date = GeneralizedTime::from_unix_duration(Duration::from_secs(seconds));
    let date = date.and_then(|date| date.to_der());
    date.map_err(|_| OcspError::Date(field))
}
