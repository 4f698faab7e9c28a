//! Generates Kotlin and Swift from the library, and checks that both compile.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::context::{Context, on_path};
use crate::tools;

const BUILD_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Where generated code lies; it is never committed.
pub struct Generated {
    /// The library it was generated from, which is also what it runs with.
    pub library: PathBuf,
    /// Folder of Kotlin sources.
    pub kotlin: PathBuf,
    /// Folder with `Kapok.swift`, `kapokFFI.h` and `kapokFFI.modulemap`.
    pub swift: PathBuf,
}

/// Builds the library (dev profile) and generates both languages into `target/gen`.
pub fn generate(context: &Context, log: &str) -> Result<Generated> {
    // `--workspace`: the same features as in the tests, so that nothing is built twice.
    let build = [
        "build",
        "--workspace",
        "--lib",
        "--bin",
        "uniffi-bindgen",
        "--locked",
    ];
    context.must(log, &mut context.cargo(&build), BUILD_LIMIT)?;
    let library = context.path(&format!(
        "target/debug/{}kapok{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    ));
    let folder = context.path("target/gen");
    let generated = Generated {
        library,
        kotlin: folder.join("kotlin"),
        swift: folder.join("swift"),
    };
    for (language, out) in [("kotlin", &generated.kotlin), ("swift", &generated.swift)] {
        if out.exists() {
            fs::remove_dir_all(out)?;
        }
        fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
        let mut command = Command::new(context.path("target/debug/uniffi-bindgen"));
        command
            .current_dir(&context.root)
            .arg("generate")
            .arg(&generated.library)
            .args([
                "--language",
                language,
                "--no-format",
                "--config",
                "uniffi.toml",
                "--out-dir",
            ])
            .arg(out);
        context.must(log, &mut command, Duration::from_secs(120))?;
    }
    println!("generated {}", folder.display());
    Ok(generated)
}

/// Compiles the generated Kotlin with `-Werror`.
pub fn compile_kotlin(context: &Context, generated: &Generated) -> Result<bool> {
    let mut maven = Command::new("mvn");
    maven
        .args(["-q", "-B", "-Dkotlin.compiler.daemon=false", "-f"])
        .arg(context.path("xtask/kotlin/pom.xml"))
        .arg(format!("-Dkapok.generated={}", generated.kotlin.display()))
        .arg("compile");
    passes(context, "kotlin", &mut maven)
}

/// Type-checks the generated Swift with warnings as errors.
pub fn compile_swift(context: &Context, generated: &Generated) -> Result<bool> {
    // The compiler looks for a module map of this name only.
    let folder = &generated.swift;
    fs::copy(
        folder.join("kapokFFI.modulemap"),
        folder.join("module.modulemap"),
    )?;
    let mut swift = swift(context, "swiftc");
    swift
        .args([
            "-typecheck",
            "-warnings-as-errors",
            "-swift-version",
            "5",
            "-I",
        ])
        .arg(folder)
        .arg(folder.join("Kapok.swift"));
    passes(context, "swift", &mut swift)
}

/// A program of the Swift toolchain: the system's, or the one that we unpacked.
fn swift(context: &Context, program: &str) -> Command {
    if on_path(program) {
        return Command::new(program);
    }
    let mut command = Command::new(context.path("xtask/swift/run.sh"));
    command.arg(tools::swift_folder()).arg(program);
    command
}

fn passes(context: &Context, log: &str, command: &mut Command) -> Result<bool> {
    let finished = context.run(log, command, BUILD_LIMIT)?;
    if !finished.status.success() {
        finished.show();
    }
    Ok(finished.status.success())
}
