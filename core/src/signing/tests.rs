use super::state::*;
use super::transitions::{Action, Event, Illegal, step};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::{BatchId, Bytes, DocumentId};
use kapok_protocol::message::{ByeReason, ManifestEntry, ReviewOutcome};
use proptest::prelude::*;

fn peer() -> Peer {
    Peer {
        sas: "0427".into(),
        origin: "https://portal.test".into(),
    }
}

fn rp() -> RpView {
    RpView {
        name: "木棉采购平台".into(),
        contact: "020-1".into(),
        origin: "https://portal.test".into(),
        title: "合同".into(),
    }
}

fn picked() -> Picked {
    Picked {
        handle: 7,
        subject: "广东木棉科技有限公司".into(),
        seal: Some(("ES1".into(), "公章".into())),
    }
}

fn doc(n: u8) -> DocumentId {
    DocumentId([n; 16])
}

fn batch(count: u8) -> BatchState {
    let documents = (1..=count)
        .map(|n| Document {
            entry: ManifestEntry {
                doc: doc(n),
                mime: "application/pdf".into(),
                name: format!("{n}.pdf"),
                size: 10,
                pages: 1,
                digest: Bytes(vec![n; 32]),
            },
            state: DocumentState::Waiting,
            reasons: vec![],
        })
        .collect();
    BatchState {
        batch_id: BatchId([9; 16]),
        documents,
    }
}

fn connected(picked: Option<Picked>) -> State {
    State::Connected {
        peer: peer(),
        rp: rp(),
        picked,
        last: None,
    }
}

/// Runs events from a state; gives the end state and all actions.
fn run(mut state: State, events: Vec<Event>) -> (State, Vec<Action>) {
    let mut all = Vec::new();
    for event in events {
        let (next, actions) =
            step(state.clone(), event.clone()).unwrap_or_else(|_| panic!("{event:?} in {state:?}"));
        state = next;
        all.extend(actions);
    }
    (state, all)
}

fn pulled(n: u8) -> Event {
    Event::Pulled {
        doc: doc(n),
        reasons: vec![],
        already_signed: false,
    }
}

fn states() -> Vec<State> {
    let (reviewing, _) = run(
        connected(Some(picked())),
        vec![Event::BatchGood(batch(2)), pulled(1), pulled(2)],
    );
    let (signing, _) = run(
        reviewing.clone(),
        vec![Event::Confirmed(vec![doc(1), doc(2)])],
    );
    vec![
        State::Idle,
        State::Claiming,
        State::Checking(peer()),
        State::SiteCheck {
            peer: peer(),
            rp: rp(),
            choices: vec!["https://portal.test".into(), "https://a".into()],
        },
        State::Approve {
            peer: peer(),
            rp: rp(),
        },
        connected(None),
        connected(Some(picked())),
        State::Handover {
            peer: peer(),
            rp: rp(),
            picked: picked(),
        },
        reviewing,
        signing,
        State::Closed {
            reason: CloseReason::User,
            last: None,
        },
    ]
}

fn events() -> Vec<Event> {
    vec![
        Event::Scanned,
        Event::Secured(peer()),
        Event::RequestGood {
            rp: rp(),
            choices: vec![],
        },
        Event::SiteChosen("https://portal.test".into()),
        Event::SiteChosen("https://evil.test".into()),
        Event::Unlocked,
        Event::CertPicked(picked()),
        Event::HandoverAgreed,
        Event::BatchGood(batch(1)),
        pulled(1),
        Event::DocumentBad {
            doc: doc(1),
            code: ErrorCode::DocHash,
        },
        Event::DocumentRefused(doc(1)),
        Event::Confirmed(vec![doc(1)]),
        Event::Confirmed(vec![]),
        Event::Signed(doc(1)),
        Event::Acknowledged(vec![doc(1)]),
        Event::BatchCancelled,
        Event::LeaseOver,
        Event::Disconnect,
        Event::PeerBye(ByeReason::Done),
        Event::Failed(ErrorCode::RelayFailed),
    ]
}

#[test]
fn yqq_017_to_024_a_whole_session_signs_two_documents_and_disconnects() {
    let mut all = vec![Event::Scanned, Event::Secured(peer())];
    all.push(Event::RequestGood {
        rp: rp(),
        choices: vec!["https://portal.test".into(), "https://b".into()],
    });
    all.extend([
        Event::SiteChosen("https://portal.test".into()),
        Event::Unlocked,
        Event::CertPicked(picked()),
        Event::HandoverAgreed,
    ]);
    all.extend([
        Event::BatchGood(batch(2)),
        pulled(1),
        pulled(2),
        Event::Confirmed(vec![doc(1), doc(2)]),
    ]);
    all.extend([
        Event::Signed(doc(1)),
        Event::Acknowledged(vec![doc(1)]),
        Event::Signed(doc(2)),
        Event::Acknowledged(vec![doc(2)]),
    ]);
    let (state, actions) = run(State::Idle, all);
    assert!(
        matches!(
            &state,
            State::Connected {
                last: Some(Outcome {
                    signed: 2,
                    refused: 0
                }),
                ..
            }
        ),
        "{state:?}"
    );
    let signs = actions
        .iter()
        .filter(|a| matches!(a, Action::Sign(_)))
        .count();
    assert_eq!(signs, 2);
    let (state, actions) = run(state, vec![Event::Disconnect]);
    assert_eq!(
        state,
        State::Closed {
            reason: CloseReason::User,
            last: Some(Outcome {
                signed: 2,
                refused: 0
            })
        }
    );
    assert_eq!(actions[0], Action::SendBye(ByeReason::User));
    assert!(actions.contains(&Action::WipeLease) && actions.contains(&Action::CloseSocket));
}

