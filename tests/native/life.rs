//! The life of a case: what may be done with it, how far it is, and how it goes on after its end.

use casement::core::case::{Case, Comment, License, Record, coverage, time};
use casement::core::draft::{Answer, Draft, State};
use casement::core::flow::case_body;
use casement::core::life::{
    Act, Stage, closes_for_silence, linked_draft, may, progress, reopens_until, requested,
};
use casement::core::policy::Policy;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::support::{Desk, json as file, lines};

const NOW: &str = "2026-11-20T09:00:00Z";

fn at(text: &str) -> DateTime<Utc> {
    time(text).unwrap_or_else(|| panic!("{text} is no time"))
}

fn policy_with(parts: Value) -> Policy {
    let mut policy = file("tests/fixtures/desk/policy.json");
    for (key, part) in parts.as_object().expect("parts by their keys") {
        policy[key] = part.clone();
    }
    Policy::read(&policy).unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)))
}

/// A desk that offers everything but a higher severity.
fn generous() -> Policy {
    policy_with(json!({
        "life": {
            "lower_severity": { "text": "Ask the engineer." },
            "raise_severity": { "possible": false, "text": "Never." },
            "close": { "confirm": "It is solved.", "silence_days": 14 },
            "reopen": { "days": 30, "later": "Open a new one." },
            "escalate": {
                "intro": "When nothing moves.",
                "asks": [{ "id": "summary", "label": "Summary", "required": true }],
                "channels": [{
                    "id": "web", "kind": "web", "name": "Web", "answer": "Soon", "when": "Always"
                }]
            },
            "progress": [
                { "id": "checked", "name": "Contract checked" },
                { "id": "searching", "name": "Troubleshooting", "asks": ["Logs"] },
                { "id": "senior", "name": "Senior engineer" },
                { "id": "closing", "name": "Closing" }
            ],
            "contacts": true,
            "watchers": true
        },
        "rma": {
            "levels": [{ "id": "slow", "name": "Slow", "terms": "In ten days" }],
            "home_country": "US", "max_miles_home": 70, "max_miles": 50
        }
    }))
}

fn severities(policy: &Policy) -> Vec<&str> {
    policy
        .severities
        .iter()
        .map(|one| one.id.as_str())
        .collect()
}

fn case(change: Value) -> Case {
    let mut case = json!({
        "id": "c-1", "number": "81000001", "status": "open", "severity": "2",
        "subject": "Sessions drop", "description": "Since Monday.\n\n■ Report\nText"
    });
    for (key, value) in change.as_object().expect("changes by their keys") {
        case[key] = value.clone();
    }
    Case::from_json(&case)
}

fn check(policy: &Policy, change: Value, act: Act, because: &str) {
    let decision = may(policy, &case(change.clone()), act, at(NOW));
    assert_eq!(decision.because, because, "{act:?} on {change}");
    assert_eq!(decision.allowed, because == "ok", "{act:?} on {change}");
}

/// Every way to act on a case that is open.
const OPEN: [Act; 6] = [
    Act::LowerSeverity("3"),
    Act::Close,
    Act::Escalate,
    Act::Rma,
    Act::AddContact,
    Act::AddWatcher,
];

#[test]
fn csf_12_what_a_policy_does_not_offer_can_not_be_done() {
    let silent = policy_with(json!({}));
    for act in OPEN {
        check(&silent, json!({}), act, "not_offered");
    }
    check(&silent, json!({}), Act::Reopen, "not_offered");
    check(&silent, json!({}), Act::RaiseSeverity, "cannot_raise");
}

#[test]
fn csf_11_with_a_closed_case_nothing_can_be_done_but_opening_it_again() {
    let policy = generous();
    let closed = json!({ "status": "closed", "closed_at": "2026-11-10T09:00:00Z" });
    for act in OPEN {
        check(&policy, json!({}), act, "ok");
        check(&policy, closed.clone(), act, "case_closed");
    }
    check(&policy, json!({}), Act::Reopen, "not_closed");
    check(&policy, closed, Act::Reopen, "ok");
}

#[test]
fn csf_09_a_severity_can_be_lowered_and_never_raised() {
    let policy = generous();
    let ids = severities(&policy);
    assert_eq!(ids, ["1", "2", "3", "4"], "most severe first");
    for (from, to, because) in [
        ("2", "3", "ok"),
        ("1", "4", "ok"),
        ("2", "2", "not_lower"),
        ("4", "4", "not_lower"),
        ("3", "2", "cannot_raise"),
        ("4", "1", "cannot_raise"),
        ("2", "no_such", "not_lower"),
        ("", "4", "ok"),
        ("gone", "4", "ok"),
    ] {
        check(
            &policy,
            json!({ "severity": from }),
            Act::LowerSeverity(to),
            because,
        );
    }
    check(&policy, json!({}), Act::RaiseSeverity, "cannot_raise");
    let lenient = policy_with(json!({
        "life": { "raise_severity": { "possible": true, "text": "Call us." } }
    }));
    check(&lenient, json!({}), Act::RaiseSeverity, "ok");
    check(
        &lenient,
        json!({ "status": "closed" }),
        Act::RaiseSeverity,
        "case_closed",
    );
}

