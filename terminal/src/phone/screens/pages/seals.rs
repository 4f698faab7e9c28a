//! 印章: list, preview, generate (YQQ-011 to YQQ-014).

use crate::phone::screens::model::{Context, Effect, Key, Notice, Out};
use crate::phone::screens::pictures::Picture;
use crate::phone::screens::sheet::{DIM, Sheet, moved};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::types::{EnterpriseId, PreviewId, SealKind, SealPreview, SealView};
use kapok_core::{AppError, ErrorCode};

/// A seal with its picture.
pub struct Seal {
    name: String,
    kind: SealKind,
    /// The enterprise that it is of.
    pub enterprise: EnterpriseId,
    size: (u32, u32),
    picture: Option<Picture>,
}

impl Seal {
    /// Takes what is shown.
    pub fn new(view: &SealView) -> Self {
        Self {
            name: view.name.clone(),
            kind: view.kind,
            enterprise: view.enterprise_id,
            size: (view.width_mm, view.height_mm),
            picture: Picture::png(&view.picture),
        }
    }
}

/// 印章.
#[derive(Default)]
pub struct Seals {
    list: Option<Vec<Seal>>,
    cursor: usize,
}

impl Seals {
    /// The list has come.
    pub fn show(&mut self, list: Vec<Seal>) {
        self.cursor = self.cursor.min(list.len().saturating_sub(1));
        self.list = Some(list);
    }

    /// Takes a key.
    pub fn key(&mut self, cx: &Context, key: &Key, out: &mut Out) {
        let count = self.list.as_ref().map_or(0, Vec::len);
        if moved(&mut self.cursor, count, key) {
            return;
        }
        match key {
            Key::Esc => out.back(),
            Key::Char('o') => preview(cx, SealKind::Organisation, out),
            Key::Char('e') => preview(cx, SealKind::Employee, out),
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Seals);
        match self.list.as_deref() {
            None => sheet.line(Text::Busy.of(cx.lang), DIM),
            Some([]) => sheet.text(Text::SealsNone),
            Some(list) => {
                for (at, seal) in list.iter().enumerate() {
                    let (wide, high) = seal.size;
                    let kind = words::seal_kind(cx.lang, seal.kind);
                    sheet.item(
                        at == self.cursor,
                        format!("{kind}  {}  {wide}×{high} mm", seal.name),
                    );
                }
                sheet.picture = list.get(self.cursor).and_then(|seal| seal.picture.clone());
            }
        }
        sheet.key("↑↓", Text::KeyMove);
        sheet.key("o", Text::KeyGenerateOrganisation);
        sheet.key("e", Text::KeyGenerateEmployee);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}

fn preview(cx: &Context, kind: SealKind, out: &mut Out) {
    match &cx.enterprise {
        Some(enterprise) => out.run(Effect::Preview(enterprise.enterprise_id, kind)),
        None => {
            let text = words::error(cx.lang, &AppError::new(ErrorCode::EnterpriseRequired));
            out.notice = Some(Notice { good: false, text });
        }
    }
}

/// A seal's picture, to be confirmed.
pub struct Preview {
    id: PreviewId,
    name: String,
    size: (u32, u32),
    picture: Option<Picture>,
}

impl Preview {
    /// Takes what is shown.
    pub fn new(preview: &SealPreview) -> Self {
        Self {
            id: preview.preview_id,
            name: preview.name.clone(),
            size: (preview.width_mm, preview.height_mm),
            picture: Picture::png(&preview.picture),
        }
    }

    /// Takes a key.
    pub fn key(&mut self, key: &Key, out: &mut Out) {
        match key {
            Key::Enter => out.run(Effect::Generate(self.id)),
            Key::Esc => out.back(),
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::SealPreview);
        let (wide, high) = self.size;
        sheet.value(Text::SealName, self.name.clone());
        sheet.value(Text::Size, format!("{wide}×{high} mm"));
        sheet.text(Text::SealPreviewHint);
        sheet.picture = self.picture.clone();
        sheet.key("Enter", Text::KeyGenerate);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}
