//! A session with its time in the hand.

use crate::relay::end::Out;
use crate::relay::outcome::*;
use crate::relay::session::*;
use kapok_protocol::cbor;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::SessionId;
use kapok_protocol::qr::frame_mac;
use kapok_protocol::relay::{FromRelay, Side};
use sha2::{Digest, Sha256};
use std::sync::Arc;

pub const SID: SessionId = SessionId([7; 16]);
pub const TICKET: [u8; 32] = [8; 32];
pub const K_SID: [u8; 32] = [9; 32];
pub const COMMIT: [u8; 32] = [10; 32];
pub const T0: u64 = 1_000_000;
/// Socket numbers of these stories.
pub const PC: u64 = 1;
pub const PHONE: u64 = 2;

pub fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

pub fn attached() -> Session {
    let mut session = Session::new(SID, &TICKET, K_SID, T0);
    session
        .attach(&TICKET, &COMMIT, &hash(b"pc 0"), T0)
        .unwrap();
    session.seat(Side::Pc, PC, Arc::default(), T0);
    session
}

pub fn claim_with(
    session: &mut Session,
    frame: u32,
    mac: [u8; 8],
    m1: &[u8],
    now: u64,
) -> Result<(), ErrorCode> {
    let verifier = hash(m1);
    session.claim(
        &ClaimFrame {
            frame,
            mac: &mac,
            commit: &COMMIT,
            verifier: &verifier,
            m1,
        },
        now,
    )
}

pub fn claim(session: &mut Session, frame: u32, m1: &[u8], now: u64) -> Result<(), ErrorCode> {
    claim_with(
        session,
        frame,
        frame_mac(&K_SID, SID.as_bytes(), frame, &COMMIT),
        m1,
        now,
    )
}

pub fn paired() -> Session {
    let mut session = attached();
    claim(&mut session, 0, b"m1", T0).unwrap();
    session.seat(Side::Phone, PHONE, Arc::default(), T0);
    session
}

pub fn sent(session: &mut Session, side: Side, socket: u64) -> Vec<FromRelay> {
    std::iter::from_fn(|| match session.next(side, socket) {
        Out::Frame(frame) => Some(cbor::decode(&frame).unwrap()),
        _ => None,
    })
    .collect()
}

pub fn post(session: &mut Session, from: Side, seq: u64) -> Result<(), PostError> {
    let socket = if from == Side::Pc { PC } else { PHONE };
    session.post(
        from,
        socket,
        seq,
        encode_data(seq, vec![seq as u8; 16].into()),
        T0,
    )
}
