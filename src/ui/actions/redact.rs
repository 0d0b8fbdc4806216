//! Looks through a text for secrets and personal data, and makes a copy without them. In the open
//! draft the copy takes the text's place; the original is then neither kept nor sent.

use js_sys::Array;
use leptos::task::spawn_local;
use web_sys::File;

use super::{attach, save_draft};
use crate::browser::files::pick::Picked;
use crate::browser::files::{self, peek};
use crate::core::draft::DraftFile;
use crate::core::error::Error;
use crate::core::files::{Look, look};
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
    match masked(&text, &file.name) {
        Some(Picked { name, file }) => files::take(&runtime.store, &file, &name, |_| true).await,
        None => Ok(None),
    }
}

fn masked(text: &str, name: &str) -> Option<Picked> {
    let (text, name) = (mask(text, &find(text)), masked_name(name));
    let file = File::new_with_str_sequence(&Array::of1(&text.into()), &name).ok()?;
    Some(Picked { name, file })
}

/// The places in a file that was just chosen; none if it is no text or too large to be looked
/// through.
pub async fn look_through_file(file: &File, name: &str) -> Vec<Finding> {
    let is_text = look(name, &file.type_()) == Look::Text && file.size() as u64 <= LARGEST;
    let text = match is_text {
        true => peek::text_of(file).await,
        false => None,
    };
    text.map(|text| find(&text)).unwrap_or_default()
}

/// A copy of a chosen file with all places masked.
pub async fn masked_file(file: &File, name: &str) -> Option<Picked> {
    masked(&peek::text_of(file).await?, name)
}
