//! What a first visit downloads, against its budget.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::files_below;
use crate::progress::thousands;

/// JavaScript, WebAssembly and styles of a first load, Brotli 11, in bytes.
const BUDGET: u64 = 196_000;

/// What a first load may weigh as long as it is over its budget. It is lowered with each gain and
/// never raised, so that the way to the budget has one direction.
const CEILING: u64 = 270_000;

/// The compressed files of a first load.
#[derive(Debug)]
pub(crate) struct Weight {
    files: Vec<(String, u64)>,
}

/// Weighs a compressed bundle.
pub(super) fn of(dist: &Path) -> Result<Weight> {
    let mut files = Vec::new();
    for file in files_below(dist)? {
        if is_first_load(&file) {
            let compressed = dist.join(format!("{file}.br"));
            let size = fs::metadata(&compressed)
                .with_context(|| format!("{} is missing", compressed.display()))?
                .len();
            files.push((file, size));
        }
    }
    Ok(Weight { files })
}

/// Every script, program and style sheet, except those that no visit of the
/// portal loads: the loader for other people's pages and the gallery.
fn is_first_load(file: &str) -> bool {
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let elsewhere = stem == "embed" || stem.starts_with("gallery");
    matches!(extension, "js" | "wasm" | "css") && !elsewhere
}

impl Weight {
    pub(crate) fn total(&self) -> u64 {
        self.files.iter().map(|(_, size)| size).sum()
    }

    pub(crate) fn is_within_budget(&self) -> bool {
        self.total() <= BUDGET
    }

    /// Whether it has not become heavier than it was.
    pub(crate) fn is_no_heavier(&self) -> bool {
        self.total() <= CEILING
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (file, size) in &self.files {
            writeln!(out, "  {:>9} bytes  {file}", thousands(*size))?;
        }
        let verdict = if self.is_within_budget() {
            "within"
        } else {
            "OVER"
        };
        write!(
            out,
            "first load: {} bytes (JS, WASM and CSS, Brotli 11), {verdict} the budget of {}",
            thousands(self.total()),
            thousands(BUDGET)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_first_visit_does_not_load_is_not_weighed() {
        for file in [
            "casement.js",
            "casement_bg.wasm",
            "casement.css",
            "element.js",
            "sw.js",
            "snippets/a/b.js",
        ] {
            assert!(is_first_load(file), "{file}");
        }
        for file in [
            "embed.js",
            "gallery.js",
            "index.html",
            "locales/ja.json",
            "icons/app.svg",
            "casement.js.br",
        ] {
            assert!(!is_first_load(file), "{file}");
        }
    }

    #[test]
    fn the_budget_includes_its_last_byte() {
        let weight = |size| Weight {
            files: vec![(String::from("casement.js"), size)],
        };
        assert!(weight(BUDGET).is_within_budget());
        assert!(!weight(BUDGET + 1).is_within_budget());
        assert!(
            weight(BUDGET + 1)
                .to_string()
                .contains("OVER the budget of 196,000")
        );
    }
}
