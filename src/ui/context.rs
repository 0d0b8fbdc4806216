//! Whose rules apply and in whose name one acts: the parts of the context bar that say so on every
//! page, and the choice of how dates and numbers are written.

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, label, option, p, select, span};
use leptos::ev;

use super::actions::act_for;
use super::components::icon::icon;
use super::state::{App, Words};
use crate::browser::{clock, page};
use crate::core::draft::State as DraftState;
use crate::core::policy::{FieldKind, Policy};
use crate::core::route::Route;

/// The vendor whose rules apply: the draft's while one is written, else the one that was chosen.
pub fn vendor(app: App, words: &Words) -> AnyView {
    let lang = words.lang().to_string();
    let own = Memo::new(move |_| {
        let own = known_policies(app);
        let names = own.iter();
        let names = names.map(|one| (one.id.clone(), one.vendor.get(&lang).to_string()));
        names.collect::<Vec<_>>()
    });
    let writing = Memo::new(move |_| policy_of_draft(app));
    let words = words.clone();
    let view = move || {
        let own = own.get();
        if own.len() < 2 {
            return ().into_any();
        }
        if let Some(id) = writing.get() {
            let name = own.iter().find(|(one, _)| *one == id);
            return span()
                .class("ctx-item ctx-vendor")
                .child((
                    icon("building"),
                    span().class("vh").child(words.t("frame.vendor")),
                    span()
                        .class("ctx-value")
                        .child(name.map_or(id.clone(), |(_, name)| name.clone())),
                ))
                .into_any();
        }
        let entry = |id: String, name: String| {
            let own = id.clone();
            option()
                .attr("value", id)
                .prop("selected", move || app.vendor.with(|now| *now == own))
                .child(name)
        };
        let all = entry(String::new(), words.t("frame.all_vendors"));
        let entries: Vec<_> = own.into_iter().map(|(id, name)| entry(id, name)).collect();
        label()
            .class("ctx-select ctx-vendor")
            .child((
                icon("building"),
                span().class("vh").child(words.t("frame.vendor")),
                select()
                    .attr("data-control", "vendor")
                    .on(ev::change, move |event| {
                        let vendor = event_target_value(&event);
                        page::set_preference("vendor", &vendor);
                        app.vendor.set(vendor);
                    })
                    .child((all, entries)),
            ))
            .into_any()
    };
    view.into_any()
}

/// The account's policies, none as long as it isn't known whose account it is.
fn known_policies(app: App) -> Vec<Arc<Policy>> {
    let known = app.records.with(|records| !records.account.id.is_empty());
    match known {
        true => app.own_policies(),
        false => Vec::new(),
    }
}

/// The policy of the draft that is being written.
fn policy_of_draft(app: App) -> Option<String> {
    if !app.route.with(|route| matches!(route, Route::Step { .. })) {
        return None;
    }
    app.editor
        .with(|draft| draft.as_ref().map(|draft| draft.policy.clone()))
}

/// What the bar says of the customer.
#[derive(Clone, PartialEq)]
enum Acting {
    /// Nobody acts for anybody here.
    No,
    /// The draft names a customer that is no record.
    Typed(String),
    /// It can be chosen; the customer's name, if one is.
    Chosen(Option<String>),
}

/// The customer in whose name one acts, and the way to another (MPC-10).
pub fn acting_for(app: App, words: &Words) -> AnyView {
    let acting = Memo::new(move |_| acting(app));
    let can_choose = Memo::new(move |_| matches!(acting.get(), Acting::Chosen(_)));
    // Not `acting` itself: whoever reads a memo and one that follows from it is told of neither
    // when only the first has changed.
    let typed = Memo::new(move |_| match acting.get() {
        Acting::Typed(name) => Some(name),
        _ => None,
    });
    let words = words.clone();
    let view = move || {
        if can_choose.get() {
            return choice(app, &words, acting);
        }
        match typed.get() {
            Some(name) => span()
                .class("ctx-item ctx-acting")
                .child((
                    icon("users"),
                    span().class("ctx-label").child(words.t("frame.acting_for")),
                    span().class("ctx-value").child(name),
                ))
                .into_any(),
            None => ().into_any(),
        }
    };
    view.into_any()
}

