//! The operating system's random bytes: the only source in the core.

use kapok_protocol::point;
use rand::TryRng;
#[expect(
    clippy::disallowed_types,
    reason = "the one place where random bytes are drawn"
)]
use rand::rngs::SysRng;
use zeroize::Zeroizing;

/// The operating system gave no random bytes.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
#[error("the system has no random bytes")]
pub struct NoRandom;

/// Fills a buffer.
pub fn fill(bytes: &mut [u8]) -> Result<(), NoRandom> {
    SysRng.try_fill_bytes(bytes).map_err(|_| NoRandom)
}

/// `N` random bytes.
pub fn array<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// `N` secret random bytes, wiped when dropped.
pub fn secret<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandom> {
    let mut bytes = Zeroizing::new([0; N]);
    fill(&mut *bytes)?;
    Ok(bytes)
}

/// A secret P-256 scalar: drawn again, once in 2³² times, until it is below the group order.
pub fn scalar() -> Result<Zeroizing<[u8; 32]>, NoRandom> {
    loop {
        let bytes = secret()?;
        if point::parse_scalar(&bytes).is_ok() {
            return Ok(bytes);
        }
    }
}
