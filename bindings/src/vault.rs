//! The PIN (签名PIN码), and the pad that it is typed into.

use crate::error::KapokError;
use crate::runtime::run;
use kapok_core::login::HandoffView;
use kapok_core::types::{DeviceId, GuardState, LossReported, PhoneView, TypedIdentity};
use kapok_core::{App, AppError, ErrorCode, Pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use kapok_core::types::PinState;

/// Where the PIN is.
#[uniffi::remote(Enum)]
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

/// Whether the guard lets a phone use its PIN.
#[uniffi::remote(Enum)]
pub enum GuardState {
    /// Tries count and succeed.
    Ok,
    /// Too many wrong PINs: face.
    Blocked,
    /// A reset by face is under way.
    Resetting,
    /// The phone was reported lost.
    Revoked,
}

/// A phone of this account with a PIN.
#[uniffi::remote(Record)]
pub struct PhoneView {
    /// Which phone.
    pub device_id: DeviceId,
    /// It is the one that asks.
    pub this_phone: bool,
    /// Whether its PIN may be used.
    pub state: GuardState,
    /// Reported lost: until then the owner may object on it, seconds since the epoch.
    pub objection_until: Option<u64>,
}

/// The phone gets nothing any more.
#[uniffi::remote(Record)]
pub struct LossReported {
    /// Which phone.
    pub device_id: DeviceId,
    /// What is held of it is deleted then, unless the owner objects on it before; seconds since the epoch.
    pub objection_until: u64,
}

/// Collects the six digits of a PIN. The shell draws `len()` dots and never sees a digit again; dropping the pad wipes it.
#[derive(uniffi::Object, Default)]
pub struct PinPad(Mutex<kapok_core::PinPad>);

#[uniffi::export]
impl PinPad {
    /// An empty pad.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Adds a digit, 0 to 9. False if it is no digit or six are there; nothing changes then.
    pub fn push(&self, digit: u8) -> bool {
        self.pad().push(digit)
    }

    /// Takes the last digit back; nothing happens on an empty pad.
    pub fn backspace(&self) {
        self.pad().backspace();
    }

    /// How many digits are there, 0 to 6.
    pub fn len(&self) -> u32 {
        self.pad().len() as u32
    }

    /// No digit is there.
    pub fn is_empty(&self) -> bool {
        self.pad().is_empty()
    }

    /// Wipes the pad.
    pub fn clear(&self) {
        self.pad().clear();
    }
}

impl PinPad {
    fn pad(&self) -> MutexGuard<'_, kapok_core::PinPad> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn require_full(&self) -> Result<(), KapokError> {
        let full = self.pad().copy().is_some();
        full.then_some(()).ok_or_else(unfinished)
    }

    /// The PIN; the pad is empty afterwards. `PIN_FORMAT`, and the pad stays, unless six digits are there.
    pub(crate) fn take(&self) -> Result<Pin, KapokError> {
        let pin = self.pad().take();
        pin.ok_or_else(unfinished)
    }
}

fn unfinished() -> KapokError {
    AppError::new(ErrorCode::PinFormat).into()
}

/// The PIN.
#[derive(uniffi::Object)]
pub struct Vault(kapok_core::vault::Vault);

impl Vault {
    pub(crate) fn of(app: &App) -> Arc<Self> {
        Arc::new(Self(app.vault()))
    }
}

#[uniffi::export]
impl Vault {
    /// Where the PIN of this account is: asks the guard when it can, else says what the phone knows. Ends in `LOGIN_REQUIRED`, or
    /// `GUARD_TAMPERED` if the guard's answer does not verify.
    pub async fn pin_state(&self) -> Result<PinState, KapokError> {
        run(
            self.0.clone(),
            |vault| async move { vault.pin_state().await },
        )
        .await
    }

