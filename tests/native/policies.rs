//! The files that vendors and operators write: what ships is right, what is wrong is told in full,
//! and the schemas that editors complete from know every key the portal reads.

use std::collections::BTreeSet;
use std::path::Path;

use casement::core::policy::{Beside, Choice, Policy, Severity};
use casement::core::portal::Portal;
use casement::core::reader::Problem;
use casement::core::sla::duration::UNITS;
use casement::core::sla::terms::FACTS;
use serde_json::{Value, json};

use crate::support::{file, files_under, json as parse, lines};

const LANGUAGES: [&str; 3] = ["en", "ja", "zh-Hans"];

/// The policies that ship, by the id in their file's name.
fn shipped() -> Vec<(String, Value)> {
    let id_of = |path: &Path| {
        path.file_stem()
            .and_then(|stem| stem.to_str())
            .map(String::from)
            .expect("a policy's file is named by its id")
    };
    files_under("public/policies")
        .iter()
        .map(|path| id_of(path))
        .map(|id| {
            let policy = parse(&format!("public/policies/{id}.json"));
            (id, policy)
        })
        .collect()
}

fn citrix() -> Policy {
    read(&parse("public/policies/citrix.json"))
}

fn read(json: &Value) -> Policy {
    Policy::read(json).unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)))
}

fn problems_of(json: &Value) -> Vec<Problem> {
    Policy::read(json).err().unwrap_or_default()
}

/// Calls `each` for every object below a value, with its path.
fn walk(value: &Value, path: &str, each: &mut impl FnMut(&str, &serde_json::Map<String, Value>)) {
    match value {
        Value::Object(map) => {
            each(path, map);
            for (key, below) in map {
                walk(below, &format!("{path}/{key}"), each);
            }
        }
        Value::Array(entries) => {
            for (index, below) in entries.iter().enumerate() {
                walk(below, &format!("{path}/{index}"), each);
            }
        }
        _ => {}
    }
}

/// The places whose text lacks a language or is empty in one.
fn untranslated(json: &Value) -> Vec<String> {
    let mut missing = Vec::new();
    walk(json, "", &mut |path, map| {
        if !map.contains_key("en") {
            return;
        }
        for lang in LANGUAGES {
            let text = map.get(lang).and_then(Value::as_str).unwrap_or("");
            if text.trim().is_empty() {
                missing.push(format!("{path} has no {lang}"));
            }
        }
        for lang in map.keys() {
            if !LANGUAGES.contains(&lang.as_str()) {
                missing.push(format!("{path} has a stray {lang}"));
            }
        }
    });
    missing
}

#[test]
fn every_policy_that_ships_reads_without_a_problem_and_is_named_by_its_id() {
    let policies = shipped();
    assert!(!policies.is_empty());
    for (id, json) in policies {
        assert_eq!(problems_of(&json), [], "{id}");
        assert_eq!(read(&json).id, id);
    }
}

#[test]
fn every_text_of_every_policy_is_there_in_all_three_languages() {
    for (id, json) in shipped() {
        assert_eq!(untranslated(&json), [] as [String; 0], "{id}");
    }
    assert_eq!(
        untranslated(&parse("public/portal.json")),
        [] as [String; 0]
    );
}

#[test]
fn the_deployment_that_ships_reads_and_names_policies_that_are_there() {
    let portal = Portal::read(&parse("public/portal.json"))
        .unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
    let there: BTreeSet<String> = shipped().into_iter().map(|(id, _)| id).collect();
    for policy in &portal.policies {
        assert!(there.contains(policy), "{policy} has no file");
    }
    assert_eq!(portal.languages, ["ja", "en", "zh-Hans"]);
}

#[test]
fn a_policy_with_ten_mistakes_is_told_all_ten_with_their_places() {
    let problems = problems_of(&parse("tests/fixtures/policies/ten-mistakes.json"));
    let mut paths: Vec<&str> = problems.iter().map(|one| one.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "fields[1].kind",
            "fields[2].options",
            "fields[3].aim",
            "fields[4].lable",
            "fields[5].limit",
            "severities",
            "severities[0].phone_only",
            "steps[0].fields[4]",
            "steps[0].id",
            "vendor.en",
        ]
    );
    for problem in problems {
        assert!(!problem.expected.is_empty(), "{problem:?}");
        assert!(!problem.found.is_empty(), "{problem:?}");
        assert!(!problem.mend.is_empty(), "{problem:?}");
    }
}

