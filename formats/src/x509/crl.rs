//! Certificate revocation lists (RFC 5280 section 5).

use super::extensions::{authority_key, extension};
use super::signed::{Signed, algorithm_identifier, join, time};
use super::{Certificate, Name, X509Error};
use crate::signer::{Signer, SignerError};
use const_oid::AssociatedOid;
use der::asn1::{Any, Uint};
use der::{Decode, Encode, Sequence};
use spki::AlgorithmIdentifierOwned;
use x509_cert::Version;
use x509_cert::certificate::Raw;
use x509_cert::crl::CertificateList;
use x509_cert::ext::Extensions;
use x509_cert::ext::pkix::{CrlNumber, CrlReason};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

/// Why a certificate was revoked (RFC 5280 section 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationReason {
    /// Left out of the list.
    Unspecified,
    /// The key is or may be in other hands.
    KeyCompromise,
    /// The CA's key is in other hands.
    CaCompromise,
    /// The subject's name or post changed.
    AffiliationChanged,
    /// Replaced by another certificate.
    Superseded,
    /// No longer needed.
    CessationOfOperation,
    /// On hold for now.
    CertificateHold,
    /// A right was withdrawn.
    PrivilegeWithdrawn,
}

/// One revoked certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlEntry {
    /// Big-endian serial number, positive.
    pub serial: Vec<u8>,
    /// When it was revoked, Unix seconds.
    pub revoked_at: u64,
    /// Why.
    pub reason: RevocationReason,
}

#[derive(Sequence)]
struct Tbs {
    version: Version,
    signature: AlgorithmIdentifierOwned,
    issuer: Any,
    this_update: Time,
    next_update: Time,
    // RFC 5280: an empty list must be left out.
    #[asn1(optional = "true")]
    revoked: Option<Vec<Revoked>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    extensions: Extensions,
}

#[derive(Sequence)]
struct Revoked {
    serial: SerialNumber,
    revoked_at: Time,
    #[asn1(optional = "true")]
    extensions: Option<Extensions>,
}

/// Makes a full CRL of `issuer`; DER.
///
/// # Errors
/// [`X509Error::Field`] for a bad serial or date, [`X509Error::Algorithm`] when the signer is not the issuer's,
/// [`X509Error::Signer`].
pub fn build_crl(
    issuer: &Certificate,
    entries: &[CrlEntry],
    number: u64,
    this_update: u64,
    next_update: u64,
    signer: &dyn Signer,
) -> Result<Vec<u8>, X509Error> {
    if signer.spki_der()? != issuer.spki_der() {
        return Err(X509Error::Algorithm);
    }
    if next_update <= this_update {
        return Err(X509Error::Field {
            field: "next_update",
            reason: "is not after this_update",
        });
    }
    let revoked = entries.iter().map(revoked).collect::<Result<Vec<_>, _>>()?;
    let this_update = time(this_update, "this_update")?;
    let next_update = time(next_update, "next_update")?;
    let encode = || -> der::Result<Vec<u8>> {
        let mut extensions = vec![extension(
            false,
            &CrlNumber(Uint::new(&number.to_be_bytes())?),
        )?];
        if let Some(id) = issuer.subject_key_id() {
            extensions.insert(0, authority_key(id)?);
        }
        Tbs {
            version: Version::V2,
            signature: AlgorithmIdentifierOwned::from_der(
                &algorithm_identifier(signer.algorithm()).to_der()?,
            )?,
            issuer: Any::from_der(&issuer.subject().der)?,
            this_update,
            next_update,
            revoked: (!revoked.is_empty()).then_some(revoked),
            extensions,
        }
        .to_der()
    };
    join(&encode().map_err(|_| X509Error::malformed("crl"))?, signer)
}

fn revoked(entry: &CrlEntry) -> Result<Revoked, X509Error> {
    let bad = |_| X509Error::Field {
        field: "serial",
        reason: "is no positive number of up to 20 bytes",
    };
    let extensions = reason_code(entry.reason)
        .map(|reason| extension(false, &reason).map(|extension| vec![extension]))
        .transpose()
        .map_err(|_| X509Error::malformed("crl"))?;
    Ok(Revoked {
        serial: SerialNumber::new(&entry.serial).map_err(bad)?,
        revoked_at: time(entry.revoked_at, "revoked_at")?,
        extensions,
    })
}

