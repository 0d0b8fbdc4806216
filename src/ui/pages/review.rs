//! Everything to be sent on one page, each answer with the way back to it; then one button that
//! says what it does.

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{aside, br, button, div, form, h2, li, ol, section, span};
use leptos::ev;

use super::step::flow_head;
use crate::browser::clock;
use crate::core::case::Entitlement;
use crate::core::draft::{Draft, DraftFile};
use crate::core::flow::{Stage, World, emails, has_report, journey};
use crate::core::policy::{Field, FieldKind, Policy, name_of};
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

/// The review of the open draft; a severity that is taken by phone makes it a call sheet.
pub fn page(app: App, policy: &Arc<Policy>) -> AnyView {
    let policy = policy.clone();
    let by_phone = Memo::new(move |_| {
        app.with_editor(|world, draft| journey(world, draft).by_phone)
            .unwrap_or(false)
    });
    (move || {
        if by_phone.get() {
            super::call::page(app, &policy)
        } else {
            check(app, &policy)
        }
    })
    .into_any()
}

fn check(app: App, policy: &Arc<Policy>) -> AnyView {
    let words = app.words_now();
    let lang = words.lang().to_string();
    let vendor = policy.vendor.get(&lang).to_string();
    let groups = {
        let words = words.clone();
        move || groups(app, &words)
    };
    let open = {
        let words = words.clone();
        Memo::new(move |_| open_problems(app, &words))
    };
    let place = NodeRef::<leptos::html::Div>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if open.with_untracked(Vec::is_empty) {
            submit_case::submit(app);
        } else if let Some(place) = place.get_untracked() {
            place.scroll_into_view();
            // It has a tabindex, so it can take the focus.
            let _ = place.focus();
        }
    };
    let is_open = move || open.with(|open| !open.is_empty());
    let (open_words, why_words) = (words.clone(), words.clone());
    let why = move || {
        is_open().then(|| {
            span()
                .class("small muted")
                .id("send-why")
                .child(open.with(|open| problem_count(&why_words, open)))
        })
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
        .on(ev::submit, submit)
        .child((
            flow_head(
                app,
                policy,
                "review",
                words.t("review.title"),
                words.t("review.lede"),
            ),
            div().class("page-body").child((
                div()
                    .node_ref(place)
                    .attr("tabindex", "-1")
                    .attr("hidden", move || (!is_open()).then_some(""))
                    .child(move || open_notice(app, &open_words, open.get())),
                groups,
                div().class("actions").child((
                    button()
                        .class("btn btn-primary")
                        .attr("type", "submit")
                        .attr("aria-disabled", move || is_open().then_some("true"))
                        .attr("aria-describedby", move || is_open().then_some("send-why"))
                        .child((icon("send"), send)),
                    why,
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

/// What still stands in the way: the step of each problem and the problem in words. Something may
/// have become so after its step was left: a contract that ended, a product that was changed.
fn open_problems(app: App, words: &Words) -> Vec<(String, String)> {
    app.with_editor(|world, draft| {
        let mut found = Vec::new();
        for stage in &journey(world, draft).steps {
            for problem in &stage.problems {
                if let Some(field) = world.policy.field(&problem.field) {
                    let text = problem_text(words, world.policy, field, problem);
                    found.push((stage.step.id.clone(), text));
                }
            }
        }
        found
    })
    .unwrap_or_default()
}

fn problem_count(words: &Words, open: &[(String, String)]) -> String {
    words.count("problems.title", open.len() as u64)
}

/// The problems, each leading to its step, since the answers are on other pages.
fn open_notice(app: App, words: &Words, open: Vec<(String, String)>) -> Option<AnyView> {
    if open.is_empty() {
        return None;
    }
    let draft = app.editor.with_untracked(|open| {
        open.as_ref()
            .map(|open| open.id.clone())
            .unwrap_or_default()
    });
    let title = problem_count(words, &open);
    let entries: Vec<_> = open
        .into_iter()
        .map(|(step, text)| {
            let route = Route::Step {
                draft: draft.clone(),
                step: Some(step),
            };
            li().child(link(app, "", route, text))
        })
        .collect();
    Some(notice(Tone::Danger, title, ol().child(entries)))
}

fn groups(app: App, words: &Words) -> AnyView {
    let lang = words.lang();
    app.with_editor(|world, draft| {
        let group = |stage: &Stage| {
            let route = Route::Step {
                draft: draft.id.clone(),
                step: Some(stage.step.id.clone()),
            };
            let rows = stage.fields.iter().map(|field| Row {
                label: field.label.get(lang).to_string(),
                answer: answer(words, world, draft, field),
                change: Some(route.clone()),
            });
            let name = stage.step.short.as_ref().unwrap_or(&stage.step.title);
            summary(app, words, name.get(lang).to_string(), rows.collect())
        };
        journey(world, draft).steps.iter().map(group).collect_view()
    })
    .unwrap_or_default()
}

/// An answer as it will be understood, not as it is stored; empty if there is none.
pub fn answer_text(words: &Words, world: World, draft: &Draft, field: &Field) -> String {
    let (policy, lang) = (world.policy, words.lang());
    let text = draft.text(&field.key).trim();
    let found = match field.kind {
        FieldKind::Files => {
            let line = |file: &DraftFile| {
                let size = clock::bytes(lang, file.size);
                format!("{} ({size})", file.name)
            };
            Some(draft.files.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        FieldKind::Report if has_report(policy, draft) => Some(words.t("report.given")),
        FieldKind::Report => Some(String::new()),
        FieldKind::Emails => Some(emails(draft, &field.key).join(", ")),
        FieldKind::Choice => Some(name_of(&field.options, text, lang).into()),
        FieldKind::Language => Some(name_of(&policy.languages, text, lang).into()),
        FieldKind::Severity => policy
            .severity(text)
            .map(|one| one.name.get(lang).to_string()),
        FieldKind::Product => world.product(text).map(|one| one.name.clone()),
        FieldKind::Version => world.products.iter().find_map(|product| {
            let version = product.versions.iter().find(|one| one.id == text)?;
            Some(version.name.clone())
        }),
        FieldKind::Entitlement => world
            .entitlement(text)
            .map(|one| format!("{} ({})", one.name, one.contract_number)),
        _ => None,
    };
    found.unwrap_or_else(|| text.into())
}

fn answer(words: &Words, world: World, draft: &Draft, field: &Field) -> Option<AnyView> {
    let text = answer_text(words, world, draft, field);
    if text.is_empty() {
        return None;
    }
    let id = draft.text(&field.key).trim();
    Some(match field.kind {
        FieldKind::Severity => severity(Some(world.policy), id, words.lang(), false),
        FieldKind::Entitlement => {
            let charge = world.entitlement(id).and_then(|one| charge(words, one));
            (text, charge).into_any()
        }
        _ => span().class("plain").child(text).into_any(),
    })
}

/// What sending takes from a contract.
fn charge(words: &Words, entitlement: &Entitlement) -> Option<AnyView> {
    let (left, total) = entitlement.cases_remaining.zip(entitlement.cases_total)?;
    let number = |value: u64| clock::number(words.lang(), value);
    let text = words.with(
        "review.left_after",
        &[
            ("left", &number(left)),
            ("total", &number(total)),
            ("after", &number(left.saturating_sub(1))),
        ],
    );
    Some((br(), span().class("small muted").child(text)).into_any())
}
