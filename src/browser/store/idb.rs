//! One database of IndexedDB and its handle.
//!
//! Opening takes two seconds at most, or fails. A handle whose connection was closed by the browser,
//! or was given up for another tab's upgrade, is replaced by the next use, which nobody notices; one
//! that was closed because the database is being deleted stays closed. Inside a transaction nothing
//! but the database is awaited, because anything else ends it. And while the page is put away
//! ([`rest`]) none is open: it would keep all other pages from writing.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Poll, Waker};

use indexed_db_futures::KeyRange;
use indexed_db_futures::database::Database;
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{
    Transaction, TransactionDurability, TransactionMode, TransactionOptions,
};
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{EventTarget, IdbTransaction};

use super::{Applied, CHUNKS, Change, Condition, DRAFTS, LEASE, META, STORES, revision_of};
use crate::browser::page::{self, Listener};
use crate::core::error::{Error, Kind};

const VERSION: u32 = 1;
/// Longest time to wait for a database, in milliseconds: a page is of use after two seconds.
const PATIENCE: i32 = 1_700;
/// Longest time to wait where the last database that was asked for did not answer.
const LITTLE_PATIENCE: i32 = 200;

thread_local! {
    /// Whether the last database that was asked for did not answer in time.
    static SILENT: Cell<bool> = const { Cell::new(false) };
    /// How often the page was put away.
    static RESTS: Cell<u32> = const { Cell::new(0) };
    /// What goes on when the page is brought back, while it is put away.
    static WAITING: RefCell<Option<Vec<Waker>>> = const { RefCell::new(None) };
    /// The transactions that may still wait for something.
    static OPEN: RefCell<Vec<IdbTransaction>> = const { RefCell::new(Vec::new()) };
}

/// Ends what is under way and begins nothing more until [`go_on`]; then it is done anew, and nobody
/// has noticed. What is about to be complete by itself is left to be so.
pub(super) fn rest() {
    RESTS.set(RESTS.get() + 1);
    WAITING.set(Some(Vec::new()));
    for transaction in OPEN.take() {
        // One that is complete already can't be ended any more.
        let _ = transaction.abort();
    }
}

/// Goes on after [`rest`].
pub(super) fn go_on() {
    for waker in WAITING.take().unwrap_or_default() {
        waker.wake();
    }
}

