use super::keys::{self, Recovery, SlotRandom, Try, VaultError};
use super::state::{Held, SlotName, State};
use super::transitions::{Action, Event, next};
use crate::diagram::{self, Run};
use crate::secret::Pin;
use kapok_protocol::guard::schedule::{HW_PIN_LABEL, HW_REC_LABEL, guard_oprf_key};
use kapok_protocol::guard::{Argon2Params, SlotContext};
use kapok_protocol::ids::{AccountId, DeviceId};
use proptest::prelude::*;
use zeroize::Zeroizing;

const OURS: SlotName = SlotName {
    epoch: 1,
    hash: [1; 32],
};
const OTHER: SlotName = SlotName {
    epoch: 1,
    hash: [2; 32],
};
const NEW: SlotName = SlotName {
    epoch: 2,
    hash: [3; 32],
};
const FIRST: State = State::Staged {
    current: None,
    staged: OURS,
};
const SECOND: State = State::Staged {
    current: Some(OURS),
    staged: NEW,
};

fn states() -> Vec<State> {
    vec![
        State::Unset,
        State::Staging(None),
        State::Staging(Some(OURS)),
        FIRST,
        SECOND,
        State::Set(OURS),
        State::Lost(None),
        State::Lost(Some(OURS)),
    ]
}

fn events() -> Vec<Event> {
    vec![
        Event::Begin,
        Event::Written(OURS),
        Event::Committed(OURS),
        Event::Committed(OTHER),
        Event::Failed,
        Event::Guard(Held(None)),
        Event::Guard(Held(Some(OURS))),
        Event::Guard(Held(Some(OTHER))),
        Event::Guard(Held(Some(NEW))),
    ]
}

#[test]
fn a_new_pin_goes_through_its_steps() {
    for (from, current, slot, staged) in [
        (State::Unset, None, OURS, FIRST),
        (State::Set(OURS), Some(OURS), NEW, SECOND),
    ] {
        let (state, action) = next(&from, &Event::Begin).unwrap();
        let expected = (State::Staging(current), Some(Action::Stage));
        assert_eq!((state, action), expected);
        let failed = next(&state, &Event::Failed).unwrap();
        assert_eq!(failed, (from, None), "the PIN before holds");
        let (state, action) = next(&state, &Event::Written(slot)).unwrap();
        assert_eq!((state, action), (staged, Some(Action::Commit)));
        let (state, action) = next(&state, &Event::Committed(slot)).unwrap();
        let expected = (State::Set(slot), Some(Action::Activate(slot)));
        assert_eq!((state, action), expected);
    }
}

#[test]
fn the_diagram_shows_the_table() {
    let mut runs = Vec::new();
    for state in states() {
        for event in events() {
            let out = next(&state, &event).ok();
            runs.push(Run {
                state: state.name(),
                event: event.name(),
                next: out.map(|(next, action)| (next.name(), action.is_some())),
            });
        }
    }
    diagram::check("vault", "The PIN on the phone", &runs);
}

#[test]
fn the_guards_hash_settles_a_staged_slot() {
    let settle = |state, held| next(&state, &Event::Guard(Held(held))).unwrap();
    let activated = |slot| (State::Set(slot), Some(Action::Activate(slot)));
    assert_eq!(settle(FIRST, Some(OURS)), activated(OURS));
    assert_eq!(settle(FIRST, None), (State::Unset, None));
    assert_eq!(settle(FIRST, Some(OTHER)), (State::Lost(Some(OURS)), None));
    assert_eq!(settle(SECOND, Some(NEW)), activated(NEW));
    assert_eq!(settle(SECOND, Some(OURS)), (State::Set(OURS), None));
    for other in [None, Some(OTHER)] {
        assert_eq!(settle(SECOND, other), (State::Lost(Some(OURS)), None));
    }
    for staged in [FIRST, SECOND] {
        let begin = next(&staged, &Event::Begin).unwrap();
        assert_eq!(begin, (staged, Some(Action::AskGuard)));
    }
}

/// The slot that the state remembers as opening.
const fn known(state: State) -> Option<SlotName> {
    match state {
        State::Set(slot)
        | State::Lost(Some(slot))
        | State::Staging(Some(slot))
        | State::Staged {
            current: Some(slot),
            ..
        } => Some(slot),
        _ => None,
    }
}

