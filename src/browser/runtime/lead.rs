//! Which tab of an account sends and pulls, and what it takes over from the others.
//!
//! One tab holds the lease of [`crate::core::sync::lease`] and leads; the others keep what was done
//! in them just as durably and tell it. The lease is taken and renewed in the store, where two tabs
//! can't both get it; a lock of the browser only says sooner that the former holder is gone. A tab
//! that finds itself without its lease, as after it was frozen, writes nothing more of what it was
//! told, reads the store again and waits for its turn.

use std::rc::{Rc, Weak};

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::keep::Job;
use super::{Notice, Runtime};
use crate::browser::clock;
use crate::browser::page::Channel;
use crate::browser::store::{Applied, Change, Condition, LEASE, META, OUTBOX};
use crate::core::error::Error;
use crate::core::sync::lease::{Claim, Lease, RENEW, VALID, claim};
use crate::core::sync::{Event, Operation, Progress, sort};

/// How often a claim is made anew when other tabs claim at the same time.
const CLAIMS: usize = 8;
/// Shortest time between two looks at the lease, in milliseconds.
const SOON: i64 = 250;
/// What tabs of an account tell each other: that something kept has changed, that one is signed in
/// in this tab, and the question of one that can't send who can.
const CHANGED: &str = "changed";
pub(super) const HERE: &str = "here";
pub(super) const WHO: &str = "who";

impl Runtime {
    /// The fence under which this tab leads, if it does.
    pub(super) fn fence(&self) -> Option<u64> {
        self.state.borrow().fence
    }

    /// Whether an operation that was sent under a fence is to go on: it was not paused or given up,
    /// and this tab still leads. To be asked between two requests of one operation.
    pub async fn goes_on(self: &Rc<Self>, operation: &str, fence: u64) -> bool {
        if self.held_until.get() <= clock::now() {
            self.look_at_lease().await;
        }
        let state = self.state.borrow();
        let is_sending = |one: &Operation| one.id == operation && one.state == Progress::Sending;
        state.fence == Some(fence)
            && state.under_way.contains_key(operation)
            && state.outbox.iter().any(is_sending)
    }

    /// Takes the lease, renews it, or finds out who has it, and comes back in time to do so again.
    pub(super) fn tend(self: &Rc<Self>) {
        let runtime = self.clone();
        spawn_local(async move { runtime.look_at_lease().await });
    }

    async fn look_at_lease(self: &Rc<Self>) {
        if self.stopped.get() || self.tending.replace(true) {
            return;
        }
        self.tend_at.set(clock::now() + RENEW);
        let alone = self.alone.take();
        let claimed = self.claim(alone).await;
        self.tending.set(false);
        if self.stopped.get() {
            return;
        }
        match claimed {
            Ok(Claim::Held(lease)) => {
                self.held_until.set(lease.until);
                self.take_over(lease.fence);
            }
            Ok(Claim::Busy(until)) => {
                self.tend_at.set(until.max(clock::now() + SOON));
                self.step_down();
            }
            // The lease can't be read or renewed; whoever led goes on, and looks again soon.
            Err(error) => {
                self.held_until.set(clock::now() + RENEW);
                (self.notify)(Notice::Problem(error));
            }
        }
        match self.alone.get() {
            // The lock came while the lease was being looked at.
            true => self.tend(),
            false => self.set_timer(),
        }
    }

    async fn claim(&self, alone: bool) -> Result<Claim, Error> {
        for _ in 0..CLAIMS {
            let seen = self.lease().await?;
            let now = clock::now();
            let claim = claim(seen.as_ref(), &self.holder, now, alone);
            let Claim::Held(lease) = &claim else {
                return Ok(claim);
            };
            let put = Change::Put(META, LEASE.into(), lease.to_json().to_string());
            let condition = Condition {
                lease: Some(seen.as_ref()),
                ..Condition::default()
            };
            if self.store.apply_if(vec![put], &condition).await? == Applied::Yes {
                return Ok(claim);
            }
        }
        Ok(Claim::Busy(clock::now() + SOON))
    }

    pub(super) async fn lease(&self) -> Result<Option<Lease>, Error> {
        let stored = self.store.get(META, LEASE).await?;
        let json = stored.and_then(|text| serde_json::from_str(&text).ok());
        Ok(json.and_then(|json| Lease::from_json(&json)))
    }

    /// Leads under a fence from now on. Under a new one nothing that is remembered counts: it is
    /// read again first.
    fn take_over(self: &Rc<Self>, fence: u64) {
        if self.fence() == Some(fence) {
            return;
        }
        if self.fence().is_some() {
            self.handle(Event::Lead(None));
        }
        self.forget_what_was_told();
        self.push(Job::Lead(fence));
    }

    /// Leads no more. The lock goes back to the end of the queue, so that the tab that sends now
    /// can have it.
    pub(super) fn step_down(self: &Rc<Self>) {
        if self.fence().is_none() {
            return;
        }
        self.handle(Event::Lead(None));
        self.forget_what_was_told();
        self.push(Job::LookAround);
        self.give_back_lock();
        self.wait_for_lock();
        self.set_timer();
    }

