//! Storage: SQLite files, each with one writer task and read-only readers.
//!
//! A write is a closure that runs in a transaction of its own; up to 128 waiting ones share one commit, and nobody is
//! answered before that commit is on disk. `Err` undoes the closure's writes and changes nothing else.
//!
//! ```text
//! let left = platform.db.write(|tx| Box::pin(async move {
//!     sqlx::query("UPDATE …").bind(id).execute(&mut *tx).await?;
//!     Ok::<_, Failure>(left)
//! })).await?;
//! let row = sqlx::query_as::<_, Row>("SELECT …").fetch_optional(platform.db.reader()).await?;
//! ```
//!
//! The guard's store may be a PostgreSQL instead: see [`engine`].
//!
//! Statements are static text. A refusal that must leave a trace, such as a counted wrong code, is an `Ok` that holds it.

pub mod ca;
pub mod engine;
pub mod face;
pub mod guard;
pub mod idempotency;
pub mod parties;
pub mod portal;
mod postgres;
pub mod sealed;
pub mod seals;
pub mod statement;
pub mod text;
mod writer;

use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use std::path::Path;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

pub use futures_util::future::BoxFuture;
use writer::Queue;

/// The connection inside a write: what a closure hands to `execute(&mut *tx)`.
pub type Tx = SqliteConnection;

/// Migrations of the main file.
pub static MAIN: Migrator = sqlx::migrate!("./migrations/main/sqlite");
/// Migrations of the face service's file.
pub static FACE: Migrator = sqlx::migrate!("./migrations/face/sqlite");

/// Readers of one file.
const READERS: u32 = 4;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database's word.
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    /// A migration failed.
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The shared commit failed, or the writer has stopped: nothing was written.
    #[error("the write was not committed")]
    NotCommitted,
    /// A write would be on fewer machines than are asked for.
    #[error("fewer copies than are asked for")]
    Copies,
    /// A stored value does not read; the field says which.
    #[error("stored {0} is damaged")]
    Damaged(&'static str),
}

/// One SQLite file.
pub struct Database {
    queue: Queue,
    reader: SqlitePool,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Database {
    /// Opens or makes the file, brings it to this version's schema and starts its writer.
    pub async fn open(path: &Path, migrations: &Migrator) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // FULL: what was answered survives a power loss; NORMAL may roll it back.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("journal_size_limit", "67108864")
            .pragma("wal_autocheckpoint", "1000");
        let mut connection = options.connect().await?;
        migrations.run(&mut connection).await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            // A file does not hang up.
            .test_before_acquire(false)
            .connect_with(options.create_if_missing(false).read_only(true))
            .await?;
        let (queue, task) = writer::start(connection);
        Ok(Self {
            queue,
            reader,
            task: Mutex::new(Some(task)),
        })
    }

    /// Runs `job` in a transaction and answers after the commit. See the module for the shape of a closure.
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.queue.run(job, false).await
    }

    /// As [`Database::write`] without the statements around `job` that undo it: a job that returns `Err` must have left nothing written.
    pub async fn write_bare<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.queue.run(job, true).await
    }

    /// Overwrites what is deleted from now on: a deleted secret must not stay readable in a free page of the file.
    pub async fn shred_deleted(&self) -> Result<(), StoreError> {
        self.write(|tx| {
            Box::pin(async move {
                sqlx::query("PRAGMA secure_delete = ON")
                    .execute(&mut *tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Read-only connections. Never hold one across a call to another machine.
    pub const fn reader(&self) -> &SqlitePool {
        &self.reader
    }

    /// Waits for the jobs in the queue, folds the write-ahead log back and closes. Later writes are refused.
    pub async fn close(&self) {
        self.reader.close().await;
        self.queue.stop();
        if let Some(task) = self.task.lock().await.take() {
            // The task ends by itself; it fails only when it was already gone.
            let _ = task.await;
        }
    }
}
