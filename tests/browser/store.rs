//! The store: durable, all or nothing, and never over what another tab has written.

use std::cell::Cell;
use std::rc::Rc;

use casement::browser::clock;
use casement::browser::store::{
    self, Applied, AtRevision, CHUNKS, Change, DRAFTS, META, OUTBOX, RECORDS, Store,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
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

fn global(name: &str) -> JsValue {
    js_sys::Reflect::get(&js_sys::global(), &name.into()).unwrap()
}

#[wasm_bindgen_test]
async fn fault_08_after_the_connection_dies_the_next_save_uses_a_new_one() {
    let name = format!("test-{}", clock::uuid());
    let store = Store::open(&name).await.unwrap();
    store.apply(vec![draft(1)], at(0)).await.unwrap();
    // The browser closes all connections of the database, as it does under pressure.
    let handles = js_sys::Function::new_with_args(
        "name",
        "const all = IDBDatabase.prototype;
         const plain = all.transaction;
         let closed = false;
         all.transaction = function (...given) {
           if (this.name === name && !closed) {
             closed = true;
             this.close();
             this.dispatchEvent(new Event('close'));
           }
           return plain.apply(this, given);
         };",
    );
    handles
        .call1(&JsValue::NULL, &name.as_str().into())
        .unwrap();
    assert_eq!(
        store.apply(vec![draft(2)], at(1)).await.unwrap(),
        Applied::Yes
    );
    let again = Store::open(&name).await.unwrap();
    let kept = again.get(DRAFTS, "d1").await.unwrap();
    assert_eq!(kept.as_deref(), Some(r#"{"revision":2}"#));
}

#[wasm_bindgen_test]
async fn fault_30_an_account_that_is_removed_does_not_come_back_in_another_tab() {
    let name = format!("test-{}", clock::uuid());
    let store = Store::open(&name).await.unwrap();
    store.apply(vec![draft(1)], at(0)).await.unwrap();
    // It holds a connection, which it gives up when it is asked to.
    Store::wipe(&name).await.unwrap();
    let refused = store.apply(vec![draft(2)], at(1)).await;
    assert!(refused.is_err(), "an account that was removed comes back");
    assert!(Store::names(&name).await.is_empty());
}

#[wasm_bindgen_test]
async fn fault_08_a_page_that_is_put_away_leaves_nothing_under_way_and_goes_on_later() {
    let name = format!("test-{}", clock::uuid());
    let store = Rc::new(Store::open(&name).await.unwrap());
    store.apply(vec![draft(1)], at(0)).await.unwrap();
    let done = Rc::new(Cell::new(false));
    let (theirs, after) = (store.clone(), done.clone());
    spawn_local(async move {
        let applied = theirs.apply(vec![draft(2)], at(1)).await;
        after.set(applied == Ok(Applied::Yes));
    });
    // It has begun, and is in the middle of it.
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::resolve(&JsValue::NULL))
        .await
        .unwrap();
    store::rest();
    // Another page, which does not sleep, can write.
    let write = js_sys::Function::new_with_args(
        "name",
        "return new Promise((done) => {
           indexedDB.open(name).onsuccess = ({ target: { result } }) => {
             const change = result.transaction('meta', 'readwrite');
             change.objectStore('meta').put('words', 'elsewhere');
             change.oncomplete = () => { result.close(); done(); };
           };
         });",
    );
    let written = write.call1(&JsValue::NULL, &name.as_str().into()).unwrap();
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(written))
        .await
        .unwrap();
    assert!(!done.get(), "it was done while the page slept");
    store::go_on();
    assert_eq!(
        store.get(META, "elsewhere").await.unwrap().as_deref(),
        Some("words")
    );
    while !done.get() {
        store.get(META, "elsewhere").await.unwrap();
    }
    let kept = store.get(DRAFTS, "d1").await.unwrap();
    assert_eq!(kept.as_deref(), Some(r#"{"revision":2}"#));
}

#[wasm_bindgen_test]
async fn fault_06_a_database_that_does_not_answer_is_given_up() {
    let name = format!("test-{}", clock::uuid());
    // A deletion that waits for a connection which is never closed keeps the database shut.
    let hold = js_sys::Function::new_with_args(
        "name",
        "return new Promise((done) => {
           const request = indexedDB.open(name, 1);
           request.onsuccess = () => {
             window.heldOpen = request.result;
             indexedDB.deleteDatabase(name);
             done();
           };
         });",
    );
    let held = hold.call1(&JsValue::NULL, &name.as_str().into()).unwrap();
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(held))
        .await
        .unwrap();
    assert!(Store::open(&name).await.is_err());
    let close = js_sys::Function::new_no_args("window.heldOpen.close();");
    close.call0(&JsValue::NULL).unwrap();
    // What came too late is not in the way.
    while Store::open(&name).await.is_err() {}
}

