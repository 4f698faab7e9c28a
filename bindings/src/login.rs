//! 登录: by a face check in the WeChat mini program, or by account and password.

use crate::agents::ConsentView;
use crate::error::KapokError;
use crate::runtime::{CancelToken, run, run_until};
use kapok_core::App;
use kapok_core::login::{HandoffView, Outcome, Resumed};
use kapok_core::types::{
    AccountId, AccountKind, AccountView, DocumentKind, HandoffId, Purpose, TypedIdentity,
};
use std::sync::Arc;

/// What a face check is for.
#[uniffi::remote(Enum)]
pub enum Purpose {
    Login,
    AcceptInvite,
    EnterpriseAuth,
    AddSelf,
    PinReset,
    VerifyAgent,
    Transfer,
}

/// A kind of identity document.
#[uniffi::remote(Enum)]
pub enum DocumentKind {
    /// 居民身份证.
    ResidentId,
    /// 港澳居民来往内地通行证.
    HkMacaoPermit,
    /// 台湾居民来往大陆通行证.
    TaiwanPermit,
    /// 港澳台居民居住证.
    ResidencePermit,
    /// 外国人永久居留身份证.
    PermanentResidence,
    /// 护照.
    Passport,
    /// A kind that this version does not know.
    Unknown,
}

/// Whose account.
#[uniffi::remote(Enum)]
pub enum AccountKind {
    Person,
    Enterprise,
}

/// An account as its owner sees it.
#[uniffi::remote(Record)]
pub struct AccountView {
    /// Its number.
    pub account_id: AccountId,
    /// Person or enterprise account.
    pub kind: AccountKind,
    /// Masked: 张*, or the enterprise's registered name.
    pub display_name: String,
}

/// Identity as a person types it.
#[uniffi::remote(Record)]
pub struct TypedIdentity {
    /// Name as on the document.
    pub name: String,
    /// Kind of document.
    pub document: DocumentKind,
    /// Number as on the document.
    pub number: String,
}

/// The open face check, as a screen shows it.
#[uniffi::remote(Record)]
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
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum LoginOutcome {
    /// Logged in.
    LoggedIn {
        /// Who.
        account: AccountView,
    },
    /// The page on which an invited person agrees; nothing is granted yet. Goes on in [`crate::Agents`].
    Consent {
        /// The page.
        page: ConsentView,
    },
    /// The check counts for its purpose; what asked for it goes on.
    Verified {
        /// What for.
        purpose: Purpose,
        /// The check.
        handoff_id: HandoffId,
    },
}

impl From<Outcome> for LoginOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::LoggedIn(account) => Self::LoggedIn { account },
            Outcome::Consent(page) => Self::Consent {
                page: (*page).into(),
            },
            Outcome::Verified {
                purpose,
                handoff_id,
            } => Self::Verified {
                purpose,
                handoff_id,
            },
        }
    }
}

/// What [`Login::resume`] found.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum LoginResumed {
    /// No face check is open, or a link has finished it meanwhile.
    Nothing,
    /// The face check has passed; the user must type the six digits.
    CodeNeeded,
    /// A finish whose answer was lost has come to its end.
    Finished {
        /// How.
        outcome: LoginOutcome,
    },
}

impl From<Resumed> for LoginResumed {
    fn from(resumed: Resumed) -> Self {
        match resumed {
            Resumed::Nothing => Self::Nothing,
            Resumed::CodeNeeded => Self::CodeNeeded,
            Resumed::Finished(outcome) => Self::Finished {
                outcome: outcome.into(),
            },
        }
    }
}

/// 登录.
#[derive(uniffi::Object)]
pub struct Login(kapok_core::login::Login);

impl Login {
    pub(crate) fn of(app: &App) -> Arc<Self> {
        Arc::new(Self(app.login()))
    }
}

#[uniffi::export]
impl Login {
    /// Who is logged in. Offline.
    pub fn account(&self) -> Option<AccountView> {
        self.0.account()
    }

    /// 人脸识别登录. `declared` is identity typed before leaving; without it the mini program asks. An open face check is
    /// cancelled. A person who is logged in may do so again (`FACE_AGAIN`); the platform takes the same face only. Comes out: what to show meanwhile, and a [`crate::ShellRequest::OpenMiniProgram`]. Ends in `STATE_WRONG` while
    /// an enterprise account is logged in, `INPUT_INVALID` at `declared.…`, `FACE_UNSUPPORTED`, or the platform's code.
    #[uniffi::method(default(declared = None))]
    pub async fn start_face(
        &self,
        declared: Option<TypedIdentity>,
    ) -> Result<HandoffView, KapokError> {
        run(self.0.clone(), |login| async move {
            login.start_face(declared).await
        })
        .await
    }

    /// The open face check, or nothing. Offline.
    pub async fn view(&self) -> Result<Option<HandoffView>, KapokError> {
        run(
            self.0.clone(),
            |login| async move { Ok(login.view().await) },
        )
        .await
    }

    /// Opens the mini program for the open face check once more, after WeChat failed to open. Ends in `STATE_WRONG` if none is
    /// open.
    pub async fn open_again(&self) -> Result<(), KapokError> {
        run(
            self.0.clone(),
            |login| async move { login.open_again().await },
        )
        .await
    }

    /// The app was opened by a link. Comes out: the outcome, or nothing if the link is no return link or belongs to no open face
    /// check. After `OFFLINE` the same call, or [`Login::resume`], tries again.
    pub async fn returned(&self, link: String) -> Result<Option<LoginOutcome>, KapokError> {
        run(self.0.clone(), |login| async move {
            Ok(login.returned(&link).await?.map(Into::into))
        })
        .await
    }

    /// The user typed the six digits of the success page. Ends in `INPUT_INVALID` at `code`, `HANDOFF_PROOF` (try again),
    /// `STATE_WRONG` if no face check is open, or the platform's code.
    pub async fn type_code(&self, code: String) -> Result<LoginOutcome, KapokError> {
        run(self.0.clone(), |login| async move {
            Ok(login.type_code(&code).await?.into())
        })
        .await
    }

    /// The app is in the foreground again, also after a kill: waits until the open face check has passed, failed or expired. May be
    /// cancelled at any time. Ends in the reason why the face check is over, or `OFFLINE`.
    #[uniffi::method(default(cancel = None))]
    pub async fn resume(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<LoginResumed, KapokError> {
        run_until(cancel, self.0.clone(), |login| async move {
            Ok(login.resume().await?.into())
        })
        .await
    }

    /// The user gives the open face check up, here and at the platform. Ends in `STATE_WRONG` if none is open.
    pub async fn cancel(&self) -> Result<(), KapokError> {
        run(self.0.clone(), |login| async move { login.cancel().await }).await
    }

    /// 账号密码登录 of an enterprise account. Ends in `LOGIN_REFUSED`, `RATE_LIMITED`, `INPUT_INVALID` at `login` or `password`, or
    /// `STATE_WRONG` while somebody is logged in.
    pub async fn password(
        &self,
        login: String,
        password: String,
    ) -> Result<AccountView, KapokError> {
        let password = zeroize::Zeroizing::new(password);
        run(self.0.clone(), |handle| async move {
            handle.password(&login, &password).await
        })
        .await
    }

    /// 退出登录. Certificates stay sealed on the phone; another account sees nothing of them.
    pub async fn logout(&self) -> Result<(), KapokError> {
        run(self.0.clone(), |login| async move { login.logout().await }).await
    }
}
