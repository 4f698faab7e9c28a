//! 我的手机: a lost phone's end (挂失) from another one or by its revocation code (吊销码), and the stop of a PIN reset that nobody here asked for.

use super::home::ask_text;
use super::login::{document, documents};
use crate::phone::screens::form::Form;
use crate::phone::screens::model::{Context, Effect, Key, Out};
use crate::phone::screens::sheet::{AMBER, BOLD, DIM, Sheet, moved};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::types::{GuardState, PhoneView, TypedIdentity};

/// The phones with a PIN.
#[derive(Default)]
pub struct Phones {
    list: Option<Vec<PhoneView>>,
    cursor: usize,
}

impl Phones {
    /// The list has come.
    pub fn show(&mut self, list: Vec<PhoneView>) {
        self.cursor = self.cursor.min(list.len().saturating_sub(1));
        self.list = Some(list);
    }

    /// Takes a key.
    pub fn key(&mut self, cx: &Context, key: &Key, out: &mut Out) {
        let list = self.list.as_deref().unwrap_or_default();
        if moved(&mut self.cursor, list.len(), key) {
            return;
        }
        match (key, list.get(self.cursor)) {
            (Key::Esc, _) => out.back(),
            (Key::Enter, Some(phone)) if !phone.this_phone && !lost(phone) => {
                let question = format!(
                    "{}\n{}",
                    Text::ReportLossAsk.of(cx.lang),
                    name(phone, cx.lang)
                );
                ask_text(question, Effect::ReportLoss(phone.device_id), out);
            }
            _ => {}
        }
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, Text::Phones);
        match self.list.as_deref() {
            None => sheet.line(Text::Busy.of(cx.lang), DIM),
            Some([]) => sheet.text(Text::PhonesNone),
            Some(list) => {
                for (at, phone) in list.iter().enumerate() {
                    sheet.item(at == self.cursor, name(phone, cx.lang));
                    let state = words::guard_state(cx.lang, phone.state);
                    sheet.line(format!("      {state}"), DIM);
                    if let Some(until) = phone.objection_until {
                        sheet.line(
                            format!(
                                "      {} {}",
                                Text::ObjectUntil.of(cx.lang),
                                words::day(until)
                            ),
                            AMBER,
                        );
                    }
                }
                sheet.gap();
                sheet.line(Text::PhonesHint.of(cx.lang), DIM);
                if list.iter().any(|phone| !phone.this_phone && !lost(phone)) {
                    sheet.key("Enter", Text::ReportLoss);
                }
            }
        }
        sheet.key("Esc", Text::KeyBack);
        sheet
    }
}

fn lost(phone: &PhoneView) -> bool {
    phone.state == GuardState::Revoked
}

/// A phone has no name of its own: the beginning of its number, as the other phone shows it too.
fn name(phone: &PhoneView, lang: crate::cli::Lang) -> String {
    let number: String = phone.device_id.to_string().chars().take(8).collect();
    let which = if phone.this_phone {
        Text::ThisPhone
    } else {
        Text::OtherPhone
    };
    format!("{} {number}", which.of(lang))
}

/// 凭吊销码挂失.
pub fn report_form() -> Form {
    Form::new(Text::ReportByCode, Text::ReportLoss)
        .line("name", Text::Name)
        .field("document", Text::Document, documents())
        .line("number", Text::Number)
        .line("code", Text::RevocationCode)
}

/// Whose phone, and its code.
pub fn reported(form: &Form) -> Effect {
    let owner = TypedIdentity {
        name: form.text("name").to_owned(),
        document: document(form),
        number: form.text("number").to_owned(),
    };
    Effect::ReportLossByCode(owner, form.text("code").to_owned())
}

/// 停止PIN码重置.
pub fn stop_form() -> Form {
    Form::new(Text::StopReset, Text::KeyConfirm).line("code", Text::StopCode)
}

/// The code, once.
pub fn code_sheet(cx: &Context, code: &str) -> Sheet {
    let mut sheet = Sheet::new(cx.lang, Text::RevocationCode);
    sheet.gap();
    sheet.line(format!("    {code}"), BOLD);
    sheet.gap();
    for line in Text::RevocationCodeHint.of(cx.lang).lines() {
        sheet.line(line, DIM);
    }
    sheet.key("Esc", Text::KeyBack);
    sheet
}
