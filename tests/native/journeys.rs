//! Properties of every journey: through the policies that ship, through the invented vendor's, and
//! through policies made at random. None goes round, none skips what is required, and whatever
//! changes, nothing that was typed is lost.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use casement::core::draft::{Answer, Draft};
use casement::core::facts::fact;
use casement::core::flow::{asked, case_body, is_required, journey, prefill, problems, prompts};
use casement::core::guard::{self, disagreements, may_send};
use casement::core::parked::{bring_back, parked};
use casement::core::policy::{Field, FieldKind, Level, Policy};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::support::{Desk, json as fixture, lines, tries};
use crate::vendors::desk;

/// The desks that the properties are tried at, each read once.
static DESKS: LazyLock<Vec<Desk>> = LazyLock::new(|| {
    let policy = Policy::read(&fixture("tests/fixtures/rules/policy.json"))
        .unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
    vec![
        Desk::open(),
        Desk::of(policy, &fixture("tests/fixtures/rules/world.json")),
        desk("citrix", "tanaka@kita-networks.example"),
        desk("microsoft-partner", "kim@brightpath-advisory.example"),
        desk("ntt-ecl2", "two@futaba-group.example"),
    ]
});

/// One thing that a person does.
#[derive(Clone, Debug)]
enum Deed {
    /// Answers a question with one of what is possible, or with anything.
    Answer(Index, Index, Option<String>),
    /// Answers a part of a text.
    Part(Index, String),
    /// Leaves a step, which fills in what can be filled in.
    Leave,
    /// Takes something back into the details.
    Bring(Index),
    /// Confirms a rule.
    Confirm(Index, bool),
}

fn deed() -> impl Strategy<Value = Deed> {
    let index = any::<Index>;
    let words = prop_oneof![Just("言葉".to_string()), "[a-z<>{} ]{0,12}"];
    prop_oneof![
        6 => (index(), index(), proptest::option::weighted(0.2, any::<String>()))
            .prop_map(|(field, value, other)| Deed::Answer(field, value, other)),
        2 => (index(), words).prop_map(|(part, text)| Deed::Part(part, text)),
        1 => Just(Deed::Leave),
        2 => index().prop_map(Deed::Bring),
        1 => (index(), any::<bool>()).prop_map(|(rule, yes)| Deed::Confirm(rule, yes)),
    ]
}

/// What can be answered to a question at a desk.
fn possible(desk: &Desk, field: &Field) -> Vec<String> {
    let world = desk.world();
    let ids: Vec<&String> = match field.kind {
        FieldKind::Choice => field.options.iter().map(|one| &one.id).collect(),
        FieldKind::Severity => desk.policy.severities.iter().map(|one| &one.id).collect(),
        FieldKind::Language => desk.policy.languages.iter().map(|one| &one.id).collect(),
        FieldKind::Region => desk.policy.regions.iter().map(|one| &one.id).collect(),
        FieldKind::Product => world.own_products().map(|one| &one.id).collect(),
        FieldKind::Version => {
            let versions = world.own_products().flat_map(|one| &one.versions);
            versions.map(|one| &one.id).collect()
        }
        FieldKind::Entitlement => world.own_entitlements().map(|one| &one.id).collect(),
        FieldKind::OnBehalf => desk.customers.iter().map(|one| &one.id).collect(),
        FieldKind::Contacts => desk.contacts.iter().map(|one| &one.id).collect(),
        _ => Vec::new(),
    };
    let plain = [
        "yes",
        "words",
        "a@b.example",
        "+81 3-5550-0123",
        "2026-11-20T09:30",
        "",
    ];
    let ids = ids.into_iter().cloned();
    ids.chain(plain.map(String::from)).collect()
}

/// The keys of all parts of texts and reports.
fn part_keys(policy: &Policy) -> Vec<String> {
    let prompts = policy.fields.iter().flat_map(|field| {
        let parts = field.prompts.iter().flat_map(|prompts| &prompts.parts);
        parts.map(|part| format!("{}.{}", field.key, part.id))
    });
    let reports = policy.reports.iter().flat_map(|report| &report.parts);
    prompts
        .chain(reports.map(|part| format!("report.{}", part.id)))
        .collect()
}

