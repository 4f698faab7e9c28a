//! Another PIN by face (YQQ-056): both halves of the recovery share are released to this phone, the vault key is opened with them and the chip,
//! and moves into the next epoch. A kill leaves the reset with its number on the disk; within its ten minutes it goes on from there.

use super::epoch::NewEpoch;
use super::guard::Pinned;
use super::unlock::public_of;
use super::{blocking, unknown_vault};
use crate::app::net::Call;
use crate::app::{Core, random};
use crate::error::AppError;
use crate::login::HandoffView;
use crate::secret::Pin;
use crate::store::Unit;
use crate::vault::keys::{self, Recovery, Secret, VaultError};
use crate::vault::state::State;
use kapok_protocol::api::guard::{AssertionPurpose, SignedBody};
use kapok_protocol::api::identity::Purpose;
use kapok_protocol::delivery::{SealedShare, ShareContext, ShareKind, open_share};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{FaceAssertion, ReleaseShareAnswer, ReleaseShareRequest};
use kapok_protocol::guard::{Authority, ReleaseRequest, ResetBeginRequest, Signed, Suite};
use kapok_protocol::ids::{AccountId, Bytes, HandoffId};
use serde::{Deserialize, Serialize};

/// The PIN that was typed before leaving for the face check; forgotten with the app.
pub(super) struct Waiting {
    account: AccountId,
    handoff: HandoffId,
    pin: Pin,
}

/// A reset on its way. Stored, so that a phone that was killed gets its shares again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reset {
    /// The face check that it rests on.
    handoff: HandoffId,
    /// Its number at guard and face service.
    reset: [u8; 16],
    /// The face service's word to the guard.
    for_guard: Bytes,
    /// The face service's word to itself.
    for_face: Bytes,
    /// The guard knows it.
    begun: bool,
}

fn cell(account: AccountId) -> String {
    format!("pin-reset/{account}")
}

impl Core {
    pub(crate) async fn start_reset(
        &self,
        first: Pin,
        repeat: Pin,
    ) -> Result<HandoffView, AppError> {
        let account = self.require_account()?.account_id;
        let pin = self.typed_twice(first, repeat)?;
        {
            let _one = self.vault.acting.lock().await;
            self.require_pin(account).await?;
        }
        let view = self.start_handoff(Purpose::PinReset, None, None).await?;
        *self.vault.waiting() = Some(Waiting {
            account,
            handoff: view.handoff_id,
            pin,
        });
        Ok(view)
    }

    /// `typed` in place of the PIN that was typed before the face check, which a kill has taken.
    pub(crate) async fn finish_reset(&self, typed: Option<(Pin, Pin)>) -> Result<(), AppError> {
        let account = self.require_account()?.account_id;
        let handoff = self.verified_handoff(Purpose::PinReset).await?;
        let handoff = handoff.ok_or(ErrorCode::HandoffUnknown)?;
        let pin = match typed {
            Some((first, repeat)) => self.typed_twice(first, repeat)?,
            None => self.waiting_pin(account, handoff)?,
        };
        let _one = self.vault.acting.lock().await;
        let epoch = match self.settle_vault(account).await? {
            State::Set(slot) => slot.epoch,
            State::Lost(_) => return Err(unknown_vault()),
            State::Unset | State::Staging(_) | State::Staged { .. } => {
                return Err(ErrorCode::PinUnset.into());
            }
        };
        let keys = self.pinned().await?;
        let reset = self.reset_of(&keys, account, handoff).await?;
        let vmk = match self.recovered(&keys, account, epoch, &reset).await {
            Err(error) if error.code == ErrorCode::GuardStale => {
                // Its time is over or its number is used up: only another face check helps.
                self.forget_reset(account).await?;
                return Err(ErrorCode::HandoffExpired.into());
            }
            vmk => vmk?,
        };
        self.forget_older_slots(account, epoch).await?;
        let new = NewEpoch {
            account,
            epoch: epoch.saturating_add(1),
            authority: Authority::Reset(reset.reset),
            vmk,
        };
        self.new_epoch(&keys, new, pin).await?;
        self.forget_reset(account).await
    }

    fn waiting_pin(&self, account: AccountId, handoff: HandoffId) -> Result<Pin, AppError> {
        let waiting = self.vault.waiting().take();
        waiting
            .filter(|waiting| (waiting.account, waiting.handoff) == (account, handoff))
            .map(|waiting| waiting.pin)
            .ok_or_else(|| ErrorCode::PinRequired.into())
    }

    /// The reset of a face check: the one on the disk, or a new one with what the face service says of it.
    async fn reset_of(
        &self,
        keys: &Pinned,
        account: AccountId,
        handoff: HandoffId,
    ) -> Result<Reset, AppError> {
        let known: Option<Reset> = self.store.get(cell(account)).await?;
        if let Some(known) = known.filter(|known| known.handoff == handoff) {
            return Ok(known);
        }
        let reset = random::array()?;
        let words = [AssertionPurpose::PinReset, AssertionPurpose::RecoveryShare]
            .map(|purpose| self.reset_assertion(keys, account, handoff, purpose, reset));
        let [for_guard, for_face] = words;
        let reset = Reset {
            handoff,
            reset,
            for_guard: for_guard.await?,
            for_face: for_face.await?,
            begun: false,
        };
        self.keep_reset(account, &reset).await?;
        Ok(reset)
    }

