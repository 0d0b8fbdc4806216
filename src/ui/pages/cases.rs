//! All cases of the account (CMS-17): latest change first, narrowed by type, status, contact and
//! words. What narrows is part of the address, so that a list can be kept and passed on.
//!
//! There may be a hundred thousand: of a long list only the rows in view are in the page, cases are
//! looked through in slices, and their order is made once for each way to sort them.

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    button, caption, col, colgroup, details, dialog, div, form, h1, h2, header, input, label,
    option, p, section, select, span, summary, table, tbody, td, th, thead, tr, ul,
};
use js_sys::{Function, Reflect};
use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use crate::browser::{clock, page as window};
use crate::core::case::{Case, Sieve, in_order};
use crate::core::order::sort_by_key;
use crate::core::policy::Choice;
use crate::core::route::{CaseFilter, Route};
use crate::core::sync::{Operation, What};
use crate::ui::clocks::{at_once, of_all};
use crate::ui::components::arriving::{as_of, skeleton};
use crate::ui::components::case_row::{changed, policy_in, vendor};
use crate::ui::components::clock_panel;
use crate::ui::components::comment_box::comment_box;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::operation;
use crate::ui::components::severity::severity;
use crate::ui::components::status::{case_status, unsent};
use crate::ui::components::trouble;
use crate::ui::state::{App, Records, Words};

/// How many cases are laid out whole; of more only those that are in view, and one beside them.
const WHOLE: usize = 50;
/// How many rows are laid out beyond what is in view, on either side, so that the keyboard gets there.
const BESIDE: usize = 1;
/// How high a row is before one has been laid out, in pixels.
const HEIGHT: f64 = 36.0;
/// How long cases are looked through at once, in milliseconds: a key that is pressed must not wait.
const SLICE: i64 = 10;

/// Where the chosen order is kept.
const SORT: &str = "cases.sort";

/// What narrows the list, each with its words' key.
const FACETS: [&str; 4] = ["type", "status", "contact", "customer"];

#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Arriving,
    Nothing,
    List,
}

/// The handles of the page.
#[derive(Clone, Copy)]
struct Board {
    app: App,
    filter: Memo<CaseFilter>,
    hits: RwSignal<Hits>,
    by_due: RwSignal<bool>,
    /// The rows that are laid out: from which, how many, and how high one is.
    part: RwSignal<Part>,
    commenting: RwSignal<Option<String>>,
    wrap: NodeRef<leptos::html::Div>,
    body: NodeRef<leptos::html::Tbody>,
    search: NodeRef<leptos::html::Input>,
}

/// The page of all cases.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let filter = Memo::new(move |_| {
        app.route.with(|route| match route {
            Route::Cases(filter) => filter.clone(),
            _ => CaseFilter::default(),
        })
    });
    let by_due = RwSignal::new(window::preference(SORT).as_deref() != Some("changed"));
    let board = Board {
        app,
        filter,
        hits: RwSignal::new(Hits::default()),
        by_due,
        part: RwSignal::new(Part::FIRST),
        commenting: RwSignal::new(None),
        wrap: NodeRef::new(),
        body: NodeRef::new(),
        search: NodeRef::new(),
    };
    find(board);
    watch_scrolling(board);
    let state = Memo::new(move |_| {
        app.records.with(
            |records| match (records.arrived, records.cases.is_empty()) {
                (_, false) => Shown::List,
                (true, true) => Shown::Nothing,
                (false, true) => Shown::Arriving,
            },
        )
    });
    let content = {
        let words = words.clone();
        move || match state.get() {
            Shown::Arriving => skeleton(app),
            Shown::Nothing => nothing(app, &words),
            Shown::List => list(board, &words),
        }
    };
    div()
        .class("page page-wide")
        .child((
            header().class("page-head").child((
                div().class("page-title").child((
                    h1().child(words.t("nav.cases")),
                    link(
                        app,
                        "btn",
                        Route::NewCase,
                        (icon("plus"), words.t("nav.new")),
                    ),
                    customers(app, &words),
                )),
                as_of(app, &words),
                trouble::line(app, &words),
            )),
            waiting(app, &words),
            content,
            comment_dialog(board, &words),
        ))
        .into_any()
}

