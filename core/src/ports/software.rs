//! Ports for the terminal and for tests, on plain files and the system's clocks.
//!
//! **Not a secure chip.** The key lies in a file named `NOT-A-SECURE-CHIP.key`, readable by whoever reads the disk. A phone's
//! shell implements [`super::HardwareKey`] on Android's Keystore or Apple's Secure Enclave instead.

use super::{Clock, HardwareKey, PortError, Ports, SecureStorage};
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::Sha256;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Name of the key file: `K_dev` as a P-256 scalar, then `K_prf`, 32 bytes each.
pub const KEY_FILE: &str = "NOT-A-SECURE-CHIP.key";

/// What a shell on these ports must show to its user.
pub const fn warning() -> &'static str {
    "Keys are held in a file (NOT-A-SECURE-CHIP.key), not in a secure chip: for trying out and tests only."
}

/// All three ports over the files of one directory, which is made if it is missing.
pub fn open(dir: &Path) -> Result<Ports, PortError> {
    make_dir(dir)?;
    Ok(Ports {
        hardware: Arc::new(SoftwareKey::open(dir)?),
        storage: Arc::new(FileStorage::open(dir)?),
        clock: Arc::new(SystemClock::new()),
    })
}

/// Hardware keys in software.
pub struct SoftwareKey {
    sign: SigningKey,
    prf: Zeroizing<[u8; 32]>,
}

impl SoftwareKey {
    /// Reads the key file of a directory, or makes it.
    pub fn open(dir: &Path) -> Result<Self, PortError> {
        let path = dir.join(KEY_FILE);
        match read(&path)? {
            Some(bytes) => Self::from_bytes(&bytes),
            None => {
                let bytes = Self::fresh_bytes()?;
                let key = Self::from_bytes(&bytes[..])?;
                write_durably(&path, &bytes[..])?;
                Ok(key)
            }
        }
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, PortError> {
        let (sign, prf) = bytes.split_at_checked(32).ok_or(PortError::Malformed)?;
        Ok(Self {
            sign: SigningKey::from_slice(sign).map_err(|_| PortError::Malformed)?,
            prf: Zeroizing::new(prf.try_into().map_err(|_| PortError::Malformed)?),
        })
    }

    /// Draws until the first half is a scalar of the curve: the second draw is needed once in 2³² times.
    fn fresh_bytes() -> Result<Zeroizing<[u8; 64]>, PortError> {
        let mut bytes = Zeroizing::new([0; 64]);
        loop {
            crate::app::random::fill(&mut *bytes).map_err(|_| PortError::Unavailable)?;
            if Self::from_bytes(&bytes[..]).is_ok() {
                return Ok(bytes);
            }
        }
    }
}

impl HardwareKey for SoftwareKey {
    fn public_key(&self) -> Result<[u8; 33], PortError> {
        let point = self.sign.verifying_key().to_sec1_point(true);
        point
            .as_bytes()
            .try_into()
            .map_err(|_| PortError::Malformed)
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], PortError> {
        let signature: Signature = self
            .sign
            .try_sign(message)
            .map_err(|_| PortError::Unavailable)?;
        Ok(signature.to_bytes().into())
    }

    fn prf(&self, label: &str, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        let length = u32::try_from(label.len()).map_err(|_| PortError::Malformed)?;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.prf[..]).map_err(|_| PortError::Malformed)?;
        mac.update(&length.to_be_bytes());
        mac.update(label.as_bytes());
        mac.update(input);
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

/// Secure storage on plain files, one a name, mode 0600 where the system has modes.
pub struct FileStorage {
    dir: PathBuf,
}

impl FileStorage {
    /// Storage in the folder `secrets` of a directory.
    pub fn open(dir: &Path) -> Result<Self, PortError> {
        let dir = dir.join("secrets");
        make_dir(&dir)?;
        Ok(Self { dir })
    }

    /// Only plain names: a name is a file name, never a path.
    fn path(&self, name: &str) -> Result<PathBuf, PortError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(PortError::Malformed);
        }
        Ok(self.dir.join(name))
    }
}

impl SecureStorage for FileStorage {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, PortError> {
        read(&self.path(name)?)
    }

    fn set(&self, name: &str, value: &[u8]) -> Result<(), PortError> {
        write_durably(&self.path(name)?, value)
    }

    fn remove(&self, name: &str) -> Result<(), PortError> {
        match fs::remove_file(self.path(name)?) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(PortError::Unavailable),
            _ => Ok(()),
        }
    }
}

/// The system's clocks.
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// A monotonic clock that starts now.
    #[allow(clippy::disallowed_methods, reason = "this is the clock port")]
    pub fn new() -> Self {
        Self {
            start: std::time::Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the clock port")]
    fn unix_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

fn make_dir(dir: &Path) -> Result<(), PortError> {
    fs::create_dir_all(dir).map_err(|_| PortError::Unavailable)
}

fn read(path: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, PortError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(_) => Err(PortError::Unavailable),
    }
}

/// Writes beside the file, syncs, renames and syncs the folder: a kill leaves the old file or the new one, never half.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), PortError> {
    let write = || -> std::io::Result<()> {
        let beside = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        match path.parent() {
            Some(dir) => File::open(dir)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(|_| PortError::Unavailable)
}
