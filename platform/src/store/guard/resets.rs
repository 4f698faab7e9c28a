//! Resets by face.

use super::{Owner, array, number};
use crate::store::StoreError;
use crate::store::engine::{Link, Tx};
use crate::store::statement::sql;
use kapok_protocol::ids::{AccountId, DeviceId};
use sqlx::FromRow;

/// Where a reset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetState {
    /// The face was checked.
    Open,
    /// The share was given: it may stage.
    Released,
    /// A new PIN was committed.
    Done,
    /// Ended by its stop code.
    Stopped,
}

/// A reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// Drawn by the phone.
    pub id: [u8; 16],
    /// Whose.
    pub owner: Owner,
    /// Where it is.
    pub state: ResetState,
    /// How often the share was given.
    pub released: u8,
    /// When, microseconds.
    pub begun_at: i64,
}

#[derive(FromRow)]
struct ResetRow {
    id: Vec<u8>,
    account: Vec<u8>,
    device: Vec<u8>,
    state: String,
    released: i64,
    begun_at: i64,
}

const fn word(state: ResetState) -> &'static str {
    match state {
        ResetState::Open => "open",
        ResetState::Released => "released",
        ResetState::Done => "done",
        ResetState::Stopped => "stopped",
    }
}

impl TryFrom<ResetRow> for Reset {
    type Error = StoreError;
    fn try_from(row: ResetRow) -> Result<Self, StoreError> {
        let state = [
            ResetState::Open,
            ResetState::Released,
            ResetState::Done,
            ResetState::Stopped,
        ]
        .into_iter()
        .find(|state| word(*state) == row.state);
        Ok(Self {
            id: array("resets.id", &row.id)?,
            owner: Owner {
                account: AccountId(array("resets.account", &row.account)?),
                device: DeviceId(array("resets.device", &row.device)?),
            },
            state: state.ok_or(StoreError::Damaged("resets.state"))?,
            released: number("resets.released", row.released)?,
            begun_at: row.begun_at,
        })
    }
}

/// A reset by its number.
pub async fn reset<'e>(
    from: impl Into<Link<'e>>,
    id: &[u8; 16],
) -> Result<Option<Reset>, StoreError> {
    let row: Option<ResetRow> = sql("SELECT * FROM resets WHERE id = $1")
        .bind(id.to_vec())
        .fetch_optional(from)
        .await?;
    row.map(Reset::try_from).transpose()
}

/// The reset that a stop code ends, if it began after `since`.
pub async fn reset_of_stop<'e>(
    from: impl Into<Link<'e>>,
    stop_hash: &[u8; 32],
    since: i64,
) -> Result<Option<Reset>, StoreError> {
    let row: Option<ResetRow> = sql("SELECT * FROM resets WHERE stop_hash = $1 AND begun_at > $2")
        .bind(stop_hash.to_vec())
        .bind(since)
        .fetch_optional(from)
        .await?;
    row.map(Reset::try_from).transpose()
}

/// Begins a reset; false where its number was used before, by whomever.
pub async fn add_reset(
    tx: &mut Tx<'_>,
    id: &[u8; 16],
    owner: Owner,
    stop_hash: &[u8; 32],
    now: i64,
) -> Result<bool, StoreError> {
    let done = sql(
        "INSERT INTO resets VALUES ($1, $2, $3, 'open', 0, $4, $5, FALSE) ON CONFLICT DO NOTHING",
    )
    .bind(id.to_vec())
    .bind(owner.account.0.to_vec())
    .bind(owner.device.0.to_vec())
    .bind(now)
    .bind(stop_hash.to_vec())
    .execute(&mut *tx)
    .await?;
    Ok(done == 1)
}

/// Counts that the share is given.
pub async fn release_reset(tx: &mut Tx<'_>, id: &[u8; 16]) -> Result<(), StoreError> {
    sql("UPDATE resets SET state = 'released', released = released + 1 WHERE id = $1")
        .bind(id.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Moves a reset to another state.
pub async fn set_reset(
    tx: &mut Tx<'_>,
    id: &[u8; 16],
    state: ResetState,
) -> Result<(), StoreError> {
    sql("UPDATE resets SET state = $2 WHERE id = $1")
        .bind(id.to_vec())
        .bind(word(state))
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Resets whose owners have no stop code yet, that began after `since`.
pub async fn untold<'e>(from: impl Into<Link<'e>>, since: i64) -> Result<Vec<Reset>, StoreError> {
    let rows: Vec<ResetRow> = sql("SELECT * FROM resets WHERE NOT told AND begun_at > $1")
        .bind(since)
        .fetch_all(from)
        .await?;
    rows.into_iter().map(Reset::try_from).collect()
}

/// The owner has the stop code.
pub async fn set_told(tx: &mut Tx<'_>, id: &[u8; 16]) -> Result<(), StoreError> {
    sql("UPDATE resets SET told = TRUE WHERE id = $1")
        .bind(id.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Deletes what is staged for a phone.
pub async fn drop_stages(tx: &mut Tx<'_>, owner: Owner) -> Result<(), StoreError> {
    sql("DELETE FROM stages WHERE account = $1 AND device = $2")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Ends the leases of a phone.
pub async fn drop_leases(tx: &mut Tx<'_>, owner: Owner) -> Result<(), StoreError> {
    sql("DELETE FROM leases WHERE account = $1 AND device = $2")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}
