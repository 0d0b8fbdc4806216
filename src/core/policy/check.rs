//! Whether the parts of a policy fit together: every reference leads somewhere, every question is
//! reached once, what must be there is there.
//!
//! Shapes and types are the reader's business; this looks at the whole.

use std::collections::BTreeSet;

use super::{Field, FieldKind, Policy};
use crate::core::reader::Reader;

/// Notes every reference that leads nowhere and every part that is missing or doubled.
pub(super) fn references(policy: &Policy, r: &Reader) {
    unique(r, "fields", policy.fields.iter().map(|field| &field.key));
    unique(r, "steps", policy.steps.iter().map(|step| &step.id));
    unique(r, "severities", policy.severities.iter().map(|s| &s.id));
    unique(r, "languages", policy.languages.iter().map(|l| &l.id));
    unique(r, "regions", policy.regions.iter().map(|region| &region.id));
    unique(r, "reports", policy.reports.iter().map(|report| &report.id));
    steps(policy, r);
    fields(policy, r);
    severities(policy, r);
    for (index, fact) in policy.call.facts.iter().enumerate() {
        if policy.field(fact).is_none() {
            unknown_field(r, &format!("call.facts[{index}]"), fact);
        }
    }
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
        condition(policy, r, &path, field);
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

fn condition(policy: &Policy, r: &Reader, path: &str, field: &Field) {
    for (key, values) in &field.when {
        let Some(other) = policy.field(key) else {
            unknown_field(r, &format!("{path}.when"), key);
            continue;
        };
        let place = format!("{path}.when.{key}");
        if values.is_empty() {
            r.problem(&place, "at least one answer", "none", "name the answers");
        }
        let offered = options(policy, other);
        for value in values {
            if offered
                .as_ref()
                .is_some_and(|offered| !offered.contains(&value))
            {
                r.problem(
                    &place,
                    "one of that field's options",
                    format!("\"{value}\""),
                    "correct it",
                );
            }
        }
    }
    if all_conditions(policy, field)
        .iter()
        .any(|(key, _)| *key == field.key)
    {
        r.problem(
            &format!("{path}.when"),
            "a condition on another field that doesn't depend on this one",
            format!("\"{}\" depends on itself", field.key),
            "break the circle, or it will never be asked",
        );
    }
}

/// The answers a field allows, where they are known.
fn options<'a>(policy: &'a Policy, field: &'a Field) -> Option<Vec<&'a String>> {
    match field.kind {
        FieldKind::Choice => Some(field.options.iter().map(|one| &one.id).collect()),
        FieldKind::Severity => Some(policy.severities.iter().map(|one| &one.id).collect()),
        FieldKind::Language => Some(policy.languages.iter().map(|one| &one.id).collect()),
        _ => None,
    }
}

/// The conditions of a field and of every field they name, each once.
pub(super) fn all_conditions(policy: &Policy, field: &Field) -> Vec<(String, Vec<String>)> {
    let mut all = field.when.clone();
    let mut next = 0;
    while let Some((key, _)) = all.get(next) {
        let further = policy.field(key).map_or(&[][..], |other| &other.when);
        let new: Vec<_> = further
            .iter()
            .filter(|one| !all.contains(one))
            .cloned()
            .collect();
        all.extend(new);
        next += 1;
    }
    all
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
