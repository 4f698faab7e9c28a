//! The table of the PIN on this phone: pure. An illegal pair is an error that changes nothing.

use super::state::{Held, SlotName, State};
use crate::login::transitions::Illegal;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A first PIN was typed twice.
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
        (State::Unset, Event::Begin) => Ok((State::Staging, Some(Action::Stage))),
        // Whether the slot on the disk lives must be known before another one takes its place.
        (State::Staged(slot), Event::Begin) => Ok((State::Staged(slot), Some(Action::AskGuard))),
        (State::Staging, Event::Written(slot)) => Ok((State::Staged(slot), Some(Action::Commit))),
        (State::Staging | State::Unset, Event::Failed) => Ok((State::Unset, None)),
        // The commit may have arrived.
        (State::Staged(slot), Event::Failed) => Ok((State::Staged(slot), None)),
        (State::Staged(slot), Event::Committed(committed)) if slot == committed => {
            Ok((State::Set(slot), Some(Action::Activate(slot))))
        }
        (State::Staged(slot), Event::Guard(Held(held))) => Ok(settled(slot, held)),
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
        | (State::Staging, Event::Begin | Event::Committed(_) | Event::Guard(_))
        | (State::Staged(_), Event::Written(_) | Event::Committed(_))
        | (
            State::Set(_) | State::Lost(_),
            Event::Begin | Event::Written(_) | Event::Committed(_) | Event::Failed,
        ) => Err(Illegal {
            state: state.name(),
            event: event.name(),
        }),
    }
}

/// The start-up rule: the guard's hash decides. A slot that was not committed stays on the disk until the next staging, which kills
/// a commit that is still on its way, has taken its place.
fn settled(slot: SlotName, held: Option<SlotName>) -> (State, Option<Action>) {
    match held {
        Some(held) if held == slot => (State::Set(slot), Some(Action::Activate(slot))),
        Some(_) => (State::Lost(Some(slot)), None),
        None => (State::Unset, None),
    }
}
