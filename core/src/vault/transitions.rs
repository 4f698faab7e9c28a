//! The table of the PIN on this phone: pure. An illegal pair is an error that changes nothing.

use super::state::{Held, SlotName, State};
use crate::login::transitions::Illegal;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A new PIN was typed twice, and it may be set.
    Begin,
    /// The slot is on the disk and was read back.
    Written(SlotName),
    /// The guard has committed a slot.
    Committed(SlotName),
    /// A step failed, or its answer was lost.
    Failed,
    /// The guard says, signed, what it holds.
    Guard(Held),
}

impl Event {
    /// The event's name, for errors and diagrams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Begin => "Begin",
            Self::Written(_) => "Written",
            Self::Committed(_) => "Committed",
            Self::Failed => "Failed",
            Self::Guard(_) => "Guard",
        }
    }
}

/// What `app` has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Stage an epoch and make the slot.
    Stage,
    /// Hand the shares over and commit.
    Commit,
    /// Mark the slot as active.
    Activate(SlotName),
    /// Ask the guard what it holds.
    AskGuard,
}

/// The table.
pub fn next(state: &State, event: &Event) -> Result<(State, Option<Action>), Illegal> {
    match (*state, *event) {
        (State::Unset, Event::Begin) => Ok((State::Staging(None), Some(Action::Stage))),
        (State::Set(slot), Event::Begin) => Ok((State::Staging(Some(slot)), Some(Action::Stage))),
        // Whether the slot on the disk lives must be known before another one takes its place.
        (State::Staged { .. }, Event::Begin) => Ok((*state, Some(Action::AskGuard))),
        (State::Staging(current), Event::Written(staged)) => {
            Ok((State::Staged { current, staged }, Some(Action::Commit)))
        }
        (State::Staging(current), Event::Failed) => Ok((State::resting(current), None)),
        // The commit may have arrived.
        (State::Staged { .. } | State::Unset, Event::Failed) => Ok((*state, None)),
        (State::Staged { staged, .. }, Event::Committed(slot)) if slot == staged => {
            Ok((State::Set(slot), Some(Action::Activate(slot))))
        }
        (State::Staged { current, staged }, Event::Guard(Held(held))) => {
            Ok(settled(current, staged, held))
        }
        (State::Set(slot) | State::Lost(Some(slot)), Event::Guard(Held(held))) => {
            let found = held == Some(slot);
            Ok((
                if found {
                    State::Set(slot)
                } else {
                    State::Lost(Some(slot))
                },
                None,
            ))
        }
        (State::Unset | State::Lost(None), Event::Guard(Held(held))) => Ok((
            if held.is_some() {
                State::Lost(None)
            } else {
                State::Unset
            },
            None,
        )),
        (State::Unset, Event::Written(_) | Event::Committed(_))
        | (State::Staging(_), Event::Begin | Event::Committed(_) | Event::Guard(_))
        | (State::Staged { .. }, Event::Written(_) | Event::Committed(_))
        | (State::Set(_), Event::Written(_) | Event::Committed(_) | Event::Failed)
        | (
            State::Lost(_),
            Event::Begin | Event::Written(_) | Event::Committed(_) | Event::Failed,
        ) => Err(Illegal {
            state: state.name(),
            event: event.name(),
        }),
    }
}

/// The guard names one of the two slots by its hash, and that one opens; any other word is no reason to delete either.
fn settled(
    current: Option<SlotName>,
    staged: SlotName,
    held: Option<SlotName>,
) -> (State, Option<Action>) {
    if held == Some(staged) {
        return (State::Set(staged), Some(Action::Activate(staged)));
    }
    if held == current {
        return (State::resting(current), None);
    }
    (State::Lost(current.or(Some(staged))), None)
}
