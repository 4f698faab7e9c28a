//! `GET /v1/profile`: what the system allows and how it is called, with the keys that the phone pins at first use.

use crate::platform::Platform;
use crate::server::Answer;
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use kapok_protocol::api::profile::Profile;
use std::sync::Arc;

/// The phone's call; public.
pub fn routes() -> Router<Arc<Platform>> {
    Router::new().route("/v1/profile", get(profile))
}

async fn profile(State(platform): State<Arc<Platform>>) -> Answer<Profile> {
    let file = &platform.config.profile;
    Ok(Json(Profile {
        id: file.id.clone(),
        title: file.title.clone(),
        min_app: file.min_app.clone(),
        latest_app: file.latest_app.clone(),
        login_ways: file.login_ways.clone(),
        face_documents: file.face_documents.clone(),
        qr_host: file.qr_host.clone(),
        privacy_version: file.privacy_version.clone(),
        keys: platform.pinned.clone(),
    }))
}
