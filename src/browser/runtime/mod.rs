//! The one interpreter of [`crate::core::sync`]'s effects, for one account.
//!
//! It feeds the engine with what happens (answers, network, other tabs, time), performs what the
//! engine wants, and calls back when what is kept has changed; whoever listens reads the store
//! again. Here it starts, listens and hands out what is to be done; `lead` finds out which of
//! several tabs sends, `keep` changes the store, [`exchange`] speaks with the backend, `upload` has
//! files sent in pieces.

mod exchange;
mod keep;
mod lead;
mod news;
mod payload;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use js_sys::Function;
use serde_json::Value;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

pub use self::exchange::{session, sign_in, sign_out};
use self::keep::Job;
pub use self::keep::{put_draft, put_operation};
use self::lead::{HERE, WHO};
use super::page::{Channel, Listener, listen, online};
use super::store::{META, Store};
use super::{clock, credentials, files};
use crate::core::error::Error;
use crate::core::news::News;
use crate::core::profile::{Profile, Session};
use crate::core::sync::{Effect, Event, Moment, Operation, Rules, State, step};

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
    /// Somebody has signed in to the account in another tab, and nobody here.
    SignedInElsewhere,
    /// Something could not be kept.
    Problem(Error),
}

/// Runs one account.
pub struct Runtime {
    /// What this device keeps for the account.
    pub store: Rc<Store>,
    base: String,
    csrf: RefCell<String>,
    /// How the backend is spoken to, once that was read.
    profile: RefCell<Option<Arc<Profile>>>,
    /// What is known of who is signed in, without secrets, for the profile's templates.
    session: RefCell<Value>,
    /// What went wrong with the last look for changes.
    trouble: RefCell<Option<Error>>,
    /// Why what was sent last has to be sent again.
    unsent_for: RefCell<Option<Error>>,
    /// Before which moment no request should go out, since few are left.
    not_before: Cell<i64>,
    /// Who signed in last; a renewed session is theirs.
    subject: RefCell<Option<String>>,
    state: RefCell<State>,
    /// The name of the account's database, and of what its tabs share.
    name: String,
    /// The name of this tab in the lease, when its lease ends, when to look at it next, whether
    /// that is being done, and whether the lock says that nobody else can have it.
    holder: String,
    held_until: Cell<i64>,
    tend_at: Cell<i64>,
    tending: Cell<bool>,
    alone: Cell<bool>,
    notify: Box<dyn Fn(Notice)>,
    channel: RefCell<Option<Channel>>,
    listeners: RefCell<Vec<Listener>>,
    /// When the engine wants to be woken.
    wake_at: Cell<i64>,
    timer: Cell<Option<i32>>,
    on_timer: RefCell<Option<Closure<dyn FnMut()>>>,
    release: RefCell<Option<Function>>,
    stopped: Cell<bool>,
    /// What is still to be done with the store, in order, and whether somebody is at it.
    jobs: RefCell<VecDeque<Job>>,
    keeping: Cell<bool>,
    /// How often this tab has changed the outbox beside them, and how many changes are under way.
    changes: Cell<u32>,
    changing: Cell<u32>,
    /// Whether what the engine is told is what a person in this tab wants.
    wished: Cell<bool>,
    /// Of files that are on their way: bytes that arrived, and all of them.
    uploads: RefCell<BTreeMap<String, (u64, u64)>>,
    /// When the last operation was made here, so that none is made before it.
    last_made: Cell<i64>,
    /// What was noted of changed records under a fence.
    news: RefCell<Option<(u64, News)>>,
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
            profile: RefCell::default(),
            session: RefCell::default(),
            trouble: RefCell::default(),
            unsent_for: RefCell::default(),
            not_before: Cell::new(0),
            subject: RefCell::default(),
            state: RefCell::default(),
            name: name.into(),
            holder: clock::uuid(),
            held_until: Cell::new(0),
            tend_at: Cell::new(0),
            tending: Cell::new(false),
            alone: Cell::new(false),
            notify: Box::new(notify),
            channel: RefCell::default(),
            listeners: RefCell::default(),
            wake_at: Cell::new(i64::MAX),
            timer: Cell::default(),
            on_timer: RefCell::default(),
            release: RefCell::default(),
            stopped: Cell::new(false),
            jobs: RefCell::default(),
            keeping: Cell::new(false),
            changes: Cell::new(0),
            changing: Cell::new(0),
            wished: Cell::new(false),
            uploads: RefCell::default(),
            last_made: Cell::new(0),
            news: RefCell::default(),
            untold: Cell::new(false),
            told_at: Cell::new(0),
        });
        runtime.know_rules(Rules::default().key_life);
        let outbox = runtime.stored_outbox().await?;
        let cursor = runtime.store.get(META, "cursor").await?;
        runtime.handle(Event::Opened { outbox, cursor });
        runtime.hear_other_tabs();
        files::live::share(name);
        runtime.watch_network();
        runtime.handle(Event::Network(online()));
        runtime.wait_for_lock();
        runtime.tend();
        Ok(runtime)
    }

    /// Tells how the backend is spoken to; nothing is sent or looked for before.
    pub fn know_backend(self: &Rc<Self>, profile: Arc<Profile>) {
        let key_life = profile.key_life();
        self.profile.replace(Some(profile));
        self.know_rules(key_life);
    }

    fn profile(&self) -> Option<Arc<Profile>> {
        self.profile.borrow().clone()
    }

    /// How long the backend remembers a key, in milliseconds; 0 if it knows none.
    fn know_rules(self: &Rc<Self>, key_life: i64) {
        // A session that can't renew itself says so when it is asked to.
        let rules = Rules {
            key_life,
            renews: true,
        };
        self.handle(Event::Rules(rules));
    }

    /// Tells who is signed in, so that sending may begin; nobody ends it.
    pub fn identify(self: &Rc<Self>, session: Option<&Session>) {
        *self.csrf.borrow_mut() = session.map(|one| one.csrf.clone()).unwrap_or_default();
        *self.session.borrow_mut() = session.map(Session::person).unwrap_or_default();
        let subject = session.map(|one| one.subject.clone());
        *self.subject.borrow_mut() = subject.clone();
        let known = subject.is_some();
        self.handle(Event::Identity(subject));
        if known {
            self.say(HERE);
        }
    }

    /// Stops for good: nothing is sent or heard any more.
    pub fn stop(&self) {
        self.stopped.set(true);
        self.listeners.borrow_mut().clear();
        self.channel.replace(None);
        files::live::let_go();
        self.clear_timer();
        // Giving the lock back lets another tab take over at once.
        self.give_back_lock();
    }

    /// The outbox as it stands, oldest first.
    pub fn outbox(&self) -> Vec<Operation> {
        self.state.borrow().outbox.clone()
    }

    /// Whether changes have been read up to the end at least once.
    pub fn has_pulled(&self) -> bool {
        self.state.borrow().cursor.is_some()
    }

    /// Tells the engine what a person wants of an operation.
    pub fn wish(self: &Rc<Self>, event: Event) {
        self.wished.set(true);
        self.handle(event);
        self.wished.set(false);
    }

    /// Bytes of an operation's file that have arrived, and all of them, while it is on its way from
    /// this tab.
    pub fn uploaded(&self, operation: &str) -> Option<(u64, u64)> {
        self.uploads.borrow().get(operation).copied()
    }

    /// Notes how far a file is; whoever shows it looks again by itself.
    pub fn note_upload(&self, operation: &str, done: u64, all: u64) {
        self.uploads
            .borrow_mut()
            .insert(operation.into(), (done, all));
    }

    /// Whether this tab sends for the account.
    pub fn leads(&self) -> bool {
        self.fence().is_some()
    }

    fn handle(self: &Rc<Self>, event: Event) {
        if self.stopped.get() {
            return;
        }
        let moment = Moment {
            now: clock::now(),
            dice: clock::dice(),
        };
        let mut outbox_changed = matches!(
            event,
            Event::Opened { .. }
                | Event::Queued(_)
                | Event::Replaced { .. }
                | Event::Gone(_)
                | Event::Lead(_)
        );
        let (after, effects) = step(self.state.take(), moment, event);
        *self.state.borrow_mut() = after;
        for effect in effects {
            outbox_changed |= effect.changes_outbox();
            self.perform(effect);
        }
        if outbox_changed {
            (self.notify)(Notice::Outbox);
        }
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        match effect {
            // What changes the store is done one after the other: a later change may rest on an
            // earlier one, and a crash between them must leave the earlier.
            Effect::Save(_) | Effect::Acknowledge { .. } | Effect::Forget(_) => {
                let fence = self.fence().filter(|_| !self.wished.get());
                self.push(Job::Keep(Box::new(effect), fence, clock::now()));
            }
            Effect::Send { fence, .. } | Effect::Check { fence, .. } => {
                self.push(Job::Keep(Box::new(effect), Some(fence), clock::now()));
            }
            Effect::Pull(cursor) => {
                let runtime = self.clone();
                spawn_local(async move {
                    let pulled = runtime.pull(cursor).await;
                    runtime.handle(Event::Pulled(pulled));
                });
            }
            Effect::AskSignIn => {
                (self.notify)(Notice::AskSignIn);
                self.say(WHO);
            }
            Effect::Renew => {
                let runtime = self.clone();
                spawn_local(async move {
                    let subject = match credentials::renew().await {
                        true => runtime.subject.borrow().clone(),
                        false => None,
                    };
                    runtime.handle(Event::Identity(subject));
                });
            }
            Effect::WakeAt(at) => {
                self.wake_at.set(at);
                self.set_timer();
            }
        }
    }

    /// Sends what is kept as sent.
    fn go_out(self: &Rc<Self>, effect: Effect) {
        let runtime = self.clone();
        match effect {
            Effect::Send {
                operation,
                case,
                fence,
            } => spawn_local(async move {
                let answer = runtime.send(&operation, case.as_deref(), fence).await;
                runtime.uploads.borrow_mut().remove(&operation.id);
                runtime.handle(Event::Answered {
                    operation: operation.id,
                    answer,
                });
            }),
            Effect::Check {
                operation,
                case,
                fence,
            } => spawn_local(async move {
                let event = runtime.check(&operation, case.as_deref(), fence).await;
                runtime.handle(event);
            }),
            _ => {}
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
                    runtime.handle(Event::Network(online()));
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

    /// One timer for the engine and for the lease.
    fn set_timer(self: &Rc<Self>) {
        self.clear_timer();
        if self.stopped.get() {
            return;
        }
        let at = self.wake_at.get().min(self.tend_at.get());
        let delay = at.saturating_sub(clock::now()).clamp(0, 60_000) as i32;
        let weak = Rc::downgrade(self);
        let closure = Closure::once(move || {
            if let Some(runtime) = weak.upgrade() {
                runtime.timer.set(None);
                runtime.timer_rings();
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

    fn timer_rings(self: &Rc<Self>) {
        let now = clock::now();
        if self.wake_at.get() <= now {
            self.wake_at.set(i64::MAX);
            self.handle(Event::Tick);
        }
        match self.tend_at.get() <= now {
            true => self.tend(),
            false => self.set_timer(),
        }
    }

    fn clear_timer(&self) {
        if let (Some(timer), Some(window)) = (self.timer.take(), web_sys::window()) {
            window.clear_timeout_with_handle(timer);
        }
    }
}
