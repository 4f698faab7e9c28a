//! The WebSocket to the relay, on the same TLS configuration as HTTP.

use super::{Client, Failure};
use kapok_protocol::relay::MAX_FRAME;
use rustls::pki_types::ServerName;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use url::Url;

/// An open socket to the relay; binary frames of at most [`MAX_FRAME`] bytes both ways.
pub type RelaySocket = WebSocketStream<TlsStream<TcpStream>>;

const CONNECT: Duration = Duration::from_secs(15);

impl Client {
    /// Connects to `/v1/relay`: name, TCP, TLS and upgrade within 15 seconds.
    pub async fn relay(&self) -> Result<RelaySocket, Failure> {
        let mut url = self.url("/v1/relay")?;
        let connect = async {
            let stream = self.tls_stream(&url).await.map_err(|_| Failure::NotSent)?;
            url.set_scheme("wss").map_err(|()| Failure::NotSent)?;
            let config = WebSocketConfig::default()
                .max_message_size(Some(MAX_FRAME))
                .max_frame_size(Some(MAX_FRAME));
            client_async_with_config(url.as_str(), stream, Some(config))
                .await
                .map_err(|_| Failure::NotSent)
        };
        match tokio::time::timeout(CONNECT, connect).await {
            Ok(Ok((socket, _))) => Ok(socket),
            Ok(Err(_)) | Err(_) => Err(Failure::NotSent),
        }
    }

    async fn tls_stream(&self, url: &Url) -> io::Result<TlsStream<TcpStream>> {
        let unnamed = || io::Error::from(io::ErrorKind::InvalidInput);
        let host = url.host_str().ok_or_else(unnamed)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = url.port_or_known_default().ok_or_else(unnamed)?;
        let name = ServerName::try_from(host.to_owned()).map_err(|_| unnamed())?;
        let tcp = TcpStream::connect((host, port)).await?;
        tcp.set_nodelay(true)?;
        TlsConnector::from(self.tls.clone())
            .connect(name, tcp)
            .await
    }
}