#[test]
fn a_policy_of_another_format_is_told_that_first_and_not_its_consequences() {
    let mut json = parse("public/policies/citrix.json");
    json["format"] = json!(2);
    assert_eq!(lines(&problems_of(&json)), ["format: 1"]);
}

#[test]
fn cms_01_every_product_has_a_report_and_no_report_must_be_given() {
    let policy = citrix();
    let of = |product: &str| policy.report(product).map(|report| report.id.as_str());
    assert_eq!(of("cvad"), Some("virtualisation"));
    assert_eq!(of("citrix-gateway"), Some("networking"));
    assert_eq!(of("adc-sdx"), Some("hardware"));
    assert_eq!(of("a product of tomorrow"), Some("general"));
    assert!(policy.field("report").is_some_and(|field| !field.required));
    let step = policy.steps.iter().find(|step| step.id == "report");
    let warning = step
        .and_then(|step| step.intro.as_ref())
        .map(|intro| intro.get("ja"));
    assert!(warning.is_some_and(|words| words.contains("遅れる場合があります")));
}

#[test]
fn cms_01_an_answer_of_a_report_means_the_same_in_all_reports() {
    let json = parse("public/policies/citrix.json");
    let mut ids: Vec<(String, String)> = Vec::new();
    for report in json["reports"].as_array().into_iter().flatten() {
        let mut own = BTreeSet::new();
        for part in report["parts"].as_array().into_iter().flatten() {
            let id = part["id"].as_str().unwrap_or_default();
            assert!(own.insert(id), "{id} stands twice in {}", report["id"]);
            ids.push((id.into(), part["label"]["ja"].to_string()));
        }
    }
    let labels = |id: &str| {
        let of_id = ids.iter().filter(|(one, _)| one == id);
        of_id.map(|(_, label)| label.clone()).collect::<Vec<_>>()
    };
    for id in [
        "environment",
        "what",
        "messages",
        "steps",
        "changes",
        "tried",
        "logs",
    ] {
        let first = labels(id).first().cloned();
        for label in labels(id) {
            assert_eq!(Some(label), first, "{id}");
        }
    }
}

#[test]
fn cms_03_every_reason_has_words_and_a_remedy_with_the_facts_it_may_use() {
    let policy = citrix();
    let facts = [
        ("not_on_contract", None),
        ("no_contract", None),
        ("no_usable_contract", None),
        ("expired", Some("{end}")),
        ("not_started", Some("{start}")),
        ("not_active", Some("{status}")),
        ("none_left", Some("{total}")),
        ("product_not_covered", None),
    ];
    for (code, fact) in facts {
        let reason = policy
            .reason(code)
            .unwrap_or_else(|| panic!("{code} has no words"));
        for lang in LANGUAGES {
            let text = reason.text.get(lang);
            match fact {
                Some(fact) => assert!(text.contains(fact), "{code} {lang}: {text}"),
                None => assert!(!text.contains('{'), "{code} {lang}: {text}"),
            }
            assert!(!reason.remedy.get(lang).contains('{'), "{code} {lang}");
        }
    }
}

#[test]
fn cms_08_what_must_be_answered_is_what_the_vendor_requires() {
    let policy = citrix();
    let mut required: Vec<&str> = policy
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.key.as_str())
        .collect();
    required.sort_unstable();
    assert_eq!(
        required,
        [
            "brief",
            "callback_number",
            "description",
            "entitlement",
            "product",
            "product_version",
            "severity",
            "subject",
            "type",
        ]
    );
}

#[test]
fn cms_09_severity_one_is_taken_by_phone_and_three_is_for_the_unsure() {
    let policy = citrix();
    let ids = |wanted: fn(&&Severity) -> bool| -> Vec<&str> {
        let found = policy.severities.iter().filter(wanted);
        found.map(|severity| severity.id.as_str()).collect()
    };
    assert_eq!(ids(|_| true), ["1", "2", "3", "4"]);
    assert_eq!(ids(|severity| severity.phone_only), ["1"]);
    assert_eq!(ids(|severity| severity.unsure), ["3"]);
    assert!(policy.severities.iter().all(|one| !one.examples.is_empty()));
    assert!(
        policy
            .regions
            .iter()
            .all(|region| !region.phones.is_empty())
    );
    assert!(!policy.call.script.is_empty() && !policy.call.facts.is_empty());
}

#[test]
fn cms_10_the_subject_aims_at_forty_characters_and_begins_as_the_brief_description() {
    let policy = citrix();
    let subject = policy.field("subject").expect("there is a subject");
    assert_eq!((subject.aim, subject.limit), (Some(40), Some(80)));
    assert_eq!(subject.prefill, "brief");
}

