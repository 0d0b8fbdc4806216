//! What an author of a policy is told: every mistake at once, and what is hardly meant.

use casement::core::policy::Policy;
use casement::core::policy::advice::{LARGEST, examine, examine_text};
use casement::core::reader::Problem;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{changed, file, json as fixture, tries};

fn told(problems: &[Problem]) -> Vec<String> {
    let line = |one: &Problem| format!("{}: {} / {}", one.path, one.expected, one.found);
    problems.iter().map(line).collect()
}

/// The invented vendor's policy with some things changed, and what its author is told beyond
/// mistakes, of which there are none.
fn check(changes: Value, expected: &[&str]) {
    let policy = changed(&fixture("tests/fixtures/rules/policy.json"), &changes);
    let examined = examine(&policy);
    assert_eq!(told(&examined.problems), [] as [&str; 0], "{changes}");
    assert_eq!(told(&examined.advice), expected, "{changes}");
    assert!(examined.policy.is_some(), "it can be used all the same");
}

/// The same policy with mistakes.
fn check_mistakes(changes: Value, expected: &[&str]) {
    let policy = changed(&fixture("tests/fixtures/rules/policy.json"), &changes);
    let examined = examine(&policy);
    assert_eq!(told(&examined.problems), expected, "{changes}");
    assert!(examined.policy.is_none() && Policy::read(&policy).is_err());
}

#[test]
fn new_10_the_policies_that_ship_and_the_invented_one_leave_nothing_to_tell() {
    for path in [
        "public/policies/citrix.json",
        "public/policies/microsoft-partner.json",
        "public/policies/ntt-ecl2.json",
        "tests/fixtures/rules/policy.json",
    ] {
        let examined = examine_text(&file(path));
        assert_eq!(told(&examined.problems), [] as [&str; 0], "{path}");
        assert_eq!(told(&examined.advice), [] as [&str; 0], "{path}");
        assert!(examined.policy.is_some(), "{path}");
    }
}

#[test]
fn new_10_a_policy_with_dozens_of_mistakes_is_told_all_of_them() {
    let policy = fixture("tests/fixtures/policies/many-mistakes.json");
    let examined = examine(&policy);
    let expected: Vec<String> = file("tests/fixtures/policies/many-mistakes.txt")
        .lines()
        .map(String::from)
        .collect();
    assert_eq!(told(&examined.problems), expected);
    for problem in &examined.problems {
        assert!(!problem.mend.is_empty(), "{}", problem.path);
    }
}

#[test]
fn new_10_what_can_never_be_asked_chosen_or_shown_is_told() {
    let twice = "\"type\" would have to be two things at once";
    let asked = "a condition under which it can be asked";
    // The step of the consent is for incidents and returns only.
    check(
        json!({ "/fields/21/when": { "type": ["question"] } }),
        &[&format!("fields[21].when: {asked} / {twice}")],
    );
    // A question behind a question that is asked for other types only.
    check(
        json!({ "/fields/16/when": { "severity": "!", "type": "question" } }),
        &[&format!("fields[16].when: {asked} / {twice}")],
    );
    check(
        json!({ "/fields/7/options/0/when": { "severity": "C", "type": "callback" } }),
        &[&format!(
            "fields[7].options[0].when: a condition under which it can be offered / {twice}"
        )],
    );
    check(
        json!({ "/fields/14/required_when": { "severity": "C", "type": "callback" } }),
        &[&format!(
            "fields[14].required_when: a condition under which it can be required / {twice}"
        )],
    );
    check(
        json!({ "/fields/13/prompts/0/when": { "menu": "network", "type": "return" } }),
        &[&format!(
            "fields[13].prompts[0].when: a condition under which it can be shown / {twice}"
        )],
    );
    check(
        json!({ "/fields/13/prompts/0/when": {} }),
        &[
            "fields[13].prompts[1]: prompts that can be shown / ones behind prompts without a condition",
            "fields[13].prompts[2]: prompts that can be shown / ones behind prompts without a condition",
        ],
    );
    check(
        json!({ "/rules/7/when": { "desk": "general", "type": "callback" } }),
        &[&format!(
            "rules[7].when: a condition under which it can be true / {twice}"
        )],
    );
}

#[test]
fn new_10_a_rule_about_nothing_chosen_is_told() {
    check(
        json!({ "/rules/2/when": { "customer.access": ["!granted"] } }),
        &[
            "rules[2].when: a condition that waits until something is chosen / \
           \"customer.access\", which is also so while nothing is chosen",
        ],
    );
    check(
        json!({ "/rules/2/when": { "customer.access": ["!granted", "!"] } }),
        &[],
    );
    check(
        json!({ "/rules/2/field": null }),
        &["rules[2].field: the field whose answer mends it / none"],
    );
    check(
        json!({ "/rules/2/text/en": "{customer} and {nobody} at {customer.country}" }),
        &["rules[2]: placeholders that are facts / {nobody}"],
    );
}

#[test]
fn new_10_plans_without_reasons_and_levels_without_plans_are_told() {
    check(
        json!({ "/reasons/version_not_covered": null }),
        &[
            "plans[2].reasons: the reason \"version_not_covered\", which this plan can give / \
           none, also not among the policy's reasons",
        ],
    );
    check(
        json!({ "/plans/7": null }),
        &["rma.levels[0].id: a level that is one of plans / \"fast\""],
    );
}

#[test]
fn new_10_parts_that_contradict_each_other_are_told() {
    check(
        json!({ "/channels": ["web"] }),
        &["severities[0].phone_only: no severity by phone, since channels has no phone / true"],
    );
    check(
        json!({ "/fields/11/kind": "serial" }),
        &["fields[11].kind: one field of kind serial / a second one"],
    );
}

