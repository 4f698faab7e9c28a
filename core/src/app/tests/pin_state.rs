//! What the phone says of its PIN when a commit's answer was lost, when the guard cannot be asked, and what screens are told.

use super::fake::{Fake, Reply};
use super::pin::{PIN, ask, pin};
use super::trust::{Tamper, Trust, device_key, person, serve};
use super::*;
use crate::vault::PinState;
use std::sync::atomic::AtomicBool;
use tokio::sync::Notify;

/// A guard whose STATE can be out of reach, and a phone whose first COMMIT had no answer.
struct Cut {
    dir: tempfile::TempDir,
    trust: Arc<Trust>,
    server: Fake,
    offline: Arc<AtomicBool>,
}

impl Cut {
    /// `committed`: whether the guard did its part.
    async fn new(committed: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (trust, key) = (Trust::new(), device_key(dir.path()));
        let offline = Arc::new(AtomicBool::new(false));
        let reached = Arc::new(Notify::new());
        let cut = AtomicBool::new(false);
        let (answering, away, tell) = (trust.clone(), offline.clone(), reached.clone());
        let server = Fake::start(move |asked, _| {
            if asked.route == "POST /v1/guard/state" && away.load(Ordering::SeqCst) {
                return Reply::Lost;
            }
            if asked.route == "POST /v1/guard/commit" && !cut.swap(true, Ordering::SeqCst) {
                if committed {
                    let _ = answering.reply(asked, key);
                }
                tell.notify_one();
                return Reply::Lost;
            }
            answering.reply(asked, key)
        })
        .await;
        let app = person(dir.path(), &server.url).await;
        tokio::select! {
            biased;
            () = reached.notified() => {}
            done = async { app.vault().set_pin(pin(PIN), pin(PIN)).await } => panic!("{done:?}"),
        }
        drop(app);
        Self {
            dir,
            trust,
            server,
            offline,
        }
    }

    fn app(&self) -> App {
        super::app(self.dir.path(), &self.server.url)
    }

    fn offline(&self, away: bool) {
        self.offline.store(away, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn pin_12_a_commit_without_an_answer_waits_until_the_guard_can_be_asked() {
    let cut = Cut::new(true).await;
    let app = cut.app();
    cut.offline(true);
    assert_eq!(app.vault().pin_state().await.unwrap(), PinState::Setting);
    let error = app.core.open_lease(pin(PIN), ask()).await.err().unwrap();
    assert_eq!(error.code, ErrorCode::Offline);
    cut.offline(false);
    let state = app.vault().pin_state().await.unwrap();
    assert!(matches!(state, PinState::Set { .. }), "{state:?}");
    assert!(app.core.open_lease(pin(PIN), ask()).await.is_ok());
}

#[tokio::test]
async fn pin_12_a_guard_that_does_not_know_the_phone_has_committed_nothing() {
    for unknown in [
        ErrorCode::PinUnset,
        ErrorCode::NotFound,
        ErrorCode::GuardRefused,
    ] {
        let cut = Cut::new(false).await;
        cut.trust.forget(Some(unknown));
        let app = cut.app();
        let state = app.vault().pin_state().await.unwrap();
        assert_eq!(state, PinState::Unset, "{unknown}");
        cut.trust.forget(None);
        app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    }
    let cut = Cut::new(false).await;
    cut.trust.forget(Some(ErrorCode::RateLimited));
    let error = cut.app().vault().pin_state().await.unwrap_err();
    assert_eq!(
        error.code,
        ErrorCode::RateLimited,
        "which says nothing of the PIN"
    );
}

#[tokio::test]
async fn yqq_007_a_set_pin_is_shown_as_set_while_the_guard_cannot_be_asked() {
    let cut = Cut::new(true).await;
    let app = cut.app();
    app.vault().pin_state().await.unwrap();
    cut.offline(true);
    let unknown = PinState::Set {
        tries_left: None,
        wait_seconds: 0,
    };
    assert_eq!(app.vault().pin_state().await.unwrap(), unknown);
    cut.offline(false);
    cut.trust.forget(Some(ErrorCode::RateLimited));
    let error = app.vault().pin_state().await.unwrap_err();
    assert_eq!(error.code, ErrorCode::RateLimited);
}

/// The events that wait.
async fn told(app: &App) -> Vec<events::Event> {
    let mut found = Vec::new();
    loop {
        tokio::select! {
            biased;
            event = app.next_event() => found.push(event),
            () = std::future::ready(()) => return found,
        }
    }
}

#[tokio::test]
async fn screens_are_told_of_a_pin_that_changes_and_of_none_that_stays() {
    let dir = tempfile::tempdir().unwrap();
    let trust = Trust::new();
    let server = serve(dir.path(), &trust).await;
    let app = person(dir.path(), &server.url).await;
    told(&app).await;
    app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
    let changes = |told: &[events::Event]| {
        let changed = |event: &&events::Event| matches!(event, events::Event::VaultChanged);
        told.iter().filter(changed).count()
    };
    assert!(changes(&told(&app).await) > 0);
    app.vault().pin_state().await.unwrap();
    assert_eq!(changes(&told(&app).await), 0);
}

#[tokio::test]
async fn pin_15_a_word_for_another_account_staging_or_slot_sets_no_pin() {
    for tamper in [
        Tamper::TicketRequest,
        Tamper::TicketAccount,
        Tamper::TicketStage,
        Tamper::CommitAccount,
        Tamper::CommitSlot,
    ] {
        let dir = tempfile::tempdir().unwrap();
        let trust = Trust::new();
        let server = serve(dir.path(), &trust).await;
        let app = person(dir.path(), &server.url).await;
        trust.tamper(tamper);
        let error = app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::GuardTampered, "{tamper:?}");
        let commits = server.seen("POST /v1/guard/commit").len();
        let of_face = matches!(
            tamper,
            Tamper::TicketRequest | Tamper::TicketAccount | Tamper::TicketStage
        );
        assert_eq!(commits == 0, of_face, "{tamper:?}");
    }
}
