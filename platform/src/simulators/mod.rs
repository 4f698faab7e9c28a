//! Stand-ins for what lives outside: WeChat with the 粤信签 mini program, the face provider, the SMS network, the market
//! register's data. They answer on these pages only; everything behind them is the real platform. Outside development none of it
//! exists: no page, no face, no person, no account.

mod data;
mod invite;
mod mini;
mod page;
pub mod pc;
mod provider;
pub mod remote;
mod sms;
mod time;

pub use data::{People, SimulatedPerson, seed};
pub use mini::Walked;
pub use provider::{NoProvider, Outcome, SimulatedProvider};
pub use sms::SmsInbox;
pub use time::Passed;

use crate::platform::Platform;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use std::sync::Arc;

/// The browser's pages, and the same for programs. In development only.
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/sim", get(page::index))
        .route("/sim/sms", get(sms::inbox))
        .route("/sim/time", get(time::ask).post(time::form))
        .route("/sim/api/time", post(time::api))
        .route("/sim/mini", get(mini::enter))
        .route("/sim/mini/open", post(mini::open))
        .route("/sim/mini/face", post(mini::face))
        .route("/sim/mini/result", post(mini::result))
        .route("/sim/mini/again", post(mini::again))
        .route("/sim/mini/cancel", post(mini::cancel))
        .route("/sim/api/mini/{h}", post(mini::api))
}

/// What an invite's link shows: on both sides, because WeChat opens the phone's. No simulator: it is there always.
pub fn public_routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/plain.css", get(style))
        .route("/i/{id}", get(invite::page))
}

async fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../simulators/style.css"),
    )
}

#[cfg(test)]
mod tests;
