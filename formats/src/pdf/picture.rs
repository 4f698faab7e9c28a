//! A PNG as PDF image data: colour and transparency apart, both deflated.

use super::PdfError;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use png::{ColorType, Decoder, Limits, Transformations};
use std::io::{Cursor, Write};

/// 300 dots per inch on 45 mm are 531 pixels; this leaves room and bounds the memory.
const MAX_SIDE: u32 = 4096;
const MAX_MEMORY: usize = 128 * 1024 * 1024;

/// An image XObject's parts.
pub(super) struct Picture {
    pub width: u32,
    pub height: u32,
    /// Value of `/ColorSpace`.
    pub color_space: String,
    pub bits: u8,
    /// Deflated samples.
    pub color: Vec<u8>,
    /// Deflated 8-bit transparency of the same size.
    pub alpha: Vec<u8>,
}

/// Decodes a PNG of any colour type.
pub(super) fn picture(png: &[u8]) -> Result<Picture, PdfError> {
    let (width, height, rgba) = decode(png).ok_or(PdfError::Picture)?;
    let alpha: Vec<u8> = rgba.iter().map(|[_, _, _, a]| *a).collect();
    // A seal is one ink: then the colour is one palette entry, an eighth of a byte per pixel, and signing is faster.
    let (color_space, bits, color) = match single_ink(&rgba) {
        Some([r, g, b]) => {
            let row = width.div_ceil(8) as usize;
            let space = format!("[/Indexed /DeviceRGB 0 <{r:02X}{g:02X}{b:02X}>]");
            (space, 1, vec![0; row * height as usize])
        }
        None => {
            let color = rgba.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
            ("/DeviceRGB".to_owned(), 8, color)
        }
    };
    Ok(Picture {
        width,
        height,
        color_space,
        bits,
        color: deflate(&color)?,
        alpha: deflate(&alpha)?,
    })
}

fn decode(png: &[u8]) -> Option<(u32, u32, Vec<[u8; 4]>)> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(png), Limits { bytes: MAX_MEMORY });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = reader.info().size();
    if width == 0 || height == 0 || width > MAX_SIDE || height > MAX_SIDE {
        return None;
    }
    let mut samples = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut samples).ok()?;
    samples.truncate(frame.buffer_size());
    let rgba = match frame.color_type {
        ColorType::Rgba => samples.as_chunks::<4>().0.to_vec(),
        ColorType::Rgb => samples
            .as_chunks::<3>()
            .0
            .iter()
            .map(|[r, g, b]| [*r, *g, *b, 255])
            .collect(),
        ColorType::GrayscaleAlpha => samples
            .as_chunks::<2>()
            .0
            .iter()
            .map(|[v, a]| [*v, *v, *v, *a])
            .collect(),
        ColorType::Grayscale => samples.iter().map(|v| [*v, *v, *v, 255]).collect(),
        ColorType::Indexed => return None,
    };
    (rgba.len() == width as usize * height as usize).then_some((width, height, rgba))
}

/// The one colour of all visible pixels. Pixels that are nearly transparent carry rounding errors of the drawing
/// program in their colour; what counts is how much of the error can be seen.
fn single_ink(rgba: &[[u8; 4]]) -> Option<[u8; 3]> {
    let [r, g, b, strongest] = *rgba.iter().max_by_key(|p| p[3])?;
    let same = |value: u8, ink: u8, alpha: u8| {
        u32::from(value.abs_diff(ink)) * u32::from(alpha) <= 2 * 255
    };
    let uniform = rgba
        .iter()
        .all(|[pr, pg, pb, a]| same(*pr, r, *a) && same(*pg, g, *a) && same(*pb, b, *a));
    (uniform && strongest > 0).then_some([r, g, b])
}

fn deflate(data: &[u8]) -> Result<Vec<u8>, PdfError> {
    let mut encoder =
        ZlibEncoder::new(Vec::with_capacity(data.len() / 8 + 64), Compression::fast());
    encoder
        .write_all(data)
        .and_then(|()| encoder.finish())
        .map_err(|_| PdfError::Picture)
}
