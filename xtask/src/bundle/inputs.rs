//! Whether anything the bundle is made from has changed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::files_below;

/// What the bundle is made from: files, and folders with all they hold.
const INPUTS: [&str; 14] = [
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "public",
    "src",
    "style",
    "xtask/element.json",
    "xtask/npm/compress.mjs",
    "xtask/src/bundle/element.rs",
    "xtask/src/bundle/mod.rs",
    "xtask/src/bundle/names.rs",
    "xtask/src/bundle/split.rs",
    "xtask/static-files.sh",
];

/// A fingerprint of every input's name and content and of the tools' versions.
/// A file that is missing counts as such, so that its removal is a change.
pub(super) fn fingerprint(root: &Path, versions: &str) -> Result<String> {
    let mut hash = Sha256::new();
    add(&mut hash, versions.as_bytes());
    for input in INPUTS {
        let path = root.join(input);
        if path.is_dir() {
            for file in files_below(&path)? {
                add_file(&mut hash, &format!("{input}/{file}"), &path.join(&file))?;
            }
        } else if path.is_file() {
            add_file(&mut hash, input, &path)?;
        }
    }
    Ok(hex(&hash.finalize()))
}

fn add_file(hash: &mut Sha256, name: &str, path: &Path) -> Result<()> {
    let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    add(hash, name.as_bytes());
    add(hash, &content);
    Ok(())
}

/// With its length first, so that no two sequences of parts look the same.
fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test::TemporaryFolder;

    fn sample() -> TemporaryFolder {
        let folder = TemporaryFolder::new("inputs").unwrap();
        fs::create_dir_all(folder.path().join("src/core")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), "[package]").unwrap();
        fs::write(folder.path().join("src/core/mod.rs"), "mod a;").unwrap();
        folder
    }

    fn of(folder: &TemporaryFolder) -> String {
        fingerprint(folder.path(), "tools 1").unwrap()
    }

    #[test]
    fn the_same_inputs_have_the_same_fingerprint() {
        assert_eq!(of(&sample()), of(&sample()));
    }

    #[test]
    fn a_change_deep_inside_changes_it() {
        let folder = sample();
        let before = of(&folder);
        fs::write(folder.path().join("src/core/mod.rs"), "mod b;").unwrap();
        assert_ne!(of(&folder), before);
    }

    #[test]
    fn a_new_name_or_a_removed_file_changes_it() {
        let folder = sample();
        let before = of(&folder);
        let file = folder.path().join("src/core/mod.rs");
        fs::rename(&file, file.with_file_name("other.rs")).unwrap();
        let renamed = of(&folder);
        fs::remove_file(file.with_file_name("other.rs")).unwrap();
        let removed = of(&folder);
        assert!(before != renamed && renamed != removed && removed != before);
    }

    #[test]
    fn other_files_do_not_matter_and_other_tools_do() {
        let folder = sample();
        let before = of(&folder);
        fs::write(folder.path().join("README.md"), "new").unwrap();
        assert_eq!(of(&folder), before);
        assert_ne!(fingerprint(folder.path(), "tools 2").unwrap(), before);
    }

    #[test]
    fn bytes_are_written_as_two_digits_each() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
