//! Open leases at their edges: time, a lost pick, a lost receipt, answers that are meant for something else.

use super::fake::{Fake, Reply};
use super::pin::{PIN, ask, pin};
use super::trust::{ENTERPRISE, HANDOFF, SECOND, Tamper, Trust, device_key, person, serve};
use super::*;
use crate::app::login::verified_cell;
use crate::ports::{Clock, Ports};
use kapok_formats::signer::PublicKey;
use kapok_protocol::api::certificates::CertificateKind;
use kapok_protocol::api::identity::Purpose;
use kapok_protocol::guard::{raw_signature, verify_receipt};
use kapok_protocol::ids::EnterpriseId;
use sha2::{Digest, Sha256};
use std::sync::atomic::AtomicU64;

/// A server whose answers to these routes are lost while the switch is on.
async fn losing(
    dir: &Path,
    trust: &Arc<Trust>,
    ends: &'static [&'static str],
) -> (Fake, Arc<AtomicBool>) {
    let (answering, key) = (trust.clone(), device_key(dir));
    let lost = Arc::new(AtomicBool::new(false));
    let switch = lost.clone();
    let server = Fake::start(move |asked, _| {
        let answer = answering.reply(asked, key);
        let here = ends.iter().any(|end| asked.route.ends_with(end));
        if here && switch.load(Ordering::SeqCst) {
            return Reply::Lost;
        }
        answer
    })
    .await;
    (server, lost)
}

/// A PIN, and a certificate of each of these enterprises.
async fn equipped(app: &App, enterprises: &[EnterpriseId]) {
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    for enterprise in enterprises {
        let kind = CertificateKind::Employee;
        let certificates = app.certificates();
        certificates
            .install(*enterprise, kind, pin(PIN))
            .await
            .unwrap();
    }
}

/// A clock that stands until it is moved.
struct Standing(AtomicU64);

impl Clock for Standing {
    fn unix_ms(&self) -> u64 {
        software::SystemClock::new().unix_ms()
    }
    fn monotonic_ms(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn a_lease_is_over_in_the_millisecond_of_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &Trust::new()).await;
    drop(person(dir.path(), &server.url).await);
    let clock = Arc::new(Standing(AtomicU64::new(1_000)));
    let ports = Ports {
        clock: clock.clone(),
        ..software::open(&dir.path().join("ports")).unwrap()
    };
    let app = App::open(settings(dir.path(), &server.url), ports).unwrap();
    equipped(&app, &[ENTERPRISE]).await;
    let cert = app.core.installed().await.unwrap()[0].cert_id;
    let mut lease = app.core.open_lease(pin(PIN), ask()).await.unwrap();
    lease.pick(&app.core, cert).await.unwrap();
    let end = lease.expires_monotonic_ms();
    clock.0.store(end - 1, Ordering::SeqCst);
    lease.sign(&app.core, b"one").await.unwrap();
    clock.0.store(end, Ordering::SeqCst);
    let over = lease.sign(&app.core, b"two").await.err().unwrap();
    assert_eq!(over.code, ErrorCode::LeaseOver);
    clock.0.store(end - 1, Ordering::SeqCst);
    let wiped = lease.sign(&app.core, b"two").await.err().unwrap();
    assert_eq!(wiped.code, ErrorCode::LeaseOver, "its keys are gone");
}

#[tokio::test]
async fn a_lost_pick_is_asked_again_for_the_same_certificate_only() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    trust.serve_two();
    let (server, lost) = losing(dir.path(), &trust, &["/pick"]).await;
    let app = person(dir.path(), &server.url).await;
    equipped(&app, &[ENTERPRISE, SECOND]).await;
    let installed = app.core.installed().await.unwrap();
    let (one, other) = (installed[0].cert_id, installed[1].cert_id);
    let mut lease = app.core.open_lease(pin(PIN), ask()).await.unwrap();
    lost.store(true, Ordering::SeqCst);
    let error = lease.pick(&app.core, one).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Offline);
    lost.store(false, Ordering::SeqCst);
    let error = lease.pick(&app.core, other).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::StateWrong);
    lease.pick(&app.core, one).await.unwrap();
}

