//! Fields to fill in. What is typed is wiped when the form goes, because a form may hold a password or a document number.

use super::model::Key;
use super::sheet::{DIM, RED, Sheet};
use super::texts::Text;
use super::words;
use crate::cli::Lang;
use kapok_core::AppError;
use ratatui::style::Style;
use ratatui::text::Span;
use zeroize::Zeroizing;

/// The longest text of a field, in characters; what is right for a field the core says.
const MAX_CHARS: usize = 512;

/// Text that is being typed.
#[derive(Default)]
pub struct Input(Zeroizing<String>);

impl Input {
    /// With a text to begin with.
    pub fn with(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// What was typed, without spaces around it.
    pub fn text(&self) -> &str {
        self.0.trim()
    }

    /// Takes a key; false if it is none for a text.
    pub fn key(&mut self, key: &Key) -> bool {
        match key {
            Key::Char(char) if !char.is_control() => self.push(*char),
            Key::Paste(text) => text
                .chars()
                .filter(|char| !char.is_control())
                .for_each(|char| self.push(char)),
            Key::Backspace => {
                self.0.pop();
            }
            _ => return false,
        }
        true
    }

    fn push(&mut self, char: char) {
        if self.0.chars().count() < MAX_CHARS {
            // Grown by hand, so that no outgrown copy stays in memory.
            if self.0.len() + char.len_utf8() > self.0.capacity() {
                let mut larger =
                    Zeroizing::new(String::with_capacity(self.0.capacity().max(64) * 2));
                larger.push_str(&self.0);
                self.0 = larger;
            }
            self.0.push(char);
        }
    }
}

/// What a field takes.
pub enum Kind {
    /// Text.
    Line(Input),
    /// Text that is shown as dots.
    Secret(Input),
    /// One of several.
    Choice(Vec<Text>, usize),
    /// Any of several; the cursor.
    Ticks(Vec<(Text, bool)>, usize),
}

/// A field with its label.
pub struct Field {
    name: &'static str,
    label: Text,
    kind: Kind,
}

/// Fields and a button.
pub struct Form {
    title: Text,
    button: Text,
    fields: Vec<Field>,
    at: usize,
    error: Option<(usize, String)>,
}

impl Form {
    /// An empty form.
    pub const fn new(title: Text, button: Text) -> Self {
        Self {
            title,
            button,
            fields: Vec::new(),
            at: 0,
            error: None,
        }
    }

    /// Adds a field; `name` is the field's in errors of the core.
    pub fn field(mut self, name: &'static str, label: Text, kind: Kind) -> Self {
        self.fields.push(Field { name, label, kind });
        self
    }

    /// Adds a field for text.
    pub fn line(self, name: &'static str, label: Text) -> Self {
        self.field(name, label, Kind::Line(Input::default()))
    }

    /// The text of a field; nothing typed is empty.
    pub fn text(&self, name: &str) -> &str {
        match self.kind(name) {
            Some(Kind::Line(input) | Kind::Secret(input)) => input.text(),
            _ => "",
        }
    }

    /// Which of the choices of a field.
    pub fn choice(&self, name: &str) -> usize {
        match self.kind(name) {
            Some(Kind::Choice(_, at)) => *at,
            _ => 0,
        }
    }

    /// Which ticks of a field are set.
    pub fn ticks(&self, name: &str) -> Vec<usize> {
        match self.kind(name) {
            Some(Kind::Ticks(options, _)) => options
                .iter()
                .enumerate()
                .filter(|(_, (_, on))| *on)
                .map(|(at, _)| at)
                .collect(),
            _ => Vec::new(),
        }
    }

    fn kind(&self, name: &str) -> Option<&Kind> {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .map(|field| &field.kind)
    }

    /// Shows an error at its field; false if the form has no such field.
    pub fn refuse(&mut self, lang: Lang, error: &AppError) -> bool {
        let name = error
            .field
            .as_deref()
            .map(|name| name.rsplit('.').next().unwrap_or(name));
        let Some(at) = self
            .fields
            .iter()
            .position(|field| Some(field.name) == name)
        else {
            return false;
        };
        self.at = at;
        self.error = Some((at, words::reason(lang, error)));
        true
    }

