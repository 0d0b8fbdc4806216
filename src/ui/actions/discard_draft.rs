//! Puts a draft away, and takes it back. It stays on this device for a week, files included.

use leptos::task::spawn_local;

use crate::browser::clock;
use crate::browser::runtime::put_draft;
use crate::core::draft::{Recovered, State};
use crate::ui::state::{App, Toast};

/// Discards a draft; the message offers to take it back.
pub fn discard(app: App, id: String) {
    spawn_local(async move {
        // What was typed last belongs to what can be taken back.
        super::save_draft::save(app).await;
        if becomes(app, &id, State::Discarded { at: clock::now() }).await {
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
        if becomes(app, &id, State::Open).await {
            app.toast.set(Some(Toast {
                text: app.words_now().t("draft.restored"),
                undo_draft: None,
            }));
        }
    });
}

async fn becomes(app: App, id: &str, state: State) -> bool {
    let Some(runtime) = app.runtime() else {
        return false;
    };
    let found = app.drafts.with_untracked(|drafts| {
        drafts.iter().find_map(|one| match one {
            Recovered::Draft(draft) if draft.id == id => Some(draft.clone()),
            _ => None,
        })
    });
    let Some(mut draft) = found else {
        // Never saved, so there is nothing to keep.
        return true;
    };
    draft.state = state;
    draft.revision += 1;
    match runtime.store.apply(vec![put_draft(&draft)], None).await {
        Ok(_) => {
            super::super::wiring::read_drafts(app).await;
            runtime.tell_tabs();
            true
        }
        Err(error) => {
            app.problem.set(Some(error));
            false
        }
    }
}
