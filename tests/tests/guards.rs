//! Guards in processes of their own: two on one PostgreSQL, killed in the midst of their writes, and a server that stops under them.

mod guards {
    pub mod audit;
    pub mod load;
    pub mod process;
}
// The platform's own tests use all of it.
#[allow(dead_code, missing_docs)]
#[path = "../../platform/src/guard/tests/client.rs"]
mod client;

use client::{PIN, Phone, WRONG};
use guards::audit::audit;
use guards::load::{self, Acknowledged, Run};
use guards::process::Guard;
use kapok_platform::clock::{Clock, SystemClock};
use kapok_platform::keys::Keys;
use kapok_platform::role_keys::RoleKeys;
use kapok_protocol::guard::{EvalAnswer, EvalRequest, PinKind, Request, open_reply};
use kapok_protocol::ids::{AccountId, LeaseId};
use kapok_tests::postgres::Cluster;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A guard process and the face service that it trusts.
struct Bench {
    guard: Arc<Guard>,
    face: Arc<RoleKeys>,
}

impl Bench {
    fn start(dir: &Path, database: Option<&str>) -> Self {
        let keys = Keys::open(dir).unwrap();
        let face = Arc::new(RoleKeys::open(&keys, "face").unwrap());
        let guard = Guard::start(dir, database);
        Self { guard, face }
    }
}

fn now() -> u64 {
    SystemClock.seconds()
}

/// A guess with a nonce of its own, or a message that was sent before; the attempt that was evaluated.
async fn guess(
    phone: &Phone,
    message: Option<kapok_protocol::guard::Signed>,
) -> Option<EvalAnswer> {
    let message = match message {
        Some(message) => message,
        None => {
            let (_, request) = phone.eval_request(&WRONG, PinKind::Install, 0).await;
            phone.signed(&request)
        }
    };
    let reply = phone.guard.answer(EvalRequest::PATH, message.clone()).await;
    let reply = reply.unwrap();
    open_reply::<EvalRequest>(&reply, phone.guard.sign_public(), &message.hash())
        .unwrap()
        .ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn pin_07_two_guard_processes_on_one_postgresql_evaluate_what_the_policy_allows() {
    let (cluster, dir) = (Cluster::start(true), tempfile::tempdir().unwrap());
    let url = cluster.schema();
    let bench = Bench::start(dir.path(), Some(&url));
    let second = Guard::start(dir.path(), Some(&url));
    let mut phone = Phone::new(&bench, 1, 0x41);
    phone.set_first(&PIN, now()).await;
    let mut other = phone.clone();
    other.guard = Arc::clone(&second);
    // One message for both, and one more with its nonce but another intent.
    let (_, shared) = phone.eval_request(&WRONG, PinKind::Install, 0).await;
    let mut twin = shared.clone();
    twin.intent = [1; 32];
    let (same, twin) = (phone.signed(&shared), phone.signed(&twin));
    let mut tasks = Vec::new();
    for task in 0..16 {
        let phones = [phone.clone(), other.clone()];
        let (same, twin) = (same.clone(), twin.clone());
        tasks.push(tokio::spawn(async move {
            let mut attempts = Vec::new();
            for round in 0..12 {
                let phone = &phones[(task + round) % 2];
                let message = match (task * 12 + round) % 8 {
                    0 => Some(same.clone()),
                    1 => Some(twin.clone()),
                    _ => None,
                };
                attempts.extend(guess(phone, message).await.map(|answer| answer.attempt));
            }
            attempts
        }));
    }
    // Another person's right PIN is served meanwhile, by either.
    let mut third = Phone::of(
        Arc::clone(&second),
        Arc::clone(&bench.face),
        AccountId([3; 16]),
        [0x43; 32],
    );
    third.set_first(&PIN, now()).await;
    third.connect(&PIN, 1).await;
    third.guard = Arc::clone(&bench.guard);
    third.connect(&PIN, 1).await;
    let mut evaluated = HashSet::new();
    for task in tasks {
        evaluated.extend(task.await.unwrap());
    }
    // Three without a wait, and the fourth, which sets one.
    assert_eq!(evaluated.len(), 4);
    let left = (
        phone.state().await.tries_left,
        other.state().await.tries_left,
    );
    assert_eq!(left, (6, 6));
    let events = audit(dir.path(), Some(&url)).await;
    let tries = |(event, _): &&(String, Vec<u8>)| event == "eval";
    assert_eq!(events.keys().filter(tries).count(), 4 + 2);
    assert!(events.values().all(|times| *times == 1));
}

/// Kills a guard that works for four phones, again and again, every second time once more while it takes up what was not answered.
async fn killed(database: Option<&str>) {
    const ROUNDS: usize = 24;
    let mut missed = 0;
    let dir = tempfile::tempdir().unwrap();
    let bench = Bench::start(dir.path(), database);
    let mut phones = load::phones(&bench, 4).await;
    let done = Arc::new(Acknowledged::default());
    for round in 0..ROUNDS {
        let guard = Arc::clone(&phones[0].guard);
        let tasks: Vec<_> = phones
            .iter()
            .map(|phone| tokio::spawn(load::until_no_answer(phone.clone(), Arc::clone(&done))))
            .collect();
        done.more(1 + round * 7 % 11).await;
        guard.kill();
        let mut pending = Vec::new();
        for task in tasks {
            pending.extend(task.await.unwrap());
        }
        missed += pending.len();
        if round % 2 == 1 {
            let guard = Guard::start(dir.path(), database);
            pending.iter().for_each(|message| message.throw(&guard));
            guard.kill();
        }
        let guard = Guard::start(dir.path(), database);
        for message in pending {
            assert!(message.repeat(&guard, &done).await, "round {round}");
        }
        for phone in &mut phones {
            phone.guard = Arc::clone(&guard);
        }
    }
    phones[0].guard.kill();
    assert!(missed > ROUNDS, "kills that hit a message: {missed}");
    done.compare(&audit(dir.path(), database).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn pin_12_a_guard_killed_once_and_twice_on_a_file_loses_no_try_and_doubles_none() {
    killed(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pin_12_a_guard_killed_once_and_twice_on_postgresql_loses_no_try_and_doubles_none() {
    let cluster = Cluster::start(true);
    killed(Some(&cluster.schema())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pin_12_a_postgresql_that_stops_and_starts_under_two_guards_loses_nothing_acknowledged() {
    let (cluster, dir) = (Cluster::start(true), tempfile::tempdir().unwrap());
    let url = cluster.schema();
    let bench = Bench::start(dir.path(), Some(&url));
    let second = Guard::start(dir.path(), Some(&url));
    let mut phones = load::phones(&bench, 4).await;
    for phone in phones.iter_mut().skip(2) {
        phone.guard = Arc::clone(&second);
    }
    let (done, run) = (Arc::new(Acknowledged::default()), Arc::new(Run::default()));
    run.up.send_replace(true);
    let phones = phones.into_iter();
    let tasks: Vec<_> = phones
        .map(|phone| tokio::spawn(load::until_over(phone, Arc::clone(&done), Arc::clone(&run))))
        .collect();
    // As in a crash, and in order.
    for mode in ["immediate", "fast", "immediate"] {
        done.more(9).await;
        run.up.send_replace(false);
        cluster.stop_server(mode);
        cluster.start_server();
        run.up.send_replace(true);
    }
    done.more(9).await;
    run.over.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    assert!(
        run.again.load(Ordering::Relaxed) > 0,
        "the server was missed"
    );
    done.compare(&audit(dir.path(), Some(&url)).await);
}
