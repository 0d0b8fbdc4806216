//! Which contracts a case can use, and for each that can't: why, and what to do.
//!
//! Every contract is returned, usable or not (CMS-03, CMS-18): hiding one leaves its owner
//! guessing. The reason is a code with its facts; the words come from the policy or the catalogue.

use chrono::NaiveDate;

use super::case::{Contact, Entitlement};
use super::draft::Draft;
use super::facts::{self, holds};
use super::flow::World;
use super::order::sort_by_key;
use super::policy::{Plan, Policy, Reason};
use super::text::fold_id;

/// Whether something may be done, and because of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may.
    pub allowed: bool,
    /// The code of the reason; `ok` when allowed.
    pub because: &'static str,
    /// Facts that belong into the sentence.
    pub facts: Vec<(&'static str, String)>,
}

impl Decision {
    /// Allowed.
    pub fn yes() -> Decision {
        Decision {
            allowed: true,
            because: "ok",
            facts: Vec::new(),
        }
    }

    /// Not allowed, with the reason's code and facts.
    pub fn no(because: &'static str, facts: Vec<(&'static str, String)>) -> Decision {
        Decision {
            allowed: false,
            because,
            facts,
        }
    }
}

/// Whether a contract can be used on a day for a product; without a product, for any.
///
/// The order is that of what one would be told first: a contract that ended needs renewal, whatever
/// else is wrong with it.
pub fn usable(entitlement: &Entitlement, product: Option<&str>, today: NaiveDate) -> Decision {
    let date = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    if entitlement.end.is_some_and(|end| end < today) || entitlement.status == "expired" {
        return Decision::no("expired", vec![("end", date(entitlement.end))]);
    }
    if entitlement.start.is_some_and(|start| start > today) {
        return Decision::no("not_started", vec![("start", date(entitlement.start))]);
    }
    let known = ["not_activated", "no_permission", "pending"];
    if let Some(code) = known.iter().find(|code| **code == entitlement.status) {
        return Decision::no(code, Vec::new());
    }
    if entitlement.status != "active" {
        return Decision::no("not_active", vec![("status", entitlement.status.clone())]);
    }
    if entitlement.cases_remaining == Some(0) {
        let total = entitlement.cases_total.unwrap_or(0).to_string();
        return Decision::no("none_left", vec![("total", total)]);
    }
    if let Some(product) = product
        && !product.is_empty()
        && !entitlement.product_ids.is_empty()
        && !entitlement.product_ids.iter().any(|id| id == product)
    {
        return Decision::no("product_not_covered", Vec::new());
    }
    Decision::yes()
}

/// A plan as it stands for a draft, with its contract if the account has one.
#[derive(Debug)]
pub struct PlanChoice<'a> {
    /// The plan, if the policy knows it.
    pub plan: Option<&'a Plan>,
    /// The contract, if the account has one.
    pub entitlement: Option<&'a Entitlement>,
    /// Whether it can be used, and why not.
    pub decision: Decision,
    /// Whether it is the one to use.
    pub preset: bool,
}

/// Every contract of the account and every plan that exists for it, usable ones first (MPT-13).
pub fn choices<'a>(world: World<'a>, draft: &Draft) -> Vec<PlanChoice<'a>> {
    let mut all = listed(world, draft, &|plan| holds(world, draft, &plan.when));
    for one in &mut all {
        let plan = one.plan.filter(|_| one.decision.allowed);
        one.preset = plan.is_some_and(|plan| is_preset(world, draft, plan));
    }
    sort_by_key(&mut all, |one| (!one.preset, !one.decision.allowed));
    all
}

/// As [`choices`] for the account as a whole, before anything is chosen: what a plan demands of a
/// draft is not asked, and a plan that demands nothing else is not listed without a contract.
pub fn of_account<'a>(world: World<'a>) -> Vec<PlanChoice<'a>> {
    let nothing = Draft::new("", world.policy.id.as_str(), 0);
    let about_account = |name: &str| facts::is_known_before(world.policy, name);
    let mut all = listed(world, &nothing, &|plan| facts::may_hold(world, &plan.when));
    all.retain(|one| {
        let plan = one.plan.filter(|_| one.entitlement.is_none());
        plan.is_none_or(|plan| plan.when.iter().any(|(name, _)| about_account(name)))
    });
    all
}

/// Every contract with its decision, and every plan that exists and has none.
fn listed<'a>(
    world: World<'a>,
    draft: &Draft,
    exists: &dyn Fn(&Plan) -> bool,
) -> Vec<PlanChoice<'a>> {
    let contracts = world.own_entitlements().map(|entitlement| PlanChoice {
        plan: world.policy.plan(&entitlement.plan),
        entitlement: Some(entitlement),
        decision: decided(world, draft, entitlement, exists),
        preset: false,
    });
    let not_added = world.policy.plans.iter().filter(|plan| {
        let held = world.own_entitlements().any(|one| one.plan == plan.id);
        !held && !plan.when.is_empty() && exists(plan)
    });
    let not_added = not_added.map(|plan| PlanChoice {
        plan: Some(plan),
        entitlement: None,
        decision: Decision::no("not_added", Vec::new()),
        preset: false,
    });
    contracts.chain(not_added).collect()
}

