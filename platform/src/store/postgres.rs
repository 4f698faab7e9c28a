//! A PostgreSQL that several processes share. Its writers take turns, as SQLite's do: whoever holds the row of `turn` is the only one that writes,
//! so that the log is one chain, and no two writers wait for each other in a circle.
//!
//! One task a process holds the turn for up to 128 waiting writes, each in a savepoint, commits once, then answers all. A holder that stops
//! moving loses its turn after [`STUCK`].

use super::engine::{PgTx, Tx};
use super::statement::again;
use super::{BoxFuture, StoreError};
use futures_util::FutureExt;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Acquire, PgPool};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// For which standbys a commit waits, as the server is told.
const STANDBYS: &str = "SELECT current_setting('synchronous_standby_names')";
/// Takes the turn, and the same.
const TURN_AND_STANDBYS: &str =
    "SELECT current_setting('synchronous_standby_names') FROM turn FOR UPDATE";
/// How many writes share a commit.
const BATCH: usize = 128;
/// How many writes may wait before callers do.
const WAITING: usize = 1024;
/// Connections that read.
const READERS: u32 = 4;
/// How often a batch is run again because the server asks for it.
const AGAIN: u32 = 5;
/// How long a transaction may do nothing before the server ends it, milliseconds: a process that was stopped must not hold the turn.
const STUCK: &str = "5000";
/// How long a writer waits for its turn, milliseconds.
const TURN: &str = "15000";
/// How long a caller waits for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Tells the caller, once it is known whether the commit went through.
type Tell = Box<dyn FnOnce(bool) + Send>;
/// What a write left behind: whether its savepoint is to be kept, and whom to tell.
struct Ran {
    keep: bool,
    tell: Tell,
}
type Run = Box<dyn for<'c, 't> FnMut(&'c mut Tx<'t>) -> BoxFuture<'c, Ran> + Send>;

/// One server.
pub struct Postgres {
    jobs: mpsc::Sender<Run>,
    stop: CancellationToken,
    readers: PgPool,
    writer: PgPool,
    task: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Postgres {
    /// Connects, brings the database to this version's schema and starts the writer.
    pub(super) async fn open(
        url: &str,
        copies: u32,
        migrations: &Migrator,
    ) -> Result<Self, StoreError> {
        let options = url.parse::<PgConnectOptions>()?.options([
            // What was answered survives a power loss, whatever the server's default is.
            ("synchronous_commit", "on"),
            ("idle_in_transaction_session_timeout", STUCK),
            ("lock_timeout", TURN),
        ]);
        let pool = || PgPoolOptions::new().acquire_timeout(CONNECT);
        let writer = pool().max_connections(1);
        let writer = writer.connect_with(options.clone()).await?;
        let standbys: String = sqlx::query_scalar(STANDBYS).fetch_one(&writer).await?;
        enough(&standbys, copies)?;
        migrations.run(&writer).await?;
        let readers = pool().max_connections(READERS).connect_lazy_with(options);
        let (jobs, waiting) = mpsc::channel(WAITING);
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(writer.clone(), copies, waiting, stop.clone()));
        Ok(Self {
            jobs,
            stop,
            readers,
            writer,
            task: tokio::sync::Mutex::new(Some(task)),
        })
    }

    pub(super) async fn write<T, E>(
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
        if self.stop.is_cancelled() {
            return Err(StoreError::NotCommitted.into());
        }
        let (answer, answered) = oneshot::channel();
        let run = repeatable(job, answer);
        let sent = self.jobs.send(run).await;
        sent.map_err(|_| E::from(StoreError::NotCommitted))?;
        let word = answered.await;
        word.map_err(|_| E::from(StoreError::NotCommitted))?
    }

    pub(super) const fn reader(&self) -> &PgPool {
        &self.readers
    }

