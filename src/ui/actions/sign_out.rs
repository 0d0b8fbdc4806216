//! Signs out. What was not sent stays in the account's own database and is there at the next
//! sign-in; nothing of it is shown until then.

use leptos::task::spawn_local;

use crate::core::route::Route;
use crate::ui::pages::later;
use crate::ui::state::App;
use crate::ui::wiring::leave;

/// Signs out.
pub fn sign_out(app: App) {
    spawn_local(async move {
        later::saved(app).await;
        app.go(Route::Home);
        leave(app).await;
    });
}
