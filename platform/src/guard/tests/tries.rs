//! Tries: counted before they are evaluated, waits, block, budget, repeats, parallel guesses.

use super::client::{PIN, Phone, WRONG};
use super::*;
use crate::guard::serve::Call;
use kapok_protocol::guard::{GuardState, PinKind, verify_pin_proof};

#[tokio::test]
async fn yqq_010_the_right_pin_clears_the_count_and_gives_a_proof_of_what_it_was_for() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let wrong = phone.try_pin(&WRONG, PinKind::Install, 0).await.unwrap();
    let refusal = phone.ask(&wrong).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardRefused);
    assert_eq!(phone.state().await.tries_left, 9);
    let confirm = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap();
    let answer = phone.ask(&confirm).await.unwrap();
    assert_eq!(phone.state().await.tries_left, 10);
    let intent = guard::intent(PinKind::Install, 0, &[7; 32]).unwrap();
    let key = *phone.guard.sign_public();
    let proof = |intent, now| {
        let (account, device) = (phone.account, phone.device);
        verify_pin_proof(&answer.pin_proof, &key, account, device, &intent, now)
    };
    assert!(proof(intent, bench.now() + 120).is_ok());
    assert!(proof(intent, bench.now() + 121).is_err());
    assert!(proof([0; 32], bench.now()).is_err());
}

#[tokio::test]
async fn pin_06_the_count_is_raised_before_anything_is_evaluated() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let (_, request) = phone.eval_request(&PIN, PinKind::Install, 0).await;
    let signed = phone.signed(&request);
    let call = Call {
        guard: Arc::clone(&bench.guard),
        owner: Owner {
            account: phone.account,
            device: phone.device,
        },
        hash: signed.hash(),
        body: signed.body.0.clone(),
        phone: None,
        now: bench.clock.micros(),
    };
    // Killed between commit and evaluation.
    crate::guard::pin::count(&request, &call).await.unwrap();
    assert_eq!(phone.state().await.tries_left, 9);
    // The repeated request finds its own attempt and costs nothing more.
    phone.send::<EvalRequest>(signed).await.unwrap();
    assert_eq!(phone.state().await.tries_left, 9);
    // A count that does not reach the disk gives no evaluation.
    let (_, request) = phone.eval_request(&PIN, PinKind::Install, 0).await;
    let signed = phone.signed(&request);
    bench.guard.close().await;
    assert!(bench.guard.answer("eval", signed).await.is_err());
}

async fn execute(bench: &Bench, text: &'static str) {
    let job = bench.guard.db.write(move |tx| {
        Box::pin(async move {
            sql(text).execute(tx).await?;
            Ok::<_, StoreError>(())
        })
    });
    job.await.unwrap();
}

#[tokio::test]
async fn pin_06_a_count_that_fails_half_way_is_taken_back_and_gives_no_evaluation() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let mut other = Phone::new(&bench, 2, 0x42);
    other.set_first(&PIN, bench.now()).await;
    let before = phone.state().await;
    // The line of the log and the phone's count are written by then.
    for text in FULL {
        execute(&bench, text).await;
    }
    let (_, failing) = phone.eval_request(&PIN, PinKind::Install, 0).await;
    let (_, passing) = other.eval_request(&PIN, PinKind::Install, 0).await;
    let failing = phone.signed(&failing);
    let (failed, passed) = tokio::join!(
        bench.guard.answer("eval", failing.clone()),
        other.ask(&passing)
    );
    assert_eq!(failed.unwrap_err().0.code, ErrorCode::Internal);
    passed.unwrap();
    let after = phone.state().await;
    assert_eq!(
        (before.tries_left, before.log_n + 1),
        (after.tries_left, after.log_n),
        "the other phone's line and no more"
    );
    // Nothing of it stands in the way of the same request.
    execute(&bench, FREE).await;
    phone.send::<EvalRequest>(failing).await.unwrap();
    assert_eq!(phone.state().await.tries_left, 9);
}

#[tokio::test]
async fn pin_07_parallel_guesses_are_evaluated_as_often_as_the_policy_allows() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let mut other = phone.clone();
    other.guard = bench.second().await;
    let (_, shared) = phone.eval_request(&WRONG, PinKind::Install, 0).await;
    let same = phone.signed(&shared);
    let mut tasks = Vec::new();
    for n in 0..192_u32 {
        let phone = if n % 2 == 0 { &phone } else { &other }.clone();
        let same = same.clone();
        tasks.push(tokio::spawn(async move {
            if n % 16 == 0 {
                return phone.send::<EvalRequest>(same).await.ok();
            }
            let (_, request) = phone.eval_request(&WRONG, PinKind::Install, 0).await;
            phone.ask(&request).await.ok()
        }));
    }
    let mut evaluated = std::collections::HashSet::new();
    for task in tasks {
        evaluated.extend(task.await.unwrap().map(|answer| answer.attempt));
    }
    // Three without a wait, and the fourth, which sets one.
    assert_eq!(evaluated.len(), 4);
    assert_eq!(phone.state().await.tries_left, 6);
}

#[tokio::test]
async fn pin_10_thirty_wrong_in_thirty_days_ask_for_the_face_whatever_succeeds_between() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let mut days = 0;
    let refusal = 'month: loop {
        for _ in 0..3 {
            match phone.try_pin(&WRONG, PinKind::Install, 0).await {
                Ok(_) => bench.wait(1),
                Err(refusal) => break 'month refusal,
            }
        }
        match phone.try_pin(&PIN, PinKind::Install, 0).await {
            Ok(right) => phone.ask(&right).await.unwrap(),
            Err(refusal) => break refusal,
        };
        days += 1;
        bench.wait(86_400);
    };
    assert_eq!(refusal.code, ErrorCode::PinBlocked);
    assert_eq!(days, 9);
    assert_eq!(phone.state().await.state, GuardState::Blocked);
}

