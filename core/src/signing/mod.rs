//! Signing with a PC: scan its code, check who asks, prove the PIN, look at the documents, sign, disconnect (YQQ-017 to YQQ-026).
//!
//! Triggered by a scanned code ([`Signing::scan`], [`Signing::connect`]). Outcome: signatures on the PC's side, each with the
//! guard's receipt, and a journal that never signs a document twice. Ends by [`Signing::disconnect`], by the PC, or by an error that
//! [`State::Closed`] names. One session is open at a time.

mod documents;
mod events;
pub mod state;
#[cfg(test)]
mod tests;
pub mod transitions;

use crate::app::App;
use crate::app::signing::{Answer, Command, Driver};
use crate::error::AppError;
use crate::scan::{self, Scanned, Source};
use crate::secret::Pin;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::DocumentId;
use kapok_protocol::qr::QrPayload;
use kapok_scanner::GrayFrame;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

pub use state::{CloseReason, Document, DocumentState, Outcome, Peer, Picked, RpView, State};

/// What a shell shows of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The state with its data.
    pub state: State,
    /// When the lease ends, milliseconds since the epoch by the guard's clock; 0 without one.
    pub lease_ends_ms: u64,
    /// The PC's page has a connection now.
    pub pc_online: bool,
}

impl View {
    pub(crate) const IDLE: Self = Self {
        state: State::Idle,
        lease_ends_ms: 0,
        pc_online: false,
    };
}

/// The commands of an open session and what is shown of it; one for the whole app.
pub(crate) struct Slot {
    commands: std::sync::Mutex<Option<mpsc::Sender<Command>>>,
    view: watch::Sender<View>,
}

impl Slot {
    pub(crate) fn new() -> Self {
        Self {
            commands: std::sync::Mutex::new(None),
            view: watch::Sender::new(View::IDLE),
        }
    }

    fn commands(&self) -> std::sync::MutexGuard<'_, Option<mpsc::Sender<Command>>> {
        self.commands
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// What a frame of the camera led to.
pub enum ScanResult {
    /// No code in the frame: try the next one.
    Nothing,
    /// A code was found and the session is being opened; corners are in pixels.
    Connecting {
        /// Top left, top right, bottom right, bottom left.
        corners: [(f32, f32); 4],
    },
}

/// The handle for signing; cheap to make.
pub struct Signing<'a> {
    app: &'a App,
}

impl App {
    /// Signing with a PC.
    pub fn signing(&self) -> Signing<'_> {
        Signing { app: self }
    }
}

