//! 首页, 我的, 功能设置, 登录: lists of places to go to.

use crate::phone::screens::model::{Confirm, Context, Effect, Go, Key, Out, Screen};
use crate::phone::screens::new_pin::{By, PinSet};
use crate::phone::screens::pages::{
    agents, certificates, enterprises, login, phones, scan, seals, session,
};
use crate::phone::screens::pin::{PinEntry, PinFor, state_text};
use crate::phone::screens::sheet::{AMBER, BOLD, DIM, GREEN, Sheet, moved};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::signing::State;
use kapok_core::types::{AccountKind, PinState};

/// A list of places with a cursor.
#[derive(Default)]
pub struct Menu {
    cursor: usize,
}

/// Whether a session is open.
pub fn connected(cx: &Context) -> bool {
    !matches!(cx.session.state, State::Idle | State::Closed { .. })
}

/// Places of 首页.
pub fn home(cx: &Context) -> Vec<Text> {
    let mut places = vec![if cx.account.is_some() {
        Text::Mine
    } else {
        Text::PleaseLogin
    }];
    if connected(cx) {
        places.insert(0, Text::Connected);
    }
    places.extend([
        Text::Scan,
        Text::Certificates,
        Text::Seals,
        Text::Enterprises,
        Text::OpenLink,
        Text::Privacy,
    ]);
    places
}

/// Places of 我的.
pub fn mine(cx: &Context) -> Vec<Text> {
    let mut places = vec![
        Text::SwitchEnterprise,
        Text::Agents,
        Text::Certificates,
        Text::Seals,
        Text::Settings,
    ];
    if cx
        .account
        .as_ref()
        .is_some_and(|account| account.kind == AccountKind::Enterprise)
    {
        places.push(Text::Links);
    }
    places.push(Text::Logout);
    places
}

/// Places of 功能设置.
pub fn settings(_: &Context) -> Vec<Text> {
    vec![
        Text::PinSettings,
        Text::Phones,
        Text::ReportByCode,
        Text::StopReset,
        Text::Withdraw,
    ]
}

/// Ways to another PIN, by where the present one is.
pub fn pin(cx: &Context) -> Vec<Text> {
    match cx.pin {
        Some(PinState::Set { .. }) => vec![Text::PinChange, Text::PinByFace, Text::RevocationCode],
        Some(PinState::Revoked) => vec![Text::ObjectToLoss],
        Some(PinState::Resetting) => vec![Text::PinContinue, Text::PinByFace],
        _ => vec![Text::PinByFace],
    }
}

/// Ways of 登录, the mini program's first.
pub fn ways(_: &Context) -> Vec<Text> {
    vec![
        Text::FaceLogin,
        Text::FaceLoginTyped,
        Text::PasswordLogin,
        Text::ReportByCode,
        Text::StopReset,
    ]
}

impl Menu {
    /// Takes a key.
    pub fn key(&mut self, cx: &Context, places: &[Text], key: &Key, out: &mut Out) {
        if moved(&mut self.cursor, places.len(), key) {
            return;
        }
        match key {
            Key::Esc if *places == *home(cx) => ask_to_quit(cx, out),
            Key::Esc => out.back(),
            Key::Enter => {
                if let Some(place) = places.get(self.cursor) {
                    go(cx, *place, out);
                }
            }
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context, title: Text, places: &[Text]) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, title);
        if matches!(title, Text::Home | Text::Mine) {
            who(cx, &mut sheet);
        }
        if let (Text::PinSettings, Some(state)) = (title, &cx.pin) {
            sheet.line(state_text(cx.lang, state), DIM);
            sheet.gap();
        }
        for (at, place) in places.iter().enumerate() {
            sheet.item(at == self.cursor, place.of(cx.lang));
        }
        if title == Text::Mine {
            sheet.gap();
            sheet.line(format!("⚠ {}", Text::SoftwareKey.of(cx.lang)), DIM);
        }
        sheet.key("↑↓", Text::KeyMove);
        sheet.key("Enter", Text::KeyOpen);
        sheet.key(
            "Esc",
            if title == Text::Home {
                Text::KeyQuit
            } else {
                Text::KeyBack
            },
        );
        sheet
    }
}

