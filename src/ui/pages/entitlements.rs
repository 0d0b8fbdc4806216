//! Contracts and what the partner may sell (CMS-18, CMS-19): usable or not, never hidden, with the
//! reason and the remedy; what ends soon is said first.

use crate::core::order::sort_by_key;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    caption, col, colgroup, div, h2, li, section, table, tbody, td, th, thead, tr, ul,
};
use chrono::NaiveDate;

use crate::browser::clock;
use crate::core::case::{Authorization, Entitlement};
use crate::core::entitlement::{Decision, usable};
use crate::ui::components::arriving::{as_of, skeleton};
use crate::ui::components::case_row::policy_in;
use crate::ui::components::entitlement::card;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::components::status::tag;
use crate::ui::state::{App, Words};

/// How early the end of a contract is said, in days.
const EARLY: i64 = 60;

type Judged = (Entitlement, Decision);

/// The page of contracts and product authorizations.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let today = clock::today();
    let arrived = Memo::new(move |_| app.records.with(|records| records.arrived));
    let contracts = Memo::new(move |_| {
        let mut judged: Vec<Judged> = app.records.with(|records| {
            let judge = |one: &Entitlement| (one.clone(), usable(one, None, today));
            records.entitlements.iter().map(judge).collect()
        });
        // What ends first comes first among the usable, what ended last among the others.
        sort_by_key(&mut judged, |(one, _)| one.end);
        judged
    });
    let sales = Memo::new(move |_| app.records.with(|records| records.authorizations.clone()));
    let body = {
        let words = words.clone();
        move || {
            if !arrived.get() {
                return skeleton();
            }
            (
                ending(&words, &contracts.get(), &sales.get(), today),
                groups(app, &words, &contracts.get(), today),
                authorizations(&words, &sales.get()),
            )
                .into_any()
        }
    };
    div()
        .class("page page-wide")
        .child((
            page_head(words.t("nav.entitlements"), words.t("entitlements.lede")),
            as_of(app, &words),
            body,
        ))
        .into_any()
}

/// What ends within the next weeks.
fn ending(
    words: &Words,
    contracts: &[Judged],
    sales: &[Authorization],
    today: NaiveDate,
) -> Option<AnyView> {
    let soon = |end: Option<NaiveDate>| {
        let days = (end? - today).num_days();
        (0..=EARLY).contains(&days).then_some(days as u64)
    };
    let contracts = contracts
        .iter()
        .filter(|(_, decision)| decision.because != "not_active")
        .map(|(one, _)| (format!("{} {}", one.name, one.contract_number), one.end));
    let sales = sales
        .iter()
        .filter(|one| one.status == "authorized")
        .map(|one| (one.product_family.clone(), one.end));
    let entries: Vec<_> = contracts
        .chain(sales)
        .filter_map(|(name, end)| {
            let left = words.count("entitlements.days_left", soon(end)?);
            let end = clock::date(words.lang(), end?);
            let facts = [("name", name.as_str()), ("end", &end), ("left", &left)];
            Some(li().child(words.with("entitlements.ends", &facts)))
        })
        .collect();
    (!entries.is_empty()).then(|| {
        notice(
            Tone::Warning,
            words.t("entitlements.ending"),
            ul().child(entries),
        )
    })
}

fn groups(app: App, words: &Words, contracts: &[Judged], today: NaiveDate) -> AnyView {
    let (usable, not): (Vec<&Judged>, Vec<&Judged>) =
        contracts.iter().partition(|(_, decision)| decision.allowed);
    let deployment = app.deployment();
    let cards = |some: Vec<&Judged>| -> Vec<AnyView> {
        some.into_iter()
            .map(|(one, decision)| {
                let policy = policy_in(&deployment, &one.policy);
                card(words, policy, one, decision, today)
            })
            .collect()
    };
    let group = |id: &'static str, cards: Vec<AnyView>| {
        section()
            .class("section")
            .attr("aria-labelledby", id)
            .child((
                h2().id(id).child(words.t(id)),
                div().class("cols").child(cards),
            ))
    };
    let none = usable.is_empty();
    (
        (!none).then(|| group("entitlements.usable", cards(usable))),
        (!not.is_empty()).then(|| {
            group(
                "entitlements.not_usable",
                cards(not.into_iter().rev().collect()),
            )
        }),
        contracts.is_empty().then(|| {
            div().class("empty").child((
                icon("shield-check"),
                h2().child(words.t("why.no_contract.text")),
                crate::ui::dom::p()
                    .class("muted")
                    .child(words.t("why.no_contract.remedy")),
            ))
        }),
    )
        .into_any()
}

fn authorizations(words: &Words, all: &[Authorization]) -> Option<AnyView> {
    if all.is_empty() {
        return None;
    }
    let heading =
        |class: &'static str, key: &str| th().attr("scope", "col").class(class).child(words.t(key));
    let rows: Vec<_> = all.iter().map(|one| authorization(words, one)).collect();
    let view = section()
        .class("section")
        .attr("aria-labelledby", "authorizations")
        .child((
            h2().id("authorizations")
                .child(words.t("authorizations.title")),
            div().class("table-wrap").child(
                table().class("table").child((
                    caption()
                        .class("vh")
                        .child(words.t("authorizations.caption")),
                    colgroup().child((
                        col(),
                        col().class("c-customer"),
                        col().class("c-status"),
                        col(),
                    )),
                    thead().child(tr().child((
                        heading("col-subject", "authorizations.family"),
                        heading("col-customer", "authorizations.level"),
                        heading("col-status", "authorizations.status"),
                        heading("col-no", "authorizations.term"),
                    ))),
                    tbody().child(rows),
                )),
            ),
        ));
    Some(view.into_any())
}

fn authorization(words: &Words, one: &Authorization) -> AnyView {
    let (meaning, icon_name) = match one.status.as_str() {
        "authorized" => ("m-success", "circle-check"),
        "expired" => ("m-warning", "calendar-x"),
        _ => ("", "circle-slash"),
    };
    let key = format!("authorizations.state.{}", one.status);
    let status = if words.0.has(&key) {
        words.t(&key)
    } else {
        one.status.clone()
    };
    let day = |day: Option<NaiveDate>| day.map(|day| clock::date(words.lang(), day));
    let term = match (day(one.start), day(one.end)) {
        (None, None) => String::new(),
        (start, end) => format!(
            "{} – {}",
            start.unwrap_or_default(),
            end.unwrap_or_default()
        ),
    };
    tr().child((
        th().attr("scope", "row")
            .class("col-subject")
            .child(one.product_family.clone()),
        td().class("col-customer").child(one.level.clone()),
        td().class("col-status")
            .child(tag(meaning, icon_name, status)),
        td().class("col-no").child(term),
    ))
    .into_any()
}
