//! Counts tests in what test runners print.

/// How many tests a part ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
    /// Tests that were left out: here as bad as failed.
    pub skipped: u64,
}

impl Count {
    /// One check by its outcome.
    pub fn one(passed: bool) -> Self {
        Self {
            passed: u64::from(passed),
            failed: u64::from(!passed),
            skipped: 0,
        }
    }

    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

/// Adds up the `test result: …` lines of `cargo test`.
pub fn cargo_test(text: &str) -> Count {
    let mut count = Count::default();
    for line in text.lines() {
        let Some(rest) = line.trim().strip_prefix("test result: ") else {
            continue;
        };
        count.passed += before(rest, " passed");
        count.failed += before(rest, " failed");
        count.skipped += before(rest, " ignored");
    }
    count
}

/// Reads the closing lines of Node's test runner (`# pass 3`, or `ℹ pass 3`).
pub fn node_test(text: &str) -> Count {
    let mut count = Count::default();
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['#', 'ℹ']).trim_start();
        let mut words = line.split(' ');
        let (Some(name), Some(number), None) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let Ok(number) = number.parse::<u64>() else {
            continue;
        };
        match name {
            "pass" => count.passed += number,
            "fail" | "cancelled" => count.failed += number,
            "skipped" | "todo" => count.skipped += number,
            _ => {}
        }
    }
    count
}

/// Reads the closing line of Maven's test runner: `Tests run: 8, Failures: 0, Errors: 0, Skipped: 0`.
pub fn surefire(text: &str) -> Count {
    let mut count = Count::default();
    for line in text.lines().filter(|line| !line.contains("Time elapsed")) {
        let Some((_, rest)) = line.split_once("Tests run: ") else {
            continue;
        };
        let numbers: Vec<u64> = rest
            .split(", ")
            .filter_map(|part| part.rsplit(' ').next()?.parse().ok())
            .collect();
        if let [run, failures, errors, skipped] = numbers[..] {
            let failed = failures + errors;
            count.passed += run.saturating_sub(failed + skipped);
            count.failed += failed;
            count.skipped += skipped;
        }
    }
    count
}

/// Counts the closing lines of Swift Testing, one for each test: `✔ Test name() passed after 0.1 seconds.`
pub fn swift_testing(text: &str) -> Count {
    let mut count = Count::default();
    for line in text.lines() {
        let mut words = line.split(' ');
        let (Some(mark), Some("Test"), Some(name)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        match mark {
            // The closing line of all tests.
            _ if name == "run" => {}
            "✔" if line.contains(" passed after ") => count.passed += 1,
            "✘" if line.contains(" failed after ") => count.failed += 1,
            // Skipped, with its reason.
            "➜" => count.skipped += 1,
            _ => {}
        }
    }
    count
}

/// Reads the last `N passed, N failed` line; nothing if there is none.
pub fn totals(text: &str) -> Option<Count> {
    let line = text
        .lines()
        .rev()
        .find(|line| line.ends_with(" failed") && line.contains(" passed, "))?;
    Some(Count {
        passed: before(line, " passed"),
        failed: before(line, " failed"),
        skipped: 0,
    })
}

/// The whole number that ends right before `label`; 0 if there is none.
fn before(line: &str, label: &str) -> u64 {
    let Some(end) = line.find(label) else {
        return 0;
    };
    let digits: String = line
        .chars()
        .take(end)
        .collect::<String>()
        .chars()
        .rev()
        .take_while(char::is_ascii_digit)
        .collect();
    digits
        .chars()
        .rev()
        .collect::<String>()
        .parse()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maven_closes_with_one_line_for_all_classes() {
        let text =
            "[INFO] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 1 s -- in A
[WARNING] Tests run: 8, Failures: 1, Errors: 1, Skipped: 2
";
        let count = surefire(text);
        assert_eq!((count.passed, count.failed, count.skipped), (4, 2, 2));
    }

    #[test]
    fn swift_tests_are_counted_by_their_closing_lines() {
        let text = "◇ Test a() started.
✔ Test a() passed after 0.093 seconds.
✘ Test b() recorded an issue at X.swift:3:4: Expectation failed
✘ Test b() failed after 0.1 seconds with 1 issue.
➜ Test c() skipped: \"never\"
✔ Suite All passed after 0.1 seconds.
✘ Test run with 3 tests failed after 0.2 seconds with 1 issue.
";
        let count = swift_testing(text);
        assert_eq!((count.passed, count.failed, count.skipped), (1, 1, 1));
    }

    #[test]
    fn adds_up_several_cargo_binaries() {
        let text = "test a ... ok\n\
            test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.01s\n\
            test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out\n";
        let count = cargo_test(text);
        assert_eq!((count.passed, count.failed, count.skipped), (13, 2, 1));
    }

    #[test]
    fn a_crash_without_closing_lines_counts_nothing() {
        assert_eq!(cargo_test("error: could not compile"), Count::default());
    }

    #[test]
    fn reads_node_closing_lines_in_both_styles() {
        let tap = "# tests 4\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 0\n# todo 0\n";
        let spec = "ℹ tests 4\nℹ pass 3\nℹ fail 0\nℹ skipped 1\n";
        assert_eq!((node_test(tap).passed, node_test(tap).failed), (3, 1));
        assert_eq!((node_test(spec).passed, node_test(spec).skipped), (3, 1));
    }
}
