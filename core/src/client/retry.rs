//! Whether a call is tried again: a pure rule.
//!
//! | what happened | what follows |
//! |---|---|
//! | nothing was sent | wait and try again |
//! | sent, no answer | try again if the call may be repeated (a read, or an effect with an Idempotency-Key) |
//! | 409 `CONFLICT` (the first send still runs) | wait and try again |
//! | 429, 503 | obey `Retry-After`, else wait |
//! | other 5xx | as "sent, no answer", at most twice |
//! | other 4xx | never |
//!
//! Three attempts in all, full jitter over 0.5 s × 2ⁿ up to 30 s, and a budget of one extra request in five. reqwest's own
//! `retry` module is not used: it would repeat the same one-time DPoP proof and knows no waiting.

use super::Failure;
use kapok_protocol::error::ErrorCode;

const ATTEMPTS: u32 = 3;
const BASE_MS: u64 = 500;
const CAP_MS: u64 = 30_000;

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send.
    Send,
    /// Send after so many milliseconds.
    Wait(u64),
    /// Tell the user.
    GiveUp(ErrorCode),
}

/// What is known after `attempt` attempts.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// Attempts made, 0 before the first.
    pub attempt: u32,
    /// How the last one failed.
    pub failure: Option<&'a Failure>,
    /// The call may be sent twice without a second effect.
    pub repeatable: bool,
    /// `Retry-After` of the last answer, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The budget allows an extra request.
    pub budget: bool,
}

/// The rule. `jitter` is uniform over `u32`; `now_ms` and `deadline_ms` are of one monotonic clock.
pub fn next(past: Past<'_>, jitter: u32, now_ms: u64, deadline_ms: u64) -> Decision {
    let Some(failure) = past.failure else {
        return Decision::Send;
    };
    let code = give_up_code(failure);
    if past.attempt >= ATTEMPTS || !past.budget || !worth_it(failure, past.repeatable) {
        return Decision::GiveUp(code);
    }
    let wait = past
        .retry_after_ms
        .unwrap_or_else(|| backoff(past.attempt, jitter));
    if now_ms.saturating_add(wait) >= deadline_ms {
        return Decision::GiveUp(code);
    }
    Decision::Wait(wait)
}

fn worth_it(failure: &Failure, repeatable: bool) -> bool {
    match failure {
        Failure::NotSent => true,
        Failure::NoAnswer => repeatable,
        Failure::Status {
            status: 429 | 503, ..
        } => true,
        Failure::Status {
            status: 409,
            error: Some(error),
        } => error.code == ErrorCode::Conflict,
        Failure::Status { status, .. } => *status >= 500 && repeatable,
        Failure::Malformed => false,
    }
}

/// Full jitter: uniform over 0 … 0.5 s × 2ⁿ.
fn backoff(attempt: u32, jitter: u32) -> u64 {
    let ceiling = BASE_MS.saturating_mul(1 << attempt.min(16)).min(CAP_MS);
    (ceiling * u64::from(jitter)) >> 32
}

fn give_up_code(failure: &Failure) -> ErrorCode {
    match failure {
        Failure::NotSent | Failure::NoAnswer => ErrorCode::Offline,
        Failure::Status {
            error: Some(error), ..
        } => error.code,
        Failure::Status {
            status,
            error: None,
        } => code_of(*status),
        Failure::Malformed => ErrorCode::Internal,
    }
}

/// The code of an answer whose body does not say one.
pub const fn code_of(status: u16) -> ErrorCode {
    match status {
        401 => ErrorCode::LoginRequired,
        403 => ErrorCode::NotAllowed,
        404 => ErrorCode::NotFound,
        409 => ErrorCode::Conflict,
        429 => ErrorCode::RateLimited,
        502..=504 => ErrorCode::ServiceDown,
        _ => ErrorCode::Internal,
    }
}

/// At most one extra request for every five first ones, with ten in reserve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget(u32);

impl Budget {
    const EXTRA: u32 = 5;
    const RESERVE: u32 = 10 * Self::EXTRA;

