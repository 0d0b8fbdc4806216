//! What is due soon of all cases, on home: the next few, overdue ones first. It comes with the later
//! part of the program, as the policies and their clocks do.

use crate::core::case::Case;
use crate::core::route::Route;
use crate::core::sla::civil::DAY;
use crate::ui::clocks::{Next, of, of_all};
use crate::ui::components::case_row::policy_in;
use crate::ui::components::clock::badge;
use crate::ui::components::link::link;
use crate::ui::components::severity::severity;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, h2, li, p, section, span, ul};
use crate::ui::state::{App, Words};

/// How many are shown, and what is soon.
const ROWS: usize = 4;
const SOON: i64 = 3 * DAY;

/// The cases that have something due soon.
pub(super) fn view(app: App) -> AnyView {
    let words = app.words_now();
    let (dues, clocks) = (of_all(app), of(app));
    let soon = Memo::new(move |_| {
        let until = clocks.now() + SOON;
        let records = app.records.get();
        dues.with(|dues| {
            let mut first: Vec<(&Case, &Next)> = Vec::new();
            for case in records.cases.iter() {
                let Some(next) = dues.get(&case.id).filter(|next| next.at < until) else {
                    continue;
                };
                let sooner = |(_, one): &(&Case, &Next)| one.at <= next.at;
                let place = first.iter().rposition(sooner).map_or(0, |last| last + 1);
                if place < ROWS {
                    first.truncate(ROWS - 1);
                    first.insert(place, (case, next));
                }
            }
            let owned = |(case, next): (&Case, &Next)| (case.clone(), next.clone());
            first.into_iter().map(owned).collect::<Vec<_>>()
        })
    });
    (move || {
        let rows: Vec<_> = soon.with(|soon| {
            let rows = soon.iter();
            rows.map(|(case, next)| row(app, &words, case, next))
                .collect()
        });
        (!rows.is_empty()).then(|| {
            section()
                .class("section")
                .attr("aria-labelledby", "home-due")
                .child((
                    h2().id("home-due").child(words.t("home.due")),
                    ul().class("rows").child(rows),
                ))
        })
    })
    .into_any()
}

fn row(app: App, words: &Words, case: &Case, next: &Next) -> AnyView {
    let deployment = app.deployment();
    let policy = policy_in(&deployment, &case.policy);
    let route = Route::Case(case.id.clone());
    let customer = &case.customer_name;
    let what = words.t(&format!("sla.what.{}", next.what));
    let at = next.at;
    let (clocks, badge_words) = (of(app), words.clone());
    let left = move || badge(&badge_words, &what, at, clocks.now());
    li().class("row")
        .child((
            span()
                .class("row-lead")
                .child(severity(policy, &case.severity, words.lang(), true)),
            div().class("row-body").child((
                p().class("row-title")
                    .child(link(app, "row-link", route, case.subject.clone())),
                p().class("row-meta").child((
                    span().child(case.number.clone()),
                    (!customer.is_empty()).then(|| span().child(customer.clone())),
                )),
            )),
            div().class("row-end").child(left),
        ))
        .into_any()
}
