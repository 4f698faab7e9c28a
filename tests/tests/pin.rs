//! Another PIN: by the one that holds or by face, and killed at every message on the way.

use kapok_core::login::Outcome;
use kapok_core::signing::State;
use kapok_core::types::{PinState, Purpose};
use kapok_core::{App, AppError, ErrorCode};
use kapok_formats::sample;
use kapok_tests::lives::{Holder, kills, live};
use kapok_tests::wire::Wire;
use kapok_tests::world::{PIN, World, first, pass_site_check, pin, scan, sign_all, until};
use std::time::Instant;

/// Two more PINs that the rules take.
const NEW: [u8; 6] = [4, 7, 2, 8, 0, 5];
const OTHER: [u8; 6] = [6, 1, 9, 2, 7, 0];

async fn change(app: &App, old: [u8; 6], new: [u8; 6]) -> Result<(), AppError> {
    app.vault().change_pin(pin(old), pin(new), pin(new)).await
}

/// Signs a document on a PC's behalf with this PIN.
async fn signs(world: &World, app: &App, with: [u8; 6]) -> Result<(), AppError> {
    let (pc, text) = world.pc("合同.pdf", &sample::contract().unwrap()).await;
    let serving = tokio::spawn(pc.serve(first));
    scan(app, &text).await;
    pass_site_check(app).await;
    if let Err(error) = app.signing().approve(pin(with)).await {
        app.signing().disconnect().await.unwrap();
        serving.abort();
        return Err(error);
    }
    sign_all(app).await;
    // The PC leaves once it has its file, and may be gone before this phone looks.
    let last = |s: &State| match s {
        State::Connected { last, .. } | State::Closed { last, .. } => *last,
        _ => None,
    };
    let view = until(app, |s| last(s).is_some()).await;
    assert_eq!(last(&view.state).unwrap().signed, 1);
    if !matches!(view.state, State::Closed { .. }) {
        app.signing().disconnect().await?;
    }
    assert_eq!(serving.await.unwrap().unwrap().len(), 1);
    Ok(())
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
    let wrong = signs(&world, &app, PIN).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::PinWrong);
    signs(&world, &app, NEW).await.unwrap();
    change(&app, NEW, OTHER).await.unwrap();
    signs(&world, &app, OTHER).await.unwrap();

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
            move |holder: Holder| async move {
                let app = holder.app();
                match change(&app, old, new).await {
                    Ok(()) => Ok(true),
                    Err(error) if error.code == ErrorCode::PinWrong => {
                        change(&app, new, new).await.map(|()| false)
                    }
                    Err(error) => Err(error),
                }
            }
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
    signs(&world, &holder.app(), old).await.unwrap();
    world.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_056_after_a_reset_by_face_the_new_pin_opens_and_the_certificate_signs() {
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
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
    signs(&world, &app, PIN).await.unwrap();

    for wrong in [OTHER, NEW, OTHER] {
        signs(&world, &app, wrong).await.unwrap_err();
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
    let old = signs(&world, &app, PIN).await.unwrap_err();
    assert_eq!((old.code, old.tries_left), (ErrorCode::PinWrong, Some(9)));
    signs(&world, &app, NEW).await.unwrap();
    let used = vault.finish_reset_with(pin(OTHER), pin(OTHER)).await;
    assert_eq!(used.unwrap_err().code, ErrorCode::HandoffUnknown);
    world.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_12_killed_anywhere_in_a_reset_exactly_one_pin_opens() {
    for n in kills() {
        // A person has few face checks a day: every kill has its own world.
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
        let ended = live(&wire, &mut holder, n, act).await;
        let killed = ended.is_none();
        let again: Option<Result<(), AppError>> = match ended {
            None => live(&wire, &mut holder, u64::MAX, act).await,
            done => done,
        };
        if let Some(Err(error)) = again {
            panic!("killed after {n} messages: {error:?}");
        }
        wire.let_pass(u64::MAX);
        let app = holder.app();
        let wrong = change(&app, PIN, OTHER).await.unwrap_err();
        assert_eq!(wrong.code, ErrorCode::PinWrong, "killed after {n}");
        signs(&world, &app, NEW).await.unwrap();
        let epochs = world.count("guard", "SELECT count(*) FROM epochs");
        assert_eq!(epochs, 1, "killed after {n}");
        world.running.shutdown().await;
        if !killed {
            eprintln!("killed at every message below {n}");
            return;
        }
    }
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
                kapok_platform::guard::rotate_master(folder).unwrap();
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
        signs(&world, &holder.app(), PIN).await.unwrap();
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
