//! One end of a session: which socket holds it and what that socket has still to send.
//!
//! There is no queue to overflow: what is only true for a moment (frame, acknowledgement, presence) is kept once, in its newest
//! state, and sealed frames are read from the mailbox, which is bounded by the sender's window.

use super::mailbox::Mailbox;
use super::outcome::{Over, encode};
use axum::body::Bytes;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::relay::{FromRelay, Side};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::Notify;

/// Silence after which a socket is pinged, ms.
pub const PING_AFTER: u64 = 20_000;
/// Silence after which a socket is dead: two pings missed, ms.
pub const DEAD_AFTER: u64 = 60_000;
/// Notices that wait for a socket; more than the protocol ever has at once.
const NOTICES: usize = 8;

/// WebSocket close codes (RFC 6455 § 7.4).
pub mod close {
    /// The session is over.
    pub const NORMAL: u16 = 1000;
    /// A text frame came.
    pub const UNSUPPORTED: u16 = 1003;
    /// The endpoint broke the protocol: window ignored, gap, wrong kind, too large.
    pub const POLICY: u16 = 1008;
    /// The relay stops; come back after a random pause.
    pub const RESTART: u16 = 1012;
    /// The socket does not drain, or the relay is short of memory; come back later.
    pub const LATER: u16 = 1013;
    /// Another socket took the place with the resume token.
    pub const REPLACED: u16 = 4001;
    /// Nothing was heard for too long.
    pub const SILENT: u16 = 4002;
}

/// What a socket does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Out {
    /// Sends this frame.
    Frame(Bytes),
    /// Asks for a sign of life.
    Ping,
    /// Closes with this code.
    Close(u16),
    /// Waits to be woken.
    Wait,
}

struct Slot {
    socket: u64,
    wake: Arc<Notify>,
    pinged: bool,
    ping: bool,
    silent: bool,
    told: bool,
}

/// One end.
#[derive(Default)]
pub struct End {
    /// SHA-256 of the resume token that is good now.
    pub verifier: Option<[u8; 32]>,
    /// Number of the peer's next frame to send to this socket.
    pub cursor: u64,
    /// How far the peer has acknowledged, if not yet told.
    pub ack: Option<u64>,
    /// The QR frame to show, if not yet sent: counter, MAC, seconds left.
    pub frame: Option<(u32, [u8; 8], u32)>,
    /// The counter of the newest frame.
    pub shown: Option<u32>,
    heard: u64,
    presence: Option<bool>,
    notices: VecDeque<FromRelay>,
    slot: Option<Slot>,
    left: Option<u64>,
}

impl End {
    /// A socket holds this end.
    pub const fn online(&self) -> bool {
        self.slot.is_some()
    }

    /// This socket holds this end.
    pub fn holds(&self, socket: u64) -> bool {
        self.slot.as_ref().is_some_and(|slot| slot.socket == socket)
    }

    /// Without a socket for longer than a session may wait.
    pub fn away(&self, now: u64) -> bool {
        self.left
            .is_some_and(|at| now.saturating_sub(at) > super::limits::AWAY_LIFE)
    }

    /// Tells the socket that there is something to send.
    pub fn wake(&self) {
        if let Some(slot) = &self.slot {
            slot.wake.notify_one();
        }
    }

    /// Queues a notice; the oldest gives way, for the endpoint resumes from what it holds.
    pub fn notice(&mut self, notice: FromRelay) {
        if self.notices.len() >= NOTICES {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
        self.wake();
    }

    /// Queues a notice unless the same one waits already.
    pub fn notice_once(&mut self, notice: FromRelay) {
        if !self.notices.contains(&notice) {
            self.notice(notice);
        }
    }

    /// After a resume: sends from `received` on, and says how many of this end's own frames have come.
    pub fn resumed(&mut self, received: u64, sent: u64, claimed: Option<FromRelay>) {
        self.cursor = received;
        self.ack = None;
        // The claim may have been lost with the old socket, so it is told again until the PC has answered it.
        self.notices
            .retain(|n| !matches!(n, FromRelay::Claimed { .. } | FromRelay::Resumed { .. }));
        self.notices
            .push_front(FromRelay::Resumed { received: sent });
        self.notices.extend(claimed);
        self.shown = None;
    }

    /// Presence of the peer, in its newest state.
    pub fn set_presence(&mut self, online: bool) {
        self.presence = Some(online);
        self.wake();
    }

    /// Gives this end to a socket.
    pub fn seat(&mut self, socket: u64, wake: Arc<Notify>, now: u64, peer_online: bool) {
        self.wake();
        self.presence = peer_online.then_some(true);
        self.left = None;
        self.heard = now;
        wake.notify_one();
        self.slot = Some(Slot {
            socket,
            wake,
            pinged: false,
            ping: false,
            silent: false,
            told: false,
        });
    }

    /// The socket is gone; false when another one had taken its place.
    pub fn leave(&mut self, socket: u64, now: u64) -> bool {
        if !self.holds(socket) {
            return false;
        }
        self.slot = None;
        self.left = Some(now);
        true
    }

    /// Something arrived on this socket.
    pub fn hear(&mut self, socket: u64, now: u64) {
        if let Some(slot) = self.slot.as_mut().filter(|slot| slot.socket == socket) {
            slot.pinged = false;
            self.heard = now;
        }
    }

    /// Asks a silent socket for a sign of life, and gives up on a dead one.
    pub fn tick(&mut self, now: u64) {
        let silence = now.saturating_sub(self.heard);
        let Some(slot) = &mut self.slot else { return };
        if silence < PING_AFTER {
            return;
        }
        slot.silent = silence >= DEAD_AFTER;
        slot.ping |= !slot.pinged;
        slot.pinged = true;
        if slot.silent || slot.ping {
            slot.wake.notify_one();
        }
    }

    /// What the socket sends next: notices, then what is newest, then the mailbox, then the end.
    pub fn next(&mut self, socket: u64, side: Side, mailbox: &Mailbox, over: Option<Over>) -> Out {
        let Some(slot) = self.slot.as_mut().filter(|slot| slot.socket == socket) else {
            return Out::Close(close::REPLACED);
        };
        if over == Some(Over::Restarting) {
            return Out::Close(close::RESTART);
        }
        if slot.silent {
            return Out::Close(close::SILENT);
        }
        if let Some(notice) = self.notices.pop_front() {
            return Out::Frame(encode(&notice));
        }
        if let Some((frame, mac, expires)) = self.frame.take() {
            return Out::Frame(encode(&FromRelay::Frame {
                mac: mac.into(),
                frame,
                expires,
            }));
        }
        if let Some(online) = self.presence.take() {
            return Out::Frame(encode(&FromRelay::Presence { online }));
        }
        if let Some(upto) = self.ack.take() {
            return Out::Frame(encode(&FromRelay::Ack { upto }));
        }
        if let Some(frame) = mailbox.get(self.cursor) {
            self.cursor += 1;
            return Out::Frame(frame);
        }
        if let Some(Over::Ended { code, by }) = over {
            let code = if by == Some(side) {
                ErrorCode::UserCancelled
            } else {
                code
            };
            if std::mem::replace(&mut slot.told, true) {
                return Out::Close(close::NORMAL);
            }
            return Out::Frame(encode(&FromRelay::Closed { code }));
        }
        if std::mem::take(&mut slot.ping) {
            return Out::Ping;
        }
        Out::Wait
    }
}
