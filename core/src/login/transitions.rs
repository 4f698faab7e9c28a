//! The table of the face handoff: pure. An illegal pair is an error that changes nothing; a late or foreign event is recognised
//! by its handoff's number and changes nothing either.

use super::state::{Open, Proof, State, Verifier};
use kapok_protocol::api::identity::{
    HandoffStarted, HandoffState, HandoffStatus, Purpose, ReturnProof,
};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, HandoffId, RequestId};

/// How long a lost reply may still be asked again after the handoff's end, in milliseconds.
const REPLAY_MS: u64 = 120_000;

/// What happened.
#[derive(Clone)]
pub enum Event {
    /// The user starts a face check.
    Start {
        /// What for.
        purpose: Purpose,
        /// What about.
        subject_ref: Option<String>,
        /// Fresh random bytes.
        verifier: Verifier,
    },
    /// The platform has made a handoff.
    Started {
        /// The hash that was sent: tells which start is answered.
        challenge: [u8; 32],
        /// The answer.
        answer: HandoffStarted,
        /// Platform's time.
        now_ms: u64,
    },
    /// The platform made none.
    StartFailed {
        /// The hash that was sent.
        challenge: [u8; 32],
    },
    /// The app was opened by the mini program's link.
    Returned {
        /// The link's handoff.
        handoff_id: HandoffId,
        /// The link's return code.
        code: [u8; 16],
        /// Fresh key for the finish.
        request_id: RequestId,
    },
    /// The user typed the six digits of the success page.
    Typed {
        /// Six ASCII digits.
        code: String,
        /// Fresh key for the finish.
        request_id: RequestId,
    },
    /// The app is in the foreground again with a finish whose answer is not known.
    Retry,
    /// The platform has told where the handoff is.
    Status {
        /// Which handoff.
        handoff_id: HandoffId,
        /// Where it is.
        status: HandoffStatus,
    },
    /// The platform has released the result.
    Finished {
        /// Which handoff.
        handoff_id: HandoffId,
    },
    /// The platform did not release the result, or no answer came.
    FinishFailed {
        /// Which handoff.
        handoff_id: HandoffId,
        /// Why.
        code: ErrorCode,
    },
    /// Time has passed.
    Tick {
        /// Platform's time.
        now_ms: u64,
    },
    /// The user gives up.
    Cancel,
}

impl Event {
    /// The event's name, for errors and diagrams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "Start",
            Self::Started { .. } => "Started",
            Self::StartFailed { .. } => "StartFailed",
            Self::Returned { .. } => "Returned",
            Self::Typed { .. } => "Typed",
            Self::Retry => "Retry",
            Self::Status { .. } => "Status",
            Self::Finished { .. } => "Finished",
            Self::FinishFailed { .. } => "FinishFailed",
            Self::Tick { .. } => "Tick",
            Self::Cancel => "Cancel",
        }
    }
}

/// What `app` has to do, after the new state is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Tell the platform that a handoff is over; best effort.
    CancelAtPlatform(HandoffId),
    /// Ask the shell to open the mini program.
    OpenMiniProgram {
        /// The path.
        path: String,
        /// Two digits.
        match_code: String,
    },
    /// Send the finish that the state holds.
    Finish,
    /// Ask for the status again after a while.
    Poll,
    /// Ask the user for the six digits.
    AskCode,
    /// Tell the user why the face check is over.
    Fail(ErrorCode),
}

/// The event does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event} does not fit {state}")]
pub struct Illegal {
    /// The state's name.
    pub state: &'static str,
    /// The event's name.
    pub event: &'static str,
}

type Step = (State, Vec<Action>);

