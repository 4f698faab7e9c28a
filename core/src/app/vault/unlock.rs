//! A typed PIN: stretched, answered by the chip, evaluated by the guard, compared with the slot, confirmed to the guard.

use super::blocking;
use super::guard::Pinned;
use crate::app::{Core, random};
use crate::error::AppError;
use crate::secret::Pin;
use crate::store::Unit;
use crate::store::vault::Slot;
use crate::vault::keys::{self, Secret, Try, VaultError};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::wrap::SlotRecord;
use kapok_protocol::guard::{
    AddedCert, Argon2Params, AuthKey, ConfirmAnswer, ConfirmRequest, EvalAnswer, EvalRequest,
    NonceRequest, PinConfirm, PinKind, PinProof, Suite, eval_transcript, intent, intent_object,
};
use kapok_protocol::ids::{AccountId, Bytes};
use kapok_protocol::point;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// What a PIN is typed for. `object` is SHA-256 of it; `rp` and `cb` only in a session.
#[derive(Clone, Copy)]
pub(crate) struct PinUse {
    pub(crate) kind: PinKind,
    pub(crate) count: u16,
    pub(crate) object: [u8; 32],
    pub(crate) rp: Option<[u8; 32]>,
    pub(crate) cb: Option<[u8; 32]>,
}

/// The intent of a PIN with what opens it.
#[derive(Clone, Copy)]
struct Intent {
    salt: [u8; 32],
    h: [u8; 32],
    intent: [u8; 32],
}

/// A right PIN, not yet confirmed to the guard. Wiped when dropped.
pub(crate) struct Unlocked {
    pub(crate) account: AccountId,
    pub(crate) keys: Pinned,
    pub(crate) vmk: Secret,
    /// Salt of the intent: lets another role see what the PIN was for.
    pub(crate) salt: [u8; 32],
    for_what: PinUse,
    intent: Intent,
    pub(super) epoch: u64,
    pub(super) attempt: [u8; 16],
    transcript: [u8; 32],
    auth: Arc<AuthKey>,
}

impl PinUse {
    /// For something of the vault's own, outside any session.
    pub(super) fn of_vault(kind: PinKind, label: &[u8]) -> Self {
        Self {
            kind,
            count: 0,
            object: Sha256::digest(label).into(),
            rp: None,
            cb: None,
        }
    }

    fn intent(&self, salt: [u8; 32]) -> Result<Intent, AppError> {
        let h = intent_object(&salt, &self.object, self.rp.as_ref(), self.cb.as_ref());
        let h = h.map_err(VaultError::from)?;
        let intent = intent(self.kind, self.count, &h).map_err(VaultError::from)?;
        Ok(Intent { salt, h, intent })
    }
}

impl Core {
    /// Stretches a PIN and asks the chip: `x1`. The PIN is gone afterwards.
    pub(super) async fn stretched(
        &self,
        pin: Pin,
        salt: [u8; 32],
        params: Argon2Params,
    ) -> Result<Secret, AppError> {
        let hardware = self.ports.hardware.clone();
        blocking(move || {
            let x0 = keys::stretch(&pin, &salt, params)?;
            drop(pin);
            Ok(hardware.prf(keys::HW_PIN, &x0)?)
        })
        .await
    }

    /// One try. Ends in `PIN_UNSET`, `PIN_WRONG` with the tries left, `PIN_WAIT`, `PIN_BLOCKED`, `GUARD_TAMPERED`, `OFFLINE`.
    pub(crate) async fn unlock(&self, pin: Pin, for_what: PinUse) -> Result<Unlocked, AppError> {
        let account = self.require_account()?.account_id;
        let _one = self.vault.acting.lock().await;
        let pin = self.renewed(account, pin).await?;
        self.unlock_alone(account, pin, for_what).await
    }

    /// The same for a caller that holds `acting`.
    pub(super) async fn unlock_alone(
        &self,
        account: AccountId,
        pin: Pin,
        for_what: PinUse,
    ) -> Result<Unlocked, AppError> {
        let name = self.require_pin(account).await?;
        let record = self.slot_of(account, name.epoch).await?;
        let keys = self.pinned().await?;
        let intent = for_what.intent(random::array()?)?;
        let x1 = self.stretched(pin, record.salt, record.params).await?;
        let scalar = random::scalar()?;
        let epoch = record.epoch;
        let attempt = blocking(move || Ok(Try::new(account, epoch, x1, &scalar)?)).await?;
        let (body, answer) = self
            .eval(&keys, account, epoch, *attempt.element(), intent.intent)
            .await?;
        let transcript = eval_transcript(&body, &answer.evaluated);
        let context = record.context(account, self.device);
        let (evaluated, proof) = (answer.evaluated, answer.proof);
        let opened = blocking(move || {
            let prk = attempt.finish(&context, evaluated, proof)?;
            let vmk = match keys::open_slot(&record, &context, &prk) {
                Err(VaultError::WrongPin) => return Ok(None),
                vmk => vmk?,
            };
            Ok(Some((vmk, prk.auth_key().map_err(VaultError::from)?)))
        });
        let (vmk, auth) = opened.await?.ok_or_else(|| wrong_pin(&answer))?;
        self.forget_older_slots(account, epoch).await?;
        Ok(Unlocked {
            account,
            keys,
            vmk,
            salt: intent.salt,
            for_what,
            intent,
            epoch,
            attempt: answer.attempt,
            transcript,
            auth: Arc::new(auth),
        })
    }