#[wasm_bindgen_test]
async fn fault_06_a_store_in_memory_has_the_rules_of_the_database() {
    let store = Store::in_memory("test");
    assert!(!store.is_durable());
    store.apply(vec![draft(5)], at(0)).await.unwrap();
    let stale = vec![draft(4), put(OUTBOX, "o1", "{}")];
    assert_eq!(store.apply(stale, at(3)).await.unwrap(), Applied::Stale);
    assert_eq!(store.get(OUTBOX, "o1").await.unwrap(), None);
    let changes = vec![
        put(RECORDS, "case/2", "two"),
        put(RECORDS, "comment/1", "no"),
        put(RECORDS, "case/1", "one"),
        Change::Update(RECORDS, "none".into(), "no".into()),
        Change::PutBytes(
            "f/00000000".into(),
            js_sys::Uint8Array::new_with_length(3).into(),
        ),
        Change::PutBytes(
            "g/00000000".into(),
            js_sys::Uint8Array::new_with_length(1).into(),
        ),
    ];
    store.apply(changes, None).await.unwrap();
    assert_eq!(store.all(RECORDS, "case/").await.unwrap(), ["one", "two"]);
    assert_eq!(store.entries(RECORDS).await.unwrap().len(), 3);
    assert_eq!(store.chunks("f").await.unwrap().len(), 1);
    let removal = vec![Change::DeleteAll(CHUNKS, "f/".into())];
    store.apply(removal, None).await.unwrap();
    assert!(store.chunks("f").await.unwrap().is_empty());
    let other = fresh_store().await;
    store.pour_into(&other).await.unwrap();
    assert!(other.get(DRAFTS, "d1").await.unwrap().is_some());
    assert_eq!(other.chunks("g").await.unwrap().len(), 1);
}

#[wasm_bindgen_test]
async fn fault_03_a_text_takes_the_room_of_the_ballast_when_there_is_no_other() {
    let name = format!("test-{}", clock::uuid());
    let store = Store::open(&name).await.unwrap();
    let bytes = js_sys::Uint8Array::new_with_length(10);
    let file = Change::PutBytes("f/00000000".into(), bytes.into());
    store.apply(vec![file], None).await.unwrap();
    assert!(
        store
            .keys(CHUNKS)
            .await
            .unwrap()
            .contains(&"ballast".into())
    );
    // From here on the database refuses every value as long as the ballast is there.
    let full = js_sys::Function::new_with_args(
        "name",
        "const all = IDBObjectStore.prototype;
         const [put, remove] = [all.put, all.delete];
         window.isFull = true;
         all.delete = function (key) {
           if (key === 'ballast') window.isFull = false;
           return remove.call(this, key);
         };
         all.put = function (...given) {
           if (this.transaction.db.name === name && window.isFull) {
             throw new DOMException('full', 'QuotaExceededError');
           }
           return put.apply(this, given);
         };",
    );
    full.call1(&JsValue::NULL, &name.as_str().into()).unwrap();
    let bytes = js_sys::Uint8Array::new_with_length(10);
    let file = Change::PutBytes("f/00000001".into(), bytes.into());
    assert!(store.apply(vec![file], None).await.is_err(), "a file waits");
    assert_eq!(
        store.apply(vec![draft(1)], at(0)).await.unwrap(),
        Applied::Yes
    );
    assert_eq!(global("isFull"), JsValue::FALSE);
    assert!(
        !store
            .keys(CHUNKS)
            .await
            .unwrap()
            .contains(&"ballast".into())
    );
}

#[wasm_bindgen_test]
async fn fault_05_a_database_that_was_lost_is_not_taken_for_an_empty_one() {
    let name = format!("test-{}", clock::uuid());
    let store = Store::open(&name).await.unwrap();
    assert!(!store.was_lost().await.unwrap(), "it is new");
    assert!(!store.was_lost().await.unwrap(), "it has begun");
    store.close();
    // Only the database goes, as when the browser clears it away.
    let script = js_sys::Function::new_with_args(
        "name",
        "return new Promise((done) => {
           indexedDB.deleteDatabase(name).onsuccess = () => done();
         });",
    );
    let gone = script.call1(&JsValue::NULL, &name.as_str().into()).unwrap();
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(gone))
        .await
        .unwrap();
    let again = Store::open(&name).await.unwrap();
    assert!(again.was_lost().await.unwrap());
    assert!(!again.was_lost().await.unwrap(), "it is told once");
    again.remove().await.unwrap();
    let fresh = Store::open(&name).await.unwrap();
    assert!(
        !fresh.was_lost().await.unwrap(),
        "it was removed on purpose"
    );
}

