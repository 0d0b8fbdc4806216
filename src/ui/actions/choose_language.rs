//! Shows the interface in another language, at once and from now on.

use leptos::task::spawn_local;

use crate::browser::page;
use crate::ui::state::App;
use crate::ui::wiring::load_words;

/// Switches the language.
pub fn choose(app: App, lang: String) {
    spawn_local(async move {
        match load_words(app, &lang).await {
            Ok(()) => page::set_preference("lang", &lang),
            Err(error) => app.problem.set(Some(error)),
        }
    });
}
