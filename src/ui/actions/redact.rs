//! Looks through a text of the open draft for secrets and personal data, and puts a copy without
//! them in its place; the original is then neither kept nor sent.

use js_sys::Array;
use leptos::task::spawn_local;
use web_sys::File;

use super::{attach, save_draft};
use crate::browser::files::{self, peek};
use crate::core::draft::DraftFile;
use crate::core::error::Error;
use crate::core::redact::{Finding, find, mask, masked_name};
use crate::ui::state::App;

/// The largest text that is looked through, in bytes; a larger one would stop the page.
pub const LARGEST: u64 = 8 << 20;

/// The places in a file that should perhaps not be sent; none if it can't be read as text.
pub async fn look_through(app: App, file: &DraftFile) -> Vec<Finding> {
    let text = text(app, file).await;
    text.map(|text| find(&text)).unwrap_or_default()
}

async fn text(app: App, file: &DraftFile) -> Option<String> {
    let runtime = app.runtime()?;
    peek::text(&runtime.store, file).await.ok()?
}

/// Puts a copy with all places masked where the file was.
pub fn mask_in_copy(app: App, file: DraftFile) {
    spawn_local(async move {
        match copy(app, &file).await {
            Ok(Some(copy)) => {
                let id = file.id.clone();
                save_draft::change(app, move |draft| {
                    for one in &mut draft.files {
                        if one.id == id {
                            *one = copy.clone();
                        }
                    }
                });
                attach::forget_when_saved(app, file.id).await;
            }
            Ok(None) => {}
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

async fn copy(app: App, file: &DraftFile) -> Result<Option<DraftFile>, Error> {
    let (Some(runtime), Some(text)) = (app.runtime(), text(app, file).await) else {
        return Ok(None);
    };
    let masked = mask(&text, &find(&text));
    let name = masked_name(&file.name);
    let Ok(copy) = File::new_with_str_sequence(&Array::of1(&masked.into()), &name) else {
        return Ok(None);
    };
    files::take(&runtime.store, &copy, &name, |_| true).await
}
