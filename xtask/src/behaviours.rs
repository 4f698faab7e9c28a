//! `docs/behaviours.md`: which test shows which of the numbered behaviours.
//!
//! A test shows a behaviour when its name holds the behaviour's id in lower case with an underscore, as in
//! `fn yqq_020_right_pin_connects`. Comments do not count.

use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::context::Context;

/// The generated document.
pub const DOCUMENT: &str = "docs/behaviours.md";
const LIST: &str = "docs/behaviours.tsv";

const SYSTEMS: [(&str, &str); 5] = [
    ("YST", "粤商通"),
    ("YQQ", "粤企签"),
    ("SZ", "深圳统一用户中心"),
    ("YJT", "粤建通"),
    ("JL", "吉林统一身份认证 / 吉事办"),
];

/// Where tests may live; nothing generated is in these folders.
const FOLDERS: [&str; 11] = [
    "android", "bindings", "core", "formats", "ios", "platform", "protocol", "scanner", "terminal",
    "tests", "xtask",
];

const SKIPPED: [&str; 5] = ["node_modules", "target", ".build", "build", "dist"];

struct Behaviour {
    id: String,
    who: String,
    text: String,
}

/// Tests by behaviour id, each as `path::name`.
type Tests = BTreeMap<String, Vec<String>>;

/// Writes the document.
pub fn write(context: &Context) -> Result<()> {
    let path = context.path(DOCUMENT);
    fs::write(&path, document(context)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {DOCUMENT}");
    Ok(())
}

/// The text that the document should have now.
pub fn document(context: &Context) -> Result<String> {
    let list =
        fs::read_to_string(context.path(LIST)).with_context(|| format!("cannot read {LIST}"))?;
    let behaviours = parse(&list)?;
    let mut tests = Tests::new();
    for folder in FOLDERS {
        scan(&context.root, &context.path(folder), &mut tests)?;
    }
    for id in tests.keys() {
        if !behaviours.iter().any(|behaviour| behaviour.id == *id) {
            bail!(
                "tests name {id}, which {LIST} does not have: {:?}",
                tests.get(id)
            );
        }
    }
    Ok(render(&behaviours, &tests))
}

fn parse(list: &str) -> Result<Vec<Behaviour>> {
    list.lines()
        .enumerate()
        .skip(1)
        .map(|(number, line)| {
            let mut cells = line.split('\t');
            match (cells.next(), cells.next(), cells.next(), cells.next()) {
                (Some(id), Some(who), Some(text), None) => Ok(Behaviour {
                    id: id.into(),
                    who: who.into(),
                    text: text.into(),
                }),
                _ => bail!(
                    "{LIST}:{}: three cells with tabs between are needed",
                    number + 1
                ),
            }
        })
        .collect()
}

fn scan(root: &Path, folder: &Path, tests: &mut Tests) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                scan(root, &path, tests)?;
            }
            continue;
        }
        let Some(markers) = markers(&name) else {
            continue;
        };
        let text = fs::read_to_string(&path).unwrap_or_default();
        let shown = path
            .strip_prefix(root)
            .unwrap_or(&path)
            .display()
            .to_string();
        for line in text.lines().filter(|line| is_test(line, markers)) {
            for (id, test) in names(line) {
                tests
                    .entry(id)
                    .or_default()
                    .push(format!("{shown}::{test}"));
            }
        }
    }
    Ok(())
}

/// How a line that names a test begins, by kind of file.
fn markers(file: &str) -> Option<&'static [&'static str]> {
    match file.rsplit_once('.')?.1 {
        "rs" => Some(&["fn ", "async fn "]),
        "kt" => Some(&["fun ", "@Test fun "]),
        "swift" => Some(&["func ", "@Test func ", "@Test(", "@MainActor func "]),
        "mjs" | "js" => Some(&["test(", "it(", "await test(", "await t.test("]),
        _ => None,
    }
}

fn is_test(line: &str, markers: &[&str]) -> bool {
    let line = line.trim_start();
    markers.iter().any(|marker| line.starts_with(marker))
}

/// All behaviour ids in a line, each with the whole name it stands in.
fn names(line: &str) -> Vec<(String, String)> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .flat_map(|word| ids(word).into_iter().map(|id| (id, word.to_owned())))
        .collect()
}

