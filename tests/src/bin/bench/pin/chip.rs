//! The file that stands in for the chip, with a clock: what it takes is a chip's work on a phone.

use super::super::cpu;
use kapok_core::ports::{HardwareKey, PortError};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// A chip whose CPU time is counted.
pub struct Measured {
    chip: Arc<dyn HardwareKey>,
    taken: Mutex<f64>,
}

impl Measured {
    pub fn new(chip: Arc<dyn HardwareKey>) -> Self {
        Self {
            chip,
            taken: Mutex::default(),
        }
    }

    /// Milliseconds of CPU since this was last asked.
    pub fn taken(&self) -> f64 {
        std::mem::take(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn clocked<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = cpu::thread_ms();
        let done = work();
        let taken = cpu::thread_ms() - start;
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) += taken;
        done
    }
}

impl HardwareKey for Measured {
    fn public_key(&self) -> Result<[u8; 33], PortError> {
        self.chip.public_key()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], PortError> {
        self.clocked(|| self.chip.sign(message))
    }

    fn prf(&self, label: &str, input: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, PortError> {
        self.clocked(|| self.chip.prf(label, input))
    }
}
