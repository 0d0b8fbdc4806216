//! Whether the parts of a policy fit together: every reference leads somewhere, every question is
//! reached once, what must be there is there.
//!
//! Shapes and types are the reader's business; this looks at the whole. What would work and is
//! probably not meant is told by [`super::advice`], to authors only.

use std::collections::BTreeSet;

use super::{Choice, Field, FieldKind, Level, Policy, When};
use crate::core::facts;
use crate::core::reader::Reader;

/// Notes every reference that leads nowhere and every part that is missing or doubled.
pub(super) fn references(policy: &Policy, r: &Reader) {
    let too_many = too_many(policy);
    for (path, size) in &too_many {
        r.problem(
            path,
            "at most 1000",
            size.to_string(),
            "leave out most of them",
        );
    }
    if !too_many.is_empty() {
        return;
    }
    unique(r, "fields", policy.fields.iter().map(|field| &field.key));
    unique(r, "steps", policy.steps.iter().map(|step| &step.id));
    unique(r, "severities", policy.severities.iter().map(|s| &s.id));
    unique(r, "languages", policy.languages.iter().map(|l| &l.id));
    unique(r, "regions", policy.regions.iter().map(|region| &region.id));
    unique(r, "reports", policy.reports.iter().map(|report| &report.id));
    unique(r, "plans", policy.plans.iter().map(|plan| &plan.id));
    unique(r, "rules", policy.rules.iter().map(|rule| &rule.id));
    steps(policy, r);
    fields(policy, r);
    circles(policy, r);
    severities(policy, r);
    choices(policy, r, "languages", &policy.languages);
    rules(policy, r);
    plans(policy, r);
    crate::core::sla::terms::references(policy, r);
    for (index, fact) in policy.call.facts.iter().enumerate() {
        if policy.field(fact).is_none() {
            unknown_field(r, &format!("call.facts[{index}]"), fact);
        }
    }
}

/// The parts of a policy of which there are too many to look closer. No vendor has a thousand
/// questions, and a page looks at all of them with every key that is pressed.
pub(super) fn too_many(policy: &Policy) -> Vec<(&'static str, usize)> {
    let options = policy.fields.iter().map(|field| field.options.len());
    let asked = policy.steps.iter().map(|step| step.fields.len());
    let sizes = [
        ("fields", policy.fields.len()),
        ("fields.options", options.sum()),
        ("steps", policy.steps.len()),
        ("steps.fields", asked.sum()),
        ("rules", policy.rules.len()),
        ("plans", policy.plans.len()),
    ];
    let above = |(_, size): &(&str, usize)| *size > 1000;
    sizes.into_iter().filter(above).collect()
}

fn unknown_field(r: &Reader, path: &str, key: &str) {
    r.problem(
        path,
        "the key of a field",
        format!("\"{key}\", which no field has"),
        "add such a field or correct the key",
    );
}

fn unique<'a>(r: &Reader, list: &str, ids: impl Iterator<Item = &'a String>) {
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        if !id.is_empty() && !seen.insert(id) {
            r.problem(
                &format!("{list}[{index}]"),
                "an id of its own",
                format!("\"{id}\" a second time"),
                "give it another id",
            );
        }
    }
}

fn steps(policy: &Policy, r: &Reader) {
    if policy.steps.is_empty() {
        r.problem("steps", "at least one step", "none", "add the flow's steps");
    }
    let mut asked = BTreeSet::new();
    for (s, step) in policy.steps.iter().enumerate() {
        condition(policy, r, &format!("steps[{s}].when"), &step.when);
        if ["review", "sent", "call"].contains(&step.id.as_str()) {
            r.problem(
                &format!("steps[{s}].id"),
                "an id that the portal doesn't use itself",
                format!("\"{}\"", step.id),
                "rename the step",
            );
        }
        for (f, key) in step.fields.iter().enumerate() {
            let path = format!("steps[{s}].fields[{f}]");
            if policy.field(key).is_none() {
                unknown_field(r, &path, key);
            }
            if !asked.insert(key) {
                r.problem(
                    &path,
                    "a field that no other step asks for",
                    format!("\"{key}\" a second time"),
                    "ask for it in one step only",
                );
            }
        }
    }
    for (index, field) in policy.fields.iter().enumerate() {
        if !field.key.is_empty() && !asked.contains(&field.key) {
            r.problem(
                &format!("fields[{index}]"),
                "a field that a step asks for",
                format!("\"{}\", which no step names", field.key),
                "add it to a step or remove it",
            );
        }
    }
}

