use super::hand::*;
use crate::relay::end::{Out, close};
use crate::relay::limits::*;
use crate::relay::outcome::*;
use axum::body::Bytes;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::relay::{FromRelay, Side};
use std::sync::Arc;

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
