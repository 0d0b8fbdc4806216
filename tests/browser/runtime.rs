//! The runtime: what is given up goes back to where it was written, and only once.
//!
//! Nobody signs in here, so nothing is sent.

use std::rc::Rc;

use casement::browser::clock;
use casement::browser::runtime::{Runtime, put_draft};
use casement::browser::store::{Applied, AtRevision, Change, DRAFTS, LEASE, META, OUTBOX, Store};
use casement::core::draft::{Draft, Recovered, State, recover};
use casement::core::profile::Session;
use casement::core::sync::lease::Lease;
use casement::core::sync::{CaseRef, Event, Operation, What};
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// More looks at the store than any change needs.
const LOOKS: usize = 2_000;

async fn runtime(name: &str) -> Rc<Runtime> {
    let store = Rc::new(Store::open(name).await.unwrap());
    let quiet = |_| {};
    Runtime::start("http://127.0.0.1:9/api", name, store, quiet)
        .await
        .unwrap()
}

fn operation(id: &str, what: What) -> Operation {
    Operation::new(id.into(), "sato", 1, what)
}

/// A draft that was handed to the outbox, and the operation that is to send it.
fn queued() -> (Draft, Operation) {
    let mut draft = Draft::new("d1", "harbour", 1);
    draft.set("subject", "画面が黒い");
    draft.revision = 3;
    draft.state = State::Queued {
        operation: "o1".into(),
    };
    let what = What::CreateCase {
        draft: "d1".into(),
        title: "画面が黒い".into(),
        body: json!({ "subject": "画面が黒い" }),
    };
    (draft, operation("o1", what))
}

async fn stored(runtime: &Runtime) -> Draft {
    let text = runtime.store.get(DRAFTS, "d1").await.unwrap().unwrap();
    match recover("d1", &text) {
        Recovered::Draft(draft) => draft,
        Recovered::Text { text, .. } => panic!("{text}"),
    }
}

async fn until_forgotten(runtime: &Runtime) {
    for _ in 0..LOOKS {
        if runtime.store.get(OUTBOX, "o1").await.unwrap().is_none() {
            return;
        }
    }
    panic!("the operation is still there");
}

fn session() -> Session {
    Session {
        subject: "sato".into(),
        ..Session::default()
    }
}

fn comment() -> Operation {
    let what = What::AddComment {
        case: CaseRef::Known("c".into()),
        text: "電源を入れ直しました".into(),
    };
    operation("o1", what)
}

/// The lease of a tab of which nothing is heard any more.
fn lease(fence: u64, until: i64) -> Vec<Change> {
    let lease = Lease {
        holder: "frozen".into(),
        fence,
        until,
    };
    vec![Change::Put(META, LEASE.into(), lease.to_json().to_string())]
}

async fn stored_lease(runtime: &Runtime) -> Option<Lease> {
    let text = runtime.store.get(META, LEASE).await.unwrap()?;
    Lease::from_json(&serde_json::from_str(&text).ok()?)
}

/// Takes the account's lock for ever, as a tab does that was frozen with it.
fn hold_lock(name: &str) {
    let held = js_sys::Function::new_with_args(
        "name",
        "navigator.locks.request(name, () => new Promise(() => {}))",
    );
    held.call1(&JsValue::UNDEFINED, &name.into()).unwrap();
}

async fn until_it_leads(runtime: &Runtime) {
    for _ in 0..50 * LOOKS {
        if runtime.leads() {
            return;
        }
        runtime.store.get(META, LEASE).await.unwrap();
    }
    panic!("it never leads");
}

#[wasm_bindgen_test]
async fn fault_10_a_tab_that_was_frozen_with_the_lock_keeps_no_other_from_sending() {
    let name = format!("test-{}", clock::uuid());
    hold_lock(&name);
    let store = Store::open(&name).await.unwrap();
    let until = clock::now() + 700;
    store.apply(lease(7, until), None).await.unwrap();
    let runtime = runtime(&name).await;
    assert!(!runtime.leads(), "as long as the lease lasts");
    until_it_leads(&runtime).await;
    assert!(clock::now() >= until);
    assert_eq!(stored_lease(&runtime).await.map(|one| one.fence), Some(8));
    runtime.stop();
}

#[wasm_bindgen_test]
async fn fault_10_a_tab_that_lost_its_lease_keeps_nothing_of_what_it_is_told_then() {
    let name = format!("test-{}", clock::uuid());
    let runtime = runtime(&name).await;
    until_it_leads(&runtime).await;
    let sent = vec![comment()];
    runtime.enqueue(sent, Vec::new(), None).await.unwrap();
    // Another tab, which waits for the lock, leads and has sent it when this one wakes up.
    hold_lock(&name);
    let mut changes = lease(9, clock::now() + 30_000);
    changes.push(Change::Delete(OUTBOX, "o1".into()));
    runtime.store.apply(changes, None).await.unwrap();
    runtime.identify(Some(&session()));
    for _ in 0..LOOKS {
        if !runtime.leads() {
            break;
        }
        runtime.store.get(META, LEASE).await.unwrap();
    }
    assert!(!runtime.leads());
    for _ in 0..LOOKS {
        if runtime.outbox().is_empty() {
            break;
        }
        runtime.store.get(META, LEASE).await.unwrap();
    }
    assert_eq!(runtime.outbox(), []);
    assert_eq!(runtime.store.get(OUTBOX, "o1").await.unwrap(), None);
    assert_eq!(stored_lease(&runtime).await.map(|one| one.fence), Some(9));
    runtime.stop();
}

