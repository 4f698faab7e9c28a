//! The request that the phone makes, and the check of what the CA answers: pure.

use super::state::Issued;
use kapok_formats::identity::Uscc;
use kapok_formats::signer::P256Key;
use kapok_formats::x509::{Certificate, Csr, Subject, build_csr, verify_chain};
use kapok_protocol::api::certificates::{CertificateIssued, CertificateKind};
use kapok_protocol::ids::{Bytes, OrderId};

/// Why a request was not made or a certificate not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The key or the subject cannot stand in a request.
    #[error("the certificate request could not be made")]
    Request,
    /// The CA's answer does not read, or does not chain to the pinned root at this time.
    #[error("the certificate is not trusted")]
    Chain,
    /// A certificate for another key, order or number.
    #[error("the certificate is for something else")]
    Other,
}

/// Longest part of a name in a request, in characters.
const LONGEST: usize = 64;

/// A PKCS#10 request. The CA takes the names from the register itself; these only say what was meant.
///
/// # Errors
/// [`CertificateError::Request`].
pub fn make_csr(
    scalar: &[u8; 32],
    kind: CertificateKind,
    enterprise: &str,
    uscc: Option<&str>,
    person: &str,
) -> Result<Vec<u8>, CertificateError> {
    let short = |name: &str| name.chars().take(LONGEST).collect::<String>();
    let subject = Subject {
        common_name: short(if kind == CertificateKind::Employee {
            person
        } else {
            enterprise
        }),
        organization: Some(short(enterprise)),
        organizational_unit: None,
        uscc: uscc.and_then(|code| Uscc::parse(code).ok()),
    };
    let key = P256Key::from_scalar(scalar).map_err(|_| CertificateError::Request)?;
    build_csr(&key, &subject).map_err(|_| CertificateError::Request)
}

/// Checks what the CA issued for a request: this order, this key, a chain up to `root` (DER) at `now` (seconds since the epoch).
///
/// # Errors
/// [`CertificateError::Chain`], [`CertificateError::Other`].
pub fn check_issued(
    answer: CertificateIssued,
    order: OrderId,
    csr: &[u8],
    root: &[u8],
    now: u64,
) -> Result<Issued, CertificateError> {
    let parsed: Result<Vec<Certificate>, _> = answer
        .chain
        .iter()
        .map(|der| Certificate::parse(der))
        .collect();
    let parsed = parsed.map_err(|_| CertificateError::Chain)?;
    let (leaf, between) = parsed.split_first().ok_or(CertificateError::Chain)?;
    let root = Certificate::parse(root).map_err(|_| CertificateError::Chain)?;
    verify_chain(leaf, between, &[root], now, &[]).map_err(|_| CertificateError::Chain)?;
    let request = Csr::parse(csr).map_err(|_| CertificateError::Request)?;
    let same = answer.order_id == order
        && leaf.spki_der() == request.spki_der()
        && leaf.serial_hex() == answer.serial.to_ascii_lowercase().trim_start_matches("00");
    if !same || leaf.is_ca() || !leaf.may_sign() {
        return Err(CertificateError::Other);
    }
    let name = |name: &kapok_formats::x509::Name| {
        let name = name.common_name.as_ref().or(name.organization.as_ref());
        name.cloned().unwrap_or_default()
    };
    Ok(Issued {
        subject: name(leaf.subject()),
        issuer: name(leaf.issuer()),
        not_after: leaf.not_after(),
        serial: answer.serial,
        chain: answer.chain.into_iter().map(|der| Bytes(der.0)).collect(),
    })
}
