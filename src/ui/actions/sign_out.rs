//! Signs out. What was not sent stays in the account's own database and is there at the next
//! sign-in; nothing of it is shown until then.

use leptos::task::spawn_local;

use crate::browser::runtime;
use crate::core::profile::Session;
use crate::core::route::Route;
use crate::ui::state::{App, Identity};
use crate::ui::wiring::{close_account, forget_last};

/// Signs out.
pub fn sign_out(app: App) {
    spawn_local(async move {
        super::save_draft::save(app).await;
        let csrf = app.identity.with_untracked(|identity| {
            identity
                .session()
                .map(|session| session.csrf.clone())
                .unwrap_or_default()
        });
        close_account(app);
        forget_last().await;
        runtime::sign_out(&app.api(), &csrf).await;
        let session = runtime::session(&app.api()).await;
        let nobody = Session {
            examples: session.map(|session| session.examples).unwrap_or_default(),
            ..Session::default()
        };
        app.identity.set(Identity::Nobody(nobody));
        app.ask_sign_in.set(false);
        app.go(Route::Home);
    });
}
