//! A question of the flow: its label, help, what is wrong with the answer, and the control.
//!
//! Accessibility: native controls; the label or legend names it; help, error and count are its
//! description; an error appears above the control it belongs to and marks it invalid. A control is
//! built once and never again while it stands, so neither the focus nor an input method's
//! composition is ever lost; what depends on other answers is read in closures inside it.

mod choices;
mod people;
pub mod plans;
mod prompts;

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    button, datalist, div, fieldset, input, label, legend, optgroup, option, p, select, span,
    textarea,
};
use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement, KeyboardEvent};

use super::comment_box::files_not_taken;
use super::entitlement as contracts;
use super::file_drop::{self, FileDrop, file_drop};
use super::file_list;
use super::icon::icon;
use super::notice::{Tone, notice};
use super::severity::severity;
use super::status::tag;
use crate::browser::clock;
use crate::core::draft::Draft;
use crate::core::entitlement::{by_serial, usable};
use crate::core::flow::{self, Problem, World, is_required};
use crate::core::policy::{Field, FieldKind, Policy};
use crate::core::text::graphemes;
use crate::ui::actions::{attach, save_draft};
use crate::ui::state::{App, Words};

/// The id of a field's control, by which errors lead to it.
pub fn field_id(key: &str) -> String {
    format!("f-{}", key.replace('.', "-"))
}

/// A problem in words.
pub fn problem_text(words: &Words, policy: &Policy, field: &Field, problem: &Problem) -> String {
    let label = field.label.get(words.lang()).to_string();
    let found = |name: &str| {
        problem
            .facts
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, fact)| fact.as_str())
    };
    if let ("entitlement_not_usable" | "not_now", Some(code)) = (problem.code, found("reason")) {
        let plan = found("plan").unwrap_or_default();
        let (text, remedy) = contracts::reason_of(words, policy, plan, code, &problem.facts);
        return format!("{text} {remedy}");
    }
    let readable: Vec<(&str, String)> = problem
        .facts
        .iter()
        .map(|(key, fact)| match (*key, fact.parse()) {
            ("limit" | "over", Ok(number)) => (*key, clock::number(words.lang(), number)),
            _ => (*key, fact.clone()),
        })
        .collect();
    let mut facts = vec![("label", label.as_str())];
    facts.extend(readable.iter().map(|(key, fact)| (*key, fact.as_str())));
    let own = format!("problem.{}.{}", problem.code, kind_key(field.kind));
    if words.0.has(&own) {
        words.with(&own, &facts)
    } else {
        words.with(&format!("problem.{}.any", problem.code), &facts)
    }
}

/// A problem in words with the id of the control that mends it; a part of a text has its own.
pub fn problem_at(
    words: &Words,
    world: World,
    draft: &Draft,
    problem: &Problem,
) -> Option<(String, String)> {
    let policy = world.policy;
    let id = field_id(&problem.field);
    if let Some(field) = policy.field(&problem.field) {
        return Some((id, problem_text(words, policy, field, problem)));
    }
    let (field, part) = problem.field.split_once('.')?;
    let prompts = flow::prompts(world, draft, policy.field(field)?)?;
    let part = prompts.parts.iter().find(|one| one.id == part)?;
    let label = part.label.get(words.lang());
    Some((id, words.with("problem.required.any", &[("label", label)])))
}

/// Choosing and typing are asked for in different words.
fn kind_key(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Choice
        | FieldKind::Product
        | FieldKind::Version
        | FieldKind::Entitlement
        | FieldKind::Severity
        | FieldKind::Language
        | FieldKind::Region
        | FieldKind::OnBehalf
        | FieldKind::Contracts
        | FieldKind::Contacts => "choose",
        FieldKind::Confirm => "confirm",
        FieldKind::Files => "files",
        // Of several answers it must be said which is meant.
        FieldKind::Emails => "any",
        _ => "type",
    }
}

