//! Invites against the scripted server: the inviter's side and the invited person's.

use super::fake::Reply::{Json, Lost};
use super::flows::{H, enterprise, error, return_link, started};
use super::*;
use crate::login::Outcome;
use kapok_protocol::api::agents::{InviteState, NewInvite};
use kapok_protocol::api::identity::DocumentKind;
use kapok_protocol::ids::{EnterpriseId, InviteId};
use serde_json::json;

const INVITE: InviteId = InviteId([0xab; 16]);

fn page(state: &str) -> fake::Reply {
    Json(
        200,
        json!({"enterprise": "木棉科技", "invitee": "李*", "kind": "agent", "state": state, "expires_at": 9}),
    )
}

fn consent() -> fake::Reply {
    Json(
        200,
        json!({"consent": {
            "invite_id": INVITE, "kind": "agent", "enterprise": "广东木棉科技有限公司", "inviter": "张*",
            "scope": ["matters"], "valid_days": 30, "consent_token": "BwcHBwcHBwcHBwcHBwcHBw"}}),
    )
}

#[tokio::test]
async fn yst_020_to_022_an_invited_agent_sees_checks_agrees_and_gets_the_enterprise() {
    let dir = tempfile::tempdir().unwrap();
    let finish = format!("POST /v1/handoffs/{H}/finish");
    let answer = format!("POST /v1/invites/{INVITE}/answer");
    let path = answer.clone();
    let fake = Fake::start(move |request, before| match request.route.as_str() {
        "POST /v1/handoffs" => started(),
        route if route == finish => consent(),
        route if route == path && before < 3 => Lost,
        route if route == path => Json(
            200,
            json!({"state": "accepted", "enterprise": enterprise(1, false)}),
        ),
        _ => page("sent"),
    })
    .await;
    let first = agreed(dir.path(), &fake.url).await;
    let agents = first.agents();
    assert_eq!(
        agents.open_link("https://example.com/other").await.unwrap(),
        None
    );
    let link = format!("https://yst.example/i/{INVITE}");
    let seen = agents.open_link(&link).await.unwrap().unwrap();
    assert_eq!(seen.state, InviteState::Sent);
    assert_eq!(
        agents.accept().await.unwrap_err().code,
        ErrorCode::LoginRequired
    );

    log_in(&first).await;
    agents.accept().await.unwrap();
    assert_eq!(
        fake.seen(&format!("POST /v1/invites/{INVITE}/open")).len(),
        1
    );
    let asked = &fake.seen("POST /v1/handoffs")[0];
    assert_eq!(asked.body["purpose"], "accept_invite");
    assert_eq!(asked.body["subject_ref"], INVITE.to_string());
    assert_eq!(
        agents.answer(true).await.unwrap_err().code,
        ErrorCode::StateWrong
    );
    drop(first);

    let killed = app(dir.path(), &fake.url);
    let outcome = killed.login().returned(&return_link()).await.unwrap();
    assert!(matches!(outcome, Some(Outcome::Consent(_))));
    assert_eq!(killed.agents().consent().await.unwrap().inviter, "张*");
    assert_eq!(
        killed.agents().answer(true).await.unwrap_err().code,
        ErrorCode::Offline
    );
    let answered = killed.agents().answer(true).await.unwrap();
    assert_eq!(answered.state, InviteState::Accepted);
    assert_eq!(killed.agents().consent().await, None);
    let keys: Vec<String> = fake
        .seen(&answer)
        .iter()
        .map(|r| r.headers["idempotency-key"].clone())
        .collect();
    assert!(keys.iter().all(|key| key == &keys[0]), "agreed once");
}

#[tokio::test]
async fn yst_021_another_face_is_refused_and_the_invite_can_be_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let finish = format!("POST /v1/handoffs/{H}/finish");
    let fake = Fake::start(move |request, _| match request.route.as_str() {
        "POST /v1/handoffs" => started(),
        route if route == finish => error(ErrorCode::IdentityMismatch),
        _ => page("opened"),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    log_in(&app).await;
    let link = format!("kapok://invite/{INVITE}");
    app.agents().open_link(&link).await.unwrap();
    app.agents().accept().await.unwrap();
    let refused = app.login().returned(&return_link()).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::IdentityMismatch);
    assert_eq!(app.agents().consent().await, None);
    assert!(app.agents().open_link(&link).await.unwrap().is_some());
}

#[tokio::test]
async fn yst_019_a_new_invite_is_shared_by_the_shell_and_then_told_as_sent() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(|request, _| match request.route.as_str() {
        "POST /v1/enterprises/select" => {
            Json(200, serde_json::to_value(enterprise(1, true)).unwrap())
        }
        route if route.ends_with("/invites") => Json(
            200,
            json!({"invite_id": INVITE, "kind": "agent", "invitee": "李*", "state": "draft",
                   "link": "https://yst.example/i/x", "mismatch": false, "expires_at": 9}),
        ),
        _ => Json(204, json!(null)),
    })
    .await;
    let app = agreed(dir.path(), &fake.url).await;
    log_in(&app).await;
    let agents = app.agents();
    let new = NewInvite {
        name: "李娜".into(),
        document: DocumentKind::HkMacaoPermit,
        number: "H12345678".into(),
        phone: "13800138000".into(),
        valid_days: 30,
        scope: vec!["matters".into()],
    };
    let none = agents.invite(new.clone()).await.unwrap_err();
    assert_eq!(none.code, ErrorCode::EnterpriseRequired);
    app.enterprises()
        .select(EnterpriseId([1; 16]))
        .await
        .unwrap();
    let invite = agents.invite(new).await.unwrap();
    assert_eq!(invite.state, InviteState::Draft);
    assert_eq!(
        agents.share(InviteId([0; 16])).await.unwrap_err().code,
        ErrorCode::NotFound
    );
    agents.share(INVITE).await.unwrap();
    let ShellRequest::Share { link, text } = app.next_request().await else {
        panic!("no share was asked for");
    };
    assert_eq!(link, "https://yst.example/i/x");
    assert!(!text.contains("李"), "names no person");
    agents.sent(INVITE).await.unwrap();
    assert_eq!(
        fake.seen(&format!("POST /v1/invites/{INVITE}/sent")).len(),
        1
    );
}
