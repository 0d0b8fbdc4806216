//! What this device keeps: records, drafts, file chunks, the outbox, in one database per account.
//!
//! Guarantees: every change goes through [`Store::apply`], one strict transaction that is complete
//! when it returns; a draft is written only over the revision its writer has seen, so two tabs keep
//! both texts; and what was removed in one tab is not brought back by [`Change::Update`] of another.
//! A handle that died is replaced; text still finds room when files have filled the storage; and
//! where the account is locked away, values are encrypted here and nowhere else, before a
//! transaction is opened. A store that is not [durable](Store::is_durable) has the same rules and
//! ends with its tab.
//!
//! Values are JSON texts, as the rest of the portal reads and writes them; chunks are bytes.
//!
//! Reading order: this file, [`idb`] (the database and its handle), [`memory`] (where there is
//! none), [`seal`] (encryption), [`canary`] (how a lost database is noticed).

mod canary;
mod idb;
mod memory;
mod seal;

use std::cell::{Cell, RefCell};

use js_sys::{Reflect, Uint8Array};
use serde_json::Value;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::{clock, page};
use crate::core::error::{Error, Kind};
use crate::core::retention::room;
use crate::core::sync::lease::{Lease, holds};
use idb::Idb;
use memory::Memory;
use seal::Seal;

/// Kinds of things kept; each is an object store of its own.
pub const RECORDS: &str = "records";
/// Drafts, by id.
pub const DRAFTS: &str = "drafts";
/// Pieces of files, by `file id/number`.
pub const CHUNKS: &str = "chunks";
/// Operations, by id.
pub const OUTBOX: &str = "outbox";
/// Single values, by name.
pub const META: &str = "meta";

/// In [`META`]: when customers last changed.
pub const CUSTOMERS_AT: &str = "customers_at";
/// In [`META`]: which records changed lately; see [`crate::core::news`].
pub const NEWS: &str = "news";
/// In [`META`]: which tab sends. Transactions compare it, so it is never encrypted.
pub const LEASE: &str = "lease";

/// All kinds.
pub const STORES: [&str; 5] = [RECORDS, DRAFTS, CHUNKS, OUTBOX, META];

/// In [`META`]: the account's key, encrypted under its passphrase.
const SEAL: &str = "seal";
/// In [`META`]: when the database was made.
const BEGUN: &str = "begun";
/// In [`CHUNKS`]: bytes of no meaning that give their room to text when there is no other.
const BALLAST: &str = "ballast";
/// How many bytes those are.
const BALLAST_SIZE: u32 = 1024 * 1024;