    /// Whether a typed PIN may be set, before it is typed again; the pad keeps its digits. Ends in `PIN_FORMAT`, or `PIN_WEAK` with
    /// the reason. Offline.
    pub fn check_pin(&self, pin: Arc<PinPad>) -> Result<(), KapokError> {
        let pin = pin.pad().copy();
        let pin = pin.ok_or_else(unfinished)?;
        Ok(self.0.check_pin(&pin)?)
    }

    /// Sets the first PIN; both pads are emptied. Ends in `PIN_FORMAT`, `PIN_WEAK` with the reason, `PIN_REPEAT` if the two differ,
    /// `PIN_ALREADY_SET`, `LOGIN_REQUIRED`, the face service's code if the login's face check is too old, or `OFFLINE`: then
    /// [`Vault::pin_state`] tells whether the PIN was set.
    pub async fn set_pin(&self, first: Arc<PinPad>, repeat: Arc<PinPad>) -> Result<(), KapokError> {
        repeat.require_full()?;
        let (first, repeat) = (first.take()?, repeat.take()?);
        run(self.0.clone(), |vault| async move {
            vault.set_pin(first, repeat).await
        })
        .await
    }

    /// 修改PIN码 by the PIN that holds; all three are typed before anything is sent, and all pads are emptied. Certificates and seals
    /// stay. Ends in `PIN_FORMAT`, `PIN_WEAK` with the reason, `PIN_REPEAT`, `PIN_UNSET`; `PIN_WRONG` with the tries left, `PIN_WAIT`,
    /// `PIN_BLOCKED`; or `OFFLINE`: then [`Vault::pin_state`] settles which of the two PINs holds.
    pub async fn change_pin(
        &self,
        old: Arc<PinPad>,
        first: Arc<PinPad>,
        repeat: Arc<PinPad>,
    ) -> Result<(), KapokError> {
        first.require_full()?;
        repeat.require_full()?;
        let (old, first, repeat) = (old.take()?, first.take()?, repeat.take()?);
        run(self.0.clone(), |vault| async move {
            vault.change_pin(old, first, repeat).await
        })
        .await
    }

    /// PIN码设置 by face: the new PIN twice, then the face check; the PIN that holds is not asked. Both pads are emptied, the PIN waits in
    /// the library. Comes out: what to show meanwhile, and a [`crate::ShellRequest::OpenMiniProgram`]; once [`crate::Login`] gives
    /// [`crate::LoginOutcome::Verified`] for `PinReset`, [`Vault::finish_reset`] goes on. Ends in `PIN_FORMAT`, `PIN_WEAK`, `PIN_REPEAT`,
    /// `PIN_UNSET`, or the platform's code.
    pub async fn start_reset(
        &self,
        first: Arc<PinPad>,
        repeat: Arc<PinPad>,
    ) -> Result<HandoffView, KapokError> {
        repeat.require_full()?;
        let (first, repeat) = (first.take()?, repeat.take()?);
        run(self.0.clone(), |vault| async move {
            vault.start_reset(first, repeat).await
        })
        .await
    }

    /// Sets the PIN that waits; every certificate signs as before. Ends in `PIN_REQUIRED` if a kill has taken it: then
    /// [`Vault::finish_reset_with`]; in `HANDOFF_UNKNOWN` without a passed face check, `HANDOFF_EXPIRED` if its time is over, or `OFFLINE`:
    /// then `finish_reset_with` goes on within ten minutes. Until it is done the old PIN does not open either.
    pub async fn finish_reset(&self) -> Result<(), KapokError> {
        run(
            self.0.clone(),
            |vault| async move { vault.finish_reset().await },
        )
        .await
    }

    /// The same with the new PIN typed again; both pads are emptied. Ends in `PIN_FORMAT`, `PIN_WEAK` or `PIN_REPEAT` as well.
    pub async fn finish_reset_with(
        &self,
        first: Arc<PinPad>,
        repeat: Arc<PinPad>,
    ) -> Result<(), KapokError> {
        repeat.require_full()?;
        let (first, repeat) = (first.take()?, repeat.take()?);
        run(self.0.clone(), |vault| async move {
            vault.finish_reset_with(first, repeat).await
        })
        .await
    }

