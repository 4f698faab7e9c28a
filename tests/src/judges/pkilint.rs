//! pkilint: certificates against RFC 5280 and its companions.

use serde::Deserialize;
use std::path::Path;
use std::process::Command;

use super::process::{JudgeError, root, text, tool};

/// Something that pkilint remarks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// `FATAL`, `ERROR`, `WARNING` or `NOTICE`.
    pub severity: String,
    /// As in `pkix.subject_key_identifier_method_1_identified`.
    pub code: String,
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    finding_descriptions: Vec<Finding>,
}

/// What pkilint remarks on a certificate (PEM or DER), notices and above.
///
/// # Errors
/// See [`JudgeError`].
pub fn pkilint(certificate: &Path) -> Result<Vec<Finding>, JudgeError> {
    let program = root().join("target/judges/venv/bin/lint_pkix_cert");
    let arguments = ["lint", "--severity", "NOTICE", "--format", "JSON"];
    let output = tool(Command::new(program).args(arguments).arg(certificate))?;
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|_| JudgeError::Unreadable(text(&output)))?;
    let places = answer.results.into_iter();
    Ok(places
        .flat_map(|place| place.finding_descriptions)
        .collect())
}
