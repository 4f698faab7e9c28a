//! Walking and writing DER one element at a time.
//!
//! Signatures are checked over the bytes as received, so elements are kept as slices and never re-encoded.

use super::CmsError;
use der::asn1::ObjectIdentifier;
use der::{Encode, Header, Length, Reader, SliceReader, Tag, TagNumber};

/// One DER element inside a larger one.
#[derive(Clone, Copy)]
pub(crate) struct Tlv<'a> {
    pub tag: Tag,
    pub value: &'a [u8],
    pub raw: &'a [u8],
}

/// Context-specific constructed tag `[number]`.
pub(crate) const fn context(number: u32) -> Tag {
    Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    }
}

/// First element of `bytes` and what follows it. `what` names the structure in errors.
pub(crate) fn first<'a>(
    bytes: &'a [u8],
    what: &'static str,
) -> Result<(Tlv<'a>, &'a [u8]), CmsError> {
    let malformed = |_| CmsError::Malformed(what);
    let mut reader = SliceReader::new(bytes).map_err(malformed)?;
    let header = Header::peek(&reader).map_err(malformed)?;
    let raw = reader.tlv_bytes().map_err(malformed)?;
    let length = usize::try_from(header.length()).map_err(malformed)?;
    let start = raw
        .len()
        .checked_sub(length)
        .ok_or(CmsError::Malformed(what))?;
    let value = raw.get(start..).unwrap_or_default();
    let rest = bytes.get(raw.len()..).unwrap_or_default();
    Ok((
        Tlv {
            tag: header.tag(),
            value,
            raw,
        },
        rest,
    ))
}

/// All elements of `bytes`, which must hold nothing else.
pub(crate) fn children<'a>(
    mut bytes: &'a [u8],
    what: &'static str,
) -> Result<Vec<Tlv<'a>>, CmsError> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (element, rest) = first(bytes, what)?;
        found.push(element);
        bytes = rest;
    }
    Ok(found)
}

impl<'a> Tlv<'a> {
    /// The elements inside, if the tag is `tag`.
    pub fn open(&self, tag: Tag, what: &'static str) -> Result<Vec<Tlv<'a>>, CmsError> {
        if self.tag != tag {
            return Err(CmsError::Malformed(what));
        }
        children(self.value, what)
    }

    /// Whether this is the given object identifier.
    pub fn is_oid(&self, oid: ObjectIdentifier) -> bool {
        self.tag == Tag::ObjectIdentifier && self.value == oid.as_bytes()
    }
}

/// One element with the given tag around the joined parts.
pub(crate) fn wrap(tag: Tag, parts: &[&[u8]]) -> Result<Vec<u8>, CmsError> {
    let too_long = |_| CmsError::Malformed("length");
    let length =
        Length::try_from(parts.iter().map(|p| p.len()).sum::<usize>()).map_err(too_long)?;
    let mut out = Header::new(tag, length).to_der().map_err(too_long)?;
    parts.iter().for_each(|part| out.extend_from_slice(part));
    Ok(out)
}

/// `SET OF` in DER order (X.690 § 11.6: ascending encodings).
pub(crate) fn set_of(tag: Tag, mut members: Vec<Vec<u8>>) -> Result<Vec<u8>, CmsError> {
    members.sort();
    members.dedup();
    let parts: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
    wrap(tag, &parts)
}

/// An object identifier with tag and length.
pub(crate) fn oid(oid: ObjectIdentifier) -> Result<Vec<u8>, CmsError> {
    wrap(Tag::ObjectIdentifier, &[oid.as_bytes()])
}

/// `AlgorithmIdentifier` without parameters.
pub(crate) fn algorithm(id: ObjectIdentifier) -> Result<Vec<u8>, CmsError> {
    wrap(Tag::Sequence, &[&oid(id)?])
}

/// The fields of a certificate that CMS refers to, as received.
pub(crate) struct CertificateParts<'a> {
    pub serial: Tlv<'a>,
    pub issuer: Tlv<'a>,
    pub spki: Tlv<'a>,
}

/// Opens a DER certificate (RFC 5280 § 4.1) without judging it.
pub(crate) fn certificate(der: &[u8]) -> Result<CertificateParts<'_>, CmsError> {
    const WHAT: &str = "certificate";
    let (outer, rest) = first(der, WHAT)?;
    if !rest.is_empty() {
        return Err(CmsError::Malformed(WHAT));
    }
    let parts = outer.open(Tag::Sequence, WHAT)?;
    let tbs = parts
        .first()
        .ok_or(CmsError::Malformed(WHAT))?
        .open(Tag::Sequence, WHAT)?;
    let skip = usize::from(tbs.first().is_some_and(|t| t.tag == context(0)));
    match tbs.get(skip..) {
        Some([serial, _algorithm, issuer, _validity, _subject, spki, ..])
            if serial.tag == Tag::Integer =>
        {
            Ok(CertificateParts {
                serial: *serial,
                issuer: *issuer,
                spki: *spki,
            })
        }
        _ => Err(CmsError::Malformed(WHAT)),
    }
}
