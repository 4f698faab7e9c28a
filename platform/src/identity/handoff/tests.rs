use super::state::State;
use super::transitions::{Event, next};
use crate::clock::{DAY, MINUTE, SECOND};
use crate::testing::{World, code, returned, typed};
use axum::http::Method;
use kapok_protocol::error::ErrorCode;
use proptest::prelude::*;
use serde_json::json;

const EVENTS: [Event; 14] = [
    Event::Open {
        scene_fits: true,
        same_user: true,
    },
    Event::Open {
        scene_fits: true,
        same_user: false,
    },
    Event::Open {
        scene_fits: false,
        same_user: true,
    },
    Event::Open {
        scene_fits: false,
        same_user: false,
    },
    Event::FaceStarted,
    Event::FacePassed,
    Event::FaceFailed { left: 2 },
    Event::FaceFailed { left: 0 },
    Event::Finish,
    Event::CodeWrong { left: 4 },
    Event::CodeWrong { left: 0 },
    Event::PersonWrong,
    Event::Cancel,
    Event::TimeOver,
];

/// Every legal edge; all other pairs are refused.
fn legal(state: State, event: Event) -> Option<State> {
    use State::*;
    let [
        open,
        other,
        scene,
        _,
        start,
        pass,
        fail,
        last_fail,
        finish,
        wrong,
        last_wrong,
        person,
        cancel,
        over,
    ] = EVENTS;
    let edges = [
        (Created, open, Opened),
        (Opened, open, Opened),
        (Verifying, open, Verifying),
        (Verified, open, Verified),
        (Created, other, Locked),
        (Opened, other, Locked),
        (Verifying, other, Locked),
        (Verified, other, Locked),
        (Verifying, scene, Verifying),
        (Verified, scene, Verified),
        (Verifying, EVENTS[3], Locked),
        (Verified, EVENTS[3], Locked),
        (Opened, start, Verifying),
        (Verifying, pass, Verified),
        (Verifying, fail, Opened),
        (Verifying, last_fail, Failed),
        (Verified, finish, Used),
        (Verified, wrong, Verified),
        (Verified, last_wrong, Locked),
        (Verified, person, Failed),
        (Created, cancel, Cancelled),
        (Opened, cancel, Cancelled),
        (Verifying, cancel, Cancelled),
        (Verified, cancel, Cancelled),
        (Cancelled, cancel, Cancelled),
        (Created, over, Expired),
        (Opened, over, Expired),
        (Verifying, over, Expired),
        (Verified, over, Expired),
    ];
    edges
        .into_iter()
        .find(|(from, by, _)| *from == state && *by == event)
        .map(|(_, _, to)| to)
}

#[test]
fn every_pair_is_in_the_table_or_refused() {
    for state in State::ALL {
        for event in EVENTS {
            assert_eq!(
                next(state, event).ok(),
                legal(state, event),
                "{state:?} {event:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn no_sequence_leaves_an_end_or_reaches_used_without_a_passed_face(
        steps in prop::collection::vec(0..EVENTS.len(), 0..30)
    ) {
        let (mut state, mut passed) = (State::Created, false);
        for step in steps {
            let event = EVENTS[step];
            if let Ok(to) = next(state, event) {
                passed |= event == Event::FacePassed;
                prop_assert!(!state.ended() || to == state);
                prop_assert!(to != State::Used || passed);
                state = to;
            }
        }
    }
}

#[test]
fn the_end_of_a_handoff_says_which_end_it_was() {
    for (state, code) in [
        (State::Used, ErrorCode::HandoffUsed),
        (State::Failed, ErrorCode::FaceFailed),
        (State::Cancelled, ErrorCode::HandoffCancelled),
        (State::Expired, ErrorCode::HandoffExpired),
        (State::Locked, ErrorCode::HandoffLocked),
    ] {
        assert_eq!(next(state, Event::Finish), Err(code));
    }
}

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
    let verifier = std::mem::replace(&mut handoff.verifier, [0; 32]);
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
