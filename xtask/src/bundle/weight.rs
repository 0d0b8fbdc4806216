//! What a first visit downloads, against its budget.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::files_below;
use crate::progress::thousands;

/// JavaScript, WebAssembly and styles of a first load, Brotli 11, in bytes.
const BUDGET: u64 = 196_000;

/// The element for other people's pages, which is all that such a page loads before somebody sees or
/// uses it, Brotli 11, in bytes.
const ELEMENT: &str = "embed.js";
const ELEMENT_BUDGET: u64 = 5_000;

/// What stands around the portal on other people's pages, and no visit of the
/// portal itself loads.
const ELSEWHERE: [&str; 6] = [
    ELEMENT,
    "frame.",
    "frame-messages.",
    "gallery",
    "hand-over.",
    "part.",
];

/// The program's first part, of which `xtask/src/bundle/split.rs` makes others independent.
const FIRST_PART: &str = "casement_bg.wasm";

/// The compressed scripts, programs and style sheets of a bundle.
#[derive(Debug)]
pub(crate) struct Weight {
    first: Vec<(String, u64)>,
    later: Vec<(String, u64)>,
    /// The element for other people's pages.
    element: u64,
}

/// When a visit of the portal fetches a file.
#[derive(Debug, PartialEq, Eq)]
enum When {
    /// Before its first page can be used, whether that is the sign-in or home.
    First,
    /// Once that page stands.
    Later,
    /// Never, or it is no script, program or style sheet.
    NotWeighed,
}

/// Weighs a compressed bundle.
pub(super) fn of(dist: &Path) -> Result<Weight> {
    let mut weight = Weight {
        first: Vec::new(),
        later: Vec::new(),
        element: 0,
    };
    for file in files_below(dist)? {
        let size = || -> Result<u64> {
            let compressed = dist.join(format!("{file}.br"));
            let facts = fs::metadata(&compressed)
                .with_context(|| format!("{} is missing", compressed.display()))?;
            Ok(facts.len())
        };
        match when(&file) {
            When::First => weight.first.push((file.clone(), size()?)),
            When::Later => weight.later.push((file.clone(), size()?)),
            When::NotWeighed if file == ELEMENT => weight.element = size()?,
            When::NotWeighed => {}
        }
    }
    Ok(weight)
}

/// A part of the program that is not the first is asked for once the first page stands
/// (`src/ui/pages/later.rs`). Every other script, program and style sheet counts, except those of
/// [`ELSEWHERE`].
fn when(file: &str) -> When {
    let (_, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let elsewhere = ELSEWHERE.iter().any(|start| file.starts_with(start));
    match extension {
        "wasm" if file != FIRST_PART => When::Later,
        "js" | "wasm" | "css" if !elsewhere => When::First,
        _ => When::NotWeighed,
    }
}

fn total(files: &[(String, u64)]) -> u64 {
    files.iter().map(|(_, size)| size).sum()
}

impl Weight {
    pub(crate) fn is_within_budget(&self) -> bool {
        total(&self.first) <= BUDGET && self.element <= ELEMENT_BUDGET
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, size) in self.first.iter().chain(&self.later) {
            writeln!(out, "  {:>9} bytes  {file}", thousands(*size))?;
        }
        let verdict = |size, budget| if size <= budget { "within" } else { "OVER" };
        writeln!(
            out,
            "first load: {} bytes (JS, WASM and CSS, Brotli 11), {} the budget of {}",
            thousands(total(&self.first)),
            verdict(total(&self.first), BUDGET),
            thousands(BUDGET)
        )?;
        writeln!(
            out,
            "{ELEMENT}: {} bytes, {} the budget of {}",
            thousands(self.element),
            verdict(self.element, ELEMENT_BUDGET),
            thousands(ELEMENT_BUDGET)
        )?;
        write!(
            out,
            "later, once the first page stands: {} bytes",
            thousands(total(&self.later))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fetched_before_the_first_page_can_be_used_is_weighed() {
        for file in [
            "casement.js",
            "casement_bg.wasm",
            "casement.css",
            "start.js",
            "mount.js",
            "sw.js",
            "__wasm_split.js",
            "snippets/a/b.js",
        ] {
            assert_eq!(when(file), When::First, "{file}");
        }
        for file in ["split_later-0a1b2c3d.wasm", "chunk_2-0a1b2c3d.wasm"] {
            assert_eq!(when(file), When::Later, "{file}");
        }
        for file in [
            "embed.js",
            "frame.js",
            "frame-messages.js",
            "hand-over.js",
            "gallery.js",
            "index.html",
            "locales/ja.json",
            "icons/app.svg",
            "casement.js.br",
        ] {
            assert_eq!(when(file), When::NotWeighed, "{file}");
        }
    }

    #[test]
    fn the_budget_includes_its_last_byte_and_leaves_later_parts_out() {
        let weight = |size| Weight {
            first: vec![(String::from("casement.js"), size)],
            later: vec![(String::from("split_later-0a1b2c3d.wasm"), BUDGET)],
            element: 0,
        };
        let with_element = |element| Weight {
            first: Vec::new(),
            later: Vec::new(),
            element,
        };
        assert!(with_element(ELEMENT_BUDGET).is_within_budget());
        assert!(!with_element(ELEMENT_BUDGET + 1).is_within_budget());
        assert!(weight(BUDGET).is_within_budget());
        assert!(!weight(BUDGET + 1).is_within_budget());
        assert!(
            weight(BUDGET + 1)
                .to_string()
                .contains("OVER the budget of 196,000")
        );
    }
}
