//! What an answer means: every one is put into a class, also those that make no sense.
//!
//! A profile's own rules come first, for answers of every status; what they leave open is decided
//! by the usual meaning of the status. A page in the place of an answer (a captive portal, a proxy)
//! is never a success.

use serde_json::Value;

use super::Profile;
use super::address::shown;
use super::exchange::{Reply, Request};
use super::lens::{self, Source};
use super::session;
use super::value::{Scope, at, text_at};
use crate::core::error::{Error, Kind};
use crate::core::sync::{Answer, patience};

/// What kind of answer it is; the engine decides by this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Done.
    Ok,
    /// Done by an earlier try.
    Duplicate,
    /// Not now, or nobody knows: to be asked again.
    Later,
    /// The sign-in has ended.
    SignedOut,
    /// Somebody else changed the same thing first.
    Conflict,
    /// The place from which changes were told is forgotten.
    Gone,
    /// There is nothing, or it is not for this person to see.
    Missing,
    /// It is not for this person to do.
    Forbidden,
    /// Never in this form.
    Refused,
}

/// The words of a profile for the classes.
pub const CLASSES: [(&str, Class); 9] = [
    ("ok", Class::Ok),
    ("duplicate", Class::Duplicate),
    ("later", Class::Later),
    ("signed_out", Class::SignedOut),
    ("conflict", Class::Conflict),
    ("gone", Class::Gone),
    ("missing", Class::Missing),
    ("forbidden", Class::Forbidden),
    ("refused", Class::Refused),
];

/// An answer, judged.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What kind of answer it is.
    pub class: Class,
    /// The code that says most of why; `status_…` where there is none.
    pub code: String,
    /// The backend's words, line by line.
    pub detail: String,
    /// Milliseconds that it asks to wait.
    pub asked: Option<i64>,
    /// The body; null where it is no JSON.
    pub json: Value,
}

/// Judges an answer.
pub fn judge(profile: &Profile, reply: &Reply, scope: &Scope, now: i64) -> Verdict {
    let parsed = serde_json::from_str::<Value>(&reply.body).ok();
    let is_json = parsed.is_some();
    let json = parsed.unwrap_or_default();
    let asked = asked(profile, reply, now);
    let mut verdict = Verdict {
        class: by_status(reply, is_json),
        code: format!("status_{}", reply.status),
        detail: String::new(),
        asked,
        json: Value::Null,
    };
    let from = Source {
        row: &json,
        reply: Some(reply),
        scope,
        maps: profile.maps(&Value::Null),
    };
    let rules = at(profile.json(), "errors").as_array();
    let rule = rules
        .into_iter()
        .flatten()
        .find(|rule| reply.status != 0 && lens::holds(at(rule, "when"), from));
    if let Some(rule) = rule {
        let class = text_at(rule, "class");
        if let Some((_, class)) = CLASSES.iter().find(|(word, _)| *word == class) {
            verdict.class = *class;
        }
        explain(&mut verdict, rule, from);
    }
    if reply.status != 0 && session::has_expired(profile, from) {
        verdict.class = Class::SignedOut;
    }
    verdict.json = json;
    verdict
}

/// The usual meaning of a status.
fn by_status(reply: &Reply, is_json: bool) -> Class {
    match reply.status {
        // What is too long to be read is read no better the next time, but it was not refused.
        _ if reply.cut => Class::Later,
        200..=299 if is_page(&reply.body) && !is_json => Class::Later,
        200..=299 | 304 => Class::Ok,
        401 => Class::SignedOut,
        0 | 408 | 425 | 429 | 500..=599 => Class::Later,
        // A proxy that finds a file too large will find it so the next time, too.
        413 => Class::Refused,
        _ if !is_json => Class::Later,
        403 => Class::Forbidden,
        404 => Class::Missing,
        410 => Class::Gone,
        412 => Class::Conflict,
        _ => Class::Refused,
    }
}

/// Whether a body is a page of HTML.
fn is_page(body: &str) -> bool {
    body.trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('<')
}

fn explain(verdict: &mut Verdict, rule: &Value, from: Source) {
    let code = match rule.get("code") {
        None => String::new(),
        Some(source) => match source.as_str().and_then(|code| code.strip_prefix("words:")) {
            Some(code) => code.into(),
            None => lens::read_text(source, from),
        },
    };
    let mut words = Vec::new();
    match at(rule, "message") {
        Value::Array(several) => {
            words.extend(several.iter().map(|one| lens::read_text(one, from)));
        }
        Value::Null => {}
        one => words.push(lens::read_text(one, from)),
    }
    let mut telling = None;
    if let Some(fields) = rule.get("fields") {
        for (place, error) in field_errors(fields, from.row) {
            let read = |key: &str| {
                let found = fields
                    .get(key)
                    .map(|lens| lens::read_text(lens, Source { row: error, ..from }));
                found.unwrap_or_default()
            };
            let place = if place.is_empty() { read("at") } else { place };
            let (message, code) = (read("message"), read("code"));
            words.push(format!("{place}: {message}"));
            if telling.is_none() && !code.is_empty() {
                telling = telling_code(fields, &place, &code);
            }
        }
    }
    words.retain(|word| !word.is_empty());
    verdict.detail = words.join("\n");
    let code = telling.unwrap_or(code);
    if !code.is_empty() {
        verdict.code = code;
    }
}

