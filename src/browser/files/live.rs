//! Files that were too large to be copied: held by the page that was given them, and by every other
//! tab of the account, so that any of them can send. What a tab holds is only the way to the file.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, File, MessageEvent};

use crate::browser::page::{Listener, listen};

#[derive(Default)]
struct Held {
    files: HashMap<String, File>,
    channel: Option<(BroadcastChannel, Listener)>,
}

thread_local! {
    static HELD: RefCell<Held> = RefCell::default();
}

/// Shares what is held with the other tabs of an account, from now on; what was held of another
/// account is let go.
pub fn share(account: &str) {
    let Ok(channel) = BroadcastChannel::new(&format!("{account}-files")) else {
        return;
    };
    let listener = listen(&channel, "message", |event| {
        if let Some(message) = event.dyn_ref::<MessageEvent>() {
            hear(&message.data());
        }
    });
    // Whoever holds files already says so.
    let _ = channel.post_message(&JsValue::NULL);
    HELD.with_borrow_mut(|held| {
        let channel = Some((channel, listener));
        let files = HashMap::new();
        *held = Held { files, channel };
    });
}

/// Stops sharing and lets everything go, as when the account signs out.
pub fn let_go() {
    if let Some((channel, _)) = HELD.take().channel {
        channel.close();
    }
}

fn hear(message: &JsValue) {
    if message.is_null() {
        let all = HELD.with_borrow(|held| held.files.clone());
        return all.iter().for_each(|(id, file)| say(id, Some(file)));
    }
    let of = |name: &str| Reflect::get(message, &name.into()).unwrap_or_default();
    let Some(id) = of("id").as_string() else {
        return;
    };
    HELD.with_borrow_mut(|held| match of("file").dyn_into::<File>() {
        Ok(file) => held.files.insert(id, file),
        Err(_) => held.files.remove(&id),
    });
}

fn say(id: &str, file: Option<&File>) {
    let pairs = Array::of2(
        &Array::of2(&"id".into(), &id.into()),
        &Array::of2(&"file".into(), &file.into()),
    );
    let Ok(message) = Object::from_entries(&pairs) else {
        return;
    };
    HELD.with_borrow(|held| {
        if let Some((channel, _)) = &held.channel {
            // A tab that does not hear of it asks for the file to be chosen again.
            let _ = channel.post_message(&message);
        }
    });
}

/// Holds a file under an id.
pub fn hold(id: &str, file: &File) {
    HELD.with_borrow_mut(|held| held.files.insert(id.into(), file.clone()));
    say(id, Some(file));
}

/// The file held under an id.
pub fn held(id: &str) -> Option<File> {
    HELD.with_borrow(|held| held.files.get(id).cloned())
}

/// Holds it no longer, here and elsewhere.
pub fn release(id: &str) {
    let had = HELD.with_borrow_mut(|held| held.files.remove(id));
    if had.is_some() {
        say(id, None);
    }
}
