//! Reading a certificate.

use super::extensions::{CA_ISSUERS, OCSP, ORGANIZATION_CODE};
use super::signed::Signed;
use super::{Name, X509Error, hex};
use crate::identity::Uscc;
use crate::signer::{PublicKey, SignerError};
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::{Decode, Encode};
use sha2::{Digest, Sha256};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints,
    ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};

/// Where CAs put the USCC besides [`ORGANIZATION_CODE`]: the arc of older CAs and two readings of GM/T 0015-2023.
const USCC_EXTENSIONS: [ObjectIdentifier; 4] = [
    ORGANIZATION_CODE,
    ObjectIdentifier::new_unwrap("1.2.86.11.7.4"),
    ObjectIdentifier::new_unwrap("1.2.156.10260.4.4"),
    ObjectIdentifier::new_unwrap("1.2.156.10260.4.4.4"),
];

/// A parsed certificate together with its bytes as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: CertificateInner<Raw>,
    subject: Name,
    issuer: Name,
    spki: Vec<u8>,
    subject_key_id: Option<Vec<u8>>,
    authority_key_id: Option<Vec<u8>>,
}

impl Certificate {
    /// Reads DER. Signature, dates and trust are not checked here: see [`super::verify_chain`].
    ///
    /// # Errors
    /// [`X509Error::Malformed`] when the bytes are no certificate, or more than one.
    pub fn parse(der: &[u8]) -> Result<Self, X509Error> {
        Self::read(der).map_err(|_| X509Error::malformed("certificate"))
    }

    fn read(der: &[u8]) -> der::Result<Self> {
        Signed::split(der)?;
        let parsed = CertificateInner::<Raw>::from_der(der)?;
        let tbs = parsed.tbs_certificate();
        let subject = Name::parse(&tbs.subject().to_der()?)?;
        let issuer = Name::parse(&tbs.issuer().to_der()?)?;
        let spki = tbs.subject_public_key_info().to_der()?;
        let subject_key_id = tbs
            .get_extension::<SubjectKeyIdentifier>()?
            .map(|(_, id)| id.0.as_bytes().to_vec());
        let authority_key_id = tbs
            .get_extension::<AuthorityKeyIdentifier>()?
            .and_then(|(_, id)| id.key_identifier)
            .map(|id| id.as_bytes().to_vec());
        Ok(Self {
            der: der.to_vec(),
            subject,
            issuer,
            spki,
            subject_key_id,
            authority_key_id,
            parsed,
        })
    }

    /// The bytes as received.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whom it is for.
    pub const fn subject(&self) -> &Name {
        &self.subject
    }

    /// Who issued it.
    pub const fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// Big-endian bytes of the serial number without leading zeros.
    pub fn serial(&self) -> &[u8] {
        let bytes = self.parsed.tbs_certificate().serial_number().as_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes.get(zeros..).unwrap_or_default()
    }

    /// The serial number in lower-case hex.
    pub fn serial_hex(&self) -> String {
        hex(self.serial())
    }

    /// Start of validity, Unix seconds.
    pub fn not_before(&self) -> u64 {
        self.parsed
            .tbs_certificate()
            .validity()
            .not_before
            .to_unix_duration()
            .as_secs()
    }

    /// End of validity (inclusive), Unix seconds.
    pub fn not_after(&self) -> u64 {
        self.parsed
            .tbs_certificate()
            .validity()
            .not_after
            .to_unix_duration()
            .as_secs()
    }

    /// Whether `unix_seconds` lies within the validity.
    pub fn is_valid_at(&self, unix_seconds: u64) -> bool {
        (self.not_before()..=self.not_after()).contains(&unix_seconds)
    }

    /// DER SubjectPublicKeyInfo.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// The public key.
    ///
    /// # Errors
    /// [`SignerError::PublicKey`] when it is neither P-256 nor SM2.
    pub fn public_key(&self) -> Result<PublicKey, SignerError> {
        PublicKey::from_spki_der(&self.spki)
    }

