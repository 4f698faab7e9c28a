//! The extensions that we write.

use super::X509Error;
use super::issue::Profile;
use crate::identity::Uscc;
use const_oid::{AssociatedOid, ObjectIdentifier};
use der::Encode;
use der::asn1::{Ia5String, OctetString, PrintableStringRef};
use der::flagset::FlagSet;
use sha2::{Digest, Sha256};
use spki::SubjectPublicKeyInfoRef;
use std::net::IpAddr;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
    SubjectKeyIdentifier,
};

/// OrganizationCode of GM/T 0015-2012 and GB/T 20518-2018, in practice the USCC; PrintableString.
pub(super) const ORGANIZATION_CODE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.156.10260.4.1.4");
/// id-ad-caIssuers.
pub(super) const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
/// id-ad-ocsp.
pub(super) const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
/// id-pkix-ocsp-nocheck.
const OCSP_NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");
/// id-kp-OCSPSigning.
pub(crate) const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");

pub(super) fn extension<T: AssociatedOid + Encode>(
    critical: bool,
    value: &T,
) -> der::Result<Extension> {
    raw(T::OID, critical, value.to_der()?)
}

fn raw(extn_id: ObjectIdentifier, critical: bool, value: Vec<u8>) -> der::Result<Extension> {
    Ok(Extension {
        extn_id,
        critical,
        extn_value: OctetString::new(value)?,
    })
}

/// Leftmost 160 bits of SHA-256 over the public key's bits (RFC 7093 method 1).
pub(super) fn key_identifier(spki_der: &[u8]) -> Result<Vec<u8>, X509Error> {
    let malformed = || X509Error::malformed("tbs");
    let spki = <SubjectPublicKeyInfoRef<'_> as der::Decode>::from_der(spki_der)
        .map_err(|_| malformed())?;
    let digest = Sha256::digest(spki.subject_public_key.raw_bytes());
    Ok(digest.get(..20).ok_or_else(malformed)?.to_vec())
}

pub(super) fn subject_key(identifier: &[u8]) -> der::Result<Extension> {
    extension(false, &SubjectKeyIdentifier(OctetString::new(identifier)?))
}

pub(super) fn authority_key(identifier: &[u8]) -> der::Result<Extension> {
    let key_identifier = Some(OctetString::new(identifier)?);
    extension(
        false,
        &AuthorityKeyIdentifier {
            key_identifier,
            ..Default::default()
        },
    )
}

pub(super) fn crl_place(url: &str) -> der::Result<Extension> {
    let place = DistributionPointName::FullName(vec![uri(url)?]);
    let point = DistributionPoint {
        distribution_point: Some(place),
        reasons: None,
        crl_issuer: None,
    };
    extension(false, &CrlDistributionPoints(vec![point]))
}

/// Where the issuer's responder and certificate are; nothing where neither is known.
pub(super) fn issuer_places(
    ocsp: Option<&str>,
    ca_issuers: Option<&str>,
) -> der::Result<Option<Extension>> {
    let mut places = Vec::new();
    for (access_method, url) in [(OCSP, ocsp), (CA_ISSUERS, ca_issuers)] {
        if let Some(url) = url {
            places.push(AccessDescription {
                access_method,
                access_location: uri(url)?,
            });
        }
    }
    if places.is_empty() {
        return Ok(None);
    }
    extension(false, &AuthorityInfoAccessSyntax(places)).map(Some)
}

pub(super) fn organization_code(code: &Uscc) -> der::Result<Extension> {
    raw(
        ORGANIZATION_CODE,
        false,
        PrintableStringRef::new(code.as_str())?.to_der()?,
    )
}

fn uri(url: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::UniformResourceIdentifier(Ia5String::new(url)?))
}

/// What the profile alone decides: constraints, usages, names of a server.
pub(super) fn of_profile(profile: &Profile) -> der::Result<Vec<Extension>> {
    let mut found = Vec::new();
    if profile.is_ca() {
        let path_len_constraint = if profile.is_root() { None } else { Some(0) };
        found.push(extension(
            true,
            &BasicConstraints {
                ca: true,
                path_len_constraint,
            },
        )?);
    }
    found.push(extension(true, &KeyUsage(usages(profile)))?);
    match profile {
        Profile::Server { dns, ip } => {
            found.push(extension(false, &ExtendedKeyUsage(vec![SERVER_AUTH]))?);
            found.push(extension(false, &SubjectAltName(server_names(dns, ip)?))?);
        }
        // Short-lived, and nobody asks a responder about itself.
        Profile::Ocsp => {
            found.push(extension(false, &ExtendedKeyUsage(vec![OCSP_SIGNING]))?);
            found.push(raw(OCSP_NO_CHECK, false, vec![5, 0])?);
        }
        // RFC 3161 section 2.3: this purpose alone, and critical.
        Profile::Timestamp => found.push(extension(true, &ExtendedKeyUsage(vec![TIME_STAMPING]))?),
        _ => {}
    }
    Ok(found)
}

fn usages(profile: &Profile) -> FlagSet<KeyUsages> {
    match profile {
        Profile::Root | Profile::SealRoot | Profile::Issuing => {
            KeyUsages::KeyCertSign | KeyUsages::CRLSign
        }
        Profile::Organisation | Profile::Employee | Profile::SealMaker => {
            KeyUsages::DigitalSignature | KeyUsages::NonRepudiation
        }
        Profile::RelyingParty | Profile::Server { .. } | Profile::Timestamp | Profile::Ocsp => {
            KeyUsages::DigitalSignature.into()
        }
    }
}

fn server_names(dns: &[String], ip: &[IpAddr]) -> der::Result<Vec<GeneralName>> {
    let mut names = Vec::new();
    for host in dns {
        names.push(GeneralName::DnsName(Ia5String::new(host)?));
    }
    names.extend(ip.iter().copied().map(GeneralName::from));
    Ok(names)
}
