//! The face service: results of face checks, statements about them, and its half of the recovery share; in a database file and under
//! keys of its own.
//!
//! Triggered by a finished handoff, by a phone that asks for a statement, and by a staging of the guard. Outcome: statements that guard
//! and CA verify under [`sign_key`]. A result counts for its own person, phone and purpose, and for a few minutes.

mod assertions;
mod releases;
mod results;
mod shares;
#[cfg(test)]
mod tests;

pub use releases::deleted;
pub use results::Results;
pub use shares::committed;

use crate::platform::Platform;
use axum::Router;
use axum::routing::post;
use std::sync::Arc;

/// The phone's calls: see [`kapok_protocol::api::guard`].
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/face/assertions", post(assertions::assert))
        .route("/v1/face/shares", post(shares::stage))
        .route("/v1/face/releases", post(releases::release))
}

/// The key that signs statements, SEC1 compressed.
pub fn sign_key(platform: &Platform) -> &[u8; 33] {
    platform.face_keys.sign_public()
}
