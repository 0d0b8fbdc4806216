//! All cases of the account (CMS-17): latest change first, narrowed by type, status, contact and
//! words. What narrows is part of the address, so that a list can be kept and passed on.

use std::rc::Rc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    button, caption, col, colgroup, details, dialog, div, form, h1, h2, header, input, label,
    option, p, section, select, span, summary, table, tbody, td, th, thead, tr, ul,
};
use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use crate::browser::{clock, page as window};
use crate::core::case::{Case, filtered};
use crate::core::order::sort_by_key;
use crate::core::policy::Choice;
use crate::core::route::{CaseFilter, Route};
use crate::core::sync::{Operation, What};
use crate::ui::clocks::of_all;
use crate::ui::components::arriving::{as_of, skeleton};
use crate::ui::components::case_row::{changed, policy_in, vendor};
use crate::ui::components::clock_panel;
use crate::ui::components::comment_box::comment_box;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::operation;
use crate::ui::components::severity::severity;
use crate::ui::components::status::case_status;
use crate::ui::state::{App, Words};

/// How many rows are shown, and how many more at a time.
const ROWS: usize = 50;

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
    hits: Memo<Vec<Case>>,
    by_due: RwSignal<bool>,
    shown: RwSignal<usize>,
    commenting: RwSignal<Option<String>>,
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
    let dues = of_all(app);
    let hits = Memo::new(move |_| {
        let records = app.records.get();
        let filter = filter.get();
        let chosen = app.chosen_policies();
        let is_chosen = |case: &&Case| chosen.iter().any(|policy| policy.id == case.policy);
        let every = app.vendor.with(String::is_empty);
        let found = filtered(&records.cases, &filter).into_iter();
        let found = found.filter(|case| every || is_chosen(case));
        let mut found: Vec<Case> = found.cloned().collect();
        if by_due.get() {
            // Those with nothing due stay in the order of their latest change.
            dues.with(|dues| {
                sort_by_key(&mut found, |case| {
                    dues.get(&case.id).map_or(i64::MAX, |next| next.at)
                });
            });
        }
        found
    });
    let board = Board {
        app,
        filter,
        hits,
        by_due,
        shown: RwSignal::new(ROWS),
        commenting: RwSignal::new(None),
        body: NodeRef::new(),
        search: NodeRef::new(),
    };
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
            Shown::Arriving => skeleton(),
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
    let none_fit = Memo::new(move |_| board.hits.with(Vec::is_empty));
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
            more(board, words),
        ))
        .into_any()
}

impl Board {
    fn narrow(self, change: impl FnOnce(&mut CaseFilter)) {
        let mut filter = self.filter.get_untracked();
        change(&mut filter);
        self.shown.set(ROWS);
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
                let known = records.cases.iter();
                let known = known.filter(|case| !case.customer_name.is_empty());
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
        let mut seen: Vec<String> = Vec::new();
        all.retain(|(id, _)| {
            let new = !seen.contains(id);
            seen.push(id.clone());
            new
        });
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
            let found = clock::number(words.lang(), board.hits.with(Vec::len) as u64);
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
        let shown = move || {
            let most = board.shown.get();
            board
                .hits
                .with(|hits| hits.iter().take(most).cloned().collect())
        };
        keyed(shown, move |case| row(board, &words, case))
    };
    div()
        .class("table-wrap")
        .child(table().class("table").child((
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
        )))
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
    tr().child((
        td().class("col-due")
            .child(clock_panel::next_short(app, words, &case.id)),
        td().class("col-sev")
            .child(severity(policy, &case.severity, words.lang(), true)),
        td().class("col-no").child(case.number.clone()),
        th().attr("scope", "row")
            .class("col-subject")
            .attr("title", case.subject.clone())
            .child((subject, vendor_in(app, words, &case.policy))),
        td().class("col-customer")
            .attr("title", case.customer_name.clone())
            .child(case.customer_name.clone()),
        td().class("col-status")
            .child(case_status(policy, &case.status, words.lang())),
        td().class("col-changed").child(changed(words, case)),
        td().class("col-comment")
            .child(span().class("row-end").child(comment)),
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

fn more(board: Board, words: &Words) -> AnyView {
    let words = words.clone();
    let rest = Memo::new(move |_| {
        let all = board.hits.with(Vec::len);
        all.saturating_sub(board.shown.get())
    });
    let go_on = move |_| {
        let first_new = board.shown.get_untracked();
        board.shown.update(|shown| *shown += ROWS);
        // The button may be gone now: the focus goes on with the first new case.
        request_animation_frame(move || {
            let selector = format!("tr:nth-child({}) .cell-link", first_new + 1);
            let found = board
                .body
                .get_untracked()
                .and_then(|body| body.query_selector(&selector).ok().flatten())
                .and_then(|one| one.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(found) = found {
                // A link can take the focus.
                let _ = found.focus();
            }
        });
    };
    (move || {
        let rest = rest.get();
        (rest > 0).then(|| {
            let next = rest.min(ROWS) as u64;
            div().class("more").child(
                button()
                    .class("btn")
                    .attr("type", "button")
                    .on(ev::click, go_on)
                    .child(words.count("cases.more", next)),
            )
        })
    })
    .into_any()
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
