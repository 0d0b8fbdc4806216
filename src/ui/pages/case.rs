//! A case (CMS-13 to CMS-16): what it is about, everything that happened, where to answer, and the
//! facts one needs for a mail or a call, ready to copy.

use std::rc::Rc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    aside, button, dd, details, div, dl, dt, form, h1, h2, header, label, li, nav, p, section,
    span, summary, textarea, ul,
};
use leptos::ev;
use web_sys::SubmitEvent;

use crate::browser::clock;
use crate::core::case::{Case, Comment};
use crate::core::flow::report_stands_in;
use crate::core::life;
use crate::core::policy::{FieldKind, Policy, name_of};
use crate::core::route::{CaseFilter, Route};
use crate::core::sync::What;
use crate::core::text::LocalText;
use crate::ui::actions::add_report;
use crate::ui::actions::keep_comment::Kept;
use crate::ui::actions::keep_file;
use crate::ui::components::arriving::{as_of, skeleton};
use crate::ui::components::case_acts::acts;
use crate::ui::components::case_row::policy_in;
use crate::ui::components::case_way::way;
use crate::ui::components::clock_panel;
use crate::ui::components::comment_box::{comment_box, tell};
use crate::ui::components::copy::copy_button;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::components::severity::severity;
use crate::ui::components::status::{self, case_status};
use crate::ui::components::timeline::{timeline, unsent};
use crate::ui::state::{App, Records, Words};

/// Whether the case is known.
#[derive(Clone, Copy, PartialEq)]
enum There {
    Yes,
    No,
    NotYet,
}

/// The page of a case.
pub fn page(app: App, id: &str) -> AnyView {
    let words = app.words_now();
    let case = {
        let id = id.to_string();
        Memo::new(move |_| {
            app.records
                .with(|records| records.cases.iter().find(|one| one.id == id).cloned())
        })
    };
    let there = Memo::new(move |_| {
        if case.with(Option::is_some) {
            There::Yes
        } else if app.records.with(|records| records.arrived) {
            There::No
        } else {
            There::NotYet
        }
    });
    (move || match there.get() {
        There::Yes => known(app, &words, case),
        There::No => missing(app, &words),
        There::NotYet => div()
            .class("page")
            .child((
                page_head(words.t("case.arriving"), String::new()),
                skeleton(app),
            ))
            .into_any(),
    })
    .into_any()
}

fn back(app: App, words: &Words) -> AnyView {
    let route = Route::Cases(CaseFilter::default());
    let content = (icon("arrow-left"), words.t("nav.cases"));
    nav()
        .class("page-nav")
        .attr("aria-label", words.t("case.nav"))
        .child((link(app, "back", route, content), as_of(app, words)))
        .into_any()
}

/// That there is no such case, and the way to those there are.
pub(super) fn missing(app: App, words: &Words) -> AnyView {
    div()
        .class("page")
        .child((
            header().class("page-head").child((
                back(app, words),
                h1().child(words.t("case.missing")),
                p().class("lede").child(words.t("case.missing_next")),
            )),
            div().class("actions").child(link(
                app,
                "btn",
                Route::Cases(CaseFilter::default()),
                words.t("case.all"),
            )),
        ))
        .into_any()
}

