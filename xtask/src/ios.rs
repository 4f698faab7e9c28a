//! The iOS shell on Linux: the generated code as a package, then SwiftPM's build and tests, and the formatter's lint.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::bindings::{self, Generated};
use crate::context::{Context, on_path};
use crate::count::{self, Count};
use crate::journey::Platform;

const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);
const TEST_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Writes the generated code as the package `core`, which `ios/Package.swift` depends on.
pub fn core_package(context: &Context, generated: &Generated) -> Result<PathBuf> {
    let package = context.path("target/ios/core");
    let sources = package.join("Sources/KapokCore");
    let header = package.join("Sources/kapokFFI");
    fs::create_dir_all(&sources)?;
    fs::create_dir_all(&header)?;
    let swift = &generated.swift;
    for (from, to) in [
        (
            context.path("xtask/swift/CorePackage.swift"),
            package.join("Package.swift"),
        ),
        (swift.join("Kapok.swift"), sources.join("Kapok.swift")),
        (swift.join("kapokFFI.h"), header.join("kapokFFI.h")),
        // The compiler looks for a module map of this name only.
        (
            swift.join("kapokFFI.modulemap"),
            header.join("module.modulemap"),
        ),
    ] {
        copy_if_changed(&from, &to)?;
    }
    Ok(package)
}

/// A file that keeps its time is not compiled again.
fn copy_if_changed(from: &PathBuf, to: &PathBuf) -> Result<()> {
    let text = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    if fs::read(to).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(to, text).with_context(|| format!("cannot write {}", to.display()))
}

/// Compiles everything with warnings as errors, the views against hand-written signatures of Apple's frameworks, and runs the tests
/// against a `kapok up` of their own; [`crate::journey::build`] comes first.
pub fn test(context: &Context, generated: &Generated) -> Result<Count> {
    let core = core_package(context, generated)?;
    let prepare = |words: &[&str]| package(context, generated, &core, words);
    let build = context.run(
        "ios-build",
        &mut prepare(&["build", "--build-tests"])?,
        BUILD_LIMIT,
    )?;
    if !build.status.success() {
        build.show();
        return Ok(Count::one(false));
    }
    let platform = Platform::start(context, "ios")?;
    // One after the other: the tests share the platform's people.
    let words = ["test", "--skip-build", "--no-parallel", "--disable-xctest"];
    let mut run = prepare(&words)?;
    platform.tell(&mut run);
    let finished = context.run("ios-tests", &mut run, TEST_LIMIT)?;
    let count = count::swift_testing(&finished.text);
    if finished.status.success() {
        return Ok(count.plus(platform.judge(context)?));
    }
    finished.show();
    // A program that ended without its closing line has failed.
    Ok(if count.failed == 0 {
        count.plus(Count::one(false))
    } else {
        count
    })
}

/// The formatter's lint over all that is written by hand, the stubs excepted.
pub fn lint(context: &Context) -> Result<Count> {
    let mut lint = bindings::swift(context, "swift".as_ref());
    lint.current_dir(context.path("ios"))
        .args(["format", "lint", "--strict", "--recursive"])
        .args(["Package.swift", "Sources", "Tests"]);
    let finished = context.run("ios-lint", &mut lint, BUILD_LIMIT)?;
    if !finished.status.success() {
        finished.show();
    }
    Ok(Count::one(finished.status.success()))
}

/// SwiftPM in `ios/`, with its products under `target/`.
fn package(
    context: &Context,
    generated: &Generated,
    core: &PathBuf,
    words: &[&str],
) -> Result<Command> {
    let library = generated
        .library
        .parent()
        .context("a library in no folder")?;
    let mut swift = bindings::swift(context, "swift".as_ref());
    swift
        .current_dir(context.path("ios"))
        .env("KAPOK_CORE", core)
        .env("RUST_BACKTRACE", "0")
        .args(words)
        .args(["--disable-sandbox", "--scratch-path"])
        .arg(context.path("target/ios/build"))
        .args([
            "-Xswiftc",
            "-warnings-as-errors",
            "-Xlinker",
            "-L",
            "-Xlinker",
        ])
        .arg(library)
        .args(["-Xlinker", "-rpath", "-Xlinker"])
        .arg(library);
    if !on_path("swiftc") {
        // Debian's Observation library leaves a symbol to the one that loads it.
        swift.args(["-Xlinker", "--allow-shlib-undefined"]);
    }
    Ok(swift)
}
