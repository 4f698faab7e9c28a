//! Seals of GB/T 38540: made here, judged by openssl, and read in the ways that vendors write them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{DAY, Kind, NOW, Pki, enterprise, issue, key, pki, request};
use der::asn1::Any;
use der::{Decode, Encode};
use kapok_formats::seal::{
    LARGEST_SEAL, Picture, PictureKind, Remark, Seal, SealError, SealInfo, SignerList, seal,
    seal_info,
};
use kapok_formats::x509::{
    Certificate, ChainError, Crl, CrlEntry, LABEL_CERTIFICATE, Profile, RevocationReason,
    build_crl, pem_encode,
};
use proptest::prelude::*;
use std::process::Command;

struct Made {
    pki: Pki,
    signer: Certificate,
    der: Vec<u8>,
}

fn info<'a>(signers: &'a [Certificate], picture: &'a [u8]) -> SealInfo<'a> {
    SealInfo {
        es_id: "44010000000001-0001",
        seal_type: 1,
        name: "广东木棉（深圳）科技有限公司",
        signers,
        created: NOW,
        valid_from: NOW - DAY,
        valid_to: NOW + 300 * DAY,
        picture: Picture {
            kind: PictureKind::Png,
            data: picture,
            width_mm: 40,
            height_mm: 40,
        },
    }
}

fn made() -> Made {
    let pki = pki(Kind::Sm2, Profile::SealMaker);
    let spki = key(Kind::Sm2, 8).spki_der().unwrap();
    let signer = issue(
        &request(
            Profile::Employee,
            &[8; 16],
            Some(&pki.ca),
            enterprise(),
            &spki,
        ),
        &*pki.ca_key,
    );
    let body = seal_info(&info(std::slice::from_ref(&signer), b"\x89PNG picture")).unwrap();
    let der = seal(&body, &pki.leaf, &*pki.leaf_key).unwrap();
    Made { pki, signer, der }
}

fn verify(made: &Made, der: &[u8], at: u64, crls: &[Crl]) -> Result<Vec<Remark>, SealError> {
    Seal::parse(der)?.verify(
        std::slice::from_ref(&made.pki.ca),
        std::slice::from_ref(&made.pki.root),
        at,
        crls,
    )
}

#[test]
fn a_seal_says_what_was_put_in_and_verifies() {
    let made = made();
    let seal = Seal::parse(&made.der).unwrap();
    assert_eq!(seal.es_id(), "44010000000001-0001");
    assert_eq!(
        (seal.version(), seal.vendor(), seal.seal_type()),
        (4, "KAPOK", 1)
    );
    assert_eq!(seal.name(), "广东木棉（深圳）科技有限公司");
    assert_eq!(
        (seal.created(), seal.valid_from(), seal.valid_to()),
        (NOW, NOW - DAY, NOW + 300 * DAY)
    );
    assert_eq!(
        (
            seal.picture_kind(),
            seal.picture(),
            seal.width_mm(),
            seal.height_mm()
        ),
        ("PNG", &b"\x89PNG picture"[..], 40, 40)
    );
    assert_eq!(
        seal.signers(),
        &SignerList::Certificates(vec![made.signer.der().to_vec()])
    );
    assert!(seal.allows(&made.signer) && !seal.allows(&made.pki.leaf));
    assert_eq!(seal.maker(), &made.pki.leaf);
    assert_eq!(verify(&made, &made.der, NOW, &[]), Ok(vec![]));
}

#[test]
fn openssl_verifies_the_makers_signature() {
    let made = made();
    let seal = Seal::parse(&made.der).unwrap();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("info"), seal.info_der()).unwrap();
    std::fs::write(dir.path().join("signature"), seal.signature()).unwrap();
    std::fs::write(
        dir.path().join("maker.pem"),
        pem_encode(LABEL_CERTIFICATE, seal.maker().der()).unwrap(),
    )
    .unwrap();
    let script = "openssl x509 -in maker.pem -pubkey -noout > key.pem && openssl dgst -sm3 \
                  -sigopt distid:1234567812345678 -verify key.pem -signature signature info && openssl asn1parse -inform DER -in info";
    let output = Command::new("sh")
        .args(["-c", script])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("Verified OK"),
        "{output:?}"
    );
    assert!(
        text.contains("IA5STRING         :ES") && text.contains("GENERALIZEDTIME"),
        "{text}"
    );
}

