use super::wire::*;
use futures_util::SinkExt;
use kapok_protocol::cbor;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::relay::{FromRelay, MAX_FRAME, Side, ToRelay};
use std::sync::atomic::Ordering;
use tokio_tungstenite::tungstenite::{Error, Message};

#[tokio::test]
async fn a_browser_of_another_origin_gets_no_socket() {
    let relay = relay().await;
    for origin in [
        "http://portal.test:80",
        "http://portal.test.evil",
        "https://portal.test",
        "null",
        "",
    ] {
        match relay.open(Some(origin)).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin}"),
            other => panic!("{origin}: {:?}", other.is_ok()),
        }
    }
}

#[tokio::test]
async fn a_ticket_outside_the_page_or_used_twice_is_refused() {
    let relay = relay().await;
    let made = relay.bus.create().unwrap();
    let mut stranger = relay.open(None).await.unwrap();
    say(&mut stranger, &attach(made.ticket.as_slice())).await;
    assert_eq!(
        hear(&mut stranger).await,
        FromRelay::Refused {
            code: ErrorCode::OriginMismatch
        }
    );
    let mut pc = relay.open(Some(ORIGIN)).await.unwrap();
    say(&mut pc, &attach(made.ticket.as_slice())).await;
    assert_eq!(hear(&mut pc).await, FromRelay::Attached {});
    let mut replay = relay.open(Some(ORIGIN)).await.unwrap();
    say(&mut replay, &attach(made.ticket.as_slice())).await;
    assert_eq!(
        hear(&mut replay).await,
        FromRelay::Refused {
            code: ErrorCode::NotAllowed
        }
    );
}

#[tokio::test]
async fn pin_29_t8_a_stale_frame_is_refused_and_a_fresh_one_taken_on_the_same_socket() {
    let relay = relay().await;
    let (mut pc, sid, frame, mac) = relay.pc().await;
    relay.now.fetch_add(10_000, Ordering::SeqCst);
    let mut phone = relay.open(None).await.unwrap();
    say(&mut phone, &claim(sid, frame, &mac)).await;
    assert_eq!(
        hear(&mut phone).await,
        FromRelay::Refused {
            code: ErrorCode::QrStale
        }
    );
    let FromRelay::Frame { mac, frame, .. } =
        until(&mut pc, |f| matches!(f, FromRelay::Frame { frame: 5, .. })).await
    else {
        panic!("no frame")
    };
    say(&mut phone, &claim(sid, frame, &mac.0)).await;
    assert_eq!(hear(&mut phone).await, FromRelay::ClaimOk {});
}

#[tokio::test]
async fn a_resumed_socket_displaces_the_old_one() {
    let relay = relay().await;
    let (mut pc, mut phone, sid) = relay.pair().await;
    let mut again = relay.open(None).await.unwrap();
    let resume = ToRelay::Resume {
        sid,
        next: hash(b"phone 1").into(),
        side: Side::Phone,
        token: b"phone".as_slice().into(),
        received: 0,
    };
    say(&mut again, &resume).await;
    assert_eq!(hear(&mut again).await, FromRelay::Resumed { received: 0 });
    assert_eq!(close_code(&mut phone).await, 4001);
    say(&mut pc, &data(0, 100)).await;
    assert!(matches!(
        until(&mut again, |f| matches!(f, FromRelay::Data { .. })).await,
        FromRelay::Data { seq: 0, .. }
    ));
    let mut thief = relay.open(None).await.unwrap();
    say(&mut thief, &resume).await;
    assert_eq!(
        hear(&mut thief).await,
        FromRelay::Refused {
            code: ErrorCode::NotAllowed
        }
    );
}

#[tokio::test]
async fn text_oversize_gap_overflow_and_noise_close_the_sender() {
    let relay = relay().await;
    let bad: [(&str, Vec<Message>, u16); 5] = [
        ("text", vec![Message::text("{}")], 1003),
        (
            "oversize",
            vec![Message::binary(vec![0; MAX_FRAME + 1])],
            1008,
        ),
        ("noise", vec![Message::binary(vec![0xff; 9])], 1008),
        (
            "gap",
            vec![Message::binary(cbor::encode(&data(5, 1)).unwrap())],
            1008,
        ),
        (
            "overflow",
            (0..65)
                .map(|n| Message::binary(cbor::encode(&data(n, 10)).unwrap()))
                .collect(),
            1008,
        ),
    ];
    for (name, messages, code) in bad {
        let (_pc, mut phone, _) = relay.pair().await;
        for message in messages {
            phone.feed(message).await.unwrap();
        }
        phone.flush().await.unwrap();
        assert_eq!(close_code(&mut phone).await, code, "{name}");
    }
}

