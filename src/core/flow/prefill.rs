//! What is filled in for a person, who overwrites and never repeats.

use super::{World, journey, offers};
use crate::core::draft::Draft;
use crate::core::entitlement;
use crate::core::facts::fact;
use crate::core::policy::{Field, FieldKind, Policy};
use crate::core::text::first_graphemes;

/// Fills what the policy says may be filled, where nothing was answered yet. Called when a draft
/// is begun and when a step is left, so that a person overwrites and never repeats (CMS-06, CMS-08).
///
/// What depends on answers waits until the steps before it are complete, or it would be fixed by
/// answers that are still to come.
pub fn prefill(world: World, draft: &mut Draft) {
    for field in &world.policy.fields {
        if field.prefill.is_empty() || draft.answers.contains_key(&field.key) {
            continue;
        }
        let value = prefilled(world, draft, field);
        if !value.is_empty() && (!is_late(field) || is_reached(world, draft, field)) {
            draft.set(&field.key, value);
        }
    }
}

/// The value with which a field begins, empty if it begins empty.
pub fn prefilled(world: World, draft: &Draft, field: &Field) -> String {
    match field.prefill.as_str() {
        "" => String::new(),
        "brief" => {
            let brief = draft.text("brief").trim();
            let room = field.aim.or(field.limit).unwrap_or(u64::MAX) as usize;
            match field.kind {
                FieldKind::Line => headline(brief.lines().next().unwrap_or(""), room).into(),
                _ => brief.into(),
            }
        }
        "plan" => entitlement::preset(world, draft)
            .map(|one| one.id.clone())
            .unwrap_or_default(),
        name if field.kind == FieldKind::Region => {
            let value = fact(world, draft, name);
            region_of(world.policy, &value)
        }
        name => {
            let value = fact(world, draft, name);
            let possible = match field.kind {
                FieldKind::Choice | FieldKind::Language => offers(world, draft, field)
                    .iter()
                    .any(|offer| offer.choice.id == value && offer.reason.is_none()),
                // Of several values, a person must say which.
                _ => !value.contains('\n'),
            };
            if possible { value } else { String::new() }
        }
    }
}

/// The region that is meant by its id or by a country that it serves, empty if there is none.
pub fn region_of(policy: &Policy, value: &str) -> String {
    let mut regions = policy.regions.iter();
    let by_id = regions.clone().find(|one| one.id == value);
    let meant =
        by_id.or_else(|| regions.find(|one| one.countries.iter().any(|country| country == value)));
    meant.map(|one| one.id.clone()).unwrap_or_default()
}

/// Whether a field's first value depends on other answers.
fn is_late(field: &Field) -> bool {
    let early = ["brief", "contact.", "account."];
    field.prefill == "contact.in_customer_domain"
        || !early.iter().any(|start| field.prefill.starts_with(start))
}

fn is_reached(world: World, draft: &Draft, field: &Field) -> bool {
    journey(world, draft)
        .steps
        .iter()
        .any(|stage| stage.reachable && stage.fields.iter().any(|one| one.key == field.key))
}

/// The beginning of a line that fits into a number of characters, up to the end of a sentence or a
/// word where there is one in its second half.
fn headline(line: &str, room: usize) -> &str {
    let start = first_graphemes(line, room);
    if start.len() == line.len() {
        return line;
    }
    let ends = |marks: &[char]| {
        let end = start.rfind(marks)?;
        (end > start.len() / 2).then(|| &start[..end])
    };
    ends(&['。', '．', '！', '？', '；'])
        .or_else(|| ends(&['、', '，', ' ', '　']))
        .unwrap_or(start)
}
