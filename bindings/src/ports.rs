//! The three ports that a shell implements over its system's key store, secure storage and clocks. All are synchronous and are
//! called from this library's threads; they may block. Answers of a wrong shape count as [`PortError::Malformed`].

use crate::error::KapokError;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Why a port could not answer. Holds no detail of the system's own: those texts may name the user or the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PortError {
    /// The key is gone: after a restore, a wiped key store, a removed screen lock. The phone must enrol again.
    #[error("the hardware key is missing")]
    KeyMissing,
    /// The system refuses now, for example while the screen is locked; the same call may work later.
    #[error("the port is not available now")]
    Unavailable,
    /// The port's answer cannot be right.
    #[error("the port gave a malformed answer")]
    Malformed,
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PortError {
    /// The port threw something else. Its text is dropped: it may hold anything.
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

impl From<PortError> for kapok_core::PortError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::KeyMissing => Self::KeyMissing,
            PortError::Unavailable => Self::Unavailable,
            PortError::Malformed => Self::Malformed,
        }
    }
}

/// The phone's hardware keys: `K_dev` signs, `K_prf` computes HMAC. Neither ever leaves the chip.
#[uniffi::export(foreign)]
pub trait HardwareKey: Send + Sync {
    /// `K_dev`'s public key: SEC1 compressed P-256, 33 bytes.
    fn public_key(&self) -> Result<Vec<u8>, PortError>;

    /// ECDSA P-256 with SHA-256 over `data` by `K_dev`: `r ‖ s`, 64 bytes.
    fn sign(&self, data: Vec<u8>) -> Result<Vec<u8>, PortError>;

    /// Replaces the 32 input bytes in `buffer` by HMAC-SHA256(`K_prf`, lp(label) ‖ input), 32 bytes; lp = 4-byte big-endian length
    /// before the text. Both are secret: a copy that the shell has to make is overwritten before the return.
    fn prf(&self, label: String, buffer: PrfBuffer) -> Result<(), PortError>;
}

/// Memory of this library that a [`HardwareKey`] reads and writes in place, so that no secret is copied on the way. Valid until
/// the call returns, wiped then; keep neither the address nor a buffer over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct PrfBuffer {
    /// Where it is.
    pub address: u64,
    /// Its bytes: 32.
    pub length: u32,
}

/// The system's store for small secrets, excluded from backups and bound to this device.
#[uniffi::export(foreign)]
pub trait SecureStorage: Send + Sync {
    /// The secret of a name, or nothing if it was never set. "Not readable now" is an error, not nothing.
    fn get(&self, name: String) -> Result<Option<Vec<u8>>, PortError>;

    /// Stores a secret durably in place of an earlier one.
    fn set(&self, name: String, value: Vec<u8>) -> Result<(), PortError>;

    /// Forgets a secret; a name that is not there is no error.
    fn remove(&self, name: String) -> Result<(), PortError>;
}

/// The phone's clocks.
#[uniffi::export(foreign)]
pub trait PhoneClock: Send + Sync {
    /// Milliseconds since 1970-01-01 UTC as the user set it.
    fn unix_ms(&self) -> Result<u64, PortError>;

    /// Milliseconds since some fixed moment; never goes back, counts while the phone sleeps.
    fn monotonic_ms(&self) -> Result<u64, PortError>;
}

/// The ports of one app.
#[derive(uniffi::Record)]
pub struct Ports {
    /// Hardware keys.
    pub hardware: Arc<dyn HardwareKey>,
    /// Small secrets.
    pub storage: Arc<dyn SecureStorage>,
    /// Clocks.
    pub clock: Arc<dyn PhoneClock>,
}

impl From<Ports> for kapok_core::Ports {
    fn from(ports: Ports) -> Self {
        let Ports {
            hardware,
            storage,
            clock,
        } = ports;
        Self {
            hardware: Arc::new(Hardware(hardware)),
            storage: Arc::new(Storage(storage)),
            clock: Arc::new(Clock(clock)),
        }
    }
}

/// Runs the contract of the ports against an implementation, for a shell's tests. Ends in `HARDWARE_KEY` whose reason names the first
/// line that does not hold. Uses two names of the storage, `contract-probe-a` and `-b`, and removes them.
#[uniffi::export]
pub fn check_ports(ports: Ports) -> Result<(), KapokError> {
    Ok(kapok_core::ports::contract::check(&ports.into())?)
}

struct Hardware(Arc<dyn HardwareKey>);

impl kapok_core::HardwareKey for Hardware {
    fn public_key(&self) -> Result<[u8; 33], kapok_core::PortError> {
        sized(self.0.public_key()?)
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], kapok_core::PortError> {
        sized(self.0.sign(message.to_vec())?)
    }

