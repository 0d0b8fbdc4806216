//! The guide for authors of policies, held to what it says: its blocks build the example, the
//! example works after every step and leads a person to a case, its tables know what the schema
//! knows, and what it quotes of the check is what the check says.

use std::collections::{BTreeMap, BTreeSet};

use casement::core::draft::Draft;
use casement::core::facts::fact;
use casement::core::flow::{case_body, journey, prefill};
use casement::core::guard::{disagreements, early, may_send};
use casement::core::policy::advice::{Examined, examine, examine_text};
use casement::core::policy::{FIELD_KINDS, Policy};
use casement::core::reader::Problem;
use casement::core::rma;
use casement::core::sla::terms::Facts;
use serde_json::{Map, Value, json};

use crate::support::{Desk, answer, changed, file, json as parse, lines};

const GUIDE: &str = "docs/policies.md";
const EXAMPLE: &str = "docs/example-policy.json";

/// The part of the guide between two headings.
fn part(from: &str, to: &str) -> String {
    let guide = file(GUIDE);
    let (_, rest) = guide
        .split_once(&format!("\n{from}\n"))
        .unwrap_or_else(|| panic!("the guide has {from}"));
    let (part, _) = rest
        .split_once(&format!("\n{to}\n"))
        .unwrap_or_else(|| panic!("the guide has {to} behind {from}"));
    part.into()
}

/// The policy's blocks in the guide, step by step.
fn blocks() -> Vec<(String, Value)> {
    let steps = part(
        "## From an empty file to a working policy",
        "### Put it into use",
    );
    let mut blocks = Vec::new();
    for step in steps.split("\n### ").skip(1) {
        let heading = step.lines().next().unwrap_or_default().to_string();
        for block in step.split("```json\n").skip(1) {
            let (block, _) = block.split_once("```").expect("a block ends");
            let block = serde_json::from_str(block)
                .unwrap_or_else(|error| panic!("{heading}: {error}\n{block}"));
            blocks.push((heading.clone(), block));
        }
    }
    blocks
}

