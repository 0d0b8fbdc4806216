//! All drafts of this device: those being written, those long untouched, those discarded in the last
//! week, and what could not be read as a draft, as text.
//!
//! Nothing is deleted here without being asked for, except what was discarded or had come to its end,
//! and for both the day is said before.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, details, dialog, div, h2, li, p, section, span, summary, ul};
use leptos::ev;
use leptos::task::spawn_local;

use super::focus;
use super::sent::copy;
use crate::browser::store::{Change, DRAFTS};
use crate::browser::{clock, page as window};
use crate::core::draft::{Draft, Recovered, State as DraftState};
use crate::core::route::Route;
use crate::ui::actions::{discard_draft, end_drafts};
use crate::ui::components::draft_row::draft_row;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Words};
use crate::ui::wiring::{KEPT, read_drafts};

/// The page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let place = NodeRef::new();
    let rows = Memo::new(move |_| app.drafts.with(|drafts| drafts.len()) + app.open_drafts().len());
    focus::keep(place, rows);
    div()
        .class("page")
        .node_ref(place)
        .child((
            page_head(words.t("drafts.title"), words.t("drafts.lede")),
            link(app, "small", Route::Device, words.t("nav.device")),
            open(app),
            untouched(app),
            discarded(app),
            unreadable(app),
            handed_over(app),
        ))
        .into_any()
}

/// The way to what somebody handed over as a file.
fn handed_over(app: App) -> AnyView {
    let content = (
        icon("archive-restore"),
        app.words_now().t("case_file.title"),
    );
    div()
        .class("actions")
        .child(link(app, "btn btn-quiet", Route::CaseFile, content))
        .into_any()
}

fn rows(app: App, words: &Words, drafts: &[Draft]) -> AnyView {
    let rows: Vec<AnyView> = drafts
        .iter()
        .map(|one| draft_row(app, words, one))
        .collect();
    ul().class("rows").child(rows).into_any()
}

/// What is being written, or the first step where there is nothing.
fn open(app: App) -> impl IntoView {
    let words = app.words_now();
    let all = Memo::new(move |_| app.open_drafts());
    move || {
        let all = all.get();
        let recent: Vec<Draft> = all
            .iter()
            .filter(|one| end_drafts::end_of(app, one).is_none())
            .cloned()
            .collect();
        let begin = |class| {
            let content = (icon("plus"), words.t("nav.new"));
            link(app, class, Route::NewCase, content)
        };
        if all.is_empty() {
            return div()
                .class("empty")
                .child((
                    icon("file-pen-line"),
                    h2().child(words.t("drafts.empty")),
                    p().class("muted").child(words.t("drafts.empty_next")),
                    begin("btn btn-primary"),
                ))
                .into_any();
        }
        let list = (!recent.is_empty()).then(|| rows(app, &words, &recent));
        (list, div().class("actions").child(begin("btn"))).into_any()
    }
}

/// What is put away soon because nobody touches it; its author is told by this.
fn untouched(app: App) -> impl IntoView {
    let words = app.words_now();
    move || {
        let mut old = app.open_drafts();
        old.retain(|one| end_drafts::end_of(app, one).is_some());
        end_drafts::tell(app, &old);
        let days = app.deployment().portal.draft_days;
        let first = old
            .iter()
            .filter_map(|one| end_drafts::end_of(app, one))
            .min()?;
        let time = clock::date_time(words.lang(), first);
        let help = format!(
            "{} {}",
            words.with("drafts.ends", &[("time", &time)]),
            words.t("drafts.old_help")
        );
        let list = rows(app, &words, &old);
        Some(group(words.count("drafts.old", days), help, list))
    }
}

/// On home: that drafts are put away soon, and the way to them.
pub(super) fn ending(app: App) -> AnyView {
    let words = app.words_now();
    let soon = move || {
        let mut old = app.open_drafts();
        old.retain(|one| end_drafts::end_of(app, one).is_some());
        (!old.is_empty()).then(|| {
            let text = words.count("home.ending", old.len() as u64);
            notice(
                Tone::Warning,
                text,
                link(app, "", Route::Drafts, words.t("nav.drafts")),
            )
        })
    };
    soon.into_any()
}

fn group(title: String, help: String, list: AnyView) -> AnyView {
    let head = div()
        .class("stack-s")
        .child((h2().child(title), p().class("small muted").child(help)));
    section().class("section").child((head, list)).into_any()
}

/// What was discarded and can still be taken back.
fn discarded(app: App) -> impl IntoView {
    let words = app.words_now();
    let found =
        Memo::new(move |_| app.drafts_where(|state| matches!(state, DraftState::Discarded { .. })));
    move || {
        let found = found.get();
        let rows: Vec<AnyView> = found
            .iter()
            .filter_map(|draft| match draft.state {
                DraftState::Discarded { at } => Some(discarded_row(app, &words, draft, at)),
                _ => None,
            })
            .collect();
        (!rows.is_empty()).then(|| {
            group(
                words.t("drafts.discarded"),
                words.t("drafts.discarded_help"),
                ul().class("rows").child(rows).into_any(),
            )
        })
    }
}

