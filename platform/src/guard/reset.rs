//! RESET_BEGIN and RELEASE: a new PIN by face. The count of tries stays as it is until the new PIN is committed, and a stop code that the owner
//! gets closes what was reset.

use super::serve::{Call, Fault, Serve};
use super::{Guard, line};
use crate::clock::{SECOND, seconds};
use crate::role_keys;
use crate::store::StoreError;
use crate::store::engine::Tx;
use crate::store::guard::{self as rows, Owner, Phone, Reset, ResetState};
use kapok_protocol::api::guard::AssertionPurpose;
use kapok_protocol::delivery::{ShareContext, ShareKind};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::face::{Expected, verify_assertion};
use kapok_protocol::guard::{
    Code, GuardState, RESET_LIFE_SECONDS, RESET_LIVENESS, RESET_REFETCHES, RESET_STOP_SECONDS,
    ReleaseAnswer, ReleaseRequest, ResetBeginAnswer, ResetBeginRequest, Signed, Suite,
};
use kapok_protocol::point;
use std::sync::Arc;

/// Who may take the face service's statements here.
pub(super) const AUDIENCE: &str = "guard";
const LIFE: i64 = RESET_LIFE_SECONDS.cast_signed() * SECOND;
const STOPPABLE: i64 = RESET_STOP_SECONDS.cast_signed() * SECOND;

impl Serve for ResetBeginRequest {
    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        let phone = call.phone.as_ref().ok_or(ErrorCode::PinUnset)?;
        if phone.epoch == 0 {
            return Err(ErrorCode::PinUnset.into());
        }
        self.checked(&call, phone)?;
        let (owner, now, hash) = (call.owner, call.now, call.hash);
        let stop_hash = call.guard.stop_code(&self.reset).hash();
        call.once::<Self, _>(move |tx| Box::pin(self.begin(tx, owner, now, hash, stop_hash)))
            .await
    }
}

trait Begin {
    /// The assertion is fresh, of this person, phone and reset, and of a face that was seen well enough.
    fn checked(&self, call: &Call, phone: &Phone) -> Result<(), Fault>;
    async fn begin(
        self,
        tx: &mut Tx<'_>,
        owner: Owner,
        now: i64,
        hash: [u8; 32],
        stop_hash: [u8; 32],
    ) -> Result<ResetBeginAnswer, Fault>;
}

impl Begin for ResetBeginRequest {
    fn checked(&self, call: &Call, phone: &Phone) -> Result<(), Fault> {
        let expected = Expected {
            purpose: AssertionPurpose::PinReset,
            audience: AUDIENCE,
            account: call.owner.account,
            device: call.owner.device,
            reference: self.reset,
        };
        let face = &call.guard.face;
        let assertion = verify_assertion(&self.assertion, face, &expected, call.seconds())
            .map_err(|_| ErrorCode::GuardRefused)?;
        if assertion.subject != phone.subject || assertion.liveness < RESET_LIVENESS {
            return Err(ErrorCode::GuardRefused.into());
        }
        Ok(())
    }

    async fn begin(
        self,
        tx: &mut Tx<'_>,
        owner: Owner,
        now: i64,
        hash: [u8; 32],
        stop_hash: [u8; 32],
    ) -> Result<ResetBeginAnswer, Fault> {
        let answer = |begun_at: i64| ResetBeginAnswer {
            suite: Suite::P256,
            request: hash,
            ends: seconds(begun_at + LIFE),
        };
        // A number counts once. The phone that drew it may lose the answer.
        if let Some(known) = rows::reset(&mut *tx, &self.reset).await? {
            return Ok(answer(living(Some(known), owner, now)?.begun_at));
        }
        if !rows::add_reset(tx, &self.reset, owner, &stop_hash, now).await? {
            return Err(ErrorCode::GuardStale.into());
        }
        rows::log(tx, line("reset_begin", owner, now, &hash)).await?;
        Ok(answer(now))
    }
}

/// A reset of this phone that is neither over nor used up.
pub(super) fn living(reset: Option<Reset>, owner: Owner, now: i64) -> Result<Reset, Fault> {
    reset
        .filter(|reset| {
            reset.owner == owner
                && reset.begun_at + LIFE > now
                && matches!(reset.state, ResetState::Open | ResetState::Released)
        })
        .ok_or_else(|| ErrorCode::GuardStale.into())
}

