//! The phone's database: one SQLite file, values sealed field by field.
//!
//! One connection behind a lock is the one writer; every unit of work is one `BEGIN IMMEDIATE` transaction on a thread that may
//! block. WAL with `synchronous=FULL`: what a call acknowledged is on the disk. The file itself stays a plain SQLite file,
//! because a system may kill an app that holds a lock on a file whose header it cannot read; only values are encrypted.

pub mod cells;
pub mod fields;
pub mod journal;
pub mod migrations;
pub mod requests;
#[cfg(test)]
mod tests;
pub mod vault;

use fields::FieldKeys;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Why the store could not do its work. Names no value.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite's own error, without its text: a text may quote a value.
    #[error("the database failed")]
    Sql(#[source] SqlCode),
    /// The file was written by a newer app; it may be read, not written.
    #[error("the database belongs to a newer version of the app")]
    Newer,
    /// A sealed value does not open: it was changed, moved to another place, or sealed under another key.
    #[error("a stored value does not open")]
    Sealed,
    /// A stored value opens but does not read as what it should be.
    #[error("a stored value is malformed")]
    Malformed,
    /// The store is closed between `pause` and `resume`.
    #[error("the store is paused")]
    Paused,
    /// The thread that did the work has gone.
    #[error("the store's worker is gone")]
    Worker,
}

/// SQLite's primary result code.
#[derive(Debug, thiserror::Error)]
#[error("sqlite result code {0}")]
pub struct SqlCode(pub i32);

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(SqlCode(error.sqlite_error().map_or(0, |e| e.extended_code)))
    }
}

/// One transaction and the keys that open and seal values.
pub struct Unit<'a> {
    /// The transaction.
    pub tx: &'a Transaction<'a>,
    /// Keys for sealed fields.
    pub keys: &'a FieldKeys,
}

struct Inner {
    path: PathBuf,
    keys: FieldKeys,
    connection: Mutex<Option<Connection>>,
    read_only: bool,
}

/// A handle on the database; clones share it.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

impl Store {
    /// Opens or makes the file and brings its schema up to date. A file of a newer app opens for reading only.
    pub fn open(path: &Path, key: &[u8; 32]) -> Result<Self, StoreError> {
        let mut connection = connect(path)?;
        let read_only = match migrations::run(&mut connection) {
            Ok(()) => false,
            Err(StoreError::Newer) => true,
            Err(error) => return Err(error),
        };
        if read_only {
            connection.pragma_update(None, "query_only", true)?;
        }
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            keys: FieldKeys::derive(key),
            connection: Mutex::new(Some(connection)),
            read_only,
        })))
    }

    /// The file belongs to a newer app: reads work, writes end in [`StoreError::Newer`].
    pub fn read_only(&self) -> bool {
        self.0.read_only
    }

    /// Runs a unit of work that changes something. An error rolls back; success is durable when this returns.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Unit<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let store = self.clone();
        blocking(move || store.write_now(work)).await
    }

    /// Runs a unit of work that only reads.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Unit<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let store = self.clone();
        blocking(move || store.read_now(work)).await
    }

    /// [`Store::write`] on the calling thread, for the start of the app, which has no runtime yet.
    pub fn write_now<T>(
        &self,
        work: impl FnOnce(&Unit<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.0.read_only {
            return Err(StoreError::Newer);
        }
        self.unit(TransactionBehavior::Immediate, work)
    }

    /// [`Store::read`] on the calling thread.
    pub fn read_now<T>(
        &self,
        work: impl FnOnce(&Unit<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.unit(TransactionBehavior::Deferred, work)
    }

    fn unit<T>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Unit<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (mut work, mut value) = (Some(work), None);
        self.transaction(behavior, &mut |unit| {
            let work = work.take().ok_or(StoreError::Worker)?;
            value = Some(work(unit)?);
            Ok(())
        })?;
        value.ok_or(StoreError::Worker)
    }

    fn transaction(
        &self,
        behavior: TransactionBehavior,
        work: &mut dyn FnMut(&Unit<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut guard = self.lock();
        let connection = guard.as_mut().ok_or(StoreError::Paused)?;
        let tx = connection.transaction_with_behavior(behavior)?;
        work(&Unit {
            tx: &tx,
            keys: &self.0.keys,
        })?;
        Ok(tx.commit()?)
    }

    /// Empties the write-ahead log and closes the file, so that no lock is left while the app is suspended.
    pub async fn pause(&self) -> Result<(), StoreError> {
        let store = self.clone();
        blocking(move || {
            let Some(connection) = store.lock().take() else {
                return Ok(());
            };
            if !store.0.read_only {
                connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            }
            Ok(())
        })
        .await
    }

    /// Opens the file again after [`Store::pause`]; nothing happens if it is open.
    pub async fn resume(&self) -> Result<(), StoreError> {
        let store = self.clone();
        blocking(move || {
            let mut guard = store.lock();
            if guard.is_none() {
                let connection = connect(&store.0.path)?;
                connection.pragma_update(None, "query_only", store.0.read_only)?;
                *guard = Some(connection);
            }
            Ok(())
        })
        .await
    }

    /// A panic inside a unit of work has rolled its transaction back, so the connection is still good.
    fn lock(&self) -> MutexGuard<'_, Option<Connection>> {
        self.0
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "journal_size_limit", 1 << 20)?;
    Ok(connection)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    crate::blocking::run(work)
        .await
        .map_err(|_| StoreError::Worker)?
}
