//! Policies as a visitor needs them: without their authors' notes and without blanks.
//!
//! Notes are the keys that begin with `_`, which the portal passes over. They are a seventh of what
//! is downloaded and half of what is parsed; the sources in `public/` keep them.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::files_below;

const FOLDER: &str = "policies/";

/// Writes the policies of a bundle without notes.
pub(super) fn drop_notes(dist: &Path) -> Result<()> {
    let policies = files_below(dist)?.into_iter();
    for file in policies.filter(|file| file.starts_with(FOLDER) && file.ends_with(".json")) {
        let path = dist.join(&file);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {file}"))?;
        let mut policy: Value =
            serde_json::from_str(&text).with_context(|| format!("{file} is not JSON"))?;
        without_notes(&mut policy);
        fs::write(&path, policy.to_string()).with_context(|| format!("cannot write {file}"))?;
    }
    Ok(())
}

fn without_notes(value: &mut Value) {
    match value {
        Value::Object(entries) => {
            entries.retain(|key, _| !key.starts_with('_'));
            entries.values_mut().for_each(without_notes);
        }
        Value::Array(items) => items.iter_mut().for_each(without_notes),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::test::TemporaryFolder;

    #[test]
    fn notes_go_at_every_depth_and_nothing_else_does() {
        let folder = TemporaryFolder::new("notes").unwrap();
        fs::create_dir(folder.path().join("policies")).unwrap();
        let policy = json!({
            "_source": "page 3", "id": "harbour",
            "fields": [{ "_note": "asked for in 2026", "key": "a_b", "help": "_not a note_" }],
        });
        let path = folder.path().join("policies/harbour.json");
        fs::write(&path, serde_json::to_string_pretty(&policy).unwrap()).unwrap();
        drop_notes(folder.path()).unwrap();
        let lean: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let wanted = json!({
            "id": "harbour", "fields": [{ "key": "a_b", "help": "_not a note_" }],
        });
        assert_eq!(lean, wanted);
    }
}
