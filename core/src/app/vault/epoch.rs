//! A new PIN epoch, for a first PIN, a change and a reset alike: staged at the guard, written to the disk, opened once, shared, committed.
//! A kill at any step leaves exactly one PIN that opens: the guard's commit is the moment in which the new one takes over.

use super::blocking;
use super::guard::{Pinned, Reply};
use crate::app::net::Call;
use crate::app::{Core, random};
use crate::error::AppError;
use crate::secret::Pin;
use crate::store::Unit;
use crate::vault::keys::{self, Recovery, Secret, SlotRandom, Try, VaultError};
use crate::vault::state::SlotName;
use crate::vault::transitions::Event;
use kapok_protocol::api::guard::SignedBody;
use kapok_protocol::delivery::{SealedShare, ShareContext, ShareKind, seal_share};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{StageShareRequest, StagingTicket};
use kapok_protocol::guard::wrap::SlotRecord;
use kapok_protocol::guard::{
    Argon2Params, AuthPossession, Authority, CommitRequest, EvalStagedRequest, Prk, Signed,
    SlotContext, StageRequest, Suite,
};
use kapok_protocol::ids::{AccountId, Bytes};

/// What a new epoch is made of, besides its PIN.
pub(super) struct NewEpoch {
    pub(super) account: AccountId,
    pub(super) epoch: u64,
    /// By what right.
    pub(super) authority: Authority,
    /// The vault key: a new one for a first PIN, else the one that was opened.
    pub(super) vmk: Secret,
}

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
    epoch: u64,
    stage: [u8; 16],
}

impl Core {
    /// Makes the epoch under this PIN and commits it. The caller holds `acting`; on an error the PIN before holds, unless the commit's
    /// answer was lost: then the guard's word settles it.
    pub(super) async fn new_epoch(
        &self,
        keys: &Pinned,
        new: NewEpoch,
        pin: Pin,
    ) -> Result<(), AppError> {
        let account = new.account;
        self.vault_step(account, Event::Begin).await?;
        let done = self.stage_and_commit(keys, new, pin).await;
        if done.is_err() {
            self.vault_step(account, Event::Failed).await?;
        }
        done
    }

    async fn stage_and_commit(
        &self,
        keys: &Pinned,
        new: NewEpoch,
        pin: Pin,
    ) -> Result<(), AppError> {
        let account = new.account;
        let salts = SlotRandom {
            salt: random::array()?,
            rec_salt: random::array()?,
            nonces: [random::array()?, random::array()?],
        };
        let x1 = self.stretched(pin, salts.salt, Argon2Params::V1).await?;
        let (staging, made) = self.make_slot(keys, new, x1, salts).await?;
        let slot = self.write_slot(account, &made).await?;
        let Made { prk, recovery, .. } = self.check_written(account, made).await?;
        self.vault_step(account, Event::Written(slot)).await?;
        let face_ticket = self.stage_share(keys, staging, recovery.s_f).await?;
        self.commit(keys, staging, slot, prk, recovery.s_g, face_ticket)
            .await
    }

    /// STAGE and EVAL_STAGED, then the slot in memory.
    async fn make_slot(
        &self,
        keys: &Pinned,
        new: NewEpoch,
        x1: Secret,
        salts: SlotRandom,
    ) -> Result<(Staging, Made), AppError> {
        let NewEpoch {
            account,
            epoch,
            authority,
            vmk,
        } = new;
        let request = StageRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            epoch,
            authority,
        };
        let staged = self.guard(keys, request).await?.answer;
        if staged.epoch != epoch {
            return Err(ErrorCode::GuardTampered.into());
        }
        let scalar = random::scalar()?;
        let attempt = blocking(move || Ok(Try::new(account, epoch, x1, &scalar)?)).await?;
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
            epoch,
            oprf_pk: staged.oprf_pk,
            params: Argon2Params::V1,
        };
        let (s_g, s_f) = (random::secret()?, random::secret()?);
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
        let staging = Staging {
            account,
            epoch,
            stage: staged.stage,
        };
        Ok((staging, made.await?))
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
        let Staging {
            account,
            epoch,
            stage,
        } = staging;
        let kind = ShareKind::Face { epoch };
        let share = self
            .seal_epoch_share(account, kind, keys.face_delivery, s_f)
            .await?;
        let request = StageShareRequest {
            suite: Suite::P256,
            account,
            device: self.device,
            epoch,
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
                && (ticket.epoch, ticket.stage) == (epoch, stage);
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
        let Staging {
            account,
            epoch,
            stage,
        } = staging;
        let kind = ShareKind::Guard { epoch };
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
