use super::*;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};

const SIGNER: &[u8] = include_bytes!("../../tests/cms/signer.der");
const ROOT: &[u8] = include_bytes!("../../tests/cms/root.der");
const DIGEST: [u8; 32] = [5; 32];

fn signature_over(attributes: &[u8]) -> Vec<u8> {
    let signature: DerSignature = SigningKey::from_slice(&[7; 32]).unwrap().sign(attributes);
    signature.as_bytes().to_vec()
}

fn signed(unsigned: &[(Oid, Vec<u8>)]) -> Vec<u8> {
    let attributes = signed_attributes(&DIGEST, SIGNER, ID_DATA).unwrap();
    let chain = [SIGNER.to_vec(), ROOT.to_vec()];
    signed_data(&attributes, &signature_over(&attributes), &chain, unsigned).unwrap()
}

#[test]
fn what_was_signed_verifies_with_and_without_padding() {
    let mut cms = signed(&[]);
    let verified = verify(&cms, &DIGEST).unwrap();
    assert_eq!(verified.signer_certificate, SIGNER);
    assert_eq!(verified.certificates.len(), 2);
    assert_eq!(verified.content_type, ID_DATA.as_bytes());
    assert!(verified.names_certificate);
    assert!(verified.unsigned.is_empty());
    cms.extend([0; 100]);
    assert_eq!(verify(&cms, &DIGEST), Ok(verified));
}

#[test]
fn attributes_are_exactly_three_and_hold_no_signing_time() {
    let attributes = signed_attributes(&DIGEST, SIGNER, ID_DATA).unwrap();
    let (set, rest) = tlv::first(&attributes, "set").unwrap();
    assert!(rest.is_empty());
    assert_eq!(set.open(der::Tag::Set, "set").unwrap().len(), 3);
    let signing_time = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
    assert!(!attributes.windows(9).any(|w| w == signing_time));
}

#[test]
fn another_digest_or_a_changed_byte_is_refused() {
    let cms = signed(&[]);
    assert_eq!(verify(&cms, &[6; 32]), Err(CmsError::DigestMismatch));
    for position in 0..cms.len() {
        let mut changed = cms.clone();
        changed[position] ^= 0x01;
        if let Ok(verified) = verify(&changed, &DIGEST) {
            // Nothing signs the set of certificates or the version numbers: only these may change unnoticed.
            assert_eq!(verified.signer_certificate, SIGNER, "byte {position}");
        }
    }
}

#[test]
fn a_receipt_under_a_uuid_oid_comes_back() {
    let id = Oid::from_dotted("2.25.329800735698586629295641978511506172918").unwrap();
    let cms = signed(&[receipt_attribute(id.clone(), b"receipt").unwrap()]);
    let verified = verify(&cms, &DIGEST).unwrap();
    assert_eq!(verified.receipt(&id), Some(&b"receipt"[..]));
    assert_eq!(verified.receipt(&Oid::from_dotted("2.25.1").unwrap()), None);
}

#[test]
fn a_login_content_type_is_kept_apart_from_documents() {
    let login = ObjectIdentifier::new_unwrap("2.25.77");
    let attributes = signed_attributes(&DIGEST, SIGNER, login).unwrap();
    let cms = signed_data(
        &attributes,
        &signature_over(&attributes),
        &[SIGNER.to_vec()],
        &[],
    )
    .unwrap();
    assert_eq!(
        verify(&cms, &DIGEST).unwrap().content_type,
        login.as_bytes()
    );
}

#[test]
fn bad_input_names_what_is_wrong() {
    assert_eq!(
        signed_attributes(&[1; 20], SIGNER, ID_DATA),
        Err(CmsError::DigestLength)
    );
    assert_eq!(
        signed_attributes(&DIGEST, b"x", ID_DATA),
        Err(CmsError::Malformed("certificate"))
    );
    let attributes = signed_attributes(&DIGEST, SIGNER, ID_DATA).unwrap();
    let value = signature_over(&attributes);
    assert_eq!(
        signed_data(&attributes, &value, &[], &[]),
        Err(CmsError::NoCertificate)
    );
    assert_eq!(
        signed_data(&attributes, &value, &[ROOT.to_vec()], &[]),
        Err(CmsError::OtherCertificate)
    );
    assert_eq!(
        signed_data(&attributes, &[0; 64], &[SIGNER.to_vec()], &[]),
        Err(CmsError::Malformed("signature value"))
    );
    for text in ["", "1", "3.1", "1.40", "1..2", "1.02", "2.25.a"] {
        assert_eq!(Oid::from_dotted(text), Err(CmsError::BadOid), "{text}");
    }
    assert_eq!(Oid::from_dotted("1.2.840.113549.1.7.1"), Ok(ID_DATA.into()));
}

proptest::proptest! {
    #[test]
    fn no_bytes_crash_the_reader(position in 0usize..2000, byte: u8, cut in 0usize..2000) {
        let mut cms = signed(&[]);
        cms.truncate(cms.len().saturating_sub(cut % 3 * cut));
        if let Some(slot) = cms.get_mut(position) {
            *slot = byte;
        }
        let _ = verify(&cms, &DIGEST);
    }
}
