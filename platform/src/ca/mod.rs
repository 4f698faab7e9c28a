//! The certificate authority (YQQ-003 to YQQ-016).
//!
//! It checks all evidence itself, so that a broken register or interface cannot issue for a person: the face service's statement
//! that person and phone belong together, the phone's signature over order and request, the guard's PIN proof for this very
//! request, and the person's right in the enterprise. The bytes to be signed are stored before they are signed.

mod evidence;
mod issue;
mod manage;
mod publish;
mod revoke;
mod status;
#[cfg(test)]
pub(crate) mod tests;

use crate::platform::Platform;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

pub use revoke::{recheck, resume_phone, revoke, revoke_phone, suspend, suspend_phone};
pub use status::Status;

/// The phone's calls.
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/certificates", get(status::list))
        .route("/v1/certificates", post(issue::order))
        .route("/v1/certificates/by-csr/{hash}", get(issue::by_csr))
        .route("/v1/certificates/{serial}/status", get(status::status))
        .route("/v1/certificates/{serial}/revoke", post(manage::revoke))
        .route("/v1/certificates/{serial}/suspend", post(manage::suspend))
        .route("/v1/certificates/{serial}/resume", post(manage::resume))
}

/// Revocation lists and CA certificates: plain http, for everybody.
pub fn public_routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/crl/{file}", get(publish::crl))
        .route("/ca/{file}", get(publish::certificate))
}
