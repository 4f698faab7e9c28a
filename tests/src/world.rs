//! A platform with real sockets, and phones with the real core, for journeys across all rooms.

use crate::wire::Wire;
use kapok_core::ports::software;
use kapok_core::scan::{GrayFrame, Source};
use kapok_core::signing::{State, View};
use kapok_core::types::{
    CertificateKind, DocumentId, DocumentKind, EnterpriseId, NewInvite, SealKind, SealView,
};
use kapok_core::{App, AppError, Pin, Settings, ShellRequest};
use kapok_formats::sample;
use kapok_platform::clock::DemoClock;
use kapok_platform::config::StartError;
use kapok_platform::kms::TokenUri;
use kapok_platform::simulators::pc::{PcDocument, SimulatedPc};
use kapok_platform::simulators::remote;
use kapok_platform::{Config, ProfileFile, Running};
use kapok_protocol::message::{CertOffer, CertPick};
use rusqlite::{Connection, OpenFlags};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A PIN that the rules take.
pub const PIN: [u8; 6] = [8, 3, 9, 0, 6, 1];

/// A started platform with its folder.
pub struct World {
    /// The platform.
    pub running: Running,
    /// Everything on disk.
    pub dir: tempfile::TempDir,
}

/// A platform in this folder, with a clock that can be put ahead.
async fn platform(
    dir: &Path,
    https_url: Option<String>,
    token: Option<&TokenUri>,
) -> Result<Running, StartError> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config {
        dir: dir.to_owned(),
        https: any,
        http: any,
        profile: ProfileFile::yst().unwrap(),
        clock: Arc::new(DemoClock::default()),
        pki_base: "http://pki.kapok.example".to_owned(),
        guard: Default::default(),
        token: token.cloned(),
        development: true,
    };
    kapok_platform::start_behind(config, https_url).await
}

impl World {
    /// Starts a platform on free ports.
    pub async fn start() -> Self {
        Self::start_behind(None).await
    }

    /// Starts a platform that phones know by another address than its own.
    pub async fn start_behind(https_url: Option<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let running = platform(&dir.path().join("platform"), https_url, None).await;
        let running = running.unwrap();
        Self { running, dir }
    }

    /// Starts a platform at the end of a wire.
    pub async fn start_at(wire: &Wire) -> Self {
        let world = Self::start_behind(Some(wire.url())).await;
        wire.lead_to(world.running.https_at);
        world
    }

    /// The platform is stopped, `meanwhile` happens to its folder, and it comes back at the end of the wire. Its clock is right again.
    pub async fn restart_at(self, wire: &Wire, meanwhile: impl FnOnce(&Path)) -> Self {
        self.running.shutdown().await;
        let folder = self.dir.path().join("platform");
        meanwhile(&folder);
        let running = platform(&folder, Some(wire.url()), None).await.unwrap();
        wire.lead_to(running.https_at);
        Self {
            running,
            dir: self.dir,
        }
    }

    /// Starts a platform in a folder that it may know already, its guard's and face service's keys in a token.
    pub async fn start_on(dir: tempfile::TempDir, token: &TokenUri) -> Result<Self, StartError> {
        let running = platform(&dir.path().join("platform"), None, Some(token)).await?;
        Ok(Self { running, dir })
    }

    /// Lets time pass on the platform.
    pub async fn pass(&self, seconds: u32) {
        remote::pass_time(&self.running.http_url, seconds)
            .await
            .unwrap();
    }

    /// One number out of the platform's databases: `platform`, `guard` or `face`.
    pub fn count(&self, database: &str, query: &str) -> i64 {
        let path = self
            .dir
            .path()
            .join("platform")
            .join(format!("{database}.db"));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let db = Connection::open_with_flags(path, flags).unwrap();
        db.query_row(query, [], |row| row.get(0)).unwrap()
    }

