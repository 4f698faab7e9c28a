//! A phone is lost: reported from another one or by its code, dead at once; its owner objects on it, or three days pass.

use kapok_core::types::{DocumentKind, GuardState, PinState, TypedIdentity};
use kapok_core::{App, ErrorCode};
use kapok_tests::world::{PIN, World, pin};
use std::time::Instant;

const THREE_DAYS: u32 = 72 * 3600;
const WRONG: [u8; 6] = [6, 1, 9, 2, 7, 0];

fn zhang_wei() -> TypedIdentity {
    TypedIdentity {
        name: "张伟".into(),
        document: DocumentKind::ResidentId,
        number: "440106198503121536".into(),
    }
}

/// 张伟 on another phone.
async fn new_phone(world: &World, name: &str) -> App {
    let app = world.phone(name);
    world.log_in(&app, "张伟").await;
    app
}

/// How many certificates the CA has in this state.
fn certificates(world: &World, state: &str) -> i64 {
    let query = format!("SELECT count(*) FROM certificates WHERE state = '{state}'");
    world.count("platform", &query)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_19_a_phone_reported_lost_from_another_is_dead_at_once_and_lives_again_by_an_objection()
{
    let world = World::start().await;
    let (lost, ..) = world.equipped("phone").await;
    let finder = new_phone(&world, "finder").await;
    let phones = finder.vault().phones().await.unwrap();
    let [one] = phones.as_slice() else {
        panic!("{phones:?}");
    };
    assert_eq!((one.this_phone, one.state), (false, GuardState::Ok));
    assert_eq!(one.device_id, lost.device_id());

    lost.vault().revocation_code(pin(PIN)).await.unwrap();
    let started = Instant::now();
    let reported = finder.vault().report_loss(one.device_id).await.unwrap();
    let dead = lost.vault().revocation_code(pin(PIN)).await.unwrap_err();
    assert_eq!(dead.code, ErrorCode::DeviceRevoked);
    assert!(
        started.elapsed().as_millis() < 1000,
        "{:?}",
        started.elapsed()
    );
    for _ in 0..12 {
        let dead = lost.vault().revocation_code(pin(PIN)).await.unwrap_err();
        assert_eq!(dead.code, ErrorCode::DeviceRevoked);
    }
    assert_eq!(lost.vault().pin_state().await.unwrap(), PinState::Revoked);
    assert_eq!(certificates(&world, "suspended"), 1);
    let again = finder.vault().report_loss(one.device_id).await.unwrap();
    assert_eq!(again, reported, "a second report moves no date");

    let wrong = lost.vault().object_to_loss(pin(WRONG)).await.unwrap_err();
    assert_eq!(
        (wrong.code, wrong.tries_left),
        (ErrorCode::PinWrong, Some(8)),
        "what was typed for anything else has cost one try, not thirteen"
    );
    lost.vault().object_to_loss(pin(PIN)).await.unwrap();
    assert_eq!(certificates(&world, "active"), 1);
    lost.vault().revocation_code(pin(PIN)).await.unwrap();
    world.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_19_the_revocation_code_needs_no_login_and_after_three_days_the_phone_stays_dead() {
    let world = World::start().await;
    let (lost, ..) = world.equipped("phone").await;
    let old = lost.vault().revocation_code(pin(PIN)).await.unwrap();
    let code = lost.vault().revocation_code(pin(PIN)).await.unwrap();
    let stranger = world.phone("stranger");
    stranger
        .agree_privacy(&stranger.privacy().version)
        .await
        .unwrap();
    let report = |code: &str| {
        let (vault, code) = (stranger.vault(), code.to_owned());
        async move { vault.report_loss_by_code(zhang_wei(), &code).await }
    };
    let malformed = report("1234").await.unwrap_err();
    assert_eq!(
        (malformed.code, malformed.field.as_deref()),
        (ErrorCode::InputInvalid, Some("code"))
    );
    assert_eq!(report(&old).await.unwrap_err().code, ErrorCode::NotFound);
    assert!(matches!(
        lost.vault().pin_state().await.unwrap(),
        PinState::Set { .. }
    ));
    // As a person types it.
    let typed = code.to_lowercase().replace('-', " ");
    report(&typed).await.unwrap();
    assert_eq!(lost.vault().pin_state().await.unwrap(), PinState::Revoked);

    world.pass(THREE_DAYS + 1).await;
    let late = lost.vault().object_to_loss(pin(PIN)).await.unwrap_err();
    assert_eq!(late.code, ErrorCode::DeviceRevoked);
    assert_eq!(world.count("guard", "SELECT count(*) FROM epochs"), 0);
    let shares = "SELECT count(*) FROM certs WHERE share IS NOT NULL";
    assert_eq!(world.count("guard", shares), 0);
    assert_eq!(certificates(&world, "revoked"), 1);
    world.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_17_an_old_login_reports_no_loss() {
    let world = World::start().await;
    let (lost, ..) = world.equipped("phone").await;
    let finder = new_phone(&world, "finder").await;
    world.pass(5 * 60 + 1).await;
    let late = finder.vault().report_loss(lost.device_id()).await;
    assert_eq!(late.unwrap_err().code, ErrorCode::HandoffExpired);
    let own = finder.vault().report_loss(finder.device_id()).await;
    assert_eq!(own.unwrap_err().code, ErrorCode::HandoffExpired);
    world.running.shutdown().await;
}
