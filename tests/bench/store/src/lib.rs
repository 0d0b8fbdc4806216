//! The store and the outbox, alone in a WebAssembly module: the portal's own library, built with the
//! portal's own profile, and a few functions for a page to call.
//!
//! `cargo xtask bench store` builds it and measures it in a browser.
#![cfg(target_arch = "wasm32")]

use std::cell::RefCell;
use std::rc::Rc;

use casement::browser::clock;
use casement::browser::runtime::{Notice, Runtime};
use casement::browser::store::{Change, RECORDS, Store};
use casement::core::error::Error;
use casement::core::profile::{Profile, Session};
use casement::core::sync::{CaseRef, Operation, What};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

const SUBJECT: &str = "bench";

fn told(error: Error) -> JsValue {
    error.context().into()
}

/// Keeps texts as records, so many in a transaction, in a database of a name that is new.
#[wasm_bindgen]
pub async fn load(name: String, texts: Vec<String>, at_once: usize) -> Result<f64, JsValue> {
    let store = Store::open(&name).await.map_err(told)?;
    let start = js_sys::Date::now();
    let mut number = 0;
    for page in texts.chunks(at_once) {
        let mut changes = Vec::with_capacity(page.len());
        for text in page {
            changes.push(Change::Put(
                RECORDS,
                format!("case/{number:08}"),
                text.clone(),
            ));
            number += 1;
        }
        store.apply(changes, None).await.map_err(told)?;
    }
    let took = js_sys::Date::now() - start;
    store.remove().await.map_err(told)?;
    Ok(took)
}

/// Milliseconds until so many comments on so many cases have been sent to `base` and are kept as
/// sent, all of them having been handed over before.
#[wasm_bindgen]
pub async fn drain(base: String, name: String, count: u32, cases: u32) -> Result<f64, JsValue> {
    let store = Rc::new(Store::open(&name).await.map_err(told)?);
    let done: Rc<RefCell<Option<js_sys::Function>>> = Rc::default();
    let finish = done.clone();
    let notify = move |notice| {
        if let (Notice::Outbox, Some(look)) = (notice, &*finish.borrow()) {
            // It only looks whether all is done.
            let _ = look.call0(&JsValue::UNDEFINED);
        }
    };
    let runtime = Runtime::start(&base, &name, store, notify)
        .await
        .map_err(told)?;
    let native = include_str!("../../../../public/backends/native.json");
    let native = serde_json::from_str(native).unwrap_or_default();
    let profile = Profile::read(native, &base, &[]);
    let profile = profile.map_err(|_| JsValue::from("the profile has mistakes"))?;
    runtime.know_backend(profile.into());
    let operations = (0..count).map(|number| {
        let what = What::AddComment {
            case: CaseRef::Known(format!("case-{}", number % cases)),
            text: format!("Comment {number}: the sessions drop again since this morning."),
        };
        Operation::new(clock::uuid(), SUBJECT, clock::now(), what)
    });
    runtime
        .enqueue(operations.collect(), Vec::new(), None)
        .await
        .map_err(told)?;
    let start = js_sys::Date::now();
    let session = Session {
        subject: SUBJECT.into(),
        ..Session::default()
    };
    let ended = js_sys::Promise::new(&mut |resolve, _| {
        let watched = runtime.clone();
        let look = wasm_bindgen::closure::Closure::<dyn Fn()>::new(move || {
            if watched.outbox().iter().all(Operation::is_done) {
                // A promise that is resolved again stays as it was.
                let _ = resolve.call0(&JsValue::UNDEFINED);
            }
        });
        done.replace(Some(look.into_js_value().into()));
    });
    runtime.identify(Some(&session));
    wasm_bindgen_futures::JsFuture::from(ended).await?;
    let took = js_sys::Date::now() - start;
    runtime.stop();
    Ok(took)
}
