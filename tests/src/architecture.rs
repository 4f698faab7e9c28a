//! Rules about who may import whom, as functions of what cargo says, so that tests can show that they are able to fail.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The arrows: each room, and the rooms that it may import. There are no others.
pub const ARROWS: [(&str, &[&str]); 9] = [
    ("kapok-protocol", &[]),
    ("kapok-formats", &[]),
    ("kapok-scanner", &[]),
    (
        "kapok-core",
        &["kapok-protocol", "kapok-formats", "kapok-scanner"],
    ),
    ("kapok-bindings", &["kapok-core"]),
    ("kapok-bindgen", &[]),
    ("kapok-platform", &["kapok-protocol", "kapok-formats"]),
    (
        "kapok-terminal",
        &["kapok-core", "kapok-formats", "kapok-platform"],
    ),
    ("kapok-xtask", &[]),
];

/// The rooms where a package may be imported; the journeys in `kapok-tests` may import everything.
const HOMES: [(&str, &[&str]); 12] = [
    ("rusqlite", &["kapok-core"]),
    ("tokio-tungstenite", &["kapok-core", "kapok-platform"]),
    ("reqwest", &["kapok-core"]),
    ("hayro", &["kapok-core"]),
    ("sqlx", &["kapok-platform"]),
    ("axum", &["kapok-platform"]),
    ("uniffi", &["kapok-bindings", "kapok-bindgen"]),
    ("ratatui", &["kapok-terminal"]),
    ("rqrr", &["kapok-scanner"]),
    (
        "tokio",
        &[
            "kapok-core",
            "kapok-bindings",
            "kapok-platform",
            "kapok-terminal",
        ],
    ),
    ("rand", &["kapok-core", "kapok-platform", "kapok-terminal"]),
    (
        "getrandom",
        &["kapok-core", "kapok-platform", "kapok-terminal"],
    ),
];

/// Crates of which the phone's library holds one version only: two generations of cryptography do not fit together.
const ONE_GENERATION: [&str; 9] = [
    "p256",
    "elliptic-curve",
    "rand_core",
    "digest",
    "sha2",
    "aes-gcm",
    "hkdf",
    "hmac",
    "ecdsa",
];

/// Licences that a product under Apache-2.0 may link.
const LICENCES: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "WTFPL",
    "Zlib",
];

/// What `cargo metadata` says that is against [`ARROWS`] or the homes of packages, one line each.
///
/// Development dependencies of outside packages are free; those on rooms are not.
pub fn import_violations(metadata: &Value) -> Vec<String> {
    let arrows: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let homes: BTreeMap<&str, &[&str]> = HOMES.into_iter().collect();
    let mut found = Vec::new();
    for package in members(metadata) {
        let name = string(package, "name");
        if name == "kapok-tests" {
            continue;
        }
        let Some(allowed) = arrows.get(name) else {
            found.push(format!("{name} is a room without arrows"));
            continue;
        };
        for dependency in array(package, "dependencies") {
            let imported = string(dependency, "name");
            let is_development = string(dependency, "kind") == "dev";
            if imported.starts_with("kapok-") && !allowed.contains(&imported) {
                found.push(format!("{name} imports {imported}"));
            }
            let is_home = homes
                .get(imported)
                .is_none_or(|homes| homes.contains(&name));
            if !is_home && !is_development {
                found.push(format!("{name} imports {imported}, which lives elsewhere"));
            }
        }
    }
    found
}

/// Packages whose licence is not in the list, one line each.
pub fn licence_violations(metadata: &Value) -> Vec<String> {
    array(metadata, "packages")
        .iter()
        .filter(|package| !is_permitted(string(package, "license")))
        .map(|package| {
            format!(
                "{}: {}",
                string(package, "name"),
                string(package, "license")
            )
        })
        .collect()
}