/// The page of a case that is here. What is typed into is built once; the rest follows the record.
fn known(app: App, words: &Words, case: Memo<Option<Case>>) -> AnyView {
    let Some(first) = case.get_untracked() else {
        return ().into_any();
    };
    let policy = app.policy(&first.policy);
    let own = |text: Option<&LocalText>, key: &str| {
        text.map_or_else(|| words.t(key), |text| text.get(words.lang()).into())
    };
    let vendor = policy.as_ref().map(|policy| &policy.words);
    let history = own(
        vendor.and_then(|words| words.history.as_ref()),
        "case.events",
    );
    let comment = own(
        vendor.and_then(|words| words.comment.as_ref()),
        "case.comment",
    );
    div()
        .class("page page-beside")
        .child((
            head(app, words, case),
            div().class("page-body").child((
                course(app, words, case),
                description(app, words, case, &first),
                section()
                    .class("section")
                    .attr("aria-labelledby", "case-events")
                    .child((
                        h2().id("case-events").child(history),
                        timeline(app, &first.id),
                    )),
                section()
                    .class("section no-print")
                    .attr("aria-labelledby", "case-comment")
                    .child((
                        h2().id("case-comment").child(comment),
                        comment_box(app, &first, Rc::new(|| ())),
                    )),
            )),
            aside()
                .class("page-aside")
                .attr("aria-label", words.t("case.aside"))
                .child((
                    clock_panel::of_case(app, words, &first.id),
                    what_can_be_asked(app, words, case),
                    mail(app, words, case),
                    facts(app, words, case),
                    as_file(app, words, case),
                )),
        ))
        .into_any()
}

fn head(app: App, words: &Words, case: Memo<Option<Case>>) -> AnyView {
    let body_words = words.clone();
    let body = move || {
        let case = case.get()?;
        let words = &body_words;
        let deployment = app.deployment();
        let policy = policy_in(&deployment, &case.policy);
        let help = policy
            .and_then(|policy| policy.statuses.iter().find(|one| one.id == case.status))
            .and_then(|status| status.help.as_ref())
            .map(|help| help.get(words.lang()).to_string());
        let customer = (!case.customer_name.is_empty())
            .then(|| span().class("muted").child(case.customer_name.clone()));
        let view = (
            p().class("case-no").child((
                case.number.clone(),
                copy_button(app, words, &words.t("case.number"), case.number.clone()),
            )),
            h1().child(case.subject.clone()),
            div().class("case-tags").child((
                severity(policy, &case.severity, words.lang(), false),
                case_status(policy, &case.status, words.lang()),
                customer,
                clock_panel::next_badge(app, words, &case.id),
                status::unsent(app, words, &case.id),
            )),
            help.map(|help| p().class("lede").child(help)),
        );
        Some(view.into_any())
    };
    header()
        .class("page-head case-head")
        .child((back(app, words), body))
        .into_any()
}

/// How far the case is (CSF-10), what is asked of the customer and until when (CSF-11), and the case
/// it goes on from (CSF-12).
fn course(app: App, words: &Words, case: Memo<Option<Case>>) -> AnyView {
    let words = words.clone();
    let shown = move || {
        let case = case.get()?;
        let policy = app.policy(&case.policy)?;
        let comments = app.records.with(|records| {
            let own = records.comments.iter().filter(|one| one.case_id == case.id);
            own.cloned().collect::<Vec<_>>()
        });
        let linked = app.records.with(|records| {
            let linked = records
                .cases
                .iter()
                .find(|one| one.number == case.linked_case);
            linked.map(|one| (one.id.clone(), one.number.clone()))
        });
        let linked = linked
            .filter(|_| !case.linked_case.is_empty())
            .map(|(id, number)| {
                let content = words.with("case.linked", &[("number", &number)]);
                p().class("small")
                    .child(link(app, "", Route::Case(id), content))
            });
        let view = (
            linked,
            asked_of_customer(&words, &policy, &case, &comments),
            way(&words, &policy, &case),
        );
        Some(view.into_any())
    };
    shown.into_any()
}

