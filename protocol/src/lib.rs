//! What phone, PC and platform say to each other.
//!
//! Pure: no IO, no clock, no randomness of its own. Time and random bytes come in as arguments.

pub mod api;
pub mod cbor;
pub mod channel;
pub mod delivery;
pub mod dpop;
pub mod error;
pub mod face;
pub mod guard;
pub mod ids;
pub mod jws;
pub mod message;
pub mod oprf;
pub mod point;
pub mod qr;
pub mod relay;
pub mod rp;

mod ecdsa;
mod kdf;
mod multiples;
#[cfg(test)]
mod wycheproof;
