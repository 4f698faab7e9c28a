//! What came after a signature: the objects of the signed revision against those of the last one.
//!
//! Nothing is taken on trust from what a revision says of itself. Every object that could be reached when the file was signed must still be what it
//! was, apart from a short list of places where signatures, timestamps and evidence are put in. Attacks that swap, hide or overlay content
//! (pdf-insecurity.org: incremental saving, shadow, evil annotation) all have to change some such object.

use super::super::PdfError;
use super::super::document::Document;
use super::super::fields::signature_fields;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Objects looked at before a file counts as too tangled to judge.
const MAX_OBJECTS: usize = 500_000;
/// Deepest nesting of arrays and dictionaries inside one object.
const MAX_DEPTH: usize = 64;

/// One difference between a signed revision and the last one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Certificates, revocation lists, OCSP answers.
    Evidence,
    /// A signature or timestamp in a field of its own, or in one that was there and empty; the field's name.
    Signed(String),
    /// Anything else: what it is in a few words.
    Other(String),
}

type Print = [u8; 32];

/// The changes from `signed` to `now`, sorted; empty if only the file's end differs.
///
/// # Errors
/// [`PdfError::Damaged`] for a file that is too tangled.
pub fn changes(signed: &Document, now: &Document) -> Result<BTreeSet<Change>, PdfError> {
    let mut comparison = Comparison {
        signed,
        now,
        found: BTreeSet::new(),
        places: HashMap::new(),
        new_fields: HashSet::new(),
    };
    if signed.pdf.xref().root_id() != now.pdf.xref().root_id() {
        comparison.other("the document's catalog is another object");
        return Ok(comparison.found);
    }
    comparison.find_places();
    comparison.walk()?;
    Ok(comparison.found)
}

/// What an object is, where something may be added to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Catalog,
    Form,
    /// The form's list of fields.
    Fields,
    Page,
    /// A page's list of annotations.
    Annotations,
    /// A signature field that nobody had signed.
    EmptyField,
    /// Its widget, where that is an object of its own.
    EmptyWidget,
}

struct Comparison<'a> {
    signed: &'a Document,
    now: &'a Document,
    found: BTreeSet<Change>,
    places: HashMap<ObjectIdentifier, Place>,
    /// Fields that are new and hold a signature: an annotation list may name these.
    new_fields: HashSet<ObjectIdentifier>,
}

impl<'a> Comparison<'a> {
    fn other(&mut self, what: impl Into<String>) {
        self.found.insert(Change::Other(what.into()));
    }

