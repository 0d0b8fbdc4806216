//! Policies: a good one is read whole, a bad one is told all its mistakes at once.

use casement::core::flow::journey;
use casement::core::policy::{FieldKind, Policy, name_of};
use serde_json::{Value, json};

use crate::support::{Desk, draft, json as fixture, lines};

/// Changes the desk's policy at JSON pointers (null removes) and compares its mistakes.
fn check(changes: &[(&str, Value)], expected: &[&str]) {
    let mut policy = fixture("tests/fixtures/desk/policy.json");
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = policy
            .pointer_mut(parent)
            .unwrap_or_else(|| panic!("{pointer} is in the policy"));
        match parent {
            Value::Object(map) if value.is_null() => {
                map.remove(key);
            }
            Value::Object(map) => {
                map.insert(key.into(), value.clone());
            }
            Value::Array(list) => {
                let index: usize = key.parse().expect("an index");
                if index < list.len() {
                    list[index] = value.clone();
                } else {
                    list.push(value.clone());
                }
            }
            _ => panic!("{pointer} is in an object or a list"),
        }
    }
    let found = match Policy::read(&policy) {
        Ok(_) => Vec::new(),
        Err(problems) => lines(&problems),
    };
    assert_eq!(found, expected);
}

#[test]
fn a_good_policy_is_read_whole() {
    let desk = Desk::open();
    let policy = &desk.policy;
    assert_eq!(policy.vendor.get("ja"), "ハーバー");
    assert_eq!(policy.fields.len(), 20);
    assert_eq!(policy.steps.len(), 6);
    let subject = policy.field("subject").expect("there is a subject");
    assert_eq!((subject.aim, subject.limit), (Some(40), Some(255)));
    assert_eq!(
        policy
            .field_of(FieldKind::Serial)
            .map(|field| field.key.as_str()),
        Some("serial_number")
    );
    assert_eq!(name_of(&policy.statuses, "open", "ja"), "Open");
    assert_eq!(name_of(&policy.statuses, "new_one", "ja"), "new_one");
}

#[test]
fn cms_01_each_product_has_its_fault_report() {
    let desk = Desk::open();
    let report = |product| desk.policy.report(product).map(|report| report.id.as_str());
    assert_eq!(report("gateway"), Some("device"));
    assert_eq!(report("desktops"), Some("general"));
    assert_eq!(report(""), Some("general"));
}

#[test]
fn cms_09_each_severity_has_a_definition_and_unsure_is_3() {
    let desk = Desk::open();
    let ids: Vec<&str> = desk
        .policy
        .severities
        .iter()
        .map(|s| s.id.as_str())
        .collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    for severity in &desk.policy.severities {
        assert!(!severity.definition.get("en").is_empty());
        assert_eq!(severity.unsure, severity.id == "3");
        assert_eq!(severity.phone_only, severity.id == "1");
    }
}

#[test]
fn cms_12_each_language_of_support_says_what_choosing_it_means() {
    let desk = Desk::open();
    let helps: Vec<&str> = desk
        .policy
        .languages
        .iter()
        .filter_map(|one| one.help.as_ref().map(|help| help.get("en")))
        .collect();
    assert_eq!(
        helps,
        [
            "Answered in Japanese in business hours.",
            "Answered in English by engineers overseas."
        ]
    );
}

#[test]
fn cms_13_what_happens_after_sending_is_told_sentence_by_sentence() {
    let sentences: Vec<String> = Desk::open()
        .policy
        .after_send
        .iter()
        .map(|sentence| sentence.get("en").to_string())
        .collect();
    assert_eq!(
        sentences,
        ["A mail was sent.", "The case waits for an engineer."]
    );
}

#[test]
fn cms_14_the_policy_words_the_rule_for_mail() {
    assert_eq!(
        Desk::open().policy.mail.rule.get("ja"),
        "Reply to all, and keep the subject."
    );
}

#[test]
fn cms_15_the_policy_says_how_large_files_may_be_and_where_larger_ones_go() {
    let files = Desk::open().policy.files;
    assert_eq!((files.max_bytes, files.max_count), (104_857_600, 3));
    assert_eq!(
        files.service.expect("a service").name.get("en"),
        "Harbour Drop"
    );
}

#[test]
fn cms_16_the_policy_says_how_long_a_comment_may_be() {
    assert_eq!(Desk::open().policy.comment_limit, 4_000);
    let mut silent = fixture("tests/fixtures/desk/policy.json");
    silent
        .as_object_mut()
        .expect("an object")
        .remove("comment_limit");
    assert_eq!(
        Policy::read(&silent)
            .expect("it may be silent")
            .comment_limit,
        4_000
    );
}

