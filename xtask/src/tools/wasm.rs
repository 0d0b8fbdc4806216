//! A Rust compiler with a standard library for `wasm32-unknown-unknown`.
//!
//! Usually rustup's own toolchain with one more target. Where rustup cannot
//! fetch that target, or [`PACKAGES_ONLY`] says that it shall not, Debian's compiler
//! with the standard library built from Debian's sources, linked into rustup as
//! `casement-wasm`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::debian;
use crate::process::Task;
use crate::progress;

const TARGET: &str = "wasm32-unknown-unknown";
const LINKED: &str = "casement-wasm";

/// Set where nothing may come from elsewhere than package registries, and where every run
/// should weigh the bundle of one and the same compiler. Without Debian it means nothing.
const PACKAGES_ONLY: &str = "CASEMENT_PACKAGES_ONLY";

/// Which compiler builds for the web.
pub(super) enum Toolchain {
    /// The one that builds everything else.
    Default,
    /// Another one, by its name in rustup.
    Linked(&'static str),
}

/// How long rustup may take to fetch a library of 30 MB before Debian's packages
/// are the better hope.
const PATIENCE: Duration = Duration::from_secs(180);

/// Finds or installs a compiler for the web.
pub(super) fn ensure(folder: &Path) -> Result<Toolchain> {
    let packages_only = std::env::var_os(PACKAGES_ONLY).is_some() && debian::is_debian();
    if !packages_only && has_target(&sysroot(Task::new("rustc"))?) {
        ensure_sources()?;
        return Ok(Toolchain::Default);
    }
    if linked_is_ready() {
        return Ok(Toolchain::Linked(LINKED));
    }
    if packages_only {
        return from_packages(folder);
    }
    progress::step(format!("tools: adding {TARGET} to the Rust toolchain"));
    let add = Task::new("rustup").args(["target", "add", TARGET]);
    if add.succeeds_within(PATIENCE) {
        ensure_sources()?;
        return Ok(Toolchain::Default);
    }
    if !debian::is_debian() {
        bail!("`rustup target add {TARGET}` failed; run it by itself to see why");
    }
    progress::note("rustup cannot fetch it; taking Debian's compiler and sources instead");
    from_packages(folder)
}

fn from_packages(folder: &Path) -> Result<Toolchain> {
    progress::step("tools: a compiler for the web from Debian's packages");
    debian::ensure(debian::RUST_FOR_WEB)?;
    link()?;
    build_standard_library(folder)?;
    Ok(Toolchain::Linked(LINKED))
}

/// The standard library's sources, since the bundle is built with one made for size.
fn ensure_sources() -> Result<()> {
    if sysroot(Task::new("rustc"))?
        .join("lib/rustlib/src/rust/library")
        .is_dir()
    {
        return Ok(());
    }
    progress::step("tools: adding the standard library's sources to the Rust toolchain");
    Task::new("rustup")
        .args(["component", "add", "rust-src"])
        .run()
        .context("`rustup component add rust-src` failed; run it by itself to see why")
}

fn linked(program: &str) -> Task {
    Task::new(program).env("RUSTUP_TOOLCHAIN", LINKED)
}

fn sysroot(rustc: Task) -> Result<PathBuf> {
    let told = rustc
        .args(["--print", "sysroot"])
        .read()
        .context("Rust is missing; install rustup's stable toolchain")?;
    Ok(PathBuf::from(told.trim()))
}

fn library_folder(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn has_target(sysroot: &Path) -> bool {
    library_folder(sysroot).is_dir()
}

/// The standard library must be that of the very compiler: an upgrade of the
/// Debian package makes the one built before useless.
fn linked_is_ready() -> bool {
    let Ok(sysroot) = sysroot(linked("rustc")) else {
        return false;
    };
    let Ok(version) = compiler_version() else {
        return false;
    };
    std::fs::read_to_string(marker(&sysroot)).is_ok_and(|built_for| built_for == version)
}

fn marker(sysroot: &Path) -> PathBuf {
    library_folder(sysroot).join("casement-built-for")
}

fn compiler_version() -> Result<String> {
    linked("rustc").arg("-vV").read()
}

fn link() -> Result<()> {
    Task::new("rustup")
        .args(["toolchain", "link", LINKED, "/usr"])
        .run()
        .context(
            "rustup is needed to use two compilers side by side; install it from https://rustup.rs",
        )
}

fn build_standard_library(folder: &Path) -> Result<()> {
    progress::step("tools: building Rust's standard library for the web, once (about a minute)");
    let package = folder.join("standard-library");
    std::fs::create_dir_all(package.join("src"))?;
    std::fs::write(package.join("Cargo.toml"), EMPTY_PACKAGE)?;
    std::fs::write(package.join("src/lib.rs"), "")?;
    linked("cargo")
        .args(["build", "--release", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,test")
        .folder(&package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env("RUSTC_BOOTSTRAP", "1")
        // Link-time optimisation of the portal needs the bitcode.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .run()?;
    install_standard_library(&package)
}

/// Copies the libraries into the compiler's own folder, the marker last.
fn install_standard_library(package: &Path) -> Result<()> {
    let sysroot = sysroot(linked("rustc"))?;
    let folder = library_folder(&sysroot);
    let built_for = package.join("casement-built-for");
    std::fs::write(&built_for, compiler_version()?)?;
    let built = package.join("target").join(TARGET).join("release/deps");
    let libraries: Vec<PathBuf> = std::fs::read_dir(&built)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "rlib")
        })
        .collect();
    if libraries.is_empty() {
        bail!("{} holds no library", built.display());
    }
    debian::as_root("rm").arg("-rf").arg(&folder).run()?;
    debian::as_root("mkdir").arg("-p").arg(&folder).run()?;
    debian::as_root("cp").args(&libraries).arg(&folder).run()?;
    debian::as_root("cp")
        .arg(&built_for)
        .arg(marker(&sysroot))
        .run()?;
    std::fs::remove_dir_all(package)?;
    Ok(())
}

const EMPTY_PACKAGE: &str = r#"[package]
name = "empty"
version = "0.0.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[workspace]
"#;
