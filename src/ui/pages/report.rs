//! The fault report (CMS-01): filled in here, pasted, or attached; asked for, never insisted on.

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, fieldset, h2, input, label, legend, p, section, span, textarea};
use leptos::ev;

use crate::core::flow::{has_report, product_of};
use crate::core::policy::{Field, Policy, Report};
use crate::ui::actions::save_draft;
use crate::ui::components::field::field_id;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::state::App;

const WAYS: [&str; 3] = ["fill", "paste", "attach"];

/// The report's part of its step.
pub fn report_field(app: App, policy: &Arc<Policy>, field: &Field) -> AnyView {
    let words = app.words_now();
    let way = text_of(app, "report_way");
    let report = {
        let policy = policy.clone();
        Memo::new(move |_| {
            app.with_editor(|world, draft| {
                let product = product_of(world, draft).to_string();
                policy.report(&product).map(|report| report.id.clone())
            })
            .flatten()
        })
    };
    let choices: Vec<AnyView> = WAYS
        .into_iter()
        .enumerate()
        .map(|(index, id)| {
            label()
                .class("choice")
                .child((
                    input()
                        .attr("type", "radio")
                        .name("report-way")
                        .attr("value", id)
                        .id((index == 0).then(|| field_id("report_way")))
                        .prop("checked", move || way.with(|way| way == id))
                        .on(ev::change, move |_| {
                            save_draft::change(app, |draft| {
                                draft.set("report_way", id);
                                let attached = if id == "attach" { "yes" } else { "" };
                                draft.set("report_attached", attached);
                            });
                            save_draft::now(app);
                        }),
                    span().class("choice-body").child((
                        span()
                            .class("choice-title")
                            .child(words.t(&format!("report.way.{id}"))),
                        span()
                            .class("choice-text")
                            .child(words.t(&format!("report.way.{id}_help"))),
                    )),
                ))
                .into_any()
        })
        .collect();
    let missing = {
        let words = words.clone();
        let none = Memo::new(move |_| {
            app.with_editor(|world, draft| !has_report(world, draft))
                .unwrap_or(false)
        });
        move || {
            none.get().then(|| {
                notice(
                    Tone::Info,
                    words.t("report.missing"),
                    p().child(words.t("report.missing_next")),
                )
            })
        }
    };
    let inner = {
        let (policy, key) = (policy.clone(), field.key.clone());
        let label_text = field.label.get(words.lang()).to_string();
        move || match way.get().as_str() {
            "fill" => policy
                .reports
                .iter()
                .find(|one| Some(&one.id) == report.get().as_ref())
                .map(|report| template(app, report))
                .into_any(),
            "paste" => area(app, &key, label_text.clone(), String::new()),
            _ => ().into_any(),
        }
    };
    section()
        .class("stack")
        .child((
            fieldset().class("field").child((
                legend()
                    .class("label")
                    .attr("data-field", field_id("report_way"))
                    .child(field.label.get(words.lang()).to_string()),
                field
                    .help
                    .as_ref()
                    .map(|help| p().class("hint").child(help.get(words.lang()).to_string())),
                div().class("choices").child(choices),
            )),
            inner,
            missing,
        ))
        .into_any()
}

fn template(app: App, report: &Report) -> AnyView {
    let words = app.words_now();
    let parts: Vec<AnyView> = report
        .parts
        .iter()
        .map(|part| {
            let help = part
                .help
                .as_ref()
                .map(|help| help.get(words.lang()).to_string())
                .unwrap_or_default();
            area(
                app,
                &format!("report.{}", part.id),
                part.label.get(words.lang()).to_string(),
                help,
            )
        })
        .collect();
    div()
        .class("card form")
        .child((h2().child(report.name.get(words.lang()).to_string()), parts))
        .into_any()
}

/// A text area bound to an answer.
fn area(app: App, key: &str, name: String, help: String) -> AnyView {
    let id = field_id(key);
    let start = app.editor.with_untracked(|draft| {
        draft
            .as_ref()
            .map(|draft| draft.text(key).to_string())
            .unwrap_or_default()
    });
    let key = key.to_string();
    let hint = (!help.is_empty()).then(|| p().class("hint").id(format!("{id}-hint")).child(help));
    let described = hint.is_some().then(|| format!("{id}-hint"));
    div()
        .class("field")
        .child((
            label().class("label").attr("for", id.clone()).child(name),
            hint,
            textarea()
                .class("textarea textarea-s")
                .id(id)
                .attr("aria-describedby", described)
                .prop("value", start)
                .on(ev::input, move |event| {
                    save_draft::answer(app, &key, event_target_value(&event));
                }),
        ))
        .into_any()
}

fn text_of(app: App, key: &'static str) -> Memo<String> {
    Memo::new(move |_| {
        app.editor.with(|draft| {
            draft
                .as_ref()
                .map(|draft| draft.text(key).to_string())
                .unwrap_or_default()
        })
    })
}
