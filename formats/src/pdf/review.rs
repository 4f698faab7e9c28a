//! What a person may be shown (WYSIWYS): files whose look can change after signing are refused.

use super::PdfError;
use super::document::{Document, guarded};
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};
use std::collections::{BTreeSet, HashSet};

/// Objects looked at before a file counts as too tangled to judge.
const MAX_OBJECTS: usize = 2_000_000;

/// How a file may be presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// Show it; it may be part of a batch.
    Show,
    /// Show it with a warning and ask for it alone.
    Amber,
    /// Do not sign it.
    Refuse,
}

/// Why a file is not simply shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReviewReason {
    /// A script.
    JavaScript,
    /// An XFA form.
    Xfa,
    /// Something other than going to a page happens on opening.
    OpenAction,
    /// Starts a program or opens another file.
    Launch,
    /// Sound, film, 3D or another embedded player.
    RichMedia,
    /// Encrypted.
    Encrypted,
    /// The file cannot be opened for signing; the text says why, in one sentence without personal data.
    Unreadable(String),
    /// Layers that can be switched on and off.
    OptionalContent,
    /// A font that is not in the file: every reader may draw it differently.
    FontNotEmbedded,
}

impl ReviewReason {
    /// Its name in data: lower case, with underscores.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::JavaScript => "java_script",
            Self::Xfa => "xfa",
            Self::OpenAction => "open_action",
            Self::Launch => "launch",
            Self::RichMedia => "rich_media",
            Self::Encrypted => "encrypted",
            Self::Unreadable(_) => "unreadable",
            Self::OptionalContent => "optional_content",
            Self::FontNotEmbedded => "font_not_embedded",
        }
    }

    fn decision(&self) -> Decision {
        match self {
            Self::OptionalContent | Self::FontNotEmbedded => Decision::Amber,
            _ => Decision::Refuse,
        }
    }
}

/// The verdict: the strictest of its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// How to present the file.
    pub decision: Decision,
    /// Why; sorted, without repetition, empty for [`Decision::Show`].
    pub reasons: Vec<ReviewReason>,
}

/// Looks through every object that can take part in what is shown.
pub fn review(bytes: &[u8]) -> Review {
    let found = guarded(|| inspect(&Document::open(bytes)?)).unwrap_or_else(|error| {
        BTreeSet::from([match error {
            PdfError::Encrypted => ReviewReason::Encrypted,
            PdfError::Xfa => ReviewReason::Xfa,
            error => ReviewReason::Unreadable(error.to_string()),
        }])
    });
    let decision = found
        .iter()
        .map(ReviewReason::decision)
        .max()
        .unwrap_or(Decision::Show);
    Review {
        decision,
        reasons: found.into_iter().collect(),
    }
}

fn inspect(document: &Document) -> Result<BTreeSet<ReviewReason>, PdfError> {
    let mut found = BTreeSet::new();
    let catalog = document.catalog().ok_or(PdfError::Damaged("the catalog"))?;
    if catalog.contains_key("OCProperties") {
        found.insert(ReviewReason::OptionalContent);
    }
    if catalog.contains_key("OpenAction") && !is_page_destination(&catalog) {
        found.insert(ReviewReason::OpenAction);
    }
    let everything = vec![Object::Dict(catalog.clone())];
    walk(document, everything, &[], &mut |dict| {
        dangers(dict, &mut found)
    })?;
    // Fonts that only an empty form field would use (the form's default resources) draw nothing.
    let pages = catalog
        .get::<Dict<'_>>("Pages")
        .map(Object::Dict)
        .into_iter()
        .collect();
    let mut missing = false;
    walk(
        document,
        pages,
        &["Parent", "P", "StructParents"],
        &mut |dict| missing |= is_foreign_font(dict),
    )?;
    if missing {
        found.insert(ReviewReason::FontNotEmbedded);
    }
    Ok(found)
}

