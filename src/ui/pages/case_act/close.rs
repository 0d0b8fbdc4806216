//! Closing a case (CSF-11): the customer confirms; a survey follows.

use std::rc::Rc;

use serde_json::json;

use super::form::{self, Ask, Kind, all_kept, answer, kept};
use super::{Ground, buttons};
use crate::ui::actions::ask_on_case::ask;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, p};

pub(super) fn form(ground: &Ground) -> AnyView {
    let (app, words, case) = (ground.app, &ground.words, &ground.case);
    let Some(close) = &ground.policy.life.close else {
        return ().into_any();
    };
    let ask_of = |key, label: String, required, kind| Ask {
        key,
        label,
        hint: String::new(),
        required,
        kind,
        kept: kept(app, &case.id, "close", key, ""),
    };
    let asks = vec![
        ask_of(
            "confirmed",
            String::new(),
            true,
            Kind::Tick(close.confirm.get(words.lang()).into()),
        ),
        ask_of("note", words.t("act.close.note"), false, Kind::Text),
    ];
    let survey = close.survey.clone().map(|address| {
        p().class("small").child(
            a().href(address)
                .attr("target", "_blank")
                .attr("rel", "noopener noreferrer")
                .child(words.t("act.close.survey")),
        )
    });
    let (id, title) = (case.id.clone(), words.t("act.close.asked"));
    form::view(
        words,
        Rc::new(asks),
        survey,
        buttons(ground, words.t("act.close.go")),
        move |asks| {
            let body = json!({ "note": answer(asks, "note") });
            ask(app, &id, "close", title.clone(), body, all_kept(asks));
        },
    )
}
