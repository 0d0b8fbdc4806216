//! The fault mode: on request the service fails as networks, proxies and servers do, so that tests
//! can see what a portal makes of it. Only with `--faults`, and only on loopback.
//!
//! A script says which requests meet which fault. Whether a rule applies to its n-th request
//! follows from the script's seed, so a run that failed can be seen again. Faults are made around
//! the routes and leave them alone: what the service does is done as ever, and what is dropped,
//! cut or repeated is a request or an answer.
//!
//! `POST /faults` sets the script, `GET /faults` tells how often each rule applied, `DELETE
//! /faults` ends all faults, `GET /faults/ledger` lists what clients have brought about.

use crate::problem::Problem;
use crate::store::Store;
use crate::text;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::{Json, Router};
use chrono::Utc;
use futures_util::future::ready;
use futures_util::{StreamExt, stream};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Bodies are held in whole where they are repeated or cut.
const MOST: usize = 256 * 1024 * 1024;

/// The connection ends here, without an answer.
#[derive(Debug)]
pub(crate) struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut on request of the fault script")
    }
}

impl std::error::Error for Cut {}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Fault {
    /// The request never arrives.
    DropBefore,
    /// What was asked for is done, but the answer never arrives.
    DropAfter,
    /// The request is held back until the script changes.
    Hold,
    /// The request arrives late, by so many milliseconds.
    Delay(u64),
    /// The answer ends half way, and its connection with it.
    Truncate,
    /// The request arrives twice, as from a proxy that tries again; the second answer is given.
    Duplicate,
    /// Something on the way answers with this status, and with this Retry-After.
    Status(u16, #[serde(default)] Option<String>),
    /// The answer says a time that is wrong by so many seconds.
    WrongClock(i64),
    /// The answer looks complete, but its JSON is not.
    BrokenJson,
    /// Something on the way answers with a page of its own, as a hotel's network does.
    OtherPage,
    /// The connection ends after so many bytes of the request's body.
    CutBody(u64),
}

/// Which requests meet a fault.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// What the request begins with, such as `POST /api/cases`; any method if it begins with `/`.
    on: String,
    fault: Fault,
    /// How likely the fault is, from 0 to 1.
    #[serde(default = "always")]
    chance: f64,
    /// So many requests pass first.
    #[serde(default)]
    skip: u64,
    /// Most times that the fault is met.
    times: Option<u64>,
}

fn always() -> f64 {
    1.0
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    #[serde(default)]
    seed: u64,
    rules: Vec<Rule>,
    /// How many requests each rule has seen, and how many of them met its fault.
    #[serde(skip)]
    counts: Vec<(u64, u64)>,
}

impl Script {
    /// The fault that a request meets: that of the first rule that applies.
    fn fault(&mut self, method: &Method, path: &str) -> Option<Fault> {
        let asked = format!("{method} {path}");
        for (index, rule) in self.rules.iter().enumerate() {
            let concerns = match rule.on.starts_with('/') {
                true => path.starts_with(&rule.on),
                false => asked.starts_with(&rule.on),
            };
            if !concerns {
                continue;
            }
            let (seen, met) = &mut self.counts[index];
            let number = *seen;
            *seen += 1;
            let left = rule.times.is_none_or(|times| *met < times);
            if number >= rule.skip && left && chance(self.seed, index, number) < rule.chance {
                *met += 1;
                return Some(rule.fault.clone());
            }
        }
        None
    }
}

