//! Asks the browser not to clear away what is kept, once there is something worth it: after the first
//! draft was saved, with the next click, as browsers want it, and only once.

use leptos::task::spawn_local;

use crate::browser::page::{self, Listener};
use crate::browser::store::{ask_persistence, is_persistent};
use crate::core::retention::Retention;
use crate::ui::custody::Keeping;
use crate::ui::dom::prelude::*;
use crate::ui::state::{App, Saved};

/// That it was asked.
const ASKED: &str = "asked_to_keep";

/// Waits for the first draft to be saved.
pub fn once_saved(app: App) {
    let clicked: StoredValue<Option<Listener>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |_| {
        let saved = matches!(app.saved.get(), Saved::At(_));
        let lasting = app.custody.keeping.get_untracked() == Keeping::Device
            && app.deployment().portal.retention != Retention::Session;
        if !saved || !lasting || page::preference(ASKED).is_some() {
            return;
        }
        let Some(window) = web_sys::window() else {
            return;
        };
        let ask = page::listen(&window, "click", move |_| {
            if page::preference(ASKED).is_none() {
                page::set_preference(ASKED, "yes");
                spawn_local(async {
                    if is_persistent().await == Some(false) {
                        // What it answers is shown where what is kept is shown.
                        ask_persistence().await;
                    }
                });
            }
        });
        clicked.set_value(Some(ask));
    });
    on_cleanup(move || clicked.dispose());
}