/// Waits as long as the page is put away.
async fn awake() {
    std::future::poll_fn(|context| {
        WAITING.with_borrow_mut(|waiting| match waiting {
            Some(waiting) => {
                waiting.push(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        })
    })
    .await;
}

/// A transaction that is ended where the page is put away, as long as this is there.
struct Watch(IdbTransaction);

impl Watch {
    fn over(transaction: &Transaction<'_>) -> Watch {
        let transaction: &IdbTransaction = transaction.as_sys();
        OPEN.with_borrow_mut(|open| open.push(transaction.clone()));
        Watch(transaction.clone())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(|open| open.retain(|one| *one != self.0));
    }
}

/// A database that is opened when it is needed.
pub(super) struct Idb {
    name: String,
    handle: RefCell<Option<Rc<Open>>>,
    /// Whether the database is deleted, or about to be: it must not come back by being opened.
    gone: Rc<Cell<bool>>,
}

struct Open {
    database: Database,
    dead: Rc<Cell<bool>>,
    _listeners: [Listener; 2],
}

fn broken(doing: &str) -> impl FnOnce(indexed_db_futures::error::Error) -> Error + '_ {
    move |error| Error::new(Kind::Storage, format!("{doing}: {error}"))
}

impl Idb {
    /// Opens the database of a name, creating it if need be, or fails within two seconds.
    pub(super) async fn open(name: &str) -> Result<Idb, Error> {
        let idb = Idb {
            name: name.into(),
            handle: RefCell::default(),
            gone: Rc::default(),
        };
        idb.handle().await?;
        Ok(idb)
    }

    async fn handle(&self) -> Result<Rc<Open>, Error> {
        awake().await;
        if self.gone.get() {
            let why = "open: what was kept of this account was removed";
            return Err(Error::new(Kind::Storage, why));
        }
        let open = self.handle.borrow().clone();
        if let Some(open) = open.filter(|open| !open.dead.get()) {
            return Ok(open);
        }
        let database = open_in_time(&self.name).await?;
        let open = Rc::new(watched(database, self.gone.clone()));
        *self.handle.borrow_mut() = Some(open.clone());
        Ok(open)
    }

    /// Does something with the database, once more with a new handle if the present one has died:
    /// retrying a dead handle never helps. What was ended because the page was put away is done anew.
    async fn with<T>(&self, work: impl AsyncFn(&Database) -> Result<T, Error>) -> Result<T, Error> {
        let open = self.handle().await?;
        let rests = RESTS.get();
        let result = work(&open.database).await;
        match &result {
            Err(error) if is_dead(error) => _ = self.handle.replace(None),
            Err(_) if RESTS.get() != rests => {}
            _ => return result,
        }
        let open = self.handle().await?;
        work(&open.database).await
    }

    pub(super) async fn apply(
        &self,
        changes: &[Change],
        condition: &Condition<'_>,
    ) -> Result<Applied, Error> {
        self.with(async |database| apply(database, changes, condition).await)
            .await
    }

    /// The keys of a kind in their order, and the values beside them, as far as they are wanted.
    pub(super) async fn read(
        &self,
        kind: &str,
        of: Of<'_>,
        wanted: Wanted,
    ) -> Result<(Vec<String>, Vec<JsValue>), Error> {
        self.with(async |database| {
            let transaction = database.transaction(kind).build().map_err(broken("read"))?;
            let _watch = Watch::over(&transaction);
            read(&transaction, kind, of, wanted).await
        })
        .await
    }

    pub(super) async fn get(&self, kind: &str, key: &str) -> Result<Option<String>, Error> {
        let (_, values) = self.read(kind, Of::Key(key), Wanted::Values).await?;
        Ok(texts(values).pop())
    }

    pub(super) async fn keys(&self, kind: &str) -> Result<Vec<String>, Error> {
        Ok(self.read(kind, Of::Prefix(""), Wanted::Keys).await?.0)
    }

    /// Those keys and their texts.
    pub(super) async fn pairs(
        &self,
        kind: &str,
        of: Of<'_>,
    ) -> Result<Vec<(String, String)>, Error> {
        let (keys, values) = self.read(kind, of, Wanted::Both).await?;
        Ok(keys.into_iter().zip(texts(values)).collect())
    }

    /// The keys of pieces that begin so and their bytes.
    pub(super) async fn chunks(&self, prefix: &str) -> Result<Vec<(String, JsValue)>, Error> {
        let (keys, values) = self.read(CHUNKS, Of::Prefix(prefix), Wanted::Both).await?;
        Ok(keys.into_iter().zip(values).collect())
    }

    /// Removes everything but leaves the database.
    pub(super) async fn clear(&self) -> Result<(), Error> {
        let all = |kind: &&'static str| Change::DeleteAll(kind, String::new());
        let changes: Vec<Change> = STORES.iter().map(all).collect();
        let always = Condition::default();
        self.apply(&changes, &always).await.map(|_| ())
    }

    /// Gives the handle up for good.
    pub(super) fn close(&self) {
        self.gone.set(true);
        if let Some(open) = self.handle.take() {
            open.database.clone().close();
        }
    }
}

impl Drop for Idb {
    /// A connection nobody uses would keep the database from being removed.
    fn drop(&mut self) {
        self.close();
    }
}

/// Deletes a database. It fails if another tab does not let go of it in time.
pub(super) async fn delete(name: &str) -> Result<(), Error> {
    let failed = |error: &str| Error::new(Kind::Storage, format!("remove: {error}"));
    let request = Database::delete_by_name(name).map_err(|error| failed(&error.to_string()))?;
    let deleted = page::within(PATIENCE, request).await;
    deleted
        .ok_or_else(|| failed("another tab holds it"))?
        .map_err(|error| failed(&error.to_string()))
}

/// The names of all databases here; none where the browser does not tell.
pub(super) async fn names() -> Option<Vec<String>> {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).ok()?;
    let list = Reflect::get(&factory, &"databases".into()).ok()?;
    let list: js_sys::Function = list.dyn_into().ok()?;
    let promise: js_sys::Promise = list.call0(&factory).ok()?.dyn_into().ok()?;
    let found = page::within(PATIENCE, JsFuture::from(promise))
        .await?
        .ok()?;
    let name = |one: JsValue| Reflect::get(&one, &"name".into()).ok()?.as_string();
    Some(
        js_sys::Array::from(&found)
            .iter()
            .filter_map(name)
            .collect(),
    )
}

