//! What comes from PyPI: schemathesis, the public holidays and a ticket system, each
//! in a virtual environment of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::Task;
use crate::progress;

const SCHEMATHESIS: &str = "4.32.5";
const HOLIDAYS: &str = "0.108";
const ROUNDUP: &str = "2.6.0";

/// The `schemathesis` program, which is installed first if it is missing.
pub(super) fn schemathesis(folder: &Path) -> Result<PathBuf> {
    let home = environment(folder, "schemathesis", SCHEMATHESIS)?;
    Ok(home.join("bin/schemathesis"))
}

/// A Python that has the package `holidays`, which is installed first if it is
/// missing.
pub(super) fn with_holidays(folder: &Path) -> Result<PathBuf> {
    let home = environment(folder, "holidays", HOLIDAYS)?;
    Ok(home.join("bin/python"))
}

/// A Python that has the package `roundup`, a ticket system for the tests, which is
/// installed first if it is missing.
pub(super) fn with_roundup(folder: &Path) -> Result<PathBuf> {
    let home = environment(folder, "roundup", ROUNDUP)?;
    Ok(home.join("bin/python"))
}

/// A virtual environment with one package.
fn environment(folder: &Path, package: &str, version: &str) -> Result<PathBuf> {
    let home = folder.join(format!("{package}-{version}"));
    // Written last, so that an interrupted installation is repeated.
    let installed = home.join("installed");
    if installed.is_file() {
        return Ok(home);
    }
    progress::step(format!(
        "tools: fetching {package} {version} from PyPI, once"
    ));
    Task::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&home)
        .run()
        .context("Python's `venv` is needed; on Debian: apt-get install python3-venv")?;
    Task::new(home.join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("{package}=={version}"))
        .run()
        .with_context(|| format!("pip could not install {package}; is PyPI reachable?"))?;
    std::fs::write(&installed, version)?;
    Ok(home)
}
