//! Brings an attachment from the backend and offers it as a download, where a link can't.

use leptos::task::spawn_local;

use crate::browser::away::Away;
use crate::browser::page;
use crate::core::error::Kind;
use crate::ui::dom::prelude::*;
use crate::ui::state::App;

/// Brings it; `busy` is true meanwhile.
pub fn fetch(app: App, away: Away, name: String, busy: RwSignal<bool>) {
    busy.set(true);
    spawn_local(async move {
        match away.bring().await {
            Ok(blob) => page::offer(&name, &blob),
            // Nobody proves who asks any more.
            Err(error) if error.kind() == Kind::SignedOut => {
                app.ask_sign_in.try_set(true);
            }
            Err(error) => {
                app.problem.try_set(Some(error));
            }
        }
        busy.try_set(false);
    });
}
