//! What an embedded portal tells the page around it: that it is ready, that a draft was kept, that a
//! case came of one, that something went wrong. It tells ids and numbers, never what was written.

use std::collections::BTreeSet;

use serde_json::json;

use super::state::{App, Identity, Saved};
use crate::core::draft::{Recovered, State as DraftState};
use crate::ui::dom::prelude::*;

/// Tells of the beginning: that one can read and use it, or why not.
pub fn of_the_beginning(app: App) {
    if !app.has_host() {
        return;
    }
    let ready = Memo::new(move |_| {
        app.deployment.with(Option::is_some)
            && app.identity.with(|identity| *identity != Identity::Unknown)
    });
    Effect::new(move |_| {
        if ready.get() {
            app.tell("ready", &json!({ "lang": app.lang() }));
        }
    });
    Effect::new(move |_| {
        if app.failure.with(Option::is_some) {
            app.tell("error", &json!({ "reason": "not-started" }));
        }
    });
    Effect::new(move |_| {
        let path = app.route.with(ToString::to_string);
        app.tell("place", &json!({ "path": path }));
    });
}

/// Tells of what becomes of drafts, as long as the current owner lives.
pub fn of_drafts(app: App) {
    if !app.has_host() {
        return;
    }
    Effect::new(move |before: Option<Saved>| {
        let now = app.saved.get();
        if let (Saved::At(at), Some(Saved::Saving)) = (&now, before) {
            let draft = app
                .editor
                .with_untracked(|open| open.as_ref().map(|one| one.id.clone()));
            app.tell("draft-saved", &json!({ "draft": draft, "at": at }));
        }
        if matches!(now, Saved::Failed(_)) {
            app.tell("error", &json!({ "reason": "not-saved" }));
        }
        now
    });
    // Only what is sent while the page is there is news to it.
    Effect::new(move |before: Option<BTreeSet<String>>| {
        let drafts = app.drafts.get();
        let mut waiting = BTreeSet::new();
        for one in drafts.iter() {
            let Recovered::Draft(draft) = one else {
                continue;
            };
            match &draft.state {
                DraftState::Sent { case, number } => {
                    if before
                        .as_ref()
                        .is_some_and(|known| known.contains(&draft.id))
                    {
                        let told = json!({ "draft": draft.id, "case": case, "number": number });
                        app.tell("case-created", &told);
                    }
                }
                _ => {
                    waiting.insert(draft.id.clone());
                }
            }
        }
        waiting
    });
}
