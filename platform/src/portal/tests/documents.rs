use super::fixture::{Fixture, contract};
use axum::http::{Method, StatusCode, header};
use kapok_protocol::api::portal::{DocumentList, RelyingParty, Uploaded};

#[tokio::test]
async fn an_upload_is_listed_after_a_reload_and_for_its_own_cookie_only() {
    let fixture = Fixture::new().await;
    let (mine, other) = (fixture.browser(), fixture.browser());
    let answer = mine.upload("%E5%90%88%E5%90%8C.pdf", contract()).await;
    let cookie = answer.headers[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    let made: Uploaded = answer.json();
    assert_eq!((made.name.as_str(), made.pages), ("合同.pdf", 2));
    let list: DocumentList = mine.get("/portal/api/documents").await.json();
    assert_eq!(
        (list.documents[0].doc, &list.documents[0].download),
        (made.doc, &None)
    );
    assert!(
        other
            .get("/portal/api/documents")
            .await
            .json::<DocumentList>()
            .documents
            .is_empty()
    );
    other.uploaded().await;
    assert_eq!(
        other
            .get("/portal/api/documents")
            .await
            .json::<DocumentList>()
            .documents
            .len(),
        1
    );
    assert_eq!(
        mine.get(&format!("/portal/api/documents/{}/signed.pdf", made.doc))
            .await
            .why(),
        "NOT_FOUND "
    );
}

#[tokio::test]
async fn bad_files_are_refused_by_name_and_leave_nothing() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    let good = contract();
    let cases = [
        ("empty", Vec::new(), "DOC_EMPTY empty"),
        (
            "text",
            b"hello, this is no PDF".to_vec(),
            "DOC_NOT_PDF header",
        ),
        (
            "cut",
            good[..good.len() / 2].to_vec(),
            "DOC_DAMAGED truncated",
        ),
        ("large", vec![b'%'; 50 * 1024 * 1024 + 1], "DOC_SIZE "),
        (
            "script",
            include_bytes!("script.pdf").to_vec(),
            "DOC_TYPE javascript",
        ),
    ];
    for (name, bytes, why) in cases {
        assert_eq!(browser.upload("a.pdf", bytes).await.why(), why, "{name}");
    }
    for (name, reason) in [
        ("", "empty"),
        ("..%2Fa.pdf", "characters"),
        (&"a".repeat(201), "too_long"),
    ] {
        let error = browser.upload(name, good.clone()).await.refused();
        assert_eq!(
            (error.field.as_deref(), error.reason.as_deref()),
            (Some("name"), Some(reason))
        );
    }
    assert!(
        browser
            .get("/portal/api/documents")
            .await
            .json::<DocumentList>()
            .documents
            .is_empty()
    );
    assert_eq!(
        std::fs::read_dir(fixture.dir.path().join("portal"))
            .unwrap()
            .count(),
        0
    );
}

#[tokio::test]
async fn another_sites_request_is_refused() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    for origin in ["http://evil.test", "http://127.0.0.1:3", "null"] {
        let answer = browser
            .call(
                Method::POST,
                "/portal/api/documents?name=a.pdf",
                &[("origin", origin)],
                contract(),
            )
            .await;
        assert_eq!(answer.why(), "NOT_ALLOWED ", "{origin}");
    }
}

#[tokio::test]
async fn the_page_allows_nothing_but_its_own_files() {
    let fixture = Fixture::new().await;
    let browser = fixture.browser();
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("require-trusted-types-for 'script'")
    );
    assert!(!policy.contains("unsafe") && policy.contains("connect-src 'self';"));
    assert_eq!(page.headers["cross-origin-opener-policy"], "same-origin");
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
    let elsewhere = browser
        .call(Method::GET, "/", &[("host", "localhost:2")], Vec::new())
        .await;
    assert_eq!(elsewhere.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(elsewhere.headers[header::LOCATION], "http://127.0.0.1:2/");
}

#[tokio::test]
async fn a_phone_finds_registered_parties_only_and_learns_of_a_revocation() {
    let fixture = Fixture::new().await;
    let leaf = fixture.platform.portal.certificate.fingerprint();
    let path = format!("/v1/relying-parties/{}", hex::encode(leaf));
    let party: RelyingParty = fixture.phone(&path).await.json();
    assert_eq!(party.origins, ["http://127.0.0.1:2"]);
    assert_eq!(party.other_origins.len(), 2);
    assert!(party.good && !party.blind && !party.other_origins.contains(&party.origins[0]));
    for bad in ["00", "zz", &"0".repeat(64)] {
        assert_eq!(
            fixture
                .phone(&format!("/v1/relying-parties/{bad}"))
                .await
                .why(),
            "RP_UNKNOWN "
        );
    }
    let revoke = fixture
        .platform
        .db
        .write(move |tx| Box::pin(crate::store::parties::revoke_party(tx, leaf, 1)));
    revoke.await.unwrap();
    assert!(!fixture.phone(&path).await.json::<RelyingParty>().good);
}
