//! Deterministic CBOR (RFC 8949 § 4.2.1): the encoding of channel messages and of everything that is signed or hashed.
//!
//! One value has one spelling: shortest integers and lengths, definite lengths, map keys sorted bytewise by their
//! encoding (shorter keys first), no tags, no floats, no undefined. [`encode`] sorts map keys itself, so a struct may declare its
//! fields in any order; structs whose fields are declared in that order (shorter names first, then bytewise) are written without the
//! extra pass. Unknown map keys of a newer peer are ignored; extra array elements are refused.

use serde::{Serialize, de::DeserializeOwned};

/// Deepest nesting of arrays and maps.
pub const MAX_DEPTH: usize = 16;

/// Why bytes are no value, or a value has no deterministic encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CborError {
    /// The input ends inside an item, or a length reaches beyond the input.
    #[error("the CBOR input is cut short")]
    Truncated,
    /// Bytes follow the item, or an array has more elements than the type.
    #[error("bytes follow the CBOR item")]
    Trailing,
    /// Long integer, indefinite length, unsorted or repeated key, tag, float, or reserved value.
    #[error("the CBOR is not deterministic")]
    NotCanonical,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the CBOR is nested too deeply")]
    Depth,
    /// Well-formed, but not the expected shape.
    #[error("the CBOR has another shape")]
    Shape,
}

/// Encodes a value.
///
/// # Errors
/// [`CborError::NotCanonical`] for floats and repeated map keys, [`CborError::Depth`], [`CborError::Shape`] when the
/// value's own `Serialize` fails.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CborError> {
    let mut out = Vec::new();
    ciborium::into_writer(value, &mut out).map_err(|_| CborError::Shape)?;
    match check(&out) {
        Ok(()) => Ok(out),
        Err(CborError::NotCanonical) => sorted(&out),
        Err(other) => Err(other),
    }
}

/// Decodes one value that fills the input.
///
/// Nothing is allocated on the word of a length that the input does not hold.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CborError> {
    check(bytes)?;
    let mut rest = bytes;
    // Serde wraps enums and options in levels of their own, which ciborium counts too.
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, 4 * MAX_DEPTH)
        .map_err(|_| CborError::Shape)?;
    // A type that takes fewer elements than an array holds shifts everything after it and leaves bytes over.
    if !rest.is_empty() {
        return Err(CborError::Trailing);
    }
    Ok(value)
}

/// Rewrites maps with sorted keys.
fn sorted(bytes: &[u8]) -> Result<Vec<u8>, CborError> {
    let mut value: ciborium::Value = ciborium::from_reader(bytes).map_err(|_| CborError::Shape)?;
    sort(&mut value)?;
    let mut out = Vec::with_capacity(bytes.len());
    ciborium::into_writer(&value, &mut out).map_err(|_| CborError::Shape)?;
    check(&out)?;
    Ok(out)
}

