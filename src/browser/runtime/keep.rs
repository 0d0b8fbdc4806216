//! What changes the store: new operations, their progress, and the drafts that go with them.
//!
//! Each change is one transaction over all it concerns, and effects are kept one after the other;
//! those that stand behind each other without a draft among them share a transaction. What the
//! backend said is kept only under the fence it was asked under. An operation goes out when it is
//! kept that it does.

use std::rc::Rc;

use serde_json::Value;
use wasm_bindgen_futures::spawn_local;

use super::{Notice, Runtime};
use crate::browser::store::{
    Applied, AtRevision, Change, Condition, DRAFTS, META, OUTBOX, RECORDS,
};
use crate::browser::{clock, files};
use crate::core::draft::{Draft, Recovered, State as DraftState, recover};
use crate::core::error::Error;
use crate::core::sync::lease::{VALID, holds};
use crate::core::sync::{Answer, CaseRef, Effect, Event, Operation, Progress, What, put_behind};

/// Something to be done with the store, each when the one before it is through.
pub(super) enum Job {
    /// Keep what an effect says, under a fence unless a person in this tab wants it; and when that
    /// was decided.
    Keep(Box<Effect>, Option<u64>, i64),
    /// Take over what other tabs have stored.
    LookAround,
    /// Take over everything, and lead under a fence.
    Lead(u64),
}

