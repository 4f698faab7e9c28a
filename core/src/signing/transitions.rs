//! One table: state and event give the next state and what is to be done. Pure; an illegal pair changes nothing.

use super::documents::*;
pub use super::events::{Action, Event, Illegal};
use super::state::{CloseReason, DocumentState, Peer, RpView, State};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::BatchId;
use kapok_protocol::message::ByeReason;

pub(super) type Next = Result<(State, Vec<Action>), Illegal>;

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
