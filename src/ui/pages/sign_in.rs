//! The sign-in (CMS-02): as a page when nobody is known here, and over the page when a sign-in has
//! ended, so that everything typed stays where it is.
//!
//! Each thing that can go wrong is told apart: nothing given, wrong, and no answer.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    a, b, button, dialog as dialog_element, div, form, h2, header, input, label, p, section, span,
};
use leptos::ev;
use leptos::html::Input;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::focus;
use super::later::{self, View};
use crate::core::error::Kind;
use crate::core::profile::session::{asked, provider};
use crate::core::text::LocalText;
use crate::ui::actions::sign_in::{self, Course, sign_in};
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, error_notice, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Identity, Words};

/// The sign-in as a page, or `over` another page, where the dialog around it names it.
pub fn page(app: App, over: bool) -> AnyView {
    let words = app.words_now();
    // Only the usual form is in the first part of the program.
    let form = match app.deployment().cookie && !is_elsewhere(app) {
        true => usual_form(app, &words, over),
        false => later::at_once_here(app, View::SignIn(over)),
    };
    if over {
        return form;
    }
    let head = page_head(words.t("sign_in.title"), words.t("sign_in.lede"));
    let card = div().class("solo-card").child((head, form));
    div().class("solo").child(card).into_any()
}

/// Whether one signs in in a window of the portal: a provider's answer comes to windows of this
/// portal, never into a frame of another site.
fn is_elsewhere(app: App) -> bool {
    let portal = &app.deployment().portal;
    app.in_frame() && (!portal.embed.sign_in_inside || portal.sign_in.is_some())
}

/// The sign-in over the page. The browser brings the focus back to where it was when it closes.
pub fn dialog(app: App) -> AnyView {
    let words = app.words_now();
    let place = NodeRef::<leptos::html::Dialog>::new();
    let title = NodeRef::<leptos::html::H2>::new();
    Effect::new(move |_| {
        let (Some(dialog), Some(title)) = (place.get(), title.get()) else {
            return;
        };
        let typing = focus::active(&dialog)
            .is_some_and(|held| held.matches("input, textarea").unwrap_or(false));
        // It can't be open already; without support for dialogs it stays closed, and the banner says
        // that the sign-in has ended.
        let _ = dialog.show_modal();
        // What is being typed at this moment must not end up in the password.
        let password = dialog.query_selector("input[type=password]").ok().flatten();
        let password = password.and_then(|found| found.dyn_into::<HtmlElement>().ok());
        let _ = match password.filter(|_| !typing) {
            Some(password) => password.focus(),
            None => title.focus(),
        };
    });
    on_cleanup(move || {
        if let Some(dialog) = place.try_get_untracked().flatten() {
            dialog.close();
        }
    });
    let later = move || app.ask_sign_in.set(false);
    dialog_element()
        .class("dialog")
        .node_ref(place)
        .attr("aria-labelledby", "sign-in-title")
        .attr("aria-describedby", "sign-in-safe")
        .on(ev::Custom::<web_sys::Event>::new("cancel"), move |event| {
            event.prevent_default();
            later();
        })
        .child((
            header().class("stack-s").child((
                h2().id("sign-in-title")
                    .attr("tabindex", "-1")
                    .node_ref(title)
                    .child(words.t("sign_in.ended")),
                p().id("sign-in-safe").child(words.t("sign_in.ended_safe")),
            )),
            page(app, true),
            button()
                .class("btn btn-quiet")
                .attr("type", "button")
                .on(ev::click, move |_| later())
                .child(words.t("sign_in.later")),
        ))
        .into_any()
}

/// In a frame on somebody's page no password is asked for: what such a page looks like is that
/// page's doing, and a window shows whose it is.
fn window_view(app: App, words: &Words) -> AnyView {
    let blocked = RwSignal::new(false);
    let open = move |_| {
        let opened = app.ask("sign-in");
        spawn_local(async move {
            let opened = opened.await;
            blocked.try_set(!opened);
        });
    };
    let link = app.host.with_value(|host| host.as_ref()?.text("signIn"));
    let [title, help, label] =
        ["blocked", "blocked_help", "blocked_link"].map(|key| words.t(&format!("sign_in.{key}")));
    let trouble = move || {
        let way = a()
            .href(link.clone().unwrap_or_default())
            .attr("target", "_blank")
            // The window has to tell the frame, so it must know it.
            .attr("rel", "opener")
            .child(label.clone());
        let body = (p().child(help.clone()), p().child(way));
        blocked
            .get()
            .then(|| notice(Tone::Warning, title.clone(), body))
    };
    div()
        .class("stack")
        .child((
            trouble,
            button()
                .class("btn btn-primary btn-wide")
                .attr("type", "button")
                .on(ev::click, open)
                .child((icon("log-in"), words.t("sign_in.window"))),
            p().class("hint").child(words.t("sign_in.window_help")),
        ))
        .into_any()
}

