//! What a screen shows, before it is laid out: a title, rows, at most one picture, and the keys that do something.

use super::pictures::Picture;
use super::texts::Text;
use crate::cli::Lang;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

/// Text that warns.
pub const AMBER: Style = Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD);
/// Text that says no.
pub const RED: Style = Style::new().fg(Color::Red);
/// Text that says yes.
pub const GREEN: Style = Style::new().fg(Color::Green);
/// Side remarks.
pub const DIM: Style = Style::new().fg(Color::DarkGray);
/// What matters.
pub const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const CHOSEN: Style = Style::new().add_modifier(Modifier::REVERSED);

/// What a screen shows.
pub struct Sheet {
    /// The screen's name as the manuals have it.
    pub title: String,
    /// Lines from the top.
    pub rows: Vec<Line<'static>>,
    /// The row that must stay in view.
    pub focus: usize,
    /// Drawn under the rows.
    pub picture: Option<Picture>,
    /// Keys with what they do.
    pub help: Vec<(&'static str, String)>,
    lang: Lang,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(lang: Lang, title: Text) -> Self {
        Self {
            title: title.of(lang).to_owned(),
            rows: Vec::new(),
            focus: 0,
            picture: None,
            help: Vec::new(),
            lang,
        }
    }

    /// A line of the catalogue.
    pub fn text(&mut self, text: Text) {
        self.line(text.of(self.lang), Style::new());
    }

    /// A line in a style.
    pub fn line(&mut self, text: impl Into<String>, style: Style) {
        self.rows.push(Line::styled(text.into(), style));
    }

    /// A label and its value.
    pub fn value(&mut self, label: Text, value: impl Into<String>) {
        let label = Span::styled(format!("{}  ", label.of(self.lang)), DIM);
        self.rows
            .push(Line::from(vec![label, Span::raw(value.into())]));
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.rows.push(Line::default());
    }

    /// One of several things to choose from.
    pub fn item(&mut self, chosen: bool, text: impl Into<String>) {
        let style = if chosen { CHOSEN } else { Style::new() };
        if chosen {
            self.focus = self.rows.len();
        }
        let mark = if chosen { "› " } else { "  " };
        self.rows
            .push(Line::styled(format!("{mark}{}", text.into()), style));
    }

    /// A key and what it does.
    pub fn key(&mut self, key: &'static str, text: Text) {
        self.help.push((key, text.of(self.lang).to_owned()));
    }
}

/// Moves a cursor through `len` things with the arrows; false for any other key.
pub fn moved(cursor: &mut usize, len: usize, key: &super::model::Key) -> bool {
    use super::model::Key;
    match key {
        Key::Up => *cursor = cursor.saturating_sub(1),
        Key::Down => *cursor = (*cursor + 1).min(len.saturating_sub(1)),
        _ => return false,
    }
    true
}
