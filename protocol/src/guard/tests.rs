use super::*;
use crate::cbor;
use crate::delivery::{SealedShare, ShareContext, ShareKind, open_share, seal_share};
use crate::error::ErrorCode;
use crate::ids::{AccountId, Bytes, CertId, DeviceId, LeaseId};
use crate::oprf;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use proptest::prelude::*;

const ACCOUNT: AccountId = AccountId([1; 16]);
const DEVICE: DeviceId = DeviceId([2; 16]);
const PHONE_KEY: [u8; 32] = [0x31; 32];
const GUARD_KEY: [u8; 32] = [0x32; 32];

fn public(secret: &[u8; 32]) -> [u8; 33] {
    crate::point::public_of(secret).unwrap()
}

fn sign(secret: &[u8; 32], input: &[u8]) -> [u8; 64] {
    let signature: Signature = SigningKey::from_slice(secret).unwrap().sign(input);
    signature.to_bytes().into()
}

fn signed<M: Message>(secret: &[u8; 32], message: &M) -> Signed {
    let sign = |input: &[u8]| Ok::<_, ()>(sign(secret, input));
    Unsigned::new(message).unwrap().sign(sign).unwrap()
}

/// The guard's row of one epoch, as little of it as the key schedule needs.
struct GuardRow {
    master: [u8; 32],
    row_salt: [u8; 32],
    epoch: u64,
}

impl GuardRow {
    fn key(&self) -> oprf::ServerKey {
        schedule::guard_oprf_key(&self.master, &self.row_salt, ACCOUNT, self.epoch).unwrap()
    }

    fn context(&self) -> SlotContext {
        SlotContext {
            account: ACCOUNT,
            device: DEVICE,
            epoch: self.epoch,
            oprf_pk: self.key().public_key(),
            params: Argon2Params::V1,
        }
    }

    /// What a phone derives from the chip's output of a typed PIN.
    fn unlock(&self, x1: &[u8; 32]) -> Prk {
        let input = schedule::oprf_input(ACCOUNT, self.epoch, x1);
        let blind = oprf::blind(&input, &[5; 32]).unwrap();
        let evaluation = self.key().evaluate(blind.element(), &[6; 32]).unwrap();
        let y = blind
            .finalize(&input, &evaluation, &self.key().public_key())
            .unwrap();
        Prk::new(&self.context(), x1, &y)
    }
}

