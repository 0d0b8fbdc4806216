//! What a policy's conditions may ask about, and whether they hold.
//!
//! A fact is named by the key of a question (`type`), by a record and what is known of it
//! (`account.program`, `customer.delegation`), or by something computed (`product.version_rank`).
//! Every fact is a text; what is unknown, hidden or absent is the empty text. Which conditions
//! there are is the policy's business, what follows from them that of [`super::flow`],
//! [`super::entitlement`] and [`super::guard`].

use super::case::{Customer, Entitlement, Product};
use super::draft::Draft;
use super::flow::{World, asked};
use super::policy::{Field, FieldKind, Policy};

/// The records whose facts a condition may name.
pub const RECORDS: [&str; 5] = ["account", "contact", "customer", "entitlement", "product"];

/// The key of the answer that holds the address of the case's contact.
pub const CONTACT_EMAIL: &str = "contact_email";

/// The value of a fact.
pub fn fact(world: World, draft: &Draft, name: &str) -> String {
    if let Some(field) = world.policy.field(name) {
        return answer(world, draft, field);
    }
    let (record, key) = name.split_once('.').unwrap_or_default();
    match record {
        "account" => of_account(world, key),
        "contact" if key == "in_customer_domain" => in_customer_domain(world, draft),
        "contact" => of_contact(world, key),
        "customer" if key == "is_own" => {
            yes_or_no(chosen(world, draft, FieldKind::OnBehalf).is_empty())
        }
        "customer" => customer(world, draft)
            .map(|one| of_customer(one, key))
            .unwrap_or_default(),
        "entitlement" if key == "customer_matches" => customer_matches(world, draft),
        "entitlement" => entitlement(world, draft)
            .map(|one| of_entitlement(one, key))
            .unwrap_or_default(),
        "product" if key == "version_rank" => version_rank(world, draft)
            .map(|rank| rank.to_string())
            .unwrap_or_default(),
        "product" => product(world, draft)
            .map(|one| of_product(one, key))
            .unwrap_or_default(),
        _ => String::new(),
    }
}

/// Whether every entry of a condition holds; one without entries always does.
pub fn holds(world: World, draft: &Draft, when: &[(String, Vec<String>)]) -> bool {
    when.iter()
        .all(|(name, values)| fits(&fact(world, draft, name), values))
}

/// Whether a fact is one of the values. `!x` stands for anything but `x`, and where nothing else is
/// named, none of those may be it.
pub fn fits(fact: &str, values: &[String]) -> bool {
    let one = |value: &String| match value.strip_prefix('!') {
        Some(not) => fact != not,
        None => fact == value,
    };
    if values.iter().all(|value| value.starts_with('!')) {
        !values.is_empty() && values.iter().all(one)
    } else {
        values.iter().any(one)
    }
}

/// The keys of the questions on whose answers a fact depends.
pub fn questions<'a>(policy: &'a Policy, name: &'a str) -> Vec<&'a str> {
    if policy.field(name).is_some() {
        return vec![name];
    }
    let of = |kind| policy.field_of(kind).map(|field| field.key.as_str());
    let email = || policy.field(CONTACT_EMAIL).map(|field| field.key.as_str());
    let found = match name.split_once('.') {
        Some(("contact", "in_customer_domain")) => [of(FieldKind::OnBehalf), email()],
        Some(("customer", _)) => [of(FieldKind::OnBehalf), None],
        Some(("entitlement", "customer_matches")) => {
            [of(FieldKind::Entitlement), of(FieldKind::OnBehalf)]
        }
        Some(("entitlement", _)) => [of(FieldKind::Entitlement), None],
        Some(("product", "version_rank")) => [of(FieldKind::Version), of(FieldKind::Product)],
        Some(("product", _)) => [of(FieldKind::Product), None],
        _ => [None, None],
    };
    found.into_iter().flatten().collect()
}

/// Whether a condition holds before anything is answered.
pub fn holds_before(world: World, when: &[(String, Vec<String>)]) -> bool {
    holds(world, &Draft::new("", world.policy.id.as_str(), 0), when)
}

/// Whether a condition holds as far as it is about account and contact; what it asks of a draft is
/// left open.
pub fn may_hold(world: World, when: &[(String, Vec<String>)]) -> bool {
    let nothing = Draft::new("", world.policy.id.as_str(), 0);
    when.iter()
        .filter(|(name, _)| is_known_before(world.policy, name))
        .all(|(name, values)| fits(&fact(world, &nothing, name), values))
}

/// Whether a fact is known before anything is answered.
pub fn is_known_before(policy: &Policy, name: &str) -> bool {
    let of_person = name.starts_with("account.") || name.starts_with("contact.");
    of_person && questions(policy, name).is_empty() && name != "contact.in_customer_domain"
}

