//! A deployment's file: read whole, or all its mistakes at once.

use casement::core::portal::Portal;
use serde_json::{Value, json};

use crate::support::lines;

fn check(json: Value, expected: &[&str]) {
    let found = match Portal::read(&json) {
        Ok(_) => Vec::new(),
        Err(problems) => lines(&problems),
    };
    assert_eq!(found, expected, "{json}");
}

#[test]
fn a_deployment_names_its_policies_its_backend_and_its_languages() {
    let portal = Portal::read(&json!({
        "name": "Harbour support", "policies": ["harbour"], "api": "/api", "languages": ["ja", "en"]
    }))
    .expect("it is complete");
    assert_eq!(portal.name.get("ja"), "Harbour support");
    assert_eq!(portal.languages, ["ja", "en"]);
    assert_eq!(portal.draft_days, 30);
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    check(
        json!({ "policy": "harbour" }),
        &[
            "name: a text in each language, {\"en\": …}",
            "api: a text",
            "policies: at least one policy",
            "languages: at least one language",
            "policy: a known key",
        ],
    );
}

#[test]
fn credentials_never_travel_in_the_clear_to_another_machine() {
    let with =
        |api: &str| json!({ "name": "x", "policies": ["p"], "api": api, "languages": ["en"] });
    for good in [
        "/api",
        "https://support.example/api",
        "http://127.0.0.1:8080/api",
        "http://localhost/api",
        "http://localhost:8080",
    ] {
        check(with(good), &[]);
    }
    for bad in [
        "http://support.example",
        "ftp://support.example",
        "//support.example/api",
        "http://127.0.0.1.support.example/api",
        "http://localhost.support.example/api",
        "http://localhost@support.example/api",
        "javascript:alert(1)",
    ] {
        check(
            with(bad),
            &["api: a path on this server or an https address"],
        );
    }
}
