//! Calls against the scripted server.

use super::fake::Reply::{Json, Lost};
use super::fake::Request;
use super::*;
use crate::login::{Outcome, Resumed};
use kapok_protocol::api::identity::{AccountKind, AccountView, LoggedIn};
use kapok_protocol::api::registry::{EnterpriseView, Role, TrustLevel};
use kapok_protocol::dpop;
use kapok_protocol::error::ApiError;
use kapok_protocol::ids::EnterpriseId;
use serde_json::json;

pub(super) const H: &str = "0123456789abcdef0123456789abcdef";

pub(super) fn error(code: ErrorCode) -> fake::Reply {
    Json(
        code.status(),
        serde_json::to_value(ApiError::new(code)).unwrap(),
    )
}

pub(super) fn enterprise(n: u8, selected: bool) -> EnterpriseView {
    EnterpriseView {
        enterprise_id: EnterpriseId([n; 16]),
        name: "广东木棉科技有限公司".into(),
        uscc: "91440101MA5CKXXX0A".into(),
        level: TrustLevel::Authenticated,
        role: Role::LegalRep,
        selected,
        certificate_admin: false,
    }
}

pub(super) fn started() -> fake::Reply {
    Json(
        200,
        json!({"handoff_id": H, "match_code": "47",
               "mini_program_path": format!("pages/face?h={H}"), "expires_in": 300}),
    )
}

fn logged_in() -> fake::Reply {
    let login = LoggedIn {
        tokens: tokens(1),
        account: account(),
    };
    Json(200, json!({"logged_in": login}))
}

pub(super) fn return_link() -> String {
    format!("kapok://app/wx/return?h={H}&r={}", "09".repeat(16))
}

/// The proof verifies for this call, this token and this phone.
fn verify_proof(app: &App, fake: &Fake, request: &Request, token: Option<&str>) {
    let (method, path) = request.route.split_once(' ').unwrap();
    let url = format!("{}{}", fake.url, path.split('?').next().unwrap());
    let now = app.core.server_ms() / 1000;
    let expected = dpop::Expected {
        method,
        url: &url,
        now,
        access_token: token,
    };
    let verified = dpop::verify(&request.headers["dpop"], &expected).unwrap();
    assert_eq!(DeviceId::of_key(&verified.public_key), app.device_id());
}

#[tokio::test]
async fn yst_003_to_007_login_by_face_and_return_by_link() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(|request, _| match request.route.as_str() {
        "POST /v1/handoffs" => started(),
        _ => logged_in(),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    let view = app.login().start_face(None).await.unwrap();
    assert_eq!(view.match_code, "47");
    assert!((290..=300).contains(&view.expires_in));
    assert_eq!(
        app.next_request().await,
        ShellRequest::OpenMiniProgram {
            path: format!("pages/face?h={H}"),
            match_code: "47".into()
        }
    );
    let foreign = format!("kapok://app/wx/return?h={}&r={H}", "ff".repeat(16));
    assert_eq!(app.login().returned(&foreign).await.unwrap(), None);
    let outcome = app.login().returned(&return_link()).await.unwrap();
    assert_eq!(outcome, Some(Outcome::LoggedIn(account())));
    assert_eq!(
        app.login().returned(&return_link()).await.unwrap(),
        None,
        "used up"
    );
    assert_eq!(app.login().view().await, None);

    let start = &fake.seen("POST /v1/handoffs")[0];
    verify_proof(&app, &fake, start, None);
    let finish = &fake.seen(&format!("POST /v1/handoffs/{H}/finish"))[0];
    let verifier: kapok_protocol::ids::Bytes =
        serde_json::from_value(finish.body["verifier"].clone()).unwrap();
    let challenge = crate::login::state::Verifier::new(verifier.array().unwrap()).challenge();
    let sent = serde_json::to_value(kapok_protocol::ids::Bytes::from(challenge)).unwrap();
    assert_eq!(start.body["code_challenge"], sent, "S256 of the verifier");
    assert!(start.body.get("verifier").is_none());
}

#[tokio::test]
async fn yst_007_killed_in_wechat_and_a_lost_reply_log_in_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let finish = format!("POST /v1/handoffs/{H}/finish");
    let path = finish.clone();
    let fake = Fake::start(move |request, before| match request.route.as_str() {
        "POST /v1/handoffs" => started(),
        route if route == path && before < 3 => Lost,
        route if route == path => logged_in(),
        _ => Json(
            200,
            json!({"state": "verified", "tries_left": 3, "expires_in": 200}),
        ),
    })
    .await;
    agreed(dir.path(), &fake.url)
        .await
        .login()
        .start_face(None)
        .await
        .unwrap();

    let killed = app(dir.path(), &fake.url);
    assert_eq!(killed.login().resume().await.unwrap(), Resumed::CodeNeeded);
    assert_eq!(
        killed
            .login()
            .type_code("12345x")
            .await
            .unwrap_err()
            .field
            .as_deref(),
        Some("code")
    );
    let lost = killed.login().type_code("123456").await.unwrap_err();
    assert_eq!(lost.code, ErrorCode::Offline);

    let again = app(dir.path(), &fake.url);
    assert!(again.login().view().await.unwrap().finishing);
    let resumed = again.login().resume().await.unwrap();
    assert_eq!(resumed, Resumed::Finished(Outcome::LoggedIn(account())));
    let keys: Vec<String> = fake
        .seen(&finish)
        .iter()
        .map(|r| r.headers["idempotency-key"].clone())
        .collect();
    assert_eq!(keys.len(), 4);
    assert!(
        keys.iter().all(|key| key == &keys[0]),
        "one key for one finish"
    );
}

