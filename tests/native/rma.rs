//! Returned parts: which level a device gets, and why not the fastest.

use casement::core::case::{Asset, Record};
use casement::core::policy::Policy;
use casement::core::rma::{by_serial, eligible, km, level, limit_miles, why};
use serde_json::{Value, json};

use crate::support::{json as file, lines};

fn policy() -> Policy {
    let mut policy = file("tests/fixtures/desk/policy.json");
    policy["rma"] = json!({
        "levels": [
            { "id": "bronze", "name": "Bronze", "terms": "Ten days" },
            { "id": "silver", "name": "Silver", "terms": "Next day" },
            { "id": "gold", "name": "Gold", "terms": "Next day" },
            { "id": "gold_plus", "name": "Gold Plus", "terms": "Four hours" }
        ],
        "fast_level": "gold_plus",
        "home_country": "US", "max_miles_home": 70, "max_miles": 50,
        "not_for_products": [virtual_product()],
        "texts": { "too_far": { "text": "Too far.", "remedy": "Gold holds." } }
    });
    Policy::read(&policy).unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)))
}

/// A product of the desk that stands in for one without a device.
fn virtual_product() -> String {
    let world = file("tests/fixtures/desk/world.json");
    let id = world["products"][0]["id"].as_str();
    id.expect("the desk has products").into()
}

/// A device on the fastest level that has everything it needs.
fn asset(change: Value) -> Asset {
    let mut asset = json!({
        "id": "as-1", "serial_number": "HG-0001", "product_id": "box", "level": "gold_plus",
        "country": "JP", "address_registered_at": "2026-01-05T00:00:00Z",
        "distance_miles": 12, "center_country": "JP", "center_name": "Tokyo"
    });
    for (key, value) in change.as_object().expect("changes by their keys") {
        asset[key] = value.clone();
    }
    Asset::from_json(&asset)
}

fn check(change: Value, asked: &str, because: &str, facts: &[(&str, &str)]) {
    let decision = eligible(&policy(), &asset(change.clone()), asked);
    assert_eq!(decision.because, because, "{asked} for {change}");
    assert_eq!(decision.allowed, because == "ok");
    let found: Vec<(&str, &str)> = decision
        .facts
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(found, facts, "{asked} for {change}");
}

fn check_fast(change: Value, because: &str, facts: &[(&str, &str)]) {
    check(change, "gold_plus", because, facts);
}

#[test]
fn csf_17_a_registered_address_near_a_centre_of_the_same_country_gets_the_fastest_level() {
    check_fast(json!({}), "ok", &[]);
    check_fast(json!({ "distance_miles": 0 }), "ok", &[]);
    check_fast(json!({ "distance_miles": 50 }), "ok", &[]);
}

#[test]
fn csf_17_fifty_miles_are_the_limit_everywhere_but_at_home_where_it_is_seventy() {
    let far = [
        ("miles", "51"),
        ("km", "82"),
        ("limit", "50"),
        ("limit_km", "80"),
    ];
    check_fast(json!({ "distance_miles": 51 }), "too_far", &far);
    let home =
        |miles: u64| json!({ "country": "US", "center_country": "US", "distance_miles": miles });
    check_fast(home(63), "ok", &[]);
    check_fast(home(70), "ok", &[]);
    let far = [
        ("miles", "71"),
        ("km", "114"),
        ("limit", "70"),
        ("limit_km", "113"),
    ];
    check_fast(home(71), "too_far", &far);
    check_fast(json!({ "distance_miles": null }), "distance_unknown", &[]);
}

#[test]
fn csf_17_the_centre_must_be_in_the_same_country_however_near_it_is() {
    check_fast(
        json!({ "center_country": "KR", "distance_miles": 1 }),
        "other_country",
        &[("country", "JP"), ("center", "KR")],
    );
    check_fast(
        json!({ "center_name": "", "center_country": "" }),
        "no_center",
        &[("country", "JP")],
    );
}

