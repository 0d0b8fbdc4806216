//! Severities: a number in a shape with its word, then colour.

use crate::ui::dom::prelude::*;
use crate::ui::dom::span;
use crate::ui::dom::svg;

use crate::core::policy::Policy;

const OCTAGON: &str = "M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z";
const TRIANGLE: &str = "M10 1.2 19.4 18a.8.8 0 0 1-.7 1.2H1.3A.8.8 0 0 1 .6 18z";
const CIRCLE: &str = "M1 10a9 9 0 1 1 18 0a9 9 0 1 1-18 0z";
const DOT: &str = "M3 10a7 7 0 1 1 14 0a7 7 0 1 1-14 0z";

/// The severity of an id with its name; where it is narrow, the name is for screen readers only.
pub fn severity(policy: Option<&Policy>, id: &str, lang: &str, narrow: bool) -> AnyView {
    let place = policy
        .and_then(|policy| policy.severities.iter().position(|one| one.id == id))
        .unwrap_or(3)
        .min(3);
    let shape = [OCTAGON, TRIANGLE, CIRCLE, DOT][place];
    let baseline = if place == 1 { "16.2" } else { "14.3" };
    let name = policy
        .and_then(|policy| policy.severity(id))
        .map_or_else(|| id.to_string(), |one| one.name.get(lang).to_string());
    span()
        .class("sev")
        .attr("data-sev", (place + 1).to_string())
        .child((
            svg::svg()
                .attr("class", "sev-mark")
                .attr("viewBox", "0 0 20 20")
                .attr("aria-hidden", "true")
                .child((
                    svg::path().attr("d", shape),
                    svg::text()
                        .attr("x", "10")
                        .attr("y", baseline)
                        .child(id.to_string()),
                )),
            span().class(if narrow { "vh" } else { "" }).child(name),
        ))
        .into_any()
}

/// The policy's severities with their names and narrow, and one it does not know.
pub fn examples(app: crate::ui::state::App) -> super::example::Examples {
    let (policy, lang) = (super::example::policy(app), app.lang());
    let mut views = vec![severity(None, "9", &lang, false)];
    for one in &policy.severities {
        for narrow in [false, true] {
            views.push(severity(Some(&policy), &one.id, &lang, narrow));
        }
    }
    vec![(
        "All",
        crate::ui::dom::div()
            .class("inline")
            .child(views)
            .into_any(),
    )]
}
