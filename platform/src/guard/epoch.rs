//! STAGE, EVAL_STAGED and COMMIT: a new PIN epoch beside the current one, which dies in the moment of the commit.

use super::reset::living;
use super::serve::{Call, Fault, Serve};
use super::{Guard, MINUTE, line};
use crate::clock::{SECOND, seconds};
use crate::store::engine::Tx;
use crate::store::guard::{self as rows, Epoch, Owner, Phone, ResetState, Stage};
use kapok_protocol::delivery::{ShareContext, ShareKind};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{FirstSetTicket, StagingTicket, verify_first_set};
use kapok_protocol::guard::{
    Authority, CommitAnswer, CommitRequest, EvalStagedAnswer, EvalStagedRequest, GuardState,
    STAGE_LIFE_SECONDS, Signed, StageAnswer, StageRequest, Suite,
};
use kapok_protocol::point;
use std::sync::Arc;

/// The kind of a confirmed attempt that may stage.
pub(super) const PIN: &str = "pin";

impl Serve for StageRequest {
    fn key_of_stranger(&self, guard: &Guard, now: u64) -> Result<Option<[u8; 33]>, ErrorCode> {
        first_set(self, guard, now)?
            .map(|ticket| Some(ticket.device_key))
            .ok_or(ErrorCode::PinUnset)
    }

    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        let (guard, owner, now, hash) = (Arc::clone(&call.guard), call.owner, call.now, call.hash);
        let ticket = first_set(&self, &guard, call.seconds())?;
        let row_salt = guard.new_salt(owner, self.epoch)?;
        let master = guard.masters.newest();
        let reset = match self.authority {
            Authority::Reset(id) => Some(id),
            _ => None,
        };
        let stage = Stage {
            id: rand::random(),
            owner,
            epoch: self.epoch,
            master,
            row_salt,
            blinded: None,
            ends: now + STAGE_LIFE_SECONDS.cast_signed() * SECOND,
            reset,
        };
        let key = guard.oprf_key(owner, self.epoch, &stage.key())?;
        let answer = StageAnswer {
            suite: Suite::P256,
            request: hash,
            stage: stage.id,
            epoch: stage.epoch,
            oprf_pk: key.public_key(),
            ends: seconds(stage.ends),
        };
        call.once::<Self, _>(move |tx| {
            Box::pin(async move {
                let phone = rows::phone(&mut *tx, owner).await?;
                let current = phone.as_ref().map_or(0, |phone| phone.epoch);
                authorise(tx, &self.authority, phone, ticket, (owner, now), master).await?;
                if self.epoch != current.saturating_add(1) {
                    return Err(ErrorCode::GuardStale.into());
                }
                rows::set_stage(tx, &stage).await?;
                rows::log(tx, line("stage", owner, now, &hash)).await?;
                Ok(answer)
            })
        })
        .await
    }
}

/// The ticket of a first set, verified; nothing for another authority.
fn first_set(
    request: &StageRequest,
    guard: &Guard,
    now: u64,
) -> Result<Option<FirstSetTicket>, ErrorCode> {
    let Authority::FirstSet(ticket) = &request.authority else {
        return Ok(None);
    };
    verify_first_set(ticket, &guard.face, request.account, request.device, now)
        .map(Some)
        .map_err(|_| ErrorCode::GuardRefused)
}

/// Checks the right to stage; a first set enrols the phone.
async fn authorise(
    tx: &mut Tx<'_>,
    authority: &Authority,
    phone: Option<Phone>,
    ticket: Option<FirstSetTicket>,
    (owner, now): (Owner, i64),
    newest: u32,
) -> Result<(), Fault> {
    let refused = Err(Fault::from(ErrorCode::GuardRefused));
    match (authority, phone, ticket) {
        (Authority::FirstSet(_), None, Some(ticket)) => {
            Ok(rows::enrol(tx, owner, &ticket.device_key, &ticket.subject).await?)
        }
        (Authority::FirstSet(_), Some(phone), Some(ticket)) => {
            if phone.epoch != 0 {
                return Err(ErrorCode::PinAlreadySet.into());
            }
            if phone.subject != ticket.subject || phone.state != GuardState::Ok {
                return refused;
            }
            Ok(())
        }
        (Authority::Attempt(id), Some(phone), _) if phone.state == GuardState::Ok => {
            // A newer master key: whatever the PIN was typed for, the phone puts the same PIN under it.
            let current = rows::epoch(&mut *tx, owner).await?;
            let renews = current.is_some_and(|current| current.master < newest);
            let attempt = rows::attempt(&mut *tx, id).await?;
            let attempt = attempt.filter(|attempt| {
                attempt.owner == owner
                    && attempt.epoch == phone.epoch
                    && (attempt.kind.as_deref() == Some(PIN) || renews && attempt.kind.is_some())
                    && attempt.at + MINUTE >= now
            });
            if attempt.is_none() || !rows::use_attempt(tx, id).await? {
                return refused;
            }
            Ok(())
        }
        (Authority::Reset(id), Some(phone), _) if phone.state == GuardState::Resetting => {
            let reset = living(rows::reset(&mut *tx, id).await?, owner, now)?;
            match reset.state {
                ResetState::Released => Ok(()),
                _ => refused,
            }
        }
        _ => refused,
    }
}