/// The errors of fields, with their places where those are the keys of an object.
fn field_errors<'v>(fields: &Value, body: &'v Value) -> Vec<(String, &'v Value)> {
    match body.pointer(text_at(fields, "in")) {
        Some(Value::Array(errors)) => {
            let errors = errors.iter().filter(|error| error.is_object());
            errors.map(|error| (String::new(), error)).collect()
        }
        Some(Value::Object(errors)) => errors
            .iter()
            .map(|(place, error)| (place.clone(), error))
            .collect(),
        _ => Vec::new(),
    }
}

/// A code that says more than that something is wrong; the profile may have a better word for it.
fn telling_code(fields: &Value, place: &str, code: &str) -> Option<String> {
    let better = at(fields, "words").get(format!("{place} {code}"));
    if let Some(better) = better.and_then(Value::as_str) {
        return Some(better.into());
    }
    let plain = at(fields, "plain").as_array().into_iter().flatten();
    let is_plain = plain.into_iter().any(|word| word == code);
    (!is_plain).then(|| code.into())
}

/// Milliseconds that an answer asks to wait.
pub(super) fn asked(profile: &Profile, reply: &Reply, now: i64) -> Option<i64> {
    // A date is meant by the clock of whoever wrote it.
    let there = reply.header("date").and_then(super::format::http_date);
    let now = there.unwrap_or(now);
    let listed = at(at(profile.json(), "rate"), "retry").as_array();
    let Some(listed) = listed else {
        return patience::asked(reply.header("retry-after"), now);
    };
    listed.iter().find_map(|one| {
        let told = reply.header(text_at(one, "header"))?;
        let number = || {
            told.trim()
                .parse::<f64>()
                .ok()
                .filter(|one| one.is_finite())
        };
        match text_at(one, "unit") {
            "epoch" => Some(((number()? * 1_000.0) as i64).saturating_sub(now).max(0)),
            "epoch_ms" => Some((number()? as i64).saturating_sub(now).max(0)),
            "iso" => {
                let at = super::format::read_time(told, "iso", "UTC")?;
                Some(at.saturating_sub(now).max(0))
            }
            _ => patience::asked(Some(told), now),
        }
    })
}

/// What went wrong, in words: the request without its secrets, and what came of it.
pub fn trouble(request: &Request, reply: &Reply, verdict: &Verdict) -> Error {
    let asked = format!("{} {}", request.method, shown(&request.url));
    let kind = match (verdict.class, reply.status) {
        (_, 0) => Kind::Unreachable,
        (_, 429 | 503) => Kind::Busy,
        (Class::SignedOut, _) => Kind::SignedOut,
        (Class::Conflict, _) => Kind::Conflict,
        (Class::Later, 500..=599) => Kind::Unreachable,
        (Class::Later | Class::Ok, _) => Kind::Unreadable,
        _ => Kind::Refused,
    };
    let found = match reply.status {
        0 => "no answer".into(),
        status if reply.cut => format!("status {status}, an answer longer than is read"),
        status if is_page(&reply.body) => format!("status {status}, a page instead of an answer"),
        status => format!("status {status}"),
    };
    let detail = match verdict.detail.as_str() {
        "" => String::new(),
        words => format!(" ({})", words.chars().take(200).collect::<String>()),
    };
    Error::new(kind, format!("{asked}: {found}{detail}"))
}

/// What an answer means by its status alone, for protocols that no profile describes; with the code
/// and the words of a problem (RFC 9457) where it carries one. Never a success.
pub fn usual(reply: &Reply, now: i64) -> Answer {
    let parsed = serde_json::from_str::<Value>(&reply.body).ok();
    let is_json = parsed.is_some();
    let json = parsed.unwrap_or_default();
    let there = reply.header("date").and_then(super::format::http_date);
    let asked = patience::asked(reply.header("retry-after"), there.unwrap_or(now));
    match by_status(reply, is_json) {
        Class::SignedOut => Answer::SignedOut,
        Class::Ok | Class::Duplicate | Class::Later => Answer::Later(asked),
        _ if text_at(&json, "code") == "csrf" => Answer::SignedOut,
        _ if text_at(&json, "code") == "in_flight" => Answer::Later(asked),
        _ => Answer::Refused {
            code: match text_at(&json, "code") {
                "" => format!("status_{}", reply.status),
                code => code.into(),
            },
            detail: text_at(&json, "detail").into(),
        },
    }
}