    /// What is older than a slot that has just opened opens nothing that is wanted any more.
    pub(super) async fn forget_older_slots(
        &self,
        account: AccountId,
        epoch: u64,
    ) -> Result<(), AppError> {
        let older = move |unit: &Unit<'_>| {
            let slots = unit.slots(account)?;
            Ok(slots.iter().any(|slot| slot.record.epoch < epoch))
        };
        if self.store.read(older).await? {
            let remove = move |unit: &Unit<'_>| unit.remove_older_slots(account, epoch);
            self.store.write(remove).await?;
        }
        Ok(())
    }

    pub(super) async fn slot_of(
        &self,
        account: AccountId,
        epoch: u64,
    ) -> Result<SlotRecord, AppError> {
        let slots = self.store.read(move |unit| unit.slots(account)).await?;
        let found = slots
            .into_iter()
            .map(|Slot { record, .. }| record)
            .find(|record| record.epoch == epoch);
        Ok(found.ok_or(VaultError::Damaged)?)
    }

    /// NONCE and EVAL. Comes out: the body that the guard counted, and its answer.
    async fn eval(
        &self,
        keys: &Pinned,
        account: AccountId,
        epoch: u64,
        blinded: [u8; 33],
        intent: [u8; 32],
    ) -> Result<(Bytes, EvalAnswer), AppError> {
        let request = NonceRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            random: random::array()?,
        };
        let nonce = self.guard(keys, request).await?.answer.nonce;
        let request = EvalRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            epoch,
            blinded: Bytes::from(blinded),
            nonce,
            intent,
        };
        let reply = self.guard(keys, request).await?;
        Ok((reply.request.body, reply.answer))
    }

    /// Tells the guard that the PIN was right: the count is cleared, new shares are stored, a lease opens.
    pub(crate) async fn confirm(
        &self,
        unlocked: &Unlocked,
        added: Vec<AddedCert>,
        lease_key: Option<[u8; 33]>,
    ) -> Result<ConfirmAnswer, AppError> {
        let account = unlocked.account;
        let statement = PinConfirm {
            suite: Suite::P256,
            account,
            device: self.device,
            epoch: unlocked.epoch,
            attempt: unlocked.attempt,
            transcript: unlocked.transcript,
            intent: unlocked.intent.intent,
        };
        let input = statement.signing_input().map_err(VaultError::from)?;
        let auth = unlocked.auth.clone();
        // Nothing is wanted now, so nothing will be sealed to this key.
        let ephemeral = random::scalar()?;
        let (pin_signature, ephemeral) = blocking(move || {
            let signature = auth.sign(&input).map_err(VaultError::from)?;
            Ok((signature, public_of(&ephemeral)?))
        })
        .await?;
        let request = ConfirmRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            attempt: unlocked.attempt,
            pin_signature,
            kind: unlocked.for_what.kind,
            count: unlocked.for_what.count,
            h: unlocked.intent.h,
            ephemeral,
            wanted: Vec::new(),
            added,
            lease_key,
        };
        let answer = self.guard(&unlocked.keys, request).await?.answer;
        let (signed, key) = (answer.pin_proof.clone(), unlocked.keys.guard_sign);
        let proof: PinProof =
            blocking(move || Ok(signed.open(&key).map_err(VaultError::from)?)).await?;
        let same = (proof.account, proof.device) == (account, self.device)
            && (proof.kind, proof.intent) == (unlocked.for_what.kind, unlocked.intent.intent);
        if !same {
            return Err(ErrorCode::GuardTampered.into());
        }
        Ok(answer)
    }
}

/// The public key of a fresh scalar.
pub(crate) fn public_of(scalar: &[u8; 32]) -> Result<[u8; 33], AppError> {
    Ok(point::public_of(scalar).map_err(|_| VaultError::Scalar)?)
}

/// What the guard said, signed, about this try being wrong.
fn wrong_pin(answer: &EvalAnswer) -> AppError {
    if answer.tries_left == 0 {
        return ErrorCode::PinBlocked.into();
    }
    AppError {
        tries_left: Some(answer.tries_left.into()),
        wait_seconds: (answer.wait_seconds > 0).then_some(answer.wait_seconds),
        ..AppError::new(ErrorCode::PinWrong)
    }
}
