//! Answers that no longer fit what was chosen (NTT-09): shown as kept aside, with the way back into
//! the details. Nothing typed ever disappears.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, dd, details, div, dl, dt, p, span, summary};
use leptos::ev;

use super::icon::icon;
use crate::core::parked;
use crate::ui::actions::save_draft;
use crate::ui::state::{App, Words};

/// An answer that is kept aside, in words.
#[derive(Clone, PartialEq)]
struct Kept {
    key: String,
    label: String,
    text: String,
    /// The question whose answer put it aside.
    because: String,
}

/// The answers that are kept aside; nothing while there are none.
pub fn kept_aside(app: App) -> AnyView {
    let words = app.words_now();
    let lang = words.lang().to_string();
    let kept = Memo::new(move |_| {
        app.with_editor(|world, draft| {
            let all = parked::parked(world, draft, &lang).into_iter();
            all.map(|one| Kept {
                label: one.label.get(&lang).to_string(),
                because: world
                    .policy
                    .field(&one.because)
                    .map(|field| field.label.get(&lang).to_string())
                    .unwrap_or_default(),
                key: one.key,
                text: one.text,
            })
            .collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let shown = Memo::new(move |_| kept.with(|kept| !kept.is_empty()));
    let view = move || shown.get().then(|| open_list(app, &words, kept));
    div().attr("aria-live", "polite").child(view).into_any()
}

fn open_list(app: App, words: &Words, kept: Memo<Vec<Kept>>) -> AnyView {
    let (count_words, row_words) = (words.clone(), words.clone());
    let count = move || count_words.count("aside.title", kept.with(Vec::len) as u64);
    details()
        .class("kept card")
        .attr("open", "")
        .child((
            summary().child((icon("archive-restore"), " ", count)),
            p().class("small muted").child(words.t("aside.help")),
            dl().class("kept-list").child(keyed(
                move || kept.get(),
                move |one: &Kept| row(app, &row_words, one),
            )),
        ))
        .into_any()
}

fn row(app: App, words: &Words, one: &Kept) -> AnyView {
    let key = one.key.clone();
    let back = move |_| {
        let lang = app.lang();
        let policy = app
            .editor
            .with_untracked(|draft| draft.as_ref().map(|draft| draft.policy.clone()));
        let Some(policy) = policy else { return };
        save_draft::change(app, |draft| {
            app.with_world(&policy, |world| {
                parked::bring_back(world, draft, &key, &lang)
            });
        });
        save_draft::now(app);
    };
    let because = (!one.because.is_empty()).then(|| {
        let text = words.with("aside.because", &[("question", &one.because)]);
        dd().class("small muted").child(text)
    });
    let name = one.label.clone();
    div()
        .child((
            dt().child(one.label.clone()),
            dd().class("plain").child(one.text.clone()),
            because,
            dd().child(
                button()
                    .class("btn btn-s")
                    .attr("type", "button")
                    .on(ev::click, back)
                    .child((
                        icon("undo-2"),
                        words.t("aside.bring_back"),
                        span().class("vh").child(format!(" {name}")),
                    )),
            ),
        ))
        .into_any()
}

/// One short answer and one very long.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let rows = ["Short", super::example::LONG].map(|text| {
        let one = Kept {
            key: String::new(),
            label: text.into(),
            text: text.into(),
            because: text.into(),
        };
        row(app, &words, &one)
    });
    let rows = rows.into_iter().collect_view();
    vec![(
        "Short and very long",
        dl().class("kept-list").child(rows).into_any(),
    )]
}