/// One change of what is kept.
pub enum Change {
    /// Keep a JSON text under a key.
    Put(&'static str, String, String),
    /// Keep a JSON text in the place of the one under a key, if there still is one.
    Update(&'static str, String, String),
    /// Keep bytes under a key of [`CHUNKS`].
    PutBytes(String, JsValue),
    /// Keep it no longer.
    Delete(&'static str, String),
    /// Keep nothing any more whose key begins so.
    DeleteAll(&'static str, String),
}

/// A condition for a change: the draft must still be at this revision (0: not stored yet).
#[derive(Clone, Copy)]
pub struct AtRevision<'a> {
    /// The draft's id.
    pub draft: &'a str,
    /// The revision its writer has seen.
    pub revision: u64,
}

/// What must still be so for a change to be made: all of what is given here.
#[derive(Clone, Copy, Default)]
pub struct Condition<'a> {
    /// A draft is at the revision that its writer has seen.
    pub draft: Option<AtRevision<'a>>,
    /// The lease is held under this fence.
    pub fence: Option<u64>,
    /// The lease is what was read of it, or there still is none.
    pub lease: Option<Option<&'a Lease>>,
    /// There still is something of a kind under a key.
    pub kept: Option<(&'static str, &'a str)>,
}

impl Condition<'_> {
    /// Whether what it says of the lease is so.
    fn holds_for(&self, lease: Option<&str>) -> bool {
        let lease = lease
            .and_then(|text| serde_json::from_str(text).ok())
            .and_then(|json| Lease::from_json(&json));
        let is_same = self.lease.is_none_or(|seen| seen == lease.as_ref());
        is_same && self.fence.is_none_or(|fence| holds(lease.as_ref(), fence))
    }
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It is durable.
    Yes,
    /// The condition didn't hold; nothing was changed.
    Stale,
}

/// One account's database.
pub struct Store {
    name: String,
    place: Place,
    /// Whether values are encrypted, and the key while they can be read.
    is_sealed: Cell<bool>,
    seal: RefCell<Option<Seal>>,
    /// Whether the ballast is there; unknown before the first file.
    ballast: Cell<Option<bool>>,
}

enum Place {
    Database(Idb),
    Memory(Memory),
}

/// The revision that a stored draft says of itself; 0 if it says none.
fn revision_of(text: &str) -> u64 {
    let json: Option<Value> = serde_json::from_str(text).ok();
    json.and_then(|json| json.get("revision")?.as_u64())
        .unwrap_or(0)
}

impl Store {
    /// Opens the database of a name, creating it if need be, or fails within two seconds.
    pub async fn open(name: &str) -> Result<Store, Error> {
        let store = Store::at(name, Place::Database(Idb::open(name).await?));
        let sealed = store.record_of_key().await?.is_some();
        store.is_sealed.set(sealed);
        Ok(store)
    }

    /// A store in this tab, which keeps what it is given until the tab is closed.
    pub fn in_memory(name: &str) -> Store {
        Store::at(name, Place::Memory(Memory::default()))
    }

    fn at(name: &str, place: Place) -> Store {
        Store {
            name: name.into(),
            place,
            is_sealed: Cell::new(false),
            seal: RefCell::default(),
            ballast: Cell::default(),
        }
    }

    /// Whether what is kept here is there when the tab has been closed.
    pub fn is_durable(&self) -> bool {
        matches!(self.place, Place::Database(_))
    }

    /// Makes changes durable, all of them or none. Where there is no room left, a text takes that
    /// of the ballast.
    pub async fn apply(
        &self,
        changes: Vec<Change>,
        condition: Option<AtRevision<'_>>,
    ) -> Result<Applied, Error> {
        let condition = Condition {
            draft: condition,
            ..Condition::default()
        };
        self.apply_if(changes, &condition).await
    }

    /// As [`Store::apply`], on any condition.
    pub async fn apply_if(
        &self,
        changes: Vec<Change>,
        condition: &Condition<'_>,
    ) -> Result<Applied, Error> {
        let changes = self.closed(changes).await?;
        let database = match &self.place {
            Place::Memory(memory) => return Ok(memory.apply(&changes, condition)),
            Place::Database(database) => database,
        };
        let holds_bytes = changes
            .iter()
            .any(|change| matches!(change, Change::PutBytes(..)));
        if holds_bytes {
            self.put_ballast(database).await?;
        }
        let result = database.apply(&changes, condition).await;
        if result.is_ok() || holds_bytes {
            return result;
        }
        let release = [Change::Delete(CHUNKS, BALLAST.into())];
        let always = Condition::default();
        if database.apply(&release, &always).await.is_err() {
            return result;
        }
        self.ballast.set(Some(false));
        database.apply(&changes, condition).await
    }

    /// Puts the ballast in before a file; without room for it there is none for the file.
    async fn put_ballast(&self, database: &Idb) -> Result<(), Error> {
        if self.ballast.get().is_none() {
            let keys = database.keys(CHUNKS).await?;
            self.ballast
                .set(Some(keys.iter().any(|key| key == BALLAST)));
        }
        if self.ballast.get() == Some(true) {
            return Ok(());
        }
        let bytes = noise(BALLAST_SIZE);
        let put = [Change::PutBytes(BALLAST.into(), bytes.into())];
        database.apply(&put, &Condition::default()).await?;
        self.ballast.set(Some(true));
        Ok(())
    }

