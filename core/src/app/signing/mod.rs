//! Runs a signing session: takes the user's commands and the PC's messages, steps through the table, does what it says.

mod act;
mod checks;
mod documents;
mod link;
mod sign;

use super::Core;
use super::vault::OpenLease;
use crate::error::AppError;
use crate::secret::Pin;
use crate::signing::View;
use crate::signing::state::State;
use crate::signing::transitions::{Event, step};
use checks::Request;
use documents::Documents;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::DocumentId;
use kapok_protocol::message::{CertOffer, Empty, Envelope, Message};
use kapok_protocol::qr::QrPayload;
use link::{Incoming, Link};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// Where the answer to a command goes.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, AppError>>;

/// What the user wants.
pub(crate) enum Command {
    ChooseSite(String, Answer<()>),
    Approve(Pin, Answer<()>),
    HandOver(Answer<()>),
    Document(DocumentId, Answer<Arc<Vec<u8>>>),
    Refuse(DocumentId, Answer<()>),
    Confirm(Vec<DocumentId>, Answer<()>),
    Background(Answer<()>),
    Disconnect(Answer<()>),
}

/// A certificate on offer in this session.
struct Offered {
    installed: super::certificates::Installed,
    offer: CertOffer,
}

/// The running session.
pub(crate) struct Driver {
    core: Arc<Core>,
    views: watch::Sender<View>,
    state: State,
    link: Option<Link>,
    request: Option<Request>,
    phone_nonce: [u8; 32],
    lease: Option<OpenLease>,
    /// The certificate that the lease has opened.
    opened: Option<u32>,
    offers: HashMap<u32, Offered>,
    documents: Documents,
    pc_online: bool,
}

/// How often the lease's end is looked at.
const TICK: Duration = Duration::from_secs(1);

impl Driver {
    /// A session that shows itself as begun: who has scanned must not see the end of an earlier one.
    pub(crate) async fn scanned(
        core: Arc<Core>,
        views: watch::Sender<View>,
    ) -> Result<Self, ErrorCode> {
        let mut driver = Self {
            core,
            views,
            state: State::Idle,
            link: None,
            request: None,
            phone_nonce: [0; 32],
            lease: None,
            opened: None,
            offers: HashMap::new(),
            documents: Documents::default(),
            pc_online: true,
        };
        driver.event(Event::Scanned).await?;
        Ok(driver)
    }

