//! Standard formats: identity numbers, X.509 certificates and CSRs, GB/T 38540 seals, CMS and PDF signatures.
//!
//! Pure: no IO, no clock, no randomness of its own; bytes and times come in as arguments.

pub mod cms;
#[cfg(feature = "draw")]
pub mod draw;
pub mod identity;
pub mod ocsp;
pub mod pdf;
#[cfg(feature = "draw")]
pub mod sample;
pub mod seal;
pub mod signer;
pub mod tsp;
pub mod x509;
