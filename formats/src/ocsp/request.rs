//! Asking (RFC 6960 § 4.1).

use super::{CertId, ID_NONCE, MAX_CERTIFICATES, MAX_NONCE, OcspError};
use crate::cms::tlv::{Tlv, children, context, first, oid, wrap};
use der::Tag;

/// What is asked of a responder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The certificates; at least one.
    pub certificates: Vec<CertId>,
    /// 1 to 32 random bytes that the answer repeats; an answer that was made in advance has none.
    pub nonce: Option<Vec<u8>>,
}

impl Request {
    /// DER `OCSPRequest`, unsigned.
    ///
    /// # Errors
    /// [`OcspError::Malformed`] for no certificate, too many, or a nonce of another length.
    pub fn to_der(&self) -> Result<Vec<u8>, OcspError> {
        const WHAT: &str = "OCSP request";
        if !(1..=MAX_CERTIFICATES).contains(&self.certificates.len()) {
            return Err(OcspError::Malformed(WHAT));
        }
        let mut list = Vec::new();
        for id in &self.certificates {
            list.extend(wrap(Tag::Sequence, &[&id.to_der()?])?);
        }
        let list = wrap(Tag::Sequence, &[&list])?;
        let extensions = match &self.nonce {
            Some(nonce) => wrap(
                context(2),
                &[&wrap(Tag::Sequence, &[&nonce_extension(nonce)?])?],
            )?,
            None => Vec::new(),
        };
        let tbs = wrap(Tag::Sequence, &[&list, &extensions])?;
        Ok(wrap(Tag::Sequence, &[&tbs])?)
    }

    /// Reads DER. Who asks, and a signature over the request, do not matter and are passed over.
    ///
    /// # Errors
    /// [`OcspError::Malformed`]; also for a critical extension, which nobody here understands.
    pub fn parse(der: &[u8]) -> Result<Self, OcspError> {
        const WHAT: &str = "OCSP request";
        let malformed = || OcspError::Malformed(WHAT);
        let (outer, rest) = first(der, WHAT)?;
        let fields = outer.open(Tag::Sequence, WHAT)?;
        let tbs = fields.first().ok_or_else(malformed)?;
        let tbs = tbs.open(Tag::Sequence, WHAT)?;
        if !rest.is_empty()
            || tbs
                .iter()
                .any(|f| f.tag == context(0) && f.value != [2, 1, 0])
        {
            return Err(malformed());
        }
        let list = tbs.iter().find(|field| field.tag == Tag::Sequence);
        let list = list.ok_or_else(malformed)?.open(Tag::Sequence, WHAT)?;
        if !(1..=MAX_CERTIFICATES).contains(&list.len()) {
            return Err(malformed());
        }
        let certificates = list.iter().map(|one| {
            let fields = one.open(Tag::Sequence, WHAT)?;
            CertId::read(fields.first().ok_or_else(malformed)?)
        });
        let extensions = tbs.iter().find(|field| field.tag == context(2));
        Ok(Self {
            certificates: certificates.collect::<Result<_, _>>()?,
            nonce: extensions.map(nonce).transpose()?.flatten(),
        })
    }
}

pub(super) fn nonce_extension(nonce: &[u8]) -> Result<Vec<u8>, OcspError> {
    if !(1..=MAX_NONCE).contains(&nonce.len()) {
        return Err(OcspError::Malformed("nonce"));
    }
    let inner = wrap(Tag::OctetString, &[nonce])?;
    let value = wrap(Tag::OctetString, &[&inner])?;
    Ok(wrap(Tag::Sequence, &[&oid(ID_NONCE)?, &value])?)
}

/// The nonce of explicitly tagged extensions; any other critical one is an error.
pub(super) fn nonce(explicit: &Tlv<'_>) -> Result<Option<Vec<u8>>, OcspError> {
    const WHAT: &str = "OCSP extension";
    let malformed = || OcspError::Malformed(WHAT);
    let list = children(explicit.value, WHAT)?;
    let list = list
        .first()
        .ok_or_else(malformed)?
        .open(Tag::Sequence, WHAT)?;
    let mut found = None;
    for extension in list {
        let fields = extension.open(Tag::Sequence, WHAT)?;
        let (Some(id), Some(value)) = (fields.first(), fields.last()) else {
            return Err(malformed());
        };
        if id.is_oid(ID_NONCE) {
            let (inner, rest) = first(value.value, WHAT)?;
            let length = (1..=MAX_NONCE).contains(&inner.value.len());
            if inner.tag != Tag::OctetString || !rest.is_empty() || !length {
                return Err(malformed());
            }
            found = Some(inner.value.to_vec());
        } else if fields
            .iter()
            .any(|f| f.tag == Tag::Boolean && f.value == [0xff])
        {
            return Err(malformed());
        }
    }
    Ok(found)
}
