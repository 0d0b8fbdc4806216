//! Files of a draft: cut into pieces, kept in the store, put together again for sending.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::clock;
use super::store::{Change, Store, chunk_key};
use crate::core::draft::DraftFile;
use crate::core::error::{Error, Kind};

/// Bytes of a piece: small enough that one is read and written without a pause that is felt.
const PIECE: u64 = 4 * 1024 * 1024;

/// Keeps a file in the store, piece by piece; when it fails, nothing of it is left there.
pub async fn keep(store: &Store, file: &web_sys::File) -> Result<DraftFile, Error> {
    let id = clock::uuid();
    let kept = keep_pieces(store, file, &id).await;
    if kept.is_err() {
        // The failure is what is told; a remainder that can't be removed now costs space only.
        let _ = store.apply(vec![forget(&id)], None).await;
    }
    Ok(DraftFile {
        name: file.name(),
        size: file.size() as u64,
        media_type: file.type_(),
        chunks: kept?,
        fingerprint: String::new(),
        sha256: String::new(),
        id,
    })
}

async fn keep_pieces(store: &Store, file: &web_sys::File, id: &str) -> Result<u32, Error> {
    let size = file.size() as u64;
    let failed = |error: JsValue| {
        let why = super::page::message(&error);
        Error::new(Kind::Storage, format!("read a file: {why}"))
    };
    let mut number = 0;
    let mut start = 0;
    while start < size {
        let end = (start + PIECE).min(size);
        let piece = file
            .slice_with_f64_and_f64(start as f64, end as f64)
            .map_err(failed)?;
        let bytes = JsFuture::from(piece.array_buffer()).await.map_err(failed)?;
        let bytes = Uint8Array::new(&bytes);
        store
            .apply(
                vec![Change::PutBytes(chunk_key(id, number), bytes.into())],
                None,
            )
            .await?;
        start = end;
        number += 1;
    }
    Ok(number)
}

/// The change that removes a file's pieces.
pub fn forget(id: &str) -> Change {
    Change::DeleteAll(super::store::CHUNKS, format!("{id}/"))
}

/// Puts a kept file together; nothing if a piece is missing.
pub async fn assemble(store: &Store, id: &str, size: u64) -> Result<Option<Blob>, Error> {
    let pieces: Array = store.chunks(id).await?.into_iter().collect();
    let blob = Blob::new_with_u8_array_sequence(&pieces).map_err(|error| {
        let why = super::page::message(&error);
        Error::new(Kind::Storage, format!("put a file together: {why}"))
    })?;
    Ok(Some(blob).filter(|blob| blob.size() as u64 == size))
}
