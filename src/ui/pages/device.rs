//! What is on this device: how much of what, how long, protected from whom; saved to a file, taken in
//! again, and removed.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, dd, dialog, div, dl, dt, form, h2, input, label, p, section};
use leptos::ev;
use leptos::html::Input;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::browser::clock;
use crate::browser::store::{
    DRAFTS, META, OUTBOX, RECORDS, Store, ask_persistence, estimate, is_persistent,
};
use crate::core::draft::recover;
use crate::core::error::Error;
use crate::core::retention::{self, Amount, PASSPHRASE};
use crate::core::sync::Operation;
use crate::ui::actions::{save_all, sign_out};
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::page_head::page_head;
use crate::ui::custody::{BEGUN_TEXTS, Keeping};
use crate::ui::state::{App, Toast, Words};

/// What was found.
#[derive(Clone, Default)]
struct Holdings {
    kinds: Vec<(&'static str, Amount)>,
    /// The browser's words: quota and what is used.
    estimate: Option<(u64, u64)>,
    persistent: Option<bool>,
    /// Free bytes for files.
    room: u64,
}

/// The page.
pub(super) fn page(app: App) -> AnyView {
    let words = app.words_now();
    let found = RwSignal::new(None::<Holdings>);
    Effect::new(move |_| {
        // Counted anew whenever something has changed.
        app.drafts.with(|_| {});
        app.outbox.with(|_| {});
        app.records.with(|_| {});
        spawn_local(async move {
            if let Some(store) = app.store() {
                match count(&store).await {
                    Ok(holdings) => {
                        found.try_set(Some(holdings));
                    }
                    Err(error) => app.problem.set(Some(error)),
                }
            }
        });
    });
    let mode = mode(app);
    let table = {
        let words = words.clone();
        move || {
            found
                .get()
                .map(|holdings| holdings_view(app, &words, &holdings))
        }
    };
    div()
        .class("page")
        .child((
            page_head(
                words.t("nav.device"),
                words.t(&format!("device.mode.{mode}")),
            ),
            table,
            passphrase(app, &words),
            saving(app, &words),
            removing(app, &words),
        ))
        .into_any()
}

/// What the deployment wants, unless the browser refuses.
fn mode(app: App) -> &'static str {
    match app.custody.keeping.get_untracked() {
        Keeping::Refused(_) => "refused",
        Keeping::ByRule => "off",
        Keeping::Device => match app.deployment().portal.retention {
            _ if app.store().is_some_and(|store| store.is_sealed()) => "locked",
            other => other.word(),
        },
    }
}

async fn count(store: &Store) -> Result<Holdings, Error> {
    let drafts = store.entries(DRAFTS).await?;
    let outbox = store.entries(OUTBOX).await?;
    let mut begun = store.entries(META).await?;
    begun.retain(|(key, _)| key.starts_with(BEGUN_TEXTS));
    let records = store.entries(RECORDS).await?;
    let recovered: Vec<_> = drafts.iter().map(|(id, text)| recover(id, text)).collect();
    let operations: Vec<Operation> = outbox
        .iter()
        .filter_map(|(_, text)| Operation::from_json(&serde_json::from_str(text).ok()?))
        .collect();
    let mut files = Amount::default();
    for file in retention::files(&recovered, &operations) {
        files.add(file.size);
    }
    let (cases, others): (Vec<_>, Vec<_>) = records.into_iter().partition(|(key, _)| {
        ["case/", "comment/", "attachment/"]
            .iter()
            .any(|of| key.starts_with(of))
    });
    Ok(Holdings {
        kinds: vec![
            ("drafts", retention::amount(&drafts)),
            ("files", files),
            ("outbox", retention::amount(&outbox)),
            ("begun", retention::amount(&begun)),
            ("cases", retention::amount(&cases)),
            ("others", retention::amount(&others)),
        ],
        estimate: estimate().await,
        persistent: is_persistent().await,
        room: store.room().await,
    })
}

fn fact(name: String, value: impl IntoView + 'static) -> AnyView {
    div()
        .child((dt().child(name), dd().child(value)))
        .into_any()
}

fn holdings_view(app: App, words: &Words, holdings: &Holdings) -> AnyView {
    let lang = words.lang();
    let mut rows: Vec<AnyView> = holdings
        .kinds
        .iter()
        .map(|(kind, amount)| {
            let text = match amount.count {
                0 => words.t("device.none"),
                count => format!(
                    "{} · {}",
                    words.count("device.entries", count),
                    clock::bytes(lang, amount.bytes)
                ),
            };
            fact(words.t(&format!("device.kind.{kind}")), text)
        })
        .collect();
    let as_of = match app.records.with_untracked(|records| records.as_of) {
        0 => words.t("pending.never"),
        at => format!("{} ({})", clock::date_time(lang, at), clock::ago(lang, at)),
    };
    rows.push(fact(words.t("device.as_of"), as_of));
    let space = match holdings.estimate {
        Some((quota, used)) => words.with(
            "device.space_of",
            &[
                ("used", &clock::bytes(lang, used)),
                ("quota", &clock::bytes(lang, quota)),
                ("room", &clock::bytes(lang, holdings.room)),
            ],
        ),
        None => words.t("device.space_unknown"),
    };
    rows.push(fact(words.t("device.space"), space));
    if app.custody.keeping.get_untracked() == Keeping::Device {
        let promise = words.t(match holdings.persistent {
            Some(true) => "device.promised",
            Some(false) => "device.not_promised",
            None => "device.promise_unknown",
        });
        let ask = (holdings.persistent == Some(false)).then(|| ask(app, words));
        rows.push(fact(
            words.t("device.promise"),
            div().class("stack-s").child((p().child(promise), ask)),
        ));
    }
    section()
        .class("ticket")
        .child(dl().class("summary").child(rows))
        .into_any()
}

