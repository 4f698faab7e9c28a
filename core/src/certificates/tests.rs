use super::state::{Issued, Row, State};
use super::transitions::{Action, Event, next};
use super::*;
use crate::diagram::{self, Run};
use kapok_protocol::guard::Suite;
use kapok_protocol::ids::{Bytes, CertId, OrderId};
use proptest::prelude::*;

const STATES: [State; 3] = [State::Idle, State::Pending, State::Active];
const EVENTS: [Event; 6] = [
    Event::Install,
    Event::Stored,
    Event::Issued,
    Event::NotIssued,
    Event::Proved,
    Event::Failed,
];

fn row(serial: Option<&str>, not_after: u64) -> Row {
    Row {
        suite: Suite::P256,
        cert_id: CertId([1; 16]),
        order_id: OrderId([2; 16]),
        enterprise_id: EnterpriseId([3; 16]),
        enterprise: "广东木棉科技有限公司".into(),
        kind: CertificateKind::Employee,
        csr: Bytes::default(),
        public_key: Bytes::default(),
        wrapped: Bytes::default(),
        issued: serial.map(|serial| Issued {
            serial: serial.into(),
            chain: vec![],
            subject: String::new(),
            issuer: String::new(),
            not_after,
        }),
    }
}

fn view(state: CertificateState, serial: Option<&str>) -> CertificateView {
    CertificateView {
        enterprise_id: EnterpriseId([3; 16]),
        enterprise: "广东木棉科技有限公司".into(),
        kind: CertificateKind::Employee,
        state,
        serial: serial.map(Into::into),
        not_after: None,
        admin: false,
    }
}

#[test]
fn a_key_is_made_only_where_there_is_none() {
    for state in STATES {
        for event in EVENTS {
            if let Ok((after, Some(Action::MakeKey))) = next(&state, &event) {
                assert_eq!(
                    (state, event, after),
                    (State::Idle, Event::Install, State::Idle)
                );
            }
        }
    }
}

#[test]
fn the_diagram_shows_the_table() {
    let mut runs = Vec::new();
    for state in STATES {
        for event in EVENTS {
            let out = next(&state, &event).ok();
            runs.push(Run {
                state: state.name(),
                event: event.name(),
                next: out.map(|(next, action)| (next.name(), action.is_some())),
            });
        }
    }
    diagram::check(
        "certificate",
        "Installing a certificate on the phone",
        &runs,
    );
}

proptest! {
    #[test]
    fn an_order_needs_a_proof_and_an_end_stays(order in proptest::collection::vec(0usize..6, 0..40)) {
        let mut state = State::Idle;
        for index in order {
            let event = EVENTS[index];
            let Ok((after, action)) = next(&state, &event) else {
                continue;
            };
            if action == Some(Action::Order) {
                prop_assert!(matches!(event, Event::Stored | Event::Proved));
            }
            prop_assert!(state != State::Active || after == State::Active);
            prop_assert!(state == State::Idle || after != State::Idle);
            state = after;
        }
    }
}

#[test]
fn yqq_016_the_list_says_what_is_here_and_what_is_elsewhere() {
    let merged = |view, rows: &[Row], now| merge(vec![view], rows, now)[0].state;
    let active = |serial| view(CertificateState::Active, Some(serial));
    let here = [row(Some("0a"), 100)];
    assert_eq!(merged(active("0a"), &here, 50), CertificateState::Active);
    assert_eq!(merged(active("0a"), &here, 101), CertificateState::Expired);
    assert_eq!(merged(active("0b"), &here, 50), CertificateState::Elsewhere);
    assert_eq!(merged(active("0a"), &[], 50), CertificateState::Elsewhere);
    let pending = [row(None, 0)];
    assert_eq!(
        merged(active("0a"), &pending, 50),
        CertificateState::Installable,
        "the order goes on"
    );
    for state in [
        CertificateState::Installable,
        CertificateState::Revoked,
        CertificateState::Suspended,
    ] {
        assert_eq!(merged(view(state, None), &here, 50), state);
    }
}
