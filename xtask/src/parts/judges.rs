//! The outside judges start and say which versions they are.

use anyhow::{Context as _, Result};
use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::context::Context;
use crate::count::Count;
use crate::tools;

/// Asks each judge process for its versions; they must be the pinned ones.
pub fn run(context: &Context) -> Result<Count> {
    let jar = tools::judge_jar(context);
    let mut java = Command::new("java");
    java.arg("-jar").arg(&jar);
    let mut python = Command::new(tools::venv(context).join("bin/python"));
    python.arg(context.path("tests/judges/python/judge.py"));
    let asked = [
        (
            ask(java)?,
            vec![("dss", "6.4"), ("pdfbox", "3.0.8"), ("bc", "1.83")],
        ),
        (
            ask(python)?,
            vec![("pyhanko", "0.38"), ("stdnum", "2.2"), ("pkilint", "0.13")],
        ),
    ];
    let mut total = Count::default();
    for (answer, pinned) in asked {
        for (judge, version) in pinned {
            let said = answer
                .get(judge)
                .and_then(Value::as_str)
                .unwrap_or_default();
            // The last number of a version may move: it holds corrections only.
            let holds = said.starts_with(version);
            if !holds {
                println!("      {judge} should be {version}; the judge answers {answer}");
            }
            total = total.plus(Count::one(holds));
        }
    }
    Ok(total)
}

/// The answer of a judge process to one question.
fn ask(mut command: Command) -> Result<Value> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(b"{\"cmd\":\"versions\"}\n")?;
    }
    let output = child.wait_with_output()?;
    serde_json::from_slice(&output.stdout).context("the judge gave no JSON")
}