/// What the form asks for.
struct Asked {
    /// Of login and password, where it is asked for: what it is called, and what is said if it is
    /// missing.
    lines: [Option<[String; 2]>; 2],
    /// What is said if it is not right.
    wrong: String,
    /// Whether the backend's profile says how one signs in.
    by_profile: bool,
}

fn usual_form(app: App, words: &Words, over: bool) -> AnyView {
    let lines = [
        ["sign_in.email", "sign_in.login_missing"],
        ["sign_in.password", "sign_in.password_missing"],
    ];
    let asked = Asked {
        lines: lines.map(|keys| Some(keys.map(|key| words.t(key)))),
        wrong: words.t("sign_in.wrong"),
        by_profile: false,
    };
    fields(app, words, over, asked)
}

/// The sign-in by any other way; part of what comes later.
pub(super) fn by_other_ways(app: App, over: bool) -> AnyView {
    let words = &app.words_now();
    let deployment = app.deployment();
    if is_elsewhere(app) {
        return window_view(app, words);
    }
    if deployment.cookie {
        return usual_form(app, words, over);
    }
    if deployment.portal.sign_in.is_some() {
        return at_provider(app, words);
    }
    if provider(&deployment.profile, &deployment.portal.origins).is_some() {
        return at_provider(app, words);
    }
    let [login, password] = asked(&deployment.profile);
    let alone = login.is_none();
    let line = |label: LocalText, usual: &str| {
        let label = match label.get(words.lang()) {
            "" => words.t(usual),
            label => label.to_string(),
        };
        let missing = words.with("sign_in.missing", &[("what", &label)]);
        [label, missing]
    };
    let usual = match alone {
        true => "sign_in.token",
        false => "sign_in.password",
    };
    let asked = Asked {
        lines: [
            login.map(|label| line(label, "sign_in.login")),
            password.map(|label| line(label, usual)),
        ],
        wrong: words.t(match alone {
            true => "sign_in.wrong_token",
            false => "sign_in.wrong_login",
        }),
        by_profile: true,
    };
    fields(app, words, over, asked)
}

fn fields(app: App, words: &Words, over: bool, asked: Asked) -> AnyView {
    let Asked {
        lines,
        wrong: not_right,
        by_profile,
    } = asked;
    let place = NodeRef::<leptos::html::Form>::new();
    let (login, password) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None);
    let missing = RwSignal::new([false; 2]);
    let [asks_login, asks_password] = [&lines[0], &lines[1]].map(Option::is_some);
    let wrong = Memo::new(move |_| {
        refused.with(|error: &Option<crate::core::error::Error>| {
            error
                .as_ref()
                .is_some_and(|error| error.kind() == Kind::SignedOut)
        })
    });
    Effect::new(move |_| {
        if let (true, Some(password)) = (wrong.get(), password.get()) {
            let _ = password.focus();
            password.select();
        }
    });
    if !over {
        // The form goes when it has done its work; the focus goes on to what it opened.
        on_cleanup(move || {
            if let Some(form) = place.try_get_untracked().flatten() {
                focus::to_main(&form);
            }
        });
    }
    let go = move || {
        if busy.get_untracked() {
            return;
        }
        let (name, secret) = (text_of(login), text_of(password));
        let gaps = [
            asks_login && name.trim().is_empty(),
            asks_password && secret.is_empty(),
        ];
        missing.set(gaps);
        refused.set(None);
        match gaps {
            [true, _] => take_focus(login),
            [_, true] => take_focus(password),
            _ => sign_in(app, name, secret, Course { busy, refused }, by_profile),
        }
    };
    let known = known_login(app);
    let [login_line, password_line] = lines.map(Option::unwrap_or_default);
    let ([login_label, no_login], [password_label, no_password]) = (login_line, password_line);
    let login_error = Memo::new(move |_| missing.get()[0].then(|| no_login.clone()));
    let password_error = Memo::new(move |_| match (missing.get()[1], wrong.get()) {
        (true, _) => Some(no_password.clone()),
        (_, true) => Some(not_right.clone()),
        _ => None,
    });
    let trouble = {
        let words = words.clone();
        move || {
            refused
                .get()
                .filter(|_| !wrong.get())
                .map(|error| error_notice(&words, &error))
        }
    };
    let label = {
        let words = words.clone();
        move || {
            words.t(if busy.get() {
                "sign_in.busy"
            } else {
                "sign_in.button"
            })
        }
    };
    let fill = move |name: &str, secret: &str| {
        for (control, text) in [(login, name), (password, secret)] {
            if let Some(control) = control.get_untracked() {
                control.set_value(text);
            }
        }
        go();
    };
    let whose = if over { known.clone() } else { String::new() };
    let view = form()
        .class("stack")
        .node_ref(place)
        .attr("novalidate", "")
        .on(ev::submit, move |event| {
            event.prevent_default();
            go();
        })
        .child((
            trouble,
            asks_login.then(|| line(app, "email", login_label, login, known, login_error)),
            asks_password.then(|| {
                let start = String::new();
                line(
                    app,
                    "password",
                    password_label,
                    password,
                    start,
                    password_error,
                )
            }),
            button()
                .class("btn btn-primary btn-wide")
                .attr("type", "submit")
                .attr("aria-disabled", move || busy.get().then_some("true"))
                .child((icon("log-in"), label)),
        ));
    (view, examples(app, words, &whose, fill)).into_any()
}

