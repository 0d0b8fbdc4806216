//! Writing and reading case files ([`crate::core::case_file`]) a piece at a time, so that attachments
//! of any size need no more memory than one piece.

use js_sys::{Array, Uint8Array};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use super::away::Away;
use super::store::Store;
use super::{files, signing};
use crate::core::case_file::archive::{Crc, END, Entry, Found, directory_at, frame, parts};
use crate::core::case_file::{
    Broken, CaseFile, LARGEST_MANIFEST, LARGEST_SIGNATURE, MANIFEST, Part, SIGNATURE, path,
};
use crate::core::draft::DraftFile;
use crate::core::error::{Error, Kind};

/// Bytes that are read at a time.
const STEP: u64 = 4 * 1024 * 1024;

/// Where the bytes of an attachment are.
pub enum From {
    /// Kept on this device.
    Kept(DraftFile),
    /// At the backend, if they can be brought from there.
    Away(Option<Away>),
}

/// An attachment to be put into a file.
pub struct Source {
    /// Its name.
    pub name: String,
    /// The id of its record; empty if it was not sent yet.
    pub attachment: String,
    /// Its bytes.
    pub from: From,
}

fn failed(error: &JsValue) -> Error {
    let why = super::page::message(error);
    Error::new(Kind::Storage, format!("case file: {why}"))
}

