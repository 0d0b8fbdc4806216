//! What this device keeps of an account, from its opening to its removal, as the deployment wants it.
//!
//! Guarantees: a page can be used after two seconds whatever the browser's storage does, and says so
//! if nothing is kept; what was lost is told, never shown as if there had been nothing; where a
//! passphrase is wanted, nothing of the account is read without it; and after a sign-out nothing of
//! the account is left, or it is removed at the next start. The pages for it are in the later part:
//! `pages/gate.rs` and `pages/leaving.rs`.

use std::rc::Rc;
use std::time::Duration;

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;

use super::actions::act_for;
use super::pages::later;
use super::state::{App, Kept};
use super::wiring;
use crate::browser::clock;
use crate::browser::page::{self, Channel};
use crate::browser::runtime::database_name;
use crate::browser::store::{self, Change, DRAFTS, META, OUTBOX, Store};
use crate::core::error::Error;
use crate::core::retention::{Retention, Unsent};
use crate::core::sync::Operation;

/// The database that remembers who was here last; it holds no content.
const REGISTRY: &str = "casement";
/// In the registry, before the name of a database: it is still to be removed.
const WIPE: &str = "wipe/";
/// What tabs say to each other when an account has been signed out; also the lock that they share,
/// and the mark of a tab that belongs to the session.
const SESSION: &str = "casement-session";
/// What keeps the texts that were begun on cases.
pub const BEGUN_TEXTS: &str = "comment/";

/// Whether the account's work is kept when the tab is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keeping {
    /// By the browser, on this device.
    #[default]
    Device,
    /// Not, because the deployment wants it so.
    ByRule,
    /// Not, although it should be: the browser's reason.
    Refused(String),
}

/// Whether one is let in to what is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// One is in.
    #[default]
    Open,
    /// A passphrase is to be chosen.
    Choose,
    /// The passphrase is asked for.
    Passphrase,
    /// Nobody has touched the page for a while.
    Idle,
}

/// The handles of what is kept.
#[derive(Clone, Copy)]
pub struct Custody {
    /// Whether the account's work is kept.
    pub keeping: RwSignal<Keeping>,
    /// Whether something that was kept is gone.
    pub lost: RwSignal<bool>,
    /// Whether one is let in.
    pub gate: RwSignal<Gate>,
    /// Whether a sign-out asks what is to become of what was not sent.
    pub leaving: RwSignal<Option<Unsent>>,
    /// Whether the page is put away by the browser, which may bring it back to somebody else.
    pub away: RwSignal<bool>,
    /// When the author of each draft was told of its end, by the draft's id.
    pub told: RwSignal<serde_json::Value>,
    shut: StoredValue<Option<Kept>, LocalStorage>,
    touched: StoredValue<i64>,
    registry: StoredValue<Option<Rc<Store>>, LocalStorage>,
    channel: StoredValue<Option<Channel>, LocalStorage>,
}

impl Custody {
    /// Fresh handles, owned by the current owner.
    pub fn fresh() -> Custody {
        Custody {
            keeping: RwSignal::new(Keeping::default()),
            lost: RwSignal::new(false),
            gate: RwSignal::new(Gate::default()),
            leaving: RwSignal::new(None),
            away: RwSignal::new(false),
            told: RwSignal::new(serde_json::json!({})),
            shut: StoredValue::new_local(None),
            touched: StoredValue::new(clock::now()),
            registry: StoredValue::new_local(None),
            channel: StoredValue::new_local(None),
        }
    }
}

fn retention(app: App) -> Retention {
    app.deployment().portal.retention
}

/// Opens what remembers who was here, while the deployment's files are on their way.
pub async fn registry(app: App) -> Rc<Store> {
    if let Some(registry) = app.custody.registry.try_get_value().flatten() {
        return registry;
    }
    let registry = match Store::open(REGISTRY).await {
        Ok(store) => store,
        Err(_) => Store::in_memory(REGISTRY),
    };
    let registry = Rc::new(registry);
    app.custody
        .registry
        .try_update_value(|kept| *kept = Some(registry.clone()));
    registry
}

/// Whether this device may remember who was here.
pub fn remembers(app: App) -> bool {
    retention(app) != Retention::Off
}

