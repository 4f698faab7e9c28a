//! Mutation testing with cargo-mutants: small changes of the code, one by one, each of which some test must notice.

use anyhow::{Context as _, Result};
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::context::{Context, on_path};

const VERSION: &str = "27.1.0";
/// What lives on, with the reason.
const REASONS: &str = "docs/mutants.md";

/// Code that is changed, and the tests that look at it.
struct Room {
    name: &'static str,
    package: &'static str,
    files: &'static [&'static str],
    tests: &'static [&'static str],
}

const ROOMS: [Room; 3] = [
    Room {
        name: "protocol",
        package: "kapok-protocol",
        files: &[
            "protocol/src/guard/*.rs",
            "protocol/src/oprf.rs",
            "protocol/src/delivery.rs",
        ],
        tests: &["--lib"],
    },
    Room {
        name: "guard",
        package: "kapok-platform",
        files: &[
            "platform/src/guard/*.rs",
            "platform/src/store/guard/*.rs",
            "platform/src/role_keys.rs",
        ],
        tests: &[
            "--lib",
            "--",
            "guard::tests::sqlite",
            "guard::policy",
            "guard::witness",
            "store::",
            "face::",
            "ca::",
        ],
    },
    Room {
        name: "vault",
        package: "kapok-core",
        files: &["core/src/vault/*.rs", "core/src/app/vault/*.rs"],
        tests: &["--lib"],
    },
];

/// Runs all rooms, each from where it was stopped; false where a survivor has no reason.
pub fn run(context: &Context) -> Result<bool> {
    if !on_path("cargo-mutants") {
        let install = ["install", "cargo-mutants", "--locked", "--version", VERSION];
        context.cargo(&install).status()?;
    }
    let reasons = fs::read_to_string(context.path(REASONS)).context(REASONS)?;
    let mut passed = true;
    for room in ROOMS {
        let output = context.path("target/mutants").join(room.name);
        fs::create_dir_all(&output)?;
        let mut cargo = Command::new("cargo");
        cargo.current_dir(context.path("")).arg("mutants");
        cargo.args(["--package", room.package, "--iterate", "--no-shuffle"]);
        cargo.args(["--exclude", "**/tests.rs", "--exclude", "**/model.rs"]);
        for file in room.files {
            cargo.args(["--file", file]);
        }
        cargo
            .arg("--output")
            .arg(&output)
            .arg("--")
            .args(room.tests);
        // Half the time of each goes into what nobody debugs.
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "none");
        // Its exit code tells that there are survivors; which, its files say.
        cargo.status()?;
        passed &= explained(&output.join("mutants.out"), &reasons)?;
    }
    Ok(passed)
}

/// Whether each survivor has a row with its reason. Places move with every edit: a row names the file and the change.
fn explained(found: &Path, reasons: &str) -> Result<bool> {
    let known: HashSet<&str> = reasons.lines().filter_map(named).collect();
    let mut passed = true;
    for list in ["missed.txt", "timeout.txt"] {
        let survivors = fs::read_to_string(found.join(list)).context("what cargo-mutants wrote")?;
        for survivor in survivors.lines() {
            if !known.contains(without_place(survivor).as_str()) {
                println!("      no reason for {survivor}");
                passed = false;
            }
        }
    }
    Ok(passed)
}

/// The first column of a row of the table, in backticks.
fn named(row: &str) -> Option<&str> {
    row.strip_prefix("| `")?.split("` |").next()
}

/// `file.rs:12:5: change` as `file.rs: change`.
fn without_place(mutant: &str) -> String {
    let (place, change) = mutant.split_once(": ").unwrap_or((mutant, ""));
    let file = place.split(':').next().unwrap_or_default();
    format!("{file}: {change}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_survivor_is_known_by_file_and_change() {
        let row = "| `a/b.rs: replace f -> bool with true` | a reason |";
        let survivor = "a/b.rs:12:5: replace f -> bool with true";
        assert_eq!(named(row), Some(without_place(survivor).as_str()));
        assert_eq!(named("| mutant | reason |"), None);
    }
}
