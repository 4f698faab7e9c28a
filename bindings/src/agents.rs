//! 经办人管理 and 认证链接: invites by the legal representative, and the agent's request that the legal representative
//! authenticates the enterprise.

use crate::error::KapokError;
use crate::runtime::run;
use kapok_core::App;
use kapok_core::login::HandoffView;
use kapok_core::types::{
    AgentList, AgentView, ConsentPage, DocumentKind, EnterpriseView, GrantId, GrantState,
    InviteAnswered, InviteId, InviteKind, InvitePage, InviteState, InviteView, NewInvite,
};
use std::sync::Arc;

/// What an invite is for.
#[uniffi::remote(Enum)]
pub enum InviteKind {
    /// Work for the enterprise as an agent.
    Agent,
    /// The legal representative authenticates the enterprise and the asking agent.
    Authentication,
    /// A kind that this version does not know.
    Unknown,
}

/// Where an invite is.
#[uniffi::remote(Enum)]
pub enum InviteState {
    Draft,
    Sent,
    Opened,
    Accepted,
    Declined,
    Expired,
    Revoked,
    Unknown,
}

/// Where a grant is.
#[uniffi::remote(Enum)]
pub enum GrantState {
    Active,
    Suspended,
    Revoked,
    Expired,
    Unknown,
}

/// 添加经办人. Names one person; a forwarded link helps nobody else.
#[uniffi::remote(Record)]
pub struct NewInvite {
    /// Name as on the document.
    pub name: String,
    /// Kind of document.
    pub document: DocumentKind,
    /// Number of the document.
    pub number: String,
    /// Mobile number.
    pub phone: String,
    /// Days that the grant lasts, 1 to 1,825.
    pub valid_days: u32,
    /// What the agent may do: lower-case words of the profile, such as `matters`, `certificates`, `seals`.
    pub scope: Vec<String>,
}

/// An invite as its inviter sees it.
#[uniffi::remote(Record)]
pub struct InviteView {
    /// Its number.
    pub invite_id: InviteId,
    /// What for.
    pub kind: InviteKind,
    /// Masked name of the invited person.
    pub invitee: String,
    /// Where it is.
    pub state: InviteState,
    /// The link to share.
    pub link: String,
    /// Somebody else tried to accept: that, not who.
    pub mismatch: bool,
    /// End of the link, seconds since the epoch.
    pub expires_at: u64,
}

/// An agent with a grant.
#[uniffi::remote(Record)]
pub struct AgentView {
    /// The grant.
    pub grant_id: GrantId,
    /// Masked name.
    pub name: String,
    /// What the agent may do.
    pub scope: Vec<String>,
    /// End, seconds since the epoch.
    pub valid_to: u64,
    /// Where the grant is.
    pub state: GrantState,
}

/// 经办人管理.
#[uniffi::remote(Record)]
pub struct AgentList {
    /// With a grant.
    pub agents: Vec<AgentView>,
    /// Invites that are open or ended lately.
    pub invites: Vec<InviteView>,
}

/// What a link shows to anybody: no more than this.
#[uniffi::remote(Record)]
pub struct InvitePage {
    /// Short name of the enterprise; nothing once the invite is over.
    pub enterprise: Option<String>,
    /// Masked name of the invited person; nothing once the invite is over.
    pub invitee: Option<String>,
    /// What for.
    pub kind: InviteKind,
    /// Where it is.
    pub state: InviteState,
    /// End of the link, seconds since the epoch.
    pub expires_at: u64,
}

/// What an answer made.
#[uniffi::remote(Record)]
pub struct InviteAnswered {
    /// The invite's end state.
    pub state: InviteState,
    /// The enterprise, where the person may work for it now.
    pub enterprise: Option<EnterpriseView>,
}

/// What the verified person agrees to. The token that answers it stays with the core.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConsentView {
    /// The invite.
    pub invite_id: InviteId,
    /// What for.
    pub kind: InviteKind,
    /// Registered name of the enterprise.
    pub enterprise: String,
    /// Who asks: verified name, masked.
    pub inviter: String,
    /// What is allowed.
    pub scope: Vec<String>,
    /// Days that the grant lasts; 0 for an authentication.
    pub valid_days: u32,
}

