//! Agents (经办人), invites and grants (YST-018 to YST-022, YST-028 to YST-031).
//!
//! | call | body → answer |
//! |---|---|
//! | `GET /v1/enterprises/{id}/agents` | → [`AgentList`] (legal representative, admin) |
//! | `POST /v1/enterprises/{id}/invites` | [`NewInvite`] → [`InviteView`] (state `draft`) |
//! | `POST /v1/enterprises/{id}/authentication` | → [`InviteView`]: asks the registered legal representative (YST-028) |
//! | `POST /v1/invites/{id}/sent` | → 204: the share has left the app |
//! | `POST /v1/invites/{id}/revoke` | → 204 |
//! | `GET /v1/invites/{id}` (public) | → [`InvitePage`]: free of side effects, WeChat prefetches |
//! | `POST /v1/invites/{id}/open` | → [`InvitePage`]: first signed-in view |
//! | `POST /v1/invites/{id}/answer` | [`AnswerInvite`] → [`InviteAnswered`]: after the face check of purpose `accept_invite` or `enterprise_auth` |
//! | `POST /v1/grants/{id}/revoke` | → 204 |

use super::identity::DocumentKind;
use super::registry::EnterpriseView;
use crate::ids::{Bytes, GrantId, InviteId};
use serde::{Deserialize, Serialize};

/// What an invite is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InviteKind {
    /// Work for the enterprise as an agent.
    Agent,
    /// The legal representative authenticates the enterprise and the asking agent (YST-028).
    Authentication,
    /// A kind that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Where an invite is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InviteState {
    /// Made, not shared (YST-019: "not sent").
    Draft,
    /// Shared.
    Sent,
    /// Seen by a signed-in person.
    Opened,
    /// The named person agreed.
    Accepted,
    /// The named person refused.
    Declined,
    /// Its time is over.
    Expired,
    /// Taken back by the inviter.
    Revoked,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

/// 添加经办人. Names one person; a forwarded link helps nobody else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

/// Where a grant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GrantState {
    /// It counts.
    Active,
    /// 可稍后设置.
    Suspended,
    /// 注销授权.
    Revoked,
    /// Its time is over.
    Expired,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

/// 经办人管理.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentList {
    /// With a grant.
    pub agents: Vec<AgentView>,
    /// Invites that are open or ended lately.
    pub invites: Vec<InviteView>,
}

/// What the link shows to anybody: no more than this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitePage {
    /// Short name of the enterprise; nothing once the invite is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<String>,
    /// Masked name of the invited person; nothing once the invite is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitee: Option<String>,
    /// What for.
    pub kind: InviteKind,
    /// Where it is.
    pub state: InviteState,
    /// End of the link, seconds since the epoch.
    pub expires_at: u64,
}

/// What the verified person agrees to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsentPage {
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
    /// Shows that this person passed this face check; 16 bytes, single use, 5 minutes.
    pub consent_token: Bytes,
}

/// 同意 or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerInvite {
    /// From the consent page.
    pub consent_token: Bytes,
    /// The person agrees.
    pub agree: bool,
}

/// What the answer made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteAnswered {
    /// The invite's end state.
    pub state: InviteState,
    /// The enterprise, where the person may work for it now (YST-022).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<EnterpriseView>,
}
