//! What waits to be sent: one line each with its state and what can be done about it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, details, div, li, p, span, summary};

use super::copy::copy_button;
use super::icon::icon;
use super::link::link;
use super::status::progress;
use crate::browser::clock;
use crate::core::route::Route;
use crate::core::sync::{CaseRef, Event, Operation, Progress, What};
use crate::ui::state::{App, Words};

/// What an operation does, in words.
pub fn title(words: &Words, operation: &Operation) -> String {
    match &operation.what {
        What::CreateCase { title, .. } => words.with("pending.case", &[("title", title)]),
        What::AddComment { text, .. } => {
            let start = crate::core::text::first_graphemes(text.lines().next().unwrap_or(""), 60);
            words.with("pending.comment", &[("text", start)])
        }
        What::Attach { file, .. } => words.with("pending.file", &[("name", &file.name)]),
        What::EditCase { .. } => words.t("pending.edit"),
        What::Act { title, .. } => title.clone(),
    }
}

/// A line of the list of what is pending.
pub fn row(app: App, words: &Words, operation: &Operation) -> AnyView {
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
                    progress(words, Some(operation), app.online.get()),
                    span().child(time),
                )),
                why(words, &operation.state),
                written(app, words, operation),
            )),
            div().class("row-end").child(buttons(app, words, operation)),
        ))
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
    let text = match &operation.what {
        What::AddComment { text, .. } => text.clone(),
        What::EditCase { patch: parts, .. } | What::Act { body: parts, .. } => {
            let texts = parts.as_object().into_iter().flatten();
            let texts = texts.filter_map(|(_, value)| value.as_str());
            texts.collect::<Vec<_>>().join("\n\n")
        }
        _ => return None,
    };
    let name = words.t("pending.text");
    let view = details().class("small").child((
        summary().child(name.clone()),
        p().class("plain").child(text.clone()),
        copy_button(app, words, &name, text),
    ));
    (!operation.is_done()).then(|| view.into_any())
}

/// The case of a change that was made against an older version: it fails every time it is sent, and
/// can only be made again.
fn to_make_again(operation: &Operation) -> Option<&String> {
    match (&operation.what, &operation.state) {
        (What::EditCase { case, .. }, Progress::NeedsYou { code, .. }) if code == "stale" => {
            match case {
                CaseRef::Known(id) => Some(id),
                CaseRef::MadeBy(_) => None,
            }
        }
        _ => None,
    }
}

fn buttons(app: App, words: &Words, operation: &Operation) -> Option<AnyView> {
    if matches!(operation.state, Progress::Sending | Progress::Done { .. }) {
        return None;
    }
    let wish = move |event: Event| {
        if let Some(runtime) = app.runtime() {
            runtime.wish(event);
        }
    };
    let (retry, discard) = (operation.id.clone(), operation.id.clone());
    let title = title(words, operation);
    let hidden = move || span().class("vh").child(format!(" {title}"));
    let first = match to_make_again(operation) {
        Some(case) => {
            let content = words.t("sent.open");
            link(app, "btn btn-s", Route::Case(case.clone()), content)
        }
        None => button()
            .class("btn btn-s")
            .attr("type", "button")
            .on(leptos::ev::click, move |_| {
                wish(Event::Retry(retry.clone()))
            })
            .child((words.t("pending.retry"), hidden.clone()()))
            .into_any(),
    };
    let view = (
        first,
        button()
            .class("btn btn-s btn-quiet")
            .attr("type", "button")
            .on(leptos::ev::click, move |_| {
                wish(Event::Discard(discard.clone()));
            })
            .child((
                match operation.what {
                    What::CreateCase { .. } => words.t("pending.back_to_draft"),
                    _ => words.t("pending.discard"),
                },
                hidden(),
            )),
    );
    Some(view.into_any())
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
