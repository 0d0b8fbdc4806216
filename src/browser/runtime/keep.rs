//! What changes the store: new operations, their progress, and the drafts that go with them.
//!
//! Each change is one transaction over all it concerns, and effects are kept one after the other.

use std::rc::Rc;

use serde_json::Value;

use super::{Notice, Runtime};
use crate::browser::files;
use crate::browser::store::{Applied, AtRevision, Change, DRAFTS, OUTBOX, RECORDS};
use crate::core::draft::{Draft, Recovered, State as DraftState, recover};
use crate::core::error::Error;
use crate::core::sync::{CaseRef, Effect, Event, Operation, What, put_behind};

impl Runtime {
    /// Makes changes durable together with operations, then lets the operations go; neither if the
    /// condition no longer holds, as when another tab has sent the same draft.
    pub async fn enqueue(
        self: &Rc<Self>,
        mut operations: Vec<Operation>,
        mut changes: Vec<Change>,
        condition: Option<AtRevision<'_>>,
    ) -> Result<Applied, Error> {
        for operation in &mut operations {
            put_behind(&self.state.borrow(), self.last_made.get(), operation);
            self.last_made.set(operation.created_at);
        }
        changes.extend(operations.iter().map(put_operation));
        if self.store.apply(changes, condition).await? == Applied::Stale {
            return Ok(Applied::Stale);
        }
        for operation in operations {
            self.handle(Event::Queued(operation));
        }
        (self.notify)(Notice::Outbox);
        (self.notify)(Notice::Drafts);
        self.tell_tabs();
        Ok(Applied::Yes)
    }

    fn report(&self, kept: Result<(), Error>) {
        if let Err(error) = kept {
            (self.notify)(Notice::Problem(error));
        }
    }

    pub(super) async fn keep_all(self: Rc<Self>) {
        loop {
            let next = self.to_keep.borrow_mut().pop_front();
            let Some(effect) = next else { break };
            let kept = match effect {
                Effect::Save(operation) => {
                    // Given up in another tab meanwhile, it stays given up.
                    let text = operation.to_json().to_string();
                    let changes = vec![Change::Update(OUTBOX, operation.id, text)];
                    self.store.apply(changes, None).await.map(|_| ())
                }
                Effect::Acknowledge { operation, record } => {
                    self.acknowledge(operation, record).await
                }
                Effect::Forget(operation) => self.forget(operation).await,
                _ => Ok(()),
            };
            self.report(kept);
        }
        self.keeping.set(false);
        (self.notify)(Notice::Records);
        (self.notify)(Notice::Drafts);
        self.tell_tabs();
    }

    async fn acknowledge(&self, operation: Operation, record: Value) -> Result<(), Error> {
        let with = || {
            let mut changes = vec![put_operation(&operation)];
            changes.push(put_record(operation.what.kind(), &record));
            if let What::Attach { file, .. } = &operation.what {
                changes.push(files::forget(&file.id));
            }
            changes
        };
        let What::CreateCase { draft, .. } = &operation.what else {
            return self.store.apply(with(), None).await.map(|_| ());
        };
        let text = |key: &str| {
            let text = record.get(key).and_then(Value::as_str);
            text.unwrap_or("").to_string()
        };
        let sent = |_: &Draft| {
            Some(DraftState::Sent {
                case: text("id"),
                number: text("number"),
            })
        };
        self.move_draft(draft, &sent, &with).await.map(|_| ())
    }

    async fn forget(&self, operation: Operation) -> Result<(), Error> {
        let with = || {
            let mut changes = vec![Change::Delete(OUTBOX, operation.id.clone())];
            match &operation.what {
                What::Attach {
                    case: CaseRef::Known(_),
                    file,
                } if !operation.is_done() => changes.push(files::forget(&file.id)),
                _ => {}
            }
            changes
        };
        let What::CreateCase { draft, .. } = &operation.what else {
            return self.store.apply(with(), None).await.map(|_| ());
        };
        // Given up by its author: what was written goes back to where it was written. Several tabs
        // hear of it, and by the time that the last of them does, the draft may have been put away.
        let open = |draft: &Draft| match &draft.state {
            DraftState::Queued { operation: by } if *by == operation.id => {
                (!operation.is_done()).then_some(DraftState::Open)
            }
            _ => None,
        };
        self.move_draft(draft, &open, &with).await.map(|_| ())
    }

    /// Makes changes durable together with a draft's next state, whatever another tab writes of
    /// the draft meanwhile. `next` decides over the draft as it is stored; without a next state
    /// only the changes are made. The draft as it is then, if there is one that can be read.
    pub async fn move_draft(
        &self,
        id: &str,
        next: &dyn Fn(&Draft) -> Option<DraftState>,
        with: &dyn Fn() -> Vec<Change>,
    ) -> Result<Option<Draft>, Error> {
        loop {
            let stored = self.store.get(DRAFTS, id).await?;
            let mut draft = match stored.map(|text| recover(id, &text)) {
                Some(Recovered::Draft(draft)) => Some(draft),
                _ => None,
            };
            let mut changes = with();
            let seen = draft.as_ref().map_or(0, |draft| draft.revision);
            let mut condition = None;
            if let Some(draft) = &mut draft
                && let Some(state) = next(draft)
            {
                draft.state = state;
                draft.revision += 1;
                changes.push(put_draft(draft));
                condition = Some(AtRevision {
                    draft: id,
                    revision: seen,
                });
            }
            if self.store.apply(changes, condition).await? == Applied::Yes {
                return Ok(draft);
            }
        }
    }
}

/// The change that keeps an operation.
pub fn put_operation(operation: &Operation) -> Change {
    Change::Put(
        OUTBOX,
        operation.id.clone(),
        operation.to_json().to_string(),
    )
}

/// The change that keeps a draft.
pub fn put_draft(draft: &Draft) -> Change {
    Change::Put(DRAFTS, draft.id.clone(), draft.to_json().to_string())
}

fn put_record(kind: &str, record: &Value) -> Change {
    let id = record.get("id").and_then(Value::as_str).unwrap_or("");
    Change::Put(RECORDS, format!("{kind}/{id}"), record.to_string())
}
