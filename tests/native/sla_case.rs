//! Clocks of cases as the backend tells them, and the calculation in sentences.

use casement::core::case::{Case, Comment, Record};
use casement::core::reader::read;
use casement::core::sla::civil::{HOUR, Instant, MINUTE, local_text, read_instant};
use casement::core::sla::clocks::{Calendars, Clock, State, What, business_hours, clocks, select};
use casement::core::sla::explain::{Arg, Explanation, explain};
use casement::core::sla::history::{Event, Mark, of_case};
use casement::core::sla::ics::{DueEvent, export};
use casement::core::sla::terms::{Facts, Sla, clock_text, read_sla};
use serde_json::json;

use crate::sla::{holidays, zone};
use crate::support::json as file;

fn at(text: &str) -> Instant {
    read_instant(text).unwrap_or_else(|| panic!("{text} is no instant"))
}

fn desk() -> (Sla, Calendars) {
    let policy = file("public/policies/citrix.json");
    let (sla, _) = read(&policy["sla"], read_sla);
    let calendars = Calendars::new(&sla, &mut |name| zone(name), &holidays());
    (sla, calendars)
}

fn facts(plan: &str, severity: &str) -> Facts {
    Facts {
        plan: plan.into(),
        severity: severity.into(),
        region: "japan".into(),
        language: "ja".into(),
        ..Facts::default()
    }
}

/// Events as `time mark`, which is what a test wants to compare.
fn told(history: &[Event]) -> Vec<String> {
    let line = |event: &Event| format!("{} {}", local_text(event.at), event.mark.word());
    history.iter().map(line).collect()
}

#[test]
fn a_case_of_the_backend_becomes_a_history() {
    let case = Case::from_json(&json!({
        "id": "1", "number": "1", "created_at": "2026-11-20T01:00:00Z",
        "history": [
            { "at": "2026-11-20T01:00:00Z", "kind": "created" },
            { "at": "2026-11-20T01:20:00Z", "kind": "assigned" },
            { "at": "2026-11-20T01:20:00Z", "kind": "status", "detail": "open" },
            { "at": "2026-11-20T03:00:00Z", "kind": "status", "detail": "waiting_customer" },
            { "at": "2026-11-20T03:05:00Z", "kind": "status", "detail": "waiting_customer" },
            { "at": "2026-11-20T05:00:00Z", "kind": "status", "detail": "open" },
            { "at": "2026-11-20T06:00:00Z", "kind": "edited" },
            { "at": "2026-11-21T01:00:00Z", "kind": "status", "detail": "solution_provided" },
            { "at": "2026-11-22T01:00:00Z", "kind": "status", "detail": "closed" },
            { "at": "2026-11-23T01:00:00Z", "kind": "status", "detail": "open" },
        ],
    }));
    let said = |side: &str, at: &str| {
        Comment::from_json(
            &json!({ "id": at, "case_id": "1", "author_side": side, "created_at": at }),
        )
    };
    let comments = [
        said("vendor", "2026-11-20T02:00:00Z"),
        said("vendor", "2026-11-20T02:30:00Z"),
        said("partner", "2026-11-20T04:00:00Z"),
    ];
    let expected = [
        "2026-11-20T01:00 created",
        "2026-11-20T01:20 answered",
        "2026-11-20T02:00 updated",
        "2026-11-20T02:30 updated",
        "2026-11-20T03:00 waiting",
        "2026-11-20T04:00 resumed",
        "2026-11-21T01:00 solution",
        "2026-11-22T01:00 closed",
        "2026-11-23T01:00 reopened",
    ];
    assert_eq!(told(&of_case(&case, &comments, true)), expected);
    // Where an assignment is no answer, the first comment is.
    let first: Vec<String> = told(&of_case(&case, &comments, false))
        .into_iter()
        .skip(1)
        .take(2)
        .collect();
    assert_eq!(
        first,
        ["2026-11-20T02:00 answered", "2026-11-20T02:30 updated"]
    );
}

