//! The PC page's own lint. What it weighs is measured where it is served: in the portal's tests and in the browser.

use anyhow::Result;
use std::time::Duration;

use crate::context::Context;
use crate::count::Count;
use crate::tools;

/// Runs `npm run lint` of the page, which looks at the browser tests too.
pub fn run(context: &Context) -> Result<Count> {
    let mut lint = tools::npm_run(context, "platform/page", "lint");
    let finished = context.run("page", &mut lint, Duration::from_secs(120))?;
    if !finished.status.success() {
        finished.show();
    }
    Ok(Count::one(finished.status.success()))
}
