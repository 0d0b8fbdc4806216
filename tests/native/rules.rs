//! Rules by data: a policy, what is known, the answers given, and what follows.
//!
//! `tests/fixtures/rules` holds the policy of an invented vendor with one of every rule, what its
//! backend knows of one partner, and a file a rule. Each file is a list of cases: what is `change`d
//! in the world or the `policy` (by JSON pointer, null removes), the `answers` beyond the complete
//! ones, and what is to `expect`: only what a case names is compared.

use casement::core::draft::{Answer, Draft};
use casement::core::entitlement::choices;
use casement::core::facts::fact;
use casement::core::flow::{self, case_body, journey, offers, prefill, prompts, values};
use casement::core::guard::{self, disagreements, early, may_send};
use casement::core::parked::{bring_back, parked};
use casement::core::policy::{Level, Policy};
use serde_json::{Map, Value, json};

use crate::support::{Desk, changed, files_under, json as fixture, lines};

/// What is answered unless a case says otherwise: a question on a cloud product for a customer.
fn complete() -> Value {
    json!({
        "customer": "c1", "product": "cloud", "type": "question", "brief": "Dim",
        "entitlement": "e-direct", "desk": "general", "subject": "Dim", "menu": "other",
        "details": "It is dim.", "contact_email": "sato@hokuto.example",
        "callback_number": "+81 3-5550-0123", "region": "east"
    })
}

fn draft_of(answers: &[&Value]) -> Draft {
    let mut draft = Draft::new("d-1", "lantern", 1_000);
    let all = answers.iter().filter_map(|one| one.as_object()).flatten();
    for (key, value) in all {
        match value {
            Value::Null => {
                draft.answers.remove(key);
            }
            Value::Array(list) => {
                let entries = list.iter().filter_map(Value::as_str).map(String::from);
                draft.set(key, Answer::Many(entries.collect()));
            }
            one => draft.set(key, one.as_str().unwrap_or_default()),
        }
    }
    draft
}

/// The level and id of everything that does not agree.
fn told(desk: &Desk, draft: &Draft) -> Vec<String> {
    let level = |one: &guard::Disagreement| match one.level {
        Level::Stop => "stop",
        Level::Confirm if one.confirmed => "confirmed",
        Level::Confirm => "confirm",
        Level::Note => "note",
    };
    let all = disagreements(desk.world(), draft);
    all.iter()
        .map(|one| format!("{} {}", level(one), one.id))
        .collect()
}

/// Every plan with its contract and whether it can be used.
fn plans(desk: &Desk, draft: &Draft) -> Vec<String> {
    let all = choices(desk.world(), draft);
    all.iter()
        .map(|one| {
            let contract = one.entitlement.map(|one| one.id.as_str());
            let plan = one.plan.map_or("?", |plan| plan.id.as_str());
            let preset = if one.preset { " preset" } else { "" };
            let because = one.decision.because;
            format!("{} {because}{preset}", contract.unwrap_or(plan))
        })
        .collect()
}

/// What follows from a draft, by the word that a case uses for it.
fn outcome(desk: &Desk, draft: &Draft, word: &str, expected: &Value) -> Value {
    let world = desk.world();
    let journey = journey(world, draft);
    let of_each = |one: &dyn Fn(&str) -> Value| -> Value {
        let names = expected.as_object().expect("an object of names");
        names
            .keys()
            .map(|name| (name.clone(), one(name)))
            .collect::<Map<_, _>>()
            .into()
    };
    match word {
        "asked" => {
            let fields = journey.steps.iter().flat_map(|stage| &stage.fields);
            json!(fields.map(|field| &field.key).collect::<Vec<_>>())
        }
        "steps" => json!(
            journey
                .steps
                .iter()
                .map(|one| &one.step.id)
                .collect::<Vec<_>>()
        ),
        "problems" => {
            let problems = journey.steps.iter().flat_map(|stage| &stage.problems);
            let lines = problems.map(|one| format!("{} {}", one.field, one.code));
            json!(lines.collect::<Vec<_>>())
        }
        "by_phone" => json!(journey.by_phone),
        "plans" => json!(plans(desk, draft)),
        "told" => json!(told(desk, draft)),
        "may_send" => json!(may_send(world, draft)),
        "early" => json!(early(world).iter().map(|rule| &rule.id).collect::<Vec<_>>()),
        "parked" => {
            let all = parked(world, draft, "en");
            let lines = all
                .iter()
                .map(|one| format!("{} ({}): {}", one.key, one.because, one.text));
            json!(lines.collect::<Vec<_>>())
        }
        "resources" => {
            let all = flow::resources(world, draft);
            json!(all.iter().map(|one| one.name.get("en")).collect::<Vec<_>>())
        }
        "answers" => of_each(&|key| match draft.answers.get(key) {
            Some(Answer::One(text)) => json!(text),
            Some(Answer::Many(entries)) => json!(entries),
            None => Value::Null,
        }),
        "facts" => of_each(&|name| json!(fact(world, draft, name))),
        "offers" => of_each(&|key| {
            let field = desk.policy.field(key).expect("such a field");
            let all = offers(world, draft, field);
            let line = |one: &flow::Offer| match one.reason {
                Some(reason) => format!("{}: {reason}", one.choice.id),
                None => one.choice.id.clone(),
            };
            json!(all.iter().map(line).collect::<Vec<_>>())
        }),
        "values" => of_each(&|key| {
            json!(values(
                world,
                draft,
                desk.policy.field(key).expect("such a field")
            ))
        }),
        "prompts" => of_each(&|key| {
            let field = desk.policy.field(key).expect("such a field");
            let parts = prompts(world, draft, field).map(|prompts| &prompts.parts);
            json!(parts.map(|parts| parts.iter().map(|one| &one.id).collect::<Vec<_>>()))
        }),
        "text" | "request" => of_each(&|id| {
            let rule = desk.policy.rules.iter().find(|rule| rule.id == id);
            let rule = rule.expect("such a rule");
            let text = if word == "text" {
                Some(&rule.text)
            } else {
                rule.request.as_ref()
            };
            json!(text.map(|text| guard::words(world, draft, text, "en")))
        }),
        "body" => {
            let body = case_body(world, draft);
            of_each(&|pointer| body.pointer(pointer).cloned().unwrap_or_default())
        }
        other => panic!("no test knows what \"{other}\" is"),
    }
}

