//! The end of drafts that nobody touches: told days before, and then put among the discarded ones,
//! where they can be taken back. One whose author was never told stays.

use leptos::task::spawn_local;
use serde_json::{Value, json};

use crate::browser::clock;
use crate::browser::runtime::put_draft;
use crate::browser::store::{AtRevision, Change, META, Store};
use crate::core::draft::{Draft, State};
use crate::core::retention::{Age, age};
use crate::ui::dom::prelude::*;
use crate::ui::state::App;
use crate::ui::wiring::read_drafts;

/// In the store: when the author of each draft was told of its end.
const TOLD: &str = "drafts_told";

/// Where an open draft stands, if its author is told now at the latest.
pub fn end_of(app: App, draft: &Draft) -> Option<i64> {
    let days = app.deployment().portal.draft_days;
    let told = app.custody.told.with(|told| told.get(&draft.id)?.as_i64());
    match age(draft.updated_at, days, told, clock::now()) {
        Age::Young => None,
        Age::Ending(at) => Some(at),
        Age::Over => Some(clock::now()),
    }
}

/// Notes that the authors of these drafts have been told.
pub fn tell(app: App, drafts: &[Draft]) {
    let now = clock::now();
    let mut told = app.custody.told.get_untracked();
    let before = told.clone();
    for draft in drafts {
        if told.get(&draft.id).is_none() {
            told[&draft.id] = json!(now);
        }
    }
    if told == before {
        return;
    }
    app.custody.told.set(told.clone());
    spawn_local(async move {
        if let Some(store) = app.store() {
            let put = Change::Put(META, TOLD.into(), told.to_string());
            // Whoever is not noted as told is told again.
            let _ = store.apply(vec![put], None).await;
        }
    });
}

async fn told(store: &Store) -> Value {
    let kept = store.get(META, TOLD).await.ok().flatten();
    let read = kept.and_then(|text| serde_json::from_str(&text).ok());
    read.filter(Value::is_object).unwrap_or_else(|| json!({}))
}

/// Puts away what is over; called when an account is opened.
pub async fn end(app: App) {
    let Some(store) = app.store() else { return };
    let told = told(&store).await;
    app.custody.told.set(told.clone());
    let days = app.deployment().portal.draft_days;
    let now = clock::now();
    let mut any = false;
    for mut draft in untrack(|| app.open_drafts()) {
        let told = told.get(&draft.id).and_then(Value::as_i64);
        if age(draft.updated_at, days, told, now) != Age::Over {
            continue;
        }
        let (id, seen) = (draft.id.clone(), draft.revision);
        draft.state = State::Discarded { at: now };
        draft.revision += 1;
        let condition = AtRevision {
            draft: &id,
            revision: seen,
        };
        // Another tab that has written it has kept it.
        any |= store
            .apply(vec![put_draft(&draft)], Some(condition))
            .await
            .is_ok();
    }
    if any {
        read_drafts(app).await;
    }
}
