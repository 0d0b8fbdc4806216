//! Signs in, once, for everything (CMS-02).

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;

use crate::browser::runtime;
use crate::core::error::Error;
use crate::ui::state::App;
use crate::ui::wiring::enter;

/// Signs in; `refused` hears why not.
pub fn sign_in(
    app: App,
    login: String,
    password: String,
    busy: RwSignal<bool>,
    refused: RwSignal<Option<Error>>,
) {
    busy.set(true);
    refused.set(None);
    spawn_local(async move {
        match runtime::sign_in(&app.api(), login.trim(), &password).await {
            Ok(session) => enter(app, session).await,
            Err(error) => {
                refused.try_set(Some(error));
            }
        }
        busy.try_set(false);
    });
}
