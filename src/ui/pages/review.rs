//! Everything to be sent on one page, each answer with the way back to it; then one button that
//! says what it does.

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{aside, br, button, div, form, h2, li, ol, p, section, span};
use leptos::ev;

use super::step::flow_head;
use crate::browser::clock;
use crate::core::case::Entitlement;
use crate::core::draft::{Draft, DraftFile};
use crate::core::files::shown_name;
use crate::core::flow::{Stage, World, emails, has_report, journey, whole_text};
use crate::core::guard;
use crate::core::policy::{Field, FieldKind, Policy, name_of};
use crate::core::route::Route;
use crate::ui::actions::{keep_file, submit_case};
use crate::ui::components::clock_panel;
use crate::ui::components::disagreement::{self, Telling};
use crate::ui::components::field::problem_at;
use crate::ui::components::icon::icon;
use crate::ui::components::kept_aside::kept_aside;
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
    let may_send = Memo::new(move |_| app.with_editor(guard::may_send).unwrap_or(false));
    let place = NodeRef::<leptos::html::Div>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if may_send.get_untracked() {
            submit_case::submit(app);
        } else if let Some(place) = place.get_untracked() {
            place.scroll_into_view();
            // It has a tabindex, so it can take the focus.
            let _ = place.focus();
        }
    };
    let told = {
        let words = words.clone();
        Memo::new(move |_| told(app, &words))
    };
    let is_open = move || open.with(|open| !open.is_empty());
    let (open_words, why_words, told_words) = (words.clone(), words.clone(), words.clone());
    let why = move || {
        (!may_send.get()).then(|| {
            let why = match is_open() {
                true => open.with(|open| problem_count(&why_words, open)),
                false => why_words.t("guard.first"),
            };
            span().class("small muted").id("send-why").child(why)
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
    let says_something = !policy.sla.targets.is_empty() || !policy.sla.notes.is_empty();
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
                    .class("stack")
                    .node_ref(place)
                    .attr("tabindex", "-1")
                    .attr("hidden", move || {
                        let nothing = !is_open() && told.with(Vec::is_empty);
                        nothing.then_some("")
                    })
                    .child((
                        move || open_notice(app, &open_words, open.get()),
                        keyed(
                            move || told.get(),
                            move |one: &Telling| disagreement::view(app, &told_words, one, true),
                        ),
                    )),
                kept_aside(app),
                policy.trial.then(|| {
                    let back = link(app, "", Route::Policy, words.t("policy.title"));
                    notice(Tone::Warning, words.t("policy.on_trial"), p().child(back))
                }),
                groups,
                div().class("actions").child((
                    button()
                        .class("btn btn-primary")
                        .attr("type", "submit")
                        .attr("aria-disabled", move || (!may_send.get()).then_some("true"))
                        .attr("aria-describedby", move || {
                            (!may_send.get()).then_some("send-why")
                        })
                        .child((icon("send"), send)),
                    why,
                    link(app, "btn", Route::Drafts, words.t("review.keep")),
                    as_file(app, &words),
                    saved(app),
                )),
            )),
            aside()
                .class("page-aside")
                .attr("aria-label", words.t("review.next"))
                .child((
                    says_something.then(|| clock_panel::panel(app, policy)),
                    section().class("section").child((
                        h2().child(words.t("review.next")),
                        ol().class("next").child(next),
                    )),
                )),
        ))
        .into_any()
}

/// All of the draft in one file, for whoever goes on with it (NEW-07).
fn as_file(app: App, words: &Words) -> AnyView {
    let save = move |_| {
        let id = app
            .editor
            .with_untracked(|draft| draft.as_ref().map(|draft| draft.id.clone()));
        if let Some(id) = id {
            keep_file::of_draft(app, id);
        }
    };
    button()
        .class("btn btn-quiet")
        .attr("type", "button")
        .on(ev::click, save)
        .child((icon("download"), words.t("case_file.save")))
        .into_any()
}

/// A problem that stands in the way: its step, its control and the problem in words.
type Open = (String, String, String);

/// What still stands in the way. Something may have become so after its step was left: a contract
/// that ended, a product that was changed.
fn open_problems(app: App, words: &Words) -> Vec<Open> {
    app.with_editor(|world, draft| {
        let mut found = Vec::new();
        for stage in &journey(world, draft).steps {
            for problem in &stage.problems {
                if let Some((control, text)) = problem_at(words, world, draft, problem) {
                    found.push((stage.step.id.clone(), control, text));
                }
            }
        }
        found
    })
    .unwrap_or_default()
}

/// What does not agree (NEW-04), without what is among the problems already.
fn told(app: App, words: &Words) -> Vec<Telling> {
    let mut all = disagreement::all(app, words);
    all.retain(|one| one.is_rule() || one.is_nowhere());
    all
}

fn problem_count(words: &Words, open: &[Open]) -> String {
    words.count("problems.title", open.len() as u64)
}

/// The problems, each leading to its answer, since the answers are on other pages.
fn open_notice(app: App, words: &Words, open: Vec<Open>) -> Option<AnyView> {
    if open.is_empty() {
        return None;
    }
    let title = problem_count(words, &open);
    let entries: Vec<_> = open
        .into_iter()
        .map(|(step, control, text)| {
            let text = span().child(text).into_any();
            li().child(disagreement::to_answer(app, &step, &control, text))
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
                format!("{} ({size})", shown_name(&file.name))
            };
            Some(draft.files.iter().map(line).collect::<Vec<_>>().join("\n"))
        }
        FieldKind::Report if has_report(world, draft) => Some(words.t("report.given")),
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
        FieldKind::Region => {
            let region = policy.regions.iter().find(|one| one.id == text);
            region.map(|one| one.name.get(lang).to_string())
        }
        FieldKind::Confirm if text == "yes" => Some(words.t("field.confirmed")),
        FieldKind::DateTime => Some(clock::wall_time(lang, text)),
        FieldKind::OnBehalf => world.customer(text).map(|one| one.name.clone()),
        FieldKind::Contracts => Some(draft.many(&field.key).join(", ")),
        FieldKind::Text => Some(whole_text(world, draft, field, lang)),
        FieldKind::Contacts => {
            let chosen = draft.many(&field.key);
            let named = world.contacts.iter().filter(|one| chosen.contains(&one.id));
            let names: Vec<&str> = named.map(|one| one.name.as_str()).collect();
            Some(names.join(", "))
        }
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
