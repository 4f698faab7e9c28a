//! The app on real files and a real socket: what the tables of transitions cannot show.

mod fake;
mod flows;
mod installs;
mod invites;
mod leases;
mod pin;
mod pin_state;
mod trust;

use super::session::Session;
use super::*;
use crate::ports::software;
use fake::{Fake, ROOT};
use kapok_protocol::api::identity::{AccountKind, AccountView, Tokens};
use kapok_protocol::ids::AccountId;

fn settings(dir: &Path, url: &str) -> Settings {
    Settings {
        dir: dir.join("app"),
        platform_url: url.into(),
        trust_roots_pem: vec![ROOT.into()],
        locale: "zh-CN".into(),
        device_label: "Test phone".into(),
        app_version: "0.1.0".into(),
    }
}

fn app(dir: &Path, url: &str) -> App {
    App::open(
        settings(dir, url),
        software::open(&dir.join("ports")).unwrap(),
    )
    .unwrap()
}

async fn agreed(dir: &Path, url: &str) -> App {
    let app = app(dir, url);
    app.agree_privacy(PRIVACY_VERSION).await.unwrap();
    app
}

fn account() -> AccountView {
    AccountView {
        account_id: AccountId([5; 16]),
        kind: AccountKind::Person,
        display_name: "张*".into(),
    }
}

fn tokens(n: u32) -> Tokens {
    Tokens {
        access: format!("access-{n}"),
        refresh: format!("refresh-{n}"),
        expires_in: 600,
    }
}

async fn log_in(app: &App) {
    let session = Session::new(tokens(1), account(), None);
    app.core.open_session(session, |_| Ok(())).await.unwrap();
}

/// An address on which nobody listens.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("https://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn nothing_is_sent_before_the_privacy_text_is_agreed_to() {
    let dir = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let app = app(
        dir.path(),
        &format!("https://{}", listener.local_addr().unwrap()),
    );
    log_in(&app).await;
    let login = app.login();
    let codes = [
        app.profile().await.unwrap_err().code,
        app.enterprises().list().await.unwrap_err().code,
        app.enterprises().search("木棉").await.unwrap_err().code,
        app.agents()
            .open_link(&format!("kapok://invite/{}", "ab".repeat(16)))
            .await
            .unwrap_err()
            .code,
        login
            .resume()
            .await
            .map(|_| ErrorCode::PrivacyRequired)
            .unwrap(),
    ];
    assert!(
        codes.iter().all(|code| *code == ErrorCode::PrivacyRequired),
        "{codes:?}"
    );
    login.logout().await.unwrap();
    assert_eq!(
        login.start_face(None).await.unwrap_err().code,
        ErrorCode::PrivacyRequired
    );
    assert_eq!(
        login.password("gdmm", "secret").await.unwrap_err().code,
        ErrorCode::PrivacyRequired
    );
    let untouched = listener.accept().unwrap_err();
    assert_eq!(untouched.kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn an_agreement_is_kept_withdrawn_and_only_for_the_text_that_was_shown() {
    let dir = tempfile::tempdir().unwrap();
    let first = app(dir.path(), &nowhere());
    assert_eq!(
        first.agree_privacy("0").await.unwrap_err().field.as_deref(),
        Some("version")
    );
    assert!(!first.privacy().agreed);
    first.agree_privacy(&first.privacy().version).await.unwrap();
    drop(first);
    let again = app(dir.path(), &nowhere());
    assert!(again.privacy().agreed);
    again.withdraw_privacy().await.unwrap();
    assert_eq!(
        again.profile().await.unwrap_err().code,
        ErrorCode::PrivacyRequired
    );
    assert!(!app(dir.path(), &nowhere()).privacy().agreed);
}

#[test]
fn a_bad_setting_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let good = settings(dir.path(), "https://localhost:1");
    let refused = |field: &str, bad: Settings| {
        let ports = software::open(&dir.path().join("ports")).unwrap();
        let error = App::open(bad, ports).err().unwrap();
        assert_eq!(error.field.as_deref(), Some(field));
    };
    refused(
        "platform_url",
        Settings {
            platform_url: "http://localhost".into(),
            ..good.clone()
        },
    );
    refused(
        "trust_roots_pem",
        Settings {
            trust_roots_pem: vec![],
            ..good.clone()
        },
    );
    refused(
        "locale",
        Settings {
            locale: "fr".into(),
            ..good.clone()
        },
    );
    refused(
        "device_label",
        Settings {
            device_label: " ".into(),
            ..good.clone()
        },
    );
    refused(
        "device_label",
        Settings {
            device_label: "x".repeat(65),
            ..good.clone()
        },
    );
    refused(
        "app_version",
        Settings {
            app_version: "1\n".into(),
            ..good
        },
    );
    assert!(
        !dir.path().join("app").exists(),
        "a refused setting changes nothing"
    );
}

#[tokio::test]
async fn pin_27_a_lost_storage_key_leads_to_enrol_again_and_not_to_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let first = agreed(dir.path(), &nowhere()).await;
    log_in(&first).await;
    drop(first);
    std::fs::remove_dir_all(dir.path().join("ports/secrets")).unwrap();
    let again = app(dir.path(), &nowhere());
    assert_eq!(again.next_event().await, Event::EnrolAgain);
    assert_eq!(again.login().account(), None);
    assert!(dir.path().join("app/unreadable.db").exists());
}

#[tokio::test]
async fn pin_27_a_replaced_hardware_key_ends_the_login_that_was_bound_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let first = agreed(dir.path(), &nowhere()).await;
    log_in(&first).await;
    let old = first.device_id();
    drop(first);
    std::fs::remove_file(dir.path().join("ports").join(software::KEY_FILE)).unwrap();
    let again = app(dir.path(), &nowhere());
    assert_ne!(again.device_id(), old);
    assert_eq!(again.next_event().await, Event::EnrolAgain);
    assert_eq!(again.login().account(), None);
}

#[tokio::test]
async fn a_login_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    log_in(&agreed(dir.path(), &nowhere()).await).await;
    let again = app(dir.path(), &nowhere());
    assert_eq!(again.login().account(), Some(account()));
}
