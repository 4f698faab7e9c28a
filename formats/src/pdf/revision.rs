//! Writing one incremental revision (ISO 32000-2 § 7.5.6): objects, cross-reference section, trailer.

use super::PdfError;
use super::lex::{dictionary, entry};
use super::structure::Structure;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The file with the objects that were appended so far.
pub(super) struct Revision {
    pub out: Vec<u8>,
    written: Vec<(u32, u32, usize)>,
    next: u32,
}

impl Revision {
    /// Starts behind `original`, which is copied once; `room` is the expected size of what comes.
    pub fn after(original: &[u8], structure: &Structure, room: usize) -> Self {
        let mut out = Vec::with_capacity(original.len() + room);
        out.extend_from_slice(original);
        if !original.ends_with(b"\n") {
            out.push(b'\n');
        }
        Self {
            out,
            written: Vec::new(),
            next: structure.next_object,
        }
    }

    /// A number for a new object.
    pub fn reserve(&mut self) -> u32 {
        self.next += 1;
        self.next - 1
    }

    /// Appends an object of generation 0; returns where its body begins.
    pub fn object(&mut self, number: u32, body: &[u8]) -> usize {
        self.replace(number, 0, body)
    }

    /// Appends an object; an older one with the same number and generation is superseded.
    pub fn replace(&mut self, number: u32, generation: u32, body: &[u8]) -> usize {
        self.written.push((number, generation, self.out.len()));
        self.out
            .extend_from_slice(format!("{number} {generation} obj\n").as_bytes());
        let start = self.out.len();
        self.out.extend_from_slice(body);
        self.out.extend_from_slice(b"\nendobj\n");
        start
    }

    /// Appends a stream; `dict` holds the entries without brackets and length.
    pub fn stream(&mut self, number: u32, dict: &str, data: &[u8]) {
        let mut body = format!("<<{dict} /Length {}>>\nstream\n", data.len()).into_bytes();
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.object(number, &body);
    }

    /// Appends the cross-reference section in the style of the file, and the end.
    pub fn finish(mut self, structure: &Structure) -> Result<Vec<u8>, PdfError> {
        let trailer = self.trailer(structure)?;
        let start = self.out.len();
        if structure.stream_style {
            self.finish_with_stream(&trailer, start)?;
        } else {
            self.finish_with_table(&trailer);
        }
        self.out
            .extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        Ok(self.out)
    }

    fn finish_with_table(&mut self, trailer: &str) {
        let mut text = "xref\n".to_owned();
        for group in self.groups() {
            let _ = writeln!(text, "{} {}", group.first().map_or(0, |e| e.0), group.len());
            for (_, generation, offset) in group {
                let _ = write!(text, "{offset:010} {generation:05} n\r\n");
            }
        }
        let _ = write!(text, "trailer\n<<{trailer} /Size {}>>\n", self.next);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn finish_with_stream(&mut self, trailer: &str, start: usize) -> Result<(), PdfError> {
        let number = self.reserve();
        self.written.push((number, 0, start));
        let mut index = String::new();
        let mut data = Vec::new();
        for group in self.groups() {
            let _ = write!(
                index,
                "{} {} ",
                group.first().map_or(0, |e| e.0),
                group.len()
            );
            for (_, generation, offset) in group {
                let offset = u32::try_from(offset).map_err(|_| PdfError::TooLarge)?;
                let generation = u16::try_from(generation)
                    .map_err(|_| PdfError::Damaged("a generation number"))?;
                data.push(1);
                data.extend_from_slice(&offset.to_be_bytes());
                data.extend_from_slice(&generation.to_be_bytes());
            }
        }
        let head = format!(
            "{number} 0 obj\n<</Type /XRef /W [1 4 2] /Index [{}] /Size {}{trailer} /Length {}>>\nstream\n",
            index.trim_end(),
            self.next,
            data.len(),
        );
        self.out.extend_from_slice(head.as_bytes());
        self.out.extend_from_slice(&data);
        self.out.extend_from_slice(b"\nendstream\nendobj\n");
        Ok(())
    }

    /// Written objects in runs of consecutive numbers.
    fn groups(&mut self) -> Vec<Vec<(u32, u32, usize)>> {
        self.written.sort_unstable();
        self.written
            .chunk_by(|a, b| a.0 + 1 == b.0)
            .map(<[_]>::to_vec)
            .collect()
    }

    /// What the new trailer takes over. The second half of `/ID` changes with every revision (§ 14.4).
    fn trailer(&self, structure: &Structure) -> Result<String, PdfError> {
        const WHAT: PdfError = PdfError::Damaged("the trailer");
        let (entries, _) = dictionary(&self.out, structure.trailer.start).ok_or(WHAT)?;
        let raw = |key: &str| {
            let found = entry(&entries, key)?;
            std::str::from_utf8(self.out.get(found.value.clone())?).ok()
        };
        let root = raw("Root").ok_or(WHAT)?;
        let mut text = format!(" /Root {root} /Prev {}", structure.startxref);
        if let Some(info) = raw("Info") {
            let _ = write!(text, " /Info {info}");
        }
        let changed = Sha256::digest(
            self.out
                .get(self.out.len().saturating_sub(65_536)..)
                .unwrap_or_default(),
        );
        let second: String = changed
            .iter()
            .take(16)
            .map(|b| format!("{b:02X}"))
            .collect();
        let first = entry(&entries, "ID").and_then(|id| first_id(self.out.get(id.value.clone())?));
        match first {
            Some(first) => {
                let _ = write!(text, " /ID [<{}> <{second}>]", hex(&first));
            }
            None => {
                let _ = write!(text, " /ID [<{second}> <{second}>]");
            }
        }
        Ok(text)
    }
}

/// Bytes of the first string of an `/ID` array; it may be a literal string with escapes.
fn first_id(array: &[u8]) -> Option<Vec<u8>> {
    use hayro_syntax::object::{FromBytes, String as PdfString};
    let start = super::lex::skip_space(array, 1);
    Some(PdfString::from_bytes(array.get(start..)?)?.to_vec())
}

/// Upper-case hexadecimal, as PDF strings have it.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        })
}