#[tokio::test]
async fn pin_31_a_lost_receipt_is_of_its_own_message() {
    let dir = tempfile::tempdir().unwrap();
    let (server, lost) = losing(dir.path(), &Trust::new(), &["/receipt"]).await;
    let app = person(dir.path(), &server.url).await;
    equipped(&app, &[ENTERPRISE]).await;
    let installed = app.core.installed().await.unwrap();
    let key = PublicKey::from_spki_der(
        kapok_formats::x509::Certificate::parse(&installed[0].chain[0])
            .unwrap()
            .spki_der(),
    )
    .unwrap();
    let mut lease = app.core.open_lease(pin(PIN), ask()).await.unwrap();
    lease.pick(&app.core, installed[0].cert_id).await.unwrap();
    lost.store(true, Ordering::SeqCst);
    let error = lease.sign(&app.core, b"one").await.err().unwrap();
    assert_eq!(error.code, ErrorCode::Offline);
    let again = lease.receive(&app.core).await.err().unwrap();
    assert_eq!(again.code, ErrorCode::Offline, "what was begun is kept");
    lost.store(false, Ordering::SeqCst);
    let two = lease.sign(&app.core, b"two").await.unwrap();
    key.verify(b"two", &two.signature_der).unwrap();
    let digest: [u8; 32] = Sha256::digest(b"two").into();
    let raw = raw_signature(&two.signature_der).unwrap();
    let receipt = verify_receipt(&two.receipt, &Trust::guard_key(), &digest, &raw).unwrap();
    assert_eq!(receipt.n, 2, "the first number went to the first message");
    let none = lease.receive(&app.core).await.err().unwrap();
    assert_eq!(none.code, ErrorCode::StateWrong);
}

#[tokio::test]
async fn pin_15_a_face_statement_or_proof_for_something_else_is_refused() {
    for tamper in [Tamper::FirstSetAccount, Tamper::FirstSetKey] {
        let dir = tempfile::tempdir().unwrap();
        let trust = Trust::new();
        let server = serve(dir.path(), &trust).await;
        let app = person(dir.path(), &server.url).await;
        trust.tamper(tamper);
        let error = app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::GuardTampered, "{tamper:?}");
    }
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = person(dir.path(), &server.url).await;
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    let verified = verified_cell(Purpose::PinReset);
    app.core.store.set(verified, HANDOFF).await.unwrap();
    let elsewhere = DeviceId([0x77; 16]);
    for tamper in [
        Tamper::AssertionPurpose,
        Tamper::AssertionAccount,
        Tamper::AssertionReference,
    ] {
        trust.tamper(tamper);
        let error = app.vault().report_loss(elsewhere).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::GuardTampered, "{tamper:?}");
        let reset = app.vault().finish_reset_with(pin(PIN), pin(PIN)).await;
        assert_eq!(
            reset.unwrap_err().code,
            ErrorCode::GuardTampered,
            "{tamper:?}"
        );
    }
    trust.tamper(Tamper::None);
    let error = app.vault().report_loss(elsewhere).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound, "it went out");
    for tamper in [Tamper::ProofAccount, Tamper::ProofKind] {
        trust.tamper(tamper);
        let error = app.core.open_lease(pin(PIN), ask()).await.err().unwrap();
        assert_eq!(error.code, ErrorCode::GuardTampered, "{tamper:?}");
    }
}

#[tokio::test]
async fn pin_12_a_reset_goes_on_with_its_number_until_the_guard_calls_it_stale() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = person(dir.path(), &server.url).await;
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    let before = server.seen("POST /v1/face/assertions").len();
    let verified = verified_cell(Purpose::PinReset);
    app.core.store.set(verified, HANDOFF).await.unwrap();
    let finish = || async {
        let done = app.vault().finish_reset_with(pin(PIN), pin(PIN)).await;
        done.unwrap_err().code
    };
    let asked = || server.seen("POST /v1/face/assertions").len() - before;
    // The fake guard knows no reset.
    assert_eq!(finish().await, ErrorCode::NotFound);
    assert_eq!(asked(), 2);
    assert_eq!(finish().await, ErrorCode::NotFound);
    assert_eq!(asked(), 2, "what the face service said is on the disk");
    trust.refuse_resets(ErrorCode::GuardStale);
    assert_eq!(finish().await, ErrorCode::HandoffExpired);
    assert_eq!(
        finish().await,
        ErrorCode::HandoffUnknown,
        "only another face check helps"
    );
}

#[tokio::test]
async fn pin_17_a_stop_code_that_nobody_knows_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &Trust::new()).await;
    let app = person(dir.path(), &server.url).await;
    let code = kapok_protocol::guard::Code::new([7; 10]).text().to_string();
    let error = app.vault().stop_reset(&code).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
    assert_eq!(server.seen("POST /v1/resets/stop").len(), 1);
}
