//! Certificates and leases against the fake CA and guard.

use super::fake::{Fake, Reply};
use super::pin::{PIN, ask, pin};
use super::trust::{ENTERPRISE, Trust, device_key, person, serve};
use super::*;
use kapok_formats::signer::PublicKey;
use kapok_formats::x509::Certificate;
use kapok_protocol::api::certificates::{CertificateKind, CertificateState, CertificateView};
use kapok_protocol::guard::{raw_signature, verify_receipt};
use kapok_protocol::ids::CertId;
use sha2::{Digest, Sha256};
use std::sync::atomic::AtomicUsize;
use tokio::sync::Notify;

const KIND: CertificateKind = CertificateKind::Employee;

async fn install(app: &App) -> Result<CertificateView, AppError> {
    app.certificates().install(ENTERPRISE, KIND, pin(PIN)).await
}

async fn with_pin(dir: &Path, url: &str) -> App {
    let app = person(dir, url).await;
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    app
}

#[tokio::test]
async fn yqq_007_the_pin_comes_first() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &Trust::new()).await;
    let app = person(dir.path(), &server.url).await;
    assert_eq!(install(&app).await.unwrap_err().code, ErrorCode::PinUnset);
    assert!(server.seen("GET /v1/certificates").is_empty());
}

#[tokio::test]
async fn yqq_010_the_pin_installs_a_certificate_and_signs_with_receipts() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = with_pin(dir.path(), &server.url).await;
    let view = install(&app).await.unwrap();
    assert_eq!(view.state, CertificateState::Active);
    assert_eq!(
        app.certificates().list().await.unwrap()[0].state,
        CertificateState::Active
    );
    let installed = app.core.installed().await.unwrap();
    let [installed] = installed.as_slice() else {
        panic!("one certificate");
    };
    assert_eq!(Some(&installed.serial), view.serial.as_ref());

    let mut lease = app.core.open_lease(pin(PIN), ask()).await.unwrap();
    let before = lease.sign(&app.core, b"m").await.err().unwrap();
    assert_eq!(before.code, ErrorCode::StateWrong);
    let unknown = lease.pick(&app.core, CertId([0; 16])).await.unwrap_err();
    assert_eq!(unknown.code, ErrorCode::CertNone);
    lease.pick(&app.core, installed.cert_id).await.unwrap();
    lease.pick(&app.core, installed.cert_id).await.unwrap();
    let leaf = Certificate::parse(&installed.chain[0]).unwrap();
    let key: PublicKey = leaf.public_key().unwrap();
    for message in [b"one".as_slice(), b"two"] {
        let signed = lease.sign(&app.core, message).await.unwrap();
        key.verify(message, &signed.signature_der).unwrap();
        let digest = Sha256::digest(message).into();
        let raw = raw_signature(&signed.signature_der).unwrap();
        verify_receipt(&signed.receipt, &Trust::guard_key(), &digest, &raw).unwrap();
    }
    let third = lease.sign(&app.core, b"three").await.err().unwrap();
    assert_eq!(third.code, ErrorCode::LeaseOver, "the count is used up");
}

/// Every text of a body as it is and as the bytes that it stands for.
fn texts(value: &serde_json::Value, out: &mut Vec<Vec<u8>>) {
    use base64ct::{Base64UrlUnpadded, Encoding};
    match value {
        serde_json::Value::String(text) => {
            out.push(text.clone().into_bytes());
            out.extend(Base64UrlUnpadded::decode_vec(text));
            out.extend(hex::decode(text));
        }
        serde_json::Value::Array(all) => all.iter().for_each(|one| texts(one, out)),
        serde_json::Value::Object(all) => all.values().for_each(|one| texts(one, out)),
        _ => {}
    }
}

fn holds(all: &[Vec<u8>], needle: &[u8]) -> bool {
    all.iter()
        .any(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
}

#[tokio::test]
async fn yqq_015_the_private_key_never_leaves_the_phone_and_lies_nowhere_in_the_clear() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &Trust::new()).await;
    let app = with_pin(dir.path(), &server.url).await;
    install(&app).await.unwrap();
    let installed = app.core.installed().await.unwrap();
    let mut lease = app.core.open_lease(pin(PIN), ask()).await.unwrap();
    lease.pick(&app.core, installed[0].cert_id).await.unwrap();
    lease.sign(&app.core, b"one").await.unwrap();
    let scalar = lease.scalar();

    let mut sent = Vec::new();
    for request in server.all() {
        texts(&request.body, &mut sent);
        sent.extend(request.headers.into_values().map(String::into_bytes));
        sent.push(request.route.into_bytes());
    }
    let mut stored = Vec::new();
    let mut folders = vec![dir.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                stored.push(std::fs::read(path).unwrap());
            }
        }
    }
    for form in [scalar.to_vec(), hex::encode(scalar).into_bytes()] {
        assert!(!holds(&sent, &form), "the key was sent");
        assert!(!holds(&stored, &form), "the key lies on the disk");
    }
    // The same search finds what is there: the public key in what was sent, the certificate's number on the disk.
    let leaf = Certificate::parse(&installed[0].chain[0]).unwrap();
    let public = kapok_protocol::point::compressed(
        &p256::ecdsa::SigningKey::from_slice(&scalar)
            .unwrap()
            .verifying_key()
            .into(),
    );
    assert!(
        holds(&sent, &public[..]),
        "the guard was told the public key"
    );
    assert!(holds(&stored, &installed[0].cert_id.0));
    let key: PublicKey = leaf.public_key().unwrap();
    let signed = lease.sign(&app.core, b"two").await.unwrap();
    key.verify(b"two", &signed.signature_der).unwrap();
}

