//! The PIN against the fake guard: first set, unlock, wrong PIN, bad guards, kills.

use super::fake::{Fake, Reply};
use super::trust::{Tamper, Trust, device_key, person, serve};
use super::*;
use crate::app::vault::{LeaseAsk, OpenLease};
use crate::secret::Pin;
use crate::vault::PinState;
use std::sync::atomic::AtomicUsize;
use tokio::sync::Notify;

pub(super) const PIN: &[u8; 6] = &[1, 9, 3, 8, 2, 7];
const OTHER: &[u8; 6] = &[5, 8, 0, 2, 6, 4];

pub(super) fn pin(digits: &[u8; 6]) -> Pin {
    Pin::from_digits(digits).unwrap()
}

pub(super) fn ask() -> LeaseAsk {
    LeaseAsk {
        object: b"jti".to_vec(),
        rp: [1; 32],
        cb: [2; 32],
        count: 2,
    }
}

async fn open(app: &App, digits: &[u8; 6]) -> Result<OpenLease, AppError> {
    app.core.open_lease(pin(digits), ask()).await
}

#[tokio::test]
async fn yqq_008_a_first_pin_is_set_and_opens_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = person(dir.path(), &server.url).await;
    assert_eq!(app.vault().pin_state().await.unwrap(), PinState::Unset);
    assert_eq!(
        open(&app, PIN).await.err().unwrap().code,
        ErrorCode::PinUnset
    );
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    let set = PinState::Set {
        tries_left: Some(10),
        wait_seconds: 0,
    };
    assert_eq!(app.vault().pin_state().await.unwrap(), set);
    let again = app
        .vault()
        .set_pin(pin(OTHER), pin(OTHER))
        .await
        .unwrap_err();
    assert_eq!(again.code, ErrorCode::PinAlreadySet);
    drop(app);
    let app = super::app(dir.path(), &server.url);
    assert!(open(&app, PIN).await.is_ok());
}

#[tokio::test]
async fn yqq_008_weak_and_differing_pins_are_refused_before_anything_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = person(dir.path(), &server.url).await;
    let vault = app.vault();
    let weak = vault.set_pin(pin(&[1; 6]), pin(&[1; 6])).await.unwrap_err();
    assert_eq!(
        (weak.code, weak.reason.as_deref()),
        (ErrorCode::PinWeak, Some("few_digits"))
    );
    let differ = vault.set_pin(pin(PIN), pin(OTHER)).await.unwrap_err();
    assert_eq!(differ.code, ErrorCode::PinRepeat);
    app.core.note_own_number("13800193827");
    assert_eq!(
        vault.check_pin(&pin(PIN)).unwrap_err().reason.as_deref(),
        Some("own")
    );
    assert!(server.seen("POST /v1/guard/stage").is_empty());
}

#[tokio::test]
async fn yqq_020_a_wrong_pin_counts_and_the_right_one_clears() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = person(dir.path(), &server.url).await;
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    for left in [9, 8, 7] {
        let wrong = open(&app, OTHER).await.err().unwrap();
        assert_eq!(
            (wrong.code, wrong.tries_left),
            (ErrorCode::PinWrong, Some(left))
        );
        assert_eq!(wrong.wait_seconds, None);
    }
    let fourth = open(&app, OTHER).await.err().unwrap();
    assert_eq!(
        (fourth.tries_left, fourth.wait_seconds),
        (Some(6), Some(60))
    );
    assert_eq!(trust.fails(), 4);
    assert!(open(&app, PIN).await.is_ok());
    assert_eq!(trust.fails(), 0);
    for _ in 0..9 {
        assert_eq!(
            open(&app, OTHER).await.err().unwrap().code,
            ErrorCode::PinWrong
        );
    }
    assert_eq!(
        open(&app, PIN).await.err().unwrap().code,
        ErrorCode::PinBlocked
    );
}

#[tokio::test]
async fn pin_15_a_bad_guard_is_never_shown_as_a_wrong_pin() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = person(dir.path(), &server.url).await;
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    for tamper in [
        Tamper::OtherKey,
        Tamper::ProofBit,
        Tamper::Echo,
        Tamper::OtherSigner,
        Tamper::OtherRequest,
    ] {
        trust.tamper(tamper);
        let error = open(&app, PIN).await.err().unwrap();
        assert_eq!(error.code, ErrorCode::GuardTampered, "{tamper:?}");
        assert_eq!(error.tries_left, None, "{tamper:?}");
    }
    trust.tamper(Tamper::None);
    assert!(open(&app, PIN).await.is_ok());
}

#[tokio::test]
async fn pin_15_a_refusal_without_the_guards_signature_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let (trust, key) = (Trust::new(), device_key(dir.path()));
    let answering = trust.clone();
    let server = Fake::start(move |asked, _| match asked.route.as_str() {
        "POST /v1/guard/eval" => flows::error(ErrorCode::PinBlocked),
        _ => answering.reply(asked, key),
    })
    .await;
    let app = person(dir.path(), &server.url).await;
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    let error = open(&app, PIN).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::GuardTampered);
}

