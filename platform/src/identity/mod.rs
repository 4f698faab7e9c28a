//! Accounts, sessions and the face-login handoff.
//!
//! Triggered by a phone's `POST /v1/handoffs` or `POST /v1/sessions/password`. Outcome: tokens bound to the phone's key, or a
//! consent page. The mini program's side of a handoff is [`mini`]; the exits are the states of [`handoff::state`].

mod account;
pub mod handoff;
pub mod mini;
mod password;
pub mod persons;
mod provider;
pub mod tokens;

pub use account::display_name;
pub use password::{add_login, hash_password};
pub use provider::{FaceProvider, Order, Provided, VerifiedPerson};

use crate::platform::Platform;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// The phone's calls: see [`kapok_protocol::api::identity`].
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/handoffs", post(handoff::start))
        .route("/v1/handoffs/{id}", get(handoff::status))
        .route("/v1/handoffs/{id}/cancel", post(handoff::cancel))
        .route("/v1/handoffs/{id}/finish", post(handoff::finish))
        .route("/v1/sessions/password", post(password::login))
        .route("/v1/sessions/end", post(tokens::end))
        .route("/v1/tokens/refresh", post(tokens::refresh))
        .route("/v1/me", get(account::me))
}

#[cfg(test)]
mod tests;