/// Puts a block into a policy as the guide tells its reader to.
fn put(policy: &mut Map<String, Value>, block: &Map<String, Value>) {
    for (key, value) in block {
        match (policy.get_mut(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => put(old, new),
            (Some(Value::Array(old)), Value::Array(new)) => {
                for entry in new {
                    put_entry(old, entry);
                }
            }
            (Some(old), new) => assert_eq!(old, new, "no block changes {key}"),
            (None, new) => {
                policy.insert(key.clone(), new.clone());
            }
        }
    }
}

fn put_entry(list: &mut Vec<Value>, entry: &Value) {
    let name = |value: &Value| value.get("id").or(value.get("key")).cloned();
    let known =
        name(entry).and_then(|id| list.iter_mut().find(|one| name(one) == Some(id.clone())));
    match (known, entry) {
        (Some(Value::Object(old)), Value::Object(new)) => put(old, new),
        _ => list.push(entry.clone()),
    }
}

/// What a person reads of findings, as `cargo xtask check-policy` prints them.
fn told(examined: &Examined) -> Vec<String> {
    let lines = |mark: char, problems: &[Problem]| -> Vec<String> {
        let line = |one: &Problem| {
            format!(
                "{mark} {}\n    expected  {}\n    found     {}\n    to do     {}",
                one.path, one.expected, one.found, one.mend
            )
        };
        problems.iter().map(line).collect()
    };
    [lines('✗', &examined.problems), lines('·', &examined.advice)].concat()
}

#[test]
fn new_10_the_guide_builds_the_example_which_works_after_every_step() {
    let mut policy = Map::new();
    let mut steps = BTreeSet::new();
    for (step, block) in blocks() {
        put(
            &mut policy,
            block.as_object().expect("a block is an object"),
        );
        let findings = told(&examine(&Value::Object(policy.clone())));
        assert_eq!(findings, [] as [&str; 0], "{step}");
        steps.insert(step);
    }
    assert_eq!(steps.len(), 10, "ten steps, as the guide says");
    let mut example = parse(EXAMPLE);
    let example = example.as_object_mut().expect("the example is an object");
    example.remove("_note");
    // The two files lie in different folders.
    assert!(example.remove("$schema").is_some() && policy.remove("$schema").is_some());
    for (key, value) in &policy {
        assert_eq!(example.get(key), Some(value), "{key} of the example");
    }
    assert_eq!(example.len(), policy.len(), "the guide leaves nothing out");
}

/// What a backend knows of a partner of the guide's vendor.
fn desk() -> Desk {
    let policy =
        Policy::read(&parse(EXAMPLE)).unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
    let world = json!({
        "today": "2026-11-20",
        "account": { "id": "a-1", "name": "Hokuto Systems", "org_id": "O-1", "country": "JP",
            "region": "japan", "language": "ja" },
        "contact": { "id": "p-1", "name": "Misaki Sato", "email": "sato@minato.example",
            "phone": "+81 3-5550-0123", "language": "en", "role": "engineer", "on_contract": true },
        "products": [
            { "id": "box", "policy": "ferrywell", "name": "Ferrywell Box", "family": "device",
              "hardware": true, "versions": [{ "id": "9", "name": "9" }, { "id": "8", "name": "8" },
                { "id": "7", "name": "7" }] },
            { "id": "service", "policy": "ferrywell", "name": "Ferrywell Service", "family": "cloud",
              "versions": [{ "id": "now", "name": "Current" }] },
        ],
        "entitlements": [
            { "id": "e-care", "policy": "ferrywell", "name": "Care", "plan": "care",
              "status": "active", "contract_number": "F-100", "level": "care", "coverage": "all" },
            { "id": "e-plus", "policy": "ferrywell", "name": "Care Plus", "plan": "care_plus",
              "status": "active", "contract_number": "F-200", "level": "care_plus",
              "coverage": "devices", "start": "2026-01-01", "end": "2026-12-31" },
        ],
    });
    Desk::of(policy, &world)
}

fn answered(desk: &Desk, answers: &str) -> Draft {
    let mut draft = Draft::new("d-1", "ferrywell", 1_000);
    prefill(desk.world(), &mut draft);
    answer(&mut draft, answers);
    prefill(desk.world(), &mut draft);
    draft
}

#[test]
fn new_10_a_person_walks_through_the_guides_policy_to_a_case() {
    let desk = desk();
    let draft = answered(
        &desk,
        "brief = The third light is red
         product = box
         product_version = 9
         type = return
         entitlement = e-plus
         serial_number = fw-0042
         description.part = The third disk
         description.signs = Its light is red
         watchers = ops@hokuto.example",
    );
    let journey = journey(desk.world(), &draft);
    let open: Vec<&str> = journey
        .steps
        .iter()
        .flat_map(|stage| &stage.problems)
        .map(|problem| problem.field.as_str())
        .collect();
    assert_eq!(open, [] as [&str; 0]);
    // The severity is asked of faults only, and so its page is passed over.
    assert!(
        journey
            .steps
            .iter()
            .all(|stage| stage.step.id != "severity")
    );
    assert!(disagreements(desk.world(), &draft).is_empty());
    assert!(may_send(desk.world(), &draft));
    let body = case_body(desk.world(), &draft);
    let sent = |key: &str| body[key].as_str().unwrap_or_default();
    assert_eq!(sent("policy"), "ferrywell");
    assert_eq!(sent("type"), "return");
    assert_eq!(sent("subject"), "The third light is red");
    assert_eq!(sent("product_id"), "box");
    assert_eq!(sent("entitlement_id"), "e-plus");
    assert_eq!(
        sent("region"),
        "japan",
        "the country is in the region's list"
    );
    assert_eq!(sent("preferred_language"), "en");
    assert_eq!(body["watchers"], json!(["ops@hokuto.example"]));
    let description = sent("description");
    assert!(description.contains("The third disk"), "{description}");
    assert!(description.contains("Which part is it?"), "{description}");
    assert_eq!(body.get("severity"), None);
}

#[test]
fn new_10_the_guides_rules_stop_ask_and_inform_where_it_says_so() {
    let mut desk = desk();
    let rules = |desk: &Desk, answers: &str| -> Vec<String> {
        let draft = answered(desk, answers);
        let all = disagreements(desk.world(), &draft);
        all.into_iter().map(|one| one.id).collect()
    };
    let returned = "product = box\ntype = return\n";
    assert_eq!(rules(&desk, returned), [] as [&str; 0], "nothing is chosen");
    assert_eq!(
        rules(
            &desk,
            &format!("{returned}product_version = 9\nentitlement = e-care")
        ),
        ["return_needs_care_plus"]
    );
    assert_eq!(
        rules(&desk, "product = box\nproduct_version = 7\ntype = question"),
        ["old_version"]
    );
    let service = "product = service\nproduct_version = now\ntype = return";
    assert_eq!(rules(&desk, service), ["not_now.type"]);
    assert!(early(desk.world()).is_empty());
    desk.account.country = "FR".into();
    let told: Vec<&str> = early(desk.world())
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(told, ["english_outside_japan"]);
}

#[test]
fn new_10_the_guides_severities_times_and_levels_mean_what_it_says() {
    let desk = desk();
    let draft = answered(
        &desk,
        "brief = It is dark\nproduct = service\nproduct_version = now\ntype = technical\nseverity = 1",
    );
    assert!(journey(desk.world(), &draft).by_phone);
    let response = |plan: &str, severity: &str| {
        let facts = Facts {
            plan: plan.into(),
            severity: severity.into(),
            region: "japan".into(),
            ..Facts::default()
        };
        let targets = desk.policy.sla.targets.iter();
        let mut fitting = targets.filter(|target| target.when.fits(&facts));
        let within = fitting.next().and_then(|target| target.within);
        within.map(|span| span.count)
    };
    assert_eq!(response("care_plus", "1"), Some(30), "half an hour");
    assert_eq!(response("care_plus", "3"), Some(2), "two hours");
    assert_eq!(response("care", "3"), Some(1), "the next business day");
    assert_eq!(
        desk.policy
            .rma
            .as_ref()
            .map(|one| rma::limit_miles(one, "FR")),
        Some(40)
    );
}

/// The rows of the tables in a part of the guide, cell by cell, without their headings.
fn rows(text: &str) -> Vec<Vec<String>> {
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
        inner
            .split('|')
            .map(|cell| cell.trim().to_string())
            .collect()
    };
    rows.map(cells).collect()
}

