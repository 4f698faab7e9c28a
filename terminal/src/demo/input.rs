//! The document: read, and refused before anything is started if it cannot be signed.

use super::Document;
use crate::exit::{Failure, codes};
use crate::file;
use kapok_core::AppError;
use std::path::Path;

/// One byte more than any document may have: enough to tell that a file is too large.
const READ_AT_MOST: u64 = kapok_platform::portal::LARGEST_DOCUMENT + 1;

/// The named document, or the sample contract.
pub fn document(file: Option<&Path>) -> Result<Document, Failure> {
    let (name, bytes) = match file {
        Some(path) => (name(path), file::read(path, READ_AT_MOST)?),
        None => ("采购合同.pdf".to_owned(), sample()?),
    };
    let pages = kapok_platform::portal::inspect(&bytes).map_err(AppError::from)?;
    kapok_platform::portal::takes_company_seal(&bytes).map_err(AppError::from)?;
    Ok(Document { name, bytes, pages })
}

fn sample() -> Result<Vec<u8>, Failure> {
    kapok_platform::sample_contract().ok_or_else(|| {
        Failure::new(
            codes::FAILED,
            "样例合同无法生成。",
            "The sample contract cannot be made.",
        )
    })
}

/// The file's name as it is announced; what cannot be shown in a list is replaced.
fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let shown: String = name
        .chars()
        .map(|c| if c.is_control() || c == '\\' { '_' } else { c })
        .take(kapok_platform::portal::NAME_CHARS)
        .collect();
    match shown.trim() {
        "" => "document.pdf".to_owned(),
        shown => shown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_without_control_characters_and_within_the_limit() {
        assert_eq!(name(Path::new("a/合同.pdf")), "合同.pdf");
        assert_eq!(name(Path::new("a\nb.pdf")), "a_b.pdf");
        assert_eq!(name(Path::new(" ")), "document.pdf");
        let long = "长".repeat(300);
        assert_eq!(name(Path::new(&long)).chars().count(), 200);
    }

    #[test]
    fn the_sample_is_a_document_of_two_pages() {
        assert_eq!(document(None).unwrap().pages, 2);
    }
}
