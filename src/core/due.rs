//! What the clocks of a draft or a case depend on: its facts, and its history with everything that
//! its record tells.
//!
//! Which record holds a fact is decided here once, so that the panel beside a form, the page of a
//! case and the list of cases show the same times. The computing itself is [`super::sla`]'s.

use chrono::{DateTime, Utc};

use super::case::{Account, Asset, Case, Comment, Customer, Entitlement};
use super::draft::Draft;
use super::facts;
use super::flow::{World, region_of};
use super::policy::{FieldKind, Policy};
use super::rma::by_serial;
use super::sla::history::{Event, Mark, of_case};
use super::sla::terms::Facts;

/// The records that cases refer to.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The account one acts for.
    pub account: &'a Account,
    /// Its contracts.
    pub entitlements: &'a [Entitlement],
    /// Its customers.
    pub customers: &'a [Customer],
    /// Devices at its customers.
    pub assets: &'a [Asset],
}

/// The facts of a draft, as far as it is answered.
pub fn facts_of_draft(world: World, draft: &Draft, assets: &[Asset]) -> Facts {
    let answer = |kind| {
        let field = world.policy.field_of(kind);
        field.map_or("", |field| draft.text(&field.key).trim())
    };
    let contract = facts::entitlement(world, draft);
    let asset = by_serial(assets, answer(FieldKind::Serial));
    let customer = facts::customer(world, draft);
    Facts {
        plan: contract.map(|one| one.plan.clone()).unwrap_or_default(),
        level: level(contract, asset),
        severity: answer(FieldKind::Severity).into(),
        region: region(world.policy, world.account, answer(FieldKind::Region)),
        language: answer(FieldKind::Language).into(),
        kind: draft.text("type").into(),
        product: answer(FieldKind::Product).into(),
        country: country(world.account, asset, customer),
    }
}

/// The facts of a case.
pub fn facts_of_case(policy: &Policy, known: Known, case: &Case) -> Facts {
    let mut contracts = known.entitlements.iter();
    let contract = contracts.find(|one| one.id == case.entitlement_id);
    let asset = by_serial(known.assets, &case.serial_number);
    let id = case.customer_id.as_str();
    let customer = (!id.is_empty()).then(|| customer_of(known.customers, id, ""));
    let customer = customer.flatten();
    let returned = case.rma.as_ref().filter(|one| !one.level.is_empty());
    Facts {
        plan: contract.map(|one| one.plan.clone()).unwrap_or_default(),
        // A part goes back under the level that was granted, which may be a lower one.
        level: returned.map_or_else(|| level(contract, asset), |one| one.level.clone()),
        severity: case.severity.clone(),
        region: region(policy, known.account, &case.region),
        language: case.preferred_language.clone(),
        kind: case.kind.clone(),
        product: case.product_id.clone(),
        country: country(known.account, asset, customer),
    }
}

fn level(contract: Option<&Entitlement>, asset: Option<&Asset>) -> String {
    let of_contract = contract.map_or("", |one| &one.level);
    let of_asset = asset.map_or("", |one| &one.level);
    let found = [of_contract, of_asset];
    let found = found.into_iter().find(|level| !level.is_empty());
    found.unwrap_or_default().into()
}

/// The region that was chosen, else the account's.
fn region(policy: &Policy, account: &Account, chosen: &str) -> String {
    let of_account = || match region_of(policy, &account.region) {
        by_id if !by_id.is_empty() => by_id,
        _ => region_of(policy, &account.country),
    };
    match chosen {
        "" => of_account(),
        chosen => chosen.into(),
    }
}

fn country(account: &Account, asset: Option<&Asset>, customer: Option<&Customer>) -> String {
    let of_asset = asset.map_or("", |one| &one.country);
    let of_customer = customer.map_or("", |one| &one.country);
    let found = [of_asset, of_customer, &account.country];
    let found = found.into_iter().find(|country| !country.is_empty());
    found.unwrap_or_default().into()
}

/// The customer of a draft or a case: by its id, or by the name that was written.
pub fn customer_of<'a>(customers: &'a [Customer], id: &str, name: &str) -> Option<&'a Customer> {
    if id.is_empty() {
        let name = name.trim();
        return customers
            .iter()
            .find(|one| !name.is_empty() && one.name == name);
    }
    // The store keeps them in the order of their ids; there may be ten thousand.
    match customers.binary_search_by(|one| one.id.as_str().cmp(id)) {
        Ok(place) => customers.get(place),
        Err(_) => customers.iter().find(|one| one.id == id),
    }
}

