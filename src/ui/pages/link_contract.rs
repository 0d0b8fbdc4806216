//! Links a contract by its access id and contract id (MPT-05): written as they come, sent as they
//! are meant, and among the contracts as soon as the backend has said yes.

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, form, h2, input, label, p, section};
use leptos::ev;
use leptos::html::Input;

use crate::core::draft::State as DraftState;
use crate::core::policy::Policy;
use crate::core::route::Route;
use crate::core::sync::LINK;
use crate::core::text::fold_id;
use crate::ui::actions::keep_comment::Kept;
use crate::ui::actions::link_contract::link as link_contract;
use crate::ui::components::asked::asked;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Words};

/// The page.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let policies = Memo::new(move |_| {
        let own = app.own_policies().into_iter();
        let linked = own.filter(|policy| policy.linking.is_some());
        linked.map(|policy| policy.id.clone()).collect::<Vec<_>>()
    });
    let forms = {
        let words = words.clone();
        move || {
            let ids = policies.get();
            let several = ids.len() > 1;
            let policies = ids.iter().filter_map(|id| app.policy(id));
            let forms: Vec<_> = policies
                .map(|policy| of_policy(app, &words, &policy, several))
                .collect();
            if forms.is_empty() {
                let nowhere = p().child(words.t("link.nowhere_help"));
                return notice(Tone::Info, words.t("link.nowhere"), nowhere);
            }
            forms.into_any()
        }
    };
    div()
        .class("page")
        .child((
            page_head(words.t("link.title"), words.t("link.lede")),
            forms,
            asked(app, &words, &[LINK]),
            div().class("actions").child((
                back_to_draft(app, &words),
                link(app, "btn", Route::Entitlements, words.t("link.contracts")),
            )),
        ))
        .into_any()
}

/// The way back for whoever came from a case.
fn back_to_draft(app: App, words: &Words) -> Option<AnyView> {
    let draft = app.editor.with_untracked(|draft| {
        let draft = draft.as_ref()?;
        (draft.state == DraftState::Open).then(|| draft.id.clone())
    })?;
    let route = Route::Step { draft, step: None };
    Some(link(app, "btn", route, words.t("link.back")))
}

/// What stands in the way of sending, said at the field.
#[derive(Clone, Copy, PartialEq)]
enum Lack {
    Nothing,
    Access,
    Contract,
}

fn of_policy(app: App, words: &Words, policy: &Arc<Policy>, several: bool) -> AnyView {
    let Some(linking) = &policy.linking else {
        return ().into_any();
    };
    let lang = words.lang();
    let kept = |part: &str| Kept::open(app, format!("link.{}.{part}", policy.id));
    let ids = [kept("access"), kept("contract")];
    let lack = RwSignal::new(Lack::Nothing);
    // The last contract that was handed on, for the word that it has arrived.
    let sent = RwSignal::new(String::new());
    let places = [NodeRef::<Input>::new(), NodeRef::<Input>::new()];
    let id = policy.id.clone();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let [access, contract] = ids.map(|id| fold_id(&id.text.get_untracked()));
        let missing = match (access.is_empty(), contract.is_empty()) {
            (true, _) => Lack::Access,
            (_, true) => Lack::Contract,
            _ => Lack::Nothing,
        };
        lack.set(missing);
        if missing != Lack::Nothing {
            let place = if missing == Lack::Access {
                places[0]
            } else {
                places[1]
            };
            if let Some(control) = place.get_untracked() {
                // It stands in the page, so it can take the focus.
                let _ = control.focus();
            }
            return;
        }
        link_contract(app, &id, ids, move |worked| {
            if worked {
                sent.try_set(contract);
            }
        });
    };
    let vendor = several.then(|| h2().child(policy.vendor.get(lang).to_string()));
    let line = |place: usize, which: Lack, name: &str| {
        line(
            words,
            &policy.id,
            (place, name),
            ids[place],
            (lack, which),
            places[place],
        )
    };
    section()
        .class("section")
        .child((
            vendor,
            form()
                .class("form")
                .attr("novalidate", "")
                .on(ev::submit, submit)
                .child((
                    p().class("muted").child(linking.help.get(lang).to_string()),
                    line(0, Lack::Access, linking.access_label.get(lang)),
                    line(1, Lack::Contract, linking.contract_label.get(lang)),
                    p().class("small muted")
                        .child(linking.place.get(lang).to_string()),
                    div().class("actions").child(
                        button()
                            .class("btn btn-primary")
                            .attr("type", "submit")
                            .child((icon("shield-check"), words.t("link.go"))),
                    ),
                )),
            arrived(app, words, sent),
        ))
        .into_any()
}

/// A line for an id; beneath it, what it is sent as where that differs from what was written.
fn line(
    words: &Words,
    policy: &str,
    (place, name): (usize, &str),
    kept: Kept,
    (lack, which): (RwSignal<Lack>, Lack),
    control: NodeRef<Input>,
) -> AnyView {
    let id = format!("link-{policy}-{place}");
    let (error_id, meant_id) = (format!("{id}-error"), format!("{id}-meant"));
    let (describe_error, describe_meant) = (error_id.clone(), meant_id.clone());
    let is_missing = move || lack.get() == which;
    let missing = words.t("link.missing");
    let meant_words = words.clone();
    let meant = move || {
        let text = kept.text.get();
        let meant = fold_id(&text);
        (meant != text.trim()).then(|| meant_words.with("link.meant", &[("id", &meant)]))
    };
    div()
        .class(move || {
            if is_missing() {
                "field field-error"
            } else {
                "field"
            }
        })
        .child((
            label()
                .class("label")
                .attr("for", id.clone())
                .child(name.to_string()),
            move || {
                is_missing().then(|| {
                    p().class("error")
                        .id(error_id.clone())
                        .child((icon("circle-alert"), missing.clone()))
                })
            },
            input()
                .class("input")
                .id(id)
                .node_ref(control)
                .attr("autocomplete", "off")
                .attr("autocapitalize", "characters")
                .attr("spellcheck", "false")
                .attr("aria-invalid", move || is_missing().then_some("true"))
                .attr(
                    "aria-describedby",
                    format!("{describe_error} {describe_meant}"),
                )
                .prop("value", move || kept.text.get())
                .on(ev::input, move |event| {
                    lack.set(Lack::Nothing);
                    kept.typed(event_target_value(&event));
                }),
            p().class("hint")
                .id(meant_id)
                .attr("aria-live", "polite")
                .child(meant),
        ))
        .into_any()
}

/// Says that the contract is here, as soon as it is.
fn arrived(app: App, words: &Words, sent: RwSignal<String>) -> AnyView {
    let words = words.clone();
    let found = Memo::new(move |_| {
        let sent = sent.get();
        app.records.with(|records| {
            let here = |number: &str| !sent.is_empty() && fold_id(number) == sent;
            let mut all = records.entitlements.iter();
            let found = all.find(|one| here(&one.contract_number));
            found.map(|one| one.name.clone())
        })
    });
    let shown = move || {
        found.get().map(|name| {
            let title = words.with("link.done", &[("name", &name)]);
            notice(Tone::Success, title, p().child(words.t("link.done_help")))
        })
    };
    div().attr("role", "status").child(shown).into_any()
}
