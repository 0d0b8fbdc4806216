//! Opening a closed case again (CSF-12), or going on with a new one once it is too late for that.

use std::rc::Rc;

use leptos::ev;
use serde_json::json;

use super::form::{self, Ask, Kind, all_kept, answer, kept};
use super::{Ground, buttons, said};
use crate::browser::clock;
use crate::core::life::{linked_draft, reopens_until};
use crate::core::route::Route;
use crate::ui::actions::ask_on_case::ask;
use crate::ui::actions::save_draft;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, p};
use crate::ui::state::Saved;

pub(super) fn form(ground: &Ground) -> AnyView {
    let (app, words, case) = (ground.app, &ground.words, &ground.case);
    let until = reopens_until(&ground.policy, case).map(|(_, until)| {
        let until = clock::date(words.lang(), until.date_naive());
        words.with("act.reopen.until", &[("date", &until)])
    });
    let asks = vec![Ask {
        key: "reason",
        label: words.t("act.reopen.reason"),
        hint: words.t("act.reopen.reason_hint"),
        required: true,
        kind: Kind::Text,
        kept: kept(app, &case.id, "reopen", "reason", ""),
    }];
    let (id, title) = (case.id.clone(), words.t("act.reopen.asked"));
    let form = form::view(
        words,
        Rc::new(asks),
        (),
        buttons(ground, words.t("act.reopen.go")),
        move |asks| {
            let body = json!({ "reason": answer(asks, "reason") });
            ask(app, &id, "reopen", title.clone(), body, all_kept(asks));
        },
    );
    (said(&until.unwrap_or_default()), form).into_any()
}

/// It is too late: a new case takes over the text and is linked to this one.
pub(super) fn anew(ground: &Ground, why: String) -> AnyView {
    let (app, words) = (ground.app, &ground.words);
    let later = ground.policy.life.reopen.as_ref().map(|reopen| {
        let later = reopen.later.get(words.lang()).to_string();
        p().child(later)
    });
    let (policy, case) = (ground.policy.clone(), ground.case.clone());
    let begin = move |_| {
        let draft = linked_draft(&policy, &case, clock::uuid(), clock::now());
        let route = Route::Step {
            draft: draft.id.clone(),
            step: None,
        };
        app.saved.set(Saved::Untouched);
        app.editor.set(Some(draft));
        // It holds what was written before, so it is kept from the beginning.
        save_draft::change(app, |_| {});
        app.go(route);
    };
    let go = button()
        .class("btn btn-primary")
        .attr("type", "button")
        .on(ev::click, begin)
        .child((icon("square-pen"), words.t("act.reopen.anew")));
    (
        notice(Tone::Info, why, later),
        div().class("actions").child(go),
    )
        .into_any()
}
