//! Who gets the result, and who does not.

use crate::clock::{MINUTE, SECOND};
use crate::testing::{World, code, returned, typed};
use kapok_protocol::error::ErrorCode;
use serde_json::json;

#[tokio::test]
async fn yst_007_the_return_button_logs_in_and_status_never_holds_the_result() {
    let world = World::new().await;
    let mut phone = world.phone();
    let handoff = phone.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    assert_eq!(passed.1["match_code"], handoff.match_code);
    let (_, status) = phone
        .get(&world, &format!("/v1/handoffs/{}", handoff.id))
        .await;
    assert_eq!(status["state"], "verified");
    assert_eq!(status.as_object().unwrap().len(), 3);
    let (status, done) = phone.finish(&world, &handoff, &returned(&passed)).await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["logged_in"]["account"]["display_name"], "张*");
    phone.keep(&done["logged_in"]["tokens"]);
    let (status, me) = phone.get(&world, "/v1/me").await;
    assert_eq!((status, &me["kind"]), (200, &json!("person")));
}

#[tokio::test]
async fn yst_007_the_typed_code_logs_in_when_the_button_fails() {
    let world = World::new().await;
    let phone = world.logged_in("李娜").await;
    assert_eq!(phone.get(&world, "/v1/me").await.1["display_name"], "李*");
}

#[tokio::test]
async fn yst_008_finishing_before_the_face_check_is_refused() {
    let world = World::new().await;
    let phone = world.phone();
    let handoff = phone.start(&world, "login", None).await;
    let early = phone
        .finish(&world, &handoff, &json!({"typed_code": "123456"}))
        .await;
    assert_eq!(code(&early), "HANDOFF_PENDING");
}

