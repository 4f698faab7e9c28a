//! The seal authority: GB/T 38540 seals, drawn by it and signed with SM2 (YQQ-011 to YQQ-014).
//!
//! A seal is made from a picture that the person has confirmed, with the person's certificate in its list. What is signed is stored
//! first; the signature follows, so that a crash leaves a row that is finished by the next call.

mod generate;
mod preview;
#[cfg(test)]
mod tests;

use crate::platform::Platform;
use crate::server::{Answer, Failure};
use crate::store::seals as rows;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use kapok_protocol::api::seals::SealStatus;
use kapok_protocol::error::ErrorCode;
use std::sync::Arc;

/// The phone's calls; the status is public.
pub fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/v1/seals/previews", post(preview::preview))
        .route("/v1/seals", post(generate::generate))
        .route("/v1/seals", get(generate::list))
        .route("/v1/seals/{es_id}/status", get(status))
}

/// Whether a seal may be used now: `SEAL_REVOKED`, or `SEAL_NONE` for one that was never made here.
pub async fn good(platform: &Platform, es_id: &str) -> Result<(), Failure> {
    match rows::is_good(platform.db.reader(), es_id).await? {
        Some(true) => Ok(()),
        Some(false) => Err(ErrorCode::SealRevoked.into()),
        None => Err(ErrorCode::SealNone.into()),
    }
}

/// `GET /v1/seals/{es_id}/status`.
async fn status(
    State(platform): State<Arc<Platform>>,
    Path(es_id): Path<String>,
) -> Answer<SealStatus> {
    let good = rows::is_good(platform.db.reader(), &es_id)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    Ok(Json(SealStatus {
        good,
        at: platform.clock.seconds(),
    }))
}