pub(crate) const fn reason_code(reason: RevocationReason) -> Option<CrlReason> {
    match reason {
        RevocationReason::Unspecified => None,
        RevocationReason::KeyCompromise => Some(CrlReason::KeyCompromise),
        RevocationReason::CaCompromise => Some(CrlReason::CaCompromise),
        RevocationReason::AffiliationChanged => Some(CrlReason::AffiliationChanged),
        RevocationReason::Superseded => Some(CrlReason::Superseded),
        RevocationReason::CessationOfOperation => Some(CrlReason::CessationOfOperation),
        RevocationReason::CertificateHold => Some(CrlReason::CertificateHold),
        RevocationReason::PrivilegeWithdrawn => Some(CrlReason::PrivilegeWithdrawn),
    }
}

pub(crate) const fn reason_of(code: CrlReason) -> RevocationReason {
    match code {
        CrlReason::KeyCompromise => RevocationReason::KeyCompromise,
        CrlReason::CaCompromise => RevocationReason::CaCompromise,
        CrlReason::AffiliationChanged => RevocationReason::AffiliationChanged,
        CrlReason::Superseded => RevocationReason::Superseded,
        CrlReason::CessationOfOperation => RevocationReason::CessationOfOperation,
        CrlReason::CertificateHold => RevocationReason::CertificateHold,
        CrlReason::PrivilegeWithdrawn => RevocationReason::PrivilegeWithdrawn,
        _ => RevocationReason::Unspecified,
    }
}

/// A parsed CRL together with its bytes as received.
#[derive(Debug, Clone)]
pub struct Crl {
    der: Vec<u8>,
    issuer: Name,
    this_update: u64,
    next_update: Option<u64>,
    number: Option<Vec<u8>>,
    entries: Vec<CrlEntry>,
}

impl Crl {
    /// Reads DER. A CRL with critical extensions (delta or partial lists) is refused: it would not say
    /// everything about its issuer's certificates.
    ///
    /// # Errors
    /// [`X509Error::Malformed`].
    pub fn parse(der: &[u8]) -> Result<Self, X509Error> {
        Self::read(der).map_err(|_| X509Error::malformed("crl"))
    }

    fn read(der: &[u8]) -> der::Result<Self> {
        Signed::split(der)?;
        let list = CertificateList::<Raw>::from_der(der)?.tbs_cert_list;
        let extensions = list.crl_extensions.unwrap_or_default();
        if extensions.iter().any(|extension| extension.critical) {
            return Err(der::ErrorKind::Failed.into());
        }
        let number = extensions
            .iter()
            .find(|extension| extension.extn_id == CrlNumber::OID);
        let number = number
            .map(|extension| Uint::from_der(extension.extn_value.as_bytes()))
            .transpose()?
            .map(|number| number.as_bytes().to_vec());
        let entries = list.revoked_certificates.unwrap_or_default();
        Ok(Self {
            der: der.to_vec(),
            issuer: Name::parse(&list.issuer.to_der()?)?,
            this_update: list.this_update.to_unix_duration().as_secs(),
            next_update: list
                .next_update
                .map(|time| time.to_unix_duration().as_secs()),
            number,
            entries: entries.iter().map(read_entry).collect::<der::Result<_>>()?,
        })
    }

    /// The bytes as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whose list it is.
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// When it was made, Unix seconds.
    pub const fn this_update(&self) -> u64 {
        self.this_update
    }

    /// When the next one is due, Unix seconds.
    pub const fn next_update(&self) -> Option<u64> {
        self.next_update
    }

    /// The CRL number, big-endian without leading zeros.
    pub fn number(&self) -> Option<&[u8]> {
        self.number.as_deref()
    }

    /// All revoked certificates.
    pub fn entries(&self) -> &[CrlEntry] {
        &self.entries
    }

    /// The entry of a serial number (big-endian, no leading zeros), if it is revoked.
    pub fn entry(&self, serial: &[u8]) -> Option<&CrlEntry> {
        self.entries.iter().find(|entry| entry.serial == serial)
    }

    pub(super) fn is_signed_by(&self, issuer: &Certificate) -> Result<(), SignerError> {
        let signed = Signed::split(&self.der).map_err(|_| SignerError::Signature)?;
        signed.verify(&issuer.public_key()?)
    }
}

fn read_entry(entry: &x509_cert::crl::RevokedCert<Raw>) -> der::Result<CrlEntry> {
    let bytes = entry.serial_number.as_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let extensions = entry.crl_entry_extensions.as_deref().unwrap_or_default();
    let reason = extensions
        .iter()
        .find(|extension| extension.extn_id == CrlReason::OID)
        .map(|extension| CrlReason::from_der(extension.extn_value.as_bytes()))
        .transpose()?;
    Ok(CrlEntry {
        serial: bytes.get(zeros..).unwrap_or_default().to_vec(),
        revoked_at: entry.revocation_date.to_unix_duration().as_secs(),
        reason: reason.map_or(RevocationReason::Unspecified, reason_of),
    })
}
