//! One session between a PC page and a phone. Pure: time comes in with every call, what is to be sent is pulled by the sockets.
//!
//! `Waiting` (created, ticket unused) → `Showing` (PC attached, frames rotate) → `Paired` (claimed) → over.

use super::end::{End, Out};
use super::limits::{ABSOLUTE_LIFE, AWAY_LIFE, CARRIED_MAX, M1_MAX, TICKET_LIFE, WRONG_MACS};
use super::mailbox::{Mailbox, WindowError};
use super::outcome::{Over, PostError};
use axum::body::Bytes;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::SessionId;
use kapok_protocol::qr;
use kapok_protocol::relay::{
    FRAME_MAX_AGE_STEPS, FRAME_STEP_SECONDS, FromRelay, QR_LIFE_SECONDS, Side,
};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::sync::Notify;
use zeroize::Zeroizing;

const STEP: u64 = FRAME_STEP_SECONDS * 1000;
const QR_LIFE: u64 = QR_LIFE_SECONDS * 1000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting,
    Showing { since: u64 },
    Paired,
}

/// What the phone shows to claim.
pub struct ClaimFrame<'a> {
    /// The counter on the screen.
    pub frame: u32,
    /// Its MAC.
    pub mac: &'a [u8],
    /// SHA-256(B ‖ s).
    pub commit: &'a [u8],
    /// SHA-256 of the first resume token.
    pub verifier: &'a [u8],
    /// The handshake's first message.
    pub m1: &'a [u8],
}

/// Everything that the relay holds of one session.
pub struct Session {
    sid: SessionId,
    k_sid: Zeroizing<[u8; 32]>,
    ticket: Option<[u8; 32]>,
    created: u64,
    active: u64,
    phase: Phase,
    commit: [u8; 32],
    m1: Vec<u8>,
    wrong_macs: u8,
    carried: u64,
    over: Option<Over>,
    pc: End,
    phone: End,
    /// From the phone to the PC.
    up: Mailbox,
    /// From the PC to the phone.
    down: Mailbox,
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

fn array(bytes: &[u8]) -> Result<[u8; 32], ErrorCode> {
    bytes.try_into().map_err(|_| ErrorCode::InputInvalid)
}

impl Session {
    /// A new session; `ticket` and `k_sid` are fresh random bytes.
    pub fn new(sid: SessionId, ticket: &[u8; 32], k_sid: [u8; 32], now: u64) -> Self {
        Self {
            sid,
            k_sid: Zeroizing::new(k_sid),
            ticket: Some(sha256(ticket)),
            created: now,
            active: now,
            phase: Phase::Waiting,
            commit: [0; 32],
            m1: Vec::new(),
            wrong_macs: 0,
            carried: 0,
            over: None,
            pc: End::default(),
            phone: End::default(),
            up: Mailbox::default(),
            down: Mailbox::default(),
        }
    }

    /// The session's number.
    pub const fn sid(&self) -> SessionId {
        self.sid
    }

    /// Whether and why it is over.
    pub fn over(&self) -> Option<ErrorCode> {
        self.over.map(Over::code)
    }

    /// Bytes that wait in both mailboxes.
    pub const fn held(&self) -> usize {
        self.up.bytes() + self.down.bytes()
    }

    fn alive(&self) -> Result<(), ErrorCode> {
        self.over().map_or(Ok(()), Err)
    }

    /// The PC joins: the ticket is good once and for [`TICKET_LIFE`].
    pub fn attach(
        &mut self,
        ticket: &[u8],
        commit: &[u8],
        verifier: &[u8],
        now: u64,
    ) -> Result<(), ErrorCode> {
        self.alive()?;
        let (commit, verifier) = (array(commit)?, array(verifier)?);
        let expected = self.ticket.ok_or(ErrorCode::NotAllowed)?;
        if !equal(&sha256(ticket), &expected) {
            return Err(ErrorCode::NotAllowed);
        }
        if now.saturating_sub(self.created) > TICKET_LIFE {
            return Err(ErrorCode::SessionExpired);
        }
        self.ticket = None;
        self.commit = commit;
        self.pc.verifier = Some(verifier);
        self.phase = Phase::Showing { since: now };
        self.pc.notice(FromRelay::Attached {});
        self.show_frame(now);
        Ok(())
    }

