//! PIN epochs: the current one, and the staging of the next.

use super::{EpochKey, Owner, array, int, number};
use crate::store::StoreError;
use crate::store::engine::{Link, Tx};
use crate::store::statement::sql;
use kapok_protocol::ids::{AccountId, DeviceId};
use sqlx::FromRow;

/// The current epoch of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Its number, from 1.
    pub epoch: u64,
    /// Version of the OPRF master key.
    pub master: u32,
    /// Salt of the epoch's OPRF key, sealed.
    pub row_salt: Vec<u8>,
    /// Public half of `sk_auth`.
    pub pk_auth: [u8; 33],
    /// `S_g`, sealed.
    pub share: Vec<u8>,
    /// Hash of the slot record.
    pub slot_hash: [u8; 32],
    /// The staging that it came from.
    pub stage: [u8; 16],
    /// Line of its COMMIT in the log.
    pub log_n: u64,
    /// Head of the log at that line.
    pub log_head: [u8; 32],
    /// When, microseconds.
    pub at: i64,
    /// Public half of the OPRF key, where it is stored.
    pub oprf_pk: Option<[u8; 33]>,
}

impl Epoch {
    /// What its OPRF key is made from.
    pub fn key(&self) -> EpochKey {
        EpochKey {
            master: self.master,
            row_salt: self.row_salt.clone(),
            public: self.oprf_pk,
        }
    }
}

#[derive(FromRow)]
struct EpochRow {
    epoch: i64,
    master: i64,
    row_salt: Vec<u8>,
    pk_auth: Vec<u8>,
    share: Vec<u8>,
    slot_hash: Vec<u8>,
    stage: Vec<u8>,
    log_n: i64,
    log_head: Vec<u8>,
    at: i64,
    oprf_pk: Option<Vec<u8>>,
}

/// The current epoch.
pub async fn epoch<'e>(
    from: impl Into<Link<'e>>,
    owner: Owner,
) -> Result<Option<Epoch>, StoreError> {
    let row: Option<EpochRow> = sql("SELECT * FROM epochs WHERE account = $1 AND device = $2")
        .bind(owner.account.0.to_vec())
        .bind(owner.device.0.to_vec())
        .fetch_optional(from)
        .await?;
    let read = |row: EpochRow| {
        Ok(Epoch {
            epoch: number("epochs.epoch", row.epoch)?,
            master: number("epochs.master", row.master)?,
            row_salt: row.row_salt,
            pk_auth: array("epochs.pk_auth", &row.pk_auth)?,
            share: row.share,
            slot_hash: array("epochs.slot_hash", &row.slot_hash)?,
            stage: array("epochs.stage", &row.stage)?,
            log_n: number("epochs.log_n", row.log_n)?,
            log_head: array("epochs.log_head", &row.log_head)?,
            at: row.at,
            oprf_pk: row
                .oprf_pk
                .map(|public| array("epochs.oprf_pk", &public))
                .transpose()?,
        })
    };
    row.map(read).transpose()
}

