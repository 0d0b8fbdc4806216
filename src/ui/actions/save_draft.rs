//! Keeps the draft as it is typed.
//!
//! A change starts a short timer that later changes don't prolong, so that typing without a pause
//! is saved all the while; in a page that nobody sees, whose timers come late, it is saved at once.
//! One save runs at a time; what was typed meanwhile is saved next. A save over a revision that
//! another tab has written is refused by the store: then what both wrote since they last agreed is
//! brought together, answer by answer. Where both gave the same answer in other
//! words, ours go on in a copy of its own, beside theirs. So it is with what was typed into a draft
//! that was sent or put away meanwhile: that one stays what it has become.

use std::time::Duration;

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;

use crate::browser::runtime::{Runtime, put_draft};
use crate::browser::store::{Applied, AtRevision, Change, DRAFTS, Store, chunk_key};
use crate::browser::{clock, files, page};
use crate::core::draft::merge::{Merged, merge};
use crate::core::draft::{Answer, Draft, Recovered, State, recover};
use crate::core::error::Error;
use crate::ui::state::{App, Saved, Toast};
use crate::ui::wiring::read_drafts;

/// Time between the first change and its save.
const PAUSE: Duration = Duration::from_millis(120);

/// Where saving stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saver {
    timer: bool,
    saving: bool,
    dirty: bool,
}

impl Saver {
    /// Whether everything typed is in the store.
    pub fn is_idle(&self) -> bool {
        !self.dirty && !self.saving
    }
}

/// Sets an answer of the open draft and has it saved.
pub fn answer(app: App, key: &str, value: impl Into<Answer>) {
    let value = value.into();
    change(app, |draft| draft.set(key, value));
}

/// Changes the open draft and has it saved.
pub fn change(app: App, change: impl FnOnce(&mut Draft)) {
    let changed = app.editor.try_update(|open| open.as_mut().map(change));
    if changed.flatten().is_none() {
        return;
    }
    app.saved.set(Saved::Saving);
    app.saver.update_value(|saver| saver.dirty = true);
    let waiting = app.saver.with_value(|saver| saver.timer || saver.saving);
    if !waiting && page::is_hidden() {
        now(app);
    } else if !waiting {
        app.saver.update_value(|saver| saver.timer = true);
        set_timeout(
            move || {
                app.saver.try_update_value(|saver| saver.timer = false);
                now(app);
            },
            PAUSE,
        );
    }
}

/// Saves at once what is not saved yet.
pub fn now(app: App) {
    let due = app
        .saver
        .try_with_value(|saver| saver.dirty && !saver.saving)
        .unwrap_or(false);
    if due {
        spawn_local(save(app));
    }
}

/// Saves what is not saved yet while the portal is being taken away: the portal's
/// handles are still there, and end when this returns.
pub fn at_the_end(app: App) {
    let Some(runtime) = app.runtime() else {
        return;
    };
    let saver = app.saver.get_value();
    let Some(mut draft) = app.editor.get_untracked().filter(|_| saver.dirty) else {
        return;
    };
    // A save that is under way comes first, and makes the next revision.
    let seen = draft.revision + u64::from(saver.saving);
    draft.revision = seen + 1;
    draft.updated_at = clock::now();
    if draft.state == State::Open {
        spawn_local(async move {
            let condition = AtRevision {
                draft: &draft.id,
                revision: seen,
            };
            let changes = vec![put_draft(&draft)];
            // Nobody is left to be told. What another tab has written meanwhile stays as it is.
            let _ = runtime.store.apply(changes, Some(condition)).await;
        });
    }
}

/// Saves until nothing is unsaved.
pub async fn save(app: App) {
    let Some(runtime) = app.runtime() else {
        return;
    };
    while app
        .saver
        .try_with_value(|saver| saver.dirty && !saver.saving)
        .unwrap_or(false)
    {
        let Some(mut draft) = app.editor.get_untracked() else {
            return;
        };
        app.saver.update_value(|saver| {
            saver.dirty = false;
            saver.saving = true;
        });
        let seen = draft.revision;
        draft.revision += 1;
        draft.updated_at = clock::now();
        let condition = AtRevision {
            draft: &draft.id,
            revision: seen,
        };
        let result = match draft.state {
            State::Open => {
                let changes = vec![put_draft(&draft)];
                runtime.store.apply(changes, Some(condition)).await
            }
            _ => Ok(Applied::Stale),
        };
        if app
            .saver
            .try_update_value(|saver| saver.saving = false)
            .is_none()
        {
            return;
        }
        match result {
            Ok(Applied::Yes) => {
                saved(app, draft);
                runtime.tell_tabs();
            }
            Ok(Applied::Stale) => give_way(app, &runtime, draft).await,
            Err(error) => {
                app.saver.update_value(|saver| saver.dirty = true);
                app.saved.set(Saved::Failed(error));
                return;
            }
        }
    }
}