    /// Opens the phone in a folder of this world; the same name again is the same phone after a restart.
    pub fn phone(&self, name: &str) -> App {
        open(
            &self.dir.path().join(name),
            &self.running.https_url,
            &self.running.tls_root_pem,
        )
    }

    /// Logs a simulated person in by face, through the mini program and back by its button.
    pub async fn log_in(&self, app: &App, person: &str) {
        app.agree_privacy(&app.privacy().version).await.unwrap();
        app.login().start_face(None).await.unwrap();
        let link = self.face(app, person).await;
        app.login().returned(&link).await.unwrap().unwrap();
    }

    /// Passes the face check that is open in the app; gives the link of the 返回 button.
    pub async fn face(&self, app: &App, person: &str) -> String {
        loop {
            if let ShellRequest::OpenMiniProgram { path, .. } = app.next_request().await {
                return remote::walk(&self.running.http_url, &path, person)
                    .await
                    .unwrap()
                    .return_link;
            }
        }
    }

    /// The logged-in legal representative invites 李娜 as an agent of the company; the link, sent.
    pub async fn invite_li_na(&self, admin: &App) -> String {
        let found = admin.enterprises().list().await.unwrap();
        let company = found.iter().find(|e| e.name.contains("公司")).unwrap();
        admin
            .enterprises()
            .select(company.enterprise_id)
            .await
            .unwrap();
        let new = NewInvite {
            name: "李娜".into(),
            document: DocumentKind::ResidentId,
            number: "440305199208274627".into(),
            phone: "13800138000".into(),
            valid_days: 30,
            scope: vec!["matters".into()],
        };
        let invite = admin.agents().invite(new).await.unwrap();
        admin.agents().share(invite.invite_id).await.unwrap();
        admin.agents().sent(invite.invite_id).await.unwrap();
        invite.link
    }

    /// 张伟 with everything: logged in, enterprise selected, PIN, certificate, seal.
    pub async fn equipped(&self, name: &str) -> (App, EnterpriseId, SealView) {
        let app = self.phone(name);
        self.log_in(&app, "张伟").await;
        let found = app.enterprises().list().await.unwrap();
        let enterprise = found
            .iter()
            .find(|e| e.name.contains("公司"))
            .unwrap()
            .enterprise_id;
        app.enterprises().select(enterprise).await.unwrap();
        app.vault().set_pin(pin(PIN), pin(PIN)).await.unwrap();
        app.certificates()
            .install(enterprise, CertificateKind::Organisation, pin(PIN))
            .await
            .unwrap();
        let preview = app
            .seals()
            .preview(enterprise, SealKind::Organisation)
            .await
            .unwrap();
        let seal = app.seals().generate(preview.preview_id).await.unwrap();
        (app, enterprise, seal)
    }

    /// Signs a document on a PC's behalf with this PIN.
    pub async fn signs(&self, app: &App, with: [u8; 6]) -> Result<(), AppError> {
        let (pc, text) = self.pc("合同.pdf", &sample::contract().unwrap()).await;
        let serving = tokio::spawn(pc.serve(first));
        scan(app, &text).await;
        pass_site_check(app).await;
        if let Err(error) = app.signing().approve(pin(with)).await {
            app.signing().disconnect().await.unwrap();
            serving.abort();
            return Err(error);
        }
        sign_all(app).await;
        // The PC leaves once it has its file, and may be gone before this phone looks.
        let last = |s: &State| match s {
            State::Connected { last, .. } | State::Closed { last, .. } => *last,
            _ => None,
        };
        let view = until(app, |s| last(s).is_some()).await;
        assert_eq!(last(&view.state).unwrap().signed, 1);
        if !matches!(view.state, State::Closed { .. }) {
            app.signing().disconnect().await?;
        }
        assert_eq!(serving.await.unwrap().unwrap().len(), 1);
        Ok(())
    }

