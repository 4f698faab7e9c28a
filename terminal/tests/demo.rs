//! `kapok demo` as a person runs it: what it says about files that it cannot sign, and what it leaves behind.
#![allow(
    clippy::unwrap_used,
    reason = "a test that meets the unexpected must panic"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A folder to work in, and one for the program's temporary files, so that what is left behind is seen.
struct Desk {
    home: tempfile::TempDir,
}

/// How a run ended.
#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        for folder in ["work", "tmp"] {
            fs::create_dir(home.path().join(folder)).unwrap();
        }
        Self { home }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join("work").join(name)
    }

    fn start(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_kapok"))
            .arg("demo")
            .args(arguments)
            .current_dir(self.home.path().join("work"))
            .env("TMPDIR", self.home.path().join("tmp"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.start(arguments), String::new())
    }

    /// Names in the working folder, and of temporary files that are left.
    fn left(&self) -> Vec<String> {
        ["work", "tmp"]
            .iter()
            .flat_map(|folder| fs::read_dir(self.home.path().join(folder)).unwrap())
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }
}

fn ended(child: Child, read: String) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: read + &String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../formats/tests/pdf");
    fs::read(folder.join(name)).unwrap()
}

/// The file with its pages of 612 × 792 points made another size, written in as many characters: no offset moves.
fn with_pages_of(mut pdf: Vec<u8>, size: &[u8; 7]) -> Vec<u8> {
    let from = b"MediaBox [0 0 612 792]";
    while let Some(at) = pdf.windows(from.len()).position(|window| window == from) {
        let box_before = b"MediaBox [0 0 ".len();
        pdf.splice(at + box_before..at + box_before + size.len(), *size);
    }
    pdf
}

/// One sentence in each language, the code, and nothing else.
fn refused(desk: &Desk, file: &str, code: i32) {
    let before = desk.left();
    for lang in ["zh-CN", "en"] {
        let ended = desk.run(&[file, "--lang", lang]);
        assert_eq!(ended.code, Some(code), "{file}: {ended:?}");
        assert_eq!(ended.stdout, "", "{file}");
        assert_eq!(ended.stderr.lines().count(), 1, "{file}: {ended:?}");
        let sentence = ended.stderr.strip_prefix("kapok: ").unwrap();
        let chinese = sentence
            .chars()
            .any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert_eq!(chinese, lang == "zh-CN", "{file}: {sentence}");
    }
    assert_eq!(desk.left(), before, "{file}");
}

