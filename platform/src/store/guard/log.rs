//! The log: each line's hash covers the line before. Whether an attempt is open stands outside the hash.

use super::{Owner, array, int, number};
use crate::store::{StoreError, Tx};
use sha2::{Digest, Sha256};
use sqlx::{Executor, Sqlite};

/// The last row of the log: number and hash; `(0, zeros)` before the first one.
pub async fn log_head<'e, E>(executor: E) -> Result<(u64, [u8; 32]), StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let row: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT n, hash FROM log ORDER BY n DESC LIMIT 1")
            .fetch_optional(executor)
            .await?;
    row.map_or(Ok((0, [0; 32])), |(n, hash)| {
        Ok((number("log.n", n)?, array("log.hash", &hash)?))
    })
}

/// Hash of a line; zeros before the first one, nothing where there is none.
pub async fn log_hash<'e, E>(executor: E, n: u64) -> Result<Option<[u8; 32]>, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    if n == 0 {
        return Ok(Some([0; 32]));
    }
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM log WHERE n = $1")
        .bind(int(n))
        .fetch_optional(executor)
        .await?;
    hash.map(|hash| array("log.hash", &hash)).transpose()
}

/// One line of the log.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// When, microseconds.
    pub at: i64,
    /// Whose.
    pub owner: Owner,
    /// A lower-case word.
    pub event: &'static str,
    /// SHA-256 of the request.
    pub request: &'a [u8; 32],
    /// The nonce that it used up.
    pub nonce: Option<&'a [u8; 32]>,
    /// An attempt that waits for its CONFIRM.
    pub open: bool,
}

/// Number and hash of a line that follows a head.
pub(super) fn chained((last, before): (u64, [u8; 32]), line: Line<'_>) -> (u64, [u8; 32]) {
    let n = last + 1;
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(n.to_be_bytes());
    hasher.update(line.at.to_be_bytes());
    hasher.update(line.owner.account.0);
    hasher.update(line.owner.device.0);
    hasher.update((line.event.len() as u64).to_be_bytes());
    hasher.update(line.event);
    hasher.update(line.request);
    hasher.update(line.nonce.map_or(&[][..], |nonce| &nonce[..]));
    (n, hasher.finalize().into())
}

/// Appends a line; its number and the new head.
pub async fn log(tx: &mut Tx, line: Line<'_>) -> Result<(u64, [u8; 32]), StoreError> {
    let (n, hash) = chained(log_head(&mut *tx).await?, line);
    sqlx::query("INSERT INTO log VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(int(n))
        .bind(line.at)
        .bind(line.owner.account.0.to_vec())
        .bind(line.owner.device.0.to_vec())
        .bind(line.event)
        .bind(line.request.to_vec())
        .bind(line.nonce.map(|nonce| nonce.to_vec()))
        .bind(hash.to_vec())
        .bind(line.open)
        .execute(&mut *tx)
        .await?;
    Ok((n, hash))
}

/// Attempts that nobody confirmed, later than `since`.
pub async fn open_attempts<'e, E>(executor: E, owner: Owner, since: i64) -> Result<u32, StoreError>
where
    E: Executor<'e, Database = Sqlite>,
{
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM log WHERE account = $1 AND device = $2 AND at > $3 AND open = 1",
    )
    .bind(owner.account.0.to_vec())
    .bind(owner.device.0.to_vec())
    .bind(since)
    .fetch_one(executor)
    .await?;
    number("log.open", count)
}

/// Closes an attempt's line; false where it was closed before.
pub async fn close(tx: &mut Tx, n: u64) -> Result<bool, StoreError> {
    let done = sqlx::query("UPDATE log SET open = 0 WHERE n = $1 AND open = 1")
        .bind(int(n))
        .execute(&mut *tx)
        .await?;
    Ok(done.rows_affected() == 1)
}
