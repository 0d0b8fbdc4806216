//! A page on which one thing is asked for on a case. Each says what it does before it does it; all
//! go through the outbox, and the case shows what became of it.

mod close;
mod escalate;
mod form;
mod people;
mod reopen;
mod rma;
mod severity;

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, header, nav, p};

use super::case::missing;
use crate::core::case::Case;
use crate::core::policy::Policy;
use crate::core::route::{CaseAct, Route};
use crate::ui::components::arriving::skeleton;
use crate::ui::components::case_acts::{may, refusal};
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Words};

/// What the pages of a case work with.
struct Ground {
    app: App,
    words: Words,
    policy: Arc<Policy>,
    case: Case,
}

/// The page of what is asked for.
pub fn page(app: App, case: &str, act: CaseAct) -> AnyView {
    let words = app.words_now();
    let id = case.to_string();
    // What is typed here must not be built anew with every piece of news, so only that the case is
    // here is followed.
    let here = {
        let id = id.clone();
        Memo::new(move |_| {
            app.records
                .with(|records| records.cases.iter().any(|one| one.id == id))
        })
    };
    let arrived = Memo::new(move |_| app.records.with(|records| records.arrived));
    let shown = move || {
        if !here.get() {
            return match arrived.get() {
                true => missing(app, &words),
                false => skeleton(app),
            };
        }
        let records = app.records.get_untracked();
        let case = records.cases.iter().find(|one| one.id == id).cloned();
        let found = case.and_then(|case| Some((app.policy(&case.policy)?, case)));
        match found {
            Some((policy, case)) => body(
                &Ground {
                    app,
                    words: words.clone(),
                    policy,
                    case,
                },
                act,
            ),
            None => notice(Tone::Warning, words.t("act.no_policy"), ()),
        }
    };
    div().class("page").child(shown).into_any()
}

fn body(ground: &Ground, act: CaseAct) -> AnyView {
    let (app, words, case) = (ground.app, &ground.words, &ground.case);
    let word = act.word();
    let back = (
        icon("arrow-left"),
        format!("{} {}", case.number, case.subject),
    );
    let nav = nav()
        .class("page-nav")
        .attr("aria-label", words.t("case.nav"))
        .child(link(app, "back", Route::Case(case.id.clone()), back));
    let title = words.t(&format!("act.{word}.title"));
    let decision = may(app, &ground.policy, case, act);
    let content = match (decision.because, act) {
        ("ok", CaseAct::Escalate) => escalate::form(ground),
        ("ok", CaseAct::Close) => close::form(ground),
        ("ok", CaseAct::Reopen) => reopen::form(ground),
        ("reopen_too_late", _) => reopen::anew(ground, refusal(words, &decision)),
        ("ok", CaseAct::Rma) => rma::form(ground),
        ("rma_already", _) => rma::under_way(ground),
        ("ok", CaseAct::Severity) => severity::form(ground),
        ("ok", CaseAct::Contacts) => people::form(ground),
        _ => {
            let back = link(
                app,
                "btn",
                Route::Case(case.id.clone()),
                words.t("act.back"),
            );
            let why = notice(Tone::Warning, refusal(words, &decision), ());
            (why, div().class("actions").child(back)).into_any()
        }
    };
    (
        header()
            .class("stack-s")
            .child((nav, page_head(title, String::new()))),
        content,
    )
        .into_any()
}

/// The buttons of a form: what it does, and the way back without it.
fn buttons(ground: &Ground, go: String) -> AnyView {
    buttons_saying(ground, go)
}

/// As [`buttons`], where what it does follows what is chosen.
fn buttons_saying(ground: &Ground, go: impl IntoView + 'static) -> AnyView {
    div()
        .class("actions")
        .child((
            button()
                .class("btn btn-primary")
                .attr("type", "submit")
                .child((icon("send"), go.into_any())),
            link(
                ground.app,
                "btn",
                Route::Case(ground.case.id.clone()),
                ground.words.t("act.back"),
            ),
        ))
        .into_any()
}

/// A sentence of the policy above a form.
fn said(text: &str) -> Option<AnyView> {
    (!text.is_empty()).then(|| p().class("lede").child(text.to_string()).into_any())
}
