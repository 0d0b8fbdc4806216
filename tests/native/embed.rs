//! The portal on other pages: whose, what it shows there, and what such a page may fill in.

use casement::core::draft::Answer;
use casement::core::embed::{Given, View, is_contact, is_origin};
use casement::core::flow::fill_in;
use casement::core::portal::Portal;
use casement::core::route::Route;
use serde_json::{Value, json};

use crate::support::{Desk, draft, lines};

#[test]
fn new_11_an_origin_is_a_scheme_a_host_and_nothing_else() {
    for good in [
        "https://www.vendor.example",
        "https://*.vendor.example",
        "https://vendor.example:8443",
        "http://localhost:8081",
        "http://127.0.0.1",
    ] {
        assert!(is_origin(good), "{good}");
    }
    for bad in [
        "*",
        "https://*",
        "https://*.example",
        "https:",
        "https://",
        "http://vendor.example",
        "https://vendor.example/",
        "https://vendor.example/path",
        "https://vendor.example;script-src *",
        "https://vendor.example 'unsafe-inline'",
        "https://user@vendor.example",
        "https://vendor..example",
        "https://vendor.example:99999",
        "javascript://vendor.example",
        "'self'",
        "null",
    ] {
        assert!(!is_origin(bad), "{bad}");
    }
}

#[test]
fn new_11_a_way_to_support_is_a_page_a_mailbox_or_a_telephone() {
    for good in [
        "https://vendor.example/help",
        "mailto:a@b.example",
        "tel:+81-3-5550-0100",
    ] {
        assert!(is_contact(good), "{good}");
    }
    for bad in [
        "",
        "https://",
        "javascript:alert(1)",
        "http://vendor.example",
        " tel:1",
    ] {
        assert!(!is_contact(bad), "{bad}");
    }
}

#[test]
fn new_11_all_that_is_wrong_with_embedding_is_told_at_once() {
    let with = |embed: Value| {
        Portal::read(&json!({
            "name": "x", "policies": ["p"], "api": "/api", "languages": ["en"], "embed": embed
        }))
    };
    let portal = with(json!({"origins": ["https://www.vendor.example"], "sign_in": "form"}))
        .expect("it is complete");
    assert_eq!(portal.embed.origins, ["https://www.vendor.example"]);
    assert!(portal.embed.sign_in_inside);
    assert_eq!(portal.embed.support, "");
    let usual = with(json!({})).expect("nothing is needed");
    assert!(!usual.embed.sign_in_inside);
    let wrong =
        with(json!({"origins": ["*"], "support": "javascript:1", "sign_in": "x", "allow": 1}))
            .expect_err("nothing of it is right");
    assert_eq!(
        lines(&wrong),
        [
            "embed.sign_in: window or form",
            "embed.origins: origins as https://www.vendor.example or https://*.vendor.example",
            "embed.support: an address that begins with https:, mailto: or tel:",
            "embed.allow: a known key",
        ]
    );
}

#[test]
fn new_11_a_view_has_a_home_of_its_own() {
    for (word, home) in [
        ("full", "/"),
        ("new-case", "/new"),
        ("cases", "/cases"),
        ("entitlements", "/entitlements"),
        ("something else", "/"),
    ] {
        assert_eq!(View::of(word).home().to_string(), home, "{word}");
    }
    assert_eq!(View::of("cases").word(), "cases");
    assert_eq!(View::of("new-case").home(), Route::NewCase);
}

/// What a page gives, and the answers that come of it, as `key=value`.
fn check(before: &str, given: Value, expected: &[&str]) {
    let desk = Desk::open();
    let mut draft = draft(before);
    let known: Vec<String> = draft.answers.keys().cloned().collect();
    let mut all = Given::default();
    all.take(&given);
    fill_in(desk.world(), &mut draft, &all);
    let new: Vec<String> = draft
        .answers
        .iter()
        .filter(|(key, _)| !known.contains(key))
        .map(|(key, answer)| match answer {
            Answer::One(text) => format!("{key}={text}"),
            Answer::Many(entries) => format!("{key}={}", entries.join(",")),
        })
        .collect();
    assert_eq!(new, expected, "{given}");
}

#[test]
fn new_11_a_page_fills_in_what_it_knows() {
    check(
        "",
        json!({
            "customer": "cus-2", "product": "Harbour Desktops", "version": "2402 LTSR",
            "serial-number": " SN-1 ", "subject": "Sessions drop"
        }),
        &[
            "customer_name=Vale Building Society",
            "product=desktops",
            "product_version=2402",
            "serial_number=SN-1",
            "subject=Sessions drop",
        ],
    );
}

#[test]
fn new_11_what_is_not_known_is_left_to_the_person() {
    check(
        "",
        json!({"product": "Harbour Nothing", "version": "2507"}),
        &[],
    );
    check(
        "",
        json!({"product": "gateway", "version": "9"}),
        &["product=gateway"],
    );
    check(
        "",
        json!({"product": 5, "subject": null, "other": "x"}),
        &[],
    );
    check(
        "",
        json!({"customer": "Somebody new"}),
        &["customer_name=Somebody new"],
    );
}

#[test]
fn new_11_nothing_that_was_answered_is_written_over() {
    check(
        "subject = Mine\nproduct = gateway",
        json!({"subject": "Theirs", "product": "desktops", "serial-number": "SN-1"}),
        &["serial_number=SN-1"],
    );
}
