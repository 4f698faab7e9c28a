//! The table of accepting an invite: pure. An illegal pair is an error that changes nothing.

use super::state::State;
use crate::login::transitions::Illegal;
use kapok_protocol::api::agents::{ConsentPage, InviteKind, InviteState};
use kapok_protocol::api::identity::Purpose;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::InviteId;

/// What happened.
#[derive(Clone)]
pub enum Event {
    /// The platform has shown an invite.
    Opened {
        /// Which.
        invite_id: InviteId,
        /// What for.
        kind: InviteKind,
        /// Where it is.
        state: InviteState,
    },
    /// The person goes to the face check.
    Check,
    /// The face check could not be started, or was given up.
    CheckFailed,
    /// The face check has passed and the platform has sent the page to agree to.
    Checked(ConsentPage),
    /// The person has answered.
    Answer {
        /// 同意 or not.
        agree: bool,
    },
    /// The platform has taken the answer.
    Answered,
    /// The platform did not take the answer, or none came.
    AnswerFailed {
        /// Why.
        code: ErrorCode,
    },
    /// The person goes elsewhere, or logs out.
    Leave,
}

impl Event {
    /// The event's name, for errors and diagrams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "Opened",
            Self::Check => "Check",
            Self::CheckFailed => "CheckFailed",
            Self::Checked(_) => "Checked",
            Self::Answer { .. } => "Answer",
            Self::Answered => "Answered",
            Self::AnswerFailed { .. } => "AnswerFailed",
            Self::Leave => "Leave",
        }
    }
}

/// What `app` has to do, after the new state is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Start a face check about the invite.
    StartHandoff {
        /// For accepting or authenticating.
        purpose: Purpose,
        /// Which invite.
        invite_id: InviteId,
    },
    /// Send the answer that the state holds.
    SendAnswer,
}

/// The table.
pub fn next(state: &State, event: &Event) -> Result<(State, Option<Action>), Illegal> {
    let illegal = Illegal {
        state: state.name(),
        event: event.name(),
    };
    match (state, event) {
        (State::Answering { .. }, Event::Opened { .. }) => Err(illegal),
        (
            _,
            Event::Opened {
                invite_id,
                kind,
                state,
            },
        ) => Ok((opened(*invite_id, *kind, *state), None)),
        // A second try after the mini program was left by another way is the same step.
        (
            State::Viewing { invite_id, kind } | State::Checking { invite_id, kind },
            Event::Check,
        ) => {
            let purpose = purpose(*kind).ok_or(illegal)?;
            let next = State::Checking {
                invite_id: *invite_id,
                kind: *kind,
            };
            let start = Action::StartHandoff {
                purpose,
                invite_id: *invite_id,
            };
            Ok((next, Some(start)))
        }
        (State::Checking { invite_id, kind }, Event::CheckFailed) => Ok((
            State::Viewing {
                invite_id: *invite_id,
                kind: *kind,
            },
            None,
        )),
        (State::Checking { invite_id, .. }, Event::Checked(page))
            if page.invite_id == *invite_id =>
        {
            Ok((State::Consenting(page.clone()), None))
        }
        (State::Consenting(page), Event::Answer { agree }) => {
            let next = State::Answering {
                page: page.clone(),
                agree: *agree,
            };
            Ok((next, Some(Action::SendAnswer)))
        }
        // Whether the first answer arrived is not known: the same one goes out again, another one does not.
        (State::Answering { agree: sent, .. }, Event::Answer { agree }) if sent == agree => {
            Ok((state.clone(), Some(Action::SendAnswer)))
        }
        (State::Answering { .. }, Event::Answered) => Ok((State::Idle, None)),
        (State::Answering { .. }, Event::AnswerFailed { code }) => Ok((
            if is_passing(*code) {
                state.clone()
            } else {
                State::Idle
            },
            None,
        )),
        (_, Event::Leave) => Ok((State::Idle, None)),
        (
            State::Idle | State::Viewing { .. } | State::Consenting(_),
            Event::CheckFailed | Event::Checked(_) | Event::Answered | Event::AnswerFailed { .. },
        )
        | (State::Idle, Event::Check | Event::Answer { .. })
        | (State::Viewing { .. }, Event::Answer { .. })
        | (
            State::Checking { .. },
            Event::Checked(_) | Event::Answer { .. } | Event::Answered | Event::AnswerFailed { .. },
        )
        | (State::Consenting(_), Event::Check)
        | (
            State::Answering { .. },
            Event::Check | Event::CheckFailed | Event::Checked(_) | Event::Answer { .. },
        ) => Err(illegal),
    }
}

/// An invite that is over is shown and leads nowhere.
fn opened(invite_id: InviteId, kind: InviteKind, state: InviteState) -> State {
    match state {
        InviteState::Draft | InviteState::Sent | InviteState::Opened => {
            State::Viewing { invite_id, kind }
        }
        InviteState::Accepted
        | InviteState::Declined
        | InviteState::Expired
        | InviteState::Revoked
        | InviteState::Unknown => State::Idle,
    }
}

const fn purpose(kind: InviteKind) -> Option<Purpose> {
    match kind {
        InviteKind::Agent => Some(Purpose::AcceptInvite),
        InviteKind::Authentication => Some(Purpose::EnterpriseAuth),
        InviteKind::Unknown => None,
    }
}

/// Says nothing about the answer, only about now.
const fn is_passing(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Offline
            | ErrorCode::ServiceDown
            | ErrorCode::Internal
            | ErrorCode::RateLimited
            | ErrorCode::Conflict
            | ErrorCode::LoginRequired
            | ErrorCode::Unknown
    )
}
