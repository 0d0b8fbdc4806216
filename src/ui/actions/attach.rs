//! Adds files to the open draft: checked by the policy first, then kept piece by piece.

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, FileList};

use crate::browser::{files, page};
use crate::core::entitlement::Decision;
use crate::core::flow::refuse_file;
use crate::ui::state::App;

/// What the file field shows beside the kept files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intake {
    /// Files being read, by name.
    pub reading: Vec<String>,
    /// Files that were not taken: their refusals.
    pub refused: Vec<Decision>,
}

/// The files of a list that a person chose, dropped or pasted.
pub fn files_of(list: Option<FileList>) -> Vec<File> {
    list.map(|list| {
        (0..list.length())
            .filter_map(|index| list.get(index))
            .collect()
    })
    .unwrap_or_default()
}

/// Takes files into the open draft.
pub fn attach(app: App, intake: RwSignal<Intake>, chosen: Vec<File>) {
    intake.update(|intake| intake.refused.clear());
    spawn_local(async move {
        for file in chosen {
            take(app, intake, file).await;
        }
    });
}

async fn take(app: App, intake: RwSignal<Intake>, file: File) {
    let (name, size) = (file.name(), file.size() as u64);
    let decision = app.editor.with_untracked(|draft| {
        let draft = draft.as_ref()?;
        app.with_world(&draft.policy, |world| {
            refuse_file(world.policy, draft, &name, size)
        })
    });
    match decision {
        Some(decision) if decision.allowed => {}
        Some(decision) => {
            intake.update(|intake| intake.refused.push(decision));
            return;
        }
        None => return,
    }
    let Some(runtime) = app.runtime() else {
        return;
    };
    intake.update(|intake| intake.reading.push(name.clone()));
    let kept = files::keep(&runtime.store, &file).await;
    let still_there = intake.try_update(|intake| intake.reading.retain(|one| *one != name));
    match kept {
        Ok(file) => super::save_draft::change(app, |draft| draft.files.push(file)),
        Err(error) if still_there.is_some() => {
            let facts = vec![("name", name), ("detail", error.context().to_string())];
            intake.update(|intake| intake.refused.push(Decision::no("file_not_kept", facts)));
        }
        Err(error) => app.problem.set(Some(error)),
    }
}

/// Takes a file out of the open draft; its pieces go once the draft without it is kept.
pub fn remove(app: App, id: String) {
    super::save_draft::change(app, |draft| draft.files.retain(|file| file.id != id));
    spawn_local(async move {
        super::save_draft::save(app).await;
        if let Some(runtime) = app.runtime() {
            // A remainder costs space only, and is no reason to disturb anyone.
            let _ = runtime.store.apply(vec![files::forget(&id)], None).await;
        }
    });
}

/// Offers a long text as a file of the open draft in place of itself.
pub fn as_text_file(name: &str, text: &str) {
    page::download(name, text);
}
