//! The reference counterpart of the phone: one binary, one role a folder, all on by default.
//!
//! Each role has a `routes()` that `server` plugs into one of two listeners: the phone's side is TLS under the
//! platform's own root, the browser's side is plain http on loopback only. State lives in [`store`]: SQLite with one
//! writer task a file. Everything a role needs comes through [`Platform`].

pub mod agents;
pub mod audit;
pub mod ca;
pub mod clock;
pub mod config;
pub mod face;
pub mod face_results;
pub mod guard;
pub mod identity;
pub mod keys;
pub mod kms;
pub mod pki;
pub mod platform;
pub mod portal;
pub mod profile;
pub mod registry;
pub mod relay;
pub mod role_keys;
pub mod seals;
pub mod server;
pub mod simulators;
pub mod store;
pub mod verify;

#[cfg(test)]
mod testing;

pub use config::{Config, ProfileFile, StartError};
pub use platform::Platform;
pub use server::{Running, start, start_behind};

/// The two-page Chinese contract of the demonstration; nothing if the bundled font failed to load, which a test of its makers excludes.
pub fn sample_contract() -> Option<Vec<u8>> {
    kapok_formats::sample::contract().ok()
}
