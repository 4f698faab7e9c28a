//! The phone's end of the relay: sealed frames out, messages in, and the resume after a network change.
//!
//! After a broken socket the *identical* ciphertexts that the relay has not seen are sent again, so that no nonce is ever used
//! for two plaintexts; a frame that comes twice is dropped unopened.

use crate::app::Core;
use crate::client::relay::RelaySocket;
use futures_util::{SinkExt, StreamExt};
use kapok_protocol::cbor;
use kapok_protocol::channel::{Channel, Initiator};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{Bytes, SessionId};
use kapok_protocol::message::{ClaimInfo, Envelope, Hello, Message};
use kapok_protocol::qr::QrPayload;
use kapok_protocol::relay::{FromRelay, Side, ToRelay};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message as Ws;
use zeroize::Zeroizing;

/// Claim to handshake's end.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a broken connection is taken up again.
const RESUME: Duration = Duration::from_secs(60);
/// Silence after which the socket counts as dead: two pings of the relay missed.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a good-bye may take.
const GOODBYE: Duration = Duration::from_secs(3);

/// What came from the other side.
pub(super) enum Incoming {
    /// A message.
    Message(Envelope<Message>),
    /// The PC's socket came or went.
    Presence(bool),
}

/// A secured connection through the relay: a task owns the socket, this end talks to the task, so that a command of the user can
/// never cut a half-done resume.
pub(super) struct Link {
    outgoing: mpsc::Sender<(Message, Option<u32>)>,
    incoming: mpsc::Receiver<Result<Incoming, ErrorCode>>,
    cb: [u8; 32],
    sas: String,
    task: JoinHandle<()>,
}

/// The task's side.
struct Wire {
    core: Arc<Core>,
    socket: RelaySocket,
    channel: Channel,
    sid: SessionId,
    token: Zeroizing<[u8; 32]>,
    fresh_token: fn() -> Zeroizing<[u8; 32]>,
    unsent: VecDeque<(u64, Bytes)>,
    received: u64,
    next_id: u32,
}

/// What the handshake gave.
pub(super) struct Secured {
    /// The connection.
    pub link: Link,
    /// What the PC says of itself.
    pub hello: Hello,
}

/// Random bytes that a handshake needs.
pub(super) struct Randomness {
    /// Ephemeral scalar.
    pub ephemeral: Zeroizing<[u8; 32]>,
    /// Draws a resume token.
    pub fresh_token: fn() -> Zeroizing<[u8; 32]>,
}

impl Link {
    /// Claims the session and does the handshake, within ten seconds.
    pub async fn open(
        core: Arc<Core>,
        payload: &QrPayload,
        claim: ClaimInfo,
        random: Randomness,
    ) -> Result<Secured, ErrorCode> {
        timeout(HANDSHAKE, Self::open_now(core, payload, claim, random))
            .await
            .unwrap_or(Err(ErrorCode::HandshakeFailed))
    }

    async fn open_now(
        core: Arc<Core>,
        payload: &QrPayload,
        claim: ClaimInfo,
        random: Randomness,
    ) -> Result<Secured, ErrorCode> {
        let token = (random.fresh_token)();
        let claim = Message::ClaimInfo(claim)
            .encode(0, None, 0)
            .map_err(|_| ErrorCode::HandshakeFailed)?;
        let (initiator, m1) = Initiator::start(payload, &random.ephemeral, &claim)
            .map_err(|_| ErrorCode::HandshakeFailed)?;
        let sid = SessionId(payload.sid);
        let mut socket = core.client.relay().await.map_err(|_| ErrorCode::Offline)?;
        let claim = ToRelay::Claim {
            m1: Bytes(m1),
            mac: Bytes::from(payload.mac),
            sid,
            frame: payload.frame,
            commit: Bytes::from(payload.commitment()),
            verifier: verifier(&token),
        };
        send(&mut socket, &claim).await?;
        let mut received = 0;
        let m2 = loop {
            match receive(&mut socket).await? {
                FromRelay::Data { seq: 0, bytes } => break bytes,
                FromRelay::Refused { code } | FromRelay::Closed { code } => return Err(code),
                _ => {}
            }
        };
        received += 1;
        send(&mut socket, &ToRelay::Ack { upto: received }).await?;
        let (channel, hello) = initiator
            .finish(&m2)
            .map_err(|_| ErrorCode::HandshakeFailed)?;
        let Ok(Envelope {
            body: Message::Hello(hello),
            ..
        }) = Message::decode(&hello)
        else {
            return Err(ErrorCode::HandshakeFailed);
        };
        let (cb, sas) = (channel.cb(), format!("{:04}", channel.sas()));
        let (outgoing, commands) = mpsc::channel(64);
        let (events, incoming) = mpsc::channel(16);
        let wire = Wire {
            core,
            socket,
            channel,
            sid,
            token,
            fresh_token: random.fresh_token,
            unsent: VecDeque::new(),
            received,
            next_id: 1,
        };
        let task = tokio::spawn(wire.run(commands, events));
        Ok(Secured {
            link: Self {
                outgoing,
                incoming,
                cb,
                sas,
                task,
            },
            hello,
        })
    }

