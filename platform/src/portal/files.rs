//! Documents on disk: written beside their place, flushed, renamed, and the folder flushed, so that what was answered is there
//! after a power loss and a reader never meets half a file.

use crate::server::Failure;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::DocumentId;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The folder of documents.
#[derive(Clone)]
pub struct Files(PathBuf);

/// Which file.
#[derive(Clone)]
pub enum Name {
    /// As uploaded.
    Original(DocumentId),
    /// Made ready for a signature; named by the number of its row.
    Prepared(Vec<u8>),
    /// Signed by the CMS of this SHA-256: two results on their way at once must not share a file.
    Signed(DocumentId, [u8; 32]),
}

impl Files {
    /// Opens the folder, or makes it.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        Ok(Self(dir.to_owned()))
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.0.join(match name {
            Name::Original(doc) => format!("{doc}.pdf"),
            Name::Prepared(id) => format!("{}.prepared.pdf", hex::encode(id)),
            Name::Signed(doc, cms) => format!("{doc}.{}.signed.pdf", hex::encode(cms)),
        })
    }

    /// Stores a file for good.
    pub async fn put(&self, name: Name, bytes: Vec<u8>) -> Result<(), Failure> {
        let path = self.path(&name);
        let dir = self.0.clone();
        blocking(move || write(&dir, &path, &bytes)).await
    }

    /// Reads a whole file.
    pub async fn get(&self, name: Name) -> Result<Vec<u8>, Failure> {
        let path = self.path(&name);
        blocking(move || fs::read(path)).await
    }

    /// Reads a part of a file; the caller has checked that it lies inside.
    pub async fn part(&self, name: Name, offset: u64, length: usize) -> Result<Vec<u8>, Failure> {
        let path = self.path(&name);
        blocking(move || {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = vec![0; length];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        })
        .await
    }
}

fn write(dir: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Two writers of one document must not share a temporary file.
    let beside = path.with_extension(hex::encode(rand::random::<[u8; 8]>()));
    let written = (|| {
        let mut file = File::create_new(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(dir)?.sync_all()
    })();
    if written.is_err() {
        // Best effort: the error that matters is the first one.
        let _ = fs::remove_file(&beside);
    }
    written
}

async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(job).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            tracing::error!(kind = ?error.kind(), "portal file");
            Err(ErrorCode::Internal.into())
        }
        Err(_) => Err(ErrorCode::Internal.into()),
    }
}
