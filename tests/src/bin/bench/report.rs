//! The table on the screen and the same as JSON.

use super::figure::{Figure, Must};
use serde::Serialize;
use std::fmt::Write as _;

/// Where it was measured.
#[derive(Serialize)]
pub struct Machine {
    /// Name of the processor.
    pub cpu: String,
    /// Logical processors that this process may use.
    pub cores: usize,
    /// Memory, GB.
    pub memory_gb: f64,
    /// Operating system and architecture.
    pub system: String,
}

impl Machine {
    /// This one; what the system does not tell is `unknown` or 0.
    pub fn here() -> Self {
        let line = |file: &str, key: &str| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let found = text.lines().find_map(|line| line.strip_prefix(key));
            found.map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned())
        };
        let kb = line("/proc/meminfo", "MemTotal").unwrap_or_default();
        let kb: f64 = kb.trim_end_matches(" kB").parse().unwrap_or(0.0);
        Self {
            cpu: line("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gb: kb / 1e6,
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// What one subject gave.
#[derive(Serialize)]
pub struct Part {
    /// Its name.
    pub subject: &'static str,
    /// What it measures.
    pub about: &'static str,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// Why it was not measured to its end.
    pub error: Option<String>,
}

/// All that was measured.
#[derive(Serialize)]
pub struct Report {
    /// Where.
    pub machine: Machine,
    /// Subject by subject.
    pub parts: Vec<Part>,
}

impl Report {
    /// The table.
    pub fn table(&self) -> String {
        let Machine {
            cpu,
            cores,
            memory_gb,
            system,
        } = &self.machine;
        let profile = if cfg!(debug_assertions) {
            "NOT the release profile"
        } else {
            "release profile"
        };
        let mut out = format!("{cpu}, {cores} cores, {memory_gb:.0} GB, {system}, {profile}\n");
        let width = self.parts.iter().flat_map(|part| &part.figures);
        let width = width.map(|f| f.what.chars().count()).max().unwrap_or(0) + 2;
        for part in &self.parts {
            let heads = ["unit", "runs", "min", "median", "p95", "p99"];
            let _ = writeln!(out, "\n{}: {}", part.subject, part.about);
            let _ = write!(out, "{:<width$}", "");
            let _ = write!(out, "{:>6}", heads[0]);
            heads[1..].iter().for_each(|head| {
                let _ = write!(out, "{head:>9}");
            });
            let _ = writeln!(out, "{:>12}  holds", "must");
            for figure in &part.figures {
                let _ = writeln!(out, "{}", line(figure, width));
            }
            if let Some(error) = &part.error {
                let _ = writeln!(out, "  not measured: {error}");
            }
        }
        out
    }

    /// Whether every subject was measured to its end.
    pub fn complete(&self) -> bool {
        self.parts.iter().all(|part| part.error.is_none())
    }
}

fn line(figure: &Figure, width: usize) -> String {
    let mut out = format!("  {:<w$}{:>6}", figure.what, figure.unit, w = width - 2);
    let _ = write!(out, "{:>9}", figure.runs);
    if figure.runs == 1 {
        let _ = write!(
            out,
            "{:>9}{:>9}{:>9}{:>9}",
            "",
            number(figure.median),
            "",
            ""
        );
    } else {
        for value in [figure.min, figure.median, figure.p95, figure.p99] {
            let _ = write!(out, "{:>9}", number(value));
        }
    }
    let must = match figure.must {
        Some(Must::AtMost(limit)) => format!("≤ {}", number(limit)),
        Some(Must::AtLeast(limit)) => format!("≥ {}", number(limit)),
        Some(Must::AllAtMost(limit)) => format!("all ≤ {}", number(limit)),
        None => String::new(),
    };
    let holds = match figure.holds {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "",
    };
    let _ = write!(out, "{must:>12}  {holds}");
    out.trim_end().to_owned()
}

/// Three digits that count, no more.
fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 || v == 0.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_limit_and_a_failed_subject_are_plain_to_see() {
        let slow = Figure::new("slow", "ms", vec![3.0, 4.0, 5.0]).must(Must::AtMost(2.0));
        let part = |figures, error| Part {
            subject: "pdf",
            about: "signing",
            figures,
            error,
        };
        let report = |part| Report {
            machine: Machine::here(),
            parts: vec![part],
        };
        let measured = report(part(vec![slow], None));
        assert!(measured.complete());
        let table = measured.table();
        let line = table.lines().last().unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            words,
            [
                "slow", "ms", "3", "3.00", "4.00", "5.00", "5.00", "≤", "2.00", "NO"
            ]
        );
        let failed = report(part(Vec::new(), Some("no java".to_owned())));
        assert!(!failed.complete() && failed.table().contains("not measured: no java"));
    }
}
