//! What the tests of the roles share: a platform in a temporary folder, phones with keys of their own, the mini program.

use crate::clock::{ManualClock, SECOND};
use crate::config::{Config, ProfileFile};
use crate::platform::Platform;
use crate::server::{browser_router, phone_router};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use base64ct::{Base64UrlUnpadded, Encoding};
use kapok_protocol::dpop;
use p256::SecretKey;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use p256::elliptic_curve::sec1::ToSec1Point;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tower::ServiceExt;

/// 2026-03-01 08:00 in Beijing.
const START: i64 = 1_772_323_200 * SECOND;

/// Status and body of an answer.
pub type Reply = (u16, Value);

/// A platform without sockets.
pub struct World {
    pub platform: Arc<Platform>,
    pub clock: Arc<ManualClock>,
    pub phone_side: Router,
    pub browser_side: Router,
    _dir: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START));
        let config = Config {
            dir: dir.path().to_owned(),
            https: "127.0.0.1:0".parse().unwrap(),
            http: "127.0.0.1:0".parse().unwrap(),
            profile: ProfileFile::yst().unwrap(),
            clock: Arc::clone(&clock) as Arc<dyn crate::clock::Clock>,
            pki_base: "http://127.0.0.1:1".into(),
            guard: Default::default(),
            token: None,
            development: true,
        };
        let platform = Platform::open(
            config,
            "https://127.0.0.1:8443".into(),
            "http://127.0.0.1:8080".into(),
        )
        .await
        .unwrap();
        Self {
            phone_side: phone_router(&platform),
            browser_side: browser_router(&platform),
            platform,
            clock,
            _dir: dir,
        }
    }

    pub fn phone(&self) -> Phone {
        Phone {
            key: crate::keys::random_p256(),
            access: None,
            refresh: None,
        }
    }

    /// A phone on which `person` has logged in by face.
    pub async fn logged_in(&self, person: &str) -> Phone {
        let mut phone = self.phone();
        let handoff = phone.start(self, "login", None).await;
        let passed = self.mini(&handoff.id, person, "pass").await;
        let (status, done) = phone.finish(self, &handoff, &typed(&passed)).await;
        assert_eq!(status, 200, "{done}");
        phone.keep(&done["logged_in"]["tokens"]);
        phone
    }

    /// The mini program, walked by a program.
    pub async fn mini(&self, handoff: &str, person: &str, outcome: &str) -> Reply {
        let body = json!({"person": person, "scene": 1069, "outcome": outcome});
        self.mini_with(handoff, body).await
    }

    pub async fn mini_with(&self, handoff: &str, body: Value) -> Reply {
        let request = Request::post(format!("/sim/api/mini/{handoff}"))
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        reply(&self.browser_side, request).await
    }

    /// The first column of the first row, as a number.
    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql)
            .fetch_one(self.platform.db.reader())
            .await
            .unwrap()
    }
}

/// A started handoff, as the phone keeps it.
pub struct Started {
    pub id: String,
    pub verifier: [u8; 32],
    pub purpose: String,
    pub match_code: String,
}

/// A phone: its key and its tokens.
pub struct Phone {
    pub key: SecretKey,
    pub access: Option<String>,
    pub refresh: Option<String>,
}

impl Phone {
    pub fn keep(&mut self, tokens: &Value) {
        self.access = tokens["access"].as_str().map(str::to_owned);
        self.refresh = tokens["refresh"].as_str().map(str::to_owned);
    }

    pub fn proof(&self, world: &World, method: &str, path: &str) -> String {
        use crate::clock::Clock;
        let public: [u8; 33] = self
            .key
            .public_key()
            .to_sec1_point(true)
            .as_bytes()
            .try_into()
            .unwrap();
        let path = path.split('?').next().unwrap();
        let call = dpop::Call {
            method,
            url: &format!("{}{path}", world.platform.https_url),
            now: world.clock.seconds(),
            jti: rand::random(),
            access_token: self.access.as_deref(),
        };
        let signer = SigningKey::from(&self.key);
        dpop::prove(&call, &public, |input| {
            let signature: Signature = signer.sign(input);
            Ok::<_, ()>(signature.to_bytes().into())
        })
        .unwrap()
    }

    pub async fn call(
        &self,
        world: &World,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Reply {
        let key = hex::encode(rand::random::<[u8; 16]>());
        self.call_keyed(world, method, path, body, &key).await
    }

    pub async fn call_keyed(
        &self,
        world: &World,
        method: Method,
        path: &str,
        body: Option<Value>,
        key: &str,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(path)
            .header("dpop", self.proof(world, method.as_str(), path))
            .header("idempotency-key", key);
        if let Some(token) = &self.access {
            request = request.header(header::AUTHORIZATION, format!("DPoP {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        reply(&world.phone_side, request.body(body).unwrap()).await
    }

    pub async fn get(&self, world: &World, path: &str) -> Reply {
        self.call(world, Method::GET, path, None).await
    }

    pub async fn post(&self, world: &World, path: &str, body: Value) -> Reply {
        self.call(world, Method::POST, path, Some(body)).await
    }

    pub async fn start_with(&self, world: &World, change: Value) -> (Reply, [u8; 32]) {
        let verifier: [u8; 32] = rand::random();
        let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(verifier));
        let mut body = json!({
            "code_challenge": challenge, "purpose": "login", "mode": "same_device",
            "locale": "zh-CN", "device_label": "测试手机",
        });
        for (field, value) in change.as_object().unwrap() {
            body[field] = value.clone();
        }
        (self.post(world, "/v1/handoffs", body).await, verifier)
    }

    pub async fn start(&self, world: &World, purpose: &str, subject: Option<&str>) -> Started {
        let change = json!({"purpose": purpose, "subject_ref": subject});
        let ((status, answer), verifier) = self.start_with(world, change).await;
        assert_eq!(status, 200, "{answer}");
        Started {
            id: answer["handoff_id"].as_str().unwrap().to_owned(),
            verifier,
            purpose: purpose.to_owned(),
            match_code: answer["match_code"].as_str().unwrap().to_owned(),
        }
    }

    pub async fn finish(&self, world: &World, handoff: &Started, proof: &Value) -> Reply {
        let key = hex::encode(rand::random::<[u8; 16]>());
        self.finish_keyed(world, handoff, proof, &key).await
    }

    pub async fn finish_keyed(
        &self,
        world: &World,
        handoff: &Started,
        proof: &Value,
        key: &str,
    ) -> Reply {
        let body = json!({
            "verifier": Base64UrlUnpadded::encode_string(&handoff.verifier),
            "purpose": handoff.purpose,
            "proof": proof,
        });
        let path = format!("/v1/handoffs/{}/finish", handoff.id);
        self.call_keyed(world, Method::POST, &path, Some(body), key)
            .await
    }
}

/// The proof of a user who types the six digits.
pub fn typed((status, passed): &Reply) -> Value {
    assert_eq!(*status, 200, "{passed}");
    json!({"typed_code": passed["typed_code"]})
}

/// The proof of a user who taps 返回.
pub fn returned((status, passed): &Reply) -> Value {
    assert_eq!(*status, 200, "{passed}");
    let link = passed["return_link"].as_str().unwrap();
    json!({"return_code": link.split("&r=").nth(1).unwrap()})
}

/// The code of a refusal.
pub fn code((status, body): &Reply) -> &str {
    assert!(*status >= 400, "{body}");
    body["code"].as_str().unwrap_or_default()
}

pub async fn reply(router: &Router, request: Request<Body>) -> Reply {
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR);
    (
        status.as_u16(),
        serde_json::from_slice(&body).unwrap_or(Value::Null),
    )
}