    fn before(&self, id: ObjectIdentifier) -> Option<Object<'a>> {
        self.signed.pdf.xref().get::<Object<'a>>(id)
    }

    fn after(&self, id: ObjectIdentifier) -> Option<Object<'a>> {
        self.now.pdf.xref().get::<Object<'a>>(id)
    }

    fn find_places(&mut self) {
        let signed = self.signed;
        let root = signed.pdf.xref().root_id();
        self.places.insert(root, Place::Catalog);
        let indirect = |dict: &Dict<'_>, key: &str| dict.get_ref(key).map(ObjectIdentifier::from);
        if let Some(id) = signed.catalog().and_then(|c| indirect(&c, "AcroForm")) {
            self.places.insert(id, Place::Form);
        }
        if let Some(form) = signed.form() {
            if let Some(id) = indirect(&form, "Fields") {
                self.places.insert(id, Place::Fields);
            }
            let empty = signature_fields(&form, signed.pdf.xref());
            for field in empty.into_iter().filter(|field| field.value.is_none()) {
                let widgets = field.dict.get::<Array<'_>>("Kids").unwrap_or_default();
                let widgets = widgets.raw_iter().filter_map(|kid| kid.as_obj_ref());
                self.places
                    .extend(widgets.map(|id| (id.into(), Place::EmptyWidget)));
                self.places
                    .extend(field.id.map(|id| (id, Place::EmptyField)));
            }
        }
        for page in signed.pdf.pages().iter() {
            if let Some(id) = page.raw().obj_id() {
                self.places.insert(id, Place::Page);
            }
            if let Some(id) = indirect(page.raw(), "Annots") {
                self.places.insert(id, Place::Annotations);
            }
        }
        let form = self.now.form();
        let fields = form.map(|form| signature_fields(&form, self.now.pdf.xref()));
        for field in fields.unwrap_or_default() {
            if let (Some(id), true) = (field.id, field.value.is_some())
                && self.before(id).is_none()
            {
                self.new_fields.insert(id);
                self.found.insert(Change::Signed(field.name));
            }
        }
    }

    /// Visits every object that can be reached from the signed catalog, each once.
    fn walk(&mut self) -> Result<(), PdfError> {
        let mut waiting = vec![self.signed.pdf.xref().root_id()];
        let mut seen: HashSet<ObjectIdentifier> = waiting.iter().copied().collect();
        while let Some(id) = waiting.pop() {
            let Some(before) = self.before(id) else {
                continue;
            };
            let evidence = self.places.get(&id) == Some(&Place::Catalog);
            for next in references(&before, evidence) {
                if seen.insert(next) {
                    waiting.push(next);
                }
            }
            if seen.len() > MAX_OBJECTS {
                return Err(PdfError::Damaged("so many objects"));
            }
            self.compare(id, &before)?;
        }
        Ok(())
    }

    fn compare(&mut self, id: ObjectIdentifier, before: &Object<'a>) -> Result<(), PdfError> {
        let Some(after) = self.after(id) else {
            self.other(format!("object {} is gone", id.obj_number));
            return Ok(());
        };
        if print(before)? == print(&after)? {
            return Ok(());
        }
        match (self.places.get(&id).copied(), before, &after) {
            (
                Some(Place::Fields | Place::Annotations),
                Object::Array(before),
                Object::Array(after),
            ) => self.list(before, after),
            (Some(place), Object::Dict(before), Object::Dict(after)) => {
                self.dictionary(place, before, after)
            }
            _ => {
                self.other(format!("object {} was replaced", id.obj_number));
                Ok(())
            }
        }
    }

    fn dictionary(
        &mut self,
        place: Place,
        before: &Dict<'a>,
        after: &Dict<'a>,
    ) -> Result<(), PdfError> {
        let keys: BTreeSet<Vec<u8>> = [before, after]
            .iter()
            .flat_map(|dict| dict.keys())
            .map(|key| key.as_ref().to_vec())
            .collect();
        for key in keys {
            let (old, new) = (
                before.get_raw::<Object<'a>>(&key),
                after.get_raw::<Object<'a>>(&key),
            );
            let same = match (&old, &new) {
                (Some(old), Some(new)) => print_of(old)? == print_of(new)?,
                _ => false,
            };
            if !same {
                self.entry(place, &key, before, after)?;
            }
        }
        Ok(())
    }

    /// One entry that is not what it was.
    fn entry(
        &mut self,
        place: Place,
        key: &[u8],
        before: &Dict<'a>,
        after: &Dict<'a>,
    ) -> Result<(), PdfError> {
        match (place, key) {
            (Place::Catalog, b"DSS") => {
                self.found.insert(Change::Evidence);
            }
            (Place::Catalog, b"AcroForm") => return self.form(before, after),
            (Place::Form, b"Fields") | (Place::Page, b"Annots") => {
                return self.grown(key, before, after);
            }
            (Place::Form, b"SigFlags") => {}
            (Place::EmptyField, b"V" | b"AP" | b"F") => self.filled(after),
            (Place::EmptyWidget, b"AP") if self.is_signed_now(after) => {}
            _ => {
                let key = String::from_utf8_lossy(key).into_owned();
                self.other(format!("/{key} of {} was changed", place.word()));
            }
        }
        Ok(())
    }

    /// A form that is new, or that is written into the catalog itself.
    fn form(&mut self, before: &Dict<'a>, after: &Dict<'a>) -> Result<(), PdfError> {
        let empty = Dict::empty();
        let (old, new) = (
            before.get::<Dict<'a>>("AcroForm"),
            after.get::<Dict<'a>>("AcroForm"),
        );
        match new {
            Some(new) => self.dictionary(Place::Form, &old.unwrap_or(empty), &new),
            None => {
                self.other("the form is gone");
                Ok(())
            }
        }
    }

    /// A list inside its dictionary, or a new list in its place.
    fn grown(&mut self, key: &[u8], before: &Dict<'a>, after: &Dict<'a>) -> Result<(), PdfError> {
        let new = after.get::<Array<'a>>(key);
        match (before.get::<Array<'a>>(key), new) {
            (Some(old), Some(new)) => self.list(&old, &new),
            (None, Some(new)) => self.added(new.raw_iter()),
            _ => {
                self.other(format!("/{} is gone", String::from_utf8_lossy(key)));
                Ok(())
            }
        }
    }

    /// What was listed stays in its order, and what follows is new signature fields.
    fn list(&mut self, before: &Array<'a>, after: &Array<'a>) -> Result<(), PdfError> {
        let mut new = after.raw_iter();
        for old in before.raw_iter() {
            let kept = match new.next() {
                Some(new) => print_of(&old)? == print_of(&new)?,
                None => false,
            };
            if !kept {
                self.other("a list of fields or annotations lost or moved an entry");
                return Ok(());
            }
        }
        self.added(new)
    }

    fn added(&mut self, new: impl Iterator<Item = MaybeRef<Object<'a>>>) -> Result<(), PdfError> {
        for one in new {
            let id = one.as_obj_ref().map(ObjectIdentifier::from);
            if !id.is_some_and(|id| self.is_of_new_field(id)) {
                self.other("an annotation or field that is no new signature was added");
            }
        }
        Ok(())
    }

    /// A new field that is signed, or its widget where that is an object of its own.
    fn is_of_new_field(&self, id: ObjectIdentifier) -> bool {
        if self.new_fields.contains(&id) {
            return true;
        }
        let parent = match self.after(id) {
            Some(Object::Dict(widget)) => widget.get_ref("Parent").map(ObjectIdentifier::from),
            _ => None,
        };
        self.before(id).is_none() && parent.is_some_and(|id| self.new_fields.contains(&id))
    }

    /// Whether the field of a widget holds a signature.
    fn is_signed_now(&self, widget: &Dict<'a>) -> bool {
        let parent = widget.get_ref("Parent").map(ObjectIdentifier::from);
        let fields = self.now.signature_fields();
        fields
            .iter()
            .any(|field| field.id.is_some() && field.id == parent && field.value.is_some())
    }

    /// A field that was empty holds a signature now.
    fn filled(&mut self, after: &Dict<'a>) {
        let value = after.get::<Dict<'a>>("V");
        let kind = value.and_then(|value| value.get::<Name<'a>>("Type"));
        let signs = kind.is_none_or(|kind| [&b"Sig"[..], b"DocTimeStamp"].contains(&kind.as_ref()));
        if !signs {
            return self.other("a signature field holds something else");
        }
        let name = super::super::fields::text(after, "T").unwrap_or_default();
        let name = super::super::fields::decode_text(&name);
        self.found.insert(Change::Signed(name));
    }
}

