//! Appending a signature field with its seal and a place for the signature.

use super::attach::{free_name, root_reference, shared_lists, write_form, write_page};
use super::document::{Document, guarded};
use super::geometry::Placement;
use super::options::{FieldOptions, LockEntries};
use super::picture::{Picture, picture};
use super::revision::{Revision, hex};
use super::spread::{Place, places};
use super::{CONTENTS_ROOM, MAX_FILE, PdfError, Position, existing};
use std::collections::{HashMap, HashSet};
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
    /// Beyond one seal in a new field; `FieldOptions::default()` for that.
    pub options: FieldOptions<'a>,
}

/// A file that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The original bytes and one more revision.
    pub bytes: Vec<u8>,
    /// `/ByteRange` as written: offset, length, offset, length.
    pub byte_range: [u64; 4],
}

/// Appends one revision with a signature field on the planned page, or fills in an existing one; see [`FieldPlan`].
///
/// A new field's name is `Signature<n>` with the first free n. The signature dictionary is the last object, of the
/// kind `ETSI.CAdES.detached`, with [`CONTENTS_ROOM`] zero bytes for the CMS object.
pub fn prepare(bytes: &[u8], plan: &FieldPlan<'_>) -> Result<Prepared, PdfError> {
    guarded(|| {
        let document = Document::open(bytes)?;
        plan.options.check(&document)?;
        document.has_room()?;
        match plan.options.field {
            Some(name) => fill(bytes, plan, &document, name),
            None => append(bytes, plan, &document),
        }
    })
}

/// A new field.
fn append(bytes: &[u8], plan: &FieldPlan<'_>, document: &Document) -> Result<Prepared, PdfError> {
    document.takes_signature()?;
    let places = places(document, plan)?;
    let seal = picture(plan.picture_png)?;
    let mut revision = Revision::after(bytes, &document.structure, room(&seal, places.len()));
    let field = revision.reserve();
    let signature = revision.reserve();
    let lock = plan.options.lock.map(LockEntries::of);
    let mut entries = format!("/FT /Sig /T ({}) /V {signature} 0 R", free_name(document));
    if let Some(lock) = &lock {
        let number = revision.reserve();
        revision.object(number, lock.dictionary().as_bytes());
        entries.push_str(&format!(" /Lock {number} 0 R"));
    }
    write_widgets(
        &mut revision,
        document,
        &places,
        &seal,
        [field, signature],
        &entries,
    )?;
    let certifying = plan.options.certify.map(|_| signature);
    write_form(&mut revision, document, Some(field), certifying)?;
    let dictionary = signature_dictionary(plan, document, lock.as_ref())?;
    finish(revision, document, signature, &dictionary)
}

/// A field that is there: its own lock becomes the signature's.
fn fill(
    bytes: &[u8],
    plan: &FieldPlan<'_>,
    document: &Document,
    name: &str,
) -> Result<Prepared, PdfError> {
    let field = existing::find(document, name)?;
    let own = existing::own_lock(&field);
    if own.is_some() && plan.options.lock.is_some() {
        return Err(PdfError::FieldDemands);
    }
    let seal = picture(plan.picture_png)?;
    let mut revision = Revision::after(bytes, &document.structure, room(&seal, 1));
    let signature = revision.reserve();
    let value = format!("{signature} 0 R");
    existing::fill(&mut revision, document, plan, &field, &value, &seal)?;
    let certifying = plan.options.certify.map(|_| signature);
    write_form(&mut revision, document, None, certifying)?;
    // The field's own dictionary keeps its entries: earlier signatures let only its value and its look change.
    let lock = own.or_else(|| plan.options.lock.map(LockEntries::of));
    let dictionary = signature_dictionary(plan, document, lock.as_ref())?;
    finish(revision, document, signature, &dictionary)
}

/// Expected bytes of the new revision.
fn room(seal: &Picture, places: usize) -> usize {
    seal.color.len() + seal.alpha.len() + 2 * CONTENTS_ROOM + 64 * 1024 + places * 1024
}