#[test]
fn cms_12_every_language_of_support_says_what_follows_from_it() {
    let policy = citrix();
    let ids: BTreeSet<&str> = policy.languages.iter().map(|one| one.id.as_str()).collect();
    assert!(policy.languages.iter().all(|one| one.help.is_some()));
    for region in &policy.regions {
        for language in &region.languages {
            assert!(
                ids.contains(language.as_str()),
                "{language} of {}",
                region.id
            );
        }
    }
}

/// The example records of a kind.
fn examples(kind: &str) -> Vec<Value> {
    let records = parse(&format!("backend/example/{kind}.json"));
    records.as_array().expect("example data are lists").clone()
}

/// The values of a key in records that have one.
fn values(records: &[Value], key: &str) -> BTreeSet<String> {
    let values = records.iter().filter_map(|record| record[key].as_str());
    let values = values.filter(|value| !value.is_empty());
    values.map(String::from).collect()
}

fn ids(choices: &[Choice]) -> BTreeSet<String> {
    choices.iter().map(|choice| choice.id.clone()).collect()
}

#[test]
fn every_code_of_the_example_data_has_the_words_of_its_policy() {
    for (id, json) in shipped() {
        let policy = read(&json);
        let of_policy = |kind: &str| -> Vec<Value> {
            let records = examples(kind).into_iter();
            records.filter(|record| record["policy"] == id).collect()
        };
        let types = policy.field("type").map(|types| ids(&types.options));
        let plans: BTreeSet<String> = policy.plans.iter().map(|plan| plan.id.clone()).collect();
        let severities: BTreeSet<String> = policy.severities.iter().map(|s| s.id.clone()).collect();
        for (kind, key, known) in [
            ("cases", "type", types.unwrap_or_default()),
            ("cases", "status", ids(&policy.statuses)),
            ("cases", "severity", severities),
            ("cases", "preferred_language", ids(&policy.languages)),
            ("entitlements", "plan", plans.clone()),
            ("entitlements", "level", plans),
        ] {
            let given = values(&of_policy(kind), key);
            let unknown: Vec<&String> = given.difference(&known).collect();
            assert_eq!(unknown, [] as [&String; 0], "{key} of {kind} in {id}");
        }
        let products = values(&of_policy("products"), "id");
        for report in &policy.reports {
            for product in &report.products {
                assert!(products.contains(product), "{product} of {}", report.id);
            }
        }
    }
}

#[test]
fn mpt_01_each_membership_says_what_it_gives() {
    let policy = read(&parse("public/policies/microsoft-partner.json"));
    let total = |id: &str| {
        let plan = policy.plan(id).unwrap_or_else(|| panic!("{id} is a plan"));
        let total = plan.total.as_ref().map(|total| total.get("en"));
        total.unwrap_or_default().to_string()
    };
    for (id, expected) in [
        ("support_maps_10pack", "10 incidents"),
        ("support_silver_15pack", "15 incidents"),
        ("support_gold_20pack", "20 incidents"),
        ("signature_unlimited", "Unlimited"),
        ("signature_5pack", "5 incidents"),
        ("signature_10pack", "10 incidents"),
    ] {
        assert_eq!(total(id), expected, "{id}");
    }
    // An action pack has no cloud support of its own, and that is said.
    let action_pack = policy.rules.iter().find(|rule| {
        let tier = ("account.tier".to_string(), vec!["action_pack".to_string()]);
        rule.when.contains(&tier)
    });
    assert!(action_pack.is_some_and(|rule| rule.about.contains(&"plan".into())));
}

#[test]
fn mpt_08_the_flow_goes_from_type_over_solutions_and_plan_to_the_details() {
    let policy = read(&parse("public/policies/microsoft-partner.json"));
    let order: Vec<&String> = policy.steps.iter().flat_map(|step| &step.fields).collect();
    let place = |key: &str| order.iter().position(|one| *one == key);
    let way = [
        "type",
        "subscription",
        "brief",
        "entitlement",
        "severity",
        "description",
        "files",
    ];
    let places: Vec<Option<usize>> = way.iter().map(|key| place(key)).collect();
    assert!(places.iter().all(Option::is_some), "{places:?}");
    assert!(places.is_sorted(), "{places:?}");
    let beside = |key: &str| {
        let step = policy
            .steps
            .iter()
            .find(|step| step.fields.iter().any(|one| one == key));
        step.and_then(|step| step.beside)
    };
    assert_eq!(beside("brief"), Some(Beside::Help));
    assert_eq!(beside("entitlement"), Some(Beside::Plans));
}

