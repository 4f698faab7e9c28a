//! Headers and limits of every answer.

use super::input::MAX_JSON;
use super::respond::Failure;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use kapok_protocol::error::ErrorCode;

/// For pages of our own: nothing but this origin's files, no frame around it.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// For answers that are no pages.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The phone's side.
pub fn phone<S: Clone + Send + Sync + 'static>(roles: Router<S>) -> Router<S> {
    roles
        .fallback(async || Failure::from(ErrorCode::NotFound))
        .method_not_allowed_fallback(async || Failure::from(ErrorCode::NotFound))
        .layer(DefaultBodyLimit::max(MAX_JSON))
        .layer(middleware::map_response(async |mut response: Response| {
            common(response.headers_mut(), API_POLICY);
            response
        }))
}

/// The browser's side.
pub fn browser<S: Clone + Send + Sync + 'static>(roles: Router<S>) -> Router<S> {
    roles
        .fallback(async || Failure::from(ErrorCode::NotFound))
        .method_not_allowed_fallback(async || Failure::from(ErrorCode::NotFound))
        .layer(DefaultBodyLimit::max(MAX_JSON))
        .layer(middleware::map_response(async |mut response: Response| {
            common(response.headers_mut(), PAGE_POLICY);
            response
        }))
        .layer(middleware::from_fn(own_host))
}

/// Refuses requests that name another host: a foreign site's name may have been pointed at this machine (DNS rebinding).
async fn own_host(request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|v| v.to_str().ok());
    let name = host.map(|h| h.rsplit_once(':').map_or(h, |(name, _)| name));
    match name {
        Some("127.0.0.1" | "localhost" | "[::1]") => next.run(request).await,
        _ => Failure::from(ErrorCode::NotFound).into_response(),
    }
}

/// Sets what is not set: a route may have a stricter or wider policy of its own.
fn common(headers: &mut HeaderMap, policy: &'static str) {
    let rows: [(HeaderName, &'static str); 7] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
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
