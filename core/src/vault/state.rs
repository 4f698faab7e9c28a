//! Where the PIN of an account is on this phone.

use kapok_protocol::guard::StateAnswer;

/// A slot by what the guard knows it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotName {
    /// PIN epoch.
    pub epoch: u64,
    /// SHA-256 of the record.
    pub hash: [u8; 32],
}

/// The state. Follows from the slots in the store; [`State::Staging`] and [`State::Lost`] exist only while the app runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No slot, or none that the guard knows.
    Unset,
    /// A new PIN is on its way, nothing of it is on the disk; the one before, if any, holds.
    Staging(Option<SlotName>),
    /// The new slot is on the disk; whether the guard has committed it is not known.
    Staged {
        /// The slot before it.
        current: Option<SlotName>,
        /// The new one.
        staged: SlotName,
    },
    /// The guard has committed the slot.
    Set(SlotName),
    /// The guard holds an epoch that no slot on this phone opens. Nothing is deleted on the guard's word.
    Lost(Option<SlotName>),
}

impl State {
    /// A PIN that holds, or none.
    pub const fn resting(current: Option<SlotName>) -> Self {
        match current {
            Some(slot) => Self::Set(slot),
            None => Self::Unset,
        }
    }

    /// The state's name, for errors and diagrams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unset => "Unset",
            Self::Staging(_) => "Staging",
            Self::Staged { .. } => "Staged",
            Self::Set(_) => "Set",
            Self::Lost(_) => "Lost",
        }
    }
}

/// What the guard holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held(pub Option<SlotName>);

impl Held {
    /// Out of the guard's signed answer.
    pub fn of(answer: &StateAnswer) -> Self {
        Self(answer.slot_hash.map(|hash| SlotName {
            epoch: answer.epoch,
            hash,
        }))
    }
}
