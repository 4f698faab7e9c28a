//! pdfsig (poppler, NSS) and qpdf.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::process::{JudgeError, text, tool};
use super::{Verdict, first_refusal};

/// What pdfsig says about a PDF.
#[derive(Debug)]
pub struct PdfsigVerdict {
    /// One entry for each signed field.
    pub signatures: Vec<PdfsigSignature>,
}

/// What pdfsig says about one signature.
#[derive(Debug, Default)]
pub struct PdfsigSignature {
    /// `Signature is Valid.`
    pub valid: bool,
    /// `Certificate is Trusted.`: NSS finds a chain to the given root.
    pub trusted: bool,
    /// `Total document signed`
    pub whole_document: bool,
    /// The field's full name.
    pub field: String,
    /// As in `ETSI.CAdES.detached`.
    pub kind: String,
    /// All lines about this signature.
    pub text: String,
}

impl Verdict for PdfsigVerdict {
    /// Only one of several signatures can cover the whole file.
    fn refusal(&self, signatures: usize) -> Option<String> {
        let refusal = first_refusal(&self.signatures, signatures, |signature| {
            (!signature.valid || !signature.trusted).then(|| signature.text.clone())
        });
        if refusal.is_some() {
            return refusal;
        }
        let covered = self
            .signatures
            .iter()
            .any(|signature| signature.whole_document);
        (!covered).then(|| "no signature covers the whole document".to_owned())
    }
}

/// Asks pdfsig, which trusts the root in `trusted` (PEM) and nothing else.
///
/// # Errors
/// See [`JudgeError`].
pub fn pdfsig(file: &Path, trusted: &Path) -> Result<PdfsigVerdict, JudgeError> {
    let folder = tempfile::tempdir().map_err(|error| JudgeError::NoAnswer(error.to_string()))?;
    let database = format!("sql:{}", folder.path().display());
    certutil(&["-N", "-d", &database, "--empty-password"])?;
    import(&database, "root", "C,C,C", trusted)?;
    import_enclosed(&database, folder.path(), file)?;
    // Not `-no-ocsp`: poppler 22.12 then calls every certificate an "unknown issue". An OCSP responder that does not
    // answer is overlooked.
    let output = tool(
        Command::new("pdfsig")
            .args(["-nssdir", &database])
            .arg(file)
            .env("LC_ALL", "C"),
    )?;
    Ok(PdfsigVerdict {
        signatures: parse(&text(&output)),
    })
}

/// Makes the certificates of the file's signatures known, but not trusted: poppler 22.12 calls the second signature of a
/// signer an "unknown issue" otherwise.
fn import_enclosed(database: &str, folder: &Path, file: &Path) -> Result<(), JudgeError> {
    let file = fs::canonicalize(file).map_err(|error| JudgeError::Unreadable(error.to_string()))?;
    tool(
        Command::new("pdfsig")
            .arg("-dump")
            .arg(&file)
            .current_dir(folder),
    )?;
    let mut number = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().ends_with(".db") {
            continue;
        }
        let printed = tool(
            Command::new("openssl")
                .args(["pkcs7", "-inform", "DER", "-print_certs", "-in"])
                .arg(entry.path()),
        )?;
        for block in text(&printed).split_inclusive("-----END CERTIFICATE-----") {
            let Some(start) = block.find("-----BEGIN") else {
                continue;
            };
            number += 1;
            let name = format!("enclosed-{number}");
            let path = folder.join(&name).with_extension("pem");
            fs::write(&path, block.get(start..).unwrap_or_default())
                .map_err(|error| JudgeError::NoAnswer(error.to_string()))?;
            import(database, &name, ",,", &path)?;
        }
    }
    Ok(())
}

fn import(database: &str, name: &str, trust: &str, pem: &Path) -> Result<(), JudgeError> {
    let pem = pem.to_string_lossy();
    certutil(&[
        "-A", "-d", database, "-n", name, "-t", trust, "-a", "-i", &pem,
    ])
}

fn certutil(arguments: &[&str]) -> Result<(), JudgeError> {
    let output = tool(Command::new("certutil").args(arguments))?;
    if output.status.success() {
        return Ok(());
    }
    Err(JudgeError::NoAnswer(format!("certutil: {}", text(&output))))
}

/// pdfsig 22.12 lists fields that nobody signed, and a field once for each of its widgets: here an entry is a signed field, good only if all
/// its mentions are.
fn parse(text: &str) -> Vec<PdfsigSignature> {
    let mut fields: Vec<PdfsigSignature> = Vec::new();
    let signed = entries(text).into_iter().filter(|entry| {
        !entry
            .text
            .contains("The signature form field is not signed.")
    });
    for entry in signed {
        let same = fields
            .iter_mut()
            .find(|field| !entry.field.is_empty() && field.field == entry.field);
        match same {
            Some(field) => {
                field.valid &= entry.valid;
                field.trusted &= entry.trusted;
                field.whole_document &= entry.whole_document;
                field.text.push_str(&entry.text);
            }
            None => fields.push(entry),
        }
    }
    fields
}

fn entries(text: &str) -> Vec<PdfsigSignature> {
    let mut signatures: Vec<PdfsigSignature> = Vec::new();
    for line in text.lines() {
        if line.starts_with("Signature #") {
            signatures.push(PdfsigSignature::default());
        }
        let Some(signature) = signatures.last_mut() else {
            continue;
        };
        signature.text.push_str(line);
        signature.text.push('\n');
        let line = line.trim().trim_start_matches("- ");
        match line {
            "Signature Validation: Signature is Valid." => signature.valid = true,
            "Certificate Validation: Certificate is Trusted." => signature.trusted = true,
            "Total document signed" => signature.whole_document = true,
            _ => {}
        }
        if let Some(name) = line.strip_prefix("Signature Field Name: ") {
            name.clone_into(&mut signature.field);
        }
        if let Some(kind) = line.strip_prefix("Signature Type: ") {
            kind.clone_into(&mut signature.kind);
        }
    }
    signatures
}

/// Checks the structure of a PDF with qpdf: `None` if there is neither error nor warning.
///
/// # Errors
/// See [`JudgeError`].
pub fn qpdf_check(file: &Path) -> Result<Option<String>, JudgeError> {
    let output = tool(Command::new("qpdf").arg("--check").arg(file))?;
    // 2: errors; 3: warnings, which a file of ours must not have either.
    Ok((!output.status.success()).then(|| text(&output)))
}