#[test]
fn over_all_pairs_only_the_guards_word_makes_another_pin_set_or_lost() {
    for state in states() {
        for event in events() {
            let Ok((after, action)) = next(&state, &event) else {
                continue;
            };
            let says = matches!(event, Event::Guard(_) | Event::Committed(_));
            let other = match after {
                State::Set(slot) => known(state) != Some(slot),
                State::Lost(_) => !matches!(state, State::Lost(_)),
                _ => false,
            };
            assert!(says || !other, "{state:?} {event:?}");
            if let Some(Action::Activate(slot)) = action {
                assert_eq!(after, State::Set(slot));
                assert!(matches!(state, State::Staged { staged, .. } if staged == slot));
            }
            if known(state).is_some() {
                assert!(known(after).is_some(), "a set PIN is never forgotten");
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_a_set_pin_stays_known(order in proptest::collection::vec(0usize..9, 0..40)) {
        let (mut state, mut set) = (State::Unset, false);
        for index in order {
            if let Ok((after, _)) = next(&state, &events()[index]) {
                state = after;
            }
            set |= matches!(state, State::Set(_));
            prop_assert!(!set || known(state).is_some(), "{state:?}");
        }
    }
}

fn context() -> SlotContext {
    let key = guard_oprf_key(&[7; 32], &[8; 32], AccountId([1; 16]), 1).unwrap();
    SlotContext {
        account: AccountId([1; 16]),
        device: DeviceId([2; 16]),
        epoch: 1,
        oprf_pk: key.public_key(),
        params: Argon2Params::V1,
    }
}

fn root(x1: [u8; 32]) -> kapok_protocol::guard::Prk {
    let attempt = Try::new(AccountId([1; 16]), 1, Zeroizing::new(x1), &[5; 32]).unwrap();
    let key = guard_oprf_key(&[7; 32], &[8; 32], AccountId([1; 16]), 1).unwrap();
    let answer = key.evaluate(attempt.element(), &[6; 32]).unwrap();
    attempt
        .finish(&context(), answer.element, answer.proof)
        .unwrap()
}

fn recovery(s_f: u8) -> Recovery {
    Recovery {
        hardware: Zeroizing::new([1; 32]),
        s_g: Zeroizing::new([2; 32]),
        s_f: Zeroizing::new([s_f; 32]),
    }
}

#[test]
fn a_slot_opens_both_ways_and_tells_a_wrong_pin_from_damage() {
    let random = SlotRandom {
        salt: [3; 32],
        rec_salt: [4; 32],
        nonces: [[5; 24], [6; 24]],
    };
    let vmk = [9; 32];
    let slot = keys::make_slot(&context(), &root([1; 32]), &recovery(3), &vmk, &random).unwrap();
    let opened = keys::open_slot(&slot, &context(), &root([1; 32])).unwrap();
    assert_eq!(*opened, vmk);
    let wrong = keys::open_slot(&slot, &context(), &root([2; 32]));
    assert_eq!(wrong.err(), Some(VaultError::WrongPin));
    let check =
        |slot: &_, recovery: &_| keys::check_slot(slot, &context(), &root([1; 32]), recovery, &vmk);
    assert_eq!(check(&slot, &recovery(3)), Ok(()));
    assert_eq!(check(&slot, &recovery(4)), Err(VaultError::Damaged));
    let mut torn = slot.clone();
    torn.ct_pin.0[30] ^= 1;
    assert_eq!(check(&torn, &recovery(3)), Err(VaultError::Damaged));
    // Each wrap opens, and one holds another key.
    let other =
        keys::make_slot(&context(), &root([1; 32]), &recovery(3), &[8; 32], &random).unwrap();
    let mut mixed = slot.clone();
    mixed.ct_rec = other.ct_rec.clone();
    assert_eq!(check(&mixed, &recovery(3)), Err(VaultError::Damaged));
    let mut mixed = slot.clone();
    mixed.ct_pin = other.ct_pin.clone();
    assert_eq!(check(&mixed, &recovery(3)), Err(VaultError::Damaged));
}

#[test]
fn pin_24_parameters_are_bound_and_bounded() {
    let cheap = Argon2Params { m: 8, t: 1, p: 1 };
    let huge = Argon2Params {
        m: u32::MAX,
        ..cheap
    };
    let pin = Pin::from_digits(&[1, 9, 3, 8, 2, 7]).unwrap();
    assert_eq!(
        keys::stretch(&pin, &[0; 32], huge).err(),
        Some(VaultError::Damaged)
    );
    let most = |m| Argon2Params { m, ..cheap };
    assert!(keys::stretch(&pin, &[0; 32], most(262_144)).is_ok());
    let beyond = keys::stretch(&pin, &[0; 32], most(262_145));
    assert_eq!(beyond.err(), Some(VaultError::Damaged));
    let none = Argon2Params { m: 0, t: 0, p: 0 };
    assert_eq!(
        keys::stretch(&pin, &[0; 32], none).err(),
        Some(VaultError::Damaged)
    );
    let other = SlotContext {
        params: cheap,
        ..context()
    };
    assert_ne!(other.hash(), context().hash());
}

/// Computed with argon2-cffi 25.1 (the reference C code): `hash_secret_raw(b"193827", bytes(32), 2, 19456, 1, 32, Type.ID)`.
#[test]
fn pin_01_stretching_agrees_with_another_implementation() {
    let pin = Pin::from_digits(&[1, 9, 3, 8, 2, 7]).unwrap();
    let x0 = keys::stretch(&pin, &[0; 32], Argon2Params::V1).unwrap();
    assert_eq!(
        hex::encode(*x0),
        "34ad02d99a67816105c5cf1ea8252583d2130f36134fd2a991e66b3b901107d0"
    );
}

#[test]
fn the_ports_labels_are_the_protocols() {
    assert_eq!(keys::HW_PIN.as_bytes(), HW_PIN_LABEL);
    assert_eq!(keys::HW_REC.as_bytes(), HW_REC_LABEL);
}
