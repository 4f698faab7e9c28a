use crate::testing::{Phone, World, code};
use serde_json::{Value, json};

const MUMIAN: &str = "91440101MA5CK7X138";
const NAMELESS: &str = "92440101MA9Y3R7T6Q";
const YUEQIANG: &str = "91440605MA4W6P9J7A";
const YUNSHAN: &str = "深圳市云山智造有限公司";

async fn owner(world: &World) -> Phone {
    let mut phone = world.phone();
    let body = json!({"login": "yunshan", "password": "Yunshan#2026"});
    let (status, done) = phone.post(world, "/v1/sessions/password", body).await;
    assert_eq!(status, 200, "{done}");
    phone.keep(&done["tokens"]);
    phone
}

async fn list(world: &World, phone: &Phone) -> Vec<Value> {
    let (status, list) = phone.get(world, "/v1/enterprises").await;
    assert_eq!(status, 200, "{list}");
    list.as_array().unwrap().clone()
}

#[tokio::test]
async fn yst_009_yst_010_yst_012_yst_013_own_enterprises_appear_once_and_authenticated() {
    let world = World::new().await;
    for _ in 0..2 {
        let phone = world.logged_in("张伟").await;
        let list = list(&world, &phone).await;
        let codes: Vec<_> = list.iter().map(|e| e["uscc"].as_str().unwrap()).collect();
        assert_eq!(codes, [MUMIAN, "92440101MA5D2W8QXW"]);
        for enterprise in list {
            assert_eq!(enterprise["level"], "authenticated");
            assert_eq!(enterprise["role"], "legal_rep");
            assert_eq!(enterprise["certificate_admin"], true);
        }
    }
    assert_eq!(world.number("SELECT count(*) FROM enterprises").await, 3);
    assert_eq!(world.number("SELECT count(*) FROM members").await, 3);
}

#[tokio::test]
async fn yst_011_yst_016_selecting_is_for_this_login_and_for_members() {
    let world = World::new().await;
    let (phone, other) = (world.logged_in("张伟").await, world.logged_in("李娜").await);
    let enterprises = list(&world, &phone).await;
    let id = &enterprises[1]["enterprise_id"];
    let body = json!({ "enterprise_id": id });
    let (status, view) = phone
        .post(&world, "/v1/enterprises/select", body.clone())
        .await;
    assert_eq!((status, &view["selected"]), (200, &json!(true)));
    let after = list(&world, &phone).await;
    assert_eq!(after[0]["selected"], false);
    assert_eq!(after[1]["selected"], true);
    let foreign = other.post(&world, "/v1/enterprises/select", body).await;
    assert_eq!(code(&foreign), "NOT_FOUND");
}

#[tokio::test]
async fn yst_013_yst_014_yst_015_adding_by_code() {
    let world = World::new().await;
    let phone = world.logged_in("张伟").await;
    let add =
        |uscc: &'static str| phone.post(&world, "/v1/enterprises/add", json!({ "uscc": uscc }));
    let (status, view) = add(NAMELESS).await;
    assert_eq!((status, &view["level"]), (200, &json!("authenticated")));
    assert_eq!(list(&world, &phone).await.len(), 3);
    let typo = add("92440101MA9Y3R7T6P").await;
    assert_eq!(code(&typo), "INPUT_INVALID");
    assert_eq!(
        (&typo.1["field"], &typo.1["reason"]),
        (&json!("uscc"), &json!("check_digit"))
    );
    assert_eq!(code(&add(YUEQIANG).await), "ENTERPRISE_NOT_YOURS");
    assert_eq!(code(&add("440101600123450").await), "ENTERPRISE_NO_USCC");
    assert_eq!(code(&add("91110000100000093J").await), "INPUT_INVALID");
}

#[tokio::test]
async fn yst_024_search_finds_by_code_and_by_a_part_of_the_name() {
    let world = World::new().await;
    let phone = world.logged_in("李娜").await;
    // 云山, and the brackets typed in half width.
    for (query, found) in [
        ("%E4%BA%91%E5%B1%B1", YUNSHAN),
        ("91440300ma5g4h2k52", YUNSHAN),
        ("(%E7%B2%A4%E5%BC%BA)", "佛山市南海（粤强）建材有限公司"),
    ] {
        let (status, hits) = phone
            .get(&world, &format!("/v1/registry/search?q={query}"))
            .await;
        assert_eq!(status, 200, "{hits}");
        assert_eq!(hits[0]["name"], found);
        assert_eq!(hits.as_array().unwrap().len(), 1);
    }
    let (_, none) = phone
        .get(&world, "/v1/registry/search?q=nothing-like-it")
        .await;
    assert_eq!(none, json!([]));
    let short = phone.get(&world, "/v1/registry/search?q=a").await;
    assert_eq!(code(&short), "INPUT_INVALID");
}