/// The words in code within a cell.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

#[test]
fn new_10_every_fact_that_the_guide_names_can_be_asked() {
    let mut desk = desk();
    desk.customers = vec![casement::core::case::Record::from_json(&json!({
        "id": "c-1", "name": "Minato Bank", "country": "JP", "domain": "minato.example",
    }))];
    desk.entitlements[0].facts = vec![("customer".into(), "c-1".into())];
    // The guide's policy asks for no customer, and facts of one are answers like any other.
    let with_customer = changed(
        &parse(EXAMPLE),
        &json!({
            "/fields/99": { "key": "customer", "kind": "on_behalf", "label": "For whom?" },
            "/steps/0/fields/99": "customer",
        }),
    );
    desk.policy =
        Policy::read(&with_customer).unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
    let draft = answered(
        &desk,
        "brief = x\ncustomer = c-1\nproduct = box\nproduct_version = 8\ntype = return\nentitlement = e-care",
    );
    let mut known = 0;
    for row in rows(&part("## Conditions and facts", "## Reference")) {
        for name in code(&row[0]).into_iter().filter(|name| name.contains('.')) {
            if name.ends_with('.') {
                continue;
            }
            known += 1;
            let value = fact(desk.world(), &draft, name);
            assert!(!value.is_empty(), "{name} is nothing");
        }
    }
    assert!(known > 25, "{known} facts are named");
    assert_eq!(fact(desk.world(), &draft, "product.version_rank"), "2");
    assert_eq!(
        fact(desk.world(), &draft, "contact.in_customer_domain"),
        "yes"
    );
    assert_eq!(
        fact(desk.world(), &draft, "entitlement.customer_matches"),
        "yes"
    );
}

