//! What was signed and perhaps not yet delivered: the reason why nothing is ever signed twice.
//!
//! A row is written, durably, before a signature leaves the phone. After a restart or in a new session with the same relying
//! party the stored result is delivered again; the document is never signed again. Rows go once they are acknowledged and old.

use super::fields::Field;
use super::{Store, StoreError, Unit};
use kapok_protocol::ids::DocumentId;
use kapok_protocol::message::SignResult;
use rusqlite::OptionalExtension;

const RESULT: Field = Field {
    table: "journal",
    column: "result",
    schema: 2,
};
const SENT: Field = Field {
    table: "receiving",
    column: "sent",
    schema: 1,
};
/// Delivered rows are kept this long, in milliseconds: a portal that lost an acknowledgement asks again within a day.
const KEEP_MS: u64 = 24 * 60 * 60 * 1000;

/// Which document of whom, signed with what.
#[derive(Clone, PartialEq, Eq)]
pub struct JournalKey {
    /// SHA-256 of the relying party's leaf certificate.
    pub rp: [u8; 32],
    /// The portal's number of the document.
    pub doc: DocumentId,
    /// SHA-256 of the document that was signed.
    pub digest: [u8; 32],
    /// SHA-256 of the certificate that signed.
    pub certificate: [u8; 32],
}

impl JournalKey {
    fn row(&self) -> Vec<u8> {
        [
            &self.rp[..],
            self.doc.as_bytes(),
            &self.digest,
            &self.certificate,
        ]
        .concat()
    }
}

impl Unit<'_> {
    /// The result of this document, where it was signed before.
    pub fn journal(&self, key: &JournalKey) -> Result<Option<SignResult>, StoreError> {
        let row = key.row();
        let sealed: Option<Vec<u8>> = self
            .tx
            .query_row("SELECT result FROM journal WHERE key = ?1", [&row], |r| {
                r.get(0)
            })
            .optional()?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let json = self.keys.open(&RESULT, &row, &sealed)?;
        serde_json::from_slice(&json)
            .map(Some)
            .map_err(|_| StoreError::Malformed)
    }

    /// What was last sent to the guard for this document and has no known answer; the caller's own encoding.
    pub fn receiving(&self, key: &JournalKey) -> Result<Option<Vec<u8>>, StoreError> {
        let row = key.row();
        let sealed: Option<Vec<u8>> = self
            .tx
            .query_row("SELECT sent FROM receiving WHERE key = ?1", [&row], |r| {
                r.get(0)
            })
            .optional()?;
        sealed
            .map(|sealed| Ok(self.keys.open(&SENT, &row, &sealed)?.to_vec()))
            .transpose()
    }

    /// Notes what is about to be sent to the guard, in place of an earlier one; those that are too old to be answered go.
    pub fn put_receiving(
        &self,
        key: &JournalKey,
        sent: &[u8],
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let old = i64::try_from(now_ms.saturating_sub(KEEP_MS)).unwrap_or(i64::MAX);
        self.tx
            .execute("DELETE FROM receiving WHERE made_ms < ?1", [old])?;
        let row = key.row();
        let sealed = self.keys.seal(&SENT, &row, sent)?;
        let made = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.tx.execute(
            "INSERT OR REPLACE INTO receiving (key, sent, made_ms) VALUES (?1, ?2, ?3)",
            (&row, sealed, made),
        )?;
        Ok(())
    }

    /// The guard has answered, or will not.
    pub fn forget_receiving(&self, key: &JournalKey) -> Result<(), StoreError> {
        self.tx
            .execute("DELETE FROM receiving WHERE key = ?1", [key.row()])?;
        Ok(())
    }

    /// Notes a result. A second result for the same document is refused by the key and changes nothing.
    pub fn journal_signed(
        &self,
        key: &JournalKey,
        result: &SignResult,
        now_ms: u64,
    ) -> Result<(), StoreError> {
        let row = key.row();
        let json = serde_json::to_vec(result).map_err(|_| StoreError::Malformed)?;
        let sealed = self.keys.seal(&RESULT, &row, &json)?;
        let made = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.tx.execute(
            "INSERT INTO journal (key, result, signed_ms) VALUES (?1, ?2, ?3)",
            (&row, sealed, made),
        )?;
        self.forget_receiving(key)
    }

    /// Notes that the portal has stored the result.
    pub fn journal_delivered(&self, key: &JournalKey, now_ms: u64) -> Result<(), StoreError> {
        let now = i64::try_from(now_ms).unwrap_or(i64::MAX);
        self.tx.execute(
            "UPDATE journal SET delivered_ms = ?2 WHERE key = ?1",
            (key.row(), now),
        )?;
        let old = i64::try_from(now_ms.saturating_sub(KEEP_MS)).unwrap_or(i64::MAX);
        self.tx
            .execute("DELETE FROM journal WHERE delivered_ms < ?1", [old])?;
        Ok(())
    }
}

impl Store {
    /// How many results are signed and not acknowledged: shown as 未完成的签署.
    pub async fn journal_open(&self) -> Result<u32, StoreError> {
        self.read(|unit| {
            Ok(unit.tx.query_row(
                "SELECT count(*) FROM journal WHERE delivered_ms IS NULL",
                [],
                |r| r.get(0),
            )?)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kapok_protocol::ids::{BatchId, Bytes};

    fn key() -> JournalKey {
        JournalKey {
            rp: [1; 32],
            doc: DocumentId([2; 16]),
            digest: [3; 32],
            certificate: [4; 32],
        }
    }

    fn result() -> SignResult {
        SignResult {
            cms: Bytes(vec![5; 9]),
            doc: DocumentId([2; 16]),
            receipt: Bytes(vec![6; 9]),
            batch_id: BatchId([7; 16]),
        }
    }

    #[test]
    fn yqq_023_a_signed_document_is_found_after_a_restart_and_cannot_be_noted_twice() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        {
            let store = Store::open(&path, &[9; 32]).unwrap();
            assert_eq!(store.read_now(|unit| unit.journal(&key())).unwrap(), None);
            store
                .write_now(|unit| unit.journal_signed(&key(), &result(), 1))
                .unwrap();
            assert!(
                store
                    .write_now(|unit| unit.journal_signed(&key(), &result(), 2))
                    .is_err()
            );
        }
        let store = Store::open(&path, &[9; 32]).unwrap();
        assert_eq!(
            store.read_now(|unit| unit.journal(&key())).unwrap(),
            Some(result())
        );
        let other = JournalKey {
            digest: [0; 32],
            ..key()
        };
        assert_eq!(store.read_now(|unit| unit.journal(&other)).unwrap(), None);
    }

    #[tokio::test]
    async fn delivered_results_are_kept_for_a_day() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("a.db"), &[9; 32]).unwrap();
        store
            .write_now(|unit| unit.journal_signed(&key(), &result(), 1))
            .unwrap();
        assert_eq!(store.journal_open().await.unwrap(), 1);
        store
            .write_now(|unit| unit.journal_delivered(&key(), 1000))
            .unwrap();
        assert_eq!(store.journal_open().await.unwrap(), 0);
        assert!(
            store
                .read_now(|unit| unit.journal(&key()))
                .unwrap()
                .is_some()
        );
        let other = JournalKey {
            doc: DocumentId([0; 16]),
            ..key()
        };
        store
            .write_now(|unit| unit.journal_delivered(&other, 1001 + KEEP_MS))
            .unwrap();
        assert!(
            store
                .read_now(|unit| unit.journal(&key()))
                .unwrap()
                .is_none()
        );
    }
}
