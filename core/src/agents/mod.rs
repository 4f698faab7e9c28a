//! 经办人管理 and 认证链接: invites by the legal representative (YST-018 to YST-022), and the agent's request that the legal
//! representative authenticates the enterprise (YST-028 to YST-031).
//!
//! Triggered by: 添加经办人, 分享到微信, 分享给法定代表人认证, a link that opens the app.
//!
//! Outcome: for the inviter, an invite that is shared by the shell and its state; for the invited person, after face check and
//! consent, the enterprise in the own list (YST-022).
//!
//! Exits: the inviter revokes; the invited person declines or leaves; `IDENTITY_MISMATCH` for anybody else (the invite stays),
//! `INVITE_…` once the invite is over, `OFFLINE` for all but the list known last.

pub mod state;
#[cfg(test)]
mod tests;
pub mod transitions;

use crate::app::{App, Core};
use crate::error::{AppError, identity_reason};
use crate::links::{self, Link};
use crate::login::{HandoffView, check_identity};
use kapok_formats::identity::Phone;
use kapok_protocol::api::agents::{
    AgentList, ConsentPage, InviteAnswered, InvitePage, InviteView, NewInvite,
};
use kapok_protocol::api::identity::TypedIdentity;
use kapok_protocol::ids::{GrantId, InviteId};
use std::sync::Arc;

/// The longest grant, in days.
const MAX_DAYS: u32 = 1_825;

/// Handle of the capability.
#[derive(Clone)]
pub struct Agents {
    core: Arc<Core>,
}

impl App {
    /// 经办人管理.
    pub fn agents(&self) -> Agents {
        Agents {
            core: self.core.clone(),
        }
    }
}

impl Agents {
    /// Agents and invites of the current enterprise (YST-018), or those known last when offline. Ends in
    /// `ENTERPRISE_REQUIRED`, or `NOT_ALLOWED` for a role that may not manage agents.
    pub async fn list(&self) -> Result<AgentList, AppError> {
        self.core.agent_list().await
    }

    /// 添加经办人 (YST-019): makes an invite, not shared yet. Ends in `INPUT_INVALID` at the field, or the platform's code.
    pub async fn invite(&self, new: NewInvite) -> Result<InviteView, AppError> {
        self.core.invite_agent(check_invite(new)?).await
    }

    /// 申请认证&授权 (YST-028): makes an invite for the registered legal representative of the current enterprise.
    pub async fn ask_authentication(&self) -> Result<InviteView, AppError> {
        self.core.ask_authentication().await
    }

    /// 分享到微信: asks the shell to share an invite's link ([`crate::ShellRequest::Share`]); the shell calls [`Agents::sent`]
    /// once it is out. A cancelled share leaves the invite "not sent". Ends in `NOT_FOUND` for an invite that is not in the
    /// current enterprise's list.
    pub async fn share(&self, invite: InviteId) -> Result<(), AppError> {
        self.core.share_invite(invite).await
    }

    /// The share has left the app.
    pub async fn sent(&self, invite: InviteId) -> Result<(), AppError> {
        self.core.invite_sent(invite).await
    }

    /// Takes an invite back.
    pub async fn revoke_invite(&self, invite: InviteId) -> Result<(), AppError> {
        self.core.revoke_invite(invite).await
    }

    /// 注销授权 of an agent.
    pub async fn revoke_grant(&self, grant: GrantId) -> Result<(), AppError> {
        self.core.revoke_grant(grant).await
    }

    /// Opens a 认证链接 (YST-020). Comes out: what the link shows; nothing follows from it before [`Agents::accept`]. Nothing
    /// for a link that is none.
    pub async fn open_link(&self, link: &str) -> Result<Option<InvitePage>, AppError> {
        match links::parse(link) {
            Some(Link::Invite(invite_id)) => self.core.open_invite(invite_id).await.map(Some),
            Some(Link::Return { .. }) | None => Ok(None),
        }
    }

    /// The invited person goes to the face check (YST-021, YST-030). On the way back [`crate::login::Login`] gives
    /// [`crate::login::Outcome::Consent`]. Ends in `LOGIN_REQUIRED`, or `STATE_WRONG` if no open invite is shown.
    pub async fn accept(&self) -> Result<HandoffView, AppError> {
        self.core.accept_invite().await
    }

    /// The page to agree to, if the face check has passed. Offline, survives a kill.
    pub async fn consent(&self) -> Option<ConsentPage> {
        self.core.invite_consent().await
    }

    /// 同意认证 or not. Comes out: the invite's end state, and the enterprise if the person may work for it now. Ends in
    /// `STATE_WRONG` if there is no page to agree to, or the platform's code; after `OFFLINE` the same answer may be sent again.
    pub async fn answer(&self, agree: bool) -> Result<InviteAnswered, AppError> {
        self.core.answer_invite(agree).await
    }

    /// The person goes elsewhere: the invite stays as it is.
    pub async fn leave(&self) -> Result<(), AppError> {
        self.core.leave_invite().await
    }
}

/// An invite with every field in its normal form.
fn check_invite(new: NewInvite) -> Result<NewInvite, AppError> {
    let NewInvite {
        name,
        document,
        number,
        phone,
        valid_days,
        scope,
    } = new;
    let typed = check_identity(
        "",
        TypedIdentity {
            name,
            document,
            number,
        },
    )?;
    let phone =
        Phone::parse(&phone).map_err(|error| AppError::field("phone", identity_reason(&error)))?;
    if !(1..=MAX_DAYS).contains(&valid_days) {
        return Err(AppError::field("valid_days", "range"));
    }
    if scope.is_empty() {
        return Err(AppError::field("scope", "empty"));
    }
    let is_word = |word: &String| {
        (1..=32).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    if !scope.iter().all(is_word) {
        return Err(AppError::field("scope", "format"));
    }
    Ok(NewInvite {
        name: typed.name,
        document: typed.document,
        number: typed.number,
        phone: phone.as_str().to_owned(),
        valid_days,
        scope,
    })
}
