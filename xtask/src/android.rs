//! The Android shell without Gradle and without an Android SDK: `android/build.py` over locked artefacts.

use anyhow::Result;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::bindings::Generated;
use crate::context::Context;
use crate::count::{self, Count};
use crate::journey::Platform;

const BUILD_LIMIT: Duration = Duration::from_secs(20 * 60);
const TEST_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Compiles the shell and runs its tests against a `kapok up` of their own; [`crate::journey::build`] comes first.
pub fn test(context: &Context, generated: &Generated) -> Result<Count> {
    let build = context.run(
        "android-build",
        &mut build(context, "compile", generated),
        BUILD_LIMIT,
    )?;
    if !build.status.success() {
        build.show();
        return Ok(Count::one(false));
    }
    let platform = Platform::start(context, "android")?;
    let mut run = self::build(context, "test", generated);
    platform.tell(&mut run);
    let finished = context.run("android-tests", &mut run, TEST_LIMIT)?;
    if !finished.status.success() {
        finished.show();
    }
    // A program that ended without its closing line has failed, and so has one that ended badly after a good one.
    Ok(match count::totals(&finished.text) {
        Some(count) if finished.status.success() || count.failed > 0 => count,
        _ => Count::one(false),
    })
}

/// Packs, aligns, signs with a key of its own and verifies the APK; `library` is the one for arm64, if it was built.
pub fn apk(context: &Context, generated: &Generated, library: Option<&Path>) -> Result<()> {
    let mut pack = build(context, "apk", generated);
    if let Some(library) = library {
        pack.arg("--arm64").arg(library);
    }
    context.must("android-apk", &mut pack, BUILD_LIMIT)?;
    println!(
        "packed {}",
        context.path("target/android/apk/kapok-debug.apk").display()
    );
    Ok(())
}

fn build(context: &Context, what: &str, generated: &Generated) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(context.path("android/build.py"))
        .arg(what)
        .arg("--lib")
        .arg(&generated.library)
        .arg("--bindings")
        .arg(&generated.kotlin);
    command
}
