//! The TLS identity: a P-256 root kept in the folder, and a server certificate under it, made anew at each start.
//!
//! Its times come from the machine's clock, not from [`crate::clock::Clock`]: the peer's TLS library compares them with its own.

use crate::config::StartError;
use crate::keys::{Keys, random_p256};
use der::asn1::{Ia5String, OctetString};
use der::{DecodePem, Encode, EncodePem};
use p256::ecdsa::{DerSignature, SigningKey};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use spki::{SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use x509_cert::Certificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages,
    SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

const DAY: Duration = Duration::from_secs(86_400);
const ROOT_NAME: &str = "CN=Kapok platform TLS root,O=Kapok test,C=CN";

/// What the TLS listener needs, and what the phone is told to trust.
pub struct Identity {
    /// rustls' configuration.
    pub server: Arc<rustls::ServerConfig>,
    /// The root, PEM.
    pub root_pem: String,
}

/// Reads or makes the root, and signs a server certificate for `localhost`, 127.0.0.1 and `ip`.
pub fn identity(keys: &Keys, ip: IpAddr) -> Result<Identity, StartError> {
    let root_key = SigningKey::from(keys.p256("tls-root")?);
    let root = keys.file("tls-root.pem", || make_root(&root_key))?;
    let root_pem = String::from_utf8(root).map_err(|_| damaged())?;
    let root = Certificate::from_pem(&root_pem).map_err(|_| damaged())?;

    let leaf_key = random_p256();
    let leaf = certificate(
        Kind::Server {
            issuer: root.tbs_certificate().subject().clone(),
            ip,
        },
        90 * DAY,
        &SigningKey::from(&leaf_key),
        &root_key,
    )?;
    let pkcs8 = leaf_key.to_pkcs8_der().map_err(fail)?;
    let mut server = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .map_err(fail)?
    .with_no_client_auth()
    .with_single_cert(
        vec![CertificateDer::from(leaf.to_der().map_err(fail)?)],
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.as_bytes().to_vec())),
    )
    .map_err(fail)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Identity {
        server: Arc::new(server),
        root_pem,
    })
}

fn make_root(key: &SigningKey) -> Result<Vec<u8>, StartError> {
    let root = certificate(Kind::Root, 3650 * DAY, key, key)?;
    Ok(root.to_pem(LineEnding::LF).map_err(fail)?.into_bytes())
}

fn certificate(
    kind: Kind,
    life: Duration,
    subject: &SigningKey,
    issuer: &SigningKey,
) -> Result<Certificate, StartError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let time = |at: Duration| Time::try_from(UNIX_EPOCH + at).map_err(fail);
    // A day back: the phone's clock may be slow.
    let validity = Validity::new(time(now.saturating_sub(DAY))?, time(now + life)?);
    let mut serial = rand::random::<[u8; 16]>();
    serial[0] &= 0x7f;
    let serial = SerialNumber::new(&serial).map_err(fail)?;
    let spki = SubjectPublicKeyInfo::from_key(subject.verifying_key()).map_err(fail)?;
    CertificateBuilder::new(kind, serial, validity, spki)
        .and_then(|b| b.build::<_, DerSignature>(issuer))
        .map_err(fail)
}

enum Kind {
    Root,
    Server { issuer: Name, ip: IpAddr },
}

impl Kind {
    fn name(text: &str) -> Name {
        // Both names are literals of this file that parse; a test builds them.
        Name::from_str(text).unwrap_or_default()
    }
}

impl BuilderProfile for Kind {
    fn get_issuer(&self, subject: &Name) -> Name {
        match self {
            Self::Root => subject.clone(),
            Self::Server { issuer, .. } => issuer.clone(),
        }
    }

    fn get_subject(&self) -> Name {
        match self {
            Self::Root => Self::name(ROOT_NAME),
            Self::Server { .. } => Self::name("CN=localhost,O=Kapok test,C=CN"),
        }
    }

    fn build_extensions(
        &self,
        own: SubjectPublicKeyInfoRef<'_>,
        issuer: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let subject = tbs.subject();
        let mut all = Vec::new();
        let add = |e: &dyn Fn(&[Extension]) -> Result<Extension, der::Error>,
                   all: &mut Vec<Extension>| {
            let made = e(all)?;
            all.push(made);
            Ok::<_, der::Error>(())
        };
        let root = matches!(self, Self::Root);
        add(
            &|x| SubjectKeyIdentifier::try_from(own.clone())?.to_extension(subject, x),
            &mut all,
        )?;
        add(
            &|x| AuthorityKeyIdentifier::try_from(issuer.clone())?.to_extension(subject, x),
            &mut all,
        )?;
        let basic = BasicConstraints {
            ca: root,
            path_len_constraint: root.then_some(0),
        };
        add(&|x| basic.to_extension(subject, x), &mut all)?;
        let usage = if root {
            KeyUsages::KeyCertSign | KeyUsages::CRLSign
        } else {
            KeyUsages::DigitalSignature.into()
        };
        add(&|x| KeyUsage(usage).to_extension(subject, x), &mut all)?;
        if let Self::Server { ip, .. } = self {
            let purpose = ExtendedKeyUsage(vec![const_oid::db::rfc5280::ID_KP_SERVER_AUTH]);
            add(&|x| purpose.to_extension(subject, x), &mut all)?;
            let names = alternative_names(*ip)?;
            add(&|x| names.to_extension(subject, x), &mut all)?;
        }
        Ok(all)
    }
}

fn alternative_names(ip: IpAddr) -> Result<SubjectAltName, der::Error> {
    let mut names = vec![GeneralName::DnsName(Ia5String::new("localhost")?)];
    let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), ip];
    addresses.dedup();
    for address in addresses {
        let bytes = match address {
            IpAddr::V4(v4) => v4.octets().to_vec(),
            IpAddr::V6(v6) => v6.octets().to_vec(),
        };
        names.push(GeneralName::IpAddress(OctetString::new(bytes)?));
    }
    Ok(SubjectAltName(names))
}

fn damaged() -> StartError {
    StartError::KeyFile("tls-root.pem".into())
}

fn fail(error: impl std::fmt::Display) -> StartError {
    StartError::Tls(error.to_string())
}