fn sort(value: &mut ciborium::Value) -> Result<(), CborError> {
    match value {
        ciborium::Value::Array(items) => items.iter_mut().try_for_each(sort),
        ciborium::Value::Map(entries) => {
            let mut keyed = Vec::with_capacity(entries.len());
            for (mut key, mut item) in entries.drain(..) {
                sort(&mut key)?;
                sort(&mut item)?;
                let mut name = Vec::new();
                ciborium::into_writer(&key, &mut name).map_err(|_| CborError::Shape)?;
                keyed.push((name, key, item));
            }
            keyed.sort_by(|a, b| a.0.cmp(&b.0));
            entries.extend(keyed.into_iter().map(|(_, key, item)| (key, item)));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// One open array or map.
struct Level<'a> {
    left: u64,
    /// For maps: whether a key comes next, and the previous key's encoding.
    map: Option<(bool, &'a [u8])>,
}

/// Checks that the bytes are exactly one deterministic item; allocates [`MAX_DEPTH`] levels at most.
pub fn check(bytes: &[u8]) -> Result<(), CborError> {
    let mut stack: Vec<Level<'_>> = Vec::new();
    let mut rest = bytes;
    loop {
        let start = rest;
        let (major, argument) = head(&mut rest)?;
        match major {
            0 | 1 | 7 => {}
            2 | 3 => {
                let length = usize::try_from(argument).map_err(|_| CborError::Truncated)?;
                let (text, after) = rest.split_at_checked(length).ok_or(CborError::Truncated)?;
                if major == 3 && std::str::from_utf8(text).is_err() {
                    return Err(CborError::Shape);
                }
                rest = after;
            }
            4 | 5 => {
                open(&mut stack, major, argument, rest.len())?;
                if argument > 0 {
                    continue;
                }
                stack.pop();
            }
            _ => return Err(CborError::NotCanonical),
        }
        if close(&mut stack, start, rest)? {
            return if rest.is_empty() {
                Ok(())
            } else {
                Err(CborError::Trailing)
            };
        }
    }
}

fn open(stack: &mut Vec<Level<'_>>, major: u8, count: u64, room: usize) -> Result<(), CborError> {
    if stack.len() >= MAX_DEPTH {
        return Err(CborError::Depth);
    }
    // Keys that are arrays or maps have no use here and would make the order check recursive.
    if matches!(
        stack.last(),
        Some(Level {
            map: Some((true, _)),
            ..
        })
    ) {
        return Err(CborError::NotCanonical);
    }
    let left = if major == 5 {
        count.checked_mul(2).ok_or(CborError::Truncated)?
    } else {
        count
    };
    if left > room as u64 {
        return Err(CborError::Truncated);
    }
    stack.push(Level {
        left,
        map: (major == 5).then_some((true, &[][..])),
    });
    Ok(())
}

/// Counts a finished item in the levels around it; true when the outermost one is complete.
fn close<'a>(stack: &mut Vec<Level<'a>>, start: &'a [u8], rest: &[u8]) -> Result<bool, CborError> {
    let mut item = start.get(..start.len() - rest.len()).unwrap_or_default();
    while let Some(level) = stack.last_mut() {
        level.left -= 1;
        if let Some((key_next, last)) = &mut level.map {
            if *key_next {
                // The encoding of a key starts with its length, so bytewise order is also shorter-first.
                if !last.is_empty() && item <= *last {
                    return Err(CborError::NotCanonical);
                }
                *last = item;
            }
            *key_next = !*key_next;
        }
        if level.left > 0 {
            return Ok(false);
        }
        stack.pop();
        item = &[];
    }
    Ok(true)
}

/// Reads a head in its shortest form: major type and argument.
fn head(rest: &mut &[u8]) -> Result<(u8, u64), CborError> {
    let (&first, mut after) = rest.split_first().ok_or(CborError::Truncated)?;
    let (major, low) = (first >> 5, first & 0x1f);
    if major == 7 && !matches!(low, 20..=22) {
        return Err(CborError::NotCanonical);
    }
    let (width, least) = match low {
        0..=23 => (0, 0),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        _ => return Err(CborError::NotCanonical),
    };
    let mut argument = u64::from(low);
    if width > 0 {
        let (bytes, next) = after.split_at_checked(width).ok_or(CborError::Truncated)?;
        argument = bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        if argument < least {
            return Err(CborError::NotCanonical);
        }
        after = next;
    }
    *rest = after;
    Ok((major, argument))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sample {
        longer: u32,
        b: Option<String>,
        #[serde(with = "serde_bytes")]
        a: Vec<u8>,
    }

    #[test]
    fn keys_are_sorted_shorter_first() {
        let sample = Sample {
            longer: 500,
            b: None,
            a: vec![1],
        };
        let bytes = encode(&sample).unwrap();
        assert_eq!(hex::encode(&bytes), "a3616141016162f6666c6f6e6765721901f4");
        assert_eq!(decode::<Sample>(&bytes), Ok(sample));
    }

    #[test]
    fn unknown_keys_are_ignored_and_extra_elements_are_refused() {
        let bytes = encode(&BTreeMap::from([("a", 1), ("zz", 2)])).unwrap();
        #[derive(Debug, Deserialize)]
        struct Narrow {
            a: u8,
        }
        assert_eq!(decode::<Narrow>(&bytes).unwrap().a, 1);
        assert_eq!(
            decode::<(u8, u8)>(&encode(&[1, 2, 3]).unwrap()),
            Err(CborError::Trailing)
        );
        let nested = encode(&vec![vec![1, 2, 3], vec![4, 5, 6]]).unwrap();
        assert_eq!(decode::<Vec<(u8, u8)>>(&nested), Err(CborError::Shape));
    }

    #[test]
    fn other_spellings_are_refused() {
        let cases: [(&str, CborError); 18] = [
            ("", CborError::Truncated),
            ("1817", CborError::NotCanonical),
            ("190017", CborError::NotCanonical),
            ("1a00000100", CborError::NotCanonical),
            ("1b0000000000000001", CborError::NotCanonical),
            ("5800", CborError::NotCanonical),
            ("9f01ff", CborError::NotCanonical),
            ("5f4101ff", CborError::NotCanonical),
            ("c101", CborError::NotCanonical),
            ("c24101", CborError::NotCanonical),
            ("f93c00", CborError::NotCanonical),
            ("f7", CborError::NotCanonical),
            ("f818", CborError::NotCanonical),
            ("0101", CborError::Trailing),
            ("a2616201616101", CborError::NotCanonical),
            ("a2616101616102", CborError::NotCanonical),
            ("9b7fffffffffffffff", CborError::Truncated),
            ("5bffffffffffffffff", CborError::Truncated),
        ];
        for (text, error) in cases {
            assert_eq!(check(&hex::decode(text).unwrap()), Err(error), "{text}");
        }
        assert_eq!(check(&[0x81; 17]), Err(CborError::Depth));
        assert_eq!(encode(&1.5f64), Err(CborError::NotCanonical));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_back(longer: u32, b: Option<String>, a: Vec<u8>) {
            let sample = Sample { longer, b, a };
            let bytes = encode(&sample).unwrap();
            prop_assert_eq!(decode::<Sample>(&bytes), Ok(sample));
        }

        #[test]
        fn any_bytes_are_a_value_or_an_error(bytes: Vec<u8>) {
            if let Ok(value) = decode::<ciborium::Value>(&bytes) {
                prop_assert_eq!(encode(&value).unwrap(), bytes);
            }
        }
    }
}
