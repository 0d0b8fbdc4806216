//! What has to be mended on a page, with a way to each place.
//!
//! It takes the focus when it appears, so that the first thing heard or seen is what to do. Each
//! entry brings its field's label into view before the field itself takes the focus.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, h2, li, ul};

use super::link::to_field;
use crate::ui::state::Words;

/// The summary of a page's problems: the id of each field and what is wrong with it.
pub fn error_summary(words: &Words, problems: Vec<(String, String)>) -> AnyView {
    let place = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        if let Some(summary) = place.get() {
            summary.scroll_into_view();
            // It has a tabindex, so it can take the focus.
            let _ = summary.focus();
        }
    });
    let count = problems.len() as u64;
    let entries: Vec<_> = problems
        .into_iter()
        .map(|(id, text)| li().child(to_field(id, text)))
        .collect();
    div()
        .class("error-summary")
        .node_ref(place)
        .attr("tabindex", "-1")
        .attr("aria-labelledby", "error-summary-title")
        .child((
            h2().id("error-summary-title")
                .child(words.count("problems.title", count)),
            ul().child(entries),
        ))
        .into_any()
}

/// One short entry and one very long.
pub fn examples(app: crate::ui::state::App) -> super::example::Examples {
    let entries = ["Short", super::example::LONG];
    let problems = entries.map(|text| ("example".into(), text.into()));
    let view = error_summary(&app.words_now(), problems.into());
    vec![("Two problems", view)]
}
