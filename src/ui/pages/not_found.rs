//! An address that leads nowhere: said, with the ways that lead somewhere.

use crate::ui::dom::div;
use crate::ui::dom::prelude::*;

use crate::core::route::{CaseFilter, Route};
use crate::ui::components::link::link;
use crate::ui::components::page_head::page_head;
use crate::ui::state::App;

/// The page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let ways = [
        ("btn btn-primary", Route::Home, "not_found.home"),
        ("btn", Route::Drafts, "nav.drafts"),
        ("btn", Route::Cases(CaseFilter::default()), "nav.cases"),
    ];
    let ways: Vec<AnyView> = ways
        .into_iter()
        .map(|(class, route, key)| link(app, class, route, words.t(key)))
        .collect();
    div()
        .class("page")
        .child((
            page_head(words.t("not_found.title"), words.t("not_found.lede")),
            div().class("actions").child(ways),
        ))
        .into_any()
}