/// What the schema says of each key of each object: whether it is required, its default, and what
/// it does.
fn described(object: &Value) -> BTreeMap<String, (String, String)> {
    let required = object["required"].as_array().cloned().unwrap_or_default();
    let properties = object["properties"].as_object();
    let mut all = BTreeMap::new();
    for (key, property) in properties.into_iter().flatten() {
        if key == "$schema" {
            continue;
        }
        let default = match property.get("default") {
            _ if required.contains(&json!(key)) => "required".into(),
            Some(value) => format!("`{value}`"),
            None => String::new(),
        };
        let what = property["description"].as_str().unwrap_or_default();
        all.insert(key.clone(), (default, what.to_string()));
    }
    all
}

#[test]
fn new_10_the_reference_says_of_every_key_what_the_schema_says() {
    let schema = parse("public/schemas/policy.schema.json");
    let mut objects: BTreeMap<String, &Value> = [("policy".to_string(), &schema)].into();
    for (name, object) in schema["$defs"].as_object().into_iter().flatten() {
        // Texts and conditions have a chapter of their own.
        if !["local_text", "when", "sla_when"].contains(&name.as_str()) {
            objects.insert(name.clone(), object);
        }
    }
    let reference = part("## Reference", "### Kinds of questions");
    let mut found = BTreeSet::new();
    for chapter in format!("\n{reference}").split("\n### ").skip(1) {
        let name = chapter.lines().next().unwrap_or_default();
        let object = objects
            .get(name)
            .unwrap_or_else(|| panic!("the schema has no {name}"));
        found.insert(name.to_string());
        let mut rows_found = BTreeMap::new();
        for row in rows(chapter).iter().filter(|row| row[0] != "key") {
            assert_eq!(row.len(), 5, "{name}: {row:?}");
            let key = code(&row[0])[0].to_string();
            assert!(!row[1].is_empty(), "{name}.{key} has a type");
            for example in code(&row[4]) {
                let json: Result<Value, _> = serde_json::from_str(example);
                assert!(json.is_ok(), "{name}.{key}: {example} is no JSON");
            }
            rows_found.insert(key, (row[2].clone(), row[3].clone()));
        }
        assert_eq!(rows_found, described(object), "{name}");
    }
    let all: BTreeSet<String> = objects.keys().cloned().collect();
    assert_eq!(found, all, "objects of the schema");
}

#[test]
fn new_10_guide_and_schema_explain_every_kind_of_question() {
    let schema = parse("public/schemas/policy.schema.json");
    let kinds = schema.pointer("/$defs/field/properties/kind/oneOf");
    let kinds = kinds.and_then(Value::as_array).cloned();
    let of_schema: Vec<(String, String)> = kinds
        .unwrap_or_default()
        .iter()
        .filter_map(|one| Some((one["const"].as_str()?, one["description"].as_str()?)))
        .map(|(kind, what)| (kind.to_string(), what.to_string()))
        .collect();
    let of_guide: Vec<(String, String)> =
        rows(&part("### Kinds of questions", "### Keys of answers"))
            .iter()
            .skip(1)
            .map(|row| (row[0].trim_matches('`').to_string(), row[1].clone()))
            .collect();
    assert_eq!(of_guide, of_schema);
    let explained: BTreeSet<&str> = of_schema.iter().map(|(kind, _)| kind.as_str()).collect();
    let read: BTreeSet<&str> = FIELD_KINDS.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(explained, read, "the kinds that are read");
}

