//! Contracts: which can be used, which not, why, and what a serial number finds.

use casement::core::case::{Entitlement, Record};
use casement::core::entitlement::{access, by_serial, usable};
use serde_json::{Value, json};

use crate::support::{Desk, day};

/// A running contract with some things changed (null removes), on 20 November 2026.
fn contract(changes: Value) -> Entitlement {
    let mut record = json!({
        "id": "e", "name": "Priority", "status": "active",
        "start": "2026-04-01", "end": "2027-03-31",
        "cases_total": 20, "cases_remaining": 17, "product_ids": ["desktops"]
    });
    for (key, value) in changes.as_object().expect("an object of changes") {
        record[key] = value.clone();
    }
    Entitlement::from_json(&record)
}

fn check(changes: Value, because: &str, facts: &[(&str, &str)]) {
    let decision = usable(
        &contract(changes.clone()),
        Some("desktops"),
        day("2026-11-20"),
    );
    let found: Vec<(&str, &str)> = decision
        .facts
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(
        (decision.because, found.as_slice()),
        (because, facts),
        "{changes}"
    );
    assert_eq!(decision.allowed, because == "ok", "{changes}");
}

#[test]
fn cms_03_every_contract_that_can_not_be_used_says_why() {
    check(json!({}), "ok", &[]);
    check(
        json!({ "end": "2026-11-19" }),
        "expired",
        &[("end", "2026-11-19")],
    );
    check(
        json!({ "status": "expired" }),
        "expired",
        &[("end", "2027-03-31")],
    );
    check(
        json!({ "start": "2026-11-21" }),
        "not_started",
        &[("start", "2026-11-21")],
    );
    check(
        json!({ "status": "suspended" }),
        "not_active",
        &[("status", "suspended")],
    );
    check(json!({ "status": null }), "not_active", &[("status", "")]);
    check(
        json!({ "cases_remaining": 0 }),
        "none_left",
        &[("total", "20")],
    );
    check(
        json!({ "product_ids": ["gateway"] }),
        "product_not_covered",
        &[],
    );
}

#[test]
fn cms_03_the_first_and_the_last_day_and_the_last_case_count() {
    check(json!({ "end": "2026-11-20" }), "ok", &[]);
    check(json!({ "start": "2026-11-20" }), "ok", &[]);
    check(json!({ "cases_remaining": 1 }), "ok", &[]);
    check(json!({ "start": null, "end": null }), "ok", &[]);
}

#[test]
fn cms_18_a_contract_without_limits_has_none() {
    check(
        json!({ "cases_total": null, "cases_remaining": null }),
        "ok",
        &[],
    );
    check(json!({ "product_ids": [] }), "ok", &[]);
}

#[test]
fn cms_03_the_reason_told_is_the_one_to_mend_first() {
    let everything = json!({
        "end": "2025-01-01", "start": "2024-01-01", "status": "suspended",
        "cases_remaining": 0, "product_ids": ["gateway"]
    });
    check(everything, "expired", &[("end", "2025-01-01")]);
    let not_yet = json!({ "start": "2026-12-01", "status": "suspended", "cases_remaining": 0 });
    check(not_yet, "not_started", &[("start", "2026-12-01")]);
    let paused = json!({ "status": "suspended", "cases_remaining": 0 });
    check(paused, "not_active", &[("status", "suspended")]);
    let spent = json!({ "cases_remaining": 0, "product_ids": ["gateway"] });
    check(spent, "none_left", &[("total", "20")]);
}

#[test]
fn cms_18_without_a_product_any_covered_product_will_do() {
    let contract = contract(json!({ "product_ids": ["gateway"] }));
    assert!(usable(&contract, None, day("2026-11-20")).allowed);
    assert!(usable(&contract, Some(""), day("2026-11-20")).allowed);
}

#[test]
fn cms_18_every_contract_is_decided_on_and_none_is_hidden() {
    let desk = Desk::open();
    let decisions: Vec<(&str, &str)> = desk
        .world()
        .own_entitlements()
        .map(|one| {
            (
                one.id.as_str(),
                usable(one, Some("desktops"), desk.today).because,
            )
        })
        .collect();
    assert_eq!(
        decisions,
        [
            ("ent-priority", "ok"),
            ("ent-unlimited", "ok"),
            ("ent-expired", "expired"),
            ("ent-spent", "none_left"),
            ("ent-device", "product_not_covered"),
        ]
    );
}

fn check_serial(typed: &str, expected: Option<&str>) {
    let desk = Desk::open();
    let found = by_serial(&desk.entitlements, typed).map(|one| one.id.as_str());
    assert_eq!(found, expected, "{typed:?}");
}

#[test]
fn cms_07_a_serial_number_finds_its_contract_however_it_was_typed() {
    check_serial("HG-0002", Some("ent-device"));
    check_serial(" hg-0002 ", Some("ent-device"));
    check_serial("ＨＧ－０００２", Some("ent-device"));
    check_serial("HG - 00\u{3000}02", Some("ent-device"));
    check_serial("HG-0003", None);
    check_serial("", None);
    check_serial("　", None);
}

#[test]
fn cms_07_of_two_contracts_for_a_device_the_running_one_is_meant() {
    check_serial("HG-0001", Some("ent-device"));
    let device = |id: &str, end: Value| {
        contract(json!({ "id": id, "end": end, "serial_numbers": ["HG-9"] }))
    };
    // A contract without an end outlasts every other, also one whose state nobody updated.
    let both = [
        device("ended", json!("2025-03-31")),
        device("endless", json!(null)),
    ];
    assert_eq!(
        by_serial(&both, "HG-9").map(|one| one.id.as_str()),
        Some("endless")
    );
}

fn check_access(on_contract: bool, contracts: &[Entitlement], because: &str) {
    let mut desk = Desk::open();
    desk.contact.on_contract = on_contract;
    assert_eq!(
        access(&desk.contact, contracts, desk.today).because,
        because
    );
}

#[test]
fn cms_02_a_contact_who_is_not_on_the_contract_is_told_so_first() {
    check_access(false, &[], "not_on_contract");
    check_access(false, &[contract(json!({}))], "not_on_contract");
    let desk = Desk::open();
    assert_eq!(
        desk.account.admins[0].email, "takahashi@hokuto.example",
        "whom to ask is known"
    );
}

#[test]
fn cms_03_an_account_that_can_use_nothing_is_told_so_before_it_types() {
    check_access(true, &[], "no_contract");
    check_access(
        true,
        &[contract(json!({ "status": "expired" }))],
        "no_usable_contract",
    );
    check_access(
        true,
        &[
            contract(json!({})),
            contract(json!({ "status": "expired" })),
        ],
        "ok",
    );
}
