//! The bytes of attachments that are at the backend, as its profile says they are brought.
//!
//! A link does it where a cookie proves who asks. Everything else is asked for here: with the
//! credentials of the sign-in, which a link carries to nobody, and unpacked where it comes in JSON.

use js_sys::{Array, Uint8Array};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::{credentials, http};
use crate::core::error::{Error, Kind};
use crate::core::profile::Download;

/// Bytes of the longest answer that a file is unpacked from.
const LONGEST: usize = 256 * 1024 * 1024;

/// An attachment at a backend.
#[derive(Clone)]
pub struct Away {
    /// Where the backend's API begins.
    pub base: String,
    /// How the bytes are brought.
    pub download: Download,
}

impl Away {
    /// The address of the file itself, where whoever follows a link to it gets it; `cookie` says
    /// whether a cookie proves who asks.
    pub fn address(&self, cookie: bool) -> Option<String> {
        let request = &self.download.request;
        let plain = self.download.is_raw && request.headers.is_empty();
        let is_absolute = request.url.contains("://");
        let base = if is_absolute { "" } else { &self.base };
        (plain && (cookie || request.foreign)).then(|| [base, &request.url].concat())
    }

    /// Brings the bytes.
    pub async fn bring(&self) -> Result<Blob, Error> {
        credentials::freshen().await;
        let mut request = self.download.request.clone();
        if self.download.is_raw && !request.headers.iter().any(|(name, _)| name == "Accept") {
            request.headers.push(("Accept".into(), "*/*".into()));
        }
        let mut response = http::respond(&self.base, "", &request, None).await;
        let ended = response.as_ref().is_some_and(|one| one.status() == 401);
        if ended && credentials::renew().await {
            response = http::respond(&self.base, "", &request, None).await;
        }
        let failed = |kind, what: &str| Error::new(kind, format!("attachment: {what}"));
        let Some(response) = response else {
            return Err(failed(Kind::Unreachable, "no answer"));
        };
        let status = response.status();
        if !response.ok() {
            let kind = match status {
                401 => Kind::SignedOut,
                429 | 503 => Kind::Busy,
                500..=599 => Kind::Unreachable,
                _ => Kind::Refused,
            };
            return Err(failed(kind, &format!("status {status}")));
        }
        if self.download.is_raw {
            let response: web_sys::Response = response.into();
            let blob = async { JsFuture::from(response.blob()?).await };
            let blob = blob
                .await
                .map_err(|_| failed(Kind::Unreachable, "it broke off"))?;
            return Ok(wasm_bindgen::JsCast::unchecked_into(blob));
        }
        let body = http::read_text(&response, LONGEST).await;
        let body = body.map_err(|_| failed(Kind::Unreachable, "it broke off"))?;
        let bytes = body.and_then(|body| self.download.unpack(&body));
        let bytes = bytes.ok_or_else(|| failed(Kind::Unreadable, "no file in the answer"))?;
        let parts = Array::of1(&Uint8Array::from(bytes.as_slice()));
        Blob::new_with_u8_array_sequence(&parts)
            .map_err(|_| failed(Kind::Storage, "no room for it"))
    }
}
