//! Asks the outside judges about a file, from the command line; exit code 0 if all accept.
//!
//! `judge pdf FILE ROOT.pem [SIGNATURES]` or `judge seal FILE ROOT.pem [ISSUER.pem ...]`; `cargo xtask tools` provides the judges.
//! `judge append-page FILE OUT` has pyHanko append a page by an incremental update, for them to refuse.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kapok_tests::judges::{
    JudgeError, Revocation, Tampering, Verdict as _, judge_pdf, openssl_sm2_seal, tamper,
};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match judge(&words) {
        Ok(Some(verdicts)) => report(&verdicts),
        Ok(None) => {
            eprintln!(
                "usage: judge pdf FILE ROOT.pem [SIGNATURES] | judge seal FILE ROOT.pem [ISSUER.pem ...] | judge append-page FILE OUT"
            );
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(3)
        }
    }
}

/// Each judge's name, and why it refuses.
type Verdicts = Vec<(&'static str, Option<String>)>;

/// `None` if the words make no question.
fn judge(words: &[String]) -> Result<Option<Verdicts>, JudgeError> {
    let [kind, file, root, rest @ ..] = words else {
        return Ok(None);
    };
    let (file, root) = (Path::new(file), Path::new(root));
    if kind == "append-page" {
        tamper(file, root, Tampering::Page)?;
        return Ok(Some(Vec::new()));
    }
    match kind.as_str() {
        "pdf" => {
            let Ok(signatures) = rest.first().map_or(Ok(1), |number| number.parse()) else {
                return Ok(None);
            };
            let verdicts = judge_pdf(file, root, Revocation::Absent, signatures)?;
            Ok(Some(verdicts.refusals))
        }
        "seal" => {
            let others: Vec<PathBuf> = rest.iter().map(PathBuf::from).collect();
            let others: Vec<&Path> = others.iter().map(PathBuf::as_path).collect();
            let verdict = openssl_sm2_seal(file, &others, root)?;
            Ok(Some(vec![("openssl", verdict.refusal(1))]))
        }
        _ => Ok(None),
    }
}

fn report(verdicts: &Verdicts) -> ExitCode {
    for (judge, refusal) in verdicts {
        match refusal {
            None => println!("{judge}: accepts"),
            Some(reason) => println!("{judge}: refuses: {}", reason.replace('\n', " ")),
        }
    }
    let good = verdicts.iter().all(|(_, refusal)| refusal.is_none());
    ExitCode::from(u8::from(!good))
}
