//! Signing with a PC: scan its code, check who asks, prove the PIN, look at the documents, sign, disconnect.

use crate::error::KapokError;
use crate::runtime::{CancelToken, run, run_until, runtime};
use crate::signing_view::SigningView;
use crate::vault::PinPad;
use kapok_core::scan::{FrameError, GrayFrame, Source};
use kapok_core::signing::{ScanResult, View};
use kapok_core::types::DocumentId;
use kapok_core::{App, AppError};
use std::sync::{Arc, Mutex, PoisonError};

/// The shape of a grey frame: one byte a pixel, 0 black to 255 white, rows from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct FrameFormat {
    /// Width in pixels, 1 to 8,192.
    pub width: u32,
    /// Height in pixels, 1 to 8,192.
    pub height: u32,
    /// Distance of two rows in bytes; cameras pad their rows.
    pub stride: u32,
}

/// What a frame led to.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
pub enum ScanOutcome {
    /// No code in the frame: try the next one.
    Nothing,
    /// A code was found and the session is being opened.
    Connecting {
        /// Of the code: top left, top right, bottom right, bottom left.
        corners: Vec<Corner>,
    },
}

/// A place in a frame, in pixels from the top left.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Record)]
pub struct Corner {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

/// Signing with a PC. One session is open at a time in the whole app; every handle shows the same one.
#[derive(uniffi::Object)]
pub struct Signing {
    app: App,
    /// What [`Signing::next_view`] of this handle gave last.
    seen: Mutex<Option<View>>,
}

impl Signing {
    pub(crate) fn of(app: &App) -> Arc<Self> {
        Arc::new(Self {
            app: app.clone(),
            seen: Mutex::new(None),
        })
    }

    #[cfg(feature = "pages")]
    pub(crate) fn app(&self) -> App {
        self.app.clone()
    }
}

#[uniffi::export]
impl Signing {
    /// Looks for the PC's code in one frame of the app's own camera and opens the session where there is one. The pixels are read in
    /// place; blocks for the decoding, so call it on the camera's thread. Ends in `QR_FORMAT` or `QR_VERSION` for a code that is
    /// none for signing, `BUSY` while a session is open, `PRIVACY_REQUIRED`, `INPUT_INVALID` at `format`.
    pub fn scan(&self, pixels: &[u8], format: FrameFormat) -> Result<ScanOutcome, KapokError> {
        let FrameFormat {
            width,
            height,
            stride,
        } = format;
        let frame = GrayFrame::new(pixels, width as usize, height as usize, stride as usize)
            .map_err(frame_error)?;
        let signing = self.app.signing();
        match runtime()?.block_on(signing.scan(frame, Source::Camera))? {
            ScanResult::Nothing => Ok(ScanOutcome::Nothing),
            ScanResult::Connecting { corners } => Ok(ScanOutcome::Connecting {
                corners: corners.map(|(x, y)| Corner { x, y }).into(),
            }),
        }
    }

    /// Opens the session of a code's text that the system's camera has read. Ends as [`Signing::scan`] does.
    pub async fn connect(&self, text: String) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.signing().connect(&text, Source::Camera).await
        })
        .await
    }

    /// What is to be shown now.
    pub fn view(&self) -> SigningView {
        self.app.signing().view().into()
    }

    /// The first call of a handle gives what is to be shown now; each later one waits until that is something else than what the
    /// handle gave last. Views in between may be skipped.
    #[uniffi::method(default(cancel = None))]
    pub async fn next_view(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<SigningView, KapokError> {
        let seen = self.seen().clone();
        let view = run_until(cancel, self.app.clone(), |app| async move {
            let signing = app.signing();
            Ok(match seen {
                Some(seen) => signing.changed(&seen).await,
                None => signing.view(),
            })
        })
        .await?;
        *self.seen() = Some(view.clone());
        Ok(view.into())
    }

    /// The user says which address the PC's browser shows; a wrong one ends the session with `ORIGIN_MISMATCH`.
    pub async fn choose_site(&self, origin: String) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.signing().choose_site(origin).await
        })
        .await
    }

    /// Proves the PIN and opens the lease; the pad is emptied. Ends in `PIN_FORMAT`, `PIN_WRONG` with the tries left, `PIN_WAIT` with
    /// the seconds, `PIN_BLOCKED`, `CERT_NONE`; the session stays as it was.
    pub async fn approve(&self, pin: Arc<PinPad>) -> Result<(), KapokError> {
        let pin = pin.take()?;
        run(self.app.clone(), |app| async move {
            app.signing().approve(pin).await
        })
        .await
    }

    /// Lets the picked certificate and seal go to the site.
    pub async fn hand_over(&self) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.signing().hand_over().await
        })
        .await
    }

    /// The user does not want this document signed.
    pub async fn refuse(&self, document_id: DocumentId) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.signing().refuse(document_id).await
        })
        .await
    }

    /// The user confirms these documents; all others that were shown are refused. An amber one is confirmed alone.
    pub async fn confirm(&self, document_ids: Vec<DocumentId>) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.signing().confirm(document_ids).await
        })
        .await
    }

    /// The app goes to the background: the lease and every key under it are wiped at once.
    pub async fn background(&self) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.signing().background().await
        })
        .await
    }

    /// Ends the session on both sides. Without a session nothing happens.
    pub async fn disconnect(&self) -> Result<(), KapokError> {
        run(self.app.clone(), |app| async move {
            app.signing().disconnect().await
        })
        .await
    }

    /// How many signatures wait to be delivered from an earlier session (未完成的签署).
    pub async fn unfinished(&self) -> Result<u32, KapokError> {
        run(self.app.clone(), |app| async move {
            app.signing().unfinished().await
        })
        .await
    }
}

impl Signing {
    fn seen(&self) -> std::sync::MutexGuard<'_, Option<View>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn frame_error(error: FrameError) -> KapokError {
    let reason = match error {
        FrameError::Size => "range",
        FrameError::Stride => "stride",
        FrameError::Short => "too_short",
    };
    AppError::field("format", reason).into()
}
