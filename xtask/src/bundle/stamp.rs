//! Stamping a bundle: its version, its list of files, a tidy page.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::files_below;
use super::inputs::hex;

/// The list of files and their common version, which the service worker reads.
pub(super) const ASSETS: &str = "assets.json";

const SERVICE_WORKER: &str = "sw.js";
const PLACEHOLDER: &str = "__CASEMENT_VERSION__";

/// Sixteen digits tell any two bundles apart and still fit a log line.
const VERSION_DIGITS: usize = 16;

/// Writes the list of assets and puts the version into the service worker.
pub(super) fn stamp(dist: &Path) -> Result<()> {
    let files = files_below(dist)?;
    let version = version(dist, &files)?;
    let worker = dist.join(SERVICE_WORKER);
    if worker.is_file() {
        let script = fs::read_to_string(&worker)?;
        fs::write(&worker, script.replace(PLACEHOLDER, &version))?;
    }
    let assets: Vec<String> = files
        .iter()
        .filter(|file| is_asset(file))
        .map(|file| format!("/{file}"))
        .collect();
    let list = json!({ "version": version, "files": assets, "sums": sums(dist, &files)? });
    fs::write(dist.join(ASSETS), format!("{list}\n")).context("cannot write the list of assets")
}

/// What the parts of the program must be, so that the worker never keeps parts of two versions: the
/// SHA-256 of each. All else an operator may change without building anew.
fn sums(dist: &Path, files: &[String]) -> Result<BTreeMap<String, String>> {
    let is_program = |file: &&String| {
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        is_asset(file) && matches!(ending, "js" | "wasm" | "css")
    };
    let of = |file: &String| {
        let content = fs::read(dist.join(file)).with_context(|| format!("cannot read {file}"))?;
        Ok((format!("/{file}"), hex(&Sha256::digest(&content))))
    };
    files.iter().filter(is_program).map(of).collect()
}

/// What the service worker keeps: everything but itself and what is made here.
fn is_asset(file: &str) -> bool {
    file != SERVICE_WORKER && file != ASSETS && !file.ends_with(".br")
}

/// One version for all files: of their names and contents, the worker included.
fn version(dist: &Path, files: &[String]) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files
        .iter()
        .filter(|file| is_asset(file) || *file == SERVICE_WORKER)
    {
        let content = fs::read(dist.join(file)).with_context(|| format!("cannot read {file}"))?;
        hash.update(Sha256::digest(file.as_bytes()));
        hash.update(Sha256::digest(&content));
    }
    let mut digits = hex(&hash.finalize());
    digits.truncate(VERSION_DIGITS);
    Ok(digits)
}

/// The page without the links that only told Trunk what to build.
pub(super) fn without_build_links(html: &str) -> String {
    let mut tidy = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<link data-trunk") {
        let (before, link) = rest.split_at(start);
        tidy.push_str(before.trim_end());
        rest = match link.find('>') {
            Some(end) => &link[end + 1..],
            None => "",
        };
    }
    tidy.push_str(rest);
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::TemporaryFolder;

    fn bundle() -> TemporaryFolder {
        let folder = TemporaryFolder::new("stamp").unwrap();
        fs::create_dir(folder.path().join("locales")).unwrap();
        for (name, content) in [
            ("index.html", "<casement-portal></casement-portal>"),
            ("element.js", "1"),
            ("locales/ja.json", "{}"),
            ("locales/ja.json.br", "old"),
            ("sw.js", "const VERSION = \"__CASEMENT_VERSION__\";"),
        ] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    fn assets(folder: &TemporaryFolder) -> serde_json::Value {
        let text = fs::read_to_string(folder.path().join(ASSETS)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_list_names_every_file_a_visitor_needs() {
        let folder = bundle();
        stamp(folder.path()).unwrap();
        assert_eq!(
            assets(&folder)["files"],
            json!(["/element.js", "/index.html", "/locales/ja.json"])
        );
    }

    #[test]
    fn the_list_says_what_each_part_of_the_program_must_be_and_leaves_the_rest_to_the_operator() {
        let folder = bundle();
        stamp(folder.path()).unwrap();
        let one = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b";
        assert_eq!(assets(&folder)["sums"], json!({ "/element.js": one }));
    }

    #[test]
    fn the_service_worker_carries_the_version_of_the_list() {
        let folder = bundle();
        stamp(folder.path()).unwrap();
        let version = assets(&folder)["version"].as_str().unwrap().to_owned();
        let worker = fs::read_to_string(folder.path().join(SERVICE_WORKER)).unwrap();
        assert_eq!(version.len(), VERSION_DIGITS);
        assert_eq!(worker, format!("const VERSION = \"{version}\";"));
    }

    #[test]
    fn the_same_files_have_the_same_version_and_any_change_another() {
        let (one, same, other) = (bundle(), bundle(), bundle());
        fs::write(other.path().join("locales/ja.json"), "{\"a\":1}").unwrap();
        for folder in [&one, &same, &other] {
            stamp(folder.path()).unwrap();
        }
        assert_eq!(assets(&one)["version"], assets(&same)["version"]);
        assert_ne!(assets(&one)["version"], assets(&other)["version"]);
    }

    #[test]
    fn a_change_of_the_service_worker_alone_is_a_new_version() {
        let (one, other) = (bundle(), bundle());
        fs::write(
            other.path().join(SERVICE_WORKER),
            "\"__CASEMENT_VERSION__\"",
        )
        .unwrap();
        stamp(one.path()).unwrap();
        stamp(other.path()).unwrap();
        assert_ne!(assets(&one)["version"], assets(&other)["version"]);
    }

    #[test]
    fn links_for_trunk_leave_the_page_and_other_links_stay() {
        let html = "<head>\n  <link data-trunk rel=\"rust\"\n    href=\"..\">\n  <link rel=\"icon\" href=\"/i.svg\">\n</head>";
        assert_eq!(
            without_build_links(html),
            "<head>\n  <link rel=\"icon\" href=\"/i.svg\">\n</head>"
        );
    }
}