/// Does it, and returns the keys that may have changed by it.
fn act(desk: &Desk, draft: &mut Draft, deed: &Deed) -> BTreeSet<String> {
    let world = desk.world();
    let fields = &desk.policy.fields;
    match deed {
        Deed::Answer(field, value, other) => {
            let field = &fields[field.index(fields.len())];
            let possible = possible(desk, field);
            let chosen = &possible[value.index(possible.len())];
            draft.set(&field.key, other.as_ref().unwrap_or(chosen).as_str());
            [field.key.clone()].into()
        }
        Deed::Part(part, text) => {
            let keys = part_keys(&desk.policy);
            if keys.is_empty() {
                return BTreeSet::new();
            }
            let key = &keys[part.index(keys.len())];
            draft.set(key, text.as_str());
            [key.clone()].into()
        }
        Deed::Leave => {
            let before: BTreeSet<String> = draft.answers.keys().cloned().collect();
            prefill(world, draft);
            let after = draft.answers.keys().cloned();
            after.filter(|key| !before.contains(key)).collect()
        }
        Deed::Bring(index) => {
            let aside = parked(world, draft, "en");
            let mut changed = BTreeSet::new();
            if !aside.is_empty() {
                let one = &aside[index.index(aside.len())];
                let before = draft.clone();
                if bring_back(world, draft, &one.key, "en") {
                    changed.insert(format!("brought.{}", one.key));
                    for field in fields.iter().filter(|one| one.kind == FieldKind::Text) {
                        let old = before.text(&field.key);
                        let new = draft.text(&field.key);
                        assert!(new.starts_with(old.trim()), "only something is added");
                        if old != new {
                            assert!(new.ends_with(&one.text), "what was kept aside is there");
                            changed.insert(field.key.clone());
                        }
                    }
                } else {
                    assert_eq!(&before, draft);
                }
            }
            changed
        }
        Deed::Confirm(index, yes) => {
            let rules = &desk.policy.rules;
            if rules.is_empty() {
                return BTreeSet::new();
            }
            let rule = &rules[index.index(rules.len())];
            guard::confirm(world, draft, rule, *yes);
            [format!("confirm.{}", rule.id)].into()
        }
    }
}

/// What holds of every journey, whatever was answered.
fn check(desk: &Desk, draft: &Draft) -> Result<(), TestCaseError> {
    let world = desk.world();
    let journey = journey(world, draft);
    // The steps come in the policy's order, each once, so there is no way round.
    let order: Vec<usize> = journey
        .steps
        .iter()
        .filter_map(|stage| {
            desk.policy
                .steps
                .iter()
                .position(|one| one.id == stage.step.id)
        })
        .collect();
    prop_assert_eq!(order.len(), journey.steps.len());
    prop_assert!(order.is_sorted_by(|a, b| a < b));
    let mut complete = true;
    for stage in &journey.steps {
        prop_assert_eq!(stage.reachable, complete);
        prop_assert!(!stage.fields.is_empty());
        for field in &stage.fields {
            let told = |key: &str| stage.problems.iter().any(|one| one.field == key);
            let parts = prompts(world, draft, field).map_or(&[][..], |one| &one.parts);
            let key = |id: &str| format!("{}.{id}", field.key);
            let said = parts.iter().any(|part| draft.has(&key(&part.id)));
            let open = is_required(world, draft, field) && !draft.has(&field.key) && !said;
            let files = field.kind == FieldKind::Files;
            prop_assert!(
                !open || files || told(&field.key),
                "{} is not told",
                field.key
            );
            for part in parts.iter().filter(|part| part.required) {
                let key = key(&part.id);
                prop_assert!(draft.has(&key) || told(&key), "{} is not told", key);
            }
        }
        complete &= stage.problems.is_empty();
    }
    prop_assert_eq!(journey.is_complete(), complete);
    // Every question is asked in its one step or not at all.
    for field in &desk.policy.fields {
        let shown = journey.steps.iter().flat_map(|stage| &stage.fields);
        let count = shown.filter(|one| one.key == field.key).count();
        prop_assert_eq!(count, usize::from(asked(world, field, draft)));
        let hidden = count == 0 && !fact(world, draft, &field.key).is_empty();
        prop_assert!(!hidden, "a hidden answer decides nothing");
    }
    let told = disagreements(world, draft);
    let stops = told
        .iter()
        .any(|one| one.level == Level::Stop || one.is_open());
    prop_assert_eq!(may_send(world, draft), complete && !stops);
    Ok(())
}

