//! What an author of a policy wants to know beyond its mistakes: what works and is hardly meant.
//!
//! A question that can never be asked, an option that can never be chosen, a text without one of
//! the policy's languages, markup that will be shown as it stands. None of it keeps the portal from
//! using the policy, so this is for authors only and not looked at when the portal starts.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check::{is_fact, options, too_many};
use super::{Field, FieldKind, Policy, When};
use crate::core::facts::{fits, questions};
use crate::core::reader::{Problem, Reader, read};
use crate::core::text::placeholders;

/// The largest file that is looked at, in bytes.
pub const LARGEST: usize = 5 * 1024 * 1024;

/// A policy as its author sees it.
#[derive(Debug)]
pub struct Examined {
    /// The policy, if it can be used.
    pub policy: Option<Policy>,
    /// Why it can't be used.
    pub problems: Vec<Problem>,
    /// What should be mended all the same.
    pub advice: Vec<Problem>,
}

/// Examines the text of a file.
pub fn examine_text(text: &str) -> Examined {
    let refused = |expected: &str, found: String, mend: &str| Examined {
        policy: None,
        problems: vec![Problem {
            path: String::new(),
            expected: expected.into(),
            found,
            mend: mend.into(),
        }],
        advice: Vec::new(),
    };
    if text.len() > LARGEST {
        let found = format!("{} bytes", text.len());
        let mend = "a policy holds rules and words; leave out what belongs elsewhere";
        return refused("a file of 5 MB at most", found, mend);
    }
    match serde_json::from_str(text) {
        Ok(json) => examine(&json),
        Err(error) => refused(
            "a file in JSON",
            error.to_string(),
            "look at that line: a comma, a quote or a bracket is missing or too much",
        ),
    }
}

/// Examines a policy: all its mistakes, and all that is hardly meant.
pub fn examine(json: &Value) -> Examined {
    let (policy, problems) = Policy::read_all(json);
    let readable = json.get("format").and_then(Value::as_u64) == Some(super::FORMAT);
    let ((), advice) = read(json, |r| {
        if readable && too_many(&policy).is_empty() {
            texts(json, r);
            reachable(&policy, r);
            words_of_plans(&policy, r);
            agreement(&policy, r);
        }
    });
    Examined {
        policy: problems
            .is_empty()
            .then(|| policy.with_conditions_of_steps()),
        problems,
        advice,
    }
}

/// Each text must be there in every language of the title, and hold no markup.
fn texts(json: &Value, r: &Reader) {
    let title = json.get("title").and_then(Value::as_object);
    let languages: Vec<&String> = title.into_iter().flat_map(|title| title.keys()).collect();
    walk(json, String::new(), &mut |path, text| {
        let missing = languages.iter().filter(|lang| !text.contains_key(**lang));
        let missing: Vec<&str> = missing.map(|lang| lang.as_str()).collect();
        if !missing.is_empty() {
            r.problem(
                path,
                "a text in each language of the title",
                format!("none in {}", missing.join(", ")),
                "add it, or English is shown there",
            );
        }
        for (lang, value) in text {
            let text = value.as_str().unwrap_or_default();
            if has_markup(text) {
                r.problem(
                    &format!("{path}.{lang}"),
                    "plain text",
                    "what looks like HTML",
                    "remove it: texts are shown as they stand, never as HTML",
                );
            }
        }
    });
}

/// Every text in several languages, which is known by its English. Notes are passed over.
fn walk(json: &Value, path: String, each: &mut impl FnMut(&str, &serde_json::Map<String, Value>)) {
    match json {
        Value::Object(map) if map.get("en").is_some_and(Value::is_string) => each(&path, map),
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(key, _)| !key.starts_with('_')) {
                let deeper = match path.as_str() {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                walk(value, deeper, each);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                walk(value, format!("{path}[{index}]"), each);
            }
        }
        _ => {}
    }
}

/// Whether a text holds a tag or a named character of HTML.
fn has_markup(text: &str) -> bool {
    let tag = text.match_indices('<').any(|(at, _)| {
        let next = text[at + 1..].chars().next();
        next.is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!')
    });
    let named = text.match_indices('&').any(|(at, _)| {
        let rest = &text[at + 1..];
        let name = rest.split(';').next().unwrap_or_default();
        name.len() < rest.len()
            && (2..9).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
    });
    tag || named
}

