//! HTTP by reqwest: pooled connections, one request and one answer at a time, no redirect, no proxy, no repetition of what may have arrived.

use super::{Answer, Attempt, ClientError, Failure, Method};
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use std::time::{Duration, UNIX_EPOCH};
use url::Url;

/// Name, TCP and TLS of a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// A request with its answer.
const OVERALL: Duration = Duration::from_secs(30);
/// The largest answer that is read.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

/// The pooled connections to the platform.
pub(super) struct Http(reqwest::Client);

impl Http {
    /// Opens no connection. Ends in [`ClientError::Version`] if the app's version cannot stand in a header.
    pub(super) fn new(tls: rustls::ClientConfig, app_version: &str) -> Result<Self, ClientError> {
        let agent = HeaderValue::try_from(format!("Kapok/{app_version}"))
            .map_err(|_| ClientError::Version)?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // Repeating inside the library would send the same one-time proof again.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .timeout(OVERALL)
            .user_agent(agent)
            .build()
            .map_err(|_| ClientError::Tls)?;
        Ok(Self(client))
    }

    /// One attempt. An answer of any status is an `Ok`.
    pub(super) async fn send(&self, url: Url, attempt: Attempt<'_>) -> Result<Answer, Failure> {
        let headers = headers(&attempt).ok_or(Failure::NotSent)?;
        let request = match attempt.method {
            Method::Get => self.0.get(url),
            Method::Post => self
                .0
                .post(url)
                .header(CONTENT_TYPE, "application/json")
                .body(attempt.body.to_vec()),
        };
        let response = request.headers(headers).send().await.map_err(failure)?;
        read(response).await
    }
}

fn headers(attempt: &Attempt<'_>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, value: String| -> Option<()> {
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Some(())
    };
    if let Some(token) = attempt.access_token {
        put(AUTHORIZATION, format!("DPoP {token}"))?;
    }
    if let Some(proof) = &attempt.proof {
        put(HeaderName::from_static("dpop"), proof.clone())?;
    }
    if let Some(id) = &attempt.request_id {
        put(HeaderName::from_static("idempotency-key"), id.clone())?;
    }
    Some(headers)
}

fn failure(error: reqwest::Error) -> Failure {
    if error.is_connect() || error.is_builder() {
        Failure::NotSent
    } else {
        Failure::NoAnswer
    }
}

async fn read(mut response: reqwest::Response) -> Result<Answer, Failure> {
    let (retry_after_ms, server_ms) = times(response.headers());
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failure)? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Failure::Malformed);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        retry_after_ms,
        server_ms,
        body,
    })
}

/// `Retry-After` and `Date` in milliseconds.
fn times(headers: &HeaderMap) -> (Option<u64>, Option<u64>) {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok();
    let retry_after = text(RETRY_AFTER)
        .and_then(|seconds| seconds.parse::<u32>().ok())
        .map(|seconds| u64::from(seconds) * 1000);
    let date = text(DATE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .and_then(|date| date.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| u64::try_from(since.as_millis()).ok());
    (retry_after, date)
}