impl Serve for ReleaseRequest {
    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        point::parse_compressed(&self.ephemeral).map_err(|_| ErrorCode::GuardRefused)?;
        let (guard, owner, now, hash) = (Arc::clone(&call.guard), call.owner, call.now, call.hash);
        call.once::<Self, _>(move |tx| Box::pin(release(guard, self, owner, now, hash, tx)))
            .await
    }
}

async fn release(
    guard: Arc<Guard>,
    request: ReleaseRequest,
    owner: Owner,
    now: i64,
    hash: [u8; 32],
    tx: &mut Tx<'_>,
) -> Result<ReleaseAnswer, Fault> {
    let phone = rows::phone(&mut *tx, owner).await?;
    let phone = phone.ok_or(ErrorCode::PinUnset)?;
    if phone.state == GuardState::Revoked {
        return Err(ErrorCode::DeviceRevoked.into());
    }
    let reset = living(rows::reset(&mut *tx, &request.reset).await?, owner, now)?;
    if reset.released > RESET_REFETCHES {
        return Err(ErrorCode::GuardStale.into());
    }
    let epoch = rows::epoch(&mut *tx, owner).await?;
    let epoch = epoch.ok_or(ErrorCode::PinUnset)?;
    let share = guard.recovery_share(owner, &epoch)?;
    let context = ShareContext {
        account: owner.account,
        device: owner.device,
        kind: ShareKind::Guard { epoch: epoch.epoch },
    };
    let share = role_keys::send(&context, &request.ephemeral, &share)?;
    rows::release_reset(tx, &request.reset).await?;
    // The PIN path is closed from here to the COMMIT: nothing that the old PIN began goes on.
    rows::set_state(tx, owner, GuardState::Resetting).await?;
    rows::drop_stages(tx, owner).await?;
    // A phone that was killed sends the same STAGE again: it must not get the dropped one.
    rows::forget_answers(tx, owner).await?;
    rows::drop_leases(tx, owner).await?;
    rows::log(tx, line("release", owner, now, &hash)).await?;
    Ok(ReleaseAnswer {
        suite: Suite::P256,
        request: hash,
        epoch: epoch.epoch,
        share,
    })
}

impl Guard {
    /// The code that stops a reset: a MAC, so that it need not be kept.
    fn stop_code(&self, reset: &[u8; 16]) -> Code {
        let mac = self.mac(&[b"pinv1/stop", reset]);
        let mut short = [0; 10];
        short.copy_from_slice(mac.split_at(10).0);
        Code::new(short)
    }

    /// Resets whose owners have not been told their stop codes.
    pub(super) async fn untold(&self) -> Result<Vec<(Reset, Code)>, StoreError> {
        let since = self.clock.micros() - STOPPABLE;
        let resets = rows::untold(self.db.reader(), since).await?;
        let coded = resets.into_iter().map(|reset| {
            let code = self.stop_code(&reset.id);
            (reset, code)
        });
        Ok(coded.collect())
    }

    /// The owner of a reset has been told.
    pub(super) async fn told(&self, reset: [u8; 16]) -> Result<(), StoreError> {
        self.db
            .write(move |tx| Box::pin(async move { rows::set_told(tx, &reset).await }))
            .await
    }

    /// Ends a reset that its owner did not ask for, within a day of its begin: what it opened is closed until another face check. False for
    /// a code of no reset.
    pub async fn stop_reset(&self, code: &Code) -> Result<bool, StoreError> {
        let (hash, now) = (code.hash(), self.clock.micros());
        let stopped = self
            .db
            .write(move |tx| Box::pin(stop(tx, hash, now)))
            .await?;
        self.witnessed().await?;
        Ok(stopped)
    }
}

async fn stop(tx: &mut Tx<'_>, hash: [u8; 32], now: i64) -> Result<bool, StoreError> {
    let Some(reset) = rows::reset_of_stop(&mut *tx, &hash, now - STOPPABLE).await? else {
        return Ok(false);
    };
    if reset.state == ResetState::Stopped {
        return Ok(true);
    }
    let owner = reset.owner;
    rows::set_reset(tx, &reset.id, ResetState::Stopped).await?;
    let phone = rows::phone(&mut *tx, owner).await?;
    let opened = reset.state != ResetState::Open;
    if opened && phone.is_some_and(|phone| phone.state != GuardState::Revoked) {
        rows::set_state(tx, owner, GuardState::Blocked).await?;
        rows::drop_stages(tx, owner).await?;
        rows::drop_leases(tx, owner).await?;
    }
    rows::forget_answers(tx, owner).await?;
    rows::log(tx, line("stop_reset", owner, now, &[0; 32])).await?;
    Ok(true)
}
