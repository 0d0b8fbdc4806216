//! Saves all of an account's own work into one file, and takes such a file in again.
//!
//! The file is lines of JSON: the first holds every draft, what waits to be sent, and begun comments;
//! each further line is a piece of a file. It is put together by the browser piece by piece, so that
//! large files need no more memory than one piece.

use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::browser::store::{Change, DRAFTS, META, OUTBOX, Store, chunk_key};
use crate::browser::{clock, page};
use crate::core::draft::{Draft, State, recover};
use crate::core::error::{Error, Kind};
use crate::core::retention::{self, read_piece, read_texts, save_texts};
use crate::core::sync::Operation;
use crate::ui::custody::BEGUN_TEXTS;
use crate::ui::state::{App, Toast};
use crate::ui::wiring::read_drafts;

/// Most bytes of a file that is taken in: it is read as a whole.
const LIMIT: f64 = 512.0 * 1024.0 * 1024.0;

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

/// Takes a saved file in: its drafts come back as drafts, beside those that are here.
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
    let Some(store) = app.store().filter(|_| file.size() <= LIMIT) else {
        return Ok(None);
    };
    let text = JsFuture::from(file.text()).await;
    let text = text.map_err(failed("read a file"))?.as_string();
    let text = text.unwrap_or_default();
    let mut lines = text.split('\n');
    let Some(saved) = lines.next().and_then(read_texts) else {
        return Ok(None);
    };
    let pieces: Vec<(String, u32, Vec<u8>)> = lines.filter_map(read_piece).collect();
    let mut count = 0;
    for draft in saved.drafts {
        count += u64::from(keep(&store, draft, &pieces).await?);
    }
    for (key, text) in saved.comments {
        if key.starts_with(BEGUN_TEXTS) && store.get(META, &key).await?.is_none() {
            store
                .apply(vec![Change::Put(META, key, text)], None)
                .await?;
            count += 1;
        }
    }
    read_drafts(app).await;
    if let Some(runtime) = app.runtime() {
        runtime.tell_tabs();
    }
    Ok(Some(count))
}

/// Keeps a draft of a saved file, under ids of its own unless its own is free; not if it is here
/// already as it is there.
async fn keep(
    store: &Store,
    mut draft: Draft,
    pieces: &[(String, u32, Vec<u8>)],
) -> Result<bool, Error> {
    if let Some(text) = store.get(DRAFTS, &draft.id).await? {
        match recover(&draft.id, &text) {
            crate::core::draft::Recovered::Draft(known) if known.says_the_same(&draft) => {
                return Ok(false);
            }
            _ => {}
        }
        draft.copy_of = Some(draft.id.clone());
        draft.id = clock::uuid();
    }
    draft.state = State::Open;
    draft.revision = 1;
    draft.updated_at = clock::now();
    for file in &mut draft.files {
        let old = std::mem::replace(&mut file.id, clock::uuid());
        for (_, number, bytes) in pieces.iter().filter(|(id, ..)| *id == old) {
            let bytes = js_sys::Uint8Array::from(bytes.as_slice());
            let put = Change::PutBytes(chunk_key(&file.id, *number), bytes.unchecked_into());
            store.apply(vec![put], None).await?;
        }
    }
    let put = Change::Put(DRAFTS, draft.id.clone(), draft.to_json().to_string());
    store.apply(vec![put], None).await?;
    Ok(true)
}
