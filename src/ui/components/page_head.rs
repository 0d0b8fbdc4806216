//! The head of a page: what it wants or shows, and one sentence that says why.

use leptos::html::{h1, header, p};
use leptos::prelude::*;

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
