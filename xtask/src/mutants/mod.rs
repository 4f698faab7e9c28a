//! Mutation testing of guard, vault and their messages: each check is changed in one small place at a time, and some test must notice.
//!
//! cargo-mutants says which changes there are. They are all built at once, each behind a switch ([`switches`]), into a copy of the tree, and the tests
//! run once for each: seconds a mutant, where a build for each would take half a minute.

mod runs;
mod switches;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::context::{Context, on_path};
use switches::{Genre, Mutant};

const VERSION: &str = "27.1.0";
/// What lives on, with the reason.
const REASONS: &str = "docs/mutants.md";
const BUILD_LIMIT: Duration = Duration::from_secs(3600);

/// Tests of one program: its name, and the filters it is given.
struct Suite {
    program: &'static str,
    filters: &'static [&'static str],
}

/// Code that is changed, and the tests that look at it, the quick ones first.
struct Room {
    name: &'static str,
    folder: &'static str,
    package: &'static str,
    files: &'static [&'static str],
    suites: &'static [Suite],
}

const ROOMS: [Room; 3] = [
    Room {
        name: "protocol",
        folder: "protocol",
        package: "kapok-protocol",
        files: &[
            "protocol/src/guard/*.rs",
            "protocol/src/oprf.rs",
            "protocol/src/delivery.rs",
        ],
        suites: &[
            suite("kapok_protocol", &[]),
            suite("oprf", &[]),
            suite("vectors", &[]),
            suite("kapok_platform", &["guard::tests::sqlite"]),
            suite("kapok_core", &["vault", "app::"]),
        ],
    },
    Room {
        name: "guard",
        folder: "platform",
        package: "kapok-platform",
        files: &[
            "platform/src/guard/*.rs",
            "platform/src/store/guard/*.rs",
            "platform/src/role_keys.rs",
        ],
        suites: &[
            suite(
                "kapok_platform",
                &["guard::tests::sqlite", "guard::policy", "guard::witness"],
            ),
            suite(
                "kapok_platform",
                &["store::", "face::", "ca::", "role_keys"],
            ),
            suite("pin", &[]),
            suite("lost_phone", &[]),
            suite("token", &[]),
            suite(
                "kapok_platform",
                &[
                    "guard::tests::postgres::server",
                    "guard::tests::postgres::copies",
                ],
            ),
        ],
    },
    Room {
        name: "vault",
        folder: "core",
        package: "kapok-core",
        files: &["core/src/vault/*.rs", "core/src/app/vault/*.rs"],
        suites: &[
            suite("kapok_core", &["vault", "app::"]),
            suite("pin", &[]),
            suite("lost_phone", &[]),
            suite("journey", &[]),
        ],
    },
];

const fn suite(program: &'static str, filters: &'static [&'static str]) -> Suite {
    Suite { program, filters }
}

/// Runs all rooms, each from where it was stopped; false where a survivor has no reason.
pub fn run(context: &Context) -> Result<bool> {
    if !on_path("cargo-mutants") {
        let install = ["install", "cargo-mutants", "--locked", "--version", VERSION];
        context.cargo(&install).status()?;
    }
    let reasons = fs::read_to_string(context.path(REASONS)).context(REASONS)?;
    let home = context.path("target/mutants");
    let tree = home.join("tree");
    copy(context, &tree)?;
    let mut rooms = Vec::new();
    let mut next = 1;
    for room in ROOMS {
        let mutants = listed(context, &room, next)?;
        next += u32::try_from(mutants.len())?;
        let placed = put_in(&tree, &room, &mutants)?;
        rooms.push((room, mutants, placed));
    }
    let programs = build(context, &home)?;
    let mut passed = true;
    for (room, mutants, placed) in rooms {
        let mut runs = runs::Runs::open(&home, room.name, &mutants)?;
        let survivors = runs.all(&programs, room.suites, &mutants, &placed)?;
        passed &= explained(&survivors, &reasons);
    }
    Ok(passed)
}

/// The files that git knows, as they are now.
fn copy(context: &Context, tree: &Path) -> Result<()> {
    let list = Command::new("git")
        .current_dir(context.path(""))
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()?;
    let list = String::from_utf8(list.stdout)?;
    for file in list.split('\0').filter(|file| !file.is_empty()) {
        let (from, to) = (context.path(file), tree.join(file));
        if !from.is_file() {
            continue;
        }
        fs::create_dir_all(to.parent().context("a file in no folder")?)?;
        let new = fs::read(&from)?;
        // What has not changed keeps its time, so that it is not built again.
        if fs::read(&to).ok().as_ref() != Some(&new) {
            fs::write(&to, new)?;
        }
    }
    Ok(())
}

/// The changes of a room's checks, numbered from `first`.
fn listed(context: &Context, room: &Room, first: u32) -> Result<Vec<Mutant>> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(context.path("")).arg("mutants");
    cargo.args(["--list", "--json", "--package", room.package]);
    cargo.args(["--exclude", "**/tests.rs", "--exclude", "**/model.rs"]);
    for file in room.files {
        cargo.args(["--file", file]);
    }
    let listed = cargo.output()?;
    if !listed.status.success() {
        bail!("cargo-mutants: {}", String::from_utf8_lossy(&listed.stderr));
    }
    let listed: Vec<Value> = serde_json::from_slice(&listed.stdout)?;
    let checks = listed.iter().filter_map(check);
    Ok((first..)
        .zip(checks)
        .map(|(number, mutant)| Mutant { number, ..mutant })
        .collect())
}

