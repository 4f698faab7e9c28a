//! Request bodies: JSON, with the field named when it does not read.

use super::respond::Failure;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use kapok_protocol::error::{ApiError, ErrorCode};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The largest JSON body, in bytes. Routes that take documents set their own limit.
pub const MAX_JSON: usize = 256 * 1024;

/// A JSON body, and the SHA-256 of its bytes for the idempotency record.
pub struct Input<T> {
    /// What was sent.
    pub value: T,
    /// SHA-256 of the body.
    pub digest: [u8; 32],
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.split(';').next())
            .is_some_and(|v| v.trim().eq_ignore_ascii_case("application/json"));
        if !json {
            return Err(Failure::field("content-type", "not_json"));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| ApiError {
                code: ErrorCode::DocSize,
                field: Some("body".into()),
                reason: Some("too_long".into()),
                ..ApiError::new(ErrorCode::DocSize)
            })?;
        Ok(Self {
            value: json_of(&body)?,
            digest: Sha256::digest(&body).into(),
        })
    }
}

/// Reads JSON; the error names the path of the field and never repeats its content.
pub fn json_of<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let path = e.path().to_string();
        let field = if path == "." { "body".to_owned() } else { path };
        let reason = match e.inner().classify() {
            serde_json::error::Category::Data => "invalid",
            _ => "not_json",
        };
        Failure::field(field, reason)
    })?;
    reader
        .end()
        .map_err(|_| Failure::field("body", "not_json"))?;
    Ok(value)
}