/// The way to the customers, where the rail has no room for it.
fn customers(app: App, words: &Words) -> AnyView {
    let words = words.clone();
    let any = Memo::new(move |_| app.records.with(|records| !records.customers.is_empty()));
    let shown = move || {
        any.get().then(|| {
            let content = (icon("users"), words.t("nav.customers"));
            let route = Route::Customers(String::new());
            link(app, "btn btn-quiet narrow-only", route, content)
        })
    };
    shown.into_any()
}

fn nothing(app: App, words: &Words) -> AnyView {
    div()
        .class("empty")
        .child((
            icon("inbox"),
            h2().child(words.t("cases.none")),
            p().class("muted").child(words.t("cases.none_help")),
            link(
                app,
                "btn btn-primary",
                Route::NewCase,
                (icon("plus"), words.t("nav.new")),
            ),
        ))
        .into_any()
}

/// Cases that are still on this device.
fn waiting(app: App, words: &Words) -> impl IntoView + use<> {
    let words = words.clone();
    move || {
        let outbox = app.outbox.get();
        let is_case =
            |one: &&Operation| matches!(one.what, What::CreateCase { .. }) && !one.is_done();
        let rows: Vec<_> = outbox
            .iter()
            .filter(is_case)
            .map(|one| operation::row(app, &words, one))
            .collect();
        (!rows.is_empty()).then(|| {
            section()
                .class("section")
                .attr("aria-labelledby", "cases-waiting")
                .child((
                    h2().id("cases-waiting").child(words.t("cases.waiting")),
                    ul().class("rows").child(rows),
                ))
        })
    }
}

fn list(board: Board, words: &Words) -> AnyView {
    let none_fit = Memo::new(move |_| board.hits.with(|hits| hits.done && hits.places.is_empty()));
    let found = {
        let words = words.clone();
        move || {
            if none_fit.get() {
                return div()
                    .class("empty")
                    .child((
                        icon("search"),
                        h2().child(words.t("cases.no_match")),
                        p().class("muted").child(words.t("cases.no_match_help")),
                        clear_button(board, &words, "btn"),
                    ))
                    .into_any();
            }
            cases_table(board, &words)
        }
    };
    div()
        .class("stack")
        .child((
            toolbar(board, words),
            // In a box of its own, so that it doesn't stay in view over the table.
            div().child(facets(board, words)),
            count(board, words),
            found,
        ))
        .into_any()
}

impl Board {
    fn narrow(self, change: impl FnOnce(&mut CaseFilter)) {
        let mut filter = self.filter.get_untracked();
        change(&mut filter);
        self.app.replace(Route::Cases(filter));
    }

    /// Puts the focus on the search, as when the button it was on is gone.
    fn focus_search(self) {
        if let Some(field) = self.search.get_untracked() {
            // A field that stands in the page can take the focus.
            let _ = field.focus();
        }
    }

    fn set(self, facet: &str, value: String) {
        self.narrow(|filter| match facet {
            "type" => filter.kind = value,
            "status" => filter.status = value,
            "contact" => filter.contact = value,
            "customer" => filter.customer = value,
            _ => filter.text = value,
        });
    }

    fn value(self, facet: &str) -> String {
        self.filter.with(|filter| match facet {
            "type" => filter.kind.clone(),
            "status" => filter.status.clone(),
            "contact" => filter.contact.clone(),
            "customer" => filter.customer.clone(),
            _ => filter.text.clone(),
        })
    }

    /// What can be chosen for a facet: ids with their names.
    fn choices(self, facet: &str, lang: &str) -> Vec<(String, String)> {
        // Words of vendors the account has nothing to do with would only be in the way.
        let policies = self.app.own_policies();
        let named = |choices: &[Choice]| -> Vec<(String, String)> {
            choices
                .iter()
                .map(|one| (one.id.clone(), one.name.get(lang).to_string()))
                .collect()
        };
        let mut all: Vec<(String, String)> = match facet {
            "contact" => {
                let records = self.app.records.get();
                let mut contacts = records.contacts.iter();
                contacts
                    .by_ref()
                    .map(|one| (one.id.clone(), one.name.clone()))
                    .collect()
            }
            // Ten thousand to choose from would be none: only those that have a case.
            "customer" => {
                let records = self.app.records.get();
                let mut seen: HashSet<&str> = HashSet::new();
                let known = records.cases.iter();
                let known = known.filter(|case| !case.customer_name.is_empty());
                let known = known.filter(|case| seen.insert(case.customer_key()));
                let known =
                    known.map(|case| (case.customer_key().into(), case.customer_name.clone()));
                let mut known: Vec<(String, String)> = known.collect();
                sort_by_key(&mut known, |(_, name)| name.clone());
                known
            }
            "type" => policies
                .iter()
                .filter_map(|policy| policy.field("type"))
                .flat_map(|field| named(&field.options))
                .collect(),
            _ => policies
                .iter()
                .flat_map(|policy| named(&policy.statuses))
                .collect(),
        };
        let mut seen: HashSet<String> = HashSet::new();
        all.retain(|(id, _)| seen.insert(id.clone()));
        all
    }