/// Whether a fix is made in a step of a case's way.
fn makes_a_fix(policy: &Policy, step: &str) -> bool {
    let steps = &policy.life.progress;
    steps.iter().any(|one| one.id == step && one.fix)
}

/// The history of a case with what its record tells beside it: the return of a part, the escalation,
/// severities, and the fix it waits for.
pub fn history(policy: &Policy, case: &Case, comments: &[Comment]) -> Vec<Event> {
    let mut history = of_case(case, comments, policy.sla.assignment_answers);
    let Some(created) = history.first().map(|event| event.at) else {
        return history;
    };
    let mut push = |at: Option<DateTime<Utc>>, mark: Mark, of: &str| {
        if let Some(at) = at {
            history.push(Event {
                // Some backends round their times; nothing happens before there is a case.
                at: at.timestamp_millis().max(created),
                mark,
                of: of.into(),
                since: None,
            });
        }
    };
    if let Some(part) = &case.rma {
        push(part.verified_at, Mark::RmaIssued, "");
        // Where the part has to be there first, its arrival is what the shipping counts from.
        push(part.returned_at, Mark::PartReceived, "");
        push(part.shipped_at, Mark::Shipped, "");
        push(part.delivered_at, Mark::Delivered, "");
        push(part.returned_at, Mark::Returned, "");
    }
    if let Some(escalation) = &case.escalation {
        push(escalation.at, Mark::Escalated, &escalation.channel);
        let later = |one: &&Comment| one.side == "vendor" && one.created_at > escalation.at;
        let answer = comments.iter().filter(later);
        let answer = answer.filter_map(|one| one.created_at).min();
        push(answer, Mark::EscalationAnswered, &escalation.channel);
    }
    let mut first_severity = None;
    for one in &case.history {
        match one.kind.as_str() {
            "severity" => {
                let change = one.detail.lines().next().unwrap_or_default();
                if let Some((before, after)) = change.split_once('>') {
                    first_severity.get_or_insert_with(|| before.trim().to_string());
                    push(one.at, Mark::Severity, after.trim());
                }
            }
            // Who has a solution is past the time of not being stable.
            "status" if one.detail == "solution_provided" => push(one.at, Mark::Stable, ""),
            "progress" if one.detail == case.progress && makes_a_fix(policy, &one.detail) => {
                let targets = policy.sla.targets.iter();
                let fixes = targets.filter(|one| one.what == super::sla::clocks::What::Fix);
                for fix in fixes {
                    push(one.at, Mark::FixStarted, &fix.of);
                }
            }
            _ => {}
        }
    }
    if let (Some(severity), Some(created)) = (first_severity, history.first_mut()) {
        created.of = severity;
    }
    super::order::sort_by_key(&mut history, |event| event.at);
    with_further_questions(history, case, comments)
}

/// Each time that the vendor writes or asks while it waits, the customer has as long again.
fn with_further_questions(history: Vec<Event>, case: &Case, comments: &[Comment]) -> Vec<Event> {
    let said = comments.iter().filter(|one| one.side == "vendor");
    let asked = case.history.iter().filter(|one| one.kind == "requested");
    let times = said
        .filter_map(|one| one.created_at)
        .chain(asked.filter_map(|one| one.at));
    let mut times: Vec<i64> = times.map(|at| at.timestamp_millis()).collect();
    super::order::sort_by_key(&mut times, |at| *at);
    let mut whole: Vec<Event> = Vec::with_capacity(history.len());
    let mut waiting_since = None;
    let mut times = times.into_iter().peekable();
    let mut until = |whole: &mut Vec<Event>, waiting_since: Option<i64>, end: i64| {
        while let Some(at) = times.next_if(|at| *at < end) {
            if waiting_since.is_some_and(|since| since < at) {
                whole.push(Event::new(at, Mark::Resumed));
                whole.push(Event::new(at, Mark::Waiting));
            }
        }
    };
    for event in history {
        until(&mut whole, waiting_since, event.at);
        match event.mark {
            Mark::Waiting => waiting_since = Some(event.at),
            Mark::Resumed | Mark::Resolved | Mark::Closed => waiting_since = None,
            _ => {}
        }
        whole.push(event);
    }
    until(&mut whole, waiting_since, i64::MAX);
    whole
}
