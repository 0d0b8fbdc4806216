//! The runtime: what is given up goes back to where it was written, and only once.
//!
//! Nobody signs in here, so nothing is sent.

use std::rc::Rc;

use casement::browser::clock;
use casement::browser::runtime::{Runtime, put_draft};
use casement::browser::store::{Applied, AtRevision, DRAFTS, OUTBOX, Store};
use casement::core::draft::{Draft, Recovered, State, recover};
use casement::core::sync::{CaseRef, Event, Operation, What};
use serde_json::json;
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
