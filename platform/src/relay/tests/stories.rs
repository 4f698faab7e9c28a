use crate::relay::end::{Out, close};
use crate::relay::session::*;
use axum::body::Bytes;
use kapok_protocol::cbor;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::SessionId;
use kapok_protocol::qr::frame_mac;
use kapok_protocol::relay::{FromRelay, Side};
use sha2::{Digest, Sha256};
use std::sync::Arc;

const SID: SessionId = SessionId([7; 16]);
const TICKET: [u8; 32] = [8; 32];
const K_SID: [u8; 32] = [9; 32];
const COMMIT: [u8; 32] = [10; 32];
const T0: u64 = 1_000_000;
/// Socket numbers of these stories.
const PC: u64 = 1;
const PHONE: u64 = 2;

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn attached() -> Session {
    let mut session = Session::new(SID, &TICKET, K_SID, T0);
    session
        .attach(&TICKET, &COMMIT, &hash(b"pc 0"), T0)
        .unwrap();
    session.seat(Side::Pc, PC, Arc::default(), T0);
    session
}

fn claim_with(
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

fn claim(session: &mut Session, frame: u32, m1: &[u8], now: u64) -> Result<(), ErrorCode> {
    claim_with(
        session,
        frame,
        frame_mac(&K_SID, SID.as_bytes(), frame, &COMMIT),
        m1,
        now,
    )
}

fn paired() -> Session {
    let mut session = attached();
    claim(&mut session, 0, b"m1", T0).unwrap();
    session.seat(Side::Phone, PHONE, Arc::default(), T0);
    session
}

fn sent(session: &mut Session, side: Side, socket: u64) -> Vec<FromRelay> {
    std::iter::from_fn(|| match session.next(side, socket) {
        Out::Frame(frame) => Some(cbor::decode(&frame).unwrap()),
        _ => None,
    })
    .collect()
}

fn post(session: &mut Session, from: Side, seq: u64) -> Result<(), PostError> {
    let socket = if from == Side::Pc { PC } else { PHONE };
    session.post(
        from,
        socket,
        seq,
        encode_data(seq, vec![seq as u8; 16].into()),
        T0,
    )
}

#[test]
fn yqq_019_a_frame_is_good_for_four_steps_and_never_early() {
    let now = T0 + 10 * 2_000;
    for (frame, expected) in [
        (11, Err(ErrorCode::QrStale)),
        (10, Ok(())),
        (6, Ok(())),
        (5, Err(ErrorCode::QrStale)),
    ] {
        assert_eq!(
            claim(&mut attached(), frame, b"m1", now),
            expected,
            "frame {frame}"
        );
    }
}

#[test]
fn t8_a_stale_frame_leaves_the_session_alive() {
    let mut session = attached();
    for _ in 0..20 {
        assert_eq!(
            claim(&mut session, 0, b"m1", T0 + 10_001),
            Err(ErrorCode::QrStale)
        );
    }
    assert_eq!(claim(&mut session, 5, b"m1", T0 + 10_001), Ok(()));
}

#[test]
fn five_wrong_macs_end_a_session_that_waits() {
    let mut session = attached();
    for _ in 0..4 {
        assert_eq!(
            claim_with(&mut session, 0, [0; 8], b"m1", T0),
            Err(ErrorCode::QrFormat)
        );
        assert_eq!(session.over(), None);
    }
    assert_eq!(
        claim_with(&mut session, 0, [0; 8], b"m1", T0),
        Err(ErrorCode::QrFormat)
    );
    assert_eq!(session.over(), Some(ErrorCode::SessionExpired));
    assert_eq!(
        claim(&mut session, 0, b"m1", T0),
        Err(ErrorCode::SessionExpired)
    );
    assert!(
        sent(&mut session, Side::Pc, PC).contains(&FromRelay::Closed {
            code: ErrorCode::SessionExpired
        })
    );
    assert_eq!(session.next(Side::Pc, PC), Out::Close(close::NORMAL));
}

#[test]
fn wrong_macs_cannot_end_a_session_that_has_its_phone() {
    let mut session = paired();
    for _ in 0..20 {
        assert_eq!(
            claim_with(&mut session, 0, [0; 8], b"evil", T0),
            Err(ErrorCode::QrFormat)
        );
    }
    assert_eq!(session.over(), None);
}

#[test]
fn t4_the_first_valid_claim_wins_and_the_pc_is_told_of_the_second() {
    let mut session = paired();
    sent(&mut session, Side::Pc, PC);
    for _ in 0..3 {
        assert_eq!(
            claim(&mut session, 0, b"other phone", T0),
            Err(ErrorCode::SessionClaimed)
        );
    }
    assert_eq!(
        sent(&mut session, Side::Pc, PC),
        [FromRelay::SecondPhone {}]
    );
    assert_eq!(
        sent(&mut session, Side::Phone, PHONE)[0],
        FromRelay::ClaimOk {}
    );
}

#[test]
fn a_phone_whose_answer_was_lost_claims_again() {
    let mut session = paired();
    assert_eq!(claim(&mut session, 0, b"m1", T0 + 60_000), Ok(()));
}

#[test]
fn another_commitment_is_a_wrong_mac() {
    let mut session = attached();
    let mac = frame_mac(&K_SID, SID.as_bytes(), 0, &[0; 32]);
    let claim = ClaimFrame {
        frame: 0,
        mac: &mac,
        commit: &[0; 32],
        verifier: &[0; 32],
        m1: b"m1",
    };
    assert_eq!(session.claim(&claim, T0), Err(ErrorCode::QrFormat));
}

#[test]
fn a_ticket_is_good_once_and_for_a_minute() {
    let mut session = attached();
    assert_eq!(
        session.attach(&TICKET, &COMMIT, &[0; 32], T0),
        Err(ErrorCode::NotAllowed)
    );
    let mut late = Session::new(SID, &TICKET, K_SID, T0);
    assert_eq!(
        late.attach(&[0; 32], &COMMIT, &[0; 32], T0),
        Err(ErrorCode::NotAllowed)
    );
    assert_eq!(
        late.attach(&TICKET, &COMMIT, &[0; 32], T0 + 60_001),
        Err(ErrorCode::SessionExpired)
    );
    late.tick(T0 + 60_001);
    assert_eq!(late.over(), Some(ErrorCode::SessionExpired));
}

#[test]
fn yqq_018_frames_rotate_every_two_seconds_and_the_code_lives_120() {
    let mut session = attached();
    let mut frames = Vec::new();
    for ms in (0..=120_000).step_by(250) {
        session.tick(T0 + ms);
        session.heard(Side::Pc, PC, T0 + ms);
        frames.extend(
            sent(&mut session, Side::Pc, PC)
                .into_iter()
                .filter_map(|f| match f {
                    FromRelay::Frame {
                        mac,
                        frame,
                        expires,
                    } => Some((mac, frame, expires)),
                    _ => None,
                }),
        );
    }
    assert_eq!(frames.len(), 61);
    for (at, (mac, frame, expires)) in frames.iter().enumerate() {
        assert_eq!((*frame, *expires), (at as u32, 120 - 2 * at as u32));
        assert_eq!(mac.0, frame_mac(&K_SID, SID.as_bytes(), *frame, &COMMIT));
    }
    session.tick(T0 + 120_001);
    assert_eq!(session.over(), Some(ErrorCode::SessionExpired));
}

#[test]
fn data_goes_on_in_order_and_acknowledgements_come_back() {
    let mut session = paired();
    sent(&mut session, Side::Pc, PC);
    sent(&mut session, Side::Phone, PHONE);
    for seq in 0..3 {
        post(&mut session, Side::Phone, seq).unwrap();
    }
    let seqs: Vec<_> = sent(&mut session, Side::Pc, PC)
        .into_iter()
        .map(|f| {
            if let FromRelay::Data { seq, .. } = f {
                seq
            } else {
                panic!("{f:?}")
            }
        })
        .collect();
    assert_eq!(seqs, [0, 1, 2]);
    session.ack(Side::Pc, PC, 2, T0).unwrap();
    session.ack(Side::Pc, PC, 3, T0).unwrap();
    assert_eq!(
        sent(&mut session, Side::Phone, PHONE),
        [FromRelay::Ack { upto: 3 }]
    );
    assert_eq!(session.held(), 0);
}

#[test]
fn what_breaks_the_window_is_refused() {
    let mut session = paired();
    assert!(
        session.ack(Side::Pc, PC, 1, T0).is_err(),
        "nothing was sent yet"
    );
    assert!(post(&mut session, Side::Pc, 1).is_err(), "a gap");
    for seq in 0..64 {
        post(&mut session, Side::Pc, seq).unwrap();
    }
    assert!(
        post(&mut session, Side::Pc, 64).is_err(),
        "the window is full"
    );
    assert_eq!(
        post(&mut session, Side::Pc, 3),
        Ok(()),
        "a repeat is dropped"
    );
    assert_eq!(
        session.post(Side::Pc, 99, 64, Bytes::new(), T0),
        Err(PostError::NotPaired),
        "not its socket"
    );
    assert_eq!(
        post(&mut attached(), Side::Pc, 0),
        Err(PostError::NotPaired),
        "no phone yet"
    );
}

#[test]
fn a_resume_takes_the_place_of_the_old_socket_and_repeats_what_was_lost() {
    let mut session = paired();
    sent(&mut session, Side::Phone, PHONE);
    for seq in 0..5 {
        post(&mut session, Side::Pc, seq).unwrap();
    }
    sent(&mut session, Side::Phone, PHONE);
    // Two of the five arrived; the rest went down with the socket.
    session
        .resume(Side::Phone, b"m1", &hash(b"token 1"), 2)
        .unwrap();
    session.seat(Side::Phone, 3, Arc::default(), T0);
    assert_eq!(
        session.next(Side::Phone, PHONE),
        Out::Close(close::REPLACED)
    );
    session.leave(Side::Phone, PHONE, T0);
    let frames = sent(&mut session, Side::Phone, 3);
    assert_eq!(frames[0], FromRelay::Resumed { received: 0 });
    let seqs: Vec<_> = frames
        .iter()
        .filter_map(|f| {
            if let FromRelay::Data { seq, .. } = f {
                Some(*seq)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(seqs, [2, 3, 4]);
    // A token is good once, and only for its own side.
    assert_eq!(
        session.resume(Side::Phone, b"m1", &hash(b"x"), 2),
        Err(ErrorCode::NotAllowed)
    );
    assert_eq!(
        session.resume(Side::Pc, b"token 1", &hash(b"x"), 0),
        Err(ErrorCode::NotAllowed)
    );
    assert_eq!(
        session.resume(Side::Phone, b"token 1", &hash(b"x"), 6),
        Err(ErrorCode::RelayFailed)
    );
    assert_eq!(
        session.resume(Side::Phone, b"token 1", &hash(b"x"), 5),
        Ok(())
    );
}

#[test]
fn a_pc_that_was_away_when_the_phone_claimed_learns_it_on_resume() {
    let mut session = attached();
    session.leave(Side::Pc, PC, T0);
    claim(&mut session, 0, b"m1", T0).unwrap();
    session
        .resume(Side::Pc, b"pc 0", &hash(b"pc 1"), 0)
        .unwrap();
    session.seat(Side::Pc, 3, Arc::default(), T0);
    let frames = sent(&mut session, Side::Pc, 3);
    let claimed: Vec<_> = frames
        .iter()
        .filter(|f| matches!(f, FromRelay::Claimed { .. }))
        .collect();
    assert_eq!(
        (&frames[0], claimed.len()),
        (&FromRelay::Resumed { received: 0 }, 1)
    );
}

#[test]
fn presence_follows_the_sockets() {
    let mut session = paired();
    assert!(sent(&mut session, Side::Pc, PC).contains(&FromRelay::Presence { online: true }));
    assert!(sent(&mut session, Side::Phone, PHONE).contains(&FromRelay::Presence { online: true }));
    session.leave(Side::Phone, PHONE, T0);
    assert_eq!(
        sent(&mut session, Side::Pc, PC),
        [FromRelay::Presence { online: false }]
    );
}

#[test]
fn a_side_away_or_a_long_silence_ends_the_session() {
    let mut away = paired();
    away.leave(Side::Phone, PHONE, T0);
    away.tick(T0 + AWAY_LIFE);
    assert_eq!(away.over(), None);
    post(&mut away, Side::Pc, 0).unwrap();
    away.tick(T0 + AWAY_LIFE + 1);
    assert!(away.over().is_some());

    let mut old = paired();
    old.ack(Side::Pc, PC, 0, T0 + ABSOLUTE_LIFE).unwrap();
    old.tick(T0 + ABSOLUTE_LIFE + 1);
    assert_eq!(old.over(), Some(ErrorCode::SessionExpired));
}

#[test]
fn a_silent_socket_is_pinged_once_and_then_given_up() {
    let mut session = paired();
    sent(&mut session, Side::Pc, PC);
    session.tick(T0 + 19_999);
    assert_eq!(session.next(Side::Pc, PC), Out::Wait);
    session.tick(T0 + 20_000);
    assert_eq!(session.next(Side::Pc, PC), Out::Ping);
    session.tick(T0 + 21_000);
    assert_eq!(session.next(Side::Pc, PC), Out::Wait);
    session.heard(Side::Pc, PC, T0 + 21_000);
    session.tick(T0 + 41_000);
    session.tick(T0 + 41_250);
    assert_eq!(session.next(Side::Pc, PC), Out::Ping);
    session.tick(T0 + 81_000);
    assert_eq!(session.next(Side::Pc, PC), Out::Close(close::SILENT));
}

#[test]
fn hanging_up_delivers_what_waits_and_tells_both_sides_why() {
    let mut session = paired();
    sent(&mut session, Side::Pc, PC);
    sent(&mut session, Side::Phone, PHONE);
    post(&mut session, Side::Phone, 0).unwrap();
    session.hang_up(Side::Phone, PHONE).unwrap();
    let frames = sent(&mut session, Side::Pc, PC);
    assert!(matches!(frames[0], FromRelay::Data { seq: 0, .. }));
    assert_eq!(
        frames[1],
        FromRelay::Closed {
            code: ErrorCode::PeerGone
        }
    );
    assert_eq!(
        sent(&mut session, Side::Phone, PHONE),
        [FromRelay::Closed {
            code: ErrorCode::UserCancelled
        }]
    );
    assert_eq!(
        session.resume(Side::Pc, b"pc 0", &hash(b"x"), 0),
        Err(ErrorCode::PeerGone)
    );
}
