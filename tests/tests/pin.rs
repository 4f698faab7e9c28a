//! Another PIN: by the one that holds, and killed at every message on the way.

use kapok_core::types::PinState;
use kapok_core::{App, AppError, ErrorCode};
use kapok_formats::sample;
use kapok_tests::lives::{Holder, live};
use kapok_tests::wire::Wire;
use kapok_tests::world::{PIN, World, first, pass_site_check, pin, scan, sign_all, until};

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
    until(app, |s| {
        matches!(
            s,
            kapok_core::signing::State::Connected { last: Some(_), .. }
        )
    })
    .await;
    app.signing().disconnect().await?;
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
