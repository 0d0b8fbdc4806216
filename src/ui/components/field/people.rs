//! Answers that are records of the account: the customer on whose behalf, contracts and contacts
//! that are concerned.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, fieldset, input, label, legend, span};
use leptos::ev;

use super::Place;
use crate::core::policy::FieldKind;
use crate::ui::actions::save_draft;
use crate::ui::components::customer_search::access_tag;
use crate::ui::components::icon::icon;

/// The customer in whose name one writes, found by search (MPC-02).
pub(super) fn on_behalf_field(place: Place) -> AnyView {
    let app = place.app;
    let (id, name_id) = (place.id.clone(), format!("{}-name", place.id));
    let value = place.value;
    let words = place.words.clone();
    let chosen = move || {
        let id = value.get();
        let records = app.records.get();
        let customer = records.customers.iter().find(|one| one.id == id);
        match customer {
            Some(customer) => (
                span().class("picked-name").child(customer.name.clone()),
                access_tag(&words, customer),
                span().class("small muted").child(customer.domain.clone()),
            )
                .into_any(),
            None if id.is_empty() => span()
                .class("muted")
                .child(words.t("acting.nobody"))
                .into_any(),
            None => span().class("picked-name").child(id).into_any(),
        }
    };
    let other = {
        let words = place.words.clone();
        move || {
            words.t(match value.with(String::is_empty) {
                true => "acting.find",
                false => "acting.other",
            })
        }
    };
    let own_words = place.words.t("acting.own_instead");
    let own = move || {
        let chosen = value.with(|id| !id.is_empty());
        chosen.then(|| {
            button()
                .class("btn btn-quiet btn-s")
                .attr("type", "button")
                .on(ev::click, move |_| {
                    crate::ui::actions::act_for::choose(app, None);
                })
                .child(own_words.clone())
        })
    };
    div()
        .class(place.class())
        .child((
            label()
                .class("label")
                .id(format!("{id}-label"))
                .attr("for", id.clone())
                .child(place.label_text()),
            place.hint(),
            place.error_line(),
            div().class("picked").child((
                icon("users"),
                div().class("picked-body").id(name_id.clone()).child(chosen),
                div().class("picked-end").child((
                    button()
                        .class("btn btn-s")
                        .attr("type", "button")
                        .id(id.clone())
                        .attr("aria-haspopup", "dialog")
                        .attr("aria-describedby", {
                            let described = place.described_by(false);
                            move || match described() {
                                Some(more) => format!("{name_id} {more}"),
                                None => name_id.clone(),
                            }
                        })
                        .on(ev::click, move |_| app.choosing_customer.set(true))
                        .child((icon("search"), other)),
                    own,
                )),
            )),
        ))
        .into_any()
}

/// What is concerned, each to tick: contracts by number, contacts by id (NTT-10).
pub(super) fn many_field(place: Place) -> AnyView {
    let app = place.app;
    let contracts = place.field.kind == FieldKind::Contracts;
    let entries = Memo::new(move |_| {
        app.with_editor(|world, _| -> Vec<(String, String, String)> {
            if contracts {
                let own = world.own_entitlements();
                let own = own.filter(|one| !one.contract_number.is_empty());
                own.map(|one| {
                    let number = one.contract_number.clone();
                    (number.clone(), one.name.clone(), number)
                })
                .collect()
            } else {
                let others = world.contacts.iter();
                others
                    .map(|one| (one.id.clone(), one.name.clone(), one.email.clone()))
                    .collect()
            }
        })
        .unwrap_or_default()
    });
    let chosen = {
        let key = place.field.key.clone();
        Memo::new(move |_| {
            app.editor.with(|draft| {
                draft
                    .as_ref()
                    .map(|draft| draft.many(&key))
                    .unwrap_or_default()
            })
        })
    };
    let key = place.field.key.clone();
    let first = place.id.clone();
    let list = keyed(
        move || {
            let entries = entries.get().into_iter().enumerate();
            entries.collect::<Vec<_>>()
        },
        move |(index, (id, name, more)): &(usize, (String, String, String))| {
            let (own, key, mine) = (id.clone(), key.clone(), id.clone());
            label()
                .class("check")
                .child((
                    input()
                        .attr("type", "checkbox")
                        .id((*index == 0).then(|| first.clone()))
                        .prop("checked", move || chosen.with(|all| all.contains(&mine)))
                        .on(ev::change, move |_| {
                            let mut all = chosen.get_untracked();
                            match all.iter().position(|one| *one == own) {
                                Some(place) => {
                                    all.remove(place);
                                }
                                None => all.push(own.clone()),
                            }
                            save_draft::answer(app, &key, all);
                            save_draft::now(app);
                        }),
                    span().child((
                        name.clone(),
                        " ",
                        span().class("small muted").child(more.clone()),
                    )),
                ))
                .into_any()
        },
    );
    let none = place.words.t("field.nothing_to_choose");
    let nothing = move || {
        entries
            .with(Vec::is_empty)
            .then(|| span().class("muted").child(none.clone()))
    };
    fieldset()
        .class(place.class())
        .attr("aria-describedby", place.described_by(false))
        .child((
            legend()
                .class("label")
                .attr("data-field", place.id.clone())
                .child(place.label_text()),
            place.hint(),
            place.error_line(),
            div().class("checks").child((list, nothing)),
        ))
        .into_any()
}
