//! The form of a page on which something is asked for on a case: a few questions, each kept while it
//! is typed, what is missing said at its question, and one button.

use std::rc::Rc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, fieldset, form, input, label, legend, p, span, textarea};
use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, SubmitEvent};

use crate::ui::actions::keep_comment::Kept;
use crate::ui::components::icon::icon;
use crate::ui::state::{App, Words};

/// How a question is answered.
pub(super) enum Kind {
    /// In a line of an input's type.
    Line(&'static str),
    /// In as many lines as it takes.
    Text,
    /// By one of these.
    Choice(Vec<Offer>),
    /// By a tick beside a sentence.
    Tick(String),
}

/// One of several to choose from.
pub(super) struct Offer {
    /// What is sent.
    pub(super) id: String,
    /// What it is called.
    pub(super) name: String,
    /// What it means.
    pub(super) help: String,
    /// Why it can't be chosen.
    pub(super) refused: Option<String>,
}

/// A question.
pub(super) struct Ask {
    /// Its key, unique on the page.
    pub(super) key: &'static str,
    /// What is asked.
    pub(super) label: String,
    /// What helps to answer it.
    pub(super) hint: String,
    /// Whether there must be an answer.
    pub(super) required: bool,
    /// How it is answered.
    pub(super) kind: Kind,
    /// The answer as it stands.
    pub(super) kept: Kept,
}

/// What is typed on a page of a case, under a name that no other page has.
pub(super) fn kept(app: App, case: &str, act: &str, key: &str, first: &str) -> Kept {
    Kept::open_with(app, format!("act/{case}/{act}/{key}"), first.into())
}

impl Ask {
    /// The answer without what surrounds it.
    pub(super) fn answer(&self) -> String {
        self.kept.text.get_untracked().trim().into()
    }
}

/// The answer of a key.
pub(super) fn answer(asks: &[Ask], key: &str) -> String {
    let found = asks.iter().find(|ask| ask.key == key);
    found.map(Ask::answer).unwrap_or_default()
}

/// The handles of all answers, for when they are handed on.
pub(super) fn all_kept(asks: &[Ask]) -> Vec<Kept> {
    asks.iter().map(|ask| ask.kept).collect()
}

/// The questions with what stands between them and the button.
pub(super) fn view(
    words: &Words,
    asks: Rc<Vec<Ask>>,
    between: impl IntoView + 'static,
    buttons: impl IntoView + 'static,
    submit: impl Fn(&[Ask]) + 'static,
) -> AnyView {
    let missing = RwSignal::new(Vec::<&'static str>::new());
    let place = NodeRef::<leptos::html::Form>::new();
    let fields: Vec<_> = asks.iter().map(|ask| field(words, ask, missing)).collect();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let lacking = asks
            .iter()
            .filter(|ask| ask.required && ask.answer().is_empty());
        let lacking: Vec<&'static str> = lacking.map(|ask| ask.key).collect();
        let first = lacking.first().copied();
        missing.set(lacking);
        match first {
            None => submit(&asks),
            Some(key) => focus(place, key),
        }
    };
    form()
        .class("form")
        .attr("novalidate", "")
        .node_ref(place)
        .on(ev::submit, on_submit)
        .child((fields, between.into_any(), buttons.into_any()))
        .into_any()
}

fn focus(place: NodeRef<leptos::html::Form>, key: &str) {
    let selector = format!("[data-ask=\"{key}\"]");
    let found = place
        .get_untracked()
        .and_then(|form| form.query_selector(&selector).ok().flatten())
        .and_then(|found| found.dyn_into::<HtmlElement>().ok());
    if let Some(control) = found {
        // It stands in the page, so it can take the focus.
        let _ = control.focus();
    }
}

fn field(words: &Words, ask: &Ask, missing: RwSignal<Vec<&'static str>>) -> AnyView {
    let key = ask.key;
    let is_missing = Memo::new(move |_| missing.with(|missing| missing.contains(&key)));
    let class = move || match is_missing.get() {
        true => "field field-error",
        false => "field",
    };
    let id = format!("act-{key}");
    let optional = (!ask.required).then(|| {
        span()
            .class("optional")
            .child(format!(" {}", words.t("field.optional")))
    });
    let hint = (!ask.hint.is_empty()).then(|| {
        p().class("hint")
            .id(format!("{id}-hint"))
            .child(ask.hint.clone())
    });
    let error = {
        let (text, id) = (words.t("act.missing"), format!("{id}-error"));
        move || {
            is_missing.get().then(|| {
                p().class("error")
                    .id(id.clone())
                    .child((icon("circle-alert"), text.clone()))
            })
        }
    };
    let described = format!("{id}-hint {id}-error");
    let invalid = move || is_missing.get().then_some("true");
    let kept = ask.kept;
    let typed = move |text: String| {
        missing.update(|missing| missing.retain(|one| *one != key));
        kept.typed(text);
    };
    match &ask.kind {
        Kind::Line(_) | Kind::Text => {
            let control = match &ask.kind {
                Kind::Line(kind) => input().class("input").attr("type", *kind),
                _ => textarea().class("textarea"),
            };
            div()
                .class(class)
                .child((
                    label()
                        .class("label")
                        .attr("for", id.clone())
                        .child((ask.label.clone(), optional)),
                    hint,
                    error,
                    control
                        .id(id)
                        .attr("data-ask", key)
                        .attr("aria-describedby", described)
                        .attr("aria-invalid", invalid)
                        .prop("value", move || kept.text.get())
                        .on(ev::input, move |event| typed(event_target_value(&event))),
                ))
                .into_any()
        }
        Kind::Tick(sentence) => div()
            .class(class)
            .child((
                error,
                label().class("check").child((
                    input()
                        .attr("type", "checkbox")
                        .id(id)
                        .attr("data-ask", key)
                        .attr("aria-describedby", described)
                        .attr("aria-invalid", invalid)
                        .prop("checked", move || kept.text.with(|text| text == "yes"))
                        .on(ev::change, move |_| {
                            let ticked = kept.text.with_untracked(|text| text == "yes");
                            typed(if ticked { "" } else { "yes" }.into());
                        }),
                    span().child(sentence.clone()),
                )),
                hint,
            ))
            .into_any(),
        Kind::Choice(options) => {
            let first = options.iter().position(|one| one.refused.is_none());
            let choices: Vec<_> = options
                .iter()
                .enumerate()
                .map(|(place, one)| {
                    let marks = (Some(place) == first).then_some(key);
                    choice(one, key, marks, kept, typed)
                })
                .collect();
            fieldset()
                .class(class)
                .attr("aria-describedby", described)
                .child((
                    legend().class("label").child((ask.label.clone(), optional)),
                    hint,
                    error,
                    div().class("choices").child(choices),
                ))
                .into_any()
        }
    }
}

fn choice(
    one: &Offer,
    key: &'static str,
    marks: Option<&'static str>,
    kept: Kept,
    typed: impl Fn(String) + Copy + 'static,
) -> AnyView {
    let (id, shown) = (one.id.clone(), one.id.clone());
    let refused = one.refused.as_ref();
    let why = refused.map(|why| span().class("choice-text").child(why.clone()));
    label()
        .class(if refused.is_some() {
            "choice choice-no"
        } else {
            "choice"
        })
        .child((
            input()
                .attr("type", "radio")
                .attr("name", format!("act-{key}"))
                .attr("data-ask", marks)
                .attr("disabled", refused.map(|_| ""))
                .prop("checked", move || kept.text.with(|text| *text == shown))
                .on(ev::change, move |_| typed(id.clone())),
            span().class("choice-body").child((
                span().class("choice-title").child(one.name.clone()),
                (!one.help.is_empty())
                    .then(|| span().class("choice-text plain").child(one.help.clone())),
                why,
            )),
        ))
        .into_any()
}
