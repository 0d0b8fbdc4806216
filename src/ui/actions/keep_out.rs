//! Takes what is not sent out of the portal: a case as a case file, a file as itself, anything else as
//! its text.

use crate::core::sync::{Operation, What};
use crate::ui::state::App;

/// What was written, if anything was.
pub fn text(operation: &Operation) -> Option<String> {
    match &operation.what {
        What::AddComment { text, .. } => Some(text.clone()),
        What::EditCase { patch: parts, .. } | What::Act { body: parts, .. } => {
            let texts = parts.as_object().into_iter().flatten();
            let texts = texts.filter_map(|(_, value)| value.as_str());
            Some(texts.collect::<Vec<_>>().join("\n\n"))
        }
        What::CreateCase { .. } | What::Attach { .. } => None,
    }
}

/// Saves it as a file.
pub fn export(app: App, operation: &Operation) {
    match &operation.what {
        What::CreateCase { draft, .. } => super::keep_file::of_draft(app, draft.clone()),
        What::Attach { file, .. } => super::keep_file::one(app, file.clone()),
        _ => {
            let text = text(operation).unwrap_or_default();
            let day = crate::browser::clock::today();
            crate::browser::page::download(&format!("unsent-{day}.txt"), &text);
        }
    }
}
