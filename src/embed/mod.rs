//! The custom element's Rust side: one portal mounted into one shadow root, gone when its handle is
//! dropped.
//!
//! `public/element.js` is the element itself: it loads the bundle once, adopts the style sheet, and
//! calls [`mount`]. Nothing here reaches outside the shadow root, except in page mode, where the
//! document's title and language are the portal's own.

use leptos::prelude::{Owner, UnmountHandle};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::core::route::{Mode, Route};
use crate::ui::{self, Options};

/// A mounted portal.
#[wasm_bindgen]
pub struct Mounted {
    handle: Option<Box<dyn std::any::Any>>,
}

#[wasm_bindgen]
impl Mounted {
    /// Takes the portal away: its view, listeners, timers and connections.
    pub fn unmount(&mut self) {
        self.handle = None;
    }
}

/// Mounts a portal into `place`, an element inside the shadow root.
///
/// `page` says that the whole page is the portal's: its address, title and language follow it.
/// `routing` is `history`, `hash` or `memory`; `base` is where the portal's files are.
#[wasm_bindgen]
pub fn mount(
    place: HtmlElement,
    base: String,
    routing: String,
    lang: String,
    page: bool,
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
        page,
    };
    let handle = leptos::mount::mount_to(place, move || ui::app::app(options));
    Mounted {
        handle: Some(boxed(handle)),
    }
}

fn boxed<M: leptos::tachys::view::Mountable + 'static>(
    handle: UnmountHandle<M>,
) -> Box<dyn std::any::Any> {
    let _: Option<Owner> = Owner::current();
    Box::new(handle)
}
