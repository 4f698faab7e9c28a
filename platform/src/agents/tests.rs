use super::transitions::{Event, next};
use crate::clock::{DAY, MINUTE};
use crate::testing::{Phone, World, code, typed};
use axum::http::Method;
use kapok_protocol::api::agents::InviteState;
use proptest::prelude::*;
use serde_json::{Value, json};

const STATES: [InviteState; 7] = [
    InviteState::Draft,
    InviteState::Sent,
    InviteState::Opened,
    InviteState::Accepted,
    InviteState::Declined,
    InviteState::Expired,
    InviteState::Revoked,
];
const EVENTS: [Event; 6] = [
    Event::Sent,
    Event::Opened,
    Event::Accept,
    Event::Decline,
    Event::Revoke,
    Event::TimeOver,
];

#[test]
fn an_ended_invite_stays_ended_and_an_open_one_can_end_every_way() {
    for state in STATES {
        let open = matches!(
            state,
            InviteState::Draft | InviteState::Sent | InviteState::Opened
        );
        for event in EVENTS {
            let to = next(state, event);
            match (open, to) {
                (true, to) => assert!(to.is_ok(), "{state:?} {event:?}"),
                (false, Ok(to)) => assert_eq!(to, state),
                (false, Err(_)) => {}
            }
        }
    }
}

proptest! {
    #[test]
    fn an_invite_ends_at_most_once(steps in prop::collection::vec(0..EVENTS.len(), 0..20)) {
        let (mut state, mut ended) = (InviteState::Draft, None);
        for step in steps {
            if let Ok(to) = next(state, EVENTS[step]) {
                prop_assert!(ended.is_none_or(|end| end == to));
                if !matches!(to, InviteState::Draft | InviteState::Sent | InviteState::Opened) {
                    ended = Some(to);
                }
                state = to;
            }
        }
    }
}

async fn first_enterprise(world: &World, phone: &Phone) -> String {
    let (_, list) = phone.get(world, "/v1/enterprises").await;
    list[0]["enterprise_id"].as_str().unwrap().to_owned()
}

fn lina() -> Value {
    json!({
        "name": "李娜", "document": "resident_id", "number": "440305199208274627",
        "phone": "13800138000", "valid_days": 30, "scope": ["matters", "certificates"],
    })
}

/// 张伟 has invited 李娜.
async fn invited(world: &World) -> (Phone, String, String) {
    let rep = world.logged_in("张伟").await;
    let enterprise = first_enterprise(world, &rep).await;
    let path = format!("/v1/enterprises/{enterprise}/invites");
    let (status, view) = rep.post(world, &path, lina()).await;
    assert_eq!(status, 200, "{view}");
    let id = view["invite_id"].as_str().unwrap().to_owned();
    (rep, enterprise, id)
}

async fn consent(
    world: &World,
    phone: &Phone,
    purpose: &str,
    invite: &str,
    who: &str,
) -> (u16, Value) {
    let handoff = phone.start(world, purpose, Some(invite)).await;
    let passed = world.mini(&handoff.id, who, "pass").await;
    phone.finish(world, &handoff, &typed(&passed)).await
}

async fn answer(
    world: &World,
    phone: &Phone,
    invite: &str,
    token: &Value,
    agree: bool,
) -> (u16, Value) {
    let body = json!({"consent_token": token, "agree": agree});
    phone
        .post(world, &format!("/v1/invites/{invite}/answer"), body)
        .await
}

async fn page(world: &World, invite: &str) -> Value {
    let phone = world.phone();
    phone.get(world, &format!("/v1/invites/{invite}")).await.1
}