/// Questions, options, prompts, rules and plans whose conditions can never hold.
fn reachable(policy: &Policy, r: &Reader) {
    for (f, field) in policy.fields.iter().enumerate() {
        let path = format!("fields[{f}]");
        let asked = with_all_before(policy, Some(field), &[]);
        if never(policy, r, &format!("{path}.when"), "asked", &asked) {
            continue;
        }
        for (o, option) in field.options.iter().enumerate() {
            let all = with_all_before(policy, Some(field), &option.when);
            never(
                policy,
                r,
                &format!("{path}.options[{o}].when"),
                "offered",
                &all,
            );
        }
        let all = with_all_before(policy, Some(field), &field.required_when);
        never(
            policy,
            r,
            &format!("{path}.required_when"),
            "required",
            &all,
        );
        prompts(policy, r, &path, field);
    }
    for (index, rule) in policy.rules.iter().enumerate() {
        let path = format!("rules[{index}].when");
        let all = with_all_before(policy, None, &rule.when);
        never(policy, r, &path, "true", &all);
        holds_of_nothing(policy, r, &path, &rule.when);
    }
    for (index, plan) in policy.plans.iter().enumerate() {
        let all = with_all_before(policy, None, &plan.when);
        never(policy, r, &format!("plans[{index}].when"), "true", &all);
        let both = [plan.when.clone(), plan.preset_when.clone()].concat();
        let all = with_all_before(policy, None, &both);
        never(
            policy,
            r,
            &format!("plans[{index}].preset_when"),
            "true",
            &all,
        );
    }
}

/// Of several prompts the first that fits is shown, so none behind one without condition is.
fn prompts(policy: &Policy, r: &Reader, path: &str, field: &Field) {
    let mut hidden = false;
    for (index, prompts) in field.prompts.iter().enumerate() {
        let path = format!("{path}.prompts[{index}]");
        if hidden {
            r.problem(
                &path,
                "prompts that can be shown",
                "ones behind prompts without a condition",
                "put those without a condition last",
            );
        }
        hidden |= prompts.when.is_empty();
        let all = with_all_before(policy, Some(field), &prompts.when);
        never(policy, r, &format!("{path}.when"), "shown", &all);
    }
}

