//! Where the seal goes: millimetres on the page as seen, to user space of the unrotated page.

use super::document::PageBox;
use super::{FieldPlan, PdfError};

/// Distance of the default place from the right and lower edge.
const DEFAULT_MARGIN_MM: f64 = 20.0;
/// What rounding of page boxes may cost without the seal counting as outside.
const TOLERANCE_MM: f64 = 0.05;
/// Least distance of a seal at the default place from annotations; a place found is twice as far from what was in
/// the way, so that rounding cannot make them touch.
const GAP_MM: f64 = 1.0;
/// Tries to find a free place; a page that needs more is full, or made to waste time.
const MAX_TRIES: usize = 1_000;

/// Place of the seal on the visible, rotated page.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Position {
    /// 20 mm from the right and the lower edge, nearer on pages that are too small for that. Where an annotation
    /// stands there (an earlier seal, a form field), the nearest free place to the left, then above. A page without
    /// a free place is sealed over its annotations.
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
    /// Width and height of the form in user space units of the visible page.
    pub size: [f64; 2],
    /// Where in the form the whole picture is drawn: left, bottom, width, height. What lies outside the form is cut off.
    pub picture: [f64; 4],
    /// `/Matrix` of the appearance.
    pub matrix: [f64; 6],
}

impl Placement {
    /// One slice of several at the right edge of the page, counted from 0 on the left.
    pub fn slice(
        page: &PageBox,
        plan: &FieldPlan<'_>,
        y_mm: f64,
        slice: usize,
        slices: usize,
    ) -> Result<Self, PdfError> {
        check_size(plan)?;
        let width = plan.width_mm / slices.max(1) as f64;
        let area = Area {
            x: page.width_mm - width,
            y: y_mm,
            width,
            height: plan.height_mm,
        };
        let [w, h] = [plan.width_mm, plan.height_mm].map(|mm| mm * page.units_per_mm);
        let left = w * slice as f64 / slices.max(1) as f64;
        area.placement(page, [-left, 0.0, w, h])
    }

    /// In a rectangle that is there: in the middle, in the plan's size or the largest that has room.
    pub fn within(page: &PageBox, plan: &FieldPlan<'_>, rect: [f64; 4]) -> Result<Self, PdfError> {
        check_size(plan)?;
        let area = Area::seen(page, rect);
        let shrunk = (area.width / plan.width_mm)
            .min(area.height / plan.height_mm)
            .min(1.0);
        let scale = page.units_per_mm;
        let [w, h] = [plan.width_mm, plan.height_mm].map(|mm| mm * shrunk * scale);
        let (left, bottom) = (area.width * scale - w, area.height * scale - h);
        area.placement(page, [left / 2.0, bottom / 2.0, w, h])
    }
}

fn check_size(plan: &FieldPlan<'_>) -> Result<(), PdfError> {
    let sane = |mm: f64| (1.0..=500.0).contains(&mm);
    match sane(plan.width_mm) && sane(plan.height_mm) {
        true => Ok(()),
        false => Err(PdfError::SealSize),
    }
}

/// Places a seal of the plan's size on `page`; `taken` are the rectangles of its annotations in user space.
pub(super) fn place(
    page: &PageBox,
    plan: &FieldPlan<'_>,
    taken: &[[f64; 4]],
) -> Result<Placement, PdfError> {
    check_size(plan)?;
    let (width, height) = (plan.width_mm, plan.height_mm);
    let (x, y) = match plan.position {
        Position::TopLeft { x_mm, y_mm } => (x_mm, y_mm),
        Position::BottomRight => {
            let taken: Vec<Area> = taken.iter().map(|rect| Area::seen(page, *rect)).collect();
            free_corner(page, width, height, &taken)
        }
    };
    let area = Area {
        x,
        y,
        width,
        height,
    };
    let [w, h] = [width, height].map(|mm| mm * page.units_per_mm);
    area.placement(page, [0.0, 0.0, w, h])
}

