//! Errors as answers: an [`ApiError`] with its status, and `Retry-After` where waiting helps.

use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kapok_protocol::error::{ApiError, ErrorCode};

/// What a handler gives back.
pub type Answer<T> = Result<Json<T>, Failure>;

/// A refusal on its way out. Made from an [`ErrorCode`], an [`ApiError`] or a [`StoreError`] by `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub ApiError);

impl Failure {
    /// `INPUT_INVALID` at a field.
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self(ApiError::field(field, reason))
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Self(ApiError::new(code))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        // The log gets the database's word, which holds no row data; the caller gets a code.
        tracing::error!(%error, "store");
        Self(ApiError::new(ErrorCode::Internal))
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let wait = self.0.wait_seconds;
        let mut response = (status, Json(self.0)).into_response();
        if let Some(seconds) = wait {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
