//! Who else is told of a case: contacts of the company, and further addresses.

use std::rc::Rc;

use leptos::ev;
use serde_json::json;

use super::form::{self, Ask, Kind, all_kept, answer, kept};
use super::{Ground, buttons};
use crate::core::case::Contact;
use crate::core::text::email;
use crate::ui::actions::ask_on_case::ask;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    button, div, fieldset, form as form_element, input, label, legend, p, section, span,
};

pub(super) fn form(ground: &Ground) -> AnyView {
    let life = &ground.policy.life;
    let profile = &ground.app.deployment().profile;
    let takes = |action| profile.can("case", action);
    (
        (life.contacts && takes("contacts")).then(|| contacts(ground)),
        (life.watchers && takes("watchers")).then(|| watchers(ground)),
    )
        .into_any()
}

/// Addresses, one a line; what is none of them is named.
fn watchers(ground: &Ground) -> AnyView {
    let (app, words, case) = (ground.app, &ground.words, &ground.case);
    let asks = vec![Ask {
        key: "watchers",
        label: words.t("act.contacts.watchers"),
        hint: words.t("act.contacts.watchers_hint"),
        required: false,
        kind: Kind::Text,
        kept: kept(
            app,
            &case.id,
            "contacts",
            "watchers",
            &case.watchers.join("\n"),
        ),
    }];
    let wrong = RwSignal::new(None::<String>);
    let told = {
        let words = words.clone();
        move || {
            wrong.get().map(|wrong| {
                let title = words.with("act.contacts.wrong", &[("address", &wrong)]);
                notice(Tone::Danger, title, ())
            })
        }
    };
    let (id, title) = (case.id.clone(), words.t("act.contacts.asked"));
    let form = form::view(
        words,
        Rc::new(asks),
        told,
        buttons(ground, words.t("act.contacts.go")),
        move |asks| {
            let typed = answer(asks, "watchers");
            let parts = typed.split([',', ';', '\n', ' ', '、', '，']);
            let parts: Vec<&str> = parts.filter(|part| !part.trim().is_empty()).collect();
            let no_address = parts.iter().find(|part| email(part).is_none());
            wrong.set(no_address.map(|part| part.to_string()));
            if no_address.is_none() {
                let watchers: Vec<String> = parts.into_iter().filter_map(email).collect();
                let body = json!({ "watchers": watchers });
                ask(app, &id, "watchers", title.clone(), body, all_kept(asks));
            }
        },
    );
    section().class("section").child(form).into_any()
}

/// The contacts of the company, to tick.
fn contacts(ground: &Ground) -> AnyView {
    let (app, words, case) = (ground.app, &ground.words, &ground.case);
    let chosen = RwSignal::new(case.contacts.clone());
    let people = app
        .records
        .with_untracked(|records| records.contacts.clone());
    let people = people.into_iter().filter(|one| one.id != case.contact_id);
    let boxes: Vec<_> = people.map(|one| person(one, chosen)).collect();
    if boxes.is_empty() {
        return p()
            .class("muted")
            .child(words.t("act.contacts.nobody"))
            .into_any();
    }
    let (id, title) = (case.id.clone(), words.t("act.contacts.asked"));
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let body = json!({ "contacts": chosen.get_untracked() });
        ask(app, &id, "contacts", title.clone(), body, Vec::new());
    };
    let go = button()
        .class("btn btn-primary")
        .attr("type", "submit")
        .child(words.t("act.contacts.go_people"));
    form_element()
        .class("form")
        .on(ev::submit, submit)
        .child((
            fieldset().class("field").child((
                legend()
                    .class("label")
                    .child(words.t("act.contacts.people")),
                boxes,
            )),
            div().class("actions").child(go),
        ))
        .into_any()
}

fn person(one: Contact, chosen: RwSignal<Vec<String>>) -> AnyView {
    let (id, shown) = (one.id.clone(), one.id);
    let turn = move |_| {
        chosen.update(
            |chosen| match chosen.iter().position(|other| *other == id) {
                Some(place) => {
                    chosen.remove(place);
                }
                None => chosen.push(id.clone()),
            },
        );
    };
    label()
        .class("check")
        .child((
            input()
                .attr("type", "checkbox")
                .prop("checked", move || {
                    chosen.with(|chosen| chosen.contains(&shown))
                })
                .on(ev::change, turn),
            span().child(format!("{} <{}>", one.name, one.email)),
        ))
        .into_any()
}
