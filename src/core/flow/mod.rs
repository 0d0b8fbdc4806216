//! Which questions are asked, which are answered, and what stands in the way of sending.
//!
//! The journey is computed anew from policy, draft and what is known of the account; nothing of it
//! is stored. So changing an answer on step one may make step four incomplete again, and coming
//! back makes it complete, without any bookkeeping. Showing it is `ui::pages::new_case`, saving
//! it `browser::store`.

mod answers;
mod body;
mod given;
mod prefill;

use chrono::NaiveDate;

use super::case::{Account, Case, Contact, Customer, Entitlement, Product};
use super::draft::Draft;
use super::facts::{self, fact, holds};
use super::policy::{Choice, Field, FieldKind, Part, Policy, Prompts, Resource, Step};

pub use answers::{Problem, check, check_part, emails, problems, take_typed, typing_key};
pub use body::{case_body, has_report, report_name, report_stands_in, report_text, with_report};
pub use given::fill_in;
pub use prefill::{prefill, prefilled, region_of};

/// Everything a decision about a draft may depend on.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The rules.
    pub policy: &'a Policy,
    /// The company one acts for.
    pub account: &'a Account,
    /// Who is signed in.
    pub contact: &'a Contact,
    /// The account's contracts.
    pub entitlements: &'a [Entitlement],
    /// What the vendor supports.
    pub products: &'a [Product],
    /// The account's customers.
    pub customers: &'a [Customer],
    /// The account's people.
    pub contacts: &'a [Contact],
    /// The account's cases.
    pub cases: &'a [Case],
    /// The day, in the zone of the person.
    pub today: NaiveDate,
}

impl<'a> World<'a> {
    /// A product by its id.
    pub fn product(&self, id: &str) -> Option<&'a Product> {
        self.products.iter().find(|product| product.id == id)
    }

    /// A contract by its id.
    pub fn entitlement(&self, id: &str) -> Option<&'a Entitlement> {
        self.entitlements.iter().find(|one| one.id == id)
    }

    /// A customer by its id. There may be ten thousand, and they usually come in the order of their
    /// ids, so that is tried first.
    pub fn customer(&self, id: &str) -> Option<&'a Customer> {
        if id.is_empty() {
            return None;
        }
        let place = self
            .customers
            .binary_search_by(|one| one.id.as_str().cmp(id));
        match place {
            Ok(place) => self.customers.get(place),
            Err(_) => self.customers.iter().find(|one| one.id == id),
        }
    }

    /// The products of the policy; a backend may know those of other vendors too. A policy on trial
    /// that the backend knows nothing of yet is tried with whatever there is.
    pub fn own_products(&self) -> impl Iterator<Item = &'a Product> {
        let policy = &self.policy.id;
        let all = self.policy.trial && !self.products.iter().any(|one| one.policy == *policy);
        self.products
            .iter()
            .filter(move |one| all || one.policy.is_empty() || one.policy == *policy)
    }

    /// The contracts of the policy; on trial as for the products.
    pub fn own_entitlements(&self) -> impl Iterator<Item = &'a Entitlement> {
        let policy = &self.policy.id;
        let all = self.policy.trial && !self.entitlements.iter().any(|one| one.policy == *policy);
        self.entitlements
            .iter()
            .filter(move |one| all || one.policy.is_empty() || one.policy == *policy)
    }
}

/// The flow as it stands for a draft.
#[derive(Clone, Debug)]
pub struct Journey<'a> {
    /// The steps in order, each with what is still wrong in it.
    pub steps: Vec<Stage<'a>>,
    /// Whether the severity is taken by phone only, so that the flow ends in a call sheet (CMS-09).
    pub by_phone: bool,
}

/// A step as it stands.
#[derive(Clone, Debug)]
pub struct Stage<'a> {
    /// The step.
    pub step: &'a Step,
    /// The fields that are asked, given the other answers.
    pub fields: Vec<&'a Field>,
    /// What is wrong in it.
    pub problems: Vec<Problem>,
    /// Whether all steps before it are complete.
    pub reachable: bool,
}

impl<'a> Journey<'a> {
    /// The first step that needs something, if any does.
    pub fn next(&self) -> Option<&Stage<'a>> {
        self.steps.iter().find(|stage| !stage.problems.is_empty())
    }

    /// Whether everything needed is there.
    pub fn is_complete(&self) -> bool {
        self.next().is_none()
    }

    /// The step of an id, with its place, counted from 1.
    pub fn stage(&self, id: &str) -> Option<(usize, &Stage<'a>)> {
        self.steps
            .iter()
            .enumerate()
            .find(|(_, stage)| stage.step.id == id)
            .map(|(index, stage)| (index + 1, stage))
    }
}

