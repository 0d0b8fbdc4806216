//! A draft in a list: what it is about, where it is kept, for whom, how old, and what can be done.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, li, p, span};

use super::icon::icon;
use super::link::link;
use super::status::here;
use crate::browser::clock;
use crate::core::draft::Draft;
use crate::core::route::Route;
use crate::ui::actions::act_for;
use crate::ui::pages::later::{self, Act};
use crate::ui::state::{App, Words};

/// A draft that is being written.
pub fn draft_row(app: App, words: &Words, draft: &Draft) -> AnyView {
    let title = match draft.title() {
        "" => words.t("drafts.untitled"),
        title => title.to_string(),
    };
    let customer = match draft.text("customer") {
        "" => draft.text("customer_name").to_string(),
        on_behalf => act_for::name_of(app, on_behalf),
    };
    let files = draft.files.len() as u64;
    let id = draft.id.clone();
    let hidden = span().class("vh").child(format!(" {title}"));
    li().class("row")
        .child((
            span().class("row-lead").child(icon("file-pen-line")),
            div().class("row-body").child((
                p().class("row-title").child(link(
                    app,
                    "row-link",
                    Route::Step {
                        draft: draft.id.clone(),
                        step: None,
                    },
                    title,
                )),
                p().class("row-meta").child((
                    here(app, words),
                    (!customer.is_empty()).then(|| span().child(customer)),
                    span().child(clock::ago(words.lang(), draft.updated_at)),
                    (files > 0).then(|| span().child(words.count("drafts.files", files))),
                    copy(app, words, draft),
                )),
            )),
            div().class("row-end").child(
                button()
                    .class("btn btn-s btn-quiet")
                    .attr("type", "button")
                    .prop("disabled", move || !app.running.get())
                    .on(leptos::ev::click, move |_| {
                        later::act(app, Act::Discard(id.clone()));
                    })
                    .child((icon("trash"), words.t("drafts.discard"), hidden)),
            ),
        ))
        .into_any()
}

/// That it is a copy, and the way to what it differs in.
fn copy(app: App, words: &Words, draft: &Draft) -> Option<AnyView> {
    draft.copy_of.as_ref()?;
    let route = Route::Conflict(draft.id.clone());
    Some(link(app, "row-way", route, words.t("drafts.copy")))
}

/// Typical, just begun, and a copy with very long names.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let mut rows: Vec<AnyView> = Vec::new();
    for draft in &app.open_drafts() {
        rows.push(draft_row(app, &words, draft));
    }
    let list = crate::ui::dom::ul().class("rows").child(rows);
    vec![("Typical, untitled, very long", list.into_any())]
}