#[tokio::test]
async fn yst_025_yst_055_yst_056_registering_needs_the_registered_name() {
    let world = World::new().await;
    let phone = world.logged_in("李娜").await;
    let register = |name: &'static str| {
        let body = json!({"name": name, "uscc": YUEQIANG});
        phone.post(&world, "/v1/enterprises/register", body)
    };
    let wrong = register("佛山市南海（粤华）建材有限公司").await;
    assert_eq!(code(&wrong), "ENTERPRISE_NOT_FOUND");
    assert_eq!(wrong.1["field"], "name");
    assert_eq!(wrong.1["reason"], "character_8");
    // Half-width brackets and a blank at the end are what copying makes of a name.
    let (status, view) = register("佛山市南海(粤强)建材有限公司 ").await;
    assert_eq!(status, 200, "{view}");
    assert_eq!(view["name"], "佛山市南海（粤强）建材有限公司");
    assert_eq!(
        (&view["level"], &view["role"]),
        (&json!("unauthenticated"), &json!("linked"))
    );
    assert_eq!(register("佛山市南海（粤强）建材有限公司").await.0, 200);
    assert_eq!(list(&world, &phone).await.len(), 1);
}

#[tokio::test]
async fn yst_032_yst_033_asking_for_a_link_tells_nothing_about_login_names() {
    let world = World::new().await;
    let phone = world.logged_in("李娜").await;
    let ask = |login: &'static str, name: &'static str| {
        phone.post(&world, "/v1/links", json!({"login": login, "name": name}))
    };
    let (right, known) = ask("yunshan", YUNSHAN).await;
    let (wrong, unknown) = ask("nobody", YUNSHAN).await;
    assert_eq!((right, wrong), (200, 200));
    let fields = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&known), fields(&unknown));
    let unauthenticated = ask("yunshan", "佛山市南海（粤强）建材有限公司").await;
    assert_eq!(code(&unauthenticated), "LINK_NEEDS_AUTHENTICATED");
    let owner = owner(&world).await;
    let (_, waiting) = owner.get(&world, "/v1/links").await;
    assert_eq!(waiting.as_array().unwrap().len(), 1);
    assert_eq!(waiting[0]["asked_by"], "李*");
}

#[tokio::test]
async fn yst_034_yst_035_the_applicant_agrees_and_the_agent_works_at_once() {
    let world = World::new().await;
    let (phone, owner) = (world.logged_in("李娜").await, owner(&world).await);
    let body = json!({"login": "yunshan", "name": YUNSHAN});
    let (_, asked) = phone.post(&world, "/v1/links", body).await;
    assert!(list(&world, &phone).await.is_empty());
    let path = format!("/v1/links/{}/answer", asked["link_id"].as_str().unwrap());
    let foreign = phone.post(&world, &path, json!({"agree": true})).await;
    assert_eq!(code(&foreign), "NOT_FOUND");
    for _ in 0..2 {
        assert_eq!(
            owner.post(&world, &path, json!({"agree": true})).await.0,
            204
        );
    }
    let turned = owner.post(&world, &path, json!({"agree": false})).await;
    assert_eq!(code(&turned), "STATE_WRONG");
    let linked = list(&world, &phone).await;
    assert_eq!(linked[0]["role"], "agent");
    assert_eq!(world.number("SELECT count(*) FROM grants").await, 1);
}

#[tokio::test]
async fn yst_034_a_refused_request_links_nobody() {
    let world = World::new().await;
    let (phone, owner) = (world.logged_in("李娜").await, owner(&world).await);
    let body = json!({"login": "yunshan", "name": YUNSHAN});
    let (_, asked) = phone.post(&world, "/v1/links", body).await;
    let path = format!("/v1/links/{}/answer", asked["link_id"].as_str().unwrap());
    assert_eq!(
        owner.post(&world, &path, json!({"agree": false})).await.0,
        204
    );
    assert!(list(&world, &phone).await.is_empty());
    let (_, waiting) = owner.get(&world, "/v1/links").await;
    assert_eq!(waiting, json!([]));
}

#[tokio::test]
async fn an_idempotency_key_gives_the_first_answer_and_refuses_another_request() {
    let world = World::new().await;
    let phone = world.logged_in("李娜").await;
    let key = "00112233445566778899aabbccddeeff";
    let ask = |login: &'static str| {
        let body = Some(json!({"login": login, "name": YUNSHAN}));
        phone.call_keyed(&world, axum::http::Method::POST, "/v1/links", body, key)
    };
    let first = ask("yunshan").await;
    assert_eq!(ask("yunshan").await, first);
    assert_eq!(code(&ask("other").await), "KEY_REUSED");
    assert_eq!(world.number("SELECT count(*) FROM links").await, 1);
}
