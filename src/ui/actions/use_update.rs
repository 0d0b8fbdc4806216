//! Changes to the newer version that the service worker has ready: everything typed is saved first,
//! and nothing changes before a person asks for it.

use leptos::task::spawn_local;

use crate::ui::state::App;

/// Uses the newer version now.
pub fn use_now(app: App) {
    spawn_local(async move {
        super::save_draft::save(app).await;
        let event = web_sys::CustomEvent::new("casement-use-update");
        if let (Some(window), Ok(event)) = (web_sys::window(), event) {
            // `element.js` hears it, tells the waiting worker, and loads the page anew.
            let _ = window.dispatch_event(&event);
        }
    });
}