/// Begins: removes what the last session left, and what a sign-out could not remove.
pub async fn begin(app: App) {
    if retention(app) == Retention::Session {
        let is_first = !page::is_marked(SESSION) && page::is_held(SESSION).await == Some(false);
        if is_first {
            for name in Store::names(&format!("{REGISTRY}-")).await {
                // What another program holds is tried again by the next first tab.
                let _ = Store::wipe(&name).await;
            }
            let everything = vec![Change::DeleteAll(META, String::new())];
            let _ = registry(app).await.apply(everything, None).await;
        }
        page::mark(SESSION);
        page::hold(SESSION);
    }
    let registry = registry(app).await;
    for key in registry.keys(META).await.unwrap_or_default() {
        if let Some(name) = key.strip_prefix(WIPE)
            && Store::wipe(name).await.is_ok()
        {
            let _ = registry.apply(vec![Change::Delete(META, key)], None).await;
        }
    }
}

/// Opens what is kept of an account. Nothing is returned where a passphrase stands before it.
pub async fn open(app: App, name: &str) -> Option<Kept> {
    let custody = app.custody;
    let retention = retention(app);
    let (store, keeping) = match retention {
        Retention::Off => (Store::in_memory(name), Keeping::ByRule),
        // Without locks no tab knows whether it is the last.
        Retention::Session if page::is_held(SESSION).await.is_none() => {
            (Store::in_memory(name), Keeping::ByRule)
        }
        _ => match Store::open(name).await {
            Ok(store) => (store, Keeping::Device),
            Err(error) => {
                let why = error.context().to_string();
                (Store::in_memory(name), Keeping::Refused(why))
            }
        },
    };
    match store.was_lost().await {
        Ok(lost) => custody.lost.set(lost),
        Err(error) => app.problem.set(Some(error)),
    }
    custody.keeping.set(keeping);
    let gate = match retention {
        _ if store.is_sealed() => Gate::Passphrase,
        Retention::Locked if store.is_durable() => Gate::Choose,
        _ => Gate::Open,
    };
    let kept = Kept {
        store: Rc::new(store),
        name: name.into(),
    };
    custody.gate.set(gate);
    if gate == Gate::Open {
        return Some(kept);
    }
    custody.shut.set_value(Some(kept));
    None
}

/// The store behind the gate.
pub fn behind(app: App) -> Option<Rc<Store>> {
    let shut = app.custody.shut.with_value(Clone::clone);
    shut.map(|kept| kept.store)
}

/// Lets in: what is kept is read from here on.
pub async fn let_in(app: App) {
    let shut = app.custody.shut.try_update_value(Option::take).flatten();
    app.custody.touched.set_value(clock::now());
    app.custody.gate.set(Gate::Open);
    if let Some(kept) = shut {
        wiring::go_on_with(app, kept).await;
    }
}

/// Hides the account until somebody shows that they may see it.
pub async fn shut(app: App) {
    later::saved(app).await;
    let Some(kept) = app.kept.with_value(Clone::clone) else {
        return;
    };
    if !kept.store.is_sealed() {
        return app.custody.gate.set(Gate::Idle);
    }
    wiring::close_account(app);
    kept.store.lock();
    app.custody.shut.set_value(Some(kept));
    app.custody.gate.set(Gate::Passphrase);
}

/// What of the account was not sent, as it stands in the store.
pub async fn unsent(app: App) -> Result<Unsent, Error> {
    if let Some(store) = behind(app) {
        // Encrypted: what there is can be counted, not judged.
        return Ok(Unsent {
            drafts: store.keys(DRAFTS).await?.len() as u64,
            waiting: store.keys(OUTBOX).await?.len() as u64,
            comments: 0,
        });
    }
    let Some(store) = app.store() else {
        return Ok(Unsent::default());
    };
    let outbox: Vec<Operation> = store
        .all(OUTBOX, "")
        .await?
        .iter()
        .filter_map(|text| Operation::from_json(&serde_json::from_str(text).ok()?))
        .collect();
    let begun = store.all(META, BEGUN_TEXTS).await?;
    let drafts = app.drafts.get_untracked();
    Ok(Unsent::of(&drafts, &outbox, begun.len() as u64))
}

/// The note in the registry that what is kept of somebody is to be removed.
pub fn mark(subject: &str) -> String {
    format!("{WIPE}{}", database_name(subject))
}

