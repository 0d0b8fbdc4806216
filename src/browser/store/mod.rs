//! What this device keeps: records, drafts, file chunks, the outbox, in one database per account.
//!
//! Guarantees: every change goes through [`Store::apply`], one strict transaction that is complete
//! when it returns; a draft is written only over the revision its writer has seen, so two tabs keep
//! both texts; and what was removed in one tab is not brought back by [`Change::Update`] of another.
//! Inside a transaction nothing but the database is awaited, because anything else ends
//! it. A handle that died is reopened once; retrying a dead handle never helps.
//!
//! Values are JSON texts, as the rest of the portal reads and writes them; chunks are bytes.

use std::cell::RefCell;
use std::rc::Rc;

use indexed_db_futures::KeyRange;
use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{
    Transaction, TransactionDurability, TransactionMode, TransactionOptions,
};
use serde_json::Value;
use wasm_bindgen::JsValue;

use crate::core::error::{Error, Kind};

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

const STORES: [&str; 5] = [RECORDS, DRAFTS, CHUNKS, OUTBOX, META];
const VERSION: u32 = 1;

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
pub struct AtRevision<'a> {
    /// The draft's id.
    pub draft: &'a str,
    /// The revision its writer has seen.
    pub revision: u64,
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
    handle: RefCell<Option<Rc<Database>>>,
}

fn broken(doing: &str) -> impl FnOnce(indexed_db_futures::error::Error) -> Error + '_ {
    move |error| Error::new(Kind::Storage, format!("{doing}: {error}"))
}

impl Store {
    /// Opens the database of a name, creating it if need be.
    pub async fn open(name: &str) -> Result<Store, Error> {
        let store = Store {
            name: name.into(),
            handle: RefCell::default(),
        };
        store.handle().await?;
        Ok(store)
    }

    async fn handle(&self) -> Result<Rc<Database>, Error> {
        if let Some(handle) = self.handle.borrow().clone() {
            return Ok(handle);
        }
        let opened = Database::open(self.name.as_str())
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
            .map_err(|error| Error::new(Kind::Storage, format!("open: {error}")))?;
        let handle = Rc::new(opened);
        *self.handle.borrow_mut() = Some(handle.clone());
        Ok(handle)
    }

    /// Makes changes durable, all of them or none.
    pub async fn apply(
        &self,
        changes: Vec<Change>,
        condition: Option<AtRevision<'_>>,
    ) -> Result<Applied, Error> {
        let database = self.handle().await?;
        let result = apply(&database, &changes, condition.as_ref()).await;
        if !matches!(&result, Err(error) if is_dead(error)) {
            return result;
        }
        self.handle.replace(None);
        let database = self.handle().await?;
        apply(&database, &changes, condition.as_ref()).await
    }

    /// The text kept under a key.
    pub async fn get(&self, kind: &str, key: &str) -> Result<Option<String>, Error> {
        let database = self.handle().await?;
        let doing = "read";
        let transaction = database.transaction(kind).build().map_err(broken(doing))?;
        let store = transaction.object_store(kind).map_err(broken(doing))?;
        store
            .get::<String, _, _>(key)
            .primitive()
            .map_err(broken(doing))?
            .await
            .map_err(broken(doing))
    }

    /// All texts whose key begins so, in the order of their keys.
    pub async fn all(&self, kind: &str, prefix: &str) -> Result<Vec<String>, Error> {
        let database = self.handle().await?;
        let doing = "list";
        let transaction = database.transaction(kind).build().map_err(broken(doing))?;
        let store = transaction.object_store(kind).map_err(broken(doing))?;
        let values = store
            .get_all::<String>()
            .with_query::<String, _>(from(prefix))
            .primitive()
            .map_err(broken(doing))?
            .await
            .map_err(broken(doing))?;
        values
            .collect::<Result<Vec<String>, _>>()
            .map_err(broken(doing))
    }

    /// All keys and texts of a kind.
    pub async fn entries(&self, kind: &str) -> Result<Vec<(String, String)>, Error> {
        let database = self.handle().await?;
        let doing = "list";
        let transaction = database.transaction(kind).build().map_err(broken(doing))?;
        let store = transaction.object_store(kind).map_err(broken(doing))?;
        let keys = store
            .get_all_keys::<String>()
            .primitive()
            .map_err(broken(doing))?
            .await
            .map_err(broken(doing))?
            .collect::<Result<Vec<String>, _>>()
            .map_err(broken(doing))?;
        let values = store
            .get_all::<String>()
            .primitive()
            .map_err(broken(doing))?
            .await
            .map_err(broken(doing))?
            .collect::<Result<Vec<String>, _>>()
            .map_err(broken(doing))?;
        Ok(keys.into_iter().zip(values).collect())
    }

