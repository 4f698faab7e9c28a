//! 数字证书, 证书详情 (YQQ-003 to YQQ-010).

use super::scan::Scan;
use crate::phone::screens::model::{Context, Effect, Key, Out, Screen};
use crate::phone::screens::sheet::{DIM, Sheet, moved};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::types::{CertificateState, CertificateView};

/// 数字证书.
#[derive(Default)]
pub struct Certificates {
    list: Option<Vec<CertificateView>>,
    cursor: usize,
}

impl Certificates {
    /// The list has come.
    pub fn show(&mut self, list: Vec<CertificateView>) {
        self.cursor = self.cursor.min(list.len().saturating_sub(1));
        self.list = Some(list);
    }

    /// Takes a key.
    pub fn key(&mut self, cx: &Context, key: &Key, out: &mut Out) {
        let list = self.list.as_deref().unwrap_or_default();
        if moved(&mut self.cursor, list.len(), key) {
            return;
        }
        match key {
            Key::Esc => out.back(),
            Key::Enter => {
                if let Some(chosen) = list.get(self.cursor) {
                    out.open(Screen::Certificate(Box::new(chosen.clone())));
                }
            }
            Key::Char('s') => out.open(Screen::Scan(Scan::new(cx))),
            Key::Char('p') => out.open(Screen::Settings(super::home::Menu::default())),
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Certificates);
        match self.list.as_deref() {
            None => sheet.line(Text::Busy.of(cx.lang), DIM),
            Some([]) => sheet.text(Text::CertificatesNone),
            Some(list) => {
                for (at, one) in list.iter().enumerate() {
                    let state = words::certificate_state(cx.lang, one.state);
                    let kind = words::certificate_kind(cx.lang, one.kind);
                    sheet.item(at == self.cursor, format!("{kind}  【{state}】"));
                    sheet.line(format!("      {}", one.enterprise), DIM);
                }
            }
        }
        sheet.key("Enter", Text::Certificate);
        sheet.key("s", Text::ScanToUse);
        sheet.key("p", Text::Settings);
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}

/// Takes a key on 证书详情.
pub fn detail_key(cx: &Context, one: &CertificateView, key: &Key, out: &mut Out) {
    match key {
        Key::Esc => out.back(),
        Key::Enter if one.state == CertificateState::Active => {
            out.open(Screen::Scan(Scan::new(cx)))
        }
        // Whether a PIN is to be set first (YQQ-007) the core says.
        Key::Enter | Key::Char('i') => out.run(Effect::LoadPin),
        _ => {}
    }
}

/// 证书详情.
pub fn detail(cx: &Context, one: &CertificateView) -> Sheet {
    let mut sheet = Sheet::new(cx.lang, Text::Certificate);
    let admin = if one.admin { Text::Yes } else { Text::No };
    sheet.value(Text::Kind, words::certificate_kind(cx.lang, one.kind));
    sheet.value(Text::State, words::certificate_state(cx.lang, one.state));
    sheet.value(Text::Enterprise, one.enterprise.clone());
    sheet.value(
        Text::Serial,
        one.serial.clone().unwrap_or_else(|| "—".to_owned()),
    );
    sheet.value(
        Text::ValidTo,
        one.not_after.map_or_else(|| "—".to_owned(), words::day),
    );
    sheet.value(Text::Admin, admin.of(cx.lang));
    let enter = match one.state {
        CertificateState::Active => Text::ScanToUse,
        _ => Text::CertificateInstall,
    };
    sheet.key("Enter", enter);
    sheet.key("Esc", Text::KeyBack);
    sheet
}