/// The one button where a provider asks for everything else.
fn at_provider(app: App, words: &Words) -> AnyView {
    let course = Course {
        busy: RwSignal::new(false),
        refused: RwSignal::new(None),
    };
    let trouble = {
        let words = words.clone();
        move || {
            let refused = course.refused.get();
            refused.map(|error| error_notice(&words, &error))
        }
    };
    let label = {
        let words = words.clone();
        move || {
            words.t(if course.busy.get() {
                "sign_in.in_window"
            } else {
                "sign_in.button"
            })
        }
    };
    let go = move |_| {
        if !sign_in::at_provider(app, course) {
            course.refused.set(Some(sign_in::shut()));
        }
    };
    // Pressed again while it waits, it opens the window anew: the old one may be lost behind others.
    let press = button()
        .class("btn btn-primary btn-wide")
        .attr("type", "button")
        .on(ev::click, go)
        .child((icon("log-in"), label));
    let hint = p().class("hint").child(words.t("sign_in.window_hint"));
    let view = div().class("stack").child((trouble, press, hint));
    view.into_any()
}

/// One of the two lines: its kind names its id, and its type.
fn line(
    app: App,
    kind: &'static str,
    called: String,
    place: NodeRef<Input>,
    start: String,
    error: Memo<Option<String>>,
) -> AnyView {
    let is_login = kind == "email";
    // A backend of others may know people by any name.
    let typed = match is_login && !app.deployment().cookie {
        true => "text",
        false => kind,
    };
    let id = format!("sign-in-{kind}");
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    let wrong = move || error.with(Option::is_some);
    div()
        .class(move || {
            if wrong() {
                "field field-error"
            } else {
                "field"
            }
        })
        .child((
            label().class("label").attr("for", id.clone()).child(called),
            move || {
                error.get().map(|text| {
                    p().class("error")
                        .id(error_id.clone())
                        .child((icon("circle-alert"), span().child(text)))
                })
            },
            input()
                .class("input")
                .id(id)
                .node_ref(place)
                .attr("type", typed)
                .attr(
                    "autocomplete",
                    if is_login {
                        "username"
                    } else {
                        "current-password"
                    },
                )
                .attr("aria-required", "true")
                .attr("aria-invalid", move || wrong().then_some("true"))
                .attr("aria-describedby", move || {
                    wrong().then(|| described.clone())
                })
                .prop("value", start)
                .on(ev::input, move |_| {
                    if is_login {
                        keep_login(app, text_of(place));
                    }
                }),
        ))
        .into_any()
}

/// The example accounts of a trial; over a page only the one that was here.
fn examples(
    app: App,
    words: &Words,
    whose: &str,
    fill: impl Fn(&str, &str) + Copy + 'static,
) -> Option<AnyView> {
    let all = app.identity.with_untracked(|identity| match identity {
        Identity::Nobody(session) | Identity::Remembered(session) => session.examples.clone(),
        _ => Vec::new(),
    });
    let entries: Vec<_> = all
        .into_iter()
        .filter(|[login, ..]| whose.is_empty() || login == whose)
        .map(|[login, password, name, note]| {
            button()
                .class("example")
                .attr("type", "button")
                .on(ev::click, move |_| fill(&login, &password))
                .child((b().child(name), span().class("small muted").child(note)))
        })
        .collect();
    if entries.is_empty() {
        return None;
    }
    let view = section()
        .class("section")
        .attr("aria-labelledby", "sign-in-examples")
        .child((
            p().class("label")
                .id("sign-in-examples")
                .child(words.t("sign_in.examples")),
            p().class("hint").child(words.t("sign_in.examples_help")),
            div().class("examples").child(entries),
        ));
    Some(view.into_any())
}

fn known_login(app: App) -> String {
    app.identity.with_untracked(|identity| match identity {
        Identity::Unknown => String::new(),
        Identity::Nobody(session) | Identity::Here(session) | Identity::Remembered(session) => {
            session.login.clone()
        }
    })
}

/// Keeps what is being typed through a change of the language, which builds the page anew.
fn keep_login(app: App, login: String) {
    app.identity.update_untracked(|identity| {
        if let Identity::Nobody(session) = identity {
            session.login = login;
        }
    });
}

fn text_of(control: NodeRef<Input>) -> String {
    control
        .get_untracked()
        .map(|control| control.value())
        .unwrap_or_default()
}

fn take_focus(control: NodeRef<Input>) {
    if let Some(control) = control.get_untracked() {
        // A control in the page can take the focus.
        let _ = control.focus();
    }
}
