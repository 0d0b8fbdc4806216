//! A deployment with mistakes: all of them are told at once, and drafts stay untouched.

use std::fs;
use std::path::Path;

use casement_e2e::with_bundle;
use serde_json::Value;

fn edit_policy(bundle: &Path, edit: impl FnOnce(&mut Value)) {
    let path = bundle.join("policies/citrix.json");
    let text = fs::read_to_string(&path).expect("the bundle has the policy");
    let mut policy: Value = serde_json::from_str(&text).expect("the policy is JSON");
    edit(&mut policy);
    fs::write(&path, policy.to_string()).expect("the copy can be written");
}

fn unknown_version(bundle: &Path) {
    edit_policy(bundle, |policy| policy["format"] = 99.into());
}

fn ten_mistakes(bundle: &Path) {
    let fixture =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/policies/ten-mistakes.json");
    fs::copy(fixture, bundle.join("policies/citrix.json")).expect("the copy can be written");
}

fn not_json(bundle: &Path) {
    fs::write(bundle.join("policies/citrix.json"), "{ \"format\": 1, ")
        .expect("the copy can be written");
}

#[test]
fn a_policy_of_an_unknown_version_is_named_with_what_to_do() {
    with_bundle(unknown_version, async |desk| {
        let portal = desk.portal();
        portal.open("/").await;
        portal.heading("The portal can’t start").await;
        portal.see("policies/citrix.json").await;
        portal.see("99").await;
        portal
            .see("What you have written on this device is safe.")
            .await;
        portal.see("To do").await;
    });
}

#[test]
fn all_ten_mistakes_of_a_policy_are_told_at_once() {
    with_bundle(ten_mistakes, async |desk| {
        let portal = desk.portal();
        portal.open("/").await;
        portal.heading("The portal can’t start").await;
        portal.see("policies/citrix.json (10)").await;
        portal.until_count("ol li", 10).await;
        let page = portal.text().await;
        for part in ["Expected", "Found", "To do"] {
            assert_eq!(page.matches(part).count(), 10, "{part}: {page}");
        }
    });
}

#[test]
fn a_policy_that_is_not_json_is_named() {
    with_bundle(not_json, async |desk| {
        let portal = desk.portal();
        portal.open("/").await;
        portal.heading("The portal can’t start").await;
        portal.see("policies/citrix.json").await;
        portal.see("Load again").await;
    });
}
