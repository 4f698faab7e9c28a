//! The round seal of an enterprise.

use super::glyphs::{Font, Place, characters};
use super::output::{Drawing, picture, svg};
use super::{DrawError, Picture};
use std::f32::consts::{FRAC_PI_2, PI};
use tiny_skia_path::{Path, PathBuilder};

/// Outer diameter of the 法定名称章 of a 有限责任公司, in millimetres.
pub const COMPANY_DIAMETER_MM: u8 = 40;
/// Radius of the circle through the star's tips.
const STAR_RADIUS: f32 = 7.0;
/// sin 18° / sin 54°: inner to outer radius of a five-pointed star.
const STAR_INNER: f32 = 0.381_966;
/// Between the border and the characters.
const GAP: f32 = 0.8;
/// Height of the characters of a title and of the number along the bottom.
const TITLE_HEIGHT: f32 = 4.0;
const CODE_HEIGHT: f32 = 1.5;
/// How far below the centre a title stands, and how wide it may get.
const TITLE_BELOW: f32 = 10.2;
const TITLE_WIDEST: f32 = 19.0;
/// A ring of the seal that a design's lengths were thought for; other diameters scale them.
const NOMINAL_DIAMETER: f32 = 40.0;

/// What a round seal shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealDesign {
    /// The registered name, around the ring; 4 to 40 characters.
    pub name: String,
    /// A row below the centre such as 合同专用章; up to 9 characters.
    pub title: Option<String>,
    /// 印章编码 along the bottom: 13 digits as the police system assigned them; never invented.
    pub code: Option<String>,
    /// Outer diameter in millimetres, 30 to 58: 40 for a 有限责任公司, 42 for a 股份有限公司, 38 for a 个体工商户.
    pub diameter_mm: u8,
    /// Width of the border in tenths of a millimetre, 5 to 20.
    pub border_tenth_mm: u8,
    /// Whether the star is in the middle.
    pub star: bool,
}

impl SealDesign {
    /// 法定名称章 of a 有限责任公司: 40 mm, border 1.0 mm, star, no title.
    pub fn company(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            title: None,
            code: None,
            diameter_mm: COMPANY_DIAMETER_MM,
            border_tenth_mm: 10,
            star: true,
        }
    }
}

/// Draws a round seal as PNG.
///
/// # Errors
/// [`DrawError::Field`] naming what cannot be drawn, [`DrawError::MissingGlyphs`].
pub fn company_seal(design: &SealDesign) -> Result<Picture, DrawError> {
    picture(&drawing(design)?)
}

/// Draws a round seal as SVG: one path, no font needed.
///
/// # Errors
/// As [`company_seal`].
pub fn company_seal_svg(design: &SealDesign) -> Result<String, DrawError> {
    Ok(svg(&drawing(design)?))
}

fn drawing(design: &SealDesign) -> Result<Drawing, DrawError> {
    let name = characters(&design.name);
    let title = design.title.as_deref().map(characters).unwrap_or_default();
    let code: Vec<char> = design.code.as_deref().unwrap_or_default().chars().collect();
    check(design, &name, &title, &code)?;
    let font = Font::load()?;
    font.check(&[name.as_slice(), &title, &code].concat())?;

    let radius = f32::from(design.diameter_mm) / 2.0;
    let border = f32::from(design.border_tenth_mm) / 10.0;
    let scale = f32::from(design.diameter_mm) / NOMINAL_DIAMETER;
    let edge = radius - border - GAP * scale;
    let mut paths = vec![ring(radius, border)?];
    if design.star {
        paths.push(star(STAR_RADIUS * scale)?);
    }
    let arc = if title.is_empty() && code.is_empty() {
        288_f32
    } else {
        240_f32
    };
    let used = ring_text(&font, &mut paths, &name, edge, scale, arc.to_radians())?;
    title_row(&font, &mut paths, &title, scale, design.star)?;
    code_row(&font, &mut paths, &code, edge, scale, used)?;
    Ok(Drawing {
        paths,
        width_mm: design.diameter_mm,
        height_mm: design.diameter_mm,
    })
}

fn check(
    design: &SealDesign,
    name: &[char],
    title: &[char],
    code: &[char],
) -> Result<(), DrawError> {
    let refuse = |field, reason| Err(DrawError::Field { field, reason });
    if !(4..=40).contains(&name.len()) {
        return refuse("name", "has not 4 to 40 characters");
    }
    if title.len() > 9 {
        return refuse("title", "has more than 9 characters");
    }
    let digits = code.iter().all(char::is_ascii_digit);
    if !code.is_empty() && (code.len() != 13 || !digits || !matches!(code.first(), Some('1'..='9')))
    {
        return refuse("code", "is not 13 digits that begin with a region");
    }
    if !(30..=58).contains(&design.diameter_mm) {
        return refuse("diameter_mm", "is not from 30 to 58");
    }
    if !(5..=20).contains(&design.border_tenth_mm) {
        return refuse("border_tenth_mm", "is not from 5 to 20");
    }
    Ok(())
}

/// Height of the name's characters on a 40 mm seal: many characters need room in both directions, or a long name
/// would be pressed into thin strokes.
fn name_height(count: usize) -> f32 {
    match count {
        0..=16 => 5.0,
        17..=20 => 4.6,
        21..=24 => 4.2,
        25..=28 => 3.8,
        29..=33 => 3.5,
        34..=36 => 3.2,
        _ => 3.0,
    }
}

