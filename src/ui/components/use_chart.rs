//! How many cases a contract was used for, month by month: a sentence, bars, and the same as a table
//! for whoever does not see them.

use chrono::{Datelike, NaiveDate};

use crate::ui::dom::prelude::*;
use crate::ui::dom::svg;
use crate::ui::dom::{caption, div, p, table, tbody, td, th, thead, tr};

use crate::browser::clock;
use crate::core::case::day;
use crate::ui::state::Words;

/// How many months are shown; what is older says little about what is needed.
const MONTHS: i32 = 12;
/// The drawing's height in its own units.
const HEIGHT: u64 = 48;

/// The use over time, oldest first; nothing where it is not known.
pub fn use_chart(words: &Words, history: &[(String, u64)]) -> Option<AnyView> {
    if history.is_empty() {
        return None;
    }
    let recent = last_year(history, clock::today());
    let recent = recent.as_slice();
    let (_, most) = recent.iter().max_by_key(|(_, used)| *used)?;
    let total: u64 = recent.iter().map(|(_, used)| used).sum();
    let view = div().class("use").child((
        p().class("small").child(words.count("use.total", total)),
        div().class("use-box").child((
            bars(recent, (*most).max(1)),
            ends(words, recent),
            as_table(words, recent),
        )),
    ));
    Some(view.into_any())
}

/// The last months, those without a case among them: a contract names only those that have some.
fn last_year(history: &[(String, u64)], today: NaiveDate) -> Vec<(String, u64)> {
    let last = today.year() * 12 + today.month0() as i32;
    let months = (last - MONTHS + 1)..=last;
    months
        .map(|month| {
            let name = format!("{:04}-{:02}", month / 12, month % 12 + 1);
            let found = history.iter().find(|(one, _)| *one == name);
            let used = found.map_or(0, |(_, used)| *used);
            (name, used)
        })
        .collect()
}

fn bars(recent: &[(String, u64)], most: u64) -> AnyView {
    let share = 100.0 / recent.len() as f64;
    let bars: Vec<_> = recent
        .iter()
        .enumerate()
        .map(|(place, (_, used))| {
            // A month without a case keeps a line, so that it is seen to be there.
            let height = (used * HEIGHT / most).max(1);
            svg::rect()
                .attr("class", if *used == 0 { "use-none" } else { "use-bar" })
                .attr("x", format!("{}%", share * place as f64 + share * 0.1))
                .attr("y", (HEIGHT - height).to_string())
                .attr("width", format!("{}%", share * 0.8))
                .attr("height", height.to_string())
        })
        .collect();
    svg::svg()
        .attr("class", "use-chart")
        .attr("aria-hidden", "true")
        .child(bars)
        .into_any()
}

fn ends(words: &Words, recent: &[(String, u64)]) -> Option<AnyView> {
    let (first, last) = (recent.first()?, recent.last()?);
    let (first, last) = (month(words, &first.0), month(words, &last.0));
    let view = p().class("term-ends").attr("aria-hidden", "true").child((
        crate::ui::dom::span().child(first),
        crate::ui::dom::span().child(last),
    ));
    Some(view.into_any())
}

fn as_table(words: &Words, recent: &[(String, u64)]) -> AnyView {
    let rows: Vec<_> = recent
        .iter()
        .map(|(name, used)| {
            tr().child((
                th().attr("scope", "row").child(month(words, name)),
                td().child(clock::number(words.lang(), *used)),
            ))
        })
        .collect();
    table()
        .class("vh")
        .child((
            caption().child(words.t("use.caption")),
            thead().child(tr().child((
                th().attr("scope", "col").child(words.t("use.month")),
                th().attr("scope", "col").child(words.t("use.cases")),
            ))),
            tbody().child(rows),
        ))
        .into_any()
}

/// A month as the language writes it; as the backend does where it is none.
fn month(words: &Words, name: &str) -> String {
    match day(&format!("{name}-01")) {
        Some(first) => clock::month(words.lang(), first),
        None => name.into(),
    }
}

/// With and without use, and with more than is shown.
pub fn examples(app: crate::ui::state::App) -> super::example::Examples {
    let words = app.words_now();
    let of = |used: &[u64]| {
        let months = last_year(&[], clock::today()).into_iter();
        let months: Vec<(String, u64)> = months
            .zip(used)
            .map(|((month, _), used)| (month, *used))
            .collect();
        use_chart(&words, &months).into_any()
    };
    vec![
        ("A year", of(&[3, 0, 5, 1, 0, 0, 2, 7, 1, 0, 1, 4])),
        ("Never used", of(&[0, 0, 0])),
        ("Not known", of(&[])),
    ]
}