#[wasm_bindgen_test]
async fn of_two_tabs_one_leads_and_the_other_as_soon_as_it_is_closed() {
    let name = format!("test-{}", clock::uuid());
    let one = runtime(&name).await;
    until_it_leads(&one).await;
    let other = runtime(&name).await;
    for _ in 0..20 {
        other.store.get(META, LEASE).await.unwrap();
    }
    assert!(one.leads() && !other.leads());
    one.stop();
    until_it_leads(&other).await;
    assert_eq!(stored_lease(&other).await.map(|one| one.fence), Some(2));
    other.stop();
}

#[wasm_bindgen_test]
async fn an_operation_takes_the_place_of_another_in_one_go_or_not_at_all() {
    let name = format!("test-{}", clock::uuid());
    let runtime = runtime(&name).await;
    let made = vec![comment()];
    runtime.enqueue(made, Vec::new(), None).await.unwrap();
    let place = runtime.outbox()[0].created_at;
    let by = || Operation {
        id: "o2".into(),
        created_at: 99,
        ..comment()
    };
    let done = runtime.replace("o1", by()).await;
    assert_eq!(done.unwrap(), Applied::Yes);
    let again = runtime.replace("o1", by()).await;
    assert_eq!(again.unwrap(), Applied::Stale);
    let outbox = runtime.outbox();
    assert_eq!((outbox.len(), outbox[0].created_at), (1, place));
    assert_eq!(runtime.store.get(OUTBOX, "o1").await.unwrap(), None);
    assert!(runtime.store.get(OUTBOX, "o2").await.unwrap().is_some());
    runtime.stop();
}

#[wasm_bindgen_test]
async fn new_03_a_case_that_is_given_up_goes_back_to_its_draft_with_every_word() {
    let name = format!("test-{}", clock::uuid());
    let runtime = runtime(&name).await;
    let (draft, operation) = queued();
    let changes = vec![put_draft(&draft)];
    let done = runtime.enqueue(vec![operation], changes, None).await;
    assert_eq!(done.unwrap(), Applied::Yes);
    runtime.wish(Event::Discard("o1".into()));
    until_forgotten(&runtime).await;
    let back = stored(&runtime).await;
    assert_eq!(back.state, State::Open);
    assert!(back.says_the_same(&draft) && back.revision > draft.revision);
    runtime.stop();
}

#[wasm_bindgen_test]
async fn a_draft_put_away_after_its_case_was_given_up_is_not_brought_back_by_another_tab() {
    let name = format!("test-{}", clock::uuid());
    let one = runtime(&name).await;
    let (draft, operation) = queued();
    let changes = vec![put_draft(&draft)];
    one.enqueue(vec![operation], changes, None).await.unwrap();
    let other = runtime(&name).await;
    one.wish(Event::Discard("o1".into()));
    until_forgotten(&one).await;
    let away = State::Discarded { at: 9 };
    one.move_draft("d1", &|_| Some(away.clone()), &Vec::new)
        .await
        .unwrap();
    // Whether it has heard of it or not: to give up again what is given up moves no draft.
    other.wish(Event::Discard("o1".into()));
    for _ in 0..20 {
        assert_eq!(stored(&other).await.state, away);
    }
    one.stop();
    other.stop();
}

#[wasm_bindgen_test]
async fn a_draft_that_another_tab_has_changed_is_not_sent() {
    let name = format!("test-{}", clock::uuid());
    let runtime = runtime(&name).await;
    let (draft, operation) = queued();
    let first = vec![put_draft(&draft)];
    runtime.store.apply(first, None).await.unwrap();
    let seen = AtRevision {
        draft: "d1",
        revision: draft.revision - 1,
    };
    let mut ours = draft.clone();
    ours.set("subject", "Something else");
    let changes = vec![put_draft(&ours)];
    let done = runtime.enqueue(vec![operation], changes, Some(seen)).await;
    assert_eq!(done.unwrap(), Applied::Stale);
    assert!(runtime.outbox().is_empty());
    assert_eq!(runtime.store.get(OUTBOX, "o1").await.unwrap(), None);
    assert!(stored(&runtime).await.says_the_same(&draft));
    runtime.stop();
}

#[wasm_bindgen_test]
async fn cms_16_comments_of_one_millisecond_are_stored_in_the_order_they_were_written() {
    let name = format!("test-{}", clock::uuid());
    let runtime = runtime(&name).await;
    for id in ["z", "y", "x"] {
        let what = What::AddComment {
            case: CaseRef::Known("c".into()),
            text: id.into(),
        };
        let made = vec![operation(id, what)];
        runtime.enqueue(made, Vec::new(), None).await.unwrap();
    }
    let again = self::runtime(&name).await;
    let order: Vec<String> = again.outbox().into_iter().map(|one| one.id).collect();
    assert_eq!(order, ["z", "y", "x"]);
    runtime.stop();
    again.stop();
}
