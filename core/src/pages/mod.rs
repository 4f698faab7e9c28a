//! Pictures of a document's pages, drawn from the very bytes that were hashed, so that every shell shows the same pixels.
//!
//! Triggered by the review of a document before it is signed. Outcome: an RGBA picture of one page with its annotations, the seal
//! among them. Exits: [`PageError`]. A document is hostile input: page sizes are bounded before anything is allocated, drawing runs
//! on a thread of its own under a time limit, and a panic of the drawing library is an error here.

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

/// The longest time one page may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(8);
/// Widest and highest picture, in pixels.
pub const MAX_PIXELS: u32 = 4096;
/// Longest side of a page, in points (PDF's own limit).
const MAX_POINTS: f32 = 14_400.0;

/// Why a page has no picture.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum PageError {
    /// The document cannot be read.
    #[error("the document cannot be drawn")]
    Document,
    /// The document has fewer pages.
    #[error("there is no such page")]
    NoSuchPage,
    /// The page's box or the wanted width is out of proportion.
    #[error("the page's size cannot be drawn")]
    Size,
    /// The page's streams unpack to more, or its images have more pixels, than can be drawn.
    #[error("the page holds too much to draw")]
    TooMuch,
    /// Drawing took longer than [`TIME_LIMIT`].
    #[error("the page takes too long to draw")]
    TooSlow,
}

/// A drawn page: 4 bytes a pixel (red, green, blue, 255), rows from the top, no padding.
pub struct PageImage {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `width × height × 4` bytes.
    pub rgba: Vec<u8>,
}

impl PageImage {
    /// The picture as a PNG file.
    pub fn to_png(&self) -> Result<Vec<u8>, PageError> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width, self.height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(|_| PageError::Size)?;
        writer
            .write_image_data(&self.rgba)
            .map_err(|_| PageError::Size)?;
        writer.finish().map_err(|_| PageError::Size)?;
        Ok(out)
    }
}

/// Draws page `index` (from 0) at `width` pixels, blocking for [`TIME_LIMIT`] at most.
pub fn draw(pdf: &Arc<Vec<u8>>, index: u32, width: u32) -> Result<PageImage, PageError> {
    if width == 0 || width > MAX_PIXELS {
        return Err(PageError::Size);
    }
    let (send, receive) = mpsc::sync_channel(1);
    let pdf = Arc::clone(pdf);
    // The library cannot be interrupted: a page that never ends keeps its thread, but neither the caller nor the document waiting.
    std::thread::Builder::new()
        .name("kapok-page".to_owned())
        .stack_size(16 << 20)
        .spawn(move || {
            let drawn = catch_unwind(AssertUnwindSafe(|| draw_here(&pdf, index, width)));
            // The receiver is gone once the time is over.
            let _ = send.send(drawn.unwrap_or(Err(PageError::Document)));
        })
        .map_err(|_| PageError::Document)?;
    receive
        .recv_timeout(TIME_LIMIT)
        .unwrap_or(Err(PageError::TooSlow))
}

fn draw_here(pdf: &Arc<Vec<u8>>, index: u32, width: u32) -> Result<PageImage, PageError> {
    kapok_formats::pdf::check_opening(pdf).map_err(|_| PageError::Document)?;
    let pdf = Pdf::new(Arc::clone(pdf)).map_err(|_| PageError::Document)?;
    let page = pdf
        .pages()
        .get(index as usize)
        .ok_or(PageError::NoSuchPage)?;
    kapok_formats::pdf::check_page(page).map_err(|_| PageError::TooMuch)?;
    let (points_wide, points_high) = page.render_dimensions();
    let drawable = 1.0..=MAX_POINTS;
    if !drawable.contains(&points_wide) || !drawable.contains(&points_high) {
        return Err(PageError::Size);
    }
    let scale = width as f32 / points_wide;
    if (points_high * scale) as u32 > MAX_PIXELS {
        return Err(PageError::Size);
    }
    let settings = PixmapSettings {
        x_scale: scale,
        y_scale: scale,
        bg_color: WHITE,
    };
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &InterpreterSettings::default(),
        &RenderSettings::default(),
        &settings,
    );
    // On an opaque background premultiplied and plain colours are the same.
    Ok(PageImage {
        width: pixmap.width().into(),
        height: pixmap.height().into(),
        rgba: pixmap.data_as_u8_slice().to_vec(),
    })
}

#[cfg(test)]
mod tests;
