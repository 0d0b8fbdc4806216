//! Asks for something on a case: escalation, closing, a return and so on, through the outbox.

use serde_json::Value;

use super::add_comment::enqueue_with;
use super::keep_comment::Kept;
use crate::core::conflict::seen;
use crate::core::route::Route;
use crate::core::sync::{CaseRef, What};
use crate::ui::components::comment_box::tell;
use crate::ui::state::App;

/// Hands it to the outbox together with the end of what was being typed, and shows the case, where
/// it waits among all that happens.
pub fn ask(app: App, case: &str, action: &str, title: String, body: Value, typed: Vec<Kept>) {
    let before = app.records.with_untracked(|records| {
        let found = records.cases.iter().find(|one| one.id == case);
        found.map(seen).unwrap_or_default()
    });
    let what = What::Act {
        on: Some(CaseRef::Known(case.into())),
        action: action.into(),
        title,
        body,
        before,
    };
    typed.iter().for_each(|one| one.hold());
    let changes = typed.iter().map(|one| one.forget()).collect();
    let case = case.to_string();
    enqueue_with(app, what, changes, move |worked| {
        typed.iter().for_each(|one| one.handed_on(worked));
        if worked {
            tell(app, "act.on_its_way");
            app.go(Route::Case(case));
        }
    });
}
