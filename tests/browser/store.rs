//! The store: durable, all or nothing, and never over what another tab has written.

use casement::browser::clock;
use casement::browser::store::{
    Applied, AtRevision, CHUNKS, Change, DRAFTS, META, OUTBOX, RECORDS, Store,
};
use wasm_bindgen_test::wasm_bindgen_test;

/// A store of its own for each test.
pub(crate) async fn fresh_store() -> Store {
    Store::open(&format!("test-{}", clock::uuid()))
        .await
        .unwrap()
}

fn put(kind: &'static str, key: &str, text: &str) -> Change {
    Change::Put(kind, key.into(), text.into())
}

fn draft(revision: u64) -> Change {
    put(DRAFTS, "d1", &format!(r#"{{"revision":{revision}}}"#))
}

fn at(revision: u64) -> Option<AtRevision<'static>> {
    Some(AtRevision {
        draft: "d1",
        revision,
    })
}

#[wasm_bindgen_test]
async fn what_was_applied_is_there_for_another_handle() {
    let name = format!("test-{}", clock::uuid());
    let one = Store::open(&name).await.unwrap();
    one.apply(vec![put(META, "cursor", "17")], None)
        .await
        .unwrap();
    let other = Store::open(&name).await.unwrap();
    assert_eq!(
        other.get(META, "cursor").await.unwrap().as_deref(),
        Some("17")
    );
}

#[wasm_bindgen_test]
async fn a_draft_and_its_operation_are_stored_together() {
    let store = fresh_store().await;
    let changes = vec![draft(1), put(OUTBOX, "o1", "{}")];
    assert_eq!(store.apply(changes, at(0)).await.unwrap(), Applied::Yes);
    assert!(store.get(DRAFTS, "d1").await.unwrap().is_some());
    assert!(store.get(OUTBOX, "o1").await.unwrap().is_some());
}

#[wasm_bindgen_test]
async fn a_stale_writer_changes_nothing_at_all() {
    let store = fresh_store().await;
    store.apply(vec![draft(5)], at(0)).await.unwrap();
    let changes = vec![draft(4), put(OUTBOX, "o1", "{}")];
    assert_eq!(store.apply(changes, at(3)).await.unwrap(), Applied::Stale);
    assert_eq!(
        store.get(DRAFTS, "d1").await.unwrap().as_deref(),
        Some(r#"{"revision":5}"#)
    );
    assert_eq!(store.get(OUTBOX, "o1").await.unwrap(), None);
}

#[wasm_bindgen_test]
async fn a_writer_who_has_seen_the_last_revision_may_write() {
    let store = fresh_store().await;
    store.apply(vec![draft(5)], at(0)).await.unwrap();
    assert_eq!(
        store.apply(vec![draft(6)], at(5)).await.unwrap(),
        Applied::Yes
    );
}

#[wasm_bindgen_test]
async fn of_two_writers_at_once_only_one_gets_through() {
    let store = fresh_store().await;
    let (one, other) = futures(
        store.apply(vec![draft(1)], at(0)),
        store.apply(vec![draft(1)], at(0)),
    )
    .await;
    let mut outcomes = [one.unwrap(), other.unwrap()];
    outcomes.sort_by_key(|outcome| *outcome == Applied::Stale);
    assert_eq!(outcomes, [Applied::Yes, Applied::Stale]);
}

/// Both outcomes of two pieces of work that run at the same time.
async fn futures<A, B>(one: A, other: B) -> (A::Output, B::Output)
where
    A: Future,
    B: Future,
{
    let mut one = std::pin::pin!(one);
    let mut other = std::pin::pin!(other);
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(move |context| {
        use std::task::Poll;
        if first.is_none()
            && let Poll::Ready(outcome) = one.as_mut().poll(context)
        {
            first = Some(outcome);
        }
        if second.is_none()
            && let Poll::Ready(outcome) = other.as_mut().poll(context)
        {
            second = Some(outcome);
        }
        match (first.take(), second.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            (left, right) => {
                (first, second) = (left, right);
                Poll::Pending
            }
        }
    })
    .await
}

#[wasm_bindgen_test]
async fn what_was_removed_is_not_brought_back_by_an_update() {
    let store = fresh_store().await;
    let update = |text: &str| Change::Update(OUTBOX, "o1".into(), text.into());
    store.apply(vec![update("lost")], None).await.unwrap();
    assert_eq!(store.get(OUTBOX, "o1").await.unwrap(), None);
    let changes = vec![put(OUTBOX, "o1", "one"), update("two"), put(META, "m", "x")];
    store.apply(changes, None).await.unwrap();
    assert_eq!(
        store.get(OUTBOX, "o1").await.unwrap().as_deref(),
        Some("two")
    );
    let changes = vec![Change::Delete(OUTBOX, "o1".into()), update("three")];
    store.apply(changes, None).await.unwrap();
    assert_eq!(store.get(OUTBOX, "o1").await.unwrap(), None);
    assert!(store.get(META, "m").await.unwrap().is_some());
}

#[wasm_bindgen_test]
async fn a_list_holds_the_keys_of_its_prefix_in_their_order() {
    let store = fresh_store().await;
    let changes = vec![
        put(RECORDS, "case/2", "two"),
        put(RECORDS, "comment/1", "no"),
        put(RECORDS, "case/1", "one"),
        put(RECORDS, "case", "no"),
    ];
    store.apply(changes, None).await.unwrap();
    assert_eq!(store.all(RECORDS, "case/").await.unwrap(), ["one", "two"]);
    assert_eq!(store.entries(RECORDS).await.unwrap().len(), 4);
}

#[wasm_bindgen_test]
async fn removing_a_prefix_leaves_its_neighbours() {
    let store = fresh_store().await;
    let changes = vec![
        put(META, "a/1", "x"),
        put(META, "a/2", "x"),
        put(META, "b/1", "x"),
    ];
    store.apply(changes, None).await.unwrap();
    let removal = vec![
        Change::DeleteAll(META, "a/".into()),
        Change::Delete(META, "none".into()),
    ];
    store.apply(removal, None).await.unwrap();
    let keys: Vec<String> = store
        .entries(META)
        .await
        .unwrap()
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(keys, ["b/1"]);
}

#[wasm_bindgen_test]
async fn texts_come_back_as_they_were_typed() {
    let store = fresh_store().await;
    for text in [
        "",
        "か\u{3099}𠮷👩‍👩‍👧",
        "<img src=x onerror=alert(1)>",
        "\u{0}\r\n\u{202e}",
    ] {
        store
            .apply(vec![put(META, "text", text)], None)
            .await
            .unwrap();
        assert_eq!(
            store.get(META, "text").await.unwrap().as_deref(),
            Some(text)
        );
    }
}

#[wasm_bindgen_test]
async fn nothing_is_left_of_a_removed_store() {
    let name = format!("test-{}", clock::uuid());
    let store = Store::open(&name).await.unwrap();
    store
        .apply(vec![put(META, "secret", "text")], None)
        .await
        .unwrap();
    store.remove().await.unwrap();
    let again = Store::open(&name).await.unwrap();
    assert_eq!(again.get(META, "secret").await.unwrap(), None);
    assert!(again.chunks("any").await.unwrap().is_empty());
    assert!(again.all(CHUNKS, "").await.unwrap().is_empty());
}
