//! A deployment with mistakes: all of them are told at once, and drafts stay untouched.

use std::fs;
use std::path::Path;

use casement_e2e::pages::sign_in::SATO;
use casement_e2e::pages::{Flow, SignIn};
use casement_e2e::{in_chromium, with_bundle};
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

/// A file of the native tests' policies.
fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(name);
    fs::read(path).expect("the policy is there")
}

#[test]
fn new_10_a_policy_with_mistakes_is_told_all_of_them_in_the_portal() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/policy").await;
        portal.heading("Check a policy").await;
        let file = desk.file("mine.json", &fixture("policies/ten-mistakes.json"));
        portal.choose_files("input[type=file]", &[&file]).await;
        portal.see("mine.json can’t be used yet").await;
        portal.see("10 mistakes").await;
        assert!(!portal.has("button", Some("Walk through the flow")).await);
        let file = desk.file("note.json", b"{ \"format\": 1, ");
        portal.choose_files("input[type=file]", &[&file]).await;
        portal.see("note.json can’t be used yet").await;
    });
}

#[test]
fn new_10_a_new_vendors_policy_is_walked_through_and_not_sent() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/policy").await;
        portal.heading("Check a policy").await;
        let file = desk.file("lantern.json", &fixture("rules/policy.json"));
        portal.choose_files("input[type=file]", &[&file]).await;
        portal.see("lantern.json can be used").await;
        portal.button("Walk through the flow").await;
        portal.heading("About what?").await;
        portal.choose("#f-product", "adc-mpx").await;
        Flow(&portal).pick("type", "question").await;
        Flow(&portal).go_on("What is happening?").await;
        // Loading the page anew would end the trial, so the address is changed as going back does.
        let on = "const place = location.pathname.replace(/[^/]+$/, 'review');
            history.pushState(null, '', place); dispatchEvent(new PopStateEvent('popstate'));";
        portal.eval(on, Vec::new()).await;
        portal.heading("Check and send").await;
        portal
            .see("This policy is on trial, so nothing is sent")
            .await;
        let send = "form button[type=submit][aria-disabled=true]";
        portal.press(send, None).await;
        assert!(portal.path().await.ends_with("/review"));
        portal.link("Check a policy").await;
        portal.see("A policy is on trial: Lantern Works").await;
        portal.button("End the trial").await;
        portal.see_no_more("A policy is on trial").await;
    });
}