#[test]
fn csf_12_a_case_is_opened_again_within_thirty_days_and_not_later() {
    let policy = generous();
    for (closed_at, because) in [
        ("2026-11-20T08:59:59Z", "ok"),
        ("2026-10-21T09:00:00Z", "ok"),
        ("2026-10-21T18:00:00+09:00", "ok"),
        ("2026-10-21T08:59:59Z", "reopen_too_late"),
        ("2020-01-01T00:00:00Z", "reopen_too_late"),
    ] {
        let closed = json!({ "status": "closed", "closed_at": closed_at });
        check(&policy, closed, Act::Reopen, because);
    }
    let late = case(json!({ "status": "closed", "closed_at": "2026-10-06T09:00:00Z" }));
    let decision = may(&policy, &late, Act::Reopen, at(NOW));
    let facts = [
        ("days", "30".to_string()),
        ("closed", "2026-10-06".to_string()),
    ];
    assert_eq!(decision.facts, facts);
    assert_eq!(
        reopens_until(&policy, &late),
        Some((at("2026-10-06T09:00:00Z"), at("2026-11-05T09:00:00Z")))
    );
}

#[test]
fn csf_12_when_a_case_was_closed_is_read_off_its_history_if_need_be() {
    let policy = generous();
    let told = json!({ "status": "closed", "history": [
        { "at": "2026-01-01T00:00:00Z", "kind": "closed" },
        { "at": "2026-11-01T00:00:00Z", "kind": "closed" }
    ]});
    check(&policy, told, Act::Reopen, "ok");
    // Where nobody says when, the backend decides.
    check(&policy, json!({ "status": "closed" }), Act::Reopen, "ok");
}

#[test]
fn csf_16_a_part_is_sent_back_once() {
    let policy = generous();
    check(&policy, json!({ "rma": null }), Act::Rma, "ok");
    check(
        &policy,
        json!({ "rma": { "serial_number": "X" } }),
        Act::Rma,
        "rma_already",
    );
}

fn check_progress(change: Value, expected: [Stage; 4]) {
    let policy = generous();
    let found: Vec<Stage> = progress(&policy, &case(change.clone()))
        .into_iter()
        .map(|(_, stage)| stage)
        .collect();
    assert_eq!(found, expected, "{change}");
}

#[test]
fn csf_10_the_way_of_a_case_shows_what_is_behind_it_and_what_may_come() {
    use Stage::{Done, Later, Now, Skipped};
    check_progress(json!({}), [Now, Later, Later, Later]);
    check_progress(json!({ "progress": "senior" }), [Done, Done, Now, Later]);
    check_progress(json!({ "progress": "no_such" }), [Now, Later, Later, Later]);
    let told = json!({ "history": [
        { "kind": "progress", "detail": "senior" },
        { "kind": "progress", "detail": "searching" }
    ]});
    check_progress(told, [Done, Now, Later, Later]);
    check_progress(
        json!({ "status": "closed", "progress": "searching" }),
        [Done, Done, Skipped, Done],
    );
    check_progress(
        json!({ "status": "closed" }),
        [Done, Skipped, Skipped, Done],
    );
    assert!(progress(&policy_with(json!({})), &case(json!({}))).is_empty());
}

fn said(case: &str, side: &str, at: &str) -> Comment {
    Comment::from_json(&json!({
        "id": "m", "case_id": case, "author_side": side, "created_at": at
    }))
}

fn waiting(history: Value) -> Value {
    json!({ "status": "waiting_customer", "history": history })
}

#[test]
fn csf_10_what_is_asked_of_the_customer_stands_until_it_is_answered() {
    let history = json!([
        { "at": "2026-11-01T00:00:00Z", "kind": "requested", "detail": "old logs" },
        { "at": "2026-11-02T00:00:00Z", "kind": "status", "detail": "open" },
        { "at": "2026-11-10T00:00:00Z", "kind": "requested", "detail": "logs" },
        { "at": "2026-11-10T00:00:00Z", "kind": "status", "detail": "waiting_customer" },
        { "at": "2026-11-12T00:00:00Z", "kind": "requested", "detail": "remote access" }
    ]);
    let case = case(waiting(history));
    for (comments, expected) in [
        (vec![], vec!["logs", "remote access"]),
        (
            vec![said("c-1", "vendor", "2026-11-13T00:00:00Z")],
            vec!["logs", "remote access"],
        ),
        (
            vec![said("c-2", "partner", "2026-11-13T00:00:00Z")],
            vec!["logs", "remote access"],
        ),
        (
            vec![said("c-1", "partner", "2026-11-11T00:00:00Z")],
            vec!["remote access"],
        ),
        (vec![said("c-1", "partner", "2026-11-13T00:00:00Z")], vec![]),
    ] {
        let found = requested(&case, &comments);
        let found: Vec<&str> = found.iter().map(|one| one.detail.as_str()).collect();
        assert_eq!(found, expected);
    }
}

