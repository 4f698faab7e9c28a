//! The first PIN: staged at the guard, written to the disk, opened once, shared, committed. A kill at any step leaves a PIN that is set
//! or one that is not; never a PIN that is set and does not open.

use super::guard::{Pinned, Reply};
use super::{blocking, lost};
use crate::app::net::Call;
use crate::app::{Core, random};
use crate::error::AppError;
use crate::secret::Pin;
use crate::store::Unit;
use crate::vault::keys::{self, Recovery, Secret, SlotRandom, Try, VaultError};
use crate::vault::state::{SlotName, State};
use crate::vault::transitions::Event;
use kapok_protocol::api::guard::{AssertionPurpose, SignedBody};
use kapok_protocol::delivery::{SealedShare, ShareContext, ShareKind, seal_share};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{FirstSetTicket, StageShareRequest, StagingTicket};
use kapok_protocol::guard::wrap::SlotRecord;
use kapok_protocol::guard::{
    Argon2Params, AuthPossession, Authority, CommitRequest, EvalStagedRequest, Prk, Signed,
    SlotContext, StageRequest, Suite,
};
use kapok_protocol::ids::{AccountId, Bytes, DeviceId};
use subtle::ConstantTimeEq;

/// The epoch of a first PIN.
const FIRST_EPOCH: u64 = 1;

/// A slot with all that was used to make it; wiped when dropped.
struct Made {
    record: SlotRecord,
    context: SlotContext,
    prk: Prk,
    recovery: Recovery,
    vmk: Secret,
}

/// A staging of the guard.
#[derive(Clone, Copy)]
struct Staging {
    account: AccountId,
    stage: [u8; 16],
}

impl Core {
    pub(crate) async fn set_pin(&self, first: Pin, repeat: Pin) -> Result<(), AppError> {
        let account = self.require_account()?.account_id;
        self.check_pin(&first)?;
        if !bool::from(first.as_ascii().ct_eq(repeat.as_ascii())) {
            return Err(ErrorCode::PinRepeat.into());
        }
        drop(repeat);
        let _one = self.vault.acting.lock().await;
        match self.settle_vault(account).await? {
            State::Unset => {}
            State::Set(_) => return Err(ErrorCode::PinAlreadySet.into()),
            State::Lost(_) => return Err(lost()),
            State::Staging | State::Staged(_) => return Err(ErrorCode::StateWrong.into()),
        }
        self.vault_step(account, Event::Begin).await?;
        let set = self.first_set(account, first).await;
        if set.is_err() {
            self.vault_step(account, Event::Failed).await?;
        }
        set
    }

