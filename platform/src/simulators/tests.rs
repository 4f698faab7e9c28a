use super::People;
use crate::testing::{Started, World};
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use kapok_formats::identity::{EnterpriseName, IdDocument, Uscc};
use serde_json::json;
use tower::ServiceExt;
use url::form_urlencoded;

async fn send(world: &World, request: Request<Body>) -> (u16, String) {
    let response = world.browser_side.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str();
    assert!(policy.unwrap().contains("script-src 'self'"));
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn get(world: &World, path: &str) -> (u16, String) {
    let request = Request::get(path).header(header::HOST, "127.0.0.1:8080");
    send(world, request.body(Body::empty()).unwrap()).await
}

async fn post(world: &World, path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = Request::post(path)
        .header(header::HOST, "127.0.0.1:8080")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(world, request.body(Body::from(form)).unwrap()).await
}

/// What stands between two texts of a page.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let rest = page.split(from).nth(1).unwrap();
    rest.split(to).next().unwrap()
}

#[test]
fn the_simulated_numbers_are_valid() {
    let people = People::built_in().unwrap();
    for person in &people.persons {
        let kind = crate::identity::persons::id_kind(person.document).unwrap();
        assert!(IdDocument::parse(kind, &person.number).is_ok());
    }
    for enterprise in &people.enterprises {
        assert!(Uscc::parse(&enterprise.uscc).is_ok());
        assert!(people.named(&enterprise.legal_rep).is_some());
        if let Some(name) = &enterprise.name {
            assert!(EnterpriseName::parse(name).is_ok());
        }
    }
}

#[tokio::test]
async fn yst_003_to_008_the_mini_program_can_be_clicked_through() {
    let world = World::new().await;
    let phone = world.phone();
    let handoff = phone.start(&world, "login", None).await;
    let h = handoff.id.as_str();
    let (status, page) = get(&world, &format!("/sim/mini?h={h}")).await;
    assert!(status == 200 && page.contains(h) && page.contains("李娜"));
    let open = [("h", h), ("openid", "wx"), ("scene", "1069")];
    let (status, page) = post(&world, "/sim/mini/open", &open).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains(&format!("<p class=\"digits\">{}</p>", handoff.match_code)));
    assert!(page.contains("测试手机") && page.contains("登录"));
    let face = [("h", h), ("openid", "wx"), ("person", "李娜")];
    let (status, page) = post(&world, "/sim/mini/face", &face).await;
    assert_eq!(status, 200, "{page}");
    let order = between(&page, "name=\"order\" value=\"", "\"").to_owned();
    let look = [
        ("h", h),
        ("openid", "wx"),
        ("order", &order),
        ("outcome", "fail"),
    ];
    let (status, page) = post(&world, "/sim/mini/result", &look).await;
    assert_eq!(status, 422, "{page}");
    assert!(page.contains("人脸识别未通过") && page.contains("剩余次数：2"));
    assert!(page.contains("再试一次"));
    let (status, page) = post(&world, "/sim/mini/again", &open[..2]).await;
    assert!(
        status == 200 && page.contains("剩余次数</dt><dd>2"),
        "{page}"
    );
    let (_, page) = post(&world, "/sim/mini/face", &face).await;
    let order = between(&page, "name=\"order\" value=\"", "\"").to_owned();
    let look = [
        ("h", h),
        ("openid", "wx"),
        ("order", &order),
        ("outcome", "pass"),
    ];
    let (status, page) = post(&world, "/sim/mini/result", &look).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("请勿将此数字告诉任何人"));
    let code = between(&page, "<p class=\"digits\">", "</p>");
    assert!(page.contains(&format!("kapok://app/wx/return?h={h}&amp;r=")));
    let proof = json!({"typed_code": code});
    assert_eq!(phone.finish(&world, &handoff, &proof).await.0, 200);
}

#[tokio::test]
async fn yst_006_cancelling_in_the_mini_program_ends_the_handoff() {
    let world = World::new().await;
    let phone = world.phone();
    let handoff: Started = phone.start(&world, "login", None).await;
    let open = [
        ("h", handoff.id.as_str()),
        ("openid", "wx"),
        ("scene", "1069"),
    ];
    post(&world, "/sim/mini/open", &open).await;
    let fields = [("h", handoff.id.as_str()), ("openid", "wx")];
    assert_eq!(post(&world, "/sim/mini/cancel", &fields).await.0, 200);
    let (_, status) = phone
        .get(&world, &format!("/v1/handoffs/{}", handoff.id))
        .await;
    assert_eq!(status["state"], "cancelled");
}

#[tokio::test]
async fn what_a_phone_calls_itself_is_shown_as_text() {
    let world = World::new().await;
    let phone = world.phone();
    let label = "<script>alert('1')</script>";
    let ((_, started), _) = phone
        .start_with(&world, json!({ "device_label": label }))
        .await;
    let h = started["handoff_id"].as_str().unwrap();
    let open = [("h", h), ("openid", "\"><i>"), ("scene", "1069")];
    let (_, page) = post(&world, "/sim/mini/open", &open).await;
    assert!(!page.contains("<script") && !page.contains("<i>"));
    assert!(page.contains("&lt;script&gt;"));
}

#[tokio::test]
async fn yst_020_the_page_of_a_link_shows_masked_names_and_changes_nothing() {
    let world = World::new().await;
    let rep = world.logged_in("张伟").await;
    let (_, list) = rep.get(&world, "/v1/enterprises").await;
    let enterprise = list[0]["enterprise_id"].as_str().unwrap();
    let body = json!({
        "name": "李娜", "document": "resident_id", "number": "440305199208274627",
        "phone": "13800138000", "valid_days": 30, "scope": ["matters"],
    });
    let path = format!("/v1/enterprises/{enterprise}/invites");
    let (_, view) = rep.post(&world, &path, body).await;
    let id = view["invite_id"].as_str().unwrap();
    assert!(
        view["link"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/i/{id}"))
    );
    let (status, page) = get(&world, &format!("/i/{id}")).await;
    assert_eq!(status, 200);
    assert!(
        page.contains("广东木棉科技有限公司") && page.contains("李*") && !page.contains("李娜")
    );
    assert!(page.contains("2026-03-02 08:00"));
    assert!(page.contains(&format!("kapok://invite/{id}")));
    let (status, page) = get(&world, &format!("/i/{}", "0".repeat(32))).await;
    assert!(status == 410 && page.contains("邀请已失效"));
    let (_, inbox) = get(&world, "/sim/sms").await;
    assert!(inbox.contains("138****8000") && !inbox.contains(id));
}
