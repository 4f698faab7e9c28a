//! The library from Kotlin and Swift: the calls that come first in a process, and what a frame's way through the facade costs.
//!
//! `cargo xtask bench` builds both programs and puts a script for each into `target/xtask/languages`; every run is a new process.

use super::figure::{Figure, Must};
use super::say;
use anyhow::{Context as _, Result, bail};
use indicatif::ProgressBar;
use kapok_tests::judges::root;
use std::process::Command;

const RUNS: usize = 10;

struct Language {
    name: &'static str,
    script: &'static str,
    /// The first call of the process must be this quick, in milliseconds: on the Java machine it loads the library as well.
    first: f64,
    /// And the next one.
    next: f64,
}

const LANGUAGES: [Language; 2] = [
    Language {
        name: "Kotlin, JVM",
        script: "jvm",
        first: 600.0,
        next: 5.0,
    },
    Language {
        name: "Swift",
        script: "swift",
        first: 2.0,
        next: 2.0,
    },
];

/// Both languages.
pub fn measure(progress: &ProgressBar) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for language in &LANGUAGES {
        say(progress, language.name, RUNS);
        let mut lines = String::new();
        for _ in 0..RUNS {
            lines.push_str(&once(language)?);
            progress.inc(1);
        }
        let figure = |what: &str, key: &str| {
            Figure::new(
                format!("{}: {what}", language.name),
                "ms",
                values(&lines, key),
            )
        };
        figures.extend([
            figure("first call of a process", "first").must(Must::AtMost(language.first)),
            figure("call after it", "next").must(Must::AtMost(language.next)),
            figure("720p frame, not decoded", "frame").must(Must::AtMost(0.2)),
        ]);
    }
    Ok(figures)
}

fn once(language: &Language) -> Result<String> {
    let script = root().join("target/xtask/languages").join(language.script);
    let output = Command::new("sh")
        .arg(&script)
        .output()
        .context("cannot start `sh`")?;
    if !output.status.success() {
        bail!(
            "{}: {}",
            script.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn values(lines: &str, key: &str) -> Vec<f64> {
    lines
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.trim().parse().ok())
        .collect()
}
