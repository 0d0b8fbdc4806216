//! What waits to be sent: one line each with its state and what can be done about it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, details, div, li, p, span, summary};
use leptos::ev;

use super::copy::copy_button;
use super::icon::icon;
use super::link::link;
use super::status::{here, of_operation};
use super::upload::upload;
use crate::browser::clock;
use crate::core::files::shown_name;
use crate::core::route::Route;
use crate::core::standing::{Way, ways};
use crate::core::sync::{Event, Operation, Progress, What};
use crate::ui::actions::{keep_back, keep_out};
use crate::ui::state::{App, Words};

/// What an operation does, in words.
pub fn title(words: &Words, operation: &Operation) -> String {
    match &operation.what {
        What::CreateCase { title, .. } => words.with("pending.case", &[("title", title)]),
        What::AddComment { text, .. } => {
            let start = crate::core::text::beginning(text.lines().next().unwrap_or(""), 60);
            words.with("pending.comment", &[("text", start)])
        }
        What::Attach { file, .. } => {
            words.with("pending.file", &[("name", &shown_name(&file.name))])
        }
        What::EditCase { .. } => words.t("pending.edit"),
        What::Act { title, .. } => title.clone(),
    }
}

/// A line of a list of what is pending.
pub fn row(app: App, words: &Words, operation: &Operation) -> AnyView {
    row_behind(app, words, operation, None)
}

/// As [`row`], where it may wait for another that a person has to see to first.
pub fn row_behind(
    app: App,
    words: &Words,
    operation: &Operation,
    first: Option<&Operation>,
) -> AnyView {
    let needs = matches!(operation.state, Progress::NeedsYou { .. });
    let lead = match operation.what {
        What::CreateCase { .. } => "inbox",
        What::AddComment { .. } => "message-square",
        What::Attach { .. } => "paperclip",
        What::EditCase { .. } | What::Act { .. } => "file-pen-line",
    };
    let time = clock::date_time(words.lang(), operation.created_at);
    li().class(if needs { "row row-needs" } else { "row" })
        .child((
            span().class("row-lead").child(icon(lead)),
            div().class("row-body").child((
                p().class("row-title").child(title(words, operation)),
                p().class("row-meta").child((
                    match first {
                        // It waits for no network, and nobody needs to do anything about it itself.
                        Some(_) => here(app, words),
                        None => of_operation(app, words, operation),
                    },
                    span().child(time),
                )),
                first.map(|first| behind(words, first)),
                why(words, &operation.state),
                upload(app, words, operation),
                written(app, words, operation),
            )),
            div()
                .class("row-end")
                .child(buttons(app, words, operation, first.is_some())),
        ))
        .into_any()
}

/// What has to be settled before it goes.
pub fn behind(words: &Words, first: &Operation) -> AnyView {
    let what = title(words, first);
    p().class("small")
        .child(words.with("pending.behind", &[("what", &what)]))
        .into_any()
}

/// Why it needs somebody. The service's own words follow where the portal's are not enough by
/// themselves, and are at hand where they are.
fn why(words: &Words, state: &Progress) -> Option<AnyView> {
    let Progress::NeedsYou { code, detail } = state else {
        return None;
    };
    let key = format!("refused.{code}");
    let known = words.0.has(&key);
    let text = words.t(if known { &key } else { "refused.other" });
    let needed = !known || code == "invalid_fields";
    let detail = (!detail.is_empty()).then(|| {
        details()
            .class("small")
            .attr("open", needed.then_some(""))
            .child((
                summary().child(words.t("pending.answer")),
                p().class("plain").child(detail.clone()),
            ))
    });
    Some((p().class("small").child(text), detail).into_any())
}

/// What was written, to be read and copied as long as it is nowhere but here.
fn written(app: App, words: &Words, operation: &Operation) -> Option<AnyView> {
    let text = keep_out::text(operation)?;
    let name = words.t("pending.text");
    let view = details().class("small").child((
        summary().child(name.clone()),
        p().class("plain").child(text.clone()),
        copy_button(app, words, &name, text),
    ));
    (!operation.is_done()).then(|| view.into_any())
}

