//! Judges that are not ours: poppler, qpdf, openssl, pkilint, python-stdnum, pyHanko, EU DSS, and PDFBox with Bouncy Castle.
//!
//! Each function gives a typed verdict; [`Verdict::refusal`] says why a file is not accepted, or `None`. A verdict without
//! the expected number of signatures is a refusal: "found nothing" is not "found nothing wrong". `cargo xtask tools`
//! provides all of them.

mod java;
mod openssl;
mod openssl_pdf;
mod pkilint;
mod poppler;
mod process;
mod python;

pub use java::{CmsVerdict, DssSignature, DssVerdict, PdfBoxSignature, PdfBoxVerdict};
pub use java::{bouncy_castle_cms, dss, pdfbox, pdfbox_bench};
pub use openssl::{SealVerdict, openssl, openssl_sm2_seal, openssl_verify, openssl_verify_chain};
pub use openssl_pdf::{OpensslPdfVerdict, openssl_pdf};
pub use pkilint::{Finding, pkilint};
pub use poppler::{PdfsigSignature, PdfsigVerdict, pdfsig, qpdf_check};
pub use process::{JudgeError, root, tool};
pub use python::{PyHankoSignature, PyHankoVerdict, SigningKey, Tampering};
pub use python::{pyhanko, pyhanko_bench, pyhanko_sign, stdnum, tamper};

use std::path::Path;

/// How much a judge asks for about revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The file holds no revocation data (PAdES B-B, B-T): its absence is only a warning.
    Absent,
    /// The file must hold all revocation data itself (PAdES B-LT, B-LTA).
    Embedded,
}

impl Revocation {
    fn word(self) -> &'static str {
        match self {
            Self::Absent => "warn",
            Self::Embedded => "strict",
        }
    }
}

/// What a judge found.
pub trait Verdict {
    /// Why the file is not accepted as holding exactly `signatures` good signatures by a trusted signer; `None` if it is.
    fn refusal(&self, signatures: usize) -> Option<String>;
}

/// The answers of all judges about one PDF, by judge.
#[derive(Debug)]
pub struct PdfVerdicts {
    /// Name of the judge, and why it refuses; `None` if it accepts.
    pub refusals: Vec<(&'static str, Option<String>)>,
}

impl PdfVerdicts {
    /// Whether every judge accepts.
    pub fn all_accept(&self) -> bool {
        self.refusals.iter().all(|(_, refusal)| refusal.is_none())
    }

    /// The judges that refuse.
    pub fn refused_by(&self) -> Vec<&'static str> {
        self.refusals
            .iter()
            .filter(|(_, refusal)| refusal.is_some())
            .map(|(judge, _)| *judge)
            .collect()
    }
}

/// Asks every judge of P-256 signatures about a PDF that should hold exactly `signatures` of them.
///
/// # Errors
/// A judge that is not installed or does not answer. A judge that cannot read the file refuses it.
pub fn judge_pdf(
    file: &Path,
    trusted: &Path,
    revocation: Revocation,
    signatures: usize,
) -> Result<PdfVerdicts, JudgeError> {
    let structure = qpdf_check(file)?;
    Ok(PdfVerdicts {
        refusals: vec![
            ("qpdf", structure),
            ("pdfsig", refusal(pdfsig(file, trusted), signatures)?),
            (
                "pyhanko",
                refusal(pyhanko(file, trusted, revocation), signatures)?,
            ),
            ("dss", refusal(dss(file, trusted, revocation), signatures)?),
            ("pdfbox", refusal(pdfbox(file, trusted), signatures)?),
            ("openssl", refusal(openssl_pdf(file, trusted), signatures)?),
        ],
    })
}

/// A file that a judge cannot read is refused; a judge that cannot be asked is an error.
fn refusal<V: Verdict>(
    verdict: Result<V, JudgeError>,
    signatures: usize,
) -> Result<Option<String>, JudgeError> {
    match verdict {
        Ok(verdict) => Ok(verdict.refusal(signatures)),
        Err(JudgeError::Unreadable(reason)) => Ok(Some(reason)),
        Err(other) => Err(other),
    }
}

/// The first reason among: a wrong number of signatures, and what `one` says about each.
fn first_refusal<S>(
    found: &[S],
    expected: usize,
    one: impl Fn(&S) -> Option<String>,
) -> Option<String> {
    if found.len() != expected || expected == 0 {
        return Some(format!(
            "{} signatures found, {expected} expected",
            found.len()
        ));
    }
    found.iter().find_map(one)
}
