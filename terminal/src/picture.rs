//! Codes as pictures, and pictures as the grey frames that the scanner reads.

use crate::exit::{Failure, codes};
use image::{GrayImage, ImageFormat, Luma};
use kapok_core::scan::GrayFrame;
use qrcode::{EcLevel, QrCode};
use std::io::Cursor;
use std::path::Path;

/// Pixels a module, as a page on an ordinary screen draws it.
const SCALE: u32 = 8;
/// Modules of quiet zone (ISO/IEC 18004).
const QUIET: u32 = 4;

/// A drawn code.
pub struct Code {
    /// As a file.
    pub png: Vec<u8>,
    gray: GrayImage,
}

impl Code {
    /// What a camera would see.
    pub fn frame(&self) -> Result<GrayFrame<'_>, Failure> {
        frame(&self.gray)
    }
}

/// Draws a code's text at level M.
pub fn qr(text: &str) -> Result<Code, Failure> {
    let failed = || {
        Failure::new(
            codes::FAILED,
            "二维码无法绘制。",
            "The code cannot be drawn.",
        )
    };
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| failed())?;
    let modules = code.width() as u32;
    let side = (modules + 2 * QUIET) * SCALE;
    let colors = code.to_colors();
    let dark = |x: u32, y: u32| {
        let (x, y) = (
            (x / SCALE).wrapping_sub(QUIET),
            (y / SCALE).wrapping_sub(QUIET),
        );
        let inside = x < modules && y < modules;
        inside && colors.get((y * modules + x) as usize) == Some(&qrcode::Color::Dark)
    };
    let gray = GrayImage::from_fn(side, side, |x, y| Luma([if dark(x, y) { 0 } else { 255 }]));
    let mut png = Vec::new();
    gray.write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
        .map_err(|_| failed())?;
    Ok(Code { png, gray })
}

/// Reads a screenshot, PNG or JPEG, as grey.
pub fn read(path: &Path) -> Result<GrayImage, Failure> {
    let bytes =
        std::fs::read(path).map_err(|error| Failure::io(codes::FILE_UNREADABLE, path, &error))?;
    let picture = image::load_from_memory(&bytes).map_err(|_| {
        let path = path.display();
        Failure::new(
            codes::NO_CODE,
            format!("{path} 不是 PNG 或 JPEG 图片。"),
            format!("{path} is not a PNG or JPEG picture."),
        )
    })?;
    Ok(picture.into_luma8())
}

/// A picture as a frame.
pub fn frame(gray: &GrayImage) -> Result<GrayFrame<'_>, Failure> {
    let (width, height) = (gray.width() as usize, gray.height() as usize);
    GrayFrame::new(gray.as_raw(), width, height, width).map_err(|error| {
        Failure::new(
            codes::NO_CODE,
            format!("图片尺寸不支持：{error}。"),
            format!("The picture cannot be read: {error}."),
        )
    })
}
