//! Seals on every page and over the edges (骑缝章), certification, locks, fields that exist: made by us, judged by software that is not ours.

use kapok_formats::cms::{ID_DATA, ID_GM_DATA};
use kapok_formats::pdf::verify::{Verdict, verify};
use kapok_formats::pdf::{
    self, Certification, EdgeSeal, FieldLock, FieldOptions, FieldPlan, Position, Spread,
};
use kapok_formats::sample;
use kapok_formats::tsp::Imprint;
use kapok_formats::x509::Profile;
use kapok_tests::judges::{
    Revocation, Tampering, Verdict as _, judge_pdf, pdfbox, pyhanko, qpdf_check, tamper,
};
use kapok_tests::material::{form_pdf, plain_pdf};
use kapok_tests::pki::Pki;
use kapok_tests::services::Services;
use std::path::Path;
use std::process::Command;

const SEAL: &[u8] = include_bytes!("../../formats/tests/pdf/seal.png");
const EDGE: EdgeSeal = EdgeSeal {
    y_mm: 100.0,
    most_pages: 4,
};

fn plan(options: FieldOptions<'static>) -> FieldPlan<'static> {
    FieldPlan {
        picture_png: SEAL,
        options,
        ..Pki::plan()
    }
}

fn spread(spread: Spread) -> FieldPlan<'static> {
    plan(FieldOptions {
        spread,
        ..FieldOptions::default()
    })
}

