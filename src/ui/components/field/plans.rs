//! The contract that a case uses: every plan there is, those that can be used to choose, the others
//! with their reason and what to do about it (CMS-07, MPT-13, NEW-03).

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, label, span};

use super::Place;
use crate::browser::clock;
use crate::core::case::Entitlement;
use crate::core::entitlement::{Decision, PlanChoice, choices};
use crate::core::policy::Policy;
use crate::core::route::Route;
use crate::ui::components::entitlement as contracts;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::status::tag;
use crate::ui::state::{App, Words};

/// A plan as it is shown; made anew only when something of it has changed.
#[derive(Clone, PartialEq)]
pub struct PlanRow {
    /// The plan's id.
    plan: String,
    entitlement: Option<Entitlement>,
    decision: Decision,
    preset: bool,
    /// The first that can be chosen carries the question's id.
    first: bool,
}

/// The rows of all plans for the draft as it stands.
pub fn rows(app: App) -> Vec<PlanRow> {
    let row = |choice: PlanChoice| PlanRow {
        plan: match (choice.plan, choice.entitlement) {
            (Some(plan), _) => plan.id.clone(),
            (None, one) => one.map(|one| one.plan.clone()).unwrap_or_default(),
        },
        entitlement: choice.entitlement.cloned(),
        decision: choice.decision,
        preset: choice.preset,
        first: false,
    };
    let found = app.with_editor(|world, draft| {
        let all = choices(world, draft).into_iter();
        all.map(row).collect::<Vec<_>>()
    });
    let mut rows = found.unwrap_or_default();
    if let Some(first) = rows.iter_mut().find(|row| row.decision.allowed) {
        first.first = true;
    }
    rows
}

/// The question.
pub(super) fn entitlement_field(place: Place) -> AnyView {
    let app = place.app;
    let rows = Memo::new(move |_| rows(app));
    let inner = place.clone();
    let cards = keyed(
        move || rows.get(),
        move |row: &PlanRow| {
            let control = row.entitlement.as_ref().filter(|_| row.decision.allowed);
            let control = control.map(|one| inner.radio(&one.id, row.first));
            card(inner.app, &inner.words, &inner.policy, row, control)
        },
    );
    let (words, policy) = (&place.words, &place.policy);
    let none = place.words.t("plans.none");
    let nothing = move || {
        rows.with(Vec::is_empty)
            .then(|| span().class("muted").child(none.clone()))
    };
    div()
        .class("stack-s")
        .child((
            place.group((cards, nothing), false),
            ways(app, words, policy),
        ))
        .into_any()
}

/// A plan with all that is known of it: how much is left, from when to when, and why not.
pub fn card(
    app: App,
    words: &Words,
    policy: &Policy,
    row: &PlanRow,
    control: Option<AnyView>,
) -> AnyView {
    let lang = words.lang();
    let plan = policy.plan(&row.plan);
    let name = match (&row.entitlement, plan) {
        (Some(one), _) => one.name.clone(),
        (None, Some(plan)) => plan.name.get(lang).to_string(),
        (None, None) => row.plan.clone(),
    };
    let usual = row
        .preset
        .then(|| tag("m-accent", "check", words.t("plans.usual")));
    let title = span().class("choice-title").child((
        name,
        " ",
        contracts::usable_tag(words, &row.decision),
        usual,
    ));
    let text = match (&row.entitlement, plan) {
        (Some(one), _) => contracts::facts(words, Some(policy), one),
        (None, plan) => plan
            .and_then(|plan| plan.total.as_ref())
            .map(|total| total.get(lang).to_string())
            .unwrap_or_default(),
    };
    let help = plan.and_then(|plan| plan.help.as_ref());
    let help = help.map(|help| {
        span()
            .class("choice-text")
            .child(help.get(lang).to_string())
    });
    let more = row.entitlement.as_ref().map(|one| {
        span().class("ent-more").child((
            contracts::meter(words, one),
            contracts::term(words, one, clock::today()),
        ))
    });
    if let Some(control) = control {
        let body = span().class("choice-body").child((
            title,
            span().class("choice-text").child(text),
            help,
        ));
        return label()
            .class("choice")
            .child((control, body, more))
            .into_any();
    }
    let note = (!row.decision.allowed).then(|| {
        let (why, remedy) = contracts::plan_reason(words, policy, &row.plan, &row.decision);
        span().class("choice-note").child((
            icon("info"),
            span().child((why, " ", remedy, " ", way(app, words, policy, row))),
        ))
    });
    div()
        .class(if row.decision.allowed {
            "choice choice-plain"
        } else {
            "choice choice-no"
        })
        .child((
            row.decision.allowed.then(|| icon("circle-check")),
            (!row.decision.allowed).then(contracts::no_choice_icon),
            span().class("choice-body").child((
                title,
                span().class("choice-text").child(text),
                help,
                note,
            )),
            more,
        ))
        .into_any()
}

/// Where what is missing can be had at once.
fn way(app: App, words: &Words, policy: &Policy, row: &PlanRow) -> Option<AnyView> {
    let linkable = policy.linking.is_some()
        && policy.plan(&row.plan).is_some_and(|plan| plan.linkable)
        && matches!(row.decision.because, "not_added" | "expired" | "none_left");
    linkable.then(|| link(app, "", Route::LinkContract, words.t("plans.link")))
}

/// The ways to another plan, beneath them all.
fn ways(app: App, words: &Words, policy: &Policy) -> Option<AnyView> {
    let linking = policy
        .linking
        .as_ref()
        .map(|_| link(app, "btn btn-s", Route::LinkContract, words.t("plans.link")));
    let buying = policy
        .purchase
        .as_ref()
        .map(|_| link(app, "btn btn-s", Route::Entitlements, words.t("plans.buy")));
    let any = linking.is_some() || buying.is_some();
    any.then(|| div().class("inline").child((linking, buying)).into_any())
}
