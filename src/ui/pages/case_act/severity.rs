//! Lowering the severity of a case (CSF-09); raising it is said to be impossible where it is.

use std::rc::Rc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::form::{self, Ask, Kind, Offer, all_kept, answer, kept};
use super::{Ground, buttons, said};
use crate::browser::clock;
use crate::core::life::{Act, may};
use crate::core::route::{CaseAct, Route};
use crate::ui::actions::ask_on_case::ask;
use crate::ui::components::case_acts;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::dom::prelude::*;

pub(super) fn form(ground: &Ground) -> AnyView {
    let (app, words, case) = (ground.app, &ground.words, &ground.case);
    let (policy, lang) = (&ground.policy, words.lang());
    let now = DateTime::<Utc>::from_timestamp_millis(clock::now()).unwrap_or_default();
    let lower = policy
        .severities
        .iter()
        .filter(|one| may(policy, case, Act::LowerSeverity(&one.id), now).allowed);
    let offers: Vec<Offer> = lower
        .map(|one| Offer {
            id: one.id.clone(),
            name: one.name.get(lang).into(),
            help: one.definition.get(lang).into(),
            refused: None,
        })
        .collect();
    let asks = vec![
        Ask {
            key: "severity",
            label: words.t("act.severity.to"),
            hint: String::new(),
            required: true,
            kind: Kind::Choice(offers),
            kept: kept(app, &case.id, "severity", "severity", ""),
        },
        Ask {
            key: "reason",
            label: words.t("act.severity.reason"),
            hint: String::new(),
            required: true,
            kind: Kind::Text,
            kept: kept(app, &case.id, "severity", "reason", ""),
        },
    ];
    let how = policy.life.lower_severity.as_ref();
    let how = how.map_or("", |change| change.text.get(lang));
    let raise = policy.life.raise_severity.as_ref();
    let raise = raise.filter(|change| !change.possible).map(|change| {
        let text = change.text.get(lang).to_string();
        let escalate = case_acts::may(app, policy, case, CaseAct::Escalate).allowed;
        let way = escalate.then(|| {
            let route = Route::CaseAct {
                case: case.id.clone(),
                act: CaseAct::Escalate,
            };
            link(app, "", route, words.t("act.escalate.short"))
        });
        notice(Tone::Info, text, way)
    });
    let id = case.id.clone();
    let sent = words.clone();
    let form = form::view(
        words,
        Rc::new(asks),
        raise,
        buttons(ground, words.t("act.severity.go")),
        move |asks| {
            let severity = answer(asks, "severity");
            let title = sent.with("act.severity.asked", &[("severity", &severity)]);
            let body = json!({ "severity": severity, "reason": answer(asks, "reason") });
            ask(app, &id, "lower_severity", title, body, all_kept(asks));
        },
    );
    (said(how), form).into_any()
}
