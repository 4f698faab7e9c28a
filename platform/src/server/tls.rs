//! The TLS identity: a P-256 root kept in the folder, and a server certificate under it, made anew at each start.
//!
//! Its times come from the machine's clock, not from [`crate::clock::Clock`]: the peer's TLS library compares them with its own.

use crate::config::StartError;
use crate::keys::{Keys, random_p256};
use crate::pki::{self, Authority, Pki, TLS};
use kapok_formats::signer::{P256Key, Signer};
use kapok_formats::x509::{
    Certificate, IssueRequest, LABEL_CERTIFICATE, Profile, Subject, pem_decode,
};
use p256::pkcs8::EncodePrivateKey;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

const DAY: u64 = 86_400;
const ROOT_LIFE: u64 = 3650 * DAY;
const SERVER_LIFE: u64 = 90 * DAY;
/// Name of the root's key in the folder; the certificate beside it is PEM, for people hand it to phones.
const ROOT: &str = "tls-root";
const ROOT_FILE: &str = "tls-root.pem";

/// What the TLS listener needs, and what the phone is told to trust.
pub struct Identity {
    /// rustls' configuration.
    pub server: Arc<rustls::ServerConfig>,
    /// The root, PEM.
    pub root_pem: String,
}

/// Reads or makes the root.
pub fn root(keys: &Keys) -> Result<Authority, StartError> {
    let key = pki::p256(keys, ROOT)?;
    let pem = keys.file(ROOT_FILE, || {
        let der = issue(Profile::Root, "Kapok platform TLS root", &key, None)?;
        Ok(pki::pem(&der).into_bytes())
    })?;
    let damaged = || StartError::KeyFile(ROOT_FILE.to_owned());
    let pem = std::str::from_utf8(&pem).map_err(|_| damaged())?;
    let der = pem_decode(LABEL_CERTIFICATE, pem).map_err(|_| damaged())?;
    Ok(Authority {
        key: Box::new(key),
        certificate: Certificate::parse(&der).map_err(|_| damaged())?,
    })
}

/// Signs a server certificate for `localhost`, 127.0.0.1 and `ip`.
pub fn identity(pki: &Pki, ip: IpAddr) -> Result<Identity, StartError> {
    let secret = random_p256();
    let scalar = Zeroizing::new(secret.to_bytes().into());
    let key = P256Key::from_scalar(&scalar).map_err(fail)?;
    let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST), ip];
    addresses.dedup();
    let profile = Profile::Server {
        dns: vec!["localhost".to_owned()],
        ip: addresses,
    };
    let leaf = issue(profile, "localhost", &key, Some(pki))?;
    let pkcs8 = secret.to_pkcs8_der().map_err(fail)?;
    let mut server = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .map_err(fail)?
    .with_no_client_auth()
    .with_single_cert(
        vec![CertificateDer::from(leaf)],
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8.as_bytes().to_vec())),
    )
    .map_err(fail)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Identity {
        server: Arc::new(server),
        root_pem: pki::pem(pki.tls_root.certificate.der()),
    })
}

/// The root without `issuer`, else a server's certificate under its TLS root.
fn issue(
    profile: Profile,
    name: &str,
    key: &P256Key,
    issuer: Option<&Pki>,
) -> Result<Vec<u8>, StartError> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let life = issuer.map_or(ROOT_LIFE, |_| SERVER_LIFE);
    let (crl, place) = (
        issuer.map(|pki| pki.crl_url(TLS)),
        issuer.map(|pki| pki.ca_url(TLS)),
    );
    let request = IssueRequest {
        profile,
        serial: &pki::serial(),
        issuer: issuer.map(|pki| &pki.tls_root.certificate),
        subject: Subject {
            common_name: name.to_owned(),
            organization: Some("Kapok test".to_owned()),
            ..Subject::default()
        },
        subject_spki_der: &key.spki_der().map_err(fail)?,
        // A day back: the phone's clock may be slow.
        not_before: now.saturating_sub(DAY),
        not_after: now + life,
        crl_url: crl.as_deref(),
        ca_issuers_url: place.as_deref(),
        ocsp_url: None,
    };
    match issuer {
        Some(pki) => pki::issue(&request, pki.tls_root.key.as_ref()),
        None => pki::issue(&request, key),
    }
    .map_err(fail)
}

fn fail(error: impl std::fmt::Display) -> StartError {
    StartError::Tls(error.to_string())
}
