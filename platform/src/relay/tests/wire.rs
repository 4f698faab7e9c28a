//! A relay on loopback and endpoints that speak to it.

use crate::relay::{LocalBus, run, upgrade};
use axum::extract::WebSocketUpgrade;
use axum::http::HeaderMap;
use futures_util::{SinkExt, StreamExt};
use kapok_protocol::cbor;
use kapok_protocol::ids::SessionId;
use kapok_protocol::relay::{FromRelay, ToRelay};
use sha2::{Digest, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

pub const ORIGIN: &str = "http://portal.test";
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub struct Relay {
    pub bus: Arc<LocalBus>,
    pub now: Arc<AtomicU64>,
    pub address: String,
    pub carried: Arc<Mutex<Vec<u8>>>,
    pub stop: CancellationToken,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub async fn relay() -> Relay {
    let now = Arc::new(AtomicU64::new(1_000_000));
    let time = Arc::clone(&now);
    let bus = Arc::new(LocalBus::new(Arc::new(move || time.load(Ordering::SeqCst))));
    let carried = bus.capture();
    let shared = Arc::clone(&bus);
    let handler = move |ws: WebSocketUpgrade, headers: HeaderMap| {
        let bus = Arc::clone(&shared);
        async move { upgrade(ws, &headers, &[ORIGIN], bus, None) }
    };
    let app = axum::Router::new().route("/v1/relay", axum::routing::any(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("ws://{}/v1/relay", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let until = stop.clone();
    tokio::spawn(async move {
        axum::serve(listener, app)
            .with_graceful_shutdown(until.cancelled_owned())
            .await
    });
    tokio::spawn(run(Arc::clone(&bus), stop.clone()));
    Relay {
        bus,
        now,
        address,
        carried,
        stop,
    }
}

impl Relay {
    pub async fn open(&self, origin: Option<&str>) -> Result<Socket, Error> {
        let mut request = self.address.as_str().into_client_request()?;
        if let Some(origin) = origin {
            request
                .headers_mut()
                .insert("origin", origin.parse().unwrap());
        }
        connect_async(request).await.map(|(socket, _)| socket)
    }

    /// A PC that has attached, and the first frame of its code.
    pub async fn pc(&self) -> (Socket, SessionId, u32, Vec<u8>) {
        let made = self.bus.create().unwrap();
        let mut pc = self.open(Some(ORIGIN)).await.unwrap();
        say(&mut pc, &attach(made.ticket.as_slice())).await;
        assert_eq!(hear(&mut pc).await, FromRelay::Attached {});
        let FromRelay::Frame { mac, frame, .. } = hear(&mut pc).await else {
            panic!("no frame")
        };
        (pc, made.sid, frame, mac.0)
    }

    pub async fn pair(&self) -> (Socket, Socket, SessionId) {
        let (mut pc, sid, frame, mac) = self.pc().await;
        let mut phone = self.open(None).await.unwrap();
        say(&mut phone, &claim(sid, frame, &mac)).await;
        until(&mut phone, |f| *f == FromRelay::ClaimOk {}).await;
        until(&mut pc, |f| matches!(f, FromRelay::Claimed { .. })).await;
        (pc, phone, sid)
    }
}

pub fn attach(ticket: &[u8]) -> ToRelay {
    ToRelay::Attach {
        commit: [1; 32].into(),
        ticket: ticket.into(),
        verifier: hash(b"pc").into(),
    }
}

pub fn claim(sid: SessionId, frame: u32, mac: &[u8]) -> ToRelay {
    ToRelay::Claim {
        m1: b"m1".as_slice().into(),
        mac: mac.into(),
        sid,
        frame,
        commit: [1; 32].into(),
        verifier: hash(b"phone").into(),
    }
}

pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub fn data(seq: u64, len: usize) -> ToRelay {
    ToRelay::Data {
        seq,
        bytes: vec![seq as u8; len].into(),
    }
}

pub async fn say(socket: &mut Socket, frame: &ToRelay) {
    socket
        .send(Message::Binary(cbor::encode(frame).unwrap().into()))
        .await
        .unwrap();
}

pub async fn hear(socket: &mut Socket) -> FromRelay {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Binary(bytes) => return cbor::decode(&bytes).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

pub async fn until(socket: &mut Socket, wanted: impl Fn(&FromRelay) -> bool) -> FromRelay {
    loop {
        let frame = hear(socket).await;
        if wanted(&frame) {
            return frame;
        }
    }
}

/// Reads to the end of the socket: its close code.
pub async fn close_code(socket: &mut Socket) -> u16 {
    loop {
        match socket.next().await.unwrap().unwrap() {
            Message::Close(Some(frame)) => return frame.code.into(),
            Message::Close(None) => panic!("closed without a code"),
            _ => {}
        }
    }
}
