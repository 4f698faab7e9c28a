//! Who a browser is: a random cookie, known to the server by its SHA-256 only. SameSite keeps it from other sites' requests; the
//! listener refuses changes that another origin sends.

use crate::Platform;
use crate::server::Failure;
use crate::store::portal::VisitorKey;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use kapok_protocol::error::ErrorCode;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// How long a browser is known, in seconds.
const LIFE: u32 = 7 * 86_400;

/// A browser that has been here before; anything else is refused as if the object did not exist.
pub struct Visitor(pub VisitorKey);

/// A browser, known or not.
pub struct AnyVisitor {
    /// Its key, if it showed a cookie.
    pub known: Option<VisitorKey>,
    name: String,
}

impl AnyVisitor {
    /// The key of this browser, and the cookie to be set if it is a new one.
    pub fn or_new(&self) -> (VisitorKey, Option<HeaderValue>) {
        if let Some(key) = self.known {
            return (key, None);
        }
        let value = hex::encode(rand::random::<[u8; 32]>());
        let cookie = format!(
            "{}={value}; HttpOnly; SameSite=Strict; Path=/portal/api; Max-Age={LIFE}",
            self.name
        );
        (key_of(&value), HeaderValue::from_str(&cookie).ok())
    }
}

fn key_of(value: &str) -> VisitorKey {
    Sha256::digest(value.as_bytes()).into()
}

/// Cookies do not know ports; two platforms on one machine must not overwrite each other's.
fn cookie_name(http_url: &str) -> String {
    let port = http_url.rsplit_once(':').map_or("", |(_, port)| port);
    format!("kapok_portal_{port}")
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && value.len() == 64).then_some(value))
}

impl FromRequestParts<Arc<Platform>> for AnyVisitor {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        platform: &Arc<Platform>,
    ) -> Result<Self, Failure> {
        let name = cookie_name(&platform.http_url);
        let known = cookie(&parts.headers, &name).map(key_of);
        Ok(Self { known, name })
    }
}

impl FromRequestParts<Arc<Platform>> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        platform: &Arc<Platform>,
    ) -> Result<Self, Failure> {
        let any = AnyVisitor::from_request_parts(parts, platform).await?;
        any.known
            .map(Self)
            .ok_or_else(|| ErrorCode::NotFound.into())
    }
}