/// What a control needs to know.
#[derive(Clone)]
struct Place {
    app: App,
    words: Words,
    policy: Arc<Policy>,
    field: Field,
    id: String,
    /// The error's text, once errors are shown.
    error: Memo<Option<String>>,
    /// The answer as text.
    value: Memo<String>,
    /// Whether there must be an answer, given the others.
    needed: Memo<bool>,
    /// Shows the error before the step's are shown, where waiting would lose what was meant.
    insist: RwSignal<bool>,
}

/// A question. `shown` says whether its step's problems are shown yet.
pub fn field(app: App, policy: &Arc<Policy>, field: &Field, shown: Memo<bool>) -> AnyView {
    let words = app.words_now();
    let insist = RwSignal::new(false);
    let error = {
        let (words, policy, field) = (words.clone(), policy.clone(), field.clone());
        Memo::new(move |_| {
            if !shown.get() && !insist.get() {
                return None;
            }
            let problem = app.with_editor(|world, draft| flow::check(world, draft, &field))??;
            Some(problem_text(&words, &policy, &field, &problem))
        })
    };
    let value = {
        let key = field.key.clone();
        Memo::new(move |_| {
            app.editor.with(|draft| {
                draft
                    .as_ref()
                    .map(|draft| draft.text(&key).to_string())
                    .unwrap_or_default()
            })
        })
    };
    let needed = {
        let field = field.clone();
        Memo::new(move |_| {
            let always = field.required_when.is_empty().then_some(field.required);
            always
                .or_else(|| app.with_editor(|world, draft| is_required(world, draft, &field)))
                .unwrap_or(field.required)
        })
    };
    let place = Place {
        app,
        words,
        policy: policy.clone(),
        field: field.clone(),
        id: field_id(&field.key),
        error,
        value,
        needed,
        insist,
    };
    match field.kind {
        FieldKind::Choice => choices::options_field(place, field.options.clone()),
        FieldKind::Language => choices::options_field(place, policy.languages.clone()),
        FieldKind::Region => choices::region_field(place),
        FieldKind::Confirm => choices::confirm_field(place),
        FieldKind::Severity => severity_field(place),
        FieldKind::Entitlement => plans::entitlement_field(place),
        FieldKind::OnBehalf => people::on_behalf_field(place),
        FieldKind::Contracts | FieldKind::Contacts => people::many_field(place),
        FieldKind::Product | FieldKind::Version => select_field(place),
        FieldKind::Text => text_field(place, shown),
        FieldKind::Emails => emails_field(place),
        FieldKind::Files => files_field(place),
        FieldKind::Report => super::super::pages::report::report_field(app, policy, field),
        FieldKind::Line
        | FieldKind::Email
        | FieldKind::Phone
        | FieldKind::Serial
        | FieldKind::Customer
        | FieldKind::Offered
        | FieldKind::DateTime => line_field(place),
    }
}

impl Place {
    fn set(&self, value: String) {
        save_draft::answer(self.app, &self.field.key, value);
    }

    /// Sets what was chosen rather than typed.
    fn choose(&self, value: String) {
        self.set(value);
        save_draft::now(self.app);
    }

