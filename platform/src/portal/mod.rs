//! The demonstration relying party: a portal where a visitor uploads PDFs and has them signed by phone.
//!
//! Triggered by its page (`/`). Outcome: signed PDFs, each verified before it is stored. A visitor is a cookie; what belongs to another
//! cookie does not exist. The portal's server trusts neither page nor phone: it computes every digest itself, signs what it asks, and
//! takes a result only if the signature, its certificate, its seal and the guard's receipt all hold.
//!
//! The interface is [`kapok_protocol::api::portal`].

pub mod authority;
mod batches;
mod documents;
mod files;
mod page;
mod party;
mod range;
mod results;
mod sessions;
mod visitor;

#[cfg(test)]
mod tests;

pub use authority::Authority;
pub use documents::{LARGEST_DOCUMENT, NAME_CHARS, inspect, takes_company_seal};
pub use party::Portal;
pub use sessions::end_sessions_of;

use crate::Platform;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use kapok_protocol::message::DOCUMENT_MAX_BYTES;
use std::sync::Arc;

/// What a browser calls: the page and its interface.
pub fn browser_routes() -> Router<Arc<Platform>> {
    let limit = usize::try_from(DOCUMENT_MAX_BYTES).unwrap_or(usize::MAX);
    let upload = post(documents::upload)
        .layer(DefaultBodyLimit::max(limit))
        .get(documents::list);
    Router::new()
        .route("/portal/api/documents", upload)
        .route(
            "/portal/api/documents/{doc}/signed.pdf",
            get(documents::signed),
        )
        .route("/portal/api/sessions", post(sessions::create))
        .route(
            "/portal/api/sessions/{sid}/request",
            post(sessions::request),
        )
        .route("/portal/api/sessions/{sid}/batch", post(batches::create))
        .route(
            "/portal/api/sessions/{sid}/documents/{doc}",
            get(batches::document),
        )
        .route("/portal/api/sessions/{sid}/results", post(results::take))
        .route("/portal/api/sessions/{sid}/end", post(sessions::end))
        .merge(page::routes())
}

/// What a phone calls.
pub fn phone_routes() -> Router<Arc<Platform>> {
    Router::new().route("/v1/relying-parties/{leaf}", get(party::entry))
}