/// The name around the ring, its middle at the top. Returns the angle from the top that its ends reach.
fn ring_text(
    font: &Font,
    paths: &mut Vec<Path>,
    name: &[char],
    edge: f32,
    scale: f32,
    arc: f32,
) -> Result<f32, DrawError> {
    let height = name_height(name.len()) * scale;
    let radius = edge - height / 2.0;
    let total: f32 = name.iter().map(|c| share(*c)).sum();
    let ends = [name.first(), name.last()]
        .into_iter()
        .flatten()
        .map(|c| share(*c) / 2.0)
        .sum::<f32>();
    let steps = (total - ends).max(1.0);
    // A short name is spread wider: five characters on a third of the ring look lost.
    let spread = 1.35 + 0.07 * (12.0 - total).max(0.0);
    let pitch = (spread * height / radius).min(arc / steps);
    let width = (0.92 * height).min(0.95 * radius * pitch);
    let mut start = -FRAC_PI_2 - total / 2.0 * pitch;
    for c in name {
        let angle = start + share(*c) / 2.0 * pitch + lean(*c) * width / radius;
        start += share(*c) * pitch;
        let place = Place {
            x: radius * angle.cos(),
            y: radius * angle.sin(),
            width,
            height,
            turn: angle + FRAC_PI_2,
        };
        font.place(paths, *c, place)?;
    }
    Ok(total / 2.0 * pitch)
}

/// Brackets and dots have ink on a part of their em only: a full step on the ring would look like a hole.
const fn share(c: char) -> f32 {
    match c {
        '（' | '）' | '·' => 0.6,
        _ => 1.0,
    }
}

/// How far, in ems, the em's middle lies beside the middle of a bracket's share.
const fn lean(c: char) -> f32 {
    match c {
        '（' => -0.2,
        '）' => 0.2,
        _ => 0.0,
    }
}

/// The title in a row below the centre, condensed when it is long.
fn title_row(
    font: &Font,
    paths: &mut Vec<Path>,
    title: &[char],
    scale: f32,
    star: bool,
) -> Result<(), DrawError> {
    let natural: f32 = title.iter().map(|c| font.advance(*c)).sum::<f32>() * TITLE_HEIGHT * scale;
    let squeeze = (TITLE_WIDEST * scale / natural).min(1.0);
    let below = if star { TITLE_BELOW } else { TITLE_BELOW - 2.0 } * scale;
    let (height, width) = (TITLE_HEIGHT * scale, TITLE_HEIGHT * scale * squeeze);
    let mut left = -natural * squeeze / 2.0;
    for c in title {
        let advance = font.advance(*c) * width;
        // A twentieth narrower than its share, so that neighbours do not touch.
        let place = Place {
            x: left + advance / 2.0,
            y: below,
            width: width * 0.95,
            height,
            turn: 0.0,
        };
        font.place(paths, *c, place)?;
        left += advance;
    }
    Ok(())
}

/// The 13 digits along the bottom, tops to the centre, in what the name leaves free.
fn code_row(
    font: &Font,
    paths: &mut Vec<Path>,
    code: &[char],
    edge: f32,
    scale: f32,
    name_reach: f32,
) -> Result<(), DrawError> {
    if code.is_empty() {
        return Ok(());
    }
    let height = CODE_HEIGHT * scale;
    let radius = edge + GAP * scale / 3.0 - height / 2.0;
    let free = 2.0 * (PI - name_reach) - height / radius;
    let steps = count(code.len() - 1).max(1.0);
    let pitch = (0.85 * height / radius).min(free / steps);
    for (i, c) in code.iter().enumerate() {
        let angle = FRAC_PI_2 - (count(i) - steps / 2.0) * pitch;
        let place = Place {
            x: radius * angle.cos(),
            y: radius * angle.sin(),
            width: height,
            height,
            turn: angle - FRAC_PI_2,
        };
        font.place(paths, *c, place)?;
    }
    Ok(())
}

/// An exact ring: its outer edge is the nominal size.
fn ring(radius: f32, border: f32) -> Result<Path, DrawError> {
    let mut builder = PathBuilder::new();
    builder.push_circle(0.0, 0.0, radius);
    let inner = PathBuilder::from_circle(0.0, 0.0, radius - border).ok_or(DrawError::Internal)?;
    // Mirrored, the inner circle runs the other way round and cuts a hole under the winding rule.
    let hole = inner
        .transform(tiny_skia_path::Transform::from_scale(-1.0, 1.0))
        .ok_or(DrawError::Internal)?;
    builder.push_path(&hole);
    builder.finish().ok_or(DrawError::Internal)
}

fn star(radius: f32) -> Result<Path, DrawError> {
    let mut builder = PathBuilder::new();
    for k in 0..10_u8 {
        let angle = -FRAC_PI_2 + f32::from(k) * PI / 5.0;
        let reach = if k % 2 == 0 {
            radius
        } else {
            radius * STAR_INNER
        };
        let (x, y) = (reach * angle.cos(), reach * angle.sin());
        if k == 0 {
            builder.move_to(x, y)
        } else {
            builder.line_to(x, y)
        }
    }
    builder.close();
    builder.finish().ok_or(DrawError::Internal)
}

/// Numbers of characters are far below what an f32 holds exactly.
fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}
