//! Routes under hostile hands: other accounts, missing proofs, random bodies.

use crate::testing::{Phone, World, code, reply, typed};
use axum::body::Body;
use axum::http::{Method, Request, header};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;
use tokio::runtime::Runtime;

/// Every call of the roles identity, registry and agents; `{}` stands for an id.
const ROUTES: [(&str, &str); 25] = [
    ("POST", "/v1/handoffs"),
    ("GET", "/v1/handoffs/{}"),
    ("POST", "/v1/handoffs/{}/cancel"),
    ("POST", "/v1/handoffs/{}/finish"),
    ("POST", "/v1/sessions/password"),
    ("POST", "/v1/tokens/refresh"),
    ("GET", "/v1/me"),
    ("GET", "/v1/enterprises"),
    ("POST", "/v1/enterprises/select"),
    ("POST", "/v1/enterprises/add"),
    ("POST", "/v1/enterprises/register"),
    ("GET", "/v1/registry/search"),
    ("GET", "/v1/links"),
    ("POST", "/v1/links"),
    ("POST", "/v1/links/{}/answer"),
    ("GET", "/v1/enterprises/{}/agents"),
    ("POST", "/v1/enterprises/{}/invites"),
    ("POST", "/v1/enterprises/{}/authentication"),
    ("GET", "/v1/invites/{}"),
    ("POST", "/v1/invites/{}/open"),
    ("POST", "/v1/invites/{}/sent"),
    ("POST", "/v1/invites/{}/revoke"),
    ("POST", "/v1/invites/{}/answer"),
    ("POST", "/v1/grants/{}/revoke"),
    ("GET", "/v1/profile"),
];
const PUBLIC: [&str; 2] = ["/v1/invites/{}", "/v1/profile"];
/// Pages and calls of the simulators, which take forms too.
const BROWSER: [(&str, &str); 9] = [
    ("GET", "/sim/mini"),
    ("POST", "/sim/mini/open"),
    ("POST", "/sim/mini/face"),
    ("POST", "/sim/mini/result"),
    ("POST", "/sim/mini/again"),
    ("POST", "/sim/mini/cancel"),
    ("POST", "/sim/api/mini/{}"),
    ("GET", "/i/{}"),
    ("GET", "/sim"),
];

#[tokio::test]
async fn every_call_but_the_public_ones_needs_the_phones_proof() {
    let world = World::new().await;
    let id = "ab".repeat(16);
    for (method, path) in ROUTES {
        let request = Request::builder()
            .method(method)
            .uri(path.replace("{}", &id))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", &id)
            .body(Body::from("{}"))
            .unwrap();
        let answer = reply(&world.phone_side, request).await;
        if PUBLIC.contains(&path) {
            assert_ne!(answer.0, 401, "{path}");
        } else {
            assert_eq!(answer.0, 401, "{method} {path} {answer:?}");
        }
    }
}

/// Objects of 张伟: a handoff, an enterprise, an invite, a grant.
async fn objects(world: &World) -> (String, String, String, String) {
    let rep = world.logged_in("张伟").await;
    let handoff = rep.start(world, "pin_reset", None).await.id;
    let (_, list) = rep.get(world, "/v1/enterprises").await;
    let enterprise = list[0]["enterprise_id"].as_str().unwrap().to_owned();
    let body = json!({
        "name": "李娜", "document": "resident_id", "number": "440305199208274627",
        "phone": "13800138000", "valid_days": 30, "scope": ["matters"],
    });
    let invites = format!("/v1/enterprises/{enterprise}/invites");
    let (_, invite) = rep.post(world, &invites, body).await;
    let invite = invite["invite_id"].as_str().unwrap().to_owned();
    let agent = world.logged_in("李娜").await;
    let check = agent.start(world, "accept_invite", Some(&invite)).await;
    let passed = world.mini(&check.id, "李娜", "pass").await;
    let (_, done) = agent.finish(world, &check, &typed(&passed)).await;
    let answer = json!({"consent_token": done["consent"]["consent_token"], "agree": true});
    let path = format!("/v1/invites/{invite}/answer");
    assert_eq!(agent.post(world, &path, answer).await.0, 200);
    let (_, list) = rep
        .get(world, &format!("/v1/enterprises/{enterprise}/agents"))
        .await;
    let grant = list["agents"][0]["grant_id"].as_str().unwrap().to_owned();
    (handoff, enterprise, invite, grant)
}