    /// Bytes that files may still take here, so that text always finds room: what the browser says
    /// that it has, less a reserve, and a modest amount where it does not say.
    pub async fn room(&self) -> u64 {
        let (quota, used) = estimate().await.unwrap_or_default();
        room(quota, used, self.is_durable())
    }

    /// The text kept under a key.
    pub async fn get(&self, kind: &str, key: &str) -> Result<Option<String>, Error> {
        let found = match &self.place {
            Place::Database(database) => database.get(kind, key).await?,
            Place::Memory(memory) => memory.get(kind, key),
        };
        match found {
            Some(text) if self.is_closed(kind, key) => self.opened(kind, key, text).await.map(Some),
            found => Ok(found),
        }
    }

    /// All texts whose key begins so, in the order of their keys.
    pub async fn all(&self, kind: &str, prefix: &str) -> Result<Vec<String>, Error> {
        match &self.place {
            Place::Database(database) if !self.is_sealed.get() => {
                let of = idb::Of::Prefix(prefix);
                let (_, values) = database.read(kind, of, idb::Wanted::Values).await?;
                Ok(idb::texts(values))
            }
            _ => {
                let pairs = self.pairs(kind, prefix).await?;
                Ok(pairs.into_iter().map(|(_, text)| text).collect())
            }
        }
    }

    /// All keys and texts of a kind.
    pub async fn entries(&self, kind: &str) -> Result<Vec<(String, String)>, Error> {
        self.pairs(kind, "").await
    }

    async fn pairs(&self, kind: &str, prefix: &str) -> Result<Vec<(String, String)>, Error> {
        let found = match &self.place {
            Place::Database(database) => database.pairs(kind, idb::Of::Prefix(prefix)).await?,
            Place::Memory(memory) => memory.pairs(kind, prefix),
        };
        self.all_opened(kind, found).await
    }

    /// The first `most` keys of a kind, and their texts, that begin so and come after a key, in their
    /// order: for reading very many without keeping everything else waiting.
    pub async fn piece(
        &self,
        kind: &str,
        prefix: &str,
        after: &str,
        most: u32,
    ) -> Result<Vec<(String, String)>, Error> {
        let found = match &self.place {
            Place::Database(database) => {
                let of = idb::Of::After(prefix, after, most);
                database.pairs(kind, of).await?
            }
            Place::Memory(memory) => {
                let mut found = memory.pairs(kind, prefix);
                found.retain(|(key, _)| key.as_str() > after);
                found.truncate(most as usize);
                found
            }
        };
        self.all_opened(kind, found).await
    }

    async fn all_opened(
        &self,
        kind: &str,
        found: Vec<(String, String)>,
    ) -> Result<Vec<(String, String)>, Error> {
        if !self.is_sealed.get() {
            return Ok(found);
        }
        let mut pairs = Vec::with_capacity(found.len());
        for (key, text) in found {
            let text = match self.is_closed(kind, &key) {
                true => self.opened(kind, &key, text).await?,
                false => text,
            };
            pairs.push((key, text));
        }
        Ok(pairs)
    }

    /// All keys of a kind.
    pub async fn keys(&self, kind: &str) -> Result<Vec<String>, Error> {
        match &self.place {
            Place::Database(database) => database.keys(kind).await,
            Place::Memory(memory) => Ok(memory.keys(kind)),
        }
    }

    /// What can be read of a kind, value by value, and how many could not: for saving what is left
    /// of a damaged database.
    pub async fn readable(&self, kind: &str) -> Result<(Vec<(String, String)>, u64), Error> {
        let (mut readable, mut damaged) = (Vec::new(), 0);
        for key in self.keys(kind).await? {
            match self.get(kind, &key).await {
                Ok(Some(text)) => readable.push((key, text)),
                Ok(None) => {}
                Err(_) => damaged += 1,
            }
        }
        Ok((readable, damaged))
    }