    fn name(self, facet: &str, id: &str, lang: &str) -> String {
        self.choices(facet, lang)
            .into_iter()
            .find(|(known, _)| known == id)
            .map_or_else(|| id.to_string(), |(_, name)| name)
    }

    fn active(self) -> usize {
        let of_facets = FACETS
            .into_iter()
            .filter(|facet| !self.value(facet).is_empty());
        of_facets.count()
    }
}

fn facets(board: Board, words: &Words) -> AnyView {
    let fields: Vec<_> = FACETS
        .into_iter()
        .map(|facet| facet_field(board, words, facet))
        .collect();
    let summary_words = words.clone();
    details()
        .class("facets")
        .child((
            summary()
                .class("btn btn-s")
                .child((icon("list-filter"), move || match board.active() as u64 {
                    0 => summary_words.t("cases.filter_none"),
                    active => {
                        let count = clock::number(summary_words.lang(), active);
                        summary_words.with("cases.filter", &[("n", &count)])
                    }
                })),
            form()
                .class("choices-row")
                .attr("aria-label", words.t("cases.filters"))
                .on(ev::submit, |event| event.prevent_default())
                .child(fields),
        ))
        .into_any()
}

fn facet_field(board: Board, words: &Words, facet: &'static str) -> AnyView {
    let id = format!("cases-{facet}");
    let lang = words.lang().to_string();
    let choices = Memo::new(move |_| board.choices(facet, &lang));
    let any = words.t("cases.any");
    let options = move || {
        let mut all = vec![(String::new(), any.clone())];
        all.extend(choices.get());
        all.into_iter()
            .map(|(id, name)| {
                let own = id.clone();
                option()
                    .attr("value", id)
                    .prop("selected", move || board.value(facet) == own)
                    .child(name)
            })
            .collect::<Vec<_>>()
    };
    div()
        .class("field")
        .child((
            label()
                .class("small muted")
                .attr("for", id.clone())
                .child(words.t(&format!("cases.{facet}"))),
            span().class("select-box").child(
                select()
                    .class("select")
                    .id(id)
                    .on(ev::change, move |event| {
                        board.set(facet, event_target_value(&event));
                    })
                    .child(options),
            ),
        ))
        .into_any()
}

/// The search and what narrows the list at present, to be removed one by one.
fn toolbar(board: Board, words: &Words) -> AnyView {
    let field = board.search;
    Effect::new(move |_| {
        let text = board.value("text");
        if let Some(field) = field.get()
            && field.value() != text
        {
            field.set_value(&text);
        }
    });
    focus_on_slash(board);
    let chips = {
        let words = words.clone();
        move || chips(board, &words)
    };
    div()
        .class("toolbar")
        .child((
            span().class("input-icon").child((
                icon("search"),
                input()
                    .class("input")
                    .node_ref(field)
                    .attr("type", "search")
                    .attr("aria-label", words.t("cases.search"))
                    .attr("aria-keyshortcuts", "/")
                    .attr("placeholder", words.t("cases.search_help"))
                    .attr("autocomplete", "off")
                    .on(ev::input, move |event| {
                        board.set("text", event_target_value(&event));
                    }),
            )),
            order(board, words),
            chips,
        ))
        .into_any()
}

