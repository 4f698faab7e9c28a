use super::state::{Open, Proof, State, Verifier};
use super::transitions::{Action, Event, Illegal, next, poll_delay_ms};
use super::*;
use crate::diagram::{self, Run};
use kapok_protocol::api::identity::{HandoffStarted, HandoffState, HandoffStatus, ReturnProof};
use kapok_protocol::ids::{Bytes, RequestId};
use proptest::prelude::*;

const OURS: HandoffId = HandoffId([1; 16]);
const FOREIGN: HandoffId = HandoffId([2; 16]);
const KEY: RequestId = RequestId([3; 16]);

fn verifier(n: u8) -> Verifier {
    Verifier::new([n; 32])
}

fn open() -> Open {
    Open {
        handoff_id: OURS,
        purpose: Purpose::Login,
        subject_ref: None,
        verifier: verifier(1),
        match_code: "47".into(),
        mini_program_path: format!("pages/face?h={OURS}"),
        expires_ms: 300_000,
        code_asked: false,
    }
}

fn starting() -> State {
    State::Starting {
        purpose: Purpose::Login,
        subject_ref: None,
        verifier: verifier(1),
    }
}

fn finishing() -> State {
    State::Finishing {
        open: open(),
        proof: Proof(ReturnProof::ReturnCode(Bytes::from([9; 16]))),
        request_id: KEY,
    }
}

fn answer(handoff_id: HandoffId) -> HandoffStarted {
    HandoffStarted {
        handoff_id,
        match_code: "47".into(),
        mini_program_path: format!("pages/face?h={handoff_id}"),
        expires_in: 300,
    }
}

fn started(n: u8) -> Event {
    Event::Started {
        challenge: verifier(n).challenge(),
        answer: answer(OURS),
        now_ms: 0,
    }
}

fn status(handoff_id: HandoffId, state: HandoffState) -> Event {
    Event::Status {
        handoff_id,
        status: HandoffStatus {
            state,
            tries_left: 3,
            expires_in: 9,
        },
    }
}

fn returned(handoff_id: HandoffId) -> Event {
    Event::Returned {
        handoff_id,
        code: [9; 16],
        request_id: KEY,
    }
}

fn start(n: u8) -> Event {
    Event::Start {
        purpose: Purpose::Login,
        subject_ref: None,
        verifier: verifier(n),
    }
}

fn failed(code: ErrorCode) -> Event {
    Event::FinishFailed {
        handoff_id: OURS,
        code,
    }
}

fn typed() -> Event {
    Event::Typed {
        code: "123456".into(),
        request_id: KEY,
    }
}

const STATES: [HandoffState; 9] = [
    HandoffState::Created,
    HandoffState::Opened,
    HandoffState::Verifying,
    HandoffState::Verified,
    HandoffState::Used,
    HandoffState::Failed,
    HandoffState::Cancelled,
    HandoffState::Expired,
    HandoffState::Locked,
];

fn all_states() -> Vec<State> {
    let asked = Open {
        code_asked: true,
        ..open()
    };
    vec![
        State::Idle,
        starting(),
        State::Waiting(open()),
        State::Waiting(asked),
        finishing(),
    ]
}

fn all_events() -> Vec<Event> {
    let mut events = vec![
        start(1),
        start(2),
        started(1),
        started(2),
        Event::StartFailed {
            challenge: verifier(1).challenge(),
        },
        Event::StartFailed {
            challenge: verifier(2).challenge(),
        },
        returned(OURS),
        returned(FOREIGN),
        typed(),
        Event::Retry,
        Event::Finished { handoff_id: OURS },
        Event::Finished {
            handoff_id: FOREIGN,
        },
        Event::FinishFailed {
            handoff_id: FOREIGN,
            code: ErrorCode::HandoffUsed,
        },
        Event::Tick { now_ms: 1 },
        Event::Tick { now_ms: 300_000 },
        Event::Tick { now_ms: 420_000 },
        Event::Cancel,
    ];
    events.extend(ErrorCode::ALL.iter().map(|code| failed(*code)));
    for id in [OURS, FOREIGN] {
        events.extend(STATES.map(|state| status(id, state)));
    }
    events
}

