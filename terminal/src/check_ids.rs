//! `kapok check-ids`: JSON lines in, the same lines with a verdict out. Reads a line, writes a line; holds no more than one.

use crate::cli::CheckIds;
use crate::exit::{Failure, codes};
use kapok_formats::identity::{IdentityError, NumberKind, Remark};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;
use std::process::ExitCode;

/// Longest line that is read, in bytes.
const MAX_LINE: usize = 64 * 1024;

/// Runs the command. Ends with `CONTENT` if a line was none.
pub fn run(args: &CheckIds) -> ExitCode {
    let name = args.file.as_deref().unwrap_or(Path::new("-"));
    let done = match &args.file {
        Some(path) if path.as_os_str() != "-" => File::open(path)
            .map_err(|error| Failure::io(codes::FILE_UNREADABLE, path, &error))
            .and_then(|file| check(BufReader::new(file), name)),
        _ => check(io::stdin().lock(), name),
    };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => Failure::new(
            codes::CONTENT,
            format!("{wrong} 行不是 {{\"kind\", \"value\"}}，已逐行说明。"),
            format!("{wrong} lines are not {{\"kind\", \"value\"}}; each says why."),
        )
        .report(args.lang),
        Err(failure) => failure.report(args.lang),
    }
}

/// Answers every line; how many were none.
fn check(mut input: impl BufRead, name: &Path) -> Result<usize, Failure> {
    let mut output = BufWriter::new(io::stdout().lock());
    let (mut line, mut wrong) = (Vec::new(), 0);
    for number in 1usize.. {
        line.clear();
        let read = (&mut input)
            .take(MAX_LINE as u64 + 1)
            .read_until(b'\n', &mut line)
            .map_err(|error| Failure::io(codes::FILE_UNREADABLE, name, &error))?;
        if read == 0 {
            break;
        }
        if line.len() > MAX_LINE && line.last() != Some(&b'\n') {
            input
                .skip_until(b'\n')
                .map_err(|error| Failure::io(codes::FILE_UNREADABLE, name, &error))?;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = answer(&line).unwrap_or_else(|why| {
            wrong += 1;
            json!({ "line": number, "error": why })
        });
        match writeln!(output, "{answer}") {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(wrong),
            written => {
                written.map_err(|error| Failure::io(codes::OUTPUT, Path::new("stdout"), &error))?
            }
        }
    }
    match output.flush() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::io(codes::OUTPUT, Path::new("stdout"), &error))
        }
        _ => Ok(wrong),
    }
}

fn answer(line: &[u8]) -> Result<Value, &'static str> {
    if line.len() > MAX_LINE {
        return Err("the line is longer than 64 KiB");
    }
    let mut object: Map<String, Value> =
        serde_json::from_slice(line).map_err(|_| "the line is no JSON object")?;
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let kind = text("kind").ok_or("`kind` is missing or no text")?;
    let kind = NumberKind::of_word(kind).ok_or("`kind` is unknown")?;
    let value = text("value").ok_or("`value` is missing or no text")?;
    let checked = kind.check(value);
    object.insert("valid".into(), checked.is_ok().into());
    object.insert("canonical".into(), json!(checked.as_ref().ok()));
    object.insert("why".into(), json!(checked.as_ref().err().map(why)));
    let remark = checked.ok().and_then(|number| kind.remark(&number));
    if let Some(Remark::InnerCheck) = remark {
        object.insert("remark".into(), "organisation_code".into());
    }
    Ok(Value::Object(object))
}

/// The broken rule, and where.
fn why(error: &IdentityError) -> Value {
    match error {
        IdentityError::Length { found, .. } => json!({ "rule": error.word(), "found": found }),
        IdentityError::Character {
            position, found, ..
        } => {
            json!({ "rule": error.word(), "position": position, "found": found })
        }
        _ => json!({ "rule": error.word() }),
    }
}