#[test]
fn a_wrong_address_ends_the_session_before_the_pin() {
    let state = State::SiteCheck {
        peer: peer(),
        rp: rp(),
        choices: vec![],
    };
    let (state, actions) = run(state, vec![Event::SiteChosen("https://evil.test".into())]);
    assert_eq!(
        state,
        State::Closed {
            reason: CloseReason::Error(ErrorCode::OriginMismatch),
            last: None
        }
    );
    assert_eq!(actions[0], Action::SendReqNo(ErrorCode::OriginMismatch));
}

#[test]
fn yqq_026_one_connection_serves_a_second_batch_without_a_second_handover() {
    let once = vec![
        Event::BatchGood(batch(1)),
        pulled(1),
        Event::Confirmed(vec![doc(1)]),
        Event::Signed(doc(1)),
        Event::Acknowledged(vec![doc(1)]),
    ];
    let (state, _) = run(connected(Some(picked())), once.clone());
    let (state, actions) = run(state, vec![Event::CertPicked(picked())]);
    assert_eq!(actions, vec![Action::SendCert(picked())]);
    let (state, _) = run(state, once);
    assert!(matches!(
        state,
        State::Connected {
            last: Some(Outcome { signed: 1, .. }),
            ..
        }
    ));
}

#[test]
fn a_lease_opens_one_certificate_only() {
    let other = Picked {
        handle: 8,
        ..picked()
    };
    assert_eq!(
        step(connected(Some(picked())), Event::CertPicked(other)),
        Err(Illegal)
    );
}

#[test]
fn yqq_023_a_document_of_the_journal_is_delivered_and_never_signed_again() {
    let done = Event::Pulled {
        doc: doc(1),
        reasons: vec![],
        already_signed: true,
    };
    let (state, actions) = run(
        connected(Some(picked())),
        vec![Event::BatchGood(batch(1)), done],
    );
    assert_eq!(actions, vec![Action::Pull(doc(1)), Action::Deliver(doc(1))]);
    let (state, actions) = run(state, vec![Event::Acknowledged(vec![doc(1)])]);
    assert!(matches!(
        state,
        State::Connected {
            last: Some(Outcome { signed: 1, .. }),
            ..
        }
    ));
    assert!(!actions.iter().any(|a| matches!(a, Action::Sign(_))));
}

#[test]
fn an_amber_document_is_confirmed_alone() {
    let amber = Event::Pulled {
        doc: doc(1),
        reasons: vec!["font".into()],
        already_signed: false,
    };
    let (state, _) = run(
        connected(Some(picked())),
        vec![Event::BatchGood(batch(2)), amber, pulled(2)],
    );
    assert_eq!(
        step(state.clone(), Event::Confirmed(vec![doc(1), doc(2)])),
        Err(Illegal)
    );
    let (_, actions) = run(state, vec![Event::Confirmed(vec![doc(1)])]);
    assert_eq!(
        actions,
        vec![
            Action::SendReview(doc(1), ReviewOutcome::Amber),
            Action::Sign(doc(1))
        ]
    );
}

#[test]
fn a_document_that_is_not_named_is_refused() {
    let (state, _) = run(
        connected(Some(picked())),
        vec![Event::BatchGood(batch(2)), pulled(1), pulled(2)],
    );
    let (state, _) = run(state, vec![Event::Confirmed(vec![doc(2)])]);
    let State::Signing { batch, .. } = &state else {
        panic!("{state:?}")
    };
    assert_eq!(
        batch.documents[0].state,
        DocumentState::Refused(ErrorCode::UserCancelled)
    );
}

#[test]
fn nothing_can_be_confirmed_before_all_is_pulled() {
    let (state, _) = run(
        connected(Some(picked())),
        vec![Event::BatchGood(batch(2)), pulled(1)],
    );
    assert_eq!(step(state, Event::Confirmed(vec![doc(1)])), Err(Illegal));
}

#[test]
fn when_the_lease_ends_the_pin_is_asked_again_and_keys_are_wiped() {
    for state in states() {
        if let Ok((next, actions)) = step(state, Event::LeaseOver) {
            assert!(matches!(next, State::Approve { .. }));
            assert!(actions.contains(&Action::WipeLease));
        }
    }
}

#[test]
fn no_document_is_signed_without_a_confirmation_that_names_it() {
    for state in states() {
        for event in events() {
            let named = matches!(
                &event,
                Event::Confirmed(_) | Event::Acknowledged(_) | Event::DocumentBad { .. }
            );
            let signing = matches!(state, State::Signing { .. });
            if let Ok((_, actions)) = step(state.clone(), event.clone()) {
                let signs = actions.iter().any(|a| matches!(a, Action::Sign(_)));
                assert!(
                    !signs || (named && (signing || matches!(event, Event::Confirmed(_)))),
                    "{event:?} in {state:?}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn any_row_of_events_keeps_the_rules(choices in proptest::collection::vec(0usize..21, 0..60)) {
        let events = events();
        let mut state = State::Idle;
        for choice in choices {
            let event = events[choice % events.len()].clone();
            let before = state.clone();
            match step(state, event.clone()) {
                Err(Illegal) => state = before,
                Ok((next, actions)) => {
                    if let State::Closed { .. } = next {
                        prop_assert!(actions.contains(&Action::WipeLease));
                        prop_assert!(actions.contains(&Action::CloseSocket));
                    }
                    let confirmed = matches!(event, Event::Confirmed(_) | Event::Acknowledged(_) | Event::DocumentBad { .. });
                    prop_assert!(confirmed || !actions.iter().any(|a| matches!(a, Action::Sign(_))));
                    state = next;
                }
            }
        }
    }
}