    pub(super) async fn close(&self) {
        self.stop.cancel();
        if let Some(task) = self.task.lock().await.take() {
            // The task ends by itself; it fails only when it was already gone.
            let _ = task.await;
        }
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A write that may be run several times, until the caller is told once.
fn repeatable<T, E>(
    job: impl for<'c, 't> FnOnce(&'c mut Tx<'t>) -> BoxFuture<'c, Result<T, E>> + Clone + Send + 'static,
    answer: oneshot::Sender<Result<T, E>>,
) -> Run
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let answer = Arc::new(Mutex::new(Some(answer)));
    Box::new(move |tx| {
        let (job, answer) = (job.clone(), Arc::clone(&answer));
        Box::pin(async move {
            let result = job(tx).await;
            let keep = result.is_ok();
            let tell: Tell = Box::new(move |committed| {
                // A refusal stands whatever the commit does: its savepoint was undone.
                let word = match result {
                    Ok(_) if !committed => Err(StoreError::NotCommitted.into()),
                    other => other,
                };
                let answer = answer.lock().unwrap_or_else(PoisonError::into_inner).take();
                // The caller may have gone away; the effect stands all the same.
                let _ = answer.map(|answer| answer.send(word));
            });
            Ran { keep, tell }
        })
    })
}

async fn run(pool: PgPool, copies: u32, mut waiting: mpsc::Receiver<Run>, stop: CancellationToken) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let taken = tokio::select! {
            biased;
            taken = waiting.recv_many(&mut batch, BATCH) => taken,
            () = stop.cancelled() => { waiting.close(); waiting.recv_many(&mut batch, BATCH).await }
        };
        if taken == 0 {
            return;
        }
        written(&pool, copies, &mut batch).await;
        // Jobs that nobody was told about are dropped here: their callers read that nothing was written.
        batch.clear();
    }
}

/// Runs a batch, again where the server asks for it, and tells the callers.
async fn written(pool: &PgPool, copies: u32, batch: &mut [Run]) {
    for round in 0..=AGAIN {
        let mut tells = Vec::with_capacity(batch.len());
        let word = commit(pool, copies, batch, &mut tells).await;
        if let Err(Stopped { again, error }) = &word {
            if *again && round < AGAIN {
                let wait = Duration::from_millis(rand::random_range(0..10 << round));
                tokio::time::sleep(wait).await;
                continue;
            }
            tracing::error!(%error, "a shared commit failed");
        }
        tells.into_iter().for_each(|tell: Tell| tell(word.is_ok()));
        return;
    }
}

/// Why a batch was not committed.
struct Stopped {
    /// The same batch may succeed when it is run again.
    again: bool,
    error: StoreError,
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self {
            again: false,
            error,
        }
    }
}

impl From<sqlx::Error> for Stopped {
    fn from(error: sqlx::Error) -> Self {
        Self {
            again: again(&error),
            error: error.into(),
        }
    }
}

async fn commit(
    pool: &PgPool,
    copies: u32,
    batch: &mut [Run],
    tells: &mut Vec<Tell>,
) -> Result<(), Stopped> {
    // Each statement sees what was committed before it, and so all that the holder of the turn before wrote.
    let begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
    let mut transaction = pool.begin_with(begin).await?;
    let standbys: String = sqlx::query_scalar(TURN_AND_STANDBYS)
        .fetch_one(&mut *transaction)
        .await?;
    // An operator may have taken the standbys away meanwhile.
    enough(&standbys, copies)?;
    for job in batch {
        let asked = AtomicBool::new(false);
        let mut savepoint = transaction.begin().await?;
        let mut tx = Tx::Postgres(PgTx {
            connection: &mut savepoint,
            again: &asked,
        });
        // A panic in one job must not take the writer, and with it every later write, down.
        let ran = AssertUnwindSafe(job(&mut tx)).catch_unwind().await;
        if asked.load(Ordering::Relaxed) {
            return Err(Stopped {
                again: true,
                error: StoreError::NotCommitted,
            });
        }
        match ran {
            Ok(ran) => {
                if ran.keep {
                    savepoint.commit().await?;
                } else {
                    savepoint.rollback().await?;
                }
                tells.push(ran.tell);
            }
            Err(_) => {
                tracing::error!("a job panicked; its writes were undone");
                savepoint.rollback().await?;
            }
        }
    }
    Ok(transaction.commit().await?)
}

/// Whether a commit waits for so many standbys that the write is on `copies` machines.
fn enough(standbys: &str, copies: u32) -> Result<(), StoreError> {
    if waits_for(standbys).saturating_add(1) < copies {
        return Err(StoreError::Copies);
    }
    Ok(())
}

/// For how many standbys a commit waits, from `synchronous_standby_names`: `FIRST n (…)`, `ANY n (…)`, `n (…)`, or names, of which it waits
/// for one.
fn waits_for(standbys: &str) -> u32 {
    let text = standbys.trim();
    if text.is_empty() {
        return 0;
    }
    let Some((before, _)) = text.split_once('(') else {
        return 1;
    };
    let number = before.split_whitespace().last();
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_word_for_its_standbys_is_understood() {
        for (text, standbys) in [
            ("", 0),
            (" ", 0),
            ("one", 1),
            ("*", 1),
            ("one, two", 1),
            ("2 (one, two, three)", 2),
            ("FIRST 1 (one, two)", 1),
            ("any 3 (*)", 3),
            ("ANY2(one)", 0),
        ] {
            assert_eq!(waits_for(text), standbys, "{text}");
        }
    }
}
