//! What may happen to a handoff. Pure; an illegal pair is an error that changes nothing.

use super::state::State;
use kapok_protocol::error::ErrorCode;

/// Something happened, judged by what the row and the request say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The mini program asks for it.
    Open {
        /// WeChat's scene fits the mode that was fixed at the start.
        scene_fits: bool,
        /// Nobody, or the same WeChat user, opened it before.
        same_user: bool,
    },
    /// An order was placed with the provider.
    FaceStarted,
    /// The provider says that it is the person.
    FacePassed,
    /// The provider says no.
    FaceFailed {
        /// Face checks left after this one.
        left: u32,
    },
    /// The app brought verifier, key, purpose and return code, all right, and the person is the expected one.
    Finish,
    /// The app brought a wrong return code or typed code.
    CodeWrong {
        /// Tries left after this one.
        left: u32,
    },
    /// The verified person is not the expected one.
    PersonWrong,
    /// Cancelled on either side, or replaced by a newer one.
    Cancel,
    /// Its time is over.
    TimeOver,
}

/// The state after the event, or why it is refused.
pub const fn next(state: State, event: Event) -> Result<State, ErrorCode> {
    use State::{Cancelled, Created, Expired, Failed, Locked, Opened, Used, Verified, Verifying};
    match (state, event) {
        (
            Created | Opened,
            Event::Open {
                scene_fits: false, ..
            },
        ) => Err(ErrorCode::HandoffScene),
        (
            Created | Opened,
            Event::Open {
                same_user: true, ..
            },
        ) => Ok(Opened),
        // The same user may look again: WeChat reloads pages.
        (
            Verifying | Verified,
            Event::Open {
                same_user: true, ..
            },
        ) => Ok(state),
        (
            Created | Opened | Verifying | Verified,
            Event::Open {
                same_user: false, ..
            },
        ) => Ok(Locked),

        (Opened, Event::FaceStarted) => Ok(Verifying),
        (Verifying, Event::FacePassed) => Ok(Verified),
        (Verifying, Event::FaceFailed { left: 0 }) => Ok(Failed),
        (Verifying, Event::FaceFailed { .. }) => Ok(Opened),

        (Verified, Event::Finish) => Ok(Used),
        (Verified, Event::CodeWrong { left: 0 }) => Ok(Locked),
        (Verified, Event::CodeWrong { .. }) => Ok(Verified),
        (Verified, Event::PersonWrong) => Ok(Failed),
        (
            Created | Opened | Verifying,
            Event::Finish | Event::CodeWrong { .. } | Event::PersonWrong,
        ) => Err(ErrorCode::HandoffPending),

        (Created | Opened | Verifying | Verified | Cancelled, Event::Cancel) => Ok(Cancelled),
        (Created | Opened | Verifying | Verified, Event::TimeOver) => Ok(Expired),

        (Created | Opened | Verifying | Verified, _) => Err(ErrorCode::StateWrong),
        (Used, _) => Err(ErrorCode::HandoffUsed),
        (Failed, _) => Err(ErrorCode::FaceFailed),
        (Cancelled, _) => Err(ErrorCode::HandoffCancelled),
        (Expired, _) => Err(ErrorCode::HandoffExpired),
        (Locked, _) => Err(ErrorCode::HandoffLocked),
    }
}