    /// Ends the connection once all that was sent has left this phone, so that a process may end right after it.
    pub async fn close(self) {
        let Self {
            outgoing,
            incoming,
            task,
            ..
        } = self;
        drop((outgoing, incoming));
        // A dead network must not hold the user: what is left then is in the journal.
        let _ = timeout(GOODBYE, task).await;
    }

    /// Binds what is signed to this channel, 32 bytes.
    pub fn cb(&self) -> [u8; 32] {
        self.cb
    }

    /// Four digits that both screens show.
    pub fn sas(&self) -> String {
        self.sas.clone()
    }

    /// Seals and sends a message.
    pub async fn send(&self, message: Message, re: Option<u32>) -> Result<(), ErrorCode> {
        self.outgoing
            .send((message, re))
            .await
            .map_err(|_| ErrorCode::RelayFailed)
    }

    /// The next message. Cancel-safe.
    pub async fn next(&mut self) -> Result<Incoming, ErrorCode> {
        self.incoming
            .recv()
            .await
            .unwrap_or(Err(ErrorCode::RelayFailed))
    }
}

impl Wire {
    /// Runs until the driver drops its [`Link`] or the session is over.
    async fn run(
        mut self,
        mut commands: mpsc::Receiver<(Message, Option<u32>)>,
        events: mpsc::Sender<Result<Incoming, ErrorCode>>,
    ) {
        loop {
            let done = tokio::select! {
                command = commands.recv() => match command {
                    Some((message, re)) => self.send(&message, re).await.map(|()| None),
                    None => break,
                },
                frame = timeout(SILENCE, receive(&mut self.socket)) => match frame {
                    Ok(Ok(frame)) => self.take(frame).await,
                    Ok(Err(_)) | Err(_) => self.resume().await.map(|()| None),
                },
            };
            let event = match done {
                Ok(Some(incoming)) => Ok(incoming),
                Ok(None) => continue,
                Err(code) => Err(code),
            };
            let over = event.is_err();
            if events.send(event).await.is_err() || over {
                break;
            }
        }
        self.close(commands).await;
    }

    /// What the driver still wanted to say (its good-bye) goes out before the end.
    async fn close(mut self, mut commands: mpsc::Receiver<(Message, Option<u32>)>) {
        while let Ok((message, re)) = commands.try_recv() {
            if self.send(&message, re).await.is_err() {
                break;
            }
        }
        // The relay forgets the session anyway once both are gone.
        let _ = send(&mut self.socket, &ToRelay::Close {}).await;
        let _ = self.socket.close(None).await;
    }

    async fn send(&mut self, message: &Message, re: Option<u32>) -> Result<(), ErrorCode> {
        let id = self.next_id;
        self.next_id = id.checked_add(1).ok_or(ErrorCode::ChannelSequence)?;
        let plain = Zeroizing::new(message.encode(id, re, 0).map_err(|_| ErrorCode::Internal)?);
        let frame = self
            .channel
            .writer
            .seal(&plain)
            .map_err(|_| ErrorCode::ChannelSequence)?;
        let bytes = Bytes(frame.bytes);
        self.unsent.push_back((frame.seq, bytes.clone()));
        // What cannot be sent now is sent by the resume, which the broken socket starts.
        let _ = send(
            &mut self.socket,
            &ToRelay::Data {
                seq: frame.seq,
                bytes,
            },
        )
        .await;
        Ok(())
    }

