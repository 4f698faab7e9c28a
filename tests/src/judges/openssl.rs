//! openssl: CMS and chains on P-256, and the SM2 signature of a GB/T 38540 seal.

use der::{Reader as _, SliceReader, Tag};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::Verdict;
use super::process::{JudgeError, text, tool};

/// GB/T 35276: the identity that everybody uses.
const DISTID: &str = "distid:1234567812345678";

/// Runs openssl with these arguments.
///
/// # Errors
/// [`JudgeError::NotThere`].
pub fn openssl(arguments: &[&str]) -> Result<Output, JudgeError> {
    tool(Command::new("openssl").args(arguments))
}

/// Verifies a detached CMS signature (DER, P-256) over `content` up to `trusted`: `None` if it holds.
///
/// # Errors
/// See [`JudgeError`].
pub fn openssl_verify(
    cms: &Path,
    content: &Path,
    trusted: &Path,
) -> Result<Option<String>, JudgeError> {
    let output = tool(
        Command::new("openssl")
            .args([
                "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-in",
            ])
            .arg(cms)
            .arg("-content")
            .arg(content)
            .arg("-CAfile")
            .arg(trusted)
            .args(["-out", "/dev/null"]),
    )?;
    Ok((!output.status.success()).then(|| text(&output)))
}

/// Builds a chain from `leaf` over `others` (the leaf's issuer first) to `trusted`, all PEM; P-256 or SM2. `None` if it holds.
///
/// # Errors
/// See [`JudgeError`].
pub fn openssl_verify_chain(
    leaf: &Path,
    others: &[&Path],
    trusted: &Path,
) -> Result<Option<String>, JudgeError> {
    if is_sm2(leaf)? {
        return verify_sm2_chain(leaf, others, trusted);
    }
    let mut command = Command::new("openssl");
    // `-check_ss_sig`: otherwise nobody looks at the root's own signature.
    command
        .args(["verify", "-x509_strict", "-check_ss_sig", "-CAfile"])
        .arg(trusted);
    for other in others {
        command.arg("-untrusted").arg(other);
    }
    let output = tool(command.arg(leaf))?;
    Ok((!output.status.success()).then(|| text(&output)))
}

/// Link by link: openssl gives the SM2 identity only to the certificate that it is asked about.
fn verify_sm2_chain(
    leaf: &Path,
    others: &[&Path],
    trusted: &Path,
) -> Result<Option<String>, JudgeError> {
    let links: Vec<&Path> = [leaf]
        .iter()
        .chain(others)
        .chain(&[trusted])
        .copied()
        .collect();
    for (subject, issuer) in links.iter().zip(links.iter().skip(1)) {
        let output = tool(
            Command::new("openssl")
                .args(["verify", "-x509_strict", "-partial_chain"])
                .args(["-vfyopt", DISTID, "-trusted"])
                .arg(issuer)
                .arg(subject),
        )?;
        if !output.status.success() {
            return Ok(Some(text(&output)));
        }
    }
    verify_sm2_root(trusted)
}

/// The root's own signature, which `openssl verify` cannot check for SM2.
fn verify_sm2_root(root: &Path) -> Result<Option<String>, JudgeError> {
    let der = tool(
        Command::new("openssl")
            .args(["x509", "-outform", "DER", "-in"])
            .arg(root),
    )?;
    let unreadable = |error: der::Error| JudgeError::Unreadable(error.to_string());
    let parts = children(&der.stdout).map_err(unreadable)?;
    let [body, _, signature] = parts.as_slice() else {
        return Err(JudgeError::Unreadable("the root is no certificate".into()));
    };
    let signature = bits(signature).map_err(unreadable)?;
    let output = verify_sm2(body, signature, root)?;
    Ok((!output.status.success()).then(|| text(&output)))
}

/// Verifies an SM2 signature (DER) over `body` with the key of a certificate (PEM).
fn verify_sm2(body: &[u8], signature: &[u8], certificate: &Path) -> Result<Output, JudgeError> {
    let folder = temporary()?;
    let path = |name: &str| folder.path().join(name);
    write(&path("body"), body)?;
    write(&path("signature"), signature)?;
    tool(
        Command::new("openssl")
            .args(["pkeyutl", "-verify", "-rawin", "-digest", "sm3"])
            .args(["-pkeyopt", DISTID, "-certin", "-inkey"])
            .arg(certificate)
            .arg("-sigfile")
            .arg(path("signature"))
            .arg("-in")
            .arg(path("body")),
    )
}