/// Every part of an AND must offer one permitted licence; `/` is the old way to write OR.
fn is_permitted(expression: &str) -> bool {
    expression.replace('/', " OR ").split(" AND ").all(|part| {
        part.split(" OR ")
            .map(|licence| licence.trim().trim_matches(['(', ')']))
            .any(|licence| LICENCES.contains(&licence))
    })
}

/// Crates of [`ONE_GENERATION`] that a printed `cargo tree --prefix none` holds in several versions, one line each.
///
/// A tree without any of them is itself a violation: then the wrong thing was looked at.
pub fn generation_violations(tree: &str) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    let mut found: Vec<String> = ONE_GENERATION
        .iter()
        .filter_map(|name| versions.get(name).map(|versions| (name, versions)))
        .filter(|(_, versions)| versions.len() > 1)
        .map(|(name, versions)| format!("{name} in versions {versions:?}"))
        .collect();
    if !ONE_GENERATION
        .iter()
        .any(|name| versions.contains_key(name))
    {
        found.push("no cryptography in the tree at all".into());
    }
    found
}

/// One rule about words that may stand in some folders of a room only.
pub struct WordRule {
    /// What must not be mentioned.
    pub words: &'static [&'static str],
    /// Where it must not: a folder below the room's `src`; empty for all of it.
    pub room: &'static str,
    /// Folders and files below `src` that are exempt.
    pub except: &'static [&'static str],
}

/// Where each room may do what: pure rooms do no IO, and `core` does it in two places.
pub const WORD_RULES: [WordRule; 5] = [
    WordRule {
        words: PURE,
        room: "protocol",
        except: &[],
    },
    WordRule {
        words: PURE,
        room: "formats",
        except: &[],
    },
    WordRule {
        words: PURE,
        room: "scanner",
        except: &[],
    },
    WordRule {
        words: &[
            "reqwest::",
            "tokio_tungstenite::",
            "TcpStream",
            "TcpListener",
            "UdpSocket",
        ],
        room: "core",
        // The signing link reads WebSocket messages by the type that the client gives it.
        except: &["client", "app/signing/link.rs"],
    },
    WordRule {
        words: &["rusqlite::"],
        room: "core",
        except: &["store"],
    },
];

const PURE: &[&str] = &[
    "std::fs",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime::now",
    "Instant::now",
];

/// Lines of code against one rule. Comments and files of tests do not count.
pub fn word_violations(rule: &WordRule, file: &str, text: &str) -> Vec<String> {
    let is_exempt = rule.except.iter().any(|exempt| file.starts_with(exempt));
    if is_exempt || is_test_file(file) {
        return Vec::new();
    }
    // Tests stand at the end of a file by convention.
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    code.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter(|(_, line)| rule.words.iter().any(|word| line.contains(word)))
        .map(|(number, line)| format!("{}/src/{file}:{}: {}", rule.room, number + 1, line.trim()))
        .collect()
}

fn is_test_file(file: &str) -> bool {
    file.ends_with("tests.rs") || file.contains("/tests/") || file.starts_with("tests/")
}

/// The longest file of the facade, which reviewers read in full.
pub const MAX_FACADE_LINES: usize = 400;
/// The longest file anywhere; what people aim at is 400 lines.
pub const MAX_LINES: usize = 600;

/// Whether a file (path from the root) is too long, as a line of a report. Tests are read one by one, so their files may
/// be longer.
pub fn length_violation(file: &str, text: &str) -> Option<String> {
    let limit = if file.starts_with("bindings/") {
        MAX_FACADE_LINES
    } else {
        MAX_LINES
    };
    let lines = text.lines().count();
    (lines > limit && !is_test_file(file)).then(|| format!("{file}: {lines} lines"))
}

/// All Rust files below a folder.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    let ids: BTreeSet<&str> = array(metadata, "workspace_members")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    array(metadata, "packages")
        .iter()
        .filter(move |package| ids.contains(string(package, "id")))
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn string<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
