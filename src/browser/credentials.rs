//! What proves to the backend who one is, where that is not a cookie.
//!
//! Guarantees: it is held in memory, in no storage, address or global of the page, and is gone with
//! the page; it goes out only with requests to the backend itself ([`super::http`] leaves it away
//! from foreign origins); and it is renewed once, however many requests want it at the same moment.
//!
//! How it is come by is left to [`super::oidc`] and to the profile's sign-in.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::clock;

/// Brings fresh credentials: true if it did, false if the sign-in is over. What it needs for that is
/// forgotten with it.
pub type Renewal = Rc<dyn Fn() -> Pin<Box<dyn Future<Output = bool>>>>;

#[derive(Default)]
struct Held {
    /// None where a cookie proves it.
    headers: Option<Vec<(String, String)>>,
    /// When they end, in milliseconds since 1970, and how they are renewed.
    renewal: Option<(i64, Renewal)>,
    /// The renewal that is under way.
    under_way: Option<Promise>,
}

thread_local! {
    static HELD: RefCell<Held> = RefCell::default();
}

/// Holds credentials for the requests to come, which take no cookie from now on; none hold for a
/// sign-in that is only being tried.
pub fn hold(headers: Vec<(String, String)>, renewal: Option<(i64, Renewal)>) {
    HELD.with_borrow_mut(|held| {
        held.headers = Some(headers);
        held.renewal = renewal;
    });
}

/// Forgets them.
pub fn forget() {
    HELD.with_borrow_mut(|held| {
        held.headers = None;
        held.renewal = None;
    });
}

/// The headers that go with a request to the backend, as they are; none where cookies do.
pub fn headers() -> Option<Vec<(String, String)>> {
    HELD.with_borrow(|held| held.headers.clone())
}

/// Renews the credentials if their time is over; asked before requests that can wait for it.
pub async fn freshen() {
    let due = HELD.with_borrow(|held| {
        held.renewal
            .as_ref()
            .is_some_and(|(at, _)| *at <= clock::now())
    });
    if due {
        // Whatever comes of it, the backend's answer to the request decides.
        renew().await;
    }
}

/// Renews the credentials before their time, as after a 401. False if they can't be renewed or the
/// sign-in is over; then a person has to sign in.
pub async fn renew() -> bool {
    let under_way = HELD.with_borrow_mut(|held| {
        let (_, renewal) = held.renewal.as_ref()?;
        let renewal = renewal.clone();
        let begin = || {
            future_to_promise(async move {
                let renewed = renewal().await;
                HELD.with_borrow_mut(|held| held.under_way = None);
                Ok(JsValue::from_bool(renewed))
            })
        };
        Some(held.under_way.get_or_insert_with(begin).clone())
    });
    match under_way {
        Some(promise) => JsFuture::from(promise)
            .await
            .is_ok_and(|renewed| renewed.is_truthy()),
        None => false,
    }
}
