//! Who calls: the phone by its key alone, or an account by an access token bound to that key (RFC 9449).

use super::input::Input;
use super::respond::Failure;
use crate::platform::Platform;
use crate::store::idempotency::Once;
use crate::store::text::{array, of_word};
use axum::extract::{FromRequestParts, OptionalFromRequestParts, OriginalUri};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use kapok_protocol::api::identity::AccountKind;
use kapok_protocol::dpop::{self, DpopError};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId, HandoffId, RequestId};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The phone that calls, by its hardware key. No account is implied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceProof {
    /// Thumbprint of the key (RFC 7638).
    pub jkt: [u8; 32],
    /// The key, SEC1 compressed.
    pub public_key: [u8; 33],
}

/// How the account showed itself at login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acr {
    /// By a face check.
    Face,
    /// By a password.
    Password,
}

/// The account that calls, on the phone that its token is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub account: AccountId,
    /// A person's or an enterprise's.
    pub kind: AccountKind,
    /// The login that the token belongs to.
    pub session: [u8; 16],
    /// The phone.
    pub device: DeviceProof,
    /// How it logged in.
    pub acr: Acr,
    /// When it logged in, microseconds.
    pub auth_time: i64,
    /// The handoff of a login by face.
    pub handoff: Option<HandoffId>,
    /// The enterprise selected on this phone.
    pub enterprise: Option<EnterpriseId>,
    /// Until then this login may not move the account elsewhere; 0 where it may, microseconds.
    pub restricted_until: i64,
}

impl Principal {
    /// Names an effect of this account, for [`Platform::once`].
    pub fn once<T>(&self, route: &'static str, key: IdempotencyKey, input: &Input<T>) -> Once {
        self.once_of(route, key, input.digest)
    }

    /// [`Principal::once`] for a call whose object stands in the path.
    pub fn once_of(&self, route: &'static str, key: IdempotencyKey, digest: [u8; 32]) -> Once {
        Once {
            owner: self.account.0.to_vec(),
            route,
            key: key.0,
            digest,
        }
    }
}

/// The `Idempotency-Key` header: 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdempotencyKey(pub RequestId);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts
            .headers
            .get("idempotency-key")
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.parse().ok())
            .map(Self)
            .ok_or_else(|| Failure::field("idempotency-key", "invalid"))
    }
}

impl FromRequestParts<Arc<Platform>> for DeviceProof {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        platform: &Arc<Platform>,
    ) -> Result<Self, Failure> {
        let token = access_token(parts)?;
        proof(parts, platform, token.as_deref())
    }
}

impl FromRequestParts<Arc<Platform>> for Principal {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        platform: &Arc<Platform>,
    ) -> Result<Self, Failure> {
        let token = access_token(parts)?.ok_or(ErrorCode::LoginRequired)?;
        let device = proof(parts, platform, Some(&token))?;
        of_token(platform, &token, device).await
    }
}

impl OptionalFromRequestParts<Arc<Platform>> for Principal {
    type Rejection = Failure;

    /// Nobody where no token is sent; a token that does not count is refused all the same.
    async fn from_request_parts(
        parts: &mut Parts,
        platform: &Arc<Platform>,
    ) -> Result<Option<Self>, Failure> {
        if access_token(parts)?.is_none() {
            return Ok(None);
        }
        <Self as FromRequestParts<_>>::from_request_parts(parts, platform)
            .await
            .map(Some)
    }
}

fn access_token(parts: &Parts) -> Result<Option<String>, Failure> {
    let Some(value) = parts.headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("dpop"))
        .map(|(_, token)| token.trim().to_owned());
    token
        .map(Some)
        .ok_or_else(|| ErrorCode::LoginRequired.into())
}

/// Two extractors of one request share its proof: the second one must not find it used.
#[derive(Clone)]
struct Seen(DeviceProof);

