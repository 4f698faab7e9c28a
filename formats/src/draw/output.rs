//! From outlines in millimetres to PNG and SVG.

use super::{DOTS_PER_INCH, DrawError, Picture, RED};
use ab_glyph_rasterizer::{Rasterizer, point};
use png::{BitDepth, ColorType, DeflateCompression, Encoder, Filter, PixelDimensions, Unit};
use std::fmt::Write as _;
use tiny_skia_path::{Path, PathSegment, Transform};

const MM_PER_INCH: f32 = 25.4;
/// Steps of opacity, which is all that a one-coloured seal needs: 4 bits a pixel.
const SHADES: u8 = 16;

/// Outlines, y downwards, origin in the middle of the seal.
pub(super) struct Drawing {
    pub paths: Vec<Path>,
    pub width_mm: u8,
    pub height_mm: u8,
}

pub(super) fn picture(drawing: &Drawing) -> Result<Picture, DrawError> {
    let dots = DOTS_PER_INCH / MM_PER_INCH;
    let width = pixel_count(f32::from(drawing.width_mm) * dots);
    let height = pixel_count(f32::from(drawing.height_mm) * dots);
    let png = encode(&shades(drawing, width, height)?, width, height);
    Ok(Picture {
        png: png.map_err(|_| DrawError::Internal)?,
        width_mm: drawing.width_mm,
        height_mm: drawing.height_mm,
    })
}

const fn pixel_count(length: f32) -> u16 {
    length.round() as u16
}

/// Exact coverage of every pixel in steps of opacity, two pixels a byte, each row on a byte boundary.
fn shades(drawing: &Drawing, width: u16, height: u16) -> Result<Vec<u8>, DrawError> {
    let scale_x = f32::from(width) / f32::from(drawing.width_mm);
    let scale_y = f32::from(height) / f32::from(drawing.height_mm);
    let transform = Transform::from_scale(scale_x, scale_y)
        .post_translate(f32::from(width) / 2.0, f32::from(height) / 2.0);
    let mut raster = Rasterizer::new(usize::from(width), usize::from(height));
    for path in &drawing.paths {
        let path = path
            .clone()
            .transform(transform)
            .ok_or(DrawError::Internal)?;
        fill(&mut raster, &path);
    }
    let row_bytes = usize::from(width).div_ceil(2);
    let mut packed = vec![0u8; row_bytes * usize::from(height)];
    raster.for_each_pixel_2d(|x, y, coverage| {
        let at = usize::try_from(y).unwrap_or(0) * row_bytes + usize::try_from(x / 2).unwrap_or(0);
        if let Some(byte) = packed.get_mut(at) {
            *byte |= shade(coverage) << (if x % 2 == 0 { 4 } else { 0 });
        }
    });
    Ok(packed)
}

fn shade(coverage: f32) -> u8 {
    (coverage.clamp(0.0, 1.0) * f32::from(SHADES - 1)).round() as u8
}

/// Hands the outline to the rasterizer, which wants every contour closed.
fn fill(raster: &mut Rasterizer, path: &Path) {
    let at = |p: tiny_skia_path::Point| point(p.x, p.y);
    let (mut start, mut here) = (point(0.0, 0.0), point(0.0, 0.0));
    for segment in path.segments() {
        match segment {
            PathSegment::MoveTo(p) => (start, here) = (at(p), at(p)),
            PathSegment::LineTo(p) => {
                raster.draw_line(here, at(p));
                here = at(p);
            }
            PathSegment::QuadTo(a, p) => {
                raster.draw_quad(here, at(a), at(p));
                here = at(p);
            }
            PathSegment::CubicTo(a, b, p) => {
                raster.draw_cubic(here, at(a), at(b), at(p));
                here = at(p);
            }
            PathSegment::Close => {
                raster.draw_line(here, start);
                here = start;
            }
        }
    }
}

fn encode(packed: &[u8], width: u16, height: u16) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, u32::from(width), u32::from(height));
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Four);
    encoder.set_palette(RED.repeat(usize::from(SHADES)));
    let step = u8::MAX / (SHADES - 1);
    encoder.set_trns((0..SHADES).map(|shade| shade * step).collect::<Vec<u8>>());
    // Rows that say nothing about their neighbours: filters only help photographs.
    encoder.set_filter(Filter::NoFilter);
    encoder.set_deflate_compression(DeflateCompression::Level(3));
    let dots_per_metre = u32::from(pixel_count(DOTS_PER_INCH / MM_PER_INCH * 1000.0));
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: dots_per_metre,
        yppu: dots_per_metre,
        unit: Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(packed)?;
    writer.finish()?;
    Ok(file)
}

/// The same outlines as one SVG path, in millimetres.
pub(super) fn svg(drawing: &Drawing) -> String {
    let (width, height) = (f32::from(drawing.width_mm), f32::from(drawing.height_mm));
    let [red, green, blue] = RED;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"{} {} {width} {height}\"><path fill=\"#{red:02x}{green:02x}{blue:02x}\" d=\"",
        -width / 2.0,
        -height / 2.0,
    );
    for path in &drawing.paths {
        for segment in path.segments() {
            write_segment(&mut out, segment);
        }
    }
    out.push_str("\"/></svg>\n");
    out
}

fn write_segment(out: &mut String, segment: PathSegment) {
    // Writing to a String cannot fail; a thousandth of a millimetre is finer than any printer.
    let _ = match segment {
        PathSegment::MoveTo(p) => write!(out, "M{:.3} {:.3}", p.x, p.y),
        PathSegment::LineTo(p) => write!(out, "L{:.3} {:.3}", p.x, p.y),
        PathSegment::QuadTo(a, p) => write!(out, "Q{:.3} {:.3} {:.3} {:.3}", a.x, a.y, p.x, p.y),
        PathSegment::CubicTo(a, b, p) => {
            write!(
                out,
                "C{:.3} {:.3} {:.3} {:.3} {:.3} {:.3}",
                a.x, a.y, b.x, b.y, p.x, p.y
            )
        }
        PathSegment::Close => write!(out, "Z"),
    };
}
