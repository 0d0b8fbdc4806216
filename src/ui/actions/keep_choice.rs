//! Ends a choice between two changes: by the change that was chosen, in the place of the one that met
//! another, or by leaving things as others made them.

use leptos::task::spawn_local;
use serde_json::Value;

use crate::browser::clock;
use crate::browser::store::{Applied, Change, META};
use crate::core::case::Case;
use crate::core::conflict::again;
use crate::core::route::Route;
use crate::core::sync::{Event, Operation};
use crate::ui::components::comment_box::tell;
use crate::ui::state::App;

/// Sends what was chosen: a new operation takes the place of the old one, in one transaction.
pub fn send(app: App, operation: &Operation, patch: Value, now: &Case) {
    let what = again(operation, patch, now);
    let by = Operation::new(clock::uuid(), &operation.subject, clock::now(), what);
    let (old, case) = (operation.id.clone(), now.id.clone());
    spawn_local(async move {
        let Some(runtime) = app.runtime() else {
            return;
        };
        match runtime.replace(&old, by).await {
            Ok(Applied::Yes) => {
                tell(app, "act.on_its_way");
                app.go(Route::Case(case));
                // Texts made of both are of no use any more; a remainder costs space only.
                let texts = Change::DeleteAll(META, format!("merge/{old}/"));
                let _ = runtime.store.apply(vec![texts], None).await;
            }
            // Another tab was quicker.
            Ok(Applied::Stale) => tell(app, "conflict.over"),
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

/// Leaves the case as it is now; what was written is given up because somebody chose so.
pub fn leave(app: App, operation: &Operation, case: &str) {
    if let Some(runtime) = app.runtime() {
        runtime.wish(Event::Discard(operation.id.clone()));
        tell(app, "conflict.left");
        app.go(Route::Case(case.into()));
    }
}
