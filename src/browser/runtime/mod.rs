//! The one interpreter of [`crate::core::sync`]'s effects, for one account.
//!
//! It feeds the engine with what happens (answers, network, other tabs, time), performs what the
//! engine wants, and calls back when what is kept has changed; whoever listens reads the store
//! again. Here it starts, listens and hands out what is to be done; `lead` decides which of
//! several tabs sends, `keep` changes the store, [`exchange`] speaks with the backend.

mod exchange;
mod keep;
mod lead;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

pub use self::exchange::{session, sign_in, sign_out};
pub use self::keep::{put_draft, put_operation};
use super::clock;
use super::page::{Channel, Listener, listen, online};
use super::store::{META, Store};
use crate::core::error::Error;
use crate::core::profile::Session;
use crate::core::sync::{Effect, Event, Moment, Operation, State, step};

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

    /// Tells the engine what a person wants of an operation.
    pub fn wish(self: &Rc<Self>, event: Event) {
        self.handle(event);
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
            Effect::Check {
                operation, case, ..
            } => {
                let runtime = self.clone();
                spawn_local(async move {
                    let event = runtime.check(&operation, case.as_deref()).await;
                    runtime.handle(event);
                });
            }
            Effect::Send {
                operation, case, ..
            } => {
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
            // No session of today can renew itself; when one can, it is asked here.
            Effect::AskSignIn | Effect::Renew => (self.notify)(Notice::AskSignIn),
            Effect::WakeAt(at) => self.wake_at(at),
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
