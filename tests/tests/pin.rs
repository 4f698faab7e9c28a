//! Another PIN: by the one that holds or by face, and killed at every message on the way.

use kapok_core::login::Outcome;
use kapok_core::types::{EnterpriseId, PinState, Purpose, SealKind};
use kapok_core::{App, AppError, ErrorCode};
use kapok_tests::lives::{Holder, kills, live};
use kapok_tests::wire::Wire;
use kapok_tests::world::{PIN, World, pin};
use std::time::Instant;

/// Two more PINs that the rules take.
const NEW: [u8; 6] = [4, 7, 2, 8, 0, 5];
const OTHER: [u8; 6] = [6, 1, 9, 2, 7, 0];

async fn change(app: &App, old: [u8; 6], new: [u8; 6]) -> Result<(), AppError> {
    app.vault().change_pin(pin(old), pin(new), pin(new)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_18_after_a_change_the_old_pin_and_the_old_file_open_nothing_and_the_certificate_signs()
{
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
    let wrong = change(&app, OTHER, NEW).await.unwrap_err();
    assert_eq!(
        (wrong.code, wrong.tries_left),
        (ErrorCode::PinWrong, Some(9))
    );
    let weak = change(&app, PIN, [1, 2, 3, 4, 5, 6]).await.unwrap_err();
    assert_eq!(
        (weak.code, weak.reason.as_deref()),
        (ErrorCode::PinWeak, Some("steps"))
    );
    let vault = app.vault();
    let differ = vault.change_pin(pin(PIN), pin(NEW), pin(OTHER)).await;
    assert_eq!(differ.unwrap_err().code, ErrorCode::PinRepeat);
    let epochs = || world.count("guard", "SELECT max(epoch) FROM epochs");
    assert_eq!(epochs(), 1, "nothing changes");

    drop(app);
    let (phone, old) = (world.dir.path().join("phone"), world.dir.path().join("old"));
    kapok_tests::lives::copy(&phone, &old);
    let app = world.phone("phone");
    change(&app, PIN, NEW).await.unwrap();
    assert_eq!(epochs(), 2);
    assert_eq!(
        world.count("guard", "SELECT count(*) FROM epochs"),
        1,
        "the older epoch's keys are deleted"
    );
    let wrong = world.signs(&app, PIN).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::PinWrong);
    world.signs(&app, NEW).await.unwrap();
    change(&app, NEW, OTHER).await.unwrap();
    world.signs(&app, OTHER).await.unwrap();

    let restored = world.phone("old");
    let tries = || world.count("guard", "SELECT max(fails) FROM phones");
    for old in [PIN, OTHER] {
        let refused = change(&restored, old, NEW).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::GuardStale);
        assert_eq!(
            tries(),
            0,
            "no try is spent on a slot that the guard does not know"
        );
    }
    let found = restored.vault().pin_state().await.unwrap();
    assert_eq!(found, PinState::Lost);
    world.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_12_killed_at_every_message_of_a_change_exactly_one_pin_opens() {
    let wire = Wire::open().await;
    let world = World::start_at(&wire).await;
    let mut holder = Holder::new(&world, "phone", "张伟");
    wire.let_pass(u64::MAX);
    let app = holder.app();
    holder.equip(&app).await.unwrap();
    drop(app);
    let (mut old, mut new) = (PIN, NEW);
    for n in 0.. {
        let act = move |holder: Holder| async move { change(&holder.app(), old, new).await };
        let ended = live(&wire, &mut holder, n, act).await;
        let again: Option<Result<bool, AppError>> = live(&wire, &mut holder, u64::MAX, {
            move |holder: Holder| async move { changed_from_either(&holder.app(), old, new).await }
        })
        .await;
        let old_held = again
            .unwrap()
            .unwrap_or_else(|e| panic!("after {n}: {e:?}"));
        (old, new) = (new, old);
        if let Some(done) = ended {
            done.unwrap();
            assert!(!old_held, "changed, and the old PIN opens");
            eprintln!("killed at every message below {n}");
            break;
        }
    }
    assert_eq!(world.count("guard", "SELECT count(*) FROM epochs"), 1);
    world.signs(&holder.app(), old).await.unwrap();
    world.running.shutdown().await;
}

/// Changes the PIN whichever of the two holds: whether it was the old one.
async fn changed_from_either(app: &App, old: [u8; 6], new: [u8; 6]) -> Result<bool, AppError> {
    match change(app, old, new).await {
        Ok(()) => Ok(true),
        Err(error) if error.code == ErrorCode::PinWrong => {
            change(app, new, new).await.map(|()| false)
        }
        Err(error) => Err(error),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_12_killed_twice_in_a_change_exactly_one_pin_opens() {
    let wire = Wire::open().await;
    let world = World::start_at(&wire).await;
    let mut holder = Holder::new(&world, "phone", "张伟");
    wire.let_pass(u64::MAX);
    let app = holder.app();
    holder.equip(&app).await.unwrap();
    drop(app);
    let (mut old, mut new) = (PIN, NEW);
    let mut pairs = 0;
    'first: for n in kills() {
        for m in kills() {
            let once = move |holder: Holder| async move { change(&holder.app(), old, new).await };
            if let Some(done) = live(&wire, &mut holder, n, once).await {
                done.unwrap();
                break 'first;
            }
            let again = move |holder: Holder| async move {
                changed_from_either(&holder.app(), old, new).await
            };
            let second = live(&wire, &mut holder, m, again).await;
            let twice = second.is_none();
            let third = match second {
                None => live(&wire, &mut holder, u64::MAX, again).await,
                done => done,
            };
            let told = third.unwrap();
            told.unwrap_or_else(|error| panic!("after {n} and {m}: {error:?}"));
            (old, new) = (new, old);
            if !twice {
                break;
            }
            pairs += 1;
        }
    }
    eprintln!("killed {pairs} times twice");
    assert!(pairs >= 2, "{pairs} pairs");
    assert_eq!(world.count("guard", "SELECT count(*) FROM epochs"), 1);
    world.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_056_after_a_reset_by_face_the_new_pin_opens_and_the_certificate_signs() {
    let world = World::start().await;
    let (app, enterprise, _) = world.equipped("phone").await;
    let vault = app.vault();
    let differ = vault.start_reset(pin(NEW), pin(OTHER)).await;
    assert_eq!(differ.unwrap_err().code, ErrorCode::PinRepeat);
    let weak = vault.start_reset(pin([1; 6]), pin([1; 6])).await;
    assert_eq!(weak.unwrap_err().code, ErrorCode::PinWeak);
    assert_eq!(app.login().view().await, None, "no face check is opened");

    vault.start_reset(pin(NEW), pin(NEW)).await.unwrap();
    let link = world.face(&app, "李娜").await;
    let other = app.login().returned(&link).await.unwrap_err();
    assert_eq!(other.code, ErrorCode::IdentityMismatch);
    let none = vault.finish_reset().await.unwrap_err();
    assert_eq!(none.code, ErrorCode::HandoffUnknown);
    world.signs(&app, PIN).await.unwrap();

    for wrong in [OTHER, NEW, OTHER] {
        world.signs(&app, wrong).await.unwrap_err();
    }
    vault.start_reset(pin(NEW), pin(NEW)).await.unwrap();
    let link = world.face(&app, "张伟").await;
    let verified = app.login().returned(&link).await.unwrap();
    assert!(matches!(
        verified,
        Some(Outcome::Verified {
            purpose: Purpose::PinReset,
            ..
        })
    ));
    let started = Instant::now();
    vault.finish_reset().await.unwrap();
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
    assert_eq!(
        vault.pin_state().await.unwrap(),
        PinState::Set {
            tries_left: Some(10),
            wait_seconds: 0
        }
    );
    let old = world.signs(&app, PIN).await.unwrap_err();
    assert_eq!((old.code, old.tries_left), (ErrorCode::PinWrong, Some(9)));
    world.signs(&app, NEW).await.unwrap();
    seals_after_another_face(&world, &app, enterprise).await;
    world.signs(&app, NEW).await.unwrap();
    let used = vault.finish_reset_with(pin(OTHER), pin(OTHER)).await;
    assert_eq!(used.unwrap_err().code, ErrorCode::HandoffUnknown);
    world.running.shutdown().await;
}

/// For a day after a reset a seal needs another login by face: as one is logged in, and by the same face.
async fn seals_after_another_face(world: &World, app: &App, enterprise: EnterpriseId) {
    let seals = app.seals();
    let preview = seals
        .preview(enterprise, SealKind::Organisation)
        .await
        .unwrap();
    let refused = seals.generate(preview.preview_id).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::FaceAgain);
    for (person, code) in [("李娜", Some(ErrorCode::IdentityMismatch)), ("张伟", None)] {
        app.login().start_face(None).await.unwrap();
        let link = world.face(app, person).await;
        let back = app.login().returned(&link).await;
        assert_eq!(back.err().map(|error| error.code), code, "{person}");
    }
    let current = app.enterprises().current().await.unwrap();
    assert_eq!(current.unwrap().enterprise_id, enterprise);
    seals.generate(preview.preview_id).await.unwrap();
}

/// Kills a phone in a reset after so many messages of each life, then lets it come to its end; how many of the kills fell before it.
async fn reset_killed(kills: &[u64]) -> usize {
    // A person has few face checks a day: every series of kills has its own world.
    let wire = Wire::open().await;
    let world = World::start_at(&wire).await;
    let mut holder = Holder::new(&world, "phone", "张伟");
    wire.let_pass(u64::MAX);
    let app = holder.app();
    holder.equip(&app).await.unwrap();
    drop(app);
    let act = |holder: Holder| async move {
        let app = holder.app();
        holder.reset_pin(&app, NEW).await
    };
    let (mut killed, mut ended) = (0, None);
    for messages in kills {
        ended = live(&wire, &mut holder, *messages, act).await;
        if ended.is_some() {
            break;
        }
        killed += 1;
    }
    if ended.is_none() {
        ended = live(&wire, &mut holder, u64::MAX, act).await;
    }
    if let Some(Err(error)) = ended {
        panic!("killed after {kills:?} messages: {error:?}");
    }
    wire.let_pass(u64::MAX);
    let app = holder.app();
    let wrong = change(&app, PIN, OTHER).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::PinWrong, "killed after {kills:?}");
    world.signs(&app, NEW).await.unwrap();
    let epochs = world.count("guard", "SELECT count(*) FROM epochs");
    assert_eq!(epochs, 1, "killed after {kills:?}");
    world.running.shutdown().await;
    killed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_12_killed_anywhere_in_a_reset_exactly_one_pin_opens() {
    for n in kills() {
        if reset_killed(&[n]).await == 0 {
            eprintln!("killed at every message below {n}");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_12_killed_twice_in_a_reset_exactly_one_pin_opens() {
    let mut pairs = 0;
    'first: for n in kills().skip(1).step_by(3) {
        for m in kills().skip(1).step_by(3) {
            match reset_killed(&[n, m]).await {
                0 => break 'first,
                1 => break,
                _ => pairs += 1,
            }
        }
    }
    eprintln!("killed {pairs} times twice");
    assert!(pairs >= 1, "{pairs} pairs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_12_killed_at_every_message_while_the_master_key_is_renewed_the_same_pin_opens() {
    let wire = Wire::open().await;
    let mut world = World::start_at(&wire).await;
    wire.let_pass(u64::MAX);
    let mut holder = Holder::new(&world, "phone", "张伟");
    let app = holder.app();
    holder.equip(&app).await.unwrap();
    drop(app);
    let old_master = "SELECT count(*) FROM epochs WHERE master < (SELECT max(master) FROM epochs)";
    for n in kills() {
        let epoch = world.count("guard", "SELECT max(epoch) FROM epochs");
        let master = world.count("guard", "SELECT max(master) FROM epochs");
        world = world
            .restart_at(&wire, |folder| {
                let keys = kapok_platform::keys::Keys::open(folder).unwrap();
                kapok_platform::guard::rotate_master(&keys).unwrap();
            })
            .await;
        holder.moved_to(&world);
        let act = |holder: Holder| async move {
            let app = holder.app();
            app.vault().revocation_code(pin(PIN)).await.map(drop)
        };
        let ended = live(&wire, &mut holder, n, act).await;
        let killed = ended.is_none();
        if let Some(done) = ended {
            done.unwrap_or_else(|error| panic!("after {n}: {error:?}"));
        }
        wire.let_pass(u64::MAX);
        let wrong = change(&holder.app(), OTHER, NEW).await.unwrap_err();
        assert_eq!(
            (wrong.code, wrong.tries_left),
            (ErrorCode::PinWrong, Some(9)),
            "killed after {n}: one try, not two"
        );
        world.signs(&holder.app(), PIN).await.unwrap();
        assert_eq!(
            world.count("guard", "SELECT max(master) FROM epochs"),
            master + 1,
            "killed after {n}"
        );
        assert_eq!(world.count("guard", old_master), 0, "killed after {n}");
        let epochs = "SELECT count(*) FROM epochs";
        assert_eq!(world.count("guard", epochs), 1, "killed after {n}");
        let renewed = world.count("guard", "SELECT max(epoch) FROM epochs");
        assert_eq!(renewed, epoch + 1, "killed after {n}: renewed once");
        if !killed {
            eprintln!("killed at every message below {n}");
            break;
        }
    }
    world.running.shutdown().await;
}
