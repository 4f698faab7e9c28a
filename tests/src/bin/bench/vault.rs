//! What a person waits for when a PIN is forgotten or a phone is lost: the real core against the real platform, network and disk included.

use super::figure::{Figure, Must};
use super::say;
use anyhow::{Context as _, Result, ensure};
use indicatif::ProgressBar;
use kapok_core::ErrorCode;
use kapok_tests::world::{World, pin};
use std::time::Instant;
use tokio::runtime::Runtime;

/// A person has few face checks a day: every round has a world of its own.
const ROUNDS: usize = 5;
/// Another PIN that the rules take.
const NEW: [u8; 6] = [4, 7, 2, 8, 0, 5];

/// A reset from the passed face check on, and a loss from its report on.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    let runtime = Runtime::new()?;
    say(progress, "rounds", ROUNDS);
    let (mut resets, mut losses) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (reset, loss) = runtime.block_on(round())?;
        resets.push(reset);
        losses.push(loss);
        progress.inc(1);
    }
    Ok(vec![
        Figure::new("reset after the face check, wall", "s", resets).must(Must::AllAtMost(5.0)),
        Figure::new("loss reported to keys dead, wall", "s", losses).must(Must::AllAtMost(1.0)),
    ])
}

async fn round() -> Result<(f64, f64)> {
    let world = World::start().await;
    let (app, ..) = world.equipped("phone").await;
    let vault = app.vault();
    vault.start_reset(pin(NEW), pin(NEW)).await?;
    let link = world.face(&app, "张伟").await;
    app.login()
        .returned(&link)
        .await?
        .context("the link is of another face check")?;
    let started = Instant::now();
    vault.finish_reset().await?;
    let reset = started.elapsed().as_secs_f64();

    let finder = world.phone("finder");
    world.log_in(&finder, "张伟").await;
    vault.revocation_code(pin(NEW)).await?;
    let started = Instant::now();
    finder.vault().report_loss(app.device_id()).await?;
    let refused = vault.revocation_code(pin(NEW)).await.err();
    let loss = started.elapsed().as_secs_f64();
    let code = refused.map(|error| error.code);
    ensure!(code == Some(ErrorCode::DeviceRevoked), "{code:?}");
    world.running.shutdown().await;
    Ok((reset, loss))
}
