//! Format, lint and tests of the Rust code.

use anyhow::{Result, bail};
use std::time::Duration;

use crate::context::Context;
use crate::count::{self, Count};

const BUILD_LIMIT: Duration = Duration::from_secs(45 * 60);
const TEST_LIMIT: Duration = Duration::from_secs(45 * 60);

/// `cargo fmt --check`.
pub fn fmt(context: &Context) -> Result<Count> {
    let finished = context.run(
        "fmt",
        &mut context.cargo(&["fmt", "--all", "--check"]),
        Duration::from_secs(120),
    )?;
    if !finished.status.success() {
        finished.show();
    }
    Ok(Count::one(finished.status.success()))
}

/// Builds all targets for the tests, clippy's warnings denied.
pub fn clippy(context: &Context) -> Result<Count> {
    let arguments = [
        "test",
        "--workspace",
        "--all-targets",
        "--locked",
        "--no-run",
    ];
    let mut cargo = context.linting_cargo(&arguments);
    let finished = context.run("clippy", &mut cargo, BUILD_LIMIT)?;
    if !finished.status.success() {
        finished.show();
    }
    Ok(Count::one(finished.status.success()))
}

/// All Rust tests in one build of the dev profile.
pub fn test(context: &Context) -> Result<Count> {
    let arguments = ["test", "--workspace", "--locked", "--no-fail-fast"];
    let mut cargo = context.linting_cargo(&arguments);
    let finished = context.run("rust", &mut cargo, TEST_LIMIT)?;
    let count = count::cargo_test(&finished.text);
    if finished.status.success() {
        return Ok(count);
    }
    show_failures(&finished.text);
    finished.show();
    if count.failed == 0 {
        bail!("cargo test ended with {}: see the log", finished.status);
    }
    Ok(count)
}

/// Prints what each failed test printed: the end of the log may be far from it.
fn show_failures(text: &str) {
    let mut inside = false;
    for line in text.lines() {
        match line {
            "failures:" => inside = !inside,
            _ if line.starts_with("test result: ") => inside = false,
            _ if inside => println!("{line}"),
            _ => {}
        }
    }
}
