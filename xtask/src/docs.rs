//! Documents that are generated from code which xtask does not link.

use anyhow::Result;
use std::time::Duration;

use crate::context::Context;

/// Writes `docs/errors.md` and `docs/offline-guesses.md`, by the tests that check them.
pub fn write_tested(context: &Context) -> Result<()> {
    // `--workspace`: the same features as in the tests, so that nothing is built twice.
    let arguments = [
        "test",
        "--workspace",
        "--locked",
        "--test",
        "errors_document",
        "--test",
        "offline_guesses",
    ];
    let mut command = context.linting_cargo(&arguments);
    command.env("KAPOK_WRITE_DOCS", "1");
    context.must("docs", &mut command, Duration::from_secs(1800))?;
    println!("wrote docs/errors.md, docs/offline-guesses.md");
    Ok(())
}
