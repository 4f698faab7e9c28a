//! PIN epochs: first set, change, the one live staging, what a restart and a re-registration do not reset.

use super::client::{PIN, Phone, WRONG};
use super::*;
use kapok_protocol::guard::{Authority, EvalStagedRequest, PinKind, Suite};

#[tokio::test]
async fn pin_13_commit_is_idempotent_and_state_tells_it() {
    let bench = new_bench().await;
    let mut phone = Phone::new(&bench, 1, 0x41);
    assert_eq!(phone.state().await.slot_hash, None);
    let ticket = Authority::FirstSet(phone.ticket(bench.now()));
    let stage = phone.stage(ticket).await.unwrap();
    let prk = phone.eval_staged(&stage, &PIN).await;
    let request = phone.commit_request(&stage, &prk);
    let answer = phone.ask(&request).await.unwrap();
    bench.wait(3_600);
    assert_eq!(phone.ask(&request).await.unwrap(), answer);
    (phone.epoch, phone.oprf_pk) = (stage.epoch, stage.oprf_pk);
    let state = phone.state().await;
    assert_eq!((state.epoch, state.slot_hash), (1, Some(request.slot_hash)));
    assert_eq!(
        (state.log_n, state.log_head),
        (answer.log_n, answer.log_head)
    );
    let right = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    phone.ask(&right).await.unwrap();
}

#[tokio::test]
async fn a_first_set_needs_a_fresh_ticket_of_this_face_service_for_this_key() {
    let bench = new_bench().await;
    let phone = Phone::new(&bench, 1, 0x41);
    let foreign = Phone::new(&bench, 1, 0x42);
    let other = new_bench().await;
    let forged = Phone::new(&other, 1, 0x41);
    for bad in [
        phone.ticket(bench.now() - 301),
        foreign.ticket(bench.now()),
        forged.ticket(bench.now()),
    ] {
        let refusal = phone.stage(Authority::FirstSet(bad)).await.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::GuardRefused);
    }
    let refusal = phone.stage(Authority::Attempt([0; 16])).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::PinUnset);
}

#[tokio::test]
async fn pin_18_after_a_change_the_old_pin_is_dead_and_the_new_one_opens() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    phone.install(&PIN, 0x51).await;
    let confirm = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    phone.ask(&confirm).await.unwrap();
    let before = phone.clone();
    let stage = phone
        .stage(Authority::Attempt(confirm.attempt))
        .await
        .unwrap();
    let again = phone.stage(Authority::Attempt(confirm.attempt)).await;
    assert_eq!(again.unwrap(), stage, "the repeated STAGE");
    phone.finish(&stage, &WRONG).await;
    let refusal = before.try_pin(&PIN, PinKind::Pin, 0).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardStale);
    let lease = lease_of(&phone.connect(&WRONG, 1).await);
    let answer = phone.pick(lease, 0x51).await.unwrap();
    assert_eq!(phone.opened(&answer, 0x51), [0x51; 32]);
    let rows: (i64,) = sql("SELECT count(*) FROM epochs")
        .fetch_one(bench.guard.db.reader())
        .await
        .unwrap();
    assert_eq!(rows, (1,));
}

#[tokio::test]
async fn a_staging_needs_an_attempt_confirmed_for_the_pin_and_serves_once() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let install = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap();
    phone.ask(&install).await.unwrap();
    let unconfirmed = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    for bad in [install.attempt, unconfirmed.attempt, [9; 16]] {
        let refusal = phone.stage(Authority::Attempt(bad)).await.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::GuardRefused);
    }
    phone.ask(&unconfirmed).await.unwrap();
    bench.wait(61);
    let late = phone.stage(Authority::Attempt(unconfirmed.attempt)).await;
    assert_eq!(late.unwrap_err().code, ErrorCode::GuardRefused);
}

#[tokio::test]
async fn only_the_live_staging_commits() {
    let bench = new_bench().await;
    let phone = Phone::new(&bench, 1, 0x41);
    let ticket = Authority::FirstSet(phone.ticket(bench.now()));
    let old = phone.stage(ticket).await.unwrap();
    let prk = phone.eval_staged(&old, &PIN).await;
    let late = phone.commit_request(&old, &prk);
    bench.wait(61);
    let ticket = Authority::FirstSet(phone.ticket(bench.now()));
    let new = phone.stage(ticket).await.unwrap();
    assert_ne!(old.stage, new.stage);
    let refusal = phone.ask(&late).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardStale);
    // One element a staging.
    let prk = phone.eval_staged(&new, &PIN).await;
    let second = EvalStagedRequest {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        stage: new.stage,
        blinded: kapok_protocol::point::public_of(&[3; 32]).unwrap().into(),
    };
    let refusal = phone.ask(&second).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardRefused);
    let mut other_ticket = phone.commit_request(&new, &prk);
    other_ticket.face_ticket = phone.staging_ticket(&old);
    let refusal = phone.ask(&other_ticket).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardRefused);
    let mut other_key = phone.commit_request(&new, &prk);
    other_key.pk_auth = kapok_protocol::point::public_of(&[3; 32]).unwrap();
    let refusal = phone.ask(&other_key).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardRefused);
    let good = phone.commit_request(&new, &prk);
    bench.wait(600);
    let refusal = phone.ask(&good).await.unwrap_err();
    assert_eq!(
        refusal.code,
        ErrorCode::GuardStale,
        "dead after ten minutes"
    );
}

#[tokio::test]
async fn pin_09_neither_restart_nor_staging_nor_registering_again_resets_the_count() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    for _ in 0..2 {
        phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    }
    let ticket = Authority::FirstSet(phone.ticket(bench.now()));
    let mut again = phone.clone();
    again.epoch = 0;
    let refusal = again.stage(ticket).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::PinAlreadySet);
    assert_eq!(phone.state().await.tries_left, 8);
    bench.guard.close().await;
    phone.guard = bench.second().await;
    assert_eq!(phone.state().await.tries_left, 8);
    let right = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    phone.ask(&right).await.unwrap();
    phone
        .stage(Authority::Attempt(right.attempt))
        .await
        .unwrap();
    assert_eq!(phone.state().await.tries_left, 10);
}

#[tokio::test]
async fn the_log_is_a_chain() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    phone.install(&PIN, 0x51).await;
    let rows: Vec<(i64, Vec<u8>)> = sql("SELECT n, hash FROM log ORDER BY n")
        .fetch_all(bench.guard.db.reader())
        .await
        .unwrap();
    let numbers: Vec<i64> = rows.iter().map(|row| row.0).collect();
    assert_eq!(
        numbers,
        (1..=i64::try_from(rows.len()).unwrap()).collect::<Vec<_>>()
    );
    let hashes: std::collections::HashSet<_> = rows.iter().map(|row| &row.1).collect();
    assert_eq!(hashes.len(), rows.len());
    let events: Vec<(String,)> = sql("SELECT event FROM log ORDER BY n")
        .fetch_all(bench.guard.db.reader())
        .await
        .unwrap();
    let words = ["stage", "commit", "eval", "confirm"];
    assert!(events.iter().map(|(event,)| event.as_str()).eq(words));
}

#[tokio::test]
async fn pin_08_a_clock_set_back_gives_no_try_more() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    for _ in 0..4 {
        phone.try_pin(&WRONG, PinKind::Pin, 0).await.unwrap();
    }
    bench.wait(-86_400);
    let refusal = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::PinWait);
    assert!(refusal.wait_seconds.unwrap() > 86_400);
    assert_eq!(phone.state().await.tries_left, 6);
}
