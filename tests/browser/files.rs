//! Files of a draft: the same bytes come out, and a missing piece is noticed.

use casement::browser::files::{assemble, forget, keep};
use casement::browser::store::{CHUNKS, Change, chunk_key};
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