#[test]
fn each_bad_file_gets_one_sentence_and_its_code_and_leaves_nothing() {
    let desk = Desk::new();
    let whole = fixture("chromium.pdf");
    let too_large = [&whole[..], &vec![b' '; 50 << 20]].concat();
    let stamp_size = with_pages_of(whole.clone(), b"061 079");
    let cases: [(&str, &[u8], i32); 15] = [
        ("empty.pdf", b"", 11),
        ("text.pdf", b"hello", 12),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n", 12),
        ("header.pdf", b"%PDF-1.7\n", 13),
        ("half.pdf", &whole[..whole.len() / 2], 13),
        ("without-end.pdf", &whole[..whole.len() - 30], 13),
        ("encrypted.pdf", &fixture("encrypted.pdf"), 14),
        ("large.pdf", &too_large, 15),
        ("certified-1.pdf", &fixture("certified-no-changes.pdf"), 16),
        ("certified-2.pdf", &fixture("certified.pdf"), 16),
        ("locked.pdf", &fixture("locked.pdf"), 16),
        ("script.pdf", &fixture("javascript.pdf"), 17),
        ("xfa.pdf", &fixture("xfa.pdf"), 17),
        ("launch.pdf", &fixture("launch.pdf"), 17),
        ("stamp-size.pdf", &stamp_size, 18),
    ];
    for (name, bytes, code) in cases {
        fs::write(desk.path(name), bytes).unwrap();
        refused(&desk, name, code);
    }
    refused(&desk, "missing.pdf", 10);
    fs::create_dir(desk.path("folder.pdf")).unwrap();
    refused(&desk, "folder.pdf", 10);
    let made = Command::new("mkfifo").arg(desk.path("pipe.pdf")).status();
    assert!(made.unwrap().success());
    refused(&desk, "pipe.pdf", 10);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let desk = Desk::new();
    let whole = fixture("signed-pyhanko.pdf");
    for part in 1..16 {
        let cut = whole.len() * part / 16;
        fs::write(desk.path("cut.pdf"), &whole[..cut]).unwrap();
        let ended = desk.run(&["cut.pdf"]);
        assert_eq!(ended.code, Some(13), "{cut}: {ended:?}");
        assert_eq!(desk.left(), ["cut.pdf"]);
    }
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_the_journey() {
    let desk = Desk::new();
    fs::write(desk.path("taken"), b"mine").unwrap();
    for out in ["taken", "taken/below", "/proc/kapok-demo"] {
        let ended = desk.run(&["--out", out, "--lang", "en"]);
        assert_eq!(ended.code, Some(30), "{out}: {ended:?}");
        assert_eq!(
            (ended.stdout.as_str(), ended.stderr.lines().count()),
            ("", 1)
        );
        assert_eq!(desk.left(), ["taken"]);
    }
    assert_eq!(fs::read(desk.path("taken")).unwrap(), b"mine");
}

#[test]
fn a_refusal_in_json_says_the_code_and_both_sentences() {
    let desk = Desk::new();
    let ended = desk.run(&["missing.pdf", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (answer["ok"].as_bool(), answer["exit_code"].as_i64()),
        (Some(false), Some(10))
    );
    assert!(answer["en"].as_str().unwrap().contains("does not exist"));
    assert!(answer["zh"].as_str().unwrap().contains("不存在"));
}

/// Starts a journey, stops it by `signal` once `steps` steps are done, and looks at what is left.
fn interrupted(signal: &str, steps: usize) {
    let desk = Desk::new();
    let mut child = desk.start(&["--out", "deep/out"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut read = String::new();
    while read.matches('✓').count() < steps {
        assert!(lines.read_line(&mut read).unwrap() > 0, "{steps}: {read}");
    }
    let killed = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    lines.read_to_string(&mut read).unwrap();
    let ended = ended(child, read);
    assert_eq!(ended.code, Some(130), "{steps}: {ended:?}");
    assert!(ended.stderr.contains("已中断"), "{ended:?}");
    assert_eq!(
        desk.left(),
        Vec::<String>::new(),
        "{signal} after {steps} steps"
    );
}

#[test]
fn ctrl_c_leaves_nothing_whenever_it_comes() {
    for steps in [1, 2, 5, 7, 8, 10, 12, 13] {
        interrupted("-INT", steps);
    }
}

#[test]
fn a_stop_by_the_system_leaves_nothing_either() {
    interrupted("-TERM", 4);
    interrupted("-HUP", 9);
}

#[test]
fn a_second_run_signs_what_the_first_signed_and_takes_its_place() {
    let desk = Desk::new();
    fs::create_dir(desk.path("out")).unwrap();
    fs::write(desk.path("out/mine.txt"), b"mine").unwrap();
    let first = desk.run(&["--out", "out", "--json"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let once = fs::read(desk.path("out/signed.pdf")).unwrap();
    let second = desk.run(&["out/signed.pdf", "--out", "out", "--json"]);
    assert_eq!(second.code, Some(0), "{second:?}");
    let twice = fs::read(desk.path("out/signed.pdf")).unwrap();
    assert!(twice.starts_with(&once) && twice.len() > once.len());
    let report: serde_json::Value = serde_json::from_str(&second.stdout).unwrap();
    assert_eq!(report["document"], "signed.pdf");
    let listed = report["files"].as_array().unwrap().len();
    // The report itself and the file that was there before are not in its list.
    assert_eq!(fs::read_dir(desk.path("out")).unwrap().count(), listed + 2);
    assert_eq!(fs::read(desk.path("out/mine.txt")).unwrap(), b"mine");
    assert_eq!(desk.left(), ["out"]);
}
