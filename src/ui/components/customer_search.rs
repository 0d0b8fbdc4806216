//! The search for the customer in whose name one acts, among all of the account's, over the page.
//!
//! Accessibility: a native dialog, so the page behind it is out of reach and Escape closes it; the
//! line is a combo box whose list is always open, with the arrows, Enter and a pointer; how many were
//! found is said, and the browser brings the focus back to where it was.

use std::sync::Arc;

use crate::core::customers::Finder;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, dialog as dialog_element, div, h2, input, label, li, p, span, ul};
use leptos::ev;
use web_sys::KeyboardEvent;

use super::icon::icon;
use super::link::link_after;
use super::status::tag;
use crate::core::case::Customer;
use crate::core::route::Route;
use crate::ui::actions::act_for;
use crate::ui::state::{App, Records, Words};

/// How many are listed at once; more of them only hide what is looked for.
const LISTED: usize = 30;

/// The search, while it is asked for.
pub fn dialog(app: App) -> AnyView {
    (move || app.choosing_customer.get().then(|| opened(app))).into_any()
}

/// An entry of the list: a customer, or nobody.
type Entry = Option<Customer>;

/// The handles of an open search.
#[derive(Clone)]
struct Search {
    app: App,
    words: Words,
    found: Memo<(Vec<Entry>, usize)>,
    at: RwSignal<usize>,
}

fn opened(app: App) -> AnyView {
    let place = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = place.get() {
            // It stands in the page and was just made, so it can be opened.
            let _ = dialog.show_modal();
        }
    });
    on_cleanup(move || {
        if let Some(dialog) = place.try_get_untracked().flatten() {
            dialog.close();
        }
    });
    let words = app.words_now();
    let close = button()
        .class("btn btn-quiet")
        .attr("type", "button")
        .on(ev::click, move |_| app.choosing_customer.set(false))
        .child(words.t("acting.keep"));
    let all = link_after(
        app,
        "btn btn-quiet",
        Route::Customers(String::new()),
        move || app.choosing_customer.set(false),
        words.t("customers.all"),
    );
    dialog_element()
        .class("dialog finder")
        .node_ref(place)
        .attr("aria-labelledby", "finder-title")
        .on(ev::close, move |_| {
            app.choosing_customer.try_set(false);
        })
        .child((
            h2().id("finder-title").child(words.t("acting.title")),
            search(app),
            div().class("actions").child((close, all)),
        ))
        .into_any()
}

/// The line and the list beneath it.
fn search(app: App) -> AnyView {
    let words = app.words_now();
    // Ten thousand customers are made ready once, and again only when they have changed.
    let ready = StoredValue::new_local((Finder::new(&[]), Arc::<Records>::default()));
    let renewed = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let records = app.records.get();
        if ready.with_value(|(_, before)| before.customers != records.customers) {
            ready.set_value((Finder::new(&records.customers), records));
            renewed.update(|count| *count += 1);
        }
    });
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0);
    let found = Memo::new(move |_| {
        renewed.get();
        let text = text.get();
        ready.with_value(|(finder, records)| {
            let hits = finder.find(&text, usize::MAX);
            let count = hits.len();
            let own = text.trim().is_empty().then_some(None);
            let customers = hits.into_iter().take(LISTED);
            let customers = customers.map(|place| records.customers.get(place).cloned());
            (own.into_iter().chain(customers).collect(), count)
        })
    });
    let search = Search {
        app,
        words: words.clone(),
        found,
        at,
    };
    let (keys, list) = (search.clone(), search.clone());
    let line = input()
        .class("input")
        .id("finder-line")
        .attr("type", "text")
        .attr("role", "combobox")
        .attr("autocomplete", "off")
        .attr("autofocus", "")
        .attr("aria-expanded", "true")
        .attr("aria-autocomplete", "list")
        .attr("aria-controls", "finder-list")
        .attr("aria-describedby", "finder-count")
        .attr("aria-activedescendant", move || {
            (found.with(|(entries, _)| !entries.is_empty())).then(|| entry_id(at.get()))
        })
        .on(ev::input, move |event| {
            at.set(0);
            text.set(event_target_value(&event));
        })
        .on(ev::keydown, move |event: KeyboardEvent| keys.press(&event));
    let count = move || {
        let (shown, all) = found.with(|(entries, all)| {
            let shown = entries.iter().filter(|entry| entry.is_some()).count();
            (shown as u64, *all as u64)
        });
        if all > shown {
            let shown = crate::browser::clock::number(words.lang(), shown);
            let all = words.count("acting.found", all);
            words.with("acting.first_of", &[("n", &shown), ("all", &all)])
        } else {
            words.count("acting.found", all)
        }
    };
    let words = list.words.clone();
    (
        label()
            .class("label")
            .attr("for", "finder-line")
            .child(words.t("acting.search")),
        span().class("input-icon").child((icon("search"), line)),
        p().class("small muted")
            .id("finder-count")
            .attr("role", "status")
            .child(count),
        ul().class("finder-list")
            .id("finder-list")
            .attr("role", "listbox")
            .attr("aria-label", words.t("acting.customers"))
            .child(move || list.entries()),
    )
        .into_any()
}