    /// The phones on which this account has a PIN, this one among them. Ends in `LOGIN_REQUIRED` or `OFFLINE`.
    pub async fn phones(&self) -> Result<Vec<PhoneView>, KapokError> {
        run(self.0.clone(), |vault| async move { vault.phones().await }).await
    }

    /// Reports another phone of this account lost, by the face check of a login on this phone that is younger than five minutes. Nothing is
    /// released to it from now on and its certificates are suspended; after three days all that is held of it is deleted, unless its owner
    /// objects on it. Ends in `HANDOFF_EXPIRED` if the login is older, `NOT_ALLOWED` after a login without face, `NOT_FOUND`.
    pub async fn report_loss(&self, device: DeviceId) -> Result<LossReported, KapokError> {
        run(self.0.clone(), |vault| async move {
            vault.report_loss(device).await
        })
        .await
    }

    /// The same by the revocation code that the lost phone has shown; nobody needs to be logged in. A person has five tries. Ends in
    /// `INPUT_INVALID` with the field for what cannot be an identity or a code, in `NOT_FOUND` for a code of none of the person's phones.
    pub async fn report_loss_by_code(
        &self,
        owner: TypedIdentity,
        code: String,
    ) -> Result<LossReported, KapokError> {
        run(self.0.clone(), |vault| async move {
            vault.report_loss_by_code(owner, &code).await
        })
        .await
    }

    /// 吊销码: a new revocation code for this phone in place of the one before, to be written down and kept elsewhere. Whoever has it can
    /// have this phone revoked, and nothing more. The pad is emptied. Ends in `PIN_FORMAT`, `PIN_WRONG` with the tries left, `PIN_WAIT`,
    /// `PIN_BLOCKED`.
    pub async fn revocation_code(&self, pin: Arc<PinPad>) -> Result<String, KapokError> {
        let pin = pin.take()?;
        run(self.0.clone(), |vault| async move {
            vault.revocation_code(pin).await
        })
        .await
    }

    /// On a phone that was reported lost: it is not. Within three days of the report; the pad is emptied. Ends in `PIN_FORMAT`, `PIN_WRONG`
    /// with the tries left, `PIN_WAIT`, `PIN_BLOCKED`, or `DEVICE_REVOKED` when it is too late.
    pub async fn object_to_loss(&self, pin: Arc<PinPad>) -> Result<(), KapokError> {
        let pin = pin.take()?;
        run(self.0.clone(), |vault| async move {
            vault.object_to_loss(pin).await
        })
        .await
    }

    /// Ends a PIN reset that the owner did not ask for, by the code of the short message; the PIN path of that phone is closed until
    /// another face check. Nobody needs to be logged in. Ends in `NOT_FOUND` for a code that stops nothing.
    pub async fn stop_reset(&self, code: String) -> Result<(), KapokError> {
        run(self.0.clone(), |vault| async move {
            vault.stop_reset(&code).await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T>(result: Result<T, KapokError>) -> Option<String> {
        result.err().map(|KapokError::Failed { code, .. }| code)
    }

    #[test]
    fn pin_22_a_pad_gives_its_pin_once_and_only_when_it_is_full() {
        let pad = PinPad::new();
        for digit in [1, 9, 3, 8, 2] {
            assert!(pad.push(digit));
        }
        assert_eq!(code(pad.take()).as_deref(), Some("PIN_FORMAT"));
        assert_eq!(pad.len(), 5, "an unfinished PIN stays");
        pad.backspace();
        assert!(pad.push(2) && pad.push(7));
        assert!(pad.take().is_ok());
        assert!(pad.is_empty());
        assert_eq!(code(pad.take()).as_deref(), Some("PIN_FORMAT"));
    }
}