/// The customer on whose behalf a draft is written.
pub fn customer<'a>(world: World<'a>, draft: &Draft) -> Option<&'a Customer> {
    world.customer(&chosen(world, draft, FieldKind::OnBehalf))
}

/// The contract that a draft uses.
pub fn entitlement<'a>(world: World<'a>, draft: &Draft) -> Option<&'a Entitlement> {
    let id = chosen(world, draft, FieldKind::Entitlement);
    world.own_entitlements().find(|one| one.id == id)
}

/// The product that a draft is about.
pub fn product<'a>(world: World<'a>, draft: &Draft) -> Option<&'a Product> {
    let id = chosen(world, draft, FieldKind::Product);
    world.own_products().find(|one| one.id == id)
}

/// How new the chosen version is: 1 is the newest of its product.
pub fn version_rank(world: World, draft: &Draft) -> Option<usize> {
    let version = chosen(world, draft, FieldKind::Version);
    let versions = &product(world, draft)?.versions;
    let place = versions.iter().position(|one| one.id == version)?;
    Some(place + 1)
}

/// The answer to a question, nothing while it is not asked.
fn answer(world: World, draft: &Draft, field: &Field) -> String {
    if !draft.has(&field.key) || !asked(world, field, draft) {
        return String::new();
    }
    match draft.text(&field.key).trim() {
        "" => draft.many(&field.key).join("\n"),
        text => text.into(),
    }
}

fn chosen(world: World, draft: &Draft, kind: FieldKind) -> String {
    let field = world.policy.field_of(kind);
    field
        .map(|field| answer(world, draft, field))
        .unwrap_or_default()
}

fn of_account(world: World, key: &str) -> String {
    let account = world.account;
    match key {
        "id" => account.id.clone(),
        "name" => account.name.clone(),
        "org_id" => account.org_id.clone(),
        "country" => account.country.clone(),
        "region" => account.region.clone(),
        "language" => account.language.clone(),
        other => further(&account.facts, other),
    }
}

fn of_contact(world: World, key: &str) -> String {
    let contact = world.contact;
    match key {
        "id" => contact.id.clone(),
        "name" => contact.name.clone(),
        "email" => contact.email.clone(),
        "phone" => contact.phone.clone(),
        "language" => contact.language.clone(),
        "role" => contact.role.clone(),
        "on_contract" => yes_or_no(contact.on_contract),
        other => further(&contact.facts, other),
    }
}

fn of_customer(customer: &Customer, key: &str) -> String {
    match key {
        "id" => customer.id.clone(),
        "name" => customer.name.clone(),
        "country" => customer.country.clone(),
        "domain" => customer.domain.clone(),
        other => further(&customer.facts, other),
    }
}

fn of_entitlement(entitlement: &Entitlement, key: &str) -> String {
    match key {
        "id" => entitlement.id.clone(),
        "name" => entitlement.name.clone(),
        "plan" => entitlement.plan.clone(),
        "status" => entitlement.status.clone(),
        "level" => entitlement.level.clone(),
        "contract_number" => entitlement.contract_number.clone(),
        "coverage" => entitlement.coverage.clone(),
        other => further(&entitlement.facts, other),
    }
}

fn of_product(product: &Product, key: &str) -> String {
    match key {
        "id" => product.id.clone(),
        "name" => product.name.clone(),
        "family" => product.family.clone(),
        "hardware" => yes_or_no(product.hardware),
        other => further(&product.facts, other),
    }
}

/// A fact of a record that only the policy and the backend know.
pub fn further(facts: &[(String, String)], key: &str) -> String {
    let found = facts.iter().find(|(name, _)| name == key);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

fn in_customer_domain(world: World, draft: &Draft) -> String {
    let Some(customer) = customer(world, draft).filter(|one| !one.domain.is_empty()) else {
        return String::new();
    };
    let address = match world.policy.field(CONTACT_EMAIL) {
        Some(field) => answer(world, draft, field),
        None => world.contact.email.clone(),
    };
    let address = super::text::email(&address).unwrap_or_default();
    let Some((_, domain)) = address.rsplit_once('@') else {
        return String::new();
    };
    let (domain, theirs) = (domain.to_lowercase(), customer.domain.to_lowercase());
    let within = domain
        .strip_suffix(theirs.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    yes_or_no(within)
}

/// Whether a contract that is meant for one customer is used for that customer.
fn customer_matches(world: World, draft: &Draft) -> String {
    let meant = entitlement(world, draft).map(|one| further(&one.facts, "customer"));
    match meant {
        Some(id) if !id.is_empty() => yes_or_no(chosen(world, draft, FieldKind::OnBehalf) == id),
        _ => String::new(),
    }
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.into()
}
