//! Does what the screens ask for, on tokio, and sends the answer back as an action. No decision is made here.

use super::model::{Action, Effect, Reply, Start};
use super::pages::seals::{Preview, Seal};
use super::pictures::Picture;
use crate::picture;
use kapok_core::scan::Source;
use kapok_core::signing::ScanResult;
use kapok_core::{App, AppError, ErrorCode};
use kapok_platform::simulators::remote;
use std::path::PathBuf;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use zeroize::Zeroizing;

/// Width of a drawn page, in pixels: enough for half blocks on a wide terminal and for a graphics protocol.
const PAGE_WIDTH: u32 = 1240;

/// Runs effects.
pub struct Runner {
    app: App,
    send: UnboundedSender<Action>,
    waiting: Option<AbortHandle>,
}

impl Runner {
    /// Sends answers to `send`.
    pub const fn new(app: App, send: UnboundedSender<Action>) -> Self {
        Self {
            app,
            send,
            waiting: None,
        }
    }

    /// Starts an effect. Only one waits for the face check at a time.
    pub fn run(&mut self, effect: Effect) {
        let (app, send) = (self.app.clone(), self.send.clone());
        if matches!(effect, Effect::ResumeFace) {
            let waiting = tokio::spawn(async move {
                // Nobody listens any more when the phone is being closed.
                let _ = send.send(Action::Resumed(app.login().resume().await));
            });
            if let Some(earlier) = self.waiting.replace(waiting.abort_handle()) {
                earlier.abort();
            }
            return;
        }
        if matches!(effect, Effect::CancelFace)
            && let Some(waiting) = self.waiting.take()
        {
            waiting.abort();
        }
        tokio::spawn(async move {
            let answer = perform(&app, effect).await;
            let _ = send.send(answer.map_or_else(Action::Failed, Action::Reply));
        });
    }
}

async fn perform(app: &App, effect: Effect) -> Result<Reply, AppError> {
    match effect {
        Effect::Start => start(app).await,
        Effect::LoadPrivacy => Ok(Reply::Privacy(app.privacy())),
        Effect::Agree(version) => {
            app.agree_privacy(&version).await?;
            app.profile().await?;
            Ok(Reply::Agreed)
        }
        Effect::Withdraw => {
            app.withdraw_privacy().await?;
            Ok(Reply::Privacy(app.privacy()))
        }
        Effect::Password(login, password) => Ok(Reply::LoggedIn(
            app.login().password(&login, &password).await?,
        )),
        Effect::Logout => app.login().logout().await.map(|()| Reply::Done),
        Effect::LoadUnfinished => Ok(Reply::Unfinished(app.signing().unfinished().await?)),
        effect => face(app, effect).await,
    }
}

async fn start(app: &App) -> Result<Reply, AppError> {
    let start = Start {
        privacy: app.privacy(),
        account: app.login().account(),
        // Without a login there is none; that is no error here.
        enterprise: app.enterprises().current().await.unwrap_or(None),
        handoff: app.login().view().await,
        consent: app.agents().consent().await,
        unfinished: app.signing().unfinished().await?,
    };
    Ok(Reply::Started(Box::new(start)))
}

async fn face(app: &App, effect: Effect) -> Result<Reply, AppError> {
    let login = app.login();
    match effect {
        Effect::StartFace(declared) => Ok(Reply::FaceOpened(login.start_face(declared).await?)),
        Effect::OpenAgain => login.open_again().await.map(|()| Reply::Done),
        Effect::LoadFace => Ok(Reply::Face(login.view().await)),
        Effect::CancelFace => login.cancel().await.map(|()| Reply::Done),
        Effect::Return(text) => {
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                return Ok(Reply::Outcome(login.type_code(&text).await?));
            }
            Ok(login
                .returned(&text)
                .await?
                .map_or(Reply::LinkUnknown, Reply::Outcome))
        }
        effect => enterprise(app, effect).await,
    }
}

async fn enterprise(app: &App, effect: Effect) -> Result<Reply, AppError> {
    let enterprises = app.enterprises();
    match effect {
        Effect::LoadEnterprises => Ok(Reply::Enterprises(enterprises.list().await?)),
        Effect::LoadCurrent => Ok(Reply::Current(enterprises.current().await?)),
        Effect::Select(id) => Ok(Reply::Selected(enterprises.select(id).await?)),
        Effect::Add(uscc) => {
            let added = enterprises.add(&uscc).await?;
            Ok(Reply::Selected(
                enterprises.select(added.enterprise_id).await?,
            ))
        }
        Effect::Search(query) => Ok(Reply::Hits(enterprises.search(&query).await?)),
        Effect::Register(name, uscc) => {
            let registered = enterprises.register(&name, &uscc).await?;
            Ok(Reply::Selected(
                enterprises.select(registered.enterprise_id).await?,
            ))
        }
        Effect::AskLink(login, name) => enterprises
            .ask_link(&login, &name)
            .await
            .map(|_| Reply::LinkAsked),
        Effect::LoadLinks => Ok(Reply::Links(enterprises.links().await?)),
        Effect::AnswerLink(link, agree) => {
            enterprises.answer_link(link, agree).await?;
            Ok(Reply::Links(enterprises.links().await?))
        }
        effect => agents(app, effect).await,
    }
}

