//! The one interpreter of [`crate::core::sync`]'s effects, for one account.
//!
//! It feeds the engine with what happens (answers, network, other tabs, time), performs what the
//! engine wants, and calls back when what is kept has changed; whoever listens reads the store
//! again. Among several tabs the one that holds a lock sends and pulls; the others keep what was
//! done in them just as durably and tell it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use js_sys::{Function, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::page::{Channel, Listener, listen, online};
use super::store::{
    Applied, AtRevision, CUSTOMERS_AT, Change, DRAFTS, META, OUTBOX, RECORDS, Store,
};
use super::{clock, files, http};
use crate::core::draft::{Draft, Recovered, State as DraftState, recover};
use crate::core::error::Error;
use crate::core::profile::{self, Body, Request, Session};
use crate::core::sync::{
    Answer, CaseRef, Effect, Event, Moment, Operation, Progress, Pulled, State, What, put_behind,
    step,
};

/// Milliseconds between two notices while there is more to come.
const PATIENCE: i64 = 1_000;

/// What a listener is told.
#[derive(Clone, Debug)]
pub enum Notice {
    /// Records were changed by the backend.
    Records,
    /// Drafts were changed, here or in another tab.
    Drafts,
    /// The outbox, or how far it is, changed.
    Outbox,
    /// The sign-in has ended.
    AskSignIn,
    /// Something could not be kept.
    Problem(Error),
}

/// Runs one account.
pub struct Runtime {
    /// What this device keeps for the account.
    pub store: Rc<Store>,
    base: String,
    csrf: RefCell<String>,
    state: RefCell<State>,
    leads: Cell<bool>,
    notify: Box<dyn Fn(Notice)>,
    channel: RefCell<Option<Channel>>,
    listeners: RefCell<Vec<Listener>>,
    timer: Cell<Option<i32>>,
    on_timer: RefCell<Option<Closure<dyn FnMut()>>>,
    release: RefCell<Option<Function>>,
    stopped: Cell<bool>,
    /// What is still to be kept, in order, and whether somebody is at it.
    to_keep: RefCell<VecDeque<Effect>>,
    keeping: Cell<bool>,
    /// When the last operation was made here, so that none is made before it.
    last_made: Cell<i64>,
    /// Whether records came that nobody was told of, and when somebody last was.
    untold: Cell<bool>,
    told_at: Cell<i64>,
}

/// The name of the database of an account: the backend's opaque id of issuer, person and tenant.
pub fn database_name(subject: &str) -> String {
    format!("casement-{}", crate::core::route::encode(subject))
}

impl Runtime {
    /// Starts for the account whose database has this name; nothing is sent before
    /// [`Runtime::identify`].
    pub async fn start(
        base: &str,
        name: &str,
        store: Rc<Store>,
        notify: impl Fn(Notice) + 'static,
    ) -> Result<Rc<Runtime>, Error> {
        let runtime = Rc::new(Runtime {
            store,
            base: base.into(),
            csrf: RefCell::default(),
            state: RefCell::default(),
            leads: Cell::new(false),
            notify: Box::new(notify),
            channel: RefCell::default(),
            listeners: RefCell::default(),
            timer: Cell::default(),
            on_timer: RefCell::default(),
            release: RefCell::default(),
            stopped: Cell::new(false),
            to_keep: RefCell::default(),
            keeping: Cell::new(false),
            last_made: Cell::new(0),
            untold: Cell::new(false),
            told_at: Cell::new(0),
        });
        let outbox = runtime.stored_outbox().await?;
        let cursor = runtime.store.get(META, "cursor").await?;
        runtime.handle(Event::Opened { outbox, cursor });
        runtime.hear_other_tabs(name);
        runtime.watch_network();
        runtime.lead_when_alone(name);
        Ok(runtime)
    }

    /// Tells who is signed in, so that sending may begin; nobody ends it.
    pub fn identify(self: &Rc<Self>, session: Option<&Session>) {
        *self.csrf.borrow_mut() = session.map(|one| one.csrf.clone()).unwrap_or_default();
        self.handle(Event::Identity(session.map(|one| one.subject.clone())));
    }

