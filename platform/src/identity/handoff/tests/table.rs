//! The table of transitions.

use crate::identity::handoff::state::State;
use crate::identity::handoff::transitions::{Event, next};
use kapok_protocol::error::ErrorCode;
use proptest::prelude::*;

const EVENTS: [Event; 14] = [
    Event::Open {
        scene_fits: true,
        same_user: true,
    },
    Event::Open {
        scene_fits: true,
        same_user: false,
    },
    Event::Open {
        scene_fits: false,
        same_user: true,
    },
    Event::Open {
        scene_fits: false,
        same_user: false,
    },
    Event::FaceStarted,
    Event::FacePassed,
    Event::FaceFailed { left: 2 },
    Event::FaceFailed { left: 0 },
    Event::Finish,
    Event::CodeWrong { left: 4 },
    Event::CodeWrong { left: 0 },
    Event::PersonWrong,
    Event::Cancel,
    Event::TimeOver,
];

/// Every legal edge; all other pairs are refused.
fn legal(state: State, event: Event) -> Option<State> {
    use State::*;
    let [
        open,
        other,
        scene,
        _,
        start,
        pass,
        fail,
        last_fail,
        finish,
        wrong,
        last_wrong,
        person,
        cancel,
        over,
    ] = EVENTS;
    let edges = [
        (Created, open, Opened),
        (Opened, open, Opened),
        (Verifying, open, Verifying),
        (Verified, open, Verified),
        (Created, other, Locked),
        (Opened, other, Locked),
        (Verifying, other, Locked),
        (Verified, other, Locked),
        (Verifying, scene, Verifying),
        (Verified, scene, Verified),
        (Verifying, EVENTS[3], Locked),
        (Verified, EVENTS[3], Locked),
        (Opened, start, Verifying),
        (Verifying, pass, Verified),
        (Verifying, fail, Opened),
        (Verifying, last_fail, Failed),
        (Verified, finish, Used),
        (Verified, wrong, Verified),
        (Verified, last_wrong, Locked),
        (Verified, person, Failed),
        (Created, cancel, Cancelled),
        (Opened, cancel, Cancelled),
        (Verifying, cancel, Cancelled),
        (Verified, cancel, Cancelled),
        (Cancelled, cancel, Cancelled),
        (Created, over, Expired),
        (Opened, over, Expired),
        (Verifying, over, Expired),
        (Verified, over, Expired),
    ];
    edges
        .into_iter()
        .find(|(from, by, _)| *from == state && *by == event)
        .map(|(_, _, to)| to)
}

#[test]
fn every_pair_is_in_the_table_or_refused() {
    for state in State::ALL {
        for event in EVENTS {
            assert_eq!(
                next(state, event).ok(),
                legal(state, event),
                "{state:?} {event:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn no_sequence_leaves_an_end_or_reaches_used_without_a_passed_face(
        steps in prop::collection::vec(0..EVENTS.len(), 0..30)
    ) {
        let (mut state, mut passed) = (State::Created, false);
        for step in steps {
            let event = EVENTS[step];
            if let Ok(to) = next(state, event) {
                passed |= event == Event::FacePassed;
                prop_assert!(!state.ended() || to == state);
                prop_assert!(to != State::Used || passed);
                state = to;
            }
        }
    }
}

#[test]
fn the_end_of_a_handoff_says_which_end_it_was() {
    for (state, code) in [
        (State::Used, ErrorCode::HandoffUsed),
        (State::Failed, ErrorCode::FaceFailed),
        (State::Cancelled, ErrorCode::HandoffCancelled),
        (State::Expired, ErrorCode::HandoffExpired),
        (State::Locked, ErrorCode::HandoffLocked),
    ] {
        assert_eq!(next(state, Event::Finish), Err(code));
    }
}
