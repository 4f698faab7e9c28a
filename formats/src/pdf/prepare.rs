//! Appending a signature field with its seal and a place for the signature.

use super::document::{Document, guarded};
use super::fields::root_names;
use super::geometry::{Placement, place};
use super::lex::dictionary;
use super::picture::{Picture, picture};
use super::revision::{Revision, hex};
use super::{CONTENTS_ROOM, MAX_FILE, PdfError, Position};
use hayro_syntax::object::{Array, Dict, MaybeRef, Object};
use hayro_syntax::page::Page;
use std::time::Duration;

/// Width of one number in the written `/ByteRange`; files are below 10^10 bytes.
const RANGE_DIGITS: usize = 10;
/// China Standard Time, which readers of these documents expect to see.
const UTC_PLUS_8: Duration = Duration::from_secs(8 * 3600);

/// One signature to prepare.
#[derive(Debug, Clone, Copy)]
pub struct FieldPlan<'a> {
    /// Page that shows the seal, from 0.
    pub page: usize,
    /// The seal's picture, PNG of any colour type; transparency is kept.
    pub picture_png: &'a [u8],
    /// Width on paper in millimetres (40 mm are 113.39 pt).
    pub width_mm: f64,
    /// Height on paper in millimetres.
    pub height_mm: f64,
    /// Where on the page.
    pub position: Position,
    /// `/Name`: who signs, as the certificate has it.
    pub signer_name: &'a str,
    /// `/Reason`; left out if empty.
    pub reason: &'a str,
    /// Signing time in seconds since 1970-01-01 UTC, for `/M`.
    pub time_unix: u64,
}

/// A file that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The original bytes and one more revision.
    pub bytes: Vec<u8>,
    /// `/ByteRange` as written: offset, length, offset, length.
    pub byte_range: [u64; 4],
}

/// Appends one revision with a signature field on the planned page; see [`FieldPlan`].
///
/// The field's name is `Signature<n>` with the first free n. The signature dictionary is the last object, of the
/// kind `ETSI.CAdES.detached`, with [`CONTENTS_ROOM`] zero bytes for the CMS object.
pub fn prepare(bytes: &[u8], plan: &FieldPlan<'_>) -> Result<Prepared, PdfError> {
    guarded(|| append(bytes, plan))
}

fn append(bytes: &[u8], plan: &FieldPlan<'_>) -> Result<Prepared, PdfError> {
    let document = Document::open(bytes)?;
    document.takes_signature()?;
    let count = document.page_count();
    let page_box = document.page_box(plan.page).ok_or(PdfError::NoSuchPage {
        page: plan.page,
        count,
    })?;
    let placement = place(&page_box, plan, &document.visible_annotations(plan.page))?;
    let seal = picture(plan.picture_png)?;
    let room = seal.color.len() + seal.alpha.len() + 2 * CONTENTS_ROOM + 64 * 1024;

    let mut revision = Revision::after(bytes, &document.structure, room);
    let field = revision.reserve();
    let signature = revision.reserve();
    let appearance = write_appearance(&mut revision, &placement, &seal);
    let page = write_page(&mut revision, &document, plan.page, field)?;
    write_form(&mut revision, &document, field)?;
    let name = free_name(&document);
    let [x0, y0, x1, y1] = placement.rect.map(number);
    let widget = format!(
        "<</Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /F 132 /P {page} /Rect [{x0} {y0} {x1} {y1}] \
         /AP <</N {appearance} 0 R>> /V {signature} 0 R>>"
    );
    revision.object(field, widget.as_bytes());
    let dictionary = signature_dictionary(plan)?;
    finish(revision, &document, signature, &dictionary)
}

/// A signature dictionary whose `/ByteRange` and `/Contents` are still to be filled.
pub(super) struct Unfilled {
    text: String,
    /// Where the `/Contents` string begins.
    hole: usize,
    /// Where the numbers of `/ByteRange` begin.
    range: usize,
}

