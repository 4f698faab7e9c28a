//! Runs a call to its end: consent, proof, tokens, attempts. Clock and random bytes enter here, the rule is in `client::retry`.

use super::{Core, random};
use crate::client::retry::{self, Decision, Past};
use crate::client::{Answer, Attempt, Failure, Method};
use crate::error::AppError;
use crate::ports::PortError;
use kapok_protocol::dpop;
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::RequestId;
use kapok_protocol::jws::SignError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a call may take with all its attempts.
const DEADLINE_MS: u64 = 60_000;

/// Who a call speaks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Auth {
    Public,
    Device,
    Account,
}

/// Whether a call may be repeated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// A repetition does no harm: a read, or an act that sets what it sets.
    Repeatable,
    /// Happens once: goes out under a stored key.
    Once,
    /// Happens once: goes out under this key, which the caller has stored.
    OnceAs(RequestId),
    /// Must not be repeated, and has no key.
    Never,
}

/// A call to the platform, as the account unless said otherwise.
pub(crate) struct Call {
    method: Method,
    path: String,
    body: Zeroizing<Vec<u8>>,
    auth: Auth,
    effect: Effect,
}

impl Call {
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::Get,
            path: path.into(),
            body: Zeroizing::default(),
            auth: Auth::Account,
            effect: Effect::Repeatable,
        }
    }

    /// A post that happens once: its Idempotency-Key is stored before the first send, and the same act after a lost reply goes
    /// out under the same key.
    pub(crate) fn post<B: Serialize>(path: impl Into<String>, body: &B) -> Result<Self, AppError> {
        let body = serde_json::to_vec(body).map_err(|_| AppError::new(ErrorCode::Internal))?;
        Ok(Self {
            method: Method::Post,
            body: Zeroizing::new(body),
            effect: Effect::Once,
            ..Self::get(path)
        })
    }

    /// A post without content that happens once.
    pub(crate) fn act(path: impl Into<String>) -> Self {
        Self {
            method: Method::Post,
            body: Zeroizing::new(b"{}".to_vec()),
            effect: Effect::Once,
            ..Self::get(path)
        }
    }

    /// Sent by nobody in particular: no token, no proof.
    pub(crate) fn public(mut self) -> Self {
        self.auth = Auth::Public;
        self
    }

    /// Sent by the phone before or without a login: a proof, no token.
    pub(crate) fn device_only(mut self) -> Self {
        self.auth = Auth::Device;
        self
    }

    /// Goes out under a key that the caller keeps with its own state.
    pub(crate) fn once_as(mut self, id: RequestId) -> Self {
        self.effect = Effect::OnceAs(id);
        self
    }

    /// May be repeated without a key: what it does is the same the second time.
    pub(crate) fn repeatable(mut self) -> Self {
        self.effect = Effect::Repeatable;
        self
    }

    /// Is never repeated when its answer is lost, because every sending counts (a password try, a PIN try).
    pub(crate) fn never_repeated(mut self) -> Self {
        self.effect = Effect::Never;
        self
    }

    fn route(&self) -> String {
        format!("{} {}", self.method.as_str(), self.path)
    }
}

