//! The screens without a terminal and without a platform: actions in, state, effects and drawn text out.

mod corners;
mod debug;
mod entries;
mod journey;
mod looks;
mod new_pin;
mod phones;

use super::draw::draw;
use super::model::{Action, Context, Effect, Key, Phone, Reply, Screen, Start};
use super::pictures::Pictures;
use super::update::update;
use crate::cli::Lang;
use kapok_core::PrivacyNotice;
use kapok_core::login::HandoffView;
use kapok_core::signing::{Peer, RpView, State, View};
use kapok_core::types::{
    AccountId, AccountKind, AccountView, CertificateKind, CertificateState, CertificateView,
    EnterpriseId, EnterpriseView, HandoffId, Purpose, Role, TrustLevel,
};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui_image::picker::Picker;
use zeroize::Zeroizing;

/// A phone under test.
pub struct Bench {
    phone: Option<Phone>,
    /// What was asked for and not looked at yet.
    pub effects: Vec<Effect>,
}

impl Bench {
    /// A phone that has just been opened.
    pub fn new(lang: Lang) -> Self {
        let cx = Context {
            lang,
            simulators: "http://127.0.0.1:8080".to_owned(),
            watch: None,
            scan: None,
            now_ms: 1_800_000_000_000,
            account: None,
            enterprise: None,
            session: View {
                state: State::Idle,
                lease_ends_ms: 0,
                pc_online: false,
            },
            pin: None,
            unfinished: 0,
            mini_program: None,
            sharing: None,
        };
        Self {
            phone: Some(Phone::new(cx)),
            effects: Vec::new(),
        }
    }

    /// A phone that is logged in and works for an enterprise.
    pub fn ready(lang: Lang) -> Self {
        let mut bench = Self::new(lang);
        let start = Start {
            account: Some(account()),
            enterprise: Some(enterprise()),
            ..start(true)
        };
        bench.act(Action::Reply(Reply::Started(Box::new(start))));
        bench
    }

    pub fn phone(&self) -> &Phone {
        self.phone.as_ref().unwrap()
    }

    pub fn act(&mut self, action: Action) -> &mut Self {
        let (phone, effects) = update(self.phone.take().unwrap(), action);
        self.phone = Some(phone);
        self.effects.extend(effects);
        self
    }

    pub fn key(&mut self, key: Key) -> &mut Self {
        self.act(Action::Key(key))
    }

    pub fn typed(&mut self, text: &str) -> &mut Self {
        for char in text.chars() {
            self.act(Action::Key(Key::Char(char)));
        }
        self
    }

    pub fn pasted(&mut self, text: &str) -> &mut Self {
        self.key(Key::Paste(Zeroizing::new(text.to_owned())))
    }

    pub fn reply(&mut self, reply: Reply) -> &mut Self {
        self.act(Action::Reply(reply))
    }

    pub fn session(&mut self, state: State) -> &mut Self {
        let lease_ends_ms = self.phone().cx.now_ms + 299_000;
        self.act(Action::Session(View {
            state,
            lease_ends_ms,
            pc_online: true,
        }))
    }

    /// Chooses the entry of this text in the shown menu and opens it.
    pub fn choose(&mut self, text: &str) -> &mut Self {
        for _ in 0..20 {
            if self
                .text()
                .lines()
                .any(|line| line.contains('›') && line.contains(text))
            {
                return self.key(Key::Enter);
            }
            self.key(Key::Down);
        }
        panic!("no entry {text} in\n{}", self.text());
    }

    /// The one effect that was asked for since the last look.
    pub fn asked(&mut self) -> Effect {
        let mut effects = std::mem::take(&mut self.effects);
        assert_eq!(effects.len(), 1, "one effect");
        effects.remove(0)
    }

    pub fn name(&self) -> &'static str {
        self.phone().screens.last().map_or("", Screen::name)
    }

    /// What an 80×24 terminal shows. The second cell of a wide character is left out.
    pub fn text(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let pictures = Pictures::with(Picker::halfblocks());
        terminal
            .draw(|frame| draw(frame, self.phone(), &pictures))
            .unwrap();
        let buffer = terminal.backend().buffer().clone();
        let mut out = String::new();
        for y in 0..buffer.area.height {
            let mut skip = 0;
            let mut line = String::new();
            for x in 0..buffer.area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = ratatui::text::Span::raw(symbol).width().saturating_sub(1);
                line.push_str(symbol);
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The screen shows each of these texts.
    pub fn shows(&self, texts: &[&str]) {
        let shown = self.text();
        for text in texts {
            assert!(
                shown.contains(text),
                "{text} is not on {}:\n{shown}",
                self.name()
            );
        }
    }
}

pub fn start(agreed: bool) -> Start {
    Start {
        privacy: PrivacyNotice {
            version: "2026-01".into(),
            text: "隐私政策\n一、我们处理的信息".into(),
            agreed,
        },
        account: None,
        enterprise: None,
        handoff: None,
        consent: None,
        unfinished: 0,
    }
}

pub fn account() -> AccountView {
    AccountView {
        account_id: AccountId([1; 16]),
        kind: AccountKind::Person,
        display_name: "张*".into(),
    }
}

pub fn enterprise() -> EnterpriseView {
    EnterpriseView {
        enterprise_id: EnterpriseId([2; 16]),
        name: "广东木棉科技有限公司".into(),
        uscc: "91440101MA5CTEST0X".into(),
        level: TrustLevel::Authenticated,
        role: Role::LegalRep,
        selected: true,
        certificate_admin: true,
    }
}

pub fn handoff() -> HandoffView {
    HandoffView {
        handoff_id: HandoffId([3; 16]),
        purpose: Purpose::Login,
        match_code: "42".into(),
        expires_in: 300,
        code_asked: false,
        finishing: false,
    }
}

pub fn certificate(state: CertificateState) -> CertificateView {
    CertificateView {
        enterprise_id: EnterpriseId([2; 16]),
        enterprise: "广东木棉科技有限公司".into(),
        kind: CertificateKind::Organisation,
        state,
        serial: None,
        not_after: None,
        admin: true,
    }
}

pub fn peer() -> Peer {
    Peer {
        sas: "4821".into(),
        origin: "http://127.0.0.1:8080".into(),
    }
}

pub fn rp() -> RpView {
    RpView {
        name: "木棉电子合同平台".into(),
        contact: "020-12345".into(),
        origin: "http://127.0.0.1:8080".into(),
        title: "采购合同".into(),
    }
}
