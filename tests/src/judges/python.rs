//! pyHanko and python-stdnum, in one Python process.

use serde::Deserialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::process::{JudgeError, Resident, root};
use super::{Revocation, Verdict, first_refusal};

static PYTHON: Resident = Resident::new(|| {
    let mut command = Command::new(root().join("target/judges/venv/bin/python"));
    command.arg(root().join("tests/judges/python/judge.py"));
    command
});

/// What pyHanko says about a PDF.
#[derive(Debug, Deserialize)]
pub struct PyHankoVerdict {
    /// One entry for each signature found.
    pub signatures: Vec<PyHankoSignature>,
    /// How many document timestamps there are.
    pub timestamps: u32,
}

/// What pyHanko says about one signature.
#[derive(Debug, Deserialize)]
pub struct PyHankoSignature {
    /// The bottom line: intact, valid, trusted, and changed only as permitted.
    pub accepted: bool,
    /// As in `ENTIRE_FILE`; none if it could not be judged.
    pub coverage: Option<String>,
    /// Changes after this signature, as in `NONE`, `LTA_UPDATES` or `OTHER`.
    pub changes: Option<String>,
    /// It carries a trusted timestamp.
    #[serde(default)]
    pub timestamped: bool,
    /// pyHanko's own summary, or why it could not judge.
    pub summary: String,
}

impl Verdict for PyHankoVerdict {
    fn refusal(&self, signatures: usize) -> Option<String> {
        first_refusal(&self.signatures, signatures, |signature| {
            (!signature.accepted)
                .then(|| format!("{} ({:?})", signature.summary, signature.changes))
        })
    }
}

/// Milliseconds that a signature takes.
#[derive(Debug, Deserialize)]
pub(super) struct Times {
    pub(super) min_ms: f64,
    pub(super) median_ms: f64,
}

/// A signing key for pyHanko, as files in PEM.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// PKCS #8, not encrypted.
    pub key: PathBuf,
    /// The signer's certificate.
    pub certificate: PathBuf,
    /// The rest of the chain.
    pub others: Vec<PathBuf>,
}

/// Asks pyHanko about a PDF.
///
/// # Errors
/// See [`JudgeError`].
pub fn pyhanko(
    file: &Path,
    trusted: &Path,
    revocation: Revocation,
) -> Result<PyHankoVerdict, JudgeError> {
    PYTHON.ask(&json!({
        "cmd": "pyhanko", "file": file, "roots": [trusted], "revocation": revocation.word(),
    }))
}

/// Has pyHanko sign a PDF (PAdES B-B): material for tests that is not ours.
///
/// # Errors
/// See [`JudgeError`].
pub fn pyhanko_sign(file: &Path, out: &Path, key: &SigningKey) -> Result<(), JudgeError> {
    let _: Value = PYTHON.ask(&json!({
        "cmd": "sign", "file": file, "out": out,
        "key": key.key, "certificate": key.certificate, "others": key.others,
    }))?;
    Ok(())
}

/// A change to a signed PDF that leaves every signed byte as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// One page more.
    Page,
    /// A text laid over the first page.
    Annotation,
    /// Another content of the first page.
    Content,
    /// Another value of each text field.
    Field,
}

/// Changes a signed PDF by an incremental update.
///
/// # Errors
/// See [`JudgeError`].
pub fn tamper(file: &Path, out: &Path, tampering: Tampering) -> Result<(), JudgeError> {
    let kind = match tampering {
        Tampering::Page => "page",
        Tampering::Annotation => "annotation",
        Tampering::Content => "content",
        Tampering::Field => "field",
    };
    let _: Value = PYTHON.ask(&json!({"cmd": "tamper", "file": file, "out": out, "kind": kind}))?;
    Ok(())
}

/// Milliseconds (min, median) that pyHanko takes to sign `file` as PAdES B-B, warm.
///
/// # Errors
/// See [`JudgeError`].
pub fn pyhanko_bench(file: &Path, key: &SigningKey, rounds: u32) -> Result<(f64, f64), JudgeError> {
    let times: Times = PYTHON.ask(&json!({
        "cmd": "bench", "file": file, "rounds": rounds,
        "key": key.key, "certificate": key.certificate, "others": key.others,
    }))?;
    Ok((times.min_ms, times.median_ms))
}

/// What python-stdnum says of each number in one word: `ok`, or the name of its refusal. Kinds: `uscc`, `ric` (where `county` and `date` tell
/// apart what it calls an invalid component), `mod_11_10`, `mod_11_2`.
///
/// # Errors
/// See [`JudgeError`].
pub fn stdnum(kind: &str, values: &[String]) -> Result<Vec<String>, JudgeError> {
    #[derive(Deserialize)]
    struct Answer {
        verdicts: Vec<String>,
    }
    let answer: Answer = PYTHON.ask(&json!({"cmd": "numbers", "kind": kind, "values": values}))?;
    Ok(answer.verdicts)
}
