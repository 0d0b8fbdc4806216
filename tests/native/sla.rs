//! Clocks: the vectors of `tests/fixtures/sla`, zones against the system's database, and what a
//! policy is told of its mistakes.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use casement::core::reader::read;
use casement::core::sla::calendar::Holidays;
use casement::core::sla::civil::{DAY, Instant, SECOND, date, midnight};
use casement::core::sla::terms::{read_holidays, read_sla};
use casement::core::sla::vectors::{Outcome, Supplies, run};
use casement::core::sla::zone::Zone;
use chrono::{Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use serde_json::Value;

use crate::support::{file, files_under, json, lines, root};

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

/// Runs every vector of the files, or of a text in the same format; each with where it stands.
fn outcomes(files: &[(String, Value)]) -> Vec<(String, Outcome)> {
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
    let mut all = Vec::new();
    for (name, json) in files {
        let outcomes = run(json, &supplies)
            .unwrap_or_else(|problems| panic!("{name}: {:#?}", lines(&problems)));
        all.extend(outcomes.into_iter().map(|one| (name.clone(), one)));
    }
    all
}

/// The outcomes of the project's own vectors, which many tests look at.
fn own() -> &'static [(String, Outcome)] {
    static OWN: OnceLock<Vec<(String, Outcome)>> = OnceLock::new();
    OWN.get_or_init(|| {
        let files: Vec<(String, Value)> = files_under("tests/fixtures/sla")
            .iter()
            .map(|path| path.strip_prefix(root("")).unwrap_or(path))
            .map(|path| path.display().to_string())
            .map(|name| (name.clone(), json(&name)))
            .collect();
        outcomes(&files)
    })
}

/// Checks every vector whose name begins with a word; there must be as many as the tables have.
fn worked_by_hand(word: &str, at_least: usize) {
    let mut count = 0;
    for (file, one) in own() {
        if one.name.starts_with(word) {
            assert!(
                one.passed,
                "{file}: {}\n expected {}\n found    {}",
                one.name, one.expected, one.found
            );
            count += 1;
        }
    }
    assert!(count >= at_least, "only {count} vectors begin with {word}");
}

#[test]
fn fault_20_every_vector_gives_the_expected_answer() {
    worked_by_hand("", 300);
}

#[test]
fn csf_01_the_business_hours_of_every_region() {
    worked_by_hand("CSF-01", 20);
}

#[test]
fn csf_03_who_is_served_at_any_hour() {
    worked_by_hand("CSF-03", 6);
}

#[test]
fn csf_04_every_time_of_severity_1() {
    worked_by_hand("CSF-04", 11);
}

#[test]
fn csf_05_every_time_of_severity_2() {
    worked_by_hand("CSF-05", 13);
}

#[test]
fn csf_06_every_time_of_severity_3() {
    worked_by_hand("CSF-06", 8);
}

#[test]
fn csf_07_every_time_of_severity_4() {
    worked_by_hand("CSF-07", 8);
}

#[test]
fn csf_08_nothing_is_promised_that_the_policy_does_not() {
    worked_by_hand("CSF-08", 3);
}

#[test]
fn csf_11_a_case_without_an_answer_is_closed_after_a_time() {
    worked_by_hand("CSF-11", 2);
}

#[test]
fn csf_12_a_case_can_be_opened_again_for_a_time() {
    worked_by_hand("CSF-12", 2);
}

#[test]
fn csf_13_every_way_to_escalate_has_its_time() {
    worked_by_hand("CSF-13", 6);
}

#[test]
fn csf_15_the_hours_of_every_maintenance_level_in_every_region() {
    worked_by_hand("CSF-15", 50);
}

#[test]
fn csf_16_every_step_of_a_return_has_a_clock_of_its_own() {
    worked_by_hand("CSF-16", 20);
}

#[test]
fn csf_19_fix_releases_are_expected_within_a_range() {
    worked_by_hand("CSF-19", 3);
}

#[test]
fn mpc_08_first_response_by_severity_and_language() {
    worked_by_hand("MPC-08", 10);
}

#[test]
fn mpt_15_the_country_decides_the_hours() {
    worked_by_hand("MPT-15", 45);
}

#[test]
fn the_examples_of_the_guide_are_right() {
    let guide = file("docs/sla.md");
    let blocks: Vec<&str> = guide
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(block, _)| block)
        .collect();
    let parse = |text: &str| -> Value {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let terms = parse(&format!("{{{}}}", blocks[0]));
    let (_, problems) = read(&terms["sla"], read_sla);
    assert_eq!(lines(&problems), [] as [String; 0]);
    let mut vectors = parse(blocks[1]);
    let one = parse(blocks[2]);
    vectors["vectors"].as_array_mut().expect("a list").push(one);
    for (_, one) in outcomes(&[("docs/sla.md".into(), vectors)]) {
        assert!(one.passed, "{}: {} {}", one.name, one.expected, one.found);
    }
}

#[test]
fn a_file_of_vectors_with_mistakes_is_told_all_of_them() {
    let json = serde_json::json!({ "vectors": [
        { "name": "a", "ask": { "is_opne": "2026-11-20T09:30" }, "expect": { "open": true } },
        { "name": "b", "calendar": "nowhere", "ask": { "is_open": "2026-11-20T09:30Z" }, "expect": {} },
        { "name": "c", "ask": { "add": { "hours": 1 }, "since": "20 November" }, "expect": { "at": "?" } },
    ] });
    let supplies = Supplies {
        zone: &zone,
        holidays: &[],
        policy: &|_| None,
    };
    let problems = run(&json, &supplies).err().unwrap_or_default();
    let mut paths: Vec<&str> = problems.iter().map(|one| one.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(
        paths,
        [
            "vectors[0].ask",
            "vectors[0].ask.is_opne",
            "vectors[1].calendar",
            "vectors[1].expect",
            "vectors[2].ask.since",
            "vectors[2].expect.at",
        ]
    );
}

#[test]
fn fault_20_a_zone_looked_at_every_few_days_misses_no_change_of_any_zone() {
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
