//! Lost answers: every message again, byte for byte, gives the same bytes and moves nothing. Other suites.

use super::client::{PIN, Phone};
use super::recovery::NEW;
use super::*;
use kapok_protocol::guard::{Authority, EvalStagedRequest, PinKind, StageRequest, Suite};
use kapok_protocol::ids::CertId;

/// Sends a request, again at the end of its minute, and in between whatever the phone asks: the same bytes, and one line in the log at most.
async fn twice<R: Request>(bench: &Bench, phone: &Phone, request: &R) -> R::Answer {
    let signed = phone.signed(request);
    let first = bench.guard.answer(R::PATH, signed.clone()).await.unwrap();
    let before = phone.state().await;
    bench.wait(1);
    let again = bench.guard.answer(R::PATH, signed.clone()).await.unwrap();
    assert_eq!(first, again, "{}", R::PATH);
    let after = phone.state().await;
    assert_eq!(
        (before.log_n, before.tries_left, before.epoch),
        (after.log_n, after.tries_left, after.epoch),
        "{}",
        R::PATH
    );
    guard::open_reply::<R>(&first, bench.guard.sign_public(), &signed.hash())
        .unwrap()
        .unwrap()
}

fn stage_request(phone: &Phone, authority: Authority) -> StageRequest {
    StageRequest {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        epoch: phone.epoch + 1,
        authority,
    }
}

/// STAGE, EVAL_STAGED and COMMIT, each twice.
async fn staged_twice(bench: &Bench, phone: &mut Phone, authority: Authority, x1: &[u8; 32]) {
    let stage = twice(bench, phone, &stage_request(phone, authority)).await;
    let blinded = kapok_protocol::oprf::blind(
        &kapok_protocol::guard::schedule::oprf_input(phone.account, stage.epoch, x1),
        &[5; 32],
    );
    let request = EvalStagedRequest {
        suite: Suite::P256,
        account: phone.account,
        device: phone.device,
        stage: stage.stage,
        blinded: (*blinded.unwrap().element()).into(),
    };
    twice(bench, phone, &request).await;
    let prk = phone.eval_staged(&stage, x1).await;
    twice(bench, phone, &phone.commit_request(&stage, &prk)).await;
    (phone.epoch, phone.oprf_pk) = (stage.epoch, stage.oprf_pk);
}

#[tokio::test]
async fn pin_13_every_message_may_be_sent_twice() {
    let bench = new_bench().await;
    let mut phone = Phone::new(&bench, 1, 0x41);
    let ticket = Authority::FirstSet(phone.ticket(bench.now()));
    staged_twice(&bench, &mut phone, ticket, &PIN).await;
    phone.install(&PIN, 0x51).await;
    let kind = (PinKind::Connect, 2);
    let (blind, request) = phone.eval_request(&PIN, kind.0, kind.1).await;
    let answer = twice(&bench, &phone, &request).await;
    let confirm = phone.confirm_request(&PIN, &blind, &request, &answer, kind);
    let lease = lease_of(&twice(&bench, &phone, &confirm).await);
    let pick = phone.pick_request(lease, 0x51, &[0x33; 32]);
    twice(&bench, &phone, &pick).await;
    let items = vec![Phone::item(1, 0x51, [1; 32])];
    twice(&bench, &phone, &phone.receipt_request(lease, items)).await;
    let change = phone.try_pin(&PIN, PinKind::Pin, 0).await.unwrap();
    phone.ask(&change).await.unwrap();
    let code = phone.code_request(change.attempt, [7; 32]);
    twice(&bench, &phone, &code).await;
    let begin = phone.begin_request(1, &phone.seen(1, bench.now()));
    twice(&bench, &phone, &begin).await;
    twice(&bench, &phone, &phone.release_request(1)).await;
    staged_twice(&bench, &mut phone, Authority::Reset([1; 16]), &NEW).await;
    phone.connect(&NEW, 1).await;
}

#[tokio::test]
async fn pin_13_messages_out_of_order_change_nothing() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    phone.install(&PIN, 0x51).await;
    let confirm = phone.try_pin(&PIN, PinKind::Connect, 2).await.unwrap();
    // A lease of before the CONFIRM, a staging of before the STAGE, a reset of before its begin.
    let lease = LeaseId([9; 16]);
    assert!(phone.pick(lease, 0x51).await.is_err());
    let item = vec![Phone::item(1, 0x51, [1; 32])];
    assert!(phone.receipt(lease, item).await.is_err());
    assert!(phone.release(1).await.is_err());
    assert!(phone.stage(Authority::Reset([1; 16])).await.is_err());
    let mut stranger = confirm.clone();
    stranger.attempt = [9; 16];
    assert!(phone.ask(&stranger).await.is_err());
    assert_eq!(phone.state().await.tries_left, 9);
    let lease = lease_of(&phone.ask(&confirm).await.unwrap());
    // Confirmed once: another body for the same attempt is too late.
    let mut other = confirm.clone();
    other.ephemeral = kapok_protocol::point::public_of(&[3; 32]).unwrap();
    assert!(phone.ask(&other).await.is_err());
    let mut wrong = phone.pick_request(lease, 0x51, &[0x33; 32]);
    wrong.cert_id = CertId([0x52; 16]);
    assert!(phone.ask(&wrong).await.is_err());
    phone.pick(lease, 0x51).await.unwrap();
}

#[tokio::test]
async fn pin_24_another_suite_is_no_message_of_this_guard() {
    let bench = new_bench().await;
    let phone = bench.phone().await;
    let (_, request) = phone.eval_request(&PIN, PinKind::Install, 0).await;
    let mut signed = phone.signed(&request);
    // An array of seven, then the suite.
    assert_eq!(signed.body.0.get(..2), Some(&[0x87, 1][..]));
    for suite in [0, 2, 3, 0x17] {
        signed.body.0[1] = suite;
        let input = signed.signing_input::<guard::EvalRequest>();
        signed.signature = client::sign(&phone.key, &input);
        let failure = bench.guard.answer("eval", signed.clone()).await;
        let error = failure.unwrap_err().0;
        assert_eq!(
            (error.code, error.field.as_deref()),
            (ErrorCode::InputInvalid, Some("body"))
        );
    }
    assert_eq!(phone.state().await.tries_left, 10);
}
