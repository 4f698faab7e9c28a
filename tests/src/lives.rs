//! A person whose phone dies and who takes it up again: does what is missing, whatever was done before.

use crate::wire::Wire;
use crate::world::{PIN, World, first, open, pass_site_check, pin, scan};
use kapok_core::signing::{DocumentState, State};
use kapok_core::types::{CertificateKind, EnterpriseId, InviteState, PinState, SealKind};
use kapok_core::{App, AppError, ErrorCode, NextStep};
use kapok_platform::simulators::pc::PcDesk;
use kapok_platform::simulators::remote;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Builder, Handle};

/// A life that comes to no end within this time hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a person tries again before he gives up.
const TRIES: usize = 6;

/// Every so many messages the phone is killed.
const STRIDE: usize = 5;

/// Where to kill: the first message, then every so many.
pub fn kills() -> impl Iterator<Item = u64> {
    let stride = std::env::var("KAPOK_KILL_STRIDE").ok();
    let stride = stride.and_then(|text| text.parse().ok()).unwrap_or(STRIDE);
    (0..).step_by(stride)
}

/// A phone's folder and address, and the person who holds it.
#[derive(Clone)]
pub struct Holder {
    /// The phone's folder.
    pub dir: PathBuf,
    https_url: String,
    root_pem: String,
    http_url: String,
    person: &'static str,
    /// What the 返回 button of each success page opens; the person has them before him.
    pages: Arc<Mutex<HashMap<String, String>>>,
    /// Where the PC lives: it outlives the phone.
    pc: Handle,
}

impl Holder {
    /// A person with a new phone.
    pub fn new(world: &World, name: &str, person: &'static str) -> Self {
        Self {
            dir: world.dir.path().join(name),
            https_url: world.running.https_url.clone(),
            root_pem: world.running.tls_root_pem.clone(),
            http_url: world.running.http_url.clone(),
            person,
            pages: Arc::default(),
            pc: Handle::current(),
        }
    }

    /// The platform has started again, its pages elsewhere.
    pub fn moved_to(&mut self, world: &World) {
        self.http_url = world.running.http_url.clone();
    }

    /// The phone, started.
    pub fn app(&self) -> App {
        open(&self.dir, &self.https_url, &self.root_pem)
    }

    /// Passes the open face check, once.
    async fn walk(&self, handoff: &str) -> Result<String, AppError> {
        let known = self
            .pages
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(handoff)
            .cloned();
        if let Some(link) = known {
            return Ok(link);
        }
        let (url, path, person) = (
            self.http_url.clone(),
            format!("pages/face?h={handoff}"),
            self.person,
        );
        // The mini program runs in WeChat: it does not die with the phone's app.
        let walking = self
            .pc
            .spawn(async move { remote::walk(&url, &path, person).await });
        let link = walking.await.unwrap().unwrap().return_link;
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.insert(handoff.to_owned(), link.clone());
        Ok(link)
    }

    /// Comes back from the open face check, or finds that it has come to its end.
    async fn finish_face(&self, app: &App) -> Result<(), AppError> {
        let Some(view) = app.login().view().await else {
            return Ok(());
        };
        if view.finishing {
            return app.login().resume().await.map(drop);
        }
        let link = self.walk(&view.handoff_id.to_string()).await?;
        app.login().returned(&link).await.map(drop)
    }

    /// Consent and login by face.
    pub async fn log_in(&self, app: &App) -> Result<(), AppError> {
        let notice = app.privacy();
        if !notice.agreed {
            app.agree_privacy(&notice.version).await?;
        }
        app.profile().await?;
        for _ in 0..TRIES {
            if app.login().account().is_some() {
                return Ok(());
            }
            if app.login().view().await.is_none() {
                app.login().start_face(None).await?;
            }
            self.finish_face(app).await?;
        }
        Err(ErrorCode::LoginRequired.into())
    }

    /// Enterprise, PIN, certificate, seal: what is there stays.
    pub async fn equip(&self, app: &App) -> Result<EnterpriseId, AppError> {
        self.log_in(app).await?;
        let enterprise = match app.enterprises().current().await? {
            Some(current) => current.enterprise_id,
            None => {
                let found = app.enterprises().list().await?;
                let company = found.iter().find(|e| e.name.contains("公司")).unwrap();
                app.enterprises()
                    .select(company.enterprise_id)
                    .await?
                    .enterprise_id
            }
        };
        if app.vault().pin_state().await? == PinState::Unset {
            app.vault().set_pin(pin(PIN), pin(PIN)).await?;
        }
        let kind = CertificateKind::Organisation;
        if app.certificates().chain(enterprise, kind).await?.is_empty() {
            app.certificates()
                .install(enterprise, kind, pin(PIN))
                .await?;
        }
        if app.seals().list().await?.is_empty() {
            let preview = app
                .seals()
                .preview(enterprise, SealKind::Organisation)
                .await?;
            app.seals().generate(preview.preview_id).await?;
        }
        Ok(enterprise)
    }

