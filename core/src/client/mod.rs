//! HTTP and WebSocket to the platform: the only place of the core that touches the network.
//!
//! One rustls configuration (ring, the pinned roots and no others) serves both. A call here is one attempt; whether there is a
//! next one is decided by [`retry::next`], and `app` runs the loop, because each attempt needs a proof and random bytes of its own.

mod http;
pub mod relay;
pub mod retry;

use http::Http;
use kapok_protocol::error::ApiError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::Arc;
use url::Url;

/// Why a client cannot be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum ClientError {
    /// The platform's address is no `https` URL with a host and nothing after it.
    #[error("platform_url must be an https address")]
    Url,
    /// A trust root is no PEM certificate, or there is none.
    #[error("trust_roots_pem must hold a PEM certificate")]
    Roots,
    /// The app's version cannot stand in a header.
    #[error("app_version must be plain text")]
    Version,
    /// TLS could not be set up.
    #[error("TLS could not be set up")]
    Tls,
}

/// Why an attempt brought no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nothing has left the phone: no name, no connection, no TLS.
    NotSent,
    /// The request went out; whether it took effect is unknown.
    NoAnswer,
    /// An answer that is no success, with the platform's error if it reads as one.
    Status {
        /// HTTP status.
        status: u16,
        /// The body.
        error: Option<Box<ApiError>>,
    },
    /// A success whose body does not read.
    Malformed,
}

/// HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Changes nothing.
    Get,
    /// May change something.
    Post,
}

impl Method {
    /// As in the request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// One attempt, ready to go.
pub struct Attempt<'a> {
    /// Method.
    pub method: Method,
    /// Path and query under the platform's address, beginning with `/v1/`.
    pub path: &'a str,
    /// JSON body of a post.
    pub body: &'a [u8],
    /// `Authorization: DPoP <token>`.
    pub access_token: Option<&'a str>,
    /// `DPoP` proof.
    pub proof: Option<String>,
    /// `Idempotency-Key`.
    pub request_id: Option<String>,
}

/// What came back.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` in milliseconds, when given in seconds.
    pub retry_after_ms: Option<u64>,
    /// The platform's clock, from `Date`, in milliseconds since the epoch.
    pub server_ms: Option<u64>,
    /// Body.
    pub body: Vec<u8>,
}

/// The client of one platform.
pub struct Client {
    http: Http,
    tls: Arc<rustls::ClientConfig>,
    base: Url,
}

impl Client {
    /// A client that trusts these roots and no others. Opens no connection.
    pub fn new(
        platform_url: &str,
        roots_pem: &[String],
        app_version: &str,
    ) -> Result<Self, ClientError> {
        let base = parse_base(platform_url)?;
        let tls = tls_config(roots_pem)?;
        Ok(Self {
            http: Http::new(tls.clone(), app_version)?,
            tls: Arc::new(tls),
            base,
        })
    }

    /// The full address of a path, without query: what a DPoP proof names as `htu`.
    pub fn htu(&self, path: &str) -> Result<String, Failure> {
        let mut url = self.url(path)?;
        url.set_query(None);
        Ok(url.into())
    }

    /// One attempt. An answer of any status is an `Ok`.
    pub async fn send(&self, attempt: Attempt<'_>) -> Result<Answer, Failure> {
        self.http.send(self.url(attempt.path)?, attempt).await
    }

    fn url(&self, path: &str) -> Result<Url, Failure> {
        let url = self.base.join(path).map_err(|_| Failure::NotSent)?;
        // A path that begins with two slashes would name another host.
        if url.origin() != self.base.origin() {
            return Err(Failure::NotSent);
        }
        Ok(url)
    }
}

fn parse_base(platform_url: &str) -> Result<Url, ClientError> {
    let url = Url::parse(platform_url).map_err(|_| ClientError::Url)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let plain = url.username().is_empty() && url.password().is_none();
    if url.scheme() != "https" || !url.has_host() || !bare || !plain {
        return Err(ClientError::Url);
    }
    Ok(url)
}

fn tls_config(roots_pem: &[String]) -> Result<rustls::ClientConfig, ClientError> {
    let mut roots = rustls::RootCertStore::empty();
    for pem in roots_pem {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| ClientError::Roots)?;
            roots.add(certificate).map_err(|_| ClientError::Roots)?;
        }
    }
    if roots.is_empty() {
        return Err(ClientError::Roots);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|_| ClientError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_https_address_is_a_platform() {
        for bad in [
            "",
            "http://127.0.0.1:1",
            "https://",
            "https://a/b",
            "https://a/?q",
            "https://a/#f",
            "https://user@a/",
            "ftp://a",
        ] {
            assert_eq!(parse_base(bad), Err(ClientError::Url), "{bad}");
        }
        assert!(parse_base("https://localhost:8443").is_ok());
    }

    #[test]
    fn no_roots_or_broken_roots_are_refused() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for roots in [vec![], vec!["".to_owned()], vec![broken.to_owned()]] {
            assert_eq!(tls_config(&roots).unwrap_err(), ClientError::Roots);
        }
    }
}
