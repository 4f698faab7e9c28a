use crate::clock::{MINUTE, SECOND};
use crate::testing::{Phone, World, code, reply};
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::{Value, json};

async fn password(world: &World, login: &str, password: &str) -> (u16, Value) {
    let body = json!({"login": login, "password": password});
    world
        .phone()
        .post(world, "/v1/sessions/password", body)
        .await
}

async fn refresh(world: &World, phone: &Phone, token: &str, key: &str) -> (u16, Value) {
    let bare = Phone {
        key: phone.key.clone(),
        access: None,
        refresh: None,
    };
    let body = Some(json!({ "refresh": token }));
    bare.call_keyed(world, Method::POST, "/v1/tokens/refresh", body, key)
        .await
}

const KEY_A: &str = "000102030405060708090a0b0c0d0e0f";
const KEY_B: &str = "ff0102030405060708090a0b0c0d0e0f";

#[tokio::test]
async fn yst_037_the_enterprise_account_logs_in_by_password() {
    let world = World::new().await;
    let (status, done) = password(&world, "yunshan", "Yunshan#2026").await;
    assert_eq!(status, 200, "{done}");
    assert_eq!(done["account"]["kind"], "enterprise");
    assert_eq!(done["account"]["display_name"], "深圳市云山智造有限公司");
}

#[tokio::test]
async fn yst_037_wrong_pairs_get_one_answer_and_five_wrong_passwords_wait() {
    let world = World::new().await;
    let unknown = password(&world, "nobody", "x").await;
    for _ in 0..4 {
        assert_eq!(password(&world, "yunshan", "x").await, unknown);
    }
    let fifth = password(&world, "yunshan", "x").await;
    assert_eq!(code(&fifth), "RATE_LIMITED");
    let right = password(&world, "yunshan", "Yunshan#2026").await;
    assert_eq!(code(&right), "RATE_LIMITED");
    assert!(right.1["wait_seconds"].as_u64().unwrap() > 800);
    world.clock.advance(15 * MINUTE);
    assert_eq!(password(&world, "yunshan", "Yunshan#2026").await.0, 200);
}

#[tokio::test]
async fn an_access_token_ends_after_ten_minutes_and_a_refresh_token_follows_it() {
    let world = World::new().await;
    let mut phone = world.logged_in("张伟").await;
    world.clock.advance(10 * MINUTE);
    assert_eq!(code(&phone.get(&world, "/v1/me").await), "TOKEN_EXPIRED");
    let token = phone.refresh.clone().unwrap();
    let (status, tokens) = refresh(&world, &phone, &token, KEY_A).await;
    assert_eq!(status, 200, "{tokens}");
    phone.keep(&tokens);
    assert_eq!(phone.get(&world, "/v1/me").await.0, 200);
}

#[tokio::test]
async fn using_a_refresh_token_twice_revokes_the_family() {
    let world = World::new().await;
    let mut phone = world.logged_in("张伟").await;
    let token = phone.refresh.clone().unwrap();
    let (_, tokens) = refresh(&world, &phone, &token, KEY_A).await;
    phone.keep(&tokens);
    let again = refresh(&world, &phone, &token, KEY_B).await;
    assert_eq!(code(&again), "LOGIN_REQUIRED");
    assert_eq!(code(&phone.get(&world, "/v1/me").await), "LOGIN_REQUIRED");
    let child = tokens["refresh"].as_str().unwrap();
    let later = refresh(&world, &phone, child, KEY_B).await;
    assert_eq!(code(&later), "LOGIN_REQUIRED");
}

