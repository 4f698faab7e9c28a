//! The square seal of a person: 法定代表人名章 and the signature seal of an employee.

use super::glyphs::{Font, Place, characters};
use super::output::{Drawing, picture, svg};
use super::{DrawError, Picture};
use tiny_skia_path::{Path, PathBuilder, Rect};

/// Between the border and the characters, on a seal of 20 mm.
const GAP: f32 = 0.7;

/// What a square seal shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameSealDesign {
    /// The person's name, 2 to 16 characters.
    pub name: String,
    /// Outer side in millimetres, 18 to 25; 20 is customary.
    pub side_mm: u8,
    /// Width of the border in tenths of a millimetre, 5 to 20.
    pub border_tenth_mm: u8,
}

impl NameSealDesign {
    /// 20 mm, border 1.0 mm.
    pub fn person(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            side_mm: 20,
            border_tenth_mm: 10,
        }
    }
}

/// Draws a square seal as PNG: columns from right to left, each from top to bottom. Two characters get the customary
/// 之印; of three the surname stands alone on the right.
///
/// # Errors
/// [`DrawError::Field`] naming what cannot be drawn, [`DrawError::MissingGlyphs`].
pub fn name_seal(design: &NameSealDesign) -> Result<Picture, DrawError> {
    picture(&drawing(design)?)
}

/// Draws a square seal as SVG: one path, no font needed.
///
/// # Errors
/// As [`name_seal`].
pub fn name_seal_svg(design: &NameSealDesign) -> Result<String, DrawError> {
    Ok(svg(&drawing(design)?))
}

fn drawing(design: &NameSealDesign) -> Result<Drawing, DrawError> {
    let name = characters(&design.name);
    check(design, name.len())?;
    let font = Font::load()?;
    font.check(&name)?;
    let side = f32::from(design.side_mm);
    let border = f32::from(design.border_tenth_mm) / 10.0;
    let inner = side - 2.0 * (border + GAP * side / 20.0);
    let mut paths = vec![frame(side, border)?];
    let columns = columns(&name);
    let width = inner / length(columns.len());
    for (i, column) in columns.iter().enumerate() {
        let height = inner / length(column.len());
        let x = inner / 2.0 - width * (length(i) + 0.5);
        for (j, c) in column.iter().enumerate() {
            let y = -inner / 2.0 + height * (length(j) + 0.5);
            // The ink of a Chinese character fills nine tenths of its em; the neighbours then almost touch.
            let place = Place {
                x,
                y,
                width: width * 1.02,
                height: height * 1.02,
                turn: 0.0,
            };
            font.place(&mut paths, *c, place)?;
        }
    }
    Ok(Drawing {
        paths,
        width_mm: design.side_mm,
        height_mm: design.side_mm,
    })
}

/// Right column first.
fn columns(name: &[char]) -> Vec<Vec<char>> {
    match *name {
        [first, second] => vec![vec![first, second], vec!['之', '印']],
        [surname, first, second] => vec![vec![surname], vec![first, second]],
        _ => {
            let across = (2..).find(|side| side * side >= name.len()).unwrap_or(2);
            let down = name.len().div_ceil(across).max(1);
            name.chunks(down).map(<[char]>::to_vec).collect()
        }
    }
}

fn check(design: &NameSealDesign, count: usize) -> Result<(), DrawError> {
    let refuse = |field, reason| Err(DrawError::Field { field, reason });
    if !(2..=16).contains(&count) {
        return refuse("name", "has not 2 to 16 characters");
    }
    if !(18..=25).contains(&design.side_mm) {
        return refuse("side_mm", "is not from 18 to 25");
    }
    if !(5..=20).contains(&design.border_tenth_mm) {
        return refuse("border_tenth_mm", "is not from 5 to 20");
    }
    Ok(())
}

fn frame(side: f32, border: f32) -> Result<Path, DrawError> {
    let square = |half: f32| Rect::from_ltrb(-half, -half, half, half).ok_or(DrawError::Internal);
    let mut builder = PathBuilder::new();
    builder.push_rect(square(side / 2.0)?);
    let hole = PathBuilder::from_rect(square(side / 2.0 - border)?)
        .transform(tiny_skia_path::Transform::from_scale(-1.0, 1.0))
        .ok_or(DrawError::Internal)?;
    builder.push_path(&hole);
    builder.finish().ok_or(DrawError::Internal)
}

fn length(count: usize) -> f32 {
    f32::from(u8::try_from(count).unwrap_or(u8::MAX))
}
