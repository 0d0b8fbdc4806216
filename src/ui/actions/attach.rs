//! Adds files to the open draft: judged by the policy first, then kept piece by piece, or held where
//! they lie if they are too large for that.

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;

use crate::browser::files::pick::Picked;
use crate::browser::{clock, files, page};
use crate::core::draft::DraftFile;
use crate::core::entitlement::Decision;
use crate::core::files::refusals;
use crate::core::redact::Finding;
use crate::ui::state::App;

/// What a place for files shows beside those that were taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intake {
    /// Files being read, in their order.
    pub reading: Vec<Reading>,
    /// Files that were not taken.
    pub refused: Vec<Refused>,
    /// Files of a case that wait for an answer, since something was found in them.
    pub asked: Vec<Asked>,
}

/// A file in which something was found that should perhaps not be sent (NEW-05).
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// The file, which is neither kept nor sent before the answer.
    pub file: web_sys::File,
    /// The places.
    pub places: Vec<Finding>,
}

/// A file being read.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Its id while it is being read; without it here, reading stops.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Bytes that are kept.
    pub done: u64,
    /// Its bytes.
    pub size: u64,
}

/// A file that was not taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Its name.
    pub name: String,
    /// Everything that speaks against it.
    pub why: Vec<Decision>,
}

/// Takes files into the open draft.
pub fn attach(app: App, intake: RwSignal<Intake>, chosen: Vec<Picked>) {
    intake.update(|intake| intake.refused.clear());
    spawn_local(async move {
        for one in chosen {
            attach_one(app, intake, one).await;
        }
    });
}

async fn attach_one(app: App, intake: RwSignal<Intake>, one: Picked) {
    let judged = app.editor.with_untracked(|draft| {
        let draft = draft.as_ref()?;
        let (there, size) = (draft.files.len() as u64, one.file.size() as u64);
        let media_type = one.file.type_();
        let why = app.with_world(&draft.policy, |world| {
            refusals(&world.policy.files, there, &one.name, &media_type, size)
        });
        Some((draft.id.clone(), why?))
    });
    let Some((draft, why)) = judged else { return };
    if !why.is_empty() {
        return refuse(intake, one.name, why);
    }
    let Some(file) = take(app, intake, one).await else {
        return;
    };
    let is_open = app.editor.with_untracked(|open| {
        let open = open.as_ref();
        open.is_some_and(|open| open.id == draft)
    });
    match is_open {
        true => super::save_draft::change(app, |draft| draft.files.push(file)),
        // The person has gone on to something else, where it does not belong.
        false => forget(app, &file.id).await,
    }
}

/// Notes that a file was not taken.
pub fn refuse(intake: RwSignal<Intake>, name: String, why: Vec<Decision>) {
    intake.try_update(|intake| intake.refused.push(Refused { name, why }));
}

/// Keeps a file, or holds it where it lies; nothing if it can't be read or reading was stopped.
pub async fn take(app: App, intake: RwSignal<Intake>, one: Picked) -> Option<DraftFile> {
    let runtime = app.runtime()?;
    let Picked { name, file } = one;
    let id = clock::uuid();
    let reading = Reading {
        id: id.clone(),
        name: name.clone(),
        done: 0,
        size: file.size() as u64,
    };
    intake.try_update(|intake| intake.reading.push(reading));
    let progress = |done: u64| {
        let noted = intake.try_update(|intake| {
            let mut all = intake.reading.iter_mut();
            let reading = all.find(|one| one.id == id);
            reading.map(|reading| reading.done = done).is_some()
        });
        // Where nobody looks any more, nobody has stopped it either.
        noted.unwrap_or(true)
    };
    let taken = files::take(&runtime.store, &file, &name, progress).await;
    let seen = intake.try_update(|intake| intake.reading.retain(|one| one.id != id));
    match taken {
        Ok(taken) => taken,
        Err(error) if seen.is_some() => {
            let facts = vec![("detail", error.context().to_string())];
            refuse(intake, name, vec![Decision::no("file_not_kept", facts)]);
            None
        }
        Err(error) => {
            app.problem.set(Some(error));
            None
        }
    }
}

/// Stops reading a file; nothing of it stays.
pub fn stop(intake: RwSignal<Intake>, id: &str) {
    intake.update(|intake| intake.reading.retain(|one| one.id != id));
}

/// Takes a file out of the open draft; its pieces go once the draft without it is kept.
pub fn remove(app: App, id: String) {
    super::save_draft::change(app, |draft| draft.files.retain(|file| file.id != id));
    spawn_local(forget_when_saved(app, id));
}

/// Has the pieces of a file go once the draft without it is kept.
pub async fn forget_when_saved(app: App, id: String) {
    super::save_draft::save(app).await;
    forget(app, &id).await;
}

async fn forget(app: App, id: &str) {
    if let Some(runtime) = app.runtime() {
        // A remainder costs space only, and is no reason to disturb anyone.
        let _ = runtime.store.apply(vec![files::forget(id)], None).await;
    }
}

/// Takes a file that was chosen again for one that was not copied; `done` hears whether it is the
/// same.
pub fn choose_again(file: DraftFile, chosen: Vec<Picked>, done: impl FnOnce(bool) + 'static) {
    let Some(one) = chosen.into_iter().next() else {
        return;
    };
    spawn_local(async move {
        let same = files::choose_again(&file, &one.file).await;
        done(same.unwrap_or(false));
    });
}

/// Offers a long text as a file of the open draft in place of itself.
pub fn as_text_file(name: &str, text: &str) {
    page::download(name, text);
}
