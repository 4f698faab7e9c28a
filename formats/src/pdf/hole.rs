//! The place of the signature: checking it before signing, filling it afterwards.

use super::PdfError;
use super::document::{Document, guarded};
use super::fields::SignatureField;
use super::lex::{dictionary, four_integers, tail};
use hayro_syntax::object::Name;
use sha2::{Digest, Sha256};
use sm3::Sm3;
use std::ops::Range;

/// Kinds of signatures that a key makes here.
const SIGNATURES: [&[u8]; 2] = [b"ETSI.CAdES.detached", b"adbe.pkcs7.detached"];
/// A timestamp of the file.
const TIMESTAMP: &[u8] = b"ETSI.RFC3161";

/// What the signer signs, found by the signer in the very bytes that were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToBeSigned {
    /// `/ByteRange`: everything but the place of the signature.
    pub byte_range: [u64; 4],
    /// SHA-256 over these bytes.
    pub sha256: [u8; 32],
    /// Full name of the field that will hold the signature.
    pub field: String,
}

/// Checks that a signature at the prepared place would cover the whole file, and returns the digest to sign.
///
/// Required: exactly one signature field whose `/Contents` is all zeros; its dictionary stands in the file itself
/// (not in an object stream) and in the last revision; `/ByteRange [0 a b c]` with b + c = file length, and the
/// hole a..b is exactly that `/Contents`, brackets included.
pub fn to_be_signed(bytes: &[u8]) -> Result<ToBeSigned, PdfError> {
    digest(bytes, &SIGNATURES)
}

/// [`to_be_signed`] for the place that [`super::prepare_timestamp`] made: the digest that the timestamping service is asked for. Nobody's key signs it.
///
/// # Errors
/// As [`to_be_signed`]; [`PdfError::SubFilter`] for a signature's place.
pub fn to_be_timestamped(bytes: &[u8]) -> Result<ToBeSigned, PdfError> {
    digest(bytes, &[TIMESTAMP])
}

fn digest(bytes: &[u8], kinds: &[&[u8]]) -> Result<ToBeSigned, PdfError> {
    let (field, hole) = guarded(|| find_hole(bytes, kinds))?;
    let before = bytes.get(..hole.start).unwrap_or_default();
    let sha256 = hash::<Sha256>(before, tail(bytes, hole.end));
    let byte_range = [0, hole.start, hole.end, bytes.len() - hole.end].map(|n| n as u64);
    Ok(ToBeSigned {
        byte_range,
        sha256,
        field,
    })
}

/// The same bytes under SM3, for a key that signs with SM2: the digest follows from the key.
///
/// # Errors
/// As [`to_be_signed`].
pub fn to_be_signed_sm3(bytes: &[u8]) -> Result<[u8; 32], PdfError> {
    let (_, hole) = guarded(|| find_hole(bytes, &SIGNATURES))?;
    let before = bytes.get(..hole.start).unwrap_or_default();
    Ok(hash::<Sm3>(before, tail(bytes, hole.end)))
}

pub(super) fn hash<D: Digest<OutputSize = sha2::digest::consts::U32>>(
    first: &[u8],
    second: &[u8],
) -> [u8; 32] {
    let mut digest = D::new();
    digest.update(first);
    digest.update(second);
    digest.finalize().into()
}

/// Writes the CMS object or timestamp token into the prepared place, under the same checks as [`to_be_signed`]; the rest of the place
/// stays zero. Nothing is changed on error.
pub fn embed(bytes: &mut [u8], cms: &[u8]) -> Result<(), PdfError> {
    let [cades, pkcs7] = SIGNATURES;
    let (_, hole) = guarded(|| find_hole(bytes, &[cades, pkcs7, TIMESTAMP]))?;
    let place = bytes
        .get_mut(hole.start + 1..hole.end - 1)
        .unwrap_or_default();
    let room = place.len() / 2;
    if cms.len() > room {
        return Err(PdfError::NoRoom {
            size: cms.len(),
            room,
        });
    }
    let digits = cms
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|n| if n < 10 { b'0' + n } else { b'A' + n - 10 });
    place
        .iter_mut()
        .zip(digits)
        .for_each(|(slot, digit)| *slot = digit);
    Ok(())
}

fn find_hole(bytes: &[u8], kinds: &[&[u8]]) -> Result<(String, Range<usize>), PdfError> {
    let document = Document::read(bytes)?;
    let mut waiting: Vec<_> = document
        .signature_fields()
        .into_iter()
        .filter(is_waiting)
        .collect();
    let count = waiting.len();
    let (Some(field), 1) = (waiting.pop(), count) else {
        return Err(PdfError::Placeholders(count));
    };
    let hole = check_hole(&document, &field, kinds)?;
    Ok((field.name, hole))
}

fn is_waiting(field: &SignatureField<'_>) -> bool {
    let contents = field
        .value
        .as_ref()
        .and_then(|v| super::fields::text(v, "Contents"));
    contents.is_some_and(|c| !c.is_empty() && c.iter().all(|b| *b == 0))
}

fn check_hole(
    document: &Document,
    field: &SignatureField<'_>,
    kinds: &[&[u8]],
) -> Result<Range<usize>, PdfError> {
    let bytes = document.bytes();
    let kind = field
        .value
        .as_ref()
        .and_then(|v| v.get::<Name<'_>>("SubFilter"));
    if !kind.is_some_and(|k| kinds.contains(&k.as_ref())) {
        return Err(PdfError::SubFilter);
    }
    let raw = field.value.as_ref().map(|v| v.data()).unwrap_or_default();
    let start = document
        .offset_of(raw)
        .ok_or(PdfError::ByteRange("the field is in an object stream"))?;
    if tail(bytes, start)
        .windows(9)
        .filter(|w| w == b"startxref")
        .count()
        != 1
    {
        return Err(PdfError::ByteRange("the field is not in the last revision"));
    }
    let (entries, _) = dictionary(raw, 0).ok_or(PdfError::Damaged("the signature dictionary"))?;
    let only = |key: &str| {
        let mut found = entries.iter().filter(|e| e.key == key.as_bytes());
        match (found.next(), found.next()) {
            (Some(entry), None) => Ok(entry.value.clone()),
            _ => Err(PdfError::ByteRange(
                "/Contents and /ByteRange must occur once",
            )),
        }
    };
    let contents = only("Contents")?;
    let digits = match raw.get(contents.clone()) {
        Some([b'<', digits @ .., b'>']) => digits,
        _ => return Err(PdfError::ByteRange("/Contents is not a hexadecimal string")),
    };
    if digits.len() % 2 != 0 || digits.iter().any(|d| *d != b'0') {
        return Err(PdfError::ByteRange("/Contents is not all zeros"));
    }
    let hole = start + contents.start..start + contents.end;
    let range = raw
        .get(only("ByteRange")?)
        .filter(|r| r.first() == Some(&b'['))
        .and_then(four_integers);
    let expected = [0, hole.start, hole.end, bytes.len() - hole.end].map(|n| n as u64);
    if range != Some(expected) {
        return Err(PdfError::ByteRange(
            "/ByteRange must be everything but /Contents",
        ));
    }
    Ok(hole)
}