#[tokio::test]
async fn yqq_004_offline_an_installed_certificate_is_shown_as_installed() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &Trust::new()).await;
    let app = with_pin(dir.path(), &server.url).await;
    let before = app.certificates().list().await.unwrap();
    assert_eq!(before[0].state, CertificateState::Installable);
    let view = install(&app).await.unwrap();
    drop(app);
    let offline = super::app(dir.path(), "https://127.0.0.1:1");
    assert_eq!(offline.certificates().list().await.unwrap(), [view]);
}

#[tokio::test]
async fn a_lost_receipt_is_asked_for_again_and_not_signed_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (trust, key) = (Trust::new(), device_key(dir.path()));
    // Every attempt of one call is lost after the guard counted it.
    let left = Arc::new(AtomicUsize::new(0));
    let (answering, losing) = (trust.clone(), left.clone());
    let server = Fake::start(move |asked, _| {
        let answer = answering.reply(asked, key);
        let lossy = asked.route.ends_with("/receipt") || asked.route.ends_with("/pick");
        if lossy && losing.load(Ordering::SeqCst) > 0 {
            return Reply::Lost;
        }
        answer
    })
    .await;
    let app = with_pin(dir.path(), &server.url).await;
    install(&app).await.unwrap();
    let cert = app.core.installed().await.unwrap()[0].cert_id;
    let mut lease = app.core.open_lease(pin(PIN), ask()).await.unwrap();
    left.store(1, Ordering::SeqCst);
    assert_eq!(
        lease.pick(&app.core, cert).await.unwrap_err().code,
        ErrorCode::Offline
    );
    left.store(0, Ordering::SeqCst);
    lease.pick(&app.core, cert).await.unwrap();
    left.store(1, Ordering::SeqCst);
    let lost = lease.sign(&app.core, b"one").await.err().unwrap();
    assert_eq!(lost.code, ErrorCode::Offline);
    left.store(0, Ordering::SeqCst);
    assert!(lease.sign(&app.core, b"one").await.is_ok());
    assert!(lease.sign(&app.core, b"two").await.is_ok());
    let third = lease.sign(&app.core, b"three").await.err().unwrap();
    assert_eq!(third.code, ErrorCode::LeaseOver);
}

#[tokio::test]
async fn a_logout_closes_the_lease_wherever_it_is_held() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &Trust::new()).await;
    let app = with_pin(dir.path(), &server.url).await;
    install(&app).await.unwrap();
    let cert = app.core.installed().await.unwrap()[0].cert_id;
    let mut lease = app.core.open_lease(pin(PIN), ask()).await.unwrap();
    lease.pick(&app.core, cert).await.unwrap();
    app.core.close_session().await.unwrap();
    let over = lease.sign(&app.core, b"one").await.err().unwrap();
    assert_eq!(over.code, ErrorCode::LeaseOver);
    let session = Session::new(tokens(1), account(), None);
    app.core.open_session(session, |_| Ok(())).await.unwrap();
    let over = lease.sign(&app.core, b"one").await.err().unwrap();
    assert_eq!(
        over.code,
        ErrorCode::LeaseOver,
        "the same person does not find it open again"
    );
}

/// Killed at a step of an install, before or after the server did its part; then installed again: one certificate, and once the row
/// was written always of the same key.
#[tokio::test]
async fn pin_12_killed_at_any_step_an_install_ends_with_one_certificate() {
    for route in [
        "POST /v1/face/assertions",
        "POST /v1/guard/eval",
        "POST /v1/guard/confirm",
        "POST /v1/certificates",
    ] {
        for after in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let (trust, key) = (Trust::new(), device_key(dir.path()));
            let reached = Arc::new(Notify::new());
            let armed = Arc::new(AtomicUsize::new(0));
            let (answering, tell, arm) = (trust.clone(), reached.clone(), armed.clone());
            let server = Fake::start(move |asked, _| {
                if asked.route != route || arm.swap(0, Ordering::SeqCst) == 0 {
                    return answering.reply(asked, key);
                }
                if after {
                    let _ = answering.reply(asked, key);
                }
                tell.notify_one();
                Reply::Lost
            })
            .await;
            let app = with_pin(dir.path(), &server.url).await;
            armed.store(1, Ordering::SeqCst);
            tokio::select! {
                biased;
                () = reached.notified() => {}
                done = install(&app) => panic!("{route} was not reached: {done:?}"),
            }
            drop(app);
            let app = super::app(dir.path(), &server.url);
            let row_written = route == "POST /v1/certificates";
            let held = trust.keys_held();
            let view = install(&app).await.unwrap();
            assert_eq!(view.state, CertificateState::Active, "{route}");
            assert_eq!(trust.orders().len(), 1, "{route}");
            assert_eq!(app.core.installed().await.unwrap().len(), 1, "{route}");
            if row_written {
                assert_eq!(trust.keys_held(), held, "{route}: the key was made once");
            }
            let cert = app.core.installed().await.unwrap()[0].cert_id;
            let mut lease = app.core.open_lease(pin(PIN), ask()).await.unwrap();
            lease.pick(&app.core, cert).await.unwrap();
            assert!(lease.sign(&app.core, b"one").await.is_ok(), "{route}");
        }
    }
}
