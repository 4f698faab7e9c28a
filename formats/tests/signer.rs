//! Published vectors and refusals of the two signature algorithms.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use kapok_formats::signer::{Algorithm, P256Key, PublicKey, Signer, SignerError, Sm2Key};

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let mut out = [0u8; N];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
    }
    out
}

fn der_of(r: &str, s: &str) -> Vec<u8> {
    let integer = |hex: &str| {
        let value: [u8; 32] = bytes(hex);
        let mut out = vec![0x02, 32];
        if value[0] >= 0x80 {
            out = vec![0x02, 33, 0];
        }
        out.extend(value);
        out
    };
    let body = [integer(r), integer(s)].concat();
    [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat()
}

#[test]
fn pin_01_p256_signs_the_vector_of_rfc_6979() {
    let key = P256Key::from_scalar(&bytes(
        "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
    ))
    .unwrap();
    let expected = der_of(
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    );
    assert_eq!(key.sign(b"sample").unwrap(), expected);
    let public = PublicKey::from_spki_der(&key.spki_der().unwrap()).unwrap();
    assert_eq!(public.algorithm(), Algorithm::EcdsaP256Sha256);
    assert_eq!(public.verify(b"sample", &expected), Ok(()));
    assert_eq!(
        public.verify(b"simple", &expected),
        Err(SignerError::Signature)
    );
}

#[test]
fn sm2_verifies_the_vector_of_gbt_32918_5() {
    let key = Sm2Key::from_scalar(&bytes(
        "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8",
    ))
    .unwrap();
    let spki = key.spki_der().unwrap();
    let point: [u8; 64] = bytes(
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13",
    );
    assert_eq!(spki[spki.len() - 64..], point);
    let public = PublicKey::from_spki_der(&spki).unwrap();
    let vector = der_of(
        "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3",
        "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
    );
    assert_eq!(public.verify(b"message digest", &vector), Ok(()));
    assert_eq!(
        public.verify(b"message-digest", &vector),
        Err(SignerError::Signature)
    );
}

#[test]
fn sm2_signs_what_it_verifies_in_der() {
    let key = Sm2Key::from_scalar(&[7; 32]).unwrap();
    let public = PublicKey::from_spki_der(&key.spki_der().unwrap()).unwrap();
    for length in 0..40 {
        let message = vec![0x5A; length];
        let signature = key.sign(&message).unwrap();
        assert_eq!(signature[0], 0x30, "a DER sequence, not raw bytes");
        assert_eq!(public.verify(&message, &signature), Ok(()));
        let longer = [signature, vec![0]].concat();
        assert_eq!(
            public.verify(&message, &longer),
            Err(SignerError::Signature)
        );
    }
}

#[test]
fn scalars_outside_the_curve_are_refused() {
    assert_eq!(
        P256Key::from_scalar(&[0; 32]).err(),
        Some(SignerError::PrivateKey)
    );
    assert_eq!(
        P256Key::from_scalar(&[0xFF; 32]).err(),
        Some(SignerError::PrivateKey)
    );
    assert_eq!(
        Sm2Key::from_scalar(&[0; 32]).err(),
        Some(SignerError::PrivateKey)
    );
    assert_eq!(
        Sm2Key::from_scalar(&[0xFF; 32]).err(),
        Some(SignerError::PrivateKey)
    );
}

#[test]
fn pkcs8_of_the_other_curve_is_refused() {
    use p256::pkcs8::EncodePrivateKey;
    let p256 = p256::SecretKey::from_slice(&[9; 32])
        .unwrap()
        .to_pkcs8_der()
        .unwrap();
    let sm2 = sm2::SecretKey::from_slice(&[9; 32])
        .unwrap()
        .to_pkcs8_der()
        .unwrap();
    assert!(P256Key::from_pkcs8_der(p256.as_bytes()).is_ok());
    assert!(Sm2Key::from_pkcs8_der(sm2.as_bytes()).is_ok());
    assert_eq!(
        P256Key::from_pkcs8_der(sm2.as_bytes()).err(),
        Some(SignerError::PrivateKey)
    );
    assert_eq!(
        Sm2Key::from_pkcs8_der(p256.as_bytes()).err(),
        Some(SignerError::PrivateKey)
    );
}

#[test]
fn sm2_as_algorithm_oid_is_read_too() {
    let key = Sm2Key::from_scalar(&[7; 32]).unwrap();
    let mut spki = key.spki_der().unwrap();
    // id-ecPublicKey (7 bytes) replaced by the SM2 OID (8 bytes): two lengths grow by one.
    let at = spki
        .windows(9)
        .position(|w| w == [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01])
        .unwrap();
    spki.splice(
        at..at + 9,
        [0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D],
    );
    spki[1] += 1;
    spki[3] += 1;
    assert_eq!(
        PublicKey::from_spki_der(&spki).unwrap().algorithm(),
        Algorithm::Sm2Sm3
    );
}