/// Every text that was typed is sent, or is kept aside, or was taken into the details.
fn nothing_is_lost(desk: &Desk, draft: &Draft) -> Result<(), TestCaseError> {
    let world = desk.world();
    let aside: Vec<String> = parked(world, draft, "en")
        .into_iter()
        .map(|one| one.key)
        .collect();
    let texts = desk
        .policy
        .fields
        .iter()
        .filter(|one| one.kind == FieldKind::Text);
    for field in texts.filter(|field| !field.prompts.is_empty()) {
        for prompts in &field.prompts {
            for part in &prompts.parts {
                let key = format!("{}.{}", field.key, part.id);
                let text = draft.text(&key).trim();
                let shown = asked(world, field, draft)
                    && casement::core::flow::prompts(world, draft, field)
                        .is_some_and(|one| one.parts.iter().any(|one| one.id == part.id));
                let body = case_body(world, draft).to_string();
                let sent = shown && body.contains(json!(text).to_string().trim_matches('"'));
                let brought = draft.text(&format!("brought.{key}")).trim() == text;
                let kept = aside.contains(&key);
                prop_assert!(
                    text.is_empty() || sent || brought || kept,
                    "{} is lost",
                    key
                );
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(tries(150))]

    #[test]
    fn new_04_and_ntt_09_whatever_is_done_nothing_is_skipped_and_nothing_is_lost(
        place in any::<Index>(),
        deeds in prop::collection::vec(deed(), 0..25),
    ) {
        let desk = &DESKS[place.index(DESKS.len())];
        let mut draft = Draft::new("d-1", desk.policy.id.as_str(), 1_000);
        for deed in &deeds {
            let before = draft.clone();
            let may_change = act(desk, &mut draft, deed);
            for (key, answer) in &before.answers {
                let kept = draft.answers.get(key) == Some(answer);
                prop_assert!(kept || may_change.contains(key), "{} was lost by {:?}", key, deed);
            }
            prop_assert_eq!(&before.files, &draft.files);
        }
        check(desk, &draft)?;
        nothing_is_lost(desk, &draft)?;
        let again = (case_body(desk.world(), &draft), parked(desk.world(), &draft, "ja").len());
        prop_assert_eq!(again, (case_body(desk.world(), &draft), parked(desk.world(), &draft, "en").len()));
    }

    #[test]
    fn new_10_a_policy_made_at_random_is_refused_or_walks_without_going_round(
        fields in prop::collection::vec(random_field(), 1..9),
        answers in prop::collection::vec((any::<Index>(), select(&["a", "b", "x", ""][..])), 0..12),
    ) {
        let policy = random_policy(&fields);
        let Ok(policy) = Policy::read(&policy) else {
            return Ok(());
        };
        let desk = Desk::of(policy, &fixture("tests/fixtures/rules/world.json"));
        let mut draft = Draft::new("d-1", "random", 1_000);
        for (index, value) in answers {
            let key = format!("f{}", index.index(fields.len()));
            draft.set(&key, Answer::One(value.into()));
            prefill(desk.world(), &mut draft);
        }
        check(&desk, &draft)?;
        for field in &desk.policy.fields {
            problems(desk.world(), &draft, field);
        }
    }
}

/// A question with conditions on others, which may well come back to it.
#[derive(Clone, Debug)]
struct RandomField {
    kind: &'static str,
    required: bool,
    when: Vec<(usize, &'static str)>,
    required_when: Vec<(usize, &'static str)>,
    prefill: Option<usize>,
}

fn random_field() -> impl Strategy<Value = RandomField> {
    let condition = || {
        let values = select(&["a", "b", "!a", "", "!"][..]);
        prop::collection::vec((0_usize..9, values), 0..3)
    };
    (
        select(&["line", "text", "choice"][..]),
        any::<bool>(),
        condition(),
        condition(),
        proptest::option::weighted(0.2, 0_usize..9),
    )
        .prop_map(
            |(kind, required, when, required_when, prefill)| RandomField {
                kind,
                required,
                when,
                required_when,
                prefill,
            },
        )
}

fn random_policy(fields: &[RandomField]) -> Value {
    let count = fields.len();
    let name = |index: usize| format!("f{}", index % count);
    let condition = |when: &[(usize, &str)]| -> Value {
        let entries = when.iter();
        let entries = entries.map(|(index, value)| (name(*index), json!(value)));
        Value::Object(entries.collect())
    };
    let questions: Vec<Value> = fields
        .iter()
        .enumerate()
        .map(|(index, field)| {
            json!({
                "key": name(index), "kind": field.kind, "label": "x",
                "required": field.required,
                "when": condition(&field.when),
                "required_when": condition(&field.required_when),
                "prefill": field.prefill.map(name),
                "options": if field.kind == "choice" {
                    json!([{ "id": "a", "name": "A" }, { "id": "b", "name": "B" }])
                } else {
                    json!([])
                },
            })
        })
        .collect();
    let keys: Vec<String> = (0..count).map(name).collect();
    let steps: Vec<Value> = keys
        .chunks(2)
        .enumerate()
        .map(|(index, keys)| json!({ "id": format!("s{index}"), "title": "x", "fields": keys }))
        .collect();
    json!({
        "format": 1, "id": "random", "vendor": "x", "title": "x",
        "fields": questions, "steps": steps, "files": { "max_bytes": 1, "max_count": 1 },
    })
}

/// Answers what is asked, step by step, with whatever will do, and confirms what asks for it.
fn walk(desk: &Desk, draft: &mut Draft) {
    let world = desk.world();
    for _ in 0..200 {
        prefill(world, draft);
        let journey = journey(world, draft);
        let Some(open) = journey.next().and_then(|stage| stage.problems.first()) else {
            break;
        };
        let answered = match desk.policy.field(&open.field) {
            // What one came for is not exchanged for something else.
            Some(field)
                if ["type", "product", "customer"].contains(&field.key.as_str())
                    && draft.has(&field.key) =>
            {
                false
            }
            Some(field) => {
                let world = desk.world();
                possible(desk, field).into_iter().any(|value| {
                    draft.set(&field.key, Answer::One(value));
                    problems(world, draft, field)
                        .iter()
                        .all(|one| one.field != field.key)
                })
            }
            None => {
                draft.set(&open.field, "words");
                true
            }
        };
        if !answered {
            break;
        }
    }
    for told in disagreements(world, draft) {
        if let guard::Words::Rule(index) = told.words {
            guard::confirm(world, draft, &desk.policy.rules[index], true);
        }
    }
}

/// Whether a type leads to a case that can be sent, for some product and customer, or to which
/// stops in each case.
fn destination(desk: &Desk, kind: &str) -> String {
    let world = desk.world();
    let mut products: Vec<String> = world.own_products().map(|one| one.id.clone()).collect();
    products.push(String::new());
    let mut customers: Vec<String> = desk.customers.iter().map(|one| one.id.clone()).collect();
    customers.truncate(8);
    customers.push(String::new());
    let mut stops: BTreeSet<String> = BTreeSet::new();
    for product in &products {
        for customer in &customers {
            let mut draft = Draft::new("d-1", desk.policy.id.as_str(), 1_000);
            draft.set("type", kind);
            for (key, value) in [("product", product), ("customer", customer)] {
                if !value.is_empty() {
                    draft.set(key, value.as_str());
                }
            }
            walk(desk, &mut draft);
            if may_send(world, &draft) {
                return "a case".into();
            }
            let journey = journey(world, &draft);
            let open = journey.next().and_then(|stage| stage.problems.first());
            stops.extend(open.map(|one| format!("{} {}", one.field, one.code)));
            let told = disagreements(world, &draft);
            stops.extend(
                told.into_iter()
                    .filter(|one| one.is_open())
                    .map(|one| one.id),
            );
        }
    }
    stops.into_iter().collect::<Vec<_>>().join(", ")
}

fn check_destinations(policy: &str, login: &str, expected: &[(&str, &str)]) {
    let desk = desk(policy, login);
    let types = desk.policy.field("type").expect("there are types");
    let found: Vec<(&str, String)> = types
        .options
        .iter()
        .map(|option| (option.id.as_str(), destination(&desk, &option.id)))
        .collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(id, to)| (*id, to.as_str())).collect();
    assert_eq!(found, expected, "{login}");
}

#[test]
fn new_10_every_type_of_every_policy_leads_to_a_case_or_says_where_to_turn() {
    check_destinations(
        "citrix",
        "tanaka@kita-networks.example",
        &[("technical", "a case"), ("rma", "a case")],
    );
    let partner = |on_premises| {
        [
            ("cloud", "a case"),
            ("on_premises", on_premises),
            ("billing", "a case"),
            ("own", "a case"),
            ("presales", "presales"),
            ("program", "program"),
        ]
    };
    let policy = "microsoft-partner";
    let any = partner("a case");
    check_destinations(policy, "kim@brightpath-advisory.example", &any);
    check_destinations(policy, "ueda@aozora-cloud.example", &any);
    let used_up = partner("cloud_in_on_premises, entitlement required");
    check_destinations(policy, "endo@gold-works.example", &used_up);
    let ticket = |premium, callback, ordinary| {
        [
            ("premium_inquiry", premium),
            ("premium_incident", premium),
            ("inquiry", ordinary),
            ("incident", ordinary),
            ("callback_inquiry", callback),
            ("callback_incident", callback),
        ]
    };
    let (policy, case) = ("ntt-ecl2", "a case");
    let (none, other) = (
        "not_offered.type, type not_offered",
        "not_now.type, type not_now",
    );
    check_destinations(
        policy,
        "basic@sakura-foods.example",
        &ticket(none, other, case),
    );
    check_destinations(
        policy,
        "advanced@minato-bank.example",
        &ticket(none, case, case),
    );
    check_destinations(
        policy,
        "premium@hinode-motors.example",
        &ticket(case, other, case),
    );
    let nobody = "buys-through-partner, entitlement required";
    check_destinations(
        policy,
        "partner-customer@kaede-shop.example",
        &ticket(
            "buys-through-partner, entitlement required, not_offered.type",
            "buys-through-partner, entitlement required, not_now.type",
            nobody,
        ),
    );
}