async fn bytes(blob: &Blob, from: u64, to: u64) -> Result<Vec<u8>, Error> {
    let part = blob
        .slice_with_f64_and_f64(from as f64, to as f64)
        .map_err(|error| failed(&error))?;
    let buffer = JsFuture::from(part.array_buffer()).await;
    let buffer = buffer.map_err(|error| failed(&error))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// A part that was read once from end to end.
struct Ready {
    blob: Blob,
    sha256: String,
    crc: u32,
    media_type: String,
}

/// Makes a signed file. Attachments that can't be had now are named in it as left out.
pub async fn write(
    store: &Store,
    account: &str,
    mut file: CaseFile,
    sources: Vec<Source>,
) -> Result<Blob, Error> {
    let key = signing::key(account).await?;
    file.signer.key.clone_from(&key.public);
    let mut ready = Vec::new();
    for source in sources {
        match fetch(store, &source.from).await? {
            None => file.left_out.push(source.name),
            Some(one) => {
                file.parts.push(Part {
                    path: path(ready.len(), &source.name),
                    name: source.name,
                    size: one.blob.size() as u64,
                    media_type: one.media_type.clone(),
                    sha256: one.sha256.clone(),
                    attachment: source.attachment,
                });
                ready.push(one);
            }
        }
    }
    let manifest = file.to_text();
    let signature = signing::sign(&key, manifest.as_bytes()).await?;
    let signature = json!({ "algorithm": "ES256", "signature": signature }).to_string();
    let text = |path: &str, text: &str| {
        let mut crc = Crc::default();
        crc.add(text.as_bytes());
        Entry {
            path: path.into(),
            size: text.len() as u64,
            crc: crc.sum(),
        }
    };
    let mut entries = vec![text(MANIFEST, &manifest), text(SIGNATURE, &signature)];
    for (part, one) in file.parts.iter().zip(&ready) {
        entries.push(Entry {
            path: part.path.clone(),
            size: part.size,
            crc: one.crc,
        });
    }
    let frame = frame(&entries)
        .ok_or_else(|| Error::new(Kind::Refused, "case file: more than 4 GiB in all"))?;
    let all = Array::new();
    let contents = [JsValue::from(manifest), JsValue::from(signature)];
    let contents = contents
        .into_iter()
        .chain(ready.into_iter().map(|one| one.blob.into()));
    for (head, content) in frame.heads.iter().zip(contents) {
        all.push(&Uint8Array::from(head.as_slice()));
        all.push(&content);
    }
    all.push(&Uint8Array::from(frame.tail.as_slice()));
    Blob::new_with_u8_array_sequence(&all).map_err(|error| failed(&error))
}

async fn fetch(store: &Store, from: &From) -> Result<Option<Ready>, Error> {
    match from {
        From::Away(away) => {
            // Without a network, or where the backend refuses, the file goes without it.
            let brought = match away {
                Some(away) => away.bring().await.ok(),
                None => None,
            };
            let Some(blob) = brought else {
                return Ok(None);
            };
            let (sha256, crc) = sums(&blob, 0, blob.size() as u64).await?;
            let media_type = blob.type_();
            Ok(Some(Ready {
                blob,
                sha256,
                crc,
                media_type,
            }))
        }
        From::Kept(file) => {
            let pieces = Array::new();
            let (mut hash, mut crc) = (Sha256::new(), Crc::default());
            let mut at = 0;
            while at < file.size {
                let next = (at + STEP).min(file.size);
                let Some(piece) = files::slice(store, &file.id, at, next).await? else {
                    return Ok(None);
                };
                let read = bytes(&piece, 0, next - at).await?;
                hash.update(&read);
                crc.add(&read);
                pieces.push(&piece);
                at = next;
            }
            let blob = Blob::new_with_blob_sequence(&pieces).map_err(|error| failed(&error))?;
            Ok(Some(Ready {
                blob,
                sha256: signing::hex(&hash.finalize()),
                crc: crc.sum(),
                media_type: file.media_type.clone(),
            }))
        }
    }
}

async fn sums(blob: &Blob, from: u64, size: u64) -> Result<(String, u32), Error> {
    let (mut hash, mut crc) = (Sha256::new(), Crc::default());
    let (mut at, end) = (from, from + size);
    while at < end {
        let next = (at + STEP).min(end);
        let read = bytes(blob, at, next).await?;
        hash.update(&read);
        crc.add(&read);
        at = next;
    }
    Ok((signing::hex(&hash.finalize()), crc.sum()))
}

/// A file that was read, verified and found whole.
#[derive(Clone)]
pub struct Opened {
    /// What it holds.
    pub file: CaseFile,
    /// SHA-256 of the key it was signed with.
    pub fingerprint: String,
    /// Whether it was signed with this device's own key.
    pub is_own: bool,
    blob: Blob,
    found: Vec<Found>,
}

/// Reads a file and verifies its signature and every hash; or says what is wrong and where.
pub async fn open(account: &str, chosen: &File) -> Result<Opened, Broken> {
    let unreadable = |_: Error| Broken::new("archive", "unreadable_file");
    let size = chosen.size() as u64;
    let last = bytes(chosen, size.saturating_sub(END), size).await;
    let place = directory_at(size, &last.map_err(unreadable)?)?;
    if place.end - place.start > LARGEST_MANIFEST {
        return Err(Broken::new("archive", "too_large"));
    }
    let directory = bytes(chosen, place.start, place.end).await;
    let found = parts(&directory.map_err(unreadable)?, place)?;
    for one in &found {
        let head = one.head();
        let start = one.from - head.len() as u64;
        if bytes(chosen, start, one.from).await.map_err(unreadable)? != head {
            return Err(Broken::new(one.path.clone(), "odd_part"));
        }
    }
    let manifest = text(chosen, &found, MANIFEST, LARGEST_MANIFEST).await?;
    let signature = text(chosen, &found, SIGNATURE, LARGEST_SIGNATURE).await?;
    let file = CaseFile::read(&manifest, &found)?;
    let signature: Value = serde_json::from_str(&signature).unwrap_or_default();
    let signature = signature.get("signature").and_then(Value::as_str);
    let signed = signing::verify(
        &file.signer.key,
        signature.unwrap_or_default(),
        manifest.as_bytes(),
    );
    match signed.await {
        Ok(true) => {}
        Ok(false) => return Err(Broken::new(SIGNATURE, "bad_signature")),
        Err(_) => return Err(Broken::new(SIGNATURE, "no_crypto")),
    }
    for part in &file.parts {
        if let Some(one) = found.iter().find(|one| one.path == part.path) {
            let sums = sums(chosen, one.from, one.size).await.map_err(unreadable)?;
            if sums.0 != part.sha256 {
                return Err(Broken::new(part.path.clone(), "wrong_hash"));
            }
        }
    }
    let own = signing::key(account).await;
    Ok(Opened {
        fingerprint: signing::fingerprint(&file.signer.key),
        is_own: own.is_ok_and(|own| own.public == file.signer.key),
        file,
        blob: chosen.clone().into(),
        found,
    })
}

async fn text(chosen: &Blob, found: &[Found], path: &str, most: u64) -> Result<String, Broken> {
    let Some(one) = found.iter().find(|one| one.path == path) else {
        return Err(Broken::new(path, "part_missing"));
    };
    if one.size > most {
        return Err(Broken::new(path, "too_large"));
    }
    let read = bytes(chosen, one.from, one.from + one.size).await;
    let read = read.map_err(|_| Broken::new(path, "unreadable_file"))?;
    String::from_utf8(read).map_err(|_| Broken::new(path, "not_json"))
}

impl Opened {
    /// An attachment as a file of its own.
    pub fn part(&self, place: usize) -> Option<File> {
        let part = self.file.parts.get(place)?;
        let one = self.found.iter().find(|one| one.path == part.path)?;
        let (from, to) = (one.from as f64, (one.from + one.size) as f64);
        let bytes = self.blob.slice_with_f64_and_f64(from, to).ok()?;
        File::new_with_blob_sequence(&Array::of1(&bytes), &part.name).ok()
    }
}
