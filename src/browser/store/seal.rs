//! Encryption of what is kept, where the deployment wants it: AES-GCM under a key that is kept only
//! encrypted itself, under one that is made of a passphrase.
//!
//! Guarantees: without the passphrase no value can be read from the device, and none can be moved to
//! another account, kind, key or revision without being refused. What this does not do: hide how
//! many things are kept under which ids and when they change, or help against a program that runs
//! in the unlocked page. Without the passphrase nothing can be got back.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Crypto, CryptoKey, SubtleCrypto};

use crate::core::base64;
use crate::core::error::{Error, Kind};

/// Rounds of PBKDF2 with SHA-256.
const ROUNDS: u32 = 600_000;
/// Bytes of the random start of each encrypted value.
const NONCE: usize = 12;
const ALGORITHM: &str = "AES-GCM";

/// The key of an account that is unlocked.
#[derive(Clone)]
pub(super) struct Seal(CryptoKey);

fn failed(error: &JsValue) -> Error {
    let why = crate::browser::page::message(error);
    Error::new(Kind::Storage, format!("encryption: {why}"))
}

fn crypto() -> Result<(Crypto, SubtleCrypto), Error> {
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    let subtle = crypto.map(|crypto| (crypto.subtle(), crypto));
    match subtle {
        // It is there on secure pages only.
        Some((subtle, crypto)) if !subtle.is_undefined() => Ok((crypto, subtle)),
        _ => Err(Error::new(
            Kind::Storage,
            "encryption: needs a secure connection",
        )),
    }
}

fn random(crypto: &Crypto, bytes: &mut [u8]) -> Result<(), Error> {
    crypto
        .get_random_values_with_u8_array(bytes)
        .map(|_| ())
        .map_err(|error| failed(&error))
}

fn object(pairs: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (key, value) in pairs {
        // Setting a property of a fresh object can't fail.
        let _ = Reflect::set(&object, &(*key).into(), value);
    }
    object
}

async fn wait<T: JsCast>(promise: Result<js_sys::Promise, JsValue>) -> Result<T, Error> {
    let promise = promise.map_err(|error| failed(&error))?;
    let value = JsFuture::from(promise).await;
    Ok(value.map_err(|error| failed(&error))?.unchecked_into())
}

/// The key that a passphrase makes with a salt.
async fn from_passphrase(passphrase: &str, salt: &[u8], rounds: u32) -> Result<Seal, Error> {
    let (_, subtle) = crypto()?;
    let raw = Uint8Array::from(passphrase.as_bytes());
    let uses = Array::of1(&"deriveKey".into());
    let base: CryptoKey =
        wait(subtle.import_key_with_str("raw", &raw, "PBKDF2", false, &uses)).await?;
    let how = object(&[
        ("name", "PBKDF2".into()),
        ("hash", "SHA-256".into()),
        ("salt", Uint8Array::from(salt).into()),
        ("iterations", rounds.into()),
    ]);
    let what = object(&[("name", ALGORITHM.into()), ("length", 256.into())]);
    let key = subtle.derive_key_with_object_and_object(&how, &base, &what, false, &uses_of_a_key());
    Ok(Seal(wait(key).await?))
}

async fn from_bytes(raw: &Uint8Array) -> Result<Seal, Error> {
    let (_, subtle) = crypto()?;
    let uses = uses_of_a_key();
    let key = subtle.import_key_with_str("raw", raw, ALGORITHM, false, &uses);
    Ok(Seal(wait(key).await?))
}

fn uses_of_a_key() -> Array {
    Array::of2(&"encrypt".into(), &"decrypt".into())
}

/// Makes a key for an account and what is kept of it: the key, encrypted under the passphrase.
pub(super) async fn create(account: &str, passphrase: &str) -> Result<(Seal, String), Error> {
    let (crypto, _) = crypto()?;
    let mut raw = [0; 32];
    random(&crypto, &mut raw)?;
    let raw = Uint8Array::from(raw.as_slice());
    let record = wrap(account, passphrase, &raw).await?;
    Ok((from_bytes(&raw).await?, record))
}

async fn wrap(account: &str, passphrase: &str, raw: &Uint8Array) -> Result<String, Error> {
    let (crypto, _) = crypto()?;
    let mut salt = [0; 16];
    random(&crypto, &mut salt)?;
    let outer = from_passphrase(passphrase, &salt, ROUNDS).await?;
    let key = outer.close(account, raw).await?;
    let record = json!({
        "rounds": ROUNDS,
        "salt": base64::encode(&salt),
        "key": base64::encode(&key.to_vec()),
    });
    Ok(record.to_string())
}

