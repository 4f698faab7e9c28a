//! The demo as a newcomer runs it: release build, one command, limits on time and memory.

use anyhow::{Context as _, Result};
use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::context::{Context, duration, spawn, wait};
use crate::count::Count;

const BUILD_LIMIT: Duration = Duration::from_secs(45 * 60);
/// What a newcomer waits for, without the build.
const MAX_TIME: Duration = Duration::from_secs(30);
/// The whole demo, platform included, in kB of resident memory.
const MAX_MEMORY: u64 = 400 * 1024;

/// Runs `cargo run --release -- demo` and checks what it leaves behind.
pub fn run(context: &Context) -> Result<Count> {
    let build = ["build", "--release", "--locked"];
    context.must("demo-build", &mut context.cargo(&build), BUILD_LIMIT)?;

    let folder = context.scratch.join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let log = context.scratch.join("demo.log");
    let started = Instant::now();
    let mut command = Command::new(context.path("target/release/kapok"));
    command.arg("demo").current_dir(&folder);
    let mut child = spawn(&mut command, &File::create(&log)?)?;
    let mut peak = 0;
    let status = wait(&mut child, Duration::from_secs(300), |id| {
        peak = peak.max(peak_memory(id));
    })
    .with_context(|| format!("the demo (log: {})", log.display()))?;
    let took = started.elapsed();
    if !status.success() {
        println!("{}", fs::read_to_string(&log).unwrap_or_default());
    }
    let files = files(&folder)?;
    Ok([
        ("the demo ends well", status.success()),
        ("it takes at most 30 s", took <= MAX_TIME),
        ("it takes at most 400 MB", peak > 0 && peak <= MAX_MEMORY),
        (
            "it leaves a signed PDF",
            files.iter().any(|(name, bytes)| is_signed_pdf(name, bytes)),
        ),
        (
            "it leaves a seal",
            files.iter().any(|(name, bytes)| is_seal(name, bytes)),
        ),
    ]
    .into_iter()
    .map(|(what, holds)| {
        if !holds {
            println!(
                "      not so: {what} ({}, {peak} kB, log: {})",
                duration(took),
                log.display()
            );
        }
        Count::one(holds)
    })
    .fold(Count::default(), Count::plus))
}

/// Highest resident memory so far, in kB; 0 where the system does not tell.
fn peak_memory(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

/// All files below a folder, with their content.
fn files(folder: &std::path::Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            found.push((name, fs::read(&path)?));
        }
    }
    Ok(found)
}

fn is_signed_pdf(name: &str, bytes: &[u8]) -> bool {
    name.ends_with(".pdf")
        && bytes.starts_with(b"%PDF-")
        && bytes.windows(10).any(|window| window == b"/ByteRange")
}

/// A GB/T 38540 seal is a DER SEQUENCE whose header says `ES`.
fn is_seal(name: &str, bytes: &[u8]) -> bool {
    name.ends_with(".esl")
        && bytes.first() == Some(&0x30)
        && bytes.windows(4).any(|window| window == b"\x16\x02ES")
}
