//! A platform in a temporary folder, a browser with a cookie, and a phone's worth of keys.

use super::holder::{CERT_ID, Holder};
use crate::clock::ManualClock;
use crate::config::GuardSettings;
use crate::portal::Authority;
use crate::server::{Failure, browser_router, phone_router};
use crate::store::BoxFuture;
use crate::{Config, Platform, ProfileFile};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use kapok_formats::x509::Certificate;
use kapok_protocol::api::portal::{
    AskBatch, AskRequest, BatchMade, NewSession, RequestMade, SessionMade, Uploaded,
};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::{BatchId, Bytes, CertId, DocumentId, SessionId};
use kapok_protocol::message::SignResult;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use tower::ServiceExt;

pub const START: i64 = 1_800_000_000_000_000;
pub const CB: [u8; 32] = [3; 32];

pub fn contract() -> Vec<u8> {
    kapok_formats::sample::contract().unwrap()
}

/// What the authorities say; a test changes it.
#[derive(Default)]
pub struct Word {
    pub certificate: Option<ErrorCode>,
    pub seal: Option<ErrorCode>,
}

struct TestAuthority {
    word: Arc<Mutex<Word>>,
    guard: [u8; 33],
}

impl TestAuthority {
    fn says(&self, pick: impl Fn(&Word) -> Option<ErrorCode>) -> Result<(), Failure> {
        pick(&self.word.lock().unwrap_or_else(PoisonError::into_inner))
            .map_or(Ok(()), |code| Err(code.into()))
    }
}

impl Authority for TestAuthority {
    fn certificate<'a>(
        &'a self,
        _: &'a Platform,
        _: &'a Certificate,
    ) -> BoxFuture<'a, Result<CertId, Failure>> {
        Box::pin(async { self.says(|word| word.certificate).map(|()| CERT_ID) })
    }

    fn seal<'a>(&'a self, _: &'a Platform, _: &'a str) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async { self.says(|word| word.seal) })
    }

    fn receipt_key<'a>(&'a self, _: &'a Platform) -> BoxFuture<'a, Result<[u8; 33], Failure>> {
        Box::pin(async { Ok(self.guard) })
    }
}

pub struct Fixture {
    pub platform: Arc<Platform>,
    pub word: Arc<Mutex<Word>>,
    pub clock: Arc<ManualClock>,
    pub guard: p256::ecdsa::SigningKey,
    browser: Router,
    phone: Router,
    pub dir: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        assert_eq!(
            self.status,
            StatusCode::OK,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    pub fn refused(&self) -> ApiError {
        assert!(
            self.status.is_client_error() || self.status.is_server_error(),
            "{}",
            self.status
        );
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Code, then reason, as one text.
    #[track_caller]
    pub fn why(&self) -> String {
        let error = self.refused();
        format!("{} {}", error.code, error.reason.unwrap_or_default())
    }
}

pub fn signing_key(byte: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[byte; 32]).unwrap()
}

impl Fixture {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let config = Config {
            dir: dir.path().to_owned(),
            https: "127.0.0.1:0".parse().unwrap(),
            http: "127.0.0.1:0".parse().unwrap(),
            profile: ProfileFile::yst().unwrap(),
            clock: Arc::clone(&clock) as _,
            pki_base: "http://pki.test".into(),
            guard: GuardSettings {
                copies: Some(1),
                ..GuardSettings::default()
            },
            token: None,
            development: false,
        };
        let platform = Platform::open(
            config,
            "https://127.0.0.1:1".into(),
            "http://127.0.0.1:2".into(),
        )
        .await
        .unwrap();
        let guard = signing_key(7);
        let word = Arc::new(Mutex::new(Word::default()));
        let public = guard
            .verifying_key()
            .to_sec1_point(true)
            .as_bytes()
            .try_into()
            .unwrap();
        platform.portal.ask(Box::new(TestAuthority {
            word: Arc::clone(&word),
            guard: public,
        }));
        let (browser, phone) = (browser_router(&platform), phone_router(&platform));
        Self {
            platform,
            word,
            clock,
            guard,
            browser,
            phone,
            dir,
        }
    }

    pub fn deny(&self, change: impl Fn(&mut Word)) {
        change(&mut self.word.lock().unwrap());
    }

