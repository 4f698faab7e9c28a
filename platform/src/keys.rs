//! Key files in the platform's folder: one master key for derived keys, and named P-256 keys.
//!
//! A file is written beside its place, flushed, then put there if nothing is, so that a kill leaves a whole file or none, and
//! of several processes that start on an empty folder all take the same keys; it is readable by its owner only.

use crate::config::StartError;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use p256::SecretKey;
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use sha2::Sha256;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The folder's keys.
pub struct Keys {
    dir: PathBuf,
    master: Zeroizing<[u8; 32]>,
}

impl Keys {
    /// Opens the folder's master key, or makes it at first start.
    pub fn open(dir: &Path) -> Result<Self, StartError> {
        let path = dir.join("master.key");
        let bytes = match read(&path)? {
            Some(bytes) => bytes,
            None => {
                let fresh = Zeroizing::new(rand::random::<[u8; 32]>());
                write(&path, fresh.as_slice())?
            }
        };
        let master = bytes
            .as_slice()
            .try_into()
            .map(Zeroizing::new)
            .map_err(|_| StartError::KeyFile("master.key".into()))?;
        Ok(Self {
            dir: dir.to_owned(),
            master,
        })
    }

    /// A 32-byte key for one use, named by `label`: HKDF-SHA256 of the master key.
    pub fn derive(&self, label: &str) -> Zeroizing<[u8; 32]> {
        self.expand(label)
    }

    /// HMAC-SHA256 under the key derived for `label`, over the parts, each with its length in front.
    pub fn mac(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        // A key of exactly one block needs no padding, so that making the MAC cannot fail.
        let key: Zeroizing<[u8; 64]> = self.expand(label);
        let mut mac = Hmac::<Sha256>::new((&*key).into());
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn expand<const N: usize>(&self, label: &str) -> Zeroizing<[u8; N]> {
        let mut key = Zeroizing::new([0; N]);
        // HKDF gives up to 255 × 32 bytes; no caller asks for more than 64, so that expanding cannot fail.
        let _ = Hkdf::<Sha256>::new(Some(b"kapok/platform"), self.master.as_slice())
            .expand(label.as_bytes(), key.as_mut_slice());
        key
    }

    /// The P-256 key called `name`, from `<name>.key` (PKCS#8 PEM), made at first use.
    pub fn p256(&self, name: &str) -> Result<SecretKey, StartError> {
        let damaged = || StartError::KeyFile(format!("{name}.key"));
        let path = self.dir.join(format!("{name}.key"));
        let bytes = match read(&path)? {
            Some(bytes) => bytes,
            None => {
                let pem = random_p256().to_pkcs8_pem(LineEnding::LF);
                write(&path, pem.map_err(|_| damaged())?.as_bytes())?
            }
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged())?;
        SecretKey::from_pkcs8_pem(text).map_err(|_| damaged())
    }

    /// Whether the folder holds a file of this name.
    pub fn holds(&self, name: &str) -> bool {
        self.dir.join(name).exists()
    }

    /// Bytes kept beside the keys, such as a root certificate: read from `name`, or made and written at first use.
    pub fn file(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Vec<u8>, StartError>,
    ) -> Result<Vec<u8>, StartError> {
        let path = self.dir.join(name);
        if let Some(bytes) = read(&path)? {
            return Ok(bytes.to_vec());
        }
        Ok(write(&path, &make()?)?.to_vec())
    }
}

/// A fresh P-256 key. A random scalar is out of range once in 2^32 draws; then another one is drawn.
pub fn random_p256() -> SecretKey {
    loop {
        let bytes = Zeroizing::new(rand::random::<[u8; 32]>());
        if let Ok(key) = SecretKey::from_slice(bytes.as_slice()) {
            return key;
        }
    }
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, StartError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StartError::Io("reading a key file", e)),
    }
}

/// Puts a file where none is; what is there then: another process may have been faster.
fn write(path: &Path, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, StartError> {
    let io = |e| StartError::Io("writing a key file", e);
    let beside = path.with_extension(format!("{:016x}.new", rand::random::<u64>()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).map_err(io)?;
    file.write_all(bytes).map_err(io)?;
    file.sync_all().map_err(io)?;
    let put = fs::hard_link(&beside, path);
    fs::remove_file(&beside).map_err(io)?;
    match put {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(io(error)),
        _ => {}
    }
    if let Some(dir) = path.parent() {
        File::open(dir).and_then(|d| d.sync_all()).map_err(io)?;
    }
    let there = read(path)?;
    there.ok_or_else(|| io(std::io::ErrorKind::NotFound.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_the_same_after_a_restart_and_differ_by_label() {
        let dir = tempfile::tempdir().unwrap();
        let first = Keys::open(dir.path()).unwrap();
        let sign = first.p256("sign").unwrap();
        let again = Keys::open(dir.path()).unwrap();
        assert_eq!(*first.derive("a"), *again.derive("a"));
        assert_ne!(*first.derive("a"), *first.derive("b"));
        assert_eq!(again.p256("sign").unwrap(), sign);
        assert_ne!(
            first.mac("m", &[b"ab", b"c"]),
            first.mac("m", &[b"a", b"bc"])
        );
    }

    #[test]
    fn processes_that_start_together_on_an_empty_folder_take_the_same_keys() {
        let dir = tempfile::tempdir().unwrap();
        let open = || {
            let keys = Keys::open(dir.path()).unwrap();
            (*keys.derive("a"), keys.p256("sign").unwrap())
        };
        let opened = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            let opened = threads.into_iter().map(|thread| thread.join().unwrap());
            opened.collect::<Vec<_>>()
        });
        assert!(opened.iter().all(|keys| *keys == open()));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_damaged_key_file_is_an_error_not_a_new_key() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("master.key"), b"short").unwrap();
        assert!(matches!(
            Keys::open(dir.path()),
            Err(StartError::KeyFile(_))
        ));
    }
}
