//! The element's Rust side: one portal mounted into one place, gone when its handle is dropped.
//!
//! `public/embed.js` is the element itself, `public/mount.js` loads the bundle once and calls
//! [`mount`], and in a frame `public/frame.js` stands between. Nothing here reaches outside the place,
//! except where the document is the portal's own: there its title and language are, too.

use std::cell::OnceCell;
use std::rc::Rc;

use serde_json::Value;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::browser::host::Host;
use crate::core::embed::{Given, View};
use crate::core::route::{Mode, Route};
use crate::ui::actions::{choose_language, sign_out};
use crate::ui::dom::prelude::*;
use crate::ui::pages::later::{self, Act};
use crate::ui::state::App;
use crate::ui::{self, Embed, Options, dom, wiring};

/// A mounted portal.
#[wasm_bindgen]
pub struct Mounted {
    portal: Option<dom::Mounted>,
    app: Rc<OnceCell<App>>,
}

#[wasm_bindgen]
impl Mounted {
    /// Takes the portal away: its view, listeners, timers and connections.
    pub fn unmount(&mut self) {
        self.portal = None;
    }

    /// Takes the page's new wishes: those of [`mount`] that may change while the portal stands.
    pub fn set(&self, settings: &str) {
        let Some(app) = self.app() else { return };
        let json = parse(settings);
        if let Some(lang) = text_of(&json, "lang") {
            choose_language::show(app, lang);
        }
        if let Some(theme) = text_of(&json, "theme") {
            app.theme.set(theme);
        }
        app.given.update_value(|given| given.take(&json));
    }

    /// Fills in what the page knows: into the draft that is being written, where nothing was
    /// answered yet, and into those that are begun from now on.
    pub fn prefill(&self, settings: &str) {
        let Some(app) = self.app() else { return };
        app.given.update_value(|given| given.take(&parse(settings)));
        later::act(app, Act::FillIn);
    }

    /// Signs out.
    pub fn sign_out(&self) {
        if let Some(app) = self.app() {
            sign_out::sign_out(app);
        }
    }

    /// A window of the portal has signed somebody in: goes on with what it has handed over, or asks
    /// the backend again who is signed in if that is nothing.
    pub fn look_again(&self, handed_over: String) {
        let Some(app) = self.app() else { return };
        if handed_over.is_empty() {
            wiring::look_again(app);
        } else {
            later::act(app, Act::GoOn(handed_over));
        }
    }

    /// The handles, as long as the portal stands.
    fn app(&self) -> Option<App> {
        self.portal.as_ref()?;
        self.app.get().copied()
    }
}

/// Mounts a portal into `place`.
///
/// `settings` is an object as JSON: `base` (where the portal's files are, ending in `/`), `mode`
/// (`page`: the document is the portal's; `frame`: so it is, in the frame of another page; `hand-over`:
/// the window that signs such a frame in; `inline`: a part of the vendor's own page), `routing`
/// (`history`, `hash` or `memory`), `view`, `place` (the path to begin with), `lang`, `theme`,
/// `policy`, `support`, and what [`Given::take`] takes. `host` is the page around it, if there is one;
/// see [`Host`].
#[wasm_bindgen]
pub fn mount(place: HtmlElement, settings: &str, host: JsValue) -> Mounted {
    let json = parse(settings);
    let text = |name: &str| text_of(&json, name).unwrap_or_default();
    let mode = text("mode");
    let embed = matches!(mode.as_str(), "frame" | "inline").then(|| Embed {
        view: View::of(&text("view")),
        policy: text("policy"),
        frame: mode == "frame",
        support: text("support"),
    });
    let home = embed
        .as_ref()
        .map_or(Route::Home, |embed| embed.view.home());
    let options = Options {
        base: text("base"),
        mode: match text("routing").as_str() {
            "history" => Mode::History,
            "hash" => Mode::Hash,
            _ => Mode::Memory,
        },
        start: text_of(&json, "place").map_or(home, |path| Route::parse(&path)),
        lang: text_of(&json, "lang"),
        theme: text_of(&json, "theme"),
        page: mode != "inline",
        gallery: text("view") == "gallery",
        hand_over: mode == "hand-over",
        embed,
    };
    let mut given = Given::default();
    given.take(&json);
    let handles = Rc::new(OnceCell::new());
    let kept = handles.clone();
    let make = move || {
        let app = App::new(options, Host::of(host), given);
        // The cell is fresh, so it takes them.
        let _ = kept.set(app);
        ui::app::view(app)
    };
    Mounted {
        portal: Some(dom::mount(place.into(), make)),
        app: handles,
    }
}

fn parse(settings: &str) -> Value {
    serde_json::from_str(settings).unwrap_or_default()
}

/// A text that is given and not empty.
fn text_of(json: &Value, name: &str) -> Option<String> {
    let text = json.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_string())
}
