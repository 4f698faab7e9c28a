//! The core as Kotlin and Swift see it, by UniFFI. Converts and delegates: every decision is made in `kapok-core`.
//!
//! One [`KapokApp`] with a sub-object for each capability, one file each. What a shell must know:
//!
//! - **Calls** are asynchronous and run on this library's own threads, whatever thread they are called from. The few synchronous
//!   ones answer at once, but for [`KapokApp::open`], which reads files, and [`Signing::scan`], which decodes a frame.
//! - **Nothing calls back** into the shell except the three synchronous ports ([`Ports`]). What happened and what is to be done is
//!   pulled: [`KapokApp::next_event`], [`KapokApp::next_request`], [`Signing::next_view`].
//! - **Cancelling**: Kotlin drops a future, which ends its work. Swift does not, so calls that wait for long take a [`CancelToken`].
//! - **Secrets** never cross as text. A PIN goes digit by digit into a [`PinPad`].
//! - **Errors** are one type, [`KapokError`]: a stable code, what the person can do, and small fields. The shell owns the words.

uniffi::setup_scaffolding!();

#[cfg(feature = "wiping-allocator")]
#[global_allocator]
static ALLOCATOR: kapok_core::allocator::Wiping<std::alloc::System> = kapok_core::allocator::WIPING;

mod agents;
mod app;
mod certificates;
mod enterprises;
mod error;
mod events;
mod ids;
mod login;
#[cfg(feature = "pages")]
mod pages;
mod panics;
mod ports;
mod runtime;
mod seals;
mod signing;
mod signing_view;
mod vault;

pub use agents::{Agents, ConsentView};
pub use app::{AppSettings, KapokApp, SystemProfile};
pub use certificates::Certificates;
pub use enterprises::Enterprises;
pub use error::KapokError;
pub use events::{KapokEvent, ShellRequest};
pub use login::{Login, LoginOutcome, LoginResumed};
#[cfg(feature = "pages")]
pub use pages::PagePicture;
pub use ports::{HardwareKey, PhoneClock, PortError, Ports, PrfBuffer, SecureStorage};
pub use runtime::CancelToken;
pub use seals::Seals;
pub use signing::{Corner, FrameFormat, ScanOutcome, Signing};
pub use signing_view::{
    CloseReason, DocumentState, PickedView, SigningDocument, SigningOutcome, SigningPeer,
    SigningRp, SigningState, SigningView,
};
pub use vault::{PinPad, Vault};
