//! A new PIN by face: who gets the share, what is closed meanwhile, and how it is stopped.

use super::client::{PIN, Phone};
use super::recovery::NEW;
use super::*;
use kapok_protocol::api::guard::AssertionPurpose;
use kapok_protocol::face::FaceAssertion;
use kapok_protocol::guard::{Authority, Code, GuardState, PinKind, Refusal, verify_receipt};
use kapok_protocol::ids::DeviceId;

const CERT: u8 = 0x51;

fn code<T: std::fmt::Debug>(reply: Result<T, Refusal>) -> ErrorCode {
    reply.unwrap_err().code
}

#[tokio::test]
async fn pin_17_a_reset_by_face_keeps_every_certificate() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    phone.install(&PIN, CERT).await;
    let old = phone.clone();
    let ends = phone.begin(1, bench.now()).await.unwrap().ends;
    assert_eq!(ends, bench.now() + 600);
    // Before the share is given the old PIN still opens.
    phone.connect(&PIN, 1).await;
    let answer = phone.release(1).await.unwrap();
    assert_eq!((answer.epoch, phone.recovered(&answer)), (1, [9; 32]));
    assert_eq!(phone.state().await.state, GuardState::Resetting);
    let closed = phone.try_pin(&PIN, PinKind::Connect, 1).await;
    assert_eq!(code(closed), ErrorCode::PinBlocked);
    let stage = phone.stage(Authority::Reset([1; 16])).await.unwrap();
    assert_eq!(stage.epoch, 2);
    phone.finish(&stage, &NEW).await;
    assert_eq!(phone.state().await.state, GuardState::Ok);
    let stale = old.try_pin(&PIN, PinKind::Connect, 1).await;
    assert_eq!(code(stale), ErrorCode::GuardStale);
    let lease = lease_of(&phone.connect(&NEW, 1).await);
    let answer = phone.pick(lease, CERT).await.unwrap();
    assert_eq!(phone.opened(&answer, CERT), [CERT; 32]);
}

#[tokio::test]
async fn pin_17_a_reset_needs_a_fresh_statement_of_this_person_phone_and_reset() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let good = phone.seen(1, bench.now());
    let change = |change: &dyn Fn(&mut FaceAssertion)| {
        let mut assertion = good.clone();
        change(&mut assertion);
        assertion
    };
    for bad in [
        change(&|a| a.time -= 301),
        change(&|a| a.subject = [0; 32]),
        change(&|a| a.device = DeviceId([0; 16])),
        change(&|a| a.account.0 = [2; 16]),
        change(&|a| a.reference = [2; 16]),
        change(&|a| a.purpose = AssertionPurpose::RecoveryShare),
        change(&|a| a.audience = "face".into()),
        change(&|a| a.liveness = 79),
    ] {
        let refused = phone.ask(&phone.begin_request(1, &bad)).await;
        assert_eq!(code(refused), ErrorCode::GuardRefused);
    }
    let other = new_bench().await;
    let forged = Phone::new(&other, 1, 0x41);
    let refused = phone.ask(&forged.begin_request(1, &good)).await;
    assert_eq!(code(refused), ErrorCode::GuardRefused);
    // Nothing was begun by any of these.
    assert_eq!(code(phone.release(1).await), ErrorCode::GuardStale);
    phone.begin(1, bench.now()).await.unwrap();
    let mut second = Phone::new(&bench, 1, 0x61);
    second.set_first(&PIN, bench.now()).await;
    assert_eq!(code(second.release(1).await), ErrorCode::GuardStale);
    assert_eq!(
        code(second.begin(1, bench.now()).await),
        ErrorCode::GuardStale
    );
    let staged = phone.stage(Authority::Reset([1; 16])).await;
    assert_eq!(code(staged), ErrorCode::GuardRefused, "not released");
}

#[tokio::test]
async fn pin_17_a_statement_counts_for_one_reset() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    let statement = phone.seen(1, bench.now());
    phone.reset(1, bench.now()).await;
    bench.wait(61);
    let again = phone.ask(&phone.begin_request(1, &statement)).await;
    assert_eq!(code(again), ErrorCode::GuardStale);
    assert_eq!(code(phone.release(1).await), ErrorCode::GuardStale);
    let staged = phone.stage(Authority::Reset([1; 16])).await;
    assert_eq!(code(staged), ErrorCode::GuardRefused);
}

#[tokio::test]
async fn pin_17_a_killed_phone_gets_its_share_three_times_again_within_ten_minutes() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let ends = phone.begin(1, bench.now()).await.unwrap().ends;
    for seconds in [0, 100, 100, 100] {
        bench.wait(seconds);
        assert_eq!(phone.recovered(&phone.release(1).await.unwrap()), [9; 32]);
        // The answer was lost: the same request costs nothing.
        phone.release(1).await.unwrap();
    }
    bench.wait(100);
    assert_eq!(code(phone.release(1).await), ErrorCode::GuardStale);
    // Another face check, and at its end to the second.
    phone.begin(2, bench.now()).await.unwrap();
    assert!(bench.now() < ends);
    bench.wait(599);
    phone.release(2).await.unwrap();
    bench.wait(1);
    let late = phone.stage(Authority::Reset([2; 16])).await;
    assert_eq!(code(late), ErrorCode::GuardStale);
    bench.wait(60);
    assert_eq!(code(phone.release(2).await), ErrorCode::GuardStale);
    // The PIN path stays closed until a reset is committed.
    assert_eq!(phone.state().await.state, GuardState::Resetting);
}

