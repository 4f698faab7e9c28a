//! Seals on many pages and over their edges, certification, locks, fields that exist.

use super::*;
use crate::pdf::{Certification, EdgeSeal, FieldLock, FieldOptions, Spread};

const MM: f64 = 72.0 / 25.4;

fn with(options: FieldOptions<'static>) -> FieldPlan<'static> {
    FieldPlan { options, ..plan(0) }
}

fn spread(spread: Spread) -> FieldPlan<'static> {
    with(FieldOptions {
        spread,
        ..FieldOptions::default()
    })
}

fn edge(y_mm: f64, most_pages: usize) -> EdgeSeal {
    EdgeSeal { y_mm, most_pages }
}

/// A file with these objects after catalog (1) and page tree (2); the page is object 3.
fn built(form: &str, annots: &str, rest: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        format!("<</Type /Catalog /Pages 2 0 R /AcroForm <<{form}>>>>"),
        "<</Type /Pages /Kids [3 0 R] /Count 1>>".to_owned(),
        format!(
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate 90 /Annots [{annots}]>>"
        ),
    ];
    objects.extend(rest.iter().map(|&one| one.to_owned()));
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut table = "0000000000 65535 f\r\n".to_owned();
    for (index, body) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n\r\n", pdf.len()));
        pdf.push_str(&format!("{} 0 obj\n{body}\nendobj\n", index + 1));
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    pdf.push_str(&format!(
        "xref\n0 {size}\n{table}trailer\n<</Size {size} /Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"
    ));
    pdf.into_bytes()
}

/// Two empty signature fields, `party.buyer` with a lock of its own and `seller` with a widget of its own, and a text.
fn contract() -> Vec<u8> {
    built(
        "/Fields [4 0 R 5 0 R 6 0 R]",
        "8 0 R 7 0 R 6 0 R",
        &[
            "<</T (party) /Kids [8 0 R]>>",
            "<</T (seller) /FT /Sig /Kids [7 0 R]>>",
            "<</Type /Annot /Subtype /Widget /T (note) /FT /Tx /Rect [10 10 60 30] /P 3 0 R>>",
            "<</Type /Annot /Subtype /Widget /Parent 5 0 R /Rect [100 200 300 260] /F 4>>",
            "<</Type /Annot /Subtype /Widget /Parent 4 0 R /T (buyer) /FT /Sig /Rect [50 50 60 60] \
             /Lock <</Type /SigFieldLock /Action /Include /Fields [(note)]>>>>",
        ],
    )
}

