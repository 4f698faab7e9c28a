//! The PIN (签名PIN码) and what it opens (YQQ-007 to YQQ-010, YQQ-015, YQQ-020).
//!
//! Triggered by: 去设置 before the first certificate is installed; every act that needs the PIN asks here.
//!
//! Outcome: a vault on this phone that opens only with the PIN, this phone's chip and the guard together; leases for signing.
//!
//! Exits: `PIN_WEAK` with its reason, `PIN_REPEAT`, `PIN_ALREADY_SET`; `PIN_WRONG` with the tries left, `PIN_WAIT` with the seconds,
//! `PIN_BLOCKED`; `GUARD_TAMPERED` when an answer does not verify, which is never counted or shown as a wrong PIN; `OFFLINE`.
//! A kill at any step leaves a PIN that is either set or not set; the guard is asked which.

pub mod keys;
#[cfg(test)]
mod model;
pub mod rules;
pub mod state;
#[cfg(test)]
mod tests;
pub mod transitions;

use crate::app::{App, Core};
use crate::error::AppError;
use crate::login::HandoffView;
use crate::secret::Pin;
use crate::types::{DeviceId, LossReported, PhoneView, TypedIdentity};
use std::sync::Arc;

/// Where the PIN is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinState {
    /// No PIN yet: 去设置.
    Unset,
    /// A new PIN was sent and its answer is not known; asked again as soon as the phone is online.
    Setting,
    /// The PIN is set.
    Set {
        /// Tries left before the face is asked for; nothing when offline.
        tries_left: Option<u32>,
        /// Seconds until the next try.
        wait_seconds: u32,
    },
    /// Too many wrong tries: face.
    Blocked,
    /// A reset by face is under way.
    Resetting,
    /// The phone was reported lost.
    Revoked,
    /// The guard knows another vault than this phone's: service problem, enrol again. Nothing was deleted.
    Lost,
}

/// Handle of the capability.
#[derive(Clone)]
pub struct Vault {
    core: Arc<Core>,
}

impl App {
    /// The PIN.
    pub fn vault(&self) -> Vault {
        Vault {
            core: self.core.clone(),
        }
    }
}

impl Vault {
    /// Where the PIN of this account is. Asks the guard when it can, else says what the phone knows. Ends in `LOGIN_REQUIRED`,
    /// or `GUARD_TAMPERED` if the guard's answer does not verify or lies behind an earlier one.
    pub async fn pin_state(&self) -> Result<PinState, AppError> {
        self.core.pin_state().await
    }

    /// Whether a typed PIN may be set, before it is typed again. Ends in `PIN_WEAK` with the reason: `few_digits`, `steps`,
    /// `repeated`, `palindrome`, `pairs`, `runs`, `date` or `own`. Offline.
    pub fn check_pin(&self, pin: &Pin) -> Result<(), AppError> {
        self.core.check_pin(pin)
    }

    /// Sets the first PIN (YQQ-008). Ends in `PIN_WEAK`, `PIN_REPEAT` if the two differ, `PIN_ALREADY_SET`, `LOGIN_REQUIRED`,
    /// `NOT_ALLOWED` after a login without face, the face service's code if the login's face check is too old, or `OFFLINE`:
    /// then [`Vault::pin_state`] tells whether the PIN was set.
    pub async fn set_pin(&self, first: Pin, repeat: Pin) -> Result<(), AppError> {
        self.core.set_pin(first, repeat).await
    }

    /// 修改PIN码 by the PIN that holds; all three are typed before anything is sent. Certificates and seals stay. Ends in `PIN_WEAK`,
    /// `PIN_REPEAT`, `PIN_UNSET`; `PIN_WRONG` with the tries left, `PIN_WAIT`, `PIN_BLOCKED`; or `OFFLINE`: then
    /// [`Vault::pin_state`] settles which of the two PINs holds.
    pub async fn change_pin(&self, old: Pin, first: Pin, repeat: Pin) -> Result<(), AppError> {
        self.core.change_pin(old, first, repeat).await
    }