    pub async fn phone(&self, path: &str) -> Answer {
        let request = Request::get(path).body(Body::empty()).unwrap();
        answer(self.phone.clone().oneshot(request).await.unwrap()).await
    }

    pub fn browser(&self) -> Browser<'_> {
        Browser {
            fixture: self,
            cookie: Mutex::default(),
        }
    }
}

async fn answer(response: axum::response::Response) -> Answer {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 64 << 20).await.unwrap().to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

pub struct Browser<'f> {
    fixture: &'f Fixture,
    cookie: Mutex<Option<String>>,
}

impl Browser<'_> {
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header(header::HOST, "127.0.0.1:2");
        }
        if let Some(cookie) = &*self.cookie.lock().unwrap() {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .fixture
            .browser
            .clone()
            .oneshot(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        let answer = answer(response).await;
        if let Some(set) = answer.headers.get(header::SET_COOKIE) {
            *self.cookie.lock().unwrap() =
                set.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], Vec::new()).await
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Answer {
        let json = [("content-type", "application/json")];
        self.call(Method::POST, path, &json, serde_json::to_vec(body).unwrap())
            .await
    }

    pub async fn upload(&self, name: &str, bytes: Vec<u8>) -> Answer {
        let path = format!("/portal/api/documents?name={name}");
        self.call(
            Method::POST,
            &path,
            &[("content-type", "application/pdf")],
            bytes,
        )
        .await
    }

    pub async fn uploaded(&self) -> DocumentId {
        self.upload("contract.pdf", contract())
            .await
            .json::<Uploaded>()
            .doc
    }

    pub async fn session(&self, docs: Vec<DocumentId>) -> SessionId {
        self.post("/portal/api/sessions", &NewSession { docs })
            .await
            .json::<SessionMade>()
            .sid
    }

    pub async fn ask(&self, sid: SessionId) -> Answer {
        let ask = AskRequest {
            phone_nonce: [4; 32].into(),
            cb: CB.into(),
            origin: "http://127.0.0.1:2".into(),
        };
        self.post(&format!("/portal/api/sessions/{sid}/request"), &ask)
            .await
    }

    /// A session that is bound to its channel.
    pub async fn bound(&self, docs: Vec<DocumentId>) -> SessionId {
        let sid = self.session(docs).await;
        self.ask(sid).await.json::<RequestMade>();
        sid
    }

    pub async fn batch(&self, sid: SessionId, holder: &Holder) -> Answer {
        let ask = AskBatch {
            cb: CB.into(),
            chain: holder
                .chain
                .iter()
                .map(|der| der.as_slice().into())
                .collect(),
            seal: holder.seal.as_deref().map(Into::into),
            docs: Vec::new(),
        };
        self.post(&format!("/portal/api/sessions/{sid}/batch"), &ask)
            .await
    }

    pub async fn result(&self, sid: SessionId, result: &SignResult) -> Answer {
        self.post(&format!("/portal/api/sessions/{sid}/results"), result)
            .await
    }
}

/// A visitor with one document, a bound session and a batch for `holder`.
pub struct Story<'f> {
    pub browser: Browser<'f>,
    pub holder: Holder,
    pub doc: DocumentId,
    pub sid: SessionId,
    pub batch_id: BatchId,
    pub digest: [u8; 32],
}

impl<'f> Story<'f> {
    pub async fn new(fixture: &'f Fixture) -> Self {
        let browser = fixture.browser();
        let holder = Holder::new(&fixture.platform, 21);
        let doc = browser.uploaded().await;
        let sid = browser.bound(vec![doc]).await;
        let made: BatchMade = browser.batch(sid, &holder).await.json();
        let file = browser
            .get(&format!("/portal/api/sessions/{sid}/documents/{doc}"))
            .await;
        assert_eq!(
            made.manifest[0].digest.0,
            Sha256::digest(&file.body).as_slice()
        );
        let digest = kapok_formats::pdf::to_be_signed(&file.body).unwrap().sha256;
        Self {
            browser,
            holder,
            doc,
            sid,
            batch_id: made.batch_id,
            digest,
        }
    }

    pub fn result(&self, (cms, receipt): (Vec<u8>, Vec<u8>)) -> SignResult {
        SignResult {
            cms: Bytes(cms),
            doc: self.doc,
            receipt: Bytes(receipt),
            batch_id: self.batch_id,
        }
    }
}
