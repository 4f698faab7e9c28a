//! What our own code signs, judged by software that is not ours: PDF, CMS, chains and seals; good and tampered.

use sha2::{Digest as _, Sha256};
use std::path::Path;

use kapok_formats::seal::{Picture, PictureKind, SealInfo, seal, seal_info};
use kapok_formats::x509::Profile;
use kapok_tests::judges::{
    Revocation, Tampering, Verdict as _, bouncy_castle_cms, dss, judge_pdf, openssl_sm2_seal,
    openssl_verify, openssl_verify_chain, pdfbox, tamper,
};
use kapok_tests::material::plain_pdf;
use kapok_tests::pki::{DAY, PIXEL, Pki, now};

fn refusing(pki: &Pki, file: &Path, signatures: usize) -> Vec<&'static str> {
    let verdicts = judge_pdf(file, &pki.path("root.pem"), Revocation::Absent, signatures).unwrap();
    println!("{verdicts:?}");
    verdicts.refused_by()
}

#[test]
fn a_pdf_that_we_sign_stands_before_all_judges() {
    let pki = Pki::p256();
    let file = pki.write("signed.pdf", &pki.sign(&plain_pdf(2, 0)));
    assert_eq!(refusing(&pki, &file, 1), Vec::<&str>::new());
    let verdict = dss(&file, &pki.path("root.pem"), Revocation::Absent).unwrap();
    assert_eq!(verdict.signatures[0].level, "PAdES_BASELINE_B");
    let verdict = pdfbox(&file, &pki.path("root.pem")).unwrap();
    assert!(verdict.signatures[0].covers_file);
}

#[test]
fn a_second_signature_leaves_the_first_valid() {
    let pki = Pki::p256();
    let twice = pki.sign(&pki.sign(&plain_pdf(1, 0)));
    let file = pki.write("twice.pdf", &twice);
    assert_eq!(refusing(&pki, &file, 2), Vec::<&str>::new());
}

#[test]
fn a_changed_byte_in_our_pdf_is_refused_by_all_who_verify() {
    let pki = Pki::p256();
    let mut bytes = pki.sign(&plain_pdf(2, 0));
    let at = bytes
        .windows(8)
        .position(|window| window == b"(Page 2)")
        .unwrap();
    bytes[at + 6] = b'9';
    let file = pki.write("changed.pdf", &bytes);
    assert_eq!(
        refusing(&pki, &file, 1),
        ["pdfsig", "pyhanko", "dss", "pdfbox", "openssl"]
    );
}

#[test]
fn what_is_appended_to_our_pdf_is_refused() {
    let pki = Pki::p256();
    let file = pki.write("signed.pdf", &pki.sign(&plain_pdf(2, 0)));
    for tampering in [Tampering::Page, Tampering::Annotation, Tampering::Content] {
        let changed = pki.path("appended.pdf");
        tamper(&file, &changed, tampering).unwrap();
        let refusing = refusing(&pki, &changed, 1);
        for judge in ["pdfsig", "pyhanko", "pdfbox", "openssl"] {
            assert!(
                refusing.contains(&judge),
                "{tampering:?}: only {refusing:?}"
            );
        }
    }
}

#[test]
fn our_cms_stands_before_openssl_and_bouncy_castle() {
    let pki = Pki::p256();
    let cms = pki.write("content.p7s", &pki.cms(&Sha256::digest(b"content")));
    let good = pki.write("content", b"content");
    let bad = pki.write("changed", b"contend");
    let root = pki.path("root.pem");
    assert_eq!(openssl_verify(&cms, &good, &root).unwrap(), None);
    assert!(openssl_verify(&cms, &bad, &root).unwrap().is_some());
    let verdict = bouncy_castle_cms(&cms, &good, &root).unwrap();
    assert_eq!(verdict.refusal(1), None);
    let verdict = bouncy_castle_cms(&cms, &bad, &root).unwrap();
    assert!(!verdict.signature);
}

#[test]
fn our_sm2_cms_stands_before_bouncy_castle() {
    let pki = Pki::sm2(Profile::Employee);
    let cms = pki.write("content.p7s", &pki.cms(&sm3::Sm3::digest(b"content")));
    let good = pki.write("content", b"content");
    let bad = pki.write("changed", b"contend");
    let root = pki.path("root.pem");
    let verdict = bouncy_castle_cms(&cms, &good, &root).unwrap();
    assert_eq!(verdict.refusal(1), None, "{verdict:?}");
    assert!(!bouncy_castle_cms(&cms, &bad, &root).unwrap().signature);
    let other = Pki::p256().path("root.pem");
    assert!(bouncy_castle_cms(&cms, &good, &other).is_err());
}

#[test]
fn our_chains_stand_before_openssl() {
    for pki in [Pki::p256(), Pki::sm2(Profile::Employee)] {
        let (leaf, ca, root) = (
            pki.path("leaf.pem"),
            pki.path("ca.pem"),
            pki.path("root.pem"),
        );
        assert_eq!(openssl_verify_chain(&leaf, &[&ca], &root).unwrap(), None);
        assert!(openssl_verify_chain(&leaf, &[], &root).unwrap().is_some());
    }
}

#[test]
fn our_seals_stand_before_openssl() {
    let pki = Pki::sm2(Profile::SealMaker);
    let signer = Pki::sm2(Profile::Employee);
    let info = SealInfo {
        es_id: "44010000000001-0001",
        seal_type: 1,
        name: "广东木棉（深圳）科技有限公司",
        signers: &signer.chain[..1],
        created: now(),
        valid_from: now() - DAY,
        valid_to: now() + 300 * DAY,
        picture: Picture {
            kind: PictureKind::Png,
            data: PIXEL,
            width_mm: 40,
            height_mm: 40,
        },
    };
    let body = seal_info(&info).unwrap();
    let der = seal(&body, &pki.chain[0], &*pki.leaf_key).unwrap();
    let (ca, root) = (pki.path("ca.pem"), pki.path("root.pem"));
    let verdict = openssl_sm2_seal(&pki.write("good.esl", &der), &[&ca], &root).unwrap();
    assert_eq!((verdict.version, verdict.refusal(1)), (4, None));

    let at = der
        .windows(3)
        .position(|window| window == "木".as_bytes())
        .unwrap();
    let mut changed = der.clone();
    changed[at..at + 3].copy_from_slice("本".as_bytes());
    let verdict = openssl_sm2_seal(&pki.write("bad.esl", &changed), &[&ca], &root).unwrap();
    assert!(!verdict.signature && verdict.chain);
    let verdict = openssl_sm2_seal(&pki.path("good.esl"), &[], &root).unwrap();
    assert!(verdict.signature && !verdict.chain);
}
