//! STATE, NONCE and EVAL: one try, counted and on disk before anything is evaluated.

use super::policy::{self, BUDGET, IDLE, LIMIT, MONTH};
use super::serve::{Call, Fault, Serve};
use super::{Guard, MINUTE};
use crate::clock::SECOND;
use crate::store::engine::{Link, Tx};
use crate::store::guard::{self as rows, Attempt, Count, EpochKey, Owner, Phone, Standing};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::guard::{
    EvalAnswer, EvalRequest, GuardState, Nonce, NonceAnswer, NonceRequest, Signed, StateAnswer,
    StateRequest, Suite,
};
use kapok_protocol::point;

/// Attempts are forgotten after ten minutes; their lines stay in the log.
const FORGET: i64 = 10 * MINUTE;

impl Serve for StateRequest {
    const TO_REVOKED: bool = true;
    const ONCE: bool = false;

    // Nobody knows the key of a phone that never set a PIN; that there is nothing is no secret.
    fn key_of_stranger(&self, _: &Guard, _: u64) -> Result<Option<[u8; 33]>, ErrorCode> {
        Ok(None)
    }

    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        let reader = call.guard.db.reader();
        let (log_n, log_head) = rows::log_head(reader).await?;
        let spent = spent(reader, call.owner, call.phone.as_ref(), call.now).await?;
        let phone = call.phone.as_ref();
        let fails = phone.map_or(0, |phone| phone.fails);
        let locked_until = phone.map_or(0, |phone| phone.locked_until);
        let stored = phone.map_or(GuardState::Ok, |phone| phone.state);
        let state = match stored {
            GuardState::Ok if spent >= BUDGET || idle(phone, call.now) => GuardState::Blocked,
            other => other,
        };
        let epoch = rows::epoch(reader, call.owner).await?;
        let newest = call.guard.masters.newest();
        let renew = epoch.as_ref().is_some_and(|epoch| epoch.master < newest);
        let answer = StateAnswer {
            suite: Suite::P256,
            request: call.hash,
            epoch: epoch.as_ref().map_or(0, |epoch| epoch.epoch),
            slot_hash: epoch.map(|epoch| epoch.slot_hash),
            state,
            tries_left: policy::tries_left(fails, spent),
            wait_seconds: policy::seconds_until(locked_until, call.now),
            log_n,
            log_head,
            time: call.seconds(),
            renew,
        };
        Ok(call.guard.keys.sign(&answer)?)
    }
}

/// A PIN that nobody has used for half a year is asked for by face.
fn idle(phone: Option<&Phone>, now: i64) -> bool {
    phone.is_some_and(|phone| phone.epoch > 0 && phone.used_at + IDLE < now)
}

impl Serve for NonceRequest {
    const TO_OBJECTOR: bool = true;
    const ONCE: bool = false;

    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        let Owner { account, device } = call.owner;
        let random = rand::random();
        let answer = NonceAnswer {
            suite: Suite::P256,
            request: call.hash,
            nonce: Nonce::issue(&call.guard.nonce, account, device, &random, call.seconds()),
        };
        Ok(call.guard.keys.sign(&answer)?)
    }
}

impl Serve for EvalRequest {
    const TO_OBJECTOR: bool = true;
    // A repeated one finds its attempt.
    const ONCE: bool = false;

    async fn serve(self, call: Call) -> Result<Signed, Fault> {
        // What cannot be evaluated costs no try: it says nothing about the PIN either.
        point::parse_compressed(&self.blinded).map_err(|_| ErrorCode::GuardRefused)?;
        let (attempt, key) = count(&self, &call).await?;
        evaluate(&self, &call, &attempt, &key)
    }
}

/// Counts the try; it is on disk when this returns.
pub(super) async fn count(
    request: &EvalRequest,
    call: &Call,
) -> Result<(Attempt, EpochKey), Fault> {
    let Owner { account, device } = call.owner;
    let (now, seconds) = (call.now, call.seconds());
    let nonce = request
        .nonce
        .check(&call.guard.nonce, account, device, seconds);
    let try_ = Try {
        attempt: Attempt {
            id: rand::random(),
            n: 0,
            owner: call.owner,
            epoch: request.epoch,
            request: call.hash,
            body: call.body.clone(),
            fails: 0,
            tries_left: 0,
            wait_seconds: 0,
            at: now,
            kind: None,
            staged: false,
        },
        nonce: request.nonce.unique(),
        fresh: nonce.is_ok(),
    };
    let counted = call
        .guard
        .db
        .write_bare(move |tx| Box::pin(try_.count(tx)))
        .await?;
    match counted.head {
        Some(head) => call.guard.witness.reach(head).await?,
        None => call.guard.witnessed().await?,
    }
    Ok((counted.attempt, counted.key))
}

/// Number and hash of a line of the log.
type Head = (u64, [u8; 32]);

#[derive(Clone)]
struct Try {
    attempt: Attempt,
    nonce: [u8; 32],
    /// The nonce is this guard's and not stale.
    fresh: bool,
}