impl Signing<'_> {
    /// Looks for the PC's code in one frame and opens the session where there is one. Blocks for the decoding only. Ends in
    /// `QR_FORMAT`, `QR_VERSION`, `QR_IMPORTED` for a code that is none for signing, `BUSY` while a session is open.
    pub async fn scan(&self, frame: GrayFrame<'_>, source: Source) -> Result<ScanResult, AppError> {
        match scan::frame(frame, source) {
            Scanned::Nothing => Ok(ScanResult::Nothing),
            Scanned::Refused(code) => Err(code.into()),
            Scanned::Code(found) => {
                self.open(found.payload).await?;
                Ok(ScanResult::Connecting {
                    corners: found.corners,
                })
            }
        }
    }

    /// Opens the session of a code's text. Ends as [`Signing::scan`] does.
    pub async fn connect(&self, text: &str, source: Source) -> Result<(), AppError> {
        let scanned = scan::text(text, source)?;
        self.open(scanned.payload).await
    }

    /// What is to be shown now.
    pub fn view(&self) -> View {
        self.app.core.signing.view.borrow().clone()
    }

    /// Waits until something else than `seen` is to be shown.
    pub async fn changed(&self, seen: &View) -> View {
        let mut views = self.app.core.signing.view.subscribe();
        // The sender lives as long as the app does.
        let _ = views.wait_for(|view| view != seen).await;
        self.view()
    }

    /// The user says which address the PC's browser shows; a wrong one ends the session with `ORIGIN_MISMATCH`.
    pub async fn choose_site(&self, origin: String) -> Result<(), AppError> {
        self.ask(|answer| Command::ChooseSite(origin, answer)).await
    }

    /// Proves the PIN and opens the lease (YQQ-019, YQQ-020). Ends in `PIN_WRONG`, `PIN_WAIT`, `PIN_BLOCKED`, `CERT_NONE`; the
    /// session stays as it was.
    pub async fn approve(&self, pin: Pin) -> Result<(), AppError> {
        self.ask(|answer| Command::Approve(pin, answer)).await
    }

    /// Lets the picked certificate and seal go to the site.
    pub async fn hand_over(&self) -> Result<(), AppError> {
        self.ask(Command::HandOver).await
    }

    /// The bytes of a pulled document, as they were hashed: for drawing its pages.
    pub async fn document(&self, doc: DocumentId) -> Result<Arc<Vec<u8>>, AppError> {
        self.ask(|answer| Command::Document(doc, answer)).await
    }

    /// Draws page `index` (from 0) of a pulled document, `width` pixels wide, with the seal in its place.
    #[cfg(feature = "pages")]
    pub async fn page(
        &self,
        doc: DocumentId,
        index: u32,
        width: u32,
    ) -> Result<crate::pages::PageImage, AppError> {
        let pdf = self.document(doc).await?;
        let drawn = crate::blocking::run(move || crate::pages::draw(&pdf, index, width)).await;
        let failed = |_| AppError::new(ErrorCode::DocType);
        drawn
            .map_err(|_| AppError::new(ErrorCode::Internal))?
            .map_err(failed)
    }

    /// The user does not want this document signed.
    pub async fn refuse(&self, doc: DocumentId) -> Result<(), AppError> {
        self.ask(|answer| Command::Refuse(doc, answer)).await
    }

    /// The user confirms these documents; all others that were shown are refused. An amber one is confirmed alone.
    pub async fn confirm(&self, docs: Vec<DocumentId>) -> Result<(), AppError> {
        self.ask(|answer| Command::Confirm(docs, answer)).await
    }

    /// The app goes to the background: the lease and every key under it are wiped at once.
    pub async fn background(&self) -> Result<(), AppError> {
        match self.ask(Command::Background).await {
            Err(error) if error.code == ErrorCode::StateWrong => Ok(()),
            other => other,
        }
    }

    /// Ends the session on both sides (YQQ-024). Without a session nothing happens.
    pub async fn disconnect(&self) -> Result<(), AppError> {
        match self.ask(Command::Disconnect).await {
            Err(error) if error.code == ErrorCode::StateWrong => Ok(()),
            other => other,
        }
    }

    /// How many signatures wait to be delivered from an earlier session (未完成的签署).
    pub async fn unfinished(&self) -> Result<u32, AppError> {
        Ok(self.app.core.store.journal_open().await?)
    }

    async fn open(&self, payload: QrPayload) -> Result<(), AppError> {
        let slot = &self.app.core.signing;
        let receiver = {
            let mut commands = slot.commands();
            if commands.as_ref().is_some_and(|open| !open.is_closed()) {
                return Err(ErrorCode::Busy.into());
            }
            let (sender, receiver) = mpsc::channel(16);
            *commands = Some(sender);
            receiver
        };
        self.app.core.may_send()?;
        let driver = Driver::scanned(Arc::clone(&self.app.core), slot.view.clone()).await?;
        tokio::spawn(driver.run(payload, receiver));
        Ok(())
    }

    async fn ask<T>(&self, command: impl FnOnce(Answer<T>) -> Command) -> Result<T, AppError> {
        let closed = || AppError::new(ErrorCode::StateWrong);
        let sender = self
            .app
            .core
            .signing
            .commands()
            .clone()
            .ok_or_else(closed)?;
        let (answer, result) = oneshot::channel();
        sender.send(command(answer)).await.map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }
}
