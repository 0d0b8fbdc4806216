//! The articles on this device, searched while one types; with nothing typed, all of them, those in
//! the reader's language first. The words searched for are part of the address.

use crate::core::order::sort_by_key;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, h1, h2, header, input, p, span, ul};
use leptos::ev;
use leptos::html::Input;

use crate::browser::clock;
use crate::core::knowledge::{Hit, Index};
use crate::core::route::Route;
use crate::ui::components::article::suggestion;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::state::{App, Words};

/// How many are shown at first, and how many more each time.
const PART: usize = 30;

/// The page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let shown = RwSignal::new(PART);
    let query = Memo::new(move |_| app.route.with(query_of));
    let lede = {
        let words = words.clone();
        move || words.count("knowledge.lede", app.index.get().articles().len() as u64)
    };
    div()
        .class("page")
        .child((
            header().class("page-head").child((
                h1().child(words.t("knowledge.title")),
                p().class("lede").child(lede),
            )),
            search(app, &words, query, shown),
            results(app, words.clone(), query, shown),
            for_authors(app, &words),
        ))
        .into_any()
}

/// The way of those who write the rules of support, who look here for what is known of them.
fn for_authors(app: App, words: &Words) -> AnyView {
    let check = link(app, "", Route::Policy, words.t("policy.title"));
    let backend = link(app, "", Route::Backend, words.t("backend.title"));
    p().class("small muted")
        .child((words.t("knowledge.authors"), " ", check, " · ", backend))
        .into_any()
}

fn query_of(route: &Route) -> String {
    match route {
        Route::Knowledge(query) => query.clone(),
        _ => String::new(),
    }
}

fn search(app: App, words: &Words, query: Memo<String>, shown: RwSignal<usize>) -> AnyView {
    let control = NodeRef::<Input>::new();
    Effect::new(move |_| {
        let query = query.get();
        // Going back changes the words from elsewhere; typing has them in place already, and setting
        // them again would disturb an input method.
        if let Some(control) = control.get()
            && control.value() != query
        {
            control.set_value(&query);
        }
    });
    span()
        .class("input-icon")
        .child((
            icon("search"),
            input()
                .class("input")
                .node_ref(control)
                .attr("type", "search")
                .attr("autocomplete", "off")
                .attr("aria-label", words.t("knowledge.search"))
                .attr("placeholder", words.t("knowledge.placeholder"))
                .on(ev::input, move |event| {
                    shown.set(PART);
                    app.replace(Route::Knowledge(event_target_value(&event)));
                }),
        ))
        .into_any()
}

fn results(app: App, words: Words, query: Memo<String>, shown: RwSignal<usize>) -> impl IntoView {
    move || {
        let index = app.index.get();
        let query = clock::normalised(query.get().trim());
        let hits = if query.is_empty() {
            all(&index, words.lang())
        } else {
            index.search(&query, "", usize::MAX)
        };
        let status = if query.is_empty() {
            String::new()
        } else {
            words.count("articles.count", hits.len() as u64)
        };
        let list = if hits.is_empty() {
            let key = if query.is_empty() {
                "knowledge.none"
            } else {
                "knowledge.nothing"
            };
            let text = p().class("muted").child(words.t(key));
            div()
                .class("empty")
                .child((icon("book-open"), text))
                .into_any()
        } else {
            list(app, &words, &hits, shown)
        };
        (
            p().class("small muted")
                .attr("role", "status")
                .child(status),
            h2().class("vh").child(words.t("knowledge.articles")),
            list,
        )
    }
}

/// All articles, those in a language first.
fn all<'a>(index: &'a Index, lang: &str) -> Vec<Hit<'a>> {
    let mut hits: Vec<Hit> = index
        .articles()
        .iter()
        .map(|article| Hit {
            article,
            score: 0.0,
            matched: Vec::new(),
        })
        .collect();
    sort_by_key(&mut hits, |hit| hit.article.lang != lang);
    hits
}

fn list(app: App, words: &Words, hits: &[Hit], shown: RwSignal<usize>) -> AnyView {
    let count = shown.get().min(hits.len());
    let entries: Vec<AnyView> = hits[..count]
        .iter()
        .map(|hit| suggestion(app, words, hit))
        .collect();
    let left = hits.len() - count;
    let more = (left > 0).then(|| {
        let number = |value: usize| clock::number(words.lang(), value as u64);
        let facts = [("n", number(count)), ("all", number(hits.len()))];
        let facts = facts.each_ref().map(|(name, fact)| (*name, fact.as_str()));
        div().class("more").child((
            span().child(words.with("more.place", &facts)),
            button()
                .class("btn")
                .attr("type", "button")
                .on(ev::click, move |_| shown.update(|shown| *shown += PART))
                .child(words.count("more.show", left.min(PART) as u64)),
        ))
    });
    (ul().class("articles").child(entries), more).into_any()
}
