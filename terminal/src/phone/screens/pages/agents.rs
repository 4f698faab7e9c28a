//! 经办人管理, 添加经办人, 分享到微信 (YST-018, YST-019).

use super::home::ask;
use super::login::{document, documents};
use crate::phone::screens::form::{Form, Kind};
use crate::phone::screens::model::{Context, Effect, Key, Out, Screen};
use crate::phone::screens::sheet::{AMBER, BOLD, DIM, GREEN, Sheet, moved};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::types::{AgentList, InviteId, NewInvite};

const DAYS: [(u32, Text); 3] = [
    (365, Text::OneYear),
    (30, Text::OneMonth),
    (1_095, Text::ThreeYears),
];
const SCOPES: [(&str, Text); 3] = [
    ("matters", Text::ScopeMatters),
    ("certificates", Text::ScopeCertificates),
    ("seals", Text::ScopeSeals),
];

/// 经办人管理: agents first, then invites.
#[derive(Default)]
pub struct Agents {
    list: Option<AgentList>,
    cursor: usize,
}

impl Agents {
    /// The list has come.
    pub fn show(&mut self, list: AgentList) {
        self.cursor = self
            .cursor
            .min((list.agents.len() + list.invites.len()).saturating_sub(1));
        self.list = Some(list);
    }

    /// Takes a key.
    pub fn key(&mut self, cx: &Context, key: &Key, out: &mut Out) {
        let list = self.list.as_ref();
        let agents = list.map(|list| list.agents.as_slice()).unwrap_or_default();
        let invites = list.map(|list| list.invites.as_slice()).unwrap_or_default();
        if moved(&mut self.cursor, agents.len() + invites.len(), key) {
            return;
        }
        let agent = agents.get(self.cursor);
        let invite = self
            .cursor
            .checked_sub(agents.len())
            .and_then(|at| invites.get(at));
        match key {
            Key::Esc => out.back(),
            Key::Char('a') => out.open(Screen::AddAgent(add_form())),
            Key::Char('s') => out
                .effects
                .extend(invite.map(|invite| Effect::Share(invite.invite_id))),
            Key::Char('x') => match (agent, invite) {
                (Some(agent), _) => ask(
                    cx,
                    Text::RevokeGrantAsk,
                    Effect::RevokeGrant(agent.grant_id),
                    out,
                ),
                (None, Some(invite)) => ask(
                    cx,
                    Text::RevokeInviteAsk,
                    Effect::RevokeInvite(invite.invite_id),
                    out,
                ),
                (None, None) => {}
            },
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Agents);
        match &self.list {
            None => sheet.line(Text::Busy.of(cx.lang), DIM),
            Some(list) if list.agents.is_empty() && list.invites.is_empty() => {
                sheet.text(Text::AgentsNone)
            }
            Some(list) => self.rows(cx, list, &mut sheet),
        }
        sheet.key("a", Text::AddAgent);
        sheet.key("s", Text::Share);
        sheet.key("x", Text::KeyRevoke);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }

    fn rows(&self, cx: &Context, list: &AgentList, sheet: &mut Sheet) {
        sheet.line(Text::AgentsList.of(cx.lang), BOLD);
        for (at, agent) in list.agents.iter().enumerate() {
            let state = words::grant_state(cx.lang, agent.state);
            let text = format!(
                "{}  {state}  {}",
                agent.name,
                words::scope(cx.lang, &agent.scope)
            );
            sheet.item(at == self.cursor, text);
            sheet.line(
                format!(
                    "      {} {}",
                    Text::ValidTo.of(cx.lang),
                    words::day(agent.valid_to)
                ),
                DIM,
            );
        }
        sheet.gap();
        sheet.line(Text::InvitesList.of(cx.lang), BOLD);
        for (at, invite) in list.invites.iter().enumerate() {
            let state = words::invite_state(cx.lang, invite.state);
            let text = format!(
                "{}  {state}  {}",
                invite.invitee,
                words::invite_kind(cx.lang, invite.kind)
            );
            sheet.item(at + list.agents.len() == self.cursor, text);
            if invite.mismatch {
                sheet.line(
                    format!(
                        "      {}",
                        cx.lang
                            .pick("他人曾尝试接受此邀请", "somebody else tried to accept it")
                    ),
                    AMBER,
                );
            }
        }
    }
}

/// 添加经办人.
pub fn add_form() -> Form {
    Form::new(Text::AddAgent, Text::KeyInvite)
        .line("name", Text::Name)
        .field("document", Text::Document, documents())
        .line("number", Text::Number)
        .line("phone", Text::Phone)
        .field(
            "valid_days",
            Text::ValidDays,
            Kind::Choice(DAYS.iter().map(|(_, text)| *text).collect(), 0),
        )
        .field(
            "scope",
            Text::Scope,
            Kind::Ticks(
                SCOPES
                    .iter()
                    .map(|(word, text)| (*text, *word == "matters"))
                    .collect(),
                0,
            ),
        )
}

/// What was typed.
pub fn new_invite(form: &Form) -> NewInvite {
    let scope = form
        .ticks("scope")
        .into_iter()
        .filter_map(|at| SCOPES.get(at))
        .map(|(word, _)| (*word).to_owned());
    NewInvite {
        name: form.text("name").to_owned(),
        document: document(form),
        number: form.text("number").to_owned(),
        phone: form.text("phone").to_owned(),
        valid_days: DAYS
            .get(form.choice("valid_days"))
            .map_or(0, |(days, _)| *days),
        scope: scope.collect(),
    }
}

/// 分享到微信: the terminal shows the link instead of opening WeChat.
pub struct Share {
    /// The link.
    pub link: String,
    /// A line to go with it.
    pub text: String,
    /// The invite, to be marked as sent.
    pub invite: Option<InviteId>,
}

impl Share {
    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        match key {
            Key::Enter => {
                out.effects.extend(self.invite.take().map(Effect::Sent));
                out.back();
            }
            Key::Esc => out.back(),
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Share);
        sheet.text(Text::ShareHint);
        sheet.gap();
        sheet.line(self.text.clone(), BOLD);
        sheet.line(self.link.clone(), GREEN);
        sheet.key("Enter", Text::KeySent);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}
