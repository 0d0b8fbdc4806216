//! Adds a comment to a case, through the outbox like everything else.

use leptos::task::spawn_local;

use crate::browser::clock;
use crate::browser::store::Change;
use crate::core::sync::{CaseRef, Operation, What};
use crate::ui::state::App;

use super::keep_comment::Kept;

/// Hands an operation on a case to the outbox; `done` hears whether it is kept.
pub fn enqueue(app: App, what: What, done: impl FnOnce(bool) + 'static) {
    enqueue_with(app, what, Vec::new(), done);
}

/// As [`enqueue`], with changes that become durable in the same transaction.
pub fn enqueue_with(app: App, what: What, changes: Vec<Change>, done: impl FnOnce(bool) + 'static) {
    let subject = app
        .identity
        .with_untracked(|identity| identity.session().map(|session| session.subject.clone()));
    let (Some(subject), Some(runtime)) = (subject, app.runtime()) else {
        return done(false);
    };
    let operation = Operation::new(clock::uuid(), &subject, clock::now(), what);
    spawn_local(async move {
        match runtime.enqueue(vec![operation], changes, None).await {
            Ok(_) => done(true),
            Err(error) => {
                app.problem.set(Some(error));
                done(false);
            }
        }
    });
}

/// Adds a comment, which is then no longer kept as one being typed; `done` hears whether it worked.
pub fn add(app: App, case: &str, kept: Kept, done: impl FnOnce(bool) + 'static) {
    let what = What::AddComment {
        case: CaseRef::Known(case.into()),
        text: kept.text.get_untracked().trim().into(),
    };
    kept.hold();
    enqueue_with(app, what, vec![kept.forget()], move |worked| {
        kept.handed_on(worked);
        done(worked);
    });
}
