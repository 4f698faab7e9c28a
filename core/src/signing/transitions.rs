//! One table: state and event give the next state and what is to be done. Pure; an illegal pair changes nothing.

use super::state::{BatchState, CloseReason, DocumentState, Outcome, Peer, Picked, RpView, State};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{BatchId, DocumentId};
use kapok_protocol::message::{ByeReason, ReviewOutcome};

/// What happens to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The user scanned a code.
    Scanned,
    /// Claim and handshake are done.
    Secured(Peer),
    /// The signed request is good. `choices` is empty where the PC is remembered.
    RequestGood {
        /// Who asks.
        rp: RpView,
        /// Registered addresses to choose from.
        choices: Vec<String>,
    },
    /// The user says which address the browser shows.
    SiteChosen(String),
    /// The PIN was proved and a lease is open.
    Unlocked,
    /// The PC picked a certificate of the offer.
    CertPicked(Picked),
    /// The user lets certificate and seal go to the site.
    HandoverAgreed,
    /// A batch arrived whose signature, channel and manifest are good.
    BatchGood(BatchState),
    /// A document was pulled, hashed and reviewed.
    Pulled {
        /// Which.
        doc: DocumentId,
        /// Why it is amber; empty where it is not.
        reasons: Vec<String>,
        /// The journal holds its signature from an earlier session.
        already_signed: bool,
    },
    /// A document cannot be signed.
    DocumentBad {
        /// Which.
        doc: DocumentId,
        /// Why.
        code: ErrorCode,
    },
    /// The user refuses one document.
    DocumentRefused(DocumentId),
    /// The user confirms these documents.
    Confirmed(Vec<DocumentId>),
    /// A document was signed, receipt and all, and is in the journal.
    Signed(DocumentId),
    /// The PC has stored these results.
    Acknowledged(Vec<DocumentId>),
    /// The PC takes the batch back.
    BatchCancelled,
    /// The lease ended or the app went to the background.
    LeaseOver,
    /// The user disconnects.
    Disconnect,
    /// The PC says good-bye.
    PeerBye(ByeReason),
    /// Something failed for good.
    Failed(ErrorCode),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Claim the session and shake hands.
    Claim,
    /// Tell the PC that the request is accepted.
    SendReqOk,
    /// Open the picked certificate under the lease and send it with its seal.
    SendCert(Picked),
    /// Pull this document, hash and review it.
    Pull(DocumentId),
    /// Tell the PC how this document was reviewed.
    SendReview(DocumentId, ReviewOutcome),
    /// Sign this document.
    Sign(DocumentId),
    /// Deliver this document's signature from the journal.
    Deliver(DocumentId),
    /// Tell the PC that the batch is over.
    SendBatchEnd(BatchState),
    /// Wipe the lease and all keys under it.
    WipeLease,
    /// Forget the documents' bytes.
    DropDocuments,
    /// Tell the PC and close.
    SendBye(ByeReason),
    /// Tell the PC why the request is refused.
    SendReqNo(ErrorCode),
    /// Close the socket.
    CloseSocket,
}

/// An event that this state does not know; nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this event does not belong to this state")]
pub struct Illegal;

type Next = Result<(State, Vec<Action>), Illegal>;

