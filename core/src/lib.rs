//! The phone app's logic. A shell makes one [`App`] with its [`Settings`] and [`Ports`], calls the handles of the capabilities,
//! and pulls [`Event`]s and [`ShellRequest`]s.
//!
//! Capabilities decide (pure transitions), [`mod@app`] runs what they decide, [`mod@client`] and [`mod@store`] touch network and
//! disk. Time and random bytes enter through the clock port and `app`.

pub mod agents;
pub mod allocator;
pub mod app;
mod blocking;
pub mod certificates;
pub mod client;
#[cfg(test)]
mod diagram;
pub mod enterprise;
pub mod error;
pub mod links;
pub mod login;
#[cfg(feature = "pages")]
pub mod pages;
pub mod ports;
pub mod profile;
pub mod scan;
pub mod seals;
pub mod secret;
pub mod signing;
pub mod store;
pub mod types;
pub mod vault;

pub use app::events::{Event, ShellRequest};
pub use app::{App, Settings};
pub use error::AppError;
pub use kapok_protocol::error::{ErrorCode, NextStep};
pub use ports::{Clock, HardwareKey, PortError, Ports, SecureStorage};
pub use profile::PrivacyNotice;
pub use secret::{Pin, PinPad, wipe_stack};
