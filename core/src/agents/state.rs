//! Where the invite is that this person opened.

use kapok_protocol::api::agents::{ConsentPage, InviteKind};
use kapok_protocol::ids::InviteId;
use serde::{Deserialize, Serialize};

/// The state. Persisted, sealed, whenever it changes: the face check between opening and agreeing happens in another app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// No invite is open.
    Idle,
    /// The invite is shown; nothing follows from that.
    Viewing {
        /// Which.
        invite_id: InviteId,
        /// What for.
        kind: InviteKind,
    },
    /// The invited person is at the face check.
    Checking {
        /// Which.
        invite_id: InviteId,
        /// What for.
        kind: InviteKind,
    },
    /// The face check has passed; the person reads what to agree to.
    Consenting(ConsentPage),
    /// The answer is on its way, once or again.
    Answering {
        /// What was read.
        page: ConsentPage,
        /// 同意 or not.
        agree: bool,
    },
}

impl State {
    /// The state's name, for errors and diagrams.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "Idle",
            Self::Viewing { .. } => "Viewing",
            Self::Checking { .. } => "Checking",
            Self::Consenting(_) => "Consenting",
            Self::Answering { .. } => "Answering",
        }
    }

    /// The invite that is shown and may go to the face check.
    pub const fn shown(&self) -> Option<InviteId> {
        match self {
            Self::Viewing { invite_id, .. } | Self::Checking { invite_id, .. } => Some(*invite_id),
            Self::Idle | Self::Consenting(_) | Self::Answering { .. } => None,
        }
    }
}

impl std::fmt::Debug for State {
    /// A consent page holds names and a token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