fn row() -> GuardRow {
    GuardRow {
        master: [7; 32],
        row_salt: [8; 32],
        epoch: 1,
    }
}

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
fn every_factor_enters_the_commitment() {
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
fn recovery_needs_chip_guard_and_face() {
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

fn eval_request() -> EvalRequest {
    EvalRequest {
        suite: Suite::P256,
        account: ACCOUNT,
        device: DEVICE,
        epoch: 1,
        blinded: Bytes(vec![2; 33]),
        nonce: Nonce::issue(&[1; 32], ACCOUNT, DEVICE, &[2; 32], 100),
        intent: [3; 32],
    }
}

fn eval_answer(request: [u8; 32]) -> EvalAnswer {
    EvalAnswer {
        suite: Suite::P256,
        request,
        attempt: [1; 16],
        evaluated: [2; 33],
        proof: [3; 64],
        tries_left: 9,
        wait_seconds: 0,
    }
}

#[test]
fn an_answer_is_the_guards_and_to_this_request_or_nothing() {
    let request = signed(&PHONE_KEY, &eval_request());
    assert_eq!(
        request.open::<EvalRequest>(&public(&PHONE_KEY)),
        Ok(eval_request())
    );
    assert_eq!(
        request.open::<EvalRequest>(&public(&GUARD_KEY)),
        Err(SignedError::Signature)
    );
    let key = public(&GUARD_KEY);
    let open = |reply: &Signed| open_reply::<EvalRequest>(reply, &key, &request.hash());

    let answer = signed(&GUARD_KEY, &eval_answer(request.hash()));
    assert_eq!(open(&answer), Ok(Ok(eval_answer(request.hash()))));
    let other = signed(&GUARD_KEY, &eval_answer([0; 32]));
    assert_eq!(open(&other), Err(SignedError::OtherRequest));
    let forged = signed(&PHONE_KEY, &eval_answer(request.hash()));
    assert_eq!(open(&forged), Err(SignedError::Signature));

    let refusal = Refusal {
        suite: Suite::P256,
        request: request.hash(),
        code: ErrorCode::PinWait,
        tries_left: Some(5),
        wait_seconds: Some(60),
        time: 1,
    };
    assert_eq!(
        open(&signed(&GUARD_KEY, &refusal)),
        Ok(Err(refusal.clone()))
    );
    assert_eq!(
        open(&signed(&PHONE_KEY, &refusal)),
        Err(SignedError::Signature)
    );
}

#[test]
fn a_message_never_passes_as_another_one() {
    let state = StateRequest {
        suite: Suite::P256,
        account: ACCOUNT,
        device: DEVICE,
        random: [1; 32],
    };
    let nonce = signed(&PHONE_KEY, &state);
    assert!(nonce.open::<StateRequest>(&public(&PHONE_KEY)).is_ok());
    assert!(
        nonce.peek::<NonceRequest>().is_ok(),
        "the arrays have one shape"
    );
    let opened = nonce.open::<NonceRequest>(&public(&PHONE_KEY));
    assert_eq!(opened, Err(SignedError::Signature));
}

#[test]
fn suite_2_is_refused_by_name() {
    let mut body = cbor::encode(&eval_request()).unwrap();
    assert_eq!(body[1], 1);
    for suite in [0, 2, 3] {
        body[1] = suite;
        assert_eq!(
            cbor::decode::<EvalRequest>(&body),
            Err(cbor::CborError::Shape)
        );
    }
}

#[test]
fn a_nonce_is_the_guards_and_young() {
    let key = [1; 32];
    let nonce = Nonce::issue(&key, ACCOUNT, DEVICE, &[2; 32], 100);
    assert_eq!((nonce.time(), nonce.unique()), (100, [2; 32]));
    for now in [100, 160] {
        assert_eq!(nonce.check(&key, ACCOUNT, DEVICE, now), Ok(()));
    }
    for now in [99, 161] {
        assert_eq!(
            nonce.check(&key, ACCOUNT, DEVICE, now),
            Err(NonceError::Stale)
        );
    }
    let foreign = Err(NonceError::Foreign);
    assert_eq!(nonce.check(&[0; 32], ACCOUNT, DEVICE, 100), foreign);
    assert_eq!(nonce.check(&key, AccountId([9; 16]), DEVICE, 100), foreign);
    assert_eq!(nonce.check(&key, ACCOUNT, DeviceId([9; 16]), 100), foreign);
    for at in 0..72 {
        let mut bad = nonce;
        bad.0[at] ^= 1;
        assert_eq!(bad.check(&key, ACCOUNT, DEVICE, 100), foreign);
    }
}

#[test]
fn a_receipt_holds_for_its_signature_only() {
    let receipt = Receipt {
        suite: Suite::P256,
        lease: LeaseId([1; 16]),
        n: 1,
        cert_id: CertId([2; 16]),
        digest: [3; 32],
        signature_hash: Receipt::hash_signature(&[4; 64]),
        time: 9,
        reset_at: None,
    };
    let bytes = signed(&GUARD_KEY, &receipt).to_bytes().unwrap();
    let key = public(&GUARD_KEY);
    assert_eq!(
        verify_receipt(&bytes, &key, &[3; 32], &[4; 64]),
        Ok(receipt.clone())
    );
    assert_eq!(
        verify_receipt(&bytes, &key, &[0; 32], &[4; 64]),
        Err(ReceiptError::Other)
    );
    assert_eq!(
        verify_receipt(&bytes, &key, &[3; 32], &[0; 64]),
        Err(ReceiptError::Other)
    );
    let forged = signed(&PHONE_KEY, &receipt).to_bytes().unwrap();
    let refused = Err(ReceiptError::Signed(SignedError::Signature));
    assert_eq!(verify_receipt(&forged, &key, &[3; 32], &[4; 64]), refused);
    assert!(verify_receipt(b"", &key, &[3; 32], &[4; 64]).is_err());
}

#[test]
fn a_pin_proof_is_for_one_act_and_120_seconds() {
    let proof = PinProof {
        suite: Suite::P256,
        account: ACCOUNT,
        device: DEVICE,
        kind: PinKind::Install,
        intent: [1; 32],
        proof_id: [2; 16],
        time: 1000,
    };
    let bytes = signed(&GUARD_KEY, &proof);
    let key = public(&GUARD_KEY);
    let check =
        |intent: &[u8; 32], now| verify_pin_proof(&bytes, &key, ACCOUNT, DEVICE, intent, now);
    assert_eq!(check(&[1; 32], 1120), Ok(proof.clone()));
    assert_eq!(check(&[1; 32], 1121), Err(PinProofError::Expired));
    assert_eq!(check(&[1; 32], 994), Err(PinProofError::Expired));
    assert_eq!(check(&[0; 32], 1000), Err(PinProofError::Other));
    let other = verify_pin_proof(&bytes, &key, AccountId([9; 16]), DEVICE, &[1; 32], 1000);
    assert_eq!(other, Err(PinProofError::Other));
    let forged = signed(&PHONE_KEY, &proof);
    let forged = verify_pin_proof(&forged, &key, ACCOUNT, DEVICE, &[1; 32], 1000);
    assert_eq!(forged, Err(PinProofError::Signed(SignedError::Signature)));
}

#[test]
fn a_lease_is_opened_for_connect_and_change_only() {
    assert!(PinKind::Connect.allows(1) && PinKind::Connect.allows(50));
    assert!(!PinKind::Connect.allows(0) && !PinKind::Connect.allows(51));
    assert!(PinKind::Change.allows(1) && !PinKind::Change.allows(2));
    for kind in [
        PinKind::Decrypt,
        PinKind::Install,
        PinKind::Deregister,
        PinKind::Pin,
    ] {
        assert!(kind.allows(0) && !kind.allows(1));
    }
}

#[test]
fn commit_proves_possession_of_its_key() {
    let auth = row().unlock(&[0x11; 32]).auth_key().unwrap();
    let (account, device, stage) = (ACCOUNT, DEVICE, [4; 16]);
    let pk_auth = auth.public_key();
    let possession = AuthPossession {
        suite: Suite::P256,
        account,
        device,
        stage,
        pk_auth,
    };
    let mut commit = CommitRequest {
        suite: Suite::P256,
        account,
        device,
        stage,
        pk_auth,
        possession: auth.sign(&possession.signing_input().unwrap()).unwrap(),
        share: SealedShare([0; crate::delivery::SEALED_LEN]),
        slot_hash: [6; 32],
        face_ticket: signed(&GUARD_KEY, &possession),
    };
    assert_eq!(commit.verify_possession(), Ok(()));
    let bytes = cbor::encode(&commit).unwrap();
    assert_eq!(cbor::decode::<CommitRequest>(&bytes), Ok(commit.clone()));
    commit.stage = [5; 16];
    assert_eq!(commit.verify_possession(), Err(SignedError::Signature));
}

#[test]
fn messages_with_options_and_lists_read_back() {
    let confirm = ConfirmRequest {
        suite: Suite::P256,
        account: ACCOUNT,
        device: DEVICE,
        attempt: [1; 16],
        pin_signature: [2; 64],
        kind: PinKind::Connect,
        count: 12,
        h: [3; 32],
        ephemeral: [4; 33],
        wanted: vec![CertId([5; 16])],
        added: vec![AddedCert {
            cert_id: CertId([6; 16]),
            algorithm: wrap::KeyAlgorithm::Sm2,
            public_key: [7; 33],
            share: SealedShare([8; crate::delivery::SEALED_LEN]),
        }],
        lease_key: None,
    };
    let with_key = ConfirmRequest {
        lease_key: Some([9; 33]),
        ..confirm.clone()
    };
    for message in [confirm, with_key] {
        let bytes = cbor::encode(&message).unwrap();
        assert_eq!(cbor::decode::<ConfirmRequest>(&bytes), Ok(message));
    }
    let ticket = signed(&GUARD_KEY, &eval_request());
    let authorities = [
        Authority::FirstSet(ticket),
        Authority::Attempt([1; 16]),
        Authority::Reset([2; 16]),
    ];
    for authority in authorities {
        let stage = StageRequest {
            suite: Suite::P256,
            account: ACCOUNT,
            device: DEVICE,
            epoch: 1,
            authority,
        };
        let bytes = cbor::encode(&stage).unwrap();
        assert_eq!(cbor::decode::<StageRequest>(&bytes), Ok(stage));
    }
    let body: crate::api::guard::SignedBody = signed(&PHONE_KEY, &eval_request()).into();
    let json = serde_json::to_string(&body).unwrap();
    let back: crate::api::guard::SignedBody = serde_json::from_str(&json).unwrap();
    let back = Signed::try_from(back).unwrap();
    assert_eq!(
        back.open::<EvalRequest>(&public(&PHONE_KEY)),
        Ok(eval_request())
    );
}

#[test]
fn a_share_goes_up_and_comes_down_again() {
    let cert_id = CertId([6; 16]);
    let kind = ShareKind::Cert { cert_id };
    let context = ShareContext {
        account: ACCOUNT,
        device: DEVICE,
        kind,
    };
    let up = seal_share(&context, &public(&GUARD_KEY), &[3; 32], &[4; 24], &[5; 32]).unwrap();
    let at_guard = open_share(&context, &GUARD_KEY, &up).unwrap();
    let down = seal_share(&context, &public(&[9; 32]), &[7; 32], &[8; 24], &at_guard).unwrap();
    assert_eq!(*open_share(&context, &[9; 32], &down).unwrap(), [5; 32]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
        let _ = cbor::decode::<ConfirmRequest>(&bytes);
        let _ = cbor::decode::<StageRequest>(&bytes);
        let _ = Signed::from_bytes(&bytes);
    }

    #[test]
    fn a_cut_or_changed_message_never_opens(at in 0usize..300, bit in 0u8..8) {
        let message = signed(&PHONE_KEY, &eval_request());
        let mut bytes = message.to_bytes().unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(changed) = Signed::from_bytes(&bytes) {
            prop_assert!(changed.open::<EvalRequest>(&public(&PHONE_KEY)).is_err());
        }
        bytes.truncate(at);
        prop_assert!(Signed::from_bytes(&bytes).is_err());
    }
}