fn field(name: &'static str) -> FieldOptions<'static> {
    FieldOptions {
        field: Some(name),
        ..FieldOptions::default()
    }
}

/// Who refuses: the judges, and our own verifier.
fn refusing(services: &Services, bytes: &[u8], signatures: usize) -> Vec<String> {
    let file = services.pki.write("judged.pdf", bytes);
    let root = services.root();
    let verdicts = judge_pdf(&file, &root, Revocation::Absent, signatures).unwrap();
    let mut refusing: Vec<String> = verdicts
        .refusals
        .into_iter()
        .filter_map(|(judge, why)| Some(format!("{judge}: {}", why?)))
        .collect();
    let report = verify(bytes, &services.trust()).unwrap();
    if report.verdict() == Verdict::Invalid || report.signatures.len() != signatures {
        refusing.push(format!("our verifier: {report:?}"));
    }
    refusing
}

#[test]
fn one_signature_with_its_seal_on_many_pages_stands_before_all_judges() {
    let services = Services::new();
    let sample = sample::contract().unwrap();
    for (kind, original) in [
        (Spread::EveryPage, plain_pdf(5, 0)),
        (Spread::Edge(EDGE), plain_pdf(7, 0)),
        (Spread::PageAndEdge(EDGE), sample),
    ] {
        let once = services.pki.sign_as(&original, &spread(kind));
        assert!(once.starts_with(&original), "old bytes stay");
        let none: [&str; 0] = [];
        assert_eq!(refusing(&services, &once, 1), none, "{kind:?}");
        // A second party's seal over the same edges leaves the first signature valid.
        let below = EdgeSeal {
            y_mm: 150.0,
            ..EDGE
        };
        let twice = services.pki.sign_as(&once, &spread(Spread::Edge(below)));
        assert!(twice.starts_with(&once));
        assert_eq!(refusing(&services, &twice, 2), none, "{kind:?}");
    }
}

#[test]
fn a_page_appended_or_a_slice_moved_is_refused() {
    let services = Services::new();
    let bytes = services
        .pki
        .sign_as(&plain_pdf(4, 0), &spread(Spread::Edge(EDGE)));
    let at = bytes
        .windows(7)
        .rposition(|window| window == b"/Rect [")
        .unwrap();
    let mut moved = bytes.clone();
    moved[at + 7] = b'1';
    let refused = refusing(&services, &moved, 1).join("\n");
    for judge in ["pdfsig", "pyhanko", "dss", "pdfbox", "openssl", "our"] {
        assert!(refused.contains(judge), "{judge}: {refused}");
    }
    let file = services.pki.write("whole.pdf", &bytes);
    let changed = services.pki.path("page.pdf");
    tamper(&file, &changed, Tampering::Page).unwrap();
    let changed = std::fs::read(changed).unwrap();
    let refused = refusing(&services, &changed, 1).join("\n");
    for judge in ["pdfsig", "pyhanko", "our"] {
        assert!(refused.contains(judge), "{judge}: {refused}");
    }
}

/// Pixels of a page, red where the ink is: width, height, one byte each.
fn drawn(file: &Path, page: usize, dpi: u32) -> (usize, Vec<bool>) {
    let out = file.with_extension(format!("{page}"));
    let page = page.to_string();
    let done = Command::new("pdftoppm")
        .args(["-png", "-singlefile", "-aa", "no", "-r", &dpi.to_string()])
        .args(["-f", &page, "-l", &page])
        .args([file, &out])
        .status()
        .unwrap();
    assert!(done.success());
    let png = std::fs::read(out.with_extension(format!("{page}.png"))).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let size = info.line_size / info.width as usize;
    let ink = pixels.chunks(size).map(|p| p[0] > 128 && p[1] < 128);
    (info.width as usize, ink.collect())
}

#[test]
fn poppler_draws_slices_that_are_together_exactly_the_seal() {
    const DPI: u32 = 144;
    let services = Services::new();
    // 45 pt at two pixels to the point: four slices of 90 pixels, at whole pixels of a page 595 pt wide.
    let mm = 180.0 * 25.4 / 72.0;
    let sized = |options: FieldOptions<'static>, position| FieldPlan {
        width_mm: mm,
        height_mm: mm,
        position,
        ..plan(options)
    };
    let top = 72.0 * 25.4 / 72.0;
    let edge = EdgeSeal {
        y_mm: top,
        most_pages: 4,
    };
    let options = FieldOptions {
        spread: Spread::Edge(edge),
        ..FieldOptions::default()
    };
    let sliced = sized(options, Position::default());
    let sliced = services.pki.sign_as(&plain_pdf(4, 0), &sliced);
    let sliced = services.pki.write("sliced.pdf", &sliced);
    let at = Position::TopLeft {
        x_mm: mm,
        y_mm: top,
    };
    let whole = sized(FieldOptions::default(), at);
    let whole = services.pki.sign_as(&plain_pdf(1, 0), &whole);
    let whole = services.pki.write("one.pdf", &whole);

    let (width, seal) = drawn(&whole, 1, DPI);
    let row = |pixels: &[bool], y: usize, from: usize| pixels[y * width + from..][..90].to_vec();
    let rows = 144..144 + 360;
    let mut inked = 0;
    for slice in 0..4 {
        let (page_width, page) = drawn(&sliced, slice + 1, DPI);
        assert_eq!(page_width, width);
        for y in rows.clone() {
            let expected = row(&seal, y, 360 + 90 * slice);
            inked += expected.iter().filter(|ink| **ink).count();
            let found = row(&page, y, width - 90);
            let differing = found.iter().zip(&expected).filter(|(a, b)| a != b).count();
            assert!(differing <= 2, "page {slice}, row {y}: {differing}");
        }
    }
    assert!(inked > 5_000, "a seal was there: {inked}");
}