impl From<ConsentPage> for ConsentView {
    fn from(page: ConsentPage) -> Self {
        let ConsentPage {
            invite_id,
            kind,
            enterprise,
            inviter,
            scope,
            valid_days,
            consent_token: _,
        } = page;
        Self {
            invite_id,
            kind,
            enterprise,
            inviter,
            scope,
            valid_days,
        }
    }
}

/// 经办人管理.
#[derive(uniffi::Object)]
pub struct Agents(kapok_core::agents::Agents);

impl Agents {
    pub(crate) fn of(app: &App) -> Arc<Self> {
        Arc::new(Self(app.agents()))
    }
}

#[uniffi::export]
impl Agents {
    /// Agents and invites of the current enterprise, or those known last when offline. Ends in `ENTERPRISE_REQUIRED`, or
    /// `NOT_ALLOWED` for a role that may not manage agents.
    pub async fn list(&self) -> Result<AgentList, KapokError> {
        run(self.0.clone(), |agents| async move { agents.list().await }).await
    }

    /// 添加经办人: makes an invite, not shared yet. Ends in `INPUT_INVALID` at the field, or the platform's code.
    pub async fn invite(&self, new: NewInvite) -> Result<InviteView, KapokError> {
        run(
            self.0.clone(),
            |agents| async move { agents.invite(new).await },
        )
        .await
    }

    /// 申请认证&授权: makes an invite for the registered legal representative of the current enterprise.
    pub async fn ask_authentication(&self) -> Result<InviteView, KapokError> {
        run(self.0.clone(), |agents| async move {
            agents.ask_authentication().await
        })
        .await
    }

    /// 分享到微信: comes out as [`crate::ShellRequest::Share`]; call [`Agents::sent`] once it is out. Ends in `NOT_FOUND` for an
    /// invite that is not in the current enterprise's list.
    pub async fn share(&self, invite_id: InviteId) -> Result<(), KapokError> {
        run(self.0.clone(), |agents| async move {
            agents.share(invite_id).await
        })
        .await
    }

    /// The share has left the app.
    pub async fn sent(&self, invite_id: InviteId) -> Result<(), KapokError> {
        run(self.0.clone(), |agents| async move {
            agents.sent(invite_id).await
        })
        .await
    }

    /// Takes an invite back.
    pub async fn revoke_invite(&self, invite_id: InviteId) -> Result<(), KapokError> {
        run(self.0.clone(), |agents| async move {
            agents.revoke_invite(invite_id).await
        })
        .await
    }

    /// 注销授权 of an agent.
    pub async fn revoke_grant(&self, grant_id: GrantId) -> Result<(), KapokError> {
        run(self.0.clone(), |agents| async move {
            agents.revoke_grant(grant_id).await
        })
        .await
    }

    /// Opens a 认证链接. Comes out: what the link shows; nothing follows from it before [`Agents::accept`]. Nothing for a link that
    /// is none.
    pub async fn open_link(&self, link: String) -> Result<Option<InvitePage>, KapokError> {
        run(self.0.clone(), |agents| async move {
            agents.open_link(&link).await
        })
        .await
    }

    /// The invited person goes to the face check; on the way back [`crate::Login`] gives [`crate::LoginOutcome::Consent`]. Ends in
    /// `LOGIN_REQUIRED`, or `STATE_WRONG` if no open invite is shown.
    pub async fn accept(&self) -> Result<HandoffView, KapokError> {
        run(
            self.0.clone(),
            |agents| async move { agents.accept().await },
        )
        .await
    }

    /// The page to agree to, if the face check has passed. Offline, survives a kill.
    pub async fn consent(&self) -> Result<Option<ConsentView>, KapokError> {
        run(self.0.clone(), |agents| async move {
            Ok(agents.consent().await.map(Into::into))
        })
        .await
    }

    /// 同意认证 or not. Ends in `STATE_WRONG` if there is no page to agree to, or the platform's code; after `OFFLINE` the same
    /// answer may be sent again.
    pub async fn answer(&self, agree: bool) -> Result<InviteAnswered, KapokError> {
        run(self.0.clone(), |agents| async move {
            agents.answer(agree).await
        })
        .await
    }

    /// The person goes elsewhere: the invite stays as it is.
    pub async fn leave(&self) -> Result<(), KapokError> {
        run(self.0.clone(), |agents| async move { agents.leave().await }).await
    }
}
