//! One store on either engine: a SQLite file, or a PostgreSQL that several processes share.
//!
//! Both work alike. A write is a closure that runs in a transaction of its own; writers take turns, and up to 128 waiting writes of a
//! process share one commit. Statements are written once, as [`sql`](super::statement::sql) runs them; what the engines do not share
//! is in this file, in `postgres` and in the migrations.

use super::postgres::Postgres;
use super::{BoxFuture, Database, StoreError};
use sqlx::migrate::Migrator;
use sqlx::{PgConnection, PgPool, SqliteConnection, SqlitePool};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The same migrations for either engine: same numbers, same names.
pub struct Migrations {
    /// For SQLite.
    pub sqlite: &'static Migrator,
    /// For PostgreSQL.
    pub postgres: &'static Migrator,
}

/// A store on one of the engines.
pub enum Store {
    /// A file.
    Sqlite(Database),
    /// A server.
    Postgres(Postgres),
}

/// The transaction that a write runs in.
pub enum Tx<'c> {
    /// Of a file.
    Sqlite(&'c mut SqliteConnection),
    /// Of a server.
    Postgres(PgTx<'c>),
}

/// A transaction of a server.
pub struct PgTx<'c> {
    pub(super) connection: &'c mut PgConnection,
    /// Set when the server asks for the whole transaction to be run again.
    pub(super) again: &'c AtomicBool,
}

/// What reads outside of a transaction.
#[derive(Clone, Copy)]
pub enum Reader<'c> {
    /// Read-only connections to a file.
    Sqlite(&'c SqlitePool),
    /// Connections to a server.
    Postgres(&'c PgPool),
}

/// Where a statement runs: in a transaction or outside.
pub enum Link<'c> {
    /// In a transaction.
    Tx(Tx<'c>),
    /// Outside.
    Reader(Reader<'c>),
}

impl<'c> From<&'c mut Tx<'_>> for Link<'c> {
    fn from(tx: &'c mut Tx<'_>) -> Self {
        Self::Tx(match tx {
            Tx::Sqlite(connection) => Tx::Sqlite(connection),
            Tx::Postgres(PgTx { connection, again }) => Tx::Postgres(PgTx { connection, again }),
        })
    }
}

impl<'c> From<Reader<'c>> for Link<'c> {
    fn from(reader: Reader<'c>) -> Self {
        Self::Reader(reader)
    }
}

impl Store {
    /// Opens the server at `url`, or the file where there is none, and brings it to this version's schema. A write is answered when it is on
    /// `copies` machines; a file is on one. What is deleted from a file is
    /// overwritten.
    pub async fn open(
        file: &Path,
        url: Option<&str>,
        copies: u32,
        migrations: &Migrations,
    ) -> Result<Self, StoreError> {
        if let Some(url) = url {
            let server = Postgres::open(url, copies, migrations.postgres).await?;
            return Ok(Self::Postgres(server));
        }
        if copies > 1 {
            return Err(StoreError::Copies);
        }
        let file = Database::open(file, migrations.sqlite).await?;
        file.shred_deleted().await?;
        Ok(Self::Sqlite(file))
    }

    /// Runs `job` in a transaction and answers after the commit. `Err` undoes it.
    pub async fn write<T, E>(
        &self,
        job: impl for<'c, 't> FnOnce(&'c mut Tx<'t>) -> BoxFuture<'c, Result<T, E>>
        + Clone
        + Send
        + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(file) => file.write(move |tx| on_file(job, tx)).await,
            Self::Postgres(server) => server.write(job).await,
        }
    }

    /// As [`Store::write`] without the statements around `job` that undo it in a file: a job that returns `Err` must have left nothing written.
    pub async fn write_bare<T, E>(
        &self,
        job: impl for<'c, 't> FnOnce(&'c mut Tx<'t>) -> BoxFuture<'c, Result<T, E>>
        + Clone
        + Send
        + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match self {
            Self::Sqlite(file) => file.write_bare(move |tx| on_file(job, tx)).await,
            Self::Postgres(server) => server.write(job).await,
        }
    }

    /// Reads what is committed. Never hold one across a call to another machine.
    pub const fn reader(&self) -> Reader<'_> {
        match self {
            Self::Sqlite(file) => Reader::Sqlite(file.reader()),
            Self::Postgres(server) => Reader::Postgres(server.reader()),
        }
    }

    /// Waits for the writes in the queue and closes. Later writes are refused.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(file) => file.close().await,
            Self::Postgres(server) => server.close().await,
        }
    }
}

fn on_file<'c, T: Send + 'c, E: Send + 'c>(
    job: impl for<'x, 't> FnOnce(&'x mut Tx<'t>) -> BoxFuture<'x, Result<T, E>> + Send + 'c,
    connection: &'c mut SqliteConnection,
) -> BoxFuture<'c, Result<T, E>> {
    Box::pin(async move { job(&mut Tx::Sqlite(connection)).await })
}
