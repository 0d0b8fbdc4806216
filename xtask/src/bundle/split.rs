//! The program taken apart: what a first visit needs, and the pages that can follow.
//!
//! The compiler leaves the linker's relocations in the program, so the splitter knows which function
//! and which text belongs to which page. What only `src/ui/pages/later.rs` can reach becomes a file
//! of its own, which the first part asks for through a small script. What each part may hold is
//! decided there; nothing here knows a page.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::files_below;
use super::inputs::hex;
use super::{leftover, names};
use crate::tools::Tools;
use crate::workspace;

/// What the splitter and `wasm-bindgen` name their files after.
const NAME: &str = "casement";

/// The script that fetches parts.
const LINK: &str = "__wasm_split.js";

/// Enough to tell the parts of any two builds apart.
const DIGITS: usize = 8;

/// What the browsers of today understand, by name, and smaller code rather than fewer calls.
const OPTIMISE: [&str; 8] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--one-caller-inline-max-function-size=0",
];

/// Puts the parts of the compiled program in the place of the whole.
pub(super) fn split(tools: &Tools, dist: &Path) -> Result<()> {
    let program = workspace::target().join("wasm32-unknown-unknown/release/casement.wasm");
    let parts = workspace::target().join("casement").join("parts");
    // An earlier build may have had others.
    let _ = fs::remove_dir_all(&parts);
    fs::create_dir_all(&parts)?;
    tools
        .task("wasm-split-cli")
        .args([&program, &parts])
        .args(["--out-name", NAME])
        .run()
        .context("the program could not be taken apart")?;
    tools
        .task("wasm-bindgen")
        .args(["--target=web", "--no-typescript", "--keep-lld-exports"])
        .args(["--out-name", NAME])
        .arg("--out-dir")
        .arg(dist)
        .arg(parts.join(format!("{NAME}.wasm")))
        .run()?;
    let first = dist.join(format!("{NAME}_bg.wasm"));
    let script = dist.join(format!("{NAME}.js"));
    leftover::drop_classes(&first, &script)?;
    optimise(tools, &first, &first)?;
    names::shorten(&first, &script, &format!("./{NAME}_bg.js"))?;
    place(tools, &program, &parts, dist)
}

/// Puts the later parts and their script beside the first. Their names tell builds apart: a page
/// that was loaded before a new version came must never be given a part of that version.
fn place(tools: &Tools, program: &Path, parts: &Path, dist: &Path) -> Result<()> {
    let program =
        fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let mut build = hex(&Sha256::digest(&program));
    build.truncate(DIGITS);
    let mut script = fs::read_to_string(parts.join(LINK))?;
    for part in files_below(parts)? {
        let Some(stem) = part.strip_suffix(".wasm").filter(|stem| *stem != NAME) else {
            continue;
        };
        let asked = format!("./{part}\"");
        // A part that nothing is in is not asked for either.
        if script.contains(&asked) {
            let placed = format!("{stem}-{build}.wasm");
            script = script.replace(&asked, &format!("./{placed}\""));
            optimise(tools, &parts.join(&part), &dist.join(placed))?;
        }
    }
    ensure!(
        script.contains(&build),
        "the program has no later part; was it built with the feature `split`?"
    );
    fs::write(dist.join(LINK), script).with_context(|| format!("cannot write {LINK}"))
}

fn optimise(tools: &Tools, from: &Path, to: &Path) -> Result<()> {
    tools
        .task("wasm-opt")
        .args(OPTIMISE)
        .arg(from)
        .arg("-o")
        .arg(to)
        .run()
        .with_context(|| format!("{} could not be made smaller", from.display()))
}
