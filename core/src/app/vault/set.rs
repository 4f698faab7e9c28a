//! The first PIN: a new vault key in the first epoch, by the face service's ticket.

use super::epoch::NewEpoch;
use super::guard::Pinned;
use super::unknown_vault;
use crate::app::{Core, random};
use crate::error::AppError;
use crate::secret::Pin;
use crate::vault::state::State;
use kapok_protocol::api::guard::AssertionPurpose;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::FirstSetTicket;
use kapok_protocol::guard::{Authority, Signed};
use kapok_protocol::ids::{AccountId, DeviceId};
use subtle::ConstantTimeEq;

/// The epoch of a first PIN.
const FIRST_EPOCH: u64 = 1;

impl Core {
    pub(crate) async fn set_pin(&self, first: Pin, repeat: Pin) -> Result<(), AppError> {
        let account = self.require_account()?.account_id;
        let pin = self.typed_twice(first, repeat)?;
        let _one = self.vault.acting.lock().await;
        match self.settle_vault(account).await? {
            State::Unset => {}
            State::Set(_) => return Err(ErrorCode::PinAlreadySet.into()),
            State::Lost(_) => return Err(unknown_vault()),
            State::Staging(_) | State::Staged { .. } => return Err(ErrorCode::StateWrong.into()),
        }
        let keys = self.pinned().await?;
        let ticket = self.first_set_ticket(&keys, account).await?;
        let new = NewEpoch {
            account,
            epoch: FIRST_EPOCH,
            authority: Authority::FirstSet(ticket),
            vmk: random::secret()?,
        };
        self.new_epoch(&keys, new, pin).await
    }

    /// A new PIN that may be set: `PIN_WEAK` with the reason, `PIN_REPEAT`.
    pub(super) fn typed_twice(&self, first: Pin, repeat: Pin) -> Result<Pin, AppError> {
        self.check_pin(&first)?;
        if bool::from(first.as_ascii().ct_eq(repeat.as_ascii())) {
            Ok(first)
        } else {
            Err(ErrorCode::PinRepeat.into())
        }
    }

    async fn first_set_ticket(
        &self,
        keys: &Pinned,
        account: AccountId,
    ) -> Result<Signed, AppError> {
        let handoff = self.login_handoff().ok_or(ErrorCode::NotAllowed)?;
        let (signed, ticket): (_, FirstSetTicket) = self
            .face_statement(keys, handoff, AssertionPurpose::FirstSet, account.0)
            .await?;
        if ticket.account != account || DeviceId::of_key(&ticket.device_key) != self.device {
            return Err(ErrorCode::GuardTampered.into());
        }
        Ok(signed)
    }
}
