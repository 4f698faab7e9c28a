//! An effect happens once: its answer is stored in the same transaction under (owner, route, `Idempotency-Key`).

use super::{BoxFuture, StoreError, Tx};
use crate::clock::DAY;
use crate::platform::Platform;
use crate::server::Failure;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::RequestId;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How long an answer is kept: certificate, seal and invite calls are repeated for days.
const KEPT: i64 = 7 * DAY;

/// Names one effect.
#[derive(Debug, Clone)]
pub struct Once {
    /// The account, or the thumbprint of the phone's key where nobody is logged in.
    pub owner: Vec<u8>,
    /// A name for the route.
    pub route: &'static str,
    /// The `Idempotency-Key`.
    pub key: RequestId,
    /// SHA-256 of path and body.
    pub digest: [u8; 32],
}

impl Platform {
    /// Runs `job` unless its answer is already stored; the same key with another request is refused with `KEY_REUSED`.
    pub async fn once<T, F>(&self, once: Once, job: F) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, Failure>> + Send + 'static,
    {
        let now = self.now();
        self.db
            .write(move |tx| {
                Box::pin(async move {
                    if let Some(answer) = stored(tx, &once).await? {
                        return serde_json::from_str(&answer)
                            .map_err(|_| StoreError::Damaged("answers.answer").into());
                    }
                    let answer = job(tx).await?;
                    let text = serde_json::to_string(&answer)
                        .map_err(|_| StoreError::Damaged("answers.answer"))?;
                    keep(tx, &once, text, now).await?;
                    Ok(answer)
                })
            })
            .await
    }
}

async fn stored(tx: &mut Tx, once: &Once) -> Result<Option<String>, Failure> {
    let row: Option<(Vec<u8>, String)> = sqlx::query_as(
        "SELECT digest, answer FROM answers WHERE owner = $1 AND route = $2 AND request = $3",
    )
    .bind(once.owner.clone())
    .bind(once.route)
    .bind(once.key.0.to_vec())
    .fetch_optional(&mut *tx)
    .await?;
    match row {
        Some((digest, _)) if digest != once.digest => Err(ErrorCode::KeyReused.into()),
        Some((_, answer)) => Ok(Some(answer)),
        None => Ok(None),
    }
}

async fn keep(tx: &mut Tx, once: &Once, answer: String, now: i64) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM answers WHERE expires_at < $1")
        .bind(now)
        .execute(&mut *tx)
        .await?;
    sqlx::query("INSERT INTO answers VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(once.owner.clone())
        .bind(once.route)
        .bind(once.key.0.to_vec())
        .bind(once.digest.to_vec())
        .bind(answer)
        .bind(now + KEPT)
        .execute(&mut *tx)
        .await?;
    Ok(())
}