    /// The pieces of a file in order.
    pub async fn chunks(&self, file: &str) -> Result<Vec<JsValue>, Error> {
        let database = self.handle().await?;
        let doing = "read a file";
        let transaction = database
            .transaction(CHUNKS)
            .build()
            .map_err(broken(doing))?;
        let store = transaction.object_store(CHUNKS).map_err(broken(doing))?;
        let pieces = store
            .get_all::<JsValue>()
            .with_query::<String, _>(from(&format!("{file}/")))
            .primitive()
            .map_err(broken(doing))?
            .await
            .map_err(broken(doing))?;
        pieces
            .collect::<Result<Vec<JsValue>, _>>()
            .map_err(broken(doing))
    }

    /// Removes the whole database, for signing out.
    pub async fn remove(self) -> Result<(), Error> {
        let failed = |error: String| Error::new(Kind::Storage, format!("remove: {error}"));
        if let Some(handle) = self
            .handle
            .take()
            .and_then(|handle| Rc::try_unwrap(handle).ok())
        {
            handle.close();
        }
        Database::delete_by_name(&self.name)
            .map_err(|error| failed(error.to_string()))?
            .await
            .map_err(|error| failed(error.to_string()))?;
        Ok(())
    }
}

/// The key of a piece of a file.
pub fn chunk_key(file: &str, number: u32) -> String {
    format!("{file}/{number:08}")
}

/// The range of keys that begin with a prefix.
fn from(prefix: &str) -> KeyRange<String> {
    KeyRange::Bound(prefix.into(), false, format!("{prefix}\u{ffff}"), false)
}

/// Whether the handle is of no use any more, as after the browser dropped its connection.
fn is_dead(error: &Error) -> bool {
    let context = error.context();
    context.contains("InvalidStateError") || context.contains("connection is clos")
}

async fn apply(
    database: &Database,
    changes: &[Change],
    condition: Option<&AtRevision<'_>>,
) -> Result<Applied, Error> {
    let doing = "save";
    let options = TransactionOptions::new().with_durability(TransactionDurability::Strict);
    let transaction = database
        .transaction(STORES)
        .with_mode(TransactionMode::Readwrite)
        .with_options(options)
        .build()
        .map_err(broken(doing))?;
    if let Some(condition) = condition
        && !holds(&transaction, condition).await?
    {
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
    transaction.commit().await.map_err(broken(doing))?;
    Ok(Applied::Yes)
}

async fn kept(
    transaction: &Transaction<'_>,
    kind: &str,
    key: &str,
) -> Result<Option<String>, Error> {
    let doing = "save";
    transaction
        .object_store(kind)
        .map_err(broken(doing))?
        .get::<String, _, _>(key)
        .primitive()
        .map_err(broken(doing))?
        .await
        .map_err(broken(doing))
}

async fn holds(transaction: &Transaction<'_>, condition: &AtRevision<'_>) -> Result<bool, Error> {
    let revision = kept(transaction, DRAFTS, condition.draft)
        .await?
        .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        .and_then(|json| json.get("revision").and_then(Value::as_u64))
        .unwrap_or(0);
    Ok(revision == condition.revision)
}

fn enqueue(
    transaction: &Transaction<'_>,
    change: &Change,
) -> Result<(), indexed_db_futures::error::Error> {
    match change {
        Change::Put(kind, key, text) | Change::Update(kind, key, text) => {
            let store = transaction.object_store(kind)?;
            store.put(text.as_str()).with_key(key.clone()).build()?;
        }
        Change::PutBytes(key, bytes) => {
            let store = transaction.object_store(CHUNKS)?;
            store.put(bytes.clone()).with_key(key.clone()).build()?;
        }
        Change::Delete(kind, key) => {
            transaction
                .object_store(kind)?
                .delete(key.as_str())
                .build()?;
        }
        Change::DeleteAll(kind, prefix) => {
            transaction
                .object_store(kind)?
                .delete::<String, _>(from(prefix))
                .build()?;
        }
    }
    Ok(())
}