/// The keys that the portal reads at a place, asked of the portal itself: it names them when it
/// meets one that it doesn't know.
fn keys_read(problems: &[Problem], path: &str) -> BTreeSet<String> {
    let mend = problems
        .iter()
        .find(|problem| problem.path == path)
        .map_or_else(|| panic!("no problem at {path}"), |problem| &problem.mend);
    let (_, list) = mend.rsplit_once(": ").expect("the mend lists the keys");
    list.split(", ").map(String::from).collect()
}

/// The keys that a schema describes at a pointer; each must have a description of its own.
fn keys_described(schema: &Value, pointer: &str) -> BTreeSet<String> {
    let properties = schema.pointer(&format!("{pointer}/properties"));
    let properties = properties.and_then(Value::as_object);
    let properties = properties.unwrap_or_else(|| panic!("no properties at {pointer}"));
    for (key, property) in properties {
        let description = property["description"].as_str().unwrap_or_default();
        assert!(!description.is_empty(), "{pointer}: {key} is not described");
    }
    let keys = properties.keys().filter(|key| *key != "$schema");
    keys.cloned().collect()
}

#[test]
fn the_schema_of_policies_knows_exactly_the_keys_that_are_read() {
    let unknown = json!({ "zzz": 1 });
    let places = [
        ("zzz", ""),
        ("severities[0].zzz", "/$defs/severity"),
        ("fields[0].zzz", "/$defs/field"),
        ("fields[0].options[0].zzz", "/$defs/choice"),
        ("steps[0].zzz", "/$defs/step"),
        ("reports[0].zzz", "/$defs/report"),
        ("reports[0].parts[0].zzz", "/$defs/part"),
        ("regions[0].zzz", "/$defs/region"),
        ("regions[0].phones[0].zzz", "/$defs/phone"),
        ("call.zzz", "/$defs/call"),
        ("mail.zzz", "/$defs/mail"),
        ("files.zzz", "/$defs/files"),
        ("files.service.zzz", "/$defs/service"),
        ("reasons.any.zzz", "/$defs/reason"),
        ("fields[0].prompts[0].zzz", "/$defs/prompts"),
        ("fields[0].prompts[0].parts[0].zzz", "/$defs/prompt_part"),
        ("plans[0].zzz", "/$defs/plan"),
        ("plans[0].reasons.any.zzz", "/$defs/reason"),
        ("rules[0].zzz", "/$defs/rule"),
        ("linking.zzz", "/$defs/linking"),
        ("linking.errors.any.zzz", "/$defs/link_error"),
        ("purchase.zzz", "/$defs/purchase"),
        ("purchase.needs.zzz", "/$defs/needs"),
        ("life.zzz", "/$defs/life"),
        ("life.lower_severity.zzz", "/$defs/change"),
        ("life.raise_severity.zzz", "/$defs/change"),
        ("life.close.zzz", "/$defs/close"),
        ("life.reopen.zzz", "/$defs/reopen"),
        ("life.escalate.zzz", "/$defs/escalate"),
        ("life.escalate.asks[0].zzz", "/$defs/ask"),
        ("life.escalate.channels[0].zzz", "/$defs/escalation_channel"),
        ("life.progress[0].zzz", "/$defs/progress"),
        ("rma.zzz", "/$defs/rma"),
        ("rma.levels[0].zzz", "/$defs/rma_level"),
        ("rma.texts.any.zzz", "/$defs/reason"),
        ("resources[0].zzz", "/$defs/resource"),
        ("account_checks[0].zzz", "/$defs/account_check"),
        ("sla.zzz", "/$defs/sla"),
        ("sla.calendars[0].zzz", "/$defs/sla_calendar"),
        ("sla.calendars[0].hours[0].zzz", "/$defs/sla_hours"),
        ("sla.calendars[0].exceptions[0].zzz", "/$defs/sla_exception"),
        (
            "sla.calendars[0].exceptions[0].hours[0].zzz",
            "/$defs/sla_day_hours",
        ),
        ("sla.desks[0].zzz", "/$defs/sla_desk"),
        ("sla.targets[0].zzz", "/$defs/sla_target"),
        ("sla.notes[0].zzz", "/$defs/sla_note"),
    ];
    let problems = problems_of(&json!({
        "zzz": 1,
        "severities": [unknown],
        "fields": [{ "zzz": 1, "prefill": "brief", "options": [unknown],
            "prompts": [{ "zzz": 1, "parts": [unknown] }] }],
        "steps": [{ "zzz": 1, "beside": "articles" }],
        "reports": [{ "zzz": 1, "parts": [unknown] }],
        "regions": [{ "zzz": 1, "phones": [unknown] }],
        "call": unknown,
        "mail": unknown,
        "files": { "zzz": 1, "service": unknown },
        "reasons": { "any": unknown },
        "plans": [{ "zzz": 1, "reasons": { "any": unknown } }],
        "rules": [unknown],
        "linking": { "zzz": 1, "errors": { "any": unknown } },
        "purchase": { "zzz": 1, "needs": unknown },
        "life": {
            "zzz": 1, "lower_severity": unknown, "raise_severity": unknown, "close": unknown,
            "reopen": unknown, "progress": [unknown],
            "escalate": { "zzz": 1, "asks": [unknown], "channels": [unknown] },
        },
        "rma": { "zzz": 1, "levels": [unknown], "texts": { "any": unknown } },
        "resources": [unknown],
        "account_checks": [unknown],
        "sla": {
            "zzz": 1, "desks": [unknown], "notes": [unknown],
            "calendars": [{ "zzz": 1, "hours": [unknown],
                "exceptions": [{ "zzz": 1, "hours": [unknown] }] }],
            "targets": [{ "zzz": 1, "until": "stable", "from": "created", "promise": "goal" }],
        },
    }));
    let schema = parse("public/schemas/policy.schema.json");
    for (path, pointer) in places {
        let described = keys_described(&schema, pointer);
        assert_eq!(described, keys_read(&problems, path), "{path}");
    }
}

