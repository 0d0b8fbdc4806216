//! With which vendor: asked only of whom it concerns, partners of several who have not chosen one in
//! the context bar. Everybody else goes straight on to the first question.

use std::time::Duration;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, li, p, span, ul};
use leptos::ev;

use crate::core::policy::Policy;
use crate::ui::actions::new_draft;
use crate::ui::components::arriving::skeleton;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::App;

/// How long the records may take before nobody is kept from writing by them.
const PATIENCE: Duration = Duration::from_secs(1);

/// The page; with one vendor only it makes way for the first question.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    if !app.deployment().profile.can("case", "create") {
        let told = notice(Tone::Warning, words.t("new.not_taken"), ());
        return div().class("page").child(told).into_any();
    }
    let waited = RwSignal::new(false);
    set_timeout(
        move || {
            waited.try_set(true);
        },
        PATIENCE,
    );
    let policies = Memo::new(move |_| {
        let arrived = app.records.with(|records| records.arrived);
        let policies = app.chosen_policies();
        // Until the records are here it isn't known whose partner one is; then one says so oneself.
        (arrived || policies.len() < 2 || waited.get()).then(|| ids(&policies))
    });
    Effect::new(move |_| {
        if let Some([only]) = policies.get().as_deref() {
            let only = only.clone();
            // Beginning changes the route, which this page must not do while it is being made.
            request_animation_frame(move || new_draft::begin(app, &only));
        }
    });
    let choices = move || match policies.get() {
        Some(ids) if ids.len() > 1 => {
            let entries: Vec<_> = ids.iter().filter_map(|id| app.policy(id)).collect();
            let entries = entries
                .iter()
                .map(|policy| vendor(app, policy))
                .collect_view();
            let head = page_head(words.t("new.vendor"), words.t("new.vendor_help"));
            (head, ul().class("rows").child(entries)).into_any()
        }
        Some(_) => ().into_any(),
        None => skeleton(app),
    };
    div().class("page").child(choices).into_any()
}

fn ids(policies: &[std::sync::Arc<Policy>]) -> Vec<String> {
    policies.iter().map(|one| one.id.clone()).collect()
}

fn vendor(app: App, policy: &Policy) -> AnyView {
    let lang = app.lang();
    let id = policy.id.clone();
    let title = policy.title.get(&lang).to_string();
    li().class("row")
        .child((
            span().class("row-lead").child(icon("building")),
            div().class("row-body").child((
                p().class("row-title").child(
                    button()
                        .class("row-link row-button")
                        .attr("type", "button")
                        .on(ev::click, move |_| new_draft::begin(app, &id))
                        .child(policy.vendor.get(&lang).to_string()),
                ),
                p().class("row-meta").child(span().child(title)),
            )),
        ))
        .into_any()
}