#[test]
fn every_changed_bit_of_the_signed_part_is_noticed() {
    let made = made();
    for at in (0..made.der.len()).step_by(5) {
        let mut changed = made.der.clone();
        changed[at] ^= 0x04;
        assert!(verify(&made, &changed, NOW, &[]).is_err(), "byte {at}");
    }
}

#[test]
fn dates_trust_and_revocation_decide() {
    let made = made();
    assert_eq!(verify(&made, &made.der, NOW - DAY + 1, &[]), Ok(vec![]));
    assert_eq!(
        verify(&made, &made.der, NOW + 301 * DAY, &[]),
        Err(SealError::Expired)
    );
    let maker_expired = verify(&made, &made.der, NOW + 366 * DAY, &[]);
    assert_eq!(
        maker_expired,
        Err(SealError::Maker(ChainError::Expired { depth: 0 }))
    );
    let untrusted = Seal::parse(&made.der).unwrap().verify(&[], &[], NOW, &[]);
    assert_eq!(untrusted, Err(SealError::Maker(ChainError::Untrusted)));
    let entry = CrlEntry {
        serial: made.pki.leaf.serial().to_vec(),
        revoked_at: NOW + DAY,
        reason: RevocationReason::CessationOfOperation,
    };
    let list = build_crl(
        &made.pki.ca,
        &[entry],
        1,
        NOW + DAY,
        NOW + 30 * DAY,
        &*made.pki.ca_key,
    )
    .unwrap();
    let list = [Crl::parse(&list).unwrap()];
    let revoked = verify(&made, &made.der, NOW + 2 * DAY, &list);
    assert_eq!(
        revoked,
        Err(SealError::Maker(ChainError::Revoked {
            depth: 0,
            revoked_at: NOW + DAY
        }))
    );
}

