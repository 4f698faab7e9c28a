//! The house stands as it is drawn: who imports whom, what is pure, how long files are, which licences are linked.
//! Each rule is also shown to fail on something made to break it.

use serde_json::{Value, json};
use std::fs;
use std::process::Command;

use kapok_tests::architecture::{
    WORD_RULES, WordRule, generation_violations, import_violations, length_violation,
    licence_violations, rust_files, word_violations,
};
use kapok_tests::judges::root;

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--locked"])).unwrap()
}

/// Metadata of a workspace with one room and one dependency.
fn fake(room: &str, dependency: &str, kind: Option<&str>) -> Value {
    json!({
        "workspace_members": ["room"],
        "packages": [{
            "id": "room", "name": room, "license": "Apache-2.0",
            "dependencies": [{"name": dependency, "kind": kind}],
        }],
    })
}

const NONE: Vec<String> = Vec::new();

#[test]
fn rooms_import_only_along_the_arrows() {
    assert_eq!(import_violations(&metadata()), NONE);
}

#[test]
fn the_arrow_rule_can_fail() {
    let against = [
        ("kapok-core", "kapok-platform", None),
        ("kapok-core", "kapok-platform", Some("dev")),
        ("kapok-platform", "kapok-core", None),
        ("kapok-protocol", "kapok-formats", None),
        ("kapok-bindings", "kapok-protocol", None),
        ("kapok-terminal", "kapok-protocol", Some("build")),
        ("kapok-platform", "rusqlite", None),
        ("kapok-protocol", "rand", None),
        ("kapok-cellar", "serde", None),
    ];
    for (room, dependency, kind) in against {
        assert_eq!(
            import_violations(&fake(room, dependency, kind)).len(),
            1,
            "{room} → {dependency}"
        );
    }
    assert_eq!(
        import_violations(&fake("kapok-core", "kapok-protocol", None)),
        NONE
    );
    assert_eq!(
        import_violations(&fake("kapok-protocol", "rand", Some("dev"))),
        NONE
    );
}

#[test]
fn pin_34_the_phone_has_one_generation_of_cryptography() {
    let tree = cargo(&[
        "tree",
        "--locked",
        "-p",
        "kapok-bindings",
        "-e",
        "normal",
        "--prefix",
        "none",
    ]);
    assert_eq!(generation_violations(&tree), NONE);
}

#[test]
fn the_phone_draws_no_seals() {
    let tree = cargo(&[
        "tree",
        "--locked",
        "-p",
        "kapok-bindings",
        "-e",
        "features",
        "--prefix",
        "none",
    ]);
    assert!(tree.contains("kapok-formats"), "{tree}");
    assert!(
        !tree.contains(r#"kapok-formats feature "draw""#),
        "the font of seals would weigh down every phone"
    );
}

#[test]
fn pin_34_the_generation_rule_can_fail() {
    assert_eq!(
        generation_violations("sha2 v0.10.9\nsha2 v0.11.0\n").len(),
        1
    );
    assert_eq!(generation_violations("serde v1.0.0\n").len(), 1);
    assert_eq!(
        generation_violations("sha2 v0.11.0\nsha2 v0.11.0 (*)\n"),
        NONE
    );
}

#[test]
fn rooms_do_io_only_where_they_may() {
    let mut looked_at = 0;
    for rule in &WORD_RULES {
        let source = root().join(rule.room).join("src");
        for path in rust_files(&source) {
            let file = path.strip_prefix(&source).unwrap().display().to_string();
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(word_violations(rule, &file, &text), NONE);
            looked_at += 1;
        }
    }
    assert!(looked_at > 20, "only {looked_at} files were looked at");
}

#[test]
fn the_io_rule_can_fail() {
    let rule = WordRule {
        words: &["reqwest::"],
        room: "core",
        except: &["client"],
    };
    let text = "use reqwest::Client;\n// reqwest::Client\n";
    assert_eq!(word_violations(&rule, "login/mod.rs", text).len(), 1);
    assert_eq!(word_violations(&rule, "client/mod.rs", text), NONE);
}

#[test]
fn no_source_file_is_too_long() {
    let rooms = [
        "bindings", "core", "formats", "platform", "protocol", "scanner", "terminal", "tests",
        "xtask",
    ];
    let mut too_long = Vec::new();
    let mut looked_at = 0;
    for room in rooms {
        let source = root().join(room).join("src");
        for path in rust_files(&source) {
            let file = path.strip_prefix(&source).unwrap().display();
            let text = fs::read_to_string(&path).unwrap();
            too_long.extend(length_violation(&format!("{room}/src/{file}"), &text));
            looked_at += 1;
        }
    }
    assert_eq!(too_long, NONE);
    assert!(looked_at > 30, "only {looked_at} files were looked at");
}

#[test]
fn the_length_rule_can_fail() {
    let long = |lines: usize| "\n".repeat(lines);
    assert!(length_violation("bindings/src/a.rs", &long(401)).is_some());
    assert!(length_violation("bindings/src/a.rs", &long(400)).is_none());
    assert!(length_violation("core/src/a.rs", &long(601)).is_some());
    assert!(length_violation("core/src/a.rs", &long(600)).is_none());
    assert!(length_violation("core/src/a/tests.rs", &long(601)).is_none());
}

#[test]
fn every_linked_licence_is_permitted() {
    assert_eq!(licence_violations(&metadata()), NONE);
}

#[test]
fn the_licence_rule_can_fail() {
    let with = |licence: &str| {
        licence_violations(&json!({"packages": [{"name": "a", "license": licence}]})).len()
    };
    for refused in [
        "GPL-3.0",
        "",
        "MIT AND GPL-3.0-only",
        "AGPL-3.0 OR SSPL-1.0",
    ] {
        assert_eq!(with(refused), 1, "{refused}");
    }
    for permitted in [
        "MIT/Apache-2.0",
        "(MIT OR GPL-2.0) AND Unicode-3.0",
        "GPL-2.0-only OR MIT",
    ] {
        assert_eq!(with(permitted), 0, "{permitted}");
    }
}