/// The table.
pub fn next(state: &State, event: &Event) -> Result<Step, Illegal> {
    let illegal = Illegal {
        state: state.name(),
        event: event.name(),
    };
    let stay = || Ok((state.clone(), Vec::new()));
    match (state, event) {
        (
            _,
            Event::Start {
                purpose,
                subject_ref,
                verifier,
            },
        ) => Ok(start(
            state,
            *purpose,
            subject_ref.clone(),
            verifier.clone(),
        )),
        (
            _,
            Event::Started {
                challenge,
                answer,
                now_ms,
            },
        ) => Ok(started(state, challenge, answer, *now_ms)),
        (State::Starting { verifier, .. }, Event::StartFailed { challenge })
            if verifier.challenge() == *challenge =>
        {
            Ok((State::Idle, Vec::new()))
        }
        (_, Event::StartFailed { .. }) => stay(),
        (
            State::Waiting(open),
            Event::Returned {
                handoff_id,
                code,
                request_id,
            },
        ) if open.handoff_id == *handoff_id => {
            let proof = ReturnProof::ReturnCode(Bytes::from(*code));
            Ok(finish(open, proof, *request_id))
        }
        (State::Waiting(open), Event::Typed { code, request_id }) => Ok(finish(
            open,
            ReturnProof::TypedCode(code.clone()),
            *request_id,
        )),
        // The answer to the first proof is not known: that one goes out again, under its own key.
        (State::Finishing { .. }, Event::Retry | Event::Typed { .. }) => {
            Ok((state.clone(), vec![Action::Finish]))
        }
        (State::Finishing { open, .. }, Event::Returned { handoff_id, .. })
            if open.handoff_id == *handoff_id =>
        {
            Ok((state.clone(), vec![Action::Finish]))
        }
        // A link that nobody waits for: another app's, an attacker's, or an old one.
        (_, Event::Returned { .. }) => stay(),
        (State::Waiting(open), Event::Status { handoff_id, status })
            if open.handoff_id == *handoff_id =>
        {
            Ok(told(open, status.state))
        }
        (_, Event::Status { .. }) => stay(),
        (State::Finishing { open, .. }, Event::Finished { handoff_id })
            if open.handoff_id == *handoff_id =>
        {
            Ok((State::Idle, Vec::new()))
        }
        (State::Finishing { open, .. }, Event::FinishFailed { handoff_id, code })
            if open.handoff_id == *handoff_id =>
        {
            Ok(refused(state, open, *code))
        }
        (_, Event::Finished { .. } | Event::FinishFailed { .. }) => stay(),
        (_, Event::Tick { now_ms }) => Ok(tick(state, *now_ms)),
        (State::Starting { .. }, Event::Cancel) => Ok((State::Idle, Vec::new())),
        (State::Waiting(open) | State::Finishing { open, .. }, Event::Cancel) => {
            Ok((State::Idle, vec![Action::CancelAtPlatform(open.handoff_id)]))
        }
        (State::Idle, Event::Typed { .. } | Event::Retry | Event::Cancel)
        | (State::Starting { .. }, Event::Typed { .. } | Event::Retry)
        | (State::Waiting(_), Event::Retry) => Err(illegal),
    }
}

/// A new face check takes the place of the open one; the answer to an earlier start is recognised when it comes.
fn start(state: &State, purpose: Purpose, subject_ref: Option<String>, verifier: Verifier) -> Step {
    let cancel = state
        .open()
        .map(|open| Action::CancelAtPlatform(open.handoff_id));
    let next = State::Starting {
        purpose,
        subject_ref,
        verifier,
    };
    (next, cancel.into_iter().collect())
}

