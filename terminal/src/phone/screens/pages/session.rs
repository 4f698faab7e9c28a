//! What follows from a scan: 核对网址, 输入PIN码, 已连接电脑, 交出证书与印章, 待签文件, 签署结果 (YQQ-019 to YQQ-026).
//! Which of them is shown the core's session says; this screen holds only the cursor, what is ticked, and the page that is open.

use super::home::ask;
use super::scan::Scan;
use super::session_rows::{
    connected, documents, lease, peer_rows, result, rp_rows, seal_rows, warning,
};
use crate::cli::Lang;
use crate::phone::screens::model::{Confirm, Context, Effect, Key, Out, Screen};
use crate::phone::screens::pictures::Picture;
use crate::phone::screens::pin::PinEntry;
use crate::phone::screens::sheet::{BOLD, DIM, Sheet, moved};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::AppError;
use kapok_core::signing::state::BatchState;
use kapok_core::signing::{Document, DocumentState, Picked, State};
use kapok_core::types::DocumentId;
use std::collections::HashSet;

/// A page that is open.
struct Page {
    doc: DocumentId,
    index: u32,
    picture: Option<Picture>,
}

/// The screen of a session.
#[derive(Default)]
pub struct Session {
    pin: PinEntry,
    cursor: usize,
    /// The address that the user says the PC shows. Nothing is chosen for him: an Enter too many would end the session.
    site: Option<usize>,
    left_out: HashSet<DocumentId>,
    page: Option<Page>,
}

impl Session {
    /// The session came to another state: nothing of the last one stays open.
    pub fn turned(&mut self) {
        *self = Self::default();
    }

    /// The PIN was not taken.
    pub fn refuse(&mut self, cx: &Context, error: &AppError) {
        self.pin.refuse(cx, error);
    }

    /// A page was drawn.
    pub fn drawn(&mut self, doc: DocumentId, index: u32, picture: Picture) {
        if let Some(page) = self
            .page
            .as_mut()
            .filter(|page| (page.doc, page.index) == (doc, index))
        {
            page.picture = Some(picture);
        }
    }

    /// Seconds until the next PIN.
    pub fn wait(&self, cx: &Context) -> u64 {
        self.pin.wait(cx)
    }

    /// The wait for the next PIN has passed.
    pub fn wait_passed(&mut self) {
        self.pin.passed();
    }

    /// Takes a key.
    pub fn key(&mut self, cx: &Context, key: &Key, out: &mut Out) {
        match &cx.session.state {
            State::SiteCheck { choices, .. } if self.chooses(choices.len(), key) => {}
            State::SiteCheck { choices, .. } if matches!(key, Key::Enter) => {
                let chosen = self.site.and_then(|at| choices.get(at));
                out.effects.extend(chosen.cloned().map(Effect::ChooseSite));
            }
            State::Approve { .. } if !matches!(key, Key::Esc) => {
                out.effects.extend(self.pin.key(key).map(Effect::Approve))
            }
            State::Handover { .. } if matches!(key, Key::Enter) => out.run(Effect::HandOver),
            State::Review { batch, picked, .. } => self.review_key(cx, batch, picked, key, out),
            State::Idle | State::Closed { .. } if matches!(key, Key::Enter | Key::Esc) => {
                out.back()
            }
            State::Closed { .. } if matches!(key, Key::Char('s')) => {
                out.open(Screen::Scan(Scan::new(cx)))
            }
            State::Closed { .. } => {}
            _ => common_key(cx, key, out),
        }
    }

    /// Chooses an address by arrow or digit; false for any other key.
    fn chooses(&mut self, choices: usize, key: &Key) -> bool {
        let last = choices.saturating_sub(1);
        self.site = match (key, self.site) {
            (Key::Up, at) => Some(at.map_or(last, |at| at.saturating_sub(1))),
            (Key::Down, at) => Some(at.map_or(0, |at| (at + 1).min(last))),
            (Key::Char(digit @ '1'..='9'), _) => {
                let at = (*digit as usize) - ('1' as usize);
                Some(at.min(last))
            }
            _ => return false,
        };
        true
    }