    /// SHA-256 over the certificate's DER.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// [`Certificate::fingerprint`] in lower-case hex.
    pub fn fingerprint_hex(&self) -> String {
        hex(&self.fingerprint())
    }

    /// Subject key identifier.
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.subject_key_id.as_deref()
    }

    /// Key identifier of the issuer.
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.authority_key_id.as_deref()
    }

    /// Whether the basic constraints say that it is a CA.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints()
            .is_some_and(|constraints| constraints.ca)
    }

    pub(super) fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.get::<BasicConstraints>()
    }

    /// Key usages; `None` when the extension is absent.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.get::<KeyUsage>()
    }

    /// Whether the key usage allows signatures by a person or an organisation: digitalSignature or nonRepudiation.
    pub fn may_sign(&self) -> bool {
        self.key_usage()
            .is_none_or(|usage| usage.digital_signature() || usage.non_repudiation())
    }

    /// Extended key usages in their order.
    pub fn extended_key_usage(&self) -> Vec<ObjectIdentifier> {
        self.get::<ExtendedKeyUsage>()
            .map(|usage| usage.0)
            .unwrap_or_default()
    }

    /// URLs of the CRL distribution points.
    pub fn crl_urls(&self) -> Vec<String> {
        let points = self
            .get::<CrlDistributionPoints>()
            .map(|points| points.0)
            .unwrap_or_default();
        let names = points
            .into_iter()
            .filter_map(|point| match point.distribution_point {
                Some(DistributionPointName::FullName(names)) => Some(names),
                _ => None,
            });
        names.flatten().filter_map(|name| url_of(&name)).collect()
    }

    /// URLs of the issuer's certificate (AIA caIssuers).
    pub fn ca_issuers_urls(&self) -> Vec<String> {
        self.access_urls(CA_ISSUERS)
    }

    /// URLs of OCSP responders (AIA).
    pub fn ocsp_urls(&self) -> Vec<String> {
        self.access_urls(OCSP)
    }

    /// The USCC: from the extension of GM/T 0015 or from organizationIdentifier.
    pub fn uscc(&self) -> Option<Uscc> {
        let extensions = self
            .parsed
            .tbs_certificate()
            .extensions()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let found = extensions
            .iter()
            .filter(|extension| USCC_EXTENSIONS.contains(&extension.extn_id))
            .find_map(|extension| {
                let value = der::asn1::AnyRef::from_der(extension.extn_value.as_bytes()).ok()?;
                Uscc::parse(std::str::from_utf8(value.value()).ok()?).ok()
            });
        found.or_else(|| self.subject.uscc())
    }

    /// OIDs of the critical extensions.
    pub(super) fn critical_extensions(&self) -> impl Iterator<Item = ObjectIdentifier> + '_ {
        let extensions = self
            .parsed
            .tbs_certificate()
            .extensions()
            .map(Vec::as_slice)
            .unwrap_or_default();
        extensions
            .iter()
            .filter(|extension| extension.critical)
            .map(|extension| extension.extn_id)
    }

    /// Checks the signature of this certificate by `key`, over the bytes as received.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> Result<(), SignerError> {
        let signed = Signed::split(&self.der).map_err(|_| SignerError::Signature)?;
        if signed.algorithm != self.parsed.tbs_certificate().signature().oid {
            return Err(SignerError::Signature);
        }
        signed.verify(key)
    }

    fn access_urls(&self, method: ObjectIdentifier) -> Vec<String> {
        let places = self
            .get::<AuthorityInfoAccessSyntax>()
            .map(|access| access.0)
            .unwrap_or_default();
        let wanted = places
            .into_iter()
            .filter(|place| place.access_method == method);
        wanted
            .filter_map(|place| url_of(&place.access_location))
            .collect()
    }

    fn get<'a, T: Decode<'a, Error = der::Error> + AssociatedOid>(&'a self) -> Option<T> {
        self.parsed
            .tbs_certificate()
            .get_extension::<T>()
            .ok()
            .flatten()
            .map(|(_, value)| value)
    }
}

fn url_of(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::UniformResourceIdentifier(url) => Some(url.as_str().to_owned()),
        _ => None,
    }
}
