//! Sends the open draft: the operations and the draft's new state are kept in one transaction, so
//! that after a crash there are either both or neither.

use leptos::task::spawn_local;

use crate::browser::clock;
use crate::browser::runtime::put_draft;
use crate::browser::store::{Applied, AtRevision};
use crate::core::draft::{Draft, State};
use crate::core::flow::{case_body, journey};
use crate::core::guard::may_send;
use crate::core::route::Route;
use crate::core::sync::{CaseRef, Operation, What};
use crate::ui::state::App;
use crate::ui::wiring::read_drafts;

/// Hands the open draft to the outbox and shows what becomes of it.
pub fn submit(app: App) {
    spawn_local(async move { while hand_on(app).await == Handed::Again {} });
}

/// What came of handing on.
#[derive(PartialEq)]
enum Handed {
    /// It is done, or can't be.
    Done,
    /// A save of one's own came between.
    Again,
}

async fn hand_on(app: App) -> Handed {
    super::save_draft::save(app).await;
    let Some(mut draft) = app.editor.get_untracked() else {
        return Handed::Done;
    };
    if draft.state != State::Open {
        show_what_became(app, draft.id).await;
        return Handed::Done;
    }
    let body = app.with_world(&draft.policy, |world| {
        let journey = journey(world, &draft);
        let may_go = may_send(world, &draft) && !journey.by_phone;
        may_go.then(|| case_body(world, &draft))
    });
    let (Some(Some(body)), Some(runtime)) = (body, app.runtime()) else {
        return Handed::Done;
    };
    let Some(subject) = app
        .identity
        .with_untracked(|identity| identity.session().map(|session| session.subject.clone()))
    else {
        return Handed::Done;
    };
    let operations = operations(&draft, &subject, body);
    draft.state = State::Queued {
        operation: operations[0].id.clone(),
    };
    let (id, seen) = (draft.id.clone(), draft.revision);
    // What another tab has sent, changed or put away since is not sent from here.
    let condition = AtRevision {
        draft: &id,
        revision: seen,
    };
    draft.revision += 1;
    draft.updated_at = clock::now();
    let changes = vec![put_draft(&draft)];
    match runtime.enqueue(operations, changes, Some(condition)).await {
        Ok(Applied::Yes) => {
            app.editor.set(Some(draft));
            app.go(Route::Step {
                draft: id,
                step: Some("sent".into()),
            });
        }
        // A save of this tab was still under way and has made it a newer revision; nobody else has.
        Ok(Applied::Stale) if is_newer(app, &id, seen) => return Handed::Again,
        Ok(Applied::Stale) => show_what_became(app, id).await,
        Err(error) => app.problem.set(Some(error)),
    }
    Handed::Done
}

/// Whether the open draft is the one that was seen, and a later revision of it.
fn is_newer(app: App, id: &str, seen: u64) -> bool {
    app.editor.with_untracked(|open| {
        open.as_ref()
            .is_some_and(|open| open.id == id && open.state == State::Open && open.revision > seen)
    })
}

/// Another tab has sent, changed or put away the draft: that is shown in the place of sending it.
async fn show_what_became(app: App, id: String) {
    read_drafts(app).await;
    let away = app.editor.with_untracked(
        |open| matches!(open, Some(draft) if matches!(draft.state, State::Discarded { .. })),
    );
    app.go(match away {
        true => Route::Drafts,
        false => Route::Step {
            draft: id,
            step: None,
        },
    });
}

fn operations(draft: &Draft, subject: &str, body: serde_json::Value) -> Vec<Operation> {
    let now = clock::now();
    // A file belongs after its case; the millisecond keeps that order through a restart.
    let make = |place, what| Operation::new(clock::uuid(), subject, now + place, what);
    let create = make(
        0,
        What::CreateCase {
            draft: draft.id.clone(),
            title: draft.title().into(),
            body,
        },
    );
    let maker = create.id.clone();
    let mut operations = vec![create];
    for (place, file) in draft.files.iter().enumerate() {
        let case = CaseRef::MadeBy(maker.clone());
        let file = file.clone();
        operations.push(make(place as i64 + 1, What::Attach { case, file }));
    }
    operations
}