#[tokio::test]
async fn a_grabbed_return_link_is_worth_nothing_without_verifier_and_key() {
    let world = World::new().await;
    let (phone, thief) = (world.phone(), world.phone());
    let mut handoff = phone.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    let stolen = thief.finish(&world, &handoff, &returned(&passed)).await;
    assert_eq!(code(&stolen), "HANDOFF_UNKNOWN");
    let verifier = std::mem::take(&mut handoff.verifier);
    let guessed = phone.finish(&world, &handoff, &returned(&passed)).await;
    assert_eq!(code(&guessed), "HANDOFF_PROOF");
    let logged = "SELECT count(*) FROM audit WHERE event = 'handoff.foreign_finish'";
    assert_eq!(world.number(logged).await, 2);
    handoff.verifier = verifier;
    let (status, _) = phone.finish(&world, &handoff, &returned(&passed)).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_forwarded_link_opened_from_a_chat_gets_no_face_check() {
    let world = World::new().await;
    let phone = world.phone();
    let handoff = phone.start(&world, "login", None).await;
    let chat = json!({"person": "张伟", "scene": 1007, "outcome": "pass"});
    assert_eq!(
        code(&world.mini_with(&handoff.id, chat).await),
        "HANDOFF_SCENE"
    );
    let scan = json!({"person": "张伟", "scene": 1011, "outcome": "pass"});
    assert_eq!(
        code(&world.mini_with(&handoff.id, scan).await),
        "HANDOFF_SCENE"
    );
}

#[tokio::test]
async fn another_wechat_user_locks_the_handoff() {
    let world = World::new().await;
    let phone = world.phone();
    let handoff = phone.start(&world, "login", None).await;
    let failed = world.mini(&handoff.id, "张伟", "fail").await;
    assert_eq!(code(&failed), "FACE_FAILED");
    let other = world.mini(&handoff.id, "李娜", "pass").await;
    assert_eq!(code(&other), "HANDOFF_LOCKED");
    let (_, status) = phone
        .get(&world, &format!("/v1/handoffs/{}", handoff.id))
        .await;
    assert_eq!(status["state"], "locked");
}

#[tokio::test]
async fn a_code_read_aloud_is_of_no_use_on_another_phone() {
    let world = World::new().await;
    let (victim, attacker) = (world.phone(), world.phone());
    let own = victim.start(&world, "login", None).await;
    let theirs = attacker.start(&world, "login", None).await;
    let passed = world.mini(&own.id, "张伟", "pass").await;
    let tried = attacker.finish(&world, &theirs, &typed(&passed)).await;
    assert_eq!(code(&tried), "HANDOFF_PENDING");
}

#[tokio::test]
async fn the_typed_code_allows_five_tries() {
    let world = World::new().await;
    let phone = world.phone();
    let handoff = phone.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    for left in (1..5).rev() {
        let wrong = phone
            .finish(&world, &handoff, &json!({"typed_code": "x"}))
            .await;
        assert_eq!(code(&wrong), "HANDOFF_PROOF");
        assert_eq!(wrong.1["tries_left"], left);
    }
    let last = phone
        .finish(&world, &handoff, &json!({"typed_code": "x"}))
        .await;
    assert_eq!(code(&last), "HANDOFF_LOCKED");
    let right = phone.finish(&world, &handoff, &typed(&passed)).await;
    assert_eq!(code(&right), "HANDOFF_LOCKED");
}

#[tokio::test]
async fn a_face_of_another_purpose_does_not_count() {
    let world = World::new().await;
    let phone = world.logged_in("张伟").await;
    let mut handoff = phone.start(&world, "pin_reset", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    handoff.purpose = "login".into();
    let other = phone.finish(&world, &handoff, &typed(&passed)).await;
    assert_eq!(code(&other), "HANDOFF_PROOF");
    assert_eq!(other.1["field"], "purpose");
    handoff.purpose = "pin_reset".into();
    let (status, done) = phone.finish(&world, &handoff, &typed(&passed)).await;
    assert_eq!((status, done), (200, json!({"verified": {}})));
}

#[tokio::test]
async fn a_lost_answer_gives_new_tokens_and_ends_the_first_family() {
    let world = World::new().await;
    let mut first = world.phone();
    let handoff = first.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    let key = "0123456789abcdef0123456789abcdef";
    let proof = returned(&passed);
    let (_, one) = first.finish_keyed(&world, &handoff, &proof, key).await;
    world.clock.advance(MINUTE);
    let (status, two) = first.finish_keyed(&world, &handoff, &proof, key).await;
    assert_eq!(status, 200, "{two}");
    first.keep(&one["logged_in"]["tokens"]);
    assert_eq!(code(&first.get(&world, "/v1/me").await), "LOGIN_REQUIRED");
    first.keep(&two["logged_in"]["tokens"]);
    assert_eq!(first.get(&world, "/v1/me").await.0, 200);
    first.access = None;
    let other = first.finish(&world, &handoff, &proof).await;
    assert_eq!(code(&other), "HANDOFF_USED");
    world.clock.advance(MINUTE + SECOND);
    let late = first.finish_keyed(&world, &handoff, &proof, key).await;
    assert_eq!(code(&late), "HANDOFF_USED");
}

#[tokio::test]
async fn two_people_on_one_phone_are_told_apart() {
    let world = World::new().await;
    let phone = world.logged_in("张伟").await;
    let handoff = phone.start(&world, "pin_reset", None).await;
    let passed = world.mini(&handoff.id, "李娜", "pass").await;
    let other = phone.finish(&world, &handoff, &typed(&passed)).await;
    assert_eq!(code(&other), "IDENTITY_MISMATCH");
    let again = phone.finish(&world, &handoff, &typed(&passed)).await;
    assert_eq!(code(&again), "FACE_FAILED");
}

#[tokio::test]
async fn a_login_while_logged_in_takes_the_same_face_and_replaces_the_session() {
    let world = World::new().await;
    let mut phone = world.logged_in("张伟").await;
    let other = world.logged_in("李娜").await;
    let (_, list) = phone.get(&world, "/v1/enterprises").await;
    let enterprise = list[0]["enterprise_id"].clone();
    let select = json!({ "enterprise_id": enterprise });
    let selected = phone.post(&world, "/v1/enterprises/select", select).await;
    assert_eq!(selected.0, 200, "{selected:?}");
    let handoff = phone.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "李娜", "pass").await;
    let foreign = phone.finish(&world, &handoff, &typed(&passed)).await;
    assert_eq!(code(&foreign), "IDENTITY_MISMATCH");
    assert_eq!(phone.get(&world, "/v1/me").await.0, 200);

    let handoff = phone.start(&world, "login", None).await;
    let passed = world.mini(&handoff.id, "张伟", "pass").await;
    let (status, done) = phone.finish(&world, &handoff, &typed(&passed)).await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(code(&phone.get(&world, "/v1/me").await), "LOGIN_REQUIRED");
    phone.keep(&done["logged_in"]["tokens"]);
    let (_, list) = phone.get(&world, "/v1/enterprises").await;
    assert_eq!(list[0]["enterprise_id"], enterprise);
    assert_eq!(list[0]["selected"], true, "{list}");
    assert_eq!(other.get(&world, "/v1/me").await.0, 200);
}

#[tokio::test]
async fn yst_005_the_verified_person_must_be_the_one_typed_before() {
    let world = World::new().await;
    let phone = world.phone();
    let declared = json!({"declared": {"name": "李娜", "document": "resident_id", "number": "440305199208274627"}});
    let ((status, started), _) = phone.start_with(&world, declared.clone()).await;
    assert_eq!(status, 200, "{started}");
    let id = started["handoff_id"].as_str().unwrap();
    // The mini program's backend refuses another identity before anybody looks into a camera.
    let user = crate::identity::mini::OpenId("wx".into());
    let id = id.parse().unwrap();
    crate::identity::mini::open(&world.platform, id, &user, 1069)
        .await
        .unwrap();
    let other = world.platform.people.named("张伟").unwrap().typed();
    let refused = crate::identity::mini::begin_face(&world.platform, id, &user, Some(other)).await;
    assert_eq!(refused.unwrap_err().0.code, ErrorCode::IdentityMismatch);
    // Nothing typed there: the one from the app is used.
    assert!(
        crate::identity::mini::begin_face(&world.platform, id, &user, None)
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn yst_004_a_wrong_number_is_named_by_its_field() {
    let world = World::new().await;
    let phone = world.phone();
    let typo = json!({"declared": {"name": "李娜", "document": "resident_id", "number": "440305199208274628"}});
    let (refused, _) = phone.start_with(&world, typo).await;
    assert_eq!(code(&refused), "INPUT_INVALID");
    assert_eq!(refused.1["field"], "declared.number");
    assert_eq!(refused.1["reason"], "check_digit");
}

#[tokio::test]
async fn yst_058_documents_without_face_are_refused_before_the_camera() {
    let world = World::new().await;
    let phone = world.phone();
    let taiwan =
        json!({"declared": {"name": "林怡君", "document": "taiwan_permit", "number": "01234567"}});
    let (refused, _) = phone.start_with(&world, taiwan).await;
    assert_eq!(code(&refused), "FACE_UNSUPPORTED");
    let permit = json!({"declared": {"name": "陈大文", "document": "hk_macao_permit", "number": "H12345678"}});
    assert_eq!(phone.start_with(&world, permit).await.0.0, 200);
}

#[tokio::test]
async fn a_face_check_for_an_act_of_an_account_needs_the_login() {
    let world = World::new().await;
    let phone = world.phone();
    for purpose in ["pin_reset", "transfer", "add_self", "verify_agent"] {
        let (refused, _) = phone
            .start_with(&world, json!({ "purpose": purpose }))
            .await;
        assert_eq!(code(&refused), "LOGIN_REQUIRED", "{purpose}");
    }
}
