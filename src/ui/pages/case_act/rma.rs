//! Returning a defective part (CSF-16 to CSF-18): the device by its serial number, the levels it can
//! be handled under with the reason against each other one, the registered address, and who takes
//! the replacement. A return that is under way shows its steps.

use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::form::{self, Ask, Kind, all_kept, answer, kept};
use super::{Ground, buttons};
use crate::browser::clock;
use crate::core::case::Asset;
use crate::core::policy::{Policy, Rma};
use crate::core::rma::{by_serial, eligible, km, level, why};
use crate::core::text::{fill, fold_id};
use crate::ui::actions::ask_on_case::ask;
use crate::ui::components::clock_panel;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::dom::prelude::*;
use crate::ui::dom::{b, dd, div, dl, dt, h2, li, ol, p, section, span, ul};
use crate::ui::state::Words;

pub(super) fn form(ground: &Ground) -> AnyView {
    let (app, words, case) = (ground.app, &ground.words, &ground.case);
    let Some(rma) = &ground.policy.rma else {
        return ().into_any();
    };
    let kept = |key: &str, first: &str| kept(app, &case.id, "rma", key, first);
    let assets = app.records.with_untracked(|records| records.assets.clone());
    let known = by_serial(&assets, &case.serial_number);
    let serial = kept("serial_number", &case.serial_number);
    let line = |key: &'static str, kind: &'static str, required, first: &str| Ask {
        key,
        label: words.t(&format!("act.rma.{key}")),
        hint: String::new(),
        required,
        kind: Kind::Line(kind),
        kept: kept(key, first),
    };
    let asks = vec![
        Ask {
            key: "serial_number",
            label: words.t("act.rma.serial_number"),
            hint: words.t("act.rma.serial_hint"),
            required: true,
            kind: Kind::Line("text"),
            kept: serial,
        },
        line("part", "text", true, ""),
        line(
            "contact_name",
            "text",
            true,
            known.map_or("", |one| &one.contact_name),
        ),
        line(
            "contact_mobile",
            "tel",
            true,
            known.map_or("", |one| &one.contact_mobile),
        ),
        Ask {
            key: "address_confirmed",
            label: String::new(),
            hint: rma
                .address_rule
                .as_ref()
                .map_or("", |rule| rule.get(words.lang()))
                .into(),
            required: true,
            kind: Kind::Tick(words.t("act.rma.address_confirmed")),
            kept: kept("address_confirmed", ""),
        },
    ];
    let assets = Arc::new(assets);
    let device = {
        let (words, policy, assets) = (words.clone(), ground.policy.clone(), assets.clone());
        move || match by_serial(&assets, &serial.text.get()) {
            Some(asset) => device(&words, &policy, asset),
            None => {
                let nothing = serial.text.with(|text| text.trim().is_empty());
                let serials = assets.iter().map(|one| one.serial_number.as_str());
                let serials: Vec<&str> = serials.collect();
                let list = words.with("act.rma.known", &[("list", &serials.join(", "))]);
                match nothing {
                    true if serials.is_empty() => ().into_any(),
                    true => p().class("small muted").child(list).into_any(),
                    false => notice(Tone::Warning, words.t("act.rma.unknown"), p().child(list)),
                }
            }
        }
    };
    let steps: Vec<_> = rma
        .steps
        .iter()
        .map(|step| li().child(step.get(words.lang()).to_string()))
        .collect();
    let next = section().class("section").child((
        h2().child(words.t("act.rma.next")),
        ol().class("next").child(steps),
    ));
    let (id, title, policy) = (
        case.id.clone(),
        words.t("act.rma.asked"),
        ground.policy.clone(),
    );
    let form = form::view(
        words,
        Rc::new(asks),
        device,
        buttons(ground, words.t("act.rma.go")),
        move |asks| {
            let number = answer(asks, "serial_number");
            let found = by_serial(&assets, &number);
            let Some(level) = found.and_then(|asset| level(&policy, asset)) else {
                return;
            };
            let body = json!({
                "serial_number": fold_id(&number),
                "level": level.id,
                "part": answer(asks, "part"),
                "address_confirmed": answer(asks, "address_confirmed") == "yes",
                "contact_name": answer(asks, "contact_name"),
                "contact_mobile": answer(asks, "contact_mobile"),
            });
            ask(app, &id, "rma", title.clone(), body, all_kept(asks));
        },
    );
    (form, next, exclusions(words, rma)).into_any()
}