    fn prf(
        &self,
        label: &str,
        input: &[u8; 32],
    ) -> Result<Zeroizing<[u8; 32]>, kapok_core::PortError> {
        let mut block = Box::new(Zeroizing::new(*input));
        // The cast exposes the pointer, so that the compiler expects the port to write through it.
        let buffer = PrfBuffer {
            address: block.as_mut_ptr() as usize as u64,
            length: 32,
        };
        self.0.prf(label.to_owned(), buffer)?;
        if **block == *input {
            // The port has written nothing.
            return Err(kapok_core::PortError::Malformed);
        }
        Ok(Zeroizing::new(**block))
    }
}

fn sized<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], kapok_core::PortError> {
    bytes
        .try_into()
        .map_err(|_| kapok_core::PortError::Malformed)
}

struct Storage(Arc<dyn SecureStorage>);

impl kapok_core::SecureStorage for Storage {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, kapok_core::PortError> {
        Ok(self.0.get(name.to_owned())?.map(Zeroizing::new))
    }

    fn set(&self, name: &str, value: &[u8]) -> Result<(), kapok_core::PortError> {
        Ok(self.0.set(name.to_owned(), value.to_vec())?)
    }

    fn remove(&self, name: &str) -> Result<(), kapok_core::PortError> {
        Ok(self.0.remove(name.to_owned())?)
    }
}

struct Clock(Arc<dyn PhoneClock>);

impl kapok_core::Clock for Clock {
    /// A clock that fails reads as the epoch: nothing is valid then.
    fn unix_ms(&self) -> u64 {
        self.0.unix_ms().unwrap_or(0)
    }

    /// A clock that fails reads as the end of time: every lease is over then.
    fn monotonic_ms(&self) -> u64 {
        self.0.monotonic_ms().unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kapok_core::{Clock as _, HardwareKey as _};

    /// A port that answers what a test says.
    struct Answers {
        key: Vec<u8>,
        prf: fn(PrfBuffer) -> Result<(), PortError>,
    }

    impl HardwareKey for Answers {
        fn public_key(&self) -> Result<Vec<u8>, PortError> {
            Ok(self.key.clone())
        }
        fn sign(&self, _: Vec<u8>) -> Result<Vec<u8>, PortError> {
            Err(PortError::KeyMissing)
        }
        fn prf(&self, _: String, buffer: PrfBuffer) -> Result<(), PortError> {
            (self.prf)(buffer)
        }
    }

    fn hardware(key: usize, prf: fn(PrfBuffer) -> Result<(), PortError>) -> Hardware {
        Hardware(Arc::new(Answers {
            key: vec![2; key],
            prf,
        }))
    }

    #[allow(unsafe_code, reason = "what a shell does with the address")]
    fn flip(buffer: PrfBuffer) -> Result<(), PortError> {
        assert_eq!(buffer.length, 32);
        let start = buffer.address as usize as *mut u8;
        // SAFETY: the memory is ours until the return, and nobody else looks at it.
        let bytes = unsafe { std::slice::from_raw_parts_mut(start, 32) };
        bytes.iter_mut().for_each(|byte| *byte = !*byte);
        Ok(())
    }

    #[test]
    fn an_answer_of_a_wrong_length_is_malformed() {
        assert!(hardware(33, flip).public_key().is_ok());
        for wrong in [0, 32, 34, 65] {
            let answer = hardware(wrong, flip).public_key();
            assert_eq!(answer, Err(kapok_core::PortError::Malformed));
        }
        let signed = hardware(33, flip).sign(b"x");
        assert_eq!(signed, Err(kapok_core::PortError::KeyMissing));
    }

    #[test]
    fn the_prf_is_computed_in_place() {
        let output = hardware(33, flip).prf("label", &[0x0f; 32]).unwrap();
        assert_eq!(*output, [0xf0; 32]);
    }

    #[test]
    fn a_prf_that_writes_nothing_is_malformed() {
        let answer = hardware(33, |_| Ok(())).prf("label", &[1; 32]);
        assert_eq!(answer.err(), Some(kapok_core::PortError::Malformed));
    }

    #[test]
    fn a_clock_that_fails_keeps_nothing_valid() {
        struct Stopped;
        impl PhoneClock for Stopped {
            fn unix_ms(&self) -> Result<u64, PortError> {
                Err(PortError::Unavailable)
            }
            fn monotonic_ms(&self) -> Result<u64, PortError> {
                Err(PortError::Unavailable)
            }
        }
        let clock = Clock(Arc::new(Stopped));
        assert_eq!((clock.unix_ms(), clock.monotonic_ms()), (0, u64::MAX));
    }
}
