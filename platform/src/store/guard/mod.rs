//! SQL of the guard's file. Every writing function runs inside the caller's transaction.

mod attempts;
mod certs;
mod epochs;
mod leases;
mod log;
mod lost;
mod resets;
mod tries;

pub use attempts::*;
pub use certs::*;
pub use epochs::*;
pub use leases::*;
pub use log::*;
pub use lost::*;
pub use resets::*;
pub use tries::*;

use log::chained;

use super::StoreError;
use super::engine::{Link, Migrations, Tx};
use super::statement::sql;
use kapok_protocol::guard::GuardState;
use kapok_protocol::ids::{AccountId, DeviceId};
use sqlx::FromRow;

/// The guard's schema, on either engine.
pub static MIGRATIONS: Migrations = Migrations {
    sqlite: &sqlx::migrate!("./migrations/guard/sqlite"),
    postgres: &sqlx::migrate!("./migrations/guard/postgres"),
};

/// Account and phone: what a row of the guard belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// Whose PIN.
    pub account: AccountId,
    /// Which phone.
    pub device: DeviceId,
}

fn array<const N: usize>(column: &'static str, bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Damaged(column))
}

fn number<T: TryFrom<i64>>(column: &'static str, value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::Damaged(column))
}

/// A number on its way into a column.
pub fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The state of a phone's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// `K_dev`, compressed.
    pub device_key: [u8; 33],
    /// The person.
    pub subject: [u8; 32],
    /// Current epoch; 0 before the first COMMIT.
    pub epoch: u64,
    /// Wrong in a row.
    pub fails: u32,
    /// No try before it.
    pub locked_until: i64,
    /// Whether the PIN path is open.
    pub state: GuardState,
    /// The attempt that set the block.
    pub blocked_by: Option<Vec<u8>>,
    /// Last reset by face.
    pub reset_at: Option<i64>,
    /// Last right PIN or COMMIT.
    pub used_at: i64,
    /// Reported lost: deleted then, unless the owner objects.
    pub lost_until: Option<i64>,
}

impl Phone {
    /// Reported lost, and its owner may still object on it.
    pub fn may_object(&self, now: i64) -> bool {
        self.state == GuardState::Revoked && self.lost_until.is_some_and(|until| until > now)
    }
}

#[derive(FromRow)]
struct PhoneRow {
    device_key: Vec<u8>,
    subject: Vec<u8>,
    epoch: i64,
    fails: i64,
    locked_until: i64,
    state: String,
    blocked_by: Option<Vec<u8>>,
    reset_at: Option<i64>,
    used_at: i64,
    lost_until: Option<i64>,
}

const fn state_word(state: GuardState) -> &'static str {
    match state {
        GuardState::Ok => "ok",
        GuardState::Blocked => "blocked",
        GuardState::Resetting => "resetting",
        GuardState::Revoked => "revoked",
    }
}

fn state_of(word: &str) -> Result<GuardState, StoreError> {
    [
        GuardState::Ok,
        GuardState::Blocked,
        GuardState::Resetting,
        GuardState::Revoked,
    ]
    .into_iter()
    .find(|state| state_word(*state) == word)
    .ok_or(StoreError::Damaged("phones.state"))
}

/// The phone's row.
pub async fn phone<'e>(
    from: impl Into<Link<'e>>,
    owner: Owner,
) -> Result<Option<Phone>, StoreError> {
    let row: Option<PhoneRow> = sql("SELECT * FROM phones WHERE account = $1 AND device = $2")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .fetch_optional(from)
        .await?;
    row.map(Phone::try_from).transpose()
}

impl TryFrom<PhoneRow> for Phone {
    type Error = StoreError;
    fn try_from(row: PhoneRow) -> Result<Self, StoreError> {
        Ok(Self {
            device_key: array("phones.device_key", &row.device_key)?,
            subject: array("phones.subject", &row.subject)?,
            epoch: number("phones.epoch", row.epoch)?,
            fails: number("phones.fails", row.fails)?,
            locked_until: row.locked_until,
            state: state_of(&row.state)?,
            blocked_by: row.blocked_by,
            reset_at: row.reset_at,
            used_at: row.used_at,
            lost_until: row.lost_until,
        })
    }
}

/// Enrols a phone before its first PIN.
pub async fn enrol(
    tx: &mut Tx<'_>,
    owner: Owner,
    device_key: &[u8; 33],
    subject: &[u8; 32],
) -> Result<(), StoreError> {
    sql(
        "INSERT INTO phones (account, device, device_key, subject, epoch, fails, locked_until, state)
         VALUES ($1, $2, $3, $4, 0, 0, 0, 'ok')")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .bind(device_key.to_vec())
        .bind(subject.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Clears count and wait after a right PIN, which opens the PIN path and marks the phone as used.
pub async fn clear_count(tx: &mut Tx<'_>, owner: Owner, now: i64) -> Result<(), StoreError> {
    sql(
        "UPDATE phones SET fails = 0, locked_until = 0, state = 'ok', blocked_by = NULL, used_at = $3
         WHERE account = $1 AND device = $2",
    )
    .bind(owner.account.0.to_vec())
    .bind(owner.device.0.to_vec())
    .bind(now)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Opens or closes the PIN path; the count of tries stays.
pub async fn set_state(tx: &mut Tx<'_>, owner: Owner, state: GuardState) -> Result<(), StoreError> {
    sql("UPDATE phones SET state = $3, blocked_by = NULL WHERE account = $1 AND device = $2")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .bind(state_word(state))
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// An answer younger than `since`.
pub async fn answer<'e>(
    from: impl Into<Link<'e>>,
    request: &[u8; 32],
    since: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<(Vec<u8>,)> = sql("SELECT answer FROM answers WHERE request = $1 AND at >= $2")
        .bind(request.to_vec())
        .bind(since)
        .fetch_optional(from)
        .await?;
    Ok(row.map(|(answer,)| answer))
}

/// Keeps an answer and forgets those before `forget`.
pub async fn keep_answer(
    tx: &mut Tx<'_>,
    owner: Owner,
    request: &[u8; 32],
    answer: Vec<u8>,
    (now, forget): (i64, i64),
) -> Result<(), StoreError> {
    sql("DELETE FROM answers WHERE at < $1")
        .bind(forget)
        .execute(&mut *tx)
        .await?;
    sql("INSERT INTO answers VALUES ($1, $2, $3, $4, $5)")
        .bind(request.to_vec())
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .bind(answer)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Forgets the answers of a phone: they may hold what was revoked.
pub async fn forget_answers(tx: &mut Tx<'_>, owner: Owner) -> Result<(), StoreError> {
    sql("DELETE FROM answers WHERE account = $1 AND device = $2")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}