/// What the list is sorted by; the choice is kept.
fn order(board: Board, words: &Words) -> AnyView {
    let entry = |id: &'static str, key: &str, chosen: bool| {
        option()
            .attr("value", id)
            .prop("selected", chosen)
            .child(words.t(key))
    };
    let by_due = board.by_due.get_untracked();
    span()
        .class("select-box sort-box")
        .child(
            select()
                .class("select")
                .attr("aria-label", words.t("cases.sort"))
                .on(ev::change, move |event| {
                    let chosen = event_target_value(&event);
                    window::set_preference(SORT, &chosen);
                    board.by_due.set(chosen == "due");
                })
                .child((
                    entry("due", "cases.sort_due", by_due),
                    entry("changed", "cases.sort_changed", !by_due),
                )),
        )
        .into_any()
}

/// "/" goes to the search, unless it is being typed somewhere.
fn focus_on_slash(board: Board) {
    let Some(target) = web_sys::window() else {
        return;
    };
    let listener = window::listen(&target, "keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        let modified = key.ctrl_key() || key.meta_key() || key.alt_key() || key.is_composing();
        if key.key() != "/" || modified || is_typing(&event) {
            return;
        }
        event.prevent_default();
        board.focus_search();
    });
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || listener.dispose());
}

/// Whether an event comes from where one types, be it inside a shadow root.
fn is_typing(event: &web_sys::Event) -> bool {
    let origin = event.composed_path().get(0);
    origin.dyn_ref::<web_sys::HtmlElement>().is_some_and(|one| {
        let is_field = ["INPUT", "TEXTAREA", "SELECT"].contains(&one.tag_name().as_str());
        is_field || one.is_content_editable()
    })
}

fn chips(board: Board, words: &Words) -> Option<AnyView> {
    let mut all: Vec<(&'static str, String)> = FACETS
        .into_iter()
        .filter_map(|facet| {
            let value = board.value(facet);
            (!value.is_empty()).then(|| (facet, board.name(facet, &value, words.lang())))
        })
        .collect();
    let text = board.value("text");
    if !text.trim().is_empty() {
        all.push(("text", text));
    }
    if all.is_empty() {
        return None;
    }
    let chips: Vec<_> = all
        .into_iter()
        .map(|(facet, value)| {
            let name = words.t(&format!("cases.{facet}"));
            let text = words.with("cases.chip", &[("name", &name), ("value", &value)]);
            let remove = words.with("cases.chip_remove", &[("filter", &text)]);
            span().class("chip").child((
                text,
                button()
                    .attr("type", "button")
                    .attr("aria-label", remove)
                    .on(ev::click, move |_| {
                        board.set(facet, String::new());
                        board.focus_search();
                    })
                    .child(icon("x")),
            ))
        })
        .collect();
    let view = div()
        .class("chips")
        .child((chips, clear_button(board, words, "link-btn small")));
    Some(view.into_any())
}

fn clear_button(board: Board, words: &Words, class: &'static str) -> AnyView {
    button()
        .class(class)
        .attr("type", "button")
        .on(ev::click, move |_| {
            board.narrow(|filter| *filter = CaseFilter::default());
            board.focus_search();
        })
        .child(words.t("cases.clear"))
        .into_any()
}

fn count(board: Board, words: &Words) -> AnyView {
    let words = words.clone();
    let all = Memo::new(move |_| board.app.records.with(|records| records.cases.len() as u64));
    p().class("small muted")
        .attr("role", "status")
        .child(move || {
            let all = clock::number(words.lang(), all.get());
            let found = clock::number(
                words.lang(),
                board.hits.with(|hits| hits.places.len()) as u64,
            );
            words.with("cases.count", &[("n", &found), ("all", &all)])
        })
        .into_any()
}

fn cases_table(board: Board, words: &Words) -> AnyView {
    let heading =
        |class: &'static str, key: &str| th().attr("scope", "col").class(class).child(words.t(key));
    let hidden = |class: &'static str, key: &str| {
        th().attr("scope", "col")
            .class(class)
            .child(span().class("vh").child(words.t(key)))
    };
    // A row stays as long as its case does not change, and with it the focus that is on it.
    let rows = {
        let words = words.clone();
        let shown = Memo::new(move |_| {
            let part = board.part.get();
            board
                .hits
                .with(|hits| hits.cases(part.within(hits.places.len())))
        });
        keyed(move || shown.get(), move |case| row(board, &words, case))
    };
    let count = Memo::new(move |_| board.hits.with(|hits| hits.places.len()));
    Effect::new(move |_| {
        let part = board.part.get();
        if let Some(wrap) = board.wrap.get() {
            make_room(&wrap, part, count.get());
        }
    });
    Effect::new(move |_| {
        // What is in view is another part of another list.
        count.get();
        request_animation_frame(move || look(board));
    });
    div()
        .class("table-wrap")
        .node_ref(board.wrap)
        .child(
            table()
                .class("table")
                .attr("aria-rowcount", move || Some((count.get() + 1).to_string()))
                .child((
                    caption().class("vh").child(words.t("cases.caption")),
                    colgroup().child((
                        col().class("c-due"),
                        col().class("c-sev"),
                        col().class("c-no"),
                        col(),
                        col().class("c-customer"),
                        col().class("c-status"),
                        col().class("c-changed"),
                        col().class("c-comment"),
                    )),
                    thead().child(tr().child((
                        heading("col-due", "cases.due").attr("aria-sort", move || {
                            board.by_due.get().then_some("ascending")
                        }),
                        hidden("col-sev", "cases.severity"),
                        heading("col-no", "cases.number"),
                        heading("col-subject", "cases.subject"),
                        heading("col-customer", "cases.customer"),
                        heading("col-status", "cases.status"),
                        heading("col-changed", "cases.changed").attr("aria-sort", move || {
                            (!board.by_due.get()).then_some("descending")
                        }),
                        hidden("col-comment", "case.comment"),
                    ))),
                    tbody().node_ref(board.body).child(rows),
                )),
        )
        .into_any()
}