#[tokio::test]
async fn a_lost_refresh_answer_may_be_asked_for_again_for_two_minutes() {
    let world = World::new().await;
    let mut phone = world.logged_in("张伟").await;
    let token = phone.refresh.clone().unwrap();
    let (_, lost) = refresh(&world, &phone, &token, KEY_A).await;
    world.clock.advance(MINUTE);
    let (status, tokens) = refresh(&world, &phone, &token, KEY_A).await;
    assert_eq!(status, 200, "{tokens}");
    phone.keep(&lost);
    assert_eq!(code(&phone.get(&world, "/v1/me").await), "LOGIN_REQUIRED");
    phone.keep(&tokens);
    assert_eq!(phone.get(&world, "/v1/me").await.0, 200);
    world.clock.advance(MINUTE + SECOND);
    let late = refresh(&world, &phone, &token, KEY_A).await;
    assert_eq!(code(&late), "LOGIN_REQUIRED");
}

#[tokio::test]
async fn a_token_is_of_no_use_on_another_phone() {
    let world = World::new().await;
    let phone = world.logged_in("张伟").await;
    let thief = Phone {
        key: crate::keys::random_p256(),
        access: phone.access.clone(),
        refresh: None,
    };
    assert_eq!(code(&thief.get(&world, "/v1/me").await), "DEVICE_PROOF");
    let token = phone.refresh.clone().unwrap();
    let stolen = refresh(&world, &thief, &token, KEY_A).await;
    assert_eq!(code(&stolen), "LOGIN_REQUIRED");
    assert_eq!(code(&phone.get(&world, "/v1/me").await), "LOGIN_REQUIRED");
}

#[tokio::test]
async fn a_proof_counts_once_and_for_its_own_call() {
    let world = World::new().await;
    let phone = world.logged_in("张伟").await;
    let proof = phone.proof(&world, "GET", "/v1/me");
    let send = |path: &'static str| {
        let request = Request::get(path)
            .header("dpop", proof.clone())
            .header(
                header::AUTHORIZATION,
                format!("DPoP {}", phone.access.as_deref().unwrap()),
            )
            .body(Body::empty())
            .unwrap();
        reply(&world.phone_side, request)
    };
    assert_eq!(code(&send("/v1/enterprises").await), "DEVICE_PROOF");
    assert_eq!(send("/v1/me").await.0, 200);
    assert_eq!(code(&send("/v1/me").await), "DEVICE_PROOF");
}

#[tokio::test]
async fn a_wrong_clock_is_told_apart_and_the_answer_says_the_time() {
    let world = World::new().await;
    let phone = world.logged_in("张伟").await;
    let proof = phone.proof(&world, "GET", "/v1/me");
    world.clock.advance(3 * MINUTE);
    let request = Request::get("/v1/me")
        .header("dpop", proof)
        .header(
            header::AUTHORIZATION,
            format!("DPoP {}", phone.access.as_deref().unwrap()),
        )
        .body(Body::empty())
        .unwrap();
    let response = tower::ServiceExt::oneshot(world.phone_side.clone(), request)
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(
        response.headers()[header::DATE],
        "Sun, 01 Mar 2026 00:03:00 GMT"
    );
}

#[tokio::test]
async fn signing_out_ends_the_tokens() {
    let world = World::new().await;
    let phone = world.logged_in("张伟").await;
    let ended = phone
        .call(&world, Method::POST, "/v1/sessions/end", None)
        .await;
    assert_eq!(ended.0, 204);
    assert_eq!(code(&phone.get(&world, "/v1/me").await), "LOGIN_REQUIRED");
    let token = phone.refresh.clone().unwrap();
    let after = refresh(&world, &phone, &token, KEY_A).await;
    assert_eq!(code(&after), "LOGIN_REQUIRED");
}

#[tokio::test]
async fn names_numbers_and_tokens_lie_in_no_file() {
    let world = World::new().await;
    let phone = world.logged_in("张伟").await;
    world.platform.close().await;
    let token = phone.access.unwrap();
    let dir = world.platform.config.dir.clone();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let Ok(bytes) = std::fs::read(&path) else {
            continue;
        };
        for secret in ["张伟", "440106198503121536", token.as_str()] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}