    /// The pieces of a file in order.
    pub async fn chunks(&self, file: &str) -> Result<Vec<JsValue>, Error> {
        self.pieces(&format!("{file}/")).await
    }

    /// One piece of a file, by its number.
    pub async fn chunk(&self, file: &str, number: u32) -> Result<Option<JsValue>, Error> {
        let mut found = self.pieces(&chunk_key(file, number)).await?;
        Ok(found.pop())
    }

    async fn pieces(&self, prefix: &str) -> Result<Vec<JsValue>, Error> {
        let found = match &self.place {
            Place::Database(database) => database.chunks(prefix).await?,
            Place::Memory(memory) => memory.chunks(prefix),
        };
        let mut pieces = Vec::with_capacity(found.len());
        for (key, bytes) in found {
            pieces.push(match self.is_sealed.get() {
                true => {
                    let place = self.place_of(CHUNKS, &key);
                    let whole = Uint8Array::new(&bytes);
                    self.key()?.open(&place, &whole).await?.into()
                }
                false => bytes,
            });
        }
        Ok(pieces)
    }

    /// Removes the whole database; see [`Store::wipe`].
    pub async fn remove(self) -> Result<(), Error> {
        self.close();
        Store::wipe(&self.name).await
    }

    /// Lets go of the database, so that it can be removed: nothing can be read or written here any
    /// more, and what is in this tab's memory is forgotten.
    pub fn close(&self) {
        self.seal.replace(None);
        match &self.place {
            Place::Database(database) => database.close(),
            Place::Memory(memory) => memory.clear(),
        }
    }

    /// Removes the database of a name with its marks, and makes sure that it is gone. It is emptied
    /// first, so that nothing is left even where another tab keeps it from being removed; that is
    /// told as a failure, so that it is removed later.
    pub async fn wipe(name: &str) -> Result<(), Error> {
        canary::remove(name).await;
        super::signing::forget(name).await;
        if let Ok(database) = Idb::open(name).await {
            // One that can't be emptied can still be removed.
            let _ = database.clear().await;
        }
        idb::delete(name).await?;
        let names = idb::names().await.unwrap_or_default();
        match names.iter().any(|one| one == name) {
            true => Err(Error::new(Kind::Storage, "remove: it is still there")),
            false => Ok(()),
        }
    }

    /// The names of the databases here that begin so; none where the browser does not tell.
    pub async fn names(prefix: &str) -> Vec<String> {
        let mut names = idb::names().await.unwrap_or_default();
        names.retain(|name| name.starts_with(prefix));
        names
    }

    /// Puts all that is kept here into another store.
    pub async fn pour_into(&self, other: &Store) -> Result<(), Error> {
        for kind in [RECORDS, DRAFTS, OUTBOX, META] {
            let put = |(key, text): (String, String)| {
                let of_this_database = kind == META && [SEAL, LEASE, BEGUN, NEWS].contains(&&*key);
                (!of_this_database).then_some(Change::Put(kind, key, text))
            };
            let entries = self.entries(kind).await?;
            let changes = entries.into_iter().filter_map(put).collect();
            other.apply(changes, None).await?;
        }
        for key in self.keys(CHUNKS).await? {
            if key == BALLAST {
                continue;
            }
            for bytes in self.pieces(&key).await? {
                let put = Change::PutBytes(key.clone(), bytes);
                other.apply(vec![put], None).await?;
            }
        }
        Ok(())
    }

    /// Whether this database was lost since it was last opened: it is new although its mark is
    /// there. From now on it counts as begun.
    pub async fn was_lost(&self) -> Result<bool, Error> {
        if !self.is_durable() || self.get(META, BEGUN).await?.is_some() {
            return Ok(false);
        }
        let was_there = canary::is_set(&self.name).await;
        let begun = Change::Put(META, BEGUN.into(), clock::now().to_string());
        self.apply(vec![begun], None).await?;
        canary::set(&self.name).await;
        Ok(was_there)
    }
}

/// Encryption.
impl Store {
    /// Whether values are encrypted.
    pub fn is_sealed(&self) -> bool {
        self.is_sealed.get()
    }