fn fields(policy: &Policy, r: &Reader) {
    for (index, field) in policy.fields.iter().enumerate() {
        let path = format!("fields[{index}]");
        condition(policy, r, &format!("{path}.when"), &field.when);
        let also = format!("{path}.required_when");
        condition(policy, r, &also, &field.required_when);
        choices(policy, r, &format!("{path}.options"), &field.options);
        let ids = field.options.iter().map(|option| &option.id);
        unique(r, &format!("{path}.options"), ids);
        sources(policy, r, &path, field);
        prompts(policy, r, &path, field);
        if field.kind == FieldKind::Choice && field.options.is_empty() {
            r.problem(
                &format!("{path}.options"),
                "at least one option",
                "none",
                "add options",
            );
        }
        if let (Some(aim), Some(limit)) = (field.aim, field.limit)
            && aim > limit
        {
            r.problem(
                &format!("{path}.aim"),
                "at most the field's limit",
                format!("{aim}, with a limit of {limit}"),
                "lower the aim or raise the limit",
            );
        }
        if field.kind == FieldKind::Version && policy.field_of(FieldKind::Product).is_none() {
            r.problem(
                &path,
                "a field of kind product to go with it",
                "none",
                "add one, a version belongs to a product",
            );
        }
    }
}

/// From where a field takes its first value and the values it offers.
fn sources(policy: &Policy, r: &Reader, path: &str, field: &Field) {
    let prefill = field.prefill.as_str();
    if !["", "brief", "plan"].contains(&prefill) && !is_fact(policy, prefill) {
        unknown_fact(r, &format!("{path}.prefill"), prefill);
    }
    if prefill == "plan" && field.kind != FieldKind::Entitlement {
        r.problem(
            &format!("{path}.prefill"),
            "\"plan\" for a field of kind entitlement only",
            "another kind",
            "remove it",
        );
    }
    if !field.from.is_empty() && !is_fact(policy, &field.from) {
        unknown_fact(r, &format!("{path}.from"), &field.from);
    }
    let of_itself = |name: &str| facts::questions(policy, name).contains(&field.key.as_str());
    if of_itself(prefill) || of_itself(&field.from) {
        r.problem(
            path,
            "values from elsewhere",
            "its own answer",
            "name another fact",
        );
    }
}

fn prompts(policy: &Policy, r: &Reader, path: &str, field: &Field) {
    if !field.prompts.is_empty() && field.kind != FieldKind::Text {
        r.problem(
            &format!("{path}.prompts"),
            "prompts in a field of kind text only",
            "another kind",
            "make it a text or remove them",
        );
    }
    for (index, prompts) in field.prompts.iter().enumerate() {
        let path = format!("{path}.prompts[{index}]");
        condition(policy, r, &format!("{path}.when"), &prompts.when);
        let parts = prompts.parts.iter().map(|part| &part.id);
        unique(r, &format!("{path}.parts"), parts);
    }
}

/// Conditions of choices, and the reasons that stand instead of them.
fn choices(policy: &Policy, r: &Reader, path: &str, choices: &[Choice]) {
    for (index, choice) in choices.iter().enumerate() {
        let path = format!("{path}[{index}]");
        condition(policy, r, &format!("{path}.when"), &choice.when);
        if let Some(code) = &choice.instead {
            reason(policy, r, &format!("{path}.instead"), code);
        }
    }
}

fn rules(policy: &Policy, r: &Reader) {
    for (index, rule) in policy.rules.iter().enumerate() {
        let path = format!("rules[{index}]");
        condition(policy, r, &format!("{path}.when"), &rule.when);
        if !rule.field.is_empty() && policy.field(&rule.field).is_none() {
            unknown_field(r, &format!("{path}.field"), &rule.field);
        }
        if rule.level == Level::Stop && rule.when.is_empty() {
            r.problem(
                &format!("{path}.when"),
                "a condition, since the rule prevents sending",
                "none",
                "say when it holds, or make it a note",
            );
        }
    }
    for (index, resource) in policy.resources.iter().enumerate() {
        condition(
            policy,
            r,
            &format!("resources[{index}].when"),
            &resource.when,
        );
    }
}

fn plans(policy: &Policy, r: &Reader) {
    for (index, plan) in policy.plans.iter().enumerate() {
        let path = format!("plans[{index}]");
        condition(policy, r, &format!("{path}.when"), &plan.when);
        condition(policy, r, &format!("{path}.preset_when"), &plan.preset_when);
    }
    condition(policy, r, "activation", &policy.activation);
    if let Some(purchase) = &policy.purchase {
        condition(policy, r, "purchase.needs.when", &purchase.needs);
        if !purchase.needs_reason.is_empty() {
            reason(policy, r, "purchase.needs.reason", &purchase.needs_reason);
        }
    }
    if let Some(rma) = &policy.rma {
        unique(r, "rma.levels", rma.levels.iter().map(|level| &level.id));
        let known = rma.levels.iter().any(|level| level.id == rma.fast_level);
        if !rma.fast_level.is_empty() && !known {
            let found = format!("\"{}\"", rma.fast_level);
            r.problem(
                "rma.fast_level",
                "the id of one of rma.levels",
                found,
                "correct it",
            );
        }
    }
}

fn reason(policy: &Policy, r: &Reader, path: &str, code: &str) {
    if policy.reason(code).is_none() {
        r.problem(
            path,
            "a code of reasons",
            format!("\"{code}\""),
            "add it to reasons or correct it",
        );
    }
}

/// Whether there can be such a fact; what a backend knows of its records, nobody knows here.
pub(super) fn is_fact(policy: &Policy, name: &str) -> bool {
    let of_record =
        |(record, key): (&str, &str)| facts::RECORDS.contains(&record) && !key.is_empty();
    policy.field(name).is_some() || name.split_once('.').is_some_and(of_record)
}

