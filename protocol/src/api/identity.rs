//! Accounts, sessions and the face-login handoff (YST-003 to YST-008).
//!
//! | call | body → answer |
//! |---|---|
//! | `POST /v1/handoffs` (DPoP only; with the access token where [`Purpose::of_account`]) | [`StartHandoff`] → [`HandoffStarted`] |
//! | `GET /v1/handoffs/{id}` (DPoP only) | → [`HandoffStatus`] |
//! | `POST /v1/handoffs/{id}/cancel` (DPoP only) | → 204 |
//! | `POST /v1/handoffs/{id}/finish` (DPoP only) | [`FinishHandoff`] → [`HandoffFinished`] |
//! | `POST /v1/sessions/password` (DPoP only) | [`PasswordLogin`] → [`LoggedIn`] |
//! | `POST /v1/tokens/refresh` (DPoP only) | [`RefreshTokens`] → [`Tokens`] |
//! | `GET /v1/me` | → [`AccountView`] |
//! | `POST /v1/sessions/end` | → 204 |

use super::agents::ConsentPage;
use crate::ids::{AccountId, Bytes, HandoffId};
use serde::{Deserialize, Serialize};

/// What the face check is for; a result counts for its own purpose only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Purpose {
    /// Log in.
    Login,
    /// Accept an invite as the named person (YST-021).
    AcceptInvite,
    /// Authenticate an enterprise as its legal representative (YST-030).
    EnterpriseAuth,
    /// Add oneself as an agent (YST-042).
    AddSelf,
    /// Reset the PIN (YQQ-056).
    PinReset,
    /// Verify the acting person of an enterprise login (YST-040).
    VerifyAgent,
    /// Take over or hand over the admin role (YQQ-046).
    Transfer,
}

impl Purpose {
    /// An act of an account that is logged in: the verified person must be the account's, and the start says by its token whose
    /// that is. A login and an answer to an invite need no account yet.
    pub const fn of_account(self) -> bool {
        match self {
            Self::Login | Self::AcceptInvite | Self::EnterpriseAuth => false,
            Self::AddSelf | Self::PinReset | Self::VerifyAgent | Self::Transfer => true,
        }
    }
}

/// Whether WeChat runs on the same phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HandoffMode {
    /// The mini program is opened by this app.
    SameDevice,
    /// Another phone's WeChat scans a code; login only, finished by the typed code.
    CrossDevice,
}

/// A kind of identity document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    #[serde(other)]
    Unknown,
}

/// Identity as a person types it: in the app (YST-005) or in the mini program (YST-004).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypedIdentity {
    /// Name as on the document.
    pub name: String,
    /// Kind of document.
    pub document: DocumentKind,
    /// Number as on the document.
    pub number: String,
}

impl std::fmt::Debug for TypedIdentity {
    /// Names no person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TypedIdentity({:?})", self.document)
    }
}

/// Starts a handoff. The phone keeps the verifier; the link holds nothing but the handoff's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartHandoff {
    /// S256 of the verifier (RFC 7636), 32 bytes.
    pub code_challenge: Bytes,
    /// What for.
    pub purpose: Purpose,
    /// Which phone.
    pub mode: HandoffMode,
    /// The invite, enterprise or reset that the face check is about, as 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_ref: Option<String>,
    /// Identity typed before leaving the app (YST-005).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<TypedIdentity>,
    /// `zh-CN`, `zh-HK` or `en`.
    pub locale: String,
    /// What the mini program shows as the asking phone.
    pub device_label: String,
}

/// The open handoff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoffStarted {
    /// Its number.
    pub handoff_id: HandoffId,
    /// Two digits that app and mini program both show.
    pub match_code: String,
    /// The mini program's path: `pages/face?h=<handoff_id>` and nothing else.
    pub mini_program_path: String,
    /// Seconds until it expires.
    pub expires_in: u32,
}

/// Where a handoff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HandoffState {
    /// Made by the app.
    Created,
    /// The mini program has opened it.
    Opened,
    /// The face check runs.
    Verifying,
    /// The face check has passed.
    Verified,
    /// Finished by the app.
    Used,
    /// Three face checks failed.
    Failed,
    /// Cancelled on either side.
    Cancelled,
    /// Five minutes are over.
    Expired,
    /// Another WeChat user opened it.
    Locked,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

/// Answer to a status call; never holds the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HandoffStatus {
    /// Where it is.
    pub state: HandoffState,
    /// Face checks left.
    pub tries_left: u32,
    /// Seconds until it expires.
    pub expires_in: u32,
}

/// What proves that the user came back from the mini program.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReturnProof {
    /// The one-time return code of the 返回 button, 16 bytes.
    ReturnCode(Bytes),
    /// The six digits of the success page, typed by the user.
    TypedCode(String),
}

/// Finishes a handoff.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FinishHandoff {
    /// The verifier, 32 bytes.
    pub verifier: Bytes,
    /// Same as at the start.
    pub purpose: Purpose,
    /// Return code or typed code.
    pub proof: ReturnProof,
}

/// Tokens, bound to the phone's hardware key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// For `Authorization: DPoP`, opaque.
    pub access: String,
    /// Single use; using it again revokes the family.
    pub refresh: String,
    /// Seconds until `access` ends.
    pub expires_in: u32,
}

/// An account as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountView {
    /// Its number.
    pub account_id: AccountId,
    /// Person or enterprise account.
    pub kind: AccountKind,
    /// Masked: 张*, or the enterprise's registered name.
    pub display_name: String,
}

/// Whose account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AccountKind {
    /// A natural person.
    Person,
    /// 法人账号, logged in by password.
    Enterprise,
}

/// A finished login.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoggedIn {
    /// Tokens.
    pub tokens: Tokens,
    /// The account.
    pub account: AccountView,
}

/// What a finished handoff gives, by purpose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum HandoffFinished {
    /// `login`.
    LoggedIn(LoggedIn),
    /// `accept_invite`, `enterprise_auth`: the page on which the person agrees; nothing is granted yet.
    Consent(Box<ConsentPage>),
    /// Other purposes: the check counts, no more to show.
    Verified {},
}

/// 账号密码登录 of an enterprise account (YST-034, YST-037).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasswordLogin {
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// Trades a refresh token for new tokens.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshTokens {
    /// The refresh token.
    pub refresh: String,
}