fn row(board: Board, words: &Words, case: &Case) -> AnyView {
    let app = board.app;
    let deployment = app.deployment();
    let policy = policy_in(&deployment, &case.policy);
    let id = case.id.clone();
    let comment = button()
        .class("copy")
        .attr("type", "button")
        .on(ev::click, move |_| board.commenting.set(Some(id.clone())))
        .child((
            icon("message-square"),
            words.t("cases.comment"),
            span().class("vh").child(format!(" {}", case.number)),
        ));
    let subject = link(
        app,
        "cell-link",
        Route::Case(case.id.clone()),
        case.subject.clone(),
    );
    let place = {
        let id = case.id.clone();
        move || {
            let part = board.part.get();
            board.hits.with(|hits| {
                let range = part.within(hits.places.len());
                let places = hits.places.get(range.clone())?.iter();
                let mut cases = places.map(|place| hits.records.cases.get(*place));
                let place = cases.position(|case| case.is_some_and(|case| case.id == id))?;
                // The first row is the heading's.
                Some((range.start + place + 2).to_string())
            })
        }
    };
    tr().attr("aria-rowindex", place)
        .child((
            td().class("col-due")
                .child(clock_panel::next_short(app, words, &case.id)),
            td().class("col-sev")
                .child(severity(policy, &case.severity, words.lang(), true)),
            td().class("col-no").child(case.number.clone()),
            th().attr("scope", "row")
                .class("col-subject")
                .attr("title", case.subject.clone())
                .child((
                    unsent(app, words, &case.id),
                    subject,
                    vendor_in(app, words, &case.policy),
                )),
            td().class("col-customer")
                .attr("title", case.customer_name.clone())
                .child(case.customer_name.clone()),
            td().class("col-status")
                .child(case_status(policy, &case.status, words.lang())),
            td().class("col-changed").child(changed(words, case)),
            td().class("col-comment").child(comment),
        ))
        .into_any()
}

/// The vendor of a case, where the account has several.
fn vendor_in(app: App, words: &Words, policy: &str) -> Option<AnyView> {
    let name = vendor(app, words, policy)?;
    Some(
        span()
            .class("small muted cell-vendor")
            .child(name)
            .into_any(),
    )
}

/// The cases that fit, by their places among the records, in the order in which they are listed.
#[derive(Clone, Default)]
struct Hits {
    records: Arc<Records>,
    places: Arc<Vec<usize>>,
    /// Whether all have been looked at.
    done: bool,
}

impl Hits {
    fn cases(&self, range: std::ops::Range<usize>) -> Vec<Case> {
        let places = self.places.get(range).unwrap_or_default().iter();
        let cases = places.filter_map(|place| self.records.cases.get(*place));
        cases.cloned().collect()
    }
}