fn unknown_fact(r: &Reader, path: &str, name: &str) {
    r.problem(
        path,
        "the name of a fact",
        format!("\"{name}\""),
        "use the key of a field, or account., contact., customer., entitlement. or product. \
         with what is known of it",
    );
}

/// Whether the facts of a condition are there, and the values possible.
fn condition(policy: &Policy, r: &Reader, place: &str, when: &When) {
    for (name, values) in when {
        let path = format!("{place}.{name}");
        let field = policy.field(name);
        if !is_fact(policy, name) {
            // Without a dot, a field was meant.
            if name.contains('.') {
                unknown_fact(r, place, name);
            } else {
                unknown_field(r, place, name);
            }
            continue;
        }
        if values.is_empty() {
            r.problem(&path, "at least one answer", "none", "name the answers");
        }
        let Some(offered) = field.and_then(|field| options(policy, field)) else {
            continue;
        };
        for value in values {
            let value = value.strip_prefix('!').unwrap_or(value);
            if !value.is_empty() && !offered.contains(&value) {
                r.problem(
                    &path,
                    "one of that field's options",
                    format!("\"{value}\""),
                    "correct it",
                );
            }
        }
    }
}

/// The answers a field allows, where they are known.
pub(super) fn options<'a>(policy: &'a Policy, field: &'a Field) -> Option<Vec<&'a str>> {
    match field.kind {
        FieldKind::Choice => Some(field.options.iter().map(|one| one.id.as_str()).collect()),
        FieldKind::Severity => Some(
            policy
                .severities
                .iter()
                .map(|one| one.id.as_str())
                .collect(),
        ),
        FieldKind::Language => Some(policy.languages.iter().map(|one| one.id.as_str()).collect()),
        FieldKind::Region => Some(policy.regions.iter().map(|one| one.id.as_str()).collect()),
        FieldKind::Confirm => Some(vec!["yes"]),
        _ => None,
    }
}

/// The fields on whose answers it depends whether a field is asked.
fn before<'a>(policy: &'a Policy, key: &str) -> Vec<&'a str> {
    let own = policy.field(key).map(|field| &field.when);
    let steps = policy.steps.iter();
    let steps = steps.filter(|step| step.fields.iter().any(|one| one == key));
    let conditions = own.into_iter().chain(steps.map(|step| &step.when));
    conditions
        .flatten()
        .flat_map(|(name, _)| facts::questions(policy, name))
        .collect()
}

/// Conditions that come back to their own field, and such as take too long to follow: a page looks
/// at them with every key that is pressed.
fn circles(policy: &Policy, r: &Reader) {
    const MOST: u64 = 10_000;
    let mut efforts: Vec<(&str, u64)> = Vec::new();
    for (index, field) in policy.fields.iter().enumerate() {
        let path = format!("fields[{index}].when");
        let mut all = before(policy, &field.key);
        let mut next = 0;
        while let Some(key) = all.get(next) {
            for further in before(policy, key) {
                if !all.contains(&further) {
                    all.push(further);
                }
            }
            next += 1;
        }
        if all.contains(&field.key.as_str()) {
            r.problem(
                &path,
                "a condition on another field that doesn't depend on this one",
                format!("\"{}\" depends on itself", field.key),
                "break the circle, or it will never be asked",
            );
        } else if let Some(effort) = effort(policy, &field.key, all.len(), &mut efforts)
            && effort > MOST
        {
            r.problem(
                &path,
                "conditions that can be followed quickly",
                format!("{effort} conditions behind one another"),
                "let fewer fields depend on fields that depend on others",
            );
        }
    }
}

/// How many conditions are looked at to know whether a field is asked; nothing where a circle lies
/// behind it, which is told at its own place.
fn effort<'a>(
    policy: &'a Policy,
    key: &'a str,
    depth: usize,
    known: &mut Vec<(&'a str, u64)>,
) -> Option<u64> {
    if let Some((_, effort)) = known.iter().find(|(name, _)| *name == key) {
        return Some(*effort);
    }
    let mut total = 1_u64;
    for other in before(policy, key) {
        let further = effort(policy, other, depth.checked_sub(1)?, known)?;
        total = total.saturating_add(further);
    }
    known.push((key, total));
    Some(total)
}

fn severities(policy: &Policy, r: &Reader) {
    if policy.field_of(FieldKind::Severity).is_some() {
        let unsure = policy.severities.iter().filter(|s| s.unsure).count();
        if unsure != 1 {
            r.problem(
                "severities",
                "exactly one severity with \"unsure\": true",
                format!("{unsure}"),
                "mark the one to choose when unsure",
            );
        }
    }
    let phone_only = policy.severities.iter().any(|s| s.phone_only);
    let has_numbers = policy
        .regions
        .iter()
        .any(|region| !region.phones.is_empty());
    if phone_only && !has_numbers {
        r.problem(
            "regions",
            "a telephone number, since a severity is taken by phone only",
            "none",
            "add phones to the regions",
        );
    }
}
