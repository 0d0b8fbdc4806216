//! `cargo xtask bench sla`: the clocks in a WebAssembly module of their own,
//! measured in headless Chromium beside two libraries from npm and a sum in
//! plain JavaScript. No part of the tests: figures depend on the machine.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::process::Task;
use crate::tools::{self, Tools, is_root};
use crate::{progress, workspace};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds, measures and prints.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::for_portal()?;
    let chromium = tools::chromium()?;
    let source = workspace::root().join("tests/bench/sla");
    let folder = workspace::target().join("bench-sla");
    std::fs::create_dir_all(&folder)?;
    let page = bundle(&tools, &source, &folder)?;
    progress::step("bench: building the clocks for the web");
    tools
        .task("cargo")
        .args(["build", "--release", "--package", "casement-bench-sla"])
        .args(["--target", TARGET])
        .run()?;
    let module = workspace::target().join(format!("{TARGET}/release/casement_bench_sla.wasm"));
    let module = std::fs::read(&module).with_context(|| format!("no {}", module.display()))?;
    let html = folder.join("index.html");
    std::fs::write(
        &html,
        format!(
            "<!doctype html><meta charset=utf-8><body><script>const MODULE=\"{}\";\n{page}</script>",
            base64(&module)
        ),
    )?;
    progress::step("bench: measuring in headless Chromium");
    let mut browser = Task::new(chromium).args(["--headless=new", "--disable-gpu", "--dump-dom"]);
    if is_root() {
        browser = browser.arg("--no-sandbox");
    }
    let dom = browser.arg(format!("file://{}", html.display())).read()?;
    let result = dom
        .rsplit_once("<body>")
        .and_then(|(_, rest)| rest.split_once("</body>"))
        .map(|(text, _)| text.trim());
    match result {
        Some(text) if !text.is_empty() && !text.contains("failed: ") => {
            println!("{text}");
            Ok(())
        }
        other => bail!("the page measured nothing: {}", other.unwrap_or("no page")),
    }
}

/// The page's script with the libraries in it.
fn bundle(tools: &Tools, source: &Path, folder: &Path) -> Result<String> {
    for name in ["package.json", "package-lock.json", "page.js"] {
        std::fs::copy(source.join(name), folder.join(name))
            .with_context(|| format!("cannot copy {name}"))?;
    }
    if !folder.join("node_modules/opening_hours").is_dir() {
        progress::step("bench: fetching dayjs-business-time and opening_hours from npm, once");
        tools
            .task("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .arg("--loglevel=error")
            .folder(folder)
            .run()?;
    }
    tools
        .task("esbuild")
        .args(["page.js", "--bundle", "--minify", "--format=iife"])
        .args(["--log-level=error", "--outfile=bundle.js"])
        .folder(folder)
        .run()?;
    let script = std::fs::read_to_string(folder.join("bundle.js"))?;
    // The script stands in a page, where this would end it.
    Ok(script.replace("</script", "<\\/script"))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for index in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= chunk.len() {
                digit as char
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_fills_up_what_three_do_not_divide() {
        assert_eq!(base64(b"Man"), "TWFu");
        assert_eq!(base64(b"Ma"), "TWE=");
        assert_eq!(base64(b"M"), "TQ==");
    }
}
