//! Leases: one certificate, so many signatures, so long; shares and receipts after a revocation.

use super::client::{PIN, Phone};
use super::*;
use kapok_protocol::guard::{PinKind, verify_receipt};
use kapok_protocol::ids::CertId;

const CERT: u8 = 0x51;
const OTHER: u8 = 0x52;

async fn installed(bench: &Bench) -> Phone {
    let phone = bench.phone().await;
    phone.install(&PIN, CERT).await;
    phone.install(&PIN, OTHER).await;
    phone
}

#[tokio::test]
async fn yqq_020_the_right_pin_opens_one_certificate_and_each_signature_has_its_receipt() {
    let bench = new_bench().await;
    let phone = installed(&bench).await;
    let lease = lease_of(&phone.connect(&PIN, 2).await);
    let answer = phone.pick(lease, CERT).await.unwrap();
    assert_eq!(phone.opened(&answer, CERT), [CERT; 32]);
    let items = vec![Phone::item(1, CERT, [1; 32]), Phone::item(2, CERT, [2; 32])];
    let answer = phone.receipt(lease, items.clone()).await.unwrap();
    let key = receipt_public(&bench);
    for (item, receipt) in items.iter().zip(&answer.receipts) {
        let bytes = receipt.to_bytes().unwrap();
        let read = verify_receipt(&bytes, &key, &item.digest, &item.signature).unwrap();
        assert_eq!((read.n, read.lease), (item.n, lease));
        assert!(verify_receipt(&bytes, &key, &[9; 32], &item.signature).is_err());
    }
    let third = vec![Phone::item(3, CERT, [3; 32])];
    let refusal = phone.receipt(lease, third).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::LeaseOver);
}

fn receipt_public(bench: &Bench) -> [u8; 33] {
    *bench.guard.sign_public()
}

#[tokio::test]
async fn a_lease_opens_one_certificate_with_its_own_key_only() {
    let bench = new_bench().await;
    let phone = installed(&bench).await;
    let lease = lease_of(&phone.connect(&PIN, 1).await);
    let forged = phone.pick_request(lease, CERT, &[0x39; 32]);
    let refusal = phone.ask(&forged).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardRefused);
    phone.pick(lease, CERT).await.unwrap();
    let refusal = phone.pick(lease, OTHER).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardRefused);
}

#[tokio::test]
async fn a_lease_ends_after_300_seconds_by_the_guards_clock() {
    let bench = new_bench().await;
    let phone = installed(&bench).await;
    let lease = lease_of(&phone.connect(&PIN, 2).await);
    phone.pick(lease, CERT).await.unwrap();
    bench.wait(299);
    let first = vec![Phone::item(1, CERT, [1; 32])];
    phone.receipt(lease, first).await.unwrap();
    bench.wait(1);
    let second = vec![Phone::item(2, CERT, [2; 32])];
    let refusal = phone.receipt(lease, second).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::LeaseOver);
}

#[tokio::test]
async fn pin_31_a_receipt_needs_the_next_number_and_a_signature_of_the_picked_key() {
    let bench = new_bench().await;
    let phone = installed(&bench).await;
    let lease = lease_of(&phone.connect(&PIN, 50).await);
    let none = phone
        .receipt(lease, vec![Phone::item(1, CERT, [1; 32])])
        .await;
    assert_eq!(none.unwrap_err().code, ErrorCode::GuardRefused);
    phone.pick(lease, CERT).await.unwrap();
    let mut other_digest = Phone::item(1, CERT, [1; 32]);
    other_digest.digest = [2; 32];
    let mut other_key = Phone::item(1, OTHER, [1; 32]);
    other_key.cert_id = CertId([CERT; 16]);
    for bad in [
        vec![Phone::item(2, CERT, [1; 32])],
        vec![Phone::item(1, OTHER, [1; 32])],
        vec![other_digest],
        vec![other_key],
        vec![Phone::item(1, CERT, [1; 32]), Phone::item(1, CERT, [1; 32])],
        vec![],
    ] {
        let refusal = phone.receipt(lease, bad).await.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::GuardRefused);
    }
    let good = vec![Phone::item(1, CERT, [1; 32])];
    phone.receipt(lease, good).await.unwrap();
}

#[tokio::test]
async fn pin_19_a_revoked_certificate_is_dead_at_once_and_others_sign() {
    let bench = new_bench().await;
    let phone = installed(&bench).await;
    let lease = lease_of(&phone.connect(&PIN, 5).await);
    let pick = phone.pick_request(lease, CERT, &[0x33; 32]);
    phone.ask(&pick).await.unwrap();
    bench
        .guard
        .revoke_certificate(CertId([CERT; 16]))
        .await
        .unwrap();
    // The repeated PICK gives nothing any more, and no signature gets a receipt.
    assert!(phone.ask(&pick).await.is_err());
    let item = vec![Phone::item(1, CERT, [1; 32])];
    let refusal = phone.receipt(lease, item).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::CertRevoked);
    let next = lease_of(&phone.connect(&PIN, 5).await);
    let refusal = phone.pick(next, CERT).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::CertRevoked);
    phone.pick(next, OTHER).await.unwrap();
    let share: (Option<Vec<u8>>,) = sql("SELECT share FROM certs WHERE cert_id = $1")
        .bind(vec![CERT; 16])
        .fetch_one(bench.guard.db.reader())
        .await
        .unwrap();
    assert_eq!(share, (None,));
}

#[tokio::test]
async fn yqq_040_a_suspended_certificate_waits_and_comes_back() {
    let bench = new_bench().await;
    let phone = installed(&bench).await;
    let id = CertId([CERT; 16]);
    bench.guard.suspend_certificate(id, true).await.unwrap();
    let lease = lease_of(&phone.connect(&PIN, 5).await);
    let refusal = phone.pick(lease, CERT).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GrantSuspended);
    bench.guard.suspend_certificate(id, false).await.unwrap();
    phone.pick(lease, CERT).await.unwrap();
}

#[tokio::test]
async fn pin_28_another_phone_of_the_account_gets_no_share() {
    let bench = new_bench().await;
    let phone = installed(&bench).await;
    let mut second = Phone::new(&bench, 1, 0x61);
    second.set_first(&PIN, bench.now()).await;
    let lease = lease_of(&second.connect(&PIN, 1).await);
    let refusal = second.pick(lease, CERT).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::NotFound);
    // Nor does it reach the first phone's lease.
    let foreign = lease_of(&phone.connect(&PIN, 1).await);
    let refusal = second.pick(foreign, CERT).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::LeaseOver);
}

#[tokio::test]
async fn a_confirm_opens_only_what_the_pin_was_typed_for() {
    let bench = new_bench().await;
    let phone = installed(&bench).await;
    let confirm = phone.try_pin(&PIN, PinKind::Connect, 2).await.unwrap();
    let mut more = confirm.clone();
    more.count = 50;
    let mut other = confirm.clone();
    other.kind = PinKind::Change;
    let mut object = confirm.clone();
    object.h = [8; 32];
    let mut wanted = confirm.clone();
    wanted.wanted = vec![CertId([CERT; 16])];
    let mut keyless = confirm.clone();
    keyless.lease_key = None;
    for bad in [more, other, object, wanted, keyless] {
        let refusal = phone.ask(&bad).await.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::GuardRefused);
    }
    phone.ask(&confirm).await.unwrap();
}
