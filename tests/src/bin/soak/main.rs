//! What takes too long for every run of the tests; `cargo xtask soak` builds and starts it in the release profile.
//!
//! - `soak evals [PHONES ROUNDS]` lets phones try their PINs at a guard, right and wrong, over as many days as there are rounds, and holds every
//!   counter and the whole log against a model of its own.
//! - `soak timing [SAMPLES]` compares how long steps take over one secret and over many (Welch's t-test): |t| < 4.5 or it ends with 1.

mod evals;
#[path = "../bench/phone.rs"]
mod phone;
mod timing;

use anyhow::{Result, bail};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<bool> {
    match *words {
        ["evals"] => evals::run(10_000, 100),
        ["evals", phones, rounds] => evals::run(phones.parse()?, rounds.parse()?),
        ["timing"] => timing::run(1_000_000),
        ["timing", samples] => timing::run(samples.parse()?),
        _ => bail!("usage: soak evals [PHONES ROUNDS] | timing [SAMPLES]"),
    }
}
