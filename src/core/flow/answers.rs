//! What is wrong with an answer, before anything is sent.
//!
//! Nothing here changes an answer: what is wrong is told, what was typed stays.

use super::{Offer, World, is_required, offers, part_key, parts, whole_text};
use crate::core::case::day as date;
use crate::core::draft::{Draft, DraftFile};
use crate::core::entitlement;
use crate::core::policy::{Field, FieldKind, Part};
use crate::core::text::{email, graphemes, phone};

/// What is wrong with an answer. The words are the catalogue's `problem.<code>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field's key.
    pub field: String,
    /// The code.
    pub code: &'static str,
    /// Facts that belong into the sentence.
    pub facts: Vec<(&'static str, String)>,
}

fn problem(field: &Field, code: &'static str) -> Option<Problem> {
    problem_with(field, code, Vec::new())
}

fn problem_with(
    field: &Field,
    code: &'static str,
    facts: Vec<(&'static str, String)>,
) -> Option<Problem> {
    Some(Problem {
        field: field.key.clone(),
        code,
        facts,
    })
}

/// Everything that is wrong with an answer and with its parts.
pub fn problems(world: World, draft: &Draft, field: &Field) -> Vec<Problem> {
    let parts = parts(world, draft, field).iter();
    let missing = parts.filter_map(|part| check_part(draft, field, part));
    check(world, draft, field)
        .into_iter()
        .chain(missing)
        .collect()
}

/// What is wrong with a part of a text.
pub fn check_part(draft: &Draft, field: &Field, part: &Part) -> Option<Problem> {
    let key = part_key(&field.key, &part.id);
    (part.required && !draft.has(&key)).then(|| Problem {
        field: key,
        code: "required",
        facts: Vec::new(),
    })
}

/// What is wrong with an answer, if anything.
pub fn check(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    if field.kind == FieldKind::Files {
        return check_files(world, draft, field);
    }
    if field.kind == FieldKind::Emails {
        return check_emails(world, draft, field);
    }
    if matches!(field.kind, FieldKind::Contracts | FieldKind::Contacts) {
        return check_many(world, draft, field);
    }
    let whole = whole_text(world, draft, field, "en");
    if whole.is_empty() {
        return required(world, draft, field);
    }
    let text = draft.text(&field.key).trim();
    check_length(field, &whole).or_else(|| match field.kind {
        FieldKind::Email if email(text).is_none() => problem(field, email_code(text)),
        FieldKind::Phone if phone(text).is_none() => problem(field, "not_a_phone"),
        FieldKind::Choice | FieldKind::Language => check_offer(world, draft, field, text),
        FieldKind::Severity if world.policy.severity(text).is_none() => {
            problem(field, "not_offered")
        }
        FieldKind::Region if !world.policy.regions.iter().any(|one| one.id == text) => {
            problem(field, "not_offered")
        }
        FieldKind::Product if !world.own_products().any(|one| one.id == text) => {
            problem(field, "not_offered")
        }
        FieldKind::OnBehalf if world.customer(text).is_none() => problem(field, "customer_gone"),
        FieldKind::Confirm if text != "yes" => required(world, draft, field),
        FieldKind::DateTime if !is_date_time(text) => problem(field, "not_a_time"),
        FieldKind::Version => check_version(world, draft, field, text),
        FieldKind::Entitlement => check_entitlement(world, draft, field, text),
        _ => None,
    })
}

fn check_offer(world: World, draft: &Draft, field: &Field, text: &str) -> Option<Problem> {
    let offers = offers(world, draft, field);
    match offers.iter().find(|offer| offer.choice.id == text) {
        None => problem(field, "not_offered"),
        Some(Offer { reason: None, .. }) => None,
        Some(Offer {
            reason: Some(reason),
            ..
        }) => problem_with(field, "not_now", vec![("reason", (*reason).into())]),
    }
}

fn check_many(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    if !draft.has(&field.key) {
        return required(world, draft, field);
    }
    let known = |entry: &String| match field.kind {
        FieldKind::Contracts => world
            .own_entitlements()
            .any(|one| one.contract_number == *entry),
        _ => world.contacts.iter().any(|one| one.id == *entry),
    };
    let gone = draft.many(&field.key).into_iter().find(|one| !known(one))?;
    problem_with(field, "no_longer_there", vec![("value", gone)])
}

/// Whether a text is a day and a time as an input of the browser writes it.
fn is_date_time(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else {
        return false;
    };
    let mut parts = time.split(':');
    let mut next = |below: u32| {
        let part = parts.next().unwrap_or_default();
        part.len() == 2 && part.parse::<u32>().is_ok_and(|number| number < below)
    };
    date(day).is_some() && next(24) && next(60)
}

fn required(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    is_required(world, draft, field).then(|| problem(field, "required"))?
}

/// The key of what is being typed into a list of mail addresses and is not yet one of them.
pub fn typing_key(key: &str) -> String {
    format!("{key}.typing")
}

/// The mail addresses of an answer, with those that were typed and not yet taken into the list.
/// What is no address stands among them as it is.
pub fn emails(draft: &Draft, key: &str) -> Vec<String> {
    const BETWEEN: [char; 6] = [',', ';', '、', '，', ' ', '\n'];
    let mut all = draft.many(key);
    all.retain(|entry| !entry.trim().is_empty());
    for part in draft.text(&typing_key(key)).split(BETWEEN) {
        let part = email(part).unwrap_or_else(|| part.trim().into());
        if !part.is_empty() && !all.contains(&part) {
            all.push(part);
        }
    }
    all
}

/// Takes what was typed into the list, if all of it is an address; false if it isn't.
pub fn take_typed(draft: &mut Draft, key: &str) -> bool {
    let all = emails(draft, key);
    let complete = all.iter().all(|entry| email(entry).is_some());
    if complete && draft.has(&typing_key(key)) {
        draft.set(key, all);
        draft.set(&typing_key(key), "");
    }
    complete
}

fn check_emails(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    let all = emails(draft, &field.key);
    if all.is_empty() {
        return required(world, draft, field);
    }
    let wrong = all.into_iter().find(|entry| email(entry).is_none())?;
    problem_with(field, "not_an_email", vec![("value", wrong)])
}

fn check_length(field: &Field, text: &str) -> Option<Problem> {
    let limit = field.limit?;
    let count = graphemes(text) as u64;
    if count <= limit {
        return None;
    }
    let facts = vec![
        ("limit", limit.to_string()),
        ("over", (count - limit).to_string()),
    ];
    problem_with(field, "too_long", facts)
}

fn email_code(text: &str) -> &'static str {
    let several = text.matches(['@', '＠']).count() > 1;
    if several {
        "one_email_only"
    } else {
        "not_an_email"
    }
}

