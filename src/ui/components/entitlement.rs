//! Contracts in view: what is left as a meter, the term as a line with today, and for what can't be
//! used the reason and the remedy.

use crate::ui::dom::prelude::*;
use crate::ui::dom::svg;
use crate::ui::dom::{article, b, div, h3, p, span};
use chrono::NaiveDate;

use super::icon::icon;
use super::status::tag;
use super::use_chart::use_chart;
use crate::browser::clock;
use crate::core::case::{Entitlement, day};
use crate::core::entitlement::{Decision, why};
use crate::core::policy::Policy;
use crate::core::text::{LocalText, fill};
use crate::ui::state::Words;

/// Why something can't be used and what to do, in the policy's words or else the portal's.
pub fn reason(words: &Words, policy: Option<&Policy>, decision: &Decision) -> (String, String) {
    let nothing = Policy::default();
    let policy = policy.unwrap_or(&nothing);
    plan_reason(words, policy, "", decision)
}

/// As [`reason`], in the plan's own words where it has some (NEW-03).
pub fn plan_reason(
    words: &Words,
    policy: &Policy,
    plan: &str,
    decision: &Decision,
) -> (String, String) {
    reason_of(words, policy, plan, decision.because, &decision.facts)
}

/// The words of a code.
pub fn reason_of(
    words: &Words,
    policy: &Policy,
    plan: &str,
    code: &str,
    facts: &[(&'static str, String)],
) -> (String, String) {
    let facts: Vec<(&str, String)> = facts
        .iter()
        .map(|(name, fact)| (*name, readable(words, name, fact)))
        .collect();
    let facts: Vec<(&str, &str)> = facts
        .iter()
        .map(|(name, fact)| (*name, fact.as_str()))
        .collect();
    match why(policy, plan, code) {
        Some(reason) => (
            fill(reason.text.get(words.lang()), &facts),
            fill(reason.remedy.get(words.lang()), &facts),
        ),
        None => (
            words.with(&format!("why.{code}.text"), &facts),
            words.with(&format!("why.{code}.remedy"), &facts),
        ),
    }
}

fn readable(words: &Words, name: &str, fact: &str) -> String {
    let status = format!("entitlement.status.{fact}");
    match name {
        // A status that the portal has no word for is shown as the backend has it.
        "status" if words.0.has(&status) => words.t(&status),
        "start" | "end" => {
            day(fact).map_or_else(|| fact.into(), |day| clock::date(words.lang(), day))
        }
        "size" | "limit" if fact.len() > 4 => fact
            .parse::<u64>()
            .map_or_else(|_| fact.into(), |bytes| clock::bytes(words.lang(), bytes)),
        _ => fact.into(),
    }
}

/// The tag that says whether a contract can be used.
pub fn usable_tag(words: &Words, decision: &Decision) -> AnyView {
    let (meaning, icon_name) = match decision.because {
        "ok" => ("m-success", "circle-check"),
        "expired" => ("m-warning", "calendar-x"),
        "none_left" => ("m-warning", "circle-slash"),
        "not_started" | "pending" => ("m-info", "hourglass"),
        "product_not_covered" | "version_not_covered" | "not_for_this" | "not_added" => {
            ("m-info", "info")
        }
        "no_permission" | "not_activated" | "other_customer" => ("m-warning", "lock"),
        _ => ("m-warning", "pause"),
    };
    let own = format!("entitlement.tag.{}", decision.because);
    // A reason that only the policy knows is told in full beneath.
    let word = if words.0.has(&own) {
        own.as_str()
    } else {
        "entitlement.tag.not_active"
    };
    tag(meaning, icon_name, words.t(word))
}

/// How many cases are left, as words and as a meter; without limit, words only.
pub fn meter(words: &Words, entitlement: &Entitlement) -> AnyView {
    let (Some(left), Some(total)) = (entitlement.cases_remaining, entitlement.cases_total) else {
        return p()
            .class("ent-left")
            .child(words.t("entitlement.unlimited"))
            .into_any();
    };
    let share = (left.min(total) * 100).checked_div(total).unwrap_or(0);
    let number = |value: u64| clock::number(words.lang(), value);
    span()
        .child((
            span().class("ent-left").child((
                b().child(number(left)),
                words.with("entitlement.of_left", &[("total", &number(total))]),
            )),
            svg::svg()
                .attr("class", "meter")
                .attr("aria-hidden", "true")
                .attr("data-low", (share <= 20).then_some(""))
                .child((
                    svg::rect()
                        .attr("class", "meter-track")
                        .attr("width", "100%")
                        .attr("height", "100%"),
                    svg::rect()
                        .attr("class", "meter-fill")
                        .attr("width", format!("{share}%"))
                        .attr("height", "100%"),
                )),
        ))
        .into_any()
}

/// The term from start to end as a line, with today on it.
pub fn term(words: &Words, entitlement: &Entitlement, today: NaiveDate) -> Option<AnyView> {
    let (start, end) = (entitlement.start?, entitlement.end?);
    let days = (end - start).num_days().max(1);
    let gone = (today - start).num_days().clamp(0, days) * 100 / days;
    let over = today > end;
    let bar = |class: &'static str, width: String| {
        svg::rect()
            .attr("class", class)
            .attr("y", "7")
            .attr("width", width)
            .attr("height", "6")
            .attr("rx", "3")
    };
    let past = if over { "term-over" } else { "term-past" };
    let today_line = (!over && today >= start).then(|| {
        svg::rect()
            .attr("class", "term-today")
            .attr("x", format!("{gone}%"))
            .attr("y", "1")
            .attr("width", "2")
            .attr("height", "18")
            .attr("rx", "1")
    });
    let date = |day: NaiveDate| span().child(clock::date(words.lang(), day));
    let view = span().class("term-box").child((
        svg::svg()
            .attr("class", "term")
            .attr("aria-hidden", "true")
            .child((
                bar("term-track", "100%".into()),
                bar(past, format!("{gone}%")),
                today_line,
            )),
        span().class("term-ends").child((date(start), date(end))),
    ));
    Some(view.into_any())
}

/// The line under a contract's name: number, plan, level, coverage.
pub fn facts(words: &Words, policy: Option<&Policy>, entitlement: &Entitlement) -> String {
    let mut parts = vec![entitlement.contract_number.clone()];
    parts.extend(terms(words, policy, entitlement));
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// Plan, level and coverage, each once.
fn terms(words: &Words, policy: Option<&Policy>, entitlement: &Entitlement) -> Vec<String> {
    let plan = |code: &str| {
        policy.map_or(code.to_string(), |policy| {
            policy.plan_name(code, words.lang()).to_string()
        })
    };
    let mut parts = vec![
        plan(&entitlement.plan),
        plan(&entitlement.level),
        entitlement.coverage.clone(),
    ];
    parts.retain(|part| !part.is_empty() && *part != entitlement.name);
    parts.dedup();
    parts
}

/// Why a plan can't be used, what to do, and what can be done at once.
fn why_not(
    words: &Words,
    policy: Option<&Policy>,
    plan: &str,
    decision: &Decision,
    help: Option<AnyView>,
) -> Option<AnyView> {
    if decision.allowed {
        return None;
    }
    let nothing = Policy::default();
    let (text, remedy) = plan_reason(words, policy.unwrap_or(&nothing), plan, decision);
    let view = div()
        .class("ent-why")
        .child((p().child(text), p().child(remedy), help));
    Some(view.into_any())
}

/// A plan that the account has no contract of (MPT-13).
pub fn plan_card(
    words: &Words,
    policy: &Policy,
    plan: &str,
    decision: &Decision,
    help: Option<AnyView>,
) -> AnyView {
    let known = policy.plan(plan);
    let line = |text: &LocalText| {
        p().class("small muted")
            .child(text.get(words.lang()).to_string())
    };
    let usual = known.and_then(|plan| plan.total.as_ref()).map(line);
    let about = known.and_then(|plan| plan.help.as_ref()).map(line);
    article()
        .class("ent ent-no")
        .child((
            div().class("ent-head").child((
                h3().class("ent-name")
                    .child(policy.plan_name(plan, words.lang()).to_string()),
                usable_tag(words, decision),
            )),
            usual,
            about,
            why_not(words, Some(policy), plan, decision, help),
        ))
        .into_any()
}

/// A contract as a card of the list, with what can be done about it at once.
pub fn card(
    words: &Words,
    policy: Option<&Policy>,
    entitlement: &Entitlement,
    decision: &Decision,
    today: NaiveDate,
    help: Option<AnyView>,
) -> AnyView {
    let why = why_not(words, policy, &entitlement.plan, decision, help);
    let shared = entitlement.shared_id.then(|| {
        p().class("small muted")
            .child(words.t("entitlement.shared"))
    });
    let serials = (!entitlement.serial_numbers.is_empty()).then(|| {
        p().class("small muted").child(words.with(
            "entitlement.serials",
            &[("list", &entitlement.serial_numbers.join(", "))],
        ))
    });
    article()
        .class(if decision.allowed {
            "ent"
        } else {
            "ent ent-no"
        })
        .child((
            div().class("ent-head").child((
                div().child((
                    h3().class("ent-name").child(entitlement.name.clone()),
                    p().class("ent-id")
                        .child(entitlement.contract_number.clone()),
                )),
                usable_tag(words, decision),
            )),
            meter(words, entitlement),
            term(words, entitlement, today),
            p().class("small muted")
                .child(terms(words, policy, entitlement).join(" · ")),
            shared,
            serials,
            use_chart(words, &entitlement.history),
            why,
        ))
        .into_any()
}

/// That something ends within so many days; nothing where it ends later or has ended.
pub fn ends_soon(
    words: &Words,
    name: &str,
    end: NaiveDate,
    today: NaiveDate,
    within: i64,
) -> Option<String> {
    let days = (end - today).num_days();
    let days = (0..=within).contains(&days).then_some(days as u64)?;
    let left = words.count("entitlements.days_left", days);
    let end = clock::date(words.lang(), end);
    let facts = [("name", name), ("end", &end), ("left", &left)];
    Some(words.with("entitlements.ends", &facts))
}

/// The icon of a choice that can't be made.
pub fn no_choice_icon() -> impl IntoView {
    icon("circle-slash")
}

/// Contracts in every state.
pub fn examples(app: crate::ui::state::App) -> super::example::Examples {
    let (words, today) = (app.words_now(), clock::today());
    let policy = super::example::policy(app);
    let mut cards: Vec<AnyView> = Vec::new();
    for one in &app.records.get_untracked().entitlements {
        let decision = crate::core::entitlement::usable(one, None, today);
        cards.push(card(&words, Some(&policy), one, &decision, today, None));
    }
    vec![(
        "Usable and not",
        div().class("cols").child(cards).into_any(),
    )]
}
