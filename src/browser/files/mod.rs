//! Files of a draft and of an upload: kept, read, known again.
//!
//! [`take`] keeps a file in the store, piece by piece, as long as there is room for files; text has
//! its room whatever they take. A file that is too large for that is not copied: it is read from
//! where it lies for as long as the page lives ([`live`]), and afterwards the person chooses it
//! again, which [`choose_again`] checks. Either way [`slice`] gives its bytes, a piece at a time, so
//! that no file is ever whole in memory, and [`digest`] its SHA-256.
//!
//! Reading order: this file, [`live`], [`pick`] (what a person drops, pastes or chooses), [`peek`]
//! (what can be shown of a file without opening it), [`lines`] (a file line by line).

pub mod lines;
pub mod live;
pub mod peek;
pub mod pick;

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::clock;
use super::store::{CHUNKS, Change, Store, chunk_key};
use crate::core::draft::DraftFile;
use crate::core::error::{Error, Kind};

/// Bytes of a piece in the store: large enough that keeping a file takes few transactions.
const PIECE: u64 = 4 * 1024 * 1024;
/// Bytes that are read and hashed at a time: few enough that nobody who types feels it.
const STEP: u64 = 1024 * 1024;

thread_local! {
    /// What was read to the end since the page was opened, by file.
    static DIGESTS: RefCell<HashMap<String, String>> = RefCell::default();
}

fn broken(doing: &str) -> impl Fn(JsValue) -> Error + '_ {
    move |error| {
        Error::new(
            Kind::Storage,
            format!("{doing}: {}", super::page::message(&error)),
        )
    }
}

