//! The relay: carries sealed frames between a PC page and a phone, and the rotating frame of the QR code.
//!
//! `GET /v1/relay` opens a WebSocket of [`kapok_protocol::relay`] frames. The relay holds no key of the channel and writes nothing to disk.
//! - **Joining.** The PC shows its one-time ticket and must come with an allowed `Origin`; the phone shows a frame from the screen; either
//!   resumes with its one-time token. A socket that has not joined within 5 s (30 s after a refusal) is closed.
//! - **Doors.** 600 sockets a minute from one address (a /64 of IPv6), 2,000 that have not joined: 429.
//! - **Window.** At most 64 frames or 256 KiB unacknowledged in each direction, acknowledged by the endpoints; more closes the sender (1008).
//! - **No waiting.** A socket reads from the peer's mailbox at its own pace; one that does not drain for 2 s is closed (1013) and may resume.
//! - **Ends.** Unclaimed after 120 s, a side away or both silent for 10 min, 8 h in all, 512 MiB carried: `CLOSED`, then 1000.
//!
//! Close codes: see [`end::close`].

pub mod bus;
pub mod doors;
pub mod end;
pub mod limits;
pub mod mailbox;
pub mod outcome;
pub mod session;
pub mod socket;
#[cfg(test)]
mod tests;

pub use bus::{Bus, Capture, Created, LocalBus, Millis};

use crate::Platform;
use crate::server::Failure;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use kapok_protocol::error::{ApiError, ErrorCode};
use kapok_protocol::relay::MAX_FRAME;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

/// Read buffer of a socket; tungstenite's 128 KiB would be most of what an idle socket costs.
const READ_BUFFER: usize = 2 * 1024;
/// How often the bus is ticked.
const TICK: Duration = Duration::from_millis(250);

/// The relay, for both listeners.
pub fn routes() -> Router<Arc<Platform>> {
    Router::new().route("/v1/relay", any(open))
}

async fn open(
    State(platform): State<Arc<Platform>>,
    address: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    ws: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let address = address.map(|Extension(ConnectInfo(address))| address.ip());
    let Some(permit) = platform.relay.enter(address) else {
        return Err(ApiError {
            wait_seconds: Some(60),
            ..ApiError::new(ErrorCode::RateLimited)
        }
        .into());
    };
    let bus = Arc::clone(&platform.relay);
    Ok(upgrade(
        ws,
        &headers,
        &[&platform.http_url],
        bus,
        Some(permit),
    ))
}

/// Opens the socket; a browser of another origin gets 403 before any memory is spent on it. `permit` is given back once the socket has
/// joined.
pub fn upgrade<B: Bus>(
    ws: WebSocketUpgrade,
    headers: &HeaderMap,
    origins: &[&str],
    bus: Arc<B>,
    permit: Option<OwnedSemaphorePermit>,
) -> Response {
    let origin = headers
        .get(header::ORIGIN)
        .map(|value| value.to_str().unwrap_or_default());
    let browser = origin.is_some();
    if origin.is_some_and(|origin| !origins.contains(&origin)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    ws.read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_frame_size(MAX_FRAME)
        .max_message_size(MAX_FRAME)
        .on_upgrade(move |socket| socket::serve(socket, bus, browser, permit))
}

/// Ticks the bus until it is stopped, then closes all sockets.
pub async fn run(bus: Arc<LocalBus>, stop: CancellationToken) {
    let mut timer = tokio::time::interval(TICK);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            _ = timer.tick() => bus.tick(),
            () = stop.cancelled() => return bus.stop(),
        }
    }
}