fn proof(
    parts: &mut Parts,
    platform: &Platform,
    token: Option<&str>,
) -> Result<DeviceProof, Failure> {
    if let Some(Seen(device)) = parts.extensions.get() {
        return Ok(device.clone());
    }
    let mut sent = parts.headers.get_all("dpop").iter();
    let (Some(text), None) = (sent.next(), sent.next()) else {
        return Err(ErrorCode::DeviceProof.into());
    };
    let text = text.to_str().map_err(|_| ErrorCode::DeviceProof)?;
    let path = parts.extensions.get::<OriginalUri>().map_or_else(
        || parts.uri.path().to_owned(),
        |original| original.path().to_owned(),
    );
    let now = platform.clock.seconds();
    let expected = dpop::Expected {
        method: parts.method.as_str(),
        url: &format!("{}{path}", platform.https_url),
        now,
        access_token: token,
    };
    let verified = dpop::verify(text, &expected).map_err(|error| match error {
        DpopError::Time => ErrorCode::ClockWrong,
        DpopError::Proof | DpopError::OtherCall | DpopError::OtherToken => ErrorCode::DeviceProof,
    })?;
    platform.proofs.first_use(&verified, now)?;
    let device = DeviceProof {
        jkt: verified.jkt,
        public_key: verified.public_key,
    };
    parts.extensions.insert(Seen(device.clone()));
    Ok(device)
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    expires_at: i64,
    id: Vec<u8>,
    account: Vec<u8>,
    kind: String,
    jkt: Vec<u8>,
    acr: String,
    auth_time: i64,
    handoff: Option<Vec<u8>>,
    enterprise: Option<Vec<u8>>,
    revoked_at: Option<i64>,
    restricted_until: i64,
}

async fn of_token(
    platform: &Platform,
    token: &str,
    device: DeviceProof,
) -> Result<Principal, Failure> {
    let hash = Sha256::digest(token).to_vec();
    let row: Option<TokenRow> = sqlx::query_as(
        "SELECT t.expires_at, s.id, s.account, a.kind, s.jkt, s.acr, s.auth_time, s.handoff, s.enterprise, s.revoked_at,
         s.restricted_until
         FROM access_tokens t JOIN sessions s ON s.id = t.session JOIN accounts a ON a.id = s.account
         WHERE t.hash = $1",
    )
    .bind(hash)
    .fetch_optional(platform.db.reader())
    .await?;
    let row = row.ok_or(ErrorCode::LoginRequired)?;
    if row.jkt != device.jkt {
        return Err(ErrorCode::DeviceProof.into());
    }
    if row.revoked_at.is_some() {
        return Err(ErrorCode::LoginRequired.into());
    }
    if row.expires_at <= platform.now() {
        return Err(ErrorCode::TokenExpired.into());
    }
    let handoff = row.handoff.map(|id| array("sessions.handoff", &id));
    let enterprise = row.enterprise.map(|id| array("sessions.enterprise", &id));
    Ok(Principal {
        account: AccountId(array("sessions.account", &row.account)?),
        kind: of_word("accounts.kind", &row.kind)?,
        session: array("sessions.id", &row.id)?,
        device,
        acr: of_word("sessions.acr", &row.acr)?,
        auth_time: row.auth_time,
        handoff: handoff.transpose()?.map(HandoffId),
        enterprise: enterprise.transpose()?.map(EnterpriseId),
        restricted_until: row.restricted_until,
    })
}

/// Proofs seen within their time (RFC 9449 § 11.1). In memory: a proof outlives a restart by [`dpop::MAX_SKEW_SECONDS`] at most,
/// and effects are named by their Idempotency-Key besides.
#[derive(Default)]
pub struct Proofs(Mutex<HashMap<[u8; 32], u64>>);

impl Proofs {
    /// More within four minutes than phones make; beyond it proofs are refused rather than forgotten.
    const ROOM: usize = 200_000;

    fn first_use(&self, proof: &dpop::Verified, now: u64) -> Result<(), Failure> {
        let name: [u8; 32] = Sha256::new()
            .chain_update(proof.jkt)
            .chain_update(&proof.jti)
            .finalize()
            .into();
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= Self::ROOM {
            seen.retain(|_, until| *until >= now);
        }
        if seen.len() >= Self::ROOM {
            return Err(ErrorCode::RateLimited.into());
        }
        // A proof from the future stays good until its own time is over.
        match seen.insert(name, now + 2 * dpop::MAX_SKEW_SECONDS) {
            Some(until) if until >= now => Err(ErrorCode::DeviceProof.into()),
            _ => Ok(()),
        }
    }
}
