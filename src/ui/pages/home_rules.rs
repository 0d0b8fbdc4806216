//! What the policies add to home: what they say before anything is typed, and the way to the call
//! sheet. It comes with the later part of the program, as the policies do.

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, li, p, ul};
use leptos::ev::MouseEvent;

use super::home::start;
use crate::browser::clock;
use crate::core::case::Entitlement;
use crate::core::entitlement::access;
use crate::core::policy::{FieldKind, Policy};
use crate::core::route::Route;
use crate::ui::actions::new_draft;
use crate::ui::components::disagreement;
use crate::ui::components::entitlement::{ends_soon, reason};
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::state::{App, Words};

/// How early home says that a contract ends, in days.
const EARLY: i64 = 30;

/// What is said before anything is typed.
pub(super) fn said(app: App) -> AnyView {
    let words = app.words_now();
    (
        barred(app, &words),
        said_early(app, &words),
        ending(app, &words),
    )
        .into_any()
}

/// The way to the call sheet, where a policy takes cases by phone.
pub(super) fn call(app: App) -> AnyView {
    let words = app.words_now();
    let view = move || {
        let policy = call_policy(app)?;
        let way = call_start(app, &words, &policy)?;
        Some(start("phone", way, words.t("home.call_help").into_any()))
    };
    view.into_any()
}

/// Why this person can't open cases at present, said before they try (CMS-03). Of several vendors it
/// is said of each by itself.
fn barred(app: App, words: &Words) -> impl IntoView + use<> {
    let words = words.clone();
    let decisions = Memo::new(move |_| {
        let records = app.records.get();
        let mut barred = Vec::new();
        for policy in app.chosen_policies() {
            let of_policy = |one: &&Entitlement| one.policy.is_empty() || one.policy == policy.id;
            let own = records.entitlements.iter().filter(of_policy);
            let own: Vec<Entitlement> = own.cloned().collect();
            let decision = access(&records.me, &own, clock::today());
            if records.arrived && !decision.allowed {
                barred.push((policy.id.clone(), decision));
            }
        }
        barred
    });
    move || {
        let several = app.own_policies().len() > 1;
        let notices = decisions.get().into_iter().map(|(id, decision)| {
            let policy = app.policy(&id);
            let (text, remedy) = reason(&words, policy.as_deref(), &decision);
            let vendor = policy.map(|policy| policy.vendor.get(words.lang()).to_string());
            let text = match vendor.filter(|_| several) {
                Some(vendor) => format!("{vendor}: {text}"),
                None => text,
            };
            let way = link(app, "", Route::Entitlements, words.t("home.see_contracts"));
            notice(Tone::Warning, text, p().child((remedy, " ", way)))
        });
        notices.collect::<Vec<_>>()
    }
}

/// Contracts that end soon, while there is time to renew them.
fn ending(app: App, words: &Words) -> impl IntoView + use<> {
    let soon = {
        let words = words.clone();
        Memo::new(move |_| {
            let policies = app.chosen_policies();
            let chosen = |one: &&Entitlement| {
                one.status == "active" && policies.iter().any(|policy| policy.id == one.policy)
            };
            let today = clock::today();
            app.records.with(|records| {
                let own = records.entitlements.iter().filter(chosen);
                own.filter_map(|one| ends_soon(&words, &one.name, one.end?, today, EARLY))
                    .collect::<Vec<_>>()
            })
        })
    };
    let words = words.clone();
    move || {
        let entries = soon.get().into_iter().map(|text| li().child(text));
        let entries: Vec<_> = entries.collect();
        (!entries.is_empty()).then(|| {
            let way = link(app, "", Route::Entitlements, words.t("home.see_contracts"));
            let list = (ul().child(entries), p().child(way));
            notice(Tone::Warning, words.t("entitlements.ending"), list)
        })
    }
}

/// What the policies say before anything is typed (MPT-04, NTT-02).
fn said_early(app: App, words: &Words) -> impl IntoView + use<> {
    let words = words.clone();
    let told = {
        let words = words.clone();
        Memo::new(move |_| {
            let arrived = app.records.with(|records| records.arrived);
            let policies = app.chosen_policies().into_iter().filter(|_| arrived);
            let said =
                |policy: &str| app.with_world(policy, |world| disagreement::early(&words, world));
            let said = policies.filter_map(|policy| said(&policy.id));
            said.flatten().collect::<Vec<_>>()
        })
    };
    keyed(
        move || told.get(),
        move |one| disagreement::view(app, &words, one, false),
    )
}

/// The policy whose worst severity is taken by phone; none where there is no phone (MPC-09).
fn call_policy(app: App) -> Option<Arc<Policy>> {
    let by_phone = |policy: &Arc<Policy>| {
        policy.has_channel("phone") && policy.severities.iter().any(|one| one.phone_only)
    };
    app.chosen_policies().into_iter().find(by_phone)
}

/// The way to the call sheet.
fn call_start(app: App, words: &Words, policy: &Policy) -> Option<AnyView> {
    let severity = policy.severities.iter().find(|one| one.phone_only)?;
    let field = policy.field_of(FieldKind::Severity)?;
    let (policy, severity, key) = (policy.id.clone(), severity.id.clone(), field.key.clone());
    let call = move |event: MouseEvent| {
        if event.ctrl_key() || event.meta_key() || event.shift_key() {
            return;
        }
        event.prevent_default();
        // Beginning a draft takes the place of the page one is on, which is to stay in the history.
        app.go(Route::Home);
        new_draft::begin(app, &policy);
        // Not yet something the person wrote: looking at the numbers leaves no draft behind.
        let draft = app.editor.try_update(|open| {
            let draft = open.as_mut()?;
            draft.set(&key, severity.as_str());
            Some(draft.id.clone())
        });
        if let Some(draft) = draft.flatten() {
            let step = Some("call".into());
            app.replace(Route::Step { draft, step });
        }
    };
    let view = a()
        .href(app.href(&Route::NewCase))
        .on(leptos::ev::click, call)
        .child(words.t("home.call"));
    Some(view.into_any())
}
