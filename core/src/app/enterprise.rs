//! Runs 办事企业: asks the platform and keeps what was known last, sealed, for each account apart.

use super::Core;
use super::events::Event;
use super::net::Call;
use crate::error::AppError;
use kapok_formats::identity::{EnterpriseName, Uscc};
use kapok_protocol::api::registry::{
    AddEnterprise, AnswerLink, AskLink, EnterpriseView, LinkAsked, LinkView, RegisterEnterprise,
    RegistryHit, SelectEnterprise,
};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId, LinkId};

fn list_cell(account: AccountId) -> String {
    format!("enterprises/{account}")
}

impl Core {
    pub(crate) async fn enterprise_list(&self) -> Result<Vec<EnterpriseView>, AppError> {
        let account = self.require_account()?.account_id;
        match self
            .ask::<Vec<EnterpriseView>>(Call::get("/v1/enterprises"))
            .await
        {
            Ok(list) => {
                self.keep_enterprises(account, &list).await?;
                Ok(list)
            }
            Err(error) if error.code == ErrorCode::Offline => {
                self.known_enterprises(account).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn current_enterprise(&self) -> Result<Option<EnterpriseView>, AppError> {
        let account = self.require_account()?.account_id;
        let known = self.known_enterprises(account).await?.unwrap_or_default();
        Ok(known.into_iter().find(|enterprise| enterprise.selected))
    }

    /// The current enterprise, or `ENTERPRISE_REQUIRED`.
    pub(crate) async fn require_enterprise(&self) -> Result<EnterpriseView, AppError> {
        self.current_enterprise()
            .await?
            .ok_or_else(|| ErrorCode::EnterpriseRequired.into())
    }

    pub(crate) async fn select_enterprise(
        &self,
        enterprise_id: EnterpriseId,
    ) -> Result<EnterpriseView, AppError> {
        let account = self.require_account()?.account_id;
        // Selecting the same one again is the same selection.
        let call = Call::post(
            "/v1/enterprises/select",
            &SelectEnterprise { enterprise_id },
        )?;
        let mut selected: EnterpriseView = self.ask(call).await?;
        selected.selected = true;
        let mut list = self.known_enterprises(account).await?.unwrap_or_default();
        list.retain(|enterprise| enterprise.enterprise_id != enterprise_id);
        list.iter_mut()
            .for_each(|enterprise| enterprise.selected = false);
        list.insert(0, selected.clone());
        self.keep_enterprises(account, &list).await?;
        Ok(selected)
    }

    pub(crate) async fn add_enterprise(&self, uscc: &Uscc) -> Result<EnterpriseView, AppError> {
        let body = AddEnterprise {
            uscc: uscc.as_str().to_owned(),
        };
        self.new_enterprise(Call::post("/v1/enterprises/add", &body)?)
            .await
    }

    pub(crate) async fn register_enterprise(
        &self,
        name: &EnterpriseName,
        uscc: &Uscc,
    ) -> Result<EnterpriseView, AppError> {
        let body = RegisterEnterprise {
            name: name.as_str().to_owned(),
            uscc: uscc.as_str().to_owned(),
        };
        self.new_enterprise(Call::post("/v1/enterprises/register", &body)?)
            .await
    }

    pub(crate) async fn search_registry(&self, query: &str) -> Result<Vec<RegistryHit>, AppError> {
        self.require_account()?;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", query)
            .finish();
        self.ask(Call::get(format!("/v1/registry/search?{query}")))
            .await
    }

    pub(crate) async fn ask_link(
        &self,
        login: &str,
        name: &EnterpriseName,
    ) -> Result<LinkId, AppError> {
        self.require_account()?;
        let body = AskLink {
            login: login.to_owned(),
            name: name.as_str().to_owned(),
        };
        let LinkAsked { link_id } = self.ask(Call::post("/v1/links", &body)?).await?;
        Ok(link_id)
    }

    pub(crate) async fn links(&self) -> Result<Vec<LinkView>, AppError> {
        self.require_account()?;
        self.ask(Call::get("/v1/links")).await
    }

    pub(crate) async fn answer_link(&self, id: LinkId, agree: bool) -> Result<(), AppError> {
        self.require_account()?;
        let call = Call::post(format!("/v1/links/{id}/answer"), &AnswerLink { agree })?;
        self.tell(call).await
    }

    /// Adds an enterprise that has become the account's to what is known.
    pub(crate) async fn note_enterprise(&self, enterprise: EnterpriseView) -> Result<(), AppError> {
        let account = self.require_account()?.account_id;
        let mut list = self.known_enterprises(account).await?.unwrap_or_default();
        let id = enterprise.enterprise_id;
        match list.iter_mut().find(|known| known.enterprise_id == id) {
            Some(known) => *known = enterprise,
            None => list.push(enterprise),
        }
        self.keep_enterprises(account, &list).await
    }

    async fn new_enterprise(&self, call: Call) -> Result<EnterpriseView, AppError> {
        self.require_account()?;
        let enterprise: EnterpriseView = self.ask(call).await?;
        self.note_enterprise(enterprise.clone()).await?;
        Ok(enterprise)
    }

    async fn known_enterprises(
        &self,
        account: AccountId,
    ) -> Result<Option<Vec<EnterpriseView>>, AppError> {
        Ok(self.store.get(list_cell(account)).await?)
    }

    /// Keeps a list and tells the shell what has changed in it.
    async fn keep_enterprises(
        &self,
        account: AccountId,
        list: &[EnterpriseView],
    ) -> Result<(), AppError> {
        let known = self.known_enterprises(account).await?.unwrap_or_default();
        if known == list {
            return Ok(());
        }
        self.store.set(list_cell(account), list.to_vec()).await?;
        self.emit(Event::EnterprisesChanged);
        if selected(&known) != selected(list) {
            self.emit(Event::EnterpriseSelected(selected(list)));
        }
        Ok(())
    }
}

fn selected(list: &[EnterpriseView]) -> Option<EnterpriseId> {
    let current = list.iter().find(|enterprise| enterprise.selected)?;
    Some(current.enterprise_id)
}