fn asked_of_customer(
    words: &Words,
    policy: &Policy,
    case: &Case,
    comments: &[Comment],
) -> Option<AnyView> {
    let requests = life::requested(case, comments);
    let silence = life::closes_for_silence(policy, case, comments);
    if requests.is_empty() && silence.is_none() {
        return None;
    }
    let entries: Vec<_> = requests
        .iter()
        .map(|one| li().child(one.detail.clone()))
        .collect();
    let silence = silence.map(|at| {
        let days = (at.timestamp_millis() - clock::now()).max(0) / 86_400_000;
        let left = words.count("entitlements.days_left", days as u64);
        let date = clock::date(words.lang(), at.date_naive());
        let text = policy
            .life
            .close
            .as_ref()
            .and_then(|close| close.silence_text.as_ref());
        let text = text.map(|text| text.get(words.lang()).to_string());
        p().child(format!(
            "{} {}",
            text.unwrap_or_default(),
            words.with("case.silence", &[("date", &date), ("left", &left)])
        ))
    });
    let list = (!entries.is_empty()).then(|| ul().child(entries));
    Some(notice(
        Tone::Warning,
        words.t("case.asked"),
        (list, silence),
    ))
}

/// What can be asked for on the case, and why not what can't.
fn what_can_be_asked(app: App, words: &Words, case: Memo<Option<Case>>) -> AnyView {
    let words = words.clone();
    let shown = move || {
        let case = case.get()?;
        let policy = app.policy(&case.policy)?;
        let list = acts(app, &words, &policy, &case)?;
        let view = section()
            .class("card section no-print")
            .attr("aria-labelledby", "case-acts")
            .child((
                h2().class("label")
                    .id("case-acts")
                    .child(words.t("case.acts")),
                list,
            ));
        Some(view.into_any())
    };
    shown.into_any()
}

fn description(app: App, words: &Words, case: Memo<Option<Case>>, first: &Case) -> AnyView {
    let texts = {
        let words = words.clone();
        move || {
            let case = case.get()?;
            let impact = (!case.business_impact.is_empty()).then(|| {
                (
                    p().class("label").child(words.t("case.impact")),
                    p().class("plain").child(case.business_impact.clone()),
                )
            });
            let view = (p().class("plain").child(case.description.clone()), impact);
            Some(view.into_any())
        }
    };
    let lacks_report = {
        Memo::new(move |_| {
            case.with(|case| {
                let deployment = app.deployment();
                let found = case
                    .as_ref()
                    .and_then(|case| Some((case, policy_in(&deployment, &case.policy)?)));
                // Without its policy nobody knows what a report of this vendor is called.
                let Some((case, policy)) = found else {
                    return false;
                };
                let is_edit =
                    |one: &crate::core::sync::Operation| matches!(one.what, What::EditCase { .. });
                let waits = app
                    .outbox
                    .with(|outbox| unsent(outbox, &case.id).iter().any(is_edit));
                // A backend that has no place for it would take it and lose it.
                let takes = deployment.profile.takes("case", "description");
                takes
                    && !waits
                    && !policy.reports.is_empty()
                    && !report_stands_in(policy, &case.description)
            })
        })
    };
    let heading = NodeRef::<leptos::html::H2>::new();
    let report = {
        let (words, id) = (words.clone(), first.id.clone());
        move || {
            lacks_report
                .get()
                .then(|| report_form(app, &words, case, &id, heading))
        }
    };
    section()
        .class("section card")
        .attr("aria-labelledby", "case-description")
        .child((
            h2().id("case-description")
                .attr("tabindex", "-1")
                .node_ref(heading)
                .child(words.t("case.description")),
            texts,
            report,
        ))
        .into_any()
}

