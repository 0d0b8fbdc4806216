//! What comes from npm: wasm-opt (package `binaryen`), esbuild and axe-core, in
//! the versions of `xtask/npm/package-lock.json`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::debian;
use crate::process::Task;
use crate::{progress, workspace};

const LOCK: &str = include_str!("../../npm/package-lock.json");

/// The packages as a fingerprint for the bundle.
pub(super) const VERSIONS: &str = LOCK;

/// The `node_modules` folder, which is filled first if it is missing or old.
pub(super) fn ensure(folder: &Path) -> Result<PathBuf> {
    debian::ensure(debian::NODE)?;
    let home = folder.join("npm");
    install(&workspace::root().join("xtask/npm"), &home, || {
        progress::step("tools: fetching wasm-opt, esbuild and axe-core from npm, once");
    })?;
    Ok(home.join("node_modules"))
}

/// Installs what the lock file in `source` names, unless the same was installed before.
pub(super) fn install(source: &Path, home: &Path, says: fn()) -> Result<()> {
    let lock = source.join("package-lock.json");
    let lock = std::fs::read_to_string(&lock)
        .with_context(|| format!("cannot read {}", lock.display()))?;
    // Written last, so that an interrupted installation is repeated.
    let installed = home.join("installed.json");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == lock) {
        return Ok(());
    }
    says();
    std::fs::create_dir_all(home)?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(source.join(name), home.join(name))
            .with_context(|| format!("cannot copy {name} into {}", home.display()))?;
    }
    Task::new("npm")
        .args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--loglevel=error",
        ])
        .folder(home)
        .run()
        .context("npm could not install its packages; is the npm registry reachable?")?;
    std::fs::write(&installed, lock)?;
    Ok(())
}