/// The field with its places. One place is the field itself; several are its widgets, one on each page.
fn write_widgets(
    revision: &mut Revision,
    document: &Document,
    places: &[Place],
    seal: &Picture,
    [field, signature]: [u32; 2],
    entries: &str,
) -> Result<(), PdfError> {
    let mut appearances = Appearances::new(revision, seal);
    let shared = shared_lists(document);
    // A widget inherits its field's kind and value; poppler 22.12 calls it unsigned where they are not repeated.
    let repeated = format!("/FT /Sig /V {signature} 0 R");
    let mut written = HashSet::new();
    let mut kids = String::new();
    for on_page in places.chunk_by(|a, b| a.page == b.page) {
        let numbers: Vec<u32> = match places.len() {
            1 => vec![field],
            _ => on_page.iter().map(|_| revision.reserve()).collect(),
        };
        let index = on_page.first().map_or(0, |place| place.page);
        let page = write_page(revision, document, index, &numbers, &shared)?;
        // A page that the tree names twice would be written twice.
        if !written.insert(page.clone()) {
            return Err(PdfError::Damaged("the page tree"));
        }
        for (place, widget) in on_page.iter().zip(numbers) {
            let own = match widget == field {
                true => entries.to_owned(),
                false => format!("/Parent {field} 0 R {repeated}"),
            };
            let [x0, y0, x1, y1] = place.placement.rect.map(number);
            let appearance = appearances.entry(revision, &place.placement);
            let body = format!(
                "<</Type /Annot /Subtype /Widget {own} /F 132 /P {page} /Rect [{x0} {y0} {x1} {y1}] /AP {appearance}>>"
            );
            revision.object(widget, body.as_bytes());
            kids.push_str(&format!("{widget} 0 R "));
        }
    }
    if places.len() > 1 {
        let body = format!("<<{entries} /Kids [{}]>>", kids.trim_end());
        revision.object(field, body.as_bytes());
    }
    Ok(())
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

fn signature_dictionary(
    plan: &FieldPlan<'_>,
    document: &Document,
    lock: Option<&LockEntries>,
) -> Result<Unfilled, PdfError> {
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
    let certification = plan.options.certify.map(|level| level.reference());
    let lock = lock.map(|lock| lock.reference(&root_reference(document)));
    let references: Vec<String> = certification.into_iter().chain(lock).collect();
    if !references.is_empty() {
        text.push_str(&format!(" /Reference [{}]", references.join(" ")));
    }
    Ok(dictionary)
}

/// The seal's picture, written once, and a form for every way in which it is shown.
pub(super) struct Appearances {
    image: u32,
    forms: HashMap<(String, String), u32>,
}

impl Appearances {
    pub fn new(revision: &mut Revision, seal: &Picture) -> Self {
        let Picture {
            width,
            height,
            color_space,
            bits,
            color,
            alpha,
        } = seal;
        let (mask, image) = (revision.reserve(), revision.reserve());
        let size = format!(
            "/Type /XObject /Subtype /Image /Width {width} /Height {height} /Filter /FlateDecode"
        );
        revision.stream(
            mask,
            &format!("{size} /ColorSpace /DeviceGray /BitsPerComponent 8"),
            alpha,
        );
        let colors =
            format!("/ColorSpace {color_space} /BitsPerComponent {bits} /SMask {mask} 0 R");
        revision.stream(image, &format!("{size} {colors}"), color);
        Self {
            image,
            forms: HashMap::new(),
        }
    }

    /// A widget's `/AP`.
    pub fn entry(&mut self, revision: &mut Revision, placement: &Placement) -> String {
        let [width, height] = placement.size.map(number);
        let matrix = placement.matrix.map(number).join(" ");
        let [x, y, w, h] = placement.picture.map(number);
        let dict = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 {width} {height}] /Matrix [{matrix}] \
             /Resources <</XObject <</Seal {} 0 R>>>>",
            self.image
        );
        let content = format!("q {w} 0 0 {h} {x} {y} cm /Seal Do Q");
        let form = *self.forms.entry((dict, content)).or_insert_with_key(|key| {
            let form = revision.reserve();
            revision.stream(form, &key.0, key.1.as_bytes());
            form
        });
        format!("<</N {form} 0 R>>")
    }
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
pub(super) fn text_string(text: &str) -> String {
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
