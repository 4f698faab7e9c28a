//! The guard's stateless nonce: 32 random bytes, time and a MAC over both and over account and device.

use crate::ids::{AccountId, DeviceId};
use crate::kdf::hmac_sha256;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// How long a nonce may be used, in seconds.
pub const NONCE_LIFE_SECONDS: u64 = 60;

/// `random(32) || u64 time in seconds || HMAC-SHA-256(32)`, 72 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(#[serde(with = "serde_bytes")] pub [u8; 72]);

/// Why a nonce is not taken; either way without any effect (`GUARD_STALE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NonceError {
    /// Not made by this guard for this account and device.
    #[error("the nonce was not issued here")]
    Foreign,
    /// Older than [`NONCE_LIFE_SECONDS`], or from the future.
    #[error("the nonce is stale")]
    Stale,
}

impl Nonce {
    /// Makes a nonce. `key` is the guard's own, `random` 32 fresh bytes, `now` seconds since the epoch.
    pub fn issue(
        key: &[u8; 32],
        account: AccountId,
        device: DeviceId,
        random: &[u8; 32],
        now: u64,
    ) -> Self {
        let mut out = [0u8; 72];
        out[..32].copy_from_slice(random);
        out[32..40].copy_from_slice(&now.to_be_bytes());
        let mac = mac(key, account, device, &out);
        out[40..].copy_from_slice(&*mac);
        Self(out)
    }

    /// Checks origin and age. Whether it was used before is the guard's own record, under [`Nonce::unique`].
    pub fn check(
        &self,
        key: &[u8; 32],
        account: AccountId,
        device: DeviceId,
        now: u64,
    ) -> Result<(), NonceError> {
        if !bool::from(
            mac(key, account, device, &self.0)
                .as_slice()
                .ct_eq(&self.0[40..]),
        ) {
            return Err(NonceError::Foreign);
        }
        match now.checked_sub(self.time()) {
            Some(age) if age <= NONCE_LIFE_SECONDS => Ok(()),
            _ => Err(NonceError::Stale),
        }
    }

    /// The random part, which the guard stores as used.
    pub fn unique(&self) -> [u8; 32] {
        let mut out = [0u8; 32];
        out.copy_from_slice(&self.0[..32]);
        out
    }

    /// When it was issued, in seconds since the epoch.
    pub fn time(&self) -> u64 {
        let mut out = [0u8; 8];
        out.copy_from_slice(&self.0[32..40]);
        u64::from_be_bytes(out)
    }
}

/// MAC over random part and time.
fn mac(
    key: &[u8; 32],
    account: AccountId,
    device: DeviceId,
    nonce: &[u8; 72],
) -> zeroize::Zeroizing<[u8; 32]> {
    hmac_sha256(key, &[b"pinv1/nonce", &account.0, &device.0, &nonce[..40]])
}
