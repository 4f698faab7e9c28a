//! The page's files, inside the binary, with headers that let nothing else run.

use crate::Platform;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use std::sync::Arc;

/// Scripts, styles, pictures and connections of this origin only; `data:` pictures are the QR code and seal previews.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const JSON: &str = "application/json";

macro_rules! files {
    ($($name:literal: $kind:expr),+ $(,)?) => {
        &[$((concat!("/", $name), $kind, include_bytes!(concat!("../../page/", $name)))),+]
    };
}

const FILES: &[(&str, &str, &[u8])] = files! {
    "cbor.js": SCRIPT,
    "channel.js": SCRIPT,
    "page.js": SCRIPT,
    "portal.js": SCRIPT,
    "qr.js": SCRIPT,
    "relay.js": SCRIPT,
    "sign.js": SCRIPT,
    "style.css": "text/css; charset=utf-8",
    "kapok.svg": "image/svg+xml",
    "text.en.json": JSON,
    "text.zh-CN.json": JSON,
};

/// The page and its files.
pub fn routes() -> Router<Arc<Platform>> {
    let index = Router::new().route("/", get(index));
    FILES.iter().fold(index, |router, &(path, kind, bytes)| {
        router.route(path, get(async move || file(kind, bytes)))
    })
}

/// The page has one address: cookies and the relay's origin check know no other name of this machine.
async fn index(State(platform): State<Arc<Platform>>, headers: HeaderMap) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if platform.http_url.strip_prefix("http://") != Some(host) {
        return Redirect::temporary(&format!("{}/", platform.http_url)).into_response();
    }
    file(HTML, include_bytes!("../../page/index.html"))
}

fn file(kind: &'static str, bytes: &'static [u8]) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    (headers, bytes).into_response()
}