/// All that a database holds, as text.
async fn raw(name: &str) -> String {
    let script = js_sys::Function::new_with_args(
        "name",
        "return new Promise((done) => {
           const request = indexedDB.open(name);
           request.onsuccess = async () => {
             const database = request.result;
             const found = [];
             for (const kind of database.objectStoreNames) {
               const all = database.transaction(kind).objectStore(kind).getAll();
               await new Promise((next) => (all.onsuccess = next));
               for (const value of all.result) {
                 found.push(value instanceof Uint8Array
                   ? new TextDecoder('latin1').decode(value) : JSON.stringify(value));
               }
             }
             database.close();
             done(found.join('\\n'));
           };
         });",
    );
    let found = script.call1(&JsValue::NULL, &name.into()).unwrap();
    let found = wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(found)).await;
    found.unwrap().as_string().unwrap()
}

#[wasm_bindgen_test]
async fn what_is_locked_can_be_read_with_the_passphrase_alone() {
    let name = format!("test-{}", clock::uuid());
    let store = Store::open(&name).await.unwrap();
    let bytes = js_sys::Uint8Array::from("harbour wall".as_bytes());
    let piece = Change::PutBytes("f/00000000".into(), bytes.into());
    let before = vec![put(META, "words", "harbour crane"), piece];
    store.apply(before, None).await.unwrap();
    store.seal("correct horse battery").await.unwrap();
    let text = r#"{"revision":1,"words":"harbour light"}"#;
    let change = vec![put(DRAFTS, "d1", text)];
    assert_eq!(store.apply(change, at(0)).await.unwrap(), Applied::Yes);
    assert!(!raw(&name).await.contains("harbour"));
    drop(store);

    let store = Store::open(&name).await.unwrap();
    assert!(store.is_sealed() && store.is_locked());
    assert!(store.get(DRAFTS, "d1").await.is_err());
    assert!(!store.unlock("correct horse").await.unwrap());
    assert!(store.unlock("correct horse battery").await.unwrap());
    assert_eq!(
        store.get(DRAFTS, "d1").await.unwrap().as_deref(),
        Some(text)
    );
    let all = store.all(META, "words").await.unwrap();
    assert_eq!(all, ["harbour crane"]);
    let pieces = store.chunks("f").await.unwrap();
    assert_eq!(
        js_sys::Uint8Array::new(&pieces[0]).to_vec(),
        b"harbour wall"
    );
    assert_eq!(
        store.apply(vec![draft(9)], at(8)).await.unwrap(),
        Applied::Stale
    );
    assert_eq!(
        store.apply(vec![draft(2)], at(1)).await.unwrap(),
        Applied::Yes
    );

    assert!(
        !store
            .change_passphrase("wrong", "another passphrase")
            .await
            .unwrap()
    );
    let changed = store.change_passphrase("correct horse battery", "another passphrase");
    assert!(changed.await.unwrap());
    store.lock();
    assert!(store.get(DRAFTS, "d1").await.is_err());
    assert!(!store.unlock("correct horse battery").await.unwrap());
    assert!(store.unlock("another passphrase").await.unwrap());
    assert!(store.get(DRAFTS, "d1").await.unwrap().is_some());
}

#[wasm_bindgen_test]
async fn a_locked_value_is_good_in_its_own_place_only() {
    let name = format!("test-{}", clock::uuid());
    let store = Store::open(&name).await.unwrap();
    store.seal("correct horse battery").await.unwrap();
    let changes = vec![put(META, "one", "first"), put(META, "two", "second")];
    store.apply(changes, None).await.unwrap();
    let swap = js_sys::Function::new_with_args(
        "name",
        "return new Promise((done) => {
           const request = indexedDB.open(name);
           request.onsuccess = () => {
             const change = request.result.transaction('meta', 'readwrite');
             const store = change.objectStore('meta');
             store.get('two').onsuccess = (event) => store.put(event.target.result, 'one');
             change.oncomplete = () => { request.result.close(); done(); };
           };
         });",
    );
    let swapped = swap.call1(&JsValue::NULL, &name.as_str().into()).unwrap();
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(swapped))
        .await
        .unwrap();
    assert!(store.get(META, "one").await.is_err());
    assert_eq!(
        store.get(META, "two").await.unwrap().as_deref(),
        Some("second")
    );
}
