//! Tokens: opaque, kept as SHA-256 only, bound to the phone's key. Using a refresh token twice revokes its family.

use crate::clock::{DAY, MINUTE};
use crate::identity::persons::new_id;
use crate::platform::Platform;
use crate::server::{Acr, Answer, DeviceProof, Failure, IdempotencyKey, Input, Principal};
use crate::store::text::{array, word};
use crate::store::{StoreError, Tx};
use crate::{audit, audit::Event};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64ct::{Base64UrlUnpadded, Encoding};
use kapok_protocol::api::identity::{RefreshTokens, Tokens};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, HandoffId};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Life of an access token.
pub const ACCESS_LIFE: i64 = 10 * MINUTE;
/// How long a lost answer may be asked for again.
pub const REPEAT: i64 = 2 * MINUTE;
/// Life of an unused refresh token.
const REFRESH_LIFE: i64 = 30 * DAY;

/// A login to be.
pub struct NewSession {
    /// Whose.
    pub account: AccountId,
    /// On which phone.
    pub device: DeviceProof,
    /// How.
    pub acr: Acr,
    /// The handoff of a login by face.
    pub handoff: Option<HandoffId>,
    /// Name that the phone gives itself.
    pub device_label: String,
    /// The six digits came by hand: somebody may have been talked into reading them aloud.
    pub typed: bool,
}

/// How long a new phone whose login came by typed code may not move the account elsewhere.
const RESTRICTION: i64 = DAY;

/// 0, or the end of the restriction: a day from the phone's first login, so that a second typed code does not end it. The first
/// phone of an account is nobody else's.
async fn restriction(tx: &mut Tx, new: &NewSession, now: i64) -> Result<i64, StoreError> {
    if !new.typed {
        return Ok(0);
    }
    let (others, this): (Option<i64>, Option<i64>) = sqlx::query_as(
        "SELECT min(CASE WHEN jkt <> $1 THEN first_seen END), min(CASE WHEN jkt = $1 THEN first_seen END)
         FROM devices WHERE account = $2",
    )
    .bind(new.device.jkt.to_vec())
    .bind(new.account.0.to_vec())
    .fetch_one(&mut *tx)
    .await?;
    let first_login = this.unwrap_or(now);
    let was_first = others.is_none_or(|other| first_login < other);
    let until = first_login + RESTRICTION;
    Ok(if was_first || until <= now { 0 } else { until })
}