fn ids(word: &str) -> Vec<String> {
    let parts: Vec<&str> = word.split('_').collect();
    let mut found: Vec<String> = parts
        .windows(2)
        .filter_map(|pair| match pair {
            [system, number]
                if number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                // Swift's XCTest names begin with `test`, as in `testYST_001`: any case, at the end of the word.
                let system = system.to_uppercase();
                let system = system.strip_prefix("TEST").unwrap_or(&system);
                SYSTEMS
                    .iter()
                    .any(|(prefix, _)| *prefix == system)
                    .then(|| format!("{system}-{number}"))
            }
            _ => None,
        })
        .collect();
    found.dedup();
    found
}

fn render(behaviours: &[Behaviour], tests: &Tests) -> String {
    let mut out = String::from(
        "# Behaviours and the tests that show them\n\n\
         Generated by `cargo xtask behaviours` from `behaviours.tsv` and the names of the tests; do not edit.\n\n\
         Who: LR 法定代表人 / 经营者, AG 经办人, ADM 证书管理员, EMP 授权员工, APP applicant of an account, ENT main account of an\n\
         enterprise, SUB sub-account, NP natural person, SVC service desk, SYS system. `[D]`: derived from a picture or a label.\n\n\
         | system | behaviours | shown | missing |\n| --- | --- | --- | --- |\n",
    );
    let mut all = (0, 0);
    for (prefix, name) in SYSTEMS {
        let (count, shown) = tally(behaviours, tests, prefix);
        all = (all.0 + count, all.1 + shown);
        let _ = writeln!(
            out,
            "| {name} ({prefix}) | {count} | {shown} | {} |",
            count - shown
        );
    }
    let _ = writeln!(out, "| all | {} | {} | {} |", all.0, all.1, all.0 - all.1);
    for (prefix, name) in SYSTEMS {
        let _ = write!(
            out,
            "\n## {name}\n\n| id | who | behaviour | tests |\n| --- | --- | --- | --- |\n"
        );
        for behaviour in behaviours.iter().filter(|one| system(&one.id) == prefix) {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} |",
                behaviour.id,
                behaviour.who,
                behaviour.text,
                cell(tests.get(&behaviour.id))
            );
        }
    }
    out
}

fn tally(behaviours: &[Behaviour], tests: &Tests, prefix: &str) -> (usize, usize) {
    let mine: Vec<_> = behaviours
        .iter()
        .filter(|behaviour| system(&behaviour.id) == prefix)
        .collect();
    let shown = mine
        .iter()
        .filter(|behaviour| tests.contains_key(&behaviour.id))
        .count();
    (mine.len(), shown)
}

fn system(id: &str) -> &str {
    id.split('-').next().unwrap_or_default()
}

fn cell(tests: Option<&Vec<String>>) -> String {
    let Some(tests) = tests else {
        return "missing".into();
    };
    let quoted: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
    quoted.join("<br>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_ids_in_names_of_four_languages() {
        let cases = [
            ("    fn yqq_020_right_pin_connects() {", "YQQ-020"),
            ("    fun `yst_001 opens the page`() {", "YST-001"),
            ("func testJL_074_logs_out() throws {", "JL-074"),
            ("test('sz_108 shows a slider', async () => {", "SZ-108"),
        ];
        for (line, id) in cases {
            let found = names(line);
            assert_eq!(
                found.first().map(|(found, _)| found.as_str()),
                Some(id),
                "{line}"
            );
        }
    }

    #[test]
    fn one_name_may_show_two_behaviours() {
        let found: Vec<String> = names("fn yqq_020_yqq_021_pin() {")
            .into_iter()
            .map(|pair| pair.0)
            .collect();
        assert_eq!(found, ["YQQ-020", "YQQ-021"]);
    }

    #[test]
    fn comments_and_calls_are_no_tests() {
        let markers = markers("a.rs").unwrap_or_default();
        assert!(!is_test("// fn yqq_020_right_pin()", markers));
        assert!(!is_test("yqq_020_helper();", markers));
        assert!(names("fn deadline_0200() {").is_empty());
    }

    #[test]
    fn a_row_with_two_cells_is_refused() {
        assert!(parse("id\twho\tbehaviour\nYST-001\tany\n").is_err());
    }
}
