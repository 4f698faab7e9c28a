//! Endpoints that speak to the relay: a PC and a phone of one session.

use super::child::ORIGIN;
use anyhow::{Context as _, Result, bail};
use futures_util::{SinkExt, StreamExt};
use kapok_protocol::cbor;
use kapok_protocol::ids::SessionId;
use kapok_protocol::relay::{FromRelay, ToRelay};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// An endpoint.
pub type Socket = WebSocketStream<TcpStream>;

/// A PC and a phone in one session.
pub async fn pair(address: &str, ticket: Vec<u8>) -> Result<(Socket, Socket)> {
    let sid = SessionId::from_slice(ticket.get(..16).context("a short ticket")?)?;
    let mut pc = connect(address, true).await?;
    let attach = ToRelay::Attach {
        commit: [1; 32].into(),
        ticket: ticket.into(),
        verifier: [2; 32].into(),
    };
    say(&mut pc, &attach).await?;
    let (mac, frame) = loop {
        if let FromRelay::Frame { mac, frame, .. } = hear(&mut pc).await? {
            break (mac, frame);
        }
    };
    let mut phone = connect(address, false).await?;
    let claim = ToRelay::Claim {
        m1: [4; 300].into(),
        mac,
        sid,
        frame,
        commit: [1; 32].into(),
        verifier: [3; 32].into(),
    };
    say(&mut phone, &claim).await?;
    while hear(&mut phone).await? != (FromRelay::ClaimOk {}) {}
    while !matches!(hear(&mut pc).await?, FromRelay::Claimed { .. }) {}
    Ok((pc, phone))
}

async fn connect(address: &str, browser: bool) -> Result<Socket> {
    let mut request = format!("ws://{address}/v1/relay").into_client_request()?;
    if browser {
        request.headers_mut().insert("origin", ORIGIN.parse()?);
    }
    let config = WebSocketConfig::default()
        .read_buffer_size(1024)
        .write_buffer_size(0);
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
    Ok(socket)
}

/// A frame of 1 KiB.
pub fn kilobyte(seq: u64) -> ToRelay {
    ToRelay::Data {
        seq,
        bytes: [5; 1024].into(),
    }
}

/// Encodes a frame.
pub fn encoded(frame: &ToRelay) -> Result<Message> {
    Ok(Message::Binary(cbor::encode(frame)?.into()))
}

/// Sends a frame.
pub async fn say(socket: &mut Socket, frame: &ToRelay) -> Result<()> {
    Ok(socket.send(encoded(frame)?).await?)
}

/// Waits for a frame.
pub async fn hear(socket: &mut Socket) -> Result<FromRelay> {
    loop {
        match socket.next().await.context("closed")?? {
            Message::Binary(bytes) => return Ok(cbor::decode(&bytes)?),
            Message::Close(_) => bail!("closed"),
            _ => {}
        }
    }
}
