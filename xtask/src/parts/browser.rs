//! Tests of the PC page in Debian's Chromium, driven by playwright-core.

use anyhow::{Result, bail};
use std::time::Duration;

use crate::context::Context;
use crate::count::{self, Count};
use crate::tools;

const LIMIT: Duration = Duration::from_secs(15 * 60);

/// Builds `kapok`, which the tests start, and runs `npm test` (Node's own test runner) in `tests/browser`.
pub fn run(context: &Context) -> Result<Count> {
    // `--workspace`: the same features as in the tests, so that nothing is built twice.
    let build = ["build", "--workspace", "--bin", "kapok", "--locked"];
    context.must("browser-build", &mut context.linting_cargo(&build), LIMIT)?;
    let mut node = tools::npm_run(context, "tests/browser", "test");
    node.env("KAPOK_BIN", context.path("target/debug/kapok"))
        .env("CHROMIUM", "/usr/bin/chromium");
    let finished = context.run("browser", &mut node, LIMIT)?;
    let count = count::node_test(&finished.text);
    if finished.status.success() {
        return Ok(count);
    }
    finished.show();
    if count.failed == 0 {
        bail!("node ended with {}: see the log", finished.status);
    }
    Ok(count)
}
