//! Adds a fault report to a case that was created without one (CMS-15): an edit of its description
//! against the version that was seen.

use crate::core::case::Case;
use crate::core::sync::{CaseRef, What};
use crate::ui::state::App;

/// Appends a report to the description of a case.
pub fn add(app: App, case: &Case, report: &str, done: impl FnOnce(bool) + 'static) {
    let heading = app.words_now().t("report.heading");
    let description = format!("{}\n\n{heading}\n\n{}", case.description, report.trim());
    let what = What::EditCase {
        case: CaseRef::Known(case.id.clone()),
        base: case.version.clone(),
        patch: serde_json::json!({ "description": description }),
    };
    super::add_comment::enqueue(app, what, done);
}