fn check_version(world: World, draft: &Draft, field: &Field, text: &str) -> Option<Problem> {
    let product = world
        .policy
        .field_of(FieldKind::Product)
        .and_then(|field| world.product(draft.text(&field.key)))?;
    let known = product.versions.is_empty() || product.versions.iter().any(|v| v.id == text);
    if known {
        None
    } else {
        problem_with(
            field,
            "version_of_other",
            vec![("product", product.name.clone())],
        )
    }
}

fn check_entitlement(world: World, draft: &Draft, field: &Field, text: &str) -> Option<Problem> {
    let Some(entitlement) = world.own_entitlements().find(|one| one.id == text) else {
        return problem(field, "entitlement_gone");
    };
    let decision = entitlement::decide(world, draft, entitlement);
    if decision.allowed {
        return None;
    }
    let mut facts = decision.facts;
    facts.push(("reason", decision.because.into()));
    problem_with(field, "entitlement_not_usable", facts)
}

fn check_files(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    let rules = &world.policy.files;
    let too_big = |file: &&DraftFile| file.size > rules.max_bytes;
    if let Some(file) = draft.files.iter().find(too_big) {
        return problem_with(field, "file_too_big", vec![("name", file.name.clone())]);
    }
    if draft.files.is_empty() {
        return required(world, draft, field);
    }
    None
}