    /// The phone joins with a frame it saw. The first valid claim wins; a stale frame leaves the session alive.
    pub fn claim(&mut self, claim: &ClaimFrame<'_>, now: u64) -> Result<(), ErrorCode> {
        self.alive()?;
        let verifier = array(claim.verifier)?;
        if claim.m1.is_empty() || claim.m1.len() > M1_MAX {
            return Err(ErrorCode::InputInvalid);
        }
        if self.phase == Phase::Waiting {
            return Err(ErrorCode::StateWrong);
        }
        self.check_mac(claim)?;
        if self.phase == Phase::Paired {
            return self.second_claim(&verifier, claim.m1);
        }
        let age = self.step(now).checked_sub(claim.frame);
        if age.is_none_or(|age| age > FRAME_MAX_AGE_STEPS) {
            return Err(ErrorCode::QrStale);
        }
        self.phase = Phase::Paired;
        self.active = now;
        self.phone.verifier = Some(verifier);
        self.m1 = claim.m1.to_vec();
        self.pc.frame = None;
        self.pc.notice(FromRelay::Claimed {
            m1: claim.m1.into(),
        });
        self.phone.notice(FromRelay::ClaimOk {});
        Ok(())
    }

    fn check_mac(&mut self, claim: &ClaimFrame<'_>) -> Result<(), ErrorCode> {
        let expected = qr::frame_mac(&self.k_sid, self.sid.as_bytes(), claim.frame, &self.commit);
        if equal(&expected, claim.mac) && equal(&self.commit, claim.commit) {
            return Ok(());
        }
        // A paired session must not fall to somebody who merely photographed its number.
        if self.phase != Phase::Paired {
            self.wrong_macs += 1;
            if self.wrong_macs >= WRONG_MACS {
                self.end(ErrorCode::SessionExpired);
            }
        }
        Err(ErrorCode::QrFormat)
    }

    /// The same claim again is a phone whose answer was lost; another one is a second phone (T4).
    fn second_claim(&mut self, verifier: &[u8; 32], m1: &[u8]) -> Result<(), ErrorCode> {
        let same = self
            .phone
            .verifier
            .is_some_and(|held| equal(&held, verifier));
        if same && equal(&self.m1, m1) && self.up.next_seq() == 0 {
            self.phone.notice(FromRelay::ClaimOk {});
            return Ok(());
        }
        self.pc.notice_once(FromRelay::SecondPhone {});
        Err(ErrorCode::SessionClaimed)
    }

    /// Takes the place of a broken socket: the token is good once; `received` frames of the peer have arrived.
    pub fn resume(
        &mut self,
        side: Side,
        token: &[u8],
        next: &[u8],
        received: u64,
    ) -> Result<(), ErrorCode> {
        self.alive()?;
        let next = array(next)?;
        let held = self.end_of(side).verifier.ok_or(ErrorCode::NotAllowed)?;
        if !equal(&sha256(token), &held) {
            return Err(ErrorCode::NotAllowed);
        }
        let mailbox = self.mailbox_to(side);
        if received < mailbox.first() {
            return Err(ErrorCode::RelayFailed);
        }
        mailbox.ack(received).map_err(|_| ErrorCode::RelayFailed)?;
        let sent = self.mailbox_to(side.peer()).next_seq();
        let repeat_claim = side == Side::Pc && self.phase == Phase::Paired && sent == 0;
        let claimed = repeat_claim.then(|| FromRelay::Claimed {
            m1: self.m1.as_slice().into(),
        });
        let end = self.end_of(side);
        end.verifier = Some(next);
        end.resumed(received, sent, claimed);
        let peer = self.end_of(side.peer());
        peer.ack = peer.ack.max((received > 0).then_some(received));
        peer.wake();
        Ok(())
    }

    /// Gives the side to a socket; a socket that held it before is told that it was displaced.
    pub fn seat(&mut self, side: Side, socket: u64, wake: Arc<Notify>, now: u64) {
        let peer_online = self.end_of(side.peer()).online();
        self.end_of(side).seat(socket, wake, now, peer_online);
        self.end_of(side.peer()).set_presence(true);
    }

    /// A socket of this side is gone.
    pub fn leave(&mut self, side: Side, socket: u64, now: u64) {
        if self.end_of(side).leave(socket, now) {
            self.end_of(side.peer()).set_presence(false);
        }
    }

    /// A sealed frame for the peer; `encoded` is [`FromRelay::Data`] as the peer will get it.
    pub fn post(
        &mut self,
        from: Side,
        socket: u64,
        seq: u64,
        encoded: Bytes,
        now: u64,
    ) -> Result<(), PostError> {
        self.may_send(from, socket)?;
        self.active = now;
        let length = encoded.len() as u64;
        if self.carried + length > CARRIED_MAX {
            self.end(ErrorCode::SessionExpired);
            return Ok(());
        }
        if self.mailbox_to(from.peer()).push(seq, encoded)? {
            self.carried += length;
            self.end_of(from.peer()).wake();
        }
        Ok(())
    }

