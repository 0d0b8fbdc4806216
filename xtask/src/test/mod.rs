//! `cargo xtask test`: every check of the project, stage by stage.
//!
//! All stages run even if one fails, so that one run tells everything. Each
//! reports totals; the last line adds them up. `stages` holds what each one does,
//! `session` what several of them share (compiled tests, the bundle).

mod faults;
mod openapi;
mod postgres;
mod session;
mod stages;
mod totals;
mod tus;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::cli::TestOptions;
use crate::{interrupt, progress};
pub(crate) use faults::command as faults;
use session::Session;
use stages::{STAGES, Stage};
use totals::Totals;

/// How one stage went.
struct Report {
    name: &'static str,
    totals: Totals,
    time: Duration,
}

/// Runs the chosen stages and fails if anything in them failed.
pub(crate) fn run(options: &TestOptions) -> Result<()> {
    interrupt::ends_everything()?;
    let (stages, names) = choose(&options.words);
    let session = Session::prepare(options.full, names)?;
    let reports: Vec<Report> = thread::scope(|scope| {
        if stages.iter().any(|stage| stage.needs_bundle) {
            // Most of the bundle's time goes into one long step on one core, beside which the other
            // stages go on. The stage that needs it tells what came of it.
            scope.spawn(|| session.bundle().is_ok());
        }
        stages
            .into_iter()
            .map(|stage| run_stage(stage, &session))
            .collect()
    });
    let failed = summarise(&reports);
    if failed == 0 {
        Ok(())
    } else {
        bail!("the tests did not all pass")
    }
}

/// Splits the words into stages and parts of test names. Without a stage among
/// them all stages are meant, or with names all those that run named tests.
fn choose(words: &[String]) -> (Vec<&'static Stage>, Vec<String>) {
    let is_stage = |word: &String| STAGES.iter().any(|stage| stage.name == *word);
    let (stages, names): (Vec<String>, Vec<String>) = words.iter().cloned().partition(is_stage);
    let chosen = STAGES
        .iter()
        .filter(|stage| stages.is_empty() || stages.iter().any(|name| name == stage.name))
        .filter(|stage| names.is_empty() || stage.has_named_tests)
        .collect();
    (chosen, names)
}

fn run_stage(stage: &Stage, session: &Session) -> Report {
    println!("\n━━ {}: {}", stage.name, stage.about);
    let start = Instant::now();
    let totals = match (stage.run)(session) {
        Ok(totals) => totals,
        Err(problem) => {
            println!("✗ {problem:#}");
            Totals::failure()
        }
    };
    Report {
        name: stage.name,
        totals,
        time: start.elapsed(),
    }
}

/// Prints the table and the last line; returns how many failed.
fn summarise(reports: &[Report]) -> u64 {
    println!("\n━━ summary");
    let mut sum = Totals::default();
    for report in reports {
        let mark = if report.totals.failed == 0 {
            "✓"
        } else {
            "✗"
        };
        println!(
            "{mark} {:<9} {:>5} passed {:>4} failed  {:>12}",
            report.name,
            report.totals.passed,
            report.totals.failed,
            progress::seconds(report.time)
        );
        sum.add(report.totals);
    }
    println!("\n{} passed, {} failed", sum.passed, sum.failed);
    sum.failed
}

/// A new folder below the system's temporary one, removed with this value.
pub(crate) struct TemporaryFolder {
    path: PathBuf,
}

impl TemporaryFolder {
    pub(crate) fn new(purpose: &str) -> Result<TemporaryFolder> {
        let base = std::env::temp_dir();
        for attempt in 0_u32.. {
            let name = format!("casement-{purpose}-{}-{attempt}", std::process::id());
            let path = base.join(name);
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(TemporaryFolder { path }),
                Err(problem) if problem.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(problem) => {
                    return Err(problem).with_context(|| format!("cannot make {}", path.display()));
                }
            }
        }
        bail!("every name below {} is taken", base.display())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Left behind it costs space until the system tidies up, no more.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(words: &[&str]) -> (Vec<&'static str>, Vec<String>) {
        let words: Vec<String> = words.iter().copied().map(String::from).collect();
        let (stages, names) = choose(&words);
        (stages.iter().map(|stage| stage.name).collect(), names)
    }

    #[test]
    fn without_words_every_stage_runs_in_order() {
        let (stages, names) = chosen(&[]);
        assert_eq!(stages.len(), STAGES.len());
        assert_eq!(stages.first(), Some(&"format"));
        assert_eq!(names, Vec::<String>::new());
    }

    #[test]
    fn a_stage_and_a_name_choose_both() {
        assert_eq!(
            chosen(&["native", "cms_10"]),
            (vec!["native"], vec![String::from("cms_10")])
        );
    }

    #[test]
    fn a_name_alone_chooses_the_stages_with_named_tests() {
        let (stages, _) = chosen(&["cms_10"]);
        assert_eq!(stages, ["native", "backend", "postgres", "browser", "e2e"]);
    }

    #[test]
    fn the_help_page_names_every_stage() {
        for stage in STAGES {
            assert!(crate::cli::HELP.contains(stage.name), "{}", stage.name);
        }
    }

    #[test]
    fn temporary_folders_are_distinct_and_removed() {
        let one = TemporaryFolder::new("same").unwrap();
        let other = TemporaryFolder::new("same").unwrap();
        assert_ne!(one.path(), other.path());
        let path = one.path().to_owned();
        drop(one);
        assert!(!path.exists() && other.path().exists());
    }
}
