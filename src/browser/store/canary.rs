//! A mark outside of the database that says that there is one: a database that is found empty
//! although its mark is there has been lost, which no browser tells by itself.
//!
//! The mark holds no content. It is kept where the browser keeps other things (local storage and,
//! where there is one, a cache), so that what takes the database need not take the mark.

use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response};

use crate::browser::page;

fn name_of(account: &str) -> String {
    format!("kept.{account}")
}

async fn cache(account: &str) -> Option<Cache> {
    let caches = web_sys::window()?.caches().ok()?;
    if caches.is_undefined() {
        return None;
    }
    let opened = JsFuture::from(caches.open(&name_of(account)));
    Some(page::within(500, opened).await?.ok()?.into())
}

/// Whether there was a database of this name.
pub(super) async fn is_set(account: &str) -> bool {
    if page::preference(&name_of(account)).is_some() {
        return true;
    }
    let Some(cache) = cache(account).await else {
        return false;
    };
    let found = page::within(500, JsFuture::from(cache.match_with_str("/kept"))).await;
    matches!(found, Some(Ok(found)) if !found.is_undefined())
}

/// Says that there is one.
pub(super) async fn set(account: &str) {
    page::set_preference(&name_of(account), "yes");
    // Two places are better than one, and one is enough.
    if let (Some(cache), Ok(mark)) = (cache(account).await, Response::new()) {
        let _ = page::within(500, JsFuture::from(cache.put_with_str("/kept", &mark))).await;
    }
}

/// Says that there is none any more.
pub(super) async fn remove(account: &str) {
    page::forget_preference(&name_of(account));
    let caches = web_sys::window().and_then(|window| window.caches().ok());
    if let Some(caches) = caches.filter(|caches| !caches.is_undefined()) {
        let _ = page::within(500, JsFuture::from(caches.delete(&name_of(account)))).await;
    }
}
