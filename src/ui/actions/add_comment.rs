//! Adds a comment to a case, through the outbox like everything else.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::clock;
use crate::core::sync::{CaseRef, Operation, Progress, What};
use crate::ui::state::App;

/// Hands operations on a case to the outbox; `done` hears whether they are kept.
pub fn enqueue(app: App, what: What, done: impl FnOnce(bool) + 'static) {
    let subject = app
        .identity
        .with_untracked(|identity| identity.session().map(|session| session.subject.clone()));
    let (Some(subject), Some(runtime)) = (subject, app.runtime()) else {
        return done(false);
    };
    let operation = Operation {
        id: clock::uuid(),
        subject,
        created_at: clock::now(),
        what,
        state: Progress::Waiting,
        attempts: 0,
        not_before: 0,
    };
    spawn_local(async move {
        match runtime.enqueue(vec![operation], Vec::new()).await {
            Ok(()) => done(true),
            Err(error) => {
                app.problem.set(Some(error));
                done(false);
            }
        }
    });
}

/// Adds a comment; `done` hears whether it is kept, so that the text may leave its field.
pub fn add(app: App, case: &str, text: &str, done: impl FnOnce(bool) + 'static) {
    let what = What::AddComment {
        case: CaseRef::Known(case.into()),
        text: text.trim().into(),
    };
    enqueue(app, what, done);
}
