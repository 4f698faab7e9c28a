//! The places of a new field: on one page, on every page, over the pages' edges.

use super::document::Document;
use super::geometry::{Placement, place};
use super::{EdgeSeal, FieldPlan, PdfError, Spread};

/// One place of the seal.
pub(super) struct Place {
    /// Index of the page.
    pub page: usize,
    pub placement: Placement,
}

/// All places of the plan, by page.
pub(super) fn places(document: &Document, plan: &FieldPlan<'_>) -> Result<Vec<Place>, PdfError> {
    let pages = document.page_count();
    let mut places = match plan.options.spread {
        Spread::Edge(edge) | Spread::PageAndEdge(edge) => slices(document, plan, &edge)?,
        Spread::OnePage | Spread::EveryPage => Vec::new(),
    };
    let whole = match plan.options.spread {
        Spread::OnePage | Spread::PageAndEdge(_) => plan.page..plan.page.saturating_add(1),
        Spread::EveryPage => 0..pages,
        Spread::Edge(_) => 0..0,
    };
    for page in whole {
        let count = pages;
        let page_box = document
            .page_box(page)
            .ok_or(PdfError::NoSuchPage { page, count })?;
        let mut taken = document.visible_annotations(page);
        let own = places.iter().filter(|place| place.page == page);
        taken.extend(own.map(|place| place.placement.rect));
        let placement = place(&page_box, plan, &taken)?;
        places.push(Place { page, placement });
    }
    places.sort_by_key(|place| place.page);
    Ok(places)
}

fn slices(
    document: &Document,
    plan: &FieldPlan<'_>,
    edge: &EdgeSeal,
) -> Result<Vec<Place>, PdfError> {
    let count = document.page_count();
    let mut places = Vec::with_capacity(count + 1);
    for slices in edge.groups(count) {
        for slice in 0..slices {
            let page = places.len();
            let page_box = document
                .page_box(page)
                .ok_or(PdfError::NoSuchPage { page, count })?;
            let placement = Placement::slice(&page_box, plan, edge.y_mm, slice, slices)?;
            places.push(Place { page, placement });
        }
    }
    Ok(places)
}
