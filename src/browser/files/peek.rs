//! What can be shown of a file without opening it: a picture, the first lines of a text, what is in
//! an archive. A file is never given to the browser as a page, and a drawing that may hold a
//! program is text.

use js_sys::{Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Url;

use super::{bytes, slice};
use crate::browser::store::Store;
use crate::core::draft::DraftFile;
use crate::core::error::Error;
use crate::core::files::{
    Entry, Listing, Look, MOST_ENTRIES, Tar, first_lines, look, tar, zip_directory, zip_entries,
};

/// The largest picture that is shown, in bytes.
const LARGEST_PICTURE: u64 = 30 << 20;
/// How much of a text is read for its first lines.
const BEGINNING: u64 = 16 << 10;
/// Its lines and their width.
const LINES: (usize, usize) = (12, 200);
/// Where the end of a zip archive is, at the furthest.
const END: u64 = 66 << 10;
/// How many headers of a tar archive are read.
const HEADERS: usize = 600;

/// What is shown.
pub enum Peek {
    /// The first lines.
    Lines(String),
    /// What is in it.
    Inside(Listing),
    /// It can't be shown.
    Nothing,
}

/// A picture that the browser shows from memory; its memory is given back with this.
pub struct Picture(String);

impl Picture {
    /// The address to show it by.
    pub fn address(&self) -> String {
        self.0.clone()
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.0);
    }
}

/// The picture of a file that calls itself one. It is given without a type, so that the browser goes
/// by its content, and a drawing in disguise is no picture.
pub async fn picture(store: &Store, file: &DraftFile) -> Option<Picture> {
    let is_picture = look(&file.name, &file.media_type) == Look::Image;
    if !is_picture || file.size > LARGEST_PICTURE {
        return None;
    }
    let blob = slice(store, &file.id, 0, file.size).await.ok()??;
    Url::create_object_url_with_blob(&blob).ok().map(Picture)
}

/// What can be shown of a text or an archive.
pub async fn peek(store: &Store, file: &DraftFile) -> Result<Peek, Error> {
    Ok(match look(&file.name, &file.media_type) {
        Look::Text => lines(store, file).await?.map_or(Peek::Nothing, Peek::Lines),
        Look::Zip => inside_zip(store, file)
            .await?
            .map_or(Peek::Nothing, Peek::Inside),
        Look::Tar => inside_tar(store, file)
            .await?
            .map_or(Peek::Nothing, Peek::Inside),
        Look::Image | Look::Other => Peek::Nothing,
    })
}

async fn read(
    store: &Store,
    file: &DraftFile,
    from: u64,
    to: u64,
) -> Result<Option<Vec<u8>>, Error> {
    let to = to.min(file.size);
    match slice(store, &file.id, from, to).await? {
        Some(part) => bytes(&part, 0, to.saturating_sub(from)).await.map(Some),
        None => Ok(None),
    }
}

async fn lines(store: &Store, file: &DraftFile) -> Result<Option<String>, Error> {
    let read = read(store, file, 0, BEGINNING).await?;
    let text = read.and_then(|bytes| decoded(&bytes));
    Ok(text.and_then(|text| first_lines(&text, LINES.0, LINES.1)))
}

/// A whole file as text; nothing if it is none, or not here.
pub async fn text(store: &Store, file: &DraftFile) -> Result<Option<String>, Error> {
    let read = read(store, file, 0, file.size).await?;
    Ok(read.and_then(|bytes| decoded(&bytes)))
}

/// A chosen file as text, wherever it lies; nothing if it is none, or can't be read.
pub async fn text_of(file: &web_sys::File) -> Option<String> {
    let bytes = bytes(file, 0, file.size() as u64).await.ok()?;
    decoded(&bytes)
}

/// Bytes as text: in UTF-8, in UTF-16 if they say so, else in what older Japanese systems write.
pub fn decoded(bytes: &[u8]) -> Option<String> {
    let first = match bytes {
        [0xff, 0xfe, ..] => "utf-16le",
        [0xfe, 0xff, ..] => "utf-16be",
        _ => "utf-8",
    };
    [first, "shift_jis"]
        .iter()
        .find_map(|encoding| decoded_as(bytes, encoding))
}

fn decoded_as(bytes: &[u8], encoding: &str) -> Option<String> {
    let class = Reflect::get(&js_sys::global(), &"TextDecoder".into()).ok()?;
    let settings = Object::new();
    Reflect::set(&settings, &"fatal".into(), &true.into()).ok()?;
    let arguments = js_sys::Array::of2(&encoding.into(), &settings);
    let decoder = Reflect::construct(class.dyn_ref::<Function>()?, &arguments).ok()?;
    let decode: Function = Reflect::get(&decoder, &"decode".into())
        .ok()?
        .dyn_into()
        .ok()?;
    // The last character may be cut in two, which is no reason to call it broken.
    let more = Object::new();
    Reflect::set(&more, &"stream".into(), &true.into()).ok()?;
    let bytes: JsValue = Uint8Array::from(bytes).into();
    decode.call2(&decoder, &bytes, &more).ok()?.as_string()
}

async fn inside_zip(store: &Store, file: &DraftFile) -> Result<Option<Listing>, Error> {
    let from = file.size.saturating_sub(END);
    let Some(tail) = read(store, file, from, file.size).await? else {
        return Ok(None);
    };
    let Some(place) = zip_directory(&tail, file.size) else {
        return Ok(None);
    };
    let directory = read(store, file, place.from, place.to).await?;
    Ok(directory.map(|directory| zip_entries(&directory, place.total)))
}

async fn inside_tar(store: &Store, file: &DraftFile) -> Result<Option<Listing>, Error> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut at = 0_u64;
    let mut ended = false;
    for _ in 0..HEADERS {
        let block = read(store, file, at, at.saturating_add(512)).await?;
        let header = tar(&block.unwrap_or_default());
        at = at.saturating_add(header.step());
        match header {
            Tar::End => ended = true,
            Tar::File(entry) => entries.push(entry),
            Tar::Other(_) => {}
        }
        if ended || at >= file.size || entries.len() >= MOST_ENTRIES {
            break;
        }
    }
    let total = entries.len() as u64 + u64::from(!ended && at < file.size);
    Ok((!entries.is_empty()).then_some(Listing { entries, total }))
}