/// Walks the flow for a draft. Steps without a question to ask are left out.
pub fn journey<'a>(world: World<'a>, draft: &Draft) -> Journey<'a> {
    let mut steps: Vec<Stage> = Vec::new();
    let mut reachable = true;
    for step in &world.policy.steps {
        let fields: Vec<&Field> = step
            .fields
            .iter()
            .filter_map(|key| world.policy.field(key))
            .filter(|field| asked(world, field, draft))
            .collect();
        if fields.is_empty() {
            continue;
        }
        let problems: Vec<Problem> = fields
            .iter()
            .flat_map(|field| problems(world, draft, field))
            .collect();
        let complete = problems.is_empty();
        steps.push(Stage {
            step,
            fields,
            problems,
            reachable,
        });
        reachable &= complete;
    }
    let by_phone = world.policy.has_channel("phone")
        && steps
            .iter()
            .flat_map(|stage| &stage.fields)
            .filter(|field| field.kind == FieldKind::Severity)
            .filter_map(|field| world.policy.severity(draft.text(&field.key)))
            .any(|severity| severity.phone_only);
    Journey { steps, by_phone }
}

/// Whether a field is asked, given the other answers and what is known.
pub fn asked(world: World, field: &Field, draft: &Draft) -> bool {
    holds(world, draft, &field.when)
}

/// Whether a field must be answered.
pub fn is_required(world: World, draft: &Draft, field: &Field) -> bool {
    field.required || (!field.required_when.is_empty() && holds(world, draft, &field.required_when))
}

/// A choice as it stands.
#[derive(Clone, Copy)]
pub struct Offer<'a> {
    /// What is offered.
    pub choice: &'a Choice,
    /// The code of the reason for which it can't be chosen now.
    pub reason: Option<&'a str>,
}

/// The choices of a field, without those that are left out now.
pub fn offers<'a>(world: World<'a>, draft: &Draft, field: &'a Field) -> Vec<Offer<'a>> {
    let choices = match field.kind {
        FieldKind::Choice => &field.options,
        FieldKind::Language => &world.policy.languages,
        _ => return Vec::new(),
    };
    let offer = |choice: &'a Choice| {
        let offered = holds(world, draft, &choice.when);
        let reason = choice.instead.as_deref().filter(|_| !offered);
        (offered || reason.is_some()).then_some(Offer { choice, reason })
    };
    choices.iter().filter_map(offer).collect()
}

/// Values offered for a line: what the account has, then what its earlier cases used (NTT-07).
pub fn values(world: World, draft: &Draft, field: &Field) -> Vec<String> {
    let known = fact(world, draft, &field.from);
    let of_policy = |case: &&Case| case.policy == world.policy.id;
    let used = world.cases.iter().filter(of_policy);
    let used = used.map(|case| facts::further(&case.fields, &field.key));
    let mut values: Vec<String> = Vec::new();
    for value in known.lines().map(String::from).chain(used) {
        let value = value.trim();
        if !value.is_empty() && !values.iter().any(|one| one == value) {
            values.push(value.into());
        }
    }
    values
}

/// Where to look for help first, given what was chosen so far (CSF-20).
pub fn resources<'a>(world: World<'a>, draft: &Draft) -> Vec<&'a Resource> {
    let product = facts::product(world, draft);
    let fits = |wanted: &[String], found: Option<&String>| {
        wanted.is_empty() || found.is_some_and(|found| wanted.contains(found))
    };
    let all = world.policy.resources.iter();
    all.filter(|one| {
        fits(&one.products, product.map(|product| &product.id))
            && fits(&one.families, product.map(|product| &product.family))
            && holds(world, draft, &one.when)
    })
    .collect()
}

/// The prompts of a text as it stands (NTT-08).
pub fn prompts<'a>(world: World, draft: &Draft, field: &'a Field) -> Option<&'a Prompts> {
    field
        .prompts
        .iter()
        .find(|prompts| holds(world, draft, &prompts.when))
}

/// The key of a part's answer.
pub fn part_key(field: &str, part: &str) -> String {
    format!("{field}.{part}")
}

/// A text with its parts, each under its label (NTT-08).
pub fn whole_text(world: World, draft: &Draft, field: &Field, lang: &str) -> String {
    let mut text = draft.text(&field.key).trim().to_string();
    for part in parts(world, draft, field) {
        let answer = draft.text(&part_key(&field.key, &part.id)).trim();
        if !answer.is_empty() {
            text.push_str(&format!("\n\n■ {}\n{answer}", part.label.get(lang)));
        }
    }
    text.trim_start().into()
}

fn parts<'a>(world: World, draft: &Draft, field: &'a Field) -> &'a [Part] {
    prompts(world, draft, field).map_or(&[], |prompts| &prompts.parts)
}

/// The product a draft is about, empty as long as none is chosen.
pub fn product_of<'d>(world: World, draft: &'d Draft) -> &'d str {
    world
        .policy
        .field_of(FieldKind::Product)
        .map_or("", |field| draft.text(&field.key))
}
