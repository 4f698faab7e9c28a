//! The Android shell without Gradle and without an Android SDK: `android/build.py` over locked artefacts.

use anyhow::{Context as _, Result};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::bindings::Generated;
use crate::context::Context;
use crate::count::{self, Count};
use crate::journey::Platform;

const BUILD_LIMIT: Duration = Duration::from_secs(20 * 60);
/// Where the tests draw every screen.
const DRAWN: &str = "target/android/pictures";
/// The same ones at half their size, and one sheet of all of them.
const PICTURES: &str = "docs/pictures/android";
const SHEET: &str = "sheet.png";
const TEST_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Compiles the shell, runs its tests against a `kapok up` of their own, and looks whether the documents have a picture of every
/// screen that was drawn; [`crate::journey::build`] comes first.
pub fn test(context: &Context, generated: &Generated) -> Result<Count> {
    let count = clicked(context, generated)?;
    if count.failed > 0 {
        return Ok(count);
    }
    let same = names(&context.path(DRAWN))? == names(&context.path(PICTURES))?;
    if !same {
        println!(
            "      {PICTURES} has not the screens of now: run `cargo xtask android --pictures`"
        );
    }
    Ok(count.plus(Count::one(same)))
}

/// Runs the tests and makes the documents' pictures out of what they drew. Says whether the tests passed.
pub fn pictures(context: &Context, generated: &Generated) -> Result<bool> {
    let passed = clicked(context, generated)?.failed == 0;
    if passed {
        let mut reduce = Command::new("java");
        reduce
            .arg(context.path("android/tools/Pictures.java"))
            .arg(context.path(DRAWN))
            .arg(context.path(PICTURES));
        context.must("android-pictures", &mut reduce, BUILD_LIMIT)?;
    }
    Ok(passed)
}

fn clicked(context: &Context, generated: &Generated) -> Result<Count> {
    let build = context.run(
        "android-build",
        &mut build(context, "compile", generated),
        BUILD_LIMIT,
    )?;
    if !build.status.success() {
        build.show();
        return Ok(Count::one(false));
    }
    let drawn = context.path(DRAWN);
    if drawn.exists() {
        fs::remove_dir_all(&drawn)?;
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

/// The names of the screens' pictures in a folder.
fn names(folder: &Path) -> Result<BTreeSet<OsString>> {
    let files = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let names = files
        .map(|file| Ok(file?.file_name()))
        .collect::<Result<BTreeSet<_>>>()?;
    Ok(names.into_iter().filter(|name| name != SHEET).collect())
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
