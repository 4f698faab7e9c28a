//! Lost phones: nothing is released from the report on, an objection by PIN ends it, and after three days there is nothing left.

use super::client::{PIN, Phone, WRONG};
use super::*;
use crate::guard::serve::Fault;
use kapok_protocol::face::FaceAssertion;
use kapok_protocol::guard::{Code, GuardState, PinKind, Refusal};
use kapok_protocol::ids::DeviceId;

const CERT: u8 = 0x51;
const NEW_PHONE: DeviceId = DeviceId([0x99; 16]);
const THREE_DAYS: i64 = 72 * 3_600;

fn code<T>(reply: Result<T, Refusal>) -> ErrorCode {
    reply.err().unwrap().code
}

fn owner(phone: &Phone) -> Owner {
    Owner {
        account: phone.account,
        device: phone.device,
    }
}

async fn report(bench: &Bench, phone: &Phone, assertion: &FaceAssertion) -> Result<i64, ErrorCode> {
    let statement = phone.stated(assertion);
    let lost = bench
        .guard
        .lost_by_face(owner(phone), NEW_PHONE, &statement);
    lost.await.map_err(|fault| match fault {
        Fault::Refused { code, .. } => code,
        Fault::Failed(failure) => panic!("{failure:?}"),
    })
}

async fn lose(bench: &Bench, phone: &Phone) -> i64 {
    let seen = phone.seen_elsewhere(NEW_PHONE, bench.now());
    report(bench, phone, &seen).await.unwrap()
}

/// How much of a phone is held: epochs, open shares, stagings, leases.
async fn held(bench: &Bench) -> (i64, i64) {
    sql("SELECT (SELECT count(*) FROM epochs), (SELECT count(*) FROM certs WHERE share IS NOT NULL)")
        .fetch_one(bench.guard.db.reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn pin_19_a_lost_phone_gets_nothing_at_once_and_an_objection_by_pin_ends_it() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    phone.install(&PIN, CERT).await;
    let lease = lease_of(&phone.connect(&PIN, 5).await);
    let pick = phone.pick_request(lease, CERT, &[0x33; 32]);
    phone.ask(&pick).await.unwrap();
    let until = lose(&bench, &phone).await;
    assert_eq!(until, bench.clock.micros() + THREE_DAYS * SECOND);
    // Not even the answer that was given before.
    assert_eq!(code(phone.ask(&pick).await), ErrorCode::DeviceRevoked);
    let receipt = phone
        .receipt(lease, vec![Phone::item(1, CERT, [1; 32])])
        .await;
    assert_eq!(code(receipt), ErrorCode::DeviceRevoked);
    assert_eq!(phone.state().await.state, GuardState::Revoked);
    assert_eq!(
        code(phone.begin(1, bench.now()).await),
        ErrorCode::DeviceRevoked
    );
    // The PIN releases nothing either, unless it is typed for an objection.
    let mut wanted = phone.try_pin(&PIN, PinKind::Decrypt, 0).await.unwrap();
    wanted.wanted = vec![kapok_protocol::ids::CertId([CERT; 16])];
    assert_eq!(code(phone.ask(&wanted).await), ErrorCode::DeviceRevoked);
    let mut greedy = phone.try_pin(&PIN, PinKind::Object, 0).await.unwrap();
    greedy.wanted = wanted.wanted;
    assert_eq!(code(phone.ask(&greedy).await), ErrorCode::GuardRefused);
    assert_eq!(phone.state().await.tries_left, 8);
    phone.object(&PIN).await.unwrap();
    let state = phone.state().await;
    assert_eq!((state.state, state.tries_left), (GuardState::Ok, 10));
    let lease = lease_of(&phone.connect(&PIN, 1).await);
    phone.pick(lease, CERT).await.unwrap();
}

#[tokio::test]
async fn pin_19_after_three_days_without_objection_nothing_of_a_lost_phone_is_left() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    phone.install(&PIN, CERT).await;
    lose(&bench, &phone).await;
    bench.wait(THREE_DAYS - 1);
    bench.guard.delete_overdue().await.unwrap();
    assert_eq!(held(&bench).await, (1, 1));
    let late = phone.try_pin(&PIN, PinKind::Object, 0).await.unwrap();
    bench.wait(1);
    // Too late for an objection, whether it is deleted yet or not.
    assert_eq!(code(phone.ask(&late).await), ErrorCode::DeviceRevoked);
    bench.guard.delete_overdue().await.unwrap();
    assert_eq!(held(&bench).await, (0, 0));
    assert_eq!(code(phone.ask(&late).await), ErrorCode::DeviceRevoked);
    let state = phone.state().await;
    assert_eq!((state.state, state.epoch), (GuardState::Revoked, 0));
    // Its number never comes back, by whatever statement.
    let mut again = phone.clone();
    again.epoch = 0;
    let ticket = guard::Authority::FirstSet(phone.ticket(bench.now()));
    assert_eq!(code(again.stage(ticket).await), ErrorCode::DeviceRevoked);
    let seen = phone.seen_elsewhere(NEW_PHONE, bench.now());
    assert_eq!(
        report(&bench, &phone, &seen).await,
        Err(ErrorCode::DeviceRevoked)
    );
}