#[test]
fn ten_mistakes_are_told_at_once() {
    check(
        &[
            ("/titel", json!({ "en": "Support" })),
            ("/severities/2/unsure", json!(false)),
            ("/severities/1/name", json!(null)),
            ("/fields/0/options", json!([])),
            ("/fields/1/kind", json!("novel")),
            ("/fields/5/when", json!({ "kind": "return" })),
            ("/fields/10/aim", json!(300)),
            ("/steps/0/fields", json!(["type", "brief"])),
            ("/languages/1/id", json!("ja")),
            ("/call/facts/0", json!("contract")),
            ("/files/max_bytes", json!("100 MB")),
        ],
        &[
            "severities[1].name: a text in each language, {\"en\": …}",
            "fields[1].kind: one of line, text, choice, email, emails, phone, product, version, \
             entitlement, serial, severity, language, customer, on_behalf, contracts, contacts, \
             region, offered, confirm, date_time, report, files",
            "files.max_bytes: a whole number, 0 or more",
            "titel: a known key",
            "languages[1]: an id of its own",
            "steps[1].fields[0]: a field that no other step asks for",
            "fields[0].options: at least one option",
            "fields[5].when: the key of a field",
            "fields[6].when.type: one of that field's options",
            "fields[8].when.type: one of that field's options",
            "fields[8].when.type: one of that field's options",
            "fields[9].when.type: one of that field's options",
            "fields[9].when.type: one of that field's options",
            "fields[10].aim: at most the field's limit",
            "severities: exactly one severity with \"unsure\": true",
            "call.facts[0]: the key of a field",
        ],
    );
}

#[test]
fn an_unknown_format_is_told_without_its_consequences() {
    for format in [json!(2), json!("1"), json!(null)] {
        let mut changes = vec![("/format", format)];
        changes.push(("/call/facts/0", json!("no_such_field")));
        let mut policy = fixture("tests/fixtures/desk/policy.json");
        for (pointer, value) in &changes {
            if let Some(place) = policy.pointer_mut(pointer) {
                *place = value.clone();
            }
        }
        let problems = Policy::read(&policy).expect_err("it can't be read");
        assert!(
            problems.iter().all(|problem| problem.path == "format"),
            "{problems:#?}"
        );
        let mend = &problems.last().expect("a problem").mend;
        assert!(
            mend.contains("format 1") && mend.contains("update the portal"),
            "{mend}"
        );
    }
}

#[test]
fn something_that_is_no_policy_is_refused_without_harm() {
    for input in [
        json!(null),
        json!([]),
        json!("policy"),
        json!({ "format": 1 }),
    ] {
        let problems = Policy::read(&input).expect_err("it is no policy");
        assert!(
            problems.iter().any(|problem| problem.path == "id"),
            "{input}"
        );
    }
}

#[test]
fn a_condition_must_be_able_to_come_true() {
    check(
        &[("/fields/5/when", json!({ "type": [7] }))],
        &["fields[5].when.type: one of that field's options"],
    );
    check(
        &[("/fields/5/when", json!({ "type": ["return", true] }))],
        &["fields[5].when.type[1]: a text"],
    );
    check(
        &[("/fields/5/when", json!({ "severity": ["9"] }))],
        &["fields[5].when.severity: one of that field's options"],
    );
    check(
        &[("/fields/5/when", json!({ "preferred_language": "xx" }))],
        &["fields[5].when.preferred_language: one of that field's options"],
    );
    check(
        &[("/fields/5/when", json!({ "type": [] }))],
        &["fields[5].when.type: at least one answer"],
    );
}

#[test]
fn a_condition_may_not_come_back_to_its_own_field() {
    check(
        &[("/fields/6/when", json!({ "replacement": "yes" }))],
        &["fields[6].when: a condition on another field that doesn't depend on this one"],
    );
    check(
        &[
            ("/fields/12/when", json!({ "reachable_at": "now" })),
            ("/fields/13/when", json!({ "business_impact": "much" })),
        ],
        &[
            "fields[12].when: a condition on another field that doesn't depend on this one",
            "fields[13].when: a condition on another field that doesn't depend on this one",
        ],
    );
}

#[test]
fn every_step_has_an_id_that_the_portal_does_not_use_itself() {
    check(
        &[
            ("/steps/3/id", json!("review")),
            ("/steps/4/id", json!("kind")),
        ],
        &[
            "steps[4]: an id of its own",
            "steps[3].id: an id that the portal doesn't use itself",
        ],
    );
}

#[test]
fn a_severity_taken_by_phone_needs_a_number_to_call() {
    check(
        &[("/regions/0/phones", json!([]))],
        &["regions: a telephone number, since a severity is taken by phone only"],
    );
}

#[test]
fn markup_in_a_text_stays_text() {
    let mut policy = fixture("tests/fixtures/desk/policy.json");
    let hostile = "<img src=x onerror=alert(1)>{n}</script>";
    policy["fields"][0]["label"]["en"] = json!(hostile);
    let policy = Policy::read(&policy).expect("a text may hold any characters");
    assert_eq!(
        policy.field("type").expect("it is there").label.get("ja"),
        hostile
    );
}

#[test]
fn a_policy_that_was_read_can_be_walked_without_asking_what_exists() {
    let desk = Desk::open();
    let journey = journey(desk.world(), &draft(""));
    assert_eq!(
        journey.steps.len(),
        5,
        "the report is asked for faults only"
    );
    for step in &desk.policy.steps {
        for key in &step.fields {
            assert!(desk.policy.field(key).is_some(), "{key}");
        }
    }
}