fn check(name: &str) {
    let cases = fixture(&format!("tests/fixtures/rules/{name}.json"));
    for case in cases.as_array().expect("a list of cases") {
        let say = case["say"].as_str().expect("a case says what it is");
        let policy = changed(
            &fixture("tests/fixtures/rules/policy.json"),
            &case["policy"],
        );
        let policy =
            Policy::read(&policy).unwrap_or_else(|all| panic!("{say}: {:#?}", lines(&all)));
        let world = changed(&fixture("tests/fixtures/rules/world.json"), &case["change"]);
        let desk = Desk::of(policy, &world);
        let base = if case["alone"] == json!(true) {
            json!({})
        } else {
            complete()
        };
        let mut draft = draft_of(&[&base, &case["answers"]]);
        if case["prefill"] == json!(true) {
            prefill(desk.world(), &mut draft);
        }
        for id in case["confirm"].as_array().into_iter().flatten() {
            let rule = desk.policy.rules.iter().find(|rule| rule.id == *id);
            guard::confirm(desk.world(), &mut draft, rule.expect("such a rule"), true);
        }
        for key in case["bring"].as_array().into_iter().flatten() {
            let key = key.as_str().expect("a key");
            assert!(
                bring_back(desk.world(), &mut draft, key, "en"),
                "{say}: {key}"
            );
        }
        for (key, value) in case["then"].as_object().into_iter().flatten() {
            draft.set(key, value.as_str().expect("a text"));
        }
        for (word, expected) in case["expect"].as_object().expect("what to expect") {
            let found = outcome(&desk, &draft, word, expected);
            assert_eq!(&found, expected, "{name}: {say}: {word}");
        }
    }
}

macro_rules! rules {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        #[test]
        fn every_file_of_rules_is_looked_at() {
            let names = [$(stringify!($name)),*];
            for path in files_under("tests/fixtures/rules") {
                let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
                let known = ["policy", "world"].contains(&name) || names.contains(&name);
                assert!(known, "{name} is a file that no test reads");
            }
        }
    };
}

rules! {
    mpc_02_a_case_is_about_one_customer_and_says_so
    mpc_03_without_access_it_is_said_who_must_grant_what
    mpc_04_the_preset_plan_is_first_and_another_is_questioned
    mpc_05_an_address_of_the_customer_is_questioned
    mpc_07_the_direct_plan_covers_customers_and_not_oneself
    mpc_09_a_desk_without_phone_never_becomes_a_call
    mpt_02_onsite_products_have_no_on_behalf
    mpt_04_a_helpdesk_agent_is_told_before_typing
    mpt_12_the_two_newest_versions_are_covered
    mpt_13_every_plan_is_listed_with_its_reason
    mpt_15_the_region_is_proposed_and_what_follows_is_said
    mpt_17_several_contacts_and_contracts_go_with_the_case
    mpt_19_advice_before_buying_is_pointed_elsewhere
    ntt_02_who_buys_through_a_partner_is_told_whom_to_ask
    ntt_04_what_can_be_chosen_depends_on_the_plan
    ntt_05_the_general_desk_is_questioned_on_premium
    ntt_07_tenants_are_offered_and_the_time_is_a_time
    ntt_08_each_menu_asks_for_its_own_content
    ntt_09_nothing_typed_disappears_and_all_of_it_comes_back
    csf_20_help_is_listed_for_what_was_chosen
    new_03_a_contract_that_vanished_or_ended_says_so
    new_04_customer_plan_contact_and_the_rest_must_agree
    new_10_a_further_vendor_is_data_alone
    what_is_required_may_depend_on_other_answers
    conditions_may_say_not_nothing_and_something
}
