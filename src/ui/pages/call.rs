//! The call sheet (CMS-09, NEW-08): a severity that is taken by phone only turns the flow into what
//! a person needs on the phone: the number, the facts to read out, what to say, and a log of the
//! call. Everything on it is on this device, so it works without network; it prints on one page.

use std::sync::Arc;

use crate::core::order::sort_by_key;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    a, aside, br, button, dd, details, div, dl, dt, form, h2, input, label, li, ol, p, section,
    span, summary,
};
use leptos::ev;

use super::review::answer_text;
use super::step::flow_head;
use crate::browser::{clock, page as window};
use crate::core::flow::report_text;
use crate::core::policy::{Policy, Region};
use crate::core::sla::terms::Facts;
use crate::core::text::LocalText;
use crate::ui::actions::save_draft;
use crate::ui::components::clock_panel;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::saved::saved;
use crate::ui::state::{App, Words};

/// The call sheet of the open draft.
pub fn page(app: App, policy: &Arc<Policy>) -> AnyView {
    let words = app.words_now();
    let lang = words.lang().to_string();
    let script: Vec<_> = policy
        .call
        .script
        .iter()
        .map(|line| li().child(span().class("small").child(line.get(&lang).to_string())))
        .collect();
    let facts_view = {
        let (policy, words) = (policy.clone(), words.clone());
        move || facts(app, &policy, &words)
    };
    let head = flow_head(
        app,
        policy,
        "review",
        words.t("call.title"),
        policy.call.intro.get(&lang).to_string(),
    );
    let body = div().class("page-body").child((
        numbers(app, policy, &words),
        section()
            .class("section")
            .child((h2().child(words.t("call.facts")), facts_view)),
        log(app, &words),
        div().class("actions no-print").child((
            button()
                .class("btn")
                .attr("type", "button")
                .on(ev::click, move |_| window::print())
                .child((icon("printer"), words.t("call.print"))),
            saved(app),
        )),
    ));
    let beside = aside()
        .class("page-aside")
        .attr("aria-labelledby", "script-title")
        .child((
            section().class("section").child((
                h2().id("script-title").child(words.t("call.script")),
                ol().class("next").child(script),
            )),
            notice(
                Tone::Warning,
                words.t("call.not_sent"),
                p().child(words.t("call.not_sent_next")),
            ),
            clock_panel::panel(app, policy),
        ));
    div()
        .class("page page-beside")
        .child((head, body, beside))
        .into_any()
}

/// The numbers: the first one of the account's region large, its others beneath, and those of other
/// regions for whoever is elsewhere.
fn numbers(app: App, policy: &Arc<Policy>, words: &Words) -> AnyView {
    let own = app
        .records
        .with_untracked(|records| records.account.region.clone());
    let mut regions: Vec<&Region> = policy
        .regions
        .iter()
        .filter(|region| !region.phones.is_empty())
        .collect();
    sort_by_key(&mut regions, |region| region.id != own);
    let Some((region, others)) = regions.split_first() else {
        return ().into_any();
    };
    let lang = words.lang();
    let first = region.phones.first().map(|(number, what)| {
        (
            p().class("call-number")
                .child((icon("phone"), dial(number))),
            p().class("small").child(what.get(lang).to_string()),
        )
    });
    let open_now = |region: &Region| {
        let facts = Facts {
            region: region.id.clone(),
            ..Facts::default()
        };
        let (words, policy) = (words.clone(), policy.clone());
        move || clock_panel::hours_now(app, &words, &policy, &facts, None)
    };
    let elsewhere = (!others.is_empty()).then(|| {
        let blocks = others.iter().map(|region| {
            (
                p().class("small").child(format!(
                    "{} · {}",
                    region.name.get(lang),
                    region.hours.get(lang)
                )),
                open_now(region),
                phones(&region.phones, lang),
            )
        });
        details().class("call-more no-print").child((
            summary().child(words.t("call.elsewhere")),
            blocks.collect_view(),
        ))
    });
    section()
        .class("call")
        .attr("aria-labelledby", "call-title")
        .child((
            div().class("call-head").child((
                h2().id("call-title")
                    .child(words.with("call.numbers_of", &[("region", region.name.get(lang))])),
                first,
                p().class("small muted")
                    .child(region.hours.get(lang).to_string()),
                open_now(region),
            )),
            phones(region.phones.get(1..).unwrap_or_default(), lang),
            elsewhere,
        ))
        .into_any()
}

