use super::hand::*;
use crate::relay::end::{Out, close};
use crate::relay::session::*;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::qr::frame_mac;
use kapok_protocol::relay::{FromRelay, Side};

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
fn pin_29_t8_a_stale_frame_leaves_the_session_alive() {
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
fn pin_29_t4_the_first_valid_claim_wins_and_the_pc_is_told_of_the_second() {
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