#[tokio::test]
async fn yst_008_the_result_goes_to_the_call_that_brought_the_proof() {
    let dir = tempfile::tempdir().unwrap();
    let finish = format!("POST /v1/handoffs/{H}/finish");
    let path = finish.clone();
    let fake = Fake::start(move |request, before| match request.route.as_str() {
        "POST /v1/handoffs" => started(),
        // The second try keeps the finish open for long enough that the others come in between.
        route if route == path && before == 0 => Lost,
        _ => logged_in(),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    app.login().start_face(None).await.unwrap();
    let meanwhile = async {
        while !app.login().view().await.unwrap().finishing {
            tokio::task::yield_now().await;
        }
        let login = app.login();
        tokio::join!(
            async { login.resume().await },
            async { login.returned(&return_link()).await },
            async { login.type_code("123456").await }
        )
    };
    let login = app.login();
    let (typed, (resumed, returned, second)) =
        tokio::join!(async { login.type_code("123456").await }, meanwhile);
    assert_eq!(typed.unwrap(), Outcome::LoggedIn(account()));
    assert_eq!(resumed.unwrap(), Resumed::Nothing);
    assert_eq!(returned.unwrap(), None);
    assert_eq!(second.unwrap_err().code, ErrorCode::StateWrong);
    assert_eq!(fake.seen(&finish).len(), 2, "one finish, asked twice");
}

#[tokio::test]
async fn yst_006_a_failed_face_check_ends_the_handoff() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(|request, _| match request.route.as_str() {
        "POST /v1/handoffs" => started(),
        _ => Json(
            200,
            json!({"state": "failed", "tries_left": 0, "expires_in": 200}),
        ),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    app.login().start_face(None).await.unwrap();
    assert_eq!(
        app.login().resume().await.unwrap_err().code,
        ErrorCode::FaceFailed
    );
    assert_eq!(app.login().view().await, None);
    assert_eq!(app.login().resume().await.unwrap(), Resumed::Nothing);
}

#[tokio::test]
async fn concurrent_calls_share_one_refresh() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(|request, _| match request.route.as_str() {
        "POST /v1/tokens/refresh" => Json(200, serde_json::to_value(tokens(2)).unwrap()),
        _ if request.headers["authorization"] == "DPoP access-1" => error(ErrorCode::TokenExpired),
        _ => Json(200, json!([])),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    log_in(&app).await;
    let handle = app.enterprises();
    let (a, b, c) = tokio::join!(handle.list(), handle.links(), handle.search("木棉"));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(fake.seen("POST /v1/tokens/refresh").len(), 1);
    let last = fake.seen("GET /v1/enterprises").pop().unwrap();
    verify_proof(&app, &fake, &last, Some("access-2"));
}

#[tokio::test]
async fn a_refused_refresh_ends_the_login() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(|request, _| match request.route.as_str() {
        "POST /v1/tokens/refresh" => error(ErrorCode::LoginRequired),
        _ => error(ErrorCode::TokenExpired),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    log_in(&app).await;
    assert!(matches!(app.next_event().await, Event::LoggedIn(_)));
    let refused = app.enterprises().links().await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::LoginRequired);
    assert_eq!(app.next_event().await, Event::LoggedOut);
    assert_eq!(app.login().account(), None);
}

#[tokio::test]
async fn yst_011_offline_the_last_list_is_shown_and_other_acts_say_offline() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(|request, _| match request.route.as_str() {
        "GET /v1/enterprises" => Json(200, json!([enterprise(1, false), enterprise(2, false)])),
        _ => Json(200, serde_json::to_value(enterprise(2, true)).unwrap()),
    })
    .await;
    let online = agreed(dir.path(), &fake.url).await;
    log_in(&online).await;
    assert_eq!(online.enterprises().current().await.unwrap(), None);
    assert_eq!(
        online.agents().list().await.unwrap_err().code,
        ErrorCode::EnterpriseRequired
    );
    online.enterprises().list().await.unwrap();
    online
        .enterprises()
        .select(EnterpriseId([2; 16]))
        .await
        .unwrap();
    drop(online);

    let offline = app(dir.path(), &nowhere());
    let list = offline.enterprises().list().await.unwrap();
    assert_eq!(list, [enterprise(2, true), enterprise(1, false)]);
    assert_eq!(
        offline.enterprises().current().await.unwrap(),
        Some(enterprise(2, true))
    );
    let error = offline.enterprises().add("91440101MA5CKXXX0A").await;
    assert!(matches!(error.unwrap_err().code, ErrorCode::InputInvalid));
    assert_eq!(
        offline.enterprises().links().await.unwrap_err().code,
        ErrorCode::Offline
    );
}

#[tokio::test]
async fn an_effect_whose_reply_is_lost_goes_out_again_under_its_key_and_a_new_one_under_another() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(|_, before| match before {
        0..3 => Lost,
        _ => Json(200, json!({"link_id": H})),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    log_in(&app).await;
    let ask = || async {
        app.enterprises()
            .ask_link("gdmm", "广东木棉科技有限公司")
            .await
    };
    assert_eq!(ask().await.unwrap_err().code, ErrorCode::Offline);
    ask().await.unwrap();
    ask().await.unwrap();
    let keys: Vec<String> = fake
        .seen("POST /v1/links")
        .iter()
        .map(|r| r.headers["idempotency-key"].clone())
        .collect();
    assert_eq!(keys.len(), 5);
    assert!(keys[..4].iter().all(|key| key == &keys[0]));
    assert_ne!(keys[4], keys[0]);
}

#[tokio::test]
async fn yst_037_a_password_try_is_sent_once_and_logout_forgets_the_tokens() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(|request, before| match (request.route.as_str(), before) {
        ("POST /v1/sessions/password", 0) => Lost,
        ("POST /v1/sessions/password", 1) => error(ErrorCode::LoginRefused),
        ("POST /v1/sessions/password", _) => {
            let login = LoggedIn {
                tokens: tokens(1),
                account: AccountView {
                    kind: AccountKind::Enterprise,
                    ..account()
                },
            };
            Json(200, serde_json::to_value(login).unwrap())
        }
        _ => Json(204, json!(null)),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    let login = app.login();
    assert_eq!(
        login.password("gdmm", "x").await.unwrap_err().code,
        ErrorCode::Offline
    );
    assert_eq!(
        login.password("gdmm", "x").await.unwrap_err().code,
        ErrorCode::LoginRefused
    );
    login.password("gdmm", "y").await.unwrap();
    assert_eq!(
        fake.seen("POST /v1/sessions/password").len(),
        3,
        "never repeated by itself"
    );
    assert_eq!(
        login.start_face(None).await.unwrap_err().code,
        ErrorCode::StateWrong
    );
    login.logout().await.unwrap();
    assert_eq!(fake.seen("POST /v1/sessions/end").len(), 1);
    assert_eq!(login.account(), None);
    assert_eq!(
        app.enterprises().list().await.unwrap_err().code,
        ErrorCode::LoginRequired
    );
}
