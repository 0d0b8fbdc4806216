//! What a person chooses, drops or pastes: files, and folders with everything in them.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList};

use crate::browser::clock;
use crate::core::files::pasted_name;

/// The most files that are taken from folders at once; more is a mistake in choosing.
const MOST: usize = 1_000;
/// How deep folders are followed.
const DEEPEST: usize = 16;

/// A file with the name it is to have: with its folders, where it came with some.
#[derive(Clone)]
pub struct Picked {
    /// The name.
    pub name: String,
    /// The file.
    pub file: File,
}

/// The files of a control.
pub fn chosen(list: Option<FileList>) -> Vec<Picked> {
    let list = list.into_iter().flat_map(|list| {
        let all = (0..list.length()).filter_map(move |index| list.get(index));
        all.collect::<Vec<_>>()
    });
    list.map(|file| {
        let path = text(&file, "webkitRelativePath");
        let name = if path.is_empty() { file.name() } else { path };
        Picked { name, file }
    })
    .take(MOST)
    .collect()
}

/// The pictures and files of a clipboard. A picture that was never a file is named after now.
pub fn pasted(data: &DataTransfer) -> Vec<Picked> {
    let mut picked = chosen(data.files());
    for one in &mut picked {
        // What browsers call every picture of the screen.
        if matches!(one.name.as_str(), "image.png" | "image.jpeg" | "image.jpg") {
            one.name = pasted_name(&clock::stamp(), &one.file.type_());
        }
    }
    picked
}

/// What was dropped. The entries must be asked for while the event lasts; what is in folders is
/// read afterwards.
pub fn dropped(data: &DataTransfer) -> impl Future<Output = Vec<Picked>> + use<> {
    let plain = chosen(data.files());
    let items = Reflect::get(data, &"items".into()).unwrap_or_default();
    let entries: Vec<JsValue> = Array::from(&items)
        .iter()
        .filter_map(|item| call(&item, "webkitGetAsEntry"))
        .filter(|entry| !entry.is_null())
        .collect();
    async move {
        if !entries.iter().any(|entry| is(entry, "isDirectory")) {
            return plain;
        }
        let mut found = Vec::new();
        let mut open: Vec<(JsValue, usize)> =
            entries.into_iter().rev().map(|entry| (entry, 0)).collect();
        while let Some((entry, depth)) = open.pop() {
            if found.len() >= MOST {
                break;
            }
            if is(&entry, "isFile") {
                found.extend(file_of(&entry).await);
            } else if depth < DEEPEST {
                let inside = entries_of(&entry).await;
                open.extend(inside.into_iter().rev().map(|one| (one, depth + 1)));
            }
        }
        found
    }
}

fn text(of: &JsValue, name: &str) -> String {
    let value = Reflect::get(of, &name.into()).ok();
    value
        .and_then(|value| value.as_string())
        .unwrap_or_default()
}

fn is(of: &JsValue, name: &str) -> bool {
    Reflect::get(of, &name.into()).is_ok_and(|value| value.is_truthy())
}

fn call(of: &JsValue, name: &str) -> Option<JsValue> {
    let method = Reflect::get(of, &name.into()).ok()?;
    method.dyn_ref::<Function>()?.call0(of).ok()
}

/// Calls a method that answers by calling back; nothing if it fails.
async fn ask(of: &JsValue, name: &str) -> Option<JsValue> {
    let method: Function = Reflect::get(of, &name.into()).ok()?.dyn_into().ok()?;
    let asked = Promise::new(&mut |done, failed| {
        if method.call2(of, &done, &failed).is_err() {
            // The promise is refused, as it would be later.
            let _ = failed.call0(&JsValue::UNDEFINED);
        }
    });
    JsFuture::from(asked).await.ok()
}

async fn file_of(entry: &JsValue) -> Option<Picked> {
    let file: File = ask(entry, "file").await?.dyn_into().ok()?;
    let name = text(entry, "fullPath");
    let name = name.trim_start_matches('/').to_string();
    Some(Picked { name, file })
}

/// What is in a folder; it is told in parts until a part is empty.
async fn entries_of(folder: &JsValue) -> Vec<JsValue> {
    let mut all = Vec::new();
    let Some(reader) = call(folder, "createReader") else {
        return all;
    };
    while all.len() < MOST {
        let part = ask(&reader, "readEntries").await;
        let part = part.map(|part| Array::from(&part)).unwrap_or_default();
        if part.length() == 0 {
            break;
        }
        all.extend(part.iter());
    }
    all
}
