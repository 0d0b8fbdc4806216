//! What stands before an account: choosing a passphrase, giving it, and coming back after a while.
//!
//! A forgotten passphrase can't be got round; whoever has forgotten it can only remove what is kept,
//! and has to write that out.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, details, div, form, h1, header, input, label, p, span, summary};
use leptos::ev;
use leptos::html::Input;
use leptos::task::spawn_local;

use crate::core::error::Error;
use crate::core::retention::PASSPHRASE;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::error_notice;
use crate::ui::custody::{self, Gate};
use crate::ui::state::{App, Words};
use crate::ui::wiring;

/// The page.
pub(super) fn page(app: App) -> AnyView {
    let words = app.words_now();
    let shown = move || match app.custody.gate.get() {
        Gate::Choose => choose(app, &words),
        Gate::Passphrase => ask(app, &words),
        Gate::Idle | Gate::Open => idle(app, &words),
    };
    div()
        .class("solo")
        .child(div().class("solo-card").child(shown))
        .into_any()
}

fn head(title: String, lede: String) -> AnyView {
    header()
        .class("page-head")
        .child((h1().child(title), p().class("lede").child(lede)))
        .into_any()
}

/// A field for a passphrase.
struct Field {
    id: &'static str,
    label: String,
    help: Option<String>,
    complete: &'static str,
    error: Memo<Option<String>>,
}

fn field(place: NodeRef<Input>, field: Field) -> AnyView {
    let Field {
        id,
        label: name,
        help,
        complete,
        error,
    } = field;
    let told = format!("{id}-error");
    let described = {
        let told = told.clone();
        move || error.get().map(|_| told.clone())
    };
    let class = move || match error.with(Option::is_some) {
        true => "field field-error",
        false => "field",
    };
    div()
        .class(class)
        .child((
            label().class("label").attr("for", id).child(name),
            help.map(|help| p().class("hint").child(help)),
            move || {
                let told = told.clone();
                error.get().map(|text| {
                    p().class("error")
                        .id(told)
                        .child((icon("circle-alert"), span().child(text)))
                })
            },
            input()
                .class("input")
                .id(id)
                .attr("type", "password")
                .attr("autocomplete", complete)
                .attr("aria-invalid", move || error.get().map(|_| "true"))
                .attr("aria-describedby", described)
                .node_ref(place),
        ))
        .into_any()
}

fn text_of(place: NodeRef<Input>) -> String {
    place
        .get_untracked()
        .map(|input| input.value())
        .unwrap_or_default()
}

fn take_focus(place: NodeRef<Input>) {
    if let Some(input) = place.get_untracked() {
        let _ = input.focus();
    }
}

/// How an attempt goes.
#[derive(Clone, Copy)]
struct Course {
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Error>>,
}

impl Course {
    fn new() -> Course {
        Course {
            busy: RwSignal::new(false),
            problem: RwSignal::new(None),
        }
    }

    fn trouble(self, words: &Words) -> AnyView {
        let words = words.clone();
        (move || self.problem.get().map(|error| error_notice(&words, &error))).into_any()
    }
}

fn submit(busy: RwSignal<bool>, icon_name: &'static str, word: String) -> AnyView {
    button()
        .class("btn btn-primary btn-wide")
        .attr("type", "submit")
        .attr("aria-busy", move || busy.get().then_some("true"))
        .child((icon(icon_name), word))
        .into_any()
}

