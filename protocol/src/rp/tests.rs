use super::*;
use crate::ids::DocumentId;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

const NOW: u64 = 1_800_000_000;
const LEAF: &[u8] = b"a leaf certificate in DER";

fn key() -> (SigningKey, Vec<u8>) {
    let key = SigningKey::from_slice(&[3; 32]).unwrap();
    let public = key.verifying_key().to_sec1_point(true).as_bytes().to_vec();
    (key, public)
}

fn signed(typ: &str, claims: &impl Serialize) -> String {
    let (key, _) = key();
    jws::sign(&RpHeader::new(typ, &[LEAF]), claims, |input| {
        let signature: Signature = key.sign(input);
        Ok::<_, ()>(signature.to_bytes().into())
    })
    .unwrap()
}

fn request() -> RequestClaims {
    RequestClaims {
        iss: issuer(LEAF),
        aud: AUDIENCE.into(),
        iat: NOW,
        exp: NOW + 300,
        jti: Bytes(vec![1; 16]),
        phone_nonce: Bytes(vec![2; 32]),
        cb: Bytes(vec![3; 32]),
        origin: "https://portal.test".into(),
        purpose: RpPurpose::Seal,
        uscc_hash: None,
        ctx: RpContext {
            title: "合同".into(),
            reference: "1".into(),
        },
        limits: RpLimits {
            docs: 1,
            bytes: 1000,
        },
        formats: vec![Format::Pades],
        crit: vec![],
    }
}

fn check(claims: &RequestClaims) -> Result<(), RpError> {
    let parsed = parse_request(&signed(REQUEST_TYP, claims))?;
    let session = Session {
        now: NOW + 5,
        cb: &[3; 32],
        phone_nonce: &[2; 32],
        origin: "https://portal.test",
    };
    verify_request(&parsed, LEAF, &key().1, &session)
}

#[test]
fn pin_29_t2_a_request_verifies_for_its_own_session_only() {
    assert_eq!(check(&request()), Ok(()));
    let cases = [
        (
            RequestClaims {
                iss: issuer(b"other"),
                ..request()
            },
            RpError::Issuer,
        ),
        (
            RequestClaims {
                aud: "jq2".into(),
                ..request()
            },
            RpError::Binding,
        ),
        (
            RequestClaims {
                exp: NOW + 301,
                ..request()
            },
            RpError::Expired,
        ),
        (
            RequestClaims {
                iat: NOW - 400,
                exp: NOW - 100,
                ..request()
            },
            RpError::Expired,
        ),
        (
            RequestClaims {
                iat: NOW + 100,
                exp: NOW + 200,
                ..request()
            },
            RpError::Expired,
        ),
        (
            RequestClaims {
                iat: NOW,
                exp: NOW - 1,
                ..request()
            },
            RpError::Expired,
        ),
        (
            RequestClaims {
                cb: Bytes(vec![4; 32]),
                ..request()
            },
            RpError::Binding,
        ),
        (
            RequestClaims {
                phone_nonce: Bytes(vec![4; 32]),
                ..request()
            },
            RpError::Binding,
        ),
        (
            RequestClaims {
                origin: "https://evil.test".into(),
                ..request()
            },
            RpError::Origin,
        ),
        (
            RequestClaims {
                crit: vec!["new".into()],
                ..request()
            },
            RpError::Signature,
        ),
    ];
    for (claims, error) in cases {
        assert_eq!(check(&claims), Err(error), "{claims:?}");
    }
}

#[test]
fn a_request_under_another_key_is_refused() {
    let parsed = parse_request(&signed(REQUEST_TYP, &request())).unwrap();
    let other = SigningKey::from_slice(&[4; 32])
        .unwrap()
        .verifying_key()
        .to_sec1_point(true)
        .as_bytes()
        .to_vec();
    let session = Session {
        now: NOW,
        cb: &[3; 32],
        phone_nonce: &[2; 32],
        origin: "https://portal.test",
    };
    assert_eq!(
        verify_request(&parsed, LEAF, &other, &session),
        Err(RpError::Signature)
    );
}

fn manifest() -> Vec<ManifestEntry> {
    vec![ManifestEntry {
        doc: DocumentId([7; 16]),
        mime: "application/pdf".into(),
        name: "a.pdf".into(),
        size: 9,
        pages: 1,
        digest: Bytes(vec![8; 32]),
    }]
}

fn batch() -> BatchClaims {
    BatchClaims {
        iss: issuer(LEAF),
        aud: AUDIENCE.into(),
        iat: NOW,
        exp: NOW + 300,
        jti: Bytes(vec![1; 16]),
        cb: Bytes(vec![3; 32]),
        batch_id: BatchId([6; 16]),
        purpose: RpPurpose::Seal,
        cert: Bytes(Sha256::digest(b"signer").to_vec()),
        seal: Some("ES1".into()),
        format: Format::Pades,
        count: 1,
        manifest_root: Bytes(manifest_root(&manifest()).unwrap().to_vec()),
    }
}

fn check_batch(claims: &BatchClaims, manifest: &[ManifestEntry]) -> Result<BatchClaims, RpError> {
    let request = request();
    let expected = Expected {
        request: &request,
        cb: &[3; 32],
        now: NOW,
        batch_id: BatchId([6; 16]),
        format: Format::Pades,
        certificate: b"signer",
        seal: Some("ES1"),
        manifest,
    };
    verify_batch(&signed(BATCH_TYP, claims), LEAF, &key().1, &expected)
}

#[test]
fn pin_29_t7_a_batch_signed_for_another_session_certificate_seal_or_manifest_is_worthless() {
    assert_eq!(check_batch(&batch(), &manifest()), Ok(batch()));
    let cases = [
        BatchClaims {
            cb: Bytes(vec![9; 32]),
            ..batch()
        },
        BatchClaims {
            batch_id: BatchId([5; 16]),
            ..batch()
        },
        BatchClaims {
            purpose: RpPurpose::Sign,
            ..batch()
        },
        BatchClaims {
            cert: Bytes(vec![0; 32]),
            ..batch()
        },
        BatchClaims {
            seal: None,
            ..batch()
        },
        BatchClaims {
            format: Format::Cades,
            ..batch()
        },
    ];
    for claims in cases {
        assert_eq!(
            check_batch(&claims, &manifest()),
            Err(RpError::Binding),
            "{claims:?}"
        );
    }
    let mut swapped = manifest();
    swapped[0].digest = Bytes(vec![9; 32]);
    assert_eq!(check_batch(&batch(), &swapped), Err(RpError::Manifest));
    assert_eq!(
        check_batch(
            &BatchClaims {
                count: 2,
                ..batch()
            },
            &manifest()
        ),
        Err(RpError::Manifest)
    );
}

#[test]
fn a_request_is_no_batch_and_a_batch_no_request() {
    assert!(parse_request(&signed(BATCH_TYP, &request())).is_err());
    assert!(check_batch(&batch(), &[]).is_err());
}