    /// A full reserve.
    pub const fn new() -> Self {
        Self(Self::RESERVE)
    }

    /// A first request has gone out.
    pub fn deposit(&mut self) {
        self.0 = (self.0 + 1).min(Self::RESERVE);
    }

    /// Takes an extra request, if there is one.
    pub fn withdraw(&mut self) -> bool {
        match self.0.checked_sub(Self::EXTRA) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// An extra request could be taken.
    pub const fn allows(&self) -> bool {
        self.0 >= Self::EXTRA
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kapok_protocol::error::ApiError;
    use proptest::prelude::*;

    fn past(attempt: u32, failure: &Failure, repeatable: bool) -> Past<'_> {
        Past {
            attempt,
            failure: Some(failure),
            repeatable,
            retry_after_ms: None,
            budget: true,
        }
    }

    fn status(status: u16, code: Option<ErrorCode>) -> Failure {
        Failure::Status {
            status,
            error: code.map(|c| Box::new(ApiError::new(c))),
        }
    }

    #[test]
    fn the_first_attempt_is_sent() {
        let nothing = Past {
            attempt: 0,
            failure: None,
            repeatable: false,
            retry_after_ms: None,
            budget: false,
        };
        assert_eq!(next(nothing, 0, 0, 0), Decision::Send);
    }

    #[test]
    fn what_may_have_taken_effect_is_repeated_only_under_a_key() {
        let lost = Failure::NoAnswer;
        assert!(matches!(
            next(past(1, &lost, true), 9, 0, 60_000),
            Decision::Wait(_)
        ));
        assert_eq!(
            next(past(1, &lost, false), 9, 0, 60_000),
            Decision::GiveUp(ErrorCode::Offline)
        );
        assert!(matches!(
            next(past(1, &Failure::NotSent, false), 9, 0, 60_000),
            Decision::Wait(_)
        ));
    }

    #[test]
    fn a_refusal_is_never_repeated_and_keeps_its_code() {
        let refused = status(403, Some(ErrorCode::PinWrong));
        assert_eq!(
            next(past(1, &refused, true), 0, 0, 60_000),
            Decision::GiveUp(ErrorCode::PinWrong)
        );
        let running = status(409, Some(ErrorCode::Conflict));
        assert!(matches!(
            next(past(1, &running, true), 0, 0, 60_000),
            Decision::Wait(_)
        ));
        let state = status(409, Some(ErrorCode::HandoffUsed));
        assert!(matches!(
            next(past(1, &state, true), 0, 0, 60_000),
            Decision::GiveUp(_)
        ));
    }

    #[test]
    fn retry_after_is_obeyed_unless_it_passes_the_deadline() {
        let busy = status(503, None);
        let asked = Past {
            retry_after_ms: Some(7_000),
            ..past(1, &busy, false)
        };
        assert_eq!(next(asked, 1, 0, 60_000), Decision::Wait(7_000));
        assert_eq!(
            next(asked, 1, 0, 7_000),
            Decision::GiveUp(ErrorCode::ServiceDown)
        );
    }

    #[test]
    fn the_budget_gives_one_extra_in_five() {
        let mut budget = Budget::new();
        let reserve = (0..100).filter(|_| budget.withdraw()).count();
        assert_eq!(reserve, 10);
        for _ in 0..5 {
            assert!(!budget.allows());
            budget.deposit();
        }
        assert!(budget.withdraw() && !budget.withdraw());
    }

    proptest! {
        #[test]
        fn waits_are_bounded_and_tries_end(attempt in 1u32..10, jitter: u32, code in 400u16..600, repeatable: bool) {
            let failure = status(code, None);
            match next(past(attempt, &failure, repeatable), jitter, 0, u64::MAX) {
                Decision::Wait(ms) => prop_assert!(ms <= CAP_MS && attempt < ATTEMPTS),
                Decision::GiveUp(_) => {}
                Decision::Send => prop_assert!(false, "a failure is never answered at once"),
            }
        }
    }
}