fn choose(app: App, words: &Words) -> AnyView {
    let (first, second) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let course = Course::new();
    let wrong = RwSignal::new([false; 2]);
    let [short, differs] = ["gate.too_short", "gate.differs"].map(|key| words.t(key));
    let go = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if course.busy.get_untracked() {
            return;
        }
        let (one, other) = (text_of(first), text_of(second));
        let too_short = one.chars().count() < PASSPHRASE;
        wrong.set([too_short, !too_short && one != other]);
        match wrong.get_untracked() {
            [true, _] => return take_focus(first),
            [_, true] => return take_focus(second),
            _ => {}
        }
        course.busy.set(true);
        spawn_local(async move {
            let Some(store) = custody::behind(app) else {
                return;
            };
            match store.seal(&one).await {
                Ok(()) => custody::let_in(app).await,
                Err(error) => {
                    course.problem.try_set(Some(error));
                    course.busy.try_set(false);
                }
            }
        });
    };
    let error =
        |index: usize, text: String| Memo::new(move |_| wrong.get()[index].then(|| text.clone()));
    form()
        .class("stack")
        .attr("novalidate", "")
        .on(ev::submit, go)
        .child((
            head(words.t("gate.choose"), words.t("gate.choose_why")),
            course.trouble(words),
            field(
                first,
                Field {
                    id: "passphrase",
                    label: words.t("gate.passphrase"),
                    help: Some(words.t("gate.rule")),
                    complete: "new-password",
                    error: error(0, short),
                },
            ),
            field(
                second,
                Field {
                    id: "passphrase-again",
                    label: words.t("gate.again"),
                    help: None,
                    complete: "new-password",
                    error: error(1, differs),
                },
            ),
            submit(course.busy, "lock", words.t("gate.set")),
        ))
        .into_any()
}

fn ask(app: App, words: &Words) -> AnyView {
    let place = NodeRef::<Input>::new();
    let course = Course::new();
    let wrong = RwSignal::new(false);
    let not_it = words.t("gate.wrong");
    let go = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if course.busy.get_untracked() {
            return;
        }
        let passphrase = text_of(place);
        course.busy.set(true);
        wrong.set(false);
        spawn_local(async move {
            let Some(store) = custody::behind(app) else {
                return;
            };
            match store.unlock(&passphrase).await {
                Ok(true) => return custody::let_in(app).await,
                Ok(false) => {
                    wrong.try_set(true);
                    take_focus(place);
                }
                Err(error) => {
                    course.problem.try_set(Some(error));
                }
            }
            course.busy.try_set(false);
        });
    };
    div()
        .class("stack")
        .child((
            form()
                .class("stack")
                .attr("novalidate", "")
                .on(ev::submit, go)
                .child((
                    head(words.t("gate.locked"), words.t("gate.locked_why")),
                    course.trouble(words),
                    field(
                        place,
                        Field {
                            id: "passphrase",
                            label: words.t("gate.passphrase"),
                            help: None,
                            complete: "current-password",
                            error: Memo::new(move |_| wrong.get().then(|| not_it.clone())),
                        },
                    ),
                    submit(course.busy, "lock", words.t("gate.unlock")),
                )),
            forgotten(app, words),
        ))
        .into_any()
}

/// The only way on without the passphrase: without what it protects.
fn forgotten(app: App, words: &Words) -> AnyView {
    let place = NodeRef::<Input>::new();
    let wrong = RwSignal::new(false);
    let word = words.t("gate.word");
    let help = words.with("gate.forgotten_how", &[("word", &word)]);
    let missing = help.clone();
    let go = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if text_of(place).trim() != word {
            wrong.set(true);
            return take_focus(place);
        }
        spawn_local(wiring::begin_without(app));
    };
    let error = Memo::new(move |_| wrong.get().then(|| missing.clone()));
    details()
        .class("why")
        .child((
            summary().child(words.t("gate.forgotten")),
            form()
                .class("stack")
                .attr("novalidate", "")
                .on(ev::submit, go)
                .child((
                    p().child(words.t("gate.forgotten_why")),
                    div().class("field").child((
                        label().class("label").attr("for", "gate-word").child(help),
                        input()
                            .class("input")
                            .id("gate-word")
                            .attr("autocomplete", "off")
                            .attr("aria-invalid", move || error.get().map(|_| "true"))
                            .node_ref(place),
                    )),
                    button()
                        .class("btn btn-danger")
                        .attr("type", "submit")
                        .child((icon("trash"), words.t("gate.wipe"))),
                )),
        ))
        .into_any()
}

fn idle(app: App, words: &Words) -> AnyView {
    div()
        .class("stack")
        .child((
            head(words.t("gate.idle"), words.t("gate.idle_why")),
            button()
                .class("btn btn-primary btn-wide")
                .attr("type", "button")
                .on(ev::click, move |_| spawn_local(custody::let_in(app)))
                .child(words.t("gate.go_on")),
        ))
        .into_any()
}
