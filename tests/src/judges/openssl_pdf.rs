//! openssl over the signatures of a PDF: what is signed is cut out by `/ByteRange` here, without any PDF library.

use std::fs;
use std::path::Path;

use super::process::JudgeError;
use super::{Verdict, first_refusal, openssl_verify};

/// What openssl says about a PDF.
#[derive(Debug)]
pub struct OpensslPdfVerdict {
    /// Why it refuses each signature, in the order of the file; `None` if it accepts.
    pub signatures: Vec<Option<String>>,
    /// The last signature covers the file to its end.
    pub whole_document: bool,
}

impl Verdict for OpensslPdfVerdict {
    fn refusal(&self, signatures: usize) -> Option<String> {
        first_refusal(&self.signatures, signatures, Clone::clone)
            .or_else(|| (!self.whole_document).then(|| "bytes after the last signature".to_owned()))
    }
}

/// One signature: the CMS object and the bytes that it covers.
struct Cut {
    cms: Vec<u8>,
    covered: Vec<u8>,
    end: usize,
}

/// Has openssl verify each signature of a PDF (P-256) up to the root in `trusted`.
///
/// # Errors
/// See [`JudgeError`].
pub fn openssl_pdf(file: &Path, trusted: &Path) -> Result<OpensslPdfVerdict, JudgeError> {
    let unreadable = |error: std::io::Error| JudgeError::Unreadable(error.to_string());
    let no_answer = |error: std::io::Error| JudgeError::NoAnswer(error.to_string());
    let bytes = fs::read(file).map_err(unreadable)?;
    let folder = tempfile::tempdir().map_err(no_answer)?;
    let (cms, content) = (folder.path().join("cms"), folder.path().join("content"));
    let mut verdict = OpensslPdfVerdict {
        signatures: Vec::new(),
        whole_document: false,
    };
    for range in ranges(&bytes) {
        let Some(cut) = range.and_then(|range| cut(&bytes, range)) else {
            let reason = "the byte range leaves out more than a hexadecimal string";
            verdict.signatures.push(Some(reason.to_owned()));
            continue;
        };
        fs::write(&cms, &cut.cms).map_err(no_answer)?;
        fs::write(&content, &cut.covered).map_err(no_answer)?;
        verdict
            .signatures
            .push(openssl_verify(&cms, &content, trusted)?);
        verdict.whole_document = cut.end == bytes.len();
    }
    Ok(verdict)
}

/// The four numbers after each `/ByteRange`; `None` where they are not four.
fn ranges(bytes: &[u8]) -> Vec<Option<[usize; 4]>> {
    const WORD: &[u8] = b"/ByteRange";
    let starts = bytes
        .windows(WORD.len())
        .enumerate()
        .filter(|(_, word)| *word == WORD);
    starts
        .map(|(at, _)| {
            let rest = bytes.get(at + WORD.len()..)?;
            let end = rest.iter().take(200).position(|byte| *byte == b']')?;
            let text = std::str::from_utf8(rest.get(..end)?).ok()?;
            let numbers: Result<Vec<usize>, _> = text
                .trim()
                .trim_start_matches('[')
                .split_ascii_whitespace()
                .map(str::parse)
                .collect();
            numbers.ok()?.try_into().ok()
        })
        .collect()
}

fn cut(bytes: &[u8], [start, first, second, length]: [usize; 4]) -> Option<Cut> {
    let end = second.checked_add(length)?;
    let gap = bytes.get(start.checked_add(first)?..second)?;
    let digits = gap.strip_prefix(b"<")?.strip_suffix(b">")?;
    let covered = [bytes.get(..first)?, bytes.get(second..end)?].concat();
    (start == 0).then_some(())?;
    Some(Cut {
        cms: hex::decode(digits).ok()?,
        covered,
        end,
    })
}
