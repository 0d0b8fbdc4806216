//! Contracts, plans and what goes with them (CMS-18, MPT-13): usable or not, never hidden, with the
//! reason and the remedy; what ends soon is said first. Beneath: incidents to buy, whether all
//! licences are covered, and what the partner may sell.

mod authorizations;
mod licences;
mod offers;

use std::sync::Arc;

use crate::core::order::sort_by_key;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, h2, li, p, section, ul};
use chrono::NaiveDate;
use leptos::ev;

use crate::browser::clock;
use crate::core::case::{Authorization, Entitlement, Person};
use crate::core::entitlement::{Decision, of_account};
use crate::core::facts::holds_before;
use crate::core::policy::Policy;
use crate::core::route::Route;
use crate::core::sync::{ACTIVATE, BUY, LINK};
use crate::ui::actions::activate_contract::activate;
use crate::ui::components::arriving::{as_of, skeleton};
use crate::ui::components::asked::asked;
use crate::ui::components::entitlement::{card, ends_soon, plan_card};
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::components::trouble;
use crate::ui::state::{App, Words};

/// How early the end of a contract is said, in days.
const EARLY: i64 = 60;

/// A contract or a plan, judged for the account.
#[derive(Clone, PartialEq)]
struct Judged {
    policy: String,
    /// The plan's code.
    plan: String,
    contract: Option<Entitlement>,
    decision: Decision,
}

/// The page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let today = clock::today();
    let arrived = Memo::new(move |_| app.records.with(|records| records.arrived));
    let plans = Memo::new(move |_| plans(app));
    let sales = Memo::new(move |_| app.records.with(|records| records.authorizations.clone()));
    let body = {
        let words = words.clone();
        move || {
            if !arrived.get() {
                return skeleton(app);
            }
            (
                ending(&words, &plans.get(), &sales.get(), today),
                groups(app, &words, &plans.get(), today),
            )
                .into_any()
        }
    };
    let (licence_words, sale_words) = (words.clone(), words.clone());
    div()
        .class("page page-wide")
        .child((
            page_head(words.t("nav.entitlements"), words.t("entitlements.lede")),
            as_of(app, &words),
            trouble::line(app, &words),
            asked(app, &words, &[LINK, BUY, ACTIVATE]),
            link_section(app, &words),
            body,
            offers::offers(app, &words),
            move || licences::licences(app, &licence_words),
            move || {
                arrived
                    .get()
                    .then(|| authorizations::authorizations(&sale_words, &sales.get()))
            },
        ))
        .into_any()
}

/// Every contract and plan of the account's policies; what ends first comes first among the usable,
/// what ended last among the others.
fn plans(app: App) -> Vec<Judged> {
    // Tracked: what follows reads them untracked.
    app.records.with(|_| ());
    let mut all: Vec<Judged> = Vec::new();
    for policy in app.chosen_policies() {
        app.with_world(&policy.id, |world| {
            all.extend(of_account(world).into_iter().map(|one| Judged {
                policy: policy.id.clone(),
                plan: one.plan.map(|plan| plan.id.clone()).unwrap_or_default(),
                contract: one.entitlement.cloned(),
                decision: one.decision,
            }));
        });
    }
    sort_by_key(&mut all, |one| {
        one.contract.as_ref().and_then(|one| one.end)
    });
    all
}

/// The way to link a contract, where a policy has one.
fn link_section(app: App, words: &Words) -> AnyView {
    let words = words.clone();
    let can_link = Memo::new(move |_| {
        let policies = app.chosen_policies();
        let takes = app.deployment().profile.can("entitlement", LINK);
        takes && policies.iter().any(|policy| policy.linking.is_some())
    });
    let shown = move || {
        can_link.get().then(|| {
            let content = (icon("shield-check"), words.t("link.title"));
            div()
                .class("actions")
                .child(link(app, "btn", Route::LinkContract, content))
        })
    };
    shown.into_any()
}

