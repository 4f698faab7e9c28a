//! Drawing seals: the round seal of an enterprise (法定名称章 and seals with a title) and the square seal of a person.
//!
//! Lengths are millimetres. Characters are drawn as outlines of the bundled font, so a seal needs no font where it is
//! shown. A character that the font lacks is an error with its code point, never an empty box. There is no national
//! standard of sizes beyond 国发〔1999〕25 号 (round, at most 45 mm, five-pointed star, name from left to right), so sizes
//! are data with customary defaults.

mod company;
mod glyphs;
mod output;
mod person;

pub use company::{COMPANY_DIAMETER_MM, SealDesign, company_seal, company_seal_svg};
pub use person::{NameSealDesign, name_seal, name_seal_svg};

use thiserror::Error;

/// Red of seals, sRGB.
pub const RED: [u8; 3] = [0xE6, 0x00, 0x12];
/// Resolution of the pictures.
pub const DOTS_PER_INCH: f32 = 300.0;

/// A drawn seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// PNG, red on a transparent background, 300 dots per inch; 16 colours of a palette, so that it stays small.
    pub png: Vec<u8>,
    /// Width on paper in millimetres.
    pub width_mm: u8,
    /// Height on paper in millimetres.
    pub height_mm: u8,
}

/// Why a seal was not drawn.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DrawError {
    /// The font lacks characters.
    #[error("the font has no glyph for {}", list(code_points))]
    MissingGlyphs {
        /// Their code points, in their order, each once.
        code_points: Vec<u32>,
    },
    /// A field of the design cannot be drawn.
    #[error("{field}: {reason}")]
    Field {
        /// The field.
        field: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The bundled font or the drawing library failed; not caused by the design.
    #[error("drawing failed")]
    Internal,
}

fn list(code_points: &[u32]) -> String {
    let all: Vec<String> = code_points.iter().map(|c| format!("U+{c:04X}")).collect();
    all.join(", ")
}
