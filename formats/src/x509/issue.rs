//! Issuing in two steps: the bytes to be signed, then the certificate.

use super::extensions::{
    authority_key, crl_place, issuer_places, key_identifier, of_profile, organization_code,
    subject_key,
};
use super::signed::{algorithm_identifier, join, time};
use super::{Certificate, Subject, X509Error};
use crate::signer::{Algorithm, PublicKey, Signer};
use der::asn1::Any;
use der::{Decode, Encode, Reader, Sequence, SliceReader};
use spki::AlgorithmIdentifierOwned;
use std::net::IpAddr;
use x509_cert::Version;
use x509_cert::ext::Extensions;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::Time;

/// What a certificate is for; decides constraints and usages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Profile {
    /// Self-signed anchor of certificates.
    Root,
    /// Self-signed anchor of seal makers and of the certificates in seals.
    SealRoot,
    /// CA under a root; issues end entities only (path length 0).
    Issuing,
    /// 机构证书: digitalSignature and nonRepudiation.
    Organisation,
    /// 员工证书: digitalSignature and nonRepudiation.
    Employee,
    /// 制章者: digitalSignature and nonRepudiation.
    SealMaker,
    /// Signs a relying party's requests to the phone: digitalSignature.
    RelyingParty,
    /// Signs RFC 3161 timestamps: digitalSignature, critical timeStamping.
    Timestamp,
    /// Signs OCSP responses for its issuer's certificates (RFC 6960 section 4.2.2.2): digitalSignature, OCSPSigning, ocsp-nocheck.
    Ocsp,
    /// TLS server.
    Server {
        /// Host names.
        dns: Vec<String>,
        /// Addresses.
        ip: Vec<IpAddr>,
    },
}

impl Profile {
    pub(super) const fn is_root(&self) -> bool {
        matches!(self, Self::Root | Self::SealRoot)
    }

    pub(super) const fn is_ca(&self) -> bool {
        matches!(self, Self::Root | Self::SealRoot | Self::Issuing)
    }
}

/// Everything that decides a certificate; the same request always gives the same bytes.
#[derive(Debug, Clone)]
pub struct IssueRequest<'a> {
    /// What it is for.
    pub profile: Profile,
    /// Big-endian, positive, at most 20 bytes as DER INTEGER; at least 8 bytes from a random source are usual.
    pub serial: &'a [u8],
    /// The issuer's certificate; `None` for a root, which issues itself.
    pub issuer: Option<&'a Certificate>,
    /// Whom it is for.
    pub subject: Subject,
    /// DER SubjectPublicKeyInfo, normally from a [`super::Csr`].
    pub subject_spki_der: &'a [u8],
    /// Start of validity, Unix seconds.
    pub not_before: u64,
    /// End of validity (inclusive), Unix seconds.
    pub not_after: u64,
    /// Where the issuer's CRL is; every certificate but a root must name it.
    pub crl_url: Option<&'a str>,
    /// Where the issuer's certificate is (AIA caIssuers).
    pub ca_issuers_url: Option<&'a str>,
    /// Where the issuer's OCSP responder is (AIA ocsp).
    pub ocsp_url: Option<&'a str>,
}

#[derive(Sequence)]
struct Tbs {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: Version,
    serial: SerialNumber,
    signature: AlgorithmIdentifierOwned,
    issuer: Any,
    validity: Validity,
    subject: Any,
    spki: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Extensions,
}

#[derive(Sequence)]
struct Validity {
    not_before: Time,
    not_after: Time,
}

