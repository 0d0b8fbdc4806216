//! Links a contract by its two ids (MPT-05), through the outbox like everything else.

use serde_json::{Value, json};

use super::add_comment::enqueue_with;
use super::keep_comment::Kept;
use crate::core::sync::{LINK, What};
use crate::core::text::fold_id;
use crate::ui::state::App;

/// Hands the ids on as they are meant, without the spaces and wide digits they were written with;
/// they are then no longer kept as being typed. `done` hears whether it worked.
pub fn link(app: App, policy: &str, ids: [Kept; 2], done: impl FnOnce(bool) + 'static) {
    let [access, contract] = ids.map(|id| fold_id(&id.text.get_untracked()));
    let what = What::Act {
        on: None,
        action: LINK.into(),
        title: app.words_now().with("link.asked", &[("id", &contract)]),
        body: json!({ "policy": policy, "access_id": access, "contract_id": contract }),
        before: Value::Null,
    };
    ids.iter().for_each(|id| id.hold());
    let changes = ids.iter().map(|id| id.forget()).collect();
    enqueue_with(app, what, changes, move |worked| {
        ids.iter().for_each(|id| id.handed_on(worked));
        done(worked);
    });
}
