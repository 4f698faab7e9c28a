//! 输入PIN码: dots only. Digits go into the core's pad one by one and never come out again.

use super::model::{Context, Effect, Key};
use super::sheet::{AMBER, BOLD, DIM, RED, Sheet};
use super::texts::Text;
use super::words;
use crate::cli::Lang;
use kapok_core::secret::PIN_LENGTH;
use kapok_core::types::{CertificateKind, EnterpriseId};
use kapok_core::{AppError, Pin, PinPad};

pub(super) fn type_into(pad: &mut PinPad, key: &Key) {
    match key {
        Key::Char(char) => {
            if let Some(digit) = char.to_digit(10).and_then(|digit| u8::try_from(digit).ok()) {
                pad.push(digit);
            }
        }
        Key::Backspace => pad.backspace(),
        _ => {}
    }
}

pub(super) fn dots(typed: usize) -> String {
    (0..PIN_LENGTH)
        .map(|place| if place < typed { "●" } else { "○" })
        .collect::<Vec<_>>()
        .join("  ")
}

/// Why the last PIN was not taken.
#[derive(Default)]
pub(super) struct Refusal {
    text: Option<String>,
    until_ms: u64,
}

impl Refusal {
    pub(super) fn of(cx: &Context, error: &AppError) -> Self {
        let wait = error
            .wait_seconds
            .map_or(0, |seconds| u64::from(seconds) * 1000);
        Self {
            text: Some(words::error(cx.lang, error)),
            until_ms: if wait > 0 { cx.now_ms + wait } else { 0 },
        }
    }

    /// Seconds until the next try.
    pub(super) fn wait(&self, cx: &Context) -> u64 {
        self.until_ms.saturating_sub(cx.now_ms).div_ceil(1000)
    }

    pub(super) fn rows(&self, cx: &Context, sheet: &mut Sheet) {
        if let Some(text) = &self.text {
            sheet.line(format!("✗ {text}"), RED);
        }
        let left = self.wait(cx);
        if left > 0 {
            sheet.key(">", Text::KeyPassTime);
            sheet.line(
                format!(
                    "⏳ {} {}",
                    Text::PinWaitLeft.of(cx.lang),
                    words::minutes(left)
                ),
                AMBER,
            );
        }
    }
}

/// What a PIN is typed for, outside a session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PinFor {
    /// 安装证书.
    Install(EnterpriseId, CertificateKind),
    /// 吊销码.
    RevocationCode,
    /// 撤销挂失.
    Objection,
}

impl PinFor {
    /// What is done with the PIN.
    pub fn effect(self, pin: Pin) -> Effect {
        match self {
            Self::Install(enterprise, kind) => Effect::Install(enterprise, kind, pin),
            Self::RevocationCode => Effect::RevocationCode(pin),
            Self::Objection => Effect::ObjectToLoss(pin),
        }
    }

    const fn text(self) -> Text {
        match self {
            Self::Install(..) => Text::PinForInstall,
            Self::RevocationCode => Text::PinForCode,
            Self::Objection => Text::PinForObjection,
        }
    }
}

/// 输入PIN码.
#[derive(Default)]
pub struct PinEntry {
    pad: PinPad,
    refusal: Refusal,
}

impl PinEntry {
    /// Takes a key; gives the PIN when it is complete and Enter is pressed.
    pub fn key(&mut self, key: &Key) -> Option<Pin> {
        match key {
            Key::Enter => {
                let pin = self.pad.take();
                if pin.is_some() {
                    self.refusal.text = None;
                }
                pin
            }
            other => {
                type_into(&mut self.pad, other);
                None
            }
        }
    }

    /// The PIN was not taken.
    pub fn refuse(&mut self, cx: &Context, error: &AppError) {
        self.pad.clear();
        self.refusal = Refusal::of(cx, error);
    }

    /// Draws the boxes.
    pub fn rows(&self, cx: &Context, sheet: &mut Sheet) {
        sheet.gap();
        sheet.text(Text::PinPlease);
        sheet.gap();
        sheet.line(format!("    {}", dots(self.pad.len())), BOLD);
        sheet.gap();
        self.refusal.rows(cx, sheet);
        sheet.key("0-9", Text::KeyDigits);
        sheet.key("Enter", Text::KeyConfirm);
    }

    /// Seconds until the next try.
    pub fn wait(&self, cx: &Context) -> u64 {
        self.refusal.wait(cx)
    }

    /// The wait has passed.
    pub fn passed(&mut self) {
        self.refusal = Refusal::default();
    }

    /// The whole screen, for one act.
    pub fn sheet(&self, cx: &Context, what: PinFor) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::PinEnter);
        sheet.line(what.text().of(cx.lang), DIM);
        self.rows(cx, &mut sheet);
        sheet.key("Esc", Text::KeyPreviousStep);
        sheet
    }
}

/// Whether an error is about the typed PIN itself.
pub fn about_pin(error: &AppError) -> bool {
    error.code.as_str().starts_with("PIN_")
}

/// The state of the PIN in words.
pub fn state_text(lang: Lang, state: &kapok_core::types::PinState) -> String {
    use kapok_core::types::PinState;
    let text = match state {
        PinState::Unset => Text::PinStateUnset,
        PinState::Setting => Text::PinStateSetting,
        PinState::Set { .. } => Text::PinStateSet,
        PinState::Blocked => Text::PinStateBlocked,
        PinState::Resetting => Text::PinStateResetting,
        PinState::Revoked => Text::PinStateRevoked,
        PinState::Lost => Text::PinStateLost,
    };
    let mut out = text.of(lang).to_owned();
    if let PinState::Set {
        tries_left: Some(left),
        ..
    } = state
    {
        out.push_str(&format!(" · {} {left}", Text::TriesLeft.of(lang)));
    }
    out
}
