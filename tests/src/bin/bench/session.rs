//! A whole session of the real core against the real platform: from the PIN to the signature that the portal has stored.
//!
//! The app lives on a runtime of its own with named threads, so that its CPU time is told apart from that of the platform and of the
//! simulated PC in the same process. Everything counts here: TLS, HTTP, WebSocket, SQLite, and Argon2id.

use super::figure::Figure;
use super::{cpu, say};
use anyhow::{Result, ensure};
use indicatif::ProgressBar;
use kapok_core::App;
use kapok_core::signing::State;
use kapok_formats::sample;
use kapok_tests::world::{PIN, World, first, pass_site_check, pin, scan, sign_all, until};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

/// Name of the app's threads.
const APP: &str = "bench-app";
const WARM: usize = 3;
const SESSIONS: usize = 20;

/// Marks of one session, in milliseconds.
struct Marks {
    unlock_cpu: f64,
    sign_cpu: f64,
    wall: f64,
}

/// CPU and wall time of a session, from the PIN on.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    let platform = Runtime::new()?;
    let app = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name(APP)
        // A thread that ends takes its count of CPU time with it.
        .thread_keep_alive(Duration::from_secs(3600))
        .enable_all()
        .build()?;
    let world = platform.block_on(World::start());
    let contract = sample::contract()?;
    let equipped = app.block_on(async { world.equipped("phone").await.0 });
    say(progress, "sessions", SESSIONS);
    let mut all = Vec::new();
    for number in 0..WARM + SESSIONS {
        let marks = session(&platform, &app, &world, &equipped, &contract)?;
        if number >= WARM {
            all.push(marks);
            progress.inc(1);
        }
    }
    app.shutdown_background();
    platform.block_on(world.running.shutdown());
    let column = |of: fn(&Marks) -> f64| all.iter().map(of).collect::<Vec<_>>();
    Ok(vec![
        Figure::new("PIN to open lease, CPU", "ms", column(|m| m.unlock_cpu)),
        Figure::new("lease to signature, CPU", "ms", column(|m| m.sign_cpu)),
        Figure::new(
            "PIN to signature, CPU",
            "ms",
            column(|m| m.unlock_cpu + m.sign_cpu),
        ),
        Figure::new("PIN to signature, wall", "ms", column(|m| m.wall)),
    ])
}

fn session(
    platform: &Runtime,
    app_runtime: &Runtime,
    world: &World,
    app: &App,
    contract: &[u8],
) -> Result<Marks> {
    let (pc, text) = platform.block_on(world.pc("contract.pdf", contract));
    let serving = platform.spawn(pc.serve(first));
    app_runtime.block_on(spawned(app.clone(), move |app| async move {
        scan(&app, &text).await;
        // At first the view still shows the session before.
        until(&app, |state| {
            matches!(state, State::SiteCheck { .. } | State::Approve { .. })
        })
        .await;
        pass_site_check(&app).await;
        until(&app, |state| matches!(state, State::Approve { .. })).await;
    }))?;
    let (started, before) = (Instant::now(), cpu::threads_ms(APP)?);
    app_runtime.block_on(spawned(app.clone(), |app| async move {
        app.signing().approve(pin(PIN)).await.unwrap();
    }))?;
    let unlocked = cpu::threads_ms(APP)?;
    app_runtime.block_on(spawned(app.clone(), |app| async move {
        sign_all(&app).await;
    }))?;
    let signed = platform.block_on(serving)??;
    let marks = Marks {
        unlock_cpu: unlocked - before,
        sign_cpu: cpu::threads_ms(APP)? - unlocked,
        wall: started.elapsed().as_secs_f64() * 1e3,
    };
    ensure!(signed.len() == 1, "{} documents signed", signed.len());
    app_runtime.block_on(spawned(app.clone(), |app| async move {
        app.signing().disconnect().await.unwrap();
    }))?;
    Ok(marks)
}

/// Runs on the app's own threads, so that nothing of it is done on the one that waits.
async fn spawned<F>(app: App, work: impl FnOnce(App) -> F) -> Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    Ok(tokio::spawn(work(app)).await?)
}
