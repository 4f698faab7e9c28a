//! 设置PIN码: a new PIN and once more, after the old one or before the face check where that is what allows it. Dots only.

use super::model::{Context, Effect, Key, Out};
use super::pin::{Refusal, dots, type_into};
use super::sheet::{BOLD, DIM, Sheet};
use super::texts::Text;
use kapok_core::secret::PIN_LENGTH;
use kapok_core::{AppError, Pin, PinPad};
use ratatui::style::Style;

/// What allows a new PIN.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// There is none yet.
    #[default]
    First,
    /// The one that holds: 修改PIN码.
    Old,
    /// A face check that follows.
    Face,
    /// A face check that has passed; what was typed before it is gone.
    PassedFace,
}

/// What is typed now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Old,
    New,
    Repeat,
}

/// The screen.
#[derive(Default)]
pub struct PinSet {
    by: By,
    old: Option<Pin>,
    /// The new one, once the rules have taken it.
    chosen: Option<Pin>,
    pad: PinPad,
    refusal: Refusal,
}

impl PinSet {
    /// An empty screen.
    pub fn by(by: By) -> Self {
        Self {
            by,
            ..Self::default()
        }
    }

    fn step(&self) -> Step {
        match (&self.old, &self.chosen) {
            (None, _) if self.by == By::Old => Step::Old,
            (_, None) => Step::New,
            (_, Some(_)) => Step::Repeat,
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        match key {
            Key::Esc => out.back(),
            Key::Up | Key::BackTab => *self = Self::by(self.by),
            Key::Tab | Key::Down if self.step() != Step::Repeat => self.entered(out),
            Key::Enter => self.entered(out),
            other => {
                self.refusal = Refusal::default();
                type_into(&mut self.pad, other);
            }
        }
    }

    fn entered(&mut self, out: &mut Out) {
        let step = self.step();
        let Some(pin) = self.pad.take() else {
            return;
        };
        match step {
            Step::Old => self.old = Some(pin),
            Step::New => out.run(Effect::CheckPin(pin)),
            Step::Repeat => {
                let Some(first) = self.chosen.take() else {
                    return;
                };
                out.run(match (self.by, self.old.take()) {
                    (By::Old, Some(old)) => Effect::ChangePin(old, first, pin),
                    (By::Face, _) => Effect::StartReset(first, pin),
                    (By::PassedFace, _) => Effect::FinishResetWith(first, pin),
                    _ => Effect::SetPin(first, pin),
                });
            }
        }
    }

    /// The rules take the new one.
    pub fn fits(&mut self, pin: Pin) {
        self.chosen = Some(pin);
    }

    /// Seconds until the next try.
    pub fn wait(&self, cx: &Context) -> u64 {
        self.refusal.wait(cx)
    }

    /// The wait has passed.
    pub fn passed(&mut self) {
        self.refusal = Refusal::default();
    }

    /// A PIN was not taken.
    pub fn refuse(&mut self, cx: &Context, error: &AppError) {
        *self = Self {
            refusal: Refusal::of(cx, error),
            ..Self::by(self.by)
        };
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let (title, hint) = match self.by {
            By::First => (Text::PinSet, Text::PinSetHint),
            By::Old => (Text::PinChange, Text::PinChangeHint),
            By::Face => (Text::PinByFace, Text::PinByFaceHint),
            By::PassedFace => (Text::PinByFace, Text::PinAgainHint),
        };
        let mut sheet = Sheet::new(cx.lang, title);
        sheet.line(hint.of(cx.lang), DIM);
        sheet.gap();
        let old = (Step::Old, Text::PinOld, self.old.is_some());
        let new = [
            (Step::New, Text::PinNew, self.chosen.is_some()),
            (Step::Repeat, Text::PinRepeat, false),
        ];
        let old = (self.by == By::Old).then_some(old);
        for (step, label, done) in old.into_iter().chain(new) {
            self.row(cx, &mut sheet, (step, label, done));
        }
        self.refusal.rows(cx, &mut sheet);
        sheet.key("0-9", Text::KeyDigits);
        let last = self.step() == Step::Repeat;
        sheet.key(
            "Enter",
            if last {
                Text::KeySet
            } else {
                Text::KeyNextStep
            },
        );
        sheet.key("Esc", Text::KeyBack);
        sheet
    }

    fn row(&self, cx: &Context, sheet: &mut Sheet, (step, label, done): (Step, Text, bool)) {
        let here = step == self.step();
        let typed = match (here, done) {
            (true, _) => self.pad.len(),
            (false, true) => PIN_LENGTH,
            (false, false) => 0,
        };
        sheet.line(label.of(cx.lang), if here { BOLD } else { DIM });
        sheet.line(
            format!("  {} {}", if here { "›" } else { " " }, dots(typed)),
            if here { BOLD } else { Style::new() },
        );
        sheet.gap();
    }
}