/// Whether something was kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Yes,
    /// The lease is another tab's.
    FenceLost,
}

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
        let condition = Condition {
            draft: condition,
            ..Condition::default()
        };
        let events = operations.into_iter().map(Event::Queued).collect();
        let applied = self.change(changes, &condition, events).await;
        (self.notify)(Notice::Drafts);
        applied
    }

    /// Puts an operation in the place of one that is given up for it, in one transaction. Nothing
    /// is changed if the old one is gone, or may have an effect by now.
    pub async fn replace(self: &Rc<Self>, old: &str, mut by: Operation) -> Result<Applied, Error> {
        let place = {
            let state = self.state.borrow();
            let found = state.outbox.iter().find(|one| one.id == old);
            let is_free = |one: &&Operation| {
                let under_way = state.under_way.contains_key(old);
                !under_way && !matches!(one.state, Progress::Sending | Progress::Done { .. })
            };
            found.filter(is_free).map(|one| one.created_at)
        };
        let Some(place) = place else {
            return Ok(Applied::Stale);
        };
        by.created_at = place;
        let changes = vec![
            Change::Delete(OUTBOX, old.into()),
            Change::Delete(META, memory_key(old)),
            put_operation(&by),
        ];
        let condition = Condition {
            kept: Some((OUTBOX, old)),
            ..Condition::default()
        };
        let old = old.to_string();
        let events = vec![Event::Replaced { old, by }];
        self.change(changes, &condition, events).await
    }

    /// Makes changes durable, then tells the engine. Nobody reads the outbox in between.
    async fn change(
        self: &Rc<Self>,
        changes: Vec<Change>,
        condition: &Condition<'_>,
        events: Vec<Event>,
    ) -> Result<Applied, Error> {
        self.changing.set(self.changing.get() + 1);
        let applied = self.store.apply_if(changes, condition).await;
        self.changing.set(self.changing.get() - 1);
        self.changes.set(self.changes.get().wrapping_add(1));
        if applied != Ok(Applied::Yes) {
            return applied;
        }
        for event in events {
            self.handle(event);
        }
        (self.notify)(Notice::Outbox);
        self.tell_tabs();
        applied
    }

    /// Has something done with the store when all that was to be done before is through.
    pub(super) fn push(self: &Rc<Self>, job: Job) {
        let again = matches!(job, Job::LookAround)
            && matches!(self.jobs.borrow().back(), Some(Job::LookAround));
        if !again {
            self.jobs.borrow_mut().push_back(job);
        }
        if !self.keeping.replace(true) {
            let runtime = self.clone();
            spawn_local(async move { runtime.keep_all().await });
        }
    }

    /// Whether something is still to be kept, so that the store is behind what is known here.
    pub(super) fn has_to_keep(&self) -> bool {
        let jobs = self.jobs.borrow();
        jobs.iter().any(|job| matches!(job, Job::Keep(..)))
    }

    /// What was to be kept of the backend's words falls away with the lease under which they were
    /// said. What a person wants stays.
    pub(super) fn forget_what_was_told(&self) {
        self.jobs.borrow_mut().retain(|job| match job {
            Job::Keep(_, Some(_), _) | Job::Lead(_) => false,
            Job::Keep(effect, None, _) => {
                !matches!(&**effect, Effect::Forget(operation) if operation.is_done())
            }
            Job::LookAround => true,
        });
    }

    async fn keep_all(self: Rc<Self>) {
        let (mut records, mut drafts, mut anything) = (false, false, false);
        loop {
            let next = self.jobs.borrow_mut().pop_front();
            let (effect, fence, decided) = match next {
                None => break,
                Some(Job::Keep(effect, fence, decided)) => (*effect, fence, decided),
                Some(Job::LookAround) => {
                    if !self.look_around(None).await {
                        self.push(Job::LookAround);
                    }
                    continue;
                }
                Some(Job::Lead(fence)) => {
                    if !self.look_around(Some(fence)).await {
                        self.push(Job::Lead(fence));
                    }
                    continue;
                }
            };
            let batch = self.with_its_like(effect, fence);
            for effect in &batch {
                records |= matches!(effect, Effect::Acknowledge { .. });
                drafts |= moves_draft(effect);
            }
            anything = true;
            if let Err(error) = self.keep(batch, fence, decided).await {
                (self.notify)(Notice::Problem(error));
            }
        }
        self.keeping.set(false);
        if records {
            (self.notify)(Notice::Records);
        }
        if drafts {
            (self.notify)(Notice::Drafts);
        }
        if anything {
            self.tell_tabs();
        }
    }

    /// An effect and those that follow it under the same fence, as far as they fit into one
    /// transaction.
    fn with_its_like(&self, first: Effect, fence: Option<u64>) -> Vec<Effect> {
        let mut batch = vec![first];
        if batch.iter().any(moves_draft) {
            return batch;
        }
        let mut jobs = self.jobs.borrow_mut();
        while let Some(Job::Keep(next, under, _)) = jobs.front()
            && *under == fence
            && !moves_draft(next)
        {
            if let Some(Job::Keep(next, ..)) = jobs.pop_front() {
                batch.push(*next);
            }
        }
        batch
    }

    async fn keep(
        self: &Rc<Self>,
        batch: Vec<Effect>,
        fence: Option<u64>,
        decided: i64,
    ) -> Result<(), Error> {
        // A device that slept meanwhile decided about it in another time: the backend may have
        // forgotten the key since.
        let is_late = !(0..VALID).contains(&(clock::now() - decided));
        let changes = || batch.iter().flat_map(changes_of).collect::<Vec<_>>();
        let kept = match batch.as_slice() {
            [Effect::Acknowledge { operation, record }] if moves_draft(&batch[0]) => {
                self.move_to_sent(operation, record, fence, &changes).await
            }
            [Effect::Forget(operation)] if moves_draft(&batch[0]) => {
                self.move_back(operation, fence, &changes).await
            }
            _ => self
                .apply_under(fence, changes(), None)
                .await
                .map(|_| Kept::Yes),
        };
        // Without the lease nothing goes out; where only the store fails, it does all the same,
        // because text that can't be marked as sent is better sent than stuck.
        if self.fence() != fence && fence.is_some() || matches!(kept, Ok(Kept::FenceLost)) {
            return Ok(());
        }
        for effect in batch {
            match effect {
                Effect::Send { operation, .. } | Effect::Check { operation, .. } if is_late => {
                    self.handle(Event::Answered {
                        operation: operation.id,
                        answer: Answer::Stopped,
                    });
                }
                effect => self.go_out(effect),
            }
        }
        kept.map(|_| ())
    }

    /// Makes changes durable as long as the lease is held under the fence; whoever finds that it is
    /// not leads no more.
    pub(super) async fn apply_under(
        self: &Rc<Self>,
        fence: Option<u64>,
        mut changes: Vec<Change>,
        draft: Option<AtRevision<'_>>,
    ) -> Result<Applied, Error> {
        let news = self.note_news(fence, &changes).await?;
        changes.extend(news);
        let condition = Condition {
            draft,
            fence,
            ..Condition::default()
        };
        let applied = self.store.apply_if(changes, &condition).await?;
        if applied == Applied::Stale
            && let Some(fence) = fence
            && !holds(self.lease().await?.as_ref(), fence)
            && self.fence() == Some(fence)
        {
            self.step_down();
        }
        Ok(applied)
    }

    async fn move_to_sent(
        self: &Rc<Self>,
        operation: &Operation,
        record: &Value,
        fence: Option<u64>,
        with: &dyn Fn() -> Vec<Change>,
    ) -> Result<Kept, Error> {
        let What::CreateCase { draft, .. } = &operation.what else {
            return Ok(Kept::Yes);
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
        let moved = self.move_draft_under(fence, draft, &sent, with).await?;
        Ok(moved.map_or(Kept::FenceLost, |_| Kept::Yes))
    }

    /// Given up by its author: what was written goes back to where it was written. Several tabs
    /// hear of it, and by the time that the last of them does, the draft may have been put away.
    async fn move_back(
        self: &Rc<Self>,
        operation: &Operation,
        fence: Option<u64>,
        with: &dyn Fn() -> Vec<Change>,
    ) -> Result<Kept, Error> {
        let What::CreateCase { draft, .. } = &operation.what else {
            return Ok(Kept::Yes);
        };
        let open = |draft: &Draft| match &draft.state {
            DraftState::Queued { operation: by } if *by == operation.id => {
                (!operation.is_done()).then_some(DraftState::Open)
            }
            _ => None,
        };
        let moved = self.move_draft_under(fence, draft, &open, with).await?;
        Ok(moved.map_or(Kept::FenceLost, |_| Kept::Yes))
    }

    /// Makes changes durable together with a draft's next state, whatever another tab writes of
    /// the draft meanwhile. `next` decides over the draft as it is stored; without a next state
    /// only the changes are made. The draft as it is then, if there is one that can be read.
    pub async fn move_draft(
        self: &Rc<Self>,
        id: &str,
        next: &dyn Fn(&Draft) -> Option<DraftState>,
        with: &dyn Fn() -> Vec<Change>,
    ) -> Result<Option<Draft>, Error> {
        let moved = self.move_draft_under(None, id, next, with).await?;
        Ok(moved.flatten())
    }

    /// As [`Runtime::move_draft`], under a fence; nothing if it is lost.
    async fn move_draft_under(
        self: &Rc<Self>,
        fence: Option<u64>,
        id: &str,
        next: &dyn Fn(&Draft) -> Option<DraftState>,
        with: &dyn Fn() -> Vec<Change>,
    ) -> Result<Option<Option<Draft>>, Error> {
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
            if self.apply_under(fence, changes, condition).await? == Applied::Yes {
                return Ok(Some(draft));
            }
            if fence.is_some() && self.fence() != fence {
                return Ok(None);
            }
        }
    }
}

