//! The verifier against the published classes of attacks on signed PDFs (pdf-insecurity.org: universal signature forgery, signature wrapping, incremental
//! saving, shadow, evil annotation and sneaky signature). Each attacked file opens in poppler as if nothing were wrong, or the attack would be none.

use kapok_formats::pdf::verify::{Change, Report, Verdict, verify};
use kapok_formats::pdf::{self, PdfError};
use kapok_formats::signer::P256Key;
use kapok_formats::x509::{Certificate, Profile};
use kapok_tests::judges::{Revocation, Verdict as _, pyhanko};
use kapok_tests::material::plain_pdf;
use kapok_tests::pki::{Pki, issue};
use kapok_tests::services::Services;
use std::process::Command;

/// Objects of `plain_pdf(2, 0)`.
const CATALOG: u32 = 1;
const PAGES: u32 = 2;
const FONT: u32 = 3;
const PAGE: u32 = 4;
const CONTENTS: u32 = 5;

fn stream(content: &str) -> String {
    format!(
        "<</Length {}>>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// One more revision with these objects, without regard for anybody's signature.
fn update(bytes: &[u8], objects: &[(u32, String)], root: u32) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let before: usize = {
        let at = text.rfind("startxref").unwrap();
        text[at + 9..]
            .split_whitespace()
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    let mut out = bytes.to_vec();
    let mut table = String::from("xref\n");
    for (number, body) in objects {
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", out.len()));
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    let start = out.len();
    out.extend(format!("{table}trailer\n<</Size 100 /Root {root} 0 R /Prev {before}>>\nstartxref\n{start}\n%%EOF\n").bytes());
    out
}

/// The newest body of an object, as written.
fn body(bytes: &[u8], number: u32) -> String {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let head = format!("\n{number} 0 obj\n");
    let at = text.rfind(&head).unwrap() + head.len();
    let end = text[at..].find("\nendobj").unwrap();
    text[at..at + end].to_owned()
}

fn judged(services: &Services, bytes: &[u8]) -> Report {
    verify(bytes, &services.trust()).unwrap()
}

/// What poppler shows of a file.
fn shown(services: &Services, bytes: &[u8]) -> String {
    let file = services.pki.write("shown.pdf", bytes);
    let output = Command::new("pdftotext")
        .arg(&file)
        .arg("-")
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_signed_file_and_what_may_follow_are_valid() {
    let services = Services::new();
    let once = services.pki.sign(&plain_pdf(2, 0));
    let report = judged(&services, &once);
    assert_eq!(
        (report.verdict(), report.signatures.len()),
        (Verdict::Valid, 1)
    );
    assert!(report.signatures[0].later.is_empty());
    let signer = report.signatures[0].signer.as_ref().unwrap();
    assert_eq!(signer.common_name.as_deref(), Some("木棉测试3"));

    let twice = services.pki.sign(&once);
    let report = judged(&services, &twice);
    assert_eq!(report.verdict(), Verdict::Valid, "{report:?}");
    let signed = Change::Signed("Signature2".into());
    assert_eq!(
        report.signatures[0].later.iter().collect::<Vec<_>>(),
        [&signed]
    );
    assert!(report.signatures[1].later.is_empty());

    let other = Services::new();
    let mut trust = other.trust();
    let root = P256Key::from_scalar(&[77; 32]).unwrap();
    let stranger = [issue(Profile::Root, 77, None, &root, &root)];
    trust.roots = &stranger;
    assert_eq!(verify(&once, &trust).unwrap().verdict(), Verdict::Untrusted);
    assert_eq!(
        judged(&services, &plain_pdf(1, 0)).verdict(),
        Verdict::Invalid,
        "no signature"
    );
}

/// Its name, the objects that are written, and the catalog's number.
type Attack = (&'static str, Vec<(u32, String)>, u32);

#[test]
fn every_published_attack_by_a_later_revision_is_refused() {
    let services = Services::new();
    let signed = services.pki.sign(&plain_pdf(2, 0));
    let page = body(&signed, PAGE);
    let evil = stream("BT /F1 18 Tf 72 720 Td (Pay 1,000,000) Tj ET");
    let note = "<</Type /Annot /Subtype /FreeText /Rect [60 700 400 760] /Contents (Pay 1,000,000) /DA (/Helv 18 Tf) /AP <</N 61 0 R>>>>";
    let over = format!(
        "<</Type /XObject /Subtype /Form /BBox [0 0 340 60] /Resources <</Font <</F1 {FONT} 0 R>>>> {}",
        &stream("BT /F1 18 Tf 4 20 Td (Pay 1,000,000) Tj ET")[2..]
    );
    let with_note = page.replacen("/Annots [", "/Annots [60 0 R ", 1);
    let attacks: Vec<Attack> = vec![
        ("incremental saving: the page's contents replaced", vec![(CONTENTS, evil.clone())], CATALOG),
        ("incremental saving: the page points to other contents", vec![(50, evil.clone()), (PAGE, page.replace("/Contents 5 0 R", "/Contents 50 0 R"))], CATALOG),
        ("incremental saving: a page is added", vec![(50, evil.clone()), (51, page.replace("/Contents 5 0 R", "/Contents 50 0 R")), (PAGES, "<</Type /Pages /Kids [51 0 R 4 0 R 6 0 R] /Count 3>>".into())], CATALOG),
        ("incremental saving: a page is taken away", vec![(PAGES, "<</Type /Pages /Kids [6 0 R] /Count 1>>".into())], CATALOG),
        ("shadow: another font gives other letters", vec![(FONT, "<</Type /Font /Subtype /Type1 /BaseFont /Symbol>>".into())], CATALOG),
        ("shadow: hide and replace, another catalog", vec![(50, evil.clone()), (51, "<</Type /Page /Parent 52 0 R /MediaBox [0 0 595 842] /Contents 50 0 R /Resources <</Font <</F1 3 0 R>>>>>>".into()), (52, "<</Type /Pages /Kids [51 0 R] /Count 1>>".into()), (53, format!("<</Type /Catalog /Pages 52 0 R {}>>", &body(&signed, CATALOG)[body(&signed, CATALOG).find("/AcroForm").unwrap()..].replace(">>", "")))], 53),
        ("shadow: the catalog points to other pages", vec![(50, evil.clone()), (51, "<</Type /Page /Parent 52 0 R /MediaBox [0 0 595 842] /Contents 50 0 R /Resources <</Font <</F1 3 0 R>>>>>>".into()), (52, "<</Type /Pages /Kids [51 0 R] /Count 1>>".into()), (CATALOG, body(&signed, CATALOG).replace("/Pages 2 0 R", "/Pages 52 0 R"))], CATALOG),
        ("evil annotation: a note laid over the page", vec![(60, note.into()), (61, over.clone()), (PAGE, with_note)], CATALOG),
        ("the page turned", vec![(PAGE, page.replacen("<<", "<</Rotate 180 ", 1))], CATALOG),
        ("the seal's picture replaced", vec![(seal_picture(&signed), over)], CATALOG),
        ("layers added", vec![(CATALOG, body(&signed, CATALOG).replacen("<<", "<</OCProperties <</OCGs [] /D <<>>>> ", 1))], CATALOG),
        ("a script on opening", vec![(CATALOG, body(&signed, CATALOG).replacen("<<", "<</OpenAction <</S /JavaScript /JS (0)>> ", 1))], CATALOG),
    ];
    for (name, objects, root) in attacks {
        let attacked = update(&signed, &objects, root);
        assert!(attacked.starts_with(&signed));
        let _ = shown(&services, &attacked);
        let report = judged(&services, &attacked);
        let last = report.signatures.first();
        assert_eq!(report.verdict(), Verdict::Invalid, "{name}: {last:?}");
        if let Some(one) = last {
            assert_eq!(
                one.broken, None,
                "{name}: the signed bytes are as they were"
            );
            assert!(
                one.later.iter().any(|c| matches!(c, Change::Other(_))),
                "{name}"
            );
        }
    }
}

/// The object of the seal's form.
fn seal_picture(signed: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(signed);
    let at = text.rfind("/AP <</N ").unwrap() + 9;
    text[at..]
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
fn the_attacks_show_what_was_not_signed() {
    let services = Services::new();
    let signed = services.pki.sign(&plain_pdf(2, 0));
    assert!(shown(&services, &signed).contains("Page 1"));
    let evil = stream("BT /F1 18 Tf 72 720 Td (Pay 1,000,000) Tj ET");
    let attacked = update(&signed, &[(CONTENTS, evil)], CATALOG);
    let text = shown(&services, &attacked);
    assert!(
        text.contains("Pay 1,000,000") && !text.contains("Page 1"),
        "{text}"
    );
    let file = services.pki.write("attacked.pdf", &attacked);
    let root = services.root();
    assert!(
        pyhanko(&file, &root, Revocation::Absent)
            .unwrap()
            .refusal(1)
            .is_some()
    );
}

#[test]
fn what_follows_without_a_revision_of_its_own_is_refused() {
    let services = Services::new();
    let signed = services.pki.sign(&plain_pdf(2, 0));
    let evil = format!("{CONTENTS} 0 obj\n{}\nendobj\n", stream("BT ET"));
    for tail in [evil.clone(), format!("{evil}%%EOF\n"), "x".into()] {
        let attacked = [&signed[..], tail.as_bytes()].concat();
        match verify(&attacked, &services.trust()) {
            Ok(report) => assert_eq!(report.verdict(), Verdict::Invalid, "{tail}"),
            Err(error) => assert_eq!(error, PdfError::Truncated, "{tail}"),
        }
    }
    let blank = [&signed[..], b"\n \n"].concat();
    assert_eq!(judged(&services, &blank).verdict(), Verdict::Valid);
}

#[test]
fn forged_and_wrapped_ranges_are_refused() {
    let services = Services::new();
    let signed = services.pki.sign(&plain_pdf(2, 0));
    let text = String::from_utf8_lossy(&signed).into_owned();
    let at = text.rfind("/ByteRange [").unwrap() + 12;
    let end = at + text[at..].find(']').unwrap();
    let contents = text.rfind("/Contents <").unwrap() + 10;
    let [_, first, second, length] = pdf::signatures(&signed).unwrap()[0].byte_range;
    let width = end - at;
    let ranged = |range: &str| {
        let mut bytes = signed.clone();
        bytes[at..end].copy_from_slice(format!("{range:width$}").as_bytes());
        bytes
    };
    let forged = [
        ranged("0 0 0 0"),
        ranged(""),
        ranged(&format!("0 {first} {second} {}", length - 1)),
        ranged(&format!("1 {} {second} {length}", first - 1)),
        ranged(&format!("0 {} {second} {length}", first - 20)),
        ranged(&format!("0 {first} {} {}", second + 20, length - 20)),
        ranged(&format!("0 -{first} {second} {length}")),
        ranged(&format!("0 {first} {second} 99999999999")),
        // No signature value, and one of zeros.
        [&signed[..contents], b"<>", &signed[second as usize..]].concat(),
        {
            let mut bytes = signed.clone();
            bytes[contents + 1..second as usize - 1].fill(b'0');
            bytes
        },
    ];
    for (index, bytes) in forged.iter().enumerate() {
        match verify(bytes, &services.trust()) {
            Ok(report) => assert_eq!(report.verdict(), Verdict::Invalid, "{index}"),
            Err(error) => assert_ne!(error, PdfError::Empty, "{index}"),
        }
    }
    // Wrapping: the second part is moved back, and what the reader uses stands in between.
    let mut wrapped = signed[..second as usize].to_vec();
    wrapped.extend(b"\n5 0 obj\n<</Length 5>>\nstream\nBT ET\nendstream\nendobj\n");
    let moved = wrapped.len();
    wrapped.extend(&signed[second as usize..]);
    let range = format!("0 {first} {moved} {length}");
    wrapped[at..end].copy_from_slice(format!("{range:width$}").as_bytes());
    if let Ok(report) = verify(&wrapped, &services.trust()) {
        assert_eq!(report.verdict(), Verdict::Invalid);
    }
}

#[test]
fn a_sneaky_signature_of_a_stranger_makes_no_file_valid() {
    let services = Services::new();
    let signed = services.pki.sign(&plain_pdf(2, 0));
    // The stranger signs with an overlay as large as the page, under a root that nobody trusts.
    let (root_key, key) = (
        P256Key::from_scalar(&[70; 32]).unwrap(),
        P256Key::from_scalar(&[71; 32]).unwrap(),
    );
    let root = issue(Profile::Root, 70, None, &root_key, &root_key);
    let ca = issue(Profile::Issuing, 71, Some(&root), &root_key, &root_key);
    let leaf = issue(Profile::Employee, 72, Some(&ca), &key, &root_key);
    let mut bytes = services.pki.prepared(&signed);
    let digest = pdf::to_be_signed(&bytes).unwrap().sha256;
    let cms = cms_of(&key, &[leaf, ca], &digest);
    pdf::embed(&mut bytes, &cms).unwrap();
    let report = judged(&services, &bytes);
    assert_eq!(report.verdict(), Verdict::Untrusted);
    assert_eq!(
        report.signatures[0].verdict(),
        Verdict::Valid,
        "the first one is as it was"
    );
    assert_eq!(report.signatures[1].verdict(), Verdict::Untrusted);
}

fn cms_of(key: &P256Key, chain: &[Certificate], digest: &[u8]) -> Vec<u8> {
    use kapok_formats::cms::{ID_DATA, signed_attributes, signed_data};
    use kapok_formats::signer::Signer as _;
    let attributes = signed_attributes(digest, chain[0].der(), ID_DATA).unwrap();
    let signature = key.sign(&attributes).unwrap();
    let chain: Vec<Vec<u8>> = chain.iter().map(|one| one.der().to_vec()).collect();
    signed_data(&attributes, &signature, &chain, &[]).unwrap()
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let services = Services::new();
    let signed = Pki::p256().sign(&plain_pdf(1, 0));
    let holes = pdf::signatures(&signed).unwrap()[0].byte_range;
    let mut at = 0;
    while at < signed.len() {
        let mut changed = signed.clone();
        changed[at] ^= 1;
        let in_hole = (holes[1]..holes[2]).contains(&(at as u64));
        if let (Ok(report), false) = (verify(&changed, &services.trust()), in_hole) {
            assert_eq!(report.verdict(), Verdict::Invalid, "byte {at}");
        }
        at += 97;
    }
}