    pub(super) fn give_back_lock(&self) {
        if let Some(release) = self.release.take() {
            // The function that settles a promise can't fail.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }

    /// Asks for the lock of the account. It lasts as long as the promise that its callback returns,
    /// and the browser gives it back when the tab dies.
    pub(super) fn wait_for_lock(self: &Rc<Self>) {
        let Some(locks) = locks() else {
            return;
        };
        let weak: Weak<Runtime> = Rc::downgrade(self);
        let granted = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
            let Some(runtime) = weak.upgrade().filter(|one| !one.stopped.get()) else {
                return JsValue::UNDEFINED;
            };
            runtime.alone.set(true);
            runtime.tend();
            Promise::new(&mut |release, _| {
                runtime.release.replace(Some(release));
            })
            .into()
        });
        // Where there is no lock to be had, the lease alone decides.
        let _ = locks
            .request
            .call2(&locks.manager, &self.name.as_str().into(), &granted);
    }

    /// Tells other tabs that something kept has changed.
    pub fn tell_tabs(&self) {
        self.say(CHANGED);
    }

    pub(super) fn say(&self, what: &str) {
        if let Some(channel) = &*self.channel.borrow() {
            channel.say(what);
        }
    }

    /// Whether somebody is signed in in this tab. Credentials that are held in memory are those of
    /// one tab, so that one tab may be able to send when another one is not.
    fn is_identified(&self) -> bool {
        self.state.borrow().subject.is_some()
    }

    fn hear_of_sign_in(self: &Rc<Self>) {
        if self.is_identified() {
            return;
        }
        // Whoever can send is to lead.
        self.tend_at.set(clock::now() + VALID + RENEW);
        self.step_down();
        (self.notify)(Notice::SignedInElsewhere);
    }

    pub(super) fn hear_other_tabs(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let channel = Channel::open(&self.name, move |said| {
            let Some(runtime) = weak.upgrade() else {
                return;
            };
            match said.as_str() {
                HERE => runtime.hear_of_sign_in(),
                WHO if runtime.is_identified() => runtime.say(HERE),
                WHO => {}
                _ => runtime.push(Job::LookAround),
            }
        });
        *self.channel.borrow_mut() = channel;
    }

    /// The outbox as it is stored, oldest first: what is told one by one goes out one by one.
    pub(super) async fn stored_outbox(&self) -> Result<Vec<Operation>, Error> {
        let stored = self.store.all(OUTBOX, "").await?;
        let read = |text: &String| Operation::from_json(&serde_json::from_str(text).ok()?);
        let mut outbox: Vec<Operation> = stored.iter().filter_map(read).collect();
        sort(&mut outbox);
        Ok(outbox)
    }

    /// What is stored, read at a moment at which nothing of it was being changed here.
    async fn stored(&self) -> Result<(Vec<Operation>, Option<String>), Error> {
        loop {
            let before = self.changes.get();
            let outbox = self.stored_outbox().await?;
            let cursor = self.store.get(META, "cursor").await?;
            if self.changes.get() == before && self.changing.get() == 0 {
                return Ok((outbox, cursor));
            }
        }
    }

    /// Takes over what is stored, then begins to lead under a fence if there is one. `false` if
    /// something that is still to be stored stands in the way.
    pub(super) async fn look_around(self: &Rc<Self>, fence: Option<u64>) -> bool {
        let (outbox, cursor) = match self.stored().await {
            Ok(stored) => stored,
            Err(error) => {
                (self.notify)(Notice::Problem(error));
                return true;
            }
        };
        if self.has_to_keep() {
            return false;
        }
        if self.fence().is_some() {
            self.follow_wishes(outbox);
        } else {
            self.state.borrow_mut().outbox.clear();
            self.handle(Event::Opened { outbox, cursor });
        }
        if fence.is_some() {
            self.handle(Event::Lead(fence));
            if !self.is_identified() {
                self.say(WHO);
            }
        }
        for notice in [Notice::Outbox, Notice::Drafts, Notice::Records] {
            (self.notify)(notice);
        }
        true
    }

    /// What a person wanted in another tab, as far as it can be seen in the store.
    fn follow_wishes(self: &Rc<Self>, stored: Vec<Operation>) {
        for known in self.outbox() {
            let found = stored.iter().find(|one| one.id == known.id);
            let id = known.id.clone();
            match (&known.state, found.map(|one| &one.state)) {
                (_, None) => self.handle(Event::Gone(id)),
                (Progress::NeedsYou { .. } | Progress::Paused, Some(Progress::Waiting)) => {
                    self.handle(Event::Retry(id));
                }
                (Progress::Waiting | Progress::Sending, Some(Progress::Paused)) => {
                    self.handle(Event::Pause(id));
                }
                _ => {}
            }
        }
        for operation in stored {
            self.handle(Event::Queued(operation));
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
