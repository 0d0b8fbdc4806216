//! Zones as this browser knows them: changes known from the laws, and due times counted in them.

use casement::browser::zones;
use casement::core::reader::read;
use casement::core::sla::civil::{HOUR, Instant, MINUTE, read_instant};
use casement::core::sla::clocks::{Calendars, What, clocks, select};
use casement::core::sla::history::{Event, Mark};
use casement::core::sla::terms::{Facts, read_holidays, read_sla};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

fn at(text: &str) -> Instant {
    read_instant(text).expect("an instant")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("a file of the portal")
}

#[wasm_bindgen_test]
fn changes_of_clocks_are_those_that_the_laws_set() {
    let cases = [
        (
            "America/New_York",
            "2026-03-08T07:00:00Z",
            -5 * HOUR,
            -4 * HOUR,
        ),
        (
            "America/New_York",
            "2026-11-01T06:00:00Z",
            -4 * HOUR,
            -5 * HOUR,
        ),
        ("Europe/London", "2026-03-29T01:00:00Z", 0, HOUR),
        (
            "America/St_Johns",
            "2026-03-08T05:30:00Z",
            -210 * MINUTE,
            -150 * MINUTE,
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-04T15:00:00Z",
            11 * HOUR,
            630 * MINUTE,
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-03T15:30:00Z",
            630 * MINUTE,
            11 * HOUR,
        ),
        (
            "America/Sao_Paulo",
            "2019-02-17T02:00:00Z",
            -2 * HOUR,
            -3 * HOUR,
        ),
        (
            "Pacific/Apia",
            "2011-12-30T10:00:00Z",
            -10 * HOUR,
            14 * HOUR,
        ),
    ];
    for (name, change, before, after) in cases {
        let zone = zones::made(name).expect(name);
        assert_eq!(
            zone.ahead(at(change) - 1000),
            Ok(before),
            "{name} before {change}"
        );
        assert_eq!(zone.ahead(at(change)), Ok(after), "{name} from {change}");
    }
}

#[wasm_bindgen_test]
fn zones_that_never_change_have_no_changes() {
    for (name, ahead) in [
        ("Asia/Tokyo", 9 * HOUR),
        ("Asia/Kolkata", 330 * MINUTE),
        ("Asia/Kathmandu", 345 * MINUTE),
        ("Etc/GMT", 0),
    ] {
        let zone = zones::made(name).expect(name);
        assert_eq!(zone.changes().count(), 0, "{name}");
        assert_eq!(zone.ahead(at("1990-01-01T00:00:00Z")), Ok(ahead));
        assert_eq!(zone.ahead(at("2039-12-31T23:59:59Z")), Ok(ahead));
        assert!(zone.ahead(at("2040-01-01T00:00:00Z")).is_err());
    }
}

#[wasm_bindgen_test]
fn a_zone_that_the_browser_does_not_know_is_none() {
    assert!(zones::zone("Mars/Phobos").is_none());
    assert!(!zones::is_known("Mars/Phobos"));
    assert!(!zones::is_known(""));
    assert!(zones::is_known("Asia/Tokyo"));
}

#[wasm_bindgen_test]
fn a_table_that_was_kept_is_the_same_as_one_just_made() {
    let name = "Europe/Dublin";
    let first = zones::zone(name).expect(name);
    let key = format!("casement.zone.{name}");
    let storage = web_sys::window().and_then(|window| window.local_storage().ok().flatten());
    let kept = storage.and_then(|storage| storage.get_item(&key).ok().flatten());
    assert!(kept.is_some_and(|text| text.contains("table")));
    let made = zones::made(name).expect(name);
    assert!(first.changes().eq(made.changes()));
    assert!(made.changes().count() > 90);
}

#[wasm_bindgen_test]
fn due_times_counted_in_these_zones_are_those_worked_out_by_hand() {
    let policy = json(include_str!("../../public/policies/citrix.json"));
    let (sla, _) = read(&policy["sla"], read_sla);
    let holidays = [
        include_str!("../../public/calendars/JP.json"),
        include_str!("../../public/calendars/US.json"),
        include_str!("../../public/calendars/GB-ENG.json"),
        include_str!("../../public/calendars/HK.json"),
        include_str!("../../public/calendars/AU-QLD.json"),
    ];
    let holidays: Vec<_> = holidays
        .iter()
        .map(|text| read_holidays(&json(text)).0)
        .collect();
    let calendars = Calendars::new(&sla, &mut zones::zone, &holidays);
    for (region, severity, created, due) in [
        // An hour on Friday; the weekend and a holiday on Monday; an hour on Tuesday.
        (
            "japan",
            "2",
            "2026-11-20T16:30:00+09:00",
            "2026-11-24T10:30:00+09:00",
        ),
        // Summer time ends on Sunday: an hour on Friday, seven on Monday.
        (
            "americas",
            "3",
            "2026-10-30T20:00:00-04:00",
            "2026-11-02T15:00:00-05:00",
        ),
        // Summer time begins on Sunday: two hours on Friday, six on Monday.
        (
            "emea",
            "3",
            "2026-03-27T15:00:00+00:00",
            "2026-03-30T14:00:00+01:00",
        ),
    ] {
        let facts = Facts {
            plan: "select".into(),
            severity: severity.into(),
            region: region.into(),
            ..Facts::default()
        };
        let history = [Event::new(at(created), Mark::Created)];
        let all = clocks(
            &sla,
            &calendars,
            &select(&sla, &facts),
            &history,
            at(created),
        );
        let response = all.iter().find(|clock| clock.what == What::Response);
        let found = response.and_then(|clock| clock.due).map(|found| found.at);
        assert_eq!(found, Some(at(due)), "{region} {created}");
    }
}
