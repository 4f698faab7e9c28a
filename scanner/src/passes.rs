//! The passes over a frame: each prepares the pixels in its own way and decodes.

use crate::{GrayFrame, Level, Reading};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The pixels as they are.
pub(crate) fn plain(frame: &GrayFrame<'_>) -> Vec<Reading> {
    decode(frame.width, frame.height, 1.0, |x, y| frame.at(x, y))
}

/// Half size: averages out the sub-pixels of a screen that is photographed from close by.
pub(crate) fn half(frame: &GrayFrame<'_>) -> Vec<Reading> {
    let (width, height) = (frame.width / 2, frame.height / 2);
    if width < MIN_SIDE || height < MIN_SIDE {
        return Vec::new();
    }
    decode(width, height, 2.0, |x, y| {
        let sum: u16 = [(0, 0), (1, 0), (0, 1), (1, 1)]
            .iter()
            .map(|(dx, dy)| u16::from(frame.at(2 * x + dx, 2 * y + dy)))
            .sum();
        (sum / 4) as u8
    })
}

/// Light on dark, as a page in dark mode may draw it.
pub(crate) fn inverted(frame: &GrayFrame<'_>) -> Vec<Reading> {
    decode(frame.width, frame.height, 1.0, |x, y| {
        u8::MAX - frame.at(x, y)
    })
}

/// Edges raised, for a picture out of focus: five times the pixel less its four neighbours.
pub(crate) fn sharpened(frame: &GrayFrame<'_>) -> Vec<Reading> {
    decode(frame.width, frame.height, 1.0, |x, y| {
        let clamp = |v: usize, end: usize| v.min(end - 1);
        let around: i32 = [
            (x.saturating_sub(1), y),
            (clamp(x + 1, frame.width), y),
            (x, y.saturating_sub(1)),
            (x, clamp(y + 1, frame.height)),
        ]
        .iter()
        .map(|(nx, ny)| i32::from(frame.at(*nx, *ny)))
        .sum();
        (5 * i32::from(frame.at(x, y)) - around).clamp(0, 255) as u8
    })
}

/// The smallest code is 21 modules; below two pixels a module nothing can be read.
const MIN_SIDE: usize = 42;

fn decode(
    width: usize,
    height: usize,
    scale: f32,
    pixel: impl FnMut(usize, usize) -> u8,
) -> Vec<Reading> {
    // A picture is hostile input and the decoder is not ours: its panic must not become the app's.
    catch_unwind(AssertUnwindSafe(|| {
        decode_with_rqrr(width, height, scale, pixel)
    }))
    .unwrap_or_default()
}

fn decode_with_rqrr(
    width: usize,
    height: usize,
    scale: f32,
    pixel: impl FnMut(usize, usize) -> u8,
) -> Vec<Reading> {
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, pixel);
    let mut found: Vec<Reading> = Vec::new();
    for grid in image.detect_grids() {
        let Some(reading) = reading(&grid, scale) else {
            continue;
        };
        if found.iter().all(|known| known.text != reading.text) {
            found.push(reading);
        }
    }
    found
}

fn reading<G: rqrr::BitGrid>(grid: &rqrr::Grid<G>, scale: f32) -> Option<Reading> {
    let (meta, text) = grid.decode().ok()?;
    let level = match meta.ecc_level {
        0 => Level::M,
        1 => Level::L,
        2 => Level::H,
        _ => Level::Q,
    };
    let version = u8::try_from(meta.version.0).ok()?;
    Some(Reading {
        text,
        version,
        level,
        corners: grid
            .bounds
            .map(|p| (p.x as f32 * scale, p.y as f32 * scale)),
    })
}
