//! A PC page without a browser: what `platform/page` does, for the demo and for tests that need no pixels of a page.
//!
//! It speaks to the portal and to the relay over loopback as the browser does, and holds the same keys.

mod desk;
mod http;
mod link;

pub use desk::PcDesk;
pub(super) use http::PortalClient;

use futures_util::{SinkExt, StreamExt};
use kapok_protocol::api::portal::{AskRequest, RequestMade, SessionMade};
use kapok_protocol::cbor;
use kapok_protocol::channel::{Channel, Responder};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, DocumentId};
use kapok_protocol::message::{Bye, ByeReason, CertOffer, CertPick, Hello, Kind, Message, Request};
use kapok_protocol::qr::QrPayload;
use kapok_protocol::relay::{FromRelay, ToRelay};
use link::Link;
use p256::elliptic_curve::sec1::ToSec1Point;
use tokio_tungstenite::tungstenite;
use zeroize::Zeroizing;

/// Why the simulated PC stopped.
#[derive(Debug, thiserror::Error)]
pub enum PcError {
    /// Portal or relay did not answer as they should.
    #[error("portal or relay failed: {0}")]
    Transport(&'static str),
    /// Portal or relay refused.
    #[error("refused: {0}")]
    Refused(ErrorCode),
    /// The phone refused or failed.
    #[error("the phone ended the session: {0}")]
    Phone(ErrorCode),
    /// The channel broke.
    #[error("the secure channel failed")]
    Channel,
    /// The page was closed: [`SimulatedPc::closing_at`].
    #[error("the page was closed")]
    Closed,
    /// A message came out of order.
    #[error("unexpected message {0:?}")]
    Unexpected(kapok_protocol::message::Kind),
}

impl From<kapok_protocol::channel::ChannelError> for PcError {
    fn from(_: kapok_protocol::channel::ChannelError) -> Self {
        Self::Channel
    }
}

impl From<cbor::CborError> for PcError {
    fn from(_: cbor::CborError) -> Self {
        Self::Channel
    }
}

/// A document to be signed.
pub struct PcDocument {
    /// File name.
    pub name: String,
    /// The PDF.
    pub bytes: Vec<u8>,
}

/// What the session gave.
pub struct PcSigned {
    /// The document.
    pub doc: DocumentId,
    /// The completed PDF, as downloaded.
    pub pdf: Vec<u8>,
}

type Socket = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

/// An open page.
pub struct SimulatedPc {
    portal: PortalClient,
    socket: Socket,
    session: SessionMade,
    secret: Zeroizing<[u8; 32]>,
    qr: QrPayload,
    sent: u64,
    next_id: u32,
    claimed: Option<Bytes>,
    closes_at: Option<Kind>,
}

impl SimulatedPc {
    /// Uploads the documents, opens a session and joins the relay.
    pub async fn open(http_url: &str, documents: Vec<PcDocument>) -> Result<Self, PcError> {
        PcDesk::upload(http_url, documents).await?.open().await
    }

    /// The page is closed, without a word to the phone, when a message of this kind comes.
    #[must_use]
    pub const fn closing_at(mut self, kind: Kind) -> Self {
        self.closes_at = Some(kind);
        self
    }

    /// The text of the next frame of the code.
    pub async fn frame(&mut self) -> Result<String, PcError> {
        loop {
            match self.receive().await? {
                FromRelay::Frame { mac, frame, .. } => {
                    self.qr.frame = frame;
                    self.qr.mac = mac
                        .array()
                        .ok_or(PcError::Transport("a frame's MAC has 8 bytes"))?;
                    return Ok(self.qr.to_text(&self.session.qr_host).to_string());
                }
                FromRelay::Claimed { m1 } => self.claimed = Some(m1),
                FromRelay::Closed { code } => return Err(PcError::Refused(code)),
                _ => {}
            }
        }
    }

