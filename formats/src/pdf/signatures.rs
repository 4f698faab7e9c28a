//! The signatures of a file.

use super::PdfError;
use super::document::{Document, guarded};
use super::fields::{SignatureField, decode_text, text};
use super::hole::hash;
use super::lex::{four_integers, tail};
use crate::cms::{self, ID_SM3, Verified};
use hayro_syntax::object::{Array, Name};
use sha2::Sha256;
use sm3::Sm3;

/// One signature field that holds a signature or waits for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureView {
    /// Full name of the field.
    pub field: String,
    /// `/SubFilter`, such as `ETSI.CAdES.detached`.
    pub sub_filter: String,
    /// `/ByteRange` as written; zeros if it is missing.
    pub byte_range: [u64; 4],
    /// `/Contents`: the CMS object, zero-padded.
    pub contents: Vec<u8>,
    /// Whether the range starts at 0, ends at the end of the file and leaves out nothing but `/Contents`.
    /// False for earlier signatures of a file that was signed again.
    pub covers_whole_file: bool,
    /// Whether `/Contents` is all zeros: prepared, not signed.
    pub waiting: bool,
    /// `/Name`.
    pub signer_name: Option<String>,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/M` as written, such as `D:20260101120000+08'00'`.
    pub signed_at: Option<String>,
}

/// All signatures in the order of the form's fields.
pub fn signatures(bytes: &[u8]) -> Result<Vec<SignatureView>, PdfError> {
    guarded(|| {
        let document = Document::read(bytes)?;
        let fields = document.signature_fields();
        Ok(fields
            .iter()
            .filter_map(|field| view(bytes, field))
            .collect())
    })
}

/// Checks one signature's cryptography over the bytes that it covers; `view` comes from [`signatures`] over the
/// same bytes. What it does not check: trust in the certificate, and changes in later revisions
/// (`covers_whole_file` tells whether there are any).
pub fn verify_signature(bytes: &[u8], view: &SignatureView) -> Result<Verified, PdfError> {
    let [first, second] =
        covered(bytes, view).ok_or(PdfError::ByteRange("it leaves out more than /Contents"))?;
    let digest: [u8; 32] = match cms::digest_algorithm(&view.contents)? {
        ID_SM3 => hash::<Sm3>(first, second),
        _ => hash::<Sha256>(first, second),
    };
    Ok(cms::verify(&view.contents, &digest)?)
}

pub(super) fn view(bytes: &[u8], field: &SignatureField<'_>) -> Option<SignatureView> {
    let dict = field.value.as_ref()?;
    let contents = text(dict, "Contents")?;
    let name = |key: &str| {
        dict.get::<Name<'_>>(key)
            .map(|n| String::from_utf8_lossy(n.as_ref()).into_owned())
    };
    let string = |key: &str| text(dict, key).map(|t| decode_text(&t));
    let range = dict
        .get::<Array<'_>>("ByteRange")
        .and_then(|a| four_integers(a.data()));
    let mut view = SignatureView {
        field: field.name.clone(),
        sub_filter: name("SubFilter").unwrap_or_default(),
        byte_range: range.unwrap_or_default(),
        waiting: contents.iter().all(|b| *b == 0),
        contents,
        covers_whole_file: false,
        signer_name: string("Name"),
        reason: string("Reason"),
        signed_at: string("M"),
    };
    let [_, _, start, length] = view.byte_range;
    let reaches_end = start.checked_add(length) == Some(bytes.len() as u64);
    view.covers_whole_file = reaches_end && covered(bytes, &view).is_some();
    Some(view)
}

/// The two covered parts, if they begin at 0 and the gap between them is exactly the hexadecimal `/Contents`.
pub(super) fn covered<'a>(bytes: &'a [u8], view: &SignatureView) -> Option<[&'a [u8]; 2]> {
    let [zero, first, second, length] = view
        .byte_range
        .map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    let gap = bytes.get(first..second)?;
    let [b'<', digits @ .., b'>'] = gap else {
        return None;
    };
    let same = digits.len() == 2 * view.contents.len()
        && digits
            .chunks(2)
            .zip(&view.contents)
            .all(|(pair, byte)| hex_pair(pair) == Some(*byte));
    let parts = [bytes.get(..first)?, tail(bytes, second).get(..length)?];
    (zero == 0 && same).then_some(parts)
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let [high, low] = pair else {
        return None;
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}