    fn review_key(
        &mut self,
        cx: &Context,
        batch: &BatchState,
        picked: &Picked,
        key: &Key,
        out: &mut Out,
    ) {
        if let Some(page) = self.page.as_mut() {
            let pages = batch
                .document(page.doc)
                .map_or(1, |document| document.entry.pages.max(1));
            let index = match key {
                Key::Right | Key::Down => (page.index + 1).min(pages - 1),
                Key::Left | Key::Up => page.index.saturating_sub(1),
                Key::Esc | Key::Enter => return self.page = None,
                _ => return,
            };
            if index != page.index {
                *page = Page {
                    doc: page.doc,
                    index,
                    picture: None,
                };
                out.run(Effect::DrawPage(page.doc, index));
            }
            return;
        }
        if moved(&mut self.cursor, batch.documents.len(), key) {
            return;
        }
        let Some(document) = batch.documents.get(self.cursor) else {
            return common_key(cx, key, out);
        };
        let doc = document.entry.doc;
        match key {
            Key::Enter => {
                self.page = Some(Page {
                    doc,
                    index: 0,
                    picture: None,
                });
                out.run(Effect::DrawPage(doc, 0));
            }
            Key::Char(' ') => {
                if !self.left_out.remove(&doc) {
                    self.left_out.insert(doc);
                }
            }
            Key::Char('s') => self.ask_to_sign(cx, batch, picked, document, out),
            Key::Char('r') => out.run(Effect::Refuse(doc)),
            _ => common_key(cx, key, out),
        }
    }

    /// The ready documents that are ticked, or the amber one under the cursor alone.
    fn ask_to_sign(
        &self,
        cx: &Context,
        batch: &BatchState,
        picked: &Picked,
        here: &Document,
        out: &mut Out,
    ) {
        let chosen: Vec<&Document> = if here.state == DocumentState::Amber {
            vec![here]
        } else {
            batch
                .documents
                .iter()
                .filter(|d| {
                    d.state == DocumentState::Ready && !self.left_out.contains(&d.entry.doc)
                })
                .collect()
        };
        if chosen.is_empty() {
            return;
        }
        let count = chosen.len();
        let mut question = match cx.lang {
            Lang::ZhCn => format!("确认签署以下 {count} 份文件？"),
            Lang::En if count == 1 => "Sign this document?".to_owned(),
            Lang::En => format!("Sign these {count} documents?"),
        };
        for document in &chosen {
            question.push_str(&format!("\n  · {}", document.entry.name));
        }
        let with = match &picked.seal {
            Some((_, name)) => format!("{}  {name}", Text::SignWith.of(cx.lang)),
            None => Text::SignWithout.of(cx.lang).to_owned(),
        };
        question.push_str(&format!(
            "\n{with}\n{}  {}",
            Text::Subject.of(cx.lang),
            picked.subject
        ));
        if here.state != DocumentState::Amber && chosen.len() < batch.documents.len() {
            question.push_str(&format!("\n{}", Text::SignOthers.of(cx.lang)));
        }
        let docs = chosen.iter().map(|document| document.entry.doc).collect();
        out.open(Screen::Confirm(Confirm {
            question,
            yes: Text::KeySign,
            effect: Some(Effect::Sign(docs)),
        }));
    }

