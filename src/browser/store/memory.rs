//! What is kept where nothing can be kept: in this tab, until it is closed. It has the rules of the
//! database (all or nothing, revisions, order of keys) without its promise.

use std::cell::RefCell;
use std::collections::BTreeMap;

use wasm_bindgen::JsValue;

use super::{Applied, CHUNKS, Change, Condition, DRAFTS, LEASE, META, STORES, revision_of};

/// Texts and bytes by kind and key.
#[derive(Default)]
pub(super) struct Memory {
    texts: RefCell<BTreeMap<(&'static str, String), String>>,
    chunks: RefCell<BTreeMap<String, JsValue>>,
}

impl Memory {
    pub(super) fn apply(&self, changes: &[Change], condition: &Condition<'_>) -> Applied {
        if !self.holds(condition) {
            return Applied::Stale;
        }
        changes.iter().for_each(|change| self.enqueue(change));
        Applied::Yes
    }

    fn holds(&self, condition: &Condition<'_>) -> bool {
        let at_revision = condition.draft.is_none_or(|seen| {
            let stored = self.get(DRAFTS, seen.draft);
            stored.map_or(0, |text| revision_of(&text)) == seen.revision
        });
        let lease = self.get(META, LEASE);
        let is_kept = condition
            .kept
            .is_none_or(|(kind, key)| self.get(kind, key).is_some());
        at_revision && condition.holds_for(lease.as_deref()) && is_kept
    }

    fn enqueue(&self, change: &Change) {
        let mut texts = self.texts.borrow_mut();
        let mut chunks = self.chunks.borrow_mut();
        match change {
            Change::Put(kind, key, text) => {
                texts.insert((*kind, key.clone()), text.clone());
            }
            Change::Update(kind, key, text) => {
                if let Some(kept) = texts.get_mut(&(*kind, key.clone())) {
                    *kept = text.clone();
                }
            }
            Change::PutBytes(key, bytes) => {
                chunks.insert(key.clone(), bytes.clone());
            }
            Change::Delete(CHUNKS, key) => {
                chunks.remove(key);
            }
            Change::Delete(kind, key) => {
                texts.remove(&(*kind, key.clone()));
            }
            Change::DeleteAll(CHUNKS, prefix) => {
                chunks.retain(|key, _| !key.starts_with(prefix.as_str()));
            }
            Change::DeleteAll(kind, prefix) => {
                texts.retain(|(of, key), _| of != kind || !key.starts_with(prefix.as_str()));
            }
        }
    }

    pub(super) fn get(&self, kind: &str, key: &str) -> Option<String> {
        let kind = STORES.into_iter().find(|one| *one == kind)?;
        self.texts.borrow().get(&(kind, key.into())).cloned()
    }

    pub(super) fn pairs(&self, kind: &str, prefix: &str) -> Vec<(String, String)> {
        let texts = self.texts.borrow();
        let found = texts
            .iter()
            .filter(|((of, key), _)| *of == kind && key.starts_with(prefix));
        found
            .map(|((_, key), text)| (key.clone(), text.clone()))
            .collect()
    }

    pub(super) fn keys(&self, kind: &str) -> Vec<String> {
        match kind {
            CHUNKS => self.chunks.borrow().keys().cloned().collect(),
            _ => self
                .pairs(kind, "")
                .into_iter()
                .map(|(key, _)| key)
                .collect(),
        }
    }

    pub(super) fn chunks(&self, prefix: &str) -> Vec<(String, JsValue)> {
        let chunks = self.chunks.borrow();
        let found = chunks.iter().filter(|(key, _)| key.starts_with(prefix));
        found
            .map(|(key, bytes)| (key.clone(), bytes.clone()))
            .collect()
    }

    pub(super) fn clear(&self) {
        self.texts.borrow_mut().clear();
        self.chunks.borrow_mut().clear();
    }
}
