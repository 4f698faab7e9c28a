use super::*;
use crate::guard::schedule;
use crate::ids::CertId;

#[test]
fn yqq_020_the_right_pin_opens_and_a_wrong_one_is_told() {
    let right = row().unlock(&[0x11; 32]);
    let slot = right.commit();
    assert!(commit_matches(&row().unlock(&[0x11; 32]), &slot));
    assert!(!commit_matches(&row().unlock(&[0x12; 32]), &slot));
    let context = row().context().hash();
    let wrapped = wrap::seal(&right.kek_pin(), &[9; 24], &context, &[0xaa; 32]).unwrap();
    assert_eq!(
        **wrap::open(&right.kek_pin(), &context, &wrapped).unwrap(),
        [0xaa; 32]
    );
    let wrong = row().unlock(&[0x12; 32]).kek_pin();
    assert_eq!(wrap::open(&wrong, &context, &wrapped), Err(wrap::WrapError));
    assert_eq!(
        wrap::open(&right.kek_pin(), b"other", &wrapped),
        Err(wrap::WrapError)
    );
    assert_eq!(
        wrap::open(&right.kek_pin(), &context, &wrapped[..20]),
        Err(wrap::WrapError)
    );
}

/// Without any one of: chip output, row salt, master key, epoch, account's parameters, nothing matches.
#[test]
fn pin_05_every_factor_enters_the_commitment() {
    let slot = row().unlock(&[0x11; 32]).commit();
    let others = [
        GuardRow {
            master: [0; 32],
            ..row()
        },
        GuardRow {
            row_salt: [0; 32],
            ..row()
        },
        GuardRow { epoch: 2, ..row() },
    ];
    for other in others {
        assert!(!commit_matches(&other.unlock(&[0x11; 32]), &slot));
    }
    let cheap = SlotContext {
        params: Argon2Params { m: 8, t: 1, p: 1 },
        ..row().context()
    };
    assert_ne!(cheap.hash(), row().context().hash());
    let device = SlotContext {
        device: DeviceId([0; 16]),
        ..row().context()
    };
    assert_ne!(device.hash(), row().context().hash());
}

#[test]
fn pin_05_recovery_needs_chip_guard_and_face() {
    let context = row().context();
    let right = schedule::kek_rec(&context, &[1; 32], &[2; 32], &[3; 32]);
    for (hw, g, f) in [
        ([0; 32], [2; 32], [3; 32]),
        ([1; 32], [0; 32], [3; 32]),
        ([1; 32], [2; 32], [0; 32]),
    ] {
        assert_ne!(*schedule::kek_rec(&context, &hw, &g, &f), *right);
    }
}

#[test]
fn a_certificate_key_needs_both_halves_and_its_own_id() {
    let (id, other) = (CertId([1; 16]), CertId([2; 16]));
    let key = HalfKey::new(&[1; 32], id).cert_key(id, &[2; 32]);
    assert_ne!(*HalfKey::new(&[0; 32], id).cert_key(id, &[2; 32]), *key);
    assert_ne!(*HalfKey::new(&[1; 32], id).cert_key(id, &[0; 32]), *key);
    assert_ne!(
        *HalfKey::new(&[1; 32], other).cert_key(other, &[2; 32]),
        *key
    );
    assert_ne!(
        wrap::cert_aad(id, wrap::KeyAlgorithm::P256),
        wrap::cert_aad(id, wrap::KeyAlgorithm::Sm2)
    );
}

/// Pins the derivation: a change of any label or encoding would lock every vault.
#[test]
fn the_schedule_is_stable() {
    let prk = row().unlock(&[0x11; 32]);
    let lines = [
        hex::encode(row().context().hash()),
        hex::encode(row().key().public_key()),
        hex::encode(prk.commit()),
        hex::encode(*prk.kek_pin()),
        hex::encode(prk.auth_key().unwrap().public_key()),
        hex::encode(*schedule::kek_rec(
            &row().context(),
            &[1; 32],
            &[2; 32],
            &[3; 32],
        )),
        hex::encode(*HalfKey::new(&[1; 32], CertId([1; 16])).cert_key(CertId([1; 16]), &[2; 32])),
        hex::encode(intent(PinKind::Connect, 12, &[4; 32]).unwrap()),
        hex::encode(intent_object(&[1; 32], &[2; 32], Some(&[3; 32]), None).unwrap()),
    ];
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/schedule.txt");
    if std::env::var_os("KAPOK_WRITE_VECTORS").is_some() {
        std::fs::write(path, lines.join("\n") + "\n").unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        lines.join("\n") + "\n"
    );
}

#[test]
fn a_confirmation_binds_attempt_transcript_and_intent() {
    let auth = row().unlock(&[0x11; 32]).auth_key().unwrap();
    let confirm = PinConfirm {
        suite: Suite::P256,
        account: ACCOUNT,
        device: DEVICE,
        epoch: 1,
        attempt: [1; 16],
        transcript: eval_transcript(b"request", &[2; 33]),
        intent: [3; 32],
    };
    let signature = auth.sign(&confirm.signing_input().unwrap()).unwrap();
    assert_eq!(confirm.verify(&auth.public_key(), &signature), Ok(()));
    let others = [
        PinConfirm {
            epoch: 2,
            ..confirm.clone()
        },
        PinConfirm {
            attempt: [0; 16],
            ..confirm.clone()
        },
        PinConfirm {
            transcript: [0; 32],
            ..confirm.clone()
        },
        PinConfirm {
            intent: [0; 32],
            ..confirm.clone()
        },
        PinConfirm {
            device: DeviceId([0; 16]),
            ..confirm.clone()
        },
    ];
    for other in others {
        assert_eq!(
            other.verify(&auth.public_key(), &signature),
            Err(SignedError::Signature)
        );
    }
    let wrong = row().unlock(&[0x12; 32]).auth_key().unwrap().public_key();
    assert_eq!(
        confirm.verify(&wrong, &signature),
        Err(SignedError::Signature)
    );
}
