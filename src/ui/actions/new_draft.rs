//! Begins a case: a draft in memory, kept from the first word on, so that looking at the first
//! question leaves nothing behind.

use crate::browser::clock;
use crate::core::draft::{Draft, Recovered, State};
use crate::core::flow::{self, prefill};
use crate::core::policy::FieldKind;
use crate::core::route::Route;
use crate::ui::dom::prelude::*;
use crate::ui::state::{App, Saved};

use super::{act_for, save_draft};

/// Begins a draft of a policy and shows its first step.
pub fn begin(app: App, policy: &str) {
    let mut draft = Draft::new(clock::uuid(), policy, clock::now());
    name_customer(app, policy, &mut draft);
    app.with_world(policy, |world| {
        app.given
            .with_value(|given| flow::fill_in(world, &mut draft, given));
        prefill(world, &mut draft);
    });
    // What was filled in for the person is not yet something they wrote.
    let route = Route::Step {
        draft: draft.id.clone(),
        step: None,
    };
    app.saved.set(Saved::Untouched);
    app.agreed.set_value(None);
    app.editor.set(Some(draft));
    app.replace(route);
}

/// Whoever acts for a customer writes in that customer's name from the beginning.
fn name_customer(app: App, policy: &str, draft: &mut Draft) {
    let (Some(policy), Some(id)) = (app.policy(policy), app.acting_for.get_untracked()) else {
        return;
    };
    if let Some(field) = policy.field_of(FieldKind::OnBehalf) {
        draft.set(&field.key, id.as_str());
    }
    if let Some(field) = policy.field_of(FieldKind::Customer) {
        draft.set(&field.key, act_for::name_of(app, &id));
    }
}

/// Fills what the page around the portal knows into the draft that is being written, where nothing
/// was answered yet.
pub fn fill_in(app: App) {
    let open = app.editor.with_untracked(Clone::clone);
    let Some(mut draft) = open.filter(|draft| draft.state == State::Open) else {
        return;
    };
    let before = draft.answers.len();
    let policy = draft.policy.clone();
    app.with_world(&policy, |world| {
        app.given
            .with_value(|given| flow::fill_in(world, &mut draft, given));
    });
    if draft.answers.len() > before {
        save_draft::change(app, move |open| open.answers = draft.answers);
    }
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
    app.agreed.set_value(Some(draft.clone()));
    app.editor.set(Some(draft));
    true
}