/// A condition with those of every question that must be asked for it to hold.
fn with_all_before(policy: &Policy, field: Option<&Field>, when: &[(String, Vec<String>)]) -> When {
    let steps_of = |key: &str| {
        let steps = policy.steps.iter();
        let steps = steps.filter(|step| step.fields.iter().any(|one| one == key));
        steps
            .flat_map(|step| step.when.iter().cloned())
            .collect::<When>()
    };
    let mut all: When = when.to_vec();
    if let Some(field) = field {
        all.extend(field.when.iter().cloned());
        all.extend(steps_of(&field.key));
    }
    let mut next = 0;
    while let Some((name, values)) = all.get(next).cloned() {
        next += 1;
        // What may be nothing needs no question asked.
        if fits("", &values) || name == "customer.is_own" {
            continue;
        }
        for key in questions(policy, &name) {
            let mut further = steps_of(key);
            if let Some(field) = policy.field(key) {
                further.extend(field.when.iter().cloned());
            }
            for one in further {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
    }
    all
}

/// Tells that something can never be so, if that is the case.
fn never(policy: &Policy, r: &Reader, path: &str, what: &str, all: &When) -> bool {
    let names: BTreeSet<&String> = all.iter().map(|(name, _)| name).collect();
    let fact = names.into_iter().find(|name| !can_hold(policy, all, name));
    if let Some(fact) = fact {
        r.problem(
            path,
            &format!("a condition under which it can be {what}"),
            format!("\"{fact}\" would have to be two things at once"),
            "look at the conditions of the fields it depends on, too, and correct one",
        );
    }
    fact.is_some()
}

/// Whether there is a value that everything asked of a fact lets through.
fn can_hold(policy: &Policy, all: &When, name: &str) -> bool {
    let asked: Vec<&Vec<String>> = all
        .iter()
        .filter(|(one, _)| one == name)
        .map(|(_, values)| values)
        .collect();
    let field = policy.field(name);
    let mut possible: Vec<String> = match field.and_then(|field| options(policy, field)) {
        Some(options) => options.into_iter().map(String::from).collect(),
        None => {
            let named = asked.iter().flat_map(|values| values.iter());
            let named = named.filter(|value| !value.starts_with('!')).cloned();
            named.chain(["something else".into()]).collect()
        }
    };
    if name == "customer.is_own" {
        possible = vec!["yes".into(), "no".into()];
    } else {
        possible.push(String::new());
    }
    let passes = |value: &String| asked.iter().all(|values| fits(value, values));
    possible.iter().any(passes)
}

/// A rule that asks only what a record is not also holds while none is chosen.
fn holds_of_nothing(policy: &Policy, r: &Reader, path: &str, when: &When) {
    const CHOSEN: [&str; 3] = ["customer.", "entitlement.", "product."];
    let open = |name: &str| CHOSEN.iter().any(|start| name.starts_with(start));
    let needs_one = when.iter().any(|(name, values)| {
        name != "customer.is_own" && !fits("", values) && !questions(policy, name).is_empty()
    });
    let loose = when
        .iter()
        .find(|(name, values)| open(name) && name != "customer.is_own" && fits("", values));
    if let Some((name, _)) = loose.filter(|_| !needs_one) {
        r.problem(
            path,
            "a condition that waits until something is chosen",
            format!("\"{name}\", which is also so while nothing is chosen"),
            "add the field's key with \"!\", which stands for something",
        );
    }
}

/// A plan that can be refused should say why in the vendor's words.
fn words_of_plans(policy: &Policy, r: &Reader) {
    for (index, plan) in policy.plans.iter().enumerate() {
        let needed = [
            ("not_added", !plan.when.is_empty()),
            ("not_for_this", !plan.when.is_empty()),
            ("product_not_covered", !plan.families.is_empty()),
            ("version_not_covered", plan.versions.is_some()),
            ("expired", plan.valid_months.is_some()),
        ];
        for (code, needed) in needed {
            let own = plan.reasons.iter().any(|(name, _)| name == code);
            if needed && !own && policy.reason(code).is_none() {
                r.problem(
                    &format!("plans[{index}].reasons"),
                    &format!("the reason \"{code}\", which this plan can give"),
                    "none, also not among the policy's reasons",
                    "add it, or the portal uses its own words",
                );
            }
        }
    }
    let levels = policy.rma.iter().flat_map(|rma| &rma.levels);
    for (index, level) in levels.enumerate() {
        if policy.plan(&level.id).is_none() {
            r.problem(
                &format!("rma.levels[{index}].id"),
                "a level that is one of plans",
                format!("\"{}\"", level.id),
                "add it to plans, so that contracts of this level have a name",
            );
        }
    }
}

/// Parts of the policy that say different things.
fn agreement(policy: &Policy, r: &Reader) {
    for (kind, name) in super::FIELD_KINDS.iter().map(|(name, kind)| (*kind, *name)) {
        let mut same = policy
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| field.kind == kind);
        let once = !matches!(
            kind,
            FieldKind::Line
                | FieldKind::Text
                | FieldKind::Choice
                | FieldKind::Email
                | FieldKind::Emails
                | FieldKind::Phone
                | FieldKind::Offered
                | FieldKind::Confirm
                | FieldKind::DateTime
                | FieldKind::Customer
        );
        if let Some((index, _)) = same.nth(1).filter(|_| once) {
            r.problem(
                &format!("fields[{index}].kind"),
                &format!("one field of kind {name}"),
                "a second one",
                "make it one field; its condition and its help may say both",
            );
        }
    }
    let phone = policy.severities.iter().position(|one| one.phone_only);
    if let Some(index) = phone.filter(|_| !policy.has_channel("phone")) {
        r.problem(
            &format!("severities[{index}].phone_only"),
            "no severity by phone, since channels has no phone",
            "true",
            "add phone to channels or take the severity in writing",
        );
    }
    for (index, rule) in policy.rules.iter().enumerate() {
        for text in [Some(&rule.text), Some(&rule.remedy), rule.request.as_ref()] {
            let english = text.map_or("", |text| text.get("en"));
            for name in placeholders(english) {
                let known = ["customer", "account", "contact", "product"].contains(&name);
                if !known && !is_fact(policy, name) {
                    r.problem(
                        &format!("rules[{index}]"),
                        "placeholders that are facts",
                        format!("{{{name}}}"),
                        "use {customer}, {account}, {contact}, {product} or the name of a fact",
                    );
                }
            }
        }
        let depends = rule
            .when
            .iter()
            .any(|(name, _)| !questions(policy, name).is_empty());
        if rule.field.is_empty() && depends && rule.level == super::Level::Stop {
            r.problem(
                &format!("rules[{index}].field"),
                "the field whose answer mends it",
                "none",
                "name it, so that one click leads there",
            );
        }
    }
}
