//! Streams that are unpacked while a file is opened: cross-reference streams and object streams (ISO 32000-2 § 7.5.7, 7.5.8). They are
//! counted before the parser gets to see them.

use super::PdfError;
use super::lex::{at, skip_space};
use super::unpack::Budget;
use hayro_syntax::object::{Array, Dict, FromBytes, Name, Stream};
use memchr::memmem;
use std::collections::HashSet;

/// Most bytes that one cross-reference stream may unpack to: four million entries of eight bytes.
const MAX_REFERENCES: u64 = 32 * 1024 * 1024;

/// Refuses bytes that would unpack to too much as soon as a parser opens them: for whoever opens them with another reading than
/// [`super::Document`]'s.
pub fn check_opening(data: &[u8]) -> Result<(), PdfError> {
    let structure = super::document::guarded(|| super::structure::Structure::read(data))?;
    check(data, &structure.streams)
}

/// Refuses a file whose object streams unpack to more than [`super::MAX_UNPACKED`]. `references` are the offsets of the dictionaries of
/// its cross-reference streams.
pub(super) fn check(data: &[u8], references: &[usize]) -> Result<(), PdfError> {
    let mut containers = HashSet::new();
    for offset in references {
        collect(data.get(*offset..).unwrap_or_default(), &mut containers)?;
    }
    let mut budget = Budget::new();
    for found in memmem::find_iter(data, b"obj") {
        let start = skip_space(data, found + 3);
        if !at(data, start, b"<<") {
            continue;
        }
        let listed = number_before(data, found).is_some_and(|n| containers.contains(&n));
        let Some(dict) = head(data, start, listed) else {
            continue;
        };
        let kind = dict.get::<Name<'_>>("Type");
        // A file that has to be repaired finds its object streams by their type.
        if listed || kind.is_some_and(|k| matches!(k.as_ref(), b"ObjStm" | b"XRef")) {
            let stream = Stream::from_bytes(data.get(start..).unwrap_or_default());
            stream.map_or(Ok(()), |stream| budget.stream(&stream))?;
        }
    }
    Ok(())
}

/// The dictionary at `start`, if it can be one of an object stream at all.
fn head(data: &[u8], start: usize, listed: bool) -> Option<Dict<'_>> {
    /// Dictionaries of these streams are short; what stands further back cannot be the type of one.
    const WINDOW: usize = 4096;
    let rest = data.get(start..)?;
    let near = rest.get(..WINDOW).unwrap_or(rest);
    let named = |word: &[u8]| memmem::find(near, word).is_some();
    (listed || named(b"ObjStm") || named(b"XRef") || named(b"#"))
        .then(|| Dict::from_bytes(rest))
        .flatten()
}

/// The object number in `number generation obj`, where `obj` stands at `position`.
fn number_before(data: &[u8], position: usize) -> Option<u32> {
    const LONGEST: usize = 64;
    let text = data.get(position.saturating_sub(LONGEST)..position)?;
    let mut words = text
        .split(|byte| !byte.is_ascii_digit())
        .rev()
        .filter(|word| !word.is_empty());
    let (_generation, number) = (words.next()?, words.next()?);
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// Adds the numbers of the object streams that a cross-reference stream names.
fn collect(data: &[u8], containers: &mut HashSet<u32>) -> Result<(), PdfError> {
    const WHAT: PdfError = PdfError::Damaged("the cross-reference table");
    let stream = Stream::from_bytes(data).ok_or(WHAT)?;
    Budget::of(MAX_REFERENCES).stream(&stream)?;
    let widths: Vec<usize> = stream
        .dict()
        .get::<Array<'_>>("W")
        .ok_or(WHAT)?
        .iter::<usize>()
        .collect();
    let [kind, container, rest] = *widths.as_slice() else {
        return Err(WHAT);
    };
    let row = kind.saturating_add(container).saturating_add(rest);
    if row == 0 || row > 64 {
        return Err(WHAT);
    }
    let decoded = stream.decoded_data().map_err(|_| WHAT)?;
    for entry in decoded.chunks_exact(row) {
        let (first, others) = entry.split_at(kind.min(entry.len()));
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0u64, |number, byte| number << 8 | u64::from(*byte))
        };
        if kind > 0 && number(first) == 2 {
            let number = number(others.get(..container).unwrap_or_default());
            containers.extend(u32::try_from(number));
        }
    }
    Ok(())
}