/// The table.
pub fn step(state: State, event: Event) -> Next {
    use Action as A;
    use Event as E;
    use State as S;
    match (state, event) {
        (S::Idle | S::Closed { .. }, E::Scanned) => Ok((S::Claiming, vec![A::Claim])),
        (S::Idle | S::Closed { .. }, _) => Err(Illegal),
        (state, E::Disconnect) => Ok(close(&state, CloseReason::User, Some(ByeReason::User))),
        (state, E::PeerBye(reason)) => Ok(close(&state, CloseReason::Peer(reason), None)),
        (state, E::Failed(code)) => Ok(fail(&state, code)),

        (S::Claiming, E::Secured(peer)) => Ok((S::Checking(peer), vec![])),
        (S::Checking(peer), E::RequestGood { rp, choices }) => Ok(asked(peer, rp, choices)),
        (state @ S::SiteCheck { .. }, E::SiteChosen(origin)) => Ok(site_chosen(state, &origin)),
        (S::Approve { peer, rp }, E::Unlocked) => Ok((
            S::Connected {
                peer,
                rp,
                picked: None,
                last: None,
            },
            vec![A::SendReqOk],
        )),

        // Handing over is asked once: the same pick again goes straight on.
        (
            S::Connected {
                peer,
                rp,
                picked: Some(known),
                last,
            },
            E::CertPicked(picked),
        ) if known == picked => Ok((
            S::Connected {
                peer,
                rp,
                picked: Some(known),
                last,
            },
            vec![A::SendCert(picked)],
        )),
        // A lease opens one certificate.
        (
            S::Connected {
                picked: Some(known),
                ..
            },
            E::CertPicked(picked),
        ) if known.handle != picked.handle => Err(Illegal),
        (S::Connected { peer, rp, .. }, E::CertPicked(picked)) => {
            Ok((S::Handover { peer, rp, picked }, vec![]))
        }
        (S::Handover { peer, rp, picked }, E::HandoverAgreed) => {
            let send = A::SendCert(picked.clone());
            Ok((
                S::Connected {
                    peer,
                    rp,
                    picked: Some(picked),
                    last: None,
                },
                vec![send],
            ))
        }
        (
            S::Connected {
                peer,
                rp,
                picked: Some(picked),
                ..
            },
            E::BatchGood(batch),
        ) => Ok(pull_next(peer, rp, picked, batch)),

        (
            S::Review {
                peer,
                rp,
                picked,
                batch,
            },
            E::Pulled {
                doc,
                reasons,
                already_signed,
            },
        ) => pulled(peer, rp, picked, batch, doc, reasons, already_signed),
        (
            S::Review {
                peer,
                rp,
                picked,
                mut batch,
            },
            E::DocumentBad { doc, code },
        ) => {
            refuse(&mut batch, doc, code)?;
            Ok(after_refusal(peer, rp, picked, batch, doc))
        }
        (
            S::Review {
                peer,
                rp,
                picked,
                mut batch,
            },
            E::DocumentRefused(doc),
        ) => {
            refuse(&mut batch, doc, ErrorCode::UserCancelled)?;
            Ok(after_refusal(peer, rp, picked, batch, doc))
        }
        (
            S::Review {
                peer,
                rp,
                picked,
                mut batch,
            },
            E::Acknowledged(docs),
        ) => {
            acknowledge(&mut batch, docs)?;
            Ok(pull_next(peer, rp, picked, batch))
        }
        (
            S::Review {
                peer,
                rp,
                picked,
                batch,
            },
            E::Confirmed(docs),
        ) => confirmed(peer, rp, picked, batch, &docs),
        (
            S::Review {
                peer, rp, picked, ..
            }
            | S::Signing {
                peer, rp, picked, ..
            },
            E::BatchCancelled,
        ) => Ok((
            S::Connected {
                peer,
                rp,
                picked: Some(picked),
                last: None,
            },
            vec![A::DropDocuments],
        )),

        (
            S::Signing {
                peer,
                rp,
                picked,
                mut batch,
            },
            E::Signed(doc),
        ) => {
            moved(
                &mut batch,
                doc,
                DocumentState::Confirmed,
                DocumentState::Signed,
            )?;
            Ok((
                S::Signing {
                    peer,
                    rp,
                    picked,
                    batch,
                },
                vec![A::Deliver(doc)],
            ))
        }
        (
            S::Signing {
                peer,
                rp,
                picked,
                mut batch,
            },
            E::DocumentBad { doc, code },
        ) => {
            moved(
                &mut batch,
                doc,
                DocumentState::Confirmed,
                DocumentState::Refused(code),
            )?;
            Ok(sign_next(peer, rp, picked, batch))
        }
        (
            S::Signing {
                peer,
                rp,
                picked,
                mut batch,
            },
            E::Acknowledged(docs),
        ) => {
            acknowledge(&mut batch, docs)?;
            Ok(sign_next(peer, rp, picked, batch))
        }

        // What is unlocked is locked again; the channel stays, the PIN is asked for the next act.
        (
            S::Connected { peer, rp, .. }
            | S::Handover { peer, rp, .. }
            | S::Review { peer, rp, .. }
            | S::Signing { peer, rp, .. },
            E::LeaseOver,
        ) => Ok((
            S::Approve { peer, rp },
            vec![A::WipeLease, A::DropDocuments],
        )),
        _ => Err(Illegal),
    }
}

