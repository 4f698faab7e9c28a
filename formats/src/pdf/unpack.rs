//! How much streams unpack to, counted without unpacking them into memory: a file of kilobytes can hold gigabytes.

use super::{MAX_UNPACKED, PdfError};
use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::object::{Dict, Name, Object, Stream};
use std::borrow::Cow;

/// The most that one byte can unpack to: DEFLATE (RFC 1951), LZW (one 12-bit code for 4096 bytes), run lengths (ISO 32000-2 § 7.4.5).
const DEFLATE_RATIO: u64 = 1032;
const LZW_RATIO: u64 = 2731;
const RUN_LENGTH_RATIO: u64 = 64;
/// What lies between two filters is unpacked into memory, up to this size.
const MAX_BETWEEN: usize = 16 * 1024 * 1024;
const BUFFER: usize = 64 * 1024;

/// What may still be unpacked.
pub(super) struct Budget {
    left: u64,
}

/// How a stream is packed (ISO 32000-2 § 7.4).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filter {
    Hexadecimal,
    Base85,
    Lzw,
    Deflate,
    RunLength,
    Image,
    /// Nothing that the parser unpacks.
    Other,
}

/// A stream between two filters: the bytes, or what they are at most.
enum Between<'a> {
    Bytes(Cow<'a, [u8]>),
    AtMost(u64),
}

impl Budget {
    /// [`MAX_UNPACKED`].
    pub fn new() -> Self {
        Self::of(MAX_UNPACKED)
    }

    /// A number of bytes.
    pub fn of(left: u64) -> Self {
        Self { left }
    }

    /// Counts what a stream unpacks to up to an image filter, whose output the image's size bounds.
    pub fn stream(&mut self, stream: &Stream<'_>) -> Result<(), PdfError> {
        self.predictor_rows(stream.dict())?;
        self.packed(&filters(stream.dict())?, stream.raw_data())
    }

    /// The same of an image that stands in a content stream, whose data begins at the start of `data`.
    pub fn inline(&mut self, dict: &Dict<'_>, data: &[u8]) -> Result<(), PdfError> {
        self.predictor_rows(dict)?;
        self.packed(&filters(dict)?, data.into())
    }

    fn packed(&mut self, filters: &[Filter], data: Cow<'_, [u8]>) -> Result<(), PdfError> {
        let mut now = Between::Bytes(data);
        for (index, filter) in filters.iter().enumerate() {
            if *filter == Filter::Image {
                return Ok(());
            }
            now = self.step(*filter, now, index + 1 == filters.len())?;
        }
        Ok(())
    }

    fn step<'a>(
        &mut self,
        filter: Filter,
        now: Between<'a>,
        last: bool,
    ) -> Result<Between<'a>, PdfError> {
        let bytes = match now {
            Between::Bytes(bytes) => bytes,
            Between::AtMost(size) => {
                let most = size.saturating_mul(ratio(filter));
                self.take(most)?;
                return Ok(Between::AtMost(most));
            }
        };
        let next = match filter {
            Filter::Hexadecimal => Between::Bytes(hexadecimal(&bytes).into()),
            Filter::Base85 => Between::Bytes(base_85(&bytes).into()),
            Filter::Deflate if !last => Between::Bytes(self.inflated(&bytes)?.into()),
            Filter::Deflate => Between::AtMost(self.inflated_size(&bytes)),
            Filter::RunLength => Between::AtMost(run_length_size(&bytes)),
            Filter::Lzw => Between::AtMost(lzw_size(&bytes)),
            _ => Between::Bytes(bytes),
        };
        self.take(match &next {
            Between::Bytes(bytes) => bytes.len() as u64,
            Between::AtMost(size) => *size,
        })?;
        Ok(next)
    }

    /// Takes a number of bytes.
    pub fn take(&mut self, bytes: u64) -> Result<(), PdfError> {
        self.left = self.left.checked_sub(bytes).ok_or(PdfError::Unpacked)?;
        Ok(())
    }

    /// A predictor sets aside one row, whose length the file says.
    fn predictor_rows(&self, dict: &Dict<'_>) -> Result<(), PdfError> {
        let fits = |parameters: &Dict<'_>| {
            let number =
                |key: &str, default| parameters.get::<usize>(key).map_or(default, |n| n as u64);
            number("Colors", 1)
                .checked_mul(number("BitsPerComponent", 8))
                .and_then(|pixel| pixel.checked_mul(number("Columns", 1)))
                .is_some_and(|row| row / 8 <= self.left)
        };
        if parameters(dict).iter().all(fits) {
            Ok(())
        } else {
            Err(PdfError::Unpacked)
        }
    }

    /// Size of what DEFLATE gives, at most `self.left + BUFFER`; what is damaged counts as the worst.
    fn inflated_size(&self, data: &[u8]) -> u64 {
        let mut size = 0;
        let rest = inflate(data, |part| {
            size += part.len() as u64;
            size <= self.left
        });
        size.saturating_add(rest.saturating_mul(DEFLATE_RATIO))
    }

    fn inflated(&self, data: &[u8]) -> Result<Vec<u8>, PdfError> {
        let mut out = Vec::new();
        inflate(data, |part| {
            out.extend_from_slice(part);
            out.len() <= MAX_BETWEEN
        });
        if out.len() > MAX_BETWEEN {
            return Err(PdfError::Unpacked);
        }
        Ok(out)
    }
}

/// The parameters of the filters.
pub(super) fn parameters<'a>(dict: &Dict<'a>) -> Vec<Dict<'a>> {
    ["DecodeParms", "DP"]
        .iter()
        .flat_map(|key| match dict.get::<Object<'a>>(*key) {
            Some(Object::Dict(one)) => vec![one],
            Some(Object::Array(several)) => several.iter::<Dict<'a>>().collect(),
            _ => Vec::new(),
        })
        .collect()
}