    fn class(&self) -> impl Fn() -> &'static str + Send + use<> {
        let error = self.error;
        move || {
            if error.with(Option::is_some) {
                "field field-error"
            } else {
                "field"
            }
        }
    }

    fn label_text(&self) -> AnyView {
        let (needed, word) = (self.needed, self.words.t("field.optional"));
        let optional =
            move || (!needed.get()).then(|| span().class("optional").child(format!(" {word}")));
        (
            self.field.label.get(self.words.lang()).to_string(),
            optional,
        )
            .into_any()
    }

    fn hint(&self) -> Option<AnyView> {
        let help = self.field.help.as_ref()?;
        let text = help.get(self.words.lang()).to_string();
        let view = p()
            .class("hint")
            .id(format!("{}-hint", self.id))
            .child(text);
        Some(view.into_any())
    }

    fn error_line(&self) -> AnyView {
        let (error, id) = (self.error, self.id.clone());
        (move || {
            error.get().map(|text| {
                p().class("error")
                    .id(format!("{id}-error"))
                    .child((icon("circle-alert"), span().child(text)))
            })
        })
        .into_any()
    }

    /// The ids of what describes the control.
    fn described_by(&self, counted: bool) -> impl Fn() -> Option<String> + Send + use<> {
        let (error, id) = (self.error, self.id.clone());
        let hint = self.field.help.is_some();
        move || {
            let mut ids = Vec::new();
            if hint {
                ids.push(format!("{id}-hint"));
            }
            if error.with(Option::is_some) {
                ids.push(format!("{id}-error"));
            }
            if counted {
                ids.push(format!("{id}-count"));
            }
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    }

    fn invalid(&self) -> impl Fn() -> Option<&'static str> + Send + use<> {
        let error = self.error;
        move || error.with(Option::is_some).then_some("true")
    }

    fn required(&self) -> impl Fn() -> Option<&'static str> + Send + use<> {
        let needed = self.needed;
        move || needed.get().then_some("true")
    }

    /// How many characters, of how many; what is over stays and is counted.
    fn count(&self) -> Option<AnyView> {
        let most = self.field.aim.or(self.field.limit)?;
        let (value, words) = (self.value, self.words.clone());
        let over = move || value.with(|text| graphemes(text.trim()) as u64 > most);
        let view = div().class("below").child((
            span(),
            span()
                .id(format!("{}-count", self.id))
                .class(move || if over() { "count count-over" } else { "count" })
                .child(move || {
                    let count = value.with(|text| graphemes(text.trim()) as u64);
                    let number = |n| clock::number(words.lang(), n);
                    words.with(
                        "field.count",
                        &[("n", &number(count)), ("most", &number(most))],
                    )
                }),
        ));
        Some(view.into_any())
    }

    /// The group around radio buttons.
    fn group(&self, choices: impl IntoView + 'static, row: bool) -> AnyView {
        let class = if row {
            "choices choices-row"
        } else {
            "choices"
        };
        fieldset()
            .class(self.class())
            .attr("aria-describedby", self.described_by(false))
            .child((
                legend()
                    .class("label")
                    .attr("data-field", self.id.clone())
                    .child(self.label_text()),
                self.hint(),
                self.error_line(),
                div().class(class).child(choices.into_any()),
            ))
            .into_any()
    }

    /// A radio button; the first of a group carries the field's id.
    fn radio(&self, id: &str, first: bool) -> AnyView {
        let (place, value) = (self.clone(), self.value);
        let (own, checked) = (id.to_string(), id.to_string());
        input()
            .attr("type", "radio")
            .name(self.id.clone())
            .id(first.then(|| self.id.clone()))
            .attr("value", id.to_string())
            .attr("aria-invalid", self.invalid())
            .prop("checked", move || value.with(|value| *value == checked))
            .on(ev::change, move |_| place.choose(own.clone()))
            .into_any()
    }
}

fn typed(event: &Event) -> String {
    event_target_value(event)
}

/// Shows the draft's answer in a text control when it changes from elsewhere. Setting what is
/// already there would move the caret and disturb input methods.
fn follow<E>(control: NodeRef<E>, value: Memo<String>)
where
    E: leptos::html::ElementType,
    E::Output: JsCast + Clone + 'static,
{
    Effect::new(move |_| {
        let text = value.get();
        let Some(element) = control.get() else {
            return;
        };
        let element: wasm_bindgen::JsValue = element.into();
        if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            if input.value() != text {
                input.set_value(&text);
            }
        } else if let Some(area) = element.dyn_ref::<web_sys::HtmlTextAreaElement>()
            && area.value() != text
        {
            area.set_value(&text);
        }
    });
}

