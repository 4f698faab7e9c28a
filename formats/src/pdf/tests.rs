use super::*;
use crate::cms::{CmsError, ID_DATA, Oid, receipt_attribute, signed_attributes, signed_data};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};

const SEAL: &[u8] = include_bytes!("../../tests/pdf/seal.png");
const SIGNER: &[u8] = include_bytes!("../../tests/cms/signer.der");
const ROOT: &[u8] = include_bytes!("../../tests/cms/root.der");
const RECEIPT: &str = "2.25.329800735698586629295641978511506172918";

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!(
        "{}/tests/pdf/{name}.pdf",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap()
}

fn plan(page: usize) -> FieldPlan<'static> {
    FieldPlan {
        page,
        picture_png: SEAL,
        width_mm: 40.0,
        height_mm: 40.0,
        position: Position::BottomRight,
        signer_name: "测试员工",
        reason: "合同签署",
        time_unix: 1_767_225_600,
        options: Default::default(),
    }
}

fn make_cms(digest: &[u8]) -> Vec<u8> {
    let key = SigningKey::from_slice(&[7; 32]).unwrap();
    let attributes = signed_attributes(digest, SIGNER, ID_DATA).unwrap();
    let signature: DerSignature = key.sign(&attributes);
    let receipt = receipt_attribute(Oid::from_dotted(RECEIPT).unwrap(), b"receipt").unwrap();
    signed_data(
        &attributes,
        signature.as_bytes(),
        &[SIGNER.to_vec(), ROOT.to_vec()],
        &[receipt],
    )
    .unwrap()
}

fn sign(original: &[u8], plan: &FieldPlan<'_>) -> Vec<u8> {
    let mut prepared = prepare(original, plan).unwrap();
    let signing = to_be_signed(&prepared.bytes).unwrap();
    assert_eq!(signing.byte_range, prepared.byte_range);
    embed(&mut prepared.bytes, &make_cms(&signing.sha256)).unwrap();
    prepared.bytes
}

/// Files of different producers and cross-reference styles; see tests/pdf/README.md.
const SIGNABLE: [&str; 11] = [
    "reportlab",
    "form",
    "landscape",
    "rotated",
    "indirect",
    "objstm",
    "linearized",
    "linearized-objstm",
    "chromium",
    "mutool",
    "hybrid",
];

#[test]
fn every_kind_of_file_is_signed_append_only_and_verifies() {
    for name in SIGNABLE {
        let original = file(name);
        let last = Document::open(&original).unwrap().page_count() - 1;
        let signed = sign(&original, &plan(last));
        assert!(signed.starts_with(&original), "{name}");
        let views = signatures(&signed).unwrap();
        let [view] = views.as_slice() else {
            panic!("{name}: {} signatures", views.len())
        };
        assert!(view.covers_whole_file && !view.waiting, "{name}");
        assert_eq!(view.sub_filter, "ETSI.CAdES.detached");
        assert_eq!(view.signer_name.as_deref(), Some("测试员工"));
        assert_eq!(view.signed_at.as_deref(), Some("D:20260101080000+08'00'"));
        let verified = verify_signature(&signed, view).unwrap();
        assert_eq!(verified.signer_certificate, SIGNER);
        assert_eq!(
            verified.receipt(&Oid::from_dotted(RECEIPT).unwrap()),
            Some(&b"receipt"[..])
        );
    }
}

#[test]
fn a_changed_byte_anywhere_outside_the_hole_breaks_the_signature() {
    let signed = sign(&file("reportlab"), &plan(0));
    let view = signatures(&signed).unwrap().remove(0);
    for position in [60, view.byte_range[1] as usize - 9, signed.len() - 2] {
        let mut changed = signed.clone();
        changed[position] ^= 1;
        let result = verify_signature(&changed, &view);
        assert_eq!(result, Err(PdfError::Signature(CmsError::DigestMismatch)));
    }
}

#[test]
fn earlier_signatures_stay_valid() {
    let mut bytes = file("signed-pyhanko");
    for count in 2..5 {
        bytes = sign(&bytes, &plan(0));
        let views = signatures(&bytes).unwrap();
        assert_eq!(views.len(), count);
        assert_eq!(Document::open(&bytes).unwrap().signature_count(), count);
        for (index, view) in views.iter().enumerate() {
            assert_eq!(view.covers_whole_file, index == count - 1);
            verify_signature(&bytes, view).unwrap();
        }
    }
}

mod places;
mod refusals;
mod robust;
mod seals;
