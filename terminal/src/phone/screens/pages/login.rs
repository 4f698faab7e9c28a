//! 协议与隐私, 人脸识别登录 (YST-003 to YST-008), 账号密码登录 (YST-037).

use crate::phone::screens::form::{Form, Input, Kind};
use crate::phone::screens::model::{Context, Effect, Key, Out};
use crate::phone::screens::sheet::{AMBER, BOLD, DIM, GREEN, Sheet};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::PrivacyNotice;
use kapok_core::login::HandoffView;
use kapok_core::types::{DocumentKind, TypedIdentity};
use zeroize::Zeroizing;

/// 协议与隐私.
pub struct Privacy {
    notice: PrivacyNotice,
    top: usize,
}

impl Privacy {
    /// Shows a notice.
    pub const fn new(notice: PrivacyNotice) -> Self {
        Self { notice, top: 0 }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        match key {
            Key::Up => self.top = self.top.saturating_sub(1),
            Key::Down => self.top = (self.top + 1).min(self.notice.text.lines().count()),
            Key::Enter if self.notice.agreed => out.back(),
            Key::Enter => out.run(Effect::Agree(self.notice.version.clone())),
            Key::Esc => out.back(),
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Privacy);
        for line in self.notice.text.lines().skip(self.top) {
            sheet.line(line, Default::default());
        }
        sheet.key("↑↓", Text::KeyScroll);
        if self.notice.agreed {
            sheet.key("Esc", Text::KeyBack);
        } else {
            sheet.key("Enter", Text::KeyAgree);
            sheet.key("Esc", Text::KeyRefuse);
        }
        sheet
    }
}

/// The open face check: where to do it, and the way back.
pub struct Face {
    view: HandoffView,
    shown_ms: u64,
    input: Input,
}

impl Face {
    /// Shows an open face check.
    pub fn new(cx: &Context, view: HandoffView) -> Self {
        Self {
            view,
            shown_ms: cx.now_ms,
            input: Input::default(),
        }
    }

    /// The face check has moved; what is typed stays.
    pub fn moved(&mut self, cx: &Context, view: HandoffView) {
        self.view = view;
        self.shown_ms = cx.now_ms;
    }

    /// The face check has passed and the six digits are asked for.
    pub fn ask_code(&mut self) {
        self.view.code_asked = true;
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        match key {
            Key::Esc => {
                out.run(Effect::CancelFace);
                out.back();
            }
            Key::Tab => out.run(Effect::OpenAgain),
            Key::Enter if !self.input.text().is_empty() => {
                out.run(Effect::Return(Zeroizing::new(self.input.text().to_owned())));
                self.input = Input::default();
            }
            other => {
                self.input.key(other);
            }
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::FaceCheck);
        sheet.value(Text::MatchCode, "");
        sheet.line(format!("    {}", self.view.match_code), BOLD);
        let passed = cx.now_ms.saturating_sub(self.shown_ms) / 1000;
        sheet.value(
            Text::FaceLeft,
            words::minutes(u64::from(self.view.expires_in).saturating_sub(passed)),
        );
        sheet.gap();
        if let Some(path) = &cx.mini_program {
            let handoff = path.rsplit_once("h=").map_or(path.as_str(), |(_, id)| id);
            sheet.value(Text::MiniProgramPath, path.clone());
            sheet.value(Text::Simulator, "");
            sheet.line(format!("{}/sim/mini?h={handoff}", cx.simulators), GREEN);
            sheet.gap();
        }
        match (self.view.finishing, self.view.code_asked) {
            (true, _) => sheet.line(Text::FaceFinishing.of(cx.lang), DIM),
            (false, true) => sheet.line(Text::FaceCodeAsked.of(cx.lang), AMBER),
            (false, false) => sheet.line(Text::FaceWaiting.of(cx.lang), DIM),
        }
        sheet.gap();
        sheet.line(Text::FaceReturn.of(cx.lang), DIM);
        sheet.item(true, format!("{}▏", self.input.text()));
        sheet.key("Enter", Text::KeyReturn);
        sheet.key("Tab", Text::KeyOpenAgain);
        sheet.key("Esc", Text::KeyCancel);
        sheet
    }
}

/// The kinds of document that a form offers; which of them count the core says.
pub fn documents() -> Kind {
    Kind::Choice(words::DOCUMENTS.iter().map(|(_, text)| *text).collect(), 0)
}

/// The chosen kind of document.
pub fn document(form: &Form) -> DocumentKind {
    words::DOCUMENTS
        .get(form.choice("document"))
        .map_or(DocumentKind::Unknown, |(kind, _)| *kind)
}

/// Identity typed before the face check (YST-005).
pub fn identity_form() -> Form {
    Form::new(Text::Identity, Text::KeyStart)
        .line("name", Text::Name)
        .field("document", Text::Document, documents())
        .line("number", Text::Number)
}

/// What was typed.
pub fn identity(form: &Form) -> TypedIdentity {
    TypedIdentity {
        name: form.text("name").to_owned(),
        document: document(form),
        number: form.text("number").to_owned(),
    }
}

/// 账号密码登录.
pub fn password_form() -> Form {
    Form::new(Text::PasswordLogin, Text::KeyLogin)
        .line("login", Text::LoginName)
        .field("password", Text::Password, Kind::Secret(Input::default()))
}
