//! 办事企业: found, selected, added, registered, linked. Without a login everything ends in `LOGIN_REQUIRED`.

use crate::error::KapokError;
use crate::runtime::run;
use kapok_core::App;
use kapok_core::types::{
    EnterpriseId, EnterpriseView, LinkId, LinkView, RegistryHit, Role, TrustLevel,
};
use std::sync::Arc;

/// 账号等级.
#[uniffi::remote(Enum)]
pub enum TrustLevel {
    /// 未认证.
    Unauthenticated,
    /// 已认证.
    Authenticated,
}

/// What the account is for the enterprise.
#[uniffi::remote(Enum)]
pub enum Role {
    /// 法定代表人 / 经营者.
    LegalRep,
    /// 经办人 with a grant.
    Agent,
    /// An agent without a grant: matters of low need only.
    Linked,
    /// The enterprise account itself.
    Owner,
    /// A role that this version does not know.
    Unknown,
}

/// An enterprise account as a linked person sees it: public data only.
#[uniffi::remote(Record)]
pub struct EnterpriseView {
    /// Its number.
    pub enterprise_id: EnterpriseId,
    /// Registered name.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: String,
    /// 已认证 / 未认证.
    pub level: TrustLevel,
    /// What the account is for it.
    pub role: Role,
    /// It is the one selected on this phone.
    pub selected: bool,
    /// The person is its certificate admin.
    pub certificate_admin: bool,
}

/// A search result: what the public register shows.
#[uniffi::remote(Record)]
pub struct RegistryHit {
    /// Registered name.
    pub name: String,
    /// 统一社会信用代码.
    pub uscc: String,
    /// An account for it exists and is authenticated.
    pub authenticated: bool,
}

/// A request to be linked, as the account's applicant sees it.
#[uniffi::remote(Record)]
pub struct LinkView {
    /// Its number.
    pub link_id: LinkId,
    /// Verified name of who asks, masked.
    pub asked_by: String,
    /// When, seconds since the epoch.
    pub asked_at: u64,
}

/// 办事企业.
#[derive(uniffi::Object)]
pub struct Enterprises(kapok_core::enterprise::Enterprises);

impl Enterprises {
    pub(crate) fn of(app: &App) -> Arc<Self> {
        Arc::new(Self(app.enterprises()))
    }
}

#[uniffi::export]
impl Enterprises {
    /// The account's enterprises: from the platform, or those known last when offline.
    pub async fn list(&self) -> Result<Vec<EnterpriseView>, KapokError> {
        run(self.0.clone(), |all| async move { all.list().await }).await
    }

    /// The current enterprise, or nothing: then enterprise matters end in `ENTERPRISE_REQUIRED`. Offline.
    pub async fn current(&self) -> Result<Option<EnterpriseView>, KapokError> {
        run(self.0.clone(), |all| async move { all.current().await }).await
    }

    /// 选择办事 / 切换企业. Ends in `NOT_FOUND` for one that is not the account's.
    pub async fn select(&self, enterprise_id: EnterpriseId) -> Result<EnterpriseView, KapokError> {
        run(self.0.clone(), |all| async move {
            all.select(enterprise_id).await
        })
        .await
    }

    /// 手动添加 by the legal representative. Ends in `INPUT_INVALID` at `uscc`, `ENTERPRISE_NO_USCC` for a 工商注册号,
    /// `ENTERPRISE_NOT_FOUND` or `ENTERPRISE_NOT_YOURS`.
    pub async fn add(&self, uscc: String) -> Result<EnterpriseView, KapokError> {
        run(self.0.clone(), |all| async move { all.add(&uscc).await }).await
    }

    /// 查找企业 by name or USCC; at least two characters. Ends in `INPUT_INVALID` at `query`.
    pub async fn search(&self, query: String) -> Result<Vec<RegistryHit>, KapokError> {
        run(
            self.0.clone(),
            |all| async move { all.search(&query).await },
        )
        .await
    }

    /// 选择该企业: registers the enterprise account. Ends in `INPUT_INVALID` at `name` or `uscc`, or `ENTERPRISE_NOT_FOUND`.
    pub async fn register(&self, name: String, uscc: String) -> Result<EnterpriseView, KapokError> {
        run(self.0.clone(), |all| async move {
            all.register(&name, &uscc).await
        })
        .await
    }

    /// 申请关联 with an existing enterprise account. The answer is the same whether the account exists or not.
    pub async fn ask_link(&self, login: String, name: String) -> Result<LinkId, KapokError> {
        run(self.0.clone(), |all| async move {
            all.ask_link(&login, &name).await
        })
        .await
    }

    /// Requests that wait for this enterprise account.
    pub async fn links(&self) -> Result<Vec<LinkView>, KapokError> {
        run(self.0.clone(), |all| async move { all.links().await }).await
    }

    /// 同意 or not. Ends in `NOT_FOUND` for a request that is not this account's.
    pub async fn answer_link(&self, link_id: LinkId, agree: bool) -> Result<(), KapokError> {
        run(self.0.clone(), |all| async move {
            all.answer_link(link_id, agree).await
        })
        .await
    }
}