fn temporary() -> Result<tempfile::TempDir, JudgeError> {
    tempfile::tempdir().map_err(|error| JudgeError::NoAnswer(error.to_string()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), JudgeError> {
    fs::write(path, bytes).map_err(|error| JudgeError::NoAnswer(error.to_string()))
}

/// Whether a certificate (PEM) is signed with SM2: openssl wants the identity then, and fails on it otherwise.
fn is_sm2(certificate: &Path) -> Result<bool, JudgeError> {
    let output = tool(
        Command::new("openssl")
            .args(["x509", "-noout", "-text", "-in"])
            .arg(certificate),
    )?;
    Ok(text(&output).contains("Signature Algorithm: SM2-with-SM3"))
}

/// What openssl says about a seal.
#[derive(Debug)]
pub struct SealVerdict {
    /// Version in the header: 4 or 5.
    pub version: u8,
    /// The maker's SM2 signature over the seal's information holds.
    pub signature: bool,
    /// The maker's certificate has a chain to the trusted root.
    pub chain: bool,
    /// What did not hold.
    pub reason: String,
}

impl Verdict for SealVerdict {
    fn refusal(&self, _signatures: usize) -> Option<String> {
        (!self.signature || !self.chain).then(|| self.reason.clone())
    }
}

/// Parts of an `SESeal` (GB/T 38540), as the bytes that were received.
struct Seal<'a> {
    information: &'a [u8],
    version: u8,
    certificate: &'a [u8],
    signature: &'a [u8],
}

/// Verifies the SM2 signature of a seal (DER) and its maker's chain to `trusted` (PEM) over `others` (PEM).
///
/// # Errors
/// [`JudgeError::Unreadable`] for what is no seal; see [`JudgeError`].
pub fn openssl_sm2_seal(
    seal: &Path,
    others: &[&Path],
    trusted: &Path,
) -> Result<SealVerdict, JudgeError> {
    let bytes = fs::read(seal).map_err(|error| JudgeError::Unreadable(error.to_string()))?;
    let seal = take_apart(&bytes).map_err(|error| JudgeError::Unreadable(error.to_string()))?;
    let folder = temporary()?;
    let path = |name: &str| folder.path().join(name);
    write(&path("maker.der"), seal.certificate)?;
    let convert = tool(
        Command::new("openssl")
            .args(["x509", "-inform", "DER", "-in"])
            .arg(path("maker.der"))
            .arg("-out")
            .arg(path("maker.pem")),
    )?;
    if !convert.status.success() {
        return Err(JudgeError::Unreadable(text(&convert)));
    }
    let verify = verify_sm2(seal.information, seal.signature, &path("maker.pem"))?;
    let chain = openssl_verify_chain(&path("maker.pem"), others, trusted)?;
    Ok(SealVerdict {
        version: seal.version,
        signature: verify.status.success(),
        chain: chain.is_none(),
        reason: format!("{}{}", text(&verify), chain.unwrap_or_default()),
    })
}

fn take_apart(bytes: &[u8]) -> der::Result<Seal<'_>> {
    let mut outer = SliceReader::new(bytes)?;
    let fields = children(outer.tlv_bytes()?)?;
    outer.finish()?;
    let [information, certificate, algorithm, signature, ..] = fields.as_slice() else {
        return Err(Tag::Sequence.length_error().into());
    };
    // SM2 with SM3 (GB/T 33560): anything else is no GB/T 38540 seal.
    let sm2_with_sm3 = der::asn1::ObjectIdentifier::new_unwrap("1.2.156.10197.1.501");
    if <der::asn1::ObjectIdentifier as der::Decode>::from_der(algorithm)? != sm2_with_sm3 {
        return Err(Tag::ObjectIdentifier.value_error().into());
    }
    let header = children(information)?;
    let header = children(header.first().copied().unwrap_or_default())?;
    let version = <u8 as der::Decode>::from_der(header.get(1).copied().unwrap_or_default())?;
    let certificate = <&der::asn1::OctetStringRef as der::Decode>::from_der(certificate)?;
    Ok(Seal {
        information,
        version,
        certificate: certificate.as_bytes(),
        signature: bits(signature)?,
    })
}

/// The bytes of a BIT STRING that holds whole bytes.
fn bits(element: &[u8]) -> der::Result<&[u8]> {
    let bits = <der::asn1::BitStringRef<'_> as der::Decode>::from_der(element)?;
    bits.as_bytes().ok_or(Tag::BitString.value_error().into())
}

/// The elements of a SEQUENCE, each with its tag and length.
fn children(sequence: &[u8]) -> der::Result<Vec<&[u8]>> {
    let any = <der::asn1::AnyRef<'_> as der::Decode>::from_der(sequence)?;
    let mut reader = SliceReader::new(any.value())?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(reader.tlv_bytes()?);
    }
    Ok(found)
}
