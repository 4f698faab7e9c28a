//! 办事企业: found, selected, added, registered, linked (YST-009 to YST-017, YST-023 to YST-036).
//!
//! Triggered by: 选择办事企业, 切换企业, 我的企业, 添加企业, 关联已有企业账号, and the requests of an enterprise account.
//!
//! Outcome: lists and views of the platform; the current enterprise, kept for this account on this phone. A legal
//! representative's enterprises are found by the platform (YST-009).
//!
//! Exits: offline, [`Enterprises::list`] and [`Enterprises::current`] show what was known last, everything else ends in
//! `OFFLINE`. Without a login everything ends in `LOGIN_REQUIRED`.
//!
//! No states: what was asked is answered at once.

#[cfg(test)]
mod tests;

use crate::app::{App, Core};
use crate::error::{AppError, identity_reason};
use crate::login::check_text;
use kapok_formats::identity::{EnterpriseName, RegistrationNumber, Uscc};
use kapok_protocol::api::registry::{EnterpriseView, LinkView, RegistryHit};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{EnterpriseId, LinkId};
use std::sync::Arc;

/// Handle of the capability.
#[derive(Clone)]
pub struct Enterprises {
    core: Arc<Core>,
}

impl App {
    /// 办事企业.
    pub fn enterprises(&self) -> Enterprises {
        Enterprises {
            core: self.core.clone(),
        }
    }
}

impl Enterprises {
    /// The account's enterprises: from the platform, or those known last when offline.
    pub async fn list(&self) -> Result<Vec<EnterpriseView>, AppError> {
        self.core.enterprise_list().await
    }

    /// The current enterprise, or nothing: then enterprise matters end in `ENTERPRISE_REQUIRED` (YST-011). Offline.
    pub async fn current(&self) -> Result<Option<EnterpriseView>, AppError> {
        self.core.current_enterprise().await
    }

    /// 选择办事 / 切换企业 (YST-011, YST-016, YST-026). Comes out: the enterprise, and
    /// [`crate::Event::EnterpriseSelected`]. Ends in `NOT_FOUND` for one that is not the account's.
    pub async fn select(&self, id: EnterpriseId) -> Result<EnterpriseView, AppError> {
        self.core.select_enterprise(id).await
    }

    /// 手动添加 by the legal representative (YST-014). Ends in `INPUT_INVALID` at `uscc`, `ENTERPRISE_NO_USCC` for a
    /// 工商注册号 (YST-015), `ENTERPRISE_NOT_FOUND` or `ENTERPRISE_NOT_YOURS`.
    pub async fn add(&self, uscc: &str) -> Result<EnterpriseView, AppError> {
        self.core.add_enterprise(&parse_uscc(uscc)?).await
    }

    /// 查找企业 by name or USCC (YST-024); at least two characters. Ends in `INPUT_INVALID` at `query`.
    pub async fn search(&self, query: &str) -> Result<Vec<RegistryHit>, AppError> {
        self.core.search_registry(&parse_query(query)?).await
    }

    /// 选择该企业: registers the enterprise account (YST-025). Name and code must be the registered ones; what typing changes
    /// (blanks, width, brackets) is forgiven by the platform (YST-055, YST-056). Ends in `INPUT_INVALID` at `name` or `uscc`,
    /// or `ENTERPRISE_NOT_FOUND`.
    pub async fn register(&self, name: &str, uscc: &str) -> Result<EnterpriseView, AppError> {
        let name = parse_name(name)?;
        self.core
            .register_enterprise(&name, &parse_uscc(uscc)?)
            .await
    }

    /// 申请关联 with an existing enterprise account (YST-032). The answer is the same whether the account exists or not.
    pub async fn ask_link(&self, login: &str, name: &str) -> Result<LinkId, AppError> {
        check_text("login", login, 64)?;
        self.core.ask_link(login, &parse_name(name)?).await
    }

    /// Requests that wait for this enterprise account (YST-034).
    pub async fn links(&self) -> Result<Vec<LinkView>, AppError> {
        self.core.links().await
    }

    /// 同意 or not (YST-034). Ends in `NOT_FOUND` for a request that is not this account's.
    pub async fn answer_link(&self, id: LinkId, agree: bool) -> Result<(), AppError> {
        self.core.answer_link(id, agree).await
    }
}

fn parse_uscc(text: &str) -> Result<Uscc, AppError> {
    match Uscc::parse(text) {
        Ok(uscc) => Ok(uscc),
        Err(_) if RegistrationNumber::parse(text).is_ok() => {
            Err(ErrorCode::EnterpriseNoUscc.into())
        }
        Err(error) => Err(AppError::field("uscc", identity_reason(&error))),
    }
}

fn parse_name(text: &str) -> Result<EnterpriseName, AppError> {
    EnterpriseName::parse(text).map_err(|error| AppError::field("name", identity_reason(&error)))
}

fn parse_query(text: &str) -> Result<String, AppError> {
    let query = text.trim();
    check_text("query", query, 64)?;
    if query.chars().count() < 2 {
        return Err(AppError::field("query", "too_short"));
    }
    Ok(query.to_owned())
}