impl Unfilled {
    /// Of this type and kind.
    pub(super) fn new(kind: &str, sub_filter: &str) -> Self {
        let mut text =
            format!("<</Type /{kind} /Filter /Adobe.PPKLite /SubFilter /{sub_filter} /ByteRange [");
        let range = text.len();
        text.push_str(&" ".repeat(4 * RANGE_DIGITS + 3));
        text.push_str("] /Contents ");
        let hole = text.len();
        text.push('<');
        text.push_str(&"0".repeat(2 * CONTENTS_ROOM));
        text.push('>');
        Self { text, hole, range }
    }
}

/// Writes the signature dictionary as the last object, ends the revision and fills in `/ByteRange`.
pub(super) fn finish(
    mut revision: Revision,
    document: &Document,
    signature: u32,
    dictionary: &Unfilled,
) -> Result<Prepared, PdfError> {
    let body = format!("{}>>", dictionary.text);
    let start = revision.object(signature, body.as_bytes());
    let mut bytes = revision.finish(&document.structure)?;
    if bytes.len() > MAX_FILE {
        return Err(PdfError::TooLarge);
    }
    let hole = start + dictionary.hole;
    let end_of_hole = hole + 2 * CONTENTS_ROOM + 2;
    let byte_range = [0, hole, end_of_hole, bytes.len() - end_of_hole].map(|n| n as u64);
    let text = byte_range.map(|n| format!("{n:>RANGE_DIGITS$}")).join(" ");
    let range = start + dictionary.range;
    let slot = bytes
        .get_mut(range..range + text.len())
        .ok_or(PdfError::TooLarge)?;
    slot.copy_from_slice(text.as_bytes());
    Ok(Prepared { bytes, byte_range })
}

fn signature_dictionary(plan: &FieldPlan<'_>) -> Result<Unfilled, PdfError> {
    let mut dictionary = Unfilled::new("Sig", "ETSI.CAdES.detached");
    let text = &mut dictionary.text;
    text.push_str(&format!(
        " /M {} /Name {}",
        date(plan.time_unix)?,
        text_string(plan.signer_name)
    ));
    if !plan.reason.is_empty() {
        text.push_str(&format!(" /Reason {}", text_string(plan.reason)));
    }
    Ok(dictionary)
}

fn write_appearance(revision: &mut Revision, placement: &Placement, seal: &Picture) -> u32 {
    let Picture {
        width,
        height,
        color_space,
        bits,
        color,
        alpha,
    } = seal;
    let (mask, image, form) = (revision.reserve(), revision.reserve(), revision.reserve());
    let size = format!(
        "/Type /XObject /Subtype /Image /Width {width} /Height {height} /Filter /FlateDecode"
    );
    revision.stream(
        mask,
        &format!("{size} /ColorSpace /DeviceGray /BitsPerComponent 8"),
        alpha,
    );
    let colors = format!("/ColorSpace {color_space} /BitsPerComponent {bits} /SMask {mask} 0 R");
    revision.stream(image, &format!("{size} {colors}"), color);
    let [w, h] = placement.size.map(number);
    let matrix = placement.matrix.map(number).join(" ");
    let dict = format!(
        "/Type /XObject /Subtype /Form /BBox [0 0 {w} {h}] /Matrix [{matrix}] \
         /Resources <</XObject <</Seal {image} 0 R>>>>"
    );
    revision.stream(
        form,
        &dict,
        format!("q {w} 0 0 {h} 0 0 cm /Seal Do Q").as_bytes(),
    );
    form
}