    /// PIN码设置 by face (YQQ-056): the new PIN twice, then the face check; the old PIN is not asked. Comes out: what to show meanwhile, and
    /// a [`crate::ShellRequest::OpenMiniProgram`]; once [`crate::login::Outcome::Verified`] is there, [`Vault::finish_reset`] goes on. The PIN stays
    /// in memory until then. Ends in `PIN_WEAK`, `PIN_REPEAT`, `PIN_UNSET`, or the platform's code.
    pub async fn start_reset(&self, first: Pin, repeat: Pin) -> Result<HandoffView, AppError> {
        self.core.start_reset(first, repeat).await
    }

    /// Sets the PIN that was typed in [`Vault::start_reset`]; every certificate signs as before. Ends in `PIN_REQUIRED` if a kill has taken
    /// it: then [`Vault::finish_reset_with`]; in `HANDOFF_UNKNOWN` without a passed face check, `HANDOFF_EXPIRED` if its time is over, or
    /// `OFFLINE`: then `finish_reset_with` goes on within ten minutes. Until it is done the old PIN does not open either.
    pub async fn finish_reset(&self) -> Result<(), AppError> {
        self.core.finish_reset(None).await
    }

    /// The same with the new PIN typed again. Ends in `PIN_WEAK` or `PIN_REPEAT` as well.
    pub async fn finish_reset_with(&self, first: Pin, repeat: Pin) -> Result<(), AppError> {
        self.core.finish_reset(Some((first, repeat))).await
    }

    /// The phones on which this account has a PIN, this one among them. Ends in `LOGIN_REQUIRED` or `OFFLINE`.
    pub async fn phones(&self) -> Result<Vec<PhoneView>, AppError> {
        self.core.phones().await
    }

    /// Reports another phone of this account lost, by the face check of a login on this phone that is younger than five minutes. Nothing is
    /// released to it from now on and its certificates are suspended; after three days all that is held of it is deleted, unless its owner
    /// objects on it. Ends in `HANDOFF_EXPIRED` if the login is older, `NOT_ALLOWED` after a login without face, `NOT_FOUND`.
    pub async fn report_loss(&self, device: DeviceId) -> Result<LossReported, AppError> {
        self.core.report_loss(device).await
    }

    /// The same by the revocation code that the lost phone has shown; nobody needs to be logged in. A person has five tries. Ends in
    /// `INPUT_INVALID` with the field for what cannot be an identity or a code, in `NOT_FOUND` for a code of none of the person's phones.
    pub async fn report_loss_by_code(
        &self,
        owner: TypedIdentity,
        code: &str,
    ) -> Result<LossReported, AppError> {
        self.core.report_loss_by_code(owner, code).await
    }

    /// A new revocation code for this phone in place of the one before, to be written down and kept elsewhere: whoever has it can have this
    /// phone revoked, and nothing more. Ends as [`Vault::change_pin`] for a PIN that does not open.
    pub async fn revocation_code(&self, pin: Pin) -> Result<String, AppError> {
        self.core.revocation_code(pin).await
    }

    /// On a phone that was reported lost: it is not. Within three days of the report; ends in `PIN_WRONG`, `PIN_WAIT`, `PIN_BLOCKED`, or
    /// `DEVICE_REVOKED` when it is too late.
    pub async fn object_to_loss(&self, pin: Pin) -> Result<(), AppError> {
        self.core.object_to_loss(pin).await
    }

    /// Ends a PIN reset that the owner did not ask for, by the code of the short message; the PIN path of that phone is closed until
    /// another face check. Nobody needs to be logged in. Ends in `NOT_FOUND` for a code that stops nothing.
    pub async fn stop_reset(&self, code: &str) -> Result<(), AppError> {
        self.core.stop_reset(code).await
    }
}