/// The button stays while the name on it changes, so that the focus comes back to it.
fn choice(app: App, words: &Words, acting: Memo<Acting>) -> AnyView {
    let own = words.t("acting.own_short");
    let name = Memo::new(move |_| match acting.get() {
        Acting::Chosen(Some(name)) | Acting::Typed(name) => Some(name),
        _ => None,
    });
    button()
        .attr("type", "button")
        .attr("aria-haspopup", "dialog")
        .attr("data-control", "acting-for")
        .class(move || match name.with(Option::is_some) {
            true => "ctx-item ctx-acting",
            false => "ctx-item",
        })
        .on(ev::click, move |_| app.choosing_customer.set(true))
        .child((
            icon("users"),
            span().class("ctx-label").child(words.t("frame.acting_for")),
            span()
                .class("ctx-value")
                .child(move || name.get().unwrap_or_else(|| own.clone())),
            icon("chevron-down"),
        ))
        .into_any()
}

fn acting(app: App) -> Acting {
    let name_of = |id: &str| {
        app.records.with(|records| {
            let found = records.customers.iter().find(|one| one.id == id);
            match found {
                Some(customer) => customer.name.clone(),
                // The customers may still be on their way, and an id says nothing to a person.
                None if !records.arrived => "…".into(),
                None => id.to_string(),
            }
        })
    };
    if let Some(customer) = act_for::of_draft(app) {
        return Acting::Chosen(customer.map(|id| name_of(&id)));
    }
    if policy_of_draft(app).is_some() {
        return typed(app).map_or(Acting::No, Acting::Typed);
    }
    let asks = |field: &crate::core::policy::Field| field.kind == FieldKind::OnBehalf;
    let own = known_policies(app);
    let mut own = own.iter();
    match own.any(|policy| policy.fields.iter().any(asks)) {
        true => Acting::Chosen(app.acting_for.get().map(|id| name_of(&id))),
        false => Acting::No,
    }
}

/// The end customer as the draft names it.
fn typed(app: App) -> Option<String> {
    app.editor.with(|draft| {
        let draft = draft
            .as_ref()
            .filter(|draft| draft.state == DraftState::Open)?;
        let policy = app.policy(&draft.policy)?;
        let field = policy.field_of(FieldKind::Customer)?;
        let name = draft.text(&field.key).trim();
        (!name.is_empty()).then(|| name.to_string())
    })
}

/// How dates and numbers are written, apart from the language of the page (MPT-08). Each way is
/// named by what it makes of today.
pub fn regional_format(app: App, words: &Words) -> AnyView {
    const FORMATS: [(&str, &str); 7] = [
        ("", "format.as_language"),
        ("ja-JP", "format.japan"),
        ("zh-CN", "format.china"),
        ("en-US", "format.united_states"),
        ("en-GB", "format.united_kingdom"),
        ("de-DE", "format.germany"),
        ("sv-SE", "format.iso"),
    ];
    let now = page::preference("format").unwrap_or_default();
    let entries: Vec<_> = FORMATS
        .into_iter()
        .map(|(format, key)| {
            let example = clock::example_of(format, words.lang());
            option()
                .attr("value", format)
                .prop("selected", now == format)
                .child(format!("{} · {example}", words.t(key)))
        })
        .collect();
    (
        label().class("menu-field").child((
            span().class("small muted").child(words.t("format.label")),
            span().class("select-box").child(
                select()
                    .class("select")
                    .attr("data-control", "format")
                    .on(ev::change, move |event| {
                        let format = event_target_value(&event);
                        page::set_preference("format", &format);
                        clock::set_format(&format);
                        // The words stay, but everything written with them is written anew.
                        app.words.update(|_| {});
                    })
                    .child(entries),
            ),
        )),
        p().class("small muted").child(words.t("format.here")),
    )
        .into_any()
}