/// Visits every dictionary reachable from `waiting`, each indirect object once, skipping the named keys.
fn walk<'a>(
    document: &'a Document,
    mut waiting: Vec<Object<'a>>,
    skipped: &[&str],
    visit: &mut impl FnMut(&Dict<'a>),
) -> Result<(), PdfError> {
    let xref = document.pdf.xref();
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut push = |item: MaybeRef<Object<'a>>, waiting: &mut Vec<Object<'a>>| match item {
        MaybeRef::Ref(reference) if seen.len() < MAX_OBJECTS && seen.insert(reference.into()) => {
            waiting.extend(xref.get::<Object<'a>>(reference.into()));
        }
        MaybeRef::Ref(_) => {}
        MaybeRef::NotRef(object) => waiting.push(object),
    };
    while let Some(object) = waiting.pop() {
        let dict = match object {
            Object::Dict(dict) => dict,
            Object::Stream(stream) => stream.dict().clone(),
            Object::Array(array) => {
                array.raw_iter().for_each(|item| push(item, &mut waiting));
                continue;
            }
            _ => continue,
        };
        visit(&dict);
        for (key, item) in dict.entries() {
            if skipped.iter().all(|s| s.as_bytes() != key.as_ref()) {
                push(item, &mut waiting);
            }
        }
    }
    if seen.len() < MAX_OBJECTS {
        Ok(())
    } else {
        Err(PdfError::Damaged("so many objects"))
    }
}

fn dangers(dict: &Dict<'_>, found: &mut BTreeSet<ReviewReason>) {
    if dict.contains_key("JS") || dict.contains_key("JavaScript") {
        found.insert(ReviewReason::JavaScript);
    }
    if dict.contains_key("XFA") {
        found.insert(ReviewReason::Xfa);
    }
    let action = dict.get::<Name<'_>>("S");
    match action.as_ref().map(|n| n.as_ref()) {
        Some(b"JavaScript") => {
            found.insert(ReviewReason::JavaScript);
        }
        Some(b"Launch" | b"GoToR" | b"GoToE" | b"ImportData") => {
            found.insert(ReviewReason::Launch);
        }
        Some(b"Rendition" | b"Movie" | b"Sound" | b"RichMediaExecute" | b"GoTo3DView") => {
            found.insert(ReviewReason::RichMedia);
        }
        // Shows and hides parts of the page without a script.
        Some(b"Hide" | b"SetOCGState") => {
            found.insert(ReviewReason::OpenAction);
        }
        _ => {}
    }
    let kind = dict.get::<Name<'_>>("Subtype");
    let media = [&b"RichMedia"[..], b"3D", b"Movie", b"Sound", b"Screen"];
    let is_annotation = dict.contains_key("Rect");
    if is_annotation && kind.is_some_and(|k| media.contains(&k.as_ref())) {
        found.insert(ReviewReason::RichMedia);
    }
    if dict
        .get::<Dict<'_>>("AA")
        .is_some_and(|actions| !actions.is_empty())
    {
        found.insert(ReviewReason::OpenAction);
    }
}

/// `/OpenAction` as an explicit or named destination in this file, or an action that only goes to one.
fn is_page_destination(catalog: &Dict<'_>) -> bool {
    match catalog.get::<Object<'_>>("OpenAction") {
        Some(Object::Array(_) | Object::Name(_) | Object::String(_) | Object::Null(_)) | None => {
            true
        }
        Some(Object::Dict(action)) => {
            let goes = action
                .get::<Name<'_>>("S")
                .is_some_and(|s| s.as_ref() == b"GoTo");
            goes && !action.contains_key("Next")
        }
        _ => false,
    }
}

/// A font dictionary whose shapes are not in the file. Type 3 fonts draw themselves; a composite font's shapes
/// belong to its descendant, which is a font dictionary of its own.
fn is_foreign_font(dict: &Dict<'_>) -> bool {
    let name = |key: &str| dict.get::<Name<'_>>(key);
    if name("Type").is_none_or(|t| t.as_ref() != b"Font") {
        return false;
    }
    match name("Subtype").as_ref().map(|s| s.as_ref()) {
        Some(b"Type3") => false,
        Some(b"Type0") => dict.get::<Array<'_>>("DescendantFonts").is_none(),
        _ => {
            let descriptor = dict.get::<Dict<'_>>("FontDescriptor");
            descriptor.is_none_or(|d| {
                ["FontFile", "FontFile2", "FontFile3"]
                    .iter()
                    .all(|k| !d.contains_key(k))
            })
        }
    }
}
