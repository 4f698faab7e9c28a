//! The guard has a newer master key: the vault moves into an epoch under it by the PIN that was typed for something else, and by the same PIN.
//! Nobody is asked and nobody notices; what goes wrong is left to the next PIN.

use super::epoch::NewEpoch;
use super::unlock::PinUse;
use crate::app::Core;
use crate::error::AppError;
use crate::secret::Pin;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::{Authority, GuardState, PinKind, StateAnswer};
use kapok_protocol::ids::AccountId;

/// What the PIN is used for here.
const OBJECT: &[u8] = b"pinv1/renew";

/// Whether the guard wants the epoch under its newest master key.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Renewal {
    /// It was not heard since the app was started, or the phone is not in good standing.
    #[default]
    Unknown,
    Due,
    NotDue,
}

impl Renewal {
    pub(super) fn of(answer: &StateAnswer) -> Self {
        match answer.state {
            GuardState::Ok if answer.renew => Self::Due,
            GuardState::Ok => Self::NotDue,
            _ => Self::Unknown,
        }
    }
}

impl Core {
    /// The next PIN is typed after a look at the guard's word.
    pub(super) fn ask_state_first(&self) {
        *self.vault.renewal() = Renewal::Unknown;
    }

    /// Renews the epoch if that is due, and gives the PIN back for what it was typed for. A wrong PIN ends here, counted once. The caller
    /// holds `acting`.
    pub(super) async fn renewed(&self, account: AccountId, pin: Pin) -> Result<Pin, AppError> {
        self.require_pin(account).await?;
        if *self.vault.renewal() == Renewal::Unknown
            && self.guard_state(account).await?.state == GuardState::Revoked
        {
            // A PIN for anything but an objection would only cost a try.
            return Err(ErrorCode::DeviceRevoked.into());
        }
        if *self.vault.renewal() != Renewal::Due {
            return Ok(pin);
        }
        let for_what = PinUse::of_vault(PinKind::Pin, OBJECT);
        let mut unlocked = self.unlock_alone(account, pin.again(), for_what).await?;
        self.confirm(&unlocked, Vec::new(), None).await?;
        let new = NewEpoch {
            account,
            epoch: unlocked.epoch.saturating_add(1),
            authority: Authority::Attempt(unlocked.attempt),
            vmk: std::mem::take(&mut unlocked.vmk),
        };
        // The epoch before still opens, or the guard's word settles it: nothing that the person wanted has failed.
        let _ = self.new_epoch(&unlocked.keys, new, pin.again()).await;
        *self.vault.renewal() = Renewal::NotDue;
        Ok(pin)
    }
}