fn discarded_row(app: App, words: &Words, draft: &Draft, at: i64) -> AnyView {
    let title = match draft.title() {
        "" => words.t("drafts.untitled"),
        title => title.to_string(),
    };
    let customer = draft.text("customer_name").to_string();
    let until = clock::date_time(words.lang(), at + KEPT);
    let id = draft.id.clone();
    let hidden = span().class("vh").child(format!(" {title}"));
    li().class("row")
        .child((
            span().class("row-lead").child(icon("trash")),
            div().class("row-body").child((
                p().class("row-title").child(title),
                p().class("row-meta").child((
                    (!customer.is_empty()).then(|| span().child(customer)),
                    span().child(words.with("drafts.until", &[("time", &until)])),
                )),
            )),
            div().class("row-end").child(
                button()
                    .class("btn btn-s")
                    .attr("type", "button")
                    .on(ev::click, move |_| discard_draft::restore(app, id.clone()))
                    .child((icon("undo-2"), words.t("drafts.take_back"), hidden)),
            ),
        ))
        .into_any()
}

/// What could not be read as a draft: all of its text, to be read, copied and downloaded.
fn unreadable(app: App) -> impl IntoView {
    let words = app.words_now();
    let texts = Memo::new(move |_| {
        app.drafts.with(|drafts| {
            let texts = drafts.iter().filter_map(|one| match one {
                Recovered::Text { id, text } => Some((id.clone(), text.clone())),
                Recovered::Draft(_) => None,
            });
            texts.collect::<Vec<_>>()
        })
    });
    move || {
        let cards: Vec<AnyView> = texts
            .get()
            .into_iter()
            .map(|(id, text)| text_row(app, &words, id, text))
            .collect();
        (!cards.is_empty()).then(|| {
            group(
                words.t("drafts.text"),
                words.t("drafts.text_help"),
                ul().class("rows").child(cards).into_any(),
            )
        })
    }
}

fn text_row(app: App, words: &Words, id: String, text: String) -> AnyView {
    let ask = NodeRef::<leptos::html::Dialog>::new();
    let name: String = format!("draft-{id}").chars().take(60).collect();
    let act = |icon_name: &str, key: &str, class: &'static str| {
        let hidden = span().class("vh").child(format!(" {name}"));
        button()
            .class(class)
            .attr("type", "button")
            .child((icon(icon_name), words.t(key), hidden))
    };
    let (copied, saved, file) = (text.clone(), text.clone(), format!("{name}.txt"));
    let buttons = div().class("inline").child((
        act("copy", "copy", "btn btn-s").on(ev::click, move |_| copy(app, &copied)),
        act("download", "drafts.download", "btn btn-s").on(ev::click, move |_| {
            window::download(&file, &saved);
        }),
        act("trash", "drafts.discard", "btn btn-s btn-quiet").on(ev::click, move |_| {
            if let Some(ask) = ask.get_untracked() {
                // It is closed, or the button could not have been reached.
                let _ = ask.show_modal();
            }
        }),
    ));
    li().class("row row-needs")
        .child((
            span().class("row-lead").child(icon("archive-restore")),
            div().class("row-body").child(div().class("stack-s").child((
                p().class("row-title").child(name.clone()),
                details().class("why").child((
                    summary().child(words.t("drafts.text_show")),
                    p().class("plain card small").child(text),
                )),
                buttons,
                question(app, words, ask, id),
            ))),
        ))
        .into_any()
}

/// A text has no way back, so discarding it asks first.
fn question(app: App, words: &Words, place: NodeRef<leptos::html::Dialog>, id: String) -> AnyView {
    let close = move || {
        if let Some(dialog) = place.get_untracked() {
            dialog.close();
        }
    };
    let title = format!("discard-{id}");
    dialog()
        .class("dialog")
        .node_ref(place)
        .attr("aria-labelledby", title.clone())
        .child((
            h2().id(title).child(words.t("drafts.text_discard")),
            p().child(words.t("drafts.text_discard_help")),
            div().class("actions").child((
                button()
                    .class("btn btn-danger")
                    .attr("type", "button")
                    .on(ev::click, move |_| {
                        close();
                        forget(app, id.clone());
                    })
                    .child((icon("trash"), words.t("drafts.text_discard_yes"))),
                button()
                    .class("btn")
                    .attr("type", "button")
                    .on(ev::click, move |_| close())
                    .child(words.t("drafts.text_keep")),
            )),
        ))
        .into_any()
}

fn forget(app: App, id: String) {
    spawn_local(async move {
        let Some(runtime) = app.runtime() else {
            return;
        };
        match runtime
            .store
            .apply(vec![Change::Delete(DRAFTS, id)], None)
            .await
        {
            Ok(_) => {
                read_drafts(app).await;
                runtime.tell_tabs();
            }
            Err(error) => app.problem.set(Some(error)),
        }
    });
}