/// The wish that the browser does not clear this away by itself.
fn ask(app: App, words: &Words) -> AnyView {
    let words = words.clone();
    let word = words.t("device.ask");
    button()
        .class("btn btn-s")
        .attr("type", "button")
        .on(ev::click, move |_| {
            let words = words.clone();
            spawn_local(async move {
                let key = match ask_persistence().await {
                    Some(true) => "device.promised",
                    _ => "device.refused",
                };
                app.toast.set(Some(Toast {
                    text: words.t(key),
                    undo_draft: None,
                }));
                // It is read again.
                app.drafts.update(|_| {});
            });
        })
        .child(word)
        .into_any()
}

fn group(title: String, help: String, body: impl IntoView + 'static) -> AnyView {
    let head = div()
        .class("stack-s")
        .child((h2().child(title), p().class("small muted").child(help)));
    section().class("section").child((head, body)).into_any()
}

/// Putting what is encrypted under another passphrase.
fn passphrase(app: App, words: &Words) -> Option<AnyView> {
    app.store().filter(|store| store.is_sealed())?;
    let (old, new) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let told = RwSignal::new(None::<&'static str>);
    let change = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let value = |place: NodeRef<Input>| {
            let input = place.get_untracked();
            input.map(|input| input.value()).unwrap_or_default()
        };
        let (before, after) = (value(old), value(new));
        if after.chars().count() < PASSPHRASE {
            return told.set(Some("gate.too_short"));
        }
        let Some(store) = app.store() else { return };
        spawn_local(async move {
            let changed = store.change_passphrase(&before, &after).await;
            told.try_set(Some(match changed {
                Ok(true) => "gate.changed",
                Ok(false) => "gate.wrong",
                Err(error) => return app.problem.set(Some(error)),
            }));
        });
    };
    let field = |id: &'static str, name: String, complete: &'static str, place: NodeRef<Input>| {
        div().class("field").child((
            label().class("label").attr("for", id).child(name),
            input()
                .class("input")
                .id(id)
                .attr("type", "password")
                .attr("autocomplete", complete)
                .node_ref(place),
        ))
    };
    let status = {
        let words = words.clone();
        move || told.get().map(|key| words.t(key))
    };
    let body = form()
        .class("stack")
        .attr("novalidate", "")
        .on(ev::submit, change)
        .child((
            field(
                "old-passphrase",
                words.t("gate.old"),
                "current-password",
                old,
            ),
            field("new-passphrase", words.t("gate.new"), "new-password", new),
            p().attr("role", "status").child(status),
            div().class("actions").child(
                button()
                    .class("btn")
                    .attr("type", "submit")
                    .child((icon("lock"), words.t("gate.change"))),
            ),
        ));
    Some(group(words.t("gate.change"), words.t("gate.rule"), body))
}

/// Into a file, and out of one.
fn saving(app: App, words: &Words) -> AnyView {
    let take = move |event: web_sys::Event| {
        let target = event.target();
        let input = target.and_then(|one| one.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            save_all::take_in(app, file);
        }
        input.set_value("");
    };
    let body = div().class("actions").child((
        button()
            .class("btn")
            .attr("type", "button")
            .on(ev::click, move |_| save_all::save(app))
            .child((icon("download"), words.t("device.save"))),
        label().class("btn").child((
            icon("upload"),
            words.t("device.take_in"),
            input()
                .class("vh")
                .attr("type", "file")
                .attr("accept", ".jsonl")
                .on(ev::change, take),
        )),
    ));
    group(
        words.t("device.saving"),
        words.t("device.saving_help"),
        body,
    )
}

/// Everything away, asked for twice.
fn removing(app: App, words: &Words) -> AnyView {
    let place = NodeRef::<leptos::html::Dialog>::new();
    let close = move || {
        if let Some(dialog) = place.get_untracked() {
            dialog.close();
        }
    };
    let open = move |_| {
        if let Some(dialog) = place.get_untracked() {
            // It is closed, or the button could not have been reached.
            let _ = dialog.show_modal();
        }
    };
    let question = dialog()
        .class("dialog")
        .node_ref(place)
        .attr("aria-labelledby", "wipe-title")
        .child((
            h2().id("wipe-title").child(words.t("device.wipe_title")),
            p().child(words.t("device.wipe_why")),
            div().class("actions").child((
                button()
                    .class("btn btn-danger")
                    .attr("type", "button")
                    .on(ev::click, move |_| {
                        close();
                        spawn_local(sign_out::at_once(app));
                    })
                    .child((icon("trash"), words.t("device.wipe_yes"))),
                button()
                    .class("btn")
                    .attr("type", "button")
                    .on(ev::click, move |_| close())
                    .child(words.t("device.wipe_no")),
            )),
        ));
    let body = div().child((
        div().class("actions").child((
            button()
                .class("btn btn-danger")
                .attr("type", "button")
                .on(ev::click, open)
                .child((icon("trash"), words.t("device.wipe"))),
            link(
                app,
                "btn",
                crate::core::route::Route::Pending,
                words.t("device.to_pending"),
            ),
        )),
        question,
    ));
    group(
        words.t("device.removing"),
        words.t("device.removing_help"),
        body,
    )
}
