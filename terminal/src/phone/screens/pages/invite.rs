//! 认证链接 on the invited person's phone: open, face check, agree (YST-020 to YST-022, YST-028 to YST-031).

use crate::phone::screens::form::Form;
use crate::phone::screens::model::{Context, Effect, Key, Out};
use crate::phone::screens::sheet::{DIM, Sheet};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::types::{ConsentPage, InvitePage};

/// 打开认证链接.
pub fn link_form() -> Form {
    Form::new(Text::OpenLink, Text::KeyOpen).line("link", Text::LinkLabel)
}

/// Takes a key on the invite's page.
pub fn key(key: &Key, out: &mut Out) {
    match key {
        Key::Enter => out.run(Effect::Accept),
        Key::Esc => {
            out.run(Effect::Leave);
            out.back();
        }
        _ => {}
    }
}

/// The invite's page.
pub fn sheet(cx: &Context, page: &InvitePage) -> Sheet {
    let mut sheet = Sheet::new(cx.lang, Text::Invite);
    sheet.value(Text::Kind, words::invite_kind(cx.lang, page.kind));
    sheet.value(Text::State, words::invite_state(cx.lang, page.state));
    if let Some(enterprise) = &page.enterprise {
        sheet.value(Text::Enterprise, enterprise.clone());
    }
    if let Some(invitee) = &page.invitee {
        sheet.value(Text::Invitee, invitee.clone());
    }
    sheet.value(Text::ValidTo, words::day(page.expires_at));
    sheet.key("Enter", Text::KeyAccept);
    sheet.key("Esc", Text::KeyBack);
    sheet
}

/// 同意认证: what the page shows, without the token that it holds.
pub struct Consent {
    kind: &'static str,
    enterprise: String,
    inviter: String,
    scope: String,
    days: u32,
}

impl Consent {
    /// Takes what is shown from the page.
    pub fn new(cx: &Context, page: &ConsentPage) -> Self {
        Self {
            kind: words::invite_kind(cx.lang, page.kind),
            enterprise: page.enterprise.clone(),
            inviter: page.inviter.clone(),
            scope: words::scope(cx.lang, &page.scope),
            days: page.valid_days,
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        match key {
            Key::Enter => out.run(Effect::Answer(true)),
            Key::Char('n') => out.run(Effect::Answer(false)),
            Key::Esc => out.back(),
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Consent);
        sheet.line(Text::ConsentHint.of(cx.lang), DIM);
        sheet.gap();
        sheet.value(Text::Kind, self.kind);
        sheet.value(Text::Enterprise, self.enterprise.clone());
        sheet.value(Text::Inviter, self.inviter.clone());
        if !self.scope.is_empty() {
            sheet.value(Text::Scope, self.scope.clone());
        }
        if self.days > 0 {
            sheet.value(
                Text::ValidDays,
                format!("{} {}", self.days, cx.lang.pick("天", "days")),
            );
        }
        sheet.key("Enter", Text::KeyAgreeAuth);
        sheet.key("n", Text::KeyRefuse);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}
