//! `cargo xtask fuzz`: inputs made at random, from the seeds and guided by what they reach, for all
//! that reads something from outside. What must hold stands in `fuzz/properties.rs`, and the native
//! tests replay `fuzz/seeds`; an input that breaks a property is put there.
//!
//! The code has no `unsafe` of its own, so that no sanitizer is needed, and the stable compiler does.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::cli::FuzzOptions;
use crate::process::Task;
use crate::{progress, tools, workspace};

/// Runs the targets one after the other.
pub(crate) fn run(options: &FuzzOptions) -> Result<()> {
    let fuzz = workspace::root().join("fuzz");
    let known = targets(&fuzz)?;
    for name in &options.targets {
        if !known.contains(name) {
            bail!("there is no target `{name}`, but {}", known.join(", "));
        }
    }
    let chosen = if options.targets.is_empty() {
        &known
    } else {
        &options.targets
    };
    let program = tools::cargo_fuzz()?;
    let mut found = Vec::new();
    for target in chosen {
        progress::step(format!("fuzz: {target}, for {} s", options.seconds));
        if !one(&program, &fuzz, target, options.seconds)? {
            found.push(target.as_str());
        }
    }
    if !found.is_empty() {
        bail!(
            "a property is broken: {}; the inputs are in fuzz/seeds, where the native tests replay them",
            found.join(", ")
        );
    }
    Ok(())
}

/// The names of the targets, in order.
fn targets(fuzz: &Path) -> Result<Vec<String>> {
    let folder = fuzz.join("targets");
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        names.extend(
            path.file_stem()
                .and_then(|name| name.to_str())
                .map(String::from),
        );
    }
    names.sort();
    Ok(names)
}

/// Runs one target; false if an input breaks a property.
fn one(program: &Path, fuzz: &Path, target: &str, seconds: u64) -> Result<bool> {
    let built = workspace::target().join("fuzz");
    let corpus = built.join("corpus").join(target);
    let seeds = fuzz.join("seeds").join(target);
    std::fs::create_dir_all(&corpus)
        .with_context(|| format!("cannot make {}", corpus.display()))?;
    let held = Task::new(program)
        .args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir"])
        .arg(fuzz)
        .arg("--target-dir")
        .arg(built.join("build"))
        .arg(target)
        .args([&corpus, &seeds])
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .args(["-timeout=10", "-max_len=20000", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/found-", seeds.display()))
        .run();
    // How it ended is told by the program itself.
    Ok(held.is_ok())
}
