//! 登录: by a face check in the WeChat mini program (YST-003 to YST-008), or by account and password (YST-034, YST-037).
//!
//! Triggered by: 人脸识别登录 and every other act that needs a face check; 账号密码登录; the app coming back to the foreground;
//! a link.
//!
//! Outcome of a face check: [`Outcome`], by purpose. Its way: [`Login::start_face`] leaves for the mini program; the user comes
//! back by its button ([`Login::returned`]) or by hand ([`Login::resume`], then [`Login::type_code`]). The link is for speed,
//! the status for truth; neither alone releases the result.
//!
//! Exits: [`Login::cancel`]; the platform's `FACE_FAILED`, `HANDOFF_CANCELLED`, `HANDOFF_EXPIRED`, `HANDOFF_LOCKED`,
//! `HANDOFF_USED`, `IDENTITY_MISMATCH`, `FACE_LIMIT`. After a lost reply or a kill nothing is lost: the open handoff is stored
//! before the app is left, and the finish before it is sent.

pub mod state;
#[cfg(test)]
mod tests;
pub mod transitions;

use crate::app::{App, Core};
use crate::error::AppError;
use kapok_formats::identity::{IdDocument, IdKind};
use kapok_protocol::api::agents::ConsentPage;
use kapok_protocol::api::identity::{
    AccountKind, AccountView, DocumentKind, Purpose, TypedIdentity,
};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::HandoffId;
use std::sync::Arc;

/// The open face check, as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffView {
    /// Its number.
    pub handoff_id: HandoffId,
    /// What for.
    pub purpose: Purpose,
    /// Two digits; the mini program shows the same.
    pub match_code: String,
    /// Seconds until it expires, by the platform's clock.
    pub expires_in: u32,
    /// The face check has passed: ask the user for the six digits of the success page.
    pub code_asked: bool,
    /// The result is being fetched, or its answer was lost and [`Login::resume`] will ask again.
    pub finishing: bool,
}

/// What a finished face check gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Logged in.
    LoggedIn(AccountView),
    /// The page on which an invited person agrees; nothing is granted yet. Goes on in `agents`.
    Consent(Box<ConsentPage>),
    /// The check counts for its purpose; what asked for it goes on.
    Verified {
        /// What for.
        purpose: Purpose,
        /// The check, for whom it must be shown to.
        handoff_id: HandoffId,
    },
}

/// What [`Login::resume`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resumed {
    /// No face check is open, or a link has finished it meanwhile.
    Nothing,
    /// The face check has passed; the user must type the six digits.
    CodeNeeded,
    /// A finish whose answer was lost has come to its end.
    Finished(Outcome),
}

/// Handle of the capability.
#[derive(Clone)]
pub struct Login {
    core: Arc<Core>,
}

impl App {
    /// 登录.
    pub fn login(&self) -> Login {
        Login {
            core: self.core.clone(),
        }
    }
}

impl Login {
    /// Who is logged in. Offline.
    pub fn account(&self) -> Option<AccountView> {
        self.core.account()
    }

    /// 人脸识别登录. `declared` is identity typed before leaving (YST-005); without it the mini program asks (YST-004).
    ///
    /// Comes out: a stored handoff, a [`crate::ShellRequest::OpenMiniProgram`], and what to show meanwhile. An open face check
    /// is cancelled. A person who is logged in may do so again, after `FACE_AGAIN` say: the platform takes the same face only
    /// (`IDENTITY_MISMATCH`), and the enterprise stays selected. Ends in `STATE_WRONG` while an enterprise account is logged in,
    /// `INPUT_INVALID` at `declared.…`, `FACE_UNSUPPORTED` for a document that the profile does not take by face, or the platform's
    /// code.
    pub async fn start_face(
        &self,
        declared: Option<TypedIdentity>,
    ) -> Result<HandoffView, AppError> {
        let is_person = |account: AccountView| account.kind == AccountKind::Person;
        if !self.core.account().is_none_or(is_person) {
            return Err(ErrorCode::StateWrong.into());
        }
        let declared = match declared {
            Some(typed) => Some(self.check_declared(typed).await?),
            None => None,
        };
        self.core
            .start_handoff(Purpose::Login, None, declared)
            .await
    }

    /// The open face check, or nothing. Offline.
    pub async fn view(&self) -> Option<HandoffView> {
        self.core.handoff_view().await
    }