fn entry_id(place: usize) -> String {
    format!("finder-{place}")
}

impl Search {
    fn press(&self, event: &KeyboardEvent) {
        let last = self
            .found
            .with_untracked(|(entries, _)| entries.len())
            .max(1)
            - 1;
        let at = self.at.get_untracked();
        let to = match event.key().as_str() {
            _ if event.is_composing() => return,
            "ArrowDown" => (at + 1).min(last),
            "ArrowUp" => at.saturating_sub(1),
            "PageDown" => (at + 8).min(last),
            "PageUp" => at.saturating_sub(8),
            "Enter" => {
                event.prevent_default();
                let entry = self
                    .found
                    .with_untracked(|(entries, _)| entries.get(at).cloned());
                return entry.into_iter().for_each(|entry| self.choose(entry));
            }
            _ => return,
        };
        event.prevent_default();
        self.at.set(to);
    }

    fn choose(&self, entry: Entry) {
        act_for::choose(self.app, entry.map(|one| one.id));
        self.app.choosing_customer.set(false);
    }

    fn entries(&self) -> Vec<AnyView> {
        let (entries, _) = self.found.get();
        let entries = entries.into_iter().enumerate();
        entries
            .map(|(place, entry)| self.entry(place, entry))
            .collect()
    }

    fn entry(&self, place: usize, entry: Entry) -> AnyView {
        let (at, chooser) = (self.at, self.clone());
        let element = NodeRef::<leptos::html::Li>::new();
        Effect::new(move |_| {
            if let (true, Some(element)) = (at.get() == place, element.get())
                && place > 0
            {
                let options = web_sys::ScrollIntoViewOptions::new();
                // Setting a property of a fresh object can't fail.
                let _ = js_sys::Reflect::set(&options, &"block".into(), &"nearest".into());
                element.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
        let content = match &entry {
            Some(customer) => customer_view(&self.words, customer),
            None => (
                span()
                    .class("finder-name")
                    .child(self.words.t("acting.own")),
                span()
                    .class("finder-meta")
                    .child(self.words.t("acting.own_help")),
            )
                .into_any(),
        };
        li().class("finder-entry")
            .id(entry_id(place))
            .node_ref(element)
            .attr("role", "option")
            .attr("aria-selected", move || {
                if at.get() == place { "true" } else { "false" }
            })
            .on(ev::click, move |_| chooser.choose(entry.clone()))
            .child(content)
            .into_any()
    }
}

fn customer_view(words: &Words, customer: &Customer) -> AnyView {
    let place = match customer.domain.as_str() {
        "" => fact(customer, "tenant"),
        domain => domain,
    };
    let mut parts = vec![place, customer.country.as_str()];
    parts.retain(|part| !part.is_empty());
    (
        span().class("finder-name").child(customer.name.clone()),
        span().class("finder-meta").child(parts.join(" · ")),
        access_tag(words, customer),
    )
        .into_any()
}

fn fact<'a>(customer: &'a Customer, name: &str) -> &'a str {
    let found = customer.facts.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value)
}

/// How far the partner may act for a customer (MPC-03, MPT-03); nothing where that is no question.
pub fn access_tag(words: &Words, customer: &Customer) -> Option<AnyView> {
    let (meaning, icon_name, key) = match fact(customer, "delegation") {
        "granted" => ("m-success", "circle-check", "access.granted"),
        "requested" => ("m-info", "hourglass", "access.requested"),
        "none" => ("m-warning", "lock", "access.none"),
        "withheld" => ("m-warning", "circle-slash", "access.withheld"),
        _ => return None,
    };
    Some(tag(meaning, icon_name, words.t(key)))
}

/// The search as it stands in the dialog.
pub fn examples(app: App) -> super::example::Examples {
    vec![(
        "Open",
        div().class("finder stack-s").child(search(app)).into_any(),
    )]
}
