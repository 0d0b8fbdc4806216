//! Begins a case: a draft in memory, kept from the first word on, so that looking at the first
//! question leaves nothing behind.

use crate::browser::clock;
use crate::core::draft::{Draft, Recovered};
use crate::core::flow::prefill;
use crate::core::route::Route;
use crate::ui::state::{App, Saved};

/// Begins a draft of a policy and shows its first step.
pub fn begin(app: App, policy: &str) {
    let mut draft = Draft::new(clock::uuid(), policy, clock::now());
    app.with_world(policy, |world| prefill(world, &mut draft));
    // What was filled in for the person is not yet something they wrote.
    let route = Route::Step {
        draft: draft.id.clone(),
        step: None,
    };
    app.saved.set(Saved::Untouched);
    app.editor.set(Some(draft));
    app.replace(route);
}

/// Opens a kept draft for writing; false if there is none of that id.
pub fn open(app: App, id: &str) -> bool {
    let is_open = app
        .editor
        .with_untracked(|open| open.as_ref().is_some_and(|open| open.id == id));
    if is_open {
        return true;
    }
    let found = app.drafts.with_untracked(|drafts| {
        drafts.iter().find_map(|one| match one {
            Recovered::Draft(draft) if draft.id == id => Some(draft.clone()),
            _ => None,
        })
    });
    let Some(draft) = found else {
        return false;
    };
    app.saved.set(Saved::At(draft.updated_at));
    app.editor.set(Some(draft));
    true
}