#[tokio::test]
async fn pin_17_a_loss_is_reported_by_a_fresh_face_of_the_same_person() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    bench.wait(10);
    let good = phone.seen_elsewhere(NEW_PHONE, bench.now());
    let change = |change: &dyn Fn(&mut FaceAssertion)| {
        let mut assertion = good.clone();
        change(&mut assertion);
        assertion
    };
    for bad in [
        change(&|a| a.time -= 301),
        change(&|a| a.subject = [0; 32]),
        change(&|a| a.device = DeviceId([0; 16])),
        change(&|a| a.reference = [2; 16]),
        change(&|a| a.audience = "ca".into()),
        phone.seen(1, bench.now()),
    ] {
        let refused = report(&bench, &phone, &bad).await;
        assert_eq!(refused, Err(ErrorCode::GuardRefused));
    }
    assert_eq!(phone.state().await.state, GuardState::Ok);
    let until = report(&bench, &phone, &good).await.unwrap();
    bench.wait(60);
    assert_eq!(
        report(&bench, &phone, &good).await,
        Ok(until),
        "moves no date"
    );
    // After the owner has objected, the statement from before says nothing any more.
    phone.object(&PIN).await.unwrap();
    let refused = report(&bench, &phone, &good).await;
    assert_eq!(refused, Err(ErrorCode::GuardRefused));
    lose(&bench, &phone).await;
}

#[tokio::test]
async fn pin_11_tries_at_an_objection_are_counted_and_end_at_ten() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    for _ in 0..7 {
        phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
        bench.wait(3_601);
    }
    lose(&bench, &phone).await;
    for wait in [14_400, 86_400, 0] {
        phone.try_pin(&WRONG, PinKind::Object, 0).await.unwrap();
        let early = phone.try_pin(&PIN, PinKind::Object, 0).await;
        assert!(matches!(
            code(early),
            ErrorCode::PinWait | ErrorCode::PinBlocked
        ));
        bench.wait(wait);
    }
    assert_eq!(code(phone.object(&PIN).await), ErrorCode::PinBlocked);
    assert_eq!(phone.state().await.state, GuardState::Revoked);
}

async fn with_code(phone: &Phone, code: &Code) {
    let confirm = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    phone.ask(&confirm).await.unwrap();
    let request = phone.code_request(confirm.attempt, code.hash());
    phone.ask(&request).await.unwrap();
    // The attempt serves once.
    let second = phone.code_request(confirm.attempt, [0; 32]);
    let refused = phone.ask(&second).await.err().unwrap();
    assert_eq!(refused.code, ErrorCode::GuardRefused);
}

#[tokio::test]
async fn pin_19_the_revocation_code_ends_its_own_phone_and_has_five_tries() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let mut second = Phone::new(&bench, 1, 0x61);
    second.set_first(&PIN, bench.now()).await;
    let (first_code, second_code) = (Code::new([1; 10]), Code::new([2; 10]));
    with_code(&phone, &first_code).await;
    with_code(&second, &second_code).await;
    let subject = phone.face;
    let by_code = |code: &Code| {
        let (guard, code) = (Arc::clone(&bench.guard), Code::parse(&code.text()).ok());
        async move { guard.lost_by_code(subject, &code.unwrap()).await.ok() }
    };
    let wrong = Code::new([3; 10]);
    for _ in 0..4 {
        assert_eq!(by_code(&wrong).await, None);
    }
    let stranger = bench.guard.lost_by_code([0; 32], &first_code).await;
    assert!(stranger.is_err(), "another person");
    let (device, _) = by_code(&first_code).await.unwrap();
    assert_eq!(device, phone.device);
    assert_eq!(phone.state().await.state, GuardState::Revoked);
    assert_eq!(second.state().await.state, GuardState::Ok);
    assert_eq!(by_code(&wrong).await, None);
    assert_eq!(by_code(&second_code).await, None, "the fifth was the last");
    assert_eq!(second.state().await.state, GuardState::Ok);
    let stored: Vec<(Vec<u8>,)> = sql("SELECT code_hash FROM phones")
        .fetch_all(bench.guard.db.reader())
        .await
        .unwrap();
    assert!(!stored.iter().any(|(hash,)| hash.starts_with(&[1; 10])));
}