    /// Whether values are encrypted and the key is not here.
    pub fn is_locked(&self) -> bool {
        self.is_sealed.get() && self.seal.borrow().is_none()
    }

    /// Forgets the key.
    pub fn lock(&self) {
        self.seal.replace(None);
    }

    /// Brings the key back; `false` if the passphrase is another.
    pub async fn unlock(&self, passphrase: &str) -> Result<bool, Error> {
        let Some(record) = self.record_of_key().await? else {
            return Ok(false);
        };
        let Some(seal) = seal::unlock(&self.name, passphrase, &record).await? else {
            return Ok(false);
        };
        self.seal.replace(Some(seal));
        // A crash may have ended the first encryption half way.
        self.close_what_is_open().await?;
        Ok(true)
    }

    /// Encrypts from now on, and what is kept already.
    pub async fn seal(&self, passphrase: &str) -> Result<(), Error> {
        let (seal, record) = seal::create(&self.name, passphrase).await?;
        // First the key, or a crash would leave values that nothing can read.
        let put = Change::Put(META, SEAL.into(), record);
        self.apply(vec![put], None).await?;
        self.is_sealed.set(true);
        self.seal.replace(Some(seal));
        self.close_what_is_open().await
    }

    /// Puts the key under another passphrase; `false` if the old one is not the one it is under.
    pub async fn change_passphrase(&self, old: &str, new: &str) -> Result<bool, Error> {
        let Some(record) = self.record_of_key().await? else {
            return Ok(false);
        };
        let changed = seal::change(&self.name, old, new, &record).await?;
        let Some(record) = changed else {
            return Ok(false);
        };
        let put = Change::Put(META, SEAL.into(), record);
        self.apply(vec![put], None).await?;
        Ok(true)
    }

    async fn record_of_key(&self) -> Result<Option<String>, Error> {
        match &self.place {
            Place::Database(database) => database.get(META, SEAL).await,
            Place::Memory(_) => Ok(None),
        }
    }

    async fn close_what_is_open(&self) -> Result<(), Error> {
        let Place::Database(database) = &self.place else {
            return Ok(());
        };
        for kind in [RECORDS, DRAFTS, OUTBOX, META] {
            let mut changes = Vec::new();
            for (key, text) in database.pairs(kind, idb::Of::Prefix("")).await? {
                if self.is_closed(kind, &key) && seal::sealed(&text).is_none() {
                    changes.push(Change::Update(kind, key, text));
                }
            }
            if !changes.is_empty() {
                self.apply(changes, None).await?;
            }
        }
        // Pieces don't tell whether they are encrypted: their keys are noted when they are.
        if database.get(META, "sealed_files").await?.is_some() {
            return Ok(());
        }
        let mut changes = Vec::new();
        for key in database.keys(CHUNKS).await? {
            if key == BALLAST {
                continue;
            }
            for (key, bytes) in database.chunks(&key).await? {
                changes.push(Change::PutBytes(key, bytes));
            }
        }
        changes.push(Change::Put(META, "sealed_files".into(), "yes".into()));
        self.apply(changes, None).await.map(|_| ())
    }

    /// Whether a value is encrypted, if values are.
    fn is_closed(&self, kind: &str, key: &str) -> bool {
        self.is_sealed.get() && !(kind == META && [SEAL, LEASE, BEGUN].contains(&key))
    }

    fn key(&self) -> Result<Seal, Error> {
        let seal = self.seal.borrow().clone();
        seal.ok_or_else(|| Error::new(Kind::Storage, "locked: the passphrase is needed"))
    }

