//! The demo as a newcomer runs it: one command, limits on time and memory; the outside judges look at what it leaves behind.
//!
//! On the dev profile, which is slower than what the README's command builds: docs/decisions/0003.

use anyhow::{Context as _, Result};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::context::{Context, Finished, duration, spawn, wait};
use crate::count::Count;

const BUILD_LIMIT: Duration = Duration::from_secs(45 * 60);
/// What a newcomer waits for, without the build. It takes two seconds on a busy machine of two cores.
const MAX_TIME: Duration = Duration::from_secs(10);
/// The whole demo, platform included, in kB (1024 bytes) of resident memory: 150 MB. About 60 MB are in use; the rest is the memory
/// of three runs of Argon2id (19 MiB each), which the C library may keep, one for each of its arenas.
const MAX_MEMORY: u64 = 150_000_000 / 1024;

/// Runs `kapok demo` and has its files judged.
pub fn run(context: &Context) -> Result<Count> {
    // `--workspace`: the same features as in the tests, so that nothing is built twice.
    let build = [
        "build",
        "--workspace",
        "--bin",
        "kapok",
        "--bin",
        "judge",
        "--locked",
    ];
    context.must(
        "demo-build",
        &mut context.linting_cargo(&build),
        BUILD_LIMIT,
    )?;
    let folder = context.scratch.join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let walked = walk(context, &folder)?;
    let judged = judge(context, &folder.join("kapok-demo"))?;
    Ok(walked.plus(judged))
}

/// Runs the demo itself, watching time and memory.
fn walk(context: &Context, folder: &Path) -> Result<Count> {
    let log = context.scratch.join("demo.log");
    let started = Instant::now();
    let mut command = Command::new(context.path("target/debug/kapok"));
    command.arg("demo").current_dir(folder);
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
    println!("      the demo took {} and {peak} kB", duration(took));
    Ok([
        ("the demo ends well", status.success()),
        ("it takes at most 10 s", took <= MAX_TIME),
        ("it takes at most 150 MB", peak > 0 && peak <= MAX_MEMORY),
    ]
    .into_iter()
    .map(|(what, holds)| check(what, holds))
    .fold(Count::default(), Count::plus))
}

/// Those who verify signatures. qpdf looks at the structure only: it must accept, and has nothing to say about a change.
const VERIFIERS: [&str; 5] = ["pdfsig", "pyhanko", "dss", "pdfbox", "openssl"];

/// The signed PDF and the seal stand before software that is not ours; a PDF that was changed, or that got a page more, does not
/// stand before any of it.
fn judge(context: &Context, made: &Path) -> Result<Count> {
    let file = |name: &str| made.join(name);
    let root = file("root.pem");
    let signed = refusing(context, "pdf", &file("signed.pdf"), &root)?;
    let seal = refusing(context, "seal", &file("seal.esl"), &file("seal-root.pem"))?;
    let mut count = check("all judges accept the signed PDF", signed.is_empty())
        .plus(check("openssl accepts the seal", seal.is_empty()));
    let appended = file("appended.pdf");
    must_do(context, "append-page", &file("signed.pdf"), &appended)?;
    for (what, path) in [("a changed byte", change(made)?), ("a page more", appended)] {
        let refusing = refusing(context, "pdf", &path, &root)?;
        for judge in VERIFIERS {
            let refuses = refusing.iter().any(|name| name == judge);
            count = count.plus(check(&format!("{judge} refuses {what}"), refuses));
        }
    }
    Ok(count)
}

/// Names of the judges that refuse. A judge that could not be asked is an error.
fn refusing(context: &Context, kind: &str, file: &Path, root: &Path) -> Result<Vec<String>> {
    let finished = asked(context, kind, file, root)?;
    match finished.status.code() {
        Some(0) => Ok(Vec::new()),
        Some(1) => Ok(finished
            .text
            .lines()
            .filter_map(|line| Some(line.split_once(": refuses: ")?.0.to_owned()))
            .collect()),
        _ => anyhow::bail!("{}", finished.text.trim()),
    }
}

fn must_do(context: &Context, kind: &str, file: &Path, out: &Path) -> Result<()> {
    let finished = asked(context, kind, file, out)?;
    anyhow::ensure!(finished.status.success(), "{}", finished.text.trim());
    Ok(())
}

fn asked(context: &Context, kind: &str, file: &Path, other: &Path) -> Result<Finished> {
    let mut command = Command::new(context.path("target/debug/judge"));
    command.arg(kind).arg(file).arg(other);
    let name = format!("demo-judge-{kind}");
    context.run(&name, &mut command, Duration::from_secs(120))
}

/// The signed PDF with one bit changed in the comment that follows the header: any reader opens it as before.
fn change(made: &Path) -> Result<PathBuf> {
    let mut bytes = fs::read(made.join("signed.pdf")).context("the demo left no signed.pdf")?;
    let byte = bytes.get_mut(11).context("signed.pdf is empty")?;
    *byte ^= 1;
    let path = made.join("changed.pdf");
    fs::write(&path, bytes)?;
    Ok(path)
}

fn check(what: &str, holds: bool) -> Count {
    if !holds {
        println!("      not so: {what}");
    }
    Count::one(holds)
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
