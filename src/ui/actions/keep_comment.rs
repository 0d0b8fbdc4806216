//! Keeps a text about a case while it is typed: a reload, a crash or a closed tab loses none of it.
//!
//! It is kept beside the drafts under a name of its own and goes away in the transaction that hands
//! it to the outbox, so that it is never in neither place. What is typed last wins between tabs.

use std::time::Duration;

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;

use crate::browser::store::{Change, META};
use crate::browser::{clock, page};
use crate::ui::state::App;

/// Time between the first change and its save.
const PAUSE: Duration = Duration::from_millis(120);

#[derive(Clone, Copy, Default)]
struct Saver {
    timer: bool,
    dirty: bool,
    /// Being handed to the outbox: a save now would bring back what is about to leave.
    held: bool,
}

/// A text being typed, with its place in the store.
#[derive(Clone, Copy)]
pub struct Kept {
    app: App,
    name: StoredValue<String>,
    saver: StoredValue<Saver>,
    /// The text as it stands.
    pub text: RwSignal<String>,
    /// When it was last kept, in milliseconds since 1970.
    pub at: RwSignal<Option<i64>>,
}

impl Kept {
    /// The text kept under a name, which arrives a moment later if there is one.
    pub fn open(app: App, name: String) -> Kept {
        Kept::open_with(app, name, String::new())
    }

    /// As [`Kept::open`]; where none is kept, it begins with a text that only counts as typed once
    /// it is changed.
    pub fn open_with(app: App, name: String, first: String) -> Kept {
        let kept = Kept {
            app,
            name: StoredValue::new(name),
            saver: StoredValue::new(Saver::default()),
            // It stands at once, so that nobody is quicker than it and hands on nothing.
            text: RwSignal::new(first.clone()),
            at: RwSignal::new(None),
        };
        spawn_local(kept.restore(first));
        let listeners = web_sys::window().map(|window| {
            ["pagehide", "visibilitychange"]
                .map(|event| page::listen(&window, event, move |_| kept.save()))
        });
        let listeners = StoredValue::new_local(listeners);
        on_cleanup(move || {
            kept.save();
            listeners.dispose();
        });
        kept
    }

    async fn restore(self, first: String) {
        let (Some(runtime), Some(name)) = (self.app.runtime(), self.name.try_get_value()) else {
            return;
        };
        match runtime.store.get(META, &name).await {
            // Whoever was faster than the store goes on with what they type.
            Ok(Some(text)) if self.is_untouched(&first) => self.text.set(text),
            Ok(_) => {}
            Err(error) => self.app.problem.set(Some(error)),
        }
    }

    /// Whether nothing was typed here yet; a text that was cleared was typed.
    fn is_untouched(self, first: &str) -> bool {
        let is_first = self.text.try_with_untracked(|text| text == first) == Some(true);
        is_first && self.saver.try_with_value(|saver| !saver.dirty) == Some(true)
    }

    /// Takes what was typed and has it kept.
    pub fn typed(self, text: String) {
        self.text.set(text);
        let before = self.saver.get_value();
        self.saver.update_value(|saver| {
            saver.dirty = true;
            saver.timer = true;
        });
        if !before.timer {
            set_timeout(
                move || {
                    self.saver.try_update_value(|saver| saver.timer = false);
                    self.save();
                },
                PAUSE,
            );
        }
    }

    /// Keeps at once what is not kept yet.
    pub fn save(self) {
        let due = self
            .saver
            .try_with_value(|saver| saver.dirty && !saver.held)
            .unwrap_or(false);
        let (Some(runtime), true) = (self.app.runtime(), due) else {
            return;
        };
        self.saver.update_value(|saver| saver.dirty = false);
        let text = self.text.get_untracked();
        let change = if text.is_empty() {
            self.forget()
        } else {
            Change::Put(META, self.name.get_value(), text)
        };
        spawn_local(async move {
            match runtime.store.apply(vec![change], None).await {
                Ok(_) => {
                    self.at.try_set(Some(clock::now()));
                }
                Err(error) => self.app.problem.set(Some(error)),
            }
        });
    }

    /// The change that keeps it no longer, for the transaction that hands it on.
    pub fn forget(self) -> Change {
        Change::Delete(META, self.name.get_value())
    }

    /// Saves nothing until it is known whether the text was handed on.
    pub fn hold(self) {
        self.saver.update_value(|saver| saver.held = true);
    }

    /// It was handed on, or it wasn't and is kept as before.
    pub fn handed_on(self, worked: bool) {
        let still_there = self.saver.try_update_value(|saver| {
            saver.held = false;
            saver.dirty = saver.dirty && !worked;
        });
        if worked && still_there.is_some() {
            self.text.set(String::new());
            self.at.set(None);
        } else {
            self.save();
        }
    }
}
