use super::*;
use crate::clock::SystemClock;
use crate::config::GuardSettings;
use crate::config::ProfileFile;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

fn config(dir: &std::path::Path) -> Config {
    Config {
        dir: dir.to_owned(),
        https: "127.0.0.1:0".parse().unwrap(),
        http: "127.0.0.1:0".parse().unwrap(),
        profile: ProfileFile::yst().unwrap(),
        clock: Arc::new(SystemClock),
        pki_base: "http://127.0.0.1:0".into(),
        guard: GuardSettings {
            copies: Some(1),
            ..GuardSettings::default()
        },
        token: None,
        development: true,
    }
}

async fn get_tls(running: &Running, path: &str) -> String {
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(
            rustls::pki_types::CertificateDer::from_pem_slice(running.tls_root_pem.as_bytes())
                .unwrap(),
        )
        .unwrap();
    let client = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth();
    let address = running.https_url.trim_start_matches("https://").to_owned();
    let tcp = TcpStream::connect(&address).await.unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(client))
        .connect("127.0.0.1".try_into().unwrap(), tcp)
        .await
        .unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_side_is_tls_under_a_root_that_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let running = start(config(dir.path())).await.unwrap();
    let answer = get_tls(&running, "/healthz").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let root = running.tls_root_pem.clone();
    running.shutdown().await;
    let again = start(config(dir.path())).await.unwrap();
    assert_eq!(again.tls_root_pem, root);
    assert!(get_tls(&again, "/nothing").await.contains("NOT_FOUND"));
    again.shutdown().await;
}

#[tokio::test]
async fn plain_http_beyond_loopback_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut wide = config(dir.path());
    wide.http = "0.0.0.0:0".parse().unwrap();
    assert!(matches!(
        start(wide).await,
        Err(StartError::HttpNotLoopback)
    ));
}

#[tokio::test]
async fn the_browser_side_refuses_a_foreign_host_name_and_sets_its_headers() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::open(config(dir.path()), "https://a".into(), "http://b".into())
        .await
        .unwrap();
    let router = browser_router(&platform);
    for (host, status) in [
        ("127.0.0.1:9", StatusCode::OK),
        ("evil.example", StatusCode::NOT_FOUND),
    ] {
        let request = Request::get("/healthz")
            .header(header::HOST, host)
            .body(Body::empty())
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{host}");
        if status == StatusCode::OK {
            assert_eq!(
                response.headers()[header::X_CONTENT_TYPE_OPTIONS],
                "nosniff"
            );
            assert_eq!(to_bytes(response.into_body(), 99).await.unwrap(), "ok\n");
        }
    }
}

#[test]
fn a_bad_body_is_refused_with_its_field_and_without_its_content() {
    use kapok_protocol::api::identity::StartHandoff;
    let text = br#"{"code_challenge":"AA","purpose":"login","mode":"canary"}"#;
    let Failure(error) = json_of::<StartHandoff>(text).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("mode"));
    assert!(!format!("{error:?}").contains("canary"));
    assert!(json_of::<u8>(b"1 2").is_err());
}

#[test]
fn a_profile_with_an_unknown_field_is_refused() {
    let text = format!("{}\nextra = 1\n", include_str!("../../profiles/yst.toml"));
    assert!(ProfileFile::from_toml(&text).is_err());
}

#[tokio::test]
async fn outside_development_there_is_no_simulator_no_simulated_account_and_no_face() {
    for development in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let config = Config {
            development,
            ..config(dir.path())
        };
        let running = start(config).await.unwrap();
        assert_eq!(running.simulators_url().is_some(), development);
        let router = browser_router(running.platform());
        let pages = [
            (Method::GET, "/sim"),
            (Method::GET, "/sim/sms"),
            (Method::GET, "/sim/mini"),
            (Method::POST, "/sim/mini/open"),
            (Method::POST, "/sim/mini/face"),
            (Method::POST, "/sim/mini/result"),
            (Method::POST, "/sim/mini/again"),
            (Method::POST, "/sim/mini/cancel"),
            (
                Method::POST,
                "/sim/api/mini/00000000000000000000000000000000",
            ),
        ];
        for (method, path) in pages {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header(header::HOST, "127.0.0.1:9")
                .body(Body::empty())
                .unwrap();
            let answer = router.clone().oneshot(request).await.unwrap();
            let missing = answer.status() == StatusCode::NOT_FOUND;
            assert_eq!(missing, !development, "{path}");
        }
        for table in [
            "SELECT count(*) FROM logins",
            "SELECT count(*) FROM register",
        ] {
            let rows: i64 = sqlx::query_scalar(table)
                .fetch_one(running.platform().db.reader())
                .await
                .unwrap();
            assert_eq!(rows > 0, development, "{table}");
        }
        let fetched = running
            .platform()
            .provider
            .fetch(crate::identity::Order([0; 16]))
            .await;
        assert_eq!(fetched.is_ok(), development);
        running.shutdown().await;
    }
}