#[tokio::test]
async fn pin_09_the_start_of_a_reset_clears_no_count_and_its_commit_does() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    for _ in 0..3 {
        phone.try_pin(&NEW, PinKind::Pin, 0).await.unwrap();
    }
    phone.begin(1, bench.now()).await.unwrap();
    assert_eq!(phone.state().await.tries_left, 7);
    phone.release(1).await.unwrap();
    let stage = phone.stage(Authority::Reset([1; 16])).await.unwrap();
    assert_eq!(phone.state().await.tries_left, 7);
    phone.finish(&stage, &NEW).await;
    assert_eq!(phone.state().await.tries_left, 10);
}

#[tokio::test]
async fn pin_10_a_reset_by_face_opens_a_blocked_phone_and_a_new_month() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    for _ in 0..10 {
        phone.try_pin(&NEW, PinKind::Pin, 0).await.unwrap();
        bench.wait(86_400);
    }
    assert_eq!(phone.state().await.state, GuardState::Blocked);
    phone.reset(1, bench.now()).await;
    assert_eq!(phone.state().await.tries_left, 10);
    phone.connect(&NEW, 1).await;
}

#[tokio::test]
async fn pin_18_what_was_staged_or_opened_before_a_reset_is_dead() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    phone.install(&PIN, CERT).await;
    let confirm = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    phone.ask(&confirm).await.unwrap();
    let lease = lease_of(&phone.connect(&PIN, 1).await);
    let stage = phone.stage(Authority::Attempt(confirm.attempt)).await;
    let stage = stage.unwrap();
    let prk = phone.eval_staged(&stage, &PIN).await;
    let unconfirmed = phone.try_pin(&PIN, PinKind::Connect, 1).await.unwrap();
    phone.begin(1, bench.now()).await.unwrap();
    phone.release(1).await.unwrap();
    let commit = phone.commit_request(&stage, &prk);
    assert_eq!(code(phone.ask(&commit).await), ErrorCode::GuardStale);
    assert_eq!(code(phone.pick(lease, CERT).await), ErrorCode::LeaseOver);
    assert_eq!(code(phone.ask(&unconfirmed).await), ErrorCode::PinBlocked);
    let first = phone.stage(Authority::Reset([1; 16])).await.unwrap();
    // A phone that was killed here stages again; only the last staging commits.
    bench.wait(61);
    let second = phone.stage(Authority::Reset([1; 16])).await.unwrap();
    let prk = phone.eval_staged(&second, &NEW).await;
    let late = phone.commit_request(&first, &prk);
    assert_eq!(code(phone.ask(&late).await), ErrorCode::GuardStale);
    phone.finish(&second, &NEW).await;
    let epochs: (i64,) = sql("SELECT count(*) FROM epochs")
        .fetch_one(bench.guard.db.reader())
        .await
        .unwrap();
    assert_eq!(epochs, (1,));
}

#[tokio::test]
async fn pin_31_receipts_carry_the_reset_for_a_day() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    phone.install(&PIN, CERT).await;
    let at = bench.now();
    phone.reset(1, at).await;
    for (wait, expected) in [(0, Some(at)), (86_399, Some(at)), (1, None)] {
        bench.wait(wait);
        let lease = lease_of(&phone.connect(&NEW, 1).await);
        phone.pick(lease, CERT).await.unwrap();
        let item = Phone::item(1, CERT, [1; 32]);
        let answer = phone.receipt(lease, vec![item.clone()]).await.unwrap();
        let bytes = answer.receipts.first().unwrap().to_bytes().unwrap();
        let key = *bench.guard.sign_public();
        let receipt = verify_receipt(&bytes, &key, &item.digest, &item.signature).unwrap();
        assert_eq!(receipt.reset_at, expected);
    }
}

/// The stop code of the only reset.
async fn stop_code(bench: &Bench) -> Code {
    let mut untold = bench.guard.untold().await.unwrap();
    assert_eq!(untold.len(), 1);
    untold.remove(0).1
}

#[tokio::test]
async fn pin_17_the_stop_code_closes_what_a_reset_opened() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    let wrong = Code::new([7; 10]);
    phone.begin(1, bench.now()).await.unwrap();
    let stop = stop_code(&bench).await;
    bench.guard.told([1; 16]).await.unwrap();
    assert!(bench.guard.untold().await.unwrap().is_empty());
    assert!(!bench.guard.stop_reset(&wrong).await.unwrap());
    // Before the share was given: the old PIN goes on.
    assert!(bench.guard.stop_reset(&stop).await.unwrap());
    assert_eq!(code(phone.release(1).await), ErrorCode::GuardStale);
    phone.connect(&PIN, 1).await;
    // After it was given: nothing goes on.
    phone.begin(2, bench.now()).await.unwrap();
    let stop = stop_code(&bench).await;
    bench.guard.told([2; 16]).await.unwrap();
    phone.release(2).await.unwrap();
    let stage = phone.stage(Authority::Reset([2; 16])).await.unwrap();
    let prk = phone.eval_staged(&stage, &NEW).await;
    assert!(bench.guard.stop_reset(&stop).await.unwrap());
    let commit = phone.commit_request(&stage, &prk);
    assert_eq!(code(phone.ask(&commit).await), ErrorCode::GuardStale);
    assert_eq!(phone.state().await.state, GuardState::Blocked);
    // After the new PIN was set, for a day.
    phone.reset(3, bench.now()).await;
    let stop = stop_code(&bench).await;
    bench.guard.told([3; 16]).await.unwrap();
    bench.wait(86_399);
    assert!(bench.guard.stop_reset(&stop).await.unwrap());
    let closed = phone.try_pin(&NEW, PinKind::Connect, 1).await;
    assert_eq!(code(closed), ErrorCode::PinBlocked);
    phone.reset(4, bench.now()).await;
    let stop = stop_code(&bench).await;
    bench.wait(86_400);
    assert!(!bench.guard.stop_reset(&stop).await.unwrap());
    phone.connect(&NEW, 1).await;
}
