//! Lost phones: the report, its end by an objection, and the deletion.

use super::{Owner, Phone, PhoneRow, array, number, state_word};
use crate::store::StoreError;
use crate::store::engine::{Link, Tx};
use crate::store::statement::sql;
use kapok_protocol::guard::GuardState;
use kapok_protocol::ids::{AccountId, DeviceId};
use sqlx::FromRow;

/// Wrong revocation codes before no code of the person counts any more.
pub const CODE_TRIES: u32 = 5;

#[derive(FromRow)]
struct OwnedRow {
    account: Vec<u8>,
    device: Vec<u8>,
    #[sqlx(flatten)]
    phone: PhoneRow,
}

impl OwnedRow {
    fn read(self) -> Result<(Owner, Phone), StoreError> {
        let owner = Owner {
            account: AccountId(array("phones.account", &self.account)?),
            device: DeviceId(array("phones.device", &self.device)?),
        };
        Ok((owner, self.phone.try_into()?))
    }
}

/// The phones of an account that have or had a PIN.
pub async fn phones_of<'e>(
    from: impl Into<Link<'e>>,
    account: AccountId,
) -> Result<Vec<(Owner, Phone)>, StoreError> {
    let rows: Vec<OwnedRow> =
        sql("SELECT * FROM phones WHERE account = $1 AND epoch > 0 ORDER BY device")
            .bind(account.0.to_vec())
            .fetch_all(from)
            .await?;
    rows.into_iter().map(OwnedRow::read).collect()
}

/// Phones whose change of state CA and face service have not followed yet.
pub async fn unsettled<'e>(from: impl Into<Link<'e>>) -> Result<Vec<(Owner, Phone)>, StoreError> {
    let rows: Vec<OwnedRow> = sql("SELECT * FROM phones WHERE NOT settled")
        .fetch_all(from)
        .await?;
    rows.into_iter().map(OwnedRow::read).collect()
}

/// CA and face service have followed; a phone that moved on meanwhile stays unsettled.
pub async fn set_settled(tx: &mut Tx<'_>, owner: Owner, seen: &Phone) -> Result<(), StoreError> {
    sql("UPDATE phones SET settled = TRUE
         WHERE account = $1 AND device = $2 AND state = $3 AND lost_until IS NOT DISTINCT FROM $4")
    .bind(owner.account.0.to_vec())
    .bind(owner.device.0.to_vec())
    .bind(state_word(seen.state))
    .bind(seen.lost_until)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Writes state and end of the time for objections.
pub async fn set_lost(
    tx: &mut Tx<'_>,
    owner: Owner,
    state: GuardState,
    until: Option<i64>,
) -> Result<(), StoreError> {
    sql(
        "UPDATE phones SET state = $3, lost_until = $4, settled = FALSE WHERE account = $1 AND device = $2",
    )
    .bind(owner.account.0.to_vec())
    .bind(owner.device.0.to_vec())
    .bind(state_word(state))
    .bind(until)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Phones whose time for objections is over.
pub async fn overdue<'e>(from: impl Into<Link<'e>>, now: i64) -> Result<Vec<Owner>, StoreError> {
    let rows: Vec<OwnedRow> = sql("SELECT * FROM phones WHERE lost_until <= $1")
        .bind(now)
        .fetch_all(from)
        .await?;
    rows.into_iter()
        .map(|row| row.read().map(|(owner, _)| owner))
        .collect()
}

/// Deletes all that could ever open something; the row stays, so that the phone never comes back under its number.
pub async fn delete_phone(tx: &mut Tx<'_>, owner: Owner) -> Result<(), StoreError> {
    for statement in [
        "DELETE FROM epochs WHERE account = $1 AND device = $2",
        "DELETE FROM stages WHERE account = $1 AND device = $2",
        "DELETE FROM attempts WHERE account = $1 AND device = $2",
        "DELETE FROM leases WHERE account = $1 AND device = $2",
        "DELETE FROM answers WHERE account = $1 AND device = $2",
        "DELETE FROM resets WHERE account = $1 AND device = $2",
        "UPDATE certs SET state = 'revoked', share = NULL WHERE account = $1 AND device = $2",
        "UPDATE phones SET state = 'revoked', lost_until = NULL, code_hash = NULL, settled = FALSE
         WHERE account = $1 AND device = $2",
    ] {
        sql(statement)
            .bind(owner.account.0.to_vec())
            .bind(owner.device.0.to_vec())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// Keeps the hash of a new revocation code.
pub async fn set_code(tx: &mut Tx<'_>, owner: Owner, hash: &[u8; 32]) -> Result<(), StoreError> {
    sql("UPDATE phones SET code_hash = $3, code_left = $4 WHERE account = $1 AND device = $2")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .bind(hash.to_vec())
        .bind(i64::from(CODE_TRIES))
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// The phone of a person with this revocation code. A code that is none of the person's phones costs each of them a try.
pub async fn phone_of_code(
    tx: &mut Tx<'_>,
    subject: &[u8; 32],
    hash: &[u8; 32],
) -> Result<Option<Owner>, StoreError> {
    let found: Option<OwnedRow> =
        sql("SELECT * FROM phones WHERE subject = $1 AND code_hash = $2 AND code_left > 0")
            .bind(subject.to_vec())
            .bind(hash.to_vec())
            .fetch_optional(&mut *tx)
            .await?;
    if let Some(row) = found {
        return row.read().map(|(owner, _)| Some(owner));
    }
    sql("UPDATE phones SET code_left = code_left - 1 WHERE subject = $1 AND code_left > 0")
        .bind(subject.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(None)
}

/// Tries that the revocation code of a phone has left.
pub async fn code_left<'e>(from: impl Into<Link<'e>>, owner: Owner) -> Result<u32, StoreError> {
    let (left,): (i64,) = sql("SELECT code_left FROM phones WHERE account = $1 AND device = $2")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .fetch_one(from)
        .await?;
    number("phones.code_left", left)
}
