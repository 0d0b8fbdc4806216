//! Answers that no longer fit (NTT-09).
//!
//! Whatever choice changes, nothing typed disappears: an answer whose question is not asked any
//! more stays in the draft, is listed here, and can be brought back into the details. When the
//! choice is undone its question is asked again and the answer is where it was.

use super::draft::Draft;
use super::facts::{self, fact, fits};
use super::flow::{World, asked, emails, offers, part_key, prefilled, prompts, typing_key};
use super::policy::{Field, FieldKind, Part, When};
use super::text::LocalText;

/// An answer that is kept aside.
#[derive(Clone, Debug)]
pub struct Parked {
    /// The answer's key.
    pub key: String,
    /// What was asked.
    pub label: LocalText,
    /// What was answered.
    pub text: String,
    /// The key of the field whose choice parked it, empty if it was none.
    pub because: String,
}

/// The answers that are kept aside now, in the order in which they are asked.
pub fn parked(world: World, draft: &Draft, lang: &str) -> Vec<Parked> {
    let mut all = Vec::new();
    let steps = world.policy.steps.iter().flat_map(|step| &step.fields);
    for field in steps.filter_map(|key| world.policy.field(key)) {
        of_field(world, draft, field, lang, &mut all);
        of_prompts(world, draft, field, &mut all);
        if field.kind == FieldKind::Report {
            of_report(world, draft, field, &mut all);
        }
    }
    all.retain(|one: &Parked| draft.text(&brought_key(&one.key)) != given(draft, &one.key));
    all
}

/// Appends an answer that is kept aside to the details; false if no details are asked for. The
/// answer itself stays where it is.
pub fn bring_back(world: World, draft: &mut Draft, key: &str, lang: &str) -> bool {
    let found = parked(world, draft, lang);
    let found = found.into_iter().find(|one| one.key == key);
    let (Some(one), Some(details)) = (found, details(world, draft)) else {
        return false;
    };
    let text = format!(
        "{}\n\n■ {}\n{}",
        draft.text(details).trim_end(),
        one.label.get(lang),
        one.text
    );
    let details = details.to_string();
    draft.set(&details, text.trim_start());
    let given = given(draft, key);
    draft.set(&brought_key(key), given);
    true
}

/// An answer as it was given, in whatever language it is shown.
fn given(draft: &Draft, key: &str) -> String {
    let typing = draft.text(&typing_key(key));
    let mut all = draft.many(key);
    all.extend((!typing.is_empty()).then(|| typing.to_string()));
    all.join("\n")
}

/// The key of the text into which things are brought back: the description, or the first text there
/// is after the brief one.
fn details<'a>(world: World<'a>, draft: &Draft) -> Option<&'a str> {
    let steps = world.policy.steps.iter().flat_map(|step| &step.fields);
    let mut texts = steps
        .filter_map(|key| world.policy.field(key))
        .filter(|field| field.kind == FieldKind::Text && field.key != "brief")
        .filter(|field| asked(world, field, draft))
        .map(|field| field.key.as_str());
    let first = texts.next();
    let description = first
        .into_iter()
        .chain(texts)
        .find(|key| *key == "description");
    description.or(first)
}

fn brought_key(key: &str) -> String {
    format!("brought.{key}")
}

fn of_field(world: World, draft: &Draft, field: &Field, lang: &str, all: &mut Vec<Parked>) {
    if !draft.has(&field.key) && emails(draft, &field.key).is_empty() {
        return;
    }
    let because = if !asked(world, field, draft) {
        cause(world, draft, &field.when)
    } else if let Some(when) = withdrawn(world, draft, field) {
        cause(world, draft, when)
    } else {
        return;
    };
    let text = readable(world, draft, field, lang);
    // What the portal filled in itself, nobody has typed.
    let first = prefilled(world, draft, field);
    if first.is_empty() || draft.text(&field.key) != first {
        all.push(Parked {
            key: field.key.clone(),
            label: field.label.clone(),
            text,
            because,
        });
    }
}

