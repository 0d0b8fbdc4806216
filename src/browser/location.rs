//! The address: where the current route is kept, in one of three modes.
//!
//! Nothing here touches the history in memory mode, since it belongs to the host page.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::page::{Listener, listen};
use crate::core::route::{Mode, Route};

/// The address in one mode.
#[derive(Clone)]
pub struct Address {
    mode: Mode,
    memory: Rc<RefCell<Route>>,
}

impl Address {
    /// An address kept in a mode; `start` is where memory mode begins.
    pub fn new(mode: Mode, start: Route) -> Address {
        Address {
            mode,
            memory: Rc::new(RefCell::new(start)),
        }
    }

    /// Where one is.
    pub fn current(&self) -> Route {
        let Some(location) = web_sys::window().map(|window| window.location()) else {
            return self.memory.borrow().clone();
        };
        match self.mode {
            Mode::Memory => self.memory.borrow().clone(),
            Mode::History => {
                let path = location.pathname().unwrap_or_default();
                Route::parse(&format!("{path}{}", location.search().unwrap_or_default()))
            }
            Mode::Hash => {
                let hash = location.hash().unwrap_or_default();
                Route::parse(hash.strip_prefix('#').unwrap_or("/"))
            }
        }
    }

    /// What a link to a route says.
    pub fn href(&self, route: &Route) -> String {
        match self.mode {
            Mode::History => route.to_string(),
            Mode::Hash | Mode::Memory => format!("#{route}"),
        }
    }

    /// Goes to a route; `replace` leaves no step to come back to.
    pub fn go(&self, route: &Route, replace: bool) {
        if self.mode == Mode::Memory {
            *self.memory.borrow_mut() = route.clone();
            return;
        }
        let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else {
            return;
        };
        let href = self.href(route);
        // The browser refuses too many entries in a short time; the page is shown all the same.
        let _ = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(&href))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(&href))
        };
    }

    /// Calls back when a person goes back or forward, until the listeners are dropped.
    pub fn on_change(&self, changed: impl Fn(Route) + 'static) -> Vec<Listener> {
        if self.mode == Mode::Memory {
            return Vec::new();
        }
        let Some(window) = web_sys::window() else {
            return Vec::new();
        };
        let changed = Rc::new(changed);
        ["popstate", "hashchange"]
            .into_iter()
            .map(|event| {
                let changed = changed.clone();
                let address = self.clone();
                listen(&window, event, move |_| changed(address.current()))
            })
            .collect()
    }
}
