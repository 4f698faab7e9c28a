//! Where a handoff is. Its data lies in the row; a state alone decides what may happen next.

use kapok_protocol::api::identity::HandoffState;
use serde::{Deserialize, Serialize};

/// States of the server's side: `Created → Opened → Verifying → Verified → Used`, the others are exits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Made by the app.
    Created,
    /// The mini program has opened it, or a face check failed and another is possible.
    Opened,
    /// The provider has an order.
    Verifying,
    /// The face check has passed; the result is not released yet.
    Verified,
    /// Finished by the app.
    Used,
    /// No face check is left, or the person is not the expected one.
    Failed,
    /// Cancelled on either side, or replaced by a newer one.
    Cancelled,
    /// Its time is over.
    Expired,
    /// Another WeChat user opened it, or the return code was wrong too often.
    Locked,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Opened,
        Self::Verifying,
        Self::Verified,
        Self::Used,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
        Self::Locked,
    ];

    /// Nothing can happen any more.
    pub const fn ended(self) -> bool {
        !matches!(
            self,
            Self::Created | Self::Opened | Self::Verifying | Self::Verified
        )
    }

    /// As it travels.
    pub const fn wire(self) -> HandoffState {
        match self {
            Self::Created => HandoffState::Created,
            Self::Opened => HandoffState::Opened,
            Self::Verifying => HandoffState::Verifying,
            Self::Verified => HandoffState::Verified,
            Self::Used => HandoffState::Used,
            Self::Failed => HandoffState::Failed,
            Self::Cancelled => HandoffState::Cancelled,
            Self::Expired => HandoffState::Expired,
            Self::Locked => HandoffState::Locked,
        }
    }
}
