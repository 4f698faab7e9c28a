//! Enterprises: found, selected, searched, added, linked (YST-009 to YST-017, YST-023 to YST-036).
//!
//! | call | body → answer |
//! |---|---|
//! | `GET /v1/enterprises` | → `Vec<`[`EnterpriseView`]`>`: those of this account; a legal representative's are found automatically |
//! | `POST /v1/enterprises/select` | [`SelectEnterprise`] → [`EnterpriseView`] |
//! | `POST /v1/enterprises/add` | [`AddEnterprise`] → [`EnterpriseView`] (by USCC, YST-014) |
//! | `GET /v1/registry/search?q=` | → `Vec<`[`RegistryHit`]`>` (YST-024) |
//! | `POST /v1/enterprises/register` | [`RegisterEnterprise`] → [`EnterpriseView`] (YST-025) |
//! | `POST /v1/links` | [`AskLink`] → [`LinkAsked`], the same answer whether the account exists or not (YST-032) |
//! | `GET /v1/links` | → `Vec<`[`LinkView`]`>`: waiting for this enterprise account (YST-034) |
//! | `POST /v1/links/{id}/answer` | [`AnswerLink`] → 204 |

use crate::ids::{EnterpriseId, LinkId};
use serde::{Deserialize, Serialize};

/// 账号等级.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TrustLevel {
    /// 未认证.
    Unauthenticated,
    /// 已认证.
    Authenticated,
}

/// What the account is for the enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// 法定代表人 / 经营者.
    LegalRep,
    /// 经办人 with a grant.
    Agent,
    /// An agent who registered or linked the account without a grant: matters of low need only (YST-049).
    Linked,
    /// The enterprise account itself, logged in by password.
    Owner,
    /// A role that this version does not know.
    #[serde(other)]
    Unknown,
}

/// An enterprise account as a linked person sees it: public data only (YST-050).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnterpriseView {
    /// Its number.
    pub enterprise_id: EnterpriseId,
    /// Registered name.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: String,
    /// 已认证 / 未认证 (YST-017).
    pub level: TrustLevel,
    /// What the account is for it.
    pub role: Role,
    /// It is the one selected on this phone (YST-011).
    pub selected: bool,
    /// The person is its certificate admin.
    pub certificate_admin: bool,
}

/// 选择办事企业.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SelectEnterprise {
    /// Which.
    pub enterprise_id: EnterpriseId,
}

/// 手动添加 by the legal representative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddEnterprise {
    /// 统一社会信用代码; a 工商注册号 is answered with `ENTERPRISE_NO_USCC` (YST-015).
    pub uscc: String,
}

/// A search result: what the public register shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistryHit {
    /// Registered name.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: String,
    /// An account for it exists and is authenticated.
    pub authenticated: bool,
}

/// 选择该企业: name and code must be exactly the registered ones (YST-055).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterEnterprise {
    /// Registered name.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: String,
}

/// 申请关联.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskLink {
    /// Login name of the enterprise account.
    pub login: String,
    /// Registered name of the enterprise.
    pub name: String,
}

/// The uniform answer to [`AskLink`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkAsked {
    /// Number of the request.
    pub link_id: LinkId,
}

/// A request as the account's applicant sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkView {
    /// Its number.
    pub link_id: LinkId,
    /// Verified name of who asks, masked.
    pub asked_by: String,
    /// When, seconds since the epoch.
    pub asked_at: u64,
}

/// 同意 or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnswerLink {
    /// The applicant agrees.
    pub agree: bool,
}
