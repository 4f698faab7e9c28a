//! The page over HTTP: its address, its files under an address that names their content, and the headers that let nothing else run.

mod assets;
mod strip;

use crate::Platform;
use assets::{Asset, Assets};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use kapok_protocol::error::ErrorCode;
use std::sync::Arc;

use crate::server::Failure;

/// Scripts, styles, pictures and connections of this origin only; `data:` pictures are the QR code and seal previews.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/// A file whose address names its content never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The page lives with its keys: a kept copy would come back without them.
const NEVER: &str = "no-store";
/// What has one address for all versions is asked for again; the tag makes that cheap.
const ASK_AGAIN: &str = "no-cache";

/// The page, its files, and where a portal finds the module.
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/", get(index))
        .route("/sign.json", get(module))
        .route("/assets/{version}/{name}", get(file))
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
    answer(&Assets::get().index, &headers, NEVER)
}

/// Version, address and integrity of the module and of all that it imports, for a portal's own page.
async fn module(headers: HeaderMap) -> Response {
    answer(&Assets::get().module, &headers, ASK_AGAIN)
}

async fn file(
    Path((version, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let asset = Assets::get()
        .file(&version, &name)
        .ok_or(ErrorCode::NotFound)?;
    Ok(answer(asset, &headers, FOR_EVER))
}

fn answer(asset: &Asset, headers: &HeaderMap, keep: &'static str) -> Response {
    let (encoding, bytes) = match &asset.gzip {
        Some(gzip) if takes_gzip(headers) => (Some("gzip"), gzip),
        _ => (None, &asset.bytes),
    };
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|tags| tags.to_str().is_ok_and(|tags| tags.contains(&asset.tag)));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        bytes.clone().into_response()
    };
    let out = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, keep),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_TYPE, asset.kind),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        out.insert(name, HeaderValue::from_static(value));
    }
    if let Some(encoding) = encoding {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(tag) = HeaderValue::from_str(&asset.tag) {
        out.insert(header::ETAG, tag);
    }
    response
}

/// Whether `gzip` is among the encodings and not refused by a weight of 0 (RFC 9110 § 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|choice| {
            let (name, weight) = choice.split_once(';').unwrap_or((choice, "q=1"));
            let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
            name.trim().eq_ignore_ascii_case("gzip") && weight.parse::<f32>().is_ok_and(|w| w > 0.0)
        })
}
