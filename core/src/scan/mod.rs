//! From a camera frame to the payload of a PC's code (YQQ-017 to YQQ-019).
//!
//! Triggered by a frame that the shell's camera delivers, or by a picture. Outcome: the code's payload, ready for
//! `signing`. Exits: nothing readable in the frame (try the next one), or a code of another kind, with the reason.
//! Codes for signing come from the camera only: a code that was sent around as a picture is how a victim is made to scan
//! the code of an attacker (T8 of docs/security.md).

use kapok_protocol::error::ErrorCode;
use kapok_protocol::qr::{QrError, QrPayload, ScannedQr};
use kapok_scanner::{Effort, Reading};

pub use kapok_scanner::{FrameError, GrayFrame};

/// Where a frame came from; a payload does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The app's own camera.
    Camera,
    /// The photo album, a long press, a file: refused for signing.
    Picture,
}

/// What a frame held.
pub enum Scanned {
    /// No code: try the next frame.
    Nothing,
    /// A signing code, with the corners for the viewfinder.
    Code(Box<Found>),
    /// A code of another kind or version.
    Refused(ErrorCode),
}

/// A signing code in a frame.
pub struct Found {
    /// The host that the code's text names.
    pub host: String,
    /// The payload.
    pub payload: QrPayload,
    /// Corners in pixels: top left, top right, bottom right, bottom left.
    pub corners: [(f32, f32); 4],
}

/// Looks for a signing code in one frame. Of several codes the first signing code counts.
pub fn frame(frame: GrayFrame<'_>, source: Source) -> Scanned {
    let effort = match source {
        Source::Camera => Effort::Quick,
        Source::Picture => Effort::Thorough,
    };
    let readings = kapok_scanner::read(frame, effort);
    let mut refused = None;
    for reading in &readings {
        match accept(reading, source) {
            Ok(found) => return Scanned::Code(Box::new(found)),
            Err(code) => refused = refused.or(Some(code)),
        }
    }
    refused.map_or(Scanned::Nothing, Scanned::Refused)
}

fn accept(reading: &Reading, source: Source) -> Result<Found, ErrorCode> {
    let scanned = text(&reading.text, source)?;
    Ok(Found {
        host: scanned.host,
        payload: scanned.payload,
        corners: reading.corners,
    })
}

/// Reads the text of a code.
pub fn text(text: &str, source: Source) -> Result<ScannedQr, ErrorCode> {
    let scanned = QrPayload::parse(text).map_err(|error| match error {
        QrError::Version => ErrorCode::QrVersion,
        _ => ErrorCode::QrFormat,
    })?;
    match source {
        Source::Camera => Ok(scanned),
        Source::Picture => Err(ErrorCode::QrImported),
    }
}

#[cfg(test)]
mod tests;
