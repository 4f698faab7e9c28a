//! `cargo xtask soak`: what takes too long for every run of the tests. Hours in all; each piece by its name.

use anyhow::{Result, bail};
use clap::Args;
use std::process::Command;
use std::time::Duration;

use crate::context::Context;
use crate::mutants;

const BUILD_LIMIT: Duration = Duration::from_secs(3600);

/// A piece: its name, what it shows.
const PIECES: [(&str, &str); 5] = [
    (
        "kills",
        "the phone killed at every message, not at every few",
    ),
    ("guesses", "the offline-guess table with 10,000 candidates"),
    (
        "evals",
        "1,000,000 tries of 10,000 phones, held against the log",
    ),
    (
        "timing",
        "1,000,000 samples of each step over one secret and over many",
    ),
    (
        "mutants",
        "each change of guard, vault and protocol that no test notices has its reason in docs/mutants.md; goes on where it was stopped",
    ),
];

/// What the command takes.
#[derive(Args)]
pub struct Arguments {
    /// Run only this piece (may be given several times)
    #[arg(long, value_name = "PIECE")]
    only: Vec<String>,
    /// Name the pieces and stop
    #[arg(long)]
    list: bool,
}

/// Runs the pieces; false if one failed.
pub fn run(context: &Context, arguments: &Arguments) -> Result<bool> {
    if arguments.list {
        PIECES
            .iter()
            .for_each(|(name, about)| println!("{name:<9}{about}"));
        return Ok(true);
    }
    let known = |name: &String| PIECES.iter().any(|(piece, _)| piece == name);
    if let Some(unknown) = arguments.only.iter().find(|name| !known(name)) {
        bail!("no piece is called `{unknown}`; `--list` names them");
    }
    let wanted = |name: &str| arguments.only.is_empty() || arguments.only.iter().any(|n| n == name);
    let mut passed = true;
    for (name, about) in PIECES.into_iter().filter(|(name, _)| wanted(name)) {
        println!("{name}: {about}");
        let done = piece(context, name)?;
        println!("      {}", if done { "ok" } else { "FAILED" });
        passed &= done;
    }
    Ok(passed)
}

fn piece(context: &Context, name: &str) -> Result<bool> {
    match name {
        "kills" => tests(context, &["pin", "kill_phone"], ("KAPOK_KILL_STRIDE", "1")),
        "guesses" => tests(context, &["offline_guesses"], ("KAPOK_GUESSES", "10000")),
        "mutants" => mutants::run(context),
        own => {
            let build = [
                "build",
                "--release",
                "--locked",
                "--package",
                "kapok-tests",
                "--bin",
                "soak",
            ];
            context.must("soak-build", &mut context.cargo(&build), BUILD_LIMIT)?;
            let mut soak = Command::new(context.path("target/release/soak"));
            Ok(soak.arg(own).status()?.success())
        }
    }
}

fn tests(context: &Context, files: &[&str], (name, value): (&str, &str)) -> Result<bool> {
    let mut arguments = vec!["test", "--workspace", "--locked"];
    for file in files {
        arguments.extend(["--test", file]);
    }
    arguments.extend(["--", "--nocapture"]);
    let mut cargo = context.linting_cargo(&arguments);
    Ok(cargo.env(name, value).status()?.success())
}
