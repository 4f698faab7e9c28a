//! Programs that judge: one-off commands, and processes that answer JSON lines for a whole test binary.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The program is missing or does not start.
    #[error("{program} does not start ({source}); `cargo xtask tools` installs it")]
    NotThere {
        /// The program or file that is missing.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The judge could not read the file it was to judge.
    #[error("the judge cannot read the file: {0}")]
    Unreadable(String),
    /// The judge broke down or answered what we do not understand.
    #[error("the judge gave no usable answer: {0}")]
    NoAnswer(String),
}

/// The root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Runs a program to its end and gives back all that it printed.
///
/// # Errors
/// [`JudgeError::NotThere`] if it does not start.
pub fn tool(command: &mut Command) -> Result<Output, JudgeError> {
    command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| JudgeError::NotThere {
            program: command.get_program().to_string_lossy().into_owned(),
            source,
        })
}

/// Standard output and error of a finished program as one text.
pub(super) fn text(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    text
}

/// A judge that stays for the life of the test binary; it ends when its standard input closes with us.
pub(super) struct Resident {
    start: fn() -> Command,
    process: Mutex<Option<Process>>,
}

struct Process {
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    _child: Child,
}

impl Resident {
    pub(super) const fn new(start: fn() -> Command) -> Self {
        Self {
            start,
            process: Mutex::new(None),
        }
    }

    /// Asks one question, starting the process if it does not run.
    pub(super) fn ask<T: DeserializeOwned>(&self, question: &Value) -> Result<T, JudgeError> {
        let mut slot = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let mut process = match slot.take() {
            Some(process) => process,
            None => Process::start((self.start)())?,
        };
        let line = process
            .exchange(question)
            .map_err(|error| JudgeError::NoAnswer(error.to_string()))?;
        // Only a process that answered is kept: after a breakdown the next question starts a new one.
        *slot = Some(process);
        let answer: Value = serde_json::from_str(&line)
            .map_err(|error| JudgeError::NoAnswer(format!("{error}: {line}")))?;
        if let Some(reason) = answer.get("error").and_then(Value::as_str) {
            return Err(JudgeError::Unreadable(reason.to_owned()));
        }
        serde_json::from_value(answer)
            .map_err(|error| JudgeError::NoAnswer(format!("{error}: {line}")))
    }
}

impl Process {
    fn start(mut command: Command) -> Result<Self, JudgeError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|source| JudgeError::NotThere {
                program: program.clone(),
                source,
            })?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(questions), Some(answers)) => Ok(Self {
                questions,
                answers: BufReader::new(answers),
                _child: child,
            }),
            _ => Err(JudgeError::NoAnswer(format!("{program} has no pipes"))),
        }
    }

    fn exchange(&mut self, question: &Value) -> std::io::Result<String> {
        writeln!(self.questions, "{question}")?;
        self.questions.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(std::io::Error::other(
                "it ended; `cargo xtask test --only judges` shows why",
            ));
        }
        Ok(line)
    }
}
