//! `cargo xtask bench`: builds the benchmark program in the release profile and runs it.

use anyhow::{Context as _, Result};
use std::time::Duration;

use crate::context::Context;
use crate::tools;

/// Runs the benchmarks; their table goes straight to the screen.
pub fn run(context: &Context, arguments: &[String]) -> Result<bool> {
    tools::provide(context, &tools::for_parts(&["judges"]))?;
    let build = [
        "build",
        "--release",
        "--locked",
        "--package",
        "kapok-tests",
        "--bin",
        "bench",
    ];
    context.must(
        "bench-build",
        &mut context.cargo(&build),
        Duration::from_secs(3600),
    )?;
    let status = std::process::Command::new(context.path("target/release/bench"))
        .args(arguments)
        .current_dir(&context.root)
        .status()
        .context("cannot start target/release/bench")?;
    Ok(status.success())
}