/// What ends within the next weeks.
fn ending(
    words: &Words,
    plans: &[Judged],
    sales: &[Authorization],
    today: NaiveDate,
) -> Option<AnyView> {
    let contracts = plans
        .iter()
        .filter(|one| one.decision.because != "not_active")
        .filter_map(|one| one.contract.as_ref())
        .map(|one| (format!("{} {}", one.name, one.contract_number), one.end));
    let sales = sales
        .iter()
        .filter(|one| one.status == "authorized")
        .map(|one| (one.product_family.clone(), one.end));
    let entries: Vec<_> = contracts
        .chain(sales)
        .filter_map(|(name, end)| ends_soon(words, &name, end?, today, EARLY))
        .map(|text| li().child(text))
        .collect();
    (!entries.is_empty()).then(|| {
        notice(
            Tone::Warning,
            words.t("entitlements.ending"),
            ul().child(entries),
        )
    })
}

fn groups(app: App, words: &Words, plans: &[Judged], today: NaiveDate) -> AnyView {
    let (usable, not): (Vec<&Judged>, Vec<&Judged>) =
        plans.iter().partition(|one| one.decision.allowed);
    let cards = |some: Vec<&Judged>| -> Vec<AnyView> {
        some.into_iter()
            .map(|one| one_card(app, words, one, today))
            .collect()
    };
    let group = |id: &'static str, cards: Vec<AnyView>| {
        section()
            .class("section")
            .attr("aria-labelledby", id)
            .child((
                h2().id(id).child(words.t(id)),
                div().class("cols").child(cards),
            ))
    };
    let none = usable.is_empty();
    (
        (!none).then(|| group("entitlements.usable", cards(usable))),
        (!not.is_empty()).then(|| {
            group(
                "entitlements.not_usable",
                cards(not.into_iter().rev().collect()),
            )
        }),
        plans.is_empty().then(|| {
            div().class("empty").child((
                icon("shield-check"),
                h2().child(words.t("why.no_contract.text")),
                p().class("muted").child(words.t("why.no_contract.remedy")),
            ))
        }),
    )
        .into_any()
}

fn one_card(app: App, words: &Words, one: &Judged, today: NaiveDate) -> AnyView {
    let policy = app.policy(&one.policy);
    let help = remedy(app, words, policy.as_ref(), one);
    match (&one.contract, policy) {
        (Some(contract), policy) => card(
            words,
            policy.as_deref(),
            contract,
            &one.decision,
            today,
            help,
        ),
        (None, Some(policy)) => plan_card(words, &policy, &one.plan, &one.decision, help),
        (None, None) => ().into_any(),
    }
}

/// What can be done at once about a plan that can't be used.
fn remedy(app: App, words: &Words, policy: Option<&Arc<Policy>>, one: &Judged) -> Option<AnyView> {
    let plan = policy.and_then(|policy| policy.plan(&one.plan));
    let takes = |action| app.deployment().profile.can("entitlement", action);
    match one.decision.because {
        "not_added" if takes(LINK) && plan.is_some_and(|plan| plan.linkable) => Some(link(
            app,
            "btn btn-s",
            Route::LinkContract,
            words.t("link.title"),
        )),
        "not_activated" => one.contract.as_ref().map(|one| activation(app, words, one)),
        _ => None,
    }
}

/// Activation is for whom the policy names; all others see whom to ask (MPT-18).
fn activation(app: App, words: &Words, contract: &Entitlement) -> AnyView {
    let records = app.records.get_untracked();
    let may = app.with_world(&contract.policy, |world| {
        holds_before(world, &world.policy.activation)
    });
    if may == Some(true) && app.deployment().profile.can("entitlement", ACTIVATE) {
        let contract = contract.clone();
        return button()
            .class("btn btn-s")
            .attr("type", "button")
            .on(ev::click, move |_| activate(app, &contract))
            .child(words.t("activate.go"))
            .into_any();
    }
    let names = |person: &Person| match person.email.as_str() {
        "" => person.name.clone(),
        email => format!("{} <{email}>", person.name),
    };
    let admins: Vec<String> = records.account.admins.iter().map(names).collect();
    p().class("small")
        .child(words.with("activate.ask", &[("names", &admins.join(", "))]))
        .into_any()
}
