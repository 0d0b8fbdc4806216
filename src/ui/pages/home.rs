//! Where one begins: what needs the person, what one can do, drafts, recent cases. The heading is
//! the news. On a first visit only the three things one can do are there.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, h1, h2, header, li, p, section, span, ul};

use crate::core::case::Case;
use crate::core::route::{CaseFilter, Route};
use crate::core::sync::{Operation, Progress};
use crate::ui::components::arriving::{as_of, skeleton};
use crate::ui::components::case_row::case_row;
use crate::ui::components::draft_row::draft_row;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::operation::title;
use crate::ui::components::status::tag;
use crate::ui::state::{App, Words};

use super::later::{self, View};

const DRAFTS: usize = 3;
const RECENT: usize = 5;
/// How many of the cases that wait for the person are shown; the list has the others.
const ASKED: usize = 20;

/// What there is to be shown.
#[derive(Clone, Default, PartialEq)]
struct News {
    arrived: bool,
    refused: Vec<Operation>,
    asked: Vec<Case>,
    all_asked: usize,
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
            later::missing(app),
            later::beside(app, View::HomeSaid),
            move || needs(app, &needs_words, &news.get()),
            later::beside(app, View::HomeDue),
            starts(app, &words),
            lists,
        ))
        .into_any()
}

fn news(app: App) -> News {
    let records = app.records.get();
    let outbox = app.outbox.get();
    let refused = |one: &&Operation| matches!(one.state, Progress::NeedsYou { .. });
    let (mut asked, mut recent) = (Vec::new(), Vec::new());
    let mut all_asked = 0;
    for case in records.cases.iter() {
        if case.status == ASKS {
            all_asked += 1;
            keep_latest(&mut asked, case, ASKED);
        } else {
            keep_latest(&mut recent, case, RECENT);
        }
    }
    let nothing = records.cases.is_empty() && outbox.is_empty() && app.open_drafts().is_empty();
    News {
        arrived: records.arrived,
        refused: outbox.iter().filter(refused).cloned().collect(),
        asked: asked.into_iter().cloned().collect(),
        all_asked,
        all_cases: records.cases.len(),
        recent: recent.into_iter().cloned().collect(),
        nothing_yet: records.arrived && nothing,
    }
}

/// The status of a case that waits for the person.
const ASKS: &str = "waiting_customer";

/// Puts a case among the latest `most`, unless it is older than all of them; those of one time keep
/// the order in which they come.
fn keep_latest<'a>(latest: &mut Vec<&'a Case>, case: &'a Case, most: usize) {
    let later = |one: &&Case| one.updated_at >= case.updated_at;
    let place = latest.iter().rposition(later).map_or(0, |last| last + 1);
    if place < most {
        latest.truncate(most - 1);
        latest.insert(place, case);
    }
}

fn heading(words: &Words, news: &News) -> String {
    let count = news.refused.len() + news.all_asked;
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
    let rest = (news.all_asked > news.asked.len()).then(|| {
        let status = CaseFilter {
            status: ASKS.into(),
            ..CaseFilter::default()
        };
        let text = words.count("home.all_cases", news.all_asked as u64);
        link(app, "small", Route::Cases(status), text)
    });
    let view = section()
        .class("section")
        .attr("aria-labelledby", "home-needs")
        .child((
            h2().class("vh")
                .id("home-needs")
                .child(words.t("state.needs_you")),
            ul().class("rows").child(rows),
            rest,
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
            div().class("row-end").child(tag(
                "m-danger",
                "circle-alert",
                words.t("state.needs_you"),
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
                later::beside(app, View::HomeCall),
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
pub(super) fn start(icon_name: &str, way: AnyView, text: AnyView) -> AnyView {
    div()
        .class("start")
        .child((icon(icon_name), way, p().class("small muted").child(text)))
        .into_any()
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
            let view = section().class("section").child((heading, skeleton(app)));
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