/// A change of a check: what is compared, denied or let through. Changed values of other kinds say little of a check.
fn check(listed: &Value) -> Option<Mutant> {
    let text = |name: &str| Some(listed.get(name)?.as_str()?.to_owned());
    let replacement = text("replacement")?;
    let one_of = |words: &[&str]| words.contains(&replacement.as_str());
    let genre = match text("genre")?.as_str() {
        "FnValue" if one_of(&["true", "false", "Ok(())", "Ok(true)", "Ok(false)"]) => Genre::Value,
        "BinaryOperator" if one_of(&["==", "!=", "<", "<=", ">", ">=", "&&", "||"]) => {
            Genre::Binary
        }
        "UnaryOperator" => Genre::Unary,
        "MatchArmGuard" => Genre::Guard,
        "MatchArm" => Genre::Arm,
        _ => return None,
    };
    let start = listed.pointer("/span/start")?;
    let place = |name: &str| usize::try_from(start.get(name)?.as_u64()?).ok();
    Some(Mutant {
        number: 0,
        name: text("name")?,
        genre,
        at: (place("line")?, place("column")?),
        replacement,
    })
}

/// Writes a room's files with their mutants, and the switch into the root of its crate; the numbers of those that could be put in.
fn put_in(tree: &Path, room: &Room, mutants: &[Mutant]) -> Result<HashSet<u32>> {
    let mut files: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in mutants {
        let file = mutant.name.split(':').next().unwrap_or_default();
        files.entry(file).or_default().push(mutant);
    }
    let mut placed = HashSet::new();
    for (file, mutants) in files {
        let path = tree.join(file);
        let code = fs::read_to_string(&path)?;
        let (switched, here) = switches::switched(&code, &mutants).context(file.to_owned())?;
        placed.extend(here);
        fs::write(&path, switched)?;
    }
    let root = tree.join(room.folder).join("src/lib.rs");
    let code = fs::read_to_string(&root)?;
    fs::write(&root, format!("{code}{}", switches::SWITCH))?;
    Ok(placed)
}

/// Builds every test that a room names; the programs by name, with the folder that they run in.
fn build(context: &Context, home: &Path) -> Result<Vec<runs::Program>> {
    let arguments = [
        "test",
        "--workspace",
        "--locked",
        "--no-run",
        "--message-format",
        "json",
    ];
    let mut cargo = context.cargo(&arguments);
    cargo
        .current_dir(home.join("tree"))
        .env("CARGO_TARGET_DIR", home.join("target"));
    let built = context.must("mutants-build", &mut cargo, BUILD_LIMIT)?;
    let lines = built.text.lines();
    Ok(lines
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| {
            let text = |path: &str| Some(message.pointer(path)?.as_str()?.to_owned());
            let is_test = message.pointer("/profile/test")?.as_bool()?;
            let manifest = PathBuf::from(text("/manifest_path")?);
            is_test.then_some(runs::Program {
                name: text("/target/name")?,
                file: PathBuf::from(text("/executable")?),
                folder: manifest.parent()?.to_owned(),
            })
        })
        .collect())
}

/// Whether each survivor has a row with its reason. Places move with every edit: a row names the file and the change.
fn explained(survivors: &[String], reasons: &str) -> bool {
    let known: HashSet<&str> = reasons.lines().filter_map(named).collect();
    let without = survivors
        .iter()
        .filter(|survivor| !known.contains(without_place(survivor).as_str()));
    without
        .map(|survivor| println!("      no reason for {survivor}"))
        .count()
        == 0
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
        assert!(explained(&[survivor.to_owned()], row));
        assert!(!explained(&[survivor.to_owned()], ""));
    }
}
