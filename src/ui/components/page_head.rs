//! The head of a page: what it wants or shows, and one sentence that says why.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{h1, header, p};

/// A heading with its sentence; an empty sentence is left out.
pub fn page_head(title: String, lede: String) -> AnyView {
    header()
        .class("page-head")
        .child((
            h1().child(title),
            (!lede.is_empty()).then(|| p().class("lede").child(lede)),
        ))
        .into_any()
}

/// With and without a sentence, and far too long.
pub fn examples(_app: crate::ui::state::App) -> super::example::Examples {
    let long = super::example::LONG;
    vec![
        (
            "Typical",
            page_head("Drafts".into(), "On this device only.".into()),
        ),
        (
            "Without a sentence",
            page_head("Drafts".into(), String::new()),
        ),
        ("Very long", page_head(long.into(), long.into())),
    ]
}
