//! An opened file.

use super::attach::free_name;
use super::fields::{SignatureField, signature_fields};
use super::locks::{Lock, LockedFields, locks};
use super::structure::Structure;
use super::{MAX_FILE, MAX_PAGES, MAX_UNSIGNED, PdfError};
use hayro_syntax::object::{Array, Dict, Name, Rect};
use hayro_syntax::page::{Page, Rotation};
use hayro_syntax::{LoadPdfError, Pdf};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Millimetres of one default user space unit (1/72 inch).
pub(super) const MM_PER_UNIT: f64 = 25.4 / 72.0;

/// More annotations than a page that people read has; a bound for hostile files.
const MAX_ANNOTATIONS: usize = 10_000;

/// A file that can be signed.
pub struct Document {
    pub(super) pdf: Pdf,
    pub(super) structure: Structure,
}

/// The visible page as a reader sees it, after rotation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageBox {
    /// Width in millimetres.
    pub width_mm: f64,
    /// Height in millimetres.
    pub height_mm: f64,
    /// Clockwise rotation in degrees: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Visible box in unrotated user space: left, bottom, right, top.
    pub(super) visible: [f64; 4],
    /// User space units per millimetre.
    pub(super) units_per_mm: f64,
}

impl Document {
    /// Opens a file for signing; refuses what could not be signed, or not without harm to earlier signatures.
    pub fn open(bytes: &[u8]) -> Result<Self, PdfError> {
        guarded(|| {
            let document = Self::read(bytes)?;
            document.check_policy()?;
            Ok(document)
        })
    }

    /// Opens a file for looking only.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PdfError> {
        if bytes.is_empty() {
            return Err(PdfError::Empty);
        }
        if bytes.len() > MAX_FILE {
            return Err(PdfError::TooLarge);
        }
        let head = bytes.get(..1024).unwrap_or(bytes);
        if !head.windows(5).any(|w| w == b"%PDF-") {
            return Err(PdfError::NotPdf);
        }
        let structure = Structure::read(bytes)?;
        super::containers::check(bytes, &structure.streams)?;
        let pdf = load(bytes)?;
        match pdf.pages().len() {
            0 => Err(PdfError::NoPages),
            count if count > MAX_PAGES => Err(PdfError::TooManyPages),
            _ => Ok(Self { pdf, structure }),
        }
    }

    /// Whether one more signature, in a field of its own, would leave the earlier ones valid and the file readable.
    pub fn takes_signature(&self) -> Result<(), PdfError> {
        self.has_room()?;
        if self.locks().contains(&Lock::NoNewField) {
            return Err(PdfError::CertifiedNoNewField);
        }
        self.field_is_open(&free_name(self))
    }

    /// Whether the file is small enough for one more revision.
    pub(super) fn has_room(&self) -> Result<(), PdfError> {
        match self.bytes().len() > MAX_UNSIGNED {
            true => Err(PdfError::TooLarge),
            false => Ok(()),
        }
    }

    /// Whether no earlier signature locks the field of this full name.
    pub(super) fn field_is_open(&self, field: &str) -> Result<(), PdfError> {
        let locked = |lock: &Lock| matches!(lock, Lock::Fields(fields) if fields.covers(field));
        match self.locks().iter().any(locked) {
            true => Err(PdfError::FieldsLocked),
            false => Ok(()),
        }
    }

    /// Number of pages, at least 1.
    pub fn page_count(&self) -> usize {
        self.pdf.pages().len()
    }

    /// Size of page `index` (from 0).
    pub fn page_box(&self, index: usize) -> Option<PageBox> {
        self.pdf.pages().get(index).map(page_box)
    }

    /// Rectangles of what stands on page `index` beside its contents: earlier seals, form fields, notes.
    pub(super) fn visible_annotations(&self, index: usize) -> Vec<[f64; 4]> {
        let pages = self.pdf.pages();
        let list = pages
            .get(index)
            .and_then(|p| p.raw().get::<Array<'_>>("Annots"));
        let Some(list) = list else {
            return Vec::new();
        };
        list.iter::<Dict<'_>>()
            .take(MAX_ANNOTATIONS)
            .filter(is_visible)
            .filter_map(|annotation| annotation.get::<Rect>("Rect"))
            .filter(|rect| rect.width() > 0.0 && rect.height() > 0.0)
            .map(|rect| [rect.x0, rect.y0, rect.x1, rect.y1])
            .collect()
    }

    /// Number of signature fields that hold a signature.
    pub fn signature_count(&self) -> usize {
        self.signature_fields()
            .iter()
            .filter(|f| f.value.is_some())
            .count()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.pdf.data().as_ref()
    }

    pub(super) fn catalog(&self) -> Option<Dict<'_>> {
        self.pdf.xref().get::<Dict<'_>>(self.pdf.xref().root_id())
    }

    pub(super) fn form(&self) -> Option<Dict<'_>> {
        self.catalog()?.get::<Dict<'_>>("AcroForm")
    }

    pub(super) fn signature_fields(&self) -> Vec<SignatureField<'_>> {
        self.form()
            .map(|form| signature_fields(&form, self.pdf.xref()))
            .unwrap_or_default()
    }

    /// Where a slice that the parser returned lies in the file; `None` for what came out of an object stream.
    pub(super) fn offset_of(&self, part: &[u8]) -> Option<usize> {
        let offset = (part.as_ptr() as usize).checked_sub(self.bytes().as_ptr() as usize)?;
        (offset.checked_add(part.len())? <= self.bytes().len()).then_some(offset)
    }

    /// What each signature forbids to those who come after.
    pub(super) fn locks(&self) -> Vec<Lock> {
        self.signature_fields()
            .iter()
            .filter_map(|f| f.value.as_ref().map(locks))
            .flatten()
            .collect()
    }

    fn check_policy(&self) -> Result<(), PdfError> {
        if self.form().is_some_and(|form| form.contains_key("XFA")) {
            return Err(PdfError::Xfa);
        }
        let locks = self.locks();
        if locks.contains(&Lock::NoChanges) {
            return Err(PdfError::CertifiedNoChanges);
        }
        if locks.contains(&Lock::Fields(LockedFields::All)) {
            return Err(PdfError::FieldsLocked);
        }
        Ok(())
    }
}