async fn agents(app: &App, effect: Effect) -> Result<Reply, AppError> {
    let agents = app.agents();
    match effect {
        Effect::LoadAgents => {}
        Effect::Invite(new) => return Ok(Reply::Invited(agents.invite(new).await?)),
        Effect::AskAuthentication => return Ok(Reply::Invited(agents.ask_authentication().await?)),
        Effect::Share(invite) => return agents.share(invite).await.map(|()| Reply::Done),
        Effect::Sent(invite) => agents.sent(invite).await?,
        Effect::RevokeInvite(invite) => agents.revoke_invite(invite).await?,
        Effect::RevokeGrant(grant) => agents.revoke_grant(grant).await?,
        Effect::OpenLink(link) => return Ok(Reply::Invite(agents.open_link(&link).await?)),
        Effect::Accept => return Ok(Reply::FaceOpened(agents.accept().await?)),
        Effect::Answer(agree) => return Ok(Reply::Answered(agents.answer(agree).await?)),
        Effect::Leave => return agents.leave().await.map(|()| Reply::Done),
        effect => return credentials(app, effect).await,
    }
    Ok(Reply::Agents(agents.list().await?))
}

async fn credentials(app: &App, effect: Effect) -> Result<Reply, AppError> {
    let vault = app.vault();
    match effect {
        Effect::LoadPin => return Ok(Reply::Pin(vault.pin_state().await?)),
        Effect::CheckPin(pin) => return vault.check_pin(&pin).map(|()| Reply::PinFits(pin)),
        Effect::SetPin(first, repeat) => vault.set_pin(first, repeat).await?,
        Effect::ChangePin(old, first, repeat) => vault.change_pin(old, first, repeat).await?,
        Effect::StartReset(first, repeat) => {
            return Ok(Reply::FaceOpened(vault.start_reset(first, repeat).await?));
        }
        Effect::FinishReset => match vault.finish_reset().await {
            Err(error) if error.code == ErrorCode::PinRequired => return Ok(Reply::PinAgain),
            done => done?,
        },
        Effect::FinishResetWith(first, repeat) => vault.finish_reset_with(first, repeat).await?,
        effect => return loss(app, effect).await,
    }
    Ok(Reply::PinSet)
}

async fn loss(app: &App, effect: Effect) -> Result<Reply, AppError> {
    let vault = app.vault();
    match effect {
        Effect::LoadPhones => Ok(Reply::Phones(vault.phones().await?)),
        Effect::ReportLoss(device) => {
            vault.report_loss(device).await?;
            Ok(Reply::ReportedLoss)
        }
        Effect::ReportLossByCode(owner, code) => {
            vault.report_loss_by_code(owner, &code).await?;
            Ok(Reply::ReportedLoss)
        }
        Effect::RevocationCode(pin) => {
            let code = vault.revocation_code(pin).await?;
            Ok(Reply::RevocationCode(Zeroizing::new(code)))
        }
        Effect::ObjectToLoss(pin) => vault.object_to_loss(pin).await.map(|()| Reply::Objected),
        Effect::StopReset(code) => vault.stop_reset(&code).await.map(|()| Reply::StoppedReset),
        Effect::PassTime(simulators, seconds) => {
            let passed = remote::pass_time(&simulators, seconds).await;
            Ok(Reply::TimePassed(passed.is_ok()))
        }
        effect => papers(app, effect).await,
    }
}

async fn papers(app: &App, effect: Effect) -> Result<Reply, AppError> {
    match effect {
        Effect::LoadCertificates => Ok(Reply::Certificates(app.certificates().list().await?)),
        Effect::Install(enterprise, kind, pin) => {
            let installed = app.certificates().install(enterprise, kind, pin).await?;
            Ok(Reply::Installed(Box::new(installed)))
        }
        Effect::LoadSeals => Ok(Reply::Seals(
            app.seals().list().await?.iter().map(Seal::new).collect(),
        )),
        Effect::Preview(enterprise, kind) => Ok(Reply::Preview(Preview::new(
            &app.seals().preview(enterprise, kind).await?,
        ))),
        Effect::Generate(preview) => app
            .seals()
            .generate(preview)
            .await
            .map(|_| Reply::Generated),
        effect => signing(app, effect).await,
    }
}

async fn signing(app: &App, effect: Effect) -> Result<Reply, AppError> {
    let signing = app.signing();
    match effect {
        Effect::Scan(path) => return scan(app, path).await,
        Effect::ChooseSite(origin) => signing.choose_site(origin).await?,
        Effect::Approve(pin) => signing.approve(pin).await?,
        Effect::HandOver => signing.hand_over().await?,
        Effect::DrawPage(doc, index) => {
            let page = signing.page(doc, index, PAGE_WIDTH).await?;
            let picture = Picture::page(page).ok_or(ErrorCode::Internal)?;
            return Ok(Reply::Page(doc, index, picture));
        }
        Effect::Refuse(doc) => signing.refuse(doc).await?,
        Effect::Sign(docs) => signing.confirm(docs).await?,
        Effect::Disconnect => signing.disconnect().await?,
        _ => {}
    }
    Ok(Reply::Done)
}

async fn scan(app: &App, path: PathBuf) -> Result<Reply, AppError> {
    let read = tokio::task::spawn_blocking(move || picture::read(&path)).await;
    let gray = match read.map_err(|_| AppError::from(ErrorCode::Internal))? {
        Ok(gray) => gray,
        Err(failure) => return Ok(Reply::Unreadable(failure)),
    };
    let frame = match picture::frame(&gray) {
        Ok(frame) => frame,
        Err(failure) => return Ok(Reply::Unreadable(failure)),
    };
    // A screenshot stands in for the camera: this is a development tool, and its help says so.
    match app.signing().scan(frame, Source::Camera).await? {
        ScanResult::Connecting { .. } => Ok(Reply::Scanned(true)),
        ScanResult::Nothing => Ok(Reply::Scanned(false)),
    }
}