/// Adds the fault report that was not there at creation (CMS-15).
fn report_form(
    app: App,
    words: &Words,
    case: Memo<Option<Case>>,
    id: &str,
    heading: NodeRef<leptos::html::H2>,
) -> AnyView {
    let kept = Kept::open(app, format!("report/{id}"));
    let area = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move |_| {
        let text = kept.text.get();
        if let Some(area) = area.get()
            && area.value() != text
        {
            area.set_value(&text);
        }
    });
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let empty = kept.text.with_untracked(|text| text.trim().is_empty());
        let Some(case) = case.get_untracked().filter(|_| !empty) else {
            if let Some(area) = area.get_untracked() {
                // A text area that stands in the page can take the focus.
                let _ = area.focus();
            }
            return;
        };
        if !busy.get_untracked() {
            busy.set(true);
            add_report::add(app, &case, kept, move |worked| {
                busy.try_set(false);
                // The form is gone now: the focus goes on with what it was about.
                if let (true, Some(heading)) = (worked, heading.get_untracked()) {
                    tell(app, "case.report_on_its_way");
                    // It has a tabindex, so it can take the focus.
                    let _ = heading.focus();
                }
            });
        }
    };
    details()
        .class("why no-print")
        .child((
            summary().child(words.t("case.add_report")),
            form().class("stack").on(ev::submit, submit).child((
                div().class("field").child((
                    label()
                        .class("label")
                        .attr("for", "case-report")
                        .child(words.t("report.short")),
                    p().class("hint")
                        .id("case-report-hint")
                        .child(words.t("case.add_report_help")),
                    textarea()
                        .class("textarea")
                        .id("case-report")
                        .node_ref(area)
                        .attr("required", "")
                        .attr("aria-describedby", "case-report-hint")
                        .on(ev::input, move |event| {
                            kept.typed(event_target_value(&event));
                        }),
                )),
                div().class("actions").child(
                    button()
                        .class("btn")
                        .attr("type", "submit")
                        .child((icon("plus"), words.t("case.add_report_send"))),
                ),
            )),
        ))
        .into_any()
}

/// A fact: its name, its value, whether it is of use elsewhere.
type Fact = (String, String, bool);

fn list(app: App, words: &Words, facts: Vec<Fact>) -> AnyView {
    let rows: Vec<_> = facts
        .into_iter()
        .filter(|(_, value, _)| !value.is_empty())
        .map(|(name, value, copy)| {
            let copy = copy.then(|| dd().child(copy_button(app, words, &name, value.clone())));
            div().child((dt().child(name), dd().child(value), copy))
        })
        .collect();
    dl().class("facts").child(rows).into_any()
}

/// How to answer by mail so that everybody gets it (CMS-14), or that mail only brings news (NTT-11).
fn mail(app: App, words: &Words, case: Memo<Option<Case>>) -> AnyView {
    let no_reply = {
        let deployment = app.deployment();
        case.with_untracked(|case| {
            case.as_ref()
                .and_then(|case| policy_in(&deployment, &case.policy))
                .is_some_and(|policy| policy.mail.no_reply)
        })
    };
    let title = words.t(if no_reply {
        "case.mail_news"
    } else {
        "case.mail"
    });
    let words = words.clone();
    let body = move || {
        let case = case.get()?;
        let deployment = app.deployment();
        let rule = policy_in(&deployment, &case.policy)
            .map(|policy| policy.mail.rule.get(words.lang()).to_string());
        let facts = if no_reply {
            Vec::new()
        } else {
            vec![
                (words.t("case.mail_address"), case.mail_address, true),
                (words.t("case.mail_subject"), case.mail_subject, true),
            ]
        };
        let view = (
            rule.map(|rule| p().class("small muted").child(rule)),
            list(app, &words, facts),
        );
        Some(view.into_any())
    };
    section()
        .class("card section")
        .attr("aria-labelledby", "case-mail")
        .child((h2().class("label").id("case-mail").child(title), body))
        .into_any()
}

/// All of the case in one file, for whoever takes it over (NEW-07).
fn as_file(app: App, words: &Words, case: Memo<Option<Case>>) -> AnyView {
    let save = move |_| {
        if let Some(case) = case.get_untracked() {
            keep_file::of_case(app, case);
        }
    };
    section()
        .class("card section no-print")
        .attr("aria-labelledby", "save-case-file")
        .child((
            button()
                .class("btn")
                .id("save-case-file")
                .attr("type", "button")
                .on(ev::click, save)
                .child((icon("download"), words.t("case_file.save"))),
            p().class("small muted")
                .child(words.t("case_file.save_help")),
        ))
        .into_any()
}

