//! The table of installing a certificate: pure. An illegal pair is an error that changes nothing.

use super::state::State;
use crate::login::transitions::Illegal;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// 安装证书.
    Install,
    /// The guard holds the share and the row is on the disk.
    Stored,
    /// The CA has this certificate for the request.
    Issued,
    /// The CA knows no certificate for the request.
    NotIssued,
    /// The PIN was proved for the request.
    Proved,
    /// A step failed, or its answer was lost.
    Failed,
}

impl Event {
    /// The event's name, for errors and diagrams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Install => "Install",
            Self::Stored => "Stored",
            Self::Issued => "Issued",
            Self::NotIssued => "NotIssued",
            Self::Proved => "Proved",
            Self::Failed => "Failed",
        }
    }
}

/// What `app` has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Make key and request, prove the PIN for it, store the share, write the row.
    MakeKey,
    /// Ask the CA for a certificate by the request's hash.
    Fetch,
    /// Prove the PIN for the request that is there.
    Prove,
    /// Order with all the evidence.
    Order,
    /// It is installed.
    Show,
}

/// The table. A key is made once: whatever happens later, the same request is asked for again.
pub const fn next(state: &State, event: &Event) -> Result<(State, Option<Action>), Illegal> {
    match (state, event) {
        (State::Idle, Event::Install) => Ok((State::Idle, Some(Action::MakeKey))),
        (State::Pending, Event::Install) => Ok((State::Pending, Some(Action::Fetch))),
        (State::Active, Event::Install) => Ok((State::Active, Some(Action::Show))),
        (State::Idle, Event::Stored) => Ok((State::Pending, Some(Action::Order))),
        (State::Pending, Event::Issued) => Ok((State::Active, Some(Action::Show))),
        (State::Pending, Event::NotIssued) => Ok((State::Pending, Some(Action::Prove))),
        (State::Pending, Event::Proved) => Ok((State::Pending, Some(Action::Order))),
        (State::Idle | State::Pending, Event::Failed) => Ok((*state, None)),
        (State::Idle, Event::Issued | Event::NotIssued | Event::Proved)
        | (State::Pending, Event::Stored)
        | (
            State::Active,
            Event::Stored | Event::Issued | Event::NotIssued | Event::Proved | Event::Failed,
        ) => Err(Illegal {
            state: state.name(),
            event: event.name(),
        }),
    }
}
