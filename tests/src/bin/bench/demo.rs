//! The release demo as a newcomer runs it, without the build.

use super::figure::{Figure, Must};
use super::say;
use anyhow::{Context as _, Result, bail};
use indicatif::ProgressBar;
use kapok_tests::judges::root;
use serde::Deserialize;
use std::process::{Command, Stdio};
use std::time::Instant;

const RUNS: usize = 5;

/// What is read of `report.json`.
#[derive(Deserialize)]
struct Report {
    ok: bool,
    peak_rss_bytes: u64,
}

/// Wall time and resident memory.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    say(progress, "runs", RUNS);
    let (mut seconds, mut megabytes) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let folder = tempfile::tempdir()?;
        let started = Instant::now();
        let status = Command::new(root().join("target/release/kapok"))
            .arg("demo")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("cannot start target/release/kapok; `cargo xtask bench` builds it")?;
        seconds.push(started.elapsed().as_secs_f64());
        let report = std::fs::read(folder.path().join("kapok-demo/report.json"))?;
        let report: Report = serde_json::from_slice(&report)?;
        if !status.success() || !report.ok {
            bail!("the demo failed");
        }
        megabytes.push(report.peak_rss_bytes as f64 / 1e6);
        progress.inc(1);
    }
    Ok(vec![
        Figure::new("demo, wall", "s", seconds).must(Must::AllAtMost(10.0)),
        Figure::new("demo, resident memory", "MB", megabytes).must(Must::AllAtMost(150.0)),
    ])
}
