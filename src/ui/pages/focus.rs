//! Where the focus goes when what held it goes away.
//!
//! A browser leaves the focus nowhere when its element is removed, and whoever works with the
//! keyboard has to begin at the top. Pages that take rows away put it on the main part instead.

use crate::ui::dom::prelude::*;
use leptos::html::Div;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement, ShadowRoot};

/// The element that has the focus, as far as the portal that `inside` belongs to knows.
pub(super) fn active(inside: &Element) -> Option<Element> {
    let root = inside.get_root_node();
    match root.dyn_ref::<ShadowRoot>() {
        Some(shadow) => shadow.active_element(),
        None => root
            .dyn_ref::<Document>()?
            .active_element()
            .filter(|element| element.tag_name() != "BODY"),
    }
}

/// Whether whoever is at a page that the portal is a part of works beside it: then the focus is theirs.
pub fn is_elsewhere(inside: &Element, in_frame: bool) -> bool {
    let Some(document) = inside.owner_document() else {
        return false;
    };
    let held = document.active_element();
    let beside = held.is_some_and(|held| held.tag_name() != "BODY") && active(inside).is_none();
    beside || in_frame && document.has_focus() == Ok(false)
}

/// Puts the focus on the main part around an element.
pub(super) fn to_main(inside: &Element) {
    let main = inside.closest("#main").ok().flatten();
    if let Some(main) = main.and_then(|main| main.dyn_into::<HtmlElement>().ok()) {
        // It has a tabindex, so it can take the focus.
        let _ = main.focus();
    }
}

/// Puts the focus on the main part when rows have become fewer and the focus went with one.
pub(super) fn keep(page: NodeRef<Div>, rows: Memo<usize>) {
    Effect::new(move |before: Option<usize>| {
        let now = rows.get();
        if before.is_some_and(|before| now < before) {
            request_animation_frame(move || {
                if let Some(page) = page.try_get_untracked().flatten()
                    && active(&page).is_none()
                {
                    to_main(&page);
                }
            });
        }
        now
    });
}
