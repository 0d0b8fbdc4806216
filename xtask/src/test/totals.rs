//! How many tests passed and failed, read from what their runners print.

/// Passed and failed tests of a stage; a check without tests counts as one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Totals {
    pub(super) fn success() -> Totals {
        Totals {
            passed: 1,
            failed: 0,
        }
    }

    pub(super) fn failure() -> Totals {
        Totals {
            passed: 0,
            failed: 1,
        }
    }

    pub(super) fn of_check(succeeded: bool) -> Totals {
        if succeeded {
            Totals::success()
        } else {
            Totals::failure()
        }
    }

    pub(super) fn add(&mut self, other: Totals) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Adds up the result lines of Rust's test runners, which `cargo test` and
/// wasm-bindgen's runner print alike. A runner that failed without saying which
/// test (a crash, a compile error) counts as one failure.
pub(super) fn of_rust_tests(text: &str, succeeded: bool) -> Totals {
    let mut totals = Totals::default();
    for line in text.lines() {
        if let Some(result) = without_colours(line).trim().strip_prefix("test result: ") {
            totals.passed += number_before(result, " passed");
            totals.failed += number_before(result, " failed");
        }
    }
    if !succeeded && totals.failed == 0 {
        totals.failed = 1;
    }
    totals
}

/// The totals of a JUnit report, from its outermost element.
pub(super) fn of_junit(report: &str, succeeded: bool) -> Totals {
    let element = report
        .split_once("<testsuites ")
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or("", |(attributes, _)| attributes);
    let tests = attribute(element, "tests");
    let failed = attribute(element, "failures") + attribute(element, "errors");
    let mut totals = Totals {
        passed: tests.saturating_sub(failed),
        failed,
    };
    if totals.failed == 0 && (!succeeded || tests == 0) {
        totals.failed = 1;
    }
    totals
}

/// The number in an XML attribute.
fn attribute(element: &str, name: &str) -> u64 {
    let quoted = element
        .split_whitespace()
        .find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    quoted
        .and_then(|value| value.trim_matches('"').parse().ok())
        .unwrap_or(0)
}

/// The number that ends right before a word.
fn number_before(text: &str, word: &str) -> u64 {
    let Some((before, _)) = text.split_once(word) else {
        return 0;
    };
    let digits = before
        .rsplit(|character: char| !character.is_ascii_digit())
        .next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The text without terminal escape sequences.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            let end = |character: &char| character.is_ascii_alphabetic();
            characters.by_ref().find(end);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_BINARIES: &str = "\
running 2 tests
test a ... ok
test b ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out; finished in 0.00s

test result: FAILED. 40 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
";

    #[test]
    fn the_results_of_several_runners_are_added() {
        assert_eq!(
            of_rust_tests(TWO_BINARIES, false),
            Totals {
                passed: 42,
                failed: 3
            }
        );
    }

    #[test]
    fn colours_do_not_hide_a_result() {
        let text =
            "\u{1b}[1mtest result: \u{1b}[32mok\u{1b}(B\u{1b}[m. 7 passed; 0 failed; 0 ignored\n";
        assert_eq!(
            of_rust_tests(text, true),
            Totals {
                passed: 7,
                failed: 0
            }
        );
    }

    #[test]
    fn the_browser_runner_prints_a_result_too() {
        let text = "Loading Wasm module...\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.02s\n";
        assert_eq!(
            of_rust_tests(text, true),
            Totals {
                passed: 1,
                failed: 0
            }
        );
    }

    #[test]
    fn a_runner_that_dies_is_a_failure() {
        assert_eq!(
            of_rust_tests("thread main has overflowed its stack", false),
            Totals::failure()
        );
        let died_later = "test result: ok. 5 passed; 0 failed; 0 ignored\nerror: boom";
        assert_eq!(
            of_rust_tests(died_later, false),
            Totals {
                passed: 5,
                failed: 1
            }
        );
    }

    #[test]
    fn a_junit_report_is_read_from_its_outermost_element() {
        let report = r#"<?xml version="1.0"?><testsuites errors="1" failures="2" skipped="0" tests="29" time="3.8">
            <testsuite name="s" errors="9" failures="9" tests="99"></testsuite></testsuites>"#;
        assert_eq!(
            of_junit(report, false),
            Totals {
                passed: 26,
                failed: 3
            }
        );
    }

    #[test]
    fn a_missing_or_empty_report_is_a_failure() {
        assert_eq!(of_junit("", true), Totals::failure());
        let unsaid = r#"<testsuites errors="0" failures="0" tests="4">"#;
        assert_eq!(
            of_junit(unsaid, false),
            Totals {
                passed: 4,
                failed: 1
            }
        );
        assert_eq!(
            of_junit(unsaid, true),
            Totals {
                passed: 4,
                failed: 0
            }
        );
    }

    #[test]
    fn a_test_that_prints_like_a_result_is_not_counted_inside_a_line() {
        assert_eq!(
            of_rust_tests("it said test result: ok. 9 passed; 0 failed", true),
            Totals::default()
        );
    }
}
