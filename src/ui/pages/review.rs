//! Everything to be sent on one page, each answer with the way back to it; then one button that
//! says what it does.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{aside, br, button, div, form, h2, li, ol, p, section, span};
use leptos::ev;

use super::step::{flow_head, with_journey};
use crate::browser::clock;
use crate::core::case::Entitlement;
use crate::core::draft::Draft;
use crate::core::flow::{World, asked, has_report, journey};
use crate::core::policy::{Field, FieldKind, Policy, Step, name_of};
use crate::core::route::Route;
use crate::ui::actions::submit_case;
use crate::ui::components::field::problem_text;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::saved::saved;
use crate::ui::components::severity::severity;
use crate::ui::components::summary::{Row, summary};
use crate::ui::state::{App, Words};

/// The review of the open draft.
pub fn page(app: App, policy: &Policy) -> AnyView {
    let words = app.words_now();
    let lang = words.lang().to_string();
    let by_phone = with_journey(app, &policy.id, |journey| journey.by_phone).unwrap_or(false);
    if by_phone {
        return super::call::page(app, policy);
    }
    let vendor = policy.vendor.get(&lang).to_string();
    let groups = {
        let words = words.clone();
        move || groups(app, &words)
    };
    let open = {
        let (policy, words) = (policy.clone(), words.clone());
        move || open_problems(app, &policy, &words)
    };
    let send_words = words.clone();
    let send = move || {
        if app.online.get() {
            send_words.with("review.send", &[("vendor", &vendor)])
        } else {
            send_words.t("review.keep_until_online")
        }
    };
    let next: Vec<_> = policy
        .after_send
        .iter()
        .map(|sentence| li().child(span().class("small").child(sentence.get(&lang).to_string())))
        .collect();
    form()
        .class("page page-beside")
        .attr("novalidate", "")
        .on(ev::submit, move |event: web_sys::SubmitEvent| {
            event.prevent_default();
            submit_case::submit(app);
        })
        .child((
            flow_head(
                app,
                policy,
                "review",
                words.t("review.title"),
                words.t("review.lede"),
            ),
            div().class("page-body").child((
                open,
                groups,
                div().class("actions").child((
                    button()
                        .class("btn btn-primary")
                        .attr("type", "submit")
                        .child((icon("send"), send)),
                    link(app, "btn", Route::Drafts, words.t("review.keep")),
                    saved(app),
                )),
            )),
            aside()
                .class("page-aside")
                .attr("aria-label", words.t("review.next"))
                .child(section().class("section").child((
                    h2().child(words.t("review.next")),
                    ol().class("next").child(next),
                ))),
        ))
        .into_any()
}

/// What still stands in the way, each with the way to its answer. Something may have become so
/// after its step was left: a contract that ended, a product that was changed.
fn open_problems(app: App, policy: &Policy, words: &Words) -> Option<AnyView> {
    let found = app.with_editor(|world, draft| {
        let journey = journey(world, draft);
        let mut found = Vec::new();
        for stage in &journey.steps {
            for problem in &stage.problems {
                if let Some(field) = policy.field(&problem.field) {
                    let text = problem_text(words, policy, field, problem);
                    found.push((stage.step.id.clone(), text));
                }
            }
        }
        found
    })?;
    if found.is_empty() {
        return None;
    }
    // The answers are on other pages, so each entry leads there.
    let draft = app.editor.with_untracked(|open| {
        open.as_ref()
            .map(|open| open.id.clone())
            .unwrap_or_default()
    });
    let entries: Vec<_> = found
        .into_iter()
        .map(|(step, text)| {
            let route = Route::Step {
                draft: draft.clone(),
                step: Some(step),
            };
            li().child(link(app, "", route, text))
        })
        .collect();
    let title = words.count("problems.title", entries.len() as u64);
    Some(notice(Tone::Danger, title, ol().child(entries)))
}

fn groups(app: App, words: &Words) -> Vec<AnyView> {
    let (rows, draft_id) = app
        .with_editor(|world, draft| {
            let groups: Vec<(Step, Vec<(Field, Option<AnyView>)>)> = journey(world, draft)
                .steps
                .iter()
                .map(|stage| {
                    let rows = stage
                        .fields
                        .iter()
                        .filter(|field| asked(field, draft))
                        .map(|field| ((*field).clone(), answer(words, world, draft, field)))
                        .collect();
                    (stage.step.clone(), rows)
                })
                .collect();
            (groups, draft.id.clone())
        })
        .unwrap_or_default();
    rows.into_iter()
        .map(|(step, fields)| {
            let route = Route::Step {
                draft: draft_id.clone(),
                step: Some(step.id.clone()),
            };
            let rows = fields
                .into_iter()
                .map(|(field, answer)| Row {
                    label: field.label.get(words.lang()).to_string(),
                    answer,
                    change: Some(route.clone()),
                })
                .collect();
            let name = step.short.as_ref().unwrap_or(&step.title);
            summary(app, words, name.get(words.lang()).to_string(), rows)
        })
        .collect()
}

/// An answer as it will be understood, not as it is stored.
fn answer(words: &Words, world: World, draft: &Draft, field: &Field) -> Option<AnyView> {
    let lang = words.lang();
    let policy = world.policy;
    match field.kind {
        FieldKind::Files => return files(words, draft),
        FieldKind::Report => {
            let key = if has_report(policy, draft) {
                "report.given"
            } else {
                return None;
            };
            return Some(words.t(key).into_any());
        }
        FieldKind::Emails => {
            let entries = draft.many(&field.key);
            return (!entries.is_empty()).then(|| entries.join(", ").into_any());
        }
        _ => {}
    }
    let text = draft.text(&field.key).trim();
    if text.is_empty() {
        return None;
    }
    Some(match field.kind {
        FieldKind::Choice => name_of(&field.options, text, lang).to_string().into_any(),
        FieldKind::Language => name_of(&policy.languages, text, lang)
            .to_string()
            .into_any(),
        FieldKind::Severity => severity(Some(policy), text, lang, false),
        FieldKind::Product => name_or(world.product(text).map(|one| &one.name), text),
        FieldKind::Version => {
            let name = world.products.iter().find_map(|product| {
                let version = product.versions.iter().find(|one| one.id == text)?;
                Some(&version.name)
            });
            name_or(name, text)
        }
        FieldKind::Entitlement => match world.entitlement(text) {
            Some(entitlement) => charged(words, entitlement),
            None => text.to_string().into_any(),
        },
        _ => span().class("plain").child(text.to_string()).into_any(),
    })
}

fn name_or(name: Option<&String>, text: &str) -> AnyView {
    name.map_or(text, String::as_str).to_string().into_any()
}

/// A contract and what sending takes from it.
fn charged(words: &Words, entitlement: &Entitlement) -> AnyView {
    let after = entitlement
        .cases_remaining
        .zip(entitlement.cases_total)
        .map(|(left, total)| {
            let number = |value: u64| clock::number(words.lang(), value);
            words.with(
                "review.left_after",
                &[
                    ("left", &number(left)),
                    ("total", &number(total)),
                    ("after", &number(left.saturating_sub(1))),
                ],
            )
        });
    (
        entitlement.name.clone(),
        after.map(|text| (br(), span().class("small muted").child(text))),
    )
        .into_any()
}

fn files(words: &Words, draft: &Draft) -> Option<AnyView> {
    if draft.files.is_empty() {
        return None;
    }
    let lines: Vec<_> = draft
        .files
        .iter()
        .map(|file| {
            let size = clock::bytes(words.lang(), file.size);
            p().child(format!("{} ({size})", file.name))
        })
        .collect();
    Some(lines.into_any())
}
