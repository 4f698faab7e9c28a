//! What may happen to an invite. Pure; an illegal pair is an error that changes nothing.

use kapok_protocol::api::agents::InviteState;
use kapok_protocol::error::ErrorCode;

/// Something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The share has left the inviter's app.
    Sent,
    /// A signed-in person looks at it.
    Opened,
    /// The named person agrees.
    Accept,
    /// The named person refuses.
    Decline,
    /// The inviter takes it back.
    Revoke,
    /// Its time is over.
    TimeOver,
}

/// The state after the event, or why it is refused.
pub const fn next(state: InviteState, event: Event) -> Result<InviteState, ErrorCode> {
    use InviteState::{Accepted, Declined, Draft, Expired, Opened, Revoked, Sent, Unknown};
    match (state, event) {
        (Draft | Sent, Event::Sent) => Ok(Sent),
        (Opened, Event::Sent) => Ok(Opened),
        // WeChat tells the app nothing reliable about a share: a link that was opened has been sent.
        (Draft | Sent | Opened, Event::Opened) => Ok(Opened),
        (Draft | Sent | Opened, Event::Accept) => Ok(Accepted),
        (Draft | Sent | Opened, Event::Decline) => Ok(Declined),
        (Draft | Sent | Opened | Revoked, Event::Revoke) => Ok(Revoked),
        (Draft | Sent | Opened, Event::TimeOver) => Ok(Expired),
        (Accepted, _) => Err(ErrorCode::InviteUsed),
        (Declined | Expired | Revoked | Unknown, _) => Err(ErrorCode::InviteGone),
    }
}
