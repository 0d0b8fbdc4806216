//! Programs built from crates.io, once for each version.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::Task;
use crate::progress;

/// A program to build with `cargo install`.
pub(super) struct Crate {
    name: &'static str,
    pub(super) version: &'static str,
    /// The program that proves that it is installed.
    program: &'static str,
    /// More words for `cargo install`.
    options: &'static [&'static str],
    /// Optimisation: worth compiling longer only where the program works hard.
    level: &'static str,
    minutes: u32,
}

/// Without TLS it cannot download anything, which it never has to here.
pub(super) const TRUNK: Crate = Crate {
    name: "trunk",
    version: "0.21.14",
    program: "trunk",
    options: &["--locked", "--no-default-features"],
    level: "0",
    minutes: 3,
};

/// The version is that of `wasm-bindgen` in Cargo.lock. Its own lock file names
/// a package that the registry no longer lists, so it is not `--locked`.
pub(super) const WASM_BINDGEN: Crate = Crate {
    name: "wasm-bindgen-cli",
    version: "0.2.130",
    program: "wasm-bindgen",
    options: &[],
    level: "1",
    minutes: 2,
};

/// Takes the compiled program apart at the functions marked for it.
pub(super) const WASM_SPLIT: Crate = Crate {
    name: "wasm_split_cli_support",
    version: "0.2.4",
    program: "wasm-split-cli",
    options: &["--locked", "--features=build-binary"],
    level: "1",
    minutes: 1,
};

pub(super) const GECKODRIVER: Crate = Crate {
    name: "geckodriver",
    version: "0.37.1",
    program: "geckodriver",
    options: &["--locked"],
    level: "0",
    minutes: 1,
};

/// Advisories are not checked, so it needs no Git library.
pub(super) const CARGO_DENY: Crate = Crate {
    name: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    options: &["--locked"],
    level: "0",
    minutes: 3,
};

/// Runs the fuzzing; no part of the tests.
pub(super) const CARGO_FUZZ: Crate = Crate {
    name: "cargo-fuzz",
    version: "0.13.1",
    program: "cargo-fuzz",
    options: &["--locked"],
    level: "0",
    minutes: 1,
};

/// The folder with the program, which is built first if it is missing.
pub(super) fn ensure(tool: &Crate, folder: &Path) -> Result<PathBuf> {
    let home = folder.join(format!("{}-{}", tool.name, tool.version));
    let programs = home.join("bin");
    if !programs.join(tool.program).is_file() {
        progress::step(format!(
            "tools: building {} {}, once (about {} min on two cores)",
            tool.name, tool.version, tool.minutes
        ));
        install(tool, folder, &home)?;
    }
    Ok(programs)
}

fn install(tool: &Crate, folder: &Path, home: &Path) -> Result<()> {
    let scratch = folder.join("build");
    Task::new("cargo")
        .args(["install", tool.name, "--version", tool.version])
        .args(tool.options)
        .arg("--root")
        .arg(home)
        // Outside the checkout, so that its settings do not apply.
        .folder(folder)
        .env("CARGO_TARGET_DIR", &scratch)
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", tool.level)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .run()
        .with_context(|| {
            format!(
                "{} {} could not be built; is crates.io reachable?",
                tool.name, tool.version
            )
        })?;
    // The objects are large and of no further use; what stays behind only costs space.
    let _ = std::fs::remove_dir_all(&scratch);
    Ok(())
}
