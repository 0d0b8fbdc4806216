//! Signs out, which removes everything of the account from this device. Where something was not
//! sent, it is asked first what is to become of it (`pages/leaving.rs`).

use leptos::task::spawn_local;

use crate::browser::oidc;
use crate::core::retention::Unsent;
use crate::core::route::Route;
use crate::ui::actions::save_draft;
use crate::ui::custody;
use crate::ui::pages::later::{self, Act};
use crate::ui::state::App;
use crate::ui::wiring::leave;

/// Has it done by the later part, which knows what was not sent.
pub fn sign_out(app: App) {
    later::act(app, Act::SignOut);
}

/// Signs out, or asks what is to become of what was not sent.
pub async fn ask_first(app: App) {
    save_draft::save(app).await;
    match custody::unsent(app).await {
        Ok(unsent) if unsent.is_none() => at_once(app).await,
        Ok(unsent) => app.custody.leaving.set(Some(unsent)),
        // What can't be read can't be counted, so it is asked all the same.
        Err(_) => app.custody.leaving.set(Some(Unsent::default())),
    }
}

/// Signs out, whatever is lost by it.
pub async fn at_once(app: App) {
    app.custody.leaving.set(None);
    // What proved who one was is forgotten at once, whatever becomes of telling a provider.
    spawn_local(oidc::sign_out());
    app.go(Route::Home);
    leave(app).await;
}