fn who(cx: &Context, sheet: &mut Sheet) {
    match &cx.account {
        Some(account) => sheet.value(Text::Account, account.display_name.clone()),
        None => sheet.line(format!("【{}】", Text::PleaseLogin.of(cx.lang)), BOLD),
    }
    match &cx.enterprise {
        Some(enterprise) => {
            sheet.value(
                Text::Enterprise,
                format!(
                    "{} 【{}】",
                    enterprise.name,
                    words::level(cx.lang, enterprise.level)
                ),
            );
            sheet.value(Text::Role, words::role(cx.lang, enterprise.role));
        }
        None if cx.account.is_some() => {
            sheet.line(format!("【{}】", Text::PleaseSelect.of(cx.lang)), AMBER)
        }
        None => {}
    }
    if connected(cx) {
        sheet.line(format!("● {}", Text::Connected.of(cx.lang)), GREEN);
    }
    if cx.unfinished > 0 {
        sheet.line(
            format!("⚠ {} {}", Text::Unfinished.of(cx.lang), cx.unfinished),
            AMBER,
        );
        sheet.line(Text::UnfinishedHint.of(cx.lang), DIM);
    }
    sheet.gap();
}

fn go(cx: &Context, place: Text, out: &mut Out) {
    let load = match place {
        Text::PleaseLogin | Text::Login => return out.open(Screen::Login(Menu::default())),
        Text::Mine => return out.open(Screen::Mine(Menu::default())),
        Text::Settings => return out.open(Screen::Settings(Menu::default())),
        Text::OpenLink => return out.open(Screen::OpenLink(super::invite::link_form())),
        Text::Scan => return out.open(Screen::Scan(scan::Scan::new(cx))),
        Text::Connected => return out.open(Screen::Session(session::Session::default())),
        Text::FaceLogin => return out.run(Effect::StartFace(None)),
        Text::FaceLoginTyped => return out.open(Screen::Identity(login::identity_form())),
        Text::PasswordLogin => return out.open(Screen::Password(login::password_form())),
        Text::PinSettings => Effect::LoadPin,
        Text::PinChange => return out.open(Screen::PinSet(PinSet::by(By::Old))),
        Text::PinByFace => return out.open(Screen::PinSet(PinSet::by(By::Face))),
        Text::PinContinue => return out.open(Screen::PinSet(PinSet::by(By::PassedFace))),
        Text::RevocationCode => return out.open(pin_for(PinFor::RevocationCode)),
        Text::ObjectToLoss => return out.open(pin_for(PinFor::Objection)),
        Text::ReportByCode => return out.open(Screen::ReportByCode(phones::report_form())),
        Text::StopReset => return out.open(Screen::StopReset(phones::stop_form())),
        Text::Phones => {
            out.open(Screen::Phones(phones::Phones::default()));
            Effect::LoadPhones
        }
        Text::Privacy => Effect::LoadPrivacy,
        Text::Withdraw => return ask(cx, Text::WithdrawAsk, Effect::Withdraw, out),
        Text::Logout => return ask(cx, Text::LogoutAsk, Effect::Logout, out),
        Text::Enterprises | Text::SwitchEnterprise => {
            out.open(Screen::Enterprises(enterprises::Enterprises::default()));
            Effect::LoadEnterprises
        }
        Text::Agents => {
            out.open(Screen::Agents(agents::Agents::default()));
            Effect::LoadAgents
        }
        Text::Certificates => {
            out.open(Screen::Certificates(certificates::Certificates::default()));
            Effect::LoadCertificates
        }
        Text::Seals => {
            out.open(Screen::Seals(seals::Seals::default()));
            Effect::LoadSeals
        }
        Text::Links => {
            out.open(Screen::Links(enterprises::Links::default()));
            Effect::LoadLinks
        }
        _ => return,
    };
    out.run(load);
}

/// Asks before the phone is left: one Esc too many must not end a session.
pub fn ask_to_quit(cx: &Context, out: &mut Out) {
    out.open(Screen::Confirm(Confirm {
        question: Text::QuitAsk.of(cx.lang).to_owned(),
        yes: Text::KeyQuit,
        effect: None,
    }));
}

fn pin_for(what: PinFor) -> Screen {
    Screen::PinEnter(PinEntry::default(), what)
}

/// Asks before an act.
pub fn ask(cx: &Context, question: Text, effect: Effect, out: &mut Out) {
    ask_text(question.of(cx.lang).to_owned(), effect, out);
}

/// The same with a question that names something.
pub fn ask_text(question: String, effect: Effect, out: &mut Out) {
    out.open(Screen::Confirm(Confirm {
        question,
        yes: Text::KeyConfirm,
        effect: Some(effect),
    }));
}

impl Confirm {
    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        match key {
            Key::Enter => match self.effect.take() {
                Some(effect) => {
                    out.back();
                    out.run(effect);
                }
                None => out.go = Some(Go::Quit),
            },
            Key::Esc => out.back(),
            _ => {}
        }
    }

    /// The question.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::KeyConfirm);
        sheet.gap();
        for line in self.question.lines() {
            sheet.line(line, BOLD);
        }
        sheet.gap();
        sheet.key("Enter", self.yes);
        sheet.key("Esc", Text::KeyCancel);
        sheet
    }
}
