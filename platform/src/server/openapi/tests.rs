//! The document against the routers. Whether it is OpenAPI 3.1 an outside judge says, in the browser's tests.

use super::*;
use crate::testing::World;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use std::collections::{BTreeMap, BTreeSet};
use tower::ServiceExt;

/// Methods by path of a router, from what it says about itself: `RouteId(0): MethodRouter(MethodRouter { …, allow_header: Bytes(b"GET,HEAD")
/// })`, and `RouteId(0): "/path"`. A route for any method has no such header and is a WebSocket here, which is opened by `GET`.
fn routes(router: &axum::Router) -> BTreeMap<String, BTreeSet<String>> {
    let text = format!("{router:?}");
    let (routes, rest) = text.split_once("node: Node { paths: {").unwrap();
    let (names, _) = rest
        .split_once('}')
        .map_or((rest, ""), |_| rest.split_once("fallback_router").unwrap());
    let methods: BTreeMap<&str, BTreeSet<String>> = parts(routes)
        .map(|(id, route)| (id, methods(route)))
        .collect();
    let found: BTreeMap<_, _> = parts(names)
        .filter_map(|(id, name)| {
            let path = name.split('"').nth(1)?;
            Some((path.to_owned(), methods.get(id)?.clone()))
        })
        .collect();
    assert_eq!(found.len(), methods.len());
    found
}

fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("RouteId(")
        .skip(1)
        .filter_map(|part| part.split_once("): "))
}

fn methods(route: &str) -> BTreeSet<String> {
    let Some((_, allow)) = route.split_once("allow_header: Bytes(b\"") else {
        return ["get".to_owned()].into();
    };
    let allow = allow.split('"').next().unwrap();
    let named = allow.split(',').filter(|method| *method != "HEAD");
    named.map(str::to_lowercase).collect()
}

fn documented(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |item: &Value| item.as_object().unwrap().keys().cloned().collect();
    paths
        .iter()
        .map(|(path, item)| (path.clone(), methods(item)))
        .collect()
}

async fn served(router: &axum::Router) -> Value {
    let request = Request::get("/openapi.json").header("host", "127.0.0.1:8080");
    let request = request.body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn p18_every_route_is_in_the_document_and_nothing_else() {
    let world = World::new().await;
    for router in [&world.phone_side, &world.browser_side] {
        let mut routes = routes(router);
        assert!(routes.len() > 10, "{routes:?}");
        routes.retain(|path, _| !path.starts_with("/sim"));
        assert_eq!(documented(&served(router).await), routes);
    }
}

#[tokio::test]
async fn p18_every_reference_leads_somewhere_and_every_operation_has_its_own_id() {
    let world = World::new().await;
    for router in [&world.phone_side, &world.browser_side] {
        let document = served(router).await;
        let (mut references, mut ids) = (Vec::new(), Vec::new());
        walk(&document, &mut |key, value| match key {
            "$ref" => references.push(value.as_str().unwrap().to_owned()),
            "operationId" => ids.push(value.as_str().unwrap().to_owned()),
            _ => {}
        });
        assert!(references.len() > 10);
        for reference in references {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        let unique: BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
    }
}

fn walk(value: &Value, seen: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                seen(key, value);
                walk(value, seen);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, seen)),
        _ => {}
    }
}