/// The order of all cases, made anew only when the cases, what is due or the choice has changed.
type Order = Arc<Vec<usize>>;

/// What was looked for last, and found.
#[derive(Default)]
struct Last {
    number: u32,
    records: Arc<Records>,
    order: Order,
    filter: CaseFilter,
    vendors: Vec<String>,
    found: Option<Arc<Vec<usize>>>,
}

/// Keeps the hits in step with the filter. Cases are looked through in slices; where the text only
/// grew longer, what was found before is looked through instead of all.
fn find(board: Board) {
    let app = board.app;
    let dues = of_all(app);
    let order = Memo::new(move |_| {
        let records = app.records.get();
        let by_due = board.by_due.get();
        // Those with nothing due stay in the order of their latest change.
        let places = dues.with(|dues| {
            in_order(&records.cases, |case| match by_due {
                true => dues.get(&case.id).map_or(i64::MAX, |next| next.at),
                false => 0,
            })
        });
        Arc::new(places)
    });
    let last = StoredValue::new_local(Last::default());
    Effect::new(move |_| {
        let (order, filter) = (order.get(), board.filter.get());
        let vendors: Vec<String> = match app.vendor.with(String::is_empty) {
            true => Vec::new(),
            false => {
                let chosen = app.chosen_policies();
                chosen.iter().map(|policy| policy.id.clone()).collect()
            }
        };
        let records = app.records.get();
        let (number, among) = last.with_value(|last| {
            let same = Arc::ptr_eq(&last.records, &records)
                && Arc::ptr_eq(&last.order, &order)
                && last.vendors == vendors;
            let found = last
                .found
                .clone()
                .filter(|_| same && filter.narrows(&last.filter));
            (last.number + 1, found)
        });
        let among = among.unwrap_or_else(|| order.clone());
        last.set_value(Last {
            number,
            records: records.clone(),
            order,
            filter: filter.clone(),
            vendors: vendors.clone(),
            found: None,
        });
        let is_last = move || last.try_with_value(|last| last.number == number) == Some(true);
        at_once(async move {
            let fits = |case: &Case| vendors.is_empty() || vendors.contains(&case.policy);
            let sieve = Sieve::new(&filter);
            let mut found = Vec::new();
            let mut began = clock::steady();
            for (count, place) in among.iter().enumerate() {
                if count % 64 == 63 && clock::steady() - began >= SLICE {
                    window::within(0, std::future::pending::<()>()).await;
                    if !is_last() {
                        return;
                    }
                    began = clock::steady();
                }
                let case = records.cases.get(*place);
                if case.is_some_and(|case| fits(case) && sieve.lets_through(case)) {
                    found.push(*place);
                }
            }
            let places = Arc::new(found);
            last.update_value(|last| last.found = Some(places.clone()));
            board.hits.set(Hits {
                records,
                places,
                done: true,
            });
        });
    });
}

/// The rows that are laid out of a long list.
#[derive(Clone, Copy, PartialEq)]
struct Part {
    from: usize,
    count: usize,
    height: f64,
}

impl Part {
    /// What is laid out before anything was measured.
    const FIRST: Part = Part {
        from: 0,
        count: 16,
        height: HEIGHT,
    };

    /// The places in a list of so many.
    fn within(self, all: usize) -> std::ops::Range<usize> {
        if all <= WHOLE {
            return 0..all;
        }
        let from = self.from.min(all.saturating_sub(self.count));
        from..all.min(from + self.count)
    }
}

/// Follows the scrolling of the page, be it the window's or that of something around the list.
fn watch_scrolling(board: Board) {
    let Some(target) = web_sys::window() else {
        return;
    };
    let pending = StoredValue::new(false);
    let soon = move || {
        // Once a frame is as often as anything can be seen.
        if pending.try_with_value(|pending| *pending) == Some(false) {
            pending.set_value(true);
            request_animation_frame(move || {
                if pending
                    .try_update_value(|pending| *pending = false)
                    .is_some()
                {
                    look(board);
                }
            });
        }
    };
    let listeners = StoredValue::new_local(Vec::new());
    Effect::new(move |_| {
        let of_window = |event| window::listen(&target, event, move |_| soon());
        let mut all = Vec::from(["scroll", "resize"].map(of_window));
        let portal = board.wrap.get();
        let portal = portal.and_then(|wrap| wrap.closest(".portal").ok()?);
        all.extend(portal.map(|portal| window::listen(&portal, "scroll", move |_| soon())));
        listeners.set_value(all);
    });
    on_cleanup(move || listeners.dispose());
}