fn phones(phones: &[(String, LocalText)], lang: &str) -> Option<AnyView> {
    let lines = phones.iter().map(|(number, what)| {
        p().child((
            span().class("muted").child(what.get(lang).to_string()),
            br(),
            dial(number),
        ))
    });
    (!phones.is_empty()).then(|| {
        div()
            .class("call-alts")
            .child(lines.collect_view())
            .into_any()
    })
}

fn dial(number: &str) -> AnyView {
    let dialled: String = number
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    a().href(format!("tel:{dialled}"))
        .child(number.to_string())
        .into_any()
}

fn facts(app: App, policy: &Arc<Policy>, words: &Words) -> Option<AnyView> {
    app.with_editor(|world, draft| {
        let mut rows: Vec<(String, String)> = vec![
            (words.t("call.company"), world.account.name.clone()),
            (words.t("call.org_id"), world.account.org_id.clone()),
            (words.t("call.caller"), world.contact.name.clone()),
        ];
        for key in &policy.call.facts {
            if let Some(field) = policy.field(key) {
                let label = field.label.get(words.lang()).to_string();
                rows.push((label, answer_text(words, world, draft, field)));
            }
        }
        let report = report_text(world, draft, words.lang());
        rows.push((words.t("report.short"), report));
        rows.retain(|(_, answer)| !answer.trim().is_empty());
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(name, answer)| {
                div().child((
                    dt().child(name),
                    dd().child(span().class("plain").child(answer)),
                ))
            })
            .collect();
        dl().class("read").child(rows).into_any()
    })
}

/// What was said and agreed, with the time; part of the draft.
fn log(app: App, words: &Words) -> AnyView {
    let lang = words.lang().to_string();
    let entries = move || {
        let log = app
            .editor
            .with(|draft| draft.as_ref().map(|draft| draft.call_log.clone()))
            .unwrap_or_default();
        log.into_iter()
            .map(|(at, text)| {
                li().child((
                    span()
                        .class("num muted small")
                        .child(clock::date_time(&lang, at)),
                    " ",
                    span().class("plain").child(text),
                ))
            })
            .collect::<Vec<_>>()
    };
    let control = NodeRef::<leptos::html::Input>::new();
    let note = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(control) = control.get_untracked() else {
            return;
        };
        let text = control.value().trim().to_string();
        if !text.is_empty() {
            save_draft::change(app, |draft| draft.call_log.push((clock::now(), text)));
            save_draft::change(app, |draft| draft.set("call_log.typing", ""));
            control.set_value("");
        }
    };
    let start = app.editor.with_untracked(|draft| {
        draft
            .as_ref()
            .map(|draft| draft.text("call_log.typing").to_string())
            .unwrap_or_default()
    });
    section()
        .class("section")
        .child((
            h2().child(words.t("call.log")),
            p().class("hint").child(words.t("call.log_help")),
            ol().class("call-log")
                .attr("aria-live", "polite")
                .child(entries),
            form().class("inline no-print").on(ev::submit, note).child((
                label()
                    .class("vh")
                    .attr("for", "call-note")
                    .child(words.t("call.note")),
                input()
                    .class("input")
                    .id("call-note")
                    .node_ref(control)
                    .attr("type", "text")
                    .attr("autocomplete", "off")
                    .prop("value", start)
                    .attr("placeholder", words.t("call.note"))
                    .on(ev::input, move |event| {
                        save_draft::answer(app, "call_log.typing", event_target_value(&event));
                    }),
                button()
                    .class("btn")
                    .attr("type", "submit")
                    .child((icon("plus"), words.t("call.add_note"))),
            )),
        ))
        .into_any()
}
