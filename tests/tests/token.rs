//! The key store of guard and face service: files, and a PKCS#11 token in the shape of SoftHSM2, under one contract.

use kapok_tests::terminal::kapok;
use std::path::Path;
use std::process::{Command, Output};

const TOKEN: &str = env!("CARGO_BIN_EXE_token");
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// An empty token of its own.
struct SoftHsm {
    dir: tempfile::TempDir,
}

impl SoftHsm {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let tokens = dir.path().join("tokens");
        std::fs::create_dir(&tokens).unwrap();
        let conf = format!("directories.tokendir = {}\n", tokens.display());
        std::fs::write(dir.path().join("softhsm2.conf"), conf).unwrap();
        std::fs::write(dir.path().join("pin"), "2468\n").unwrap();
        let token = Self { dir };
        let init = ["--init-token", "--free", "--label", "kapok"];
        let pins = ["--so-pin", "13579", "--pin", "2468"];
        let mut command = token.command("softhsm2-util".as_ref());
        said(command.args(init).args(pins).output().unwrap());
        token
    }

    fn uri(&self) -> String {
        let pin = self.dir.path().join("pin");
        format!(
            "pkcs11:token=kapok?module-path={MODULE}&pin-source=file:{}",
            pin.display()
        )
    }

    /// A program that finds this token.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("SOFTHSM2_CONF", self.dir.path().join("softhsm2.conf"));
        command
    }
}

fn said(output: Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}{error}");
    out
}

#[test]
fn keys_in_files_keep_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(TOKEN);
    said(command.arg("contract").arg(dir.path()).output().unwrap());
}

#[test]
fn keys_in_a_token_keep_the_contract_and_never_leave_it() {
    let token = SoftHsm::new();
    let mut command = token.command(TOKEN.as_ref());
    said(command.args(["contract", &token.uri()]).output().unwrap());
}

#[test]
fn a_platform_whose_keys_are_in_a_token_serves_a_persons_whole_way() {
    let token = SoftHsm::new();
    let mut command = token.command(TOKEN.as_ref());
    said(command.args(["journey", &token.uri()]).output().unwrap());
}

#[test]
fn the_keys_of_a_token_are_made_by_a_command_and_not_by_a_start() {
    let token = SoftHsm::new();
    let (kapok, uri) = (kapok(), token.uri());
    let run = |arguments: &[&str]| token.command(&kapok).args(arguments).output().unwrap();
    let dir = token.dir.path().join("platform");
    let dir = dir.to_str().unwrap();
    let start = run(&["up", "--dir", dir, "--token", &uri]);
    let error = String::from_utf8(start.stderr).unwrap();
    assert_eq!(start.status.code(), Some(1), "{error}");
    assert!(error.contains("face-sign"), "{error}");
    assert!(error.contains("kapok make-keys"), "{error}");
    for _ in 0..2 {
        said(run(&["make-keys", "--token", &uri]));
    }
    let rotated = said(run(&["rotate-guard-key", "--token", &uri]));
    assert!(rotated.contains("Version 2"), "{rotated}");
    // The folder's own keys are others, and none is made beside the token's.
    let mistaken = run(&["rotate-guard-key", "--dir", dir]);
    let error = String::from_utf8(mistaken.stderr).unwrap();
    assert!(error.contains("guard-master"), "{error}");
    let wrong = run(&["make-keys", "--token", "pkcs11:token=kapok?pin-value=2468"]);
    let error = String::from_utf8(wrong.stderr).unwrap();
    assert!(error.contains("pin-source"), "{error}");
}
