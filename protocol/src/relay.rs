//! What an endpoint and the relay say on the WebSocket: one deterministic CBOR map a binary frame, `t` names the kind.
//!
//! The relay never opens what `Data` carries. Sequence numbers count per direction from 0; the first `Data` of the PC is the
//! handshake's second message (the first travels in `Claim`), every later one is a channel frame: the PC's channel frame `n` travels as `Data` `n + 1`,
//! the phone's as `Data` `n`.

use crate::error::ErrorCode;
use crate::ids::{Bytes, SessionId};
use serde::{Deserialize, Serialize};

/// The largest binary frame that the relay takes, in bytes.
pub const MAX_FRAME: usize = 64 * 1024;
/// How many unacknowledged frames a side may have.
pub const WINDOW_FRAMES: usize = 64;
/// How many unacknowledged bytes a side may have.
pub const WINDOW_BYTES: usize = 256 * 1024;
/// One step of the QR's frame counter, in seconds.
pub const FRAME_STEP_SECONDS: u64 = 2;
/// How many steps old a frame may be when it is claimed.
pub const FRAME_MAX_AGE_STEPS: u32 = 4;
/// How long a code may be claimed, in seconds.
pub const QR_LIFE_SECONDS: u64 = 120;

/// Which end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The PC page.
    Pc,
    /// The phone.
    Phone,
}

impl Side {
    /// The other end.
    pub const fn peer(self) -> Self {
        match self {
            Self::Pc => Self::Phone,
            Self::Phone => Self::Pc,
        }
    }
}

/// From an endpoint to the relay. Fields stand in the order of deterministic CBOR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum ToRelay {
    /// The PC joins with its one-time ticket. `commit` is `c`, 32 bytes; `verifier` = SHA-256(resume token 0).
    Attach {
        /// SHA-256(B ‖ s), 32 bytes.
        commit: Bytes,
        /// The one-time ticket of the session.
        ticket: Bytes,
        /// SHA-256 of the first resume token.
        verifier: Bytes,
    },
    /// The phone claims the session with a frame it saw.
    Claim {
        /// The handshake's first message.
        m1: Bytes,
        /// The frame's MAC, 8 bytes.
        mac: Bytes,
        /// The session.
        sid: SessionId,
        /// The frame counter on the screen.
        frame: u32,
        /// SHA-256(B ‖ s), 32 bytes.
        commit: Bytes,
        /// SHA-256 of the first resume token.
        verifier: Bytes,
    },
    /// Takes the place of a broken socket. `next` = SHA-256 of the token for the resume after this one.
    Resume {
        /// The session.
        sid: SessionId,
        /// SHA-256 of the next resume token.
        next: Bytes,
        /// Which end this is.
        side: Side,
        /// The resume token whose hash the relay holds.
        token: Bytes,
        /// How many frames of the peer have been received.
        received: u64,
    },
    /// A sealed frame for the peer.
    Data {
        /// Its number in this direction.
        seq: u64,
        /// What the relay cannot read.
        bytes: Bytes,
    },
    /// All frames of the peer below `upto` have been received.
    Ack {
        /// The next number expected.
        upto: u64,
    },
    /// Ends the session for both.
    Close {},
}

/// From the relay to an endpoint. Fields stand in the order of deterministic CBOR.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum FromRelay {
    /// The PC has joined.
    Attached {},
    /// A fresh frame for the QR, every [`FRAME_STEP_SECONDS`].
    Frame {
        /// Its MAC, 8 bytes.
        mac: Bytes,
        /// The frame counter.
        frame: u32,
        /// Seconds until the code must be renewed.
        expires: u32,
    },
    /// To the PC: a phone has claimed.
    Claimed {
        /// The handshake's first message.
        m1: Bytes,
    },
    /// To the phone: it holds the session.
    ClaimOk {},
    /// To the PC: another phone tried to claim (T4 of docs/security.md).
    SecondPhone {},
    /// The socket took up again; frames of this side from `received` on are to be sent anew.
    Resumed {
        /// How many frames of this side the relay has seen.
        received: u64,
    },
    /// A sealed frame of the peer.
    Data {
        /// Its number in that direction.
        seq: u64,
        /// What the relay cannot read.
        bytes: Bytes,
    },
    /// The peer has received all frames below `upto`.
    Ack {
        /// The next number the peer expects.
        upto: u64,
    },
    /// Whether the peer has a socket open.
    Presence {
        /// It has.
        online: bool,
    },
    /// The request was refused; a stale frame leaves the session alive.
    Refused {
        /// Why.
        code: ErrorCode,
    },
    /// The session is over.
    Closed {
        /// Why.
        code: ErrorCode,
    },
}
