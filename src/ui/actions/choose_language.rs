//! Shows the interface in another language, at once and from now on.

use leptos::task::spawn_local;

use crate::browser::page;
use crate::ui::state::App;
use crate::ui::wiring::{load_words, offered};

/// Shows the interface in a language as the page around the portal asks; a person's choice stays.
pub fn show(app: App, lang: String) {
    spawn_local(async move {
        let portal = app.deployment().portal.clone();
        let lang = offered(&portal.languages, &lang);
        if let Some(lang) = lang
            && let Err(error) = load_words(app, &lang).await
        {
            app.problem.set(Some(error));
        }
    });
}

/// Switches the language.
pub fn choose(app: App, lang: String) {
    spawn_local(async move {
        match load_words(app, &lang).await {
            Ok(()) => page::set_preference("lang", &lang),
            Err(error) => app.problem.set(Some(error)),
        }
    });
}