    async fn reset_assertion(
        &self,
        keys: &Pinned,
        account: AccountId,
        handoff: HandoffId,
        purpose: AssertionPurpose,
        reset: [u8; 16],
    ) -> Result<Bytes, AppError> {
        let (signed, assertion): (_, FaceAssertion) =
            self.face_statement(keys, handoff, purpose, reset).await?;
        let same = assertion.purpose == purpose
            && (assertion.account, assertion.device) == (account, self.device)
            && assertion.reference == reset;
        if !same {
            return Err(ErrorCode::GuardTampered.into());
        }
        Ok(Bytes(signed.to_bytes().map_err(VaultError::from)?))
    }

    async fn keep_reset(&self, account: AccountId, reset: &Reset) -> Result<(), AppError> {
        let (name, reset) = (cell(account), reset.clone());
        let write = move |unit: &Unit<'_>| unit.set_cell(&name, &reset);
        Ok(self.store.write(write).await?)
    }

    /// The reset is over, and its face check serves no other one.
    async fn forget_reset(&self, account: AccountId) -> Result<(), AppError> {
        let names = [
            cell(account),
            crate::app::login::verified_cell(Purpose::PinReset),
        ];
        let forget = move |unit: &Unit<'_>| {
            for name in &names {
                unit.remove_cell(name)?;
            }
            Ok(())
        };
        Ok(self.store.write(forget).await?)
    }

    /// The vault key, by the chip and both released halves.
    async fn recovered(
        &self,
        keys: &Pinned,
        account: AccountId,
        epoch: u64,
        reset: &Reset,
    ) -> Result<Secret, AppError> {
        let record = self.slot_of(account, epoch).await?;
        let s_g = self.guards_half(keys, account, epoch, reset).await?;
        let s_f = self.faces_half(keys, account, epoch, reset).await?;
        let (hardware, device) = (self.ports.hardware.clone(), self.device);
        blocking(move || {
            let recovery = Recovery {
                hardware: hardware.prf(keys::HW_REC, &record.rec_salt)?,
                s_g,
                s_f,
            };
            let context = record.context(account, device);
            Ok(keys::recover(&record, &context, &recovery)?)
        })
        .await
    }

    async fn guards_half(
        &self,
        keys: &Pinned,
        account: AccountId,
        epoch: u64,
        reset: &Reset,
    ) -> Result<Secret, AppError> {
        if !reset.begun {
            let request = ResetBeginRequest {
                suite: Suite::P256,
                account,
                device: self.device,
                reset: reset.reset,
                assertion: signed(&reset.for_guard)?,
            };
            self.guard(keys, request).await?;
            let begun = Reset {
                begun: true,
                ..reset.clone()
            };
            self.keep_reset(account, &begun).await?;
        }
        let (secret, ephemeral) = ephemeral().await?;
        let request = ReleaseRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            reset: reset.reset,
            ephemeral,
        };
        let answer = self.guard(keys, request).await?.answer;
        if answer.epoch != epoch {
            return Err(unknown_vault());
        }
        self.opened_half(account, ShareKind::Guard { epoch }, secret, answer.share)
            .await
    }

    async fn faces_half(
        &self,
        keys: &Pinned,
        account: AccountId,
        epoch: u64,
        reset: &Reset,
    ) -> Result<Secret, AppError> {
        let (secret, ephemeral) = ephemeral().await?;
        let request = ReleaseShareRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            reset: reset.reset,
            ephemeral,
            assertion: signed(&reset.for_face)?,
        };
        let request = self.sign_message(&request).await?;
        let hash = request.hash();
        let call = Call::post("/v1/face/releases", &SignedBody::from(request))?.repeatable();
        let body: SignedBody = self.ask(call).await?;
        let key = keys.face_sign;
        let answer = blocking(move || {
            let signed = Signed::try_from(body).map_err(VaultError::from)?;
            let answer: ReleaseShareAnswer = signed.open(&key).map_err(VaultError::from)?;
            if answer.request != hash {
                return Err(VaultError::Tampered.into());
            }
            Ok(answer)
        })
        .await?;
        if answer.epoch != epoch {
            return Err(unknown_vault());
        }
        self.opened_half(account, ShareKind::Face { epoch }, secret, answer.share)
            .await
    }

    async fn opened_half(
        &self,
        account: AccountId,
        kind: ShareKind,
        secret: Secret,
        share: SealedShare,
    ) -> Result<Secret, AppError> {
        let context = ShareContext {
            account,
            device: self.device,
            kind,
        };
        blocking(move || Ok(open_share(&context, &secret, &share).map_err(VaultError::from)?)).await
    }
}

fn signed(bytes: &[u8]) -> Result<Signed, AppError> {
    Ok(Signed::from_bytes(bytes).map_err(VaultError::from)?)
}

/// A fresh key that a share is sealed to.
async fn ephemeral() -> Result<(Secret, [u8; 33]), AppError> {
    let secret = random::scalar()?;
    blocking(move || {
        let public = public_of(&secret)?;
        Ok((secret, public))
    })
    .await
}
