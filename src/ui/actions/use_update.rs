//! Changes to the newer version that the service worker has ready: everything typed is saved first,
//! and nothing changes before a person asks for it.

use leptos::task::spawn_local;

use crate::ui::dom::prelude::*;
use crate::ui::pages::later;
use crate::ui::state::{App, Saved};

/// Uses the newer version now, unless something typed can't be kept.
pub fn use_now(app: App) {
    spawn_local(async move {
        if all_kept(app).await {
            // `page.js` hears it, tells the waiting worker, and loads the page anew.
            announce("casement-use-update");
        }
    });
}

/// Waits until all that was typed is kept; false if it can't be, which its place on the page says.
async fn all_kept(app: App) -> bool {
    // Comments are kept by themselves when the page is about to go, as it now is.
    announce("visibilitychange");
    let is_idle = || app.saver.with_value(|saver| saver.is_idle());
    loop {
        later::saved(app).await;
        let Some(store) = app.store() else {
            return is_idle();
        };
        // Whatever is being written is done before this is.
        if let Err(error) = store.apply(Vec::new(), None).await {
            app.problem.set(Some(error));
            return false;
        }
        if is_idle() {
            return true;
        }
        if matches!(app.saved.get_untracked(), Saved::Failed(_)) {
            return false;
        }
    }
}

fn announce(name: &str) {
    if let (Some(window), Ok(event)) = (web_sys::window(), web_sys::CustomEvent::new(name)) {
        // Whoever listens to it throws nothing.
        let _ = window.dispatch_event(&event);
    }
}
