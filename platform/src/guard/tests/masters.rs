//! Versions of the OPRF master key, and PINs that nobody used for half a year.

use super::client::{PIN, Phone};
use super::*;
use kapok_protocol::guard::{Authority, GuardState, PinKind};

/// The guard after a restart with a newer master key.
async fn rotated(bench: &Bench, phone: &mut Phone) {
    phone.guard.close().await;
    rotate_master(&Keys::open(bench.dir.path()).unwrap()).unwrap();
    phone.guard = bench.second().await;
}

async fn versions(phone: &Phone) -> Vec<(i64,)> {
    sql("SELECT master FROM epochs")
        .fetch_all(phone.guard.db.reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_newer_master_key_is_taken_up_with_the_same_pin_after_any_right_one() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    phone.install(&PIN, 0x51).await;
    assert!(!phone.state().await.renew);
    rotated(&bench, &mut phone).await;
    assert!(phone.state().await.renew);
    // The older version still evaluates; what the PIN was typed for does not matter.
    let unconfirmed = phone.try_pin(&PIN, PinKind::Connect, 1).await.unwrap();
    let early = phone.stage(Authority::Attempt(unconfirmed.attempt)).await;
    assert_eq!(early.unwrap_err().code, ErrorCode::GuardRefused);
    let answer = phone.ask(&unconfirmed).await.unwrap();
    let stage = phone.stage(Authority::Attempt(unconfirmed.attempt)).await;
    phone.finish(&stage.unwrap(), &PIN).await;
    assert_eq!(versions(&phone).await, [(2,)]);
    assert!(!phone.state().await.renew);
    // The lease of that PIN goes on, and the PIN opens under the new key.
    phone.pick(lease_of(&answer), 0x51).await.unwrap();
    let confirm = phone.try_pin(&PIN, PinKind::Connect, 1).await.unwrap();
    phone.ask(&confirm).await.unwrap();
    let again = phone.stage(Authority::Attempt(confirm.attempt)).await;
    let refused = again.unwrap_err().code;
    assert_eq!(refused, ErrorCode::GuardRefused, "nothing to renew");
    rotated(&bench, &mut phone).await;
    assert!(phone.state().await.renew);
    assert_eq!(phone.guard.masters.newest(), 3);
}

#[tokio::test]
async fn an_attempt_from_before_the_staging_of_a_newer_key_is_not_confirmed_after_it() {
    let bench = new_bench().await;
    let mut phone = bench.phone().await;
    let before = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap();
    rotated(&bench, &mut phone).await;
    let confirm = phone.try_pin(&PIN, PinKind::Install, 0).await.unwrap();
    phone.ask(&confirm).await.unwrap();
    let stage = phone.stage(Authority::Attempt(confirm.attempt)).await;
    phone.finish(&stage.unwrap(), &PIN).await;
    let late = phone.ask(&before).await.unwrap_err();
    assert_eq!(late.code, ErrorCode::GuardStale);
}

#[tokio::test]
async fn pin_11_a_pin_that_was_not_used_for_180_days_asks_for_the_face() {
    const HALF_A_YEAR: i64 = 180 * 86_400;
    for (wait, open) in [
        (HALF_A_YEAR - 1, true),
        (HALF_A_YEAR, true),
        (HALF_A_YEAR + 1, false),
    ] {
        let bench = new_bench().await;
        let mut phone = bench.phone().await;
        // A wrong one is no use of the PIN.
        bench.wait(wait - 1_000);
        phone.try_pin(&[0; 32], PinKind::Install, 0).await.unwrap();
        bench.wait(1_000);
        let try_ = phone.try_pin(&PIN, PinKind::Install, 0).await;
        assert_eq!(try_.is_ok(), open, "{wait}");
        if open {
            continue;
        }
        assert_eq!(try_.unwrap_err().code, ErrorCode::PinBlocked);
        let state = phone.state().await;
        assert_eq!((state.state, state.tries_left), (GuardState::Blocked, 9));
        phone.reset(1, bench.now()).await;
        phone.connect(&super::recovery::NEW, 1).await;
    }
}
