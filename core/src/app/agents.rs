//! Runs 经办人管理 and the acceptance of invites.

use super::Core;
use super::events::{Event as Told, ShellRequest};
use super::net::Call;
use crate::agents::state::State;
use crate::agents::transitions::{self, Action, Event};
use crate::error::AppError;
use crate::login::HandoffView;
use crate::store::{Store, StoreError, Unit};
use kapok_protocol::api::agents::{
    AgentList, AnswerInvite, ConsentPage, InviteAnswered, InviteKind, InvitePage, InviteView,
    NewInvite,
};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{AccountId, EnterpriseId, GrantId, InviteId};
use tokio::sync::Mutex;

const CELL_INVITE: &str = "invite";

/// The invite that this person opened.
pub(crate) struct Invite(Mutex<State>);

impl Invite {
    pub(crate) fn load(store: &Store) -> Result<Self, StoreError> {
        let state = store.read_now(|unit| unit.cell(CELL_INVITE))?;
        Ok(Self(Mutex::new(state.unwrap_or(State::Idle))))
    }
}

fn put(unit: &Unit<'_>, state: &State) -> Result<(), StoreError> {
    match state {
        State::Idle => unit.remove_cell(CELL_INVITE),
        state => unit.set_cell(CELL_INVITE, state),
    }
}

fn list_cell(account: AccountId, enterprise: EnterpriseId) -> String {
    format!("agents/{account}/{enterprise}")
}

impl Core {
    /// Takes an event through the table. The new state is stored before it counts.
    async fn invite_step(&self, event: Event) -> Result<Option<Action>, AppError> {
        let mut state = self.invite.0.lock().await;
        let (next, action) = transitions::next(&state, &event)?;
        if next != *state {
            let stored = next.clone();
            self.store.write(move |unit| put(unit, &stored)).await?;
            *state = next;
        }
        Ok(action)
    }

