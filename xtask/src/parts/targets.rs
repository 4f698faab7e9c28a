//! The library for arm64 Android and iOS, built without NDK and Xcode: what that shows, and no more.

use anyhow::{Result, bail};
use std::process::Command;
use std::time::Duration;

use crate::context::Context;
use crate::count::{self, Count};
use crate::tools;

const LIMIT: Duration = Duration::from_secs(90 * 60);

/// Stripped bytes without page drawing: the goal for Android; for iOS what was measured when it was last set, and 5 %.
const BUDGETS: [(&str, &str, u64); 2] = [
    ("android", "MAX_ANDROID_BYTES", 5_000_000),
    ("ios", "MAX_IOS_BYTES", 5_880_000),
];

/// Builds both and counts the checks of both scripts.
pub fn run(context: &Context) -> Result<Count> {
    let mut total = Count::default();
    for (system, variable, budget) in BUDGETS {
        let mut script = Command::new(context.path(&format!("xtask/mobile/check-{system}.sh")));
        script
            .current_dir(&context.root)
            .env("ZIG", tools::zig(context))
            .env(variable, budget.to_string());
        // Of the toolchain that runs us, which is another one.
        for name in [
            "RUSTUP_TOOLCHAIN",
            "CARGO",
            "CARGO_MANIFEST_DIR",
            "CARGO_MANIFEST_PATH",
        ] {
            script.env_remove(name);
        }
        let finished = context.run(&format!("targets-{system}"), &mut script, LIMIT)?;
        for line in finished.text.lines().filter(|line| line.contains("bytes")) {
            println!("      {line}");
        }
        let Some(count) = count::totals(&finished.text) else {
            finished.show();
            bail!("{system}: ended with {}", finished.status);
        };
        if count.failed > 0 {
            finished.show();
        }
        total = total.plus(count);
    }
    Ok(total)
}