#[test]
fn new_10_the_words_of_the_command_in_the_guide_are_its_own() {
    let mistaken = changed(
        &parse(EXAMPLE),
        &json!({ "/steps/0/fields": ["breif"], "/severities/2/unsure": null }),
    );
    let findings = told(&examine(&mistaken));
    assert_eq!(findings.len(), 3);
    let check = part("## How to check", "## Common mistakes");
    for finding in findings {
        assert!(check.contains(&finding), "the guide lacks:\n{finding}");
    }
}

/// What goes wrong in practice, as changes to the example.
fn mistakes() -> Vec<(&'static str, Value)> {
    vec![
        ("a key misspelt", json!({ "/fields/1/lable": "Product" })),
        ("a number in quotes", json!({ "/fields/6/limit": "120" })),
        (
            "a text without English",
            json!({ "/fields/6/label": { "ja": "件名" } }),
        ),
        (
            "a question that stands on no page",
            json!({ "/steps/5/fields": ["region", "preferred_language", "callback_number"] }),
        ),
        (
            "a condition on a question that isn't there",
            json!({ "/fields/4/when": { "tpye": "technical" } }),
        ),
        (
            "a condition on an option that isn't there",
            json!({ "/fields/4/when": { "type": "tecnical" } }),
        ),
        (
            "two questions that wait for each other",
            json!({ "/fields/3/when": { "severity": "!" } }),
        ),
        (
            "a reason without words",
            json!({ "/fields/3/options/2/instead": "no_devise" }),
        ),
        ("an aim above the limit", json!({ "/fields/6/aim": 200 })),
        (
            "nobody to choose when unsure",
            json!({ "/severities/2/unsure": false }),
        ),
        (
            "a severity by phone, but no number",
            json!({ "/regions/0/phones": null, "/regions/1/phones": null }),
        ),
        ("a rule that always stops", json!({ "/rules/0/when": null })),
        (
            "a desk with hours that isn't there",
            json!({ "/sla/desks/2/calendar": "london" }),
        ),
        (
            "HTML in a text",
            json!({ "/fields/0/label": { "en": "What is <b>happening</b>?" } }),
        ),
        (
            "a question that can never be asked",
            json!({ "/fields/4/when": { "type": "technical", "product.hardware": "yes" },
                "/steps/2/when": { "product.hardware": "no" } }),
        ),
        (
            "a rule that speaks up before anything is chosen",
            json!({ "/rules/1/when": { "product.version_rank": ["!1", "!2"] } }),
        ),
        (
            "prompts behind some without a condition",
            json!({ "/fields/8/prompts/0/when": null }),
        ),
        (
            "a plan that can refuse without saying why",
            json!({ "/reasons/version_not_covered": null }),
        ),
    ]
}

#[test]
fn new_10_common_mistakes_are_told_as_the_guide_says() {
    let text = "{\n  \"format\": 1,\n}";
    let mut expected = vec![row("a comma too many", &examine_text(text))];
    for (what, changes) in mistakes() {
        let examined = examine(&changed(&parse(EXAMPLE), &changes));
        expected.push(row(what, &examined));
    }
    let table = part("## Common mistakes", "## Conditions and facts");
    let lines = table.lines().filter(|line| line.starts_with("| "));
    let found: Vec<&str> = lines.skip(1).collect();
    assert_eq!(found, expected, "it should be\n{}", expected.join("\n"));
}

/// A mistake as a row of the guide: what was done, what is found, and what to do. What is hardly
/// meant goes without saying where there are mistakes.
fn row(what: &str, examined: &Examined) -> String {
    let (mark, all) = match examined.problems.as_slice() {
        [] => ('·', &examined.advice),
        _ => ('✗', &examined.problems),
    };
    let line = |one: &Problem| {
        let place = match one.path.as_str() {
            "" => "the file".to_string(),
            path => format!("`{path}`"),
        };
        format!("{mark} {place}: {}; found {}", one.expected, one.found)
    };
    let says: Vec<String> = all.iter().map(line).collect();
    let first = all.first().map(|one| one.mend.as_str());
    let mend = first.unwrap_or_else(|| panic!("{what} is a mistake"));
    format!("| {what} | {} | {mend} |", says.join("<br>"))
}