/// Neither hidden nor kept from the screen (ISO 32000-2 § 12.5.3), nor the window of a note.
fn is_visible(annotation: &Dict<'_>) -> bool {
    const HIDDEN_OR_NO_VIEW: i32 = 1 << 1 | 1 << 5;
    let popup = annotation
        .get::<Name<'_>>("Subtype")
        .is_some_and(|kind| kind.as_ref() == b"Popup");
    !popup && annotation.get::<i32>("F").unwrap_or(0) & HIDDEN_OR_NO_VIEW == 0
}

/// The parser is young: a panic inside it refuses the file instead of ending the program.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, PdfError>) -> Result<T, PdfError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(PdfError::Damaged("an object")))
}

fn load(bytes: &[u8]) -> Result<Pdf, PdfError> {
    Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => PdfError::Encrypted,
        LoadPdfError::Invalid => PdfError::Damaged("the page tree"),
    })
}

fn page_box(page: &Page<'_>) -> PageBox {
    let visible = page.intersected_crop_box();
    let unit = page
        .raw()
        .get::<f32>("UserUnit")
        .filter(|u| *u > 0.0)
        .map_or(1.0, f64::from);
    let rotation = match page.rotation() {
        Rotation::None => 0,
        Rotation::Horizontal => 90,
        Rotation::Flipped => 180,
        Rotation::FlippedHorizontal => 270,
    };
    let (mut width, mut height) = (visible.width(), visible.height());
    if rotation % 180 == 90 {
        std::mem::swap(&mut width, &mut height);
    }
    let mm = MM_PER_UNIT * unit;
    PageBox {
        width_mm: width * mm,
        height_mm: height * mm,
        rotation,
        visible: [visible.x0, visible.y0, visible.x1, visible.y1],
        units_per_mm: 1.0 / mm,
    }
}
