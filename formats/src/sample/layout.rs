//! Setting the lines of the contract on pages.

use super::font::Font;
use super::{PAGE, SampleError};
use pdf_writer::{Content, Name, Str};

/// Resource names of the regular and the bold font.
pub(super) const FONT_NAMES: [Name<'static>; 2] = [Name(b"F1"), Name(b"F2")];

const LEFT: f32 = 72.0;
const WIDTH: f32 = PAGE[0] - 2.0 * LEFT;
const TOP: f32 = 772.0;
const BODY: f32 = 11.0;
const LEADING: f32 = 18.4;
const TABLE_SIZE: f32 = 9.5;
const ROW: f32 = 20.0;
const COLUMNS: [f32; 7] = [30.0, 68.0, 132.0, 30.0, 34.0, 82.0, WIDTH - 376.0];
const SECOND_COLUMN: f32 = LEFT + 236.0;
const RIGHT_ALIGNED_SIZE: f32 = 10.0;
/// May not begin a line.
const CLOSING: &str = "，。、；：）》”？！%‰";
/// May not end a line.
const OPENING: &str = "（《“";

#[derive(Clone, Copy)]
enum Weight {
    Regular,
    Bold,
}

/// Turns marked lines into page contents.
pub(super) struct Typesetter {
    fonts: [Font; 2],
    pages: Vec<Content>,
    current: Content,
    y: f32,
    in_table: bool,
}

impl Typesetter {
    pub fn new(regular: Font, bold: Font) -> Self {
        Self {
            fonts: [regular, bold],
            pages: Vec::new(),
            current: Content::new(),
            y: TOP,
            in_table: false,
        }
    }

    /// Sets one line of the source; its first character says what it is.
    pub fn line(&mut self, source: &str) -> Result<(), SampleError> {
        let kind = source.chars().next().unwrap_or(' ');
        let text = source.trim_start_matches(kind).trim_start();
        if kind == '*' {
            return self.row(text);
        }
        if std::mem::take(&mut self.in_table) {
            self.y -= 8.0;
        }
        match kind {
            '#' if source.starts_with("##") => self.heading(text),
            '#' => self.title(text),
            '>' => self.right(text),
            '-' => self.label(text),
            '@' => self.two_columns(text),
            '=' => {
                self.next_page();
                Ok(())
            }
            _ => self.paragraph(text),
        }
    }

    /// The contents of all pages, numbered, and the fonts with what was used of them.
    pub fn finish(mut self) -> Result<(Vec<Vec<u8>>, [Font; 2]), SampleError> {
        self.next_page();
        let count = self.pages.len();
        let mut done = Vec::new();
        for (index, content) in std::mem::take(&mut self.pages).into_iter().enumerate() {
            self.current = content;
            let text = format!("第 {} 页，共 {count} 页", index + 1);
            let x = (PAGE[0] - self.width(Weight::Regular, 9.0, &text)?) / 2.0;
            self.show(Weight::Regular, 9.0, x, 44.0, 0.0, &text)?;
            done.push(
                std::mem::replace(&mut self.current, Content::new())
                    .finish()
                    .to_vec(),
            );
        }
        Ok((done, self.fonts))
    }

    fn next_page(&mut self) {
        self.pages
            .push(std::mem::replace(&mut self.current, Content::new()));
        self.y = TOP;
    }

    fn title(&mut self, text: &str) -> Result<(), SampleError> {
        const SPACING: f32 = 10.0;
        let gaps = text.chars().count().saturating_sub(1) as f32 * SPACING;
        let x = (PAGE[0] - self.width(Weight::Bold, 24.0, text)? - gaps) / 2.0;
        self.show(Weight::Bold, 24.0, x, self.y - 12.0, SPACING, text)?;
        self.y -= 42.0;
        Ok(())
    }

    fn heading(&mut self, text: &str) -> Result<(), SampleError> {
        self.y -= 5.0;
        self.show(Weight::Bold, BODY + 0.5, LEFT, self.y, 0.0, text)?;
        self.y -= LEADING + 1.0;
        Ok(())
    }

    fn right(&mut self, text: &str) -> Result<(), SampleError> {
        let x = LEFT + WIDTH - self.width(Weight::Regular, RIGHT_ALIGNED_SIZE, text)?;
        self.show(Weight::Regular, RIGHT_ALIGNED_SIZE, x, self.y, 0.0, text)?;
        self.y -= 16.0;
        Ok(())
    }

    fn label(&mut self, text: &str) -> Result<(), SampleError> {
        let (label, value) = text.split_once('|').unwrap_or((text, ""));
        // A party's first line stands a little apart from what is above it.
        let weight = if label.contains('（') {
            Weight::Bold
        } else {
            Weight::Regular
        };
        if matches!(weight, Weight::Bold) {
            self.y -= 5.0;
        }
        self.show(weight, BODY, LEFT, self.y, 0.0, label)?;
        let x = LEFT + self.width(weight, BODY, label)?;
        self.show(weight, BODY, x, self.y, 0.0, value)?;
        self.y -= LEADING;
        Ok(())
    }

    fn two_columns(&mut self, text: &str) -> Result<(), SampleError> {
        let (left, right) = text.split_once('|').unwrap_or((text, ""));
        self.show(Weight::Regular, BODY, LEFT, self.y, 0.0, left)?;
        self.show(Weight::Regular, BODY, SECOND_COLUMN, self.y, 0.0, right)?;
        self.y -= LEADING + 3.0;
        Ok(())
    }

    fn row(&mut self, text: &str) -> Result<(), SampleError> {
        let head = !std::mem::replace(&mut self.in_table, true);
        let weight = if head { Weight::Bold } else { Weight::Regular };
        let top = self.y + 13.0;
        let mut x = LEFT;
        self.current.set_line_width(0.6);
        let mut cells = text.split('|').zip(COLUMNS).peekable();
        while let Some((cell, mut width)) = cells.next() {
            // An empty cell continues the one before it.
            while let Some((_, more)) = cells.next_if(|(next, _)| next.is_empty()) {
                width += more;
            }
            self.current.rect(x, top - ROW, width, ROW).stroke();
            let start = x + (width - self.width(weight, TABLE_SIZE, cell)?) / 2.0;
            self.show(weight, TABLE_SIZE, start, top - 13.5, 0.0, cell)?;
            x += width;
        }
        self.y -= ROW;
        Ok(())
    }

    fn paragraph(&mut self, text: &str) -> Result<(), SampleError> {
        let mut indent = 2.0 * BODY;
        let mut rest = text;
        while !rest.is_empty() {
            let room = WIDTH - indent;
            let (line, after) = self.break_line(rest, room)?;
            let gaps = line.chars().count().saturating_sub(1).max(1) as f32;
            let spacing = if after.is_empty() {
                0.0
            } else {
                (room - self.width(Weight::Regular, BODY, line)?) / gaps
            };
            self.show(Weight::Regular, BODY, LEFT + indent, self.y, spacing, line)?;
            self.y -= LEADING;
            indent = 0.0;
            rest = after;
        }
        Ok(())
    }

    /// As much of `text` as fits, broken where Chinese typesetting allows, and the rest.
    fn break_line<'t>(&self, text: &'t str, room: f32) -> Result<(&'t str, &'t str), SampleError> {
        let advances = self.font(Weight::Regular).advances(text)?;
        let mut used = 0.0;
        let mut last = None;
        let mut previous = None;
        for ((offset, c), advance) in text.char_indices().zip(advances) {
            if previous.is_some_and(|p| may_break(p, c)) {
                last = Some(offset);
            }
            used += advance * BODY / 1000.0;
            if used > room && !c.is_whitespace() {
                let (line, rest) = text.split_at(last.unwrap_or(offset));
                return Ok((line.trim_end(), rest.trim_start()));
            }
            previous = Some(c);
        }
        Ok((text, ""))
    }

    fn width(&self, weight: Weight, size: f32, text: &str) -> Result<f32, SampleError> {
        Ok(self.font(weight).advances(text)?.iter().sum::<f32>() * size / 1000.0)
    }

    fn font(&self, weight: Weight) -> &Font {
        let [regular, bold] = &self.fonts;
        match weight {
            Weight::Regular => regular,
            Weight::Bold => bold,
        }
    }

    fn show(
        &mut self,
        weight: Weight,
        size: f32,
        x: f32,
        y: f32,
        spacing: f32,
        text: &str,
    ) -> Result<(), SampleError> {
        if text.is_empty() {
            return Ok(());
        }
        let [regular, bold] = &mut self.fonts;
        let [regular_name, bold_name] = FONT_NAMES;
        let (font, name) = match weight {
            Weight::Regular => (regular, regular_name),
            Weight::Bold => (bold, bold_name),
        };
        let bytes = font.encode(text)?;
        self.current
            .begin_text()
            .set_font(name, size)
            .set_char_spacing(spacing)
            .next_line(x, y);
        self.current.show(Str(&bytes)).end_text();
        Ok(())
    }
}

/// Between two characters of which one is not Latin, unless punctuation forbids it.
fn may_break(before: char, after: char) -> bool {
    if CLOSING.contains(after) || OPENING.contains(before) {
        return false;
    }
    before.is_whitespace() || after.is_whitespace() || !before.is_ascii() || !after.is_ascii()
}
