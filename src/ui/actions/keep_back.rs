//! Takes a comment that is not sent yet back to where comments are written on its case, to be changed.

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;

use super::add_comment::kept_name;
use crate::browser::store::{Change, META};
use crate::core::route::Route;
use crate::core::sync::{CaseRef, Event, Operation, What};
use crate::ui::components::comment_box::tell;
use crate::ui::state::App;

/// Takes it back, behind what may be written there already, and shows it.
pub fn take(app: App, operation: &Operation) {
    let What::AddComment { case, text } = &operation.what else {
        return;
    };
    let name = kept_name(app, case);
    let route = route_of(app, case);
    let (id, text) = (operation.id.clone(), text.clone());
    spawn_local(async move {
        let Some(runtime) = app.runtime() else {
            return;
        };
        let kept = async {
            let before = runtime.store.get(META, &name).await?;
            let before = before.filter(|before| !before.trim().is_empty());
            let text = match before {
                Some(before) => format!("{before}\n\n{text}"),
                None => text,
            };
            // First there, then no longer here: a crash between the two leaves it in both places.
            let put = Change::Put(META, name, text);
            runtime.store.apply(vec![put], None).await
        };
        match kept.await {
            Ok(_) => {
                runtime.wish(Event::Discard(id));
                app.mend.set_value(Some("comment-text".into()));
                tell(app, "pending.taken_back");
                app.go(route);
            }
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

/// Where comments on a case are written: its page, or the page of the draft that becomes the case.
fn route_of(app: App, case: &CaseRef) -> Route {
    let operation = match case {
        CaseRef::Known(id) => return Route::Case(id.clone()),
        CaseRef::MadeBy(operation) => operation,
    };
    let draft = app.outbox.with_untracked(|outbox| {
        let maker = outbox.iter().find(|one| one.id == *operation);
        maker.and_then(|one| match &one.what {
            What::CreateCase { draft, .. } => Some(draft.clone()),
            _ => None,
        })
    });
    match draft {
        Some(draft) => Route::Step {
            draft,
            step: Some("sent".into()),
        },
        None => Route::Pending,
    }
}