#[test]
fn the_schema_of_policies_knows_the_words_for_facts_and_spans_of_times() {
    let schema = parse("public/schemas/policy.schema.json");
    let facts: BTreeSet<String> = FACTS.map(String::from).into();
    assert_eq!(keys_described(&schema, "/$defs/sla_when"), facts);
    let units: BTreeSet<String> = UNITS.map(|(word, _)| word.to_string()).into();
    assert_eq!(keys_described(&schema, "/$defs/sla_span"), units);
}

#[test]
fn the_schema_of_policies_lets_an_editor_explain_and_refuse_every_key() {
    let schema = parse("public/schemas/policy.schema.json");
    walk(&schema, "", &mut |path, object| {
        let Some(properties) = object.get("properties").and_then(Value::as_object) else {
            return;
        };
        // Parts of a condition describe nothing and refuse nothing; a text is no object of keys.
        if path.contains("/allOf/") || path.contains("/local_text") {
            return;
        }
        assert!(object.contains_key("description"), "{path} is explained");
        for (key, property) in properties {
            let what = property["description"].as_str().unwrap_or_default();
            assert!(!what.is_empty(), "{path}: {key} is explained");
        }
        let others = object.get("additionalProperties");
        let closed = others == Some(&json!(false));
        // Languages and codes of reasons are the author's, and so are no mistakes.
        let open = others.is_some_and(|one| one["description"].is_string());
        assert!(closed || open, "{path} refuses unknown keys");
        let notes = object
            .get("patternProperties")
            .map(|one| one["^_"].is_object());
        assert_eq!(notes, Some(true), "{path} allows notes");
    });
}

#[test]
fn the_schema_of_deployments_knows_exactly_the_keys_that_are_read() {
    let problems = Portal::read(&json!({ "zzz": 1 })).err().unwrap_or_default();
    let schema = parse("public/schemas/portal.schema.json");
    assert_eq!(keys_described(&schema, ""), keys_read(&problems, "zzz"));
}

#[test]
fn the_files_that_ship_name_a_schema_that_is_there() {
    let named = |path: &str, folder: &str| {
        let json = parse(path);
        let schema = json["$schema"].as_str().unwrap_or_default();
        let schema = parse(&format!("{folder}/{schema}"));
        let dialect = schema["$schema"].as_str();
        assert_eq!(
            dialect,
            Some("https://json-schema.org/draft/2020-12/schema")
        );
    };
    named("public/portal.json", "public");
    for (id, _) in shipped() {
        named(&format!("public/policies/{id}.json"), "public/policies");
    }
}

#[test]
fn the_readme_says_of_every_example_account_what_it_shows() {
    let readme = file("README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    let named: BTreeSet<String> = rows
        .filter_map(|row| row.split_once('`'))
        .map(|(login, _)| login.to_string())
        .collect();
    assert_eq!(named, values(&examples("people"), "login"));
}