#[tokio::test]
async fn yst_019_to_022_an_invited_agent_accepts_by_face_and_may_work() {
    let world = World::new().await;
    let (rep, enterprise, invite) = invited(&world).await;
    assert_eq!(page(&world, &invite).await["state"], "draft");
    let sent = format!("/v1/invites/{invite}/sent");
    assert_eq!(rep.call(&world, Method::POST, &sent, None).await.0, 204);
    let agent = world.logged_in("李娜").await;
    let open = format!("/v1/invites/{invite}/open");
    let (_, opened) = agent.call(&world, Method::POST, &open, None).await;
    assert_eq!(opened["state"], "opened");
    assert_eq!(opened["invitee"], "李*");
    let (status, done) = consent(&world, &agent, "accept_invite", &invite, "李娜").await;
    assert_eq!(status, 200, "{done}");
    let page = &done["consent"];
    assert_eq!(page["enterprise"], "广东木棉科技有限公司");
    assert_eq!(page["inviter"], "张*");
    assert_eq!(page["scope"], json!(["matters", "certificates"]));
    let token = &page["consent_token"];
    let (status, answered) = answer(&world, &agent, &invite, token, true).await;
    assert_eq!(status, 200, "{answered}");
    assert_eq!(answered["state"], "accepted");
    assert_eq!(answered["enterprise"]["role"], "agent");
    // The same answer again changes nothing.
    assert_eq!(
        answer(&world, &agent, &invite, token, true).await.1,
        answered
    );
    assert_eq!(world.number("SELECT count(*) FROM grants").await, 1);
    let agents = format!("/v1/enterprises/{enterprise}/agents");
    let (_, list) = rep.get(&world, &agents).await;
    assert_eq!(list["agents"][0]["name"], "李*");
    assert_eq!(list["agents"][0]["state"], "active");
    assert_eq!(world.platform.sms.messages()[0].0, "138****8000");
}

