//! What the project needs on a machine, in pinned versions.
//!
//! [`Tools::for_portal`] makes sure of what the bundle needs, and
//! [`TestTools::ensure`] of what the tests need besides. Both look first and
//! install only what is missing. Tools of registries live in the user's cache
//! folder, each version in a folder of its own, so that checkouts share them.

mod crates;
mod debian;
mod node;
mod python;
mod wasm;

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub(crate) use debian::{is_root, lasting_webkit};

use crate::process::{Task, find};
use crate::workspace;
use wasm::Toolchain;

/// What builds the portal.
pub(crate) struct Tools {
    toolchain: Toolchain,
    path: OsString,
    npm: PathBuf,
}

impl Tools {
    /// Finds or installs what the bundle needs.
    pub(crate) fn for_portal() -> Result<Tools> {
        let folder = folder()?;
        let _alone = lock(&folder)?;
        let toolchain = wasm::ensure(&folder)?;
        let trunk = crates::ensure(&crates::TRUNK, &folder)?;
        let bindgen = crates::ensure(&crates::WASM_BINDGEN, &folder)?;
        let split = crates::ensure(&crates::WASM_SPLIT, &folder)?;
        let npm = node::ensure(&folder)?;
        let path = path_with(&[trunk, bindgen, split, npm.join(".bin")])?;
        Ok(Tools {
            toolchain,
            path,
            npm,
        })
    }

    /// A program that sees the pinned tools first, and the compiler for the web.
    pub(crate) fn task(&self, program: &str) -> Task {
        let task = Task::new(program).env("PATH", &self.path);
        match &self.toolchain {
            Toolchain::Default => task,
            Toolchain::Linked(name) => task.env("RUSTUP_TOOLCHAIN", name),
        }
    }

    /// Fills a folder with the npm packages that the lock file in `source` names, unless they are
    /// there; `says` so before it takes its time.
    pub(crate) fn npm_packages(&self, source: &Path, home: &Path, says: fn()) -> Result<()> {
        node::install(source, home, says)
    }

    /// A file of an npm package.
    pub(crate) fn npm_file(&self, path: &str) -> PathBuf {
        self.npm.join(path)
    }

    /// What a bundle depends on besides its sources.
    pub(crate) fn versions(&self) -> String {
        format!(
            "trunk {} wasm-bindgen {} wasm-split {} {}",
            crates::TRUNK.version,
            crates::WASM_BINDGEN.version,
            crates::WASM_SPLIT.version,
            node::VERSIONS
        )
    }
}

/// What the tests need besides [`Tools`].
pub(crate) struct TestTools {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
    pub(crate) firefox: PathBuf,
    pub(crate) geckodriver: PathBuf,
    pub(crate) webkitdriver: PathBuf,
    pub(crate) postgres: PathBuf,
    pub(crate) schemathesis: PathBuf,
    pub(crate) cargo_deny: PathBuf,
    /// A Python with the ticket system Roundup.
    pub(crate) roundup: PathBuf,
    pub(crate) caddy: PathBuf,
}

impl TestTools {
    /// Finds or installs browsers, drivers, PostgreSQL, ticket systems and the checkers; for the
    /// full tests a further ticket system.
    pub(crate) fn ensure(full: bool) -> Result<TestTools> {
        let folder = folder()?;
        let _alone = lock(&folder)?;
        debian::ensure(debian::FOR_TESTS)?;
        if full {
            debian::request_tracker()?;
        }
        let geckodriver = crates::ensure(&crates::GECKODRIVER, &folder)?.join("geckodriver");
        let cargo_deny = crates::ensure(&crates::CARGO_DENY, &folder)?.join("cargo-deny");
        Ok(TestTools {
            chromium: program("chromium")?,
            chromedriver: program("chromedriver")?,
            firefox: program("firefox-esr")?,
            geckodriver,
            webkitdriver: program("WebKitWebDriver")?,
            postgres: debian::postgres_programs()?,
            schemathesis: python::schemathesis(&folder)?,
            cargo_deny,
            roundup: python::with_roundup(&folder)?,
            caddy: debian::unpacked("caddy", "caddy", &folder)?,
        })
    }
}

/// Chromium, which is installed first if it is missing.
pub(crate) fn chromium() -> Result<PathBuf> {
    let _alone = lock(&folder()?)?;
    debian::ensure(debian::FOR_TESTS)?;
    program("chromium")
}

/// `cargo-fuzz`, which is built first if it is missing.
pub(crate) fn cargo_fuzz() -> Result<PathBuf> {
    let folder = folder()?;
    let _alone = lock(&folder)?;
    Ok(crates::ensure(&crates::CARGO_FUZZ, &folder)?.join("cargo-fuzz"))
}

/// A Python that has the package `holidays`.
pub(crate) fn python_with_holidays() -> Result<PathBuf> {
    let folder = folder()?;
    let _alone = lock(&folder)?;
    python::with_holidays(&folder)
}

fn folder() -> Result<PathBuf> {
    let folder = workspace::cache()?.join("tools");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the tools folder {}", folder.display()))?;
    Ok(folder)
}

/// Keeps two checkouts from installing the same tool at once. The lock ends with
/// the returned value.
fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if file.try_lock().is_err() {
        crate::progress::step("tools: waiting for another `cargo xtask` that is installing");
        file.lock()
            .with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

fn path_with(first: &[PathBuf]) -> Result<OsString> {
    let present = std::env::var_os("PATH").unwrap_or_default();
    let folders = first.iter().cloned().chain(std::env::split_paths(&present));
    std::env::join_paths(folders).context("a folder on the PATH has an impossible name")
}

fn program(name: &str) -> Result<PathBuf> {
    find(name).with_context(|| format!("`{name}` is not on the PATH; install it and try again"))
}
