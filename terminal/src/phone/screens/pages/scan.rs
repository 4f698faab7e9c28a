//! 扫一扫: a screenshot of the PC's page stands in for the camera (YQQ-017, YQQ-018).

use crate::phone::screens::form::Input;
use crate::phone::screens::model::{Context, Effect, Key, Out};
use crate::phone::screens::sheet::{DIM, GREEN, Sheet};
use crate::phone::screens::texts::Text;
use std::path::PathBuf;

/// 扫一扫.
pub struct Scan {
    path: Input,
}

impl Scan {
    /// With the path of `--scan`, if it was not scanned yet.
    pub fn new(cx: &Context) -> Self {
        let path = cx
            .scan
            .as_ref()
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        Self {
            path: Input::with(path),
        }
    }

    /// Takes a key. A file that is dropped on a terminal comes as its path, often in quotes.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        match key {
            Key::Esc => out.back(),
            Key::Enter => {
                let path = self.path.text().trim_matches(['\'', '"']);
                if !path.is_empty() {
                    out.run(Effect::Scan(PathBuf::from(path)));
                }
            }
            other => {
                self.path.key(other);
            }
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Scan);
        sheet.text(Text::ScanHint);
        sheet.gap();
        if let Some(folder) = &cx.watch {
            sheet.line(
                format!("● {} {}", Text::ScanWatching.of(cx.lang), folder.display()),
                GREEN,
            );
            sheet.gap();
        }
        sheet.line(Text::ScanPath.of(cx.lang), DIM);
        sheet.item(true, format!("{}▏", self.path.text()));
        sheet.key("Enter", Text::KeyScan);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}
