//! The portal's static files: built by Trunk, taken apart, stamped, compressed and weighed.
//!
//! [`build`] leaves a bundle in `dist/` that belongs to the present sources; it
//! does nothing if the one there already does. What a browser makes of the files
//! is left to the portal and its service worker.

mod element;
mod inputs;
mod leftover;
mod names;
mod notes;
mod split;
mod stamp;
mod weight;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::Task;
use crate::tools::Tools;
use crate::{progress, workspace};
pub(crate) use weight::Weight;

/// `cargo xtask build`: the bundle, and what its first load weighs.
pub(crate) fn command() -> Result<()> {
    let tools = Tools::for_portal()?;
    let weight = build(&tools)?;
    println!("{weight}");
    println!("{}", workspace::dist().display());
    Ok(())
}

/// Builds the bundle unless it is there, and weighs its first load.
pub(crate) fn build(tools: &Tools) -> Result<Weight> {
    let dist = workspace::dist();
    let wanted = inputs::fingerprint(&workspace::root(), &tools.versions())?;
    if is_current(&dist, &wanted) {
        progress::step("portal: the bundle is up to date");
    } else {
        progress::step("portal: building the release bundle (a few minutes after a change)");
        // Forgotten first, so that an interrupted build is never taken for a whole one.
        forget();
        build_with_trunk(tools)?;
        finish(tools, &dist)?;
        remember(&wanted)?;
    }
    weight::of(&dist)
}

/// Fetches the packages Trunk will ask for, because Trunk builds offline.
pub(crate) fn fetch_crates(tools: &Tools) -> Result<()> {
    tools
        .task("cargo")
        .args(["fetch", "--quiet"])
        .run()
        .context("the packages of Cargo.lock could not be fetched; is crates.io reachable?")
}

/// Trunk with the settings it needs whatever it does.
pub(crate) fn trunk(tools: &Tools, command: &str) -> Task {
    // Trunk takes only `true` or `false` for NO_COLOR, against the convention.
    let colourless = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tools
        .task("trunk")
        .arg(command)
        .env("NO_COLOR", if colourless { "true" } else { "false" })
        // A compile error is cargo's to show; Trunk's own stack hides it.
        .env("RUST_BACKTRACE", "0")
}

/// What makes the download a tenth smaller: a standard library built for size, without the texts
/// and places of panics and of `{:?}`, none of which a visitor ever sees. The compiler counts these
/// as unstable, which is why they are here, where the compiler's version is pinned, and not in
/// `.cargo/config.toml`. The relocations are for [`split`].
const LEAN: [(&str, &str); 4] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "--cfg=erase_components -Zlocation-detail=none -Zfmt-debug=none -Zunstable-options \
         -Cpanic=immediate-abort -Clink-args=--emit-relocs",
    ),
];

fn build_with_trunk(tools: &Tools) -> Result<()> {
    fetch_crates(tools)?;
    // The standard library's own packages, which Trunk asks for offline too.
    lean(tools.task("cargo"))
        .args(["fetch", "--quiet", "--target=wasm32-unknown-unknown"])
        .run()
        .context("the packages of the standard library could not be fetched")?;
    lean(trunk(tools, "build"))
        .args(["--release", "--features=split", "--log=error"])
        .run()
}

fn lean(task: Task) -> Task {
    LEAN.iter()
        .fold(task, |task, (name, value)| task.env(name, value))
}

/// Everything Trunk leaves to do.
fn finish(tools: &Tools, dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let html = fs::read_to_string(&page).context("Trunk made no index.html")?;
    fs::write(&page, stamp::without_build_links(&html))?;
    split::split(tools, dist)?;
    minify(tools, dist)?;
    element::describe(dist)?;
    notes::drop_notes(dist)?;
    stamp::stamp(dist)?;
    tools
        .task("node")
        .arg(workspace::root().join("xtask/npm/compress.mjs"))
        .arg(dist)
        .run_quietly()
        .context("the bundle could not be compressed")
}

/// Shortens names and drops blanks and remarks of scripts and style sheets. It
/// puts nothing together: files keep their names and what they import.
fn minify(tools: &Tools, dist: &Path) -> Result<()> {
    let files = files_below(dist)?;
    let scripts = files
        .iter()
        .filter(|file| file.ends_with(".js") || file.ends_with(".css"));
    tools
        .task("esbuild")
        .args(scripts)
        .args(["--minify", "--target=es2022", "--log-level=warning"])
        .args(["--outdir=.", "--outbase=.", "--allow-overwrite"])
        .folder(dist)
        .run()
        .context("the scripts could not be minified")
}

/// The file that tells which inputs `dist/` was made from.
fn memory() -> PathBuf {
    workspace::target().join("casement").join("bundle-inputs")
}

fn is_current(dist: &Path, wanted: &str) -> bool {
    let stamped = fs::read_to_string(dist.join(stamp::ASSETS));
    let remembered = fs::read_to_string(memory());
    match (stamped, remembered) {
        (Ok(stamped), Ok(remembered)) => remembered == memorandum(wanted, &stamped),
        _ => false,
    }
}

fn remember(wanted: &str) -> Result<()> {
    let file = memory();
    let stamped = fs::read_to_string(workspace::dist().join(stamp::ASSETS))?;
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, memorandum(wanted, &stamped))
        .with_context(|| format!("cannot write {}", file.display()))
}

fn forget() {
    // Nothing to forget is as good as forgotten.
    let _ = fs::remove_file(memory());
}

fn memorandum(wanted: &str, stamped: &str) -> String {
    format!("{wanted}\n{stamped}")
}

/// Every file below a folder, as paths relative to it with `/`, sorted.
fn files_below(folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            bail!("{} has a name that is not Unicode", entry.path().display());
        };
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
