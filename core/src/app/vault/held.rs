//! The keys of open leases, and who may wipe them.

use crate::error::AppError;
use crate::vault::keys::VaultError;
use kapok_protocol::guard::HalfKey;
use kapok_protocol::ids::CertId;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The secrets of a lease, wiped when dropped. Keys are boxed: a move would leave a copy behind.
pub(super) struct Keys {
    pub(super) lease: Box<SigningKey>,
    pub(super) halves: Vec<(CertId, HalfKey)>,
    pub(super) picked: Option<(CertId, Box<SigningKey>)>,
}

pub(super) type Held = Arc<Mutex<Option<Keys>>>;

pub(super) fn lock(held: &Held) -> MutexGuard<'_, Option<Keys>> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The leases that are open, so that a logout wipes them wherever they are held.
#[derive(Default)]
pub(super) struct Leases(Mutex<Vec<Weak<Mutex<Option<Keys>>>>>);

impl Leases {
    pub(super) fn add(&self, held: &Held) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|lease| lease.strong_count() > 0);
        all.push(Arc::downgrade(held));
    }

    pub(super) fn close(&self) {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for held in all.iter().filter_map(Weak::upgrade) {
            lock(&held).take();
        }
    }
}

/// ECDSA with SHA-256, RFC 6979.
pub(super) fn sign(key: &SigningKey, message: &[u8]) -> Result<Signature, AppError> {
    Ok(key.try_sign(message).map_err(|_| VaultError::Damaged)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logout_wipes_every_lease_that_is_held() {
        let key = || Box::new(SigningKey::from_slice(&[7; 32]).unwrap());
        let open = || -> Held {
            Arc::new(Mutex::new(Some(Keys {
                lease: key(),
                halves: Vec::new(),
                picked: None,
            })))
        };
        let leases = Leases::default();
        let held = [open(), open(), open()];
        held.iter().for_each(|one| leases.add(one));
        drop(open());
        leases.close();
        assert!(held.iter().all(|one| lock(one).is_none()));
    }
}
