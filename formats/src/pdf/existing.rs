//! Signing a field that is there already and empty.

use super::attach::{object_of, with_entries};
use super::document::Document;
use super::fields::SignatureField;
use super::geometry::Placement;
use super::locks::LockedFields;
use super::options::LockEntries;
use super::picture::Picture;
use super::prepare::Appearances;
use super::revision::Revision;
use super::{FieldPlan, PdfError};
use hayro_syntax::object::{Array, Dict, Rect};

/// More widgets than a signature field has; a bound for hostile files.
const MAX_WIDGETS: usize = 100;

/// Finds the empty field that the plan names, and refuses what cannot be filled in.
pub(super) fn find<'a>(document: &'a Document, name: &str) -> Result<SignatureField<'a>, PdfError> {
    let field = document
        .signature_fields()
        .into_iter()
        .find(|field| field.name == name && field.value.is_none())
        .ok_or(PdfError::NoSuchField)?;
    document.field_is_open(name)?;
    let demands = field.dict.get::<Dict<'_>>("SV");
    if demands.is_some_and(|values| values.get::<i32>("Ff").unwrap_or(0) != 0) {
        return Err(PdfError::FieldDemands);
    }
    Ok(field)
}

/// The lock that the field's maker wants its signature to have.
pub(super) fn own_lock(field: &SignatureField<'_>) -> Option<LockEntries> {
    let lock = LockedFields::read(&field.dict.get::<Dict<'_>>("Lock")?)?;
    Some(match lock {
        LockedFields::All => LockEntries::new::<&str>("All", &[]),
        LockedFields::Only(names) => LockEntries::new("Include", &names),
        LockedFields::AllBut(names) => LockEntries::new("Exclude", &names),
    })
}

/// Writes the field anew with its value, and the seal on its widgets.
pub(super) fn fill(
    revision: &mut Revision,
    document: &Document,
    plan: &FieldPlan<'_>,
    field: &SignatureField<'_>,
    value: &str,
    seal: &Picture,
) -> Result<(), PdfError> {
    const WHAT: PdfError = PdfError::Damaged("the signature field");
    let (number, generation) = object_of(document, &field.dict).ok_or(WHAT)?;
    let mut entries = vec![("V", value.as_bytes())];
    let kids = field.dict.get::<Array<'_>>("Kids").unwrap_or_default();
    let widgets: Vec<Dict<'_>> = kids.iter::<Dict<'_>>().take(MAX_WIDGETS).collect();
    let mut appearances = Appearances::new(revision, seal);
    for widget in &widgets {
        let Some(placement) = placement(document, plan, widget)? else {
            continue;
        };
        let (number, generation) = object_of(document, widget).ok_or(WHAT)?;
        let appearance = appearances.entry(revision, &placement);
        let body = with_entries(widget.data(), &[("AP", appearance.as_bytes())]).ok_or(WHAT)?;
        revision.replace(number, generation, &body);
    }
    let own = match widgets.is_empty() {
        true => placement(document, plan, &field.dict)?,
        false => None,
    };
    let appearance = own.map(|placement| appearances.entry(revision, &placement));
    if let Some(appearance) = &appearance {
        entries.push(("AP", appearance.as_bytes()));
    }
    let body = with_entries(field.dict.data(), &entries).ok_or(WHAT)?;
    revision.replace(number, generation, &body);
    Ok(())
}

/// Where the seal stands in a widget's rectangle; `None` for a widget without area.
fn placement(
    document: &Document,
    plan: &FieldPlan<'_>,
    widget: &Dict<'_>,
) -> Result<Option<Placement>, PdfError> {
    let Some(rect) = widget.get::<Rect>("Rect") else {
        return Ok(None);
    };
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return Ok(None);
    }
    let page = page_of(document, widget).ok_or(PdfError::Damaged("the signature field's page"))?;
    let page_box = document
        .page_box(page)
        .ok_or(PdfError::Damaged("the page"))?;
    Placement::within(&page_box, plan, [rect.x0, rect.y0, rect.x1, rect.y1]).map(Some)
}

/// The page whose annotations have the widget: its own entry `/P` may be missing or wrong.
fn page_of(document: &Document, widget: &Dict<'_>) -> Option<usize> {
    let id = widget.obj_id()?;
    document.pdf.pages().iter().position(|page| {
        let list = page.raw().get::<Array<'_>>("Annots");
        list.is_some_and(|list| {
            list.raw_iter()
                .any(|item| item.as_obj_ref().is_some_and(|r| id == r.into()))
        })
    })
}