/// The bytes of a part of a file or of a piece.
async fn bytes(blob: &Blob, from: u64, to: u64) -> Result<Vec<u8>, Error> {
    let read = broken("read a file");
    let part = part(blob, from, to)?;
    let buffer = JsFuture::from(part.array_buffer()).await.map_err(read)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn part(blob: &Blob, from: u64, to: u64) -> Result<Blob, Error> {
    blob.slice_with_f64_and_f64(from as f64, to as f64)
        .map_err(broken("read a file"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes a file under a name of the caller's: kept in the store if there is room for it, else read
/// from where it lies. `progress` hears how many bytes are done, and stops it by saying false.
/// Nothing comes of a file that was stopped.
pub async fn take(
    store: &Store,
    file: &File,
    name: &str,
    progress: impl Fn(u64) -> bool,
) -> Result<Option<DraftFile>, Error> {
    let mut taken = DraftFile {
        id: clock::uuid(),
        name: name.into(),
        size: file.size() as u64,
        media_type: file.type_(),
        chunks: 0,
        fingerprint: String::new(),
        sha256: String::new(),
    };
    if taken.size <= store.room().await {
        match keep(store, file, &taken, &progress).await {
            Ok(Some((chunks, sha256))) => {
                (taken.chunks, taken.sha256) = (chunks, sha256);
                return Ok(Some(taken));
            }
            Ok(None) => {
                discard(store, &taken.id).await;
                return Ok(None);
            }
            // There was less room than the browser said, or it can't be read, which shows next.
            Err(_) => discard(store, &taken.id).await,
        }
    }
    taken.fingerprint = fingerprint(file).await?;
    live::hold(&taken.id, file);
    Ok(Some(taken))
}

async fn discard(store: &Store, id: &str) {
    // A remainder that can't be removed now costs space only.
    let _ = store.apply(vec![forget(id)], None).await;
}

async fn keep(
    store: &Store,
    file: &File,
    taken: &DraftFile,
    progress: &impl Fn(u64) -> bool,
) -> Result<Option<(u32, String)>, Error> {
    let mut hash = Sha256::new();
    let (mut number, mut at) = (0, 0);
    while at < taken.size {
        let end = (at + PIECE).min(taken.size);
        let piece = Uint8Array::new_with_length((end - at) as u32);
        let start = at;
        while at < end {
            let next = (at + STEP).min(end);
            let read = bytes(file, at, next).await?;
            hash.update(&read);
            piece.set(&Uint8Array::from(read.as_slice()), (at - start) as u32);
            at = next;
        }
        let key = chunk_key(&taken.id, number);
        let change = Change::PutBytes(key, piece.into());
        store.apply(vec![change], None).await?;
        number += 1;
        if !progress(at) {
            return Ok(None);
        }
    }
    Ok(Some((number, hex(&hash.finalize()))))
}

/// What tells a file from others without reading it all: its size and both its ends.
async fn fingerprint(file: &File) -> Result<String, Error> {
    let size = file.size() as u64;
    let mut hash = Sha256::new();
    hash.update(bytes(file, 0, STEP.min(size)).await?);
    hash.update(bytes(file, size.saturating_sub(STEP), size).await?);
    Ok(format!("{size}-{}", hex(&hash.finalize())))
}

/// Takes a chosen file for one that was not copied; false if it is another.
pub async fn choose_again(known: &DraftFile, chosen: &File) -> Result<bool, Error> {
    let same = fingerprint(chosen).await? == known.fingerprint;
    if same {
        live::hold(&known.id, chosen);
    }
    Ok(same)
}

/// The change that removes a file's pieces; of a file that was not copied, nothing is held any more.
pub fn forget(id: &str) -> Change {
    live::release(id);
    Change::DeleteAll(CHUNKS, format!("{id}/"))
}

/// A part of a file; nothing if its bytes are not here: the browser has removed them, or the file
/// has to be chosen again.
pub async fn slice(store: &Store, id: &str, from: u64, to: u64) -> Result<Option<Blob>, Error> {
    if let Some(file) = live::held(id) {
        let part = part(&file, from, to)?;
        // A file that was changed or moved away can't be read any more, and says so only now.
        let first = bytes(&part, 0, 1).await;
        if first.is_ok() {
            return Ok(Some(part));
        }
        live::release(id);
        return Ok(None);
    }
    let parts = Array::new();
    let mut at = from;
    while at < to {
        let number = at / PIECE;
        let (start, end) = (at - number * PIECE, (to - number * PIECE).min(PIECE));
        let Some(piece) = store.chunk(id, number as u32).await? else {
            return Ok(None);
        };
        let piece = Uint8Array::new(&piece);
        if u64::from(piece.length()) < end {
            return Ok(None);
        }
        parts.push(&piece.subarray(start as u32, end as u32));
        at = number * PIECE + end;
    }
    Blob::new_with_u8_array_sequence(&parts)
        .map(Some)
        .map_err(broken("put a file together"))
}

/// A whole file; nothing if a piece is missing. A file that was not copied is not read by this.
pub async fn assemble(store: &Store, id: &str, size: u64) -> Result<Option<Blob>, Error> {
    slice(store, id, 0, size).await
}

/// SHA-256 of a file; nothing if its bytes are not here. It is computed once for as long as the
/// page lives, and `progress` hears how many bytes are done.
pub async fn digest(
    store: &Store,
    file: &DraftFile,
    progress: impl Fn(u64),
) -> Result<Option<String>, Error> {
    let known = DIGESTS.with_borrow(|all| all.get(&file.id).cloned());
    let known = known.or_else(|| Some(file.sha256.clone()).filter(|text| !text.is_empty()));
    if known.is_some() {
        return Ok(known);
    }
    let mut hash = Sha256::new();
    let mut at = 0;
    while at < file.size {
        let next = (at + STEP).min(file.size);
        let Some(part) = slice(store, &file.id, at, next).await? else {
            return Ok(None);
        };
        hash.update(bytes(&part, 0, next - at).await?);
        at = next;
        progress(at);
    }
    let digest = hex(&hash.finalize());
    DIGESTS.with_borrow_mut(|all| all.insert(file.id.clone(), digest.clone()));
    Ok(Some(digest))
}
