//! Requests, and nothing about what they mean: that is [`crate::core::profile`].
//!
//! No answer at all is status 0. A redirect is an error, because a backend that sends credentials
//! elsewhere must not be followed.

use std::cell::RefCell;

use gloo_net::http::{Headers, RequestBuilder};
use web_sys::{RequestCache, RequestCredentials, RequestRedirect};

use super::clock;
use crate::core::error::{Error, Kind};
use crate::core::profile::{Body, Request};
use crate::core::sla::server::Sample;

/// An answer, as text.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// HTTP status; 0 if there was no answer.
    pub status: u16,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
    /// The body.
    pub body: String,
}

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
    };
    EXCHANGES.with_borrow_mut(|all| {
        all.push(sample);
        if all.len() > SAMPLES {
            all.remove(0);
        }
    });
}

/// Reads a file of the deployment.
pub async fn load(path: &str) -> Result<String, Error> {
    let unreachable = |what: String| Error::new(Kind::Unreachable, format!("{path}: {what}"));
    let response = gloo_net::http::Request::get(path)
        .send()
        .await
        .map_err(|error| unreachable(error.to_string()))?;
    if !response.ok() {
        return Err(unreachable(format!("status {}", response.status())));
    }
    response
        .text()
        .await
        .map_err(|error| unreachable(error.to_string()))
}

/// Performs a request against the backend at `base`. `file` holds the body of [`Body::File`].
pub async fn send(base: &str, csrf: &str, request: &Request, file: Option<web_sys::Blob>) -> Reply {
    let headers = Headers::new();
    headers.set("Accept", "application/json");
    if request.method != "GET" && !csrf.is_empty() {
        headers.set("X-CSRF-Token", csrf);
    }
    for (name, value) in &request.headers {
        headers.set(name, value);
    }
    match &request.body {
        Body::None => {}
        Body::Json(_) => headers.set("Content-Type", "application/json"),
        Body::File { media_type, .. } => {
            let media_type = if media_type.is_empty() {
                "application/octet-stream"
            } else {
                media_type
            };
            headers.set("Content-Type", media_type);
        }
    }
    let builder = RequestBuilder::new(&format!("{base}{}", request.path))
        .method(method(request.method))
        .headers(headers)
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Include)
        .redirect(RequestRedirect::Error);
    let built = match (&request.body, file) {
        (Body::Json(json), _) => builder.body(json.to_string()),
        (Body::File { .. }, Some(blob)) => builder.body(blob),
        _ => builder.build(),
    };
    let Ok(built) = built else {
        return Reply::default();
    };
    let sent = clock::now();
    let Ok(response) = built.send().await else {
        return Reply::default();
    };
    note_time(sent, response.headers().get("Date"));
    let status = response.status();
    let retry_after = response.headers().get("Retry-After");
    match response.text().await {
        Ok(body) => Reply {
            status,
            retry_after,
            body,
        },
        // The connection ended in the middle of the answer: whether it was done is unknown.
        Err(_) => Reply::default(),
    }
}

fn method(name: &str) -> gloo_net::http::Method {
    match name {
        "POST" => gloo_net::http::Method::POST,
        "PATCH" => gloo_net::http::Method::PATCH,
        "DELETE" => gloo_net::http::Method::DELETE,
        _ => gloo_net::http::Method::GET,
    }
}
