//! `cargo xtask bench store`: the portal's store and outbox measured in headless
//! Chromium beside raw IndexedDB, Dexie and `@tanstack/offline-transactions`,
//! and typing in the release bundle. No part of the tests: figures depend on the
//! machine.
//!
//! [`crate::page_bench`] hands out the pages, plays the backend and takes the result.

use std::path::Path;

use anyhow::Result;

use crate::page_bench::{self, Pages};
use crate::tools::Tools;
use crate::{progress, workspace};

const TARGET: &str = "wasm32-unknown-unknown";
const MODULE: &str = "casement_bench_store";

/// Builds, measures and prints.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::for_portal()?;
    let folder = page_bench::folder(&tools, "store", || {
        progress::step("bench: fetching dexie and @tanstack/offline-transactions from npm, once");
    })?;
    script(&tools, &folder)?;
    module(&tools, &folder)?;
    let portal = page_bench::portal(&tools)?;
    let (listener, _) = Pages::listen()?;
    let served = Pages { folder, portal }.serve(listener)?;
    progress::step("bench: measuring in headless Chromium, which takes a minute");
    println!("{}", served.measure("index.html", &[])?);
    Ok(())
}

/// The page's script with the libraries in it.
fn script(tools: &Tools, folder: &Path) -> Result<()> {
    tools
        .task("esbuild")
        .args(["page.js", "--bundle", "--minify", "--format=esm"])
        .arg(format!("--external:./{MODULE}.js"))
        .args(["--log-level=error", "--outfile=bench.js"])
        .folder(folder)
        .run()
}

/// The store and the outbox as a module for the page.
fn module(tools: &Tools, folder: &Path) -> Result<()> {
    progress::step("bench: building the store and the outbox for the web");
    tools
        .task("cargo")
        .args(["build", "--release", "--package", "casement-bench-store"])
        .args(["--target", TARGET])
        .run()?;
    let built = workspace::target().join(format!("{TARGET}/release/{MODULE}.wasm"));
    tools
        .task("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .args([folder, built.as_path()])
        .run()
}