fn is_preset(world: World, draft: &Draft, plan: &Plan) -> bool {
    !plan.preset_when.is_empty() && holds(world, draft, &plan.preset_when)
}

/// The contract to begin with: that of the plan which is the one to use, or the only one there is
/// to use (MPC-04).
pub fn preset<'a>(world: World<'a>, draft: &Draft) -> Option<&'a Entitlement> {
    let all = choices(world, draft);
    let mut usable = all.iter().filter(|one| one.decision.allowed);
    let first = usable.next()?;
    let only = usable.next().is_none();
    first.entitlement.filter(|_| first.preset || only)
}

/// Why a code forbids a plan: in the plan's own words, else in those of the policy.
pub fn why<'a>(policy: &'a Policy, plan: &str, code: &str) -> Option<&'a Reason> {
    let own = policy.plan(plan).and_then(|plan| {
        let found = plan.reasons.iter().find(|(name, _)| name == code);
        found.map(|(_, reason)| reason)
    });
    own.or_else(|| policy.reason(code))
}

/// Whether a contract can be used for a draft, given what its plan covers.
pub fn decide(world: World, draft: &Draft, entitlement: &Entitlement) -> Decision {
    decided(world, draft, entitlement, &|plan| {
        holds(world, draft, &plan.when)
    })
}

fn decided(
    world: World,
    draft: &Draft,
    entitlement: &Entitlement,
    exists: &dyn Fn(&Plan) -> bool,
) -> Decision {
    let product = facts::product(world, draft);
    let plan = world.policy.plan(&entitlement.plan);
    let ended = plan.and_then(|plan| ended(plan, entitlement, world.today));
    if let Some(ended) = ended {
        return ended;
    }
    let decision = usable(entitlement, product.map(|one| one.id.as_str()), world.today);
    let (true, Some(plan)) = (decision.allowed, plan) else {
        return decision;
    };
    if !exists(plan) {
        return Decision::no("not_for_this", Vec::new());
    }
    let meant = facts::further(&entitlement.facts, "customer");
    if !meant.is_empty() && facts::customer(world, draft).is_some_and(|one| one.id != meant) {
        return Decision::no("other_customer", Vec::new());
    }
    let Some(product) = product else {
        return decision;
    };
    if !plan.families.is_empty() && !plan.families.contains(&product.family) {
        return Decision::no(
            "product_not_covered",
            vec![("product", product.name.clone())],
        );
    }
    match (plan.versions, facts::version_rank(world, draft)) {
        (Some(covered), Some(rank)) if rank as u64 > covered => {
            let version = product.versions.get(rank - 1);
            let version = version.map_or_else(String::new, |version| version.name.clone());
            Decision::no(
                "version_not_covered",
                vec![
                    ("product", product.name.clone()),
                    ("version", version),
                    ("count", covered.to_string()),
                ],
            )
        }
        _ => decision,
    }
}

/// A contract without an end ends some months after its beginning, where its plan says so.
fn ended(plan: &Plan, entitlement: &Entitlement, today: NaiveDate) -> Option<Decision> {
    let months = plan.valid_months?;
    let (None, Some(start)) = (entitlement.end, entitlement.start) else {
        return None;
    };
    let months = chrono::Months::new(u32::try_from(months).ok()?);
    let end = start.checked_add_months(months)?.pred_opt()?;
    (end < today).then(|| Decision::no("expired", vec![("end", end.to_string())]))
}

/// The contract that covers a device, by its serial number as people write it (CMS-07).
pub fn by_serial<'a>(entitlements: &'a [Entitlement], serial: &str) -> Option<&'a Entitlement> {
    let wanted = fold_id(serial);
    if wanted.is_empty() {
        return None;
    }
    let covers = |entitlement: &&Entitlement| {
        entitlement
            .serial_numbers
            .iter()
            .any(|serial| fold_id(serial) == wanted)
    };
    // A device may stand on an old and a renewed contract; the one that still runs is meant.
    let mut hits: Vec<&Entitlement> = entitlements.iter().filter(covers).collect();
    sort_by_key(&mut hits, |hit| {
        let end = hit.end.unwrap_or(NaiveDate::MAX);
        (hit.status != "active", std::cmp::Reverse(end))
    });
    hits.first().copied()
}

/// Whether a contact may open cases at all, and if not, why (CMS-02, CMS-03).
pub fn access(contact: &Contact, entitlements: &[Entitlement], today: NaiveDate) -> Decision {
    if !contact.on_contract {
        return Decision::no("not_on_contract", Vec::new());
    }
    if entitlements.is_empty() {
        return Decision::no("no_contract", Vec::new());
    }
    let any = entitlements
        .iter()
        .any(|entitlement| usable(entitlement, None, today).allowed);
    if any {
        Decision::yes()
    } else {
        Decision::no("no_usable_contract", Vec::new())
    }
}
