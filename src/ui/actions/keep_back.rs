//! Takes a comment that is not sent yet back to where comments are written on its case, to be changed.

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;

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
    let (CaseRef::Known(case) | CaseRef::MadeBy(case)) = case.clone();
    let (id, text) = (operation.id.clone(), text.clone());
    spawn_local(async move {
        let Some(runtime) = app.runtime() else {
            return;
        };
        let name = format!("comment/{case}");
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
                app.go(route_of(app, &case));
            }
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

/// Where comments on a case are written: its page, or the page of the draft that becomes the case.
fn route_of(app: App, case: &str) -> Route {
    let draft = app.outbox.with_untracked(|outbox| {
        let maker = outbox.iter().find(|one| one.id == case);
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
        None => Route::Case(case.into()),
    }
}
