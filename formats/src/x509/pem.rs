//! PEM (RFC 7468).

use super::{Certificate, X509Error};
use der::pem::{self, LineEnding};

/// Label of a certificate.
pub const LABEL_CERTIFICATE: &str = "CERTIFICATE";
/// Label of a certificate request.
pub const LABEL_CSR: &str = "CERTIFICATE REQUEST";
/// Label of a CRL.
pub const LABEL_CRL: &str = "X509 CRL";

/// Wraps DER in PEM with one of the labels of this module.
///
/// # Errors
/// [`X509Error::Malformed`] when the label cannot be written.
pub fn pem_encode(label: &'static str, der: &[u8]) -> Result<String, X509Error> {
    pem::encode_string(label, LineEnding::LF, der).map_err(|_| X509Error::malformed("pem"))
}

/// Reads one PEM block; its label must be the one asked for.
///
/// # Errors
/// [`X509Error::Malformed`] when it is no PEM or has another label.
pub fn pem_decode(label: &str, text: &str) -> Result<Vec<u8>, X509Error> {
    match pem::decode_vec(text.trim().as_bytes()) {
        Ok((found, der)) if found == label => Ok(der),
        _ => Err(X509Error::malformed("pem")),
    }
}

/// Reads all certificates of a PEM bundle in their order; other text between the blocks is skipped.
///
/// # Errors
/// [`X509Error::Malformed`] when a block is broken or holds no certificate.
pub fn certificates_from_pem(text: &str) -> Result<Vec<Certificate>, X509Error> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, block)) = rest.split_once(BEGIN) {
        let (body, after) = block.split_once(END).ok_or(X509Error::malformed("pem"))?;
        let der = pem_decode(LABEL_CERTIFICATE, &format!("{BEGIN}{body}{END}"))?;
        found.push(Certificate::parse(&der)?);
        rest = after;
    }
    Ok(found)
}
