//! What a text should say, asked part by part beneath it, by what it is about (NTT-08).
//!
//! When it is about something else, other parts are asked for; what was written in these stays in
//! the draft.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, label, p, span, textarea};
use leptos::ev;

use super::{Place, field_id, follow, typed};
use crate::core::flow::{check_part, part_key, prompts};
use crate::core::policy::Part;
use crate::ui::actions::save_draft;
use crate::ui::components::icon::icon;

/// The parts that are asked for, if the text has any.
pub(super) fn prompts_view(place: &Place, shown: Memo<bool>) -> Option<AnyView> {
    if place.field.prompts.is_empty() {
        return None;
    }
    let (app, field) = (place.app, place.field.clone());
    let which = Memo::new(move |_| {
        app.with_editor(|world, draft| {
            let now = prompts(world, draft, &field)?;
            let mut all = field.prompts.iter();
            all.position(|one| std::ptr::eq(one, now))
        })
        .flatten()
    });
    let place = place.clone();
    let view = move || {
        let prompts = place.field.prompts.get(which.get()?)?;
        let lang = place.words.lang();
        let intro = prompts.intro.as_ref();
        let intro = intro.map(|intro| p().class("hint").child(intro.get(lang).to_string()));
        let parts = prompts.parts.iter();
        let parts = parts
            .map(|part| part_view(&place, part, shown))
            .collect_view();
        let group = div()
            .class("prompts")
            .attr("role", "group")
            .attr("aria-label", place.words.t("prompts.group"))
            .child((intro, parts));
        Some(group)
    };
    Some(view.into_any())
}

fn part_view(place: &Place, part: &Part, shown: Memo<bool>) -> AnyView {
    let (app, lang) = (place.app, place.words.lang());
    let key = part_key(&place.field.key, &part.id);
    let id = field_id(&key);
    let name = part.label.get(lang).to_string();
    let value = {
        let key = key.clone();
        Memo::new(move |_| {
            app.editor.with(|draft| {
                let draft = draft.as_ref();
                draft
                    .map(|draft| draft.text(&key).to_string())
                    .unwrap_or_default()
            })
        })
    };
    let error = {
        let (field, part) = (place.field.clone(), part.clone());
        let text = place
            .words
            .with("problem.required.any", &[("label", &name)]);
        Memo::new(move |_| {
            let missing = app.with_editor(|_, draft| check_part(draft, &field, &part).is_some());
            (shown.get() && missing == Some(true)).then(|| text.clone())
        })
    };
    let is_wrong = move || error.with(Option::is_some);
    let control = NodeRef::<leptos::html::Textarea>::new();
    follow(control, value);
    let optional = (!part.required).then(|| {
        let word = place.words.t("field.optional");
        span().class("optional").child(format!(" {word}"))
    });
    let hint = part.help.as_ref().map(|help| {
        p().class("hint")
            .id(format!("{id}-hint"))
            .child(help.get(lang).to_string())
    });
    let has_hint = part.help.is_some();
    let (error_id, described) = (format!("{id}-error"), id.clone());
    div()
        .class(move || {
            if is_wrong() {
                "field field-error"
            } else {
                "field"
            }
        })
        .child((
            label()
                .class("label")
                .attr("for", id.clone())
                .child((name, optional)),
            hint,
            move || {
                error.get().map(|text| {
                    p().class("error")
                        .id(error_id.clone())
                        .child((icon("circle-alert"), span().child(text)))
                })
            },
            textarea()
                .class("textarea textarea-s")
                .id(id)
                .node_ref(control)
                .attr("aria-required", part.required.then_some("true"))
                .attr("aria-invalid", move || is_wrong().then_some("true"))
                .attr("aria-describedby", move || {
                    let mut ids = Vec::new();
                    if has_hint {
                        ids.push(format!("{described}-hint"));
                    }
                    if is_wrong() {
                        ids.push(format!("{described}-error"));
                    }
                    (!ids.is_empty()).then(|| ids.join(" "))
                })
                .on(ev::input, move |event| {
                    save_draft::answer(app, &key, typed(&event));
                }),
        ))
        .into_any()
}
