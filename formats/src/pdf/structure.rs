//! The cross-reference chain: what a new revision must continue.

use super::PdfError;
use super::lex::{Entry, at, dictionary, entry, integer, object_header, skip_space, tail};
use std::collections::BTreeSet;
use std::ops::Range;

/// `startxref` must stand this near to the end; what follows it is at most a few stray bytes.
const END_WINDOW: usize = 4096;
const MAX_SECTIONS: usize = 1024;
/// Object numbers above this (ISO 32000-2 annex C) only serve to exhaust memory.
const MAX_OBJECT: u32 = 8_388_607;

/// What the next revision refers to.
pub(super) struct Structure {
    /// Offset of the newest cross-reference section.
    pub startxref: usize,
    /// Whether that section is a stream; the next one should be of the same style.
    pub stream_style: bool,
    /// First object number that nobody uses.
    pub next_object: u32,
    /// The newest trailer dictionary.
    pub trailer: Range<usize>,
    /// Offsets of the dictionaries of all cross-reference streams.
    pub streams: Vec<usize>,
}

struct Section<'a> {
    stream_style: bool,
    highest: u32,
    trailer: Range<usize>,
    entries: Vec<Entry<'a>>,
}

impl Structure {
    /// Follows the whole chain, so that a file whose repair would be guesswork is refused before it is signed.
    pub fn read(data: &[u8]) -> Result<Self, PdfError> {
        let startxref = last_startxref(data)?;
        let mut newest = None;
        let mut streams = Vec::new();
        let mut highest = 0;
        let mut seen = BTreeSet::new();
        let mut waiting = vec![startxref];
        while let Some(pos) = waiting.pop() {
            if !seen.insert(pos) || seen.len() > MAX_SECTIONS {
                return Err(PdfError::Damaged("the cross-reference chain"));
            }
            let section =
                read_section(data, pos).ok_or(PdfError::Damaged("the cross-reference table"))?;
            if entry(&section.entries, "Encrypt").is_some() {
                return Err(PdfError::Encrypted);
            }
            highest = highest.max(section.highest);
            for key in ["Prev", "XRefStm"] {
                if let Some(found) = entry(&section.entries, key) {
                    let (next, _) =
                        integer(data, found.value.start).ok_or(PdfError::Damaged("/Prev"))?;
                    waiting.push(usize::try_from(next).unwrap_or(usize::MAX));
                }
            }
            if section.stream_style {
                streams.push(section.trailer.start);
            }
            newest.get_or_insert((section.stream_style, section.trailer));
        }
        let (stream_style, trailer) = newest.ok_or(PdfError::Truncated)?;
        if highest > MAX_OBJECT {
            return Err(PdfError::Damaged("/Size"));
        }
        Ok(Self {
            startxref,
            stream_style,
            next_object: highest,
            trailer,
            streams,
        })
    }
}

fn last_startxref(data: &[u8]) -> Result<usize, PdfError> {
    const WORD: &[u8] = b"startxref";
    let window = data.len().saturating_sub(END_WINDOW);
    let end = data.get(window..).unwrap_or_default();
    let found = end
        .windows(WORD.len())
        .rposition(|w| w == WORD)
        .ok_or(PdfError::Truncated)?;
    let value = skip_space(data, window + found + WORD.len());
    let (offset, after) = integer(data, value).ok_or(PdfError::Truncated)?;
    // A few stray bytes may follow, but not the beginning of a revision whose end is missing.
    if tail(data, after).windows(4).any(|w| w == b" obj") {
        return Err(PdfError::Truncated);
    }
    match usize::try_from(offset) {
        Ok(offset) if offset < data.len() => Ok(offset),
        _ => Err(PdfError::Damaged("startxref")),
    }
}

fn read_section(data: &[u8], pos: usize) -> Option<Section<'_>> {
    let pos = skip_space(data, pos);
    if at(data, pos, b"xref") {
        read_table(data, pos + 4)
    } else {
        read_stream(data, pos)
    }
}

fn read_table(data: &[u8], pos: usize) -> Option<Section<'_>> {
    const ENTRY: u64 = 20;
    let mut pos = skip_space(data, pos);
    let mut highest = 0;
    while let Some((start, after)) = integer(data, pos) {
        let (count, after) = integer(data, skip_space(data, after))?;
        highest = highest.max(u32::try_from(start.checked_add(count)?).ok()?);
        let entries = usize::try_from(count.checked_mul(ENTRY)?).ok()?;
        pos = skip_space(data, skip_space(data, after).checked_add(entries)?);
    }
    let trailer = at(data, pos, b"trailer").then(|| skip_space(data, pos + 7))?;
    section(data, trailer, false, highest)
}

fn read_stream(data: &[u8], pos: usize) -> Option<Section<'_>> {
    let dict = skip_space(data, object_header(data, pos)?);
    let found = section(data, dict, true, 0)?;
    let kind = entry(&found.entries, "Type")?;
    (data.get(kind.value.clone())? == b"/XRef").then_some(found)
}

fn section(data: &[u8], pos: usize, stream_style: bool, listed: u32) -> Option<Section<'_>> {
    let (entries, end) = dictionary(data, pos)?;
    let (size, _) = integer(data, entry(&entries, "Size")?.value.start)?;
    let mut highest = listed.max(u32::try_from(size).ok()?);
    if let Some(index) = entry(&entries, "Index").filter(|_| stream_style) {
        let mut at = skip_space(data, index.value.start + 1);
        while let Some((start, after)) = integer(data, at) {
            let (count, after) = integer(data, skip_space(data, after))?;
            highest = highest.max(u32::try_from(start.checked_add(count)?).ok()?);
            at = skip_space(data, after);
        }
    }
    Some(Section {
        stream_style,
        highest,
        trailer: pos..end,
        entries,
    })
}
