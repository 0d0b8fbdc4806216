//! What the page around the portal knows already, as the first answers of a draft.

use super::World;
use crate::core::draft::Draft;
use crate::core::embed::Given;
use crate::core::policy::FieldKind;

/// Answers what a page gives, where nothing was answered yet. What the vendor does not support or
/// the account does not know is left to the person, and so is what the policy does not ask.
pub fn fill_in(world: World, draft: &mut Draft, given: &Given) {
    let product = world
        .products
        .iter()
        .filter(|one| one.policy.is_empty() || one.policy == world.policy.id)
        .find(|one| is(&given.product, &one.id, &one.name));
    let version = product.and_then(|product| {
        let mut versions = product.versions.iter();
        versions.find(|one| is(&given.version, &one.id, &one.name))
    });
    let mut customers = world.customers.iter();
    let customer = customers.find(|one| is(&given.customer, &one.id, &one.name));
    let name = customer.map_or(given.customer.as_str(), |one| one.name.as_str());
    for (kind, value) in [
        (FieldKind::Product, product.map(|one| one.id.as_str())),
        (FieldKind::Version, version.map(|one| one.id.as_str())),
        (FieldKind::Serial, Some(given.serial_number.as_str())),
        (FieldKind::OnBehalf, customer.map(|one| one.id.as_str())),
        (FieldKind::Customer, Some(name)),
    ] {
        let field = world.policy.field_of(kind);
        if let Some((field, value)) = field.zip(value) {
            answer(draft, &field.key, value);
        }
    }
    if world.policy.fields.iter().any(|one| one.key == "subject") {
        answer(draft, "subject", &given.subject);
    }
}

fn is(given: &str, id: &str, name: &str) -> bool {
    !given.is_empty() && (given == id || given == name)
}

fn answer(draft: &mut Draft, key: &str, value: &str) {
    if !value.is_empty() && !draft.has(key) {
        draft.set(key, value);
    }
}
