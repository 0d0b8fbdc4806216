//! The page around an embedded portal: what it is told, and what is asked of it.
//!
//! It is a small object of two functions that `public/embed.js`, `public/frame.js` or
//! `public/hand-over.js` gives when it mounts the portal. What of it may leave the portal is decided
//! there; here nothing is said but names and a few plain values.

use js_sys::{Function, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The page around the portal.
#[derive(Clone)]
pub struct Host(JsValue);

impl Host {
    /// The page behind an object, if it is one.
    pub fn of(object: JsValue) -> Option<Host> {
        object.is_object().then_some(Host(object))
    }

    /// Tells of something that has happened. A page that does not listen misses it.
    pub fn tell(&self, what: &str, detail: &Value) {
        self.call("tell", &what.into(), &detail.to_string().into());
    }

    /// Asks for something, at once, as a window that only a click may open needs it; true if it was
    /// done, as soon as that is known.
    pub fn ask(&self, what: &str) -> impl Future<Output = bool> + use<> {
        let answer = self.call("ask", &what.into(), &JsValue::UNDEFINED);
        let promise = answer.map(|answer| Promise::resolve(&answer));
        async move {
            match promise {
                Some(promise) => JsFuture::from(promise)
                    .await
                    .is_ok_and(|done| done.is_truthy()),
                None => false,
            }
        }
    }

    /// A text that the page offers, as an address.
    pub fn text(&self, name: &str) -> Option<String> {
        Reflect::get(&self.0, &name.into()).ok()?.as_string()
    }

    fn call(&self, name: &str, first: &JsValue, second: &JsValue) -> Option<JsValue> {
        let function = Reflect::get(&self.0, &name.into()).ok()?;
        let function: &Function = function.dyn_ref()?;
        function.call2(&self.0, first, second).ok()
    }
}