    pub(crate) async fn agent_list(&self) -> Result<AgentList, AppError> {
        let (cell, enterprise) = self.agents_of_current().await?;
        let call = Call::get(format!("/v1/enterprises/{enterprise}/agents"));
        match self.ask::<AgentList>(call).await {
            Ok(list) => {
                self.store.set(cell, list.clone()).await?;
                Ok(list)
            }
            Err(error) if error.code == ErrorCode::Offline => {
                self.store.get(cell).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn invite_agent(&self, new: NewInvite) -> Result<InviteView, AppError> {
        let (_, enterprise) = self.agents_of_current().await?;
        let path = format!("/v1/enterprises/{enterprise}/invites");
        self.new_invite(Call::post(path, &new)?).await
    }

    pub(crate) async fn ask_authentication(&self) -> Result<InviteView, AppError> {
        let (_, enterprise) = self.agents_of_current().await?;
        self.new_invite(Call::act(format!(
            "/v1/enterprises/{enterprise}/authentication"
        )))
        .await
    }

    async fn new_invite(&self, call: Call) -> Result<InviteView, AppError> {
        let (cell, _) = self.agents_of_current().await?;
        let invite: InviteView = self.ask(call).await?;
        let mut list = self.known_agents(&cell).await?;
        list.invites
            .retain(|known| known.invite_id != invite.invite_id);
        list.invites.insert(0, invite.clone());
        self.store.set(cell, list).await?;
        self.emit(Told::AgentsChanged);
        Ok(invite)
    }

    pub(crate) async fn share_invite(&self, invite_id: InviteId) -> Result<(), AppError> {
        let (cell, _) = self.agents_of_current().await?;
        let list = self.known_agents(&cell).await?;
        let invite = list
            .invites
            .into_iter()
            .find(|invite| invite.invite_id == invite_id)
            .ok_or(ErrorCode::NotFound)?;
        let enterprise = self.require_enterprise().await?.name;
        let text = share_text(&self.settings.locale, invite.kind, &enterprise);
        self.request(ShellRequest::Share {
            link: invite.link,
            text,
        });
        Ok(())
    }

    pub(crate) async fn invite_sent(&self, id: InviteId) -> Result<(), AppError> {
        self.agents_act(format!("/v1/invites/{id}/sent")).await
    }

    pub(crate) async fn revoke_invite(&self, id: InviteId) -> Result<(), AppError> {
        self.agents_act(format!("/v1/invites/{id}/revoke")).await
    }

    pub(crate) async fn revoke_grant(&self, id: GrantId) -> Result<(), AppError> {
        self.agents_act(format!("/v1/grants/{id}/revoke")).await
    }

    async fn agents_act(&self, path: String) -> Result<(), AppError> {
        self.require_account()?;
        self.tell(Call::act(path)).await?;
        self.emit(Told::AgentsChanged);
        Ok(())
    }

    /// A signed-in view counts as opened; anybody else sees the public page.
    pub(crate) async fn open_invite(&self, invite_id: InviteId) -> Result<InvitePage, AppError> {
        let call = match self.account() {
            Some(_) => Call::act(format!("/v1/invites/{invite_id}/open")),
            None => Call::get(format!("/v1/invites/{invite_id}")).public(),
        };
        let page: InvitePage = self.ask(call).await?;
        let event = Event::Opened {
            invite_id,
            kind: page.kind,
            state: page.state,
        };
        self.invite_step(event).await?;
        Ok(page)
    }

    pub(crate) async fn accept_invite(&self) -> Result<HandoffView, AppError> {
        self.require_account()?;
        // An invite that was first seen before the login counts as opened only now, and may be over by now.
        let shown = self.invite.0.lock().await.shown();
        if let Some(invite_id) = shown {
            self.open_invite(invite_id).await?;
        }
        let Some(Action::StartHandoff { purpose, invite_id }) =
            self.invite_step(Event::Check).await?
        else {
            return Err(ErrorCode::StateWrong.into());
        };
        let started = self
            .start_handoff(purpose, Some(invite_id.to_string()), None)
            .await;
        if started.is_err() {
            self.invite_step(Event::CheckFailed).await?;
        }
        started
    }

    /// The face check of an invite has passed.
    pub(crate) async fn agents_checked(&self, page: &ConsentPage) -> Result<(), AppError> {
        self.invite_step(Event::Checked(page.clone()))
            .await
            .map(drop)
    }

    pub(crate) async fn invite_consent(&self) -> Option<ConsentPage> {
        match &*self.invite.0.lock().await {
            State::Consenting(page) | State::Answering { page, .. } => Some(page.clone()),
            State::Idle | State::Viewing { .. } | State::Checking { .. } => None,
        }
    }

    pub(crate) async fn answer_invite(&self, agree: bool) -> Result<InviteAnswered, AppError> {
        self.require_account()?;
        self.invite_step(Event::Answer { agree }).await?;
        let page = self.invite_consent().await.ok_or(ErrorCode::StateWrong)?;
        let body = AnswerInvite {
            consent_token: page.consent_token,
            agree,
        };
        let call = Call::post(format!("/v1/invites/{}/answer", page.invite_id), &body)?;
        match self.ask::<InviteAnswered>(call).await {
            Ok(answered) => {
                if let Some(enterprise) = &answered.enterprise {
                    self.note_enterprise(enterprise.clone()).await?;
                }
                self.invite_step(Event::Answered).await?;
                Ok(answered)
            }
            Err(error) => {
                self.invite_step(Event::AnswerFailed { code: error.code })
                    .await?;
                Err(error)
            }
        }
    }

    pub(crate) async fn leave_invite(&self) -> Result<(), AppError> {
        self.invite_step(Event::Leave).await.map(drop)
    }

    /// Where the current enterprise's agents are kept, and its number.
    async fn agents_of_current(&self) -> Result<(String, EnterpriseId), AppError> {
        let account = self.require_account()?.account_id;
        let enterprise = self.require_enterprise().await?.enterprise_id;
        Ok((list_cell(account, enterprise), enterprise))
    }

    async fn known_agents(&self, cell: &str) -> Result<AgentList, AppError> {
        let known = self.store.get(cell).await?;
        Ok(known.unwrap_or(AgentList {
            agents: Vec::new(),
            invites: Vec::new(),
        }))
    }
}

/// The line that goes with a shared link: the enterprise and what is asked, no person.
fn share_text(locale: &str, kind: InviteKind, enterprise: &str) -> String {
    let authentication = kind == InviteKind::Authentication;
    match (locale, authentication) {
        ("zh-HK", false) => format!("{enterprise}邀請您成為經辦人"),
        ("zh-HK", true) => format!("請為{enterprise}進行法定代表人認證"),
        ("en", false) => format!("{enterprise} invites you to be its agent"),
        ("en", true) => format!("Please authenticate {enterprise} as its legal representative"),
        (_, false) => format!("{enterprise}邀请您成为经办人"),
        (_, true) => format!("请为{enterprise}进行法定代表人认证"),
    }
}
