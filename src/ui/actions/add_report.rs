//! Adds a fault report to a case that was created without one (CMS-15): an edit of its description
//! against the version that was seen.

use super::add_comment::enqueue_with;
use super::keep_comment::Kept;
use crate::core::case::Case;
use crate::core::conflict::seen;
use crate::core::flow::{report_name, with_report};
use crate::core::sync::{CaseRef, What};
use crate::ui::state::App;

/// Appends a report to the description of a case; it is then no longer kept as one being typed.
pub fn add(app: App, case: &Case, kept: Kept, done: impl FnOnce(bool) + 'static) {
    let policy = app.policy(&case.policy).unwrap_or_default();
    let name = report_name(&policy, &case.product_id, &case.preferred_language);
    let description = with_report(&case.description, name, &kept.text.get_untracked());
    let what = What::EditCase {
        case: CaseRef::Known(case.id.clone()),
        base: case.version.clone(),
        patch: serde_json::json!({ "description": description }),
        before: seen(case),
    };
    kept.hold();
    enqueue_with(app, what, vec![kept.forget()], move |worked| {
        kept.handed_on(worked);
        done(worked);
    });
}
