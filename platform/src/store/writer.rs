//! The one writer of a file: takes waiting jobs, runs each in a savepoint, commits once, then answers all.

use super::{BoxFuture, StoreError, Tx};
use futures_util::FutureExt;
use sqlx::{Connection, SqliteConnection};
use std::panic::AssertUnwindSafe;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How many jobs share a commit.
const BATCH: usize = 128;
/// How many jobs may wait before callers do.
const WAITING: usize = 1024;

/// Tells the caller, once it is known whether the commit went through.
type Tell = Box<dyn FnOnce(bool) + Send>;
/// What a job left behind: whether its savepoint is to be kept, and whom to tell.
struct Ran {
    keep: bool,
    tell: Tell,
}
type Run = Box<dyn for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Ran> + Send>;
struct Job {
    run: Run,
    /// It undoes its own writes when it fails.
    bare: bool,
}

/// The way into the writer.
#[derive(Clone)]
pub(super) struct Queue {
    jobs: mpsc::Sender<Job>,
    stop: CancellationToken,
}

impl Queue {
    /// Lets the writer finish what waits, then end.
    pub(super) fn stop(&self) {
        self.stop.cancel();
    }

    pub(super) async fn run<T, E, F>(&self, job: F, bare: bool) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let run: Run = Box::new(move |tx| {
            Box::pin(async move {
                let result = job(tx).await;
                let keep = result.is_ok();
                let tell: Tell = Box::new(move |committed| {
                    // A refusal stands whatever the commit does: its savepoint was undone.
                    let word = match result {
                        Ok(_) if !committed => Err(StoreError::NotCommitted.into()),
                        other => other,
                    };
                    // The caller may have gone away; the effect stands all the same.
                    let _ = answer.send(word);
                });
                Ran { keep, tell }
            })
        });
        let gone = |_| E::from(StoreError::NotCommitted);
        if self.stop.is_cancelled() {
            return Err(StoreError::NotCommitted.into());
        }
        self.jobs
            .send(Job { run, bare })
            .await
            .map_err(|_| E::from(StoreError::NotCommitted))?;
        answered.await.map_err(gone)?
    }
}

/// Starts the writer on its connection.
pub(super) fn start(connection: SqliteConnection) -> (Queue, JoinHandle<()>) {
    let (jobs, waiting) = mpsc::channel(WAITING);
    let stop = CancellationToken::new();
    let queue = Queue {
        jobs,
        stop: stop.clone(),
    };
    (queue, tokio::spawn(run(connection, waiting, stop)))
}

async fn run(
    mut connection: SqliteConnection,
    mut waiting: mpsc::Receiver<Job>,
    stop: CancellationToken,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let taken = tokio::select! {
            biased;
            taken = waiting.recv_many(&mut batch, BATCH) => taken,
            () = stop.cancelled() => { waiting.close(); waiting.recv_many(&mut batch, BATCH).await }
        };
        if taken == 0 {
            break;
        }
        let mut tells = Vec::with_capacity(taken);
        let committed = match commit(&mut connection, &mut batch, &mut tells).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "a shared commit failed");
                false
            }
        };
        // Jobs that never ran are dropped here: their callers read that nothing was written.
        batch.clear();
        tells.into_iter().for_each(|tell: Tell| tell(committed));
    }
    if let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut connection)
        .await
    {
        tracing::warn!(%error, "the write-ahead log was not folded back");
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "closing the database");
    }
}

async fn commit(
    connection: &mut SqliteConnection,
    batch: &mut Vec<Job>,
    tells: &mut Vec<Tell>,
) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for job in batch.drain(..) {
        if job.bare {
            let ran = AssertUnwindSafe((job.run)(&mut transaction)).catch_unwind();
            // What it wrote is not known: nothing of this commit stands.
            let ran = ran.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
            tells.push(ran.tell);
            continue;
        }
        let mut savepoint = transaction.begin().await?;
        // A panic in one job must not take the writer, and with it every later write, down.
        match AssertUnwindSafe((job.run)(&mut savepoint))
            .catch_unwind()
            .await
        {
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
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use crate::store::{Database, StoreError};
    use std::sync::Arc;

    async fn counter() -> (tempfile::TempDir, Arc<Database>) {
        let dir = tempfile::tempdir().unwrap();
        let none = sqlx::migrate::Migrator::DEFAULT;
        let db = Database::open(&dir.path().join("t.db"), &none)
            .await
            .unwrap();
        add_table(&db).await;
        (dir, Arc::new(db))
    }

    async fn add_table(db: &Database) {
        db.write(|tx| {
            Box::pin(async move {
                sqlx::query("CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT")
                    .execute(&mut *tx)
                    .await?;
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
    }

    async fn insert(db: &Database, n: i64, fail: bool) -> Result<(), StoreError> {
        db.write(move |tx| {
            Box::pin(async move {
                sqlx::query("INSERT INTO t VALUES ($1)")
                    .bind(n)
                    .execute(&mut *tx)
                    .await?;
                if fail {
                    Err(StoreError::Damaged("test"))
                } else {
                    Ok(())
                }
            })
        })
        .await
    }

    async fn count(db: &Database) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM t")
            .fetch_one(db.reader())
            .await
            .unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_refused_job_undoes_its_own_writes_and_no_others() {
        let (_dir, db) = counter().await;
        let jobs: Vec<_> = (0..200)
            .map(|n| {
                let db = Arc::clone(&db);
                tokio::spawn(async move { insert(&db, n, n % 3 == 0).await })
            })
            .collect();
        let mut good = 0;
        for job in jobs {
            good += i64::from(job.await.unwrap().is_ok());
        }
        assert_eq!(good, 133);
        assert_eq!(count(&db).await, good);
    }

    #[tokio::test]
    async fn a_panicking_job_is_an_error_and_the_writer_lives() {
        let (_dir, db) = counter().await;
        let word: Result<(), StoreError> = db
            .write(|_| Box::pin(async move { panic!("on purpose") }))
            .await;
        assert!(matches!(word, Err(StoreError::NotCommitted)));
        insert(&db, 1, false).await.unwrap();
        assert_eq!(count(&db).await, 1);
    }

    #[tokio::test]
    async fn a_bare_job_that_panics_takes_its_own_writes_back() {
        let (_dir, db) = counter().await;
        let word: Result<(), StoreError> = db
            .write_bare(|tx| {
                Box::pin(async move {
                    sqlx::query("INSERT INTO t VALUES (1)").execute(tx).await?;
                    panic!("on purpose")
                })
            })
            .await;
        assert!(matches!(word, Err(StoreError::NotCommitted)));
        assert_eq!(count(&db).await, 0);
        insert(&db, 1, false).await.unwrap();
        assert_eq!(count(&db).await, 1);
    }

    #[tokio::test]
    async fn after_closing_a_write_is_refused_and_what_was_answered_is_there() {
        let (dir, db) = counter().await;
        insert(&db, 7, false).await.unwrap();
        db.close().await;
        assert!(insert(&db, 8, false).await.is_err());
        let none = sqlx::migrate::Migrator::DEFAULT;
        let again = Database::open(&dir.path().join("t.db"), &none)
            .await
            .unwrap();
        assert_eq!(count(&again).await, 1);
    }
}
