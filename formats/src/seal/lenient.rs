//! BER as vendors write it: definite lengths, but integers and lengths that need not be minimal.

use der::DateTime;

/// One element: tag byte, content, and all its bytes as received.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub tag: u8,
    pub value: &'a [u8],
    pub whole: &'a [u8],
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

impl<'a> Element<'a> {
    /// Reads the first element of `input` and returns it with what follows.
    pub(super) fn read(input: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&tag, after_tag) = input.split_first()?;
        // Tags of more than one byte occur nowhere in seals.
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (&first, after_first) = after_tag.split_first()?;
        let (length, body) = match first {
            0..=0x7F => (usize::from(first), after_first),
            0x81..=0x84 => {
                let (digits, body) = after_first.split_at_checked(usize::from(first & 0x0F))?;
                (
                    digits
                        .iter()
                        .fold(0usize, |sum, byte| (sum << 8) | usize::from(*byte)),
                    body,
                )
            }
            _ => return None,
        };
        let (value, rest) = body.split_at_checked(length)?;
        let whole = input.get(..input.len().checked_sub(rest.len())?)?;
        Some((Self { tag, value, whole }, rest))
    }

    /// Reads `input` as exactly one element.
    pub(super) fn only(input: &'a [u8]) -> Option<Self> {
        Self::read(input)
            .filter(|(_, rest)| rest.is_empty())
            .map(|(element, _)| element)
    }

    /// The elements inside a SEQUENCE or another constructed element.
    pub(super) fn children(&self) -> Option<Vec<Self>> {
        if self.tag & 0x20 == 0 {
            return None;
        }
        let mut found = Vec::new();
        let mut rest = self.value;
        while !rest.is_empty() {
            let (element, after) = Self::read(rest)?;
            found.push(element);
            rest = after;
        }
        Some(found)
    }

    /// The content when the tag is the expected one.
    pub(super) fn tagged(&self, tag: u8) -> Option<&'a [u8]> {
        (self.tag == tag).then_some(self.value)
    }

    /// An INTEGER from 0 to 2³²−1, minimal or not.
    pub(super) fn number(&self) -> Option<u32> {
        let digits = unsigned(self.tagged(INTEGER)?);
        if digits.len() > 4 {
            return None;
        }
        Some(
            digits
                .iter()
                .fold(0, |sum, byte| (sum << 8) | u32::from(*byte)),
        )
    }

    /// A character string of any of the usual types.
    pub(super) fn text(&self) -> Option<String> {
        // UTF8String, PrintableString, T61String, IA5String, VisibleString.
        if !matches!(self.tag, 0x0C | 0x13 | 0x14 | 0x16 | 0x1A) {
            return None;
        }
        String::from_utf8(self.value.to_vec()).ok()
    }

    /// The bytes of a BIT STRING of whole bytes.
    pub(super) fn bits(&self) -> Option<&'a [u8]> {
        match self.tagged(BIT_STRING)?.split_first()? {
            (0, bytes) => Some(bytes),
            _ => None,
        }
    }

    /// GeneralizedTime or UTCTime in UTC as Unix seconds; a fraction is dropped, a missing `Z` overlooked.
    pub(super) fn time(&self) -> Option<u64> {
        let text = std::str::from_utf8(self.value).ok()?;
        let digits = text.split(['Z', '.']).next()?;
        let digits = match self.tag {
            0x18 => digits.to_owned(),
            0x17 => format!("20{digits}"),
            _ => return None,
        };
        if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let part = |from: usize| digits.get(from..from + 2)?.parse::<u8>().ok();
        let year = digits.get(..4)?.parse().ok()?;
        let date = DateTime::new(year, part(4)?, part(6)?, part(8)?, part(10)?, part(12)?).ok()?;
        Some(date.unix_duration().as_secs())
    }
}

/// Without leading zeros.
pub(super) fn unsigned(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|byte| **byte == 0).count();
    digits.get(zeros..).unwrap_or_default()
}

/// A signature as canonical DER `SEQUENCE { r, s }`, from that, from one with integers that are not minimal, or
/// from raw r‖s of 64 bytes (KOAL writes both).
pub(super) fn canonical_signature(bytes: &[u8]) -> Option<Vec<u8>> {
    let integers = Element::only(bytes).and_then(|sequence| sequence.children());
    let (r, s) = match integers.as_deref() {
        Some([r, s]) => (r.tagged(INTEGER)?, s.tagged(INTEGER)?),
        _ if bytes.len() == 64 => bytes.split_at_checked(32)?,
        _ => return None,
    };
    let body = [integer(unsigned(r))?, integer(unsigned(s))?].concat();
    Some([vec![SEQUENCE, u8::try_from(body.len()).ok()?], body].concat())
}

fn integer(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || digits.len() > 32 {
        return None;
    }
    let sign = digits
        .first()
        .is_some_and(|first| *first >= 0x80)
        .then_some(0);
    let mut value: Vec<u8> = sign.into_iter().collect();
    value.extend_from_slice(digits);
    Some([vec![INTEGER, u8::try_from(value.len()).ok()?], value].concat())
}
