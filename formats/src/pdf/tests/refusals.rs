use super::*;

fn refused(bytes: &[u8]) -> PdfError {
    Document::open(bytes).err().expect("refused")
}

#[test]
fn each_unusable_file_has_its_own_reason() {
    assert_eq!(refused(b""), PdfError::Empty);
    assert_eq!(refused(b"PK\x03\x04 a zip"), PdfError::NotPdf);
    assert_eq!(refused(&vec![b'%'; MAX_FILE + 1]), PdfError::TooLarge);
    let whole = file("chromium");
    assert_eq!(refused(&whole[..whole.len() / 2]), PdfError::Truncated);
    assert_eq!(refused(&file("encrypted")), PdfError::Encrypted);
    assert_eq!(refused(&file("xfa")), PdfError::Xfa);
    assert_eq!(
        refused(&file("certified-no-changes")),
        PdfError::CertifiedNoChanges
    );
    assert_eq!(refused(&file("locked")), PdfError::FieldsLocked);
    assert_eq!(
        prepare(&file("certified"), &plan(0)),
        Err(PdfError::CertifiedNoNewField)
    );

    let bent = String::from_utf8_lossy(&file("mutool")).replace("\nxref\n", "\nyref\n");
    assert!(matches!(refused(bent.as_bytes()), PdfError::Damaged(_)));
    let body = "%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
        2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n";
    let second = body.find("2 0 obj").unwrap();
    let empty = format!(
        "{body}xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n{second:010} 00000 n \n\
         trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n",
        body.len()
    );
    assert_eq!(refused(empty.as_bytes()), PdfError::NoPages);
}

#[test]
fn a_plan_that_cannot_be_carried_out_is_refused_by_name() {
    let bytes = file("mutool");
    let wrong = |plan: FieldPlan<'_>| prepare(&bytes, &plan).unwrap_err();
    assert_eq!(wrong(plan(1)), PdfError::NoSuchPage { page: 1, count: 1 });
    assert_eq!(
        wrong(FieldPlan {
            picture_png: b"GIF89a",
            ..plan(0)
        }),
        PdfError::Picture
    );
    for width_mm in [0.0, -3.0, 501.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            wrong(FieldPlan {
                width_mm,
                ..plan(0)
            }),
            PdfError::SealSize,
            "{width_mm}"
        );
    }
    for (x_mm, y_mm) in [(80.0, 0.0), (-1.0, 0.0), (0.0, 40.0), (f64::NAN, 0.0)] {
        let position = Position::TopLeft { x_mm, y_mm };
        assert_eq!(
            wrong(FieldPlan {
                position,
                ..plan(0)
            }),
            PdfError::OutsidePage,
            "{x_mm} {y_mm}"
        );
    }
}

#[test]
fn what_may_change_its_look_is_refused_and_what_may_differ_is_amber() {
    use ReviewReason as R;
    let cases = [
        (
            "javascript",
            Decision::Refuse,
            vec![R::JavaScript, R::OpenAction, R::FontNotEmbedded],
        ),
        (
            "launch",
            Decision::Refuse,
            vec![R::Launch, R::FontNotEmbedded],
        ),
        (
            "richmedia",
            Decision::Refuse,
            vec![R::RichMedia, R::FontNotEmbedded],
        ),
        ("xfa", Decision::Refuse, vec![R::Xfa]),
        ("encrypted", Decision::Refuse, vec![R::Encrypted]),
        (
            "layers",
            Decision::Amber,
            vec![R::OptionalContent, R::FontNotEmbedded],
        ),
        ("reportlab", Decision::Amber, vec![R::FontNotEmbedded]),
        ("chromium", Decision::Show, vec![]),
        ("signed-pyhanko", Decision::Show, vec![]),
    ];
    for (name, decision, reasons) in cases {
        assert_eq!(review(&file(name)), Review { decision, reasons }, "{name}");
    }
    let cut = review(b"%PDF-1.7");
    assert_eq!(
        cut.reasons,
        [R::Unreadable(PdfError::Truncated.to_string())]
    );
}

#[test]
fn a_prepared_file_is_reviewed_like_the_original() {
    let prepared = prepare(&file("chromium"), &plan(0)).unwrap();
    assert_eq!(review(&prepared.bytes).decision, Decision::Show);
}

#[test]
fn only_a_hole_that_covers_everything_else_is_signed() {
    let prepared = prepare(&file("reportlab"), &plan(0)).unwrap().bytes;
    assert_eq!(
        to_be_signed(&file("reportlab")),
        Err(PdfError::Placeholders(0))
    );
    let signed = sign(&file("reportlab"), &plan(0));
    assert_eq!(
        to_be_signed(&signed),
        Err(PdfError::Placeholders(0)),
        "signed already"
    );
    let twice = prepare(&prepared, &plan(0)).unwrap().bytes;
    assert_eq!(to_be_signed(&twice), Err(PdfError::Placeholders(2)));

    let longer = [&prepared[..], b"\n"].concat();
    assert!(matches!(to_be_signed(&longer), Err(PdfError::ByteRange(_))));
    let other = replaced(&prepared, "/ETSI.CAdES.detached", "/ETSI.RFC3161       ");
    assert_eq!(to_be_signed(&other), Err(PdfError::SubFilter));
    let later = prepare_other_revision(&prepared);
    assert!(matches!(to_be_signed(&later), Err(PdfError::ByteRange(_))));
    for (from, to) in [
        ("/ByteRange [         0", "/ByteRange [         1"),
        ("/Contents <00", "/Contents < 0"),
        ("/ByteRange", "/BiteRange"),
    ] {
        let changed = replaced(&prepared, from, to);
        assert!(
            matches!(to_be_signed(&changed), Err(PdfError::ByteRange(_))),
            "{from}"
        );
    }
}

#[test]
fn a_signature_that_is_too_large_changes_nothing() {
    let prepared = prepare(&file("reportlab"), &plan(0)).unwrap().bytes;
    let mut bytes = prepared.clone();
    let result = embed(&mut bytes, &vec![1; CONTENTS_ROOM + 1]);
    assert_eq!(
        result,
        Err(PdfError::NoRoom {
            size: CONTENTS_ROOM + 1,
            room: CONTENTS_ROOM
        })
    );
    assert_eq!(bytes, prepared);
}

/// A revision behind the prepared one, as an attacker would append it.
fn prepare_other_revision(prepared: &[u8]) -> Vec<u8> {
    let start = prepared
        .windows(9)
        .rposition(|w| w == b"startxref")
        .unwrap();
    let offset = String::from_utf8_lossy(&prepared[start + 10..])
        .lines()
        .next()
        .unwrap()
        .to_owned();
    let xref = prepared.len();
    let tail = format!(
        "xref\n0 0\ntrailer\n<</Size 99 /Root 1 0 R /Prev {offset}>>\nstartxref\n{xref}\n%%EOF\n"
    );
    let root = catalog_reference(prepared);
    [prepared, tail.replace("1 0 R", &root).as_bytes()].concat()
}

fn catalog_reference(bytes: &[u8]) -> String {
    let at = bytes.windows(6).rposition(|w| w == b"/Root ").unwrap();
    String::from_utf8_lossy(&bytes[at + 6..at + 16])
        .split(" /")
        .next()
        .unwrap()
        .to_owned()
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes
        .windows(from.len())
        .rposition(|w| w == from.as_bytes())
        .unwrap();
    let mut changed = bytes.to_vec();
    changed[at..at + to.len()].copy_from_slice(to.as_bytes());
    changed
}
