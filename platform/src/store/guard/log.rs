//! The log: each line's hash covers the line before. Whether an attempt is open stands outside the hash.

use super::{Owner, array, int, number};
use crate::store::StoreError;
use crate::store::engine::{Link, Tx};
use crate::store::statement::sql;
use sha2::{Digest, Sha256};

/// The last row of the log: number and hash; `(0, zeros)` before the first one.
pub async fn log_head<'e>(from: impl Into<Link<'e>>) -> Result<(u64, [u8; 32]), StoreError> {
    let row: Option<(i64, Vec<u8>)> = sql("SELECT n, hash FROM log ORDER BY n DESC LIMIT 1")
        .fetch_optional(from)
        .await?;
    row.map_or(Ok((0, [0; 32])), |(n, hash)| {
        Ok((number("log.n", n)?, array("log.hash", &hash)?))
    })
}

/// Hash of a line; zeros before the first one, nothing where there is none.
pub async fn log_hash<'e>(
    from: impl Into<Link<'e>>,
    n: u64,
) -> Result<Option<[u8; 32]>, StoreError> {
    if n == 0 {
        return Ok(Some([0; 32]));
    }
    let hash: Option<(Vec<u8>,)> = sql("SELECT hash FROM log WHERE n = $1")
        .bind(int(n))
        .fetch_optional(from)
        .await?;
    hash.map(|(hash,)| array("log.hash", &hash)).transpose()
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
pub async fn log(tx: &mut Tx<'_>, line: Line<'_>) -> Result<(u64, [u8; 32]), StoreError> {
    let (n, hash) = chained(log_head(&mut *tx).await?, line);
    sql("INSERT INTO log VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
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
pub async fn open_attempts<'e>(
    from: impl Into<Link<'e>>,
    owner: Owner,
    since: i64,
) -> Result<u32, StoreError> {
    let (count,): (i64,) =
        sql("SELECT count(*) FROM log WHERE account = $1 AND device = $2 AND at > $3 AND open")
            .bind(owner.account.0.to_vec())
            .bind(owner.device.0.to_vec())
            .bind(since)
            .fetch_one(from)
            .await?;
    number("log.open", count)
}

/// Closes an attempt's line; false where it was closed before.
pub async fn close(tx: &mut Tx<'_>, n: u64) -> Result<bool, StoreError> {
    let done = sql("UPDATE log SET open = FALSE WHERE n = $1 AND open")
        .bind(int(n))
        .execute(&mut *tx)
        .await?;
    Ok(done == 1)
}
