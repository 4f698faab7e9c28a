use super::*;
use crate::pdf::{Decision, Document, FieldPlan, prepare, review};

#[test]
fn the_contract_has_two_pages_and_nothing_to_warn_of() {
    let bytes = contract().unwrap();
    let document = Document::open(&bytes).unwrap();
    assert_eq!(document.page_count(), 2);
    let verdict = review(&bytes);
    assert_eq!(
        (verdict.decision, verdict.reasons),
        (Decision::Show, vec![])
    );
    assert_eq!(bytes, contract().unwrap(), "the output is deterministic");
}

#[test]
fn a_character_that_the_font_lacks_is_named() {
    let font = Font::new(REGULAR).unwrap();
    assert_eq!(
        font.advances("龘"),
        Err(SampleError::MissingCharacter('龘'))
    );
}

#[test]
fn both_seals_find_their_place() {
    let bytes = contract().unwrap();
    for position in SEAL_PLACES {
        let plan = FieldPlan {
            page: SEAL_PAGE,
            picture_png: include_bytes!("../../tests/pdf/seal.png"),
            width_mm: 40.0,
            height_mm: 40.0,
            position,
            signer_name: "",
            reason: "",
            time_unix: 0,
            options: Default::default(),
        };
        assert!(prepare(&bytes, &plan).is_ok());
    }
}
