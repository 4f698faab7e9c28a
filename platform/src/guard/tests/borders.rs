//! The edges of the guard's checks: what differs in one thing only, or lies just on either side of a bound.

use super::client::{PIN, Phone};
use super::*;
use kapok_protocol::delivery::ShareKind;
use kapok_protocol::face::{FirstSetTicket, StagingTicket};
use kapok_protocol::guard::wrap::KeyAlgorithm;
use kapok_protocol::guard::{
    AddedCert, AuthPossession, Authority, GuardState, PinKind, Refusal, Suite,
};
use kapok_protocol::ids::{CertId, DeviceId};
use kapok_protocol::point;

const CERT: u8 = 0x51;

fn code<T: std::fmt::Debug>(reply: Result<T, Refusal>) -> ErrorCode {
    reply.unwrap_err().code
}

/// Another phone with a PIN, of another account.
async fn stranger(bench: &Bench) -> Phone {
    let mut phone = Phone::new(bench, 2, 0x61);
    phone.set_first(&PIN, bench.now()).await;
    phone
}

fn added(phone: &Phone, cert: u8, key: u8) -> AddedCert {
    let cert_id = CertId([cert; 16]);
    AddedCert {
        cert_id,
        algorithm: KeyAlgorithm::P256,
        public_key: point::public_of(&[key; 32]).unwrap(),
        share: phone.sealed(ShareKind::Cert { cert_id }, &[cert; 32]),
    }
}

/// What the guard says to a right PIN that brings this certificate.
async fn add(phone: &Phone, cert: AddedCert) -> Result<(), Refusal> {
    let mut confirm = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap();
    confirm.added = vec![cert];
    phone.ask(&confirm).await.map(drop)
}

#[tokio::test]
async fn a_certificate_is_added_once_by_its_phone_with_its_key() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    add(&phone, added(&phone, CERT, CERT)).await.unwrap();
    add(&phone, added(&phone, CERT, CERT)).await.unwrap();
    let other_key = add(&phone, added(&phone, CERT, 0x52)).await;
    assert_eq!(code(other_key), ErrorCode::GuardRefused);
    let stranger = stranger(&bench).await;
    let theirs = add(&stranger, added(&stranger, CERT, CERT)).await;
    assert_eq!(code(theirs), ErrorCode::GuardRefused);
    let mut sm2 = added(&phone, 0x53, 0x53);
    sm2.algorithm = KeyAlgorithm::Sm2;
    assert_eq!(code(add(&phone, sm2).await), ErrorCode::GuardRefused);
    let mut no_point = added(&phone, 0x53, 0x53);
    no_point.public_key = [2; 33];
    no_point.public_key[1..].fill(0xff);
    assert_eq!(code(add(&phone, no_point).await), ErrorCode::GuardRefused);
    add(&phone, added(&phone, 0x53, 0x53)).await.unwrap();
}

#[tokio::test]
async fn an_attempt_is_confirmed_by_its_phone_within_a_minute() {
    let bench = new_bench().await;
    let (phone, stranger) = (bench.phone().await, stranger(&bench).await);
    let mut theirs = stranger.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    let own = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    theirs.attempt = own.attempt;
    assert_eq!(code(stranger.ask(&theirs).await), ErrorCode::GuardStale);
    bench.wait(60);
    phone.ask(&own).await.unwrap();
    let late = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    bench.wait(61);
    assert_eq!(code(phone.ask(&late).await), ErrorCode::GuardStale);
}

/// Writes what no policy would let come about within a minute.
async fn set(bench: &Bench, text: &'static str, blocked_by: Vec<u8>) {
    let job = bench.guard.db.write(move |tx| {
        Box::pin(async move {
            sql(text).bind(blocked_by).execute(tx).await?;
            Ok::<_, StoreError>(())
        })
    });
    job.await.unwrap();
}

#[tokio::test]
async fn pin_11_an_earlier_attempt_does_not_open_a_phone_that_another_has_blocked() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let early = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    let block = "UPDATE phones SET state = 'blocked', fails = 10, blocked_by = $1";
    set(&bench, block, vec![9]).await;
    assert_eq!(code(phone.ask(&early).await), ErrorCode::PinBlocked);
    set(&bench, block, early.attempt.to_vec()).await;
    phone.ask(&early).await.unwrap();
}

#[tokio::test]
async fn pin_19_an_objection_needs_a_try_of_the_ten() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let elsewhere = DeviceId([0x99; 16]);
    let seen = phone.stated(&phone.seen_elsewhere(elsewhere, bench.now()));
    let owner = Owner {
        account: phone.account,
        device: phone.device,
    };
    let lost = bench.guard.lost_by_face(owner, elsewhere, &seen).await;
    assert!(lost.is_ok());
    let objection = phone.try_pin(&PIN, PinKind::Object, 0).await.unwrap();
    let fails = "UPDATE phones SET fails = 10, blocked_by = $1";
    set(&bench, fails, vec![9]).await;
    assert_eq!(code(phone.ask(&objection).await), ErrorCode::DeviceRevoked);
    set(
        &bench,
        "UPDATE phones SET fails = 9, blocked_by = $1",
        vec![9],
    )
    .await;
    phone.ask(&objection).await.unwrap();
}

