//! What a signature may have beyond one seal in a new field: more pages, an existing field, a certification, locks.

use super::PdfError;
use super::document::Document;
use super::prepare::text_string;

/// Fewest and most pages that one seal over the edges may be split over.
const EDGE_PAGES: std::ops::RangeInclusive<usize> = 2..=100;

/// Beyond the plain case, which is the default: one seal, a new field, an approval that locks nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FieldOptions<'a> {
    /// Which pages show the seal.
    pub spread: Spread,
    /// Full name of an empty signature field to sign instead of a new one. Its rectangle decides where the seal stands:
    /// in the middle, in the plan's millimetres, smaller only where the rectangle is.
    pub field: Option<&'a str>,
    /// Certifies the file (DocMDP, ISO 32000-2 § 12.8.2.2); only its first signature can.
    pub certify: Option<Certification>,
    /// Locks form fields from this signature on (FieldMDP, § 12.8.2.4).
    pub lock: Option<FieldLock<'a>>,
}

/// Which pages show the seal. All its places belong to one field and one signature.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Spread {
    /// The planned page only.
    #[default]
    OnePage,
    /// Every page, at the planned position.
    EveryPage,
    /// Over the pages' edges only (骑缝章).
    Edge(EdgeSeal),
    /// The planned page, and over the edges.
    PageAndEdge(EdgeSeal),
}

/// A seal over the right edges of pages laid like a fan: each page has one slice, the first the leftmost, and the slices
/// together are the seal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EdgeSeal {
    /// From the upper edge of each page as seen, in millimetres.
    pub y_mm: f64,
    /// Pages that share one seal, 2 to 100; a longer file has several seals. A last page that would be left alone joins
    /// the seal before it.
    pub most_pages: usize,
}

/// What a certified file still allows (`/P` of DocMDP). Evidence and timestamps of the file are always allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certification {
    /// Nothing (P=1).
    NoChanges,
    /// Filling in forms and signing fields that exist (P=2).
    FillForms,
    /// These and annotations (P=3).
    Annotate,
}

/// Which form fields a signature locks, by full names; a name stands for the fields below it, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldLock<'a> {
    /// All.
    All,
    /// These.
    Only(&'a [&'a str]),
    /// All but these.
    AllBut(&'a [&'a str]),
}

impl FieldOptions<'_> {
    /// Refuses what cannot be carried out in this file, before anything is written.
    pub(super) fn check(&self, document: &Document) -> Result<(), PdfError> {
        if self.certify.is_some() && document.signature_count() > 0 {
            return Err(PdfError::CertifyNotFirst);
        }
        if self.field.is_some() && self.spread != Spread::OnePage {
            return Err(PdfError::FieldHasItsPlace);
        }
        match self.spread {
            Spread::Edge(edge) | Spread::PageAndEdge(edge) => edge.check(document.page_count()),
            Spread::OnePage | Spread::EveryPage => Ok(()),
        }
    }
}

impl EdgeSeal {
    fn check(&self, pages: usize) -> Result<(), PdfError> {
        let splits = EDGE_PAGES.contains(&self.most_pages) && pages >= *EDGE_PAGES.start();
        splits.then_some(()).ok_or(PdfError::EdgePages)
    }

    /// Numbers of pages that share a seal: as even as can be, none alone.
    pub(super) fn groups(&self, pages: usize) -> Vec<usize> {
        let most = self.most_pages.max(1);
        let seals = pages.div_ceil(most).min(pages / 2).max(1);
        (0..seals)
            .map(|seal| pages / seals + usize::from(seal < pages % seals))
            .collect()
    }
}

impl Certification {
    /// One member of the signature's `/Reference`.
    pub(super) fn reference(self) -> String {
        let permission = match self {
            Self::NoChanges => 1,
            Self::FillForms => 2,
            Self::Annotate => 3,
        };
        format!(
            "<</Type /SigRef /TransformMethod /DocMDP \
             /TransformParams <</Type /TransformParams /P {permission} /V /1.2>>>>"
        )
    }
}

/// Which fields, as a lock dictionary and the parameters of FieldMDP both have it.
pub(super) struct LockEntries(String);

impl LockEntries {
    pub fn new<N: AsRef<str>>(action: &str, names: &[N]) -> Self {
        let mut text = format!("/Action /{action}");
        if action != "All" {
            let names: Vec<String> = names.iter().map(|n| text_string(n.as_ref())).collect();
            text.push_str(&format!(" /Fields [{}]", names.join(" ")));
        }
        Self(text)
    }

    pub fn of(lock: FieldLock<'_>) -> Self {
        match lock {
            FieldLock::All => Self::new::<&str>("All", &[]),
            FieldLock::Only(names) => Self::new("Include", names),
            FieldLock::AllBut(names) => Self::new("Exclude", names),
        }
    }

    /// The field's `/Lock` (§ 12.7.5.5, table 236).
    pub fn dictionary(&self) -> String {
        format!("<</Type /SigFieldLock {}>>", self.0)
    }

    /// One member of the signature's `/Reference`; `root` is the catalog's object.
    pub fn reference(&self, root: &str) -> String {
        format!(
            "<</Type /SigRef /TransformMethod /FieldMDP /Data {root} \
             /TransformParams <</Type /TransformParams {} /V /1.2>>>>",
            self.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_an_edge_seal_are_even_and_none_is_alone() {
        let groups = |pages, most_pages| {
            let edge = EdgeSeal {
                y_mm: 0.0,
                most_pages,
            };
            edge.groups(pages)
        };
        assert_eq!(groups(4, 4), [4]);
        assert_eq!(groups(5, 4), [3, 2]);
        assert_eq!(groups(3, 2), [3]);
        assert_eq!(groups(9, 4), [3, 3, 3]);
        for pages in 2..300 {
            for most in 2..=100 {
                let found = groups(pages, most);
                assert_eq!(found.iter().sum::<usize>(), pages);
                assert!(found.iter().all(|n| (2..=most + 1).contains(n)));
            }
        }
    }
}
