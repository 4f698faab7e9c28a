//! Enterprises: found by the legal representative's identity, added, searched, registered, selected; links to an account.
//!
//! Triggered by a login (own enterprises appear by themselves, YST-009) or by the calls of
//! [`kapok_protocol::api::registry`]. What an account may see of an enterprise is decided in [`access`] alone.

pub mod access;
mod accounts;
mod enter;
mod links;
pub mod register;

pub use access::Member;
pub use accounts::{authenticate, ensure, find_own, join};

use crate::platform::Platform;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// The phone's calls.
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/enterprises", get(enter::list))
        .route("/v1/enterprises/select", post(enter::select))
        .route("/v1/enterprises/add", post(enter::add))
        .route("/v1/enterprises/register", post(enter::register))
        .route("/v1/registry/search", get(register::search))
        .route("/v1/links", get(links::waiting).post(links::ask))
        .route("/v1/links/{id}/answer", post(links::answer))
}

#[cfg(test)]
mod tests;