    /// Opens the mini program for the open face check once more, after WeChat failed to open.
    /// Ends in `STATE_WRONG` if none is open.
    pub async fn open_again(&self) -> Result<(), AppError> {
        self.core.open_mini_program_again().await
    }

    /// The app was opened by a link. Comes out: the outcome, or nothing if the link is no return link or belongs to no open
    /// face check (YST-008). Ends in the platform's code; after `OFFLINE` the same call, or [`Login::resume`], tries again.
    pub async fn returned(&self, link: &str) -> Result<Option<Outcome>, AppError> {
        self.core.handoff_returned(link).await
    }

    /// The user typed the six digits of the success page. Ends in `INPUT_INVALID` at `code`, `HANDOFF_PROOF` (try again),
    /// `STATE_WRONG` if no face check is open, or the platform's code.
    pub async fn type_code(&self, code: &str) -> Result<Outcome, AppError> {
        if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AppError::field("code", "format"));
        }
        self.core.handoff_typed(code).await
    }

    /// The app is in the foreground again (also after a kill). Asks where the open face check is, after 2, 4, 8 … 15 seconds
    /// again, until it has passed, failed or expired; sends a finish again whose answer was lost. May be dropped at any time.
    /// Ends in the reason why the face check is over, or `OFFLINE`.
    pub async fn resume(&self) -> Result<Resumed, AppError> {
        self.core.handoff_resume().await
    }

    /// The user gives the open face check up, here and at the platform. Ends in `STATE_WRONG` if none is open.
    pub async fn cancel(&self) -> Result<(), AppError> {
        self.core.handoff_cancel().await
    }

    /// 账号密码登录 of an enterprise account. Ends in `LOGIN_REFUSED`, `RATE_LIMITED`, `INPUT_INVALID` at `login` or
    /// `password`, or `STATE_WRONG` while somebody is logged in. Never sent twice: every sending counts as a try.
    pub async fn password(&self, login: &str, password: &str) -> Result<AccountView, AppError> {
        check_text("login", login, 64)?;
        check_text("password", password, 128)?;
        self.core.password_login(login, password).await
    }

    /// 退出登录: forgets the tokens and the open face check here, and ends the session at the platform if it can be reached.
    /// Certificates stay sealed on the phone; another account sees nothing of them.
    pub async fn logout(&self) -> Result<(), AppError> {
        self.core.logout().await
    }

    async fn check_declared(&self, typed: TypedIdentity) -> Result<TypedIdentity, AppError> {
        let typed = check_identity("declared.", typed)?;
        let profile = self.core.known_profile().await?;
        if !profile.face_documents.contains(&typed.document) {
            return Err(ErrorCode::FaceUnsupported.into());
        }
        Ok(typed)
    }
}

/// Name and document number in their normal form. `prefix` goes before the names of fields in an error.
pub(crate) fn check_identity(
    prefix: &str,
    typed: TypedIdentity,
) -> Result<TypedIdentity, AppError> {
    let field = |name: &str| format!("{prefix}{name}");
    let kind =
        id_kind(typed.document).ok_or_else(|| AppError::field(field("document"), "unknown"))?;
    let name = typed.name.trim();
    check_text(&field("name"), name, 64)?;
    let document = IdDocument::parse(kind, &typed.number)
        .map_err(|error| AppError::field(field("number"), crate::error::identity_reason(&error)))?;
    Ok(TypedIdentity {
        name: name.to_owned(),
        document: typed.document,
        number: document.number().to_owned(),
    })
}

const fn id_kind(kind: DocumentKind) -> Option<IdKind> {
    Some(match kind {
        DocumentKind::ResidentId => IdKind::ResidentId,
        DocumentKind::HkMacaoPermit => IdKind::HkMacaoPermit,
        DocumentKind::TaiwanPermit => IdKind::TaiwanPermit,
        DocumentKind::ResidencePermit => IdKind::ResidencePermit,
        DocumentKind::PermanentResidence => IdKind::PermanentResidence,
        DocumentKind::Passport => IdKind::Passport,
        DocumentKind::Unknown => return None,
    })
}

/// Some text of at most `max` characters without control characters.
pub(crate) fn check_text(field: &str, text: &str, max: usize) -> Result<(), AppError> {
    if text.is_empty() {
        return Err(AppError::field(field, "empty"));
    }
    if text.chars().count() > max {
        return Err(AppError::field(field, "too_long"));
    }
    if text.chars().any(char::is_control) {
        return Err(AppError::field(field, "format"));
    }
    Ok(())
}