    /// Stops for good: nothing is sent or heard any more.
    pub fn stop(&self) {
        self.stopped.set(true);
        self.listeners.borrow_mut().clear();
        self.channel.replace(None);
        self.clear_timer();
        if let Some(release) = self.release.take() {
            // Giving the lock back lets another tab take over at once.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }

    /// The outbox as it stands, oldest first.
    pub fn outbox(&self) -> Vec<Operation> {
        self.state.borrow().outbox.clone()
    }

    /// Whether changes have been read up to the end at least once.
    pub fn has_pulled(&self) -> bool {
        self.state.borrow().cursor.is_some()
    }

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

    /// Tells the engine what a person wants of an operation.
    pub fn wish(self: &Rc<Self>, event: Event) {
        self.handle(event);
    }

    /// Tells other tabs that something kept has changed.
    pub fn tell_tabs(&self) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.say("changed");
        }
    }

    fn handle(self: &Rc<Self>, event: Event) {
        if self.stopped.get() {
            return;
        }
        let moment = Moment {
            now: clock::now(),
            dice: clock::dice(),
        };
        let before = self.state.take();
        let outbox_before = before.outbox.clone();
        let (after, effects) = step(before, moment, event);
        let outbox_changed = after.outbox != outbox_before;
        *self.state.borrow_mut() = after;
        for effect in effects {
            self.perform(effect);
        }
        if outbox_changed {
            (self.notify)(Notice::Outbox);
        }
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Send { operation, case } => {
                let runtime = self.clone();
                spawn_local(async move {
                    let answer = runtime.send(&operation, case.as_deref()).await;
                    runtime.handle(Event::Answered {
                        operation: operation.id,
                        answer,
                    });
                });
            }
            // What changes the store is done one after the other: a later change may rest on an
            // earlier one, and a crash between them must leave the earlier.
            Effect::Save(_) | Effect::Acknowledge { .. } | Effect::Forget(_) => {
                self.to_keep.borrow_mut().push_back(effect);
                if !self.keeping.replace(true) {
                    let runtime = self.clone();
                    spawn_local(async move { runtime.keep_all().await });
                }
            }
            Effect::Pull(cursor) => {
                let runtime = self.clone();
                spawn_local(async move {
                    let pulled = runtime.pull(cursor).await;
                    runtime.handle(Event::Pulled(pulled));
                });
            }
            Effect::AskSignIn => (self.notify)(Notice::AskSignIn),
            Effect::WakeAt(at) => self.wake_at(at),
        }
    }

    fn report(&self, kept: Result<(), Error>) {
        if let Err(error) = kept {
            (self.notify)(Notice::Problem(error));
        }
    }

    async fn keep_all(self: Rc<Self>) {
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

    async fn send(&self, operation: &Operation, case: Option<&str>) -> Answer {
        let request = profile::request(operation, case.unwrap_or(""));
        let file = match &operation.what {
            What::Attach { file, .. } => {
                match files::assemble(&self.store, &file.id, file.size).await {
                    Ok(Some(blob)) => Some(blob),
                    Ok(None) => {
                        return Answer::Refused {
                            code: "file_gone".into(),
                            detail: file.name.clone(),
                        };
                    }
                    Err(error) => {
                        (self.notify)(Notice::Problem(error));
                        return Answer::Later(None);
                    }
                }
            }
            _ => None,
        };
        let csrf = self.csrf.borrow().clone();
        let reply = http::send(&self.base, &csrf, &request, file).await;
        let asked = profile::retry_after(reply.retry_after.as_deref(), clock::now());
        profile::answer(reply.status, asked, &reply.body)
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

    async fn pull(&self, cursor: Option<String>) -> Pulled {
        let request = Request {
            method: "GET",
            path: profile::changes_path(cursor.as_deref()),
            headers: Vec::new(),
            body: Body::None,
        };
        let reply = http::send(&self.base, "", &request, None).await;
        let asked = profile::retry_after(reply.retry_after.as_deref(), clock::now());
        let (found, pulled) = profile::changes(reply.status, asked, &reply.body);
        let Pulled::Until { cursor: next, more } = &pulled else {
            self.tell_of_records();
            return pulled;
        };
        let mut changes = Vec::new();
        if cursor.is_none() {
            // From the start: what is not in the answer any more must not stay.
            changes.push(Change::DeleteAll(RECORDS, String::new()));
        }
        let any = !found.is_empty() || cursor.is_none();
        let now = clock::now();
        if cursor.is_none() || found.iter().any(|change| change.kind == "customer") {
            let stamp = format!("{now} {next}");
            changes.push(Change::Put(META, CUSTOMERS_AT.into(), stamp));
        }
        for change in found {
            let key = format!("{}/{}", change.kind, change.id);
            changes.push(match change.record {
                Some(record) => Change::Put(RECORDS, key, record.to_string()),
                None => Change::Delete(RECORDS, key),
            });
        }
        changes.push(Change::Put(META, "cursor".into(), next.clone()));
        changes.push(Change::Put(META, "pulled_at".into(), now.to_string()));
        match self.store.apply(changes, None).await {
            Ok(_) => {
                self.untold.set(self.untold.get() || any);
                // A long first look comes in many pieces, and reading them all again for each
                // would make it much longer.
                if !more || self.told_at.get() + PATIENCE <= now {
                    self.tell_of_records();
                }
                pulled
            }
            Err(error) => {
                (self.notify)(Notice::Problem(error));
                Pulled::Later(None)
            }
        }
    }

    fn tell_of_records(&self) {
        if self.untold.replace(false) {
            self.told_at.set(clock::now());
            (self.notify)(Notice::Records);
            self.tell_tabs();
        }
    }

    async fn stored_outbox(&self) -> Result<Vec<Operation>, Error> {
        let stored = self.store.all(OUTBOX, "").await?;
        let read = |text: &String| Operation::from_json(&serde_json::from_str(text).ok()?);
        Ok(stored.iter().filter_map(read).collect())
    }

    fn hear_other_tabs(self: &Rc<Self>, name: &str) {
        let weak = Rc::downgrade(self);
        let channel = Channel::open(name, move |_| {
            if let Some(runtime) = weak.upgrade() {
                spawn_local(async move { runtime.reconcile().await });
            }
        });
        *self.channel.borrow_mut() = channel;
    }

    /// Takes over what another tab has stored.
    async fn reconcile(self: Rc<Self>) {
        let stored = match self.stored_outbox().await {
            Ok(stored) => stored,
            Err(error) => return (self.notify)(Notice::Problem(error)),
        };
        if self.leads.get() {
            let known = self.outbox();
            for operation in &known {
                match stored.iter().find(|one| one.id == operation.id) {
                    None => self.handle(Event::Discard(operation.id.clone())),
                    Some(one) if one.state == Progress::Waiting => {
                        if matches!(operation.state, Progress::NeedsYou { .. }) {
                            self.handle(Event::Retry(operation.id.clone()));
                        }
                    }
                    Some(_) => {}
                }
            }
            for operation in stored {
                self.handle(Event::Queued(operation));
            }
        } else {
            let cursor = self.store.get(META, "cursor").await.ok().flatten();
            self.state.borrow_mut().outbox.clear();
            self.handle(Event::Opened {
                outbox: stored,
                cursor,
            });
        }
        for notice in [Notice::Outbox, Notice::Drafts, Notice::Records] {
            (self.notify)(notice);
        }
    }

    fn watch_network(self: &Rc<Self>) {
        let Some(window) = web_sys::window() else {
            return;
        };
        let watch = |event: &'static str| {
            let weak = Rc::downgrade(self);
            listen(&window, event, move |_| {
                if let Some(runtime) = weak.upgrade() {
                    runtime.network();
                }
            })
        };
        let weak = Rc::downgrade(self);
        let looked_at = listen(&window, "focus", move |_| {
            if let Some(runtime) = weak.upgrade() {
                runtime.handle(Event::Refresh);
            }
        });
        *self.listeners.borrow_mut() = vec![watch("online"), watch("offline"), looked_at];
    }

    fn network(self: &Rc<Self>) {
        self.handle(Event::Network(online() && self.leads.get()));
    }

    fn lead(self: &Rc<Self>) {
        self.leads.set(true);
        let runtime = self.clone();
        spawn_local(async move {
            runtime.clone().reconcile().await;
            runtime.network();
        });
    }

    /// Leads the tabs of this account once no other does. The lock lasts as long as the promise
    /// that its callback returns, and the browser gives it back when the tab dies.
    fn lead_when_alone(self: &Rc<Self>, name: &str) {
        let Some(locks) = locks() else {
            return self.lead();
        };
        let weak: Weak<Runtime> = Rc::downgrade(self);
        let granted = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
            let Some(runtime) = weak.upgrade() else {
                return JsValue::UNDEFINED;
            };
            runtime.lead();
            Promise::new(&mut |release, _| {
                runtime.release.replace(Some(release));
            })
            .into()
        });
        let requested = locks.request.call2(&locks.manager, &name.into(), &granted);
        if requested.is_err() {
            self.lead();
        }
    }

    fn wake_at(self: &Rc<Self>, at: i64) {
        self.clear_timer();
        let delay = (at - clock::now()).clamp(0, 60_000) as i32;
        let weak = Rc::downgrade(self);
        let closure = Closure::once(move || {
            if let Some(runtime) = weak.upgrade() {
                runtime.timer.set(None);
                runtime.handle(Event::Tick);
            }
        });
        if let Some(window) = web_sys::window() {
            let timer = window.set_timeout_with_callback_and_timeout_and_arguments_0(
                closure.as_ref().unchecked_ref(),
                delay,
            );
            self.timer.set(timer.ok());
        }
        self.on_timer.replace(Some(closure));
    }

    fn clear_timer(&self) {
        if let (Some(timer), Some(window)) = (self.timer.take(), web_sys::window()) {
            window.clear_timeout_with_handle(timer);
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

struct Locks {
    manager: JsValue,
    request: Function,
}

/// The lock manager, by reflection because web-sys counts it as unstable; it is missing outside
/// secure contexts.
fn locks() -> Option<Locks> {
    let navigator = web_sys::window()?.navigator();
    let manager = Reflect::get(&navigator, &"locks".into()).ok()?;
    let request = Reflect::get(&manager, &"request".into())
        .ok()?
        .dyn_into::<Function>()
        .ok()?;
    Some(Locks { manager, request })
}

/// Asks who is signed in.
pub async fn session(base: &str) -> Result<Session, Error> {
    let reply = http::send(base, "", &session_request("GET", Body::None), None).await;
    read_session(reply)
}

/// Signs in.
pub async fn sign_in(base: &str, login: &str, password: &str) -> Result<Session, Error> {
    let body = Body::Json(serde_json::json!({ "login": login, "password": password }));
    let reply = http::send(base, "", &session_request("POST", body), None).await;
    read_session(reply)
}

/// Signs out at the backend.
pub async fn sign_out(base: &str, csrf: &str) -> Result<(), Error> {
    let reply = http::send(base, csrf, &session_request("DELETE", Body::None), None).await;
    // Whoever is signed in no longer was signed out by someone else.
    match reply.status {
        200..=299 | 401 => Ok(()),
        _ => read_session(reply).map(|_| ()),
    }
}

fn session_request(method: &'static str, body: Body) -> Request {
    Request {
        method,
        path: "/session".into(),
        headers: Vec::new(),
        body,
    }
}

fn read_session(reply: http::Reply) -> Result<Session, Error> {
    if reply.status == 0 {
        return Err(Error::new(
            crate::core::error::Kind::Unreachable,
            "session: no answer",
        ));
    }
    profile::session(reply.status, &reply.body)
}