#[test]
fn the_diagram_shows_the_table() {
    let mut runs = Vec::new();
    for state in all_states() {
        for event in all_events() {
            let out = next(&state, &event).ok();
            runs.push(Run {
                state: state.name(),
                event: event.name(),
                next: out.map(|(next, actions)| (next.name(), !actions.is_empty())),
            });
        }
    }
    diagram::check("login", "Face handoff on the phone", &runs);
}

#[test]
fn yst_003_a_start_leaves_for_the_mini_program_once_the_platform_has_answered() {
    let (state, actions) = next(&State::Idle, &start(1)).unwrap();
    assert!(state == starting() && actions.is_empty());
    let (state, actions) = next(&state, &started(1)).unwrap();
    assert!(state == State::Waiting(open()));
    let path = format!("pages/face?h={OURS}");
    assert_eq!(
        actions,
        [Action::OpenMiniProgram {
            path,
            match_code: "47".into()
        }]
    );
    assert!(
        state.persistent().is_some(),
        "stored before the app is left"
    );
}

#[test]
fn yst_003_a_path_with_more_than_the_number_is_not_opened() {
    for path in [
        "pages/face",
        "pages/face?h=1",
        &format!("pages/face?h={OURS}&name=x"),
    ] {
        let answer = HandoffStarted {
            mini_program_path: path.into(),
            ..answer(OURS)
        };
        let event = Event::Started {
            challenge: verifier(1).challenge(),
            answer,
            now_ms: 0,
        };
        let (state, actions) = next(&starting(), &event).unwrap();
        assert!(state == State::Idle, "{path}");
        assert_eq!(
            actions,
            [
                Action::CancelAtPlatform(OURS),
                Action::Fail(ErrorCode::Internal)
            ]
        );
    }
}

#[test]
fn yst_007_the_link_finishes_and_a_lost_reply_is_asked_again_under_the_same_key() {
    let (state, actions) = next(&State::Waiting(open()), &returned(OURS)).unwrap();
    assert!(state == finishing());
    assert_eq!(actions, [Action::Finish]);
    let (state, actions) = next(&state, &failed(ErrorCode::Offline)).unwrap();
    assert!(state == finishing() && actions.is_empty());
    for again in [Event::Retry, returned(OURS), typed()] {
        let (state, actions) = next(&state, &again).unwrap();
        assert!(state == finishing(), "same proof, same key");
        assert_eq!(actions, [Action::Finish]);
    }
    let (state, _) = next(&state, &Event::Finished { handoff_id: OURS }).unwrap();
    assert!(state == State::Idle);
}

#[test]
fn yst_007_a_user_who_comes_back_by_hand_is_asked_for_the_code() {
    let verified = status(OURS, HandoffState::Verified);
    let (state, actions) = next(&State::Waiting(open()), &verified).unwrap();
    assert_eq!(actions, [Action::AskCode]);
    let (state, actions) = next(&state, &typed()).unwrap();
    assert_eq!(actions, [Action::Finish]);
    let (state, _) = next(&state, &failed(ErrorCode::HandoffProof)).unwrap();
    assert_eq!(state.name(), "Waiting", "a wrong code may be typed again");
}

#[test]
fn yst_007_cancelling_ends_it_here_and_at_the_platform() {
    for state in [State::Waiting(open()), finishing()] {
        let (state, actions) = next(&state, &Event::Cancel).unwrap();
        assert!(state == State::Idle);
        assert_eq!(actions, [Action::CancelAtPlatform(OURS)]);
    }
}

#[test]
fn yst_008_a_return_that_nobody_waits_for_is_ignored() {
    for state in all_states() {
        let (after, actions) = next(&state, &returned(FOREIGN)).unwrap();
        assert!(after == state && actions.is_empty(), "{state:?}");
    }
    let (after, actions) = next(&State::Idle, &returned(OURS)).unwrap();
    assert!(after == State::Idle && actions.is_empty());
}

