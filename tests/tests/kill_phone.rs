//! The phone is killed at every message that passes between it and the platform, and taken up again: everything is done in the end, and
//! nothing twice.
//!
//! Between two messages the phone may write several times; `core/src/app/tests` kills at those steps. The whole run takes minutes, so
//! that every fifth message is taken here; `KAPOK_KILL_STRIDE=1` takes each.

use kapok_core::AppError;
use kapok_formats::sample;
use kapok_platform::simulators::pc::PcDesk;
use kapok_platform::simulators::pc::PcDocument;
use kapok_tests::lives::{Holder, kills, live};
use kapok_tests::wire::Wire;
use kapok_tests::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_005_killed_anywhere_before_the_seal_there_is_one_certificate_and_one_seal() {
    for n in kills() {
        let wire = Wire::open().await;
        let world = World::start_at(&wire).await;
        let mut holder = Holder::new(&world, "phone", "张伟");
        let equip = |holder: Holder| async move {
            let app = holder.app();
            holder.equip(&app).await.map(drop)
        };
        let ended = live(&wire, &mut holder, n, equip).await;
        let killed = ended.is_none();
        let again: Option<Result<(), AppError>> = live(&wire, &mut holder, u64::MAX, equip).await;
        if let Some(Err(error)) = again {
            panic!("killed after {n} messages: {error:?}");
        }
        let counted = |query| world.count("platform", query);
        assert_eq!(counted("SELECT count(*) FROM certificates"), 1, "{n}");
        assert_eq!(
            counted("SELECT count(*) FROM seals WHERE seal IS NOT NULL"),
            1,
            "{n}"
        );
        assert_eq!(
            world.count("guard", "SELECT count(*) FROM epochs"),
            1,
            "{n}"
        );
        assert_eq!(
            world.count("guard", "SELECT max(fails) FROM phones"),
            0,
            "{n}"
        );
        world.running.shutdown().await;
        if !killed {
            eprintln!("killed at every message below {n}");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yqq_023_killed_anywhere_in_a_session_a_document_is_signed_once() {
    let wire = Wire::open().await;
    let world = World::start_at(&wire).await;
    let mut holder = Holder::new(&world, "phone", "张伟");
    wire.let_pass(u64::MAX);
    let app = holder.app();
    holder.equip(&app).await.unwrap();
    drop(app);
    for (round, n) in (1..).zip(kills()) {
        let document = PcDocument {
            name: format!("{n}.pdf"),
            bytes: sample::contract().unwrap(),
        };
        let desk = PcDesk::upload(&world.running.http_url, vec![document])
            .await
            .unwrap();
        let sign = |holder: Holder| {
            let desk = desk.clone();
            async move {
                let app = holder.app();
                holder.sign(&app, &desk).await
            }
        };
        let ended = live(&wire, &mut holder, n, sign).await;
        let Some(done) = ended else {
            let again: Option<Result<(), AppError>> =
                live(&wire, &mut holder, u64::MAX, sign).await;
            if let Some(Err(error)) = again {
                panic!("killed after {n} messages: {error:?}");
            }
            signed_once(&world, &holder, round, n).await;
            continue;
        };
        done.unwrap();
        signed_once(&world, &holder, round, n).await;
        eprintln!("killed at every message below {n}");
        break;
    }
    world.running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yst_021_killed_anywhere_while_an_invite_is_accepted_there_is_one_grant() {
    for n in kills() {
        let wire = Wire::open().await;
        let world = World::start_at(&wire).await;
        wire.let_pass(u64::MAX);
        let admin = world.phone("admin");
        world.log_in(&admin, "张伟").await;
        let link = world.invite_li_na(&admin).await;
        let mut holder = Holder::new(&world, "phone", "李娜");
        let accept = |holder: Holder| {
            let link = link.clone();
            async move {
                let app = holder.app();
                holder.accept(&app, &link).await
            }
        };
        let killed = live(&wire, &mut holder, n, accept).await.is_none();
        let again: Option<Result<(), AppError>> = live(&wire, &mut holder, u64::MAX, accept).await;
        if let Some(Err(error)) = again {
            panic!("killed after {n} messages: {error:?}");
        }
        let grants = "SELECT count(*) FROM grants WHERE state = 'active'";
        assert_eq!(world.count("platform", grants), 1, "killed after {n}");
        let accepted = "SELECT count(*) FROM invites WHERE state = 'accepted'";
        assert_eq!(world.count("platform", accepted), 1, "killed after {n}");
        world.running.shutdown().await;
        if !killed {
            eprintln!("killed at every message below {n}");
            return;
        }
    }
}

/// As many documents are signed as there were rounds, with as many receipts, and nothing waits to be delivered.
async fn signed_once(world: &World, holder: &Holder, round: i64, n: u64) {
    let signed = "SELECT count(*) FROM portal_documents WHERE signed_by IS NOT NULL";
    assert_eq!(world.count("platform", signed), round, "killed after {n}");
    let receipts = "SELECT count(*) FROM log WHERE event = 'receipt'";
    assert_eq!(world.count("guard", receipts), round, "killed after {n}");
    let app = holder.app();
    assert_eq!(
        app.signing().unfinished().await.unwrap(),
        0,
        "killed after {n}"
    );
}