/// Whether an effect changes a draft, which can't be done without reading it first.
fn moves_draft(effect: &Effect) -> bool {
    let (Effect::Acknowledge { operation, .. } | Effect::Forget(operation)) = effect else {
        return false;
    };
    matches!(operation.what, What::CreateCase { .. })
}

/// The changes that keep an effect, but for the draft.
fn changes_of(effect: &Effect) -> Vec<Change> {
    match effect {
        // Given up in another tab meanwhile, it stays given up.
        Effect::Save(operation)
        | Effect::Send { operation, .. }
        | Effect::Check { operation, .. } => {
            let text = operation.to_json().to_string();
            vec![Change::Update(OUTBOX, operation.id.clone(), text)]
        }
        Effect::Acknowledge { operation, record } => {
            let mut changes = vec![
                put_operation(operation),
                put_record(operation.what.kind(), record),
                Change::Delete(META, memory_key(&operation.id)),
            ];
            if let What::Attach { file, .. } = &operation.what {
                changes.push(files::forget(&file.id));
            }
            changes
        }
        Effect::Forget(operation) => {
            let mut changes = vec![
                Change::Delete(OUTBOX, operation.id.clone()),
                Change::Delete(META, memory_key(&operation.id)),
            ];
            match &operation.what {
                What::Attach {
                    case: CaseRef::Known(_),
                    file,
                } if !operation.is_done() => changes.push(files::forget(&file.id)),
                _ => {}
            }
            changes
        }
        _ => Vec::new(),
    }
}

/// In [`META`]: what has to be remembered between two requests of an operation.
pub(super) fn memory_key(operation: &str) -> String {
    format!("exchange/{operation}")
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
