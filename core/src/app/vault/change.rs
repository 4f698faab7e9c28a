//! Another PIN by the one that holds: the vault key moves into the next epoch, the certificates stay as they are.

use super::epoch::NewEpoch;
use super::unlock::PinUse;
use crate::app::Core;
use crate::error::AppError;
use crate::secret::Pin;
use kapok_protocol::guard::{Authority, PinKind};

/// What the PIN is typed for when it is changed.
const OBJECT: &[u8] = b"pinv1/change";

impl Core {
    pub(crate) async fn change_pin(
        &self,
        old: Pin,
        first: Pin,
        repeat: Pin,
    ) -> Result<(), AppError> {
        let account = self.require_account()?.account_id;
        let pin = self.typed_twice(first, repeat)?;
        let _one = self.vault.acting.lock().await;
        let mut unlocked = self
            .unlock_alone(account, old, PinUse::of_vault(PinKind::Pin, OBJECT))
            .await?;
        self.confirm(&unlocked, Vec::new(), None).await?;
        let new = NewEpoch {
            account,
            epoch: unlocked.epoch.saturating_add(1),
            authority: Authority::Attempt(unlocked.attempt),
            vmk: std::mem::take(&mut unlocked.vmk),
        };
        self.new_epoch(&unlocked.keys, new, pin).await
    }
}