    /// This side has received the peer's frames below `upto`.
    pub fn ack(&mut self, from: Side, socket: u64, upto: u64, now: u64) -> Result<(), PostError> {
        self.may_send(from, socket)?;
        if upto > self.end_of(from).cursor {
            return Err(WindowError::Gap.into());
        }
        self.active = now;
        self.mailbox_to(from).ack(upto)?;
        let peer = self.end_of(from.peer());
        peer.ack = peer.ack.max(Some(upto));
        peer.wake();
        Ok(())
    }

    /// This side ends the session; the peer is told that it is gone.
    pub fn hang_up(&mut self, from: Side, socket: u64) -> Result<(), PostError> {
        if !self.end_of(from).holds(socket) {
            return Err(PostError::NotPaired);
        }
        self.stop(Over::Ended {
            code: ErrorCode::PeerGone,
            by: Some(from),
        });
        Ok(())
    }

    fn may_send(&mut self, from: Side, socket: u64) -> Result<(), PostError> {
        if self.phase != Phase::Paired || self.over.is_some() || !self.end_of(from).holds(socket) {
            return Err(PostError::NotPaired);
        }
        Ok(())
    }

    /// Ends the session for both; what waits in the mailboxes is still delivered to sockets that are open.
    pub fn end(&mut self, code: ErrorCode) {
        self.stop(Over::Ended { code, by: None });
    }

    /// Closes both sockets because the relay stops.
    pub fn restart(&mut self) {
        self.stop(Over::Restarting);
    }

    fn stop(&mut self, over: Over) {
        if self.over.is_none() {
            self.over = Some(over);
            self.pc.wake();
            self.phone.wake();
        }
    }

    /// What this socket should send next.
    pub fn next(&mut self, side: Side, socket: u64) -> Out {
        let over = self.over;
        let (end, mailbox) = match side {
            Side::Pc => (&mut self.pc, &self.up),
            Side::Phone => (&mut self.phone, &self.down),
        };
        end.next(socket, side, mailbox, over)
    }

    /// Something arrived on this socket.
    pub fn heard(&mut self, side: Side, socket: u64, now: u64) {
        self.end_of(side).hear(socket, now);
    }

    /// Ends what is too old, makes the frame of this step, asks silent sockets for a sign of life.
    pub fn tick(&mut self, now: u64) {
        let since_created = now.saturating_sub(self.created);
        match self.phase {
            Phase::Waiting if since_created > TICKET_LIFE => self.end(ErrorCode::SessionExpired),
            Phase::Showing { since } if now.saturating_sub(since) > QR_LIFE => {
                self.end(ErrorCode::SessionExpired)
            }
            Phase::Showing { .. } => self.show_frame(now),
            Phase::Paired
                if now.saturating_sub(self.active) > AWAY_LIFE || since_created > ABSOLUTE_LIFE =>
            {
                self.end(ErrorCode::SessionExpired);
            }
            Phase::Paired if self.pc.away(now) || self.phone.away(now) => {
                self.end(ErrorCode::PeerGone)
            }
            _ => {}
        }
        self.pc.tick(now);
        self.phone.tick(now);
    }

    fn show_frame(&mut self, now: u64) {
        let Phase::Showing { since } = self.phase else {
            return;
        };
        let frame = self.step(now);
        if self.pc.shown == Some(frame) {
            return;
        }
        let mac = qr::frame_mac(&self.k_sid, self.sid.as_bytes(), frame, &self.commit);
        let left = QR_LIFE.saturating_sub(now.saturating_sub(since)) / 1000;
        self.pc.shown = Some(frame);
        self.pc.frame = Some((frame, mac, u32::try_from(left).unwrap_or(0)));
        self.pc.wake();
    }

    fn step(&self, now: u64) -> u32 {
        u32::try_from(now.saturating_sub(self.created) / STEP).unwrap_or(u32::MAX)
    }

    fn end_of(&mut self, side: Side) -> &mut End {
        match side {
            Side::Pc => &mut self.pc,
            Side::Phone => &mut self.phone,
        }
    }

    fn mailbox_to(&mut self, side: Side) -> &mut Mailbox {
        match side {
            Side::Pc => &mut self.up,
            Side::Phone => &mut self.down,
        }
    }
}
