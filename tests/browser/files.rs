//! Files of a draft: the same bytes come out, and a missing piece is noticed.

use casement::browser::files::{assemble, digest, forget, live, slice, take};
use casement::browser::store::{CHUNKS, Change, Store, chunk_key};
use casement::core::draft::DraftFile;
use js_sys::{Array, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Blob, File};

use crate::store::fresh_store;

const PIECE: usize = 4 * 1024 * 1024;

fn file(name: &str, bytes: &[u8]) -> File {
    let parts = Array::of1(&Uint8Array::from(bytes));
    File::new_with_u8_array_sequence(&parts, name).unwrap()
}

async fn keep(store: &Store, file: &File) -> Result<DraftFile, casement::core::error::Error> {
    let taken = take(store, file, &file.name(), |_| true).await;
    taken.map(|taken| taken.expect("nobody stopped it"))
}

async fn bytes(blob: &Blob) -> Vec<u8> {
    let buffer = JsFuture::from(blob.array_buffer()).await.unwrap();
    Uint8Array::new(&buffer).to_vec()
}

#[wasm_bindgen_test]
async fn a_file_of_several_pieces_comes_back_byte_by_byte() {
    let store = fresh_store().await;
    let content: Vec<u8> = (0..PIECE * 2 + 3)
        .map(|index| (index % 251) as u8)
        .collect();
    let kept = keep(&store, &file("log.zip", &content)).await.unwrap();
    assert_eq!((kept.chunks, kept.size), (3, content.len() as u64));
    let blob = assemble(&store, &kept.id, kept.size)
        .await
        .unwrap()
        .unwrap();
    assert!(bytes(&blob).await == content);
    // Within a piece, over its end, over a whole one, at the last byte.
    let (piece, end) = (PIECE as u64, kept.size);
    for (from, to) in [
        (1, 9),
        (piece - 1, piece + 1),
        (7, end),
        (end - 1, end),
        (piece, piece),
    ] {
        let part = slice(&store, &kept.id, from, to).await.unwrap().unwrap();
        assert!(
            bytes(&part).await == content[from as usize..to as usize],
            "{from} {to}"
        );
    }
    assert!(slice(&store, &kept.id, 0, end + 1).await.unwrap().is_none());
}

#[wasm_bindgen_test]
async fn the_hash_is_that_of_all_bytes() {
    let store = fresh_store().await;
    let kept = keep(&store, &file("abc.txt", b"abc")).await.unwrap();
    // From the standard that defines it.
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(kept.sha256, known);
    let unread = DraftFile {
        sha256: String::new(),
        ..kept
    };
    let found = digest(&store, &unread, |_| {}).await.unwrap();
    assert_eq!(found.as_deref(), Some(known));
}

#[wasm_bindgen_test]
async fn a_file_that_is_not_copied_is_read_from_where_it_lies_and_known_again() {
    let store = fresh_store().await;
    let content: Vec<u8> = (0..PIECE).map(|index| (index % 241) as u8).collect();
    let given = file("big.tar", &content);
    let mut held = keep(&store, &given).await.unwrap();
    store.apply(vec![forget(&held.id)], None).await.unwrap();
    held.chunks = 0;
    held.sha256 = String::new();
    live::hold(&held.id, &given);
    let part = slice(&store, &held.id, 5, 9).await.unwrap().unwrap();
    assert_eq!(bytes(&part).await, content[5..9]);
    live::release(&held.id);
    assert!(slice(&store, &held.id, 5, 9).await.unwrap().is_none());
    assert_eq!(digest(&store, &held, |_| {}).await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn reading_that_is_stopped_leaves_nothing() {
    let store = fresh_store().await;
    let given = file("long.log", &vec![3; PIECE * 2]);
    let taken = take(&store, &given, "long.log", |_| false).await.unwrap();
    assert!(taken.is_none());
    let chunks = store.keys(CHUNKS).await.unwrap();
    assert!(chunks.iter().all(|key| !key.contains('/')), "{chunks:?}");
}

#[wasm_bindgen_test]
async fn an_empty_file_is_a_file() {
    let store = fresh_store().await;
    let kept = keep(&store, &file("empty.txt", &[])).await.unwrap();
    assert_eq!((kept.chunks, kept.size), (0, 0));
    assert!(assemble(&store, &kept.id, 0).await.unwrap().is_some());
}

#[wasm_bindgen_test]
async fn a_name_is_kept_as_text() {
    let store = fresh_store().await;
    let name = "<img src=x onerror=alert(1)>.log";
    assert_eq!(keep(&store, &file(name, b"x")).await.unwrap().name, name);
}

#[wasm_bindgen_test]
async fn a_file_with_a_missing_piece_is_not_sent_as_if_it_were_whole() {
    let store = fresh_store().await;
    let kept = keep(&store, &file("log.zip", &vec![7; PIECE + 1]))
        .await
        .unwrap();
    let lost = Change::Delete(CHUNKS, chunk_key(&kept.id, 0));
    store.apply(vec![lost], None).await.unwrap();
    assert!(
        assemble(&store, &kept.id, kept.size)
            .await
            .unwrap()
            .is_none()
    );
}

#[wasm_bindgen_test]
async fn forgetting_a_file_leaves_the_others() {
    let store = fresh_store().await;
    let one = keep(&store, &file("one.log", b"one")).await.unwrap();
    let other = keep(&store, &file("other.log", b"other")).await.unwrap();
    store.apply(vec![forget(&one.id)], None).await.unwrap();
    assert!(store.chunks(&one.id).await.unwrap().is_empty());
    let blob = assemble(&store, &other.id, other.size)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bytes(&blob).await, b"other");
}
