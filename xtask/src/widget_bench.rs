//! `cargo xtask bench widget`: what `<casement-portal>` costs a page before somebody uses it, beside
//! the npm package `@pagefind/component-ui`; how soon after a click its form can be used, beside the
//! full page; what is left in memory after many were added and removed; and how often several on one
//! page fetch the program. No part of the tests: figures depend on the machine.
//!
//! [`crate::page_bench`] hands out the pages, plays the backend and takes the results.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::page_bench::{self, Pages};
use crate::tools::Tools;
use crate::{demo, progress, workspace};

/// What the heap is measured under. Code that the browser makes of scripts while they run grows with
/// use for a long time, whatever is used, and says nothing of what an element leaves behind; without
/// this the heap grows by 7 %, and none of it is an object.
const STEADY: &str = "--js-flags=--expose-gc --no-sparkplug --no-maglev --no-turbofan \
    --no-lazy-feedback-allocation";

/// Builds, measures and prints.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::for_portal()?;
    let folder = page_bench::folder(&tools, "widget", || {
        progress::step("bench: fetching pagefind and @pagefind/component-ui from npm, once");
    })?;
    peer(&tools, &folder)?;
    let dist = page_bench::portal(&tools)?;
    let portal = folder.join("portal");
    let (listener, origin) = Pages::listen()?;
    demo::portal_for(&dist, &portal, &origin)?;
    let served = Pages { folder, portal }.serve(listener)?;
    progress::step("bench: measuring in headless Chromium, which takes some minutes");
    println!("{}", served.measure("index.html", &[])?);
    let words = ["--enable-precise-memory-info", STEADY];
    println!("{}", served.measure("heap.html", &words)?);
    Ok(())
}

/// The peer as its package says: an index of pages, made by its own program, and its components in one
/// script and one style sheet.
fn peer(tools: &Tools, folder: &Path) -> Result<()> {
    let site = folder.join("site");
    write_site(&site)?;
    tools
        .task("node")
        .args(["node_modules/pagefind/lib/runner/bin.cjs", "--site", "site"])
        .args(["--output-path", "pagefind", "--quiet"])
        .folder(folder)
        .run_quietly()
        .context("pagefind could not make its index")?;
    tools
        .task("esbuild")
        .args(["theirs.js", "--bundle", "--minify", "--format=esm"])
        .args(["--log-level=error", "--outfile=peer/theirs.js"])
        .folder(folder)
        .run()?;
    for part in ["peer", "pagefind"] {
        tools
            .task("node")
            .arg(workspace::root().join("xtask/npm/compress.mjs"))
            .arg(folder.join(part))
            .run_quietly()?;
    }
    Ok(())
}

/// The portal's own articles as the pages of a site.
fn write_site(site: &Path) -> Result<()> {
    fs::create_dir_all(site)?;
    let file = workspace::root().join("public/knowledge/articles.json");
    let articles: Value = serde_json::from_str(&fs::read_to_string(&file)?)
        .with_context(|| format!("{} is not JSON", file.display()))?;
    for article in articles.as_array().into_iter().flatten() {
        let text = |name: &str| escape(article[name].as_str().unwrap_or_default());
        let mut page = format!(
            "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><title>{title}</title>\
             <body><h1>{title}</h1>",
            text("lang"),
            title = text("title"),
        );
        for paragraph in [text("summary"), text("body")]
            .iter()
            .flat_map(|text| text.lines())
        {
            write!(page, "<p>{paragraph}</p>")?;
        }
        fs::write(site.join(format!("{}.html", text("id"))), page)?;
    }
    Ok(())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
