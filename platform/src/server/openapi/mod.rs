//! The interface as OpenAPI 3.1: `/openapi.json` on both sides. The calls stand in a table beside the routers, a test compares the two, and
//! the schemas are those that `protocol` derives.

mod browser;
mod call;
mod phone;
#[cfg(test)]
mod tests;

use crate::Platform;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use bytes::Bytes;
use call::{Call, Schema};
use kapok_protocol::error::ApiError;
use serde_json::{Map, Value, json};
use std::sync::{Arc, LazyLock};

const ABOUT: &str = "The reference counterpart of the Kapok phone core. Phones call over TLS under the platform's root; browsers call over \
    http on the loopback address. Ids are 32 hexadecimal digits, byte strings base64url without padding, times seconds since the epoch. \
    Every refusal is an ApiError with a stable code.";

static PHONE: LazyLock<Bytes> =
    LazyLock::new(|| document(&phone::calls(), "for phones").to_string().into());
static BROWSER: LazyLock<Bytes> = LazyLock::new(|| {
    document(&browser::calls(), "for browsers")
        .to_string()
        .into()
});

/// The document of the phone's side.
pub fn phone_routes() -> Router<Arc<Platform>> {
    Router::new().route("/openapi.json", get(async || json_of(&PHONE)))
}

/// The document of the browser's side.
pub fn browser_routes() -> Router<Arc<Platform>> {
    Router::new().route("/openapi.json", get(async || json_of(&BROWSER)))
}

fn json_of(document: &Bytes) -> impl IntoResponse + use<> {
    (
        [(header::CONTENT_TYPE, "application/json")],
        document.clone(),
    )
}

fn document(calls: &[Call], side: &str) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    let error = Schema::of::<ApiError>();
    error.collect(&mut schemas);
    for call in calls {
        for schema in call.schemas() {
            schema.collect(&mut schemas);
        }
        let item = paths.entry(call.path).or_insert_with(|| json!({}));
        if let Some(methods) = item.as_object_mut() {
            methods.insert(call.method.to_owned(), call.operation(&error));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("Kapok platform, {side}"),
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": schemas, "securitySchemes": call::security_schemes() },
    })
}
