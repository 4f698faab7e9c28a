//! Pictures in the terminal: by its own graphics protocol (kitty, sixel, iTerm2) where it has one, else by half blocks.

use image::{DynamicImage, Rgba, RgbaImage};
use kapok_core::pages::PageImage;
use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui_image::picker::Picker;
use ratatui_image::picker::cap_parser::QueryStdioOptions;
use ratatui_image::protocol::Protocol;
use ratatui_image::{Image, Resize};
use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Write, stdout};
use std::sync::Arc;
use std::time::Duration;

/// How long a terminal may take to say what it can.
const ANSWER: Duration = Duration::from_secs(1);
/// Encoded pictures that are kept.
const KEPT: usize = 8;

/// A picture that a screen shows; cheap to clone.
#[derive(Clone)]
pub struct Picture {
    id: u64,
    image: Arc<DynamicImage>,
}

impl Picture {
    /// Reads a PNG and lays it on white, as on paper. Nothing if it is none.
    pub fn png(bytes: &[u8]) -> Option<Self> {
        let read = image::load_from_memory_with_format(bytes, image::ImageFormat::Png)
            .ok()?
            .into_rgba8();
        let mut paper = RgbaImage::from_pixel(read.width(), read.height(), Rgba([255; 4]));
        image::imageops::overlay(&mut paper, &read, 0, 0);
        Some(Self::new(paper))
    }

    /// A drawn page. Nothing if its size does not fit its pixels.
    pub fn page(page: PageImage) -> Option<Self> {
        RgbaImage::from_raw(page.width, page.height, page.rgba).map(Self::new)
    }

    fn new(image: RgbaImage) -> Self {
        let mut hasher = DefaultHasher::new();
        (image.dimensions(), image.as_raw()).hash(&mut hasher);
        Self {
            id: hasher.finish(),
            image: Arc::new(image.into()),
        }
    }
}

/// Draws pictures and keeps what it encoded.
pub struct Pictures {
    picker: Picker,
    kept: RefCell<Vec<((u64, Size), Protocol)>>,
}

impl Pictures {
    /// Asks the terminal what it can; to be called in raw mode, before the first key is read.
    pub fn of_terminal() -> Self {
        let options = QueryStdioOptions {
            timeout: ANSWER,
            ..Default::default()
        };
        let asked = Picker::from_query_stdio_with_options(options);
        if !asked.as_ref().is_ok_and(|p| !p.capabilities().is_empty()) {
            // The question may still wait for its answer and would take the first key that is typed. Every terminal answers this
            // one (DSR 5), and its answer sets the keys free.
            let _ = stdout()
                .write_all(b"\x1b[5n")
                .and_then(|()| stdout().flush());
        }
        let picker = asked.unwrap_or_else(|_| Picker::halfblocks());
        Self::with(picker)
    }

    /// Half blocks, which every terminal has.
    pub fn plain() -> Self {
        Self::with(Picker::halfblocks())
    }

    /// With a known way to draw.
    pub fn with(picker: Picker) -> Self {
        Self {
            picker,
            kept: RefCell::new(Vec::new()),
        }
    }

    /// Draws a picture as large as the area allows, in its middle.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, picture: &Picture) {
        let size = Size::new(area.width, area.height);
        if size.width == 0 || size.height == 0 {
            return;
        }
        let key = (picture.id, size);
        let mut kept = self.kept.borrow_mut();
        if !kept.iter().any(|(known, _)| *known == key) {
            // A small seal grows to the area, as a phone shows it.
            let fit = Resize::Scale(Some(ratatui_image::FilterType::Triangle));
            let Ok(protocol) =
                self.picker
                    .new_protocol(DynamicImage::clone(&picture.image), size, fit)
            else {
                return;
            };
            if kept.len() >= KEPT {
                kept.remove(0);
            }
            kept.push((key, protocol));
        }
        if let Some((_, protocol)) = kept.iter().find(|(known, _)| *known == key) {
            let drawn = protocol.size();
            let left = area.x + area.width.saturating_sub(drawn.width) / 2;
            let place = Rect::new(
                left,
                area.y,
                drawn.width.min(area.width),
                drawn.height.min(area.height),
            );
            frame.render_widget(Image::new(protocol), place);
        }
    }
}
