//! HTTP/1.1 with pooled connections: one request, one answer, no redirect, no proxy, no repetition of what may have arrived.

use super::{Answer, Attempt, ClientError, Failure, Method};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::time::{Duration, UNIX_EPOCH};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::BoxError;
use tower::timeout::Timeout;
use tower::util::BoxCloneSyncService;
use url::Url;

/// Name, TCP and TLS of a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// A request with its answer.
const OVERALL: Duration = Duration::from_secs(30);
/// How long a connection waits for its next request.
const IDLE: Duration = Duration::from_secs(90);
/// Between the probes that keep a silent connection known to the routers on its way.
const KEEPALIVE: Duration = Duration::from_secs(15);
/// The largest answer that is read.
const MAX_ANSWER: usize = 16 * 1024 * 1024;

type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

/// The pooled connections to the platform.
pub(super) struct Http {
    pool: Client<Connector, Full<Bytes>>,
    agent: HeaderValue,
}

impl Http {
    /// Opens no connection. Ends in [`ClientError::Version`] if the app's version cannot stand in a header.
    pub(super) fn new(tls: rustls::ClientConfig, app_version: &str) -> Result<Self, ClientError> {
        let agent = HeaderValue::try_from(format!("Kapok/{app_version}"))
            .map_err(|_| ClientError::Version)?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_only()
            .enable_http1()
            .wrap_connector(tcp);
        let pool = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(Connector::new(Timeout::new(https, CONNECT)));
        Ok(Self { pool, agent })
    }

    /// One attempt. An answer of any status is an `Ok`.
    pub(super) async fn send(&self, url: &Url, attempt: Attempt<'_>) -> Result<Answer, Failure> {
        let request = self.request(url, &attempt).ok_or(Failure::NotSent)?;
        let exchange = async { read(self.pool.request(request).await.map_err(failure)?).await };
        timeout(OVERALL, exchange)
            .await
            .unwrap_or(Err(Failure::NoAnswer))
    }

    fn request(&self, url: &Url, attempt: &Attempt<'_>) -> Option<Request<Full<Bytes>>> {
        let body = match attempt.method {
            Method::Get => Bytes::new(),
            Method::Post => Bytes::copy_from_slice(attempt.body),
        };
        let mut request = Request::builder()
            .method(attempt.method.as_str())
            .uri(url.as_str())
            .body(Full::new(body))
            .ok()?;
        let headers = request.headers_mut();
        headers.insert(USER_AGENT, self.agent.clone());
        if attempt.method == Method::Post {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
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
        Some(request)
    }
}

fn failure(error: Error) -> Failure {
    if error.is_connect() {
        Failure::NotSent
    } else {
        Failure::NoAnswer
    }
}

async fn read(response: Response<Incoming>) -> Result<Answer, Failure> {
    let (head, mut incoming) = response.into_parts();
    let (retry_after_ms, server_ms) = times(&head.headers);
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let Ok(chunk) = frame.map_err(|_| Failure::NoAnswer)?.into_data() else {
            continue;
        };
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Failure::Malformed);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: head.status.as_u16(),
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