#[tokio::test]
async fn closing_and_stopping_reach_both_sides() {
    let relay = relay().await;
    let (mut pc, mut phone, _) = relay.pair().await;
    say(&mut phone, &ToRelay::Close {}).await;
    let over = |f: &FromRelay| matches!(f, FromRelay::Closed { .. });
    assert_eq!(
        until(&mut pc, over).await,
        FromRelay::Closed {
            code: ErrorCode::PeerGone
        }
    );
    assert_eq!(close_code(&mut pc).await, 1000);
    assert_eq!(
        until(&mut phone, over).await,
        FromRelay::Closed {
            code: ErrorCode::UserCancelled
        }
    );
    let (mut pc, mut phone, _) = relay.pair().await;
    relay.stop.cancel();
    assert_eq!(
        (close_code(&mut pc).await, close_code(&mut phone).await),
        (1012, 1012)
    );
    assert!(relay.bus.create().is_err());
}

/// Sends `count` frames within the window while taking and acknowledging the peer's; what a correct endpoint does.
async fn flood(mut socket: Socket, count: u64) -> u64 {
    let (mut sent, mut acked, mut got) = (0, 0, 0);
    while acked < count || got < count {
        while sent < count && sent - acked < 64 {
            let frame = cbor::encode(&data(sent, 64)).unwrap();
            socket.feed(Message::Binary(frame.into())).await.unwrap();
            sent += 1;
        }
        socket.flush().await.unwrap();
        match hear(&mut socket).await {
            FromRelay::Data { seq, .. } => {
                assert_eq!(seq, got);
                got += 1;
                if got.is_multiple_of(16) || got == count {
                    say(&mut socket, &ToRelay::Ack { upto: got }).await;
                }
            }
            FromRelay::Ack { upto } => acked = upto,
            FromRelay::Presence { .. } | FromRelay::Frame { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    got
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ends_send_20_000_messages_at_once_and_nothing_freezes() {
    let relay = relay().await;
    let (pc, phone, _) = relay.pair().await;
    let (pc, phone) = (
        tokio::spawn(flood(pc, 20_000)),
        tokio::spawn(flood(phone, 20_000)),
    );
    let both = async { (pc.await.unwrap(), phone.await.unwrap()) };
    let done = tokio::time::timeout(std::time::Duration::from_secs(60), both).await;
    assert_eq!(done.expect("frozen"), (20_000, 20_000));
}

#[tokio::test]
async fn a_side_that_never_reads_does_not_stop_the_other() {
    let relay = relay().await;
    let (mut pc, phone, sid) = relay.pair().await;
    // Fills the window and the kernel's buffers; the phone reads nothing.
    for seq in 0..4 {
        say(&mut pc, &data(seq, 60_000)).await;
    }
    drop(phone);
    until(&mut pc, |f| *f == FromRelay::Presence { online: false }).await;
    say(&mut pc, &ToRelay::Ack { upto: 0 }).await;
    let mut again = relay.open(None).await.unwrap();
    let token = b"phone".as_slice().into();
    say(
        &mut again,
        &ToRelay::Resume {
            sid,
            next: hash(b"x").into(),
            side: Side::Phone,
            token,
            received: 0,
        },
    )
    .await;
    for wanted in 0..4 {
        let frame = until(&mut again, |f| matches!(f, FromRelay::Data { .. })).await;
        assert!(matches!(frame, FromRelay::Data { seq, .. } if seq == wanted));
    }
}

#[tokio::test]
async fn the_capture_sees_what_was_carried() {
    let relay = relay().await;
    let (mut pc, mut phone, _) = relay.pair().await;
    say(
        &mut pc,
        &ToRelay::Data {
            seq: 0,
            bytes: b"canary in the frame".as_slice().into(),
        },
    )
    .await;
    until(&mut phone, |f| matches!(f, FromRelay::Data { .. })).await;
    let carried = relay.carried.lock().unwrap();
    assert_eq!(
        carried
            .windows(19)
            .filter(|w| w == b"canary in the frame")
            .count(),
        2
    );
}
