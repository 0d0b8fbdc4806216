//! Whether all licences of each product family are covered (CSF-14), where the policy asks for it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{caption, div, h2, p, section, table, tbody, td, th, thead, tr};

use crate::browser::clock;
use crate::core::case::{License, coverage};
use crate::core::policy::AccountCheck;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::status::tag;
use crate::ui::state::{App, Words};

/// The check of each policy that has one; nothing where there are no licences.
pub(super) fn licences(app: App, words: &Words) -> Vec<AnyView> {
    let records = app.records.get();
    let mut views = Vec::new();
    let all = coverage(&records.licenses);
    for policy in app.chosen_policies() {
        let own: Vec<&License> = all.iter().filter(|one| one.policy == policy.id).collect();
        let checks = policy.account_checks.iter();
        for check in checks.filter(|check| check.kind == "coverage" && !own.is_empty()) {
            views.push(view(words, check, &own));
        }
    }
    views
}

fn view(words: &Words, check: &AccountCheck, all: &[&License]) -> AnyView {
    let missing: Vec<&&License> = all.iter().filter(|one| !one.is_all_in()).collect();
    let name = check.name.get(words.lang()).to_string();
    let verdict = match missing.first() {
        None => notice(Tone::Success, words.t("licences.all"), ()),
        Some(_) => {
            let families: Vec<String> = missing
                .iter()
                .map(|one| {
                    let number = |value: u64| clock::number(words.lang(), value);
                    let (missing, total) = (one.total.saturating_sub(one.covered), one.total);
                    let facts = [
                        ("family", one.family.as_str()),
                        ("missing", &number(missing)),
                        ("total", &number(total)),
                    ];
                    words.with("licences.missing", &facts)
                })
                .collect();
            notice(
                Tone::Warning,
                families.join(" "),
                p().child(words.t("licences.remedy")),
            )
        }
    };
    let heading = |key: &str| th().attr("scope", "col").child(words.t(key));
    let rows: Vec<_> = all.iter().map(|one| row(words, one)).collect();
    section()
        .class("section")
        .attr("aria-labelledby", check.id.clone())
        .child((
            h2().id(check.id.clone()).child(name.clone()),
            p().class("muted")
                .child(check.text.get(words.lang()).to_string()),
            verdict,
            div()
                .class("table-wrap")
                .child(table().class("table").child((
                    caption().class("vh").child(name),
                    thead().child(tr().child((
                        heading("licences.family"),
                        heading("licences.org"),
                        heading("licences.covered"),
                        heading("licences.state"),
                    ))),
                    tbody().child(rows),
                ))),
        ))
        .into_any()
}

fn row(words: &Words, one: &License) -> AnyView {
    let number = |value: u64| clock::number(words.lang(), value);
    let state = match one.is_all_in() {
        true => tag("m-success", "circle-check", words.t("licences.state_all")),
        false => tag("m-warning", "circle-alert", words.t("licences.state_part")),
    };
    let covered = words.with(
        "licences.of",
        &[("n", &number(one.covered)), ("total", &number(one.total))],
    );
    tr().child((
        th().attr("scope", "row").child(one.family.clone()),
        td().child(one.org_id.clone()),
        td().child(covered),
        td().child(state),
    ))
    .into_any()
}
