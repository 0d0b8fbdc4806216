//! What waits to be sent: one line each with its state and what can be done about it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, li, p, span};

use super::icon::icon;
use super::status::progress;
use crate::browser::clock;
use crate::core::sync::{Event, Operation, Progress, What};
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
    }
}

/// A line of the list of what is pending.
pub fn row(app: App, words: &Words, operation: &Operation) -> AnyView {
    let needs = matches!(operation.state, Progress::NeedsYou { .. });
    let lead = match operation.what {
        What::CreateCase { .. } => "inbox",
        What::AddComment { .. } => "message-square",
        What::Attach { .. } => "paperclip",
        What::EditCase { .. } => "file-pen-line",
    };
    let why = match &operation.state {
        Progress::NeedsYou { code, detail } => {
            let key = format!("refused.{code}");
            let text = if words.0.has(&key) {
                words.t(&key)
            } else {
                words.t("refused.other")
            };
            Some(p().class("small").child(format!("{text} {detail}")))
        }
        _ => None,
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
                why,
            )),
            div().class("row-end").child(buttons(app, words, operation)),
        ))
        .into_any()
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
    let view = (
        button()
            .class("btn btn-s")
            .attr("type", "button")
            .on(leptos::ev::click, move |_| {
                wish(Event::Retry(retry.clone()))
            })
            .child((words.t("pending.retry"), hidden.clone()())),
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
    use super::example::{LONG, file, operation};
    use crate::core::sync::CaseRef;
    let words = app.words_now();
    let case = || CaseRef::Known(String::new());
    let refused = |code: &str, detail: &str| Progress::NeedsYou {
        code: code.into(),
        detail: detail.into(),
    };
    let create = |title: &str| What::CreateCase {
        draft: String::new(),
        title: title.into(),
        body: Default::default(),
    };
    let comment = What::AddComment {
        case: case(),
        text: LONG.into(),
    };
    let attach = What::Attach {
        case: case(),
        file: file(),
    };
    let rows = [
        (
            create("Sign-in takes 90 seconds"),
            refused("invalid_fields", "/subject"),
        ),
        (create(LONG), refused("", LONG)),
        (comment, Progress::Waiting),
        (attach, Progress::Sending),
    ]
    .map(|(what, state)| {
        let operation = Operation {
            what,
            ..operation(state)
        };
        row(app, &words, &operation)
    });
    let done = Progress::Done {
        record: String::new(),
    };
    let last = row(app, &words, &operation(done));
    let list = crate::ui::dom::ul()
        .class("rows")
        .child((rows.into_iter().collect_view(), last));
    vec![("Refused, waiting, sending, sent", list.into_any())]
}