fn line_field(place: Place) -> AnyView {
    let control = NodeRef::<leptos::html::Input>::new();
    follow(control, place.value);
    let (kind, mode, autocomplete, class) = match place.field.kind {
        FieldKind::Email => ("text", "email", "off", "input input-mid"),
        FieldKind::Phone => ("tel", "tel", "tel", "input input-mid"),
        FieldKind::Serial | FieldKind::Offered => ("text", "text", "off", "input input-mid"),
        FieldKind::DateTime => ("datetime-local", "", "off", "input input-short"),
        _ => ("text", "text", "off", "input"),
    };
    let counted =
        place.field.aim.or(place.field.limit).is_some() && place.field.kind == FieldKind::Line;
    let list = format!("{}-list", place.id);
    let customers =
        (place.field.kind == FieldKind::Customer).then(|| customer_names(&place, &list));
    let setter = place.clone();
    let after = match place.field.kind {
        FieldKind::Serial => Some(serial_finding(place.clone())),
        FieldKind::Offered => Some(offered_values(place.clone())),
        _ => None,
    };
    div()
        .class(place.class())
        .child((
            label()
                .class("label")
                .attr("for", place.id.clone())
                .child(place.label_text()),
            place.hint(),
            place.error_line(),
            input()
                .class(class)
                .id(place.id.clone())
                .node_ref(control)
                .attr("type", kind)
                .attr("inputmode", mode)
                .attr("autocomplete", autocomplete)
                .attr("list", customers.is_some().then_some(list))
                .attr("aria-required", place.required())
                .attr("aria-invalid", place.invalid())
                .attr("aria-describedby", place.described_by(counted))
                .on(ev::input, move |event| setter.set(typed(&event))),
            customers,
            counted.then(|| place.count()).flatten(),
            after,
        ))
        .into_any()
}

fn customer_names(place: &Place, list: &str) -> AnyView {
    let app = place.app;
    datalist()
        .id(list.to_string())
        .child(move || {
            let records = app.records.get();
            let names = records.customers.iter().take(200);
            names
                .map(|one| option().attr("value", one.name.clone()))
                .collect::<Vec<_>>()
        })
        .into_any()
}

/// Values that are known to fit, each to be taken with one press (NTT-07).
fn offered_values(place: Place) -> AnyView {
    /// More than these would have to be searched, which is what typing does.
    const OFFERED: usize = 6;
    let (app, field) = (place.app, place.field.clone());
    let values = Memo::new(move |_| {
        let found = app.with_editor(|world, draft| flow::values(world, draft, &field));
        let mut values = found.unwrap_or_default();
        values.truncate(OFFERED);
        values
    });
    let words = place.words.clone();
    let view = move || {
        let values = values.get();
        let buttons: Vec<_> = values
            .iter()
            .map(|value| {
                let (taker, own) = (place.clone(), value.clone());
                let chosen = place.value;
                let mine = value.clone();
                button()
                    .class("chip chip-btn")
                    .attr("type", "button")
                    .attr("aria-pressed", move || {
                        if chosen.with(|now| *now == mine) {
                            "true"
                        } else {
                            "false"
                        }
                    })
                    .on(ev::click, move |_| taker.choose(own.clone()))
                    .child(value.clone())
            })
            .collect();
        (!values.is_empty()).then(|| {
            div()
                .class("offered")
                .attr("role", "group")
                .attr("aria-label", words.t("field.offered"))
                .child((
                    span().class("small muted").child(words.t("field.offered")),
                    buttons,
                ))
        })
    };
    view.into_any()
}

