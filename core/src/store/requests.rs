//! Idempotency keys of effects whose answer is not known yet.
//!
//! The key is stored before the first send. A repetition of the same effect, after a lost reply or a kill, finds it and sends
//! it again, so that the effect happens once; a definite answer ends it.

use super::fields::Field;
use super::{StoreError, Unit};
use kapok_protocol::ids::RequestId;
use rusqlite::OptionalExtension;

const EFFECT: Field = Field {
    table: "request",
    column: "effect",
    schema: 1,
};
/// How long a platform remembers a key at least; an older one is worth nothing.
pub const LIFE_MS: u64 = 24 * 60 * 60 * 1000;

impl Unit<'_> {
    /// The key under which an effect goes out: the stored one if it is young enough, else `fresh`, stored now.
    pub fn request_id(
        &self,
        route: &str,
        body: &[u8],
        fresh: RequestId,
        now_ms: u64,
    ) -> Result<RequestId, StoreError> {
        let effect = self.effect(route, body);
        let oldest = as_i64(now_ms.saturating_sub(LIFE_MS));
        self.tx
            .execute("DELETE FROM request WHERE made_ms < ?1", [oldest])?;
        let stored: Option<Vec<u8>> = self
            .tx
            .query_row(
                "SELECT request_id FROM request WHERE effect = ?1",
                [effect],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(stored) = stored {
            return RequestId::from_slice(&stored).map_err(|_| StoreError::Malformed);
        }
        self.tx.execute(
            "INSERT INTO request (effect, request_id, made_ms) VALUES (?1, ?2, ?3)",
            (effect, fresh.as_bytes(), as_i64(now_ms)),
        )?;
        Ok(fresh)
    }

    /// The effect's answer is known: the same act again is another effect.
    pub fn request_done(&self, route: &str, body: &[u8]) -> Result<(), StoreError> {
        let effect = self.effect(route, body);
        self.tx
            .execute("DELETE FROM request WHERE effect = ?1", [effect])?;
        Ok(())
    }

    fn effect(&self, route: &str, body: &[u8]) -> [u8; 32] {
        let mut value = route.as_bytes().to_vec();
        value.push(0);
        value.extend(body);
        self.keys.lookup(&EFFECT, &zeroize::Zeroizing::new(value))
    }
}

fn as_i64(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}