/// The TBSCertificate to be recorded and then signed; DER.
///
/// # Errors
/// [`X509Error::Field`] naming the field of the request that cannot stand, [`X509Error::Signer`] for a bad key.
pub fn tbs(request: &IssueRequest<'_>) -> Result<Vec<u8>, X509Error> {
    check(request)?;
    let subject_key = PublicKey::from_spki_der(request.subject_spki_der)?;
    let algorithm = match request.issuer {
        Some(issuer) => issuer.public_key()?.algorithm(),
        None => subject_key.algorithm(),
    };
    let serial = SerialNumber::new(request.serial).map_err(|_| X509Error::Field {
        field: "serial",
        reason: "is longer than 20 bytes",
    })?;
    let not_before = time(request.not_before, "not_before")?;
    let not_after = time(request.not_after, "not_after")?;
    let subject = request.subject.to_name_der()?;
    let issuer = request
        .issuer
        .map_or(subject.as_slice(), |issuer| &issuer.subject().der);
    let own_id = key_identifier(request.subject_spki_der)?;
    let encode = || -> der::Result<Vec<u8>> {
        Tbs {
            version: Version::V3,
            serial,
            signature: owned(algorithm)?,
            issuer: Any::from_der(issuer)?,
            validity: Validity {
                not_before,
                not_after,
            },
            subject: Any::from_der(&subject)?,
            spki: Any::from_der(request.subject_spki_der)?,
            extensions: extensions(request, &own_id)?,
        }
        .to_der()
    };
    encode().map_err(|_| X509Error::malformed("tbs"))
}

/// Signs a TBSCertificate made by [`tbs`]; DER certificate.
///
/// # Errors
/// [`X509Error::Algorithm`] when the signer is not of the algorithm that the TBS names, [`X509Error::Malformed`],
/// [`X509Error::Signer`].
pub fn certificate(tbs_der: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, X509Error> {
    let named = named_algorithm(tbs_der).map_err(|_| X509Error::malformed("tbs"))?;
    if named != signer.algorithm().signature_oid() {
        return Err(X509Error::Algorithm);
    }
    join(tbs_der, signer)
}

fn named_algorithm(tbs_der: &[u8]) -> der::Result<spki::ObjectIdentifier> {
    let mut reader = SliceReader::new(tbs_der)?;
    let header = der::Header::decode(&mut reader)?;
    header.tag().assert_eq(der::Tag::Sequence)?;
    reader.tlv_bytes()?;
    reader.tlv_bytes()?;
    Ok(AlgorithmIdentifierOwned::decode(&mut reader)?.oid)
}

fn owned(algorithm: Algorithm) -> der::Result<AlgorithmIdentifierOwned> {
    AlgorithmIdentifierOwned::from_der(&algorithm_identifier(algorithm).to_der()?)
}

fn extensions(request: &IssueRequest<'_>, own_id: &[u8]) -> der::Result<Extensions> {
    let mut all = of_profile(&request.profile)?;
    all.push(subject_key(own_id)?);
    // GM/T 0015 forbids an authority key identifier in a root.
    if let Some(issuer_id) = request.issuer.and_then(Certificate::subject_key_id) {
        all.push(authority_key(issuer_id)?);
    }
    if let Some(url) = request.crl_url {
        all.push(crl_place(url)?);
    }
    all.extend(issuer_places(request.ocsp_url, request.ca_issuers_url)?);
    if let Some(code) = &request.subject.uscc {
        all.push(organization_code(code)?);
    }
    Ok(all)
}

fn check(request: &IssueRequest<'_>) -> Result<(), X509Error> {
    let refuse = |field, reason| Err(X509Error::Field { field, reason });
    if request.serial.iter().all(|byte| *byte == 0) {
        return refuse("serial", "is not positive");
    }
    if request.not_after <= request.not_before {
        return refuse("not_after", "is not after not_before");
    }
    match (request.profile.is_root(), request.issuer) {
        (true, Some(_)) => return refuse("issuer", "a root issues itself"),
        (false, None) => return refuse("issuer", "is missing"),
        (false, Some(issuer)) if !issuer.is_ca() => return refuse("issuer", "is no CA"),
        (false, Some(_)) if request.crl_url.is_none() => return refuse("crl_url", "is missing"),
        _ => {}
    }
    let urls = [
        ("crl_url", request.crl_url),
        ("ca_issuers_url", request.ca_issuers_url),
        ("ocsp_url", request.ocsp_url),
    ];
    for (field, url) in urls {
        if url.is_some_and(|url| !url.is_ascii() || !url.starts_with("http")) {
            return refuse(field, "is no http URL in ASCII");
        }
    }
    if let Profile::Server { dns, ip } = &request.profile {
        if dns.is_empty() && ip.is_empty() {
            return refuse("profile", "a server needs a name or an address");
        }
        if dns.iter().any(|host| host.is_empty() || !host.is_ascii()) {
            return refuse("profile", "a host name is empty or not ASCII");
        }
    }
    Ok(())
}
