//! Where one begins: what needs the person, what one can do, drafts, recent cases. The heading is
//! the news. On a first visit only the three things one can do are there.

use std::sync::Arc;

use crate::core::order::sort_by_key;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, div, h1, h2, header, li, p, section, span, ul};
use leptos::ev::MouseEvent;

use crate::browser::clock;
use crate::core::case::{Case, Entitlement};
use crate::core::entitlement::access;
use crate::core::policy::{FieldKind, Policy};
use crate::core::route::{CaseFilter, Route};
use crate::core::sync::{Operation, Progress};
use crate::ui::actions::new_draft;
use crate::ui::components::arriving::{as_of, skeleton};
use crate::ui::components::case_row::case_row;
use crate::ui::components::disagreement;
use crate::ui::components::draft_row::draft_row;
use crate::ui::components::entitlement::reason;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::operation::title;
use crate::ui::components::status::progress;
use crate::ui::state::{App, Words};

const DRAFTS: usize = 3;
const RECENT: usize = 5;

/// What there is to be shown.
#[derive(Clone, Default, PartialEq)]
struct News {
    arrived: bool,
    refused: Vec<Operation>,
    asked: Vec<Case>,
    recent: Vec<Case>,
    all_cases: usize,
    nothing_yet: bool,
}

/// The first page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let news = Memo::new(move |_| news(app));
    let (head_words, needs_words, list_words) = (words.clone(), words.clone(), words.clone());
    let first = Memo::new(move |_| news.with(|news| news.nothing_yet));
    let lists = move || {
        let words = &list_words;
        (!first.get()).then(|| (drafts(app, words), recent(app, words, news)))
    };
    div()
        .class("page page-wide")
        .child((
            header().class("page-head").child((
                h1().child(move || heading(&head_words, &news.get())),
                p().class("lede").child({
                    let words = words.clone();
                    move || {
                        words.t(if first.get() {
                            "home.first_lede"
                        } else {
                            "home.lede"
                        })
                    }
                }),
                as_of(app, &words),
            )),
            barred(app, &words),
            said_early(app, &words),
            move || needs(app, &needs_words, &news.get()),
            starts(app, &words),
            lists,
        ))
        .into_any()
}

fn news(app: App) -> News {
    let records = app.records.get();
    let outbox = app.outbox.get();
    let refused = |one: &&Operation| matches!(one.state, Progress::NeedsYou { .. });
    let mut recent: Vec<&Case> = records.cases.iter().collect();
    sort_by_key(&mut recent, |case| std::cmp::Reverse(case.updated_at));
    let all_cases = recent.len();
    let (asked, recent): (Vec<&Case>, Vec<&Case>) = recent
        .into_iter()
        .partition(|case| case.status == "waiting_customer");
    let nothing = records.cases.is_empty() && outbox.is_empty() && app.open_drafts().is_empty();
    News {
        arrived: records.arrived,
        refused: outbox.iter().filter(refused).cloned().collect(),
        asked: asked.into_iter().cloned().collect(),
        all_cases,
        recent: recent.into_iter().take(RECENT).cloned().collect(),
        nothing_yet: records.arrived && nothing,
    }
}