/// Makes an epoch the current one: the older one is deleted, and the count of tries starts anew. `reset` where it comes from a reset by face.
pub async fn set_epoch(
    tx: &mut Tx<'_>,
    owner: Owner,
    epoch: &Epoch,
    reset: bool,
) -> Result<(), StoreError> {
    let (account, device) = (owner.account.0.to_vec(), owner.device.0.to_vec());
    for statement in [
        "DELETE FROM epochs WHERE account = $1 AND device = $2",
        "DELETE FROM stages WHERE account = $1 AND device = $2",
        "DELETE FROM answers WHERE account = $1 AND device = $2",
    ] {
        sql(statement)
            .bind(account.clone())
            .bind(device.clone())
            .execute(&mut *tx)
            .await?;
    }
    sql("INSERT INTO epochs VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
        .bind(account.clone())
        .bind(device.clone())
        .bind(int(epoch.epoch))
        .bind(i64::from(epoch.master))
        .bind(epoch.row_salt.clone())
        .bind(epoch.pk_auth.to_vec())
        .bind(epoch.share.clone())
        .bind(epoch.slot_hash.to_vec())
        .bind(epoch.stage.to_vec())
        .bind(int(epoch.log_n))
        .bind(epoch.log_head.to_vec())
        .bind(epoch.at)
        .bind(epoch.oprf_pk.map(|public| public.to_vec()))
        .execute(&mut *tx)
        .await?;
    sql(
        "UPDATE phones SET epoch = $3, fails = 0, locked_until = 0, state = 'ok', blocked_by = NULL, used_at = $4,
           reset_at = CASE WHEN $5 THEN $4 ELSE reset_at END
         WHERE account = $1 AND device = $2",
    )
    .bind(account)
    .bind(device)
    .bind(int(epoch.epoch))
    .bind(epoch.at)
    .bind(reset)
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// A staging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its number.
    pub id: [u8; 16],
    /// Whose.
    pub owner: Owner,
    /// The new epoch.
    pub epoch: u64,
    /// Version of the OPRF master key.
    pub master: u32,
    /// Salt of the epoch's OPRF key, sealed.
    pub row_salt: Vec<u8>,
    /// The one element that was evaluated.
    pub blinded: Option<Vec<u8>>,
    /// End, microseconds.
    pub ends: i64,
    /// The reset that it came from.
    pub reset: Option<[u8; 16]>,
}

impl Stage {
    /// What its OPRF key is made from.
    pub fn key(&self) -> EpochKey {
        EpochKey {
            master: self.master,
            row_salt: self.row_salt.clone(),
            public: None,
        }
    }
}

#[derive(FromRow)]
struct StageRow {
    account: Vec<u8>,
    device: Vec<u8>,
    epoch: i64,
    master: i64,
    row_salt: Vec<u8>,
    blinded: Option<Vec<u8>>,
    ends: i64,
    reset: Option<Vec<u8>>,
}

/// A staging by its number.
pub async fn stage<'e>(
    from: impl Into<Link<'e>>,
    id: &[u8; 16],
) -> Result<Option<Stage>, StoreError> {
    let row: Option<StageRow> = sql(
        "SELECT account, device, epoch, master, row_salt, blinded, ends, reset FROM stages WHERE id = $1",
    )
    .bind(id.to_vec())
    .fetch_optional(from)
    .await?;
    let read = |row: StageRow| {
        Ok(Stage {
            id: *id,
            owner: Owner {
                account: AccountId(array("stages.account", &row.account)?),
                device: DeviceId(array("stages.device", &row.device)?),
            },
            epoch: number("stages.epoch", row.epoch)?,
            master: number("stages.master", row.master)?,
            row_salt: row.row_salt,
            blinded: row.blinded,
            ends: row.ends,
            reset: row.reset.map(|id| array("stages.reset", &id)).transpose()?,
        })
    };
    row.map(read).transpose()
}

/// Starts a staging in place of any other of the phone.
pub async fn set_stage(tx: &mut Tx<'_>, stage: &Stage) -> Result<(), StoreError> {
    super::drop_stages(tx, stage.owner).await?;
    sql("INSERT INTO stages VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8)")
        .bind(stage.id.to_vec())
        .bind(stage.owner.account.0.to_vec())
        .bind(stage.owner.device.0.to_vec())
        .bind(int(stage.epoch))
        .bind(i64::from(stage.master))
        .bind(stage.row_salt.clone())
        .bind(stage.ends)
        .bind(stage.reset.map(|id| id.to_vec()))
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Notes the one element of a staging.
pub async fn set_blinded(tx: &mut Tx<'_>, id: &[u8; 16], blinded: &[u8]) -> Result<(), StoreError> {
    sql("UPDATE stages SET blinded = $2 WHERE id = $1 AND blinded IS NULL")
        .bind(id.to_vec())
        .bind(blinded.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}
