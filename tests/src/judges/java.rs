//! EU DSS, and PDFBox with Bouncy Castle: both in one Java process.

use serde::Deserialize;
use serde_json::json;
use std::path::Path;
use std::process::Command;

use super::process::{JudgeError, Resident, root};
use super::{Revocation, Verdict, first_refusal};

static JAVA: Resident = Resident::new(|| {
    let mut command = Command::new("java");
    command
        .arg("-jar")
        .arg(root().join("target/judges/java/kapok-judge.jar"));
    command
});

/// What EU DSS says about a PDF.
#[derive(Debug, Deserialize)]
pub struct DssVerdict {
    /// One entry for each signature found.
    pub signatures: Vec<DssSignature>,
}

/// What EU DSS says about one signature.
#[derive(Debug, Deserialize)]
pub struct DssSignature {
    /// `TOTAL_PASSED`, `INDETERMINATE` or `TOTAL_FAILED`.
    pub indication: String,
    /// The reason, as in `HASH_FAILURE`.
    pub sub_indication: Option<String>,
    /// As in `PAdES_BASELINE_B`.
    pub level: String,
    /// The signature's digest algorithm, as in `SHA256`.
    pub digest: Option<String>,
    /// What failed, in words.
    pub errors: Vec<String>,
    /// What DSS only warns about, in words.
    pub warnings: Vec<String>,
    /// Changes after this signature that are neither a signature nor a document security store.
    pub changes: Vec<String>,
}

impl Verdict for DssVerdict {
    fn refusal(&self, signatures: usize) -> Option<String> {
        first_refusal(&self.signatures, signatures, |signature| {
            if signature.indication != "TOTAL_PASSED" {
                return Some(format!(
                    "{} {:?}: {:?}",
                    signature.indication, signature.sub_indication, signature.errors
                ));
            }
            // DSS passes many changes with a warning only.
            if !signature.changes.is_empty() {
                return Some(format!("changed after signing: {:?}", signature.changes));
            }
            None
        })
    }
}

/// What PDFBox and Bouncy Castle say about a PDF.
#[derive(Debug, Deserialize)]
pub struct PdfBoxVerdict {
    /// Number of pages after a strict parse.
    pub pages: u32,
    /// One entry for each signature found.
    pub signatures: Vec<PdfBoxSignature>,
}

/// What PDFBox and Bouncy Castle say about one signature.
#[derive(Debug, Deserialize)]
pub struct PdfBoxSignature {
    /// The CMS verdict over the covered bytes.
    #[serde(flatten)]
    pub cms: CmsVerdict,
    /// As in `ETSI.CAdES.detached`.
    pub sub_filter: Option<String>,
    /// The byte range leaves out `<hex>` and nothing else.
    pub hole_is_exact: bool,
    /// The byte range ends at an `%%EOF`.
    pub ends_at_eof: bool,
    /// The byte range ends at the end of the file.
    pub covers_file: bool,
}

impl Verdict for PdfBoxVerdict {
    /// Only the last signature covers the file to its end; what may follow it is not judged here, so nothing may.
    fn refusal(&self, signatures: usize) -> Option<String> {
        let refusal = first_refusal(&self.signatures, signatures, |signature| {
            if !signature.hole_is_exact || !signature.ends_at_eof {
                return Some("the byte range does not fit".into());
            }
            signature.cms.refusal(1)
        });
        if refusal.is_some() {
            return refusal;
        }
        let covered = self
            .signatures
            .iter()
            .any(|signature| signature.covers_file);
        (!covered).then(|| "no signature covers the whole file".to_owned())
    }
}

/// What Bouncy Castle says about a CMS signature.
#[derive(Debug, Deserialize)]
pub struct CmsVerdict {
    /// Digest and signature fit the content.
    pub signature: bool,
    /// Content type and ESS certificate reference fit.
    pub attributes: bool,
    /// There is a chain to a trusted root.
    pub chain: bool,
    /// Subject of the signer's certificate (RFC 2253).
    pub signer: Option<String>,
    /// OID of the signature algorithm.
    pub algorithm: Option<String>,
    /// The first thing that did not hold.
    pub reason: Option<String>,
}

impl Verdict for CmsVerdict {
    fn refusal(&self, _signatures: usize) -> Option<String> {
        let good = self.signature && self.attributes && self.chain;
        (!good).then(|| {
            self.reason
                .clone()
                .unwrap_or_else(|| "no reason given".into())
        })
    }
}

/// Asks EU DSS about a PDF.
///
/// # Errors
/// See [`JudgeError`].
pub fn dss(file: &Path, trusted: &Path, revocation: Revocation) -> Result<DssVerdict, JudgeError> {
    JAVA.ask(&json!({
        "cmd": "dss", "file": file, "roots": [trusted], "revocation": revocation.word(),
    }))
}

/// Asks PDFBox and Bouncy Castle about a PDF: P-256 or SM2.
///
/// # Errors
/// See [`JudgeError`].
pub fn pdfbox(file: &Path, trusted: &Path) -> Result<PdfBoxVerdict, JudgeError> {
    JAVA.ask(&json!({"cmd": "pdfbox", "file": file, "roots": [trusted]}))
}

/// Asks Bouncy Castle about a detached CMS signature in DER: P-256 or SM2.
///
/// # Errors
/// See [`JudgeError`].
pub fn bouncy_castle_cms(
    cms: &Path,
    content: &Path,
    trusted: &Path,
) -> Result<CmsVerdict, JudgeError> {
    JAVA.ask(&json!({"cmd": "cms", "file": cms, "content": content, "roots": [trusted]}))
}

/// Milliseconds (min, median) that PDFBox and Bouncy Castle take to sign `file` as PAdES B-B with P-256, warm.
///
/// # Errors
/// See [`JudgeError`].
pub fn pdfbox_bench(file: &Path, rounds: u32) -> Result<(f64, f64), JudgeError> {
    let times: super::python::Times =
        JAVA.ask(&json!({"cmd": "bench", "file": file, "rounds": rounds}))?;
    Ok((times.min_ms, times.median_ms))
}
