//! Signing out with work that was not sent: send it, save it to a file, give it up, or stay.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, dialog as dialog_element, div, h2, li, p, ul};
use leptos::ev;
use leptos::task::spawn_local;

use crate::core::retention::Unsent;
use crate::core::sync::{Event, Operation, Progress};
use crate::ui::actions::{save_all, sign_out};
use crate::ui::components::icon::icon;
use crate::ui::custody;
use crate::ui::state::{App, Words};

/// The dialog, open.
pub(super) fn dialog(app: App) -> AnyView {
    let words = app.words_now();
    let place = NodeRef::<leptos::html::Dialog>::new();
    let sending = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(dialog) = place.get() {
            // Without support for dialogs it stays closed, and one stays signed in.
            let _ = dialog.show_modal();
        }
    });
    on_cleanup(move || {
        if let Some(dialog) = place.try_get_untracked().flatten() {
            dialog.close();
        }
    });
    let waiting = Memo::new(move |_| {
        app.outbox
            .with(|outbox| outbox.iter().filter(|one| !one.is_done()).count() as u64)
    });
    count_again(app, waiting, sending);
    let stay = move || app.custody.leaving.set(None);
    dialog_element()
        .class("dialog")
        .node_ref(place)
        .attr("aria-labelledby", "leaving-title")
        .on(ev::Custom::<web_sys::Event>::new("cancel"), move |event| {
            event.prevent_default();
            stay();
        })
        .child((
            h2().id("leaving-title").child(words.t("leaving.title")),
            p().child(words.t("leaving.why")),
            {
                let words = words.clone();
                move || app.custody.leaving.get().map(|unsent| list(&words, unsent))
            },
            progress(app, &words, sending, waiting),
            acts(app, &words, sending, waiting),
            button()
                .class("btn btn-quiet")
                .attr("type", "button")
                .on(ev::click, move |_| stay())
                .child(words.t("leaving.stay")),
        ))
        .into_any()
}

/// Whenever something was sent: what is left, and on to the sign-out when that is nothing.
fn count_again(app: App, waiting: Memo<u64>, sending: RwSignal<bool>) {
    Effect::new(move |before: Option<u64>| {
        let now = waiting.get();
        if before.is_some_and(|before| before != now) {
            spawn_local(async move {
                let Ok(unsent) = custody::unsent(app).await else {
                    return;
                };
                if unsent.is_none() && sending.try_with_untracked(|it| *it) == Some(true) {
                    return sign_out::at_once(app).await;
                }
                app.custody.leaving.try_update(|leaving| {
                    if leaving.is_some() {
                        *leaving = Some(unsent);
                    }
                });
            });
        }
        now
    });
}

fn list(words: &Words, unsent: Unsent) -> AnyView {
    let line = |count: u64, key: &str| (count > 0).then(|| li().child(words.count(key, count)));
    let lines = (
        line(unsent.drafts, "leaving.drafts"),
        line(unsent.waiting, "leaving.waiting"),
        line(unsent.comments, "leaving.comments"),
    );
    ul().class("bullets").child(lines).into_any()
}

fn needs_somebody(one: &Operation) -> bool {
    matches!(one.state, Progress::NeedsYou { .. })
}

/// How far sending is, and what stands in its way.
fn progress(app: App, words: &Words, sending: RwSignal<bool>, waiting: Memo<u64>) -> AnyView {
    let words = words.clone();
    p().attr("role", "status")
        .child(move || {
            if !sending.get() || waiting.get() == 0 {
                return None;
            }
            let stuck = app
                .outbox
                .with(|outbox| outbox.iter().filter(|one| needs_somebody(one)).count() as u64);
            Some(if !app.online.get() {
                words.t("leaving.offline")
            } else if stuck > 0 && stuck == waiting.get() {
                words.count("leaving.stuck", stuck)
            } else {
                words.count("leaving.sending", waiting.get())
            })
        })
        .into_any()
}

fn acts(app: App, words: &Words, sending: RwSignal<bool>, waiting: Memo<u64>) -> AnyView {
    let locked = custody::behind(app).is_some();
    let send = {
        let words = words.clone();
        move || {
            (waiting.get() > 0 && !sending.get()).then(|| {
                button()
                    .class("btn btn-primary")
                    .attr("type", "button")
                    .on(ev::click, move |_| {
                        sending.set(true);
                        if let Some(runtime) = app.runtime() {
                            runtime.wish(Event::Refresh);
                        }
                    })
                    .child((icon("send"), words.t("leaving.send")))
            })
        }
    };
    let save = (!locked).then(|| {
        button()
            .class("btn")
            .attr("type", "button")
            .on(ev::click, move |_| save_all::save(app))
            .child((icon("download"), words.t("leaving.save")))
    });
    let discard = button()
        .class("btn btn-danger")
        .attr("type", "button")
        .on(ev::click, move |_| spawn_local(sign_out::at_once(app)))
        .child((icon("trash"), words.t("leaving.discard")));
    div()
        .class("actions")
        .child((send, save, discard))
        .into_any()
}