/// Removes everything of the account that is open, in every tab. What can't be removed now is
/// removed at the next start.
pub async fn remove(app: App) {
    let subject = app
        .identity
        .with_untracked(|identity| identity.session().map(|session| session.subject.clone()));
    let Some(subject) = subject else { return };
    let name = database_name(&subject);
    let kept = app.kept.with_value(Clone::clone);
    let shut = app.custody.shut.try_update_value(Option::take).flatten();
    app.custody.gate.set(Gate::Open);
    app.custody.lost.set(false);
    app.custody.keeping.set(Keeping::default());
    app.custody.leaving.set(None);
    app.saver.update_value(|saver| *saver = Default::default());
    wiring::close_account(app);
    for kept in [kept, shut].into_iter().flatten() {
        kept.store.close();
    }
    app.custody.channel.with_value(|channel| {
        if let Some(channel) = channel {
            channel.say(&name);
        }
    });
    act_for::forget(&subject);
    page::forget_preference("vendor");
    app.vendor.set(String::new());
    let registry = registry(app).await;
    let key = mark(&subject);
    let noted = vec![Change::Put(META, key.clone(), "yes".into())];
    let _ = registry.apply(noted, None).await;
    if Store::wipe(&name).await.is_ok() {
        let _ = registry.apply(vec![Change::Delete(META, key)], None).await;
    }
}

/// Keeps an eye on the page as long as the portal is mounted: other tabs that sign out, nobody at
/// the keyboard, and a page that the browser puts away and brings back.
pub fn watch(app: App) {
    let heard = move |name: String| {
        let ours = app.kept.try_with_value(|kept| {
            let kept = kept.as_ref();
            kept.is_some_and(|kept| kept.name == name)
        });
        let shut = app.custody.shut.try_with_value(|kept| {
            let kept = kept.as_ref();
            kept.is_some_and(|kept| kept.name == name)
        });
        if ours == Some(true) || shut == Some(true) {
            for kept in [
                app.kept.with_value(Clone::clone),
                app.custody.shut.try_update_value(Option::take).flatten(),
            ]
            .into_iter()
            .flatten()
            {
                kept.store.close();
            }
            app.custody.gate.set(Gate::Open);
            app.custody.leaving.set(None);
            wiring::left_elsewhere(app);
        }
    };
    app.custody.channel.set_value(Channel::open(SESSION, heard));
    let Some(window) = web_sys::window() else {
        return;
    };
    let hidden = page::listen(&window, "pagehide", move |event| {
        app.custody.away.set(true);
        if page::sleeps_as_it_is(&event) {
            store::rest();
        }
    });
    let shown = page::listen(&window, "pageshow", move |_| {
        store::go_on();
        if app.custody.away.try_with_untracked(|away| *away) == Some(true) {
            spawn_local(come_back(app));
        }
    });
    let listeners = StoredValue::new_local(vec![hidden, shown]);
    on_cleanup(move || listeners.dispose());
    Effect::new(move |_| {
        let minutes = app
            .deployment
            .get()
            .map_or(0, |all| all.portal.lock_minutes);
        if minutes > 0 {
            watch_touch(
                app,
                i64::try_from(minutes).unwrap_or(i64::MAX / 60_000) * 60_000,
            );
        }
    });
}

/// A page that was put away is shown again to whom it belongs.
async fn come_back(app: App) {
    let ours = app
        .identity
        .with_untracked(|identity| identity.session().map(|session| session.subject.clone()));
    let here = wiring::remembered(app).await.map(|session| session.subject);
    if ours == here || !remembers(app) {
        app.custody.away.set(false);
    } else {
        page::reload();
    }
}

fn watch_touch(app: App, limit: i64) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let touched = move |_| {
        app.custody
            .touched
            .try_update_value(|at| *at = clock::now());
    };
    let listeners =
        ["keydown", "pointerdown", "wheel"].map(|event| page::listen(&window, event, touched));
    let listeners = StoredValue::new_local(listeners);
    on_cleanup(move || listeners.dispose());
    look_after(app, limit);
}

fn look_after(app: App, limit: i64) {
    let again = move || {
        let Some(touched) = app.custody.touched.try_get_value() else {
            return;
        };
        let open = app.custody.gate.get_untracked() == Gate::Open;
        let known = app
            .identity
            .with_untracked(|identity| identity.session().is_some());
        if open && known && clock::now() - touched >= limit {
            spawn_local(shut(app));
        }
        look_after(app, limit);
    };
    set_timeout(again, Duration::from_secs(5));
}
