//! Makes one draft of a draft and the copy that was kept of it. The copy is put away and can be taken
//! back for a while, so that a wrong choice costs nothing.

use leptos::task::spawn_local;

use crate::browser::clock;
use crate::browser::runtime::put_draft;
use crate::browser::store::{Applied, AtRevision};
use crate::core::draft::{Answer, Draft, State};
use crate::core::route::Route;
use crate::ui::components::comment_box::tell;
use crate::ui::state::App;
use crate::ui::wiring::read_drafts;

/// Puts the chosen answers of the copy, and the files that only it has, into the original.
pub fn join(app: App, copy: &Draft, original: &Draft, chosen: &[(String, Answer)]) {
    let (mut one, mut copy) = (original.clone(), copy.clone());
    for (key, answer) in chosen {
        one.set(key, answer.clone());
    }
    for file in &copy.files {
        // A copy's file has an id of its own, so it is known by what it is.
        let same = |known: &&crate::core::draft::DraftFile| {
            known.name == file.name && known.size == file.size
        };
        if !one.files.iter().any(|known| same(&known)) {
            one.files.push(file.clone());
        }
    }
    copy.files.retain(|file| !one.files.contains(file));
    let now = clock::now();
    let seen = one.revision;
    one.revision += 1;
    one.updated_at = now;
    copy.revision += 1;
    copy.state = State::Discarded { at: now };
    spawn_local(async move {
        let Some(runtime) = app.runtime() else {
            return;
        };
        let condition = AtRevision {
            draft: &one.id,
            revision: seen,
        };
        let changes = vec![put_draft(&one), put_draft(&copy)];
        match runtime.store.apply(changes, Some(condition)).await {
            Ok(Applied::Yes) => {
                read_drafts(app).await;
                runtime.tell_tabs();
                tell(app, "conflict.joined");
                app.go(Route::Step {
                    draft: one.id.clone(),
                    step: None,
                });
            }
            // It was changed meanwhile: the page shows both again as they are now.
            Ok(Applied::Stale) => read_drafts(app).await,
            Err(error) => app.problem.set(Some(error)),
        }
    });
}
