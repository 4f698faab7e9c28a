//! The witness: the highest line of the log, in a file apart from the database. A database that is older than its witness was put
//! back from a copy, and with it its counts of tries: the guard then refuses to serve.
//!
//! Nothing is answered before the witness has seen it. One task writes, and one flush serves all who wait. Two records take turns, so that
//! a torn write leaves the older one.

use crate::config::StartError;
use crate::store::StoreError;
use crate::store::engine::Reader;
use crate::store::guard as rows;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use tokio::sync::watch;

/// `u64 number || hash(32) || SHA-256 of both(32)`.
const RECORD: usize = 72;

type Head = (u64, [u8; 32]);

/// The way to the witness.
pub(super) struct Witness {
    wanted: watch::Sender<Head>,
    written: watch::Receiver<u64>,
}

impl Witness {
    /// Compares the database with every witness in the folder, then keeps one of them up to date: guards that share a folder have one each.
    pub(super) async fn open(dir: &Path, db: Reader<'_>) -> Result<Self, StartError> {
        let opening = |e| StartError::Io("opening the guard's witness", e);
        let (file, seen) = files(dir).map_err(opening)?;
        // Read after the witnesses: another guard may be writing both.
        let (n, head) = rows::log_head(db).await?;
        for (seen, hash) in &seen {
            if rows::log_hash(db, *seen).await? != Some(*hash) {
                return Err(StartError::GuardRolledBack);
            }
        }
        if seen.is_empty() && n > 0 {
            tracing::warn!("the guard's witness was missing; it starts anew");
        }
        let (wanted, changes) = watch::channel((n, head));
        let (done, written) = watch::channel(n);
        tokio::spawn(keep(file, changes, done));
        Ok(Self { wanted, written })
    }

    /// Returns when the file holds this line or a later one; an error when it cannot be written.
    pub(super) async fn reach(&self, head: Head) -> Result<(), StoreError> {
        self.wanted.send_if_modified(|wanted| {
            let later = wanted.0 < head.0;
            if later {
                *wanted = head;
            }
            later
        });
        let mut written = self.written.clone();
        let reached = written.wait_for(|n| *n >= head.0).await;
        reached.map(|_| ()).map_err(|_| StoreError::NotCommitted)
    }
}

/// The first witness of the folder that no other process keeps, and what all of them have seen.
fn files(dir: &Path) -> io::Result<(File, Vec<Head>)> {
    let (mut own, mut seen) = (None, Vec::new());
    for number in 1u32.. {
        let path = dir.join(match number {
            1 => "guard.witness".to_owned(),
            later => format!("guard-{later}.witness"),
        });
        if own.is_some() && !path.exists() {
            break;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path)?;
        // The lock ends with the process, however it ends. Taken before reading: nobody writes then.
        let free = match file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(error),
        };
        seen.extend(read(&mut file)?);
        if free && own.is_none() {
            own = Some(file);
        }
    }
    let own = own.ok_or(io::ErrorKind::NotFound)?;
    Ok((own, seen))
}

/// Ends with its guard, or at the first failed write: whoever waits then gets an error.
async fn keep(mut file: File, mut changes: watch::Receiver<Head>, done: watch::Sender<u64>) {
    while changes.changed().await.is_ok() {
        let head = *changes.borrow_and_update();
        let write = move || write(&mut file, head).map(|()| file);
        file = match tokio::task::spawn_blocking(write).await {
            Ok(Ok(file)) => file,
            Ok(Err(error)) => {
                tracing::error!(%error, "the guard's witness cannot be written");
                return;
            }
            Err(_) => return,
        };
        done.send_replace(head.0);
    }
}

fn write(file: &mut File, (n, hash): Head) -> io::Result<()> {
    let body = [&n.to_be_bytes()[..], &hash].concat();
    let record = [&body[..], &Sha256::digest(&body)].concat();
    let place = if n % 2 == 0 { 0 } else { RECORD as u64 };
    file.seek(SeekFrom::Start(place))?;
    file.write_all(&record)?;
    file.sync_data()
}

/// The later of the records that are whole.
fn read(file: &mut File) -> io::Result<Option<Head>> {
    let mut bytes = Vec::new();
    file.take(2 * RECORD as u64).read_to_end(&mut bytes)?;
    Ok(bytes.chunks(RECORD).filter_map(record).max())
}

fn record(bytes: &[u8]) -> Option<Head> {
    let (body, check) = bytes.split_at_checked(40)?;
    let (n, hash) = body.split_first_chunk::<8>()?;
    if Sha256::digest(body).as_slice() != check {
        return None;
    }
    Some((u64::from_be_bytes(*n), hash.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_write_leaves_the_record_before() {
        let mut file = tempfile::tempfile().unwrap();
        assert_eq!(read(&mut file).unwrap(), None);
        write(&mut file, (6, [6; 32])).unwrap();
        write(&mut file, (7, [7; 32])).unwrap();
        file.rewind().unwrap();
        assert_eq!(read(&mut file).unwrap(), Some((7, [7; 32])));
        file.seek(SeekFrom::Start(RECORD as u64 + 20)).unwrap();
        file.write_all(&[0]).unwrap();
        file.rewind().unwrap();
        assert_eq!(read(&mut file).unwrap(), Some((6, [6; 32])));
    }
}
