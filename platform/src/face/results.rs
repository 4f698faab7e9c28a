//! Results of face checks in `face.db`; names are sealed.

use crate::face_results::{FaceResult, FaceResults};
use crate::keys::Keys;
use crate::store::sealed::Sealer;
use crate::store::text::{array, of_word, word};
use crate::store::{BoxFuture, Database, StoreError};
use kapok_protocol::ids::HandoffId;
use std::sync::Arc;

const NAME: &str = "results.name";

/// The face service's own store.
pub struct Results {
    db: Arc<Database>,
    sealer: Sealer,
}

#[derive(sqlx::FromRow)]
struct Row {
    purpose: String,
    person_mac: Vec<u8>,
    name: Vec<u8>,
    document: String,
    jkt: Vec<u8>,
    device_key: Vec<u8>,
    liveness: String,
    at: i64,
}

impl Results {
    /// On the face database, with a key that no other role derives.
    pub fn new(db: Arc<Database>, keys: &Keys) -> Self {
        Self {
            db,
            sealer: Sealer::new(&keys.derive("face/seal")),
        }
    }

    fn read(&self, handoff: HandoffId, row: &Row) -> Result<FaceResult, StoreError> {
        Ok(FaceResult {
            handoff,
            purpose: of_word("results.purpose", &row.purpose)?,
            person_mac: array("results.person_mac", &row.person_mac)?,
            name: self.sealer.open_text(NAME, &handoff.0, &row.name)?,
            document: of_word("results.document", &row.document)?,
            jkt: array("results.jkt", &row.jkt)?,
            device_key: array("results.device_key", &row.device_key)?,
            liveness: of_word("results.liveness", &row.liveness)?,
            at: row.at,
        })
    }
}

impl FaceResults for Results {
    fn record(&self, result: FaceResult) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let id = result.handoff.0;
            let name = self.sealer.seal(NAME, &id, result.name.as_bytes())?;
            let words = (
                word(&result.purpose)?,
                word(&result.document)?,
                word(&result.liveness)?,
            );
            self.db
                .write(move |tx| {
                    Box::pin(async move {
                        sqlx::query("INSERT INTO results VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING")
                            .bind(id.to_vec())
                            .bind(words.0)
                            .bind(result.person_mac.to_vec())
                            .bind(name)
                            .bind(words.1)
                            .bind(result.jkt.to_vec())
                            .bind(result.device_key.to_vec())
                            .bind(words.2)
                            .bind(result.at)
                            .execute(&mut *tx)
                            .await?;
                        Ok(())
                    })
                })
                .await
        })
    }

    fn find(&self, handoff: HandoffId) -> BoxFuture<'_, Result<Option<FaceResult>, StoreError>> {
        Box::pin(async move {
            let row: Option<Row> = sqlx::query_as("SELECT * FROM results WHERE handoff = $1")
                .bind(handoff.0.to_vec())
                .fetch_optional(self.db.reader())
                .await?;
            row.map(|row| self.read(handoff, &row)).transpose()
        })
    }
}