/// An answer that no start waits for, or that cannot be right, is taken back at the platform.
fn started(state: &State, challenge: &[u8; 32], answer: &HandoffStarted, now_ms: u64) -> Step {
    let take_back = Action::CancelAtPlatform(answer.handoff_id);
    let State::Starting {
        purpose,
        subject_ref,
        verifier,
    } = state
    else {
        return (state.clone(), vec![take_back]);
    };
    if verifier.challenge() != *challenge {
        return (state.clone(), vec![take_back]);
    }
    if !is_sound(answer) {
        return (
            State::Idle,
            vec![take_back, Action::Fail(ErrorCode::Internal)],
        );
    }
    let open = Open {
        handoff_id: answer.handoff_id,
        purpose: *purpose,
        subject_ref: subject_ref.clone(),
        verifier: verifier.clone(),
        match_code: answer.match_code.clone(),
        mini_program_path: answer.mini_program_path.clone(),
        expires_ms: now_ms.saturating_add(u64::from(answer.expires_in) * 1000),
        code_asked: false,
    };
    let go = Action::OpenMiniProgram {
        path: open.mini_program_path.clone(),
        match_code: open.match_code.clone(),
    };
    (State::Waiting(open), vec![go])
}

/// The path holds the handoff's number and nothing else, the match code is two digits.
fn is_sound(answer: &HandoffStarted) -> bool {
    let digits =
        answer.match_code.len() == 2 && answer.match_code.bytes().all(|b| b.is_ascii_digit());
    let query = answer
        .mini_program_path
        .split_once('?')
        .map(|(_, query)| query);
    digits && query == Some(&format!("h={}", answer.handoff_id))
}

fn finish(open: &Open, proof: ReturnProof, request_id: RequestId) -> Step {
    let next = State::Finishing {
        open: open.clone(),
        proof: Proof(proof),
        request_id,
    };
    (next, vec![Action::Finish])
}

fn told(open: &Open, state: HandoffState) -> Step {
    let over = |code| (State::Idle, vec![Action::Fail(code)]);
    match state {
        HandoffState::Created
        | HandoffState::Opened
        | HandoffState::Verifying
        | HandoffState::Unknown => (State::Waiting(open.clone()), vec![Action::Poll]),
        HandoffState::Verified => {
            let open = Open {
                code_asked: true,
                ..open.clone()
            };
            (State::Waiting(open), vec![Action::AskCode])
        }
        HandoffState::Used => over(ErrorCode::HandoffUsed),
        HandoffState::Failed => over(ErrorCode::FaceFailed),
        HandoffState::Cancelled => over(ErrorCode::HandoffCancelled),
        HandoffState::Expired => over(ErrorCode::HandoffExpired),
        HandoffState::Locked => over(ErrorCode::HandoffLocked),
    }
}

/// A wrong code may be typed again; no answer is asked again; anything else is the end.
fn refused(state: &State, open: &Open, code: ErrorCode) -> Step {
    match code {
        ErrorCode::HandoffProof | ErrorCode::HandoffPending => {
            (State::Waiting(open.clone()), Vec::new())
        }
        code if is_passing(code) => (state.clone(), Vec::new()),
        code => (State::Idle, vec![Action::Fail(code)]),
    }
}

/// Says nothing about the handoff, only about now.
const fn is_passing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Offline
            | ErrorCode::ServiceDown
            | ErrorCode::Internal
            | ErrorCode::RateLimited
            | ErrorCode::Conflict
            | ErrorCode::ClockWrong
            | ErrorCode::Unknown
            | ErrorCode::HardwareKey
            | ErrorCode::PrivacyRequired
            | ErrorCode::AppTooOld
    )
}

fn tick(state: &State, now_ms: u64) -> Step {
    let over = match state {
        State::Idle | State::Starting { .. } => false,
        State::Waiting(open) => now_ms >= open.expires_ms,
        State::Finishing { open, .. } => now_ms >= open.expires_ms.saturating_add(REPLAY_MS),
    };
    if over {
        (State::Idle, vec![Action::Fail(ErrorCode::HandoffExpired)])
    } else {
        (state.clone(), Vec::new())
    }
}

/// Milliseconds before the status is asked for the `n`th time again: 2, 4, 8, then 15 seconds.
pub fn poll_delay_ms(n: u32) -> u64 {
    2_000u64.saturating_mul(1 << n.min(10)).min(15_000)
}
