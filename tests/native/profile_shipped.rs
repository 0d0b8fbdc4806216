//! The profiles that come with the portal, each against exchanges in the shape of its documentation.
//!
//! The fixtures of `tests/fixtures/profiles/shipped/<id>` are those of `profile_engine`, standing on
//! `public/backends/<id>.json` itself: a change of a shipped profile that would ask another thing of a
//! backend, or read another thing out of its answers, shows here.

use std::path::PathBuf;

use casement::core::profile::Profile;
use serde_json::{Value, json};

use crate::profile_engine::wrong_of;
use crate::support::{files_under, json as read_json, lines};

/// The profiles that no server runs for in the tests.
const RECORDED: [&str; 9] = [
    "azure-support",
    "dynamics",
    "freshdesk",
    "jira-service-management",
    "postgrest",
    "salesforce",
    "servicenow-csm",
    "zammad",
    "zendesk",
];

fn shipped() -> Vec<(PathBuf, Value)> {
    let files = files_under("public/backends");
    let read = |path: PathBuf| {
        let json = read_json(&path.display().to_string());
        (path, json)
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_shipped_profile_can_be_read_and_says_what_was_tried() {
    let all = shipped();
    assert!(all.len() > RECORDED.len(), "{} profiles", all.len());
    for (path, json) in all {
        let origins = json["origins"].as_array().cloned().unwrap_or_default();
        let origins: Vec<String> = origins
            .iter()
            .filter_map(Value::as_str)
            .map(String::from)
            .collect();
        if let Err(problems) = Profile::read(json.clone(), "/api", &origins) {
            panic!("{}: {:#?}", path.display(), lines(&problems));
        }
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        assert_eq!(json["id"].as_str(), stem);
        assert_ne!(json["about"]["tried"], Value::Null, "{}", path.display());
    }
}

#[test]
fn a_shipped_profile_asks_and_reads_as_its_backend_is_documented() {
    let mut all = Vec::new();
    for id in RECORDED {
        let files = files_under(&format!("tests/fixtures/profiles/shipped/{id}"));
        assert!(files.len() >= 2, "{id} has {} recorded files", files.len());
        for path in &files {
            let fixture = read_json(&path.display().to_string());
            assert_eq!(fixture["shipped"], json!(id), "{}", path.display());
        }
        all.extend(files);
    }
    assert_eq!(wrong_of(all), Vec::<String>::new());
}

#[test]
fn the_list_of_profiles_names_every_one_that_is_shipped() {
    let listed = read_json("public/backends.json");
    let named = shipped()
        .into_iter()
        .map(|(_, profile)| (profile["id"].clone(), profile["name"].clone()));
    let named: Vec<(String, Value)> = named
        .map(|(id, name)| (id.as_str().unwrap_or_default().to_string(), name))
        .collect();
    for (id, name) in &named {
        assert_eq!(listed[id], *name, "{id}");
    }
    assert_eq!(listed.as_object().map_or(0, |all| all.len()), named.len());
}