impl Place {
    const fn word(self) -> &'static str {
        match self {
            Self::Catalog => "the catalog",
            Self::Form => "the form",
            Self::Fields => "the list of fields",
            Self::Page => "a page",
            Self::Annotations => "the list of annotations",
            Self::EmptyField => "a field",
            Self::EmptyWidget => "a field's widget",
        }
    }
}

/// All references inside an object; not those of the catalog's evidence, which may be replaced as a whole.
fn references(object: &Object<'_>, is_catalog: bool) -> Vec<ObjectIdentifier> {
    let mut found = Vec::new();
    let mut waiting = vec![MaybeRef::NotRef(object.clone())];
    let mut budget = MAX_OBJECTS;
    while let Some(item) = waiting.pop() {
        if budget == 0 {
            break;
        }
        budget -= 1;
        let dict = match item {
            MaybeRef::Ref(reference) => {
                found.push(reference.into());
                continue;
            }
            MaybeRef::NotRef(Object::Array(array)) => {
                waiting.extend(array.raw_iter());
                continue;
            }
            MaybeRef::NotRef(Object::Dict(dict)) => dict,
            MaybeRef::NotRef(Object::Stream(stream)) => stream.dict().clone(),
            MaybeRef::NotRef(_) => continue,
        };
        for (key, value) in dict.entries() {
            if !is_catalog || key.as_ref() != b"DSS" {
                waiting.push(value);
            }
        }
    }
    found
}

/// What an object says, however it is written; references by their numbers.
fn print(object: &Object<'_>) -> Result<Print, PdfError> {
    let mut digest = Sha256::new();
    feed(object, &mut digest, 0)?;
    Ok(digest.finalize().into())
}

fn print_of(item: &MaybeRef<Object<'_>>) -> Result<Print, PdfError> {
    let mut digest = Sha256::new();
    feed_item(item, &mut digest, 0)?;
    Ok(digest.finalize().into())
}

fn feed_item(
    item: &MaybeRef<Object<'_>>,
    digest: &mut Sha256,
    depth: usize,
) -> Result<(), PdfError> {
    match item {
        MaybeRef::Ref(reference) => {
            digest.update(b"R");
            digest.update(reference.obj_number.to_be_bytes());
            digest.update(reference.gen_number.to_be_bytes());
            Ok(())
        }
        MaybeRef::NotRef(object) => feed(object, digest, depth),
    }
}

fn feed(object: &Object<'_>, digest: &mut Sha256, depth: usize) -> Result<(), PdfError> {
    if depth > MAX_DEPTH {
        return Err(PdfError::Damaged("an object that is nested so deeply"));
    }
    let mut leaf = |kind: u8, bytes: &[u8]| {
        digest.update([kind]);
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    };
    match object {
        Object::Null(_) => leaf(b'n', b""),
        Object::Boolean(value) => leaf(b'b', &[u8::from(*value)]),
        Object::Number(value) => leaf(b'f', &value.as_f64().to_bits().to_be_bytes()),
        Object::String(value) => leaf(b's', value.as_bytes()),
        Object::Name(value) => leaf(b'/', value.as_ref()),
        Object::Array(array) => {
            leaf(b'[', b"");
            for item in array.raw_iter() {
                feed_item(&item, digest, depth + 1)?;
            }
            digest.update(b"]");
        }
        Object::Dict(dict) => return feed_dict(dict, digest, depth),
        Object::Stream(stream) => {
            leaf(b'S', &stream.raw_data());
            return feed_dict(stream.dict(), digest, depth);
        }
    }
    Ok(())
}

fn feed_dict(dict: &Dict<'_>, digest: &mut Sha256, depth: usize) -> Result<(), PdfError> {
    let mut entries: Vec<(Vec<u8>, MaybeRef<Object<'_>>)> = dict
        .entries()
        .map(|(key, value)| (key.as_ref().to_vec(), value))
        .collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    digest.update(b"<");
    for (key, value) in &entries {
        digest.update((key.len() as u64).to_be_bytes());
        digest.update(key);
        feed_item(value, digest, depth + 1)?;
    }
    digest.update(b">");
    Ok(())
}
