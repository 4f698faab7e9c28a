//! The part of the table that is about documents: pulled, refused, confirmed, signed, acknowledged.

use super::events::{Action, Illegal};
use super::state::{BatchState, DocumentState, Outcome, Peer, Picked, RpView, State};
use super::transitions::Next;
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::DocumentId;
use kapok_protocol::message::ReviewOutcome;

pub(super) fn pulled(
    peer: Peer,
    rp: RpView,
    picked: Picked,
    mut batch: BatchState,
    doc: DocumentId,
    reasons: Vec<String>,
    already_signed: bool,
) -> Next {
    let next = match (already_signed, reasons.is_empty()) {
        (true, _) => DocumentState::Signed,
        (false, true) => DocumentState::Ready,
        (false, false) => DocumentState::Amber,
    };
    moved(&mut batch, doc, DocumentState::Pulling, next)?;
    if let Some(document) = batch.documents.iter_mut().find(|d| d.entry.doc == doc) {
        document.reasons = reasons;
    }
    let (state, mut actions) = pull_next(peer, rp, picked, batch);
    if already_signed {
        actions.insert(0, Action::Deliver(doc));
    }
    Ok((state, actions))
}

/// One document is pulled at a time: memory holds one more than the user has seen.
pub(super) fn pull_next(
    peer: Peer,
    rp: RpView,
    picked: Picked,
    mut batch: BatchState,
) -> (State, Vec<Action>) {
    if batch.first(DocumentState::Pulling).is_some() {
        return (
            State::Review {
                peer,
                rp,
                picked,
                batch,
            },
            vec![],
        );
    }
    if let Some(doc) = batch.first(DocumentState::Waiting) {
        batch.set(doc, DocumentState::Pulling);
        return (
            State::Review {
                peer,
                rp,
                picked,
                batch,
            },
            vec![Action::Pull(doc)],
        );
    }
    let to_review = batch.count(|s| matches!(s, DocumentState::Ready | DocumentState::Amber));
    if to_review == 0 {
        return sign_next(peer, rp, picked, batch);
    }
    (
        State::Review {
            peer,
            rp,
            picked,
            batch,
        },
        vec![],
    )
}

pub(super) fn after_refusal(
    peer: Peer,
    rp: RpView,
    picked: Picked,
    batch: BatchState,
    doc: DocumentId,
) -> (State, Vec<Action>) {
    let (state, mut actions) = pull_next(peer, rp, picked, batch);
    actions.insert(0, Action::SendReview(doc, ReviewOutcome::Refused));
    (state, actions)
}

pub(super) fn refuse(
    batch: &mut BatchState,
    doc: DocumentId,
    code: ErrorCode,
) -> Result<(), Illegal> {
    let state = batch.document(doc).ok_or(Illegal)?.state;
    if state.ended() || matches!(state, DocumentState::Signed | DocumentState::Confirmed) {
        return Err(Illegal);
    }
    batch.set(doc, DocumentState::Refused(code));
    Ok(())
}

/// Everything that was shown and is not named is refused; an amber document is confirmed alone (one by one).
pub(super) fn confirmed(
    peer: Peer,
    rp: RpView,
    picked: Picked,
    mut batch: BatchState,
    docs: &[DocumentId],
) -> Next {
    let open = |state| matches!(state, DocumentState::Ready | DocumentState::Amber);
    let all_open = docs
        .iter()
        .all(|doc| batch.document(*doc).is_some_and(|d| open(d.state)));
    let amber = docs
        .iter()
        .filter(|doc| {
            batch
                .document(**doc)
                .is_some_and(|d| d.state == DocumentState::Amber)
        })
        .count();
    let still_pulling =
        batch.count(|s| matches!(s, DocumentState::Waiting | DocumentState::Pulling)) > 0;
    if docs.is_empty() || !all_open || (amber > 0 && docs.len() > 1) || still_pulling {
        return Err(Illegal);
    }
    let mut actions = Vec::new();
    for document in &mut batch.documents {
        let shown = if document.state == DocumentState::Amber {
            ReviewOutcome::Amber
        } else {
            ReviewOutcome::Shown
        };
        if docs.contains(&document.entry.doc) {
            document.state = DocumentState::Confirmed;
            actions.push(Action::SendReview(document.entry.doc, shown));
        } else if open(document.state) && amber == 0 {
            document.state = DocumentState::Refused(ErrorCode::UserCancelled);
            actions.push(Action::SendReview(
                document.entry.doc,
                ReviewOutcome::Refused,
            ));
        }
    }
    let (state, then) = sign_next(peer, rp, picked, batch);
    actions.extend(then);
    Ok((state, actions))
}

/// Signs one, waits for its acknowledgement, then the next; with none left the batch ends or the review goes on.
pub(super) fn sign_next(
    peer: Peer,
    rp: RpView,
    picked: Picked,
    batch: BatchState,
) -> (State, Vec<Action>) {
    if batch.first(DocumentState::Signed).is_some() {
        return (
            State::Signing {
                peer,
                rp,
                picked,
                batch,
            },
            vec![],
        );
    }
    if let Some(doc) = batch.first(DocumentState::Confirmed) {
        return (
            State::Signing {
                peer,
                rp,
                picked,
                batch,
            },
            vec![Action::Sign(doc)],
        );
    }
    if batch.documents.iter().any(|d| !d.state.ended()) {
        return (
            State::Review {
                peer,
                rp,
                picked,
                batch,
            },
            vec![],
        );
    }
    let last = outcome(&batch);
    let done = vec![Action::SendBatchEnd(batch), Action::DropDocuments];
    (
        State::Connected {
            peer,
            rp,
            picked: Some(picked),
            last: Some(last),
        },
        done,
    )
}

pub(super) fn moved(
    batch: &mut BatchState,
    doc: DocumentId,
    from: DocumentState,
    to: DocumentState,
) -> Result<(), Illegal> {
    if batch.document(doc).is_none_or(|d| d.state != from) {
        return Err(Illegal);
    }
    batch.set(doc, to);
    Ok(())
}

pub(super) fn acknowledge(batch: &mut BatchState, docs: Vec<DocumentId>) -> Result<(), Illegal> {
    docs.into_iter()
        .try_for_each(|doc| moved(batch, doc, DocumentState::Signed, DocumentState::Delivered))
}

pub(super) fn outcome(batch: &BatchState) -> Outcome {
    Outcome {
        signed: batch.count(|s| s == DocumentState::Delivered),
        refused: batch.count(|s| matches!(s, DocumentState::Refused(_))),
    }
}