fn facts(app: App, words: &Words, case: Memo<Option<Case>>) -> AnyView {
    let title = words.t("case.facts");
    let words = words.clone();
    let rows = {
        let words = words.clone();
        Memo::new(move |_| {
            let records = app.records.get();
            case.get()
                .map(|case| facts_of(app, &words, &records, case))
                .unwrap_or_default()
        })
    };
    section()
        .class("card section")
        .attr("aria-labelledby", "case-facts")
        .child((
            h2().class("label").id("case-facts").child(title),
            move || list(app, &words, rows.get()),
        ))
        .into_any()
}

fn facts_of(app: App, words: &Words, records: &Records, case: Case) -> Vec<Fact> {
    let lang = words.lang();
    let deployment = app.deployment();
    let policy = policy_in(&deployment, &case.policy);
    let contract = records
        .entitlements
        .iter()
        .find(|one| one.id == case.entitlement_id)
        .map(|one| format!("{} {}", one.name, one.contract_number))
        .unwrap_or_default();
    let product = records
        .products
        .iter()
        .find(|one| one.id == case.product_id)
        .map(|one| {
            let version = one
                .versions
                .iter()
                .find(|version| version.id == case.product_version);
            let version = version.map_or(case.product_version.as_str(), |one| one.name.as_str());
            format!("{} {version}", one.name)
        })
        .unwrap_or_default();
    let contact = records
        .contacts
        .iter()
        .find(|one| one.id == case.contact_id)
        .map(|one| one.name.clone())
        .unwrap_or_default();
    let kind = policy
        .and_then(|policy| policy.field("type"))
        .map_or(case.kind.as_str(), |field| {
            name_of(&field.options, &case.kind, lang)
        });
    let language = policy.map_or(case.preferred_language.as_str(), |policy| {
        name_of(&policy.languages, &case.preferred_language, lang)
    });
    let contacts: Vec<&str> = records
        .contacts
        .iter()
        .filter(|one| case.contacts.contains(&one.id))
        .map(|one| one.name.as_str())
        .collect();
    let fact = |key: &str, value: String, copy: bool| (words.t(key), value, copy);
    let mut facts = vec![
        fact("case.contract", contract, true),
        fact("case.product", product, true),
        fact("case.serial", case.serial_number.clone(), true),
        fact("case.type", kind.to_string(), false),
        fact("case.customer", case.customer_name.clone(), true),
        fact("case.contact", contact, false),
        fact("case.callback", case.callback_number.clone(), true),
        fact("case.language", language.to_string(), false),
        fact("case.other_email", case.other_email.clone(), true),
        fact("case.watchers", case.watchers.join(", "), true),
        fact("case.contacts", contacts.join(", "), false),
        fact(
            "case.contract_numbers",
            case.contract_numbers.join(", "),
            true,
        ),
        fact("case.engineer", case.assigned_to.clone(), true),
        fact(
            "case.created",
            clock::record_time(lang, case.created_at),
            false,
        ),
    ];
    facts.extend(
        policy
            .into_iter()
            .flat_map(|policy| further(policy, &case, lang)),
    );
    facts
}

/// The answers to questions of the policy's own, such as a tenant's id (NTT-07).
fn further(policy: &Policy, case: &Case, lang: &str) -> Vec<Fact> {
    let answered = case.fields.iter().filter_map(|(key, value)| {
        let field = policy.field(key)?;
        let value = match field.kind {
            FieldKind::Choice => name_of(&field.options, value, lang).to_string(),
            FieldKind::DateTime => clock::wall_time(lang, value),
            // What was agreed to says nothing more once it is sent.
            FieldKind::Confirm => return None,
            _ => value.clone(),
        };
        Some((field.label.get(lang).to_string(), value, true))
    });
    answered.collect()
}
