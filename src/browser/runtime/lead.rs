//! Which tab of an account sends and pulls, and what it takes over from the others.
//!
//! Among several tabs the one that holds a lock leads; the others keep what was done in them just
//! as durably and tell it.

use std::rc::{Rc, Weak};

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::{Notice, Runtime};
use crate::browser::page::Channel;
use crate::browser::store::{META, OUTBOX};
use crate::core::error::Error;
use crate::core::sync::{Event, Operation, Progress};

impl Runtime {
    /// Tells other tabs that something kept has changed.
    pub fn tell_tabs(&self) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.say("changed");
        }
    }

    pub(super) async fn stored_outbox(&self) -> Result<Vec<Operation>, Error> {
        let stored = self.store.all(OUTBOX, "").await?;
        let read = |text: &String| Operation::from_json(&serde_json::from_str(text).ok()?);
        Ok(stored.iter().filter_map(read).collect())
    }

    pub(super) fn hear_other_tabs(self: &Rc<Self>, name: &str) {
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

    fn lead(self: &Rc<Self>) {
        self.leads.set(true);
        let runtime = self.clone();
        spawn_local(async move {
            runtime.clone().reconcile().await;
            runtime.handle(Event::Lead(Some(1)));
            runtime.network();
        });
    }

    /// Leads the tabs of this account once no other does. The lock lasts as long as the promise
    /// that its callback returns, and the browser gives it back when the tab dies.
    pub(super) fn lead_when_alone(self: &Rc<Self>, name: &str) {
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
