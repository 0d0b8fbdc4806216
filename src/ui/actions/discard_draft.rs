//! Puts a draft away, and takes it back. It stays on this device for a week, files included.

use leptos::task::spawn_local;

use crate::browser::clock;
use crate::core::draft::{Draft, State};
use crate::ui::state::{App, Toast};

/// Discards a draft; the message offers to take it back.
pub fn discard(app: App, id: String) {
    spawn_local(async move {
        // What was typed last belongs to what can be taken back.
        super::save_draft::save(app).await;
        let away = State::Discarded { at: clock::now() };
        if becomes(app, &id, |state| *state == State::Open, away).await {
            app.editor.set(None);
            app.toast.set(Some(Toast {
                text: app.words_now().t("draft.discarded"),
                undo_draft: Some(id),
            }));
        }
    });
}

/// Takes a discarded draft back.
pub fn restore(app: App, id: String) {
    spawn_local(async move {
        let put_away = |state: &State| matches!(state, State::Discarded { .. });
        if becomes(app, &id, put_away, State::Open).await {
            app.toast.set(Some(Toast {
                text: app.words_now().t("draft.restored"),
                undo_draft: None,
            }));
        }
    });
}

/// Whether a draft has become what it was to become; one that was never saved has nothing to keep.
async fn becomes(app: App, id: &str, from: fn(&State) -> bool, to: State) -> bool {
    let Some(runtime) = app.runtime() else {
        return false;
    };
    // What it is on the screen says nothing: another tab may have sent it since.
    let next = |draft: &Draft| from(&draft.state).then(|| to.clone());
    match runtime.move_draft(id, &next, &Vec::new).await {
        Ok(draft) => {
            super::super::wiring::read_drafts(app).await;
            runtime.tell_tabs();
            draft.is_none_or(|draft| draft.state == to)
        }
        Err(error) => {
            app.problem.set(Some(error));
            false
        }
    }
}
