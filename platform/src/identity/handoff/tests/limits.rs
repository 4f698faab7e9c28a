//! Tries, days, minutes, cancelling.

use crate::clock::{DAY, MINUTE};
use crate::testing::{World, code, returned, typed};
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn yst_006_three_failed_checks_end_a_handoff_and_five_a_day() {
    let world = World::new().await;
    let phone = world.phone();
    let handoff = phone.start(&world, "login", None).await;
    for left in (0..3).rev() {
        let failed = world.mini(&handoff.id, "张伟", "fail").await;
        assert_eq!(code(&failed), "FACE_FAILED");
        assert_eq!(failed.1["tries_left"], left);
    }
    assert_eq!(
        code(&world.mini(&handoff.id, "张伟", "pass").await),
        "FACE_FAILED"
    );
    let next = phone.start(&world, "login", None).await;
    for _ in 0..2 {
        world.mini(&next.id, "张伟", "fail").await;
    }
    assert_eq!(
        code(&world.mini(&next.id, "张伟", "pass").await),
        "FACE_LIMIT"
    );
    let other = world.phone();
    let elsewhere = other.start(&world, "login", None).await;
    assert_eq!(world.mini(&elsewhere.id, "张伟", "pass").await.0, 200);
    world.clock.advance(DAY);
    let tomorrow = phone.start(&world, "login", None).await;
    assert_eq!(world.mini(&tomorrow.id, "张伟", "pass").await.0, 200);
}

#[tokio::test]
async fn strangers_cannot_close_the_face_login_of_a_known_phone() {
    let world = World::new().await;
    let own = world.logged_in("张伟").await;
    for _ in 0..6 {
        let stranger = world.phone();
        for _ in 0..2 {
            let handoff = stranger.start(&world, "login", None).await;
            for _ in 0..3 {
                world.mini(&handoff.id, "张伟", "fail").await;
            }
        }
    }
    let stranger = world.phone();
    let handoff = stranger.start(&world, "login", None).await;
    assert_eq!(
        code(&world.mini(&handoff.id, "张伟", "pass").await),
        "FACE_LIMIT"
    );
    let handoff = own.start(&world, "login", None).await;
    assert_eq!(world.mini(&handoff.id, "张伟", "pass").await.0, 200);
}

#[tokio::test]
async fn time_ends_a_handoff_after_five_minutes_and_a_return_code_after_two() {
    let world = World::new().await;
    let phone = world.phone();
    let handoff = phone.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    world.clock.advance(2 * MINUTE);
    let late = phone.finish(&world, &handoff, &returned(&passed)).await;
    assert_eq!(code(&late), "HANDOFF_PROOF");
    world.clock.advance(3 * MINUTE);
    let over = phone.finish(&world, &handoff, &typed(&passed)).await;
    assert_eq!(code(&over), "HANDOFF_EXPIRED");
    let (_, status) = phone
        .get(&world, &format!("/v1/handoffs/{}", handoff.id))
        .await;
    assert_eq!(status["state"], "expired");
}

#[tokio::test]
async fn a_new_handoff_of_the_same_phone_cancels_the_old_one() {
    let world = World::new().await;
    let phone = world.phone();
    let old = phone.start(&world, "login", None).await;
    phone.start(&world, "login", None).await;
    assert_eq!(
        code(&world.mini(&old.id, "张伟", "pass").await),
        "HANDOFF_CANCELLED"
    );
}

#[tokio::test]
async fn cancelling_is_for_the_phone_that_started_and_may_be_repeated() {
    let world = World::new().await;
    let (phone, other) = (world.phone(), world.phone());
    let handoff = phone.start(&world, "login", None).await;
    let path = format!("/v1/handoffs/{}/cancel", handoff.id);
    let foreign = other.call(&world, Method::POST, &path, None).await;
    assert_eq!(code(&foreign), "HANDOFF_UNKNOWN");
    for _ in 0..2 {
        assert_eq!(phone.call(&world, Method::POST, &path, None).await.0, 204);
    }
    assert_eq!(
        code(&world.mini(&handoff.id, "张伟", "pass").await),
        "HANDOFF_CANCELLED"
    );
}

#[tokio::test]
async fn another_phones_scan_is_finished_by_the_typed_code_only() {
    let world = World::new().await;
    let phone = world.phone();
    let ((_, started), verifier) = phone
        .start_with(&world, json!({"mode": "cross_device"}))
        .await;
    let handoff = crate::testing::Started {
        id: started["handoff_id"].as_str().unwrap().into(),
        verifier,
        purpose: "login".into(),
        match_code: String::new(),
    };
    let scan = json!({"person": "张伟", "scene": 1011, "outcome": "pass"});
    let passed = world.mini_with(&handoff.id, scan).await;
    let link = phone.finish(&world, &handoff, &returned(&passed)).await;
    assert_eq!(code(&link), "HANDOFF_PROOF");
    assert_eq!(phone.finish(&world, &handoff, &typed(&passed)).await.0, 200);
    let reset = json!({"mode": "cross_device", "purpose": "pin_reset"});
    assert_eq!(
        code(&phone.start_with(&world, reset).await.0),
        "INPUT_INVALID"
    );
}

#[tokio::test]
async fn every_edge_is_in_the_audit_chain() {
    let world = World::new().await;
    world.logged_in("张伟").await;
    let edges = "SELECT count(DISTINCT event) FROM audit WHERE event IN
        ('handoff.created', 'handoff.opened', 'handoff.verifying', 'handoff.verified', 'handoff.used')";
    assert_eq!(world.number(edges).await, 5);
    let broken = crate::audit::first_broken(world.platform.db.reader()).await;
    assert_eq!(broken.unwrap(), None);
}

#[tokio::test]
async fn a_typed_code_on_a_new_phone_may_not_transfer_for_a_day() {
    let world = World::new().await;
    let transfer = json!({"purpose": "transfer"});
    let first = world.logged_in("张伟").await;
    assert_eq!(first.start_with(&world, transfer.clone()).await.0.0, 200);
    let second = world.logged_in("张伟").await;
    let (refused, _) = second.start_with(&world, transfer.clone()).await;
    assert_eq!(code(&refused), "NOT_ALLOWED");
    assert_eq!(refused.1["wait_seconds"], 86_400);
    // Another typed code on that phone is no way around it.
    world.clock.advance(MINUTE);
    let mut again = world.phone();
    again.key = second.key.clone();
    let handoff = again.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    let (_, done) = again.finish(&world, &handoff, &typed(&passed)).await;
    again.keep(&done["logged_in"]["tokens"]);
    let (refused, _) = again.start_with(&world, transfer.clone()).await;
    assert_eq!(code(&refused), "NOT_ALLOWED");
    assert_eq!(refused.1["wait_seconds"], 86_400 - 60);
    world.clock.advance(DAY);
    again.access = None;
    let handoff = again.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    let (_, done) = again.finish(&world, &handoff, &typed(&passed)).await;
    again.keep(&done["logged_in"]["tokens"]);
    assert_eq!(again.start_with(&world, transfer.clone()).await.0.0, 200);
    let mut third = world.phone();
    let handoff = third.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    let (_, done) = third.finish(&world, &handoff, &returned(&passed)).await;
    third.keep(&done["logged_in"]["tokens"]);
    assert_eq!(third.start_with(&world, transfer).await.0.0, 200);
}
