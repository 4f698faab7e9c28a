//! Characters of the bundled font as outlines, placed by the centre of their em box.

use super::DrawError;
use skrifa::outline::{DrawSettings, OutlineGlyphCollection, OutlinePen};
use skrifa::prelude::*;
use skrifa::{charmap::Charmap, metrics::GlyphMetrics};
use tiny_skia_path::{Path, PathBuilder, Transform};

static FONT: &[u8] = include_bytes!("../../fonts/kapok-serif-sc.otf");
const UNITS_PER_EM: f32 = 1000.0;
/// Middle of the em box above the base line: ascent 880, descent 120.
const EM_MIDDLE: f32 = 380.0;

/// The font, ready to look characters up.
pub(super) struct Font {
    charmap: Charmap<'static>,
    outlines: OutlineGlyphCollection<'static>,
    metrics: GlyphMetrics<'static>,
}

/// Where and how large a character stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Centre, y downwards.
    pub x: f32,
    pub y: f32,
    /// What one em measures across and along the character's own upright.
    pub width: f32,
    pub height: f32,
    /// Turned clockwise, radians.
    pub turn: f32,
}

impl Font {
    pub(super) fn load() -> Result<Self, DrawError> {
        let font = FontRef::new(FONT).map_err(|_| DrawError::Internal)?;
        Ok(Self {
            charmap: font.charmap(),
            outlines: font.outline_glyphs(),
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
        })
    }

    /// Refuses text with characters that the font lacks, naming all of them.
    pub(super) fn check(&self, characters: &[char]) -> Result<(), DrawError> {
        let mut code_points = Vec::new();
        for c in characters {
            let missing = self
                .charmap
                .map(*c)
                .is_none_or(|glyph| self.outlines.get(glyph).is_none());
            if missing && !code_points.contains(&u32::from(*c)) {
                code_points.push(u32::from(*c));
            }
        }
        if code_points.is_empty() {
            Ok(())
        } else {
            Err(DrawError::MissingGlyphs { code_points })
        }
    }

    /// Advance width in ems.
    pub(super) fn advance(&self, c: char) -> f32 {
        let glyph = self.charmap.map(c).unwrap_or_default();
        self.metrics.advance_width(glyph).unwrap_or(UNITS_PER_EM) / UNITS_PER_EM
    }

    /// Adds the outline of `c` to `drawing`.
    pub(super) fn place(
        &self,
        drawing: &mut Vec<Path>,
        c: char,
        place: Place,
    ) -> Result<(), DrawError> {
        let glyph = self.charmap.map(c).ok_or(DrawError::Internal)?;
        let outline = self.outlines.get(glyph).ok_or(DrawError::Internal)?;
        let mut pen = Pen(PathBuilder::new());
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        outline
            .draw(settings, &mut pen)
            .map_err(|_| DrawError::Internal)?;
        // A glyph without contours (an ideographic space) leaves nothing to draw.
        let Some(path) = pen.0.finish() else {
            return Ok(());
        };
        let centred = Transform::from_translate(-self.advance(c) * UNITS_PER_EM / 2.0, -EM_MIDDLE);
        let sized = centred.post_scale(place.width / UNITS_PER_EM, -place.height / UNITS_PER_EM);
        let turned = sized.post_concat(Transform::from_rotate(place.turn.to_degrees()));
        let placed = path.transform(turned.post_translate(place.x, place.y));
        drawing.push(placed.ok_or(DrawError::Internal)?);
        Ok(())
    }
}

struct Pen(PathBuilder);

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        self.0.quad_to(cx0, cy0, x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.0.cubic_to(cx0, cy0, cx1, cy1, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

/// The characters to draw of a text: without blanks and invisible characters, brackets in full width and middle dots
/// as the register prints them. Nothing else is changed: compatibility ideographs stay what they are.
pub(super) fn characters(text: &str) -> Vec<char> {
    let drawn = text
        .chars()
        .filter(|c| !crate::identity::is_ignored(*c))
        .map(|c| match c {
            '(' => '（',
            ')' => '）',
            '\u{2022}' | '\u{2027}' | '\u{30FB}' | '\u{FF65}' => '\u{B7}',
            _ => c,
        });
    drawn.collect()
}
