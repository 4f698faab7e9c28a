//! Rows of the session's screens: who is on the other side, what was picked, the documents, the result.

use crate::phone::screens::model::Context;
use crate::phone::screens::sheet::{AMBER, GREEN, Sheet};
use crate::phone::screens::texts::Text;
use crate::phone::screens::words;
use kapok_core::signing::state::BatchState;
use kapok_core::signing::{Document, DocumentState, Outcome, Peer, Picked, RpView};
use kapok_core::types::DocumentId;
use std::collections::HashSet;

/// The other side of the channel.
pub fn peer_rows(sheet: &mut Sheet, peer: &Peer) {
    sheet.value(Text::Sas, peer.sas.clone());
    sheet.value(Text::Origin, peer.origin.clone());
}

/// Who asks.
pub fn rp_rows(sheet: &mut Sheet, rp: &RpView) {
    sheet.value(Text::Who, rp.name.clone());
    sheet.value(Text::Contact, rp.contact.clone());
    sheet.value(Text::Topic, format!("“{}”", rp.title));
}

/// The lease's time, and whether the PC is there.
pub fn lease(cx: &Context, sheet: &mut Sheet) {
    if cx.session.lease_ends_ms > 0 {
        let left = cx.session.lease_ends_ms.saturating_sub(cx.now_ms) / 1000;
        sheet.value(Text::Lease, words::minutes(left));
    }
    if !cx.session.pc_online {
        sheet.line(Text::PcOffline.of(cx.lang), AMBER);
    }
}

/// Whom the phone is connected with, and what was picked.
pub fn connected(
    cx: &Context,
    sheet: &mut Sheet,
    peer: &Peer,
    rp: &RpView,
    picked: Option<&Picked>,
) {
    sheet.line(format!("● {}", Text::Connected.of(cx.lang)), GREEN);
    peer_rows(sheet, peer);
    rp_rows(sheet, rp);
    lease(cx, sheet);
    sheet.gap();
    match picked {
        Some(picked) => seal_rows(cx, picked, sheet),
        None => sheet.text(Text::ConnectedHint),
    }
}

/// Certificate and seal.
pub fn seal_rows(cx: &Context, picked: &Picked, sheet: &mut Sheet) {
    let seal = picked.seal.as_ref().map_or_else(
        || Text::NoSeal.of(cx.lang).to_owned(),
        |(_, name)| name.clone(),
    );
    sheet.value(Text::Subject, picked.subject.clone());
    sheet.value(Text::SealName, seal);
}

/// What the last batch came to.
pub fn result(cx: &Context, sheet: &mut Sheet, last: Option<Outcome>) {
    let Some(last) = last else { return };
    sheet.gap();
    sheet.line(
        format!(
            "{}  {} {}",
            Text::Result.of(cx.lang),
            Text::SignedCount.of(cx.lang),
            last.signed
        ),
        GREEN,
    );
    if last.refused > 0 {
        sheet.line(
            format!("{} {}", Text::RefusedCount.of(cx.lang), last.refused),
            AMBER,
        );
    }
}

/// The documents with their state.
pub fn documents(
    cx: &Context,
    batch: &BatchState,
    cursor: usize,
    left_out: &HashSet<DocumentId>,
    sheet: &mut Sheet,
) {
    for (at, document) in batch.documents.iter().enumerate() {
        let tick = match document.state {
            DocumentState::Ready if left_out.contains(&document.entry.doc) => "☐",
            DocumentState::Ready => "☑",
            DocumentState::Amber => "⚠",
            DocumentState::Delivered | DocumentState::Signed => "✓",
            DocumentState::Refused(_) => "✗",
            _ => "…",
        };
        let (entry, state) = (
            &document.entry,
            words::document_state(cx.lang, document.state),
        );
        sheet.item(
            at == cursor,
            format!(
                "{tick} {}  {} {}  【{state}】",
                entry.name,
                entry.pages,
                Text::PageOf.of(cx.lang)
            ),
        );
        warning(cx, document, sheet);
    }
}

/// Why a document is amber.
pub fn warning(cx: &Context, document: &Document, sheet: &mut Sheet) {
    if document.reasons.is_empty() {
        return;
    }
    let reasons: Vec<_> = document
        .reasons
        .iter()
        .map(|reason| words::amber(cx.lang, reason))
        .collect();
    sheet.line(
        format!(
            "      {} — {}",
            Text::Amber.of(cx.lang),
            reasons.join(" · ")
        ),
        AMBER,
    );
}
