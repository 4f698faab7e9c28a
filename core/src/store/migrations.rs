//! The schema, step by step. A released step is never edited; a change is a new step.

use super::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// Every step in order; the place in this list, counted from 1, is the schema version after it.
const STEPS: &[&str] = &[
    include_str!("../../migrations/0001_foundation.sql"),
    include_str!("../../migrations/0002_journal.sql"),
    include_str!("../../migrations/0003_vault.sql"),
    include_str!("../../migrations/0004_receiving.sql"),
];

/// The schema version of this app.
pub fn current() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// Applies the steps that the file lacks, each in a transaction together with its version number.
pub fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let found = version(connection)?;
    if found > current() {
        return Err(StoreError::Newer);
    }
    for (step, number) in STEPS.iter().zip(1u32..) {
        if number <= found {
            continue;
        }
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(step)?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}