    async fn first_set(&self, account: AccountId, pin: Pin) -> Result<(), AppError> {
        let keys = self.pinned().await?;
        let ticket = self.first_set_ticket(&keys, account).await?;
        let salts = SlotRandom {
            salt: random::array()?,
            rec_salt: random::array()?,
            nonces: [random::array()?, random::array()?],
        };
        let x1 = self.stretched(pin, salts.salt, Argon2Params::V1).await?;
        let (staging, made) = self.make_first(&keys, account, ticket, x1, salts).await?;
        let slot = self.write_slot(account, &made).await?;
        let Made { prk, recovery, .. } = self.check_written(account, made).await?;
        self.vault_step(account, Event::Written(slot)).await?;
        let face_ticket = self.stage_share(&keys, staging, recovery.s_f).await?;
        self.commit(&keys, staging, slot, prk, recovery.s_g, face_ticket)
            .await
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

    /// STAGE and EVAL_STAGED, then the slot in memory.
    async fn make_first(
        &self,
        keys: &Pinned,
        account: AccountId,
        ticket: Signed,
        x1: Secret,
        salts: SlotRandom,
    ) -> Result<(Staging, Made), AppError> {
        let request = StageRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            epoch: FIRST_EPOCH,
            authority: Authority::FirstSet(ticket),
        };
        let staged = self.guard(keys, request).await?.answer;
        if staged.epoch != FIRST_EPOCH {
            return Err(ErrorCode::GuardTampered.into());
        }
        let scalar = random::scalar()?;
        let attempt = blocking(move || Ok(Try::new(account, FIRST_EPOCH, x1, &scalar)?)).await?;
        let request = EvalStagedRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            stage: staged.stage,
            blinded: Bytes::from(*attempt.element()),
        };
        let evaluated = self.guard(keys, request).await?.answer;
        let context = SlotContext {
            account,
            device: self.device,
            epoch: FIRST_EPOCH,
            oprf_pk: staged.oprf_pk,
            params: Argon2Params::V1,
        };
        let (vmk, s_g, s_f) = (random::secret()?, random::secret()?, random::secret()?);
        let hardware = self.ports.hardware.clone();
        let made = blocking(move || {
            let prk = attempt.finish(&context, evaluated.evaluated, evaluated.proof)?;
            let recovery = Recovery {
                hardware: hardware.prf(keys::HW_REC, &salts.rec_salt)?,
                s_g,
                s_f,
            };
            let record = keys::make_slot(&context, &prk, &recovery, &vmk, &salts)?;
            Ok(Made {
                record,
                context,
                prk,
                recovery,
                vmk,
            })
        });
        let stage = staged.stage;
        Ok((Staging { account, stage }, made.await?))
    }

    async fn write_slot(&self, account: AccountId, made: &Made) -> Result<SlotName, AppError> {
        let record = made.record.clone();
        let hash = record.hash().map_err(VaultError::from)?;
        let epoch = record.epoch;
        let write = move |unit: &Unit<'_>| unit.stage_slot(account, &record);
        self.store.write(write).await?;
        Ok(SlotName { epoch, hash })
    }

    /// What is committed is what the disk gives back, and it opens both ways.
    async fn check_written(&self, account: AccountId, made: Made) -> Result<Made, AppError> {
        let slots = self.store.read(move |unit| unit.slots(account)).await?;
        let epoch = made.record.epoch;
        let found = slots.into_iter().find(|slot| slot.record.epoch == epoch);
        let read = found.ok_or(VaultError::Damaged)?.record;
        blocking(move || {
            if read != made.record {
                return Err(VaultError::Damaged.into());
            }
            keys::check_slot(&read, &made.context, &made.prk, &made.recovery, &made.vmk)?;
            Ok(made)
        })
        .await
    }

    /// Seals a share of the staged epoch to one of the two holders.
    async fn seal_epoch_share(
        &self,
        account: AccountId,
        kind: ShareKind,
        receiver: [u8; 33],
        share: Secret,
    ) -> Result<SealedShare, AppError> {
        let context = ShareContext {
            account,
            device: self.device,
            kind,
        };
        let (ephemeral, nonce) = (random::scalar()?, random::array()?);
        blocking(move || {
            let sealed = seal_share(&context, &receiver, &ephemeral, &nonce, &share);
            Ok(sealed.map_err(VaultError::from)?)
        })
        .await
    }

    async fn stage_share(
        &self,
        keys: &Pinned,
        staging: Staging,
        s_f: Secret,
    ) -> Result<Signed, AppError> {
        let Staging { account, stage } = staging;
        let kind = ShareKind::Face { epoch: FIRST_EPOCH };
        let share = self
            .seal_epoch_share(account, kind, keys.face_delivery, s_f)
            .await?;
        let request = StageShareRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            epoch: FIRST_EPOCH,
            stage,
            share,
        };
        let request = self.sign_message(&request).await?;
        let call = Call::post("/v1/face/shares", &SignedBody::from(request.clone()))?.repeatable();
        let body: SignedBody = self.ask(call).await?;
        let (key, device) = (keys.face_sign, self.device);
        blocking(move || {
            let signed = Signed::try_from(body).map_err(VaultError::from)?;
            let ticket: StagingTicket = signed.open(&key).map_err(VaultError::from)?;
            let same = ticket.request == request.hash()
                && (ticket.account, ticket.device) == (account, device)
                && (ticket.epoch, ticket.stage) == (FIRST_EPOCH, stage);
            if !same {
                return Err(VaultError::Tampered.into());
            }
            Ok(signed)
        })
        .await
    }

    async fn commit(
        &self,
        keys: &Pinned,
        staging: Staging,
        slot: SlotName,
        prk: Prk,
        s_g: Secret,
        face_ticket: Signed,
    ) -> Result<(), AppError> {
        let Staging { account, stage } = staging;
        let kind = ShareKind::Guard { epoch: FIRST_EPOCH };
        let share = self
            .seal_epoch_share(account, kind, keys.guard_delivery, s_g)
            .await?;
        let device = self.device;
        let (pk_auth, possession) = blocking(move || {
            let auth = prk.auth_key().map_err(VaultError::from)?;
            let pk_auth = auth.public_key();
            let statement = AuthPossession {
                suite: Suite::P256,
                account,
                device,
                stage,
                pk_auth,
            };
            let input = statement.signing_input().map_err(VaultError::from)?;
            Ok((pk_auth, auth.sign(&input).map_err(VaultError::from)?))
        })
        .await?;
        let request = CommitRequest {
            suite: Suite::P256,
            account,
            device,
            stage,
            pk_auth,
            possession,
            share,
            slot_hash: slot.hash,
            face_ticket,
        };
        let Reply { signed, answer, .. } = self.guard(keys, request).await?;
        let same = (answer.account, answer.device) == (account, device)
            && (answer.epoch, answer.slot_hash) == (slot.epoch, slot.hash);
        if !same {
            return Err(ErrorCode::GuardTampered.into());
        }
        let receipt = signed.to_bytes().map_err(VaultError::from)?;
        let write = move |unit: &Unit<'_>| unit.activate_slot(account, slot.epoch, Some(&receipt));
        self.store.write(write).await?;
        self.vault_step(account, Event::Committed(slot)).await?;
        self.note_seen(account, answer.epoch, answer.log_n).await
    }
}
