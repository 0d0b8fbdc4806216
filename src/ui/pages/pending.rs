//! What has not been sent yet, in three groups: what needs a decision with what waits behind it, what
//! goes by itself, and what was sent but is still referred to by something that was not. Beneath, how fresh everything is, and
//! why nothing newer comes where an answer makes no sense.

use crate::core::order::sort_by_key;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, h2, p, section, span, ul};
use leptos::ev;

use super::focus;
use crate::browser::clock;
use crate::core::route::Route;
use crate::core::standing::{Way, held, ways};
use crate::core::sync::{Event, Operation, Progress};
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::operation::row_behind;
use crate::ui::components::page_head::page_head;
use crate::ui::components::trouble;
use crate::ui::state::{App, Words};

/// The page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let place = NodeRef::new();
    focus::keep(
        place,
        Memo::new(move |_| app.outbox.with(|outbox| outbox.len())),
    );
    let list = {
        let words = words.clone();
        move || groups(app, &words)
    };
    div()
        .class("page")
        .node_ref(place)
        .child((
            page_head(words.t("pending.title"), words.t("pending.lede")),
            list,
            send_all(app, &words),
            freshness(app, &words),
            trouble::whole(app, &words),
        ))
        .into_any()
}

fn groups(app: App, words: &Words) -> AnyView {
    let outbox = app.outbox.get();
    if outbox.is_empty() {
        return div()
            .class("empty")
            .child((
                icon("send"),
                h2().child(words.t("pending.empty")),
                p().class("muted").child(words.t("pending.empty_next")),
            ))
            .into_any();
    }
    let needs = |one: &Operation| matches!(one.state, Progress::NeedsYou { .. });
    let waits = |one: &Operation| {
        matches!(
            one.state,
            Progress::Waiting | Progress::Sending | Progress::Paused
        )
    };
    let held = held(&outbox);
    let placed = |one| Placed {
        operation: one,
        first: held.get(one.id.as_str()).copied(),
    };
    let all: Vec<Placed> = outbox.iter().map(placed).collect();
    [
        group(app, words, "pending.needs", &all, needs),
        group(app, words, "pending.under_way", &all, waits),
        group(app, words, "pending.sent", &all, Operation::is_done),
    ]
    .collect_view()
    .into_any()
}

/// An operation, and the one that it waits for, which it stands under.
#[derive(Clone, Copy)]
struct Placed<'a> {
    operation: &'a Operation,
    first: Option<&'a Operation>,
}

impl Placed<'_> {
    fn head(&self) -> &Operation {
        self.first.unwrap_or(self.operation)
    }
}

fn group(
    app: App,
    words: &Words,
    title: &str,
    all: &[Placed],
    belongs: impl Fn(&Operation) -> bool,
) -> Option<AnyView> {
    let mut found: Vec<Placed> = all.to_vec();
    found.retain(|one| belongs(one.head()));
    let place = |one: &Operation| (one.created_at, one.id.clone());
    sort_by_key(&mut found, |one| {
        (place(one.head()), one.first.is_some(), place(one.operation))
    });
    let rows: Vec<AnyView> = found
        .iter()
        .map(|one| row_behind(app, words, one.operation, one.first))
        .collect();
    let section = (!rows.is_empty()).then(|| {
        section()
            .class("section")
            .child((h2().child(words.t(title)), ul().class("rows").child(rows)))
    });
    section.map(IntoView::into_any)
}

/// What can be tried: nothing that waits behind something a person has to see to first.
fn can_go(outbox: &[Operation]) -> Vec<&Operation> {
    let held = held(outbox);
    let all = outbox.iter();
    all.filter(|one| ways(one).contains(&Way::Retry) && !held.contains_key(one.id.as_str()))
        .collect()
}

/// The wish to have everything tried now that can go, where something waits.
fn send_all(app: App, words: &Words) -> impl IntoView + use<> {
    let any = Memo::new(move |_| app.outbox.with(|outbox| !can_go(outbox).is_empty()));
    let all = move |_| {
        let Some(runtime) = app.runtime() else {
            return;
        };
        let outbox = runtime.outbox();
        for one in can_go(&outbox) {
            runtime.wish(Event::Retry(one.id.clone()));
        }
        runtime.wish(Event::Refresh);
    };
    let (words, online) = (words.clone(), move || app.online.get());
    move || {
        any.get().then(|| {
            let now = button()
                .class("btn btn-primary")
                .attr("type", "button")
                .on(ev::click, all)
                .child((icon("send"), words.t("pending.send_all")));
            let words = words.clone();
            let offline = move || {
                (!online()).then(|| {
                    span()
                        .class("small muted")
                        .child(words.t("pending.no_network"))
                })
            };
            div().class("actions").child((now, offline))
        })
    }
}

/// When the backend was last heard of, and the wish to hear from it now.
fn freshness(app: App, words: &Words) -> AnyView {
    let as_of = {
        let words = words.clone();
        move || match app.records.get().as_of {
            0 => words.t("pending.never"),
            at => {
                let time = clock::date_time(words.lang(), at);
                words.with("pending.as_of", &[("time", &time)])
            }
        }
    };
    let refresh = move |_| {
        if let Some(runtime) = app.runtime() {
            runtime.wish(Event::Refresh);
        }
    };
    div()
        .class("actions")
        .child((
            button()
                .class("btn")
                .attr("type", "button")
                .on(ev::click, refresh)
                .child((icon("refresh-cw"), words.t("pending.refresh"))),
            span()
                .class("small muted")
                .attr("role", "status")
                .child(as_of),
            link(app, "small", Route::Device, words.t("nav.device")),
        ))
        .into_any()
}