fn heading(words: &Words, news: &News) -> String {
    let count = news.refused.len() + news.asked.len();
    if news.nothing_yet {
        words.t("home.first")
    } else if count > 0 {
        words.count("home.needs", count as u64)
    } else if news.arrived {
        words.t("home.nothing")
    } else {
        words.t("home.arriving")
    }
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

fn needs(app: App, words: &Words, news: &News) -> Option<AnyView> {
    if news.refused.is_empty() && news.asked.is_empty() {
        return None;
    }
    let refused = news
        .refused
        .iter()
        .map(|operation| refused_row(app, words, operation));
    let asked = news
        .asked
        .iter()
        .map(|case| case_row(app, words, case, true));
    let rows: Vec<_> = refused.chain(asked).collect();
    let view = section()
        .class("section")
        .attr("aria-labelledby", "home-needs")
        .child((
            h2().class("vh")
                .id("home-needs")
                .child(words.t("state.needs_you")),
            ul().class("rows").child(rows),
        ));
    Some(view.into_any())
}

fn refused_row(app: App, words: &Words, operation: &Operation) -> AnyView {
    let name = title(words, operation);
    li().class("row row-needs")
        .child((
            span().class("row-lead").child(icon("circle-alert")),
            div().class("row-body").child((
                p().class("row-title")
                    .child(link(app, "row-link", Route::Pending, name)),
                p().class("row-meta")
                    .child(span().child(words.t("home.not_accepted"))),
            )),
            div().class("row-end").child(progress(
                words,
                Some(operation),
                app.online.get_untracked(),
            )),
        ))
        .into_any()
}

/// The three things one can do.
fn starts(app: App, words: &Words) -> AnyView {
    let articles = {
        let words = words.clone();
        move || {
            let count = app.index.with(|index| index.articles().len() as u64);
            if count > 0 {
                words.count("home.look_up_help", count)
            } else {
                words.t("home.look_up_plain")
            }
        }
    };
    let call = {
        let words = words.clone();
        move || {
            let policy = call_policy(app)?;
            let way = call_start(app, &words, &policy)?;
            Some(start("phone", way, words.t("home.call_help").into_any()))
        }
    };
    section()
        .class("section")
        .attr("aria-labelledby", "home-start")
        .child((
            h2().id("home-start").child(words.t("home.start")),
            div().class("starts").child((
                start(
                    "square-pen",
                    link(app, "", Route::NewCase, words.t("home.open")),
                    words.t("home.open_help").into_any(),
                ),
                call,
                start(
                    "book-open",
                    link(
                        app,
                        "",
                        Route::Knowledge(String::new()),
                        words.t("home.look_up"),
                    ),
                    articles.into_any(),
                ),
            )),
        ))
        .into_any()
}

/// Something one can do, with what it is for.
fn start(icon_name: &str, way: AnyView, text: AnyView) -> AnyView {
    div()
        .class("start")
        .child((icon(icon_name), way, p().class("small muted").child(text)))
        .into_any()
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

fn drafts(app: App, words: &Words) -> AnyView {
    let words = words.clone();
    (move || {
        let drafts = app.open_drafts();
        if drafts.is_empty() {
            return None;
        }
        let count = drafts.len() as u64;
        let rows: Vec<_> = drafts
            .iter()
            .take(DRAFTS)
            .map(|draft| draft_row(app, &words, draft))
            .collect();
        let all = link(
            app,
            "small",
            Route::Drafts,
            words.count("home.all_drafts", count),
        );
        Some(list(words.t("nav.drafts"), "home-drafts", all, rows))
    })
    .into_any()
}

fn recent(app: App, words: &Words, news: Memo<News>) -> AnyView {
    let words = words.clone();
    (move || {
        let news = news.get();
        if !news.arrived {
            let heading = h2().child(words.t("home.recent"));
            let view = section().class("section").child((heading, skeleton()));
            return Some(view.into_any());
        }
        if news.recent.is_empty() {
            return None;
        }
        let rows: Vec<_> = news
            .recent
            .iter()
            .map(|case| case_row(app, &words, case, false))
            .collect();
        let all = link(
            app,
            "small",
            Route::Cases(CaseFilter::default()),
            words.count("home.all_cases", news.all_cases as u64),
        );
        Some(list(words.t("home.recent"), "home-recent", all, rows))
    })
    .into_any()
}

fn list(heading: String, id: &'static str, all: AnyView, rows: Vec<AnyView>) -> AnyView {
    section()
        .class("section")
        .attr("aria-labelledby", id)
        .child((
            div()
                .class("section-head")
                .child((h2().id(id).child(heading), all)),
            ul().class("rows").child(rows),
        ))
        .into_any()
}