    /// The screen.
    pub fn sheet(&self, cx: &Context) -> Sheet {
        let mut sheet = Sheet::new(cx.lang, self.title(cx));
        match &cx.session.state {
            State::Idle | State::Claiming => sheet.line(Text::Busy.of(cx.lang), DIM),
            State::Checking(peer) => sheet.value(Text::Sas, peer.sas.clone()),
            State::SiteCheck { peer, rp, choices } => {
                // The address is what the person is asked for: it stays off this screen.
                sheet.value(Text::Sas, peer.sas.clone());
                rp_rows(&mut sheet, rp);
                sheet.gap();
                sheet.text(Text::SiteCheckHint);
                for (at, choice) in choices.iter().enumerate() {
                    sheet.item(self.site == Some(at), format!("{} {choice}", at + 1));
                }
                sheet.key("↑↓ 1-3", Text::KeyChoose);
                if self.site.is_some() {
                    sheet.key("Enter", Text::KeyConfirm);
                }
            }
            State::Approve { peer, rp } => {
                peer_rows(&mut sheet, peer);
                rp_rows(&mut sheet, rp);
                self.pin.rows(cx, &mut sheet);
            }
            State::Connected {
                peer,
                rp,
                picked,
                last,
            } => {
                connected(cx, &mut sheet, peer, rp, picked.as_ref());
                result(cx, &mut sheet, *last);
            }
            State::Handover { peer, rp, picked } => {
                sheet.text(Text::HandOverHint);
                connected(cx, &mut sheet, peer, rp, Some(picked));
                sheet.key("Enter", Text::KeyHandOver);
            }
            State::Review { batch, picked, .. } => self.review(cx, batch, picked, &mut sheet),
            State::Signing { batch, .. } => {
                documents(cx, batch, usize::MAX, &HashSet::new(), &mut sheet)
            }
            State::Closed { reason, last } => {
                sheet.line(words::closed(cx.lang, *reason), BOLD);
                result(cx, &mut sheet, *last);
                sheet.key("Enter", Text::KeyBack);
                sheet.key("s", Text::KeyScanAgain);
                return sheet;
            }
        }
        if self.page.is_none() {
            if matches!(cx.session.state, State::Approve { .. }) {
                sheet.key("Esc", Text::KeyDisconnect);
            } else {
                sheet.key("d", Text::KeyDisconnect);
                sheet.key("Esc", Text::KeyBack);
            }
        }
        sheet
    }

    fn title(&self, cx: &Context) -> Text {
        match &cx.session.state {
            State::Idle | State::Claiming => Text::Connecting,
            State::Checking(_) => Text::Checking,
            State::SiteCheck { .. } => Text::SiteCheck,
            State::Approve { .. } => Text::PinEnter,
            State::Connected { last: Some(_), .. } => Text::Result,
            State::Connected { last: None, .. } => Text::Connected,
            State::Handover { .. } => Text::HandOver,
            State::Review { .. } if self.page.is_some() => Text::DocumentPage,
            State::Review { .. } => Text::Documents,
            State::Signing { .. } => Text::Signing,
            State::Closed { .. } => Text::Closed,
        }
    }

    fn review(&self, cx: &Context, batch: &BatchState, picked: &Picked, sheet: &mut Sheet) {
        let Some(page) = &self.page else {
            lease(cx, sheet);
            seal_rows(cx, picked, sheet);
            sheet.gap();
            documents(cx, batch, self.cursor, &self.left_out, sheet);
            sheet.key("Enter", Text::KeyLook);
            sheet.key("Space", Text::KeyTick);
            sheet.key("s", Text::KeySign);
            sheet.key("r", Text::KeyRefuseDocument);
            return;
        };
        if let Some(document) = batch.document(page.doc) {
            let place = format!(
                "{} {}/{}",
                Text::PageOf.of(cx.lang),
                page.index + 1,
                document.entry.pages
            );
            sheet.line(format!("{}  {place}", document.entry.name), BOLD);
            warning(cx, document, sheet);
        }
        match &page.picture {
            Some(picture) => sheet.picture = Some(picture.clone()),
            None => sheet.line(Text::PageDrawing.of(cx.lang), DIM),
        }
        sheet.key("←→", Text::KeyPages);
        sheet.key("Esc", Text::KeyBack);
    }
}

/// Keys that mean the same in every state. Leaving the screen leaves the session as it is, except where nothing but the PIN or
/// the end of the session can follow.
fn common_key(cx: &Context, key: &Key, out: &mut Out) {
    match key {
        Key::Esc if matches!(cx.session.state, State::Approve { .. }) => {
            ask(cx, Text::DisconnectAsk, Effect::Disconnect, out)
        }
        Key::Esc => out.back(),
        Key::Char('d') => ask(cx, Text::DisconnectAsk, Effect::Disconnect, out),
        _ => {}
    }
}