/// Adds the widget to the page's annotations; returns the reference to the page.
pub(super) fn write_page(
    revision: &mut Revision,
    document: &Document,
    index: usize,
    field: u32,
) -> Result<String, PdfError> {
    const WHAT: PdfError = PdfError::Damaged("the page");
    let pages = document.pdf.pages();
    let page = pages.get(index).ok_or(WHAT)?;
    let id = page.raw().obj_id().ok_or(WHAT)?;
    // A page written directly into the page tree would report its parent's number.
    let itself = document
        .pdf
        .xref()
        .get::<Dict<'_>>(id)
        .is_some_and(|d| d.data() == page.raw().data());
    if !itself {
        return Err(WHAT);
    }
    let generation = u32::try_from(id.gen_number).map_err(|_| WHAT)?;
    let added = format!("{field} 0 R");
    let list = page.raw().get::<Array<'_>>("Annots");
    let shared = |wanted| {
        pages
            .iter()
            .filter(|p| annotations(p) == Some(wanted))
            .count()
            > 1
    };
    match (annotations(page).filter(|r| !shared(*r)), &list) {
        (Some((number, generation)), Some(list)) => {
            revision.replace(number, generation, &extended(list.data(), &added));
        }
        _ => {
            let value = extended(list.as_ref().map_or(b"", |l| l.data()), &added);
            let body = with_entries(page.raw().data(), &[("Annots", &value)]).ok_or(WHAT)?;
            revision.replace(id.obj_number, generation, &body);
        }
    }
    Ok(format!("{} {generation} R", id.obj_number))
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

/// Adds the field to the form, which is made if there is none.
pub(super) fn write_form(
    revision: &mut Revision,
    document: &Document,
    field: u32,
) -> Result<(), PdfError> {
    const WHAT: PdfError = PdfError::Damaged("the catalog");
    let catalog = document.catalog().ok_or(WHAT)?;
    let root = document.pdf.xref().root_id();
    let root_generation = u32::try_from(root.gen_number).map_err(|_| WHAT)?;
    let Some(form) = document.form() else {
        let number = revision.reserve();
        revision.object(
            number,
            format!("<</Fields [{field} 0 R] /SigFlags 3>>").as_bytes(),
        );
        let body = with_entries(
            catalog.data(),
            &[("AcroForm", format!("{number} 0 R").as_bytes())],
        )
        .ok_or(WHAT)?;
        revision.replace(root.obj_number, root_generation, &body);
        return Ok(());
    };

    const FORM: PdfError = PdfError::Damaged("the form");
    let added = format!("{field} 0 R");
    let flags = form.get::<i32>("SigFlags").unwrap_or(0);
    let new_flags = (flags | 3).to_string();
    let mut changes: Vec<(&str, &[u8])> = Vec::new();
    if flags & 3 != 3 {
        changes.push(("SigFlags", new_flags.as_bytes()));
    }
    let list = form.get::<Array<'_>>("Fields");
    let fields;
    match (indirect(&form, "Fields"), &list) {
        (Some((number, generation)), Some(list)) => {
            revision.replace(number, generation, &extended(list.data(), &added));
        }
        _ => {
            fields = extended(list.as_ref().map_or(b"", |l| l.data()), &added);
            changes.push(("Fields", &fields));
        }
    }
    if changes.is_empty() {
        return Ok(());
    }
    let body = with_entries(form.data(), &changes).ok_or(FORM)?;
    match indirect(&catalog, "AcroForm") {
        Some((number, generation)) => revision.replace(number, generation, &body),
        None => {
            let catalog = with_entries(catalog.data(), &[("AcroForm", &body)]).ok_or(WHAT)?;
            revision.replace(root.obj_number, root_generation, &catalog)
        }
    };
    Ok(())
}

/// An array of the same members and one more.
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

/// Four decimals: a hundredth of a micrometre.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" {
        "0".to_owned()
    } else {
        short.to_owned()
    }
}

/// A text string: ASCII as it is in hexadecimal, anything else as UTF-16BE (ISO 32000-2 § 7.9.2.2).
fn text_string(text: &str) -> String {
    if text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return format!("<{}>", hex(text.as_bytes()));
    }
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    format!("<FEFF{}>", hex(&units))
}

/// `D:YYYYMMDDHHmmSS+08'00'` (§ 7.9.4).
fn date(unix: u64) -> Result<String, PdfError> {
    let local = Duration::from_secs(unix).saturating_add(UTC_PLUS_8);
    let t = der::DateTime::from_unix_duration(local)
        .map_err(|_| PdfError::Damaged("the signing time"))?;
    Ok(format!(
        "(D:{:04}{:02}{:02}{:02}{:02}{:02}+08'00')",
        t.year(),
        t.month(),
        t.day(),
        t.hour(),
        t.minutes(),
        t.seconds()
    ))
}