/// What a database that is being opened has come to.
#[derive(Default)]
struct Opening {
    opened: RefCell<Option<Result<Database, Error>>>,
    waker: RefCell<Option<Waker>>,
    given_up: Cell<bool>,
}

/// Opens a database. One that comes too late is closed at once, so that it is in nobody's way.
async fn open_in_time(name: &str) -> Result<Database, Error> {
    let opening = Rc::new(Opening::default());
    let (theirs, name) = (opening.clone(), name.to_string());
    spawn_local(async move {
        let opened = open(&name).await;
        match opened {
            Ok(database) if theirs.given_up.get() => database.close(),
            opened => {
                *theirs.opened.borrow_mut() = Some(opened);
                if let Some(waker) = theirs.waker.take() {
                    waker.wake();
                }
            }
        }
    });
    let arrival = std::future::poll_fn(|context| match opening.opened.take() {
        Some(opened) => Poll::Ready(opened),
        None => {
            *opening.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        }
    });
    let patience = match SILENT.get() {
        true => LITTLE_PATIENCE,
        false => PATIENCE,
    };
    let opened = page::within(patience, arrival).await;
    SILENT.set(opened.is_none());
    opened.unwrap_or_else(|| {
        opening.given_up.set(true);
        Err(Error::new(Kind::Storage, "open: no answer in time"))
    })
}

async fn open(name: &str) -> Result<Database, Error> {
    let opened = Database::open(name)
        .with_version(VERSION)
        .with_on_upgrade_needed(|_, database| {
            // Additive only: a tab with the older version may still be open.
            let known: Vec<String> = database.object_store_names().collect();
            for name in STORES {
                if !known.iter().any(|known| known == name) {
                    database.create_object_store(name).build()?;
                }
            }
            Ok(())
        })
        .await
        .map_err(|error| Error::new(Kind::Storage, format!("open: {error}")));
    match opened {
        // A newer version of the portal, in another tab, has upgraded it; since upgrades only add,
        // this one goes on with it as it is.
        Err(error) if error.context().contains("VersionError") => Database::open(name)
            .await
            .map_err(|error| Error::new(Kind::Storage, format!("open: {error}"))),
        opened => opened,
    }
}

/// Notices when the browser closes the connection, and gives it up when another tab needs it to.
fn watched(database: Database, gone: Rc<Cell<bool>>) -> Open {
    let dead = Rc::new(Cell::new(false));
    let target: &EventTarget = database.as_sys().unchecked_ref();
    let closed = {
        let dead = dead.clone();
        page::listen(target, "close", move |_| dead.set(true))
    };
    let asked = {
        let (dead, database) = (dead.clone(), database.clone());
        page::listen(target, "versionchange", move |event| {
            database.clone().close();
            dead.set(true);
            // No new version: it is being deleted.
            let next = Reflect::get(&event, &"newVersion".into());
            gone.set(gone.get() || next.is_ok_and(|next| next.is_null()));
        })
    };
    Open {
        database,
        dead,
        _listeners: [closed, asked],
    }
}

/// Which keys.
#[derive(Clone, Copy)]
pub(super) enum Of<'a> {
    /// This one.
    Key(&'a str),
    /// All that begin so.
    Prefix(&'a str),
    /// The first so many that begin so and come after this one.
    After(&'a str, &'a str, u32),
}

impl Of<'_> {
    fn range(self) -> KeyRange<String> {
        match self {
            Of::Key(key) => KeyRange::Only(key.into()),
            Of::Prefix(prefix) => {
                KeyRange::Bound(prefix.into(), false, format!("{prefix}\u{ffff}"), false)
            }
            Of::After(prefix, after, _) => {
                KeyRange::Bound(after.into(), true, format!("{prefix}\u{ffff}"), false)
            }
        }
    }

    fn most(self) -> u32 {
        match self {
            Of::After(_, _, most) => most,
            _ => u32::MAX,
        }
    }
}

/// What of them.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    Keys,
    Values,
    Both,
}

/// Whether the handle is of no use any more, as after the browser dropped its connection.
fn is_dead(error: &Error) -> bool {
    let context = error.context();
    context.contains("InvalidStateError") || context.contains("connection is clos")
}

