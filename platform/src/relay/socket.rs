//! One WebSocket: reading and writing run side by side in one task and never wait for each other or for the peer.

use super::bus::Bus;
use super::end::{Out, close};
use super::outcome::{PostError, encode};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use kapok_protocol::cbor;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::relay::{FromRelay, ToRelay};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

/// How long the first frame may take.
const FIRST_WITHIN: Duration = Duration::from_secs(5);
/// How long a socket may take to join, refused tries included.
const JOIN_WITHIN: Duration = Duration::from_secs(30);
/// How long one frame may take to drain.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);
/// Refused tries to join before the socket is closed.
const TRIES: u8 = 5;

/// What came in.
enum In {
    Frame(ToRelay),
    /// A ping or pong: a sign of life.
    Life,
    /// The socket ends, with a close code for the endpoint unless it closed itself.
    End(Option<u16>),
}

/// Serves one socket to its end. `browser`: it came with an allowed `Origin`, which `ATTACH` needs. `permit` is held while it joins.
pub async fn serve<B: Bus>(
    mut socket: WebSocket,
    bus: Arc<B>,
    browser: bool,
    permit: Option<OwnedSemaphorePermit>,
) {
    let seat = match timeout(JOIN_WITHIN, join(&mut socket, bus.as_ref(), browser)).await {
        Ok(Ok(seat)) => seat,
        Ok(Err(code)) => return shut(&mut socket, code).await,
        Err(_) => return shut(&mut socket, Some(close::SILENT)).await,
    };
    drop(permit);
    let (mut sink, mut stream) = socket.split();
    let code = tokio::select! {
        code = read(&mut stream, bus.as_ref(), &seat) => code,
        code = write(&mut sink, bus.as_ref(), &seat) => code,
    };
    bus.leave(&seat).await;
    if let Some(code) = code {
        // The endpoint may be gone already; there is nothing left to do then.
        let _ = timeout(DRAIN_WITHIN, sink.send(closing(code))).await;
    }
}

/// Waits for a frame that joins. A refusal is told and the socket may try again, for a stale QR frame is nobody's fault.
async fn join<B: Bus>(
    socket: &mut WebSocket,
    bus: &B,
    browser: bool,
) -> Result<B::Seat, Option<u16>> {
    let mut patience = FIRST_WITHIN;
    let mut tries = 0;
    while tries < TRIES {
        let message = timeout(patience, socket.recv())
            .await
            .map_err(|_| Some(close::SILENT))?;
        let frame = match incoming(message, bus) {
            In::Frame(frame) => frame,
            In::Life => continue,
            In::End(code) => return Err(code),
        };
        let code = match frame {
            // The page's ticket is worth nothing outside the page.
            ToRelay::Attach { .. } if !browser => ErrorCode::OriginMismatch,
            frame => match bus.join(frame).await {
                Ok(seat) => return Ok(seat),
                Err(code) => code,
            },
        };
        let refusal = encode(&FromRelay::Refused { code });
        bus.observe(&refusal);
        socket
            .send(Message::Binary(refusal))
            .await
            .map_err(|_| None)?;
        patience = JOIN_WITHIN;
        tries += 1;
    }
    Err(Some(close::POLICY))
}

async fn read<B: Bus>(stream: &mut SplitStream<WebSocket>, bus: &B, seat: &B::Seat) -> Option<u16> {
    loop {
        let message = stream.next().await;
        bus.heard(seat);
        let frame = match incoming(message, bus) {
            In::Frame(frame) => frame,
            In::Life => continue,
            In::End(code) => return code,
        };
        match bus.take(seat, frame).await {
            Ok(()) => {}
            Err(PostError::Full) => return Some(close::LATER),
            Err(PostError::NotPaired | PostError::Window(_)) => return Some(close::POLICY),
        }
    }
}

async fn write<B: Bus>(
    sink: &mut SplitSink<WebSocket, Message>,
    bus: &B,
    seat: &B::Seat,
) -> Option<u16> {
    loop {
        let message = match bus.next(seat).await {
            Out::Frame(frame) => {
                bus.observe(&frame);
                Message::Binary(frame)
            }
            Out::Ping => Message::Ping(Default::default()),
            Out::Close(code) => return Some(code),
            Out::Wait => continue,
        };
        match timeout(DRAIN_WITHIN, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return None,
            Err(_) => return Some(close::LATER),
        }
    }
}

fn incoming<B: Bus>(message: Option<Result<Message, axum::Error>>, bus: &B) -> In {
    match message {
        Some(Ok(Message::Binary(bytes))) => {
            bus.observe(&bytes);
            cbor::decode(&bytes).map_or(In::End(Some(close::POLICY)), In::Frame)
        }
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => In::Life,
        Some(Ok(Message::Text(_))) => In::End(Some(close::UNSUPPORTED)),
        Some(Ok(Message::Close(_))) | None => In::End(None),
        // A frame above the limit, or bytes that are no WebSocket frame.
        Some(Err(_)) => In::End(Some(close::POLICY)),
    }
}

fn closing(code: u16) -> Message {
    Message::Close(Some(CloseFrame {
        code,
        reason: Default::default(),
    }))
}

async fn shut(socket: &mut WebSocket, code: Option<u16>) {
    if let Some(code) = code {
        let _ = timeout(DRAIN_WITHIN, socket.send(closing(code))).await;
    }
}
