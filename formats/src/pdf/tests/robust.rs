#![allow(clippy::disallowed_methods, reason = "a time limit reads the clock")]

use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Generous for an unoptimised build on a busy machine; what it catches is a loop without end.
const LONGEST: Duration = Duration::from_secs(10);

fn look_at(bytes: &[u8]) {
    let start = Instant::now();
    let _ = Document::open(bytes);
    let _ = review(bytes);
    let _ = to_be_signed(bytes);
    for view in signatures(bytes).unwrap_or_default() {
        let _ = verify_signature(bytes, &view);
    }
    let _ = prepare(bytes, &plan(0));
    assert!(start.elapsed() < LONGEST);
}

fn mutated(mut bytes: Vec<u8>, changes: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    for (index, value) in changes {
        let at = index.index(bytes.len());
        bytes[at] = *value;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn mutated_files_never_crash(
        which in 0usize..SIGNABLE.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        digits in prop::collection::vec((any::<prop::sample::Index>(), b'0'..=b'9'), 0..12),
    ) {
        let bytes = mutated(file(SIGNABLE[which]), &changes);
        look_at(&mutated(bytes, &digits));
    }

    #[test]
    fn mutated_prepared_files_never_crash(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let prepared = prepare(&file("mutool"), &plan(0)).unwrap().bytes;
        let hole = prepared.windows(8).position(|w| w == b"00000000").unwrap();
        // Changes inside the zeros would teach nothing: leave most of them out.
        let short = [&prepared[..hole], &prepared[hole + 2 * CONTENTS_ROOM - 16..]].concat();
        look_at(&mutated(short, &changes));
    }

    #[test]
    fn cut_files_never_crash(which in 0usize..SIGNABLE.len(), keep in any::<prop::sample::Index>()) {
        let bytes = file(SIGNABLE[which]);
        look_at(&bytes[..keep.index(bytes.len())]);
    }

    #[test]
    fn arbitrary_bytes_never_crash(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        look_at(&bytes);
        look_at(&[b"%PDF-1.7\n", &bytes[..], b"\nstartxref\n9\n%%EOF\n"].concat());
    }
}

#[test]
fn references_that_go_in_circles_end() {
    let body = "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>\nendobj\n\
        2 0 obj\n<</Type/Pages/Kids[2 0 R 4 0 R]/Count 2/Parent 2 0 R>>\nendobj\n\
        3 0 obj\n<</Fields[5 0 R]/Self 3 0 R>>\nendobj\n\
        4 0 obj\n<</Type/Page/Parent 2 0 R/Annots 4 0 R>>\nendobj\n\
        5 0 obj\n<</T(a)/Kids[5 0 R 3 0 R]>>\nendobj\n";
    let offsets: String = (1..6)
        .map(|n| {
            format!(
                "{:010} 00000 n \n",
                body.find(&format!("{n} 0 obj")).unwrap()
            )
        })
        .collect();
    let start = body.len();
    let bytes = format!(
        "{body}xref\n0 6\n0000000000 65535 f \n{offsets}trailer\n<</Size 6/Root 1 0 R/Prev {start}>>\nstartxref\n{start}\n%%EOF\n"
    );
    assert!(
        matches!(Document::open(bytes.as_bytes()), Err(PdfError::Damaged(_))),
        "the chain is a circle"
    );
    look_at(bytes.replace(&format!("/Prev {start}"), "").as_bytes());
}

#[test]
fn five_hundred_pages_and_shared_annotations_are_signed() {
    let signed = sign(&file("pages-500"), &plan(499));
    assert_eq!(Document::open(&signed).unwrap().page_count(), 500);
    // Both pages of "indirect" share one annotation array: the seal must appear on one of them only.
    let bytes = sign(&file("indirect"), &plan(1));
    let document = Document::open(&bytes).unwrap();
    let counts: Vec<usize> = document
        .pdf
        .pages()
        .iter()
        .map(|page| {
            page.raw()
                .get::<hayro_syntax::object::Array<'_>>("Annots")
                .map_or(0, |a| a.raw_iter().count())
        })
        .collect();
    assert_eq!(counts, [0, 1]);
}