fn check_silence(change: Value, comments: &[Comment], expected: Option<&str>) {
    let found = closes_for_silence(&generous(), &case(change.clone()), comments);
    assert_eq!(found, expected.map(at), "{change}");
}

#[test]
fn csf_11_a_case_that_waits_for_the_customer_is_closed_after_two_silent_weeks() {
    let asked = || {
        waiting(json!([
            { "at": "2026-11-10T00:00:00Z", "kind": "status", "detail": "waiting_customer" }
        ]))
    };
    check_silence(asked(), &[], Some("2026-11-24T00:00:00Z"));
    let vendor = said("c-1", "vendor", "2026-11-12T06:00:00Z");
    check_silence(asked(), &[vendor], Some("2026-11-26T06:00:00Z"));
    let partner = said("c-1", "partner", "2026-11-12T06:00:00Z");
    check_silence(asked(), &[partner], None);
    let before = said("c-1", "partner", "2026-11-09T06:00:00Z");
    check_silence(asked(), &[before], Some("2026-11-24T00:00:00Z"));
    check_silence(waiting(json!([])), &[], None);
    check_silence(json!({ "status": "open" }), &[], None);
    let without = policy_with(json!({ "life": { "close": { "confirm": "Yes" } } }));
    assert_eq!(closes_for_silence(&without, &case(asked()), &[]), None);
}

#[test]
fn csf_12_a_case_that_is_too_old_goes_on_as_a_new_one_with_its_text_and_its_number() {
    let policy = generous();
    let old = case(json!({
        "type": "technical", "product_id": "p-1", "product_version": "v-1",
        "entitlement_id": "ent-1", "customer_name": "港信用金庫", "callback_number": "03-1",
        "watchers": ["a@x.example", "b@x.example"], "contacts": ["con-2"],
        "fields": { "tenant_id": "t-9", "empty": "" }
    }));
    let draft = linked_draft(&policy, &old, "d-9".into(), 7);
    for (key, expected) in [
        ("linked_case", "81000001"),
        ("subject", "Sessions drop"),
        ("brief", "Sessions drop"),
        ("description", "Since Monday.\n\n■ Report\nText"),
        ("type", "technical"),
        ("product", "p-1"),
        ("product_version", "v-1"),
        ("entitlement", "ent-1"),
        ("customer_name", "港信用金庫"),
        ("callback_number", "03-1"),
        ("tenant_id", "t-9"),
        ("severity", ""),
    ] {
        assert_eq!(draft.text(key), expected, "{key}");
    }
    assert_eq!(draft.many("watchers"), ["a@x.example", "b@x.example"]);
    assert_eq!(draft.many("contacts"), ["con-2"]);
    assert!(!draft.answers.contains_key("empty"));
    assert!(
        !draft
            .answers
            .values()
            .any(|answer| *answer == Answer::One(String::new()))
    );
    assert_eq!(
        (draft.id.as_str(), draft.policy.as_str()),
        ("d-9", "harbour")
    );
    assert_eq!((draft.state.clone(), draft.revision), (State::Open, 0));
    let stored = Draft::from_json(&draft.to_json());
    assert_eq!(stored, Some(draft));
}

#[test]
fn csf_12_the_new_case_is_sent_with_the_number_of_the_old_one() {
    let desk = Desk::open();
    let draft = linked_draft(&desk.policy, &desk.cases[0], "d-9".into(), 7);
    let body = case_body(desk.world(), &draft);
    assert_eq!(body["linked_case"], json!("81000001"));
    assert_eq!(body["subject"], json!("Sessions drop after ten minutes"));
}

#[test]
fn csf_14_all_licences_of_a_family_under_one_organisation_must_be_covered() {
    let license = |org: &str, family: &str, total: u64, covered: u64| {
        License::from_json(&json!({
            "id": "l", "policy": "harbour", "org_id": org, "family": family,
            "total": total, "covered": covered
        }))
    };
    let all = [
        license("1", "Desktops", 100, 100),
        license("1", "Networking", 10, 10),
        license("1", "Networking", 5, 4),
        license("2", "Networking", 5, 9),
        license("2", "Networking", 1, 0),
    ];
    let found: Vec<(String, String, u64, u64, bool)> = coverage(&all)
        .into_iter()
        .map(|one| {
            let all_in = one.is_all_in();
            (one.org_id, one.family, one.total, one.covered, all_in)
        })
        .collect();
    let expected = |org: &str, family: &str, total, covered, all_in| {
        (org.to_string(), family.to_string(), total, covered, all_in)
    };
    assert_eq!(
        found,
        [
            expected("1", "Desktops", 100, 100, true),
            expected("1", "Networking", 15, 14, false),
            expected("2", "Networking", 6, 5, false),
        ]
    );
    assert!(coverage(&[]).is_empty());
}