#[tokio::test]
async fn pin_11_each_wait_ends_in_its_second() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    for fails in 1..=9 {
        let try_ = phone.try_pin(&WRONG, PinKind::Install, 0).await;
        assert!(try_.is_ok(), "try {fails}");
        let wait = i64::from(policy::wait_after(fails).unwrap());
        assert_eq!(i64::from(phone.state().await.wait_seconds), wait);
        if wait == 0 {
            continue;
        }
        for early in [wait, 1] {
            bench.wait(wait - early);
            let refusal = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap_err();
            assert_eq!(refusal.code, ErrorCode::PinWait);
            assert_eq!(refusal.wait_seconds, Some(u32::try_from(early).unwrap()));
            assert_eq!(refusal.tries_left, Some(10 - u8::try_from(fails).unwrap()));
            bench.wait(early - wait);
        }
        bench.wait(wait);
    }
    // The tenth blocks; confirming that very try lifts the block.
    let tenth = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap();
    assert_eq!(phone.state().await.state, GuardState::Blocked);
    let refusal = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::PinBlocked);
    phone.ask(&tenth).await.unwrap();
    assert_eq!(phone.state().await.state, GuardState::Ok);
}

#[tokio::test]
async fn pin_11_ten_wrong_block_until_the_face() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    for _ in 0..10 {
        phone.try_pin(&WRONG, PinKind::Install, 0).await.unwrap();
        bench.wait(86_400);
    }
    bench.wait(365 * 86_400);
    let refusal = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap_err();
    assert_eq!(
        (refusal.code, refusal.tries_left),
        (ErrorCode::PinBlocked, Some(0))
    );
}

#[tokio::test]
async fn pin_13_a_repeated_request_gets_the_same_bytes_and_moves_no_count() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let (blind, request) = phone.eval_request(&PIN, PinKind::Connect, 2).await;
    let signed = phone.signed(&request);
    let first = bench.guard.answer("eval", signed.clone()).await.unwrap();
    bench.wait(60);
    let again = bench.guard.answer("eval", signed.clone()).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(phone.state().await.tries_left, 9);
    let answer = first.peek().unwrap();
    let confirm = phone.confirm_request(&PIN, &blind, &request, &answer, (PinKind::Connect, 2));
    let confirm = phone.signed(&confirm);
    let first = bench
        .guard
        .answer("confirm", confirm.clone())
        .await
        .unwrap();
    bench.wait(60);
    let again = bench
        .guard
        .answer("confirm", confirm.clone())
        .await
        .unwrap();
    assert_eq!(first, again);
    // Later it is a stale request, without any effect.
    bench.wait(1);
    for (name, late) in [("eval", signed), ("confirm", confirm)] {
        let reply = bench.guard.answer(name, late).await.unwrap();
        let refusal: guard::Refusal = reply.open(bench.guard.sign_public()).unwrap();
        assert_eq!(refusal.code, ErrorCode::GuardStale, "{name}");
    }
    assert_eq!(phone.state().await.tries_left, 10);
}

#[tokio::test]
async fn pin_13_a_nonce_counts_once_for_one_phone_and_a_minute() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let (_, request) = phone.eval_request(&PIN, PinKind::Install, 0).await;
    phone.ask(&request).await.unwrap();
    let code = |refusal: guard::Refusal| refusal.code;
    let mut other = request.clone();
    other.intent = [1; 32];
    let used = phone.ask(&other).await.unwrap_err();
    assert_eq!(code(used), ErrorCode::GuardStale);
    let (_, mut foreign) = phone.eval_request(&PIN, PinKind::Install, 0).await;
    foreign.nonce.0[0] ^= 1;
    let foreign = phone.ask(&foreign).await.unwrap_err();
    assert_eq!(code(foreign), ErrorCode::GuardStale);
    let (_, late) = phone.eval_request(&PIN, PinKind::Install, 0).await;
    bench.wait(61);
    assert_eq!(
        code(phone.ask(&late).await.unwrap_err()),
        ErrorCode::GuardStale
    );
    assert_eq!(phone.state().await.tries_left, 9);
}

#[tokio::test]
async fn pin_04_another_hardware_key_gets_no_try_and_burns_none() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let (_, request) = phone.eval_request(&PIN, PinKind::Install, 0).await;
    let mut copy = phone.clone();
    copy.key = [0x42; 32];
    let refusal = copy.ask(&request).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::GuardRefused);
    // A phone of its own has no row at all.
    let stranger = Phone::new(&bench, 1, 0x42);
    assert_eq!(stranger.state().await.epoch, 0);
    let nonce = guard::NonceRequest {
        suite: guard::Suite::P256,
        account: stranger.account,
        device: stranger.device,
        random: [0; 32],
    };
    let refusal = stranger.ask(&nonce).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::PinUnset);
    assert_eq!(phone.state().await.tries_left, 10);
}

#[tokio::test]
async fn pin_15_an_element_that_is_no_point_costs_no_try() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    for bad in [vec![0], vec![0; 33], vec![2; 32], vec![5; 33]] {
        let (_, mut request) = phone.eval_request(&PIN, PinKind::Install, 0).await;
        request.blinded = bad.into();
        let refusal = phone.ask(&request).await.unwrap_err();
        assert_eq!(refusal.code, ErrorCode::GuardRefused);
    }
    assert_eq!(phone.state().await.tries_left, 10);
}
