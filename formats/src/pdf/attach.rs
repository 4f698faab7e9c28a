//! Hanging fields on pages and on the form.

use super::PdfError;
use super::document::Document;
use super::fields::root_names;
use super::lex::dictionary;
use super::revision::Revision;
use hayro_syntax::object::{Array, Dict, MaybeRef, Object, ObjectIdentifier};
use hayro_syntax::page::Page;
use std::collections::HashSet;

/// Objects that hold the annotations of more than one page: what is added to one page must not appear on the others.
pub(super) fn shared_lists(document: &Document) -> HashSet<(u32, u32)> {
    let mut seen = HashSet::new();
    let pages = document.pdf.pages().iter();
    pages
        .filter_map(annotations)
        .filter(|list| !seen.insert(*list))
        .collect()
}

/// An object of the file as written, if `dict` is all of it: what was written into another object reports that one's
/// number.
pub(super) fn object_of(document: &Document, dict: &Dict<'_>) -> Option<(u32, u32)> {
    let id: ObjectIdentifier = dict.obj_id()?;
    let whole = document.pdf.xref().get::<Dict<'_>>(id)?;
    let generation = u32::try_from(id.gen_number).ok()?;
    (whole.data() == dict.data()).then_some((id.obj_number, generation))
}

/// Adds widgets to the page's annotations; returns the reference to the page.
pub(super) fn write_page(
    revision: &mut Revision,
    document: &Document,
    index: usize,
    widgets: &[u32],
    shared: &HashSet<(u32, u32)>,
) -> Result<String, PdfError> {
    const WHAT: PdfError = PdfError::Damaged("the page");
    let page = document.pdf.pages().get(index).ok_or(WHAT)?;
    let (number, generation) = object_of(document, page.raw()).ok_or(WHAT)?;
    let added: Vec<String> = widgets.iter().map(|w| format!("{w} 0 R")).collect();
    let added = added.join(" ");
    let list = page.raw().get::<Array<'_>>("Annots");
    match (annotations(page).filter(|r| !shared.contains(r)), &list) {
        (Some((number, generation)), Some(list)) => {
            revision.replace(number, generation, &extended(list.data(), &added));
        }
        _ => {
            let value = extended(list.as_ref().map_or(b"", |l| l.data()), &added);
            let body = with_entries(page.raw().data(), &[("Annots", &value)]).ok_or(WHAT)?;
            revision.replace(number, generation, &body);
        }
    }
    Ok(format!("{number} {generation} R"))
}

/// The object that holds a page's annotations, if it is not the page itself.
fn annotations(page: &Page<'_>) -> Option<(u32, u32)> {
    indirect(page.raw(), "Annots")
}

pub(super) fn indirect(dict: &Dict<'_>, key: &str) -> Option<(u32, u32)> {
    match dict.get_raw::<Object<'_>>(key)? {
        MaybeRef::Ref(reference) => Some((
            reference.obj_number,
            u32::try_from(reference.gen_number).ok()?,
        )),
        MaybeRef::NotRef(_) => None,
    }
}

/// Reference to the catalog.
pub(super) fn root_reference(document: &Document) -> String {
    let root = document.pdf.xref().root_id();
    format!("{} {} R", root.obj_number, root.gen_number)
}

/// Adds the field to the form, which is made if there is none; a field that is there already is `None`. A certifying
/// signature is entered into the catalog, too.
pub(super) fn write_form(
    revision: &mut Revision,
    document: &Document,
    field: Option<u32>,
    certifying: Option<u32>,
) -> Result<(), PdfError> {
    const WHAT: PdfError = PdfError::Damaged("the catalog");
    let catalog = document.catalog().ok_or(WHAT)?;
    let form = match document.form() {
        Some(form) => changed_form(revision, &catalog, &form, field)?,
        None => {
            let field = field.ok_or(PdfError::Damaged("the form"))?;
            let number = revision.reserve();
            let body = format!("<</Fields [{field} 0 R] /SigFlags 3>>");
            revision.object(number, body.as_bytes());
            Some(format!("{number} 0 R").into_bytes())
        }
    };
    let mut changes: Vec<(&str, &[u8])> = Vec::new();
    if let Some(form) = &form {
        changes.push(("AcroForm", form));
    }
    let permissions;
    if let Some(signature) = certifying {
        let held = catalog.get::<Dict<'_>>("Perms");
        let held = held.as_ref().map_or(&b"<<>>"[..], |p| p.data());
        let entry = format!("{signature} 0 R");
        permissions = with_entries(held, &[("DocMDP", entry.as_bytes())]).ok_or(WHAT)?;
        changes.push(("Perms", &permissions));
    }
    if changes.is_empty() {
        return Ok(());
    }
    let root = document.pdf.xref().root_id();
    let generation = u32::try_from(root.gen_number).map_err(|_| WHAT)?;
    let body = with_entries(catalog.data(), &changes).ok_or(WHAT)?;
    revision.replace(root.obj_number, generation, &body);
    Ok(())
}

/// Changes an existing form; returns the catalog's entry if that must change, too.
fn changed_form(
    revision: &mut Revision,
    catalog: &Dict<'_>,
    form: &Dict<'_>,
    field: Option<u32>,
) -> Result<Option<Vec<u8>>, PdfError> {
    let flags = form.get::<i32>("SigFlags").unwrap_or(0);
    let new_flags = (flags | 3).to_string();
    let mut changes: Vec<(&str, &[u8])> = Vec::new();
    if flags & 3 != 3 {
        changes.push(("SigFlags", new_flags.as_bytes()));
    }
    let list = form.get::<Array<'_>>("Fields");
    let fields;
    if let Some(field) = field {
        let added = format!("{field} 0 R");
        match (indirect(form, "Fields"), &list) {
            (Some((number, generation)), Some(list)) => {
                revision.replace(number, generation, &extended(list.data(), &added));
            }
            _ => {
                fields = extended(list.as_ref().map_or(b"", |l| l.data()), &added);
                changes.push(("Fields", &fields));
            }
        }
    }
    if changes.is_empty() {
        return Ok(None);
    }
    let body = with_entries(form.data(), &changes).ok_or(PdfError::Damaged("the form"))?;
    match indirect(catalog, "AcroForm") {
        Some((number, generation)) => {
            revision.replace(number, generation, &body);
            Ok(None)
        }
        None => Ok(Some(body)),
    }
}

/// An array of the same members and these.
fn extended(members: &[u8], added: &str) -> Vec<u8> {
    [b"[", members.trim_ascii(), b"\n", added.as_bytes(), b"]"].concat()
}

/// A dictionary with some entries set, the others byte for byte as they were.
pub(super) fn with_entries(dict: &[u8], changes: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let (entries, _) = dictionary(dict, 0)?;
    let mut body = b"<<".to_vec();
    for found in &entries {
        if changes.iter().all(|(key, _)| key.as_bytes() != found.key) {
            body.extend_from_slice(dict.get(found.span.clone())?);
            body.push(b'\n');
        }
    }
    for (key, value) in changes {
        body.extend_from_slice(format!("/{key} ").as_bytes());
        body.extend_from_slice(value);
        body.push(b'\n');
    }
    body.extend_from_slice(b">>");
    Some(body)
}

pub(super) fn free_name(document: &Document) -> String {
    let taken = document
        .form()
        .map(|form| root_names(&form, document.pdf.xref()))
        .unwrap_or_default();
    (1..)
        .map(|n| format!("Signature{n}"))
        .find(|name| !taken.contains(name.as_bytes()))
        .unwrap_or_else(|| "Signature".to_owned())
}