/// What can be done about it, the likeliest first. Giving up what was written nowhere else asks once
/// more in its place.
fn buttons(app: App, words: &Words, operation: &Operation, is_held: bool) -> Option<AnyView> {
    let mut found = ways(operation);
    // Trying comes to nothing before the other is settled.
    found.retain(|way| !is_held || *way != Way::Retry);
    if found.is_empty() {
        return None;
    }
    let asking = RwSignal::new(false);
    let (words, operation) = (words.clone(), operation.clone());
    let view = move || match asking.get() {
        true => question(app, &words, &operation, asking),
        false => {
            let name = title(&words, &operation);
            let all = found.iter();
            let all = all.map(|way| one_way(app, &words, &operation, *way, &name, asking));
            let out = button_of(&words, "btn btn-s btn-quiet", "pending.export", &name);
            let exported = operation.clone();
            let out = out.on(ev::click, move |_| keep_out::export(app, &exported));
            (all.collect_view(), out).into_any()
        }
    };
    Some(view.into_any())
}

fn button_of(words: &Words, class: &'static str, key: &str, name: &str) -> crate::ui::dom::El {
    let hidden = span().class("vh").child(format!(" {name}"));
    button()
        .class(class)
        .attr("type", "button")
        .child((words.t(key), hidden))
}

fn one_way(
    app: App,
    words: &Words,
    operation: &Operation,
    way: Way,
    name: &str,
    asking: RwSignal<bool>,
) -> AnyView {
    let id = operation.id.clone();
    let wish = move |event: Event| {
        if let Some(runtime) = app.runtime() {
            runtime.wish(event);
        }
    };
    let quiet = |key| button_of(words, "btn btn-s btn-quiet", key, name);
    let view = match way {
        Way::Choose => {
            let content = (
                words.t("conflict.choose"),
                span().class("vh").child(format!(" {name}")),
            );
            return link(app, "btn btn-s", Route::Conflict(id), content);
        }
        Way::Retry => {
            let key = match operation.state {
                Progress::Paused => "pending.go_on",
                _ => "pending.retry",
            };
            button_of(words, "btn btn-s", key, name)
                .on(ev::click, move |_| wish(Event::Retry(id.clone())))
        }
        Way::BackToDraft => {
            quiet("pending.back_to_draft").on(ev::click, move |_| wish(Event::Discard(id.clone())))
        }
        Way::Rewrite => {
            let operation = operation.clone();
            quiet("pending.rewrite").on(ev::click, move |_| keep_back::take(app, &operation))
        }
        Way::Discard => quiet("pending.discard").on(ev::click, move |_| asking.set(true)),
    };
    view.into_any()
}

/// There is no way back from here, so it is asked.
fn question(app: App, words: &Words, operation: &Operation, asking: RwSignal<bool>) -> AnyView {
    let id = operation.id.clone();
    let name = title(words, operation);
    let keep = NodeRef::<leptos::html::Button>::new();
    request_animation_frame(move || {
        if let Some(keep) = keep.try_get_untracked().flatten() {
            // A button that stands in the page can take the focus.
            let _ = keep.focus();
        }
    });
    div()
        .class("inline")
        .attr("role", "group")
        .attr(
            "aria-label",
            words.with("pending.discard_ask", &[("what", &name)]),
        )
        .child((
            span().class("small").child(words.t("pending.discard_help")),
            button_of(words, "btn btn-s btn-danger", "pending.discard_yes", &name).on(
                ev::click,
                move |_| {
                    if let Some(runtime) = app.runtime() {
                        runtime.wish(Event::Discard(id.clone()));
                    }
                },
            ),
            button_of(words, "btn btn-s", "pending.discard_no", &name)
                .node_ref(keep)
                .on(ev::click, move |_| asking.set(false)),
        ))
        .into_any()
}

/// Every kind of operation and every state.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let mut rows: Vec<AnyView> = Vec::new();
    for operation in app.outbox.get_untracked().iter() {
        rows.push(row(app, &words, operation));
    }
    let list = crate::ui::dom::ul().class("rows").child(rows);
    vec![("Refused, waiting, sending, sent", list.into_any())]
}