#[test]
fn certified_files_stand_and_can_be_kept_for_long() {
    let services = Services::new();
    let levels = [
        Certification::NoChanges,
        Certification::FillForms,
        Certification::Annotate,
    ];
    for level in levels {
        let options = FieldOptions {
            certify: Some(level),
            ..FieldOptions::default()
        };
        let certified = services.pki.sign_as(&form_pdf(), &plan(options));
        let none: [&str; 0] = [];
        assert_eq!(refusing(&services, &certified, 1), none, "{level:?}");

        let kept = pdf::add_evidence(&certified, &services.evidence(None)).unwrap();
        let mut kept = pdf::prepare_timestamp(&kept).unwrap().bytes;
        let digest = pdf::to_be_timestamped(&kept).unwrap().sha256;
        pdf::embed(&mut kept, &services.token(Imprint::of_sha256(&digest))).unwrap();
        let file = services.pki.write("kept.pdf", &kept);
        let verdict = pyhanko(&file, &services.root(), Revocation::Absent).unwrap();
        assert_eq!(verdict.refusal(1), None, "{level:?}: {verdict:?}");
        assert_eq!(qpdf_check(&file).unwrap(), None);

        let file = services.pki.write("certified.pdf", &certified);
        let changed = services.pki.path("filled.pdf");
        tamper(&file, &changed, Tampering::Field).unwrap();
        let verdict = pyhanko(&changed, &services.root(), Revocation::Absent).unwrap();
        let allowed = level != Certification::NoChanges;
        assert_eq!(verdict.refusal(1).is_none(), allowed, "{level:?}");
        if allowed {
            let signed = services.pki.sign_as(&certified, &plan(field("seller")));
            assert_eq!(refusing(&services, &signed, 2), none, "{level:?}");
        }
    }
}

#[test]
fn empty_fields_are_signed_one_after_the_other_and_their_locks_hold() {
    let services = Services::new();
    let locking = FieldOptions {
        lock: Some(FieldLock::Only(&["note"])),
        ..field("buyer")
    };
    let none: [&str; 0] = [];
    let first = services.pki.sign_as(&form_pdf(), &plan(locking));
    assert_eq!(refusing(&services, &first, 1), none);
    let second = services.pki.sign_as(&first, &plan(field("seller")));
    assert_eq!(refusing(&services, &second, 2), none);

    let file = services.pki.write("locked.pdf", &first);
    let changed = services.pki.path("filled.pdf");
    tamper(&file, &changed, Tampering::Field).unwrap();
    let root = services.root();
    let verdict = pyhanko(&changed, &root, Revocation::Absent).unwrap();
    assert!(verdict.refusal(1).is_some(), "{verdict:?}");
    let report = verify(&std::fs::read(&changed).unwrap(), &services.trust()).unwrap();
    assert_eq!(report.verdict(), Verdict::Invalid);
    assert_eq!(pdfbox(&file, &root).unwrap().pages, 1);
}

#[test]
fn an_sm2_signature_in_a_pdf_stands_before_bouncy_castle() {
    let pki = Pki::sm2(Profile::Employee);
    let root = pki.path("root.pem");
    for content_type in [ID_DATA, ID_GM_DATA] {
        let original = plain_pdf(2, 0);
        let mut bytes = pdf::prepare(&original, &plan(FieldOptions::default()))
            .unwrap()
            .bytes;
        let digest = pdf::to_be_signed_sm3(&bytes).unwrap();
        pdf::embed(&mut bytes, &pki.cms_of(&digest, content_type)).unwrap();
        assert!(bytes.starts_with(&original), "old bytes stay");
        let view = pdf::signatures(&bytes).unwrap().remove(0);
        let verified = pdf::verify_signature(&bytes, &view).unwrap();
        assert_eq!(verified.signer_certificate, pki.chain[0].der());
        let verdict = pdfbox(&pki.write("sm2.pdf", &bytes), &root).unwrap();
        assert!(verdict.signatures[0].cms.signature, "{verdict:?}");
        // The judge demands PKCS #7's content type; GM/T 0010 has its own.
        if content_type == ID_DATA {
            assert_eq!(verdict.refusal(1), None, "{verdict:?}");
        }

        let at = bytes.windows(8).position(|w| w == b"(Page 2)").unwrap();
        bytes[at + 6] = b'9';
        assert!(pdf::verify_signature(&bytes, &view).is_err());
        let verdict = pdfbox(&pki.write("sm2.pdf", &bytes), &root).unwrap();
        assert!(!verdict.signatures[0].cms.signature, "{content_type}");
    }
}
