//! Measures what Kapok promises about speed and size. `cargo xtask bench` builds what is needed and runs this; it prints a table
//! of what must hold beside what was measured, and ends well whatever the figures are, because other work on the machine shifts
//! them. Only a subject that cannot be measured makes it end with 1.

mod cpu;
mod demo;
mod figure;
mod guard;
mod languages;
mod pdf;
mod phone;
mod pin;
mod relay;
mod report;
mod session;
mod size;
mod stages;
mod subjects;
mod vault;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use figure::Figure;
use indicatif::{ProgressBar, ProgressStyle};
use report::{Machine, Part, Report};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use subjects::SUBJECTS;

/// The first word with which this program starts itself as a relay.
const RELAY: &str = "serve-relay";

#[derive(Parser)]
#[command(about = "Measures; started by `cargo xtask bench`")]
struct Arguments {
    /// Subjects to measure; all if none is named
    subjects: Vec<String>,
    /// Write the figures to this file as well
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        Some(RELAY) => relay::serve().map(|()| true),
        _ => measure(&Arguments::parse()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<bool> {
    for name in &arguments.subjects {
        if !SUBJECTS.iter().any(|subject| subject.name == name) {
            bail!("no subject is called `{name}`");
        }
    }
    raise_open_files()?;
    let wanted = |name: &str| {
        let named = &arguments.subjects;
        named.is_empty() || named.iter().any(|wanted| wanted == name)
    };
    let mut parts = Vec::new();
    for subject in SUBJECTS.iter().filter(|subject| wanted(subject.name)) {
        let progress = spinner(subject.name);
        let (figures, error) = match run(subject.name, &progress) {
            Ok(figures) => (figures, None),
            Err(error) => (Vec::new(), Some(format!("{error:#}"))),
        };
        progress.finish_and_clear();
        parts.push(Part {
            subject: subject.name,
            about: subject.about,
            figures,
            error,
        });
    }
    let report = Report {
        machine: Machine::here(),
        parts,
    };
    print!("{}", report.table());
    if let Some(path) = &arguments.json {
        let json = serde_json::to_vec_pretty(&report)?;
        std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report.complete())
}

fn run(name: &str, progress: &ProgressBar) -> Result<Vec<Figure>> {
    match name {
        "pin" => pin::measure(progress),
        "session" => session::measure(progress),
        "vault" => vault::measure(progress),
        "guard" => guard::measure(progress),
        "relay" => relay::speed(progress),
        "relay-idle" => relay::idle(progress),
        "pdf" => pdf::measure(progress),
        "demo" => demo::measure(progress),
        "languages" => languages::measure(progress),
        "size" => size::measure(),
        other => bail!("`{other}` is on the list and nowhere else"),
    }
}

/// A line on stderr that shows that something happens; stdout is for the table.
fn spinner(name: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_prefix(name);
    let style = ProgressStyle::with_template("{spinner} {prefix}: {msg} {pos}/{len} {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

/// Says what is counted now, and to how many.
fn say(progress: &ProgressBar, what: &'static str, of: usize) {
    progress.reset();
    progress.set_length(of as u64);
    progress.set_message(what);
}

/// 10,000 sockets need as many descriptors; children inherit the limit.
fn raise_open_files() -> Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).context("cannot raise the limit of open files")
}