#[test]
fn what_cannot_be_a_seal_is_refused_by_field() {
    let made = made();
    let signers = [made.signer.clone()];
    let good = info(&signers, b"x");
    let refused = |change: &dyn Fn(&mut SealInfo<'_>)| {
        let mut bad = good;
        change(&mut bad);
        match seal_info(&bad) {
            Err(SealError::Field { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(&|i| i.es_id = "印章1"), "es_id");
    assert_eq!(refused(&|i| i.es_id = ""), "es_id");
    assert_eq!(refused(&|i| i.name = " "), "name");
    assert_eq!(refused(&|i| i.signers = &[]), "signers");
    assert_eq!(refused(&|i| i.valid_to = i.valid_from), "valid_to");
    assert_eq!(refused(&|i| i.picture.data = &[]), "picture");
    assert_eq!(refused(&|i| i.picture.width_mm = 0), "picture.width_mm");
    assert_eq!(refused(&|i| i.picture.height_mm = 101), "picture.height_mm");
    let body = seal_info(&good).unwrap();
    assert_eq!(
        seal(&body, &made.pki.leaf, &*key(Kind::Sm2, 9)),
        Err(SealError::Signer)
    );
    assert_eq!(
        seal(&body, &made.pki.leaf, &*key(Kind::P256, 3)),
        Err(SealError::Signer)
    );
    assert_eq!(
        seal(&body, &made.pki.ca, &*made.pki.ca_key),
        Err(SealError::MakerUsage)
    );
    let huge = vec![0; LARGEST_SEAL];
    let body = seal_info(&info(&signers, &huge)).unwrap();
    assert!(matches!(
        seal(&body, &made.pki.leaf, &*made.pki.leaf_key),
        Err(SealError::Field {
            field: "picture",
            ..
        })
    ));
}

/// Takes the four fields of a seal, changes some, signs the first again with `sign` and puts them together.
fn rebuilt(
    made: &Made,
    edit: impl Fn(Vec<u8>) -> Vec<u8>,
    wrap: impl Fn(Vec<u8>) -> Vec<u8>,
) -> Vec<u8> {
    let parts = <Vec<Any>>::from_der(&made.der).unwrap();
    let body = edit(parts[0].to_der().unwrap());
    let signature = [vec![0], wrap(made.pki.leaf_key.sign(&body).unwrap())].concat();
    let signature = tlv(0x03, &signature);
    tlv(
        0x30,
        &[
            body,
            parts[1].to_der().unwrap(),
            parts[2].to_der().unwrap(),
            signature,
        ]
        .concat(),
    )
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], value].concat()
}

fn raw(der: Vec<u8>) -> Vec<u8> {
    sm2::dsa::Signature::from_der(&der)
        .unwrap()
        .to_bytes()
        .to_vec()
}

fn padded(der: Vec<u8>) -> Vec<u8> {
    let numbers = <Vec<Any>>::from_der(&der).unwrap();
    let body = numbers.iter().flat_map(|n| {
        let value = [&[0, 0][..], n.value()].concat();
        [vec![0x02, u8::try_from(value.len()).unwrap()], value].concat()
    });
    let body: Vec<u8> = body.collect();
    [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat()
}

#[test]
fn raw_signatures_and_integers_that_are_not_minimal_are_read() {
    let made = made();
    for wrap in [raw, padded, |der| der] {
        let der = rebuilt(&made, |body| body, wrap);
        assert_eq!(verify(&made, &der, NOW, &[]), Ok(vec![]));
    }
}

#[test]
fn lengths_that_are_not_minimal_are_verified_as_received() {
    let made = made();
    // The body's own header in the long form: a re-encoding would give other bytes than were signed.
    let der = rebuilt(
        &made,
        |body| {
            let inner = Any::from_der(&body).unwrap();
            [
                &[0x30, 0x83, 0],
                &u16::try_from(inner.value().len()).unwrap().to_be_bytes()[..],
                inner.value(),
            ]
            .concat()
        },
        |s| s,
    );
    assert_eq!(verify(&made, &der, NOW, &[]), Ok(vec![]));
}

#[test]
fn a_version_5_seal_outlives_its_makers_certificate() {
    let made = made();
    let version = |to: u8| {
        move |mut body: Vec<u8>| {
            let at = body
                .windows(5)
                .position(|w| w == [0x16, 0x02, b'E', b'S', 0x02])
                .unwrap()
                + 6;
            assert_eq!(body[at], 4);
            body[at] = to;
            let end = body
                .windows(15)
                .rposition(|w| w[14] == b'Z' && w[..2] == *b"20")
                .unwrap();
            body[end..end + 4].copy_from_slice(b"2036");
            body
        }
    };
    let five = rebuilt(&made, version(5), |s| s);
    assert_eq!(verify(&made, &five, NOW, &[]), Ok(vec![]));
    assert_eq!(
        verify(&made, &five, NOW + 366 * DAY, &[]),
        Ok(vec![Remark::MakerNoLongerValid])
    );
    let four = rebuilt(&made, version(4), |s| s);
    assert_eq!(
        verify(&made, &four, NOW + 366 * DAY, &[]),
        Err(SealError::Maker(ChainError::Expired { depth: 0 }))
    );
    let six = rebuilt(&made, version(6), |s| s);
    assert_eq!(verify(&made, &six, NOW, &[]), Err(SealError::Version));
}

#[test]
fn the_structure_of_2014_is_named_as_such() {
    let made = made();
    let parts = <Vec<Any>>::from_der(&made.der).unwrap();
    let two = tlv(
        0x30,
        &[parts[0].to_der().unwrap(), parts[1].to_der().unwrap()].concat(),
    );
    assert_eq!(Seal::parse(&two).err(), Some(SealError::Version));
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..2000, value in any::<u8>()) {
        let _ = Seal::parse(&bytes);
        let mut changed = made().der;
        let place = at % changed.len();
        changed[place] = value;
        let _ = Seal::parse(&changed);
    }
}