async fn unwrap(
    account: &str,
    passphrase: &str,
    record: &str,
) -> Result<Option<Uint8Array>, Error> {
    let json: Value = serde_json::from_str(record).unwrap_or_default();
    let bytes = |key: &str| base64::decode(json.get(key)?.as_str()?);
    let rounds = json.get("rounds").and_then(Value::as_u64).unwrap_or(0);
    let (Some(salt), Some(key), Ok(rounds @ 1..)) =
        (bytes("salt"), bytes("key"), u32::try_from(rounds))
    else {
        return Err(Error::new(Kind::Storage, "encryption: the key is damaged"));
    };
    let outer = from_passphrase(passphrase, &salt, rounds).await?;
    let key = Uint8Array::from(key.as_slice());
    Ok(outer.open(account, &key).await.ok())
}

/// The key of an account; none if the passphrase is another.
pub(super) async fn unlock(
    account: &str,
    passphrase: &str,
    record: &str,
) -> Result<Option<Seal>, Error> {
    match unwrap(account, passphrase, record).await? {
        Some(raw) => from_bytes(&raw).await.map(Some),
        None => Ok(None),
    }
}

/// What is kept of the key under a new passphrase; none if the old one is another.
pub(super) async fn change(
    account: &str,
    old: &str,
    new: &str,
    record: &str,
) -> Result<Option<String>, Error> {
    match unwrap(account, old, record).await? {
        Some(raw) => wrap(account, new, &raw).await.map(Some),
        None => Ok(None),
    }
}

impl Seal {
    fn how(&self, nonce: &[u8], place: &str) -> Object {
        object(&[
            ("name", ALGORITHM.into()),
            ("iv", Uint8Array::from(nonce).into()),
            ("additionalData", Uint8Array::from(place.as_bytes()).into()),
        ])
    }

    /// Encrypts bytes for one place.
    pub(super) async fn close(&self, place: &str, bytes: &Uint8Array) -> Result<Uint8Array, Error> {
        let (crypto, subtle) = crypto()?;
        let mut nonce = [0; NONCE];
        random(&crypto, &mut nonce)?;
        let how = self.how(&nonce, place);
        let closed: ArrayBuffer =
            wait(subtle.encrypt_with_object_and_buffer_source(&how, &self.0, bytes)).await?;
        let closed = Uint8Array::new(&closed);
        let whole = Uint8Array::new_with_length(NONCE as u32 + closed.length());
        whole.set(&Uint8Array::from(nonce.as_slice()), 0);
        whole.set(&closed, NONCE as u32);
        Ok(whole)
    }

    /// Decrypts what was encrypted for this place, and for no other.
    pub(super) async fn open(&self, place: &str, whole: &Uint8Array) -> Result<Uint8Array, Error> {
        let (_, subtle) = crypto()?;
        let nonce = whole.slice(0, NONCE as u32).to_vec();
        let closed = whole.subarray(NONCE as u32, whole.length());
        let how = self.how(&nonce, place);
        let opened: ArrayBuffer =
            wait(subtle.decrypt_with_object_and_buffer_source(&how, &self.0, &closed)).await?;
        Ok(Uint8Array::new(&opened))
    }

    /// A text in the form in which it is kept: its words encrypted, and beside them the revision
    /// that the database itself has to compare.
    pub(super) async fn close_text(
        &self,
        place: &str,
        text: &str,
        revision: u64,
    ) -> Result<String, Error> {
        let bytes = Uint8Array::from(text.as_bytes());
        let closed = self.close(&bound(place, revision), &bytes).await?;
        let sealed = base64::encode(&closed.to_vec());
        Ok(json!({ "revision": revision, "sealed": sealed }).to_string())
    }

    /// The words of a text that is kept in that form.
    pub(super) async fn open_text(&self, place: &str, kept: &Value) -> Result<String, Error> {
        let damaged = || Error::new(Kind::Storage, "encryption: a value is damaged");
        let sealed = kept.get("sealed").and_then(Value::as_str);
        let sealed = sealed.and_then(base64::decode).ok_or_else(damaged)?;
        let revision = kept.get("revision").and_then(Value::as_u64).unwrap_or(0);
        let whole = Uint8Array::from(sealed.as_slice());
        let opened = self.open(&bound(place, revision), &whole).await?;
        String::from_utf8(opened.to_vec()).map_err(|_| damaged())
    }
}

fn bound(place: &str, revision: u64) -> String {
    format!("{place}\n{revision}")
}

/// A kept text that is encrypted; none if its words are readable.
pub(super) fn sealed(text: &str) -> Option<Value> {
    let json: Value = serde_json::from_str(text).ok()?;
    json.get("sealed")?.as_str()?;
    Some(json)
}
