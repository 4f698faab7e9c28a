//! The list in `docs/security.md` of what is shown of the PIN names tests that are there, and says where there is none.

use kapok_tests::judges::root;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where tests live.
const FOLDERS: [&str; 8] = [
    "bindings", "core", "formats", "platform", "protocol", "scanner", "terminal", "tests",
];
/// Numbers of the list.
const LAST: u32 = 34;

/// Numbers that tests carry.
fn shown(folder: &Path, found: &mut BTreeSet<u32>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("target") {
            shown(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(text.split("fn pin_").skip(1).filter_map(number));
        }
    }
}

fn number(text: &str) -> Option<u32> {
    let (digits, _) = text.split_at_checked(2)?;
    digits.parse().ok()
}

#[test]
fn each_line_of_the_list_has_its_tests_or_says_that_there_are_none() {
    let mut tests = BTreeSet::new();
    for folder in FOLDERS {
        shown(&root().join(folder), &mut tests);
    }
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let number = cells.get(1).filter(|cell| cell.len() == 2)?.parse().ok()?;
        Some((number, cells.get(3)?.starts_with("not ")))
    });
    let rows: Vec<(u32, bool)> = rows.collect();
    let numbers: Vec<u32> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=LAST).collect::<Vec<_>>());
    for (number, none) in rows {
        assert_eq!(tests.contains(&number), !none, "line {number:02}");
    }
    assert!(tests.iter().all(|number| (1..=LAST).contains(number)));
}