fn saved(app: App, draft: Draft) {
    app.editor.update_untracked(|open| {
        if let Some(open) = open
            && open.id == draft.id
        {
            open.revision = draft.revision;
            open.updated_at = draft.updated_at;
            app.agreed.set_value(Some(draft.clone()));
        }
    });
    let more = app.saver.with_value(|saver| saver.dirty);
    app.saved.set(if more {
        Saved::Saving
    } else {
        Saved::At(draft.updated_at)
    });
    app.drafts.update(|drafts| {
        let drafts = std::sync::Arc::make_mut(drafts);
        let known = drafts
            .iter_mut()
            .find(|one| matches!(one, Recovered::Draft(known) if known.id == draft.id));
        match known {
            Some(known) => *known = Recovered::Draft(draft),
            None => drafts.push(Recovered::Draft(draft)),
        }
    });
}

/// Another tab wrote this draft, or decided what becomes of it.
async fn give_way(app: App, runtime: &Runtime, ours: Draft) {
    let stored = runtime.store.get(DRAFTS, &ours.id).await.ok().flatten();
    let theirs = match stored.map(|text| recover(&ours.id, &text)) {
        Some(Recovered::Draft(theirs)) => Some(theirs),
        _ => None,
    };
    let Some(now) = app.editor.try_with_untracked(Clone::clone).flatten() else {
        return;
    };
    let Some(theirs) = theirs.filter(|theirs| theirs.id == now.id) else {
        return keep_both(app, runtime, now).await;
    };
    if now.says_the_same(&theirs) {
        app.saver.update_value(|saver| saver.dirty = false);
        app.saved.set(Saved::At(theirs.updated_at));
        app.agreed.set_value(Some(theirs.clone()));
        app.editor.set(Some(theirs));
        return;
    }
    let agreed = app.agreed.get_value().filter(|agreed| agreed.id == now.id);
    let agreed = agreed.unwrap_or_else(|| Draft::new("", theirs.policy.as_str(), 0));
    let Merged { mut draft, clashes } = merge(&agreed, &now, &theirs);
    if theirs.state == State::Open && clashes.is_empty() {
        app.agreed.set_value(Some(theirs));
        app.editor.set(Some(draft));
        app.saver.update_value(|saver| saver.dirty = true);
        return;
    }
    if theirs.state == State::Open {
        // What the other tab wrote elsewhere in the draft belongs to the copy, too.
        for key in &clashes {
            match now.answers.get(key) {
                Some(answer) => draft.answers.insert(key.clone(), answer.clone()),
                None => draft.answers.remove(key),
            };
        }
        draft.policy.clone_from(&now.policy);
        return keep_both(app, runtime, draft).await;
    }
    keep_both(app, runtime, now).await;
}

async fn keep_both(app: App, runtime: &Runtime, mut ours: Draft) {
    ours.copy_of = Some(ours.id.clone());
    ours.id = clock::uuid();
    ours.revision = 0;
    ours.state = State::Open;
    own_files(app, runtime, &mut ours).await;
    let step = app.route.with_untracked(|route| match route {
        crate::core::route::Route::Step { step, .. } => step.clone(),
        _ => None,
    });
    let route = crate::core::route::Route::Step {
        draft: ours.id.clone(),
        step,
    };
    app.agreed.set_value(None);
    app.editor.set(Some(ours));
    app.saver.update_value(|saver| saver.dirty = true);
    app.toast.set(Some(Toast {
        text: app.words_now().t("draft.both_kept"),
        undo_draft: None,
    }));
    // The page is built anew for the copy; whoever is typing goes on typing.
    app.mend.set_value(focused());
    app.replace(route);
    // What the other tab made of the draft stands in the lists from now on.
    read_drafts(app).await;
}

/// Gives a copy pieces of its own of every file: those of the other draft go when it is sent.
async fn own_files(app: App, runtime: &Runtime, copy: &mut Draft) {
    for file in &mut copy.files {
        if !file.is_kept() {
            continue;
        }
        match copied(&runtime.store, &file.id).await {
            Ok(id) => file.id = id,
            // Shared pieces are better than none.
            Err(error) => app.problem.set(Some(error)),
        }
    }
}

async fn copied(store: &Store, file: &str) -> Result<String, Error> {
    let id = clock::uuid();
    for (number, piece) in store.chunks(file).await?.into_iter().enumerate() {
        let key = chunk_key(&id, number as u32);
        let kept = store.apply(vec![Change::PutBytes(key, piece)], None).await;
        if let Err(error) = kept {
            // The failure is what is told; a remainder costs space only.
            let _ = store.apply(vec![files::forget(&id)], None).await;
            return Err(error);
        }
    }
    Ok(id)
}

/// The id of the control that has the focus.
fn focused() -> Option<String> {
    let mut element = web_sys::window()?.document()?.active_element()?;
    while let Some(inner) = element.shadow_root().and_then(|root| root.active_element()) {
        element = inner;
    }
    Some(element.id()).filter(|id| !id.is_empty())
}
