//! Requests, and nothing about what they mean: that is [`crate::core::profile`].
//!
//! No answer at all is status 0. A redirect is an error, because a backend that sends credentials
//! elsewhere must not be followed. What goes to a foreign origin carries no credentials, and an
//! answer without end is not read to its end. A file of the deployment is not waited for without end.

use std::cell::RefCell;

use gloo_net::http::{Headers, Method, RequestBuilder, Response};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect,
};

use super::page::within;
use super::{clock, credentials};
use crate::core::error::{Error, Kind};
use crate::core::profile::{Body, Reply, Request};
use crate::core::sla::server::Sample;

/// Bytes of the longest answer that is read: no page of records is as long, and a backend that
/// sends without end must not fill the device's memory.
const LONGEST: usize = 32 * 1024 * 1024;

/// How many exchanges with the backend are remembered for the time on its clock.
const SAMPLES: usize = 9;

thread_local! {
    /// The latest of them, oldest first.
    static EXCHANGES: RefCell<Vec<Sample>> = const { RefCell::new(Vec::new()) };
}

/// The latest exchanges with the backend that told its time, oldest first.
pub fn samples() -> Vec<Sample> {
    EXCHANGES.with_borrow(Clone::clone)
}

fn note_time(sent: i64, date: Option<String>) {
    let date = date.map_or(f64::NAN, |date| js_sys::Date::parse(&date));
    if date.is_nan() {
        return;
    }
    let sample = Sample {
        sent,
        date: date as i64,
        received: clock::now(),
        ahead: clock::now() - clock::steady(),
    };
    EXCHANGES.with_borrow_mut(|all| {
        all.push(sample);
        if all.len() > SAMPLES {
            all.remove(0);
        }
    });
}

/// How long a file of the deployment may take to begin to come, in milliseconds. Somebody sees the
/// shape of a page meanwhile, and is then told what is missing.
const PATIENCE: i32 = 20_000;

/// Reads a file of the deployment.
pub async fn load(path: &str) -> Result<String, Error> {
    let unreachable = |what: String| Error::new(Kind::Unreachable, format!("{path}: {what}"));
    let response = within(PATIENCE, gloo_net::http::Request::get(path).send())
        .await
        .ok_or_else(|| unreachable("no answer".into()))?
        .map_err(|error| unreachable(error.to_string()))?;
    if !response.ok() {
        return Err(unreachable(format!("status {}", response.status())));
    }
    response
        .text()
        .await
        .map_err(|error| unreachable(error.to_string()))
}

/// Performs a request against the backend at `base`. `payload` holds the body where it is other
/// than JSON or text.
pub async fn send(base: &str, csrf: &str, request: &Request, payload: Option<JsValue>) -> Reply {
    let Some(response) = respond(base, csrf, request, payload).await else {
        return Reply::default();
    };
    let (body, cut) = match read_text(&response, LONGEST).await {
        Ok(Some(body)) => (body, false),
        Ok(None) => (String::new(), true),
        // The connection ended in the middle of the answer: whether it was done is unknown.
        Err(_) => return Reply::default(),
    };
    Reply {
        status: response.status(),
        headers: response.headers().entries().collect(),
        body,
        cut,
    }
}

/// As [`send`], for an answer that is no text; nothing where there is none.
pub async fn respond(
    base: &str,
    csrf: &str,
    request: &Request,
    payload: Option<JsValue>,
) -> Option<Response> {
    let headers = Headers::new();
    headers.set("Accept", "application/json");
    let held = credentials::headers().filter(|_| !request.foreign);
    for (name, value) in held.iter().flatten() {
        headers.set(name, value);
    }
    if request.method != "GET" && !csrf.is_empty() && !request.foreign {
        headers.set("X-CSRF-Token", csrf);
    }
    match &request.body {
        Body::Json(_) | Body::Base64 { .. } => headers.set("Content-Type", "application/json"),
        Body::Text { media_type, .. }
        | Body::File { media_type, .. }
        | Body::Slice { media_type, .. } => {
            let media_type = if media_type.is_empty() {
                "application/octet-stream"
            } else {
                media_type
            };
            headers.set("Content-Type", media_type);
        }
        // The browser names the boundary of the parts itself.
        Body::Form(_) | Body::None => {}
    }
    // The profile's own headers count more than the usual ones.
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    let absolute = request.url.contains("://");
    let url = [if absolute { "" } else { base }, &request.url].concat();
    // Who shows credentials of another kind needs no cookie, and asks no backend to allow them.
    let credentials = if request.foreign || !request.cookies.unwrap_or(held.is_none()) {
        RequestCredentials::Omit
    } else {
        RequestCredentials::Include
    };
    let builder = RequestBuilder::new(&url)
        .method(method(request.method))
        .headers(headers)
        .cache(RequestCache::NoStore)
        .credentials(credentials)
        .redirect(RequestRedirect::Error)
        // The address of the page names drafts and cases, which is nobody's matter; and a backend behind
        // a proxy would take it for a page of somebody else's.
        .referrer_policy(ReferrerPolicy::NoReferrer);
    let built = match (&request.body, payload) {
        (Body::Json(json), _) => builder.body(json.to_string()),
        (Body::Text { text, .. }, _) => builder.body(text.as_str()),
        (_, Some(payload)) => builder.body(payload),
        _ => builder.build(),
    };
    let sent = clock::now();
    let response = built.ok()?.send().await.ok()?;
    note_time(sent, response.headers().get("Date"));
    Some(response)
}

/// The body as text; none if it is longer than `longest` bytes.
pub async fn read_text(response: &Response, longest: usize) -> Result<Option<String>, JsValue> {
    let Some(stream) = response.body() else {
        return Ok(Some(String::new()));
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            let text = String::from_utf8(bytes);
            // Broken text is still an answer; whoever reads it finds out.
            return Ok(Some(text.unwrap_or_default()));
        }
        let piece: Uint8Array = Reflect::get(&piece, &"value".into())?.unchecked_into();
        let start = bytes.len();
        let end = start + piece.length() as usize;
        if end > longest {
            // Nothing is done with the rest; whether it can be stopped does not matter.
            let _ = reader.cancel();
            return Ok(None);
        }
        bytes.resize(end, 0);
        piece.copy_to(&mut bytes[start..]);
    }
}

fn method(name: &str) -> Method {
    match name {
        "POST" => Method::POST,
        "PATCH" => Method::PATCH,
        "PUT" => Method::PUT,
        "DELETE" => Method::DELETE,
        "HEAD" => Method::HEAD,
        "OPTIONS" => Method::OPTIONS,
        _ => Method::GET,
    }
}
