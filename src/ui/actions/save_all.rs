//! Saves all of an account's own work into one file, and takes such a file in again.
//!
//! The file is lines of JSON: the first holds every draft, what waits to be sent, and begun comments;
//! each further line is a piece of a file. It is put together by the browser piece by piece, so that
//! large files need no more memory than one piece, and taken in line by line.

use leptos::task::spawn_local;

use crate::browser::files::lines::Lines;
use crate::browser::runtime::put_draft;
use crate::browser::store::{Change, DRAFTS, META, OUTBOX, Store, chunk_key};
use crate::browser::{clock, page};
use crate::core::draft::recover;
use crate::core::error::{Error, Kind};
use crate::core::retention::{self, Here, read_piece, read_texts, save_texts};
use crate::core::sync::Operation;
use crate::ui::custody::BEGUN_TEXTS;
use crate::ui::state::{App, Toast};
use crate::ui::wiring::read_drafts;

/// Saves everything and tells how it went.
pub fn save(app: App) {
    spawn_local(async move {
        match save_now(app).await {
            Ok(damaged) => tell(
                app,
                if damaged {
                    "device.saved_part"
                } else {
                    "device.saved"
                },
            ),
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

fn tell(app: App, key: &str) {
    app.toast.set(Some(Toast {
        text: app.words_now().t(key),
        undo_draft: None,
    }));
}

/// Offers the file; whether something could not be read is told.
pub async fn save_now(app: App) -> Result<bool, Error> {
    crate::ui::pages::later::saved(app).await;
    let Some(store) = app.store() else {
        return Ok(false);
    };
    let (drafts, bad_drafts) = store.readable(DRAFTS).await?;
    let (outbox, bad_operations) = store.readable(OUTBOX).await?;
    let (mut comments, bad_comments) = store.readable(META).await?;
    comments.retain(|(key, _)| key.starts_with(BEGUN_TEXTS));
    let recovered: Vec<_> = drafts.iter().map(|(id, text)| recover(id, text)).collect();
    let operations: Vec<Operation> = outbox
        .iter()
        .filter_map(|(_, text)| Operation::from_json(&serde_json::from_str(text).ok()?))
        .collect();
    let files = retention::files(&recovered, &operations);
    let now = clock::now();
    let parts = js_sys::Array::new();
    let texts = save_texts(now, &drafts, &outbox, &comments, &files);
    parts.push(&blob(&texts)?.into());
    let mut damaged = bad_drafts + bad_operations + bad_comments > 0;
    for file in &files {
        // One that was too large to be copied is only where its owner keeps it.
        damaged |= !file.is_kept();
        for number in 0..file.chunks {
            match store.chunk(&file.id, number).await {
                Ok(Some(bytes)) => {
                    let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
                    let line = retention::piece(&file.id, number, &bytes);
                    parts.push(&blob(&format!("\n{line}"))?.into());
                }
                _ => damaged = true,
            }
        }
    }
    let day = clock::today();
    page::download_parts(&format!("casement-{day}.jsonl"), &parts);
    Ok(damaged)
}

fn failed(doing: &str) -> impl Fn(wasm_bindgen::JsValue) -> Error + '_ {
    move |error| Error::new(Kind::Storage, format!("{doing}: {}", page::message(&error)))
}

/// As a blob, so that the browser may put it on the disk.
fn blob(text: &str) -> Result<web_sys::Blob, Error> {
    let parts = js_sys::Array::of1(&text.into());
    web_sys::Blob::new_with_str_sequence(&parts).map_err(failed("save to a file"))
}

/// Takes a saved file in: its drafts come back as drafts beside those that are here, and what waited
/// to be sent waits again.
pub fn take_in(app: App, file: web_sys::File) {
    spawn_local(async move {
        match read(app, &file).await {
            Ok(Some(0)) => tell(app, "device.nothing_taken"),
            Ok(Some(count)) => app.toast.set(Some(Toast {
                text: app.words_now().count("device.taken", count),
                undo_draft: None,
            })),
            Ok(None) => tell(app, "device.not_ours"),
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

async fn read(app: App, file: &web_sys::File) -> Result<Option<u64>, Error> {
    let (Some(store), Some(runtime)) = (app.store(), app.runtime()) else {
        return Ok(None);
    };
    let mut lines = Lines::of(file);
    let Some(saved) = lines.next().await?.as_deref().and_then(read_texts) else {
        return Ok(None);
    };
    let subject = app
        .identity
        .with_untracked(|identity| identity.session().map(|session| session.subject.clone()));
    let drafts = store.entries(DRAFTS).await?;
    let drafts: Vec<_> = drafts.iter().map(|(id, text)| recover(id, text)).collect();
    let here = Here {
        subject: &subject.unwrap_or_default(),
        drafts: &drafts,
        outbox: &runtime.outbox(),
        comments: &store.keys(META).await?,
    };
    let mut taken = retention::take_in(saved, here, clock::now(), clock::uuid);
    taken
        .comments
        .retain(|(key, _)| key.starts_with(BEGUN_TEXTS));
    // First the files: what waits for them may be let go as soon as it is here.
    let files = pieces(&store, lines, &taken.files).await;
    let count = taken.count();
    let mut changes: Vec<Change> = taken.drafts.iter().map(put_draft).collect();
    let comments = taken.comments.into_iter();
    changes.extend(comments.map(|(key, text)| Change::Put(META, key, text)));
    runtime.enqueue(taken.operations, changes, None).await?;
    read_drafts(app).await;
    runtime.tell_tabs();
    // Without room for the files the texts are here all the same.
    files?;
    Ok(Some(count))
}

/// Keeps the pieces of files that the rest of a saved file holds.
async fn pieces(store: &Store, mut lines: Lines, wanted: &[(String, String)]) -> Result<(), Error> {
    while let Some(line) = lines.next().await? {
        let Some((file, number, bytes)) = read_piece(&line) else {
            continue;
        };
        for (_, id) in wanted.iter().filter(|(saved, _)| *saved == file) {
            let bytes = js_sys::Uint8Array::from(bytes.as_slice());
            let put = Change::PutBytes(chunk_key(id, number), bytes.into());
            store.apply(vec![put], None).await?;
        }
    }
    Ok(())
}
