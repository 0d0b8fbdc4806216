//! The custom element's Rust side: one portal mounted into one shadow root, gone when its handle is
//! dropped.
//!
//! `public/element.js` is the element itself: it loads the bundle once, adopts the style sheet, and
//! calls [`mount`]. Nothing here reaches outside the shadow root, except in page mode, where the
//! document's title and language are the portal's own.

use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::core::route::{Mode, Route};
use crate::ui::{self, Options, dom};

/// A mounted portal.
#[wasm_bindgen]
pub struct Mounted {
    portal: Option<dom::Mounted>,
}

#[wasm_bindgen]
impl Mounted {
    /// Takes the portal away: its view, listeners, timers and connections.
    pub fn unmount(&mut self) {
        self.portal = None;
    }
}

/// Mounts a portal into `place`, an element inside the shadow root.
///
/// `base` is where the portal's files are, ending in `/`; `routing` is `history`, `hash` or
/// `memory`; `lang` may be empty; `view` is `page` (the whole page is the portal's: its address,
/// title and language follow it), `gallery` (the components in all their states) or anything else
/// for a part of somebody's page.
#[wasm_bindgen]
pub fn mount(
    place: HtmlElement,
    base: String,
    routing: String,
    lang: String,
    view: String,
) -> Mounted {
    let mode = match routing.as_str() {
        "hash" => Mode::Hash,
        "memory" => Mode::Memory,
        _ => Mode::History,
    };
    let options = Options {
        base,
        mode,
        start: Route::Home,
        lang: (!lang.is_empty()).then_some(lang),
        page: view == "page",
        gallery: view == "gallery",
    };
    Mounted {
        portal: Some(dom::mount(place.into(), move || ui::app::app(options))),
    }
}