    /// A PC page without a browser, with one document, and the text of its code.
    pub async fn pc(&self, name: &str, pdf: &[u8]) -> (SimulatedPc, String) {
        let document = PcDocument {
            name: name.to_owned(),
            bytes: pdf.to_vec(),
        };
        let mut pc = SimulatedPc::open(&self.running.http_url, vec![document])
            .await
            .unwrap();
        let text = pc.frame().await.unwrap();
        (pc, text)
    }
}

/// Opens the phone of a folder.
pub fn open(dir: &Path, https_url: &str, root_pem: &str) -> App {
    let settings = Settings {
        dir: dir.to_owned(),
        platform_url: https_url.to_owned(),
        trust_roots_pem: vec![root_pem.to_owned()],
        locale: "zh-CN".to_owned(),
        device_label: "journey".to_owned(),
        app_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    App::open(settings, software::open(dir).unwrap()).unwrap()
}

/// A typed PIN.
pub fn pin(digits: [u8; 6]) -> Pin {
    Pin::from_digits(&digits).unwrap()
}

/// The phone looks at the code as pixels and opens the session.
pub async fn scan(app: &App, text: &str) {
    let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M).unwrap();
    let side = (code.width() + 8) * 6;
    let colors = code.to_colors();
    let dark = |x: usize, y: usize| {
        let (x, y) = ((x / 6).wrapping_sub(4), (y / 6).wrapping_sub(4));
        x < code.width() && y < code.width() && colors[y * code.width() + x] == qrcode::Color::Dark
    };
    let gray: Vec<u8> = (0..side * side)
        .map(|i| if dark(i % side, i / side) { 0 } else { 255 })
        .collect();
    let frame = GrayFrame::new(&gray, side, side, side).unwrap();
    app.signing().scan(frame, Source::Camera).await.unwrap();
}

/// Waits for a state of the session; 30 seconds at most.
pub async fn until(app: &App, wanted: impl Fn(&State) -> bool) -> View {
    let wait = async {
        let mut view = app.signing().view();
        while !wanted(&view.state) {
            view = app.signing().changed(&view).await;
        }
        view
    };
    let waited = tokio::time::timeout(Duration::from_secs(30), wait).await;
    waited.unwrap_or_else(|_| panic!("the session stays in {:?}", app.signing().view().state))
}

/// Answers the address check rightly, where it is asked.
pub async fn pass_site_check(app: &App) {
    let view = until(app, |s| {
        matches!(
            s,
            State::SiteCheck { .. } | State::Approve { .. } | State::Closed { .. }
        )
    })
    .await;
    if let State::SiteCheck { rp, .. } = view.state {
        app.signing().choose_site(rp.origin).await.unwrap();
    }
}

/// Hands over, waits for the documents, confirms all of them.
pub async fn sign_all(app: &App) {
    until(app, |s| {
        matches!(s, State::Handover { .. } | State::Closed { .. })
    })
    .await;
    app.signing().hand_over().await.unwrap();
    let docs = documents(app).await;
    app.signing().confirm(docs).await.unwrap();
}

/// The documents that are ready to be confirmed.
pub async fn documents(app: &App) -> Vec<DocumentId> {
    use kapok_core::signing::DocumentState as D;
    let ready = |s: &State| match s {
        State::Review { batch, .. } => batch
            .documents
            .iter()
            .all(|d| matches!(d.state, D::Ready | D::Amber | D::Refused(_))),
        State::Closed { .. } => true,
        _ => false,
    };
    match until(app, ready).await.state {
        State::Review { batch, .. } => batch.documents.iter().map(|d| d.entry.doc).collect(),
        other => panic!("no review: {other:?}"),
    }
}

/// The person at the PC takes the first certificate and its first seal.
pub fn first(offers: &[CertOffer]) -> CertPick {
    let offer = &offers[0];
    CertPick {
        es_id: offer.seals.first().map(|seal| seal.es_id.clone()),
        handle: offer.handle,
    }
}
