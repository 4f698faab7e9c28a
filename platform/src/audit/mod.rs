//! What was done, hash-chained, written in the transaction of the effect itself.
//!
//! A row holds ids only: no names, no numbers, nothing a person typed.

use crate::store::{StoreError, Tx};
use sha2::{Digest, Sha256};

/// One thing that happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Event<'a> {
    /// A lower-case word such as `handoff.verified`.
    pub event: &'a str,
    /// Who did it.
    pub account: Option<&'a [u8]>,
    /// For which enterprise.
    pub enterprise: Option<&'a [u8]>,
    /// To what: a handoff, an invite, a certificate.
    pub object: Option<&'a [u8]>,
}

/// Appends a row.
pub async fn note(tx: &mut Tx, at: i64, event: Event<'_>) -> Result<(), StoreError> {
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
            .fetch_optional(&mut *tx)
            .await?;
    let (seq, before) = last.map_or((1, vec![0; 32]), |(seq, hash)| (seq + 1, hash));
    sqlx::query("INSERT INTO audit VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(seq)
        .bind(at)
        .bind(event.event.to_owned())
        .bind(event.account.map(<[u8]>::to_vec))
        .bind(event.enterprise.map(<[u8]>::to_vec))
        .bind(event.object.map(<[u8]>::to_vec))
        .bind(hash(&before, seq, at, &event).to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

type Row = (
    i64,
    i64,
    String,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Option<Vec<u8>>,
    Vec<u8>,
);

/// Walks the chain; the number of the first row that does not follow from the one before it.
pub async fn first_broken(reader: &sqlx::SqlitePool) -> Result<Option<i64>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM audit ORDER BY seq")
        .fetch_all(reader)
        .await?;
    let mut before = vec![0; 32];
    for (expected, (seq, at, event, account, enterprise, object, stored)) in (1..).zip(rows) {
        let event = Event {
            event: &event,
            account: account.as_deref(),
            enterprise: enterprise.as_deref(),
            object: object.as_deref(),
        };
        if seq != expected || hash(&before, seq, at, &event).as_slice() != stored {
            return Ok(Some(expected));
        }
        before = stored;
    }
    Ok(None)
}

/// SHA-256 over the hash before, number, time and the fields, each with its length; an absent field has length 2^64 − 1.
fn hash(before: &[u8], seq: i64, at: i64, event: &Event<'_>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(seq.to_be_bytes());
    hasher.update(at.to_be_bytes());
    for field in [
        Some(event.event.as_bytes()),
        event.account,
        event.enterprise,
        event.object,
    ] {
        let length = field.map_or(u64::MAX, |f| f.len() as u64);
        hasher.update(length.to_be_bytes());
        hasher.update(field.unwrap_or_default());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Database, MAIN};

    async fn run(db: &Database, sql: &'static str) {
        db.write(move |tx| {
            Box::pin(async move {
                sqlx::query(sql).execute(&mut *tx).await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn a_row_changed_or_taken_out_breaks_the_chain() {
        let dir = tempfile::tempdir().unwrap();
        let db = Database::open(&dir.path().join("a.db"), &MAIN)
            .await
            .unwrap();
        for event in ["a", "b", "c"] {
            db.write(move |tx| {
                Box::pin(async move {
                    let event = Event {
                        event,
                        object: Some(&[1]),
                        ..Event::default()
                    };
                    note(tx, 5, event).await
                })
            })
            .await
            .unwrap();
        }
        assert_eq!(first_broken(db.reader()).await.unwrap(), None);
        run(&db, "UPDATE audit SET account = x'00' WHERE seq = 2").await;
        assert_eq!(first_broken(db.reader()).await.unwrap(), Some(2));
        run(&db, "UPDATE audit SET account = NULL WHERE seq = 2").await;
        run(&db, "DELETE FROM audit WHERE seq = 1").await;
        assert_eq!(first_broken(db.reader()).await.unwrap(), Some(1));
    }
}
