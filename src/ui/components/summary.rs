//! The summary list: question, answer, and the way back to it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{dd, div, dl, dt, h2, section, span};

use super::link::link;
use crate::core::route::Route;
use crate::ui::state::{App, Words};

/// A row: what was asked, what was answered (nothing shows as such), where to change it.
pub struct Row {
    /// What was asked.
    pub label: String,
    /// What was answered.
    pub answer: Option<AnyView>,
    /// Where it can be changed.
    pub change: Option<Route>,
}

/// A group of rows under a heading.
pub fn summary(app: App, words: &Words, heading: String, rows: Vec<Row>) -> AnyView {
    let rows: Vec<AnyView> = rows
        .into_iter()
        .map(|row| row_view(app, words, row))
        .collect();
    section()
        .class("ticket")
        .child((
            div().class("ticket-head").child(h2().child(heading)),
            dl().class("summary").child(rows),
        ))
        .into_any()
}

fn row_view(app: App, words: &Words, row: Row) -> AnyView {
    let answer = match row.answer {
        Some(answer) => dd().child(answer).into_any(),
        None => dd().class("none").child(words.t("review.none")).into_any(),
    };
    let change = row.change.map(|route| {
        let content = (
            words.t("review.change"),
            span().class("vh").child(format!(" {}", row.label)),
        );
        dd().class("change").child(link(app, "", route, content))
    });
    div()
        .child((dt().child(row.label.clone()), answer, change))
        .into_any()
}

/// Answered, not answered, and very long.
pub fn examples(app: App) -> super::example::Examples {
    use super::example::LONG;
    let rows = [
        ("Subject", Some("Short")),
        ("Version", None),
        (LONG, Some(LONG)),
    ];
    let rows = rows.map(|(label, answer)| Row {
        label: label.into(),
        answer: answer.map(|text| text.into_any()),
        change: Some(Route::Home),
    });
    let view = summary(app, &app.words_now(), "Problem".into(), rows.into());
    vec![("Answered, not answered, very long", view)]
}
