//! The relay behind the platform's own listeners: the PC over http, the phone over TLS.

use super::wire::*;
use crate::clock::SystemClock;
use crate::config::GuardSettings;
use crate::{Config, ProfileFile, Running, start};
use kapok_protocol::relay::{FromRelay, ToRelay};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, client_async};

async fn pc(running: &Running) -> Socket {
    let authority = running.http_url.trim_start_matches("http://");
    let mut request = format!("ws://{authority}/v1/relay")
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("origin", running.http_url.parse().unwrap());
    let stream = TcpStream::connect(authority).await.unwrap();
    client_async(request, MaybeTlsStream::Plain(stream))
        .await
        .unwrap()
        .0
}

async fn phone(running: &Running) -> Socket {
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(running.tls_root_pem.as_bytes()).unwrap())
        .unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth();
    let authority = running.https_url.trim_start_matches("https://");
    let stream = TcpStream::connect(authority).await.unwrap();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = connector
        .connect("127.0.0.1".try_into().unwrap(), stream)
        .await
        .unwrap();
    let url = format!("wss://{authority}/v1/relay");
    client_async(url, MaybeTlsStream::Rustls(stream))
        .await
        .unwrap()
        .0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pc_and_phone_meet_over_both_listeners_and_a_stop_sends_them_away() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config {
        dir: dir.path().to_owned(),
        https: "127.0.0.1:0".parse().unwrap(),
        http: "127.0.0.1:0".parse().unwrap(),
        profile: ProfileFile::yst().unwrap(),
        clock: Arc::new(SystemClock),
        pki_base: "http://pki.test".into(),
        guard: GuardSettings {
            copies: Some(1),
            ..GuardSettings::default()
        },
        token: None,
        development: false,
    };
    let running = start(config).await.unwrap();
    let made = running.platform().relay.create().unwrap();
    let (mut pc, mut phone) = (pc(&running).await, phone(&running).await);
    say(&mut pc, &attach(made.ticket.as_slice())).await;
    let FromRelay::Frame { mac, frame, .. } =
        until(&mut pc, |f| matches!(f, FromRelay::Frame { .. })).await
    else {
        panic!("no frame")
    };
    say(&mut phone, &claim(made.sid, frame, &mac.0)).await;
    assert_eq!(hear(&mut phone).await, FromRelay::ClaimOk {});
    say(
        &mut phone,
        &ToRelay::Data {
            seq: 0,
            bytes: vec![9; 60_000].into(),
        },
    )
    .await;
    let data = until(&mut pc, |f| matches!(f, FromRelay::Data { .. })).await;
    assert_eq!(
        data,
        FromRelay::Data {
            seq: 0,
            bytes: vec![9; 60_000].into()
        }
    );
    running.shutdown().await;
    assert_eq!(
        (close_code(&mut pc).await, close_code(&mut phone).await),
        (1012, 1012)
    );
}
