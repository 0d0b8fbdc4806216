//! What was found in a file that somebody writes: each with its place, what belongs there and what
//! to do. The core says it in English, for whoever writes such files.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{code, dd, div, dl, dt, li, ol, p};

use crate::core::reader::Problem;

/// The findings as a list, in their order.
pub fn findings(found: &[Problem]) -> AnyView {
    let fact = |name: &'static str, text: &str| {
        div().child((dt().child(name), dd().child(text.to_string())))
    };
    let entries: Vec<_> = found
        .iter()
        .map(|problem| {
            let place = match problem.path.as_str() {
                "" => "the file",
                path => path,
            };
            li().class("card").child((
                p().child(code().child(place.to_string())),
                dl().class("facts").child((
                    fact("Expected", &problem.expected),
                    fact("Found", &problem.found),
                    fact("To do", &problem.mend),
                )),
            ))
        })
        .collect();
    ol().class("stack")
        .attr("lang", "en")
        .child(entries)
        .into_any()
}

/// One, and one with far too much to say.
pub fn examples(_app: crate::ui::state::App) -> super::example::Examples {
    let long = super::example::LONG;
    let finding = |path: &str, found: &str| Problem {
        path: path.into(),
        expected: "the key of a field".into(),
        found: found.into(),
        mend: "add such a field or correct the key".into(),
    };
    vec![
        (
            "Typical",
            findings(&[finding("steps[0].fields[2]", "\"subjekt\"")]),
        ),
        (
            "Of the file, very long",
            findings(&[finding("", long), finding(long, long)]),
        ),
    ]
}
