//! Every way in which setting and changing a PIN can go, walked to the end: a kill between any two steps, replies that are lost, commits that
//! arrive late or twice. The phone's side is the real table of transitions over a model of the disk; the guard is its rules in short.

use super::state::{Held, SlotName, State};
use super::transitions::{self, Action, Event};
use std::collections::{HashSet, VecDeque};

/// PINs that the person chooses one after the other; the first is the first PIN.
const ACTS: u8 = 4;
/// How often the app is killed on one way.
const KILLS: u8 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Mark {
    Staged,
    Active,
    Superseded,
}

/// A slot on the disk or at the guard: its epoch, the staging that it was made in, the PIN that opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Slot {
    epoch: u64,
    stage: u8,
    pin: u8,
}

impl Slot {
    fn name(self) -> SlotName {
        SlotName {
            epoch: self.epoch,
            hash: [self.stage; 32],
        }
    }
}

/// What the running app is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    Idle,
    Stage { pin: u8 },
    Write(Slot),
    Commit(Slot),
    Activate(Slot),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    disk: [Option<(Slot, Mark)>; 2],
    /// Nothing while the app is dead.
    app: Option<Step>,
    current: Option<Slot>,
    staged: Option<(u8, u64)>,
    /// Commits that have left the phone; each may arrive at any time, and again.
    travelling: Vec<Slot>,
    stages: u8,
    acts: u8,
    kills: u8,
    /// The PINs that may open now: the one that was said to be set, and those that were typed since.
    may_open: Vec<u8>,
}

impl Place {
    fn start() -> Self {
        Self {
            disk: [None; 2],
            app: Some(Step::Idle),
            current: None,
            staged: None,
            travelling: Vec::new(),
            stages: 0,
            acts: 0,
            kills: 0,
            may_open: Vec::new(),
        }
    }

    /// As the app reads it from its store.
    fn stored(&self) -> State {
        let name = |mark| {
            let found = self.disk.iter().flatten().find(|(_, m)| *m == mark);
            found.map(|(slot, _)| slot.name())
        };
        match name(Mark::Staged) {
            Some(staged) => State::Staged {
                current: name(Mark::Active),
                staged,
            },
            None => State::resting(name(Mark::Active)),
        }
    }

    /// The start-up rule: the store, and the guard's word where a slot waits for it.
    fn settle(&mut self) -> State {
        let state = self.stored();
        let State::Staged { .. } = state else {
            return state;
        };
        let held = Held(self.current.map(Slot::name));
        let (state, action) = transitions::next(&state, &Event::Guard(held)).unwrap();
        if let Some(Action::Activate(slot)) = action {
            self.activate(slot.epoch);
        }
        state
    }

    fn activate(&mut self, epoch: u64) {
        for (slot, mark) in self.disk.iter_mut().flatten() {
            if slot.epoch == epoch {
                *mark = Mark::Active;
            } else if *mark == Mark::Active {
                *mark = Mark::Superseded;
            }
        }
    }

    /// What is older than a slot that has just opened goes.
    fn opened(&mut self, epoch: u64) {
        for slot in &mut self.disk {
            if slot.is_some_and(|(slot, _)| slot.epoch < epoch) {
                *slot = None;
            }
        }
    }

    /// STAGE at the guard: a new staging takes the place of the one before.
    fn stage(&mut self) -> Option<(u8, u64)> {
        let epoch = self.current.map_or(0, |slot| slot.epoch) + 1;
        self.stages += 1;
        self.staged = Some((self.stages, epoch));
        self.staged
    }

    /// COMMIT at the guard.
    fn commit(&mut self, slot: Slot) -> bool {
        if self.current == Some(slot) {
            return true;
        }
        if self.staged != Some((slot.stage, slot.epoch)) {
            return false;
        }
        self.current = Some(slot);
        self.staged = None;
        true
    }

    /// The slot as it is written: never over one that was active.
    fn write(&mut self, slot: Slot) -> bool {
        let place = &mut self.disk[(slot.epoch % 2) as usize];
        if place.is_some_and(|(_, mark)| mark != Mark::Staged) {
            return false;
        }
        *place = Some((slot, Mark::Staged));
        true
    }

    fn gave_up(mut self) -> Self {
        self.app = Some(Step::Idle);
        self
    }

    /// All that can happen next.
    fn nexts(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for at in 0..self.travelling.len() {
            let mut late = self.clone();
            let slot = late.travelling[at];
            late.commit(slot);
            all.push(late.clone());
            late.travelling.remove(at);
            all.push(late);
        }
        let Some(step) = self.app else {
            let mut started = self.clone();
            started.app = Some(Step::Idle);
            all.push(started);
            return all;
        };
        if self.kills < KILLS {
            let mut killed = self.clone();
            killed.app = None;
            killed.kills += 1;
            all.push(killed);
        }
        match step {
            Step::Idle => all.extend(self.begin()),
            Step::Stage { pin } => all.extend(self.staging(pin)),
            Step::Write(slot) => {
                let mut written = self.clone();
                written.app = Some(if written.write(slot) {
                    Step::Commit(slot)
                } else {
                    Step::Idle
                });
                all.push(written);
            }
            Step::Commit(slot) => all.extend(self.committing(slot)),
            Step::Activate(slot) => {
                let mut active = self.clone().gave_up();
                active.activate(slot.epoch);
                active.may_open = vec![slot.pin];
                all.push(active);
            }
        }
        all
    }

