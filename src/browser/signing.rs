//! The key with which this device signs what an account hands over as a file.
//!
//! It is made by the browser on first use, as a pair on the curve P-256 whose private half can't be
//! read out by any program, and kept in a database of its own, one for each account, which goes with
//! the account ([`forget`]). Where the browser keeps nothing, a key lives as long as the page.

use std::cell::RefCell;

use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::TransactionMode;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use super::page::within;
use crate::core::error::{Error, Kind};

const KEYS: &str = "keys";
const OWN: &str = "own";
/// Milliseconds in which a database opens, or is taken for one that never does.
const PATIENCE: i32 = 2_000;

thread_local! {
    /// The key of an account whose browser keeps none.
    static FLEETING: RefCell<Option<(String, JsValue)>> = const { RefCell::new(None) };
}

/// A key pair.
pub struct Key {
    private: CryptoKey,
    /// The public key: the point without compression, in hexadecimal digits.
    pub public: String,
}

fn failed(error: &JsValue) -> Error {
    let why = super::page::message(error);
    Error::new(Kind::Storage, format!("signing: {why}"))
}

fn subtle() -> Result<SubtleCrypto, Error> {
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    let subtle = crypto.map(|crypto| crypto.subtle());
    subtle
        .filter(|subtle| !subtle.is_undefined())
        .ok_or_else(|| Error::new(Kind::Storage, "signing: needs a secure connection"))
}

fn object(pairs: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        // Setting a property of a fresh object can't fail.
        let _ = Reflect::set(&object, &(*key).into(), &(*value).into());
    }
    object
}

fn curve() -> Object {
    object(&[("name", "ECDSA"), ("namedCurve", "P-256")])
}

fn how() -> Object {
    object(&[("name", "ECDSA"), ("hash", "SHA-256")])
}

async fn wait(promise: Result<js_sys::Promise, JsValue>) -> Result<JsValue, Error> {
    let promise = promise.map_err(|error| failed(&error))?;
    JsFuture::from(promise)
        .await
        .map_err(|error| failed(&error))
}

/// Bytes in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal digits.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let digit = |at: usize| char::from(*pair.get(at)?).to_digit(16);
        Some((digit(0)? << 4 | digit(1)?) as u8)
    });
    pairs.collect()
}

/// SHA-256 of a public key.
pub fn fingerprint(public: &str) -> String {
    hex(&Sha256::digest(unhex(public).unwrap_or_default()))
}

fn name(account: &str) -> String {
    format!("signing-{account}")
}

/// The key of an account on this device, made if there is none yet.
pub async fn key(account: &str) -> Result<Key, Error> {
    let pair = match kept(account).await {
        Some(pair) => pair,
        None => make(account).await?,
    };
    let half = |name: &str| -> Result<CryptoKey, Error> {
        let half = Reflect::get(&pair, &name.into()).map_err(|error| failed(&error))?;
        Ok(half.unchecked_into())
    };
    let subtle = subtle()?;
    let raw = wait(subtle.export_key("raw", &half("publicKey")?)).await?;
    let raw: ArrayBuffer = raw.unchecked_into();
    Ok(Key {
        private: half("privateKey")?,
        public: hex(&Uint8Array::new(&raw).to_vec()),
    })
}

async fn kept(account: &str) -> Option<JsValue> {
    let fleeting = FLEETING.with_borrow(|kept| kept.clone());
    if let Some((_, pair)) = fleeting.filter(|(of, _)| of == account) {
        return Some(pair);
    }
    within(PATIENCE, read(account)).await?.ok().flatten()
}

type Kept<T> = Result<T, Box<dyn std::error::Error>>;

async fn open(account: &str) -> Kept<Database> {
    let opened = Database::open(name(account))
        .with_version(1_u32)
        .with_on_upgrade_needed(|_, database| {
            database.create_object_store(KEYS).build()?;
            Ok(())
        })
        .await?;
    Ok(opened)
}

async fn read(account: &str) -> Kept<Option<JsValue>> {
    let database = open(account).await?;
    let transaction = database.transaction(KEYS).build()?;
    let store = transaction.object_store(KEYS)?;
    let pair = store.get::<JsValue, _, _>(OWN).primitive()?.await?;
    drop(transaction);
    database.close();
    Ok(pair)
}

async fn write(account: &str, pair: &JsValue) -> Kept<()> {
    let database = open(account).await?;
    let transaction = database
        .transaction(KEYS)
        .with_mode(TransactionMode::Readwrite)
        .build()?;
    let store = transaction.object_store(KEYS)?;
    store.put(pair.clone()).with_key(OWN.to_string()).build()?;
    transaction.commit().await?;
    database.close();
    Ok(())
}

async fn make(account: &str) -> Result<JsValue, Error> {
    let uses = Array::of2(&"sign".into(), &"verify".into());
    let pair = wait(subtle()?.generate_key_with_object(&curve(), false, &uses)).await?;
    let written = within(PATIENCE, write(account, &pair)).await;
    if !matches!(written, Some(Ok(()))) {
        FLEETING.set(Some((account.into(), pair.clone())));
    }
    Ok(pair)
}

/// Signs bytes; the signature in hexadecimal digits.
pub async fn sign(key: &Key, bytes: &[u8]) -> Result<String, Error> {
    let signed = subtle()?.sign_with_object_and_u8_array(&how(), &key.private, bytes);
    let signed: ArrayBuffer = wait(signed).await?.unchecked_into();
    Ok(hex(&Uint8Array::new(&signed).to_vec()))
}

/// Whether a signature over bytes was made with the private half of a public key.
pub async fn verify(public: &str, signature: &str, bytes: &[u8]) -> Result<bool, Error> {
    let (Some(public), Some(signature)) = (unhex(public), unhex(signature)) else {
        return Ok(false);
    };
    let subtle = subtle()?;
    let raw: Object = Uint8Array::from(public.as_slice()).into();
    let uses = Array::of1(&"verify".into());
    let key = wait(subtle.import_key_with_object("raw", &raw, &curve(), true, &uses)).await;
    // What is no point of the curve has signed nothing.
    let Ok(key) = key else { return Ok(false) };
    let key: CryptoKey = key.unchecked_into();
    let verified =
        subtle.verify_with_object_and_u8_array_and_u8_array(&how(), &key, &signature, bytes);
    Ok(wait(verified).await?.is_truthy())
}

/// Removes an account's key from this device.
pub async fn forget(account: &str) {
    FLEETING.set(None);
    if let Ok(removing) = Database::delete_by_name(&name(account)) {
        // What can't be removed now signs nothing that anybody would take for another's.
        let _ = removing.await;
    }
}
