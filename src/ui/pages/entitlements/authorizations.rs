//! What the partner may sell (CMS-19).

use crate::ui::dom::prelude::*;
use crate::ui::dom::{caption, col, colgroup, div, h2, section, table, tbody, td, th, thead, tr};
use chrono::NaiveDate;

use crate::browser::clock;
use crate::core::case::Authorization;
use crate::ui::components::status::tag;
use crate::ui::state::Words;

/// The table; nothing where nothing is known.
pub(super) fn authorizations(words: &Words, all: &[Authorization]) -> Option<AnyView> {
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
