//! Reading a QR code from a camera frame. Pure: no IO, no clock, no state between frames.
//!
//! Triggered by a grey frame of the phone's camera or a screenshot. Outcome: every code that could be read, with its corners
//! for the viewfinder. A reading is what the picture says, no more: whether it is a signing code of a known kind and fresh is
//! for the caller to check, because at the edge of error correction any decoder can return a wrong text.
//!
//! The decoder behind [`read`] is `rqrr` for now; the interface is ours so that a better one can take its place unseen.

mod passes;

/// A picture of one byte a pixel, 0 black to 255 white, rows from the top.
#[derive(Clone, Copy)]
pub struct GrayFrame<'a> {
    data: &'a [u8],
    width: usize,
    height: usize,
    stride: usize,
}

/// Why bytes are not a frame.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum FrameError {
    /// Width or height is 0 or above [`GrayFrame::MAX_SIDE`].
    #[error("a frame is 1 to {} pixels wide and high", GrayFrame::MAX_SIDE)]
    Size,
    /// A row does not fit its stride.
    #[error("the stride is smaller than the width")]
    Stride,
    /// Fewer bytes than the rows need.
    #[error("the frame is cut off")]
    Short,
}

impl<'a> GrayFrame<'a> {
    /// The longest side that is read, in pixels.
    pub const MAX_SIDE: usize = 8192;

    /// A frame over borrowed pixels; `stride` is the distance of two rows in bytes (camera buffers pad their rows).
    pub fn new(
        data: &'a [u8],
        width: usize,
        height: usize,
        stride: usize,
    ) -> Result<Self, FrameError> {
        let sides = 1..=Self::MAX_SIDE;
        if !sides.contains(&width) || !sides.contains(&height) {
            return Err(FrameError::Size);
        }
        if stride < width {
            return Err(FrameError::Stride);
        }
        let needed = stride
            .checked_mul(height - 1)
            .and_then(|rows| rows.checked_add(width))
            .ok_or(FrameError::Size)?;
        if data.len() < needed {
            return Err(FrameError::Short);
        }
        Ok(Self {
            data,
            width,
            height,
            stride,
        })
    }

    fn at(&self, x: usize, y: usize) -> u8 {
        self.data
            .get(y * self.stride + x)
            .copied()
            .unwrap_or(u8::MAX)
    }
}

/// How much time a frame may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// One pass: for a stream of camera frames, where the next one comes soon.
    Quick,
    /// All passes (half size, inverted, sharpened): for a still picture.
    Thorough,
}

/// Error correction level of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the levels of ISO/IEC 18004")]
pub enum Level {
    L,
    M,
    Q,
    H,
}

/// A code that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Its text; codes that are not UTF-8 are left out.
    pub text: String,
    /// Version, 1 to 40.
    pub version: u8,
    /// Error correction level.
    pub level: Level,
    /// Corners in pixels of the frame: top left, top right, bottom right, bottom left of the code.
    pub corners: [(f32, f32); 4],
}

/// Reads every code in the frame; the same text is listed once. Nothing readable is an empty list, never an error.
pub fn read(frame: GrayFrame<'_>, effort: Effort) -> Vec<Reading> {
    let first = passes::plain(&frame);
    if effort == Effort::Quick || !first.is_empty() {
        return first;
    }
    let retries: [fn(&GrayFrame<'_>) -> Vec<Reading>; 3] =
        [passes::half, passes::sharpened, passes::inverted];
    retries
        .iter()
        .map(|pass| pass(&frame))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