/// The condition under which the chosen option would be offered, if it isn't.
fn withdrawn<'a>(world: World<'a>, draft: &Draft, field: &'a Field) -> Option<&'a When> {
    let choices = match field.kind {
        FieldKind::Choice => &field.options,
        FieldKind::Language => &world.policy.languages,
        _ => return None,
    };
    let text = draft.text(&field.key);
    let choice = choices.iter().find(|choice| choice.id == text)?;
    let offered = offers(world, draft, field)
        .iter()
        .any(|offer| offer.choice.id == text && offer.reason.is_none());
    (!offered).then_some(&choice.when)
}

fn of_prompts(world: World, draft: &Draft, field: &Field, all: &mut Vec<Parked>) {
    let is_asked = asked(world, field, draft);
    let shown: &[Part] = prompts(world, draft, field)
        .filter(|_| is_asked)
        .map_or(&[], |prompts| &prompts.parts);
    for prompts in &field.prompts {
        let because = if is_asked {
            cause(world, draft, &prompts.when)
        } else {
            cause(world, draft, &field.when)
        };
        of_parts(draft, &field.key, &prompts.parts, shown, &because, all);
    }
}

fn of_report(world: World, draft: &Draft, field: &Field, all: &mut Vec<Parked>) {
    let product = world.policy.field_of(FieldKind::Product);
    let product = product.map_or("", |field| field.key.as_str());
    let is_asked = asked(world, field, draft);
    let report = world.policy.report(&fact(world, draft, product));
    let shown: &[Part] = report
        .filter(|_| is_asked)
        .map_or(&[], |report| &report.parts);
    let because = if is_asked {
        product.into()
    } else {
        cause(world, draft, &field.when)
    };
    for report in &world.policy.reports {
        of_parts(draft, "report", &report.parts, shown, &because, all);
    }
}

/// The answered parts that are not among those shown, each once.
fn of_parts(
    draft: &Draft,
    field: &str,
    parts: &[Part],
    shown: &[Part],
    because: &str,
    all: &mut Vec<Parked>,
) {
    for part in parts {
        let key = part_key(field, &part.id);
        let is_shown = shown.iter().any(|one| one.id == part.id);
        if is_shown || !draft.has(&key) || all.iter().any(|one| one.key == key) {
            continue;
        }
        all.push(Parked {
            text: draft.text(&key).trim().into(),
            label: part.label.clone(),
            because: because.into(),
            key,
        });
    }
}

/// The first question whose answer keeps a condition from holding.
fn cause(world: World, draft: &Draft, when: &When) -> String {
    let failing = when
        .iter()
        .find(|(name, values)| !fits(&fact(world, draft, name), values));
    failing
        .and_then(|(name, _)| facts::questions(world.policy, name).first().copied())
        .unwrap_or_default()
        .into()
}

/// An answer as a person reads it.
fn readable(world: World, draft: &Draft, field: &Field, lang: &str) -> String {
    let text = draft.text(&field.key).trim();
    let choices = match field.kind {
        FieldKind::Choice => &field.options[..],
        FieldKind::Language => &world.policy.languages,
        _ => &[],
    };
    if let Some(choice) = choices.iter().find(|choice| choice.id == text) {
        return choice.name.get(lang).into();
    }
    let record = match field.kind {
        FieldKind::Product => world.product(text).map(|one| one.name.clone()),
        FieldKind::Entitlement => world.entitlement(text).map(|one| one.name.clone()),
        FieldKind::OnBehalf => world.customer(text).map(|one| one.name.clone()),
        FieldKind::Severity => world
            .policy
            .severity(text)
            .map(|one| one.name.get(lang).into()),
        FieldKind::Emails => Some(emails(draft, &field.key).join(", ")),
        FieldKind::Contacts => {
            let chosen = draft.many(&field.key);
            let named = world.contacts.iter();
            let named = named.filter(|one| chosen.contains(&one.id));
            Some(
                named
                    .map(|one| one.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            )
        }
        _ if text.is_empty() => Some(draft.many(&field.key).join(", ")),
        _ => None,
    };
    record.unwrap_or_else(|| text.into())
}