    async fn take(&mut self, frame: FromRelay) -> Result<Option<Incoming>, ErrorCode> {
        match frame {
            FromRelay::Data { seq, bytes } => {
                let Some(message) = self.open_frame(seq, &bytes)? else {
                    return Ok(None);
                };
                let _ = send(
                    &mut self.socket,
                    &ToRelay::Ack {
                        upto: self.received,
                    },
                )
                .await;
                Ok(Some(Incoming::Message(message)))
            }
            FromRelay::Ack { upto } => {
                self.unsent.retain(|(seq, _)| *seq >= upto);
                Ok(None)
            }
            FromRelay::Presence { online } => Ok(Some(Incoming::Presence(online))),
            FromRelay::Closed { code } | FromRelay::Refused { code } => Err(code),
            _ => Ok(None),
        }
    }

    fn open_frame(
        &mut self,
        seq: u64,
        bytes: &[u8],
    ) -> Result<Option<Envelope<Message>>, ErrorCode> {
        // The PC's first frame was the handshake's second message.
        let frame = seq.checked_sub(1).ok_or(ErrorCode::ChannelSequence)?;
        let opened = self
            .channel
            .reader
            .open(frame, bytes)
            .map_err(|_| ErrorCode::ChannelSequence)?;
        let Some(plain) = opened else { return Ok(None) };
        self.received = seq + 1;
        Message::decode(&plain)
            .map(Some)
            .map_err(|_| ErrorCode::ChannelSequence)
    }

    async fn resume(&mut self) -> Result<(), ErrorCode> {
        timeout(RESUME, self.resume_until_done())
            .await
            .unwrap_or(Err(ErrorCode::RelayFailed))
    }

    async fn resume_until_done(&mut self) -> Result<(), ErrorCode> {
        let mut pause = Duration::from_millis(250);
        loop {
            match self.resume_once((self.fresh_token)()).await {
                Ok(()) => return Ok(()),
                Err(Some(code)) => return Err(code),
                Err(None) => tokio::time::sleep(pause).await,
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// One try; `Err(None)` may be tried again, `Err(Some(_))` is final.
    async fn resume_once(&mut self, next: Zeroizing<[u8; 32]>) -> Result<(), Option<ErrorCode>> {
        let mut socket = self.core.client.relay().await.map_err(|_| None)?;
        let resume = ToRelay::Resume {
            sid: self.sid,
            next: verifier(&next),
            side: Side::Phone,
            token: Bytes::from(*self.token),
            received: self.received,
        };
        send(&mut socket, &resume).await.map_err(|_| None)?;
        let seen = loop {
            match receive(&mut socket).await.map_err(|_| None)? {
                FromRelay::Resumed { received } => break received,
                FromRelay::Refused { code } | FromRelay::Closed { code } => return Err(Some(code)),
                _ => {}
            }
        };
        self.token = next;
        self.socket = socket;
        self.unsent.retain(|(seq, _)| *seq >= seen);
        for (seq, bytes) in self.unsent.clone() {
            send(&mut self.socket, &ToRelay::Data { seq, bytes })
                .await
                .map_err(|_| None)?;
        }
        Ok(())
    }
}

fn verifier(token: &[u8; 32]) -> Bytes {
    Bytes(Sha256::digest(token).to_vec())
}

async fn send(socket: &mut RelaySocket, message: &ToRelay) -> Result<(), ErrorCode> {
    let bytes = cbor::encode(message).map_err(|_| ErrorCode::Internal)?;
    socket
        .send(Ws::Binary(bytes.into()))
        .await
        .map_err(|_| ErrorCode::RelayFailed)
}

async fn receive(socket: &mut RelaySocket) -> Result<FromRelay, ErrorCode> {
    loop {
        match socket.next().await {
            Some(Ok(Ws::Binary(bytes))) => {
                return cbor::decode(&bytes).map_err(|_| ErrorCode::RelayFailed);
            }
            Some(Ok(Ws::Close(_)) | Err(_)) | None => return Err(ErrorCode::RelayFailed),
            Some(Ok(_)) => {}
        }
    }
}
