//! 账号密码登录 of an enterprise account (YST-034, YST-037).

use super::display_name;
use super::tokens::{NewSession, open_session};
use crate::clock::{MINUTE, SECOND};
use crate::platform::Platform;
use crate::server::{Acr, Answer, DeviceProof, Failure, Input};
use crate::store::text::array;
use crate::store::{StoreError, Tx};
use argon2::{Algorithm, Argon2, Params, Version};
use axum::Json;
use axum::extract::State;
use kapok_protocol::api::identity::{AccountKind, AccountView, LoggedIn, PasswordLogin};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::ids::AccountId;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Longest login name and password that are looked at, in bytes.
const MAX_INPUT: usize = 256;

#[derive(sqlx::FromRow)]
struct Login {
    account: Vec<u8>,
    salt: Vec<u8>,
    password: Vec<u8>,
    wait_until: i64,
}

/// `POST /v1/sessions/password`. Unknown login names cost the same time and give the same answer as wrong passwords.
pub async fn login(
    State(platform): State<Arc<Platform>>,
    device: DeviceProof,
    input: Input<PasswordLogin>,
) -> Answer<LoggedIn> {
    let PasswordLogin { login, password } = input.value;
    let password = Zeroizing::new(password);
    if login.len() > MAX_INPUT || password.len() > MAX_INPUT {
        return Err(ErrorCode::LoginRefused.into());
    }
    let row: Option<Login> =
        sqlx::query_as("SELECT account, salt, password, wait_until FROM logins WHERE login = $1")
            .bind(login)
            .fetch_optional(platform.db.reader())
            .await?;
    let now = platform.now();
    if let Some(row) = &row
        && row.wait_until > now
    {
        return Err(wait(row.wait_until - now));
    }
    let (salt, stored) = row.as_ref().map_or_else(
        || (vec![0; 16], vec![0; 32]),
        |row| (row.salt.clone(), row.password.clone()),
    );
    let right = check(password, salt, stored).await?;
    let Some(row) = row else {
        return Err(ErrorCode::LoginRefused.into());
    };
    let account = AccountId(array("logins.account", &row.account)?);
    if !right {
        return Err(wrong(&platform, account).await?);
    }
    let tokens = enter(&platform, account, device).await?;
    Ok(Json(LoggedIn {
        tokens,
        account: AccountView {
            account_id: account,
            kind: AccountKind::Enterprise,
            display_name: display_name(&platform, account, AccountKind::Enterprise).await?,
        },
    }))
}

async fn check(
    password: Zeroizing<String>,
    salt: Vec<u8>,
    stored: Vec<u8>,
) -> Result<bool, Failure> {
    // 19 MiB of memory traffic would hold up everything else on this thread.
    tokio::task::spawn_blocking(move || {
        hash_password(&password, &salt).map(|hash| bool::from(hash.ct_eq(&stored)))
    })
    .await
    .map_err(|_| ErrorCode::Internal)?
    .map_err(Failure::from)
}

async fn wrong(platform: &Arc<Platform>, account: AccountId) -> Result<Failure, Failure> {
    let limits = platform.config.profile.password;
    let now = platform.now();
    let until = now + i64::from(limits.wait_minutes) * MINUTE;
    let left: i64 = platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                let wrong: i64 = sqlx::query_scalar(
                    "UPDATE logins SET wrong = wrong + 1 WHERE account = $1 RETURNING wrong",
                )
                .bind(account.0.to_vec())
                .fetch_one(&mut *tx)
                .await?;
                let left = i64::from(limits.tries) - wrong;
                if left <= 0 {
                    set(tx, account, until).await?;
                }
                Ok::<_, Failure>(left)
            })
        })
        .await?;
    if left <= 0 {
        return Ok(wait(until - now));
    }
    // How many are left is not said: it would tell that the login name exists.
    Ok(ErrorCode::LoginRefused.into())
}

async fn set(tx: &mut Tx, account: AccountId, wait_until: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE logins SET wrong = 0, wait_until = $1 WHERE account = $2")
        .bind(wait_until)
        .bind(account.0.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

async fn enter(
    platform: &Arc<Platform>,
    account: AccountId,
    device: DeviceProof,
) -> Result<kapok_protocol::api::identity::Tokens, Failure> {
    let roles = Arc::clone(platform);
    platform
        .db
        .write(move |tx| {
            Box::pin(async move {
                set(tx, account, 0).await?;
                let new = NewSession {
                    account,
                    device,
                    acr: Acr::Password,
                    handoff: None,
                    device_label: String::new(),
                    typed: false,
                };
                Ok(open_session(tx, &roles, new).await?.1)
            })
        })
        .await
}

fn wait(micros: i64) -> Failure {
    let seconds = u32::try_from(micros / SECOND + 1).unwrap_or(u32::MAX);
    Failure(ApiError {
        wait_seconds: Some(seconds),
        ..ApiError::new(ErrorCode::RateLimited)
    })
}

/// Argon2id of a password with a 16-byte salt, 32 bytes.
pub fn hash_password(password: &str, salt: &[u8]) -> Result<[u8; 32], StoreError> {
    let mut hash = [0; 32];
    Params::new(MEMORY_KIB, PASSES, 1, Some(32))
        .and_then(|params| {
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
                password.as_bytes(),
                salt,
                &mut hash,
            )
        })
        .map_err(|_| StoreError::Damaged("logins.salt"))?;
    Ok(hash)
}

/// Gives an account a login name and a password; an account that has one keeps it.
pub async fn add_login(
    tx: &mut Tx,
    account: AccountId,
    login: String,
    salt: [u8; 16],
    hash: [u8; 32],
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO logins VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT DO NOTHING")
        .bind(account.0.to_vec())
        .bind(login)
        .bind(salt.to_vec())
        .bind(hash.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}