async fn apply(
    database: &Database,
    changes: &[Change],
    condition: &Condition<'_>,
) -> Result<Applied, Error> {
    let doing = "save";
    let options = TransactionOptions::new().with_durability(TransactionDurability::Strict);
    let transaction = database
        .transaction(STORES)
        .with_mode(TransactionMode::Readwrite)
        .with_options(options)
        .build()
        .map_err(broken(doing))?;
    let watch = Watch::over(&transaction);
    if !holds(&transaction, condition).await? {
        return Ok(Applied::Stale);
    }
    for change in changes {
        if let Change::Update(kind, key, _) = change
            && kept(&transaction, kind, key).await?.is_none()
        {
            continue;
        }
        enqueue(&transaction, change).map_err(broken(doing))?;
    }
    // From here on it needs nothing more of this page.
    drop(watch);
    transaction.commit().await.map_err(broken(doing))?;
    Ok(Applied::Yes)
}

async fn kept(
    transaction: &Transaction<'_>,
    kind: &str,
    key: &str,
) -> Result<Option<String>, Error> {
    let (_, values) = read(transaction, kind, Of::Key(key), Wanted::Values).await?;
    Ok(texts(values).pop())
}

/// One way to read them all: each more would be paid for by every first visit.
async fn read(
    transaction: &Transaction<'_>,
    kind: &str,
    of: Of<'_>,
    wanted: Wanted,
) -> Result<(Vec<String>, Vec<JsValue>), Error> {
    let doing = "read";
    let store = transaction.object_store(kind).map_err(broken(doing))?;
    let keys = match wanted {
        Wanted::Values => Vec::new(),
        Wanted::Keys | Wanted::Both => store
            .get_all_keys::<JsValue>()
            .with_query::<String, _>(of.range())
            .with_limit(of.most())
            .primitive()
            .map_err(broken(doing))?
            .await
            .map_err(broken(doing))?
            .collect::<Result<Vec<JsValue>, _>>()
            .map_err(broken(doing))?,
    };
    let values = match wanted {
        Wanted::Keys => Vec::new(),
        Wanted::Values | Wanted::Both => store
            .get_all::<JsValue>()
            .with_query::<String, _>(of.range())
            .with_limit(of.most())
            .primitive()
            .map_err(broken(doing))?
            .await
            .map_err(broken(doing))?
            .collect::<Result<Vec<JsValue>, _>>()
            .map_err(broken(doing))?,
    };
    Ok((texts(keys), values))
}

/// Values as the texts that they are; what is none reads as an empty one, so that the others stay
/// beside their keys.
pub(super) fn texts(values: Vec<JsValue>) -> Vec<String> {
    let text = |value: JsValue| value.as_string().unwrap_or_default();
    values.into_iter().map(text).collect()
}

async fn holds(transaction: &Transaction<'_>, condition: &Condition<'_>) -> Result<bool, Error> {
    if let Some(seen) = condition.draft {
        let stored = kept(transaction, DRAFTS, seen.draft).await?;
        if stored.map_or(0, |text| revision_of(&text)) != seen.revision {
            return Ok(false);
        }
    }
    if condition.fence.is_some() || condition.lease.is_some() {
        let stored = kept(transaction, META, LEASE).await?;
        if !condition.holds_for(stored.as_deref()) {
            return Ok(false);
        }
    }
    match condition.kept {
        Some((kind, key)) => Ok(kept(transaction, kind, key).await?.is_some()),
        None => Ok(true),
    }
}

fn enqueue(
    transaction: &Transaction<'_>,
    change: &Change,
) -> Result<(), indexed_db_futures::error::Error> {
    let (kind, key, value) = match change {
        Change::Put(kind, key, text) | Change::Update(kind, key, text) => {
            (*kind, key, Ok(JsValue::from_str(text)))
        }
        Change::PutBytes(key, bytes) => (CHUNKS, key, Ok(bytes.clone())),
        Change::Delete(kind, key) => (*kind, key, Err(Of::Key(key))),
        Change::DeleteAll(kind, prefix) => (*kind, prefix, Err(Of::Prefix(prefix))),
    };
    let store = transaction.object_store(kind)?;
    match value {
        Ok(value) => {
            store.put(value).with_key(key.clone()).build()?;
        }
        Err(gone) => {
            store.delete::<String, _>(gone.range()).build()?;
        }
    }
    Ok(())
}
