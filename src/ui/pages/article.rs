//! An article to be read, with the way on from it: back to the draft that is being written, whose
//! words are all there, or into a new case.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    article as article_element, aside, button, dd, div, dl, dt, h1, header, nav, p, span,
};
use leptos::ev;

use super::not_found;
use crate::core::draft::{Draft, State as DraftState};
use crate::core::knowledge::Article;
use crate::core::route::Route;
use crate::ui::actions::discard_draft;
use crate::ui::components::article::{body, language_tag};
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::state::{App, Words};

/// The page of an article.
pub fn page(app: App, id: &str) -> AnyView {
    let words = app.words_now();
    let id = id.to_string();
    let found = Memo::new(move |_| {
        app.index
            .with(|index| (index.articles().is_empty(), index.article(&id).cloned()))
    });
    (move || match found.get() {
        (_, Some(article)) => reader(app, &words, &article),
        // The articles may still be on their way.
        (true, None) => div().class("page").attr("aria-busy", "true").into_any(),
        (false, None) => not_found::page(app),
    })
    .into_any()
}

fn reader(app: App, words: &Words, article: &Article) -> AnyView {
    let lang = article.lang.clone();
    let head = header().class("page-head").child((
        back(app, words),
        h1().attr("lang", lang.clone()).child(article.title.clone()),
        p().class("lede")
            .attr("lang", lang)
            .child(article.summary.clone()),
    ));
    let reader = div()
        .class("page-body reader")
        .child((body(article), next(app, words)));
    article_element()
        .class("page page-beside")
        .child((head, reader, facts(app, words, article)))
        .into_any()
}

/// The draft that is being written, if any.
fn open_draft(app: App) -> Option<Draft> {
    app.editor
        .get_untracked()
        .filter(|draft| draft.state == DraftState::Open)
}

fn draft_route(draft: &Draft) -> Route {
    Route::Step {
        draft: draft.id.clone(),
        step: None,
    }
}

fn back(app: App, words: &Words) -> AnyView {
    let (route, key) = match open_draft(app) {
        Some(draft) => (draft_route(&draft), "article.back_to_draft"),
        None => (Route::Knowledge(String::new()), "article.back"),
    };
    nav()
        .class("page-nav")
        .attr("aria-label", words.t("flow.back"))
        .child(link(app, "back", route, (icon("arrow-left"), words.t(key))))
        .into_any()
}

/// What one can do after reading.
fn next(app: App, words: &Words) -> AnyView {
    let open_case = |class| link(app, class, Route::NewCase, words.t("article.open_case"));
    let Some(draft) = open_draft(app) else {
        return div()
            .class("actions")
            .child(open_case("btn btn-primary"))
            .into_any();
    };
    let id = draft.id.clone();
    let solved = button()
        .class("btn")
        .attr("type", "button")
        .on(ev::click, move |_| {
            discard_draft::discard(app, id.clone());
            app.go(Route::Drafts);
        })
        .child((icon("check"), words.t("article.solved")));
    let go_on = link(
        app,
        "btn btn-primary",
        draft_route(&draft),
        words.t("article.go_on"),
    );
    div()
        .class("actions")
        .child((go_on, solved, open_case("btn btn-quiet")))
        .into_any()
}

fn facts(app: App, words: &Words, article: &Article) -> AnyView {
    let fact =
        |key: &str, content: AnyView| div().child((dt().child(words.t(key)), dd().child(content)));
    let records = app.records.get_untracked();
    let names: Vec<String> = article
        .products
        .iter()
        .map(|id| {
            let product = records.products.iter().find(|product| product.id == *id);
            product.map_or(id, |product| &product.name).clone()
        })
        .collect();
    let tags: Vec<_> = article
        .tags
        .iter()
        .map(|tag| span().class("tag").child(tag.clone()))
        .collect();
    let products =
        (!names.is_empty()).then(|| fact("article.products", names.join(", ").into_any()));
    let tags = (!tags.is_empty())
        .then(|| fact("article.tags", div().class("inline").child(tags).into_any()));
    let list = dl().class("facts card").child((
        products,
        fact("article.language", language_tag(words, &article.lang)),
        tags,
    ));
    aside()
        .class("page-aside")
        .attr("aria-label", words.t("article.about"))
        .child(list)
        .into_any()
}
