//! `kapok review` and `kapok check-ids` as a person or a script runs them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must panic"
)]

use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn kapok(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kapok"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Written beside the reading, so that neither waits for the other; a program that does not read closes the pipe.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

fn review(path: &Path) -> (Option<i32>, Value) {
    let output = kapok(&["review", path.to_str().unwrap(), "--json"], b"");
    (output.status.code(), lines(&output)[0].clone())
}

#[test]
fn yst_056_check_ids_answers_each_line_and_names_the_character() {
    let input = "{\"kind\":\"uscc\",\"value\":\" 91110000600037341l\",\"row\":7}\n\n\
        {\"kind\":\"uscc\",\"value\":\"91350100I000100Y43\"}\n\
        {\"kind\":\"ric\",\"value\":\"110105194912310021\"}\n";
    let output = kapok(&["check-ids"], input.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let expected = [
        json!({"kind": "uscc", "value": " 91110000600037341l", "row": 7, "valid": true,
            "canonical": "91110000600037341L", "why": null}),
        json!({"kind": "uscc", "value": "91350100I000100Y43", "valid": false, "canonical": null,
            "why": {"rule": "character", "position": 9, "found": "I"}}),
        json!({"kind": "ric", "value": "110105194912310021", "valid": false, "canonical": null,
            "why": {"rule": "check_digit"}}),
    ];
    assert_eq!(lines(&output), expected);
}

#[test]
fn check_ids_says_of_each_bad_line_what_is_wrong_and_goes_on() {
    let long = "x".repeat(200_000);
    let input = format!(
        "nothing\n{{\"kind\":\"shoe\",\"value\":\"1\"}}\n{{\"kind\":\"ric\"}}\n{long}\n{{\"kind\":\"mobile\",\"value\":\"13800138000\"}}"
    );
    let output = kapok(&["check-ids", "-", "--lang", "en"], input.as_bytes());
    assert_eq!(output.status.code(), Some(17));
    let answers = lines(&output);
    assert_eq!(answers.len(), 5);
    for (index, word) in ["JSON", "`kind` is unknown", "`value`", "longer"]
        .iter()
        .enumerate()
    {
        assert_eq!(answers[index]["line"], index + 1);
        assert!(answers[index]["error"].as_str().unwrap().contains(word));
    }
    assert_eq!(answers[4]["valid"], true);
    let missing = kapok(&["check-ids", "no-such-file", "--lang", "en"], b"");
    assert_eq!(missing.status.code(), Some(10));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-file"));
}

#[test]
fn yqq_022_review_says_what_the_phone_would_say() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let contract = kapok_formats::sample::contract().unwrap();
    let good = file("good.pdf", &contract);
    assert_eq!(
        review(&good),
        (Some(0), json!({"decision": "show", "reasons": []}))
    );
    // The same file with a script that runs on opening.
    let text = contract.clone();
    let at = text
        .windows(14)
        .position(|w| w == b"/Type /Catalog")
        .unwrap();
    let mut script = text[..at].to_vec();
    script.extend_from_slice(b"/Type/Catalog/OpenAction<</S/JavaScript/JS(0)>>");
    script.extend_from_slice(&text[at + 14..]);
    let (code, answer) = review(&file("script.pdf", &script));
    assert_eq!((code, &answer["decision"]), (Some(17), &json!("refuse")));
    let cut = &contract[..contract.len() / 2];
    let (code, answer) = review(&file("cut.pdf", cut));
    assert_eq!(
        (code, &answer["reasons"]),
        (Some(17), &json!(["unreadable"]))
    );
    let (code, answer) = review(&dir.path().join("none.pdf"));
    assert_eq!((code, &answer["exit_code"]), (Some(10), &json!(10)));
    let told = kapok(&["review", good.to_str().unwrap()], b"");
    assert!(String::from_utf8_lossy(&told.stdout).contains("可以展示并签署"));
}

#[test]
fn verify_says_who_signed_and_what_came_after() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let demo = kapok(&["demo", "--json", "--out", out.to_str().unwrap()], b"");
    assert_eq!(demo.status.code(), Some(0));
    let signed = std::fs::read_dir(&out).unwrap().map(|e| e.unwrap().path());
    let signed = signed
        .filter(|p| p.extension().is_some_and(|e| e == "pdf"))
        .min()
        .unwrap();
    let file = signed.to_str().unwrap();
    let judged = |arguments: &[&str]| {
        let output = kapok(&[&["verify", file, "--json"], arguments].concat(), b"");
        (output.status.code(), lines(&output)[0].clone())
    };
    let (code, report) = judged(&[]);
    assert_eq!((code, &report["verdict"]), (Some(21), &json!("untrusted")));
    assert_eq!(report["signatures"].as_array().unwrap().len(), 1);
    let root = out.join("root.pem");
    let (code, report) = judged(&["--root", root.to_str().unwrap()]);
    let one = &report["signatures"][0];
    assert_eq!(
        (code, &report["verdict"]),
        (Some(0), &json!("valid")),
        "{report}"
    );
    assert_eq!((&one["level"], &one["later"]), (&json!("B-B"), &json!([])));
    let told = kapok(&["verify", file, "--root", root.to_str().unwrap()], b"");
    assert!(String::from_utf8_lossy(&told.stdout).contains("结论：有效"));
    // A byte of the first page.
    let mut bytes = std::fs::read(&signed).unwrap();
    bytes[2_000] ^= 1;
    std::fs::write(&signed, bytes).unwrap();
    assert_eq!(judged(&["--root", root.to_str().unwrap()]).0, Some(21));
    let (code, answer) = judged(&["--root", file]);
    assert_eq!((code, &answer["exit_code"]), (Some(10), &json!(10)));
}
