//! Clocks: the vectors of `tests/fixtures/sla`, zones against the system's database, and what a
//! policy is told of its mistakes.

use std::collections::BTreeSet;

use casement::core::reader::read;
use casement::core::sla::calendar::Holidays;
use casement::core::sla::civil::{DAY, Instant, SECOND, date, midnight};
use casement::core::sla::terms::{read_holidays, read_sla};
use casement::core::sla::vectors::{Supplies, run};
use casement::core::sla::zone::Zone;
use chrono::{Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde_json::Value;

use crate::support::{files_under, json, lines, root};

/// How far the clock of a zone is ahead of UTC, by the system's database.
pub(crate) fn ahead(tz: Tz, at: Instant) -> i64 {
    let time = chrono::DateTime::from_timestamp_millis(at).expect("an instant of this era");
    let offset = tz.offset_from_utc_datetime(&time.naive_utc());
    i64::from(offset.fix().local_minus_utc()) * SECOND
}

/// The instant at which a year begins in UTC.
pub(crate) fn new_year(year: i32) -> Instant {
    midnight(date(year, 1, 1).expect("a year"))
}

/// The zone of a name, from 1990 to 2040.
pub(crate) fn zone(name: &str) -> Option<Zone> {
    let tz: Tz = name.parse().ok()?;
    Some(Zone::from_probe(
        name,
        new_year(1990),
        new_year(2040),
        &mut |at| ahead(tz, at),
    ))
}

/// The public holidays that ship.
pub(crate) fn holidays() -> Vec<Holidays> {
    let files = files_under("public/calendars");
    assert!(!files.is_empty());
    let read = |path: &std::path::PathBuf| {
        let path = path.strip_prefix(root("")).unwrap_or(path);
        let (set, problems) = read_holidays(&json(&path.display().to_string()));
        assert_eq!(lines(&problems), [] as [String; 0], "{}", path.display());
        set
    };
    files.iter().map(read).collect()
}

#[test]
fn every_vector_gives_the_expected_answer() {
    let holidays = holidays();
    let policy = |id: &str| -> Option<Value> {
        let text = std::fs::read_to_string(root(&format!("public/policies/{id}.json"))).ok()?;
        serde_json::from_str(&text).ok()
    };
    let supplies = Supplies {
        zone: &zone,
        holidays: &holidays,
        policy: &policy,
    };
    let mut count = 0;
    for path in files_under("tests/fixtures/sla") {
        let name = path
            .strip_prefix(root(""))
            .unwrap_or(&path)
            .display()
            .to_string();
        let outcomes = run(&json(&name), &supplies)
            .unwrap_or_else(|problems| panic!("{name}: {:#?}", lines(&problems)));
        for one in outcomes {
            assert!(
                one.passed,
                "{name}: {}\n expected {}\n found    {}",
                one.name, one.expected, one.found
            );
            count += 1;
        }
    }
    assert!(count > 100, "only {count} vectors");
}

#[test]
fn a_zone_looked_at_every_few_days_misses_no_change_of_any_zone() {
    for tz in TZ_VARIANTS {
        let zone = zone(tz.name()).expect("a zone of the database");
        let (from, until) = (new_year(1990), new_year(2040));
        // At noon in UTC of every day, and a second around every change.
        let days = (from..until).step_by(DAY as usize).map(|at| at + DAY / 2);
        let changes: Vec<Instant> = zone.changes().map(|(at, _)| at).collect();
        let around = changes.iter().flat_map(|at| [at - SECOND, *at]);
        for at in days.chain(around) {
            assert_eq!(zone.ahead(at), Ok(ahead(tz, at)), "{} at {at}", tz.name());
        }
    }
}

#[test]
fn every_country_has_its_holidays_for_seven_years() {
    let sets = holidays();
    let there: BTreeSet<&str> = sets.iter().map(|set| set.id.as_str()).collect();
    let countries = "JP US CA BR MX GB DE FR ES NL CH CN HK TW SG IN KR AU NZ";
    for country in countries.split(' ') {
        assert!(there.contains(country), "{country}");
    }
    for set in &sets {
        assert_eq!(
            (set.from, set.until),
            (date(2024, 1, 1).unwrap(), date(2031, 1, 1).unwrap())
        );
        for year in 2024..=2030 {
            let (from, until) = (date(year, 1, 1).unwrap(), date(year + 1, 1, 1).unwrap());
            let days = set
                .days
                .iter()
                .filter(|(day, _)| (from..until).contains(day));
            assert!(days.count() >= 4, "{} in {year}", set.id);
        }
    }
}

#[test]
fn every_mistake_of_a_policys_times_is_told_with_its_path() {
    let mistakes = json("tests/fixtures/policies/sla-mistakes.json");
    let (_, problems) = read(&mistakes["sla"], read_sla);
    let found: BTreeSet<&str> = problems.iter().map(|one| one.path.as_str()).collect();
    let expected = mistakes["problems"].as_array().expect("a list of paths");
    let expected: BTreeSet<&str> = expected.iter().filter_map(Value::as_str).collect();
    assert_eq!(found, expected);
    for problem in &problems {
        assert!(
            !problem.mend.is_empty() && !problem.found.is_empty(),
            "{}",
            problem.path
        );
    }
}