#[tokio::test]
async fn pin_09_a_second_enrolment_is_of_the_same_person() {
    let bench = new_bench().await;
    let phone = Phone::new(&bench, 1, 0x41);
    let first = Authority::FirstSet(phone.ticket(bench.now()));
    phone.stage(first).await.unwrap();
    bench.wait(1);
    let ticket = FirstSetTicket {
        suite: Suite::P256,
        subject: [9; 32],
        account: phone.account,
        device_key: point::public_of(&phone.key).unwrap(),
        time: bench.now(),
    };
    let other = Authority::FirstSet(phone.face_key.sign(&ticket).unwrap());
    assert_eq!(code(phone.stage(other).await), ErrorCode::GuardRefused);
    let same = Authority::FirstSet(phone.ticket(bench.now()));
    phone.stage(same).await.unwrap();
}

#[tokio::test]
async fn a_staging_is_authorised_by_an_attempt_of_this_phone_and_epoch_while_it_is_well() {
    let bench = new_bench().await;
    let (mut phone, stranger) = (bench.phone().await, stranger(&bench).await);
    let theirs = stranger.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    stranger.ask(&theirs).await.unwrap();
    let stage = phone.stage(Authority::Attempt(theirs.attempt)).await;
    assert_eq!(code(stage), ErrorCode::GuardRefused, "another phone's");

    // Two attempts of the first epoch: one makes the second, the other is of no use then.
    let mut confirmed = Vec::new();
    for _ in 0..2 {
        let confirm = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
        phone.ask(&confirm).await.unwrap();
        confirmed.push(confirm.attempt);
    }
    let stage = phone.stage(Authority::Attempt(confirmed[0])).await.unwrap();
    phone.finish(&stage, &PIN).await;
    let stage = phone.stage(Authority::Attempt(confirmed[1])).await;
    assert_eq!(code(stage), ErrorCode::GuardRefused, "of the epoch before");

    let four = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    phone.ask(&four).await.unwrap();
    phone.begin(1, bench.now()).await.unwrap();
    phone.release(1).await.unwrap();
    assert_eq!(phone.state().await.state, GuardState::Resetting);
    let stage = phone.stage(Authority::Attempt(four.attempt)).await;
    assert_eq!(code(stage), ErrorCode::GuardRefused, "while it is reset");
}

#[tokio::test]
async fn pin_13_a_commit_is_repeated_only_with_the_same_slot() {
    let bench = new_bench().await;
    let phone = Phone::new(&bench, 1, 0x41);
    let ticket = Authority::FirstSet(phone.ticket(bench.now()));
    let stage = phone.stage(ticket).await.unwrap();
    let prk = phone.eval_staged(&stage, &PIN).await;
    let good = phone.commit_request(&stage, &prk);
    phone.ask(&good).await.unwrap();
    let mut other_slot = good.clone();
    other_slot.slot_hash = [0x77; 32];
    assert_eq!(code(phone.ask(&other_slot).await), ErrorCode::GuardStale);
    let mut other_key = good.clone();
    other_key.pk_auth = point::public_of(&[3; 32]).unwrap();
    let possession = AuthPossession {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        stage: stage.stage,
        pk_auth: other_key.pk_auth,
    };
    other_key.possession = super::client::sign(&[3; 32], &possession.signing_input().unwrap());
    assert_eq!(code(phone.ask(&other_key).await), ErrorCode::GuardStale);
}

#[tokio::test]
async fn a_commit_needs_the_face_services_word_for_this_phone_and_staging() {
    let bench = new_bench().await;
    let phone = Phone::new(&bench, 1, 0x41);
    let ticket = Authority::FirstSet(phone.ticket(bench.now()));
    let stage = phone.stage(ticket).await.unwrap();
    let prk = phone.eval_staged(&stage, &PIN).await;
    let good = phone.commit_request(&stage, &prk);
    let word = |change: &dyn Fn(&mut StagingTicket)| {
        let mut ticket = StagingTicket {
            suite: Suite::P256,
            request: [0; 32],
            account: phone.account,
            device: phone.device,
            epoch: stage.epoch,
            stage: stage.stage,
            time: stage.ends,
        };
        change(&mut ticket);
        phone.face_key.sign(&ticket).unwrap()
    };
    for other in [
        word(&|t| t.account.0 = [9; 16]),
        word(&|t| t.device = DeviceId([9; 16])),
        word(&|t| t.epoch += 1),
        word(&|t| t.stage = [9; 16]),
    ] {
        let mut commit = good.clone();
        commit.face_ticket = other;
        assert_eq!(code(phone.ask(&commit).await), ErrorCode::GuardRefused);
    }
    phone.ask(&good).await.unwrap();
}