/// A number from 0 up to 1 that looks like chance and is the same every time (SplitMix64).
fn chance(seed: u64, rule: usize, request: u64) -> f64 {
    let mut bits = seed
        .wrapping_add((rule as u64) << 40)
        .wrapping_add(request)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// The faults of one service.
#[derive(Debug)]
pub(crate) struct Faults {
    store: Store,
    script: Mutex<Script>,
    /// Changes with the script.
    changes: watch::Sender<u64>,
}

impl Faults {
    /// No faults yet.
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            script: Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }

    /// Lets a request through to the routes as the script says, or changes the script.
    pub(crate) async fn pass(
        &self,
        routes: Router,
        request: Request<Body>,
    ) -> Result<Response, Cut> {
        let path = request.uri().path();
        if path == "/faults" || path == "/faults/ledger" {
            return Ok(self.control(request).await.into_response());
        }
        let mut changes = self.changes.subscribe();
        let fault = self.script().fault(request.method(), path);
        let Some(fault) = fault else {
            return Ok(answer(&routes, request).await);
        };
        if fault == Fault::Hold {
            // It only fails when the service ends.
            let _ = changes.changed().await;
            return Ok(answer(&routes, request).await);
        }
        suffer(fault, &routes, request).await
    }

    async fn control(&self, request: Request<Body>) -> Result<Response, Problem> {
        match (request.method().as_str(), request.uri().path()) {
            ("GET", "/faults/ledger") => Ok(Json(self.ledger().await?).into_response()),
            ("GET", "/faults") => {
                let script = self.script();
                let met: Vec<u64> = script.counts.iter().map(|(_, met)| *met).collect();
                Ok(Json(json!({"seed": script.seed, "met": met})).into_response())
            }
            ("POST", "/faults") => {
                let bytes = whole(request.into_body()).await.unwrap_or_default();
                let script = serde_json::from_slice::<Script>(&bytes).map_err(not_a_script)?;
                self.set(script);
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            ("DELETE", "/faults") => {
                self.set(Script::default());
                Ok(StatusCode::NO_CONTENT.into_response())
            }
            _ => Err(Problem::not_found()),
        }
    }

    fn set(&self, mut script: Script) {
        script.counts = vec![(0, 0); script.rules.len()];
        *self.script() = script;
        self.changes.send_modify(|number| *number += 1);
    }

    /// What clients have brought about, each kind in the order in which it came to be.
    async fn ledger(&self) -> Result<Value, Problem> {
        let mut transaction = self.store.write().await?;
        let mut ledger = json!({});
        for kind in ["case", "comment", "attachment"] {
            let mut records = transaction.all(kind).await?;
            records.retain(|record| {
                record["client_reference"]
                    .as_str()
                    .is_some_and(|r| !r.is_empty())
            });
            // The number of a case, the version of what is never changed.
            records.sort_by_key(|record| {
                let text = |field: &str| record[field].as_str()?.parse::<u64>().ok();
                text("number").or_else(|| text("version"))
            });
            ledger[kind] = records.into();
        }
        Ok(ledger)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn suffer(fault: Fault, routes: &Router, request: Request<Body>) -> Result<Response, Cut> {
    match fault {
        Fault::DropBefore => Err(Cut),
        Fault::DropAfter => {
            answer(routes, request).await;
            Err(Cut)
        }
        Fault::Hold => Ok(answer(routes, request).await),
        Fault::Delay(milliseconds) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            Ok(answer(routes, request).await)
        }
        Fault::Truncate => truncated(answer(routes, request).await).await,
        Fault::Duplicate => {
            let (parts, body) = request.into_parts();
            let bytes = whole(body).await.ok_or(Cut)?;
            answer(routes, again(&parts, &bytes)).await;
            Ok(answer(routes, again(&parts, &bytes)).await)
        }
        Fault::Status(status, retry_after) => refusal(status, retry_after).ok_or(Cut),
        Fault::WrongClock(seconds) => {
            let mut response = answer(routes, request).await;
            let time = Utc::now() + chrono::Duration::seconds(seconds);
            let date = HeaderValue::from_str(&text::http_date(time)).map_err(|_| Cut)?;
            response.headers_mut().insert(header::DATE, date);
            Ok(response)
        }
        Fault::BrokenJson => {
            let (mut parts, body) = answer(routes, request).await.into_parts();
            let bytes = whole(body).await.ok_or(Cut)?;
            parts.headers.remove(header::CONTENT_LENGTH);
            Ok(Response::from_parts(
                parts,
                Body::from(bytes.slice(..bytes.len() / 2)),
            ))
        }
        Fault::OtherPage => {
            let page = "<!doctype html><title>Welcome</title><h1>Sign in to this network</h1>";
            Ok(Html(page).into_response())
        }
        Fault::CutBody(bytes) => {
            answer(routes, request.map(|body| only(bytes, body))).await;
            Err(Cut)
        }
    }
}

async fn answer(routes: &Router, request: Request<Body>) -> Response {
    match TowerToHyperService::new(routes.clone()).call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn whole(body: Body) -> Option<Bytes> {
    to_bytes(body, MOST).await.ok()
}

fn again(parts: &Parts, bytes: &Bytes) -> Request<Body> {
    Request::from_parts(parts.clone(), Body::from(bytes.clone()))
}

/// An answer that announces all of its bytes and gives half of them.
async fn truncated(response: Response) -> Result<Response, Cut> {
    let (mut parts, body) = response.into_parts();
    let bytes = whole(body).await.ok_or(Cut)?;
    if bytes.len() < 2 {
        return Err(Cut);
    }
    let length = HeaderValue::from(bytes.len());
    parts.headers.insert(header::CONTENT_LENGTH, length);
    let half = bytes.slice(..bytes.len() / 2);
    let pieces = stream::iter([Ok(half), Err(Cut)]);
    Ok(Response::from_parts(parts, Body::from_stream(pieces)))
}

/// The first bytes of a body, and then the end of its connection.
fn only(bytes: u64, body: Body) -> Body {
    let left = usize::try_from(bytes).unwrap_or(usize::MAX);
    let pieces = body.into_data_stream();
    Body::from_stream(pieces.scan(Some(left), |left, piece| {
        ready(match (*left, piece) {
            (None, _) => None,
            (Some(most), Ok(piece)) if piece.len() <= most => {
                *left = Some(most - piece.len());
                Some(Ok(piece))
            }
            (Some(most), Ok(piece)) if most > 0 => {
                *left = Some(0);
                Some(Ok(piece.slice(..most)))
            }
            _ => {
                *left = None;
                Some(Err(Cut))
            }
        })
    }))
}

/// What something on the way answers, in the words of the service where it has some.
fn refusal(status: u16, retry_after: Option<String>) -> Option<Response> {
    let status = StatusCode::from_u16(status).ok()?;
    let code = match status.as_u16() {
        401 => "signed_out",
        409 => "in_flight",
        412 => "stale",
        429 => "too_many_attempts",
        503 => "busy",
        _ => "internal",
    };
    let mut problem = Problem::new(status, code, "The fault script says so.");
    if let Some(retry_after) = retry_after {
        let value = HeaderValue::from_str(&retry_after).ok()?;
        problem = problem.header(header::RETRY_AFTER, value);
    }
    Some(problem.into_response())
}

fn not_a_script(error: serde_json::Error) -> Problem {
    let detail = format!("This is no script of faults: {error}.");
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Script {
        let mut script: Script = serde_json::from_str(text).expect("a script");
        script.counts = vec![(0, 0); script.rules.len()];
        script
    }

    #[test]
    fn the_same_seed_brings_the_same_faults_and_about_as_many_as_it_should() {
        let text = |seed: u64| {
            format!(
                r#"{{"seed": {seed}, "rules": [{{"on": "/", "fault": "drop_after", "chance": 0.25}}]}}"#
            )
        };
        let run = |seed: u64| -> Vec<bool> {
            let mut script = script(&text(seed));
            let fault = |_| script.fault(&Method::GET, "/api/cases").is_some();
            (0..4_000).map(fault).collect()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let met = run(7).into_iter().filter(|met| *met).count();
        assert!((900..1_100).contains(&met), "{met}");
    }

    #[test]
    fn a_rule_lets_some_pass_and_ends() {
        let mut script = script(
            r#"{"rules": [{"on": "POST /api/cases", "fault": {"status": [429, "2"]}, "skip": 1, "times": 2}]}"#,
        );
        let asked = [
            Method::POST,
            Method::POST,
            Method::GET,
            Method::POST,
            Method::POST,
        ];
        let met: Vec<bool> = asked
            .iter()
            .map(|method| script.fault(method, "/api/cases").is_some())
            .collect();
        assert_eq!(met, [false, true, false, true, false]);
        assert_eq!(script.counts, [(4, 2)]);
    }
}