    /// A new PIN by face: goes on with a check that has passed, else makes one.
    pub async fn reset_pin(&self, app: &App, new: [u8; 6]) -> Result<(), AppError> {
        self.log_in(app).await?;
        let vault = app.vault();
        match vault.finish_reset_with(pin(new), pin(new)).await {
            Err(error) if error.next() == NextStep::FaceCheck => {}
            done => return done,
        }
        for _ in 0..TRIES {
            if app.login().view().await.is_none() {
                vault.start_reset(pin(new), pin(new)).await?;
            }
            self.finish_face(app).await?;
            match vault.finish_reset_with(pin(new), pin(new)).await {
                Err(error) if error.next() == NextStep::FaceCheck => {}
                done => return done,
            }
        }
        Err(ErrorCode::HandoffUnknown.into())
    }

    /// Opens the invite's link, passes the face check and agrees.
    pub async fn accept(&self, app: &App, link: &str) -> Result<(), AppError> {
        self.log_in(app).await?;
        for _ in 0..TRIES {
            if app.agents().consent().await.is_some() {
                let answered = app.agents().answer(true).await?;
                assert_eq!(answered.state, InviteState::Accepted);
                return Ok(());
            }
            if app.login().view().await.is_some() {
                self.finish_face(app).await?;
                continue;
            }
            let page = app.agents().open_link(link).await?.unwrap();
            if page.state == InviteState::Accepted {
                return Ok(());
            }
            app.agents().accept().await?;
        }
        Err(ErrorCode::InviteMismatch.into())
    }

    /// Scans the page of the desk and signs what it holds.
    pub async fn sign(&self, app: &App, desk: &PcDesk) -> Result<(), AppError> {
        self.log_in(app).await?;
        let desk = desk.clone();
        let opening = self.pc.spawn(async move {
            let mut pc = desk.open().await.unwrap();
            let text = pc.frame().await.unwrap();
            (pc, text)
        });
        let (pc, text) = opening.await.unwrap();
        let serving = self.pc.spawn(pc.serve(first));
        scan(app, &text).await;
        pass_site_check(app).await;
        app.signing().approve(pin(PIN)).await?;
        follow(app).await?;
        app.signing().disconnect().await?;
        let signed = serving.await.unwrap().unwrap();
        assert_eq!(signed.len(), 1);
        Ok(())
    }
}

/// Says yes to what the session asks, until its documents are signed.
async fn follow(app: &App) -> Result<(), AppError> {
    let mut view = app.signing().view();
    loop {
        match &view.state {
            State::Handover { .. } => app.signing().hand_over().await?,
            State::Review { batch, .. } => {
                let ready = |state| matches!(state, DocumentState::Ready | DocumentState::Amber);
                let all = batch.documents.iter();
                let docs: Vec<_> = all
                    .filter(|d| ready(d.state))
                    .map(|d| d.entry.doc)
                    .collect();
                let pulling = batch
                    .documents
                    .iter()
                    .any(|d| matches!(d.state, DocumentState::Waiting | DocumentState::Pulling));
                if !pulling && !docs.is_empty() {
                    app.signing().confirm(docs).await?;
                }
            }
            State::Connected {
                last: Some(last), ..
            } if (last.signed, last.refused) == (1, 0) => return Ok(()),
            State::Connected { last: Some(_), .. } | State::Closed { .. } => {
                return Err(AppError {
                    reason: Some(format!("{:?}", view.state)),
                    ..AppError::new(ErrorCode::StateWrong)
                });
            }
            _ => {}
        }
        if app.signing().view() == view {
            view = app.signing().changed(&view).await;
        } else {
            view = app.signing().view();
        }
    }
}

/// Runs one life of the phone on a runtime of its own and kills it when `messages` have passed; what the disk held at that moment
/// becomes the phone's folder. Gives nothing if it was killed.
pub async fn live<T, F>(
    wire: &Wire,
    holder: &mut Holder,
    messages: u64,
    life: impl FnOnce(Holder) -> F,
) -> Option<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    wire.let_pass(messages);
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let living = runtime.spawn(life(holder.clone()));
    let ended = tokio::select! {
        biased;
        () = wire.cut() => None,
        ended = living => Some(ended.unwrap()),
        () = tokio::time::sleep(PATIENCE) => panic!("killed after {messages} messages, the next life hangs"),
    };
    if ended.is_none() {
        let next = successor(&holder.dir);
        let dead = std::mem::replace(&mut holder.dir, next);
        copy(&dead, &holder.dir);
        runtime.shutdown_background();
    } else {
        tokio::task::spawn_blocking(move || drop(runtime))
            .await
            .unwrap();
    }
    ended
}

/// The folder of the next life: the same extension, counted up.
fn successor(dir: &Path) -> PathBuf {
    let life = dir.extension().and_then(|life| life.to_str()?.parse().ok());
    dir.with_extension((life.unwrap_or(0u32) + 1).to_string())
}

/// Copies what a phone's folder holds, as a kill or a thief would find it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let Ok(entries) = std::fs::read_dir(from) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        // What SQLite shares between processes is made anew by the next one.
        if entry.file_name().to_string_lossy().ends_with("-shm") {
            continue;
        }
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            std::fs::copy(path, to).unwrap();
        }
    }
}
