//! Leptos' signals, memos and effects, with the graph compiled once.
//!
//! Leptos makes the whole of its graph anew for every type of value and every closure, which here
//! was a tenth of the module. These have the same names, methods and meaning, and stand on one
//! signal and one memo of values whose type is looked up when they are read. A value is only ever
//! read as the type it was made with, since the type is part of the handle.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::UpdateUntracked as _;
use leptos::prelude::{Get as _, GetUntracked as _, Set as _, Update as _};

type Value = Arc<dyn Any + Send + Sync>;

/// A value and how to tell whether another is the same.
#[derive(Clone)]
struct Compared {
    value: Value,
    same: fn(&Value, &Value) -> bool,
}

impl PartialEq for Compared {
    fn eq(&self, other: &Compared) -> bool {
        (self.same)(&self.value, &other.value)
    }
}

fn same<T: PartialEq + 'static>(a: &Value, b: &Value) -> bool {
    a.downcast_ref::<T>() == b.downcast_ref::<T>()
}

/// The value as its type. The handle's type says which it is, so it can't be another.
fn typed<T: 'static>(value: &Value) -> &T {
    match value.downcast_ref::<T>() {
        Some(value) => value,
        None => wasm_bindgen::throw_str("a reactive value of another type"),
    }
}

/// A value that changes; whoever reads it in an effect, a memo or a view is told.
pub struct RwSignal<T> {
    inner: leptos::prelude::RwSignal<Value>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> RwSignal<T> {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal of a value, owned by the current owner.
    pub fn new(value: T) -> RwSignal<T> {
        RwSignal {
            inner: leptos::prelude::RwSignal::new(Arc::new(value)),
            of: PhantomData,
        }
    }

    /// Reads it.
    pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(typed(&self.inner.get()))
    }

    /// Reads it without being told of changes.
    pub fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(typed(&self.inner.get_untracked()))
    }

    /// As [`RwSignal::with_untracked`]; nothing if the signal's owner is gone.
    pub fn try_with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.inner
            .try_get_untracked()
            .map(|value| read(typed(&value)))
    }

    /// A copy of it.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// A copy of it, without being told of changes.
    pub fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Puts another value in its place.
    pub fn set(&self, value: T) {
        self.inner.set(Arc::new(value));
    }

    /// As [`RwSignal::set`]; false if the signal's owner is gone.
    pub fn try_set(&self, value: T) -> bool {
        self.inner.try_set(Arc::new(value)).is_none()
    }

    /// Changes it in its place.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        self.try_update(change);
    }

    /// As [`RwSignal::update`], with what `change` returns; nothing if the signal's owner is gone.
    pub fn try_update<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.inner.try_update(|value| changed(value, change))
    }

    /// Changes it without telling anyone.
    pub fn update_untracked(&self, change: impl FnOnce(&mut T)) {
        self.inner.update_untracked(|value| {
            changed(value, change);
        });
    }
}

/// Values are shared only while they are being read; to change one just then is a fault of ours
/// that must not pass unseen.
fn changed<T: 'static, U>(value: &mut Value, change: impl FnOnce(&mut T) -> U) -> U {
    match Arc::get_mut(value).and_then(|value| value.downcast_mut::<T>()) {
        Some(value) => change(value),
        None => wasm_bindgen::throw_str("a reactive value changed while it was read"),
    }
}

/// A value that follows from others; whoever reads it is told only when it has become another.
pub struct Memo<T> {
    inner: leptos::prelude::Memo<Compared>,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Memo<T> {
        *self
    }
}

impl<T> Copy for Memo<T> {}

type Find = Box<dyn Fn(Option<&Compared>) -> Compared + Send + Sync>;

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A value that `find` finds, given the one before.
    pub fn new(find: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Memo<T> {
        let find: Find = Box::new(move |before| Compared {
            value: Arc::new(find(before.map(|before| typed(&before.value)))),
            same: same::<T>,
        });
        Memo {
            inner: leptos::prelude::Memo::new(find),
            of: PhantomData,
        }
    }

    /// Reads it.
    pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(typed(&self.inner.get().value))
    }

    /// Reads it without being told of changes.
    pub fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(typed(&self.inner.get_untracked().value))
    }

    /// A copy of it.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// A copy of it, without being told of changes.
    pub fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }
}

/// Something that is done now and again when what it read has changed.
pub struct Effect;

impl Effect {
    /// Does it soon, and again after each change; `act` gets what it returned before. It ends with
    /// the current owner.
    pub fn new<T: 'static>(mut act: impl FnMut(Option<T>) -> T + 'static) -> Effect {
        let mut before = None;
        let act: Box<dyn FnMut(Option<()>)> = Box::new(move |_| before = Some(act(before.take())));
        leptos::prelude::Effect::new(act);
        Effect
    }
}