#[test]
fn new_10_every_text_must_be_there_in_every_language_of_the_title() {
    let policy = changed(
        &fixture("tests/fixtures/rules/policy.json"),
        &json!({ "/title/ja": "ランタン", "/vendor/ja": "ランタン" }),
    );
    let examined = examine(&policy);
    let missing = told(&examined.advice);
    let line = "fields[0].label: a text in each language of the title / none in ja";
    assert!(missing.contains(&line.to_string()), "{missing:#?}");
    assert!(missing.iter().all(|one| !one.starts_with("vendor")));
    assert!(missing.len() > 100, "every text counts");
    assert!(examined.policy.is_some());
}

#[test]
fn new_10_markup_is_told_and_stays_text() {
    for markup in [
        "<b>now</b>",
        "a<br>b",
        "</p>",
        "<!-- x -->",
        "Q&amp;A",
        "&#60;",
    ] {
        check(
            json!({ "/fields/0/label/en": markup }),
            &["fields[0].label.en: plain text / what looks like HTML"],
        );
    }
    for plain in ["a < b", "1<2", "Q&A", "R&D; more", "x & y;", "<3"] {
        check(json!({ "/fields/0/label/en": plain }), &[]);
    }
}

#[test]
fn new_10_circles_through_records_steps_and_choices_are_found() {
    let circle = "a condition on another field that doesn't depend on this one";
    let itself =
        |at: usize, key: &str| format!("fields[{at}].when: {circle} / \"{key}\" depends on itself");
    check_mistakes(
        json!({ "/fields/0/when": { "customer.access": "granted" } }),
        &[&itself(0, "customer")],
    );
    check_mistakes(
        json!({ "/fields/0/when": { "product": "!" }, "/fields/1/when": { "customer.is_own": "no" } }),
        &[&itself(0, "customer"), &itself(1, "product")],
    );
    // The condition of a step is one of each of its questions.
    check_mistakes(
        json!({ "/steps/3/when": { "entitlement.plan": "premium" } }),
        &[&itself(6, "entitlement")],
    );
}

#[test]
fn new_10_conditions_that_would_take_forever_are_refused() {
    let mut policy = fixture("tests/fixtures/rules/policy.json");
    for layer in 0..20 {
        for side in ["l", "r"] {
            let mut field =
                json!({ "key": format!("{side}{layer}"), "kind": "line", "label": "x" });
            if layer > 0 {
                let below = layer - 1;
                field["when"] = json!({ format!("l{below}"): "!", format!("r{below}"): "!" });
            }
            policy["fields"].as_array_mut().expect("a list").push(field);
            let steps = policy["steps"][0]["fields"].as_array_mut();
            steps.expect("a list").push(json!(format!("{side}{layer}")));
        }
    }
    let examined = examine(&policy);
    let lines = told(&examined.problems);
    assert!(!lines.is_empty());
    for line in lines {
        assert!(
            line.contains("conditions that can be followed quickly"),
            "{line}"
        );
    }
}

#[test]
fn new_10_a_file_that_is_too_large_or_no_json_is_told_in_one_sentence() {
    let large = " ".repeat(LARGEST + 1);
    let problems = examine_text(&large).problems;
    assert_eq!(
        told(&problems),
        [": a file of 5 MB at most / 5242881 bytes"]
    );
    let problems = examine_text("{\"format\": 1,}").problems;
    assert!(told(&problems)[0].contains("a file in JSON / trailing comma at line 1"));
}

#[test]
fn new_10_five_megabytes_of_fields_are_refused_at_once() {
    let mut policy = fixture("tests/fixtures/rules/policy.json");
    let fields = policy["fields"].as_array_mut().expect("a list");
    for index in 0..50_000 {
        fields.push(
            json!({ "key": format!("k{index}"), "kind": "line", "label": "x",
            "when": { format!("k{}", index + 1): "!" } }),
        );
    }
    let text = policy.to_string();
    assert!(text.len() > 3_000_000 && text.len() < LARGEST);
    let examined = examine_text(&text);
    assert_eq!(told(&examined.problems), ["fields: at most 1000 / 50022"]);
}

/// Anything that can stand in JSON.
fn anything() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(-1.5)),
        Just(json!("")),
        Just(json!("<i>{x")),
        Just(json!([])),
        Just(json!([null, 7, "customer"])),
        Just(json!({})),
        Just(json!({ "en": 7, "customer.is_own": [] })),
    ]
}

/// The pointers of everything in a file.
fn pointers(value: &Value, path: String, all: &mut Vec<String>) {
    if !path.is_empty() {
        all.push(path.clone());
    }
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, format!("{path}/{key}"), all);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                pointers(value, format!("{path}/{index}"), all);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(tries(400))]

    #[test]
    fn new_10_whatever_stands_anywhere_a_policy_is_read_or_its_mistakes_are_told(
        changes in prop::collection::vec((any::<prop::sample::Index>(), anything()), 1..6)
    ) {
        let mut policy = fixture("tests/fixtures/rules/policy.json");
        let mut all = Vec::new();
        pointers(&policy, String::new(), &mut all);
        for (index, value) in changes {
            if let Some(place) = policy.pointer_mut(&all[index.index(all.len())]) {
                *place = value;
            }
        }
        let examined = examine(&policy);
        prop_assert_eq!(examined.policy.is_some(), examined.problems.is_empty());
        prop_assert_eq!(Policy::read(&policy).is_ok(), examined.problems.is_empty());
        for problem in examined.problems.iter().chain(&examined.advice) {
            prop_assert!(!problem.expected.is_empty() && !problem.mend.is_empty());
        }
    }
}