#[test]
fn every_case_of_the_example_data_has_clocks_that_can_be_computed() {
    let (sla, calendars) = desk();
    let now = at("2026-11-20T03:00:00Z");
    let cases = file("backend/example/cases.json");
    let mut count = 0;
    for mut json in cases.as_array().expect("a list").clone() {
        // The example's times are distances from now.
        let text = json.to_string();
        if json["policy"] != "citrix" {
            continue;
        }
        json["created_at"] = "2026-11-19T03:00:00Z".into();
        for (index, one) in json["history"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .enumerate()
        {
            one["at"] = format!("2026-11-19T{:02}:00:00Z", 3 + index.min(20)).into();
        }
        let case = Case::from_json(&json);
        let history = of_case(&case, &[], sla.assignment_answers);
        let facts = facts("select", &case.severity);
        for clock in clocks(&sla, &calendars, &select(&sla, &facts), &history, now) {
            let known = !matches!(clock.state, State::NotComputable(_));
            assert!(known, "{} of {text}", clock.what.word());
            count += 1;
        }
    }
    assert!(count > 10, "only {count} clocks");
}

fn one(list: Vec<Clock>, what: What) -> Clock {
    let found = list.into_iter().find(|clock| clock.what == what);
    found.unwrap_or_else(|| panic!("no clock {}", what.word()))
}

/// The sentences, each as its key and what stands in it.
fn sentences(explanation: &Explanation) -> Vec<String> {
    let arg = |arg: &Arg| match arg {
        Arg::At(at) => local_text(*at),
        Arg::Length(length) => format!("{} min", length / MINUTE),
        Arg::Date(date) => casement::core::sla::civil::date_text(*date),
        Arg::Count(count) => count.to_string(),
        Arg::Name(name) => name.get("ja").to_string(),
    };
    explanation
        .sentences
        .iter()
        .map(|one| {
            let args: Vec<String> = one
                .args
                .iter()
                .map(|(key, value)| format!("{key}={}", arg(value)))
                .collect();
            format!("{} {}", one.key, args.join(" ")).trim().to_string()
        })
        .collect()
}

#[test]
fn new_02_the_clock_before_submitting_says_why_then() {
    let (sla, calendars) = desk();
    let now = at("2026-11-20T16:30:00+09:00");
    let history = [Event::new(now, Mark::Created)];
    let facts = facts("select", "2");
    let list = clocks(&sla, &calendars, &select(&sla, &facts), &history, now);
    let clock = one(list, What::Response);
    assert_eq!(clock.state, State::Running);
    assert_eq!(clock.left, Some(2 * HOUR));
    let why = explain(&sla, &calendars, &clock, &history, now).expect("an explanation");
    assert_eq!(
        sentences(&why),
        [
            "sla.since.created at=2026-11-20T07:30",
            "sla.span.hours.within count=2",
            "sla.clock.calendar name=日本の営業時間",
            "sla.counted length=120 min",
            "sla.skipped.night length=960 min",
            "sla.skipped.weekend length=2880 min",
            "sla.skipped.holiday length=1440 min name=勤労感謝の日 date=2026-11-23",
            "sla.due.at at=2026-11-24T01:30",
            "sla.promise.target",
        ]
    );
    assert_eq!(why.total(), 90 * HOUR);
}

#[test]
fn a_clock_that_cannot_be_computed_says_why() {
    let (sla, _) = desk();
    let calendars = Calendars::new(&sla, &mut |_| None, &holidays());
    let now = at("2026-11-20T16:30:00+09:00");
    let history = [Event::new(now, Mark::Created)];
    let facts = facts("select", "3");
    let list = clocks(&sla, &calendars, &select(&sla, &facts), &history, now);
    let clock = one(list, What::Response);
    assert!(clock.due.is_none());
    let why = explain(&sla, &calendars, &clock, &history, now).expect("an explanation");
    assert_eq!(sentences(&why), ["sla.trouble.no_zone"]);
}

#[test]
fn a_case_without_targets_has_no_clocks_and_no_harm_is_done() {
    let (sla, calendars) = desk();
    let empty = Sla::default();
    let now = at("2026-11-20T16:30:00+09:00");
    let history = [Event::new(now, Mark::Created)];
    let nobody = Facts::default();
    assert!(clocks(&empty, &calendars, &select(&empty, &nobody), &history, now).is_empty());
    assert!(clocks(&sla, &calendars, &select(&sla, &nobody), &[], now).is_empty());
}

#[test]
fn new_08_the_hours_of_a_region_for_the_call_sheet() {
    let (sla, calendars) = desk();
    let japan = business_hours(&sla, &facts("select", "1"));
    let calendar = calendars.of(japan).expect("a calendar").expect("hours");
    let evening = at("2026-11-20T18:00:00+09:00");
    assert_eq!(calendar.is_open(evening), Ok(false));
    let next = at("2026-11-24T09:30:00+09:00");
    assert_eq!(calendar.next_opening(evening), Ok(next));
    let hours: Vec<Vec<String>> = calendar
        .week()
        .iter()
        .map(|day| {
            day.iter()
                .map(|hours| format!("{}-{}", clock_text(hours.from), clock_text(hours.to)))
                .collect()
        })
        .collect();
    assert_eq!(hours[..5], [["09:30-17:30"]; 5]);
    assert!(hours[5].is_empty() && hours[6].is_empty());
}

#[test]
fn new_09_the_return_of_a_part_counts_down_and_goes_into_a_calendar() {
    let (sla, calendars) = desk();
    let history = [
        Event::new(at("2026-11-20T10:00:00+09:00"), Mark::Created),
        Event::new(at("2026-11-20T15:00:00+09:00"), Mark::RmaIssued),
        Event::new(at("2026-11-25T11:00:00+09:00"), Mark::Delivered),
    ];
    let facts = Facts {
        level: "silver".into(),
        ..facts("appliance-maintenance", "3")
    };
    let now = at("2026-12-01T17:00:00+09:00");
    let list = clocks(&sla, &calendars, &select(&sla, &facts), &history, now);
    let clock = one(list, What::RmaReturn);
    // Half an hour is left today, and all of tomorrow.
    assert_eq!(clock.left, Some(8 * HOUR + 30 * MINUTE));
    let due = clock.due.expect("a due time").at;
    let file = export(&DueEvent {
        uid: "case-1.rma_return",
        stamp: now,
        at: due,
        title: "故障部品の返送",
        description: "",
        url: "",
    });
    assert!(file.contains("\r\nDTSTART:20261202T083000Z\r\n"), "{file}");
    assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
}