/// What is known of a device, and which level its return gets.
fn device(words: &Words, policy: &Policy, asset: &Asset) -> AnyView {
    let lang = words.lang();
    let fact = |key: &str, value: String| {
        (!value.is_empty()).then(|| div().child((dt().child(words.t(key)), dd().child(value))))
    };
    let registered = asset.address_registered_at;
    let registered = registered.map(|day| clock::date(lang, day));
    let center = match asset.distance_miles {
        Some(miles) => words.with(
            "act.rma.center_at",
            &[
                ("center", asset.center_name.as_str()),
                ("country", &asset.center_country),
                ("miles", &clock::number(lang, miles)),
                ("km", &clock::number(lang, km(miles))),
            ],
        ),
        None => asset.center_name.clone(),
    };
    let chosen = level(policy, asset).map(|level| level.id.clone());
    let levels = policy.rma.iter().flat_map(|rma| rma.levels.iter());
    let levels: Vec<_> = levels
        .map(|one| {
            let decision = eligible(policy, asset, &one.id);
            let reason = why(policy, decision.because);
            let facts: Vec<(&str, &str)> = decision
                .facts
                .iter()
                .map(|(name, fact)| match *name {
                    "level" => (*name, level_name(policy, fact, lang)),
                    _ => (*name, fact.as_str()),
                })
                .collect();
            let refused = (!decision.allowed).then(|| {
                let said = reason.map(|reason| {
                    let text = fill(reason.text.get(lang), &facts);
                    let remedy = fill(reason.remedy.get(lang), &facts);
                    format!("{text} {remedy}")
                });
                p().class("small").child(said.unwrap_or_default())
            });
            let mark = match (chosen.as_ref() == Some(&one.id), decision.allowed) {
                (true, _) => words.t("act.rma.level_used"),
                (false, true) => words.t("act.rma.level_could"),
                (false, false) => words.t("act.rma.level_not"),
            };
            li().class(if chosen.as_ref() == Some(&one.id) {
                "way-now"
            } else {
                "way-later"
            })
            .child((
                p().child((
                    b().child(one.name.get(lang).to_string()),
                    " ",
                    span().class("small muted").child(mark),
                )),
                p().class("small muted")
                    .child(one.terms.get(lang).to_string()),
                refused,
            ))
        })
        .collect();
    let none = chosen
        .is_none()
        .then(|| notice(Tone::Danger, words.t("act.rma.none"), ()));
    section()
        .class("card section")
        .attr("aria-label", words.t("act.rma.device"))
        .child((
            dl().class("facts").child((
                fact("act.rma.customer", asset.customer_name.clone()),
                fact("act.rma.address", asset.address.clone()),
                fact(
                    "act.rma.registered",
                    registered.unwrap_or_else(|| words.t("act.rma.not_registered")),
                ),
                fact("act.rma.center", center),
            )),
            p().class("label").child(words.t("act.rma.levels")),
            ul().class("stack-s").child(levels),
            none,
        ))
        .into_any()
}

/// A level as it is called.
fn level_name<'a>(policy: &'a Policy, id: &'a str, lang: &str) -> &'a str {
    let levels = policy.rma.iter().flat_map(|rma| rma.levels.iter());
    let found = levels.into_iter().find(|one| one.id == id);
    found.map_or(id, |one| one.name.get(lang))
}

/// What has no maintenance of devices or not the fastest level (CSF-18).
fn exclusions(words: &Words, rma: &Rma) -> AnyView {
    let lang = words.lang();
    let parts: Vec<_> = rma
        .not_for_parts
        .iter()
        .chain(&rma.new_center)
        .map(|one| li().child(one.get(lang).to_string()))
        .collect();
    (!parts.is_empty())
        .then(|| ul().class("small muted").child(parts))
        .into_any()
}

/// The steps of a return that was asked for.
pub(super) fn under_way(ground: &Ground) -> AnyView {
    let words = &ground.words;
    let Some(part) = &ground.case.rma else {
        return ().into_any();
    };
    let steps: [(&str, Option<DateTime<Utc>>); 5] = [
        ("act.rma.requested", part.requested_at),
        ("act.rma.verified", part.verified_at),
        ("act.rma.shipped", part.shipped_at),
        ("act.rma.delivered", part.delivered_at),
        ("act.rma.returned", part.returned_at),
    ];
    let rows: Vec<_> = steps
        .into_iter()
        .map(|(key, at)| {
            let said = match at {
                Some(at) => clock::record_time(words.lang(), Some(at)),
                None => words.t("way.later"),
            };
            li().class(if at.is_some() {
                "way-done"
            } else {
                "way-later"
            })
            .child((
                icon(if at.is_some() {
                    "circle-check"
                } else {
                    "hourglass"
                }),
                span().child(words.t(key)),
                " ",
                span().class("small muted").child(said),
            ))
        })
        .collect();
    let facts = [
        ("act.rma.serial_number", part.serial_number.clone()),
        (
            "act.rma.level",
            level_name(&ground.policy, &part.level, words.lang()).into(),
        ),
        ("act.rma.part", part.part.clone()),
        ("act.rma.contact_name", part.contact_name.clone()),
        ("act.rma.contact_mobile", part.contact_mobile.clone()),
    ];
    let facts: Vec<_> = facts
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| div().child((dt().child(words.t(key)), dd().child(value))))
        .collect();
    let known = section().class("card section").child((
        p().class("muted").child(words.t("act.no.rma_already")),
        ol().class("way way-steps").child(rows),
        dl().class("facts").child(facts),
    ));
    let due = clock_panel::of_return(ground.app, words, &ground.case.id);
    (due, known).into_any()
}
