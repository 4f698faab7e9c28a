use super::state::State;
use super::transitions::{Action, Event, next};
use super::*;
use crate::diagram::{self, Run};
use kapok_protocol::api::agents::{InviteKind, InviteState};
use kapok_protocol::api::identity::{DocumentKind, Purpose};
use kapok_protocol::error::ErrorCode;
use kapok_protocol::ids::Bytes;
use proptest::prelude::*;

const OURS: InviteId = InviteId([1; 16]);
const OTHER: InviteId = InviteId([2; 16]);
const KIND: InviteKind = InviteKind::Agent;

fn page(invite_id: InviteId) -> ConsentPage {
    ConsentPage {
        invite_id,
        kind: KIND,
        enterprise: "广东木棉科技有限公司".into(),
        inviter: "张*".into(),
        scope: vec!["matters".into()],
        valid_days: 30,
        consent_token: Bytes::from([7; 16]),
    }
}

fn opened(state: InviteState, kind: InviteKind) -> Event {
    Event::Opened {
        invite_id: OURS,
        kind,
        state,
    }
}

fn all_states() -> Vec<State> {
    vec![
        State::Idle,
        State::Viewing {
            invite_id: OURS,
            kind: KIND,
        },
        State::Viewing {
            invite_id: OURS,
            kind: InviteKind::Unknown,
        },
        State::Checking {
            invite_id: OURS,
            kind: KIND,
        },
        State::Consenting(page(OURS)),
        State::Answering {
            page: page(OURS),
            agree: true,
        },
    ]
}

fn all_events() -> Vec<Event> {
    let mut events = vec![
        opened(InviteState::Sent, KIND),
        opened(InviteState::Opened, InviteKind::Unknown),
        opened(InviteState::Revoked, KIND),
        Event::Check,
        Event::CheckFailed,
        Event::Checked(page(OURS)),
        Event::Checked(page(OTHER)),
        Event::Answer { agree: true },
        Event::Answer { agree: false },
        Event::Answered,
        Event::Leave,
    ];
    events.extend(
        ErrorCode::ALL
            .iter()
            .map(|code| Event::AnswerFailed { code: *code }),
    );
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
                next: out.map(|(next, action)| (next.name(), action.is_some())),
            });
        }
    }
    diagram::check("invite", "Accepting an invite on the phone", &runs);
}

#[test]
fn yst_021_opening_gives_nothing_and_face_then_consent_gives_the_answer() {
    let (state, action) = next(&State::Idle, &opened(InviteState::Sent, KIND)).unwrap();
    assert_eq!(action, None);
    let (state, action) = next(&state, &Event::Check).unwrap();
    let start = Action::StartHandoff {
        purpose: Purpose::AcceptInvite,
        invite_id: OURS,
    };
    assert_eq!(action, Some(start));
    let (state, action) = next(&state, &Event::Checked(page(OURS))).unwrap();
    assert_eq!(action, None, "the face check alone grants nothing");
    let (state, action) = next(&state, &Event::Answer { agree: true }).unwrap();
    assert_eq!(action, Some(Action::SendAnswer));
    assert!(next(&state, &Event::Answered).unwrap().0 == State::Idle);
}

#[test]
fn yst_020_an_invite_that_is_over_leads_nowhere() {
    for over in [
        InviteState::Accepted,
        InviteState::Declined,
        InviteState::Expired,
        InviteState::Revoked,
        InviteState::Unknown,
    ] {
        let (state, _) = next(&State::Idle, &opened(over, KIND)).unwrap();
        assert!(state == State::Idle);
        assert!(next(&state, &Event::Check).is_err());
    }
}

#[test]
fn yst_030_an_authentication_asks_for_the_face_of_the_legal_representative() {
    let (state, _) = next(
        &State::Idle,
        &opened(InviteState::Sent, InviteKind::Authentication),
    )
    .unwrap();
    let (_, action) = next(&state, &Event::Check).unwrap();
    let start = Action::StartHandoff {
        purpose: Purpose::EnterpriseAuth,
        invite_id: OURS,
    };
    assert_eq!(action, Some(start));
}

#[test]
fn an_answer_without_a_reply_may_be_repeated_but_not_turned_round() {
    let sent = State::Answering {
        page: page(OURS),
        agree: true,
    };
    let offline = Event::AnswerFailed {
        code: ErrorCode::Offline,
    };
    let (state, _) = next(&sent, &offline).unwrap();
    assert!(state == sent);
    assert!(next(&state, &Event::Answer { agree: true }).is_ok());
    assert!(next(&state, &Event::Answer { agree: false }).is_err());
}

#[test]
fn yst_019_an_invite_is_checked_field_by_field_before_anything_is_sent() {
    let number = (0..10)
        .map(|check| format!("44010619820202002{check}"))
        .find(|n| kapok_formats::identity::ResidentId::parse(n).is_ok())
        .unwrap();
    let good = NewInvite {
        name: " 李娜 ".into(),
        document: DocumentKind::ResidentId,
        number,
        phone: "+86 138-0013-8000".into(),
        valid_days: 365,
        scope: vec!["matters".into()],
    };
    let checked = check_invite(good.clone()).unwrap();
    assert_eq!(
        (checked.name.as_str(), checked.phone.as_str()),
        ("李娜", "13800138000")
    );
    let refused = |field: &str, bad: NewInvite| {
        let error = check_invite(bad).err().unwrap();
        assert_eq!(error.field.as_deref(), Some(field));
    };
    refused(
        "name",
        NewInvite {
            name: " ".into(),
            ..good.clone()
        },
    );
    refused(
        "number",
        NewInvite {
            number: "1".into(),
            ..good.clone()
        },
    );
    refused(
        "document",
        NewInvite {
            document: DocumentKind::Unknown,
            ..good.clone()
        },
    );
    refused(
        "phone",
        NewInvite {
            phone: "12345".into(),
            ..good.clone()
        },
    );
    refused(
        "valid_days",
        NewInvite {
            valid_days: 0,
            ..good.clone()
        },
    );
    refused(
        "valid_days",
        NewInvite {
            valid_days: MAX_DAYS + 1,
            ..good.clone()
        },
    );
    refused(
        "scope",
        NewInvite {
            scope: vec![],
            ..good.clone()
        },
    );
    refused(
        "scope",
        NewInvite {
            scope: vec!["Matters!".into()],
            ..good
        },
    );
}

proptest! {
    #[test]
    fn any_story_keeps_the_rules(picks in proptest::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let events = all_events();
        let mut state = State::Idle;
        for pick in picks {
            let event = &events[pick.index(events.len())];
            let before = state.clone();
            match next(&before, event) {
                Err(illegal) => {
                    prop_assert_eq!((illegal.state, illegal.event), (before.name(), event.name()));
                }
                Ok((after, action)) => {
                    if action == Some(Action::SendAnswer) {
                        let read = matches!(before, State::Consenting(_) | State::Answering { .. });
                        prop_assert!(read);
                        prop_assert_eq!(after.name(), "Answering", "stored before it is sent");
                    }
                    if after.name() == "Consenting" && before.name() != "Consenting" {
                        prop_assert_eq!(before.name(), "Checking", "nobody agrees without a face check");
                    }
                    state = after;
                }
            }
        }
    }
}