    /// Runs from the scan to the end of the session.
    pub(crate) async fn run(mut self, payload: QrPayload, mut commands: mpsc::Receiver<Command>) {
        let secured = self.claim(&payload).await;
        drop(payload);
        if let Err(code) = secured {
            self.fail(code).await;
        }
        let mut tick = tokio::time::interval(TICK);
        while !matches!(self.state, State::Closed { .. }) {
            let Some(link) = self.link.as_mut() else {
                self.fail(ErrorCode::RelayFailed).await;
                continue;
            };
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.command(command).await,
                    None => self.fail(ErrorCode::UserCancelled).await,
                },
                incoming = link.next() => self.incoming(incoming).await,
                _ = tick.tick() => self.tick().await,
            }
        }
        self.lease = None;
        self.show();
    }

    async fn incoming(&mut self, incoming: Result<Incoming, ErrorCode>) {
        let failed = match incoming {
            Ok(Incoming::Message(message)) => self.message(message).await.err(),
            Ok(Incoming::Presence(online)) => {
                self.pc_online = online;
                self.show();
                None
            }
            Err(code) => Some(code),
        };
        if let Some(code) = failed {
            self.fail(code).await;
        }
    }

    /// Takes one message of the PC; an error ends the session.
    async fn message(&mut self, message: Envelope<Message>) -> Result<(), ErrorCode> {
        match message.body {
            Message::Request(request) => {
                let event = self.check_request(&request.jws).await?;
                self.event(event).await
            }
            Message::CertList(filter) => self.send_offers(&filter, message.id).await,
            Message::CertPick(pick) => {
                let picked = self.picked(&pick)?;
                self.event(Event::CertPicked(picked)).await
            }
            Message::Batch(batch) => {
                let batch = self.check_batch(&batch).await?;
                self.event(Event::BatchGood(batch)).await
            }
            Message::DocPart(part) => self.piece(&part).await,
            Message::ResultAck(ack) => {
                self.note_delivered(&ack.docs).await?;
                self.event(Event::Acknowledged(ack.docs)).await
            }
            Message::Cancel(_) => self.event(Event::BatchCancelled).await,
            Message::Ping(_) => self.send(Message::Pong(Empty {}), Some(message.id)).await,
            Message::Bye(bye) => self.event(Event::PeerBye(bye.reason)).await,
            Message::Error(failure) => Err(failure.code),
            Message::Pong(_) => Ok(()),
            _ => Err(ErrorCode::StateWrong),
        }
    }

    async fn command(&mut self, command: Command) {
        // A shell that no longer waits for its answer has gone on to another screen.
        match command {
            Command::ChooseSite(origin, answer) => {
                drop(answer.send(self.by_user(Event::SiteChosen(origin)).await))
            }
            Command::HandOver(answer) => {
                drop(answer.send(self.by_user(Event::HandoverAgreed).await))
            }
            Command::Refuse(doc, answer) => {
                drop(answer.send(self.by_user(Event::DocumentRefused(doc)).await))
            }
            Command::Confirm(docs, answer) => {
                drop(answer.send(self.by_user(Event::Confirmed(docs)).await))
            }
            Command::Disconnect(answer) => drop(answer.send(self.by_user(Event::Disconnect).await)),
            Command::Document(doc, answer) => {
                drop(
                    answer.send(
                        self.documents
                            .get(doc)
                            .ok_or_else(|| ErrorCode::NotFound.into()),
                    ),
                );
            }
            Command::Approve(pin, answer) => drop(answer.send(self.approve(pin).await)),
            Command::Background(answer) => {
                let locked = if self.lease.is_some() {
                    self.by_user(Event::LeaseOver).await
                } else {
                    Ok(())
                };
                drop(answer.send(locked));
            }
        }
    }

    async fn by_user(&mut self, event: Event) -> Result<(), AppError> {
        Ok(self.event(event).await?)
    }

    async fn tick(&mut self) {
        let now = self.core.ports.clock.monotonic_ms();
        if self
            .lease
            .as_ref()
            .is_some_and(|lease| lease.expires_monotonic_ms() <= now)
        {
            // A state without documents or offers has nothing to lock.
            let _ = self.event(Event::LeaseOver).await;
        }
    }

    async fn fail(&mut self, code: ErrorCode) {
        // Every open state knows how to fail; a closed one has failed already.
        let _ = self.event(Event::Failed(code)).await;
    }

    /// Steps through the table and does what it says. What is done can be an event itself.
    async fn event(&mut self, event: Event) -> Result<(), ErrorCode> {
        let mut waiting = vec![event];
        while let Some(event) = waiting.pop() {
            let (next, actions) =
                step(self.state.clone(), event).map_err(|_| ErrorCode::StateWrong)?;
            self.state = next;
            self.show();
            for action in actions {
                if let Some(then) = self.act(action).await {
                    waiting.push(then);
                }
            }
        }
        Ok(())
    }

    fn show(&self) {
        let lease_ends_ms = self.lease.as_ref().map_or(0, OpenLease::ends_at_server_ms);
        let view = View {
            state: self.state.clone(),
            lease_ends_ms,
            pc_online: self.pc_online,
        };
        self.views.send_replace(view);
    }

    async fn send(&self, message: Message, re: Option<u32>) -> Result<(), ErrorCode> {
        match &self.link {
            Some(link) => link.send(message, re).await,
            None => Err(ErrorCode::RelayFailed),
        }
    }
}
