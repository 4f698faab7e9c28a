//! Where the seal goes: millimetres on the page as seen, to user space of the unrotated page.

use super::document::PageBox;
use super::{FieldPlan, PdfError};

/// Distance of the default place from the right and lower edge.
const DEFAULT_MARGIN_MM: f64 = 20.0;
/// What rounding of page boxes may cost without the seal counting as outside.
const TOLERANCE_MM: f64 = 0.05;

/// Place of the seal on the visible, rotated page.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Position {
    /// 20 mm from the right and the lower edge, nearer on pages that are too small for that.
    #[default]
    BottomRight,
    /// Distance of the seal's upper left corner from the page's upper left corner, in millimetres.
    TopLeft {
        /// From the left edge.
        x_mm: f64,
        /// From the upper edge.
        y_mm: f64,
    },
}

/// A widget's rectangle and the form matrix that keeps its picture upright.
pub(super) struct Placement {
    /// Left, bottom, right, top in user space.
    pub rect: [f64; 4],
    /// Width and height of the form in points of the visible page.
    pub size: [f64; 2],
    /// `/Matrix` of the appearance.
    pub matrix: [f64; 6],
}

/// Places a seal of the plan's size on `page`.
pub(super) fn place(page: &PageBox, plan: &FieldPlan<'_>) -> Result<Placement, PdfError> {
    let (width, height) = (plan.width_mm, plan.height_mm);
    let sane = |mm: f64| (1.0..=500.0).contains(&mm);
    if !sane(width) || !sane(height) {
        return Err(PdfError::SealSize);
    }
    let (x, y) = match plan.position {
        Position::TopLeft { x_mm, y_mm } => (x_mm, y_mm),
        Position::BottomRight => (inset(page.width_mm, width), inset(page.height_mm, height)),
    };
    let fits = |start: f64, size: f64, limit: f64| {
        start >= -TOLERANCE_MM && start + size <= limit + TOLERANCE_MM
    };
    if !fits(x, width, page.width_mm) || !fits(y, height, page.height_mm) {
        return Err(PdfError::OutsidePage);
    }
    let scale = page.units_per_mm;
    let (x, y, w, h) = (x * scale, y * scale, width * scale, height * scale);
    let [left, bottom, right, top] = page.visible;
    let (rect, matrix) = match page.rotation {
        90 => (
            [left + y, bottom + x, left + y + h, bottom + x + w],
            [0.0, 1.0, -1.0, 0.0, h, 0.0],
        ),
        180 => (
            [right - x - w, bottom + y, right - x, bottom + y + h],
            [-1.0, 0.0, 0.0, -1.0, w, h],
        ),
        270 => (
            [right - y - h, top - x - w, right - y, top - x],
            [0.0, -1.0, 1.0, 0.0, 0.0, w],
        ),
        _ => (
            [left + x, top - y - h, left + x + w, top - y],
            [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        ),
    };
    Ok(Placement {
        rect,
        size: [w, h],
        matrix,
    })
}

/// Start of a thing of `size` at the default distance from the far edge, but never before the near one.
fn inset(limit: f64, size: f64) -> f64 {
    (limit - size - DEFAULT_MARGIN_MM).max(((limit - size) / 2.0).min(limit - size))
}