/// The filters in order. One that cannot be seen is refused: the parser might find it where this does not.
fn filters(dict: &Dict<'_>) -> Result<Vec<Filter>, PdfError> {
    const WHAT: PdfError = PdfError::Damaged("a stream's filter");
    let mut found = Vec::new();
    for key in ["F", "Filter"] {
        match dict.get::<Object<'_>>(key) {
            Some(Object::Name(name)) => found.push(filter(&name)),
            Some(Object::Array(names)) => {
                let seen: Vec<Filter> = names.iter::<Name<'_>>().map(|n| filter(&n)).collect();
                if seen.len() != names.raw_iter().count() {
                    return Err(WHAT);
                }
                found.extend(seen);
            }
            None if dict.contains_key(key) => return Err(WHAT),
            _ => {}
        }
    }
    Ok(found)
}

fn filter(name: &Name<'_>) -> Filter {
    match name.as_ref() {
        b"ASCIIHexDecode" | b"AHx" => Filter::Hexadecimal,
        b"ASCII85Decode" | b"A85" => Filter::Base85,
        b"LZWDecode" | b"LZW" => Filter::Lzw,
        b"FlateDecode" | b"Fl" => Filter::Deflate,
        b"RunLengthDecode" | b"RL" => Filter::RunLength,
        b"DCTDecode" | b"DCT" | b"JPXDecode" | b"JBIG2Decode" | b"CCITTFaxDecode" | b"CCF" => {
            Filter::Image
        }
        _ => Filter::Other,
    }
}

fn ratio(filter: Filter) -> u64 {
    match filter {
        Filter::Deflate => DEFLATE_RATIO,
        Filter::Lzw => LZW_RATIO,
        Filter::RunLength => RUN_LENGTH_RATIO,
        // Base 85 writes four zero bytes as one letter.
        Filter::Base85 => 4,
        _ => 1,
    }
}

/// Hands the unpacked parts to `sink` until it says stop; gives how many packed bytes could not be read.
fn inflate(data: &[u8], mut sink: impl FnMut(&[u8]) -> bool) -> u64 {
    let mut buffer = vec![0; BUFFER];
    // The drawing library reads DEFLATE without a zlib header, too.
    let zlib = matches!(data, [first, second, ..] if first & 15 == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0);
    let mut decoder = Decompress::new(zlib);
    loop {
        let (before, produced) = (decoder.total_in(), decoder.total_out());
        let rest = data
            .get(usize::try_from(before).unwrap_or(usize::MAX)..)
            .unwrap_or_default();
        let status = decoder.decompress(rest, &mut buffer, FlushDecompress::None);
        let out = (decoder.total_out() - produced) as usize;
        let wants_more = sink(buffer.get(..out).unwrap_or_default());
        let stuck = out == 0 && decoder.total_in() == before;
        match status {
            Ok(Status::StreamEnd) => return 0,
            Ok(_) if !wants_more || stuck => return 0,
            Ok(_) => {}
            Err(_) => return data.len() as u64 - decoder.total_in(),
        }
    }
}

fn hexadecimal(data: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = data
        .iter()
        .take_while(|byte| **byte != b'>')
        .filter_map(|byte| u8::try_from(char::from(*byte).to_digit(16)?).ok())
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit) << (4 * (2 - pair.len())))
        .collect()
}

fn base_85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut group: Vec<u8> = Vec::with_capacity(5);
    for byte in data.iter().take_while(|byte| **byte != b'~') {
        match byte {
            b'z' if group.is_empty() => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            _ => {}
        }
        if group.len() == 5 {
            out.extend_from_slice(&number_85(&group));
            group.clear();
        }
    }
    if let Some(count) = group.len().checked_sub(1) {
        group.resize(5, 84);
        out.extend(number_85(&group).iter().take(count));
    }
    out
}

fn number_85(group: &[u8]) -> [u8; 4] {
    group
        .iter()
        .fold(0u32, |number, digit| {
            number.wrapping_mul(85).wrapping_add(u32::from(*digit))
        })
        .to_be_bytes()
}

fn run_length_size(data: &[u8]) -> u64 {
    let (mut at, mut size) = (0, 0);
    while let Some(length) = data.get(at) {
        match u64::from(*length) {
            128 => break,
            copied @ 0..128 => {
                size += copied + 1;
                at += 2 + usize::from(*length);
            }
            repeated => {
                size += 257 - repeated;
                at += 2;
            }
        }
    }
    size
}

/// Follows the codes and keeps the lengths of their strings only. Both meanings of `/EarlyChange` differ by one code in when the width
/// grows; the file's is not asked for: each is tried and the larger size counts.
fn lzw_size(data: &[u8]) -> u64 {
    lzw_size_with(data, 1).max(lzw_size_with(data, 0))
}

fn lzw_size_with(data: &[u8], early: usize) -> u64 {
    const FIRST: usize = 258;
    let mut lengths = [1u64; 4096];
    let (mut next, mut width, mut previous) = (FIRST, 9, None);
    let (mut bits, mut count, mut size) = (0u32, 0, 0u64);
    for byte in data {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        if count < width {
            continue;
        }
        count -= width;
        let code = (bits >> count) as usize & ((1 << width) - 1);
        bits &= (1 << count) - 1;
        if code == 257 {
            break;
        }
        if code == 256 {
            (next, width, previous) = (FIRST, 9, None);
            continue;
        }
        if let (Some(before), Some(slot)) = (previous, lengths.get_mut(next)) {
            *slot = before + 1;
            next += 1;
        }
        let length = lengths.get(code).copied().unwrap_or(1);
        size = size.saturating_add(length);
        previous = Some(length);
        width = match next + early {
            0..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
    }
    size
}