/// Finds out which rows are in view, and has those laid out.
fn look(board: Board) {
    let Some(all) = board.hits.try_with_untracked(|hits| hits.places.len()) else {
        return;
    };
    let (Some(wrap), Some(body)) = (board.wrap.get_untracked(), board.body.get_untracked()) else {
        return;
    };
    let view = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64());
    let (Some(view), true) = (view, all > WHOLE) else {
        return;
    };
    let before = board.part.get_untracked();
    let rows = body.child_element_count();
    let measured = measure(&body, "height") / f64::from(rows.max(1));
    let height = if measured >= 1.0 {
        measured
    } else {
        before.height
    };
    let room = before.within(all).start as f64 * before.height;
    let head = measure(&body, "top") - measure(&wrap, "top") - room;
    let above = -(measure(&wrap, "top") + head.max(0.0));
    let first = ((above / height).floor().max(0.0) as usize).saturating_sub(BESIDE);
    let until = ((above + view) / height).ceil().max(0.0) as usize + BESIDE;
    let part = Part {
        from: first.min(all),
        count: until.saturating_sub(first).max(1),
        height,
    };
    if part != before {
        board.part.set(part);
    }
}

/// A measure of the box in which an element stands, in pixels.
fn measure(of: &web_sys::Element, side: &str) -> f64 {
    let find = Reflect::get(of, &"getBoundingClientRect".into());
    let find = find.ok().and_then(|find| find.dyn_into::<Function>().ok());
    let found = find.and_then(|find| find.call0(of).ok());
    let side = found.and_then(|found| Reflect::get(&found, &side.into()).ok());
    side.and_then(|side| side.as_f64()).unwrap_or(0.0)
}

/// Leaves as much room above and below the rows as those take that are not laid out, so that the
/// page scrolls as if all were.
fn make_room(wrap: &web_sys::Element, part: Part, all: usize) {
    let range = part.within(all);
    let above = range.start as f64 * part.height;
    let below = (all - range.end) as f64 * part.height;
    let table = wrap.first_element_child();
    let style = table.and_then(|table| Reflect::get(&table, &"style".into()).ok());
    if let Some(style) = style {
        for (side, room) in [("marginBlockStart", above), ("marginBlockEnd", below)] {
            // A style that stands in the page takes any length.
            let _ = Reflect::set(&style, &side.into(), &format!("{room}px").into());
        }
    }
}

/// A comment straight from the list, in the same box as on the case's page.
fn comment_dialog(board: Board, words: &Words) -> AnyView {
    let app = board.app;
    let place = NodeRef::<leptos::html::Dialog>::new();
    let close = move || {
        if let Some(dialog) = place.get_untracked() {
            dialog.close();
        }
    };
    Effect::new(move |_| {
        if board.commenting.with(Option::is_some)
            && let Some(dialog) = place.get()
            && !dialog.open()
        {
            // It stands in the page and is closed, so it can be opened.
            let _ = dialog.show_modal();
        }
    });
    let sent: Rc<dyn Fn()> = Rc::new(close);
    let words = words.clone();
    let content = move || {
        let id = board.commenting.get()?;
        let case = app
            .records
            .with_untracked(|records| records.cases.iter().find(|one| one.id == id).cloned())?;
        let title = words.with("cases.comment_on", &[("number", &case.number)]);
        let view = (
            h2().id("comment-title").child(title),
            p().class("muted").child(case.subject.clone()),
            comment_box(app, &case, sent.clone()),
            div().class("actions").child(
                button()
                    .class("btn btn-quiet")
                    .attr("type", "button")
                    .on(ev::click, move |_| close())
                    .child(words.t("cases.comment_close")),
            ),
        );
        Some(view.into_any())
    };
    dialog()
        .class("dialog")
        .node_ref(place)
        .attr("aria-labelledby", "comment-title")
        .on(ev::close, move |_| board.commenting.set(None))
        .child(content)
        .into_any()
}
