//! Whether a page can be drawn within bounds: looked at before the drawing library unpacks anything.

use super::unpack::{Budget, parameters};
use super::{MAX_IMAGE_PIXELS, MAX_PAGES, PdfError};
use hayro_syntax::object::{Dict, FromBytes, MaybeRef, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::Page;
use memchr::memmem;
use std::collections::HashSet;

/// More objects than the resources of any page have.
const MAX_OBJECTS: usize = 200_000;
/// Entries that lead away from what a page shows: to other pages, to a form's fields, to what belongs to no page.
const ELSEWHERE: [&str; 16] = [
    "A",
    "AA",
    "B",
    "Data",
    "Dest",
    "IRT",
    "Kids",
    "Metadata",
    "P",
    "Parent",
    "PieceInfo",
    "Popup",
    "StructParent",
    "StructParents",
    "Thumb",
    "V",
];

/// Refuses a page whose streams unpack to more than [`super::MAX_UNPACKED`] or whose images have more than [`MAX_IMAGE_PIXELS`]
/// together, inline images included. Nothing but contents is unpacked for it, and these only once they are known to be small enough.
pub fn check_page(page: &Page<'_>) -> Result<(), PdfError> {
    super::document::guarded(|| {
        let mut bounds = Bounds {
            budget: Budget::new(),
            pixels: MAX_IMAGE_PIXELS,
        };
        let mut waiting = vec![Object::Dict(page.raw().clone())];
        waiting.extend(inherited_resources(page.raw()).map(Object::Dict));
        let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
        while let Some(object) = waiting.pop() {
            let dict = match object {
                Object::Dict(dict) => dict,
                Object::Stream(stream) => {
                    bounds.stream(&stream)?;
                    stream.dict().clone()
                }
                Object::Array(array) => {
                    let items = array.raw_iter();
                    items.for_each(|item| waiting.extend(followed(page, item, &mut seen)));
                    continue;
                }
                _ => continue,
            };
            for (key, item) in dict.entries() {
                if ELSEWHERE.iter().all(|away| away.as_bytes() != key.as_ref()) {
                    waiting.extend(followed(page, item, &mut seen));
                }
            }
            if seen.len() >= MAX_OBJECTS {
                return Err(PdfError::Damaged("so many objects"));
            }
        }
        Ok(())
    })
}

/// The object itself; one that is referred to only the first time.
fn followed<'a>(
    page: &Page<'a>,
    item: MaybeRef<Object<'a>>,
    seen: &mut HashSet<ObjectIdentifier>,
) -> Option<Object<'a>> {
    match item {
        MaybeRef::NotRef(object) => Some(object),
        MaybeRef::Ref(reference) => seen
            .insert(reference.into())
            .then(|| page.xref().get::<Object<'a>>(reference.into()))
            .flatten(),
    }
}

/// Resources that the page takes from the page tree above it.
fn inherited_resources<'a>(page: &Dict<'a>) -> impl Iterator<Item = Dict<'a>> {
    let above = std::iter::successors(page.get::<Dict<'a>>("Parent"), |node| {
        node.get::<Dict<'a>>("Parent")
    });
    above
        .take(MAX_PAGES)
        .filter_map(|node| node.get::<Dict<'a>>("Resources"))
}

struct Bounds {
    budget: Budget,
    pixels: u64,
}

impl Bounds {
    fn stream(&mut self, stream: &Stream<'_>) -> Result<(), PdfError> {
        self.budget.stream(stream)?;
        let dict = stream.dict();
        if number(dict, "Width").is_some() {
            self.image(dict)?;
            return self.codestream(&stream.raw_data());
        }
        match stream.decoded_data() {
            Ok(content) => self.inline_images(&content),
            Err(_) => Ok(()),
        }
    }

    /// Images written into a content stream (ISO 32000-2 § 8.9.7). In what is no content stream their operators hardly ever occur.
    fn inline_images(&mut self, content: &[u8]) -> Result<(), PdfError> {
        let mut begin = 0;
        for found in memmem::find_iter(content, b"ID") {
            let before = content.get(begin..found).unwrap_or_default();
            let data = content.get(found + 2..).unwrap_or_default();
            let Some(start) = memmem::rfind(before, b"BI") else {
                continue;
            };
            begin = found;
            if !data.first().is_some_and(u8::is_ascii_whitespace) {
                continue;
            }
            let entries = before.get(start + 2..).unwrap_or_default();
            let text = [b"<<", entries, b">>"].concat();
            if let Some(dict) = Dict::from_bytes(&text) {
                self.image(&dict)?;
                self.budget
                    .inline(&dict, data.get(1..).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Takes the pixels that an image's dictionary announces; a fax has rows as wide as its parameters say.
    fn image(&mut self, dict: &Dict<'_>) -> Result<(), PdfError> {
        let either = |long, short| number(dict, long).or_else(|| number(dict, short));
        let width = either("Width", "W").unwrap_or(0);
        let height = either("Height", "H").unwrap_or(0);
        let columns = parameters(dict)
            .iter()
            .filter_map(|parameters| number(parameters, "Columns"))
            .max();
        self.take(width.max(columns.unwrap_or(0)), height)
    }

    /// A JPEG 2000 codestream has its own size (ITU-T T.800 § A.5.1).
    fn codestream(&mut self, data: &[u8]) -> Result<(), PdfError> {
        let Some(start) = memmem::find(data, b"\xff\x4f\xff\x51") else {
            return Ok(());
        };
        let field = |at: usize| {
            let bytes = data.get(start + at..start + at + 4)?;
            Some(u64::from(u32::from_be_bytes(bytes.try_into().ok()?)))
        };
        match (field(8), field(12)) {
            (Some(width), Some(height)) => self.take(width, height),
            _ => Ok(()),
        }
    }

    fn take(&mut self, width: u64, height: u64) -> Result<(), PdfError> {
        let pixels = width.checked_mul(height).ok_or(PdfError::Unpacked)?;
        self.pixels = self.pixels.checked_sub(pixels).ok_or(PdfError::Unpacked)?;
        Ok(())
    }
}

fn number(dict: &Dict<'_>, key: &str) -> Option<u64> {
    dict.get::<usize>(key).map(|number| number as u64)
}
