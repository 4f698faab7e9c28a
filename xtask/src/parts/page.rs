//! The PC page: its own lint, and its size on the wire.

use anyhow::{Context as _, Result};
use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::context::Context;
use crate::count::Count;

/// What a portal may be asked to load, uncompressed.
const MAX_BYTES: u64 = 20 * 1024;
const FOLDER: &str = "platform/page";

/// Runs the page's own `npm run lint`, then weighs its script.
pub fn run(context: &Context) -> Result<Count> {
    let mut lint = Command::new("npm");
    lint.args(["run", "--silent", "lint"])
        .current_dir(context.path(FOLDER));
    let finished = context.run("page", &mut lint, Duration::from_secs(120))?;
    if !finished.status.success() {
        finished.show();
    }
    Ok(Count::one(finished.status.success()).plus(weigh(context)?))
}

/// The script that a portal embeds, `kapok.js`, must be small.
fn weigh(context: &Context) -> Result<Count> {
    let script = context.path(FOLDER).join("kapok.js");
    let size = fs::metadata(&script)
        .with_context(|| format!("{} is missing", script.display()))?
        .len();
    if size > MAX_BYTES {
        println!(
            "      {} has {size} bytes; the limit is {MAX_BYTES}",
            script.display()
        );
    }
    Ok(Count::one(size <= MAX_BYTES))
}
