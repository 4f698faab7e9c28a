//! `cargo xtask bench`: builds what is to be measured in the release profile, and the program that measures; its table goes
//! straight to the screen.

#[path = "../../tests/src/bin/bench/subjects.rs"]
mod subjects;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::context::Context;
use crate::{languages, tools};
use subjects::SUBJECTS;

const BUILD_LIMIT: Duration = Duration::from_secs(3600);

/// What the command takes.
#[derive(Args)]
pub struct Arguments {
    /// Measure only this subject (may be given several times)
    #[arg(long, value_name = "SUBJECT")]
    only: Vec<String>,
    /// Name the subjects and stop
    #[arg(long)]
    list: bool,
    /// Write the figures to this file as well
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Runs the benchmarks. A figure that misses its limit is shown, and is no failure: other work on the machine shifts it.
pub fn run(context: &Context, arguments: &Arguments) -> Result<bool> {
    if arguments.list {
        for subject in SUBJECTS {
            println!("{:<11}{}", subject.name, subject.about);
        }
        return Ok(true);
    }
    let names: Vec<&str> = SUBJECTS.iter().map(|subject| subject.name).collect();
    if let Some(unknown) = arguments.only.iter().find(|n| !names.contains(&n.as_str())) {
        bail!(
            "no subject is called `{unknown}`; there are: {}",
            names.join(", ")
        );
    }
    let wanted = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|n| n == name);
    let parts: Vec<&str> = [("pdf", "judges"), ("languages", "bindings")]
        .into_iter()
        .filter(|(subject, _)| wanted(subject))
        .map(|(_, part)| part)
        .collect();
    tools::provide(context, &tools::for_parts(&parts))?;
    build(context, wanted("demo"))?;
    if wanted("languages") {
        languages::build(context)?;
    }
    if wanted("size") {
        build_library(
            context,
            "without-pages",
            &["--no-default-features", "--features", "wiping-allocator"],
        )?;
        build_library(context, "with-pages", &[])?;
    }
    let mut measure = Command::new(context.path("target/release/bench"));
    measure.args(&arguments.only);
    if let Some(path) = &arguments.json {
        measure.arg("--json").arg(path);
    }
    let status = measure
        .status()
        .context("cannot start target/release/bench")?;
    Ok(status.success())
}

/// Builds the program that measures, and the demo: a second build than the newcomer's would measure something else.
fn build(context: &Context, demo: bool) -> Result<()> {
    println!("building (release profile; minutes the first time)");
    let bench = [
        "build",
        "--release",
        "--locked",
        "--package",
        "kapok-tests",
        "--bin",
        "bench",
    ];
    context.must("bench-build", &mut context.cargo(&bench), BUILD_LIMIT)?;
    if demo {
        let kapok = ["build", "--release", "--locked"];
        context.must("bench-demo-build", &mut context.cargo(&kapok), BUILD_LIMIT)?;
    }
    Ok(())
}

/// Builds the phone's library as it ships and keeps it under this name.
fn build_library(context: &Context, name: &str, features: &[&str]) -> Result<()> {
    println!("building libkapok.so, {name} (size profile; minutes)");
    let mut arguments = vec![
        "rustc",
        "--profile",
        "size",
        "--locked",
        "--package",
        "kapok-bindings",
        "--lib",
        // With `lib` beside it there is no optimisation over all crates.
        "--crate-type",
        "cdylib",
    ];
    arguments.extend(features);
    let log = format!("bench-size-{name}");
    context.must(&log, &mut context.cargo(&arguments), BUILD_LIMIT)?;
    let folder = context.scratch.join("size");
    fs::create_dir_all(&folder)?;
    let built = context.path("target/size/libkapok.so");
    let kept = folder.join(format!("{name}.so"));
    fs::copy(&built, &kept).with_context(|| format!("no {}", built.display()))?;
    Ok(())
}
