//! Headers and limits of every answer.

use super::input::MAX_JSON;
use super::respond::Failure;
use crate::clock::Clock;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use kapok_protocol::error::ErrorCode;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// For pages of our own: nothing but this origin's files, no frame around it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// Other sites learn nothing. Under `no-referrer` a browser sends a form with `Origin: null`, which [`own`] could not tell from a
/// foreign page's.
const OWN_REFERRER: &str = "same-origin";
/// For answers that are no pages.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The phone's side.
pub fn phone<S: Clone + Send + Sync + 'static>(
    roles: Router<S>,
    clock: Arc<dyn Clock>,
) -> Router<S> {
    roles
        .fallback(async || Failure::from(ErrorCode::NotFound))
        .method_not_allowed_fallback(async || Failure::from(ErrorCode::NotFound))
        .layer(DefaultBodyLimit::max(MAX_JSON))
        .layer(middleware::map_response(move |mut response: Response| {
            common(response.headers_mut(), API_POLICY, "no-referrer");
            dated(response.headers_mut(), clock.as_ref());
            async { response }
        }))
}

/// `Date` by the platform's clock: the phone sets its own proofs by it.
fn dated(headers: &mut HeaderMap, clock: &dyn Clock) {
    let now = UNIX_EPOCH + Duration::from_secs(clock.seconds());
    if let Ok(value) = HeaderValue::from_str(&httpdate::fmt_http_date(now)) {
        headers.insert(header::DATE, value);
    }
}

/// The browser's side.
pub fn browser<S: Clone + Send + Sync + 'static>(roles: Router<S>) -> Router<S> {
    roles
        .fallback(async || Failure::from(ErrorCode::NotFound))
        .method_not_allowed_fallback(async || Failure::from(ErrorCode::NotFound))
        .layer(DefaultBodyLimit::max(MAX_JSON))
        .layer(middleware::map_response(async |mut response: Response| {
            common(response.headers_mut(), PAGE_POLICY, OWN_REFERRER);
            response
        }))
        .layer(middleware::from_fn(own_host))
}

/// Refuses requests that name another host, as a foreign site's name may have been pointed at this machine (DNS rebinding), and
/// changes that a page of another origin sends.
async fn own_host(request: Request, next: Next) -> Response {
    if let Err(code) = own(request.method(), request.headers()) {
        return Failure::from(code).into_response();
    }
    next.run(request).await
}

fn own(method: &Method, headers: &HeaderMap) -> Result<(), ErrorCode> {
    let text = |name| headers.get(name).and_then(|v| v.to_str().ok());
    let host = text(header::HOST).ok_or(ErrorCode::NotFound)?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if !["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        return Err(ErrorCode::NotFound);
    }
    let foreign = headers.contains_key(header::ORIGIN)
        && text(header::ORIGIN).and_then(|o| o.strip_prefix("http://")) != Some(host);
    if foreign && !method.is_safe() {
        return Err(ErrorCode::NotAllowed);
    }
    Ok(())
}

/// Sets what is not set: a route may have a stricter or wider policy of its own.
fn common(headers: &mut HeaderMap, policy: &'static str, referrer: &'static str) {
    let rows: [(HeaderName, &'static str); 7] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, referrer),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ];
    for (name, value) in rows {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}
