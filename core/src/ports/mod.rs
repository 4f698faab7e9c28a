//! What the shell gives the core: a hardware key, secure storage and a clock.
//!
//! All three are synchronous: a shell implements them over its system's key store, and the core calls them from a thread that
//! may block. Everything else that a shell does is a pulled [`crate::ShellRequest`].

pub mod contract;
pub mod software;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use zeroize::Zeroizing;

/// Why a port could not answer. Carries no detail of the system's own: those texts may name the user or the key.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
pub enum PortError {
    /// The key is gone: after a restore, a wiped key store, a removed screen lock. The phone must enrol again.
    #[error("the hardware key is missing")]
    KeyMissing,
    /// The system refuses now, for example while the screen is locked; the same call may work later.
    #[error("the port is not available now")]
    Unavailable,
    /// The port answered something that cannot be right: a wrong length, a point off the curve, a bad signature.
    #[error("the port gave a malformed answer")]
    Malformed,
}

/// The phone's hardware keys: `K_dev` signs, `K_prf` computes HMAC. Neither ever leaves the chip.
pub trait HardwareKey: Send + Sync {
    /// `K_dev`'s public key: SEC1 compressed P-256, 33 bytes.
    fn public_key(&self) -> Result<[u8; 33], PortError>;

    /// ECDSA P-256 with SHA-256 over `message` by `K_dev`: `r ‖ s`, 64 bytes.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], PortError>;

    /// HMAC-SHA256(`K_prf`, lp(label) ‖ input), 32 bytes; lp = 4-byte big-endian length before the text.
    fn prf(&self, label: &str, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError>;
}

/// The system's store for small secrets, excluded from backups and bound to this device.
pub trait SecureStorage: Send + Sync {
    /// The secret of a name, or nothing if it was never set. "Not readable now" is an error, not nothing.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, PortError>;

    /// Stores a secret durably in place of an earlier one.
    fn set(&self, name: &str, value: &[u8]) -> Result<(), PortError>;

    /// Forgets a secret; a name that is not there is no error.
    fn remove(&self, name: &str) -> Result<(), PortError>;
}

/// The phone's clocks.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01 UTC as the user set it; no security decision rests on it.
    fn unix_ms(&self) -> u64;

    /// Milliseconds since some fixed moment; never goes back, counts while the phone sleeps.
    fn monotonic_ms(&self) -> u64;
}

/// The ports of one app.
#[derive(Clone)]
pub struct Ports {
    /// Hardware keys.
    pub hardware: Arc<dyn HardwareKey>,
    /// Small secrets.
    pub storage: Arc<dyn SecureStorage>,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
}

impl Ports {
    /// Asks the hardware key once for its public key and a signature, and checks both, so that a faulty port is found at the
    /// start and not in the middle of a signing.
    pub fn check(&self) -> Result<[u8; 33], PortError> {
        use p256::ecdsa::signature::Verifier;
        use p256::ecdsa::{Signature, VerifyingKey};
        let public = self.hardware.public_key()?;
        let key = VerifyingKey::from_sec1_bytes(&public).map_err(|_| PortError::Malformed)?;
        let message = b"kapok/port-check";
        let signature = Signature::from_slice(&self.hardware.sign(message)?)
            .map_err(|_| PortError::Malformed)?;
        key.verify(message, &signature)
            .map_err(|_| PortError::Malformed)?;
        Ok(public)
    }
}
