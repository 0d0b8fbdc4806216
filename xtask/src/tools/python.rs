//! What comes from PyPI: schemathesis, in a virtual environment of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::Task;
use crate::progress;

const VERSION: &str = "4.32.5";

/// The `schemathesis` program, which is installed first if it is missing.
pub(super) fn schemathesis(folder: &Path) -> Result<PathBuf> {
    let home = folder.join(format!("schemathesis-{VERSION}"));
    let program = home.join("bin/schemathesis");
    // Written last, so that an interrupted installation is repeated.
    let installed = home.join("installed");
    if installed.is_file() {
        return Ok(program);
    }
    progress::step(format!(
        "tools: fetching schemathesis {VERSION} from PyPI, once"
    ));
    Task::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&home)
        .run()
        .context("Python's `venv` is needed; on Debian: apt-get install python3-venv")?;
    Task::new(home.join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check"])
        .arg(format!("schemathesis=={VERSION}"))
        .run()
        .context("pip could not install schemathesis; is PyPI reachable?")?;
    std::fs::write(&installed, VERSION)?;
    Ok(program)
}
