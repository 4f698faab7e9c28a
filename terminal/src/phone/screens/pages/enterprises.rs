//! 选择办事企业, 手动添加, 查找企业, 关联已有企业账号, 关联申请 (YST-009 to YST-036).

use crate::phone::screens::form::{Form, Input};
use crate::phone::screens::model::{Context, Effect, Key, Out, Screen};
use crate::phone::screens::sheet::{DIM, Sheet, moved};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::types::{EnterpriseView, LinkView, RegistryHit};

/// 选择办事企业.
#[derive(Default)]
pub struct Enterprises {
    list: Option<Vec<EnterpriseView>>,
    cursor: usize,
}

impl Enterprises {
    /// The list has come.
    pub fn show(&mut self, list: Vec<EnterpriseView>) {
        self.cursor = self.cursor.min(list.len().saturating_sub(1));
        self.list = Some(list);
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        let list = self.list.as_deref().unwrap_or_default();
        if moved(&mut self.cursor, list.len(), key) {
            return;
        }
        let chosen = list.get(self.cursor);
        match key {
            Key::Esc => out.back(),
            Key::Enter => out
                .effects
                .extend(chosen.map(|one| Effect::Select(one.enterprise_id))),
            Key::Char('a') => out.open(Screen::AddEnterprise(add_form())),
            Key::Char('f') => out.open(Screen::Search(Search::default())),
            Key::Char('k') => out.open(Screen::AskLink(link_form())),
            Key::Char('v') => out.run(Effect::AskAuthentication),
            Key::Char('o') => out.open(Screen::OpenLink(super::invite::link_form())),
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Enterprises);
        match self.list.as_deref() {
            None => sheet.line(Text::Busy.of(cx.lang), DIM),
            Some([]) => sheet.text(Text::EnterprisesNone),
            Some(list) => {
                for (at, one) in list.iter().enumerate() {
                    let mark = if one.selected { "✓ " } else { "  " };
                    sheet.item(
                        at == self.cursor,
                        format!(
                            "{mark}{} 【{}】",
                            one.name,
                            words::level(cx.lang, one.level)
                        ),
                    );
                    sheet.line(
                        format!("      {} · {}", one.uscc, words::role(cx.lang, one.role)),
                        DIM,
                    );
                }
            }
        }
        sheet.key("Enter", Text::KeySelect);
        sheet.key("a", Text::AddEnterprise);
        sheet.key("f", Text::SearchEnterprise);
        sheet.key("k", Text::AskLink);
        sheet.key("v", Text::KeyAskAuthentication);
        sheet.key("o", Text::OpenLink);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}

/// 手动添加.
pub fn add_form() -> Form {
    Form::new(Text::AddEnterprise, Text::KeyAddNow).line("uscc", Text::Uscc)
}

/// 关联已有企业账号.
pub fn link_form() -> Form {
    Form::new(Text::AskLink, Text::KeyAskLink)
        .line("login", Text::LoginName)
        .line("name", Text::EnterpriseName)
}

/// 查找企业.
#[derive(Default)]
pub struct Search {
    query: Input,
    asked: String,
    hits: Vec<RegistryHit>,
    cursor: usize,
}

impl Search {
    /// Results have come.
    pub fn show(&mut self, hits: Vec<RegistryHit>) {
        self.hits = hits;
        self.cursor = 0;
    }

    /// Takes a key: the first Enter searches, the next one takes the chosen result.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        if moved(&mut self.cursor, self.hits.len(), key) {
            return;
        }
        match key {
            Key::Esc => out.back(),
            Key::Enter if self.asked == self.query.text() && !self.hits.is_empty() => {
                let chosen = self.hits.get(self.cursor);
                out.effects
                    .extend(chosen.map(|hit| Effect::Register(hit.name.clone(), hit.uscc.clone())));
            }
            Key::Enter => {
                self.asked = self.query.text().to_owned();
                out.run(Effect::Search(self.asked.clone()));
            }
            other => {
                self.query.key(other);
            }
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::SearchEnterprise);
        sheet.line(Text::Query.of(cx.lang), DIM);
        sheet.line(format!("  {}▏", self.query.text()), Default::default());
        sheet.gap();
        for (at, hit) in self.hits.iter().enumerate() {
            let level = if hit.authenticated { " ✓" } else { "" };
            sheet.item(
                at == self.cursor,
                format!("{}  {}{level}", hit.name, hit.uscc),
            );
        }
        let searched = self.asked == self.query.text() && !self.hits.is_empty();
        sheet.key(
            "Enter",
            if searched {
                Text::KeyRegister
            } else {
                Text::KeyFind
            },
        );
        sheet.key("↑↓", Text::KeyMove);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}

/// 关联申请 of an enterprise account.
#[derive(Default)]
pub struct Links {
    list: Vec<LinkView>,
    cursor: usize,
}

impl Links {
    /// The list has come.
    pub fn show(&mut self, list: Vec<LinkView>) {
        self.cursor = self.cursor.min(list.len().saturating_sub(1));
        self.list = list;
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        if moved(&mut self.cursor, self.list.len(), key) {
            return;
        }
        let chosen = self.list.get(self.cursor).map(|link| link.link_id);
        match key {
            Key::Esc => out.back(),
            Key::Enter => out
                .effects
                .extend(chosen.map(|link| Effect::AnswerLink(link, true))),
            Key::Char('x') => out
                .effects
                .extend(chosen.map(|link| Effect::AnswerLink(link, false))),
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Links);
        if self.list.is_empty() {
            sheet.text(Text::LinksNone);
        }
        for (at, link) in self.list.iter().enumerate() {
            sheet.item(
                at == self.cursor,
                format!("{}  {}", link.asked_by, words::day(link.asked_at)),
            );
        }
        sheet.key("Enter", Text::KeyAgree);
        sheet.key("x", Text::KeyRefuse);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}
