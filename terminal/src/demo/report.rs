//! What the journey did, how long each step took, and what each check found: `report.json`, and the lines on the screen.

use crate::cli::Lang;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::Write;
use std::time::{Duration, Instant};

/// One step of the journey.
#[derive(Serialize)]
pub struct Step {
    /// Short name, stable.
    pub step: &'static str,
    /// What was done, in the language of the run.
    pub title: String,
    /// How long it took, milliseconds.
    pub ms: u128,
}

/// One check of what came out.
#[derive(Serialize, Clone)]
pub struct Check {
    /// Short name, stable.
    pub check: String,
    /// It holds.
    pub ok: bool,
    /// What was found.
    pub detail: String,
}

/// The report.
#[derive(Serialize)]
pub struct Report {
    /// All checks hold.
    pub ok: bool,
    /// Version of Kapok.
    pub version: &'static str,
    /// The document's name.
    pub document: String,
    /// Pages of the document.
    pub pages: u32,
    /// Bytes of the document.
    pub bytes: u64,
    /// From start to the last check, milliseconds.
    pub total_ms: u128,
    /// Largest resident memory, bytes; 0 where the system does not tell.
    pub peak_rss_bytes: u64,
    /// Steps in order.
    pub steps: Vec<Step>,
    /// Checks in order.
    pub checks: Vec<Check>,
    /// Files made, relative to the output folder.
    pub files: Vec<String>,
}

/// Shows the steps while they run and keeps their times.
pub struct Progress {
    lang: Lang,
    quiet: bool,
    started: Instant,
    bar: ProgressBar,
    steps: Vec<Step>,
}

impl Progress {
    /// Starts the clock.
    pub fn new(lang: Lang, quiet: bool) -> Self {
        let bar = if quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new_spinner()
        };
        bar.set_style(
            ProgressStyle::with_template("  {spinner} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.enable_steady_tick(Duration::from_millis(90));
        Self {
            lang,
            quiet,
            started: Instant::now(),
            bar,
            steps: Vec::new(),
        }
    }

    /// Runs one step and keeps its time.
    pub async fn step<T, E>(
        &mut self,
        step: &'static str,
        (zh, en): (&str, &str),
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let title = self.lang.pick(zh, en).to_owned();
        self.bar.set_message(title.clone());
        let begun = Instant::now();
        let done = work.await;
        let ms = begun.elapsed().as_millis();
        let mark = if done.is_ok() { '✓' } else { '✗' };
        self.line(&format!("  {mark} {title}  {ms} ms"));
        self.steps.push(Step { step, title, ms });
        done
    }

    /// Prints a line above the spinner.
    pub fn line(&self, text: &str) {
        if self.quiet {
            return;
        }
        if self.bar.is_hidden() {
            print(text);
        } else {
            self.bar.println(text);
        }
    }

    /// Stops the clock.
    pub fn finish(self) -> (Vec<Step>, Duration) {
        self.bar.finish_and_clear();
        (self.steps, self.started.elapsed())
    }
}

/// A line on standard output. Nobody may be listening any more, as behind `| head`: that does not stop the journey.
pub fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The largest resident memory of this process so far, in bytes.
pub fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|rest| {
        rest.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()
    });
    kib.unwrap_or(0) * 1024
}