fn existing(field: &'static str) -> FieldPlan<'static> {
    with(FieldOptions {
        field: Some(field),
        ..FieldOptions::default()
    })
}

fn checked(original: &[u8], plan: &FieldPlan<'_>, count: usize) -> Vec<u8> {
    let signed = sign(original, plan);
    assert!(signed.starts_with(original), "old bytes stay");
    let views = signatures(&signed).unwrap();
    assert_eq!(views.iter().filter(|v| !v.waiting).count(), count);
    for view in &views {
        verify_signature(&signed, view).unwrap();
    }
    assert_eq!(views.iter().filter(|v| v.covers_whole_file).count(), 1);
    signed
}

#[test]
fn one_signature_shows_its_seal_on_every_page_of_every_kind_of_file() {
    for name in SIGNABLE {
        let original = file(name);
        let pages = Document::open(&original).unwrap().page_count();
        let signed = checked(&original, &spread(Spread::EveryPage), 1);
        let document = Document::open(&signed).unwrap();
        for page in 0..pages {
            let seals = |document: &Document| document.visible_annotations(page).len();
            let before = seals(&Document::open(&original).unwrap());
            assert_eq!(seals(&document), before + 1, "{name}, page {page}");
        }
    }
}

#[test]
fn the_slices_on_the_edges_are_together_the_seal() {
    let original = file("pages-500");
    let signed = checked(&original, &spread(Spread::Edge(edge(100.0, 20))), 1);
    let document = Document::open(&signed).unwrap();
    let mut width = 0.0;
    for page in 0..500 {
        let visible = document.page_box(page).unwrap().visible;
        let [rect] = document.visible_annotations(page)[..] else {
            panic!("page {page} has one slice");
        };
        let [x0, y0, x1, y1] = rect;
        assert!((x1 - visible[2]).abs() < 0.001, "at the right edge");
        assert!((visible[3] - y1 - 100.0 * MM).abs() < 0.001, "from above");
        assert!((y1 - y0 - 40.0 * MM).abs() < 0.001, "whole height");
        width += x1 - x0;
    }
    assert!((width - 25.0 * 40.0 * MM).abs() < 0.05, "25 seals: {width}");
    assert!(signed.len() - original.len() < 500 * 1024);
}

#[test]
fn a_seal_on_a_page_and_on_the_edges_do_not_touch() {
    let original = file("reportlab");
    let both = Spread::PageAndEdge(edge(230.0, 2));
    let signed = checked(&original, &spread(both), 1);
    let document = Document::open(&signed).unwrap();
    assert_eq!(document.visible_annotations(1).len(), 1);
    let [a, b] = document.visible_annotations(0)[..] else {
        panic!("two places on the first page");
    };
    assert!(a[2] < b[0] || b[2] < a[0] || a[3] < b[1] || b[3] < a[1]);
}

#[test]
fn spreads_that_cannot_be_carried_out_are_refused() {
    let refused = |name: &str, plan: &FieldPlan<'_>| prepare(&file(name), plan).unwrap_err();
    let over = |y_mm, most| spread(Spread::Edge(edge(y_mm, most)));
    assert_eq!(refused("mutool", &over(10.0, 2)), PdfError::EdgePages);
    for most in [0, 1, 101] {
        assert_eq!(refused("reportlab", &over(10.0, most)), PdfError::EdgePages);
    }
    for y_mm in [-1.0, 260.0, f64::NAN] {
        assert_eq!(refused("reportlab", &over(y_mm, 2)), PdfError::OutsidePage);
    }
    let options = FieldOptions {
        spread: Spread::EveryPage,
        field: Some("seller"),
        ..FieldOptions::default()
    };
    let result = prepare(&contract(), &with(options));
    assert_eq!(result, Err(PdfError::FieldHasItsPlace));
}

#[test]
fn an_empty_field_is_signed_where_it_stands() {
    let first = checked(&contract(), &existing("seller"), 1);
    let text = String::from_utf8_lossy(&first);
    // The page is turned by 90 degrees: the rectangle of 200 by 60 is seen 60 wide and 200 high.
    assert!(text.contains("/BBox [0 0 60 200] /Matrix [0 1 -1 0 200 0]"));
    assert!(text.contains("q 60 0 0 60 0 70 cm /Seal Do Q"), "{text}");
    assert_eq!(
        signatures(&first).unwrap()[0].field,
        "seller",
        "no new field"
    );
    let twice = prepare(&first, &existing("seller"));
    assert_eq!(twice, Err(PdfError::NoSuchField));
    let missing = prepare(&first, &existing("witness"));
    assert_eq!(missing, Err(PdfError::NoSuchField));
    checked(&first, &existing("party.buyer"), 2);
}

#[test]
fn the_fields_own_lock_becomes_the_signatures() {
    let signed = checked(&contract(), &existing("party.buyer"), 1);
    let document = Document::open(&signed).unwrap();
    assert_eq!(document.field_is_open("note"), Err(PdfError::FieldsLocked));
    assert_eq!(document.field_is_open("seller"), Ok(()));
    let options = FieldOptions {
        field: Some("party.buyer"),
        lock: Some(FieldLock::All),
        ..FieldOptions::default()
    };
    let result = prepare(&contract(), &with(options));
    assert_eq!(result, Err(PdfError::FieldDemands));
}

#[test]
fn locks_hold_for_those_who_come_after() {
    let locking = |lock| {
        let options = FieldOptions {
            field: Some("party.buyer"),
            lock: Some(lock),
            ..FieldOptions::default()
        };
        // Without the field's own lock.
        let text = String::from_utf8(contract()).unwrap();
        let text = text.replace("/Lock <<", "/Lokk <<");
        checked(text.as_bytes(), &with(options), 1)
    };
    let seller = |bytes: &[u8]| prepare(bytes, &existing("seller")).map(|_| ());
    let new = |bytes: &[u8]| prepare(bytes, &plan(0)).map(|_| ());
    let locked = Err(PdfError::FieldsLocked);
    let all = locking(FieldLock::All);
    assert_eq!((seller(&all), new(&all)), (locked.clone(), locked.clone()));
    let only = locking(FieldLock::Only(&["seller", "note"]));
    assert_eq!((seller(&only), new(&only)), (locked.clone(), Ok(())));
    let but = locking(FieldLock::AllBut(&["seller"]));
    assert_eq!((seller(&but), new(&but)), (Ok(()), locked));
}

#[test]
fn a_certified_file_takes_what_its_level_allows() {
    let levels = [
        (Certification::NoChanges, "/P 1 "),
        (Certification::FillForms, "/P 2 "),
        (Certification::Annotate, "/P 3 "),
    ];
    for (level, written) in levels {
        let options = FieldOptions {
            certify: Some(level),
            ..FieldOptions::default()
        };
        let certified = checked(&contract(), &with(options), 1);
        assert!(String::from_utf8_lossy(&certified).contains(written));
        assert!(prepare(&certified, &plan(0)).is_err(), "no new seal");
        let filled = prepare(&certified, &existing("seller")).map(|_| ());
        match level {
            Certification::NoChanges => assert_eq!(filled, Err(PdfError::CertifiedNoChanges)),
            _ => assert_eq!(filled, Ok(())),
        }
        assert!(prepare_timestamp(&certified).is_ok(), "kept for long");
    }
    let options = FieldOptions {
        certify: Some(Certification::FillForms),
        ..FieldOptions::default()
    };
    let second = prepare(&file("signed-pyhanko"), &with(options));
    assert_eq!(second, Err(PdfError::CertifyNotFirst));
}

#[test]
fn a_field_that_demands_what_we_do_not_make_is_refused() {
    let demanding = |flags: u8| {
        let field = format!(
            "<</Type /Annot /Subtype /Widget /T (f) /FT /Sig /Rect [50 50 90 90] /SV <</Ff {flags} /Filter /Other>>>>"
        );
        built("/Fields [4 0 R]", "4 0 R", &[&field])
    };
    let result = prepare(&demanding(1), &existing("f"));
    assert_eq!(result, Err(PdfError::FieldDemands));
    checked(&demanding(0), &existing("f"), 1);
}