fn asked(peer: Peer, rp: RpView, choices: Vec<String>) -> (State, Vec<Action>) {
    if choices.is_empty() {
        return (State::Approve { peer, rp }, vec![]);
    }
    (State::SiteCheck { peer, rp, choices }, vec![])
}

fn site_chosen(state: State, origin: &str) -> (State, Vec<Action>) {
    match state {
        State::SiteCheck { peer, rp, .. } if rp.origin == origin => {
            (State::Approve { peer, rp }, vec![])
        }
        other => fail(&other, ErrorCode::OriginMismatch),
    }
}

fn pulled(
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
fn pull_next(
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

fn after_refusal(
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

fn refuse(batch: &mut BatchState, doc: DocumentId, code: ErrorCode) -> Result<(), Illegal> {
    let state = batch.document(doc).ok_or(Illegal)?.state;
    if state.ended() || matches!(state, DocumentState::Signed | DocumentState::Confirmed) {
        return Err(Illegal);
    }
    batch.set(doc, DocumentState::Refused(code));
    Ok(())
}

/// Everything that was shown and is not named is refused; an amber document is confirmed alone (one by one).
fn confirmed(
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
fn sign_next(peer: Peer, rp: RpView, picked: Picked, batch: BatchState) -> (State, Vec<Action>) {
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

fn moved(
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

fn acknowledge(batch: &mut BatchState, docs: Vec<DocumentId>) -> Result<(), Illegal> {
    docs.into_iter()
        .try_for_each(|doc| moved(batch, doc, DocumentState::Signed, DocumentState::Delivered))
}

fn outcome(batch: &BatchState) -> Outcome {
    Outcome {
        signed: batch.count(|s| s == DocumentState::Delivered),
        refused: batch.count(|s| matches!(s, DocumentState::Refused(_))),
    }
}

fn fail(state: &State, code: ErrorCode) -> (State, Vec<Action>) {
    let asked = matches!(
        state,
        State::Checking(_) | State::SiteCheck { .. } | State::Approve { .. }
    );
    let (next, mut actions) = close(state, CloseReason::Error(code), Some(ByeReason::Error));
    if asked {
        actions.insert(0, Action::SendReqNo(code));
    }
    (next, actions)
}

fn close(state: &State, reason: CloseReason, bye: Option<ByeReason>) -> (State, Vec<Action>) {
    let last = match state {
        State::Connected { last, .. } => *last,
        State::Review { batch, .. } | State::Signing { batch, .. } => Some(outcome(batch)),
        _ => None,
    };
    let secured = !matches!(state, State::Claiming);
    let mut actions = Vec::new();
    actions.extend(bye.filter(|_| secured).map(Action::SendBye));
    actions.extend([
        Action::WipeLease,
        Action::DropDocuments,
        Action::CloseSocket,
    ]);
    (State::Closed { reason, last }, actions)
}

/// The number of a batch, for the driver's messages.
pub fn batch_id(state: &State) -> Option<BatchId> {
    match state {
        State::Review { batch, .. } | State::Signing { batch, .. } => Some(batch.batch_id),
        _ => None,
    }
}
