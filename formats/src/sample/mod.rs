//! A sample document to sign: a two-page Chinese purchase contract (采购合同) between companies that do not exist.
//!
//! Text and structure stand in `contract.txt`: the first character of a line says what the line is. Fonts are
//! embedded as subsets with ToUnicode maps, so the text can be searched and copied. Output is deterministic.

mod font;
mod layout;

#[cfg(test)]
mod tests;

use crate::pdf::Position;
use font::Font;
use layout::Typesetter;
use pdf_writer::{Finish, Pdf, Rect, Ref, TextStr};
use sha2::{Digest, Sha256};
use thiserror::Error;

const TEXT: &str = include_str!("contract.txt");
/// Noto Serif CJK SC Regular, narrowed to the characters of the contract (see `README.md`).
const REGULAR: &[u8] = include_bytes!("contract-regular.otf");
/// The font of seals: Noto Serif CJK SC Bold.
const BOLD: &[u8] = include_bytes!("../../fonts/kapok-serif-sc.otf");
/// A4 in points.
const PAGE: [f32; 2] = [595.28, 841.89];

/// Page of the contract, from 0, that the parties sign on.
pub const SEAL_PAGE: usize = 1;
/// Where the seals of 甲方 and 乙方 (40 mm) go on that page: over the party's name, clear of the clauses.
pub const SEAL_PLACES: [Position; 2] = [
    Position::TopLeft {
        x_mm: 38.0,
        y_mm: 183.0,
    },
    Position::TopLeft {
        x_mm: 121.0,
        y_mm: 183.0,
    },
];

/// Why the sample could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SampleError {
    /// A character that the font lacks; it is never replaced by a box.
    #[error("the font has no character U+{:04X}", u32::from(*.0))]
    MissingCharacter(char),
    /// The font file cannot be read.
    #[error("the font cannot be read")]
    Font,
}

/// The contract as a PDF of two A4 pages with room for two seals of 42 mm above the dates on the last one.
pub fn contract() -> Result<Vec<u8>, SampleError> {
    let mut typesetter = Typesetter::new(Font::new(REGULAR)?, Font::new(BOLD)?);
    for line in TEXT.lines() {
        typesetter.line(line)?;
    }
    let (pages, fonts) = typesetter.finish()?;

    let mut next = Ref::new(1);
    let [catalog, tree, info] = std::array::from_fn(|_| next.bump());
    let font_refs = fonts.each_ref().map(|_| next.bump());
    let page_refs: Vec<(Ref, Ref)> = pages.iter().map(|_| (next.bump(), next.bump())).collect();
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    pdf.catalog(catalog).pages(tree).lang(TextStr("zh-CN"));
    let count = i32::try_from(page_refs.len()).unwrap_or(i32::MAX);
    pdf.pages(tree)
        .kids(page_refs.iter().map(|(page, _)| *page))
        .count(count);
    pdf.document_info(info)
        .title(TextStr("采购合同"))
        .producer(TextStr("Kapok"));
    for ((page_ref, content_ref), content) in page_refs.into_iter().zip(&pages) {
        let mut page = pdf.page(page_ref);
        let [width, height] = PAGE;
        page.media_box(Rect::new(0.0, 0.0, width, height))
            .parent(tree)
            .contents(content_ref);
        let mut resources = page.resources();
        let mut dict = resources.fonts();
        for (name, reference) in layout::FONT_NAMES.iter().zip(font_refs) {
            dict.pair(*name, reference);
        }
        dict.finish();
        resources.finish();
        page.finish();
        pdf.stream(content_ref, content);
    }
    for (font, reference) in fonts.iter().zip(font_refs) {
        font.write(&mut pdf, reference, &mut next)?;
    }
    let id = Sha256::digest(TEXT)
        .iter()
        .take(16)
        .copied()
        .collect::<Vec<u8>>();
    pdf.set_file_id((id.clone(), id));
    Ok(pdf.finish())
}
