//! Adds a comment to a case, through the outbox like everything else.

use leptos::prelude::untrack;
use leptos::task::spawn_local;

use crate::browser::clock;
use crate::browser::store::{Change, META};
use crate::core::draft::State;
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

/// What stands before the id of an operation where the case that it makes has none yet.
const MAKER: &str = "made-by/";

/// The id under which the pages know a case that an operation is still to make.
pub fn id_of_maker(operation: &str) -> String {
    format!("{MAKER}{operation}")
}

/// The case that a page knows under an id: one that exists, or one that is still to be made.
pub fn case_ref(id: &str) -> CaseRef {
    match id.strip_prefix(MAKER) {
        Some(operation) => CaseRef::MadeBy(operation.into()),
        None => CaseRef::Known(id.into()),
    }
}

/// The name under which a comment on a case is kept while it is typed. As long as the case is still
/// to be made, that is its draft's, by which it is found again once it is made.
pub fn kept_name(app: App, case: &CaseRef) -> String {
    let operation = match case {
        CaseRef::Known(id) => return format!("comment/{id}"),
        CaseRef::MadeBy(operation) => operation,
    };
    let draft = app.outbox.with_untracked(|outbox| {
        let maker = outbox.iter().find(|one| one.id == *operation)?;
        match &maker.what {
            What::CreateCase { draft, .. } => Some(draft.clone()),
            _ => None,
        }
    });
    of_draft(&draft.unwrap_or_else(|| operation.clone()))
}

fn of_draft(draft: &str) -> String {
    format!("comment/draft-{draft}")
}

/// Takes over what was being written of a comment before the case was made.
pub fn take_over(app: App, case: &str, kept: Kept) {
    let made = |state: &State| matches!(state, State::Sent { case: id, .. } if id == case);
    let Some(draft) = untrack(|| app.drafts_where(made)).into_iter().next() else {
        return;
    };
    let (old, name) = (of_draft(&draft.id), format!("comment/{case}"));
    spawn_local(async move {
        let Some(runtime) = app.runtime() else {
            return;
        };
        let text = runtime.store.get(META, &old).await.ok().flatten();
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            return;
        };
        let before = runtime.store.get(META, &name).await.ok().flatten();
        let before = before.filter(|before| !before.trim().is_empty());
        let text = match before {
            Some(before) => format!("{before}\n\n{text}"),
            None => text,
        };
        let changes = vec![
            Change::Put(META, name, text.clone()),
            Change::Delete(META, old),
        ];
        match runtime.store.apply(changes, None).await {
            Ok(_) => {
                kept.text.try_set(text);
            }
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

/// Adds a comment, which is then no longer kept as one being typed; `done` hears whether it worked.
pub fn add(app: App, case: &str, kept: Kept, done: impl FnOnce(bool) + 'static) {
    let what = What::AddComment {
        case: case_ref(case),
        text: kept.text.get_untracked().trim().into(),
    };
    kept.hold();
    enqueue_with(app, what, vec![kept.forget()], move |worked| {
        kept.handed_on(worked);
        done(worked);
    });
}
