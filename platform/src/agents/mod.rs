//! Agents (经办人): invites to one named person, consent after a face check, grants.
//!
//! Triggered by 添加经办人 or 分享给法定代表人认证. Outcome: a grant, and for an authentication a raised level. Exits: declined,
//! expired, revoked; a mismatch is an event, not a state, so that strangers cannot burn an invite.

mod answer;
mod grants;
mod invite;
mod manage;
mod pages;
pub mod transitions;

pub use answer::{check_person, check_start, consent};
pub use pages::public_page;

use crate::platform::Platform;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// The phone's calls: see [`kapok_protocol::api::agents`].
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/enterprises/{id}/agents", get(manage::list))
        .route("/v1/enterprises/{id}/invites", post(manage::invite))
        .route(
            "/v1/enterprises/{id}/authentication",
            post(manage::ask_authentication),
        )
        .route("/v1/invites/{id}", get(pages::page))
        .route("/v1/invites/{id}/open", post(pages::open))
        .route("/v1/invites/{id}/sent", post(manage::sent))
        .route("/v1/invites/{id}/revoke", post(manage::revoke))
        .route("/v1/invites/{id}/answer", post(answer::answer))
        .route("/v1/grants/{id}/revoke", post(grants::revoke))
}

#[cfg(test)]
mod tests;