#[test]
fn a_late_answer_to_an_earlier_start_is_taken_back() {
    for state in [State::Idle, starting(), State::Waiting(open())] {
        let answer = answer(FOREIGN);
        let event = Event::Started {
            challenge: verifier(2).challenge(),
            answer,
            now_ms: 0,
        };
        let (after, actions) = next(&state, &event).unwrap();
        assert!(after == state);
        assert_eq!(actions, [Action::CancelAtPlatform(FOREIGN)]);
    }
}

#[test]
fn a_handoff_expires_and_a_finish_two_minutes_later() {
    let end = |state: &State, now_ms| next(state, &Event::Tick { now_ms }).unwrap();
    let waiting = State::Waiting(open());
    assert!(end(&waiting, 299_999).0 == waiting);
    assert_eq!(
        end(&waiting, 300_000).1,
        [Action::Fail(ErrorCode::HandoffExpired)]
    );
    assert!(end(&finishing(), 419_999).0 == finishing());
    assert!(end(&finishing(), 420_000).0 == State::Idle);
}

#[test]
fn polling_waits_2_4_8_and_then_15_seconds() {
    let waits: Vec<u64> = (0..6).map(poll_delay_ms).collect();
    assert_eq!(waits, [2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
    assert_eq!(poll_delay_ms(u32::MAX), 15_000);
}

#[test]
fn what_is_stored_reads_back_and_a_start_is_not_stored() {
    for state in all_states() {
        match state.persistent() {
            Some(stored) => {
                let json = serde_json::to_vec(stored).unwrap();
                assert!(serde_json::from_slice::<State>(&json).unwrap() == state);
            }
            None => assert!(matches!(state, State::Idle | State::Starting { .. })),
        }
    }
}

#[test]
fn yst_005_typed_identity_is_checked_and_named_without_being_quoted() {
    let typed = |number: &str| TypedIdentity {
        name: " 李娜 ".into(),
        document: DocumentKind::ResidentId,
        number: number.into(),
    };
    let error = check_identity("declared.", typed("440106198202020556")).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("declared.number"));
    assert!(!format!("{error:?}{error}").contains("440106"));
    let good = (0..10)
        .map(|check| format!("44010619820202002{check}"))
        .find_map(|number| check_identity("", typed(&number)).ok())
        .unwrap();
    assert_eq!(good.name, "李娜");
}

/// Runs events the way `app` does: an illegal one leaves the state alone.
fn drive(state: &mut State, event: &Event) -> Result<Vec<Action>, Illegal> {
    let (next, actions) = next(state, event)?;
    *state = next;
    Ok(actions)
}

proptest! {
    #[test]
    fn any_story_keeps_the_rules(picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let events = all_events();
        let mut state = State::Idle;
        for pick in picks {
            let event = &events[pick.index(events.len())];
            let before = state.clone();
            let result = drive(&mut state, event);
            match &result {
                Err(illegal) => {
                    prop_assert!(state == before);
                    prop_assert_eq!((illegal.state, illegal.event), (before.name(), event.name()));
                }
                Ok(actions) => {
                    let sends = actions.contains(&Action::Finish);
                    prop_assert_eq!(sends, sends && state.name() == "Finishing", "a finish is stored before it is sent");
                    let leaves = actions.iter().any(|a| matches!(a, Action::OpenMiniProgram { .. }));
                    prop_assert_eq!(leaves, leaves && state.name() == "Waiting", "stored before the app is left");
                    let fails = actions.iter().any(|a| matches!(a, Action::Fail(_)));
                    prop_assert_eq!(fails, fails && state == State::Idle);
                }
            }
            // Only a proof of return, the platform's word or the user's act moves an open handoff.
            if before.name() != "Finishing" && state.name() == "Finishing" {
                let proof = matches!(event, Event::Returned { .. } | Event::Typed { .. });
                prop_assert!(proof);
                prop_assert_eq!(before.name(), "Waiting");
            }
            prop_assert!(state.open().is_none_or(|open| open.handoff_id == OURS));
        }
    }
}