    /// The person types another PIN, after the one that holds has opened.
    fn begin(&self) -> Option<Self> {
        let mut next = self.clone();
        let state = next.settle();
        if self.acts == ACTS {
            return (next != *self).then_some(next);
        }
        let (_, action) = transitions::next(&state, &Event::Begin).unwrap();
        assert_eq!(action, Some(Action::Stage), "{self:?}");
        if let State::Set(slot) = state {
            next.opened(slot.epoch);
        }
        next.acts += 1;
        next.may_open.push(next.acts);
        next.app = Some(Step::Stage { pin: next.acts });
        Some(next)
    }

    /// STAGE does not arrive, or arrives with its answer lost, or with its answer. The phone asks for the epoch after the one that it knows.
    fn staging(&self, pin: u8) -> Vec<Self> {
        let lost = self.clone().gave_up();
        let mut unanswered = self.clone().gave_up();
        let wanted = match self.stored() {
            State::Set(slot) => slot.epoch + 1,
            State::Staged { current, .. } => current.map_or(1, |slot| slot.epoch + 1),
            _ => 1,
        };
        if self.current.map_or(0, |slot| slot.epoch) + 1 != wanted {
            // A late commit has moved the guard: the staging is refused.
            return vec![lost];
        }
        let made = unanswered.stage();
        let mut answered = unanswered.clone();
        answered.app = made.map(|(stage, epoch)| Step::Write(Slot { epoch, stage, pin }));
        vec![lost, unanswered, answered]
    }

    /// COMMIT leaves the phone: it arrives now, or later, or never; its answer comes or does not.
    fn committing(&self, slot: Slot) -> Vec<Self> {
        let mut late = self.clone().gave_up();
        late.travelling.push(slot);
        let mut now = self.clone();
        let committed = now.commit(slot);
        let unanswered = now.clone().gave_up();
        now.app = Some(if committed {
            Step::Activate(slot)
        } else {
            Step::Idle
        });
        vec![self.clone().gave_up(), late, unanswered, now]
    }

    /// Exactly one PIN opens, and it is one that the person can know.
    fn holds(&self) -> Result<(), &'static str> {
        let mut started = self.clone();
        let state = started.settle();
        match (started.current, state) {
            (None, State::Unset) => Ok(()),
            (Some(current), State::Set(name)) if current.name() == name => {
                let on_disk = started.disk.iter().flatten();
                let opens: Vec<u8> = on_disk
                    .filter(|(slot, _)| slot.name() == name)
                    .map(|(slot, _)| slot.pin)
                    .collect();
                match opens.as_slice() {
                    [pin] if self.may_open.contains(pin) => Ok(()),
                    [_] => Err("a PIN opens that was given up"),
                    _ => Err("not exactly one slot opens"),
                }
            }
            _ => Err("phone and guard do not agree"),
        }
    }
}

/// The number of places, and the first at which the rule does not hold.
fn walk(nexts: impl Fn(&Place) -> Vec<Place>) -> (usize, Option<(&'static str, Place)>) {
    let mut seen = HashSet::from([Place::start()]);
    let mut open = VecDeque::from([Place::start()]);
    while let Some(place) = open.pop_front() {
        if let Err(why) = place.holds() {
            return (seen.len(), Some((why, place)));
        }
        for next in nexts(&place) {
            if seen.insert(next.clone()) {
                open.push_back(next);
            }
        }
    }
    (seen.len(), None)
}

#[test]
fn pin_26_on_every_way_exactly_one_pin_opens() {
    let (places, broken) = walk(Place::nexts);
    assert_eq!(broken, None);
    assert!(places > 10_000, "{places}");
}

/// The walk finds what a missing rule breaks: a guard that takes the commit of a staging that is no longer the live one.
#[test]
fn pin_26_a_guard_that_takes_a_dead_stagings_commit_is_found() {
    let careless = |place: &Place| {
        let mut all = place.nexts();
        for slot in &place.travelling {
            let mut late = place.clone();
            if late.staged.is_some_and(|(_, epoch)| epoch == slot.epoch) {
                late.current = Some(*slot);
                late.staged = None;
                all.push(late);
            }
        }
        all
    };
    assert!(walk(careless).1.is_some());
}

/// And a phone that writes over the slot that was active.
#[test]
fn pin_26_a_phone_that_forgets_the_slot_that_holds_is_found() {
    let careless = |place: &Place| {
        let mut all = place.nexts();
        for next in &mut all {
            if matches!(next.app, Some(Step::Commit(_))) {
                next.disk
                    .iter_mut()
                    .filter(|slot| slot.is_some_and(|(_, mark)| mark == Mark::Active))
                    .for_each(|slot| *slot = None);
            }
        }
        all
    };
    assert!(walk(careless).1.is_some());
}