/// What a serial number found, and the way to use it (CMS-07).
fn serial_finding(place: Place) -> AnyView {
    let app = place.app;
    let policy = place.policy.clone();
    let chosen = policy
        .field_of(FieldKind::Entitlement)
        .map(|field| field.key.clone())
        .unwrap_or_default();
    // What was found, and whether so much was typed that something should have been. One memo knows
    // both: a closure over this one and the text would miss the text's changes that find nothing.
    let value = place.value;
    let found = Memo::new(move |_| {
        let serial = value.get();
        let found = app.records.with(|records| {
            by_serial(&records.entitlements, &serial).map(|one| {
                let decision = usable(one, None, clock::today());
                (one.id.clone(), one.name.clone(), decision)
            })
        });
        (found, graphemes(serial.trim()) >= 5)
    });
    let select = chosen.clone();
    Effect::new(move |before: Option<Option<String>>| {
        let (now, _) = found.get();
        let id = now.as_ref().map(|(id, _, _)| id.clone());
        // Only a new finding selects: whoever then chooses another contract keeps that choice.
        let is_new = before.is_some_and(|before| before != id);
        if let (true, Some((id, _, decision))) = (is_new, &now)
            && decision.allowed
        {
            save_draft::answer(app, &select, id.clone());
        }
        id
    });
    let words = place.words.clone();
    div()
        .attr("role", "status")
        .child(move || match found.get() {
            (Some((_, name, decision)), _) if decision.allowed => {
                notice(Tone::Success, words.t("serial.found"), p().child(name))
            }
            (Some((_, name, decision)), _) => {
                let (text, remedy) = contracts::reason(&words, Some(&policy), &decision);
                notice(
                    Tone::Warning,
                    words.with("serial.found_not_usable", &[("name", &name)]),
                    p().child(format!("{text} {remedy}")),
                )
            }
            (None, true) => notice(
                Tone::Info,
                words.t("serial.unknown"),
                p().child(words.t("serial.unknown_next")),
            ),
            (None, false) => ().into_any(),
        })
        .into_any()
}

fn text_field(place: Place, shown: Memo<bool>) -> AnyView {
    let control = NodeRef::<leptos::html::Textarea>::new();
    follow(control, place.value);
    let counted = place.field.limit.is_some();
    let setter = place.clone();
    div()
        .class(place.class())
        .child((
            label()
                .class("label")
                .attr("for", place.id.clone())
                .child(place.label_text()),
            place.hint(),
            place.error_line(),
            textarea()
                .class("textarea")
                .id(place.id.clone())
                .node_ref(control)
                .attr("aria-required", place.required())
                .attr("aria-invalid", place.invalid())
                .attr("aria-describedby", place.described_by(counted))
                .on(ev::input, move |event| setter.set(typed(&event))),
            place.count(),
            prompts::prompts_view(&place, shown),
        ))
        .into_any()
}

/// A list to choose from: products, or the versions of the chosen product.
fn select_field(place: Place) -> AnyView {
    let app = place.app;
    let kind = place.field.kind;
    let product_key = place
        .policy
        .field_of(FieldKind::Product)
        .map(|field| field.key.clone())
        .unwrap_or_default();
    let entries = Memo::new(move |_| {
        app.with_editor(|world, draft| -> Vec<(String, String, String)> {
            if kind == FieldKind::Product {
                let products = world.own_products();
                return products
                    .map(|one| (one.id.clone(), one.name.clone(), one.family.clone()))
                    .collect();
            }
            let product = world.product(draft.text(&product_key));
            let versions = product
                .map(|one| one.versions.as_slice())
                .unwrap_or_default();
            versions
                .iter()
                .map(|one| (one.id.clone(), one.name.clone(), String::new()))
                .collect()
        })
        .unwrap_or_default()
    });
    let words = place.words.clone();
    let value = place.value;
    let setter = place.clone();
    let empty_words = words.clone();
    // The browser keeps a version of another product in mind as no choice at all; the draft keeps it
    // as it was, in case the product is chosen back.
    let aside = {
        let words = words.clone();
        move || {
            let value = value.get();
            let entries = entries.get();
            let known = value.is_empty() || entries.iter().any(|(id, ..)| *id == value);
            (!known && kind == FieldKind::Version && !entries.is_empty()).then(|| {
                p().class("hint")
                    .child(words.with("field.kept_aside", &[("value", &value)]))
            })
        }
    };
    div()
        .class(place.class())
        .child((
            label()
                .class("label")
                .attr("for", place.id.clone())
                .child(place.label_text()),
            place.hint(),
            place.error_line(),
            span().class("select-box").child(
                select()
                    .class("select")
                    .id(place.id.clone())
                    .attr("aria-required", place.required())
                    .attr("aria-invalid", place.invalid())
                    .attr("aria-describedby", place.described_by(false))
                    .on(ev::change, move |event| setter.choose(typed(&event)))
                    .child(move || {
                        let entries = entries.get();
                        let first = if kind == FieldKind::Version && entries.is_empty() {
                            empty_words.t("field.product_first")
                        } else {
                            empty_words.t("field.choose")
                        };
                        let first = option()
                            .attr("value", "")
                            .prop("selected", value.get_untracked().is_empty())
                            .child(first);
                        (first, grouped(entries, value))
                    }),
            ),
            aside,
        ))
        .into_any()
}