/// A try that stands in the log.
struct Counted {
    attempt: Attempt,
    key: EpochKey,
    /// Its line, unless it was counted before.
    head: Option<Head>,
}

impl Try {
    /// Counts it in one statement, after which nothing can fail: see [`Database::write_bare`](crate::store::Database::write_bare).
    async fn count(self, tx: &mut Tx<'_>) -> Result<Counted, Fault> {
        let (owner, now) = (self.attempt.owner, self.attempt.at);
        let request = &self.attempt.request;
        let standing = rows::standing(tx, owner, now - MONTH, &self.nonce, request).await?;
        let standing = standing.ok_or(ErrorCode::PinUnset)?;
        if standing.phone.state == GuardState::Revoked && !standing.phone.may_object(now) {
            return Err(ErrorCode::DeviceRevoked.into());
        }
        if standing.repeated {
            let before = rows::attempt_of(tx, request).await?;
            let before = before.filter(|before| before.at + MINUTE >= now);
            if let Some(attempt) = before {
                let own = attempt.epoch == standing.phone.epoch;
                let key = standing.key.filter(|_| own).ok_or(ErrorCode::GuardStale)?;
                return Ok(Counted {
                    attempt,
                    key,
                    head: None,
                });
            }
        }
        if !self.fresh || standing.nonce_used {
            return Err(ErrorCode::GuardStale.into());
        }
        self.check(&standing.phone, standing.spent)?;
        self.raise(tx, standing).await
    }

    fn check(&self, phone: &Phone, spent: u32) -> Result<(), Fault> {
        let left = policy::tries_left(phone.fails, spent);
        let refuse = |code, wait_seconds| {
            Err(Fault::Refused {
                code,
                tries_left: Some(left),
                wait_seconds,
            })
        };
        let now = self.attempt.at;
        let open = match phone.state {
            GuardState::Ok => true,
            GuardState::Revoked => phone.may_object(now) && phone.fails < LIMIT,
            GuardState::Blocked | GuardState::Resetting => false,
        };
        if !open || spent >= BUDGET || idle(Some(phone), now) {
            return refuse(ErrorCode::PinBlocked, None);
        }
        if phone.epoch == 0 {
            return Err(ErrorCode::PinUnset.into());
        }
        let wait = policy::seconds_until(phone.locked_until, now);
        if wait > 0 {
            return refuse(ErrorCode::PinWait, Some(wait));
        }
        if phone.epoch != self.attempt.epoch {
            return Err(ErrorCode::GuardStale.into());
        }
        Ok(())
    }

    async fn raise(mut self, tx: &mut Tx<'_>, standing: Standing) -> Result<Counted, Fault> {
        let (phone, now) = (standing.phone, self.attempt.at);
        let key = standing.key.ok_or(ErrorCode::PinUnset)?;
        let fails = phone.fails + 1;
        let wait = policy::wait_after(fails);
        self.attempt.fails = fails;
        self.attempt.tries_left = policy::tries_left(fails, standing.spent + 1);
        self.attempt.wait_seconds = wait.unwrap_or(0);
        let (state, blocked_by) = match wait {
            Some(_) => (phone.state, None),
            None if phone.state == GuardState::Revoked => (phone.state, Some(self.attempt.id)),
            None => (GuardState::Blocked, Some(self.attempt.id)),
        };
        let count = Count {
            fails,
            locked_until: now + i64::from(self.attempt.wait_seconds) * SECOND,
            state,
            blocked_by,
        };
        let places = (standing.head, now - FORGET);
        let head = rows::count(tx, &mut self.attempt, &self.nonce, count, places).await?;
        Ok(Counted {
            attempt: self.attempt,
            key,
            head: Some(head),
        })
    }
}

/// Wrong PINs of the last 30 days and since the last reset by face.
async fn spent<'e>(
    from: impl Into<Link<'e>>,
    owner: Owner,
    phone: Option<&Phone>,
    now: i64,
) -> Result<u32, Fault> {
    let reset = phone.and_then(|phone| phone.reset_at).unwrap_or(i64::MIN);
    Ok(rows::open_attempts(from, owner, reset.max(now - MONTH)).await?)
}

/// Evaluates a counted try.
fn evaluate(
    request: &EvalRequest,
    call: &Call,
    attempt: &Attempt,
    key: &EpochKey,
) -> Result<Signed, Fault> {
    let key = call.guard.oprf_key(call.owner, attempt.epoch, key)?;
    let evaluation = call.guard.evaluate(&key, &call.hash, &request.blinded)?;
    let answer = EvalAnswer {
        suite: Suite::P256,
        request: call.hash,
        attempt: attempt.id,
        evaluated: evaluation.element,
        proof: evaluation.proof,
        tries_left: attempt.tries_left,
        wait_seconds: attempt.wait_seconds,
    };
    Ok(call.guard.keys.sign(&answer)?)
}
