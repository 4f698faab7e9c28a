//! How a session stops, why a frame is not taken, and what goes out to an endpoint.

use super::mailbox::WindowError;
use axum::body::Bytes;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::relay::{FromRelay, Side};
use kapok_protocol::{cbor, ids};

/// How a session stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It ended, for `by` by its own wish.
    Ended {
        /// Why, for the other side.
        code: ErrorCode,
        /// Who hung up, if anybody did.
        by: Option<Side>,
    },
    /// The relay stops.
    Restarting,
}

impl Over {
    /// The code that the other side is told.
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::Ended { code, .. } => code,
            Self::Restarting => ErrorCode::ServiceDown,
        }
    }
}

/// Why a `DATA` or `ACK` is not taken: the sender broke the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// There is no peer yet, or no longer.
    #[error("the session has no pair")]
    NotPaired,
    /// The relay holds as much as it may.
    #[error("the relay's memory is full")]
    Full,
    /// See [`WindowError`].
    #[error(transparent)]
    Window(#[from] WindowError),
}

/// Encodes a frame for an endpoint; a frame of ours always encodes, an empty one would be refused by the endpoint.
pub fn encode(frame: &FromRelay) -> Bytes {
    cbor::encode(frame).unwrap_or_default().into()
}

/// [`FromRelay::Data`], encoded once for the first delivery and every repeat.
pub fn encode_data(seq: u64, bytes: ids::Bytes) -> Bytes {
    encode(&FromRelay::Data { seq, bytes })
}