impl Core {
    /// Makes a call whose answer has a JSON body.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, call: Call) -> Result<T, AppError> {
        let body = self.exchange(call).await?;
        serde_json::from_slice(&body).map_err(|_| Failure::Malformed.into())
    }

    /// Makes a call whose answer is 204.
    pub(crate) async fn tell(&self, call: Call) -> Result<(), AppError> {
        self.exchange(call).await.map(drop)
    }

    /// Makes a call whose answer is bytes. Ends in the platform's own code, or `OFFLINE`, `PRIVACY_REQUIRED`,
    /// `LOGIN_REQUIRED`, `APP_TOO_OLD`.
    pub(crate) async fn exchange(&self, call: Call) -> Result<Zeroizing<Vec<u8>>, AppError> {
        self.may_send()?;
        let request_id = self.request_id(&call).await?;
        let result = self.attempts(&call, request_id).await;
        if call.effect == Effect::Once && is_definite(&result) {
            let (route, body) = (call.route(), call.body);
            self.store
                .write(move |unit| unit.request_done(&route, &body))
                .await?;
        }
        result
    }

    async fn request_id(&self, call: &Call) -> Result<Option<RequestId>, AppError> {
        match call.effect {
            Effect::Repeatable | Effect::Never => Ok(None),
            Effect::OnceAs(id) => Ok(Some(id)),
            Effect::Once => {
                let fresh = RequestId(random::array()?);
                let (route, body, now) = (call.route(), call.body.clone(), self.server_ms());
                let stored = self
                    .store
                    .write(move |unit| unit.request_id(&route, &body, fresh, now))
                    .await?;
                Ok(Some(stored))
            }
        }
    }

    async fn attempts(
        &self,
        call: &Call,
        request_id: Option<RequestId>,
    ) -> Result<Zeroizing<Vec<u8>>, AppError> {
        let deadline = self.ports.clock.monotonic_ms().saturating_add(DEADLINE_MS);
        let mut attempt = 0;
        let mut once = Once::default();
        self.budget().deposit();
        loop {
            let token = match call.auth {
                Auth::Account => Some(self.access_token()?),
                Auth::Public | Auth::Device => None,
            };
            let mut retry_after_ms = None;
            let failure = match self.attempt(call, &token, request_id).await? {
                Ok(answer) => {
                    retry_after_ms = answer.retry_after_ms;
                    match self.judge(answer, &mut once) {
                        Verdict::Done(body) => return Ok(body),
                        Verdict::Again => continue,
                        Verdict::Refresh => {
                            self.refresh(token.as_deref().map_or("", String::as_str))
                                .await?;
                            continue;
                        }
                        Verdict::Failed(failure) => failure,
                    }
                }
                Err(failure) => failure,
            };
            attempt += 1;
            let past = Past {
                attempt,
                failure: Some(&failure),
                repeatable: call.effect != Effect::Never,
                retry_after_ms,
                budget: self.budget().allows(),
            };
            let jitter = u32::from_be_bytes(random::array()?);
            match retry::next(past, jitter, self.ports.clock.monotonic_ms(), deadline) {
                Decision::GiveUp(_) => return Err(failure.into()),
                Decision::Send => {}
                Decision::Wait(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
            }
            self.budget().withdraw();
        }
    }

    async fn attempt(
        &self,
        call: &Call,
        token: &Option<Zeroizing<String>>,
        request_id: Option<RequestId>,
    ) -> Result<Result<Answer, Failure>, AppError> {
        let token = token.as_deref().map(String::as_str);
        let proof = match call.auth {
            Auth::Public => None,
            Auth::Device | Auth::Account => Some(self.proof(call, token).await?),
        };
        let attempt = Attempt {
            method: call.method,
            path: &call.path,
            body: &call.body,
            access_token: token,
            proof,
            request_id: request_id.map(|id| id.to_string()),
        };
        let result = self.client.send(attempt).await;
        if let Ok(Answer {
            server_ms: Some(ms),
            ..
        }) = &result
        {
            self.note_server_ms(*ms);
        }
        Ok(result)
    }

    /// A chip may take a tenth of a second for a signature, so it is asked on a thread that may block.
    async fn proof(&self, call: &Call, token: Option<&str>) -> Result<String, AppError> {
        let url = self.client.htu(&call.path)?;
        let (now, jti) = (self.server_ms() / 1000, random::array()?);
        let (hardware, method) = (self.ports.hardware.clone(), call.method.as_str());
        let token = token.map(|token| Zeroizing::new(token.to_owned()));
        let signed = crate::blocking::run(move || {
            let public_key = hardware.public_key()?;
            let access_token = token.as_deref().map(String::as_str);
            let call = dpop::Call {
                method,
                url: &url,
                now,
                jti,
                access_token,
            };
            dpop::prove(&call, &public_key, |input| hardware.sign(input)).map_err(|error| {
                match error {
                    SignError::Signer(port) => port,
                    SignError::Shape => PortError::Malformed,
                }
            })
        });
        Ok(signed
            .await
            .map_err(|_| AppError::new(ErrorCode::Internal))??)
    }

    /// What an answer means, apart from trying again later: each of the two repairs is tried once a call.
    fn judge(&self, answer: Answer, once: &mut Once) -> Verdict {
        if (200..300).contains(&answer.status) {
            return Verdict::Done(Zeroizing::new(answer.body));
        }
        let error = serde_json::from_slice::<ApiError>(&answer.body).ok();
        match error.as_ref().map(|error| error.code) {
            Some(ErrorCode::TokenExpired) if !std::mem::replace(&mut once.refreshed, true) => {
                return Verdict::Refresh;
            }
            // The answer's Date has just set the clock offset.
            Some(ErrorCode::ClockWrong) if !std::mem::replace(&mut once.clock, true) => {
                return Verdict::Again;
            }
            _ => {}
        }
        Verdict::Failed(Failure::Status {
            status: answer.status,
            error: error.map(Box::new),
        })
    }
}

/// Repairs that were tried in this call.
#[derive(Default)]
struct Once {
    refreshed: bool,
    clock: bool,
}

enum Verdict {
    Done(Zeroizing<Vec<u8>>),
    Again,
    Refresh,
    Failed(Failure),
}

/// The platform has answered for good: the same act again is another act.
fn is_definite(result: &Result<Zeroizing<Vec<u8>>, AppError>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => {
            (400..500).contains(&error.code.status())
                && !matches!(
                    error.code,
                    ErrorCode::Conflict
                        | ErrorCode::RateLimited
                        | ErrorCode::LoginRequired
                        | ErrorCode::TokenExpired
                        | ErrorCode::DeviceProof
                        | ErrorCode::ClockWrong
                        | ErrorCode::PrivacyRequired
                )
        }
    }
}
