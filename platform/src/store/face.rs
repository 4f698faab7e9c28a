//! SQL of the recovery shares in the face service's file.

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
