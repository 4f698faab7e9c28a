//! `cargo xtask test`: the parts in order, one line each, and `N passed, N failed` at the very end.

use anyhow::{Result, bail};
use std::time::Instant;

use crate::context::{Context, duration};
use crate::count::Count;
use crate::parts::{self, Part};
use crate::tools;

/// Names the parts that this checkout has.
pub fn list(context: &Context) {
    for part in parts::present(context) {
        println!("{:<10} {}", part.name, part.about);
    }
}

/// Runs all parts, or those named in `only`. Answers whether everything passed.
pub fn run(context: &Context, only: &[String]) -> Result<bool> {
    let chosen = choose(parts::present(context), only)?;
    let started = Instant::now();
    let names: Vec<&str> = chosen.iter().map(|part| part.name).collect();
    tools::provide(context, &tools::for_parts(&names))?;

    let mut total = Count::default();
    for (index, part) in chosen.iter().enumerate() {
        println!(
            "[{}/{}] {}: {}",
            index + 1,
            chosen.len(),
            part.name,
            part.about
        );
        total = total.plus(run_part(context, part));
    }
    println!("all parts took {}", duration(started.elapsed()));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(total.failed == 0)
}

fn choose(present: Vec<Part>, only: &[String]) -> Result<Vec<Part>> {
    if only.is_empty() {
        return Ok(present);
    }
    for name in only {
        if !present.iter().any(|part| part.name == name) {
            let names: Vec<&str> = present.iter().map(|part| part.name).collect();
            bail!("no part `{name}` here; there are: {}", names.join(", "));
        }
    }
    Ok(present
        .into_iter()
        .filter(|part| only.iter().any(|name| name == part.name))
        .collect())
}

/// Runs one part. A part that errs, skips a test or runs none has failed.
fn run_part(context: &Context, part: &Part) -> Count {
    let started = Instant::now();
    let (count, reason) = match (part.run)(context) {
        Ok(count) => judge(count),
        Err(error) => (Count::one(false), Some(format!("{error:#}"))),
    };
    let word = if count.failed == 0 { "ok" } else { "FAILED" };
    println!(
        "      {word}: {} passed, {} failed, {}",
        count.passed,
        count.failed,
        duration(started.elapsed())
    );
    if let Some(reason) = reason {
        println!("      {}: {reason}", part.name);
    }
    count
}

fn judge(count: Count) -> (Count, Option<String>) {
    if count.passed + count.failed == 0 {
        return (Count::one(false), Some("ran no test".into()));
    }
    if count.skipped > 0 {
        let reason = format!("{} tests were skipped: none may be", count.skipped);
        return (
            Count {
                failed: count.failed + count.skipped,
                ..count
            },
            Some(reason),
        );
    }
    (count, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_without_tests_has_failed() {
        let (count, reason) = judge(Count::default());
        assert_eq!(count.failed, 1);
        assert!(reason.is_some());
    }

    #[test]
    fn a_skipped_test_has_failed() {
        let ran = Count {
            passed: 5,
            failed: 0,
            skipped: 2,
        };
        assert_eq!(judge(ran).0.failed, 2);
    }
}