#[tokio::test]
async fn yst_021_somebody_else_is_refused_and_the_invite_stays() {
    let world = World::new().await;
    let (rep, enterprise, invite) = invited(&world).await;
    let other = world.logged_in("王芳").await;
    let refused = consent(&world, &other, "accept_invite", &invite, "王芳").await;
    assert_eq!(code(&refused), "INVITE_MISMATCH");
    let agents = format!("/v1/enterprises/{enterprise}/agents");
    let (_, list) = rep.get(&world, &agents).await;
    assert_eq!(list["invites"][0]["mismatch"], true);
    assert!(!list.to_string().contains('王'));
    let agent = world.logged_in("李娜").await;
    assert_eq!(
        consent(&world, &agent, "accept_invite", &invite, "李娜")
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_consent_counts_for_the_account_whose_face_was_checked() {
    let world = World::new().await;
    let (_, _, invite) = invited(&world).await;
    let bare = world.phone();
    let (_, done) = consent(&world, &bare, "accept_invite", &invite, "李娜").await;
    let token = &done["consent"]["consent_token"];
    let other = world.logged_in("王芳").await;
    let stolen = answer(&world, &other, &invite, token, true).await;
    assert_eq!(code(&stolen), "IDENTITY_MISMATCH");
    let agent = world.logged_in("李娜").await;
    world.clock.advance(5 * MINUTE);
    let late = answer(&world, &agent, &invite, token, true).await;
    assert_eq!(code(&late), "HANDOFF_EXPIRED");
}

#[tokio::test]
async fn yst_020_an_ended_invite_shows_its_state_and_names_nobody() {
    let world = World::new().await;
    let (rep, _, invite) = invited(&world).await;
    let revoke = format!("/v1/invites/{invite}/revoke");
    for _ in 0..2 {
        assert_eq!(rep.call(&world, Method::POST, &revoke, None).await.0, 204);
    }
    let shown = page(&world, &invite).await;
    assert_eq!(shown["state"], "revoked");
    assert!(shown.get("enterprise").is_none() && shown.get("invitee").is_none());
    let agent = world.logged_in("李娜").await;
    let change = json!({"purpose": "accept_invite", "subject_ref": invite});
    let (refused, _) = agent.start_with(&world, change).await;
    assert_eq!(code(&refused), "INVITE_GONE");
    let (_, _, second) = invited(&world).await;
    world.clock.advance(DAY);
    assert_eq!(page(&world, &second).await["state"], "expired");
}

#[tokio::test]
async fn looking_at_a_link_without_login_changes_nothing() {
    let world = World::new().await;
    let (_, _, invite) = invited(&world).await;
    let before = world.number("SELECT count(*) FROM audit").await;
    for _ in 0..3 {
        assert_eq!(page(&world, &invite).await["state"], "draft");
    }
    assert_eq!(world.number("SELECT count(*) FROM audit").await, before);
}

#[tokio::test]
async fn yst_018_who_does_not_manage_sees_and_invites_nobody() {
    let world = World::new().await;
    let (rep, enterprise, invite) = invited(&world).await;
    let agent = world.logged_in("李娜").await;
    let agents = format!("/v1/enterprises/{enterprise}/agents");
    assert_eq!(code(&agent.get(&world, &agents).await), "NOT_FOUND");
    let (_, done) = consent(&world, &agent, "accept_invite", &invite, "李娜").await;
    answer(
        &world,
        &agent,
        &invite,
        &done["consent"]["consent_token"],
        true,
    )
    .await;
    assert_eq!(code(&agent.get(&world, &agents).await), "NOT_ALLOWED");
    let invites = format!("/v1/enterprises/{enterprise}/invites");
    assert_eq!(
        code(&agent.post(&world, &invites, lina()).await),
        "NOT_ALLOWED"
    );
    let (_, list) = rep.get(&world, &agents).await;
    let grant = list["agents"][0]["grant_id"].as_str().unwrap().to_owned();
    let revoke = format!("/v1/grants/{grant}/revoke");
    assert_eq!(
        code(&agent.call(&world, Method::POST, &revoke, None).await),
        "NOT_ALLOWED"
    );
    assert_eq!(rep.call(&world, Method::POST, &revoke, None).await.0, 204);
    let (_, left) = agent.get(&world, "/v1/enterprises").await;
    assert_eq!(left, json!([]));
}

#[tokio::test]
async fn yst_022_a_grant_ends_with_its_days() {
    let world = World::new().await;
    let (_, _, invite) = invited(&world).await;
    let agent = world.logged_in("李娜").await;
    let (_, done) = consent(&world, &agent, "accept_invite", &invite, "李娜").await;
    answer(
        &world,
        &agent,
        &invite,
        &done["consent"]["consent_token"],
        true,
    )
    .await;
    world.clock.advance(31 * DAY);
    let agent = world.logged_in("李娜").await;
    assert_eq!(agent.get(&world, "/v1/enterprises").await.1, json!([]));
}

#[tokio::test]
async fn yst_028_yst_030_yst_031_the_legal_representative_authenticates_once() {
    let world = World::new().await;
    let agent = world.logged_in("李娜").await;
    let body = json!({"name": "佛山市南海（粤强）建材有限公司", "uscc": "91440605MA4W6P9J7A"});
    let (_, view) = agent.post(&world, "/v1/enterprises/register", body).await;
    let enterprise = view["enterprise_id"].as_str().unwrap().to_owned();
    let ask = format!("/v1/enterprises/{enterprise}/authentication");
    let (status, asked) = agent.call(&world, Method::POST, &ask, None).await;
    assert_eq!(status, 200, "{asked}");
    assert_eq!(
        (&asked["kind"], &asked["invitee"]),
        (&json!("authentication"), &json!("陈*"))
    );
    let invite = asked["invite_id"].as_str().unwrap();
    let other = world.logged_in("张伟").await;
    let wrong = consent(&world, &other, "enterprise_auth", invite, "张伟").await;
    assert_eq!(code(&wrong), "INVITE_MISMATCH");
    let bare = world.phone();
    let (status, done) = consent(&world, &bare, "enterprise_auth", invite, "陈强").await;
    assert_eq!(status, 200, "{done}");
    let rep = world.logged_in("陈强").await;
    let token = &done["consent"]["consent_token"];
    let (status, answered) = answer(&world, &rep, invite, token, true).await;
    assert_eq!(status, 200, "{answered}");
    assert_eq!(answered["enterprise"]["level"], "authenticated");
    let (_, list) = agent.get(&world, "/v1/enterprises").await;
    assert_eq!(
        (&list[0]["level"], &list[0]["role"]),
        (&json!("authenticated"), &json!("agent"))
    );
    let again = agent.call(&world, Method::POST, &ask, None).await;
    assert_eq!(code(&again), "STATE_WRONG");
}

#[tokio::test]
async fn yst_029_declining_leaves_the_level_and_tells_the_agent() {
    let world = World::new().await;
    let agent = world.logged_in("李娜").await;
    let body = json!({"name": "佛山市南海（粤强）建材有限公司", "uscc": "91440605MA4W6P9J7A"});
    let (_, view) = agent.post(&world, "/v1/enterprises/register", body).await;
    let enterprise = view["enterprise_id"].as_str().unwrap().to_owned();
    let ask = format!("/v1/enterprises/{enterprise}/authentication");
    let (_, asked) = agent.call(&world, Method::POST, &ask, None).await;
    let invite = asked["invite_id"].as_str().unwrap();
    let bare = world.phone();
    let (_, done) = consent(&world, &bare, "enterprise_auth", invite, "陈强").await;
    let rep = world.logged_in("陈强").await;
    let token = &done["consent"]["consent_token"];
    let (_, answered) = answer(&world, &rep, invite, token, false).await;
    assert_eq!(answered, json!({"state": "declined"}));
    assert_eq!(page(&world, invite).await["state"], "declined");
    let (_, list) = agent.get(&world, "/v1/enterprises").await;
    assert_eq!(list[0]["role"], "linked");
    assert_eq!(list[0]["level"], "unauthenticated");
}

#[tokio::test]
async fn an_invite_of_someone_who_lost_the_role_gives_nothing() {
    let world = World::new().await;
    let (_, _, invite) = invited(&world).await;
    let agent = world.logged_in("李娜").await;
    let (_, done) = consent(&world, &agent, "accept_invite", &invite, "李娜").await;
    world
        .platform
        .db
        .write(|tx| {
            Box::pin(async move {
                sqlx::query("UPDATE enterprises SET admin = NULL")
                    .execute(&mut *tx)
                    .await?;
                sqlx::query("UPDATE members SET role = 'linked'")
                    .execute(&mut *tx)
                    .await?;
                Ok::<_, crate::store::StoreError>(())
            })
        })
        .await
        .unwrap();
    let token = &done["consent"]["consent_token"];
    let refused = answer(&world, &agent, &invite, token, true).await;
    assert_eq!(code(&refused), "GRANT_REVOKED");
    assert_eq!(page(&world, &invite).await["state"], "draft");
}

#[tokio::test]
async fn an_invite_with_a_bad_field_is_refused_by_its_name() {
    let world = World::new().await;
    let rep = world.logged_in("张伟").await;
    let enterprise = first_enterprise(&world, &rep).await;
    let path = format!("/v1/enterprises/{enterprise}/invites");
    for (field, value) in [
        ("name", json!("")),
        ("number", json!("440305199208274628")),
        ("document", json!("brand_new")),
        ("phone", json!("12345")),
        ("valid_days", json!(0)),
        ("valid_days", json!(1826)),
        ("scope", json!([])),
        ("scope", json!(["everything"])),
    ] {
        let mut body = lina();
        body[field] = value;
        let refused = rep.post(&world, &path, body).await;
        assert_eq!(code(&refused), "INPUT_INVALID", "{field}");
        assert_eq!(refused.1["field"], field);
    }
    assert_eq!(world.number("SELECT count(*) FROM invites").await, 0);
}
