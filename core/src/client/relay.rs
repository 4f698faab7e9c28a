//! The WebSocket to the relay, on the same TLS configuration as HTTP.

use super::{Client, Failure};
use kapok_protocol::relay::MAX_FRAME;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
};

/// An open socket to the relay; binary frames of at most [`MAX_FRAME`] bytes both ways.
pub type RelaySocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const CONNECT: Duration = Duration::from_secs(15);

impl Client {
    /// Connects to `/v1/relay`: name, TCP, TLS and upgrade within 15 seconds.
    pub async fn relay(&self) -> Result<RelaySocket, Failure> {
        let mut url = self.url("/v1/relay")?;
        url.set_scheme("wss").map_err(|()| Failure::NotSent)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_FRAME))
            .max_frame_size(Some(MAX_FRAME));
        let connector = Connector::Rustls(self.tls.clone());
        let connect =
            connect_async_tls_with_config(url.as_str(), Some(config), true, Some(connector));
        match tokio::time::timeout(CONNECT, connect).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(_)) | Err(_) => Err(Failure::NotSent),
        }
    }
}