#[tokio::test]
async fn another_accounts_object_is_absent() {
    let world = World::new().await;
    let (handoff, enterprise, invite, grant) = objects(&world).await;
    let other = world.logged_in("王芳").await;
    let select = Some(json!({ "enterprise_id": enterprise }));
    let finish = Some(json!({
        "verifier": "A".repeat(43), "purpose": "pin_reset", "proof": {"typed_code": "000000"},
    }));
    let person = Some(json!({
        "name": "李娜", "document": "resident_id", "number": "440305199208274627",
        "phone": "13800138000", "valid_days": 30, "scope": ["matters"],
    }));
    let cases: [(Method, String, Option<Value>); 10] = [
        (Method::GET, format!("/v1/handoffs/{handoff}"), None),
        (Method::POST, format!("/v1/handoffs/{handoff}/cancel"), None),
        (
            Method::POST,
            format!("/v1/handoffs/{handoff}/finish"),
            finish,
        ),
        (Method::POST, "/v1/enterprises/select".into(), select),
        (
            Method::GET,
            format!("/v1/enterprises/{enterprise}/agents"),
            None,
        ),
        (
            Method::POST,
            format!("/v1/enterprises/{enterprise}/invites"),
            person,
        ),
        (
            Method::POST,
            format!("/v1/enterprises/{enterprise}/authentication"),
            None,
        ),
        (Method::POST, format!("/v1/invites/{invite}/sent"), None),
        (Method::POST, format!("/v1/invites/{invite}/revoke"), None),
        (Method::POST, format!("/v1/grants/{grant}/revoke"), None),
    ];
    for (method, path, body) in cases {
        let answer = other.call(&world, method, &path, body).await;
        assert_eq!(answer.0, 404, "{path} {answer:?}");
        assert!(
            ["NOT_FOUND", "HANDOFF_UNKNOWN"].contains(&code(&answer)),
            "{path}"
        );
    }
}

struct Hostile {
    runtime: Runtime,
    world: World,
    phone: Phone,
}

static HOSTILE: LazyLock<Hostile> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let phone = runtime.block_on(world.logged_in("张伟"));
    Hostile {
        runtime,
        world,
        phone,
    }
});

/// JSON that knows the field names, so that it gets past the first check.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9a-f]{32}".prop_map(Value::from),
        "[A-Za-z0-9_-]{43}".prop_map(Value::from),
        prop::sample::select(vec![
            "login",
            "same_device",
            "zh-CN",
            "resident_id",
            "accept_invite",
            "pass"
        ])
        .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "code_challenge",
        "purpose",
        "mode",
        "locale",
        "device_label",
        "declared",
        "subject_ref",
        "name",
        "number",
        "document",
        "verifier",
        "proof",
        "typed_code",
        "return_code",
        "login",
        "password",
        "refresh",
        "enterprise_id",
        "uscc",
        "agree",
        "consent_token",
        "phone",
        "valid_days",
        "scope",
        "person",
        "scene",
        "outcome",
        "openid",
    ]);
    leaf.prop_recursive(3, 40, 12, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone().prop_map(str::to_owned), inner, 0..12)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn id() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9a-f]{32}", "[a-zA-Z0-9._~-]{1,40}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    // `reply` refuses a status of 500 for every answer.
    #[test]
    fn a_random_body_is_refused_without_an_internal_error(
        route in 0..ROUTES.len(), id in id(), body in json_value(),
    ) {
        let hostile = &*HOSTILE;
        let (method, path) = ROUTES[route];
        let path = path.replace("{}", &id);
        let method: Method = method.parse().unwrap();
        let sent = (method == Method::POST).then_some(body);
        hostile.runtime.block_on(hostile.phone.call(&hostile.world, method, &path, sent));
    }

    #[test]
    fn random_bytes_are_refused_on_the_browser_side(
        route in 0..BROWSER.len(), id in id(), form in any::<bool>(),
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            json_value().prop_map(|v| v.to_string().into_bytes()),
            "(h|openid|scene|person|order|outcome)=[0-9a-f]{0,32}(&(h|openid|scene|outcome|order)=[a-z0-9%+]{0,32}){0,4}"
                .prop_map(String::into_bytes),
        ],
    ) {
        let hostile = &*HOSTILE;
        let (method, path) = BROWSER[route];
        let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
        let request = Request::builder()
            .method(method)
            .uri(path.replace("{}", &id))
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .unwrap();
        hostile.runtime.block_on(reply(&hostile.world.browser_side, request));
    }
}