/// Entries of a list; many of several families stand under the names of these.
fn grouped(entries: Vec<(String, String, String)>, value: Memo<String>) -> Vec<AnyView> {
    const MANY: usize = 12;
    let entry = |(id, name, _): &(String, String, String)| {
        let own = id.clone();
        option()
            .attr("value", id.clone())
            .prop("selected", move || value.with(|value| *value == own))
            .child(name.clone())
            .into_any()
    };
    let mut families: Vec<&str> = Vec::new();
    for (_, _, family) in &entries {
        if !families.contains(&family.as_str()) {
            families.push(family);
        }
    }
    if entries.len() < MANY || families.len() < 2 {
        return entries.iter().map(entry).collect();
    }
    families
        .into_iter()
        .map(|family| {
            let own = entries.iter().filter(|(_, _, of)| of == family);
            let own: Vec<_> = own.map(entry).collect();
            optgroup()
                .attr("label", family.to_string())
                .child(own)
                .into_any()
        })
        .collect()
}

/// Radio cards of severities with their definitions beside the choice (CMS-09).
fn severity_field(place: Place) -> AnyView {
    let lang = place.words.lang().to_string();
    let cards: Vec<AnyView> = place
        .policy
        .severities
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let by_phone = one
                .phone_only
                .then(|| tag("m-danger", "phone", place.words.t("severity.by_phone")));
            let unsure = one
                .unsure
                .then(|| tag("", "info", place.words.t("severity.unsure")));
            label()
                .class("choice")
                .child((
                    place.radio(&one.id, index == 0),
                    span().class("choice-body").child((
                        span().class("choice-title").child((
                            severity(Some(&place.policy), &one.id, &lang, false),
                            " ",
                            by_phone,
                            unsure,
                        )),
                        span()
                            .class("choice-text")
                            .child(one.definition.get(&lang).to_string()),
                    )),
                ))
                .into_any()
        })
        .collect();
    place.group(cards, false)
}

