use super::*;
use crate::cbor;
use crate::delivery::{SealedShare, ShareContext, ShareKind, open_share, seal_share};
use crate::error::ErrorCode;
use crate::ids::{Bytes, CertId, LeaseId};
use proptest::prelude::*;

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
fn pin_15_an_answer_is_the_guards_and_to_this_request_or_nothing() {
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
fn a_chips_der_signature_becomes_r_and_s() {
    let raw = sign(&PHONE_KEY, b"input");
    let der = Signature::from_slice(&raw).unwrap().to_der();
    assert_eq!(raw_signature(der.as_bytes()), Ok(raw));
    assert_eq!(raw_signature(&raw), Err(SignedError::Signature));
}

#[test]
fn pin_24_suite_2_is_refused_by_name() {
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
fn pin_24_a_suite_is_known_reserved_or_unknown() {
    let read = |suite: &str| serde_json::from_str::<Suite>(suite).map_err(|e| e.to_string());
    assert_eq!(read("1"), Ok(Suite::P256));
    assert!(read("2").unwrap_err().contains("SM2"));
    assert!(read("3").unwrap_err().contains("unknown"));
}

#[test]
fn an_order_is_the_devices_own() {
    let statement = IssueStatement {
        suite: Suite::P256,
        order: crate::ids::OrderId([7; 16]),
        csr_hash: [8; 32],
    };
    let signature = sign(&PHONE_KEY, &statement.signing_input().unwrap());
    let device = public(&PHONE_KEY);
    assert_eq!(statement.verify(&device, &signature), Ok(()));
    let other = IssueStatement {
        csr_hash: [9; 32],
        ..statement.clone()
    };
    assert!(other.verify(&device, &signature).is_err());
    assert!(statement.verify(&public(&GUARD_KEY), &signature).is_err());
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
fn pin_31_a_receipt_holds_for_its_signature_only() {
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
    fn pin_03_any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
        let _ = cbor::decode::<ConfirmRequest>(&bytes);
        let _ = cbor::decode::<StageRequest>(&bytes);
        let _ = Signed::from_bytes(&bytes);
    }

    #[test]
    fn pin_03_a_cut_or_changed_message_never_opens(at in 0usize..300, bit in 0u8..8) {
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