#[test]
fn csf_17_an_address_that_was_not_registered_can_not_be_registered_with_the_request() {
    check_fast(
        json!({ "address_registered_at": null }),
        "address_not_registered",
        &[],
    );
    // What is nearer to be mended is said first.
    check_fast(
        json!({ "address_registered_at": null, "center_name": "", "distance_miles": 99 }),
        "address_not_registered",
        &[],
    );
}

#[test]
fn csf_17_lower_levels_ask_for_neither_address_nor_distance() {
    let nothing = json!({
        "address_registered_at": null, "distance_miles": 999, "center_name": "", "country": ""
    });
    for asked in ["bronze", "silver", "gold"] {
        check(nothing.clone(), asked, "ok", &[]);
    }
}

#[test]
fn csf_16_no_level_above_the_devices_own_can_be_asked_for() {
    for (has, asked, because) in [
        ("bronze", "bronze", "ok"),
        ("bronze", "silver", "not_this_level"),
        ("gold", "gold_plus", "not_this_level"),
        ("gold", "bronze", "ok"),
        ("gold", "no_such", "not_this_level"),
        ("", "bronze", "no_maintenance"),
        ("platinum", "bronze", "no_maintenance"),
    ] {
        let facts = [("level", has)];
        let facts = if because == "not_this_level" {
            &facts[..]
        } else {
            &[]
        };
        check(json!({ "level": has }), asked, because, facts);
    }
}

#[test]
fn csf_18_a_product_without_a_device_has_no_maintenance_on_any_level() {
    for asked in ["bronze", "silver", "gold", "gold_plus"] {
        check(
            json!({ "product_id": virtual_product() }),
            asked,
            "excluded_product",
            &[],
        );
    }
    let without = Policy::read(&file("tests/fixtures/desk/policy.json"));
    let without = without.unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
    assert_eq!(
        eligible(&without, &asset(json!({})), "gold").because,
        "not_offered"
    );
    assert!(level(&without, &asset(json!({}))).is_none());
}

#[test]
fn csf_17_where_the_fastest_level_fails_the_next_lower_one_holds() {
    let policy = policy();
    for (change, expected) in [
        (json!({}), Some("gold_plus")),
        (json!({ "distance_miles": 63 }), Some("gold")),
        (json!({ "address_registered_at": null }), Some("gold")),
        (json!({ "level": "silver" }), Some("silver")),
        (json!({ "level": "" }), None),
        (json!({ "product_id": virtual_product() }), None),
    ] {
        let found = level(&policy, &asset(change.clone())).map(|level| level.id.as_str());
        assert_eq!(found, expected, "{change}");
    }
}

#[test]
fn csf_17_the_policy_says_why_in_its_own_words() {
    let policy = policy();
    let reason = why(&policy, "too_far").map(|reason| reason.remedy.get("en"));
    assert_eq!(reason, Some("Gold holds."));
    assert!(why(&policy, "no_such").is_none());
    let rma = policy.rma.as_ref().expect("the policy has returns");
    assert_eq!((limit_miles(rma, "US"), limit_miles(rma, "JP")), (70, 50));
}

#[test]
fn csf_16_a_device_is_found_by_its_serial_number_as_people_write_it() {
    let all = [
        asset(json!({ "id": "as-1" })),
        asset(json!({ "id": "as-2", "serial_number": "hg-0002" })),
        asset(json!({ "id": "as-3", "serial_number": "" })),
    ];
    for (serial, expected) in [
        ("HG-0002", Some("as-2")),
        (" ｈｇ－０００２ ", Some("as-2")),
        ("HG0002", None),
        ("", None),
        ("　", None),
    ] {
        let found = by_serial(&all, serial).map(|asset| asset.id.as_str());
        assert_eq!(found, expected, "{serial:?}");
    }
}

#[test]
fn csf_17_miles_are_shown_in_kilometres_too() {
    for (miles, kilometres) in [(0, 0), (1, 2), (50, 80), (63, 101), (70, 113)] {
        assert_eq!(km(miles), kilometres, "{miles}");
    }
}