/// A rectangle of the page as seen: from its upper left corner, in millimetres.
#[derive(Debug, Clone, Copy)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Area {
    /// The widget's place, if it lies on the page.
    fn placement(self, page: &PageBox, picture: [f64; 4]) -> Result<Placement, PdfError> {
        let fits = |start: f64, size: f64, limit: f64| {
            start >= -TOLERANCE_MM && start + size <= limit + TOLERANCE_MM
        };
        if !fits(self.x, self.width, page.width_mm) || !fits(self.y, self.height, page.height_mm) {
            return Err(PdfError::OutsidePage);
        }
        let [w, h] = [self.width, self.height].map(|mm| mm * page.units_per_mm);
        let matrix = match page.rotation {
            90 => [0.0, 1.0, -1.0, 0.0, h, 0.0],
            180 => [-1.0, 0.0, 0.0, -1.0, w, h],
            270 => [0.0, -1.0, 1.0, 0.0, 0.0, w],
            _ => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        };
        Ok(Placement {
            rect: self.rect(page),
            size: [w, h],
            picture,
            matrix,
        })
    }

    /// In user space of the unrotated page: left, bottom, right, top.
    fn rect(self, page: &PageBox) -> [f64; 4] {
        let [x, y, w, h] =
            [self.x, self.y, self.width, self.height].map(|mm| mm * page.units_per_mm);
        let [left, bottom, right, top] = page.visible;
        match page.rotation {
            90 => [left + y, bottom + x, left + y + h, bottom + x + w],
            180 => [right - x - w, bottom + y, right - x, bottom + y + h],
            270 => [right - y - h, top - x - w, right - y, top - x],
            _ => [left + x, top - y - h, left + x + w, top - y],
        }
    }

    /// The inverse of [`Area::rect`].
    fn seen(page: &PageBox, rect: [f64; 4]) -> Self {
        let [left, bottom, right, top] = page.visible;
        let [x0, y0, x1, y1] = rect;
        let (x, y) = match page.rotation {
            90 => (y0 - bottom, x0 - left),
            180 => (right - x1, y0 - bottom),
            270 => (top - y1, right - x1),
            _ => (x0 - left, top - y1),
        };
        let (w, h) = match page.rotation {
            90 | 270 => (y1 - y0, x1 - x0),
            _ => (x1 - x0, y1 - y0),
        };
        let [x, y, width, height] = [x, y, w, h].map(|units| units / page.units_per_mm);
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// Whether less than [`GAP_MM`] lies between the two.
    fn touches(&self, other: &Self) -> bool {
        let near = |one: f64, size: f64, other: f64, other_size: f64| {
            one < other + other_size + GAP_MM && other < one + size + GAP_MM
        };
        near(self.x, self.width, other.x, other.width)
            && near(self.y, self.height, other.y, other.height)
    }
}

/// Upper left corner of the default place, or of the free place nearest to it: row by row from below, each from the
/// right, jumping over what is in the way.
fn free_corner(page: &PageBox, width: f64, height: f64, taken: &[Area]) -> (f64, f64) {
    let start = (inset(page.width_mm, width), inset(page.height_mm, height));
    let edge = |start: f64| start.min(DEFAULT_MARGIN_MM);
    let mut seal = Area {
        x: start.0,
        y: start.1,
        width,
        height,
    };
    let mut next_row = f64::NEG_INFINITY;
    for _ in 0..MAX_TRIES {
        let Some(blocker) = taken.iter().find(|area| seal.touches(area)) else {
            return (seal.x, seal.y);
        };
        next_row = next_row.max(blocker.y - height - 2.0 * GAP_MM);
        seal.x = blocker.x - width - 2.0 * GAP_MM;
        if seal.x < edge(start.0) {
            (seal.x, seal.y) = (start.0, next_row);
            next_row = f64::NEG_INFINITY;
        }
        if seal.y < edge(start.1) {
            break;
        }
    }
    start
}

/// Start of a thing of `size` at the default distance from the far edge, but never before the near one.
fn inset(limit: f64, size: f64) -> f64 {
    (limit - size - DEFAULT_MARGIN_MM).max(((limit - size) / 2.0).min(limit - size))
}
