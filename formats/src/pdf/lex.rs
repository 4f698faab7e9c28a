//! Finding where PDF objects begin and end (ISO 32000-2 § 7.2, 7.3), without interpreting them.

use std::ops::Range;

/// Deeper nesting than this is refused: it would only serve to exhaust the stack.
const MAX_DEPTH: usize = 64;

/// One entry of a dictionary: the key's bytes without the slash, and where key and value lie.
pub(super) struct Entry<'a> {
    pub key: &'a [u8],
    pub span: Range<usize>,
    pub value: Range<usize>,
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

/// Position of the first byte at or after `pos` that is neither white space nor comment.
pub(super) fn skip_space(data: &[u8], mut pos: usize) -> usize {
    while let Some(&byte) = data.get(pos) {
        if byte == b'%' {
            pos += tail(data, pos)
                .iter()
                .take_while(|b| !matches!(b, b'\n' | b'\r'))
                .count();
        } else if is_space(byte) {
            pos += 1;
        } else {
            break;
        }
    }
    pos
}

/// Bytes from `pos` on.
pub(super) fn tail(data: &[u8], pos: usize) -> &[u8] {
    data.get(pos..).unwrap_or_default()
}

/// Whether `word` stands at `pos`.
pub(super) fn at(data: &[u8], pos: usize, word: &[u8]) -> bool {
    tail(data, pos).starts_with(word)
}

/// An unsigned integer at `pos` and the position after it.
pub(super) fn integer(data: &[u8], pos: usize) -> Option<(u64, usize)> {
    let digits = tail(data, pos)
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count();
    let text = std::str::from_utf8(data.get(pos..pos.checked_add(digits)?)?).ok()?;
    Some((text.parse().ok()?, pos + digits))
}

/// `number generation R` at `pos`.
pub(super) fn reference(data: &[u8], pos: usize) -> Option<(u32, u32, usize)> {
    let (number, after) = integer(data, pos)?;
    let (generation, after) = integer(data, skip_space(data, after))?;
    let end = skip_space(data, after);
    let is_reference = at(data, end, b"R") && !data.get(end + 1).copied().is_some_and(is_regular);
    is_reference.then_some(())?;
    Some((
        number.try_into().ok()?,
        generation.try_into().ok()?,
        end + 1,
    ))
}

/// `number generation obj` at `pos`: position after it.
pub(super) fn object_header(data: &[u8], pos: usize) -> Option<usize> {
    let (_, after) = integer(data, pos)?;
    let (_, after) = integer(data, skip_space(data, after))?;
    let word = skip_space(data, after);
    at(data, word, b"obj").then_some(word + 3)
}

/// Position after the value (a reference counts as one value) that starts at `pos`.
pub(super) fn skip_value(data: &[u8], pos: usize) -> Option<usize> {
    skip_nested(data, pos, 0)
}

fn skip_nested(data: &[u8], pos: usize, depth: usize) -> Option<usize> {
    if depth > MAX_DEPTH {
        return None;
    }
    match data.get(pos)? {
        b'<' if at(data, pos, b"<<") => skip_until(data, pos + 2, b">>", depth),
        b'<' => Some(pos + tail(data, pos).iter().position(|b| *b == b'>')? + 1),
        b'(' => skip_string(data, pos),
        b'[' => skip_until(data, pos + 1, b"]", depth),
        b'/' => Some(skip_regular(data, pos + 1)),
        byte if byte.is_ascii_digit() => {
            Some(reference(data, pos).map_or_else(|| skip_regular(data, pos), |(_, _, end)| end))
        }
        byte if is_regular(*byte) => Some(skip_regular(data, pos)),
        _ => None,
    }
}

fn skip_until(data: &[u8], mut pos: usize, end: &[u8], depth: usize) -> Option<usize> {
    loop {
        pos = skip_space(data, pos);
        if at(data, pos, end) {
            return Some(pos + end.len());
        }
        pos = skip_nested(data, pos, depth + 1)?;
    }
}

fn skip_regular(data: &[u8], pos: usize) -> usize {
    pos + tail(data, pos)
        .iter()
        .take_while(|b| is_regular(**b))
        .count()
}

fn skip_string(data: &[u8], pos: usize) -> Option<usize> {
    let mut open = 0usize;
    let mut escaped = false;
    for (offset, byte) in tail(data, pos).iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(pos + offset + 1);
        }
    }
    None
}

/// The entries of the dictionary that starts at `pos`, in file order, and the position after it.
pub(super) fn dictionary(data: &[u8], pos: usize) -> Option<(Vec<Entry<'_>>, usize)> {
    if !at(data, pos, b"<<") {
        return None;
    }
    let mut entries = Vec::new();
    let mut pos = skip_space(data, pos + 2);
    while !at(data, pos, b">>") {
        if data.get(pos) != Some(&b'/') {
            return None;
        }
        let key_end = skip_regular(data, pos + 1);
        let start = skip_space(data, key_end);
        let end = skip_value(data, start)?;
        entries.push(Entry {
            key: data.get(pos + 1..key_end)?,
            span: pos..end,
            value: start..end,
        });
        pos = skip_space(data, end);
    }
    Some((entries, pos + 2))
}

/// The value of the last entry named `key`.
pub(super) fn entry<'a, 'b>(entries: &'b [Entry<'a>], key: &str) -> Option<&'b Entry<'a>> {
    entries.iter().rev().find(|e| e.key == key.as_bytes())
}

/// Four unsigned integers between brackets: a direct `/ByteRange`.
pub(super) fn four_integers(data: &[u8]) -> Option<[u64; 4]> {
    let mut pos = usize::from(data.first() == Some(&b'['));
    let mut found = [0; 4];
    for slot in &mut found {
        (*slot, pos) = integer(data, skip_space(data, pos))?;
    }
    let end = skip_space(data, pos);
    matches!(tail(data, end), b"" | b"]").then_some(found)
}