#[tokio::test]
async fn pin_14_a_guard_behind_its_own_log_is_an_alarm_and_deletes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = person(dir.path(), &server.url).await;
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    let before = trust.set_log(0);
    let rollback = (ErrorCode::GuardTampered, Some("rollback"));
    let error = app.vault().pin_state().await.unwrap_err();
    assert_eq!((error.code, error.reason.as_deref()), rollback);
    // No PIN is spent at such a guard, and once it is where it was, the same PIN opens.
    let error = open(&app, PIN).await.err().unwrap();
    assert_eq!((error.code, error.reason.as_deref()), rollback);
    trust.set_log(before);
    assert_eq!(open(&app, PIN).await.err(), None);
}

/// The steps of a first set at the network, in order.
const STEPS: [&str; 6] = [
    "GET /v1/profile",
    "POST /v1/face/assertions",
    "POST /v1/guard/stage",
    "POST /v1/guard/eval_staged",
    "POST /v1/face/shares",
    "POST /v1/guard/commit",
];

/// The app is killed (its future dropped, the files opened again) at one step, before or after the server did its part; then the
/// person sets the PIN again if the app asks for it. Either way a PIN opens.
#[tokio::test]
async fn pin_12_killed_at_any_step_of_the_first_set_a_pin_opens() {
    for (step, route) in STEPS.into_iter().enumerate() {
        for after in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let (trust, key) = (Trust::new(), device_key(dir.path()));
            let reached = Arc::new(Notify::new());
            let left = Arc::new(AtomicUsize::new(1));
            let (answering, tell, armed) = (trust.clone(), reached.clone(), left.clone());
            let server = Fake::start(move |asked, _| {
                if asked.route != route || armed.swap(0, Ordering::SeqCst) == 0 {
                    return answering.reply(asked, key);
                }
                if after {
                    let _ = answering.reply(asked, key);
                }
                tell.notify_one();
                Reply::Lost
            })
            .await;
            let app = person(dir.path(), &server.url).await;
            tokio::select! {
                biased;
                () = reached.notified() => {}
                done = async { app.vault().set_pin(pin(PIN), pin(PIN)).await } => {
                    panic!("step {step} was not reached: {done:?}");
                }
            }
            drop(app);
            let app = super::app(dir.path(), &server.url);
            let committed = trust.epoch() == 1;
            assert_eq!(committed, after && step == STEPS.len() - 1, "{route}");
            let state = app.vault().pin_state().await.unwrap();
            if committed {
                assert!(matches!(state, PinState::Set { .. }), "{route}: {state:?}");
                assert!(open(&app, PIN).await.is_ok(), "{route}");
                continue;
            }
            assert_eq!(state, PinState::Unset, "{route}");
            app.vault().set_pin(pin(OTHER), pin(OTHER)).await.unwrap();
            assert!(open(&app, OTHER).await.is_ok(), "{route}");
            assert_eq!(
                open(&app, PIN).await.err().unwrap().code,
                ErrorCode::PinWrong
            );
        }
    }
}

#[tokio::test]
async fn pin_12_a_commit_that_arrives_late_wins_over_the_app_that_gave_it_up() {
    let dir = tempfile::tempdir().unwrap();
    let (trust, key) = (Trust::new(), device_key(dir.path()));
    let kept = Arc::new(Mutex::new(None));
    let (answering, keep) = (trust.clone(), kept.clone());
    let reached = Arc::new(Notify::new());
    let tell = reached.clone();
    let server = Fake::start(move |asked, _| {
        let mut kept = keep.lock().unwrap();
        if asked.route == "POST /v1/guard/commit" && kept.is_none() {
            *kept = Some(asked.clone());
            tell.notify_one();
            return Reply::Lost;
        }
        answering.reply(asked, key)
    })
    .await;
    let app = person(dir.path(), &server.url).await;
    tokio::select! {
        biased;
        () = reached.notified() => {}
        done = async { app.vault().set_pin(pin(PIN), pin(PIN)).await } => panic!("{done:?}"),
    }
    drop(app);
    let app = super::app(dir.path(), &server.url);
    assert_eq!(app.vault().pin_state().await.unwrap(), PinState::Unset);
    let late = kept.lock().unwrap().clone().unwrap();
    let _ = trust.reply(&late, key);
    let again = app
        .vault()
        .set_pin(pin(OTHER), pin(OTHER))
        .await
        .unwrap_err();
    assert_eq!(again.code, ErrorCode::PinAlreadySet);
    assert!(
        open(&app, PIN).await.is_ok(),
        "the slot was not overwritten"
    );
}