impl Serve for EvalStagedRequest {
    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        point::parse_compressed(&self.blinded).map_err(|_| ErrorCode::GuardRefused)?;
        let (owner, now) = (call.owner, call.now);
        let (id, blinded) = (self.stage, self.blinded.0.clone());
        let stage = call
            .guard
            .db
            .write(move |tx| {
                Box::pin(async move {
                    let stage = live(rows::stage(&mut *tx, &id).await?, owner, now)?;
                    match &stage.blinded {
                        // A second element would be a second guess under the staged key.
                        Some(first) if *first != blinded => Err(ErrorCode::GuardRefused.into()),
                        Some(_) => Ok(stage),
                        None => {
                            rows::set_blinded(tx, &id, &blinded).await?;
                            // A phone that dies here and comes back at once sends the same STAGE, byte for byte: it must get a new
                            // staging, for this one takes no other element.
                            rows::forget_answers(tx, owner).await?;
                            Ok::<_, Fault>(stage)
                        }
                    }
                })
            })
            .await?;
        let key = call.guard.oprf_key(owner, stage.epoch, &stage.key())?;
        let evaluation = call.guard.evaluate(&key, &call.hash, &self.blinded)?;
        let answer = EvalStagedAnswer {
            suite: Suite::P256,
            request: call.hash,
            evaluated: evaluation.element,
            proof: evaluation.proof,
        };
        Ok(call.guard.keys.sign(&answer)?)
    }
}

fn live(stage: Option<Stage>, owner: Owner, now: i64) -> Result<Stage, Fault> {
    stage
        .filter(|stage| stage.owner == owner && stage.ends > now)
        .ok_or_else(|| ErrorCode::GuardStale.into())
}

impl Serve for CommitRequest {
    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        let (owner, now, hash) = (call.owner, call.now, call.hash);
        let reader = call.guard.db.reader();
        let current = rows::epoch(reader, owner).await?;
        if let Some(done) = current.filter(|current| self.made(current)) {
            return Ok(call.guard.keys.sign(&committed(&done, owner, hash))?);
        }
        let stage = live(rows::stage(reader, &self.stage).await?, owner, now)?;
        let share = self.verified(&call, &stage)?;
        let key = call.guard.oprf_key(owner, stage.epoch, &stage.key())?;
        let epoch = Epoch {
            epoch: stage.epoch,
            master: stage.master,
            row_salt: stage.row_salt,
            pk_auth: self.pk_auth,
            share,
            slot_hash: self.slot_hash,
            stage: self.stage,
            log_n: 0,
            log_head: [0; 32],
            at: now,
            oprf_pk: Some(key.public_key()),
        };
        call.once::<Self, _>(move |tx| Box::pin(commit(tx, epoch, owner, hash)))
            .await
    }
}

trait Commit {
    /// Whether this very commit has been made.
    fn made(&self, current: &Epoch) -> bool;
    /// Checks the proofs; `S_g`, sealed for the guard's file.
    fn verified(&self, call: &Call, stage: &Stage) -> Result<Vec<u8>, Fault>;
}

impl Commit for CommitRequest {
    fn made(&self, current: &Epoch) -> bool {
        current.stage == self.stage
            && current.slot_hash == self.slot_hash
            && current.pk_auth == self.pk_auth
    }

    fn verified(&self, call: &Call, stage: &Stage) -> Result<Vec<u8>, Fault> {
        let refused = |_| Fault::from(ErrorCode::GuardRefused);
        let owner = call.owner;
        self.verify_possession().map_err(refused)?;
        let ticket: StagingTicket = self.face_ticket.open(&call.guard.face).map_err(refused)?;
        let fits = ticket.account == owner.account
            && ticket.device == owner.device
            && ticket.epoch == stage.epoch
            && ticket.stage == stage.id;
        if !fits || stage.blinded.is_none() {
            return Err(ErrorCode::GuardRefused.into());
        }
        let context = ShareContext {
            account: owner.account,
            device: owner.device,
            kind: ShareKind::Guard { epoch: stage.epoch },
        };
        let share = call.guard.keys.receive(&context, &self.share)?;
        let share = share.ok_or(ErrorCode::GuardRefused)?;
        let row: [&[u8]; 3] = [
            &owner.account.0,
            &owner.device.0,
            &stage.epoch.to_be_bytes(),
        ];
        let sealed = call.guard.keys.seal("epochs.share", &row, share.as_slice());
        Ok(sealed?)
    }
}

/// Makes the staged epoch the current one; the older salt, key and share are deleted with it.
async fn commit(
    tx: &mut Tx<'_>,
    mut epoch: Epoch,
    owner: Owner,
    hash: [u8; 32],
) -> Result<CommitAnswer, Fault> {
    let phone = rows::phone(&mut *tx, owner).await?;
    let phone = phone.ok_or(ErrorCode::PinUnset)?;
    // A late COMMIT of an older staging would pair a slot with another key.
    let stage = rows::stage(&mut *tx, &epoch.stage).await?;
    let stage = match phone.state {
        GuardState::Revoked => return Err(ErrorCode::DeviceRevoked.into()),
        _ => live(stage, owner, epoch.at)?,
    };
    match (phone.state, stage.reset) {
        (GuardState::Ok, None) => {}
        (GuardState::Resetting, Some(id)) => rows::set_reset(tx, &id, ResetState::Done).await?,
        _ => return Err(ErrorCode::PinBlocked.into()),
    }
    if epoch.epoch != phone.epoch.saturating_add(1) {
        return Err(ErrorCode::GuardStale.into());
    }
    (epoch.log_n, epoch.log_head) = rows::log(tx, line("commit", owner, epoch.at, &hash)).await?;
    rows::set_epoch(tx, owner, &epoch, stage.reset.is_some()).await?;
    Ok(committed(&epoch, owner, hash))
}

fn committed(epoch: &Epoch, owner: Owner, request: [u8; 32]) -> CommitAnswer {
    CommitAnswer {
        suite: Suite::P256,
        request,
        account: owner.account,
        device: owner.device,
        epoch: epoch.epoch,
        slot_hash: epoch.slot_hash,
        log_n: epoch.log_n,
        log_head: epoch.log_head,
        time: seconds(epoch.at),
    }
}
