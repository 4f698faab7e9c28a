//! Attempts: evaluations that wait for their CONFIRM.

use super::{Owner, array, number};
use crate::store::StoreError;
use crate::store::engine::{Link, Tx};
use crate::store::statement::sql;
use kapok_protocol::ids::{AccountId, DeviceId};
use sqlx::FromRow;

/// An attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Its number.
    pub id: [u8; 16],
    /// Its line in the log.
    pub n: u64,
    /// Whose.
    pub owner: Owner,
    /// PIN epoch.
    pub epoch: u64,
    /// SHA-256 of the request's body.
    pub request: [u8; 32],
    /// The request's body.
    pub body: Vec<u8>,
    /// Wrong in a row, this one counted.
    pub fails: u32,
    /// Tries left if it was wrong.
    pub tries_left: u8,
    /// Seconds to wait if it was wrong.
    pub wait_seconds: u32,
    /// When, microseconds.
    pub at: i64,
    /// What it was confirmed for.
    pub kind: Option<String>,
    /// It has authorised a staging.
    pub staged: bool,
}

#[derive(FromRow)]
struct AttemptRow {
    id: Vec<u8>,
    n: i64,
    account: Vec<u8>,
    device: Vec<u8>,
    epoch: i64,
    request: Vec<u8>,
    body: Vec<u8>,
    fails: i64,
    tries_left: i64,
    wait_seconds: i64,
    at: i64,
    kind: Option<String>,
    staged: bool,
}

impl TryFrom<AttemptRow> for Attempt {
    type Error = StoreError;
    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: array("attempts.id", &row.id)?,
            n: number("attempts.n", row.n)?,
            owner: Owner {
                account: AccountId(array("attempts.account", &row.account)?),
                device: DeviceId(array("attempts.device", &row.device)?),
            },
            epoch: number("attempts.epoch", row.epoch)?,
            request: array("attempts.request", &row.request)?,
            body: row.body,
            fails: number("attempts.fails", row.fails)?,
            tries_left: number("attempts.tries_left", row.tries_left)?,
            wait_seconds: number("attempts.wait_seconds", row.wait_seconds)?,
            at: row.at,
            kind: row.kind,
            staged: row.staged,
        })
    }
}

/// An attempt by its number.
pub async fn attempt<'e>(
    from: impl Into<Link<'e>>,
    id: &[u8; 16],
) -> Result<Option<Attempt>, StoreError> {
    let row: Option<AttemptRow> = sql("SELECT * FROM attempts WHERE id = $1")
        .bind(id.to_vec())
        .fetch_optional(from)
        .await?;
    row.map(Attempt::try_from).transpose()
}

/// An attempt by its request.
pub async fn attempt_of(
    tx: &mut Tx<'_>,
    request: &[u8; 32],
) -> Result<Option<Attempt>, StoreError> {
    let row: Option<AttemptRow> = sql("SELECT * FROM attempts WHERE request = $1")
        .bind(request.to_vec())
        .fetch_optional(&mut *tx)
        .await?;
    row.map(Attempt::try_from).transpose()
}

/// Notes what an attempt was confirmed for.
pub async fn confirm_attempt(
    tx: &mut Tx<'_>,
    id: &[u8; 16],
    kind: &'static str,
) -> Result<(), StoreError> {
    sql("UPDATE attempts SET kind = $2 WHERE id = $1")
        .bind(id.to_vec())
        .bind(kind)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Uses a confirmed attempt for a staging; false where it was used before.
pub async fn use_attempt(tx: &mut Tx<'_>, id: &[u8; 16]) -> Result<bool, StoreError> {
    let done = sql("UPDATE attempts SET staged = TRUE WHERE id = $1 AND NOT staged")
        .bind(id.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(done == 1)
}