/// Opens a session in place of those that this account has on this phone; the enterprise that was selected stays selected.
pub async fn reopen_session(
    tx: &mut Tx,
    platform: &Platform,
    new: NewSession,
) -> Result<([u8; 16], Tokens), StoreError> {
    let now = platform.now();
    let earlier: Vec<(Vec<u8>, Option<Vec<u8>>)> = sqlx::query_as(
        "SELECT id, enterprise FROM sessions WHERE account = $1 AND jkt = $2 AND revoked_at IS NULL ORDER BY auth_time",
    )
    .bind(new.account.0.to_vec())
    .bind(new.device.jkt.to_vec())
    .fetch_all(&mut *tx)
    .await?;
    let (session, tokens) = open_session(tx, platform, new).await?;
    let mut selected = None;
    for (id, enterprise) in earlier {
        revoke(tx, &id, "session.replaced", now).await?;
        selected = enterprise.or(selected);
    }
    sqlx::query("UPDATE sessions SET enterprise = $1 WHERE id = $2")
        .bind(selected)
        .bind(session.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok((session, tokens))
}

/// Opens a session and gives its first tokens.
pub async fn open_session(
    tx: &mut Tx,
    platform: &Platform,
    new: NewSession,
) -> Result<([u8; 16], Tokens), StoreError> {
    let now = platform.now();
    let session = new_id(platform.clock.as_ref());
    let restricted_until = restriction(tx, &new, now).await?;
    sqlx::query("INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, $8)")
        .bind(session.to_vec())
        .bind(new.account.0.to_vec())
        .bind(new.device.jkt.to_vec())
        .bind(new.device.public_key.to_vec())
        .bind(word(&new.acr)?)
        .bind(now)
        .bind(new.handoff.map(|id| id.0.to_vec()))
        .bind(restricted_until)
        .execute(&mut *tx)
        .await?;
    sqlx::query("INSERT INTO devices VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
        .bind(new.account.0.to_vec())
        .bind(new.device.jkt.to_vec())
        .bind(new.device_label)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    let event = Event {
        event: "session.opened",
        account: Some(&new.account.0),
        object: Some(&session),
        ..Event::default()
    };
    audit::note(tx, now, event).await?;
    Ok((session, issue(tx, &session, now).await?))
}

/// New tokens of a session.
async fn issue(tx: &mut Tx, session: &[u8; 16], now: i64) -> Result<Tokens, StoreError> {
    let (access, refresh) = (random_token(), random_token());
    sqlx::query("DELETE FROM access_tokens WHERE expires_at < $1")
        .bind(now - DAY)
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM refresh_tokens WHERE expires_at < $1")
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sqlx::query("INSERT INTO access_tokens VALUES ($1, $2, $3)")
        .bind(hash(&access))
        .bind(session.to_vec())
        .bind(now + ACCESS_LIFE)
        .execute(&mut *tx)
        .await?;
    sqlx::query("INSERT INTO refresh_tokens VALUES ($1, $2, $3, NULL, NULL)")
        .bind(hash(&refresh))
        .bind(session.to_vec())
        .bind(now + REFRESH_LIFE)
        .execute(&mut *tx)
        .await?;
    Ok(Tokens {
        access,
        refresh,
        expires_in: u32::try_from(ACCESS_LIFE / crate::clock::SECOND).unwrap_or(0),
    })
}

/// Ends a session: its tokens count no more.
pub async fn revoke(
    tx: &mut Tx,
    session: &[u8],
    reason: &'static str,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
        .bind(now)
        .bind(session.to_vec())
        .execute(&mut *tx)
        .await?;
    let event = Event {
        event: reason,
        object: Some(session),
        ..Event::default()
    };
    audit::note(tx, now, event).await
}

#[derive(sqlx::FromRow)]
struct RefreshRow {
    session: Vec<u8>,
    jkt: Vec<u8>,
    expires_at: i64,
    used_at: Option<i64>,
    used_by: Option<Vec<u8>>,
    revoked_at: Option<i64>,
}

/// `POST /v1/tokens/refresh`. A repeat of the same call (lost answer) within two minutes gives new tokens.
pub async fn refresh(
    State(platform): State<Arc<Platform>>,
    device: DeviceProof,
    key: IdempotencyKey,
    input: Input<RefreshTokens>,
) -> Answer<Tokens> {
    let now = platform.now();
    let hash = hash(&input.value.refresh);
    // A refusal that revokes must be committed, therefore the inner result.
    let word: Result<Tokens, ErrorCode> = platform
        .db
        .write(move |tx| {
            Box::pin(async move { Ok::<_, Failure>(rotate(tx, hash, &device, key, now).await?) })
        })
        .await?;
    Ok(Json(word?))
}

async fn rotate(
    tx: &mut Tx,
    hash: Vec<u8>,
    device: &DeviceProof,
    key: IdempotencyKey,
    now: i64,
) -> Result<Result<Tokens, ErrorCode>, StoreError> {
    let row: Option<RefreshRow> = sqlx::query_as(
        "SELECT r.session, s.jkt, r.expires_at, r.used_at, r.used_by, s.revoked_at
         FROM refresh_tokens r JOIN sessions s ON s.id = r.session WHERE r.hash = $1",
    )
    .bind(hash.clone())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        return Ok(Err(ErrorCode::LoginRequired));
    };
    if row.jkt != device.jkt {
        // Somebody else's phone holds this token: no reason to trust its family further.
        revoke(tx, &row.session, "session.stolen_refresh", now).await?;
        return Ok(Err(ErrorCode::LoginRequired));
    }
    let session = array("refresh_tokens.session", &row.session)?;
    if let Some(used_at) = row.used_at {
        let repeat = row.used_by.as_deref() == Some(key.0.as_bytes().as_slice())
            && now - used_at <= REPEAT
            && row.revoked_at.is_none();
        if repeat {
            forget(tx, &session).await?;
            return Ok(Ok(issue(tx, &session, now).await?));
        }
        revoke(tx, &row.session, "session.refresh_reused", now).await?;
        return Ok(Err(ErrorCode::LoginRequired));
    }
    if row.revoked_at.is_some() || row.expires_at <= now {
        return Ok(Err(ErrorCode::LoginRequired));
    }
    sqlx::query("UPDATE refresh_tokens SET used_at = $1, used_by = $2 WHERE hash = $3")
        .bind(now)
        .bind(key.0.0.to_vec())
        .bind(hash)
        .execute(&mut *tx)
        .await?;
    Ok(Ok(issue(tx, &session, now).await?))
}

/// Drops tokens that were issued but never arrived.
async fn forget(tx: &mut Tx, session: &[u8; 16]) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM refresh_tokens WHERE session = $1 AND used_at IS NULL")
        .bind(session.to_vec())
        .execute(&mut *tx)
        .await?;
    sqlx::query("DELETE FROM access_tokens WHERE session = $1")
        .bind(session.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// `POST /v1/sessions/end`: signing out.
pub async fn end(
    State(platform): State<Arc<Platform>>,
    principal: Principal,
) -> Result<StatusCode, Failure> {
    let now = platform.now();
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                revoke(tx, &principal.session, "session.ended", now)
                    .await
                    .map_err(Failure::from)
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn random_token() -> String {
    Base64UrlUnpadded::encode_string(&rand::random::<[u8; 32]>())
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}
