//! `cargo xtask check-policy`: all that is wrong with policy files, or hardly meant, as the page
//! of the portal that takes a dropped file tells it. What is looked at is the core's business.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use casement::core::policy::advice::examine_text;
use casement::core::reader::Problem;

/// Checks the files and says whether the portal could use all of them.
pub(crate) fn check(paths: &[PathBuf]) -> Result<bool> {
    let mut usable = true;
    for path in paths {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        // What is not UTF-8 is no JSON either, and is told as such with its place.
        let examined = examine_text(&String::from_utf8_lossy(&bytes));
        let (mistakes, advice) = (examined.problems.len(), examined.advice.len());
        usable &= mistakes == 0;
        println!(
            "{}: {}, {}",
            path.display(),
            counted(mistakes, "mistake", "mistakes"),
            counted(advice, "thing to look at", "things to look at")
        );
        for (mark, problem) in examined
            .problems
            .iter()
            .map(|problem| ('✗', problem))
            .chain(examined.advice.iter().map(|problem| ('·', problem)))
        {
            println!("{}", told(mark, problem));
        }
    }
    Ok(usable)
}

/// A finding with its place and its mend.
pub(crate) fn told(mark: char, problem: &Problem) -> String {
    let place = match problem.path.as_str() {
        "" => "the file",
        path => path,
    };
    format!(
        "{mark} {place}\n    expected  {}\n    found     {}\n    to do     {}",
        problem.expected, problem.found, problem.mend
    )
}

/// A count as a person says it.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_names_its_place_and_its_mend() {
        let problem = Problem {
            path: "steps[0].id".into(),
            expected: "a text".into(),
            found: "7".into(),
            mend: "put it in quotes".into(),
        };
        assert_eq!(
            told('✗', &problem),
            "✗ steps[0].id\n    expected  a text\n    found     7\n    to do     put it in quotes"
        );
    }

    #[test]
    fn counts_are_said_as_a_person_says_them() {
        let said: Vec<String> = [0, 1, 2]
            .map(|count| counted(count, "mistake", "mistakes"))
            .into();
        assert_eq!(said, ["no mistakes", "1 mistake", "2 mistakes"]);
    }
}