    /// Serves the phone from its claim to its good-bye; `choose` picks certificate and seal as the person at the PC would.
    pub async fn serve(
        mut self,
        choose: impl Fn(&[CertOffer]) -> CertPick + Send,
    ) -> Result<Vec<PcSigned>, PcError> {
        let m1 = self.claim().await?;
        let (channel, claim) = self.handshake(&m1).await?;
        let cb = Bytes::from(channel.cb());
        let mut link = Link {
            pc: self,
            channel,
            received: 0,
        };
        let request: RequestMade = {
            let ask = AskRequest {
                phone_nonce: claim,
                cb: cb.clone(),
                origin: link.pc.portal.origin().to_owned(),
            };
            let path = link.pc.path("request");
            link.pc.portal.post(&path, &ask).await?
        };
        link.send(Message::Request(Request { jws: request.jws }), None)
            .await?;
        let signed = link.run(&cb, &choose).await;
        if matches!(signed, Err(PcError::Closed)) {
            return signed;
        }
        let bye = Message::Bye(Bye {
            reason: if signed.is_ok() {
                ByeReason::Done
            } else {
                ByeReason::Error
            },
        });
        // The session is over either way; a phone that is gone cannot be told.
        let _ = link.send(bye, None).await;
        let _ = send(&mut link.pc.socket, &ToRelay::Close {}).await;
        signed
    }

    async fn claim(&mut self) -> Result<Bytes, PcError> {
        loop {
            if let Some(m1) = self.claimed.take() {
                return Ok(m1);
            }
            match self.receive().await? {
                FromRelay::Claimed { m1 } => return Ok(m1),
                FromRelay::Closed { code } => return Err(PcError::Refused(code)),
                _ => {}
            }
        }
    }

    async fn handshake(&mut self, m1: &[u8]) -> Result<(Channel, Bytes), PcError> {
        let (responder, claim) = Responder::accept(&self.qr, &self.secret, m1)?;
        let Message::ClaimInfo(claim) = Message::decode(&claim)?.body else {
            return Err(PcError::Channel);
        };
        let hello = Message::Hello(Hello {
            sdk: concat!("kapok-pc/", env!("CARGO_PKG_VERSION")).to_owned(),
            origin: self.portal.origin().to_owned(),
            pc_label: "simulated PC".to_owned(),
            remembered: None,
        });
        let (ephemeral, _) = key_pair();
        let (channel, m2) = responder.reply(&ephemeral, &hello.encode(0, None, 0)?)?;
        self.data(Bytes(m2)).await?;
        Ok((channel, claim.phone_nonce))
    }

    fn path(&self, act: &str) -> String {
        format!("/portal/api/sessions/{}/{act}", self.session.sid)
    }

    async fn data(&mut self, bytes: Bytes) -> Result<(), PcError> {
        let seq = self.sent;
        self.sent += 1;
        send(&mut self.socket, &ToRelay::Data { seq, bytes }).await
    }

    async fn receive(&mut self) -> Result<FromRelay, PcError> {
        loop {
            match self.socket.next().await {
                Some(Ok(tungstenite::Message::Binary(bytes))) => return Ok(cbor::decode(&bytes)?),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(PcError::Transport("the relay's socket closed")),
            }
        }
    }
}

fn key_pair() -> (Zeroizing<[u8; 32]>, [u8; 33]) {
    loop {
        let secret = Zeroizing::new(rand::random::<[u8; 32]>());
        // One draw in 2^32 is out of range and is drawn again.
        let Ok(key) = p256::SecretKey::from_slice(&*secret) else {
            continue;
        };
        let point = key.public_key().to_sec1_point(true);
        if let Ok(public) = point.as_bytes().try_into() {
            return (secret, public);
        }
    }
}

async fn connect(http_url: &str, path: &str) -> Result<Socket, PcError> {
    use tungstenite::client::IntoClientRequest;
    const FAILED: PcError = PcError::Transport("the relay cannot be reached");
    let authority = http_url.trim_start_matches("http://");
    let mut request = format!("ws://{authority}{path}")
        .into_client_request()
        .map_err(|_| FAILED)?;
    let origin = http_url.parse().map_err(|_| FAILED)?;
    request.headers_mut().insert("Origin", origin);
    let stream = tokio::net::TcpStream::connect(authority)
        .await
        .map_err(|_| FAILED)?;
    // Small frames must not wait for Nagle's timer.
    stream.set_nodelay(true).map_err(|_| FAILED)?;
    let (socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .map_err(|_| FAILED)?;
    Ok(socket)
}

async fn send(socket: &mut Socket, message: &ToRelay) -> Result<(), PcError> {
    let bytes = cbor::encode(message)?;
    let frame = tungstenite::Message::Binary(bytes.into());
    socket
        .send(frame)
        .await
        .map_err(|_| PcError::Transport("the relay's socket closed"))
}