    /// What a value is bound to.
    fn place_of(&self, kind: &str, key: &str) -> String {
        format!("{}\n{kind}\n{key}", self.name)
    }

    /// The words of a kept text. One from before the encryption is readable as it is.
    async fn opened(&self, kind: &str, key: &str, text: String) -> Result<String, Error> {
        match seal::sealed(&text) {
            Some(kept) => {
                let place = self.place_of(kind, key);
                self.key()?.open_text(&place, &kept).await
            }
            None => Ok(text),
        }
    }

    /// Changes in the form in which they are kept.
    async fn closed(&self, changes: Vec<Change>) -> Result<Vec<Change>, Error> {
        if !self.is_sealed.get() {
            return Ok(changes);
        }
        let mut closed = Vec::with_capacity(changes.len());
        for change in changes {
            closed.push(match change {
                Change::Put(kind, key, text) if self.is_closed(kind, &key) => {
                    let text = self.closed_text(kind, &key, &text).await?;
                    Change::Put(kind, key, text)
                }
                Change::Update(kind, key, text) if self.is_closed(kind, &key) => {
                    let text = self.closed_text(kind, &key, &text).await?;
                    Change::Update(kind, key, text)
                }
                Change::PutBytes(key, bytes) => {
                    let place = self.place_of(CHUNKS, &key);
                    let bytes = Uint8Array::new(&bytes);
                    Change::PutBytes(key, self.key()?.close(&place, &bytes).await?.into())
                }
                open => open,
            });
        }
        Ok(closed)
    }

    async fn closed_text(&self, kind: &str, key: &str, text: &str) -> Result<String, Error> {
        let revision = match kind {
            DRAFTS => revision_of(text),
            _ => 0,
        };
        let place = self.place_of(kind, key);
        self.key()?.close_text(&place, text, revision).await
    }
}

/// The page is put away by a browser that lets it sleep with whatever it is doing: nothing is left
/// under way, since that would keep every other page from writing. It is done after [`go_on`].
pub fn rest() {
    idb::rest();
}

/// The page was brought back.
pub fn go_on() {
    idb::go_on();
}

/// The key of a piece of a file.
pub fn chunk_key(file: &str, number: u32) -> String {
    format!("{file}/{number:08}")
}

/// Bytes that can't be compressed.
fn noise(size: u32) -> Uint8Array {
    let bytes = Uint8Array::new_with_length(size);
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    // No more than this at once is what browsers give.
    let step = 65_536;
    for start in (0..size).step_by(step as usize) {
        let part = bytes.subarray(start, (start + step).min(size));
        if let Some(crypto) = &crypto {
            let _ = crypto.get_random_values_with_array_buffer_view(&part);
        }
    }
    bytes
}

/// What the browser says: how many bytes it gives, and how many are used.
pub async fn estimate() -> Option<(u64, u64)> {
    let storage = storage()?;
    let estimate = storage.estimate().ok()?;
    let told = page::within(1_000, JsFuture::from(estimate)).await?.ok()?;
    let number = |key: &str| Reflect::get(&told, &key.into()).ok()?.as_f64();
    Some((number("quota")? as u64, number("usage")? as u64))
}

/// Whether the browser has promised not to clear this away by itself; none if it does not tell.
pub async fn is_persistent() -> Option<bool> {
    let promise = storage()?.persisted().ok()?;
    let told = page::within(1_000, JsFuture::from(promise)).await?.ok()?;
    told.as_bool()
}

/// Asks the browser for that promise, in answer to what a person has just done. It may ask in turn,
/// and then says nothing for long: after a while it is taken as not given.
pub async fn ask_persistence() -> Option<bool> {
    let promise = storage()?.persist().ok()?;
    let told = page::within(5_000, JsFuture::from(promise)).await?.ok()?;
    told.as_bool()
}

fn storage() -> Option<web_sys::StorageManager> {
    let storage = web_sys::window()?.navigator().storage();
    (!storage.is_undefined()).then_some(storage)
}