#[tokio::test]
async fn a_list_of_receipts_has_one_to_fifty_items() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    phone.install(&PIN, CERT).await;
    let lease = lease_of(&phone.connect(&PIN, 50).await);
    phone.pick(lease, CERT).await.unwrap();
    let items = |n: u16| {
        (1..=n)
            .map(|n| Phone::item(n, CERT, [n as u8; 32]))
            .collect::<Vec<_>>()
    };
    for many in [0, 51] {
        let refused = phone.receipt(lease, items(many)).await;
        assert_eq!(code(refused), ErrorCode::GuardRefused, "{many}");
    }
    let answer = phone.receipt(lease, items(50)).await.unwrap();
    assert_eq!(answer.receipts.len(), 50);
}

#[tokio::test]
async fn pin_31_receipts_go_on_from_one_request_to_the_next() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    phone.install(&PIN, CERT).await;
    let lease = lease_of(&phone.connect(&PIN, 5).await);
    phone.pick(lease, CERT).await.unwrap();
    let one = |n: u16, digest: u8| vec![Phone::item(n, CERT, [digest; 32])];
    phone.receipt(lease, one(1, 1)).await.unwrap();
    let again = phone.receipt(lease, one(1, 9)).await;
    assert_eq!(
        code(again),
        ErrorCode::GuardRefused,
        "the first number is used"
    );
    phone.receipt(lease, one(2, 2)).await.unwrap();
}

#[tokio::test]
async fn a_revocation_code_is_set_by_an_attempt_of_this_phone_for_the_pin_within_a_minute() {
    let bench = new_bench().await;
    let (phone, stranger) = (bench.phone().await, stranger(&bench).await);
    let confirmed = |phone: Phone, kind| async move {
        let confirm = phone.try_pin(&PIN, kind, 0).await.unwrap();
        phone.ask(&confirm).await.unwrap();
        confirm.attempt
    };
    let theirs = confirmed(stranger, PinKind::Pin).await;
    let other_kind = confirmed(phone.clone(), PinKind::Install).await;
    for attempt in [theirs, other_kind] {
        let refused = phone.ask(&phone.code_request(attempt, [1; 32])).await;
        assert_eq!(code(refused), ErrorCode::GuardRefused);
    }
    let late = confirmed(phone.clone(), PinKind::Pin).await;
    bench.wait(61);
    let refused = phone.ask(&phone.code_request(late, [1; 32])).await;
    assert_eq!(code(refused), ErrorCode::GuardRefused);
    let good = confirmed(phone.clone(), PinKind::Pin).await;
    bench.wait(60);
    phone.ask(&phone.code_request(good, [1; 32])).await.unwrap();
}

#[tokio::test]
async fn a_phone_that_never_had_a_pin_is_not_asked_for_the_face_after_half_a_year() {
    let bench = new_bench().await;
    let phone = Phone::new(&bench, 1, 0x41);
    let ticket = Authority::FirstSet(phone.ticket(bench.now()));
    phone.stage(ticket).await.unwrap();
    bench.wait(181 * 86_400);
    assert_eq!(phone.state().await.state, GuardState::Ok);
    let with_pin = stranger(&bench).await;
    bench.wait(180 * 86_400);
    assert_eq!(with_pin.state().await.state, GuardState::Ok);
    bench.wait(1);
    assert_eq!(with_pin.state().await.state, GuardState::Blocked);
}

#[tokio::test]
async fn pin_17_a_liveness_of_80_is_enough_for_a_reset() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let mut seen = phone.seen(1, bench.now());
    seen.liveness = 80;
    phone.ask(&phone.begin_request(1, &seen)).await.unwrap();
}

#[tokio::test]
async fn pin_19_who_has_followed_a_loss_is_not_told_of_it_again() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    assert!(bench.guard.unsettled().await.unwrap().is_empty());
    let elsewhere = DeviceId([0x99; 16]);
    let seen = phone.stated(&phone.seen_elsewhere(elsewhere, bench.now()));
    let owner = Owner {
        account: phone.account,
        device: phone.device,
    };
    let lost = bench.guard.lost_by_face(owner, elsewhere, &seen).await;
    assert!(lost.is_ok());
    let unsettled = bench.guard.unsettled().await.unwrap();
    let [(who, row)] = unsettled.as_slice() else {
        panic!("{} phones", unsettled.len());
    };
    assert_eq!(*who, owner);
    bench.guard.settled(owner, row.clone()).await.unwrap();
    assert!(bench.guard.unsettled().await.unwrap().is_empty());
}