/// Any number of mail addresses: each becomes a chip once it is complete.
fn emails_field(place: Place) -> AnyView {
    let app = place.app;
    let key = place.field.key.clone();
    let many = {
        let key = key.clone();
        Memo::new(move |_| {
            app.editor.with(|draft| {
                draft
                    .as_ref()
                    .map(|draft| draft.many(&key))
                    .unwrap_or_default()
            })
        })
    };
    // What is not yet an address stays in the control and, so that it is never lost, in the draft.
    let pending_key = flow::typing_key(&key);
    let control = NodeRef::<leptos::html::Input>::new();
    let typing = {
        let key = pending_key.clone();
        Memo::new(move |_| {
            app.editor.with(|draft| {
                draft
                    .as_ref()
                    .map(|draft| draft.text(&key).to_string())
                    .unwrap_or_default()
            })
        })
    };
    follow(control, typing);
    let insist = place.insist;
    let take = {
        let key = key.clone();
        move || {
            let mut complete = true;
            save_draft::change(app, |draft| complete = flow::take_typed(draft, &key));
            insist.set(!complete);
        }
    };
    let chips_key = key.clone();
    let remove_label = place.words.t("field.remove");
    let id = place.id.clone();
    div()
        .class(place.class())
        .child((
            label()
                .class("label")
                .attr("for", id.clone())
                .child(place.label_text()),
            place.hint(),
            place.error_line(),
            div().class("emails").child((
                move || {
                    many.get()
                        .into_iter()
                        .map(|one| {
                            let (key, gone) = (chips_key.clone(), one.clone());
                            span().class("chip").child((
                                one.clone(),
                                button()
                                    .attr("type", "button")
                                    .attr("aria-label", format!("{remove_label} {one}"))
                                    .on(ev::click, move |_| {
                                        let mut all = many.get_untracked();
                                        all.retain(|one| *one != gone);
                                        save_draft::answer(app, &key, all);
                                    })
                                    .child(icon("x")),
                            ))
                        })
                        .collect::<Vec<_>>()
                },
                input()
                    .id(id)
                    .node_ref(control)
                    .attr("type", "text")
                    .attr("inputmode", "email")
                    .attr("autocomplete", "off")
                    .attr("aria-required", place.required())
                    .attr("aria-invalid", place.invalid())
                    .attr("aria-describedby", place.described_by(false))
                    .on(ev::input, move |event| {
                        save_draft::answer(app, &pending_key, typed(&event));
                    })
                    // Leaving the control takes nothing: a line more would move the button that is
                    // just being pressed from under the pointer.
                    .on(ev::keydown, move |event: KeyboardEvent| {
                        let ends = matches!(event.key().as_str(), "Enter" | "," | ";" | " ");
                        if ends && !event.is_composing() {
                            event.prevent_default();
                            take();
                        }
                    }),
            )),
        ))
        .into_any()
}

/// Files: chosen, dropped or pasted, checked at once, listed with what became of each (CMS-15).
fn files_field(place: Place) -> AnyView {
    let app = place.app;
    if !app.deployment().profile.can("attachment", "create") {
        return files_not_taken(&place.words);
    }
    let intake = RwSignal::new(attach::Intake::default());
    let rules = &place.policy.files;
    let lang = place.words.lang().to_string();
    let limits = file_drop::limits(&place.words, rules);
    let service = rules.service.as_ref().map(|service| {
        notice(
            Tone::Info,
            service.name.get(&lang).to_string(),
            p().child(service.help.get(&lang).to_string()),
        )
    });
    let label_id = format!("{}-label", place.id);
    let words = place.words.clone();
    let policy = place.policy.clone();
    div()
        .class(place.class())
        .child((
            span()
                .class("label")
                .id(label_id.clone())
                .attr("data-field", place.id.clone())
                .child(place.label_text()),
            place.hint(),
            place.error_line(),
            file_drop(
                FileDrop {
                    id: place.id.clone(),
                    label: label_id,
                    choose: place.words.t("files.choose"),
                    or_drop: place.words.t("files.or_drop"),
                    limits,
                    accept: "",
                    folder: Some(words.t("files.folder")),
                },
                move |files| attach::attach(app, intake, files),
            ),
            file_list::of_draft(app, &words, Some(policy), intake),
            service,
        ))
        .into_any()
}

/// One field of each kind that the policies have: empty, answered at length, and with what is wrong. The answers are those
/// of the open example, under the field's key behind the state's name.
pub fn examples(app: App) -> super::example::Examples {
    let mut all = Vec::new();
    for state in ["Empty", "Answered", "Mend"] {
        let shown = Memo::new(move |_| state == "Mend");
        let mut views: Vec<AnyView> = Vec::new();
        let mut kinds: Vec<FieldKind> = Vec::new();
        for policy in &app.deployment().policies {
            for one in &policy.fields {
                // The report's parts have names of their own, so it can be here once only.
                let again = one.kind == FieldKind::Report && state != "Answered";
                if again || kinds.contains(&one.kind) {
                    continue;
                }
                kinds.push(one.kind);
                let mut own = one.clone();
                own.key = format!("{state}.{}", one.key);
                views.push(field(app, policy, &own, shown));
            }
        }
        all.push((state, div().class("form").child(views).into_any()));
    }
    all
}
