//! SQL of the recovery shares in the face service's file.

use super::text::array;
use super::{StoreError, Tx};
use kapok_protocol::ids::{AccountId, DeviceId};

/// Stagings kept for one phone: the current share never counts, abandoned ones make room.
const MOST_STAGED: i64 = 16;

/// A share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// The guard's staging.
    pub stage: [u8; 16],
    /// PIN epoch.
    pub epoch: u64,
    /// `S_f`, sealed.
    pub sealed: Vec<u8>,
    /// When, microseconds.
    pub at: i64,
}

/// Keeps a staged share, and forgets abandoned stagings. A staging that is known keeps its share and its time, which is returned.
pub async fn stage(tx: &mut Tx, share: Share) -> Result<i64, StoreError> {
    sqlx::query("INSERT INTO shares VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT DO NOTHING")
        .bind(share.account.0.to_vec())
        .bind(share.device.0.to_vec())
        .bind(share.stage.to_vec())
        .bind(i64::try_from(share.epoch).unwrap_or(i64::MAX))
        .bind(share.sealed)
        .bind(share.at)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "DELETE FROM shares WHERE account = $1 AND device = $2 AND current = 0 AND stage NOT IN
           (SELECT stage FROM shares WHERE account = $1 AND device = $2 AND current = 0
            ORDER BY at DESC, stage LIMIT $3)",
    )
    .bind(share.account.0.to_vec())
    .bind(share.device.0.to_vec())
    .bind(MOST_STAGED)
    .execute(&mut *tx)
    .await?;
    let at: Option<i64> = sqlx::query_scalar(
        "SELECT at FROM shares WHERE account = $1 AND device = $2 AND stage = $3",
    )
    .bind(share.account.0.to_vec())
    .bind(share.device.0.to_vec())
    .bind(share.stage.to_vec())
    .fetch_optional(&mut *tx)
    .await?;
    at.ok_or(StoreError::Damaged("shares.at"))
}

/// Makes a staged share the current one and deletes all others of the phone; an unknown staging changes nothing.
pub async fn commit(
    tx: &mut Tx,
    account: AccountId,
    device: DeviceId,
    stage: [u8; 16],
) -> Result<(), StoreError> {
    let known = sqlx::query(
        "UPDATE shares SET current = 1 WHERE account = $1 AND device = $2 AND stage = $3",
    )
    .bind(account.0.to_vec())
    .bind(device.0.to_vec())
    .bind(stage.to_vec())
    .execute(&mut *tx)
    .await?;
    if known.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query("DELETE FROM shares WHERE account = $1 AND device = $2 AND stage != $3")
        .bind(account.0.to_vec())
        .bind(device.0.to_vec())
        .bind(stage.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// How often the share was given in a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Whose.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
    /// How often.
    pub given: u8,
    /// The first time, microseconds.
    pub begun_at: i64,
}

/// What a reset was given.
pub async fn release(tx: &mut Tx, reset: &[u8; 16]) -> Result<Option<Release>, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>, i64, i64)> =
        sqlx::query_as("SELECT account, device, given, begun_at FROM releases WHERE reset = $1")
            .bind(reset.to_vec())
            .fetch_optional(&mut *tx)
            .await?;
    let read = |(account, device, given, begun_at): (Vec<u8>, Vec<u8>, i64, i64)| {
        Ok(Release {
            account: AccountId(array("releases.account", &account)?),
            device: DeviceId(array("releases.device", &device)?),
            given: u8::try_from(given).map_err(|_| StoreError::Damaged("releases.given"))?,
            begun_at,
        })
    };
    row.map(read).transpose()
}

/// Counts that the share is given.
pub async fn give(
    tx: &mut Tx,
    reset: &[u8; 16],
    account: AccountId,
    device: DeviceId,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO releases VALUES ($1, $2, $3, 1, $4) ON CONFLICT (reset) DO UPDATE SET given = given + 1",
    )
    .bind(reset.to_vec())
    .bind(account.0.to_vec())
    .bind(device.0.to_vec())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// The share of the epoch that the guard has committed.
pub async fn current(
    tx: &mut Tx,
    account: AccountId,
    device: DeviceId,
) -> Result<Option<Share>, StoreError> {
    let row: Option<(Vec<u8>, i64, Vec<u8>, i64)> = sqlx::query_as(
        "SELECT stage, epoch, share, at FROM shares WHERE account = $1 AND device = $2 AND current = 1",
    )
    .bind(account.0.to_vec())
    .bind(device.0.to_vec())
    .fetch_optional(&mut *tx)
    .await?;
    let read = |(stage, epoch, sealed, at): (Vec<u8>, i64, Vec<u8>, i64)| {
        Ok(Share {
            account,
            device,
            stage: array("shares.stage", &stage)?,
            epoch: u64::try_from(epoch).map_err(|_| StoreError::Damaged("shares.epoch"))?,
            sealed,
            at,
        })
    };
    row.map(read).transpose()
}

/// Deletes every share of a phone.
pub async fn delete(tx: &mut Tx, account: AccountId, device: DeviceId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM shares WHERE account = $1 AND device = $2")
        .bind(account.0.to_vec())
        .bind(device.0.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}
