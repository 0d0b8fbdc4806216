//! What became of a draft that was handed to the outbox (CMS-13): on this device, waiting, sending,
//! refused, or a case with its number and what happens next. Nothing is called sent before the
//! backend has acknowledged it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, h1, h2, header, li, ol, p, section, span, strong, ul};

use std::rc::Rc;

use crate::browser::page as window;
use crate::core::case::Case;
use crate::core::draft::State as DraftState;
use crate::core::policy::Policy;
use crate::core::route::Route;
use crate::core::sync::{CaseRef, Operation, Progress};
use crate::ui::actions::add_comment::id_of_maker;
use crate::ui::components::comment_box::comment_box;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::operation;
use crate::ui::state::{App, Words};

/// The page after sending.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let state = Memo::new(move |_| {
        app.editor
            .with(|draft| draft.as_ref().map(|draft| draft.state.clone()))
    });
    let policy = app
        .editor
        .with_untracked(|draft| draft.as_ref().map(|draft| draft.policy.clone()))
        .and_then(|id| app.policy(&id));
    div()
        .class("page")
        .child(move || match state.get() {
            Some(DraftState::Sent { case, number }) => {
                acknowledged(app, &words, policy.as_deref(), &case, &number)
            }
            Some(DraftState::Queued { operation }) => {
                let policy = policy.as_ref().map(|policy| policy.id.clone());
                under_way(app, &words, &operation, policy.unwrap_or_default())
            }
            _ => back(app, &words),
        })
        .into_any()
}

fn acknowledged(
    app: App,
    words: &Words,
    policy: Option<&Policy>,
    case: &str,
    number: &str,
) -> AnyView {
    let copied = number.to_string();
    let next: Vec<_> = policy
        .map(|policy| policy.after_send.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|sentence| li().child(sentence.get(words.lang()).to_string()))
        .collect();
    let files = {
        let (words, case) = (words.clone(), case.to_string());
        move || waiting_files(app, &words, &case)
    };
    (
        header().class("page-head").child((
            span()
                .class("tag m-success")
                .child((icon("check"), words.t("state.sent"))),
            h1().child(words.t("sent.title")),
        )),
        div().class("ticket sent-ticket").child((
            p().class("muted").child(words.t("sent.number")),
            p().class("case-number num")
                .child(strong().child(number.to_string())),
            button()
                .class("btn btn-s")
                .attr("type", "button")
                .on(leptos::ev::click, move |_| copy(app, &copied))
                .child((icon("copy"), words.t("copy"))),
        )),
        files,
        section().class("section").child((
            h2().child(words.t("review.next")),
            ol().class("next").child(next),
        )),
        div().class("actions").child((
            link(
                app,
                "btn btn-primary",
                Route::Case(case.into()),
                words.t("sent.open"),
            ),
            link(app, "btn", Route::NewCase, words.t("nav.new")),
        )),
    )
        .into_any()
}

/// Copies a text and says so.
pub fn copy(app: App, text: &str) {
    window::copy(text, move |worked| {
        let words = app.words_now();
        let key = if worked { "copied" } else { "copy_failed" };
        app.toast.try_set(Some(crate::ui::state::Toast {
            text: words.t(key),
            undo_draft: None,
        }));
    });
}

fn belongs(operation: &Operation, case: &str, maker: &str) -> bool {
    match operation.what.case() {
        Some(CaseRef::Known(id)) => id == case,
        Some(CaseRef::MadeBy(id)) => id == maker,
        None => false,
    }
}

fn waiting_files(app: App, words: &Words, case: &str) -> Option<AnyView> {
    let outbox = app.outbox.get();
    let maker = outbox
        .iter()
        .find(|one| matches!(&one.state, Progress::Done { record } if record == case))
        .map(|one| one.id.clone())
        .unwrap_or_default();
    let rows: Vec<_> = outbox
        .iter()
        .filter(|one| belongs(one, case, &maker) && !one.is_done())
        .map(|one| operation::row(app, words, one))
        .collect();
    (!rows.is_empty()).then(|| {
        section()
            .class("section")
            .child((
                h2().child(words.t("sent.files")),
                ul().class("rows").child(rows),
            ))
            .into_any()
    })
}

fn under_way(app: App, words: &Words, id: &str, policy: String) -> AnyView {
    // What is added now goes after the case, in the order in which it was added.
    let to_be_made = Case {
        id: id_of_maker(id),
        policy,
        ..Case::default()
    };
    let refused = {
        let id = id.to_string();
        let needs =
            move |one: &Operation| one.id == id && matches!(one.state, Progress::NeedsYou { .. });
        Memo::new(move |_| app.outbox.with(|outbox| outbox.iter().any(&needs)))
    };
    let (words, id) = (words.clone(), id.to_string());
    let head_words = words.clone();
    let rows = move || {
        let outbox = app.outbox.get();
        outbox
            .iter()
            .filter(|one| one.id == id || belongs(one, "", &id))
            .map(|one| operation::row(app, &words, one))
            .collect::<Vec<_>>()
    };
    let title = {
        let words = head_words.clone();
        move || {
            words.t(match (refused.get(), app.online.get()) {
                (true, _) => "sent.refused",
                (false, true) => "sent.under_way",
                (false, false) => "sent.waits",
            })
        }
    };
    let lede = {
        let words = head_words.clone();
        move || {
            words.t(if refused.get() {
                "sent.refused_next"
            } else {
                "sent.safe"
            })
        }
    };
    (
        header()
            .class("page-head")
            .child((h1().child(title), p().class("lede").child(lede))),
        ul().class("rows").attr("aria-live", "polite").child(rows),
        section().class("section").child((
            h2().child(head_words.t("sent.add")),
            comment_box(app, &to_be_made, Rc::new(|| ())),
        )),
        div().class("actions").child((
            link(app, "btn", Route::NewCase, head_words.t("nav.new")),
            link(
                app,
                "btn btn-quiet",
                Route::Pending,
                head_words.t("nav.pending"),
            ),
        )),
    )
        .into_any()
}

/// The case was taken back out of the outbox: the draft is open again.
fn back(app: App, words: &Words) -> AnyView {
    let draft = app
        .editor
        .with_untracked(|open| open.as_ref().map(|open| open.id.clone()))
        .unwrap_or_default();
    let route = Route::Step { draft, step: None };
    let go_on = link(app, "btn btn-primary", route, words.t("sent.back_next"));
    (
        header()
            .class("page-head")
            .child(h1().child(words.t("sent.back"))),
        div().class("actions").child(go_on),
    )
        .into_any()
}
