//! Object identifiers with arcs of any size.

use super::CmsError;
use der::asn1::ObjectIdentifier;

/// An object identifier as its DER content bytes.
///
/// `const-oid` stops at arcs of 32 bits and so cannot hold `2.25.<uuid>` (ITU-T X.667), which is the arc that
/// anyone may use without registering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oid(Vec<u8>);

impl Oid {
    /// Reads dotted decimal such as `2.25.329800735698586629295641978511506172918`; arcs below 2^128.
    pub fn from_dotted(text: &str) -> Result<Self, CmsError> {
        let arcs = text
            .split('.')
            .map(parse_arc)
            .collect::<Result<Vec<_>, _>>()?;
        let [first, second, rest @ ..] = arcs.as_slice() else {
            return Err(CmsError::BadOid);
        };
        if *first > 2 || (*first < 2 && *second > 39) {
            return Err(CmsError::BadOid);
        }
        let root = second.checked_add(first * 40).ok_or(CmsError::BadOid)?;
        let mut bytes = Vec::new();
        push_arc(&mut bytes, root);
        rest.iter().for_each(|arc| push_arc(&mut bytes, *arc));
        Ok(Self(bytes))
    }

    /// From the content bytes of DER that was read.
    pub(crate) fn of_der(content: &[u8]) -> Self {
        Self(content.to_vec())
    }

    /// The content bytes, without tag and length.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<ObjectIdentifier> for Oid {
    fn from(oid: ObjectIdentifier) -> Self {
        Self(oid.as_bytes().to_vec())
    }
}

fn parse_arc(text: &str) -> Result<u128, CmsError> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return Err(CmsError::BadOid);
    }
    text.parse().map_err(|_| CmsError::BadOid)
}

fn push_arc(out: &mut Vec<u8>, arc: u128) {
    let groups = (128 - arc.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let more = if group == 0 { 0 } else { 0x80 };
        out.push(((arc >> (7 * group)) & 0x7f) as u8 | more);
    }
}
