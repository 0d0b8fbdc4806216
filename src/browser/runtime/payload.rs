//! Bodies of requests that carry a file kept on this device.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData};

use crate::browser::files;
use crate::browser::page::message;
use crate::browser::store::Store;
use crate::core::base64;
use crate::core::error::{Error, Kind};
use crate::core::profile::{Body, Part};

/// A body for a request: nothing where it needs none of this, and `Err(None)` if bytes of the file
/// are not here. `size` is that of the whole file.
pub(super) async fn payload(
    store: &Store,
    body: &Body,
    size: u64,
) -> Result<Option<JsValue>, Option<Error>> {
    let piece = async |id: &str, from, to| match files::slice(store, id, from, to).await {
        Ok(Some(piece)) => Ok(piece),
        Ok(None) => Err(None),
        Err(error) => Err(Some(error)),
    };
    Ok(match body {
        Body::None | Body::Json(_) | Body::Text { .. } => None,
        Body::File { id, .. } => Some(piece(id, 0, size).await?.into()),
        Body::Slice { id, from, to, .. } => Some(piece(id, *from, *to).await?.into()),
        Body::Base64 {
            before,
            after,
            id,
            from,
            to,
        } => {
            let piece = piece(id, *from, *to).await?;
            let bytes = JsFuture::from(piece.array_buffer()).await.map_err(failed)?;
            let bytes = Uint8Array::new(&bytes).to_vec();
            let text = [before, &base64::encode(&bytes), after.as_str()].concat();
            Some(text.into())
        }
        Body::Form(parts) => {
            let form = FormData::new().map_err(failed)?;
            for part in parts {
                match part {
                    Part::Text {
                        name,
                        text,
                        media_type,
                    } if media_type.is_empty() => {
                        form.append_with_str(name, text).map_err(failed)?;
                    }
                    Part::Text {
                        name,
                        text,
                        media_type,
                    } => {
                        let blob = typed(&text.as_str().into(), media_type).map_err(failed)?;
                        form.append_with_blob(name, &blob).map_err(failed)?;
                    }
                    Part::File {
                        name,
                        id,
                        file_name,
                        media_type,
                    } => {
                        let piece = piece(id, 0, size).await?;
                        let blob = typed(&piece.into(), media_type).map_err(failed)?;
                        form.append_with_blob_and_filename(name, &blob, file_name)
                            .map_err(failed)?;
                    }
                }
            }
            Some(form.into())
        }
    })
}

/// Bytes with a media type.
fn typed(content: &JsValue, media_type: &str) -> Result<Blob, JsValue> {
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type(media_type);
    Blob::new_with_blob_sequence_and_options(&js_sys::Array::of1(content), &kind)
}

fn failed(error: JsValue) -> Option<Error> {
    let why = message(&error);
    Some(Error::new(
        Kind::Storage,
        format!("put a request together: {why}"),
    ))
}
