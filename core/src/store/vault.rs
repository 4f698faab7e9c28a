//! Slots and certificate rows: sealed CBOR, one row each, read and written in the caller's transaction.

use super::fields::Field;
use super::{StoreError, Unit};
use crate::certificates::state::Row;
use kapok_protocol::cbor;
use kapok_protocol::guard::wrap::SlotRecord;
use kapok_protocol::ids::{AccountId, CertId};

const RECORD: Field = Field {
    table: "vault_slot",
    column: "record",
    schema: 1,
};
const RECEIPT: Field = Field {
    table: "vault_slot",
    column: "receipt",
    schema: 1,
};
const CERTIFICATE: Field = Field {
    table: "certificate",
    column: "record",
    schema: 1,
};

/// State of a slot in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotState {
    /// Written; the guard may or may not have committed it.
    Staged,
    /// Committed.
    Active,
    /// A later slot has been committed.
    Superseded,
}

impl SlotState {
    const fn number(self) -> i64 {
        match self {
            Self::Staged => 1,
            Self::Active => 2,
            Self::Superseded => 3,
        }
    }

    const fn of(number: i64) -> Result<Self, StoreError> {
        match number {
            1 => Ok(Self::Staged),
            2 => Ok(Self::Active),
            3 => Ok(Self::Superseded),
            _ => Err(StoreError::Malformed),
        }
    }
}

/// A slot as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Where it is.
    pub state: SlotState,
    /// What the guard names by hash.
    pub record: SlotRecord,
}

/// Where a slot lies: account ‖ index.
fn place(account: AccountId, epoch: u64) -> ([u8; 17], i64) {
    let index = u8::from(epoch % 2 == 1);
    let mut place = [index; 17];
    place[..16].copy_from_slice(&account.0);
    (place, i64::from(index))
}

impl Unit<'_> {
    /// Both slots of an account, by epoch, the newest first.
    pub fn slots(&self, account: AccountId) -> Result<Vec<Slot>, StoreError> {
        let mut ask = self
            .tx
            .prepare("SELECT slot, state, record FROM vault_slot WHERE account = ?1")?;
        let rows = ask.query_map([account.0], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, Vec<u8>>(2)?,
            ))
        })?;
        let mut slots = Vec::new();
        for row in rows {
            let (index, state, sealed) = row?;
            let (place, _) = place(account, u64::from(index == 1));
            let record = self.keys.open(&RECORD, &place, &sealed)?;
            slots.push(Slot {
                state: SlotState::of(state)?,
                record: cbor::decode(&record).map_err(|_| StoreError::Malformed)?,
            });
        }
        slots.sort_by_key(|slot| std::cmp::Reverse(slot.record.epoch));
        Ok(slots)
    }

    /// Writes a staged slot in place of an earlier staged one; a slot that was active is never overwritten.
    pub fn stage_slot(&self, account: AccountId, record: &SlotRecord) -> Result<(), StoreError> {
        let (place, index) = place(account, record.epoch);
        let plain = cbor::encode(record).map_err(|_| StoreError::Malformed)?;
        let sealed = self.keys.seal(&RECORD, &place, &plain)?;
        let written = self.tx.execute(
            "INSERT INTO vault_slot (account, slot, state, record) VALUES (?1, ?2, 1, ?3)
             ON CONFLICT (account, slot) DO UPDATE SET record = excluded.record WHERE state = 1",
            (account.0, index, sealed),
        )?;
        if written == 1 {
            Ok(())
        } else {
            Err(StoreError::Malformed)
        }
    }

    /// Marks the slot of an epoch as active, with the guard's receipt if it is known; older ones are superseded.
    pub fn activate_slot(
        &self,
        account: AccountId,
        epoch: u64,
        receipt: Option<&[u8]>,
    ) -> Result<(), StoreError> {
        let (place, index) = place(account, epoch);
        let sealed = receipt
            .map(|receipt| self.keys.seal(&RECEIPT, &place, receipt))
            .transpose()?;
        self.tx.execute(
            "UPDATE vault_slot SET state = ?3 WHERE account = ?1 AND slot <> ?2 AND state = 2",
            (account.0, index, SlotState::Superseded.number()),
        )?;
        let found = self.tx.execute(
            "UPDATE vault_slot SET state = 2, receipt = coalesce(?3, receipt) WHERE account = ?1 AND slot = ?2",
            (account.0, index, sealed),
        )?;
        if found == 1 {
            Ok(())
        } else {
            Err(StoreError::Malformed)
        }
    }

    /// Deletes the slots before the one of an epoch that has just opened; a staged one is later and stays.
    pub fn remove_older_slots(&self, account: AccountId, epoch: u64) -> Result<(), StoreError> {
        for slot in self.slots(account)? {
            if slot.record.epoch < epoch {
                let (_, index) = place(account, slot.record.epoch);
                self.tx.execute(
                    "DELETE FROM vault_slot WHERE account = ?1 AND slot = ?2",
                    (account.0, index),
                )?;
            }
        }
        Ok(())
    }

    /// The certificate rows of an account.
    pub fn certificates(&self, account: AccountId) -> Result<Vec<Row>, StoreError> {
        let mut ask = self.tx.prepare(
            "SELECT cert_id, state, record FROM certificate WHERE account = ?1 ORDER BY cert_id",
        )?;
        let rows = ask.query_map([account.0], |row| {
            Ok((
                row.get::<_, [u8; 16]>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, Vec<u8>>(2)?,
            ))
        })?;
        let mut all = Vec::new();
        for row in rows {
            let (cert_id, state, sealed) = row?;
            let record = self.keys.open(&CERTIFICATE, &cert_id, &sealed)?;
            let row: Row = cbor::decode(&record).map_err(|_| StoreError::Malformed)?;
            if row.cert_id != CertId(cert_id) || i64::from(row.number()) != state {
                return Err(StoreError::Malformed);
            }
            all.push(row);
        }
        Ok(all)
    }

    /// Writes a certificate row in place of an earlier state of it.
    pub fn put_certificate(&self, account: AccountId, row: &Row) -> Result<(), StoreError> {
        let plain = cbor::encode(row).map_err(|_| StoreError::Malformed)?;
        let sealed = self.keys.seal(&CERTIFICATE, &row.cert_id.0, &plain)?;
        self.tx.execute(
            "INSERT INTO certificate (cert_id, account, state, record) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (cert_id) DO UPDATE SET state = excluded.state, record = excluded.record",
            (row.cert_id.0, account.0, row.number(), sealed),
        )?;
        Ok(())
    }

    /// Forgets a certificate row with its wrapped key.
    pub fn remove_certificate(&self, cert_id: CertId) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM certificate WHERE cert_id = ?1", [cert_id.0])?;
        Ok(())
    }
}
