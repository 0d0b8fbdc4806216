//! For whoever writes a policy: what is wrong in a file, what is hardly meant, and a walk through
//! the flow with it at once (NEW-10). The same check runs as `cargo xtask check-policy`.

use std::cell::RefCell;
use std::rc::Rc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, h2, p, section, span};
use leptos::ev;

use crate::browser::files::pick::Picked;
use crate::core::policy::Policy;
use crate::core::policy::advice::Examined;
use crate::core::reader::Problem;
use crate::ui::actions::try_policy;
use crate::ui::components::file_drop::{FileDrop, file_drop};
use crate::ui::components::findings::findings;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Words};

/// What came of the last file.
#[derive(Clone, PartialEq)]
struct Checked {
    file: String,
    /// Nothing if the file could not be read.
    found: Option<Found>,
}

#[derive(Clone, PartialEq)]
struct Found {
    mistakes: Vec<Problem>,
    advice: Vec<Problem>,
}

/// A policy that could be tried; taken by whoever begins.
type Usable = Rc<RefCell<Option<Policy>>>;

/// The page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let checked = RwSignal::new(None::<Checked>);
    let usable = Usable::default();
    let told = {
        let (words, usable) = (words.clone(), usable.clone());
        move || {
            let checked = checked.get();
            checked.map(|checked| outcome(app, &words, &checked, &usable))
        }
    };
    div()
        .class("page")
        .child((
            page_head(words.t("policy.title"), words.t("policy.lede")),
            trial(app, &words),
            chooser(&words, checked, usable),
            div().attr("role", "status").child(told),
        ))
        .into_any()
}

/// Says that a policy is on trial, and ends it.
fn trial(app: App, words: &Words) -> AnyView {
    let name = Memo::new(move |_| try_policy::on_trial(app));
    let words = words.clone();
    let shown = move || {
        name.get().map(|name| {
            let end = button()
                .class("btn")
                .attr("type", "button")
                .on(ev::click, move |_| try_policy::end(app))
                .child(words.t("policy.end"));
            let body = (
                p().child(words.t("policy.trial_help")),
                div().class("actions").child(end),
            );
            let title = words.with("policy.trial", &[("vendor", &name)]);
            notice(Tone::Warning, title, body)
        })
    };
    shown.into_any()
}

fn chooser(words: &Words, checked: RwSignal<Option<Checked>>, usable: Usable) -> AnyView {
    let take = move |files: Vec<Picked>| {
        let Some(Picked { file, .. }) = files.into_iter().next() else {
            return;
        };
        let (name, usable) = (file.name(), usable.clone());
        try_policy::examine(file, move |examined| {
            checked.set(Some(Checked {
                file: name.clone(),
                found: examined.map(|examined| keep(&usable, examined)),
            }));
        });
    };
    div()
        .class("field")
        .child((
            span()
                .class("label")
                .id("policy-file")
                .child(words.t("policy.file")),
            file_drop(
                FileDrop {
                    id: "policy-choose".into(),
                    label: "policy-file".into(),
                    choose: words.t("policy.choose"),
                    or_drop: words.t("policy.or_drop"),
                    limits: String::new(),
                    accept: ".json,application/json",
                    folder: None,
                },
                take,
            ),
        ))
        .into_any()
}

fn keep(usable: &Usable, examined: Examined) -> Found {
    *usable.borrow_mut() = examined.policy;
    Found {
        mistakes: examined.problems,
        advice: examined.advice,
    }
}

fn outcome(app: App, words: &Words, checked: &Checked, usable: &Usable) -> AnyView {
    let file = [("file", checked.file.as_str())];
    let Some(found) = &checked.found else {
        let title = words.with("policy.unreadable", &file);
        return notice(
            Tone::Danger,
            title,
            p().child(words.t("policy.unreadable_help")),
        );
    };
    let usable = found.mistakes.is_empty().then(|| walk(app, words, usable));
    let (tone, title) = match found.mistakes.len() {
        0 => (Tone::Success, words.with("policy.fine", &file)),
        _ => (Tone::Danger, words.with("policy.mistaken", &file)),
    };
    div()
        .class("stack")
        .child((
            notice(tone, title, usable),
            part(
                words.count("policy.mistakes", found.mistakes.len() as u64),
                &found.mistakes,
            ),
            part(
                words.count("policy.advice", found.advice.len() as u64),
                &found.advice,
            ),
        ))
        .into_any()
}

fn part(title: String, problems: &[Problem]) -> Option<AnyView> {
    (!problems.is_empty()).then(|| {
        section()
            .class("section")
            .child((h2().child(title), findings(problems)))
            .into_any()
    })
}

/// The way through the flow with the policy that was found usable.
fn walk(app: App, words: &Words, usable: &Usable) -> AnyView {
    let usable = usable.clone();
    let begin = move |_| {
        let policy = usable.borrow_mut().take();
        if let Some(policy) = policy {
            try_policy::begin(app, policy);
        }
    };
    (
        p().child(words.t("policy.walk_help")),
        div().class("actions").child(
            button()
                .class("btn btn-primary")
                .attr("type", "button")
                .on(ev::click, begin)
                .child(words.t("policy.walk")),
        ),
    )
        .into_any()
}