    /// Takes a key; true when the form is to be sent.
    pub fn key(&mut self, key: &Key) -> bool {
        let last = self.fields.len().saturating_sub(1);
        match key {
            Key::Enter if self.at >= last => return true,
            Key::Enter | Key::Tab | Key::Down => self.at = (self.at + 1).min(last),
            Key::BackTab | Key::Up => self.at = self.at.saturating_sub(1),
            other => self.fill(other),
        }
        false
    }

    fn fill(&mut self, key: &Key) {
        if self.error.as_ref().is_some_and(|(at, _)| *at == self.at) {
            self.error = None;
        }
        let Some(field) = self.fields.get_mut(self.at) else {
            return;
        };
        match (&mut field.kind, key) {
            (Kind::Line(input) | Kind::Secret(input), key) => {
                input.key(key);
            }
            (Kind::Choice(_, at), Key::Left) | (Kind::Ticks(_, at), Key::Left) => {
                *at = at.saturating_sub(1)
            }
            (Kind::Choice(options, at), Key::Right | Key::Char(' ')) => {
                *at = (*at + 1).min(options.len().saturating_sub(1))
            }
            (Kind::Ticks(options, at), Key::Right) => {
                *at = (*at + 1).min(options.len().saturating_sub(1))
            }
            (Kind::Ticks(options, at), Key::Char(' ')) => {
                if let Some((_, on)) = options.get_mut(*at) {
                    *on = !*on;
                }
            }
            _ => {}
        }
    }

    /// Draws the fields.
    pub fn sheet(&self, lang: Lang) -> Sheet {
        let mut sheet = Sheet::new(lang, self.title);
        for (at, field) in self.fields.iter().enumerate() {
            sheet.line(field.label.of(lang), DIM);
            for (n, line) in shown(lang, &field.kind, at == self.at)
                .into_iter()
                .enumerate()
            {
                sheet.item(at == self.at && n == 0, line);
            }
            match &self.error {
                Some((wrong, text)) if *wrong == at => sheet.line(format!("  ✗ {text}"), RED),
                _ => sheet.line("", Style::new()),
            }
        }
        let last = self.at + 1 >= self.fields.len();
        let enter = if last {
            self.button
        } else {
            Text::KeyNextField
        };
        sheet.key("Enter", enter);
        if self.fields.len() > 1 {
            sheet.key("↑↓", Text::KeyMove);
        }
        let choices = matches!(
            self.fields.get(self.at).map(|f| &f.kind),
            Some(Kind::Choice(..) | Kind::Ticks(..))
        );
        if choices {
            sheet.key("←→ Space", Text::KeyChoose);
        }
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}

/// Columns that the options of a choice may fill before they go on in the next row.
const OPTIONS_WIDE: usize = 70;

/// The rows of a field.
fn shown(lang: Lang, kind: &Kind, here: bool) -> Vec<String> {
    let cursor = if here { "▏" } else { "" };
    match kind {
        Kind::Line(input) => vec![format!("{}{cursor}", input.0.as_str())],
        Kind::Secret(input) => {
            vec![format!("{}{cursor}", "•".repeat(input.0.chars().count()))]
        }
        Kind::Choice(options, at) => {
            let one = |(n, text): (usize, &Text)| {
                format!("{} {}", if n == *at { "◉" } else { "○" }, text.of(lang))
            };
            rows(options.iter().enumerate().map(one))
        }
        Kind::Ticks(options, at) => {
            let one = |(n, (text, on)): (usize, &(Text, bool))| {
                let under = if here && n == *at { "▸" } else { "" };
                format!("{under}{} {}", if *on { "☑" } else { "☐" }, text.of(lang))
            };
            rows(options.iter().enumerate().map(one))
        }
    }
}

/// Options side by side, none of them torn.
fn rows(options: impl Iterator<Item = String>) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for option in options {
        match rows.last_mut() {
            Some(row) if Span::raw(format!("{row}  {option}")).width() <= OPTIONS_WIDE => {
                row.push_str("  ");
                row.push_str(&option);
            }
            _ => rows.push(option),
        }
    }
    rows
}
