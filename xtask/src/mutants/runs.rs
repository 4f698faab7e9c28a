//! The tests, once for each mutant, until one fails. What came out is kept, so that a stopped run goes on.

use anyhow::{Context as _, Result, bail};
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::Suite;
use super::switches::Mutant;

/// A mutant that makes a test wait for ever is one that it notices.
const LIMIT: Duration = Duration::from_secs(120);

/// A built program of tests.
pub struct Program {
    /// Its target's name.
    pub name: String,
    /// Where it is.
    pub file: PathBuf,
    /// Its package's folder, where it runs.
    pub folder: PathBuf,
}

/// What came out for each mutant of a room.
pub struct Runs {
    known: BTreeMap<String, String>,
    file: File,
    room: &'static str,
}

impl Runs {
    /// Opens what an earlier run has left; other code's results do not count.
    pub fn open(home: &Path, room: &'static str, mutants: &[Mutant]) -> Result<Self> {
        let path = home.join(format!("{room}.tsv"));
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let rows = kept.lines().filter_map(|line| line.split_once('\t'));
        let known: BTreeMap<String, String> = rows
            .map(|(word, name)| (name.to_owned(), word.to_owned()))
            .collect();
        let now: HashSet<&str> = mutants.iter().map(|m| m.name.as_str()).collect();
        let same = known.keys().all(|name| now.contains(name.as_str()));
        let mut options = OpenOptions::new();
        options.create(true);
        let file = if same {
            options.append(true).open(&path)?
        } else {
            options.write(true).truncate(true).open(&path)?
        };
        Ok(Self {
            known: if same { known } else { BTreeMap::new() },
            file,
            room,
        })
    }

    /// Runs what is not known yet; names the mutants that no test noticed.
    pub fn all(
        &mut self,
        programs: &[Program],
        suites: &[Suite],
        mutants: &[Mutant],
        placed: &HashSet<u32>,
    ) -> Result<Vec<String>> {
        let suites: Vec<(Vec<&Program>, &[&str])> = suites
            .iter()
            .map(|suite| {
                let named = programs.iter().filter(|p| p.name == suite.program);
                (named.collect(), suite.filters)
            })
            .filter(|(programs, _): &(Vec<&Program>, _)| !programs.is_empty())
            .collect();
        if suites.is_empty() {
            bail!("no tests for {}", self.room);
        }
        for (programs, filters) in &suites {
            for program in programs {
                if noticed(program, filters, 0)? {
                    bail!("{} fails without a mutant", program.name);
                }
            }
        }
        let todo = mutants.iter().filter(|m| placed.contains(&m.number));
        let total = todo.clone().count();
        for (index, mutant) in todo.enumerate() {
            if self.known.contains_key(&mutant.name) {
                continue;
            }
            let mut by = None;
            for (program, filters) in suites
                .iter()
                .flat_map(|(programs, filters)| programs.iter().map(move |p| (p, filters)))
            {
                if noticed(program, filters, mutant.number)? {
                    by = Some(program.name.clone());
                    break;
                }
            }
            let word = by.unwrap_or_else(|| "MISSED".to_owned());
            println!("      {}/{total} {word}: {}", index + 1, mutant.name);
            writeln!(self.file, "{word}\t{}", mutant.name)?;
            self.known.insert(mutant.name.clone(), word);
        }
        let missed = self.known.iter().filter(|(_, word)| *word == "MISSED");
        let missed: Vec<String> = missed.map(|(name, _)| name.clone()).collect();
        println!(
            "      {}: {} of {} changes of checks run, {} not noticed",
            self.room,
            self.known.len(),
            mutants.len(),
            missed.len()
        );
        Ok(missed)
    }
}

/// Whether a program fails with this mutant; ended at its first failed test.
fn noticed(program: &Program, filters: &[&str], number: u32) -> Result<bool> {
    let mut child = Command::new(&program.file)
        .args(filters)
        .current_dir(&program.folder)
        .env("KAPOK_MUTANT", number.to_string())
        .env("CARGO_MANIFEST_DIR", &program.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", program.file.display()))?;
    let lines = lines(&mut child)?;
    let until = Instant::now() + LIMIT;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) if !line.ends_with("... FAILED") => {}
            Ok(_) | Err(mpsc::RecvTimeoutError::Timeout) => {
                let _ = child.kill();
                child.wait()?;
                return Ok(true);
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(!child.wait()?.success()),
        }
    }
}

fn lines(child: &mut Child) -> Result<mpsc::Receiver<String>> {
    let output = child.stdout.take().context("no output")?;
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    Ok(receive)
}
