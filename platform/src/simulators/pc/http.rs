//! The portal's HTTP interface as the simulated PC calls it: plain HTTP on loopback, one cookie.

use super::PcError;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kapok_protocol::error::{ApiError, ErrorCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A browser's worth of HTTP.
#[derive(Clone)]
pub(in crate::simulators) struct PortalClient {
    origin: String,
    cookie: Option<String>,
    client: Client<HttpConnector, Full<Bytes>>,
}

const FAILED: PcError = PcError::Transport("the portal cannot be reached");

impl PortalClient {
    pub(in crate::simulators) fn new(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            cookie: None,
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    pub(in crate::simulators) fn origin(&self) -> &str {
        &self.origin
    }

    pub(in crate::simulators) async fn upload<T: DeserializeOwned>(
        &mut self,
        name: &str,
        pdf: Vec<u8>,
    ) -> Result<T, PcError> {
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("name", name)
            .finish();
        let path = format!("/portal/api/documents?{query}");
        let body = self
            .call(
                Method::POST,
                &path,
                &[(header::CONTENT_TYPE, "application/pdf")],
                pdf.into(),
            )
            .await?;
        serde_json::from_slice(&body).map_err(|_| FAILED)
    }

    pub(in crate::simulators) async fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, PcError> {
        let body = serde_json::to_vec(body).map_err(|_| FAILED)?;
        let answer = self
            .call(
                Method::POST,
                path,
                &[(header::CONTENT_TYPE, "application/json")],
                body.into(),
            )
            .await?;
        serde_json::from_slice(&answer).map_err(|_| FAILED)
    }

    pub(in crate::simulators) async fn get(&mut self, path: &str) -> Result<Vec<u8>, PcError> {
        Ok(self
            .call(Method::GET, path, &[], Bytes::new())
            .await?
            .to_vec())
    }

    pub(in crate::simulators) async fn range(
        &mut self,
        path: &str,
        offset: u64,
        len: u32,
    ) -> Result<Vec<u8>, PcError> {
        let last = offset + u64::from(len.max(1)) - 1;
        let range = format!("bytes={offset}-{last}");
        Ok(self
            .call(Method::GET, path, &[(header::RANGE, &range)], Bytes::new())
            .await?
            .to_vec())
    }

    async fn call(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(header::HeaderName, &str)],
        body: Bytes,
    ) -> Result<Bytes, PcError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(header::ORIGIN, &self.origin);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(Full::new(body)).map_err(|_| FAILED)?;
        let answer = self.client.request(request).await.map_err(|_| FAILED)?;
        self.keep_cookie(&answer);
        let status = answer.status();
        let body = answer
            .into_body()
            .collect()
            .await
            .map_err(|_| FAILED)?
            .to_bytes();
        if status.is_success() || status == StatusCode::PARTIAL_CONTENT {
            return Ok(body);
        }
        let code = serde_json::from_slice::<ApiError>(&body)
            .map_or(ErrorCode::Internal, |error| error.code);
        Err(PcError::Refused(code))
    }

    fn keep_cookie<B>(&mut self, answer: &Response<B>) {
        let set = answer
            .headers()
            .get(header::SET_COOKIE)
            .and_then(|value| value.to_str().ok());
        if let Some(pair) = set.and_then(|value| value.split(';').next()) {
            self.cookie = Some(pair.to_owned());
        }
    }
}
