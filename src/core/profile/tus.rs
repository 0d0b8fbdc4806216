//! A file in pieces, by the protocol tus 1.0: what has arrived stays there, and whoever goes on asks
//! how much that is.
//!
//! [`Tus`] guarantees that
//! * an upload is begun once: its address is remembered before the first byte goes out, and the
//!   request that begins it is sent under the same key until it is answered;
//! * it goes on behind the last byte the server has, whatever was lost on the way, and from the
//!   first byte only where the server has lost the upload;
//! * it is accepted only when the server has read the same bytes, which their SHA-256 tells. Where
//!   it has not, the upload is given up and begun anew once, and then a person is asked.
//!
//! Pieces grow while the line is quick and shrink when it is slow or breaks. A break after progress
//! is looked into at once; one without is left to the patience of the engine.

use serde_json::{Value, json};

use super::errors::usual;
use super::exchange::{Body, Conversation, Next, Reply, Request};
use crate::core::base64;
use crate::core::files::safe_name;
use crate::core::sync::Answer;

/// The version of the protocol.
const VERSION: &str = "1.0.0";
/// The media type of a piece.
const PIECE: &str = "application/offset+octet-stream";
/// The first piece, in bytes.
const FIRST: u64 = 1 << 20;
/// The smallest piece.
const SMALLEST: u64 = 1 << 19;
/// The largest piece.
const LARGEST: u64 = 8 << 20;
/// A piece that took less, in milliseconds, may be followed by a larger one.
const QUICK: i64 = 1_500;
/// A piece that took more is followed by a smaller one.
const SLOW: i64 = 8_000;
/// How often in a row nothing may come forward before it is left for later.
const PATIENCE: u32 = 3;

/// What is uploaded, and where to.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// Where uploads are begun, behind the backend's base.
    pub create: String,
    /// The backend's base, so that addresses it answers with are understood.
    pub base: String,
    /// The operation's id: the key under which the upload is begun.
    pub key: String,
    /// The file's id on this device.
    pub file: String,
    /// Its name as it came; it is sent as a safe one.
    pub name: String,
    /// Its media type, which may be empty.
    pub media_type: String,
    /// Its bytes.
    pub length: u64,
    /// SHA-256 of them all in hexadecimal digits; empty if nobody has read them all, and then the
    /// server's word is taken.
    pub sha256: String,
}

/// What the last request asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asked {
    Nothing,
    Begin,
    HowFar,
    Piece { to: u64, at: i64 },
    Whole,
    GiveUp,
}

/// The upload of one file.
#[derive(Clone, Debug)]
pub struct Tus {
    upload: Upload,
    address: Option<String>,
    /// How often the server lost or spoilt it: each beginning has a key of its own.
    round: u64,
    /// How often other bytes arrived than were sent.
    spoilt: u64,
    offset: u64,
    piece: u64,
    asked: Asked,
    /// Requests in a row that brought nothing forward.
    idle: u32,
}

impl Tus {
    /// Begins an upload, or goes on with one that is remembered.
    pub fn new(upload: Upload, remembered: Option<&Value>) -> Tus {
        let number = |key: &str| {
            let number = remembered.and_then(|memory| memory.get(key)?.as_u64());
            number.unwrap_or(0)
        };
        let address = remembered.and_then(|memory| memory.get("address")?.as_str());
        Tus {
            address: address.map(String::from),
            round: number("round"),
            spoilt: number("spoilt"),
            offset: 0,
            piece: FIRST,
            asked: Asked::Nothing,
            idle: 0,
            upload,
        }
    }

    /// Bytes that the server is known to have.
    pub fn done(&self) -> u64 {
        self.offset
    }

    fn ask(&mut self, asked: Asked, request: Request) -> Next<Answer> {
        self.asked = asked;
        Next::Ask(request)
    }

    fn request(&self, method: &'static str) -> Request {
        Request {
            method,
            url: self.address.clone().unwrap_or_default(),
            headers: vec![("Tus-Resumable".into(), VERSION.into())],
            ..Default::default()
        }
    }

    fn begin(&mut self) -> Next<Answer> {
        let upload = &self.upload;
        let mut metadata = vec![("filename", safe_name(&upload.name))];
        for (key, value) in [("filetype", &upload.media_type), ("sha256", &upload.sha256)] {
            if !value.is_empty() {
                metadata.push((key, value.clone()));
            }
        }
        let metadata: Vec<String> = metadata
            .iter()
            .map(|(key, value)| format!("{key} {}", base64::encode(value.as_bytes())))
            .collect();
        let key = match self.round {
            0 => upload.key.clone(),
            round => format!("{}-{round}", upload.key),
        };
        let mut request = Request {
            url: upload.create.clone(),
            ..self.request("POST")
        };
        for (name, value) in [
            ("Upload-Length", upload.length.to_string()),
            ("Upload-Metadata", metadata.join(",")),
            ("Idempotency-Key", key),
        ] {
            request.headers.push((name.into(), value));
        }
        self.ask(Asked::Begin, request)
    }

    fn how_far(&mut self) -> Next<Answer> {
        let request = self.request("HEAD");
        self.ask(Asked::HowFar, request)
    }

    fn go_on(&mut self, now: i64) -> Next<Answer> {
        let (from, length) = (self.offset, self.upload.length);
        if from == length {
            let request = Request {
                headers: Vec::new(),
                ..self.request("GET")
            };
            return self.ask(Asked::Whole, request);
        }
        let to = from.saturating_add(self.piece).min(length);
        let mut request = self.request("PATCH");
        let offset = ("Upload-Offset".into(), from.to_string());
        request.headers.push(offset);
        request.body = Body::Slice {
            id: self.upload.file.clone(),
            from,
            to,
            media_type: PIECE.into(),
        };
        self.ask(Asked::Piece { to, at: now }, request)
    }

    /// The server does not have the upload any more.
    fn anew(&mut self) -> Next<Answer> {
        self.address = None;
        self.offset = 0;
        self.round += 1;
        match self.in_vain() {
            true => Next::Done(Answer::Later(None)),
            false => self.begin(),
        }
    }

    /// Counts a request that brought nothing forward; true if there were too many in a row.
    fn in_vain(&mut self) -> bool {
        self.idle += 1;
        self.idle >= PATIENCE
    }

    fn look_again(&mut self, asked: Option<i64>) -> Next<Answer> {
        match self.in_vain() {
            true => Next::Done(Answer::Later(asked)),
            false => self.how_far(),
        }
    }

    fn begun(&mut self, reply: &Reply, now: i64) -> Next<Answer> {
        let address = reply.header("location").map(str::trim);
        match (reply.status, address.filter(|one| !one.is_empty())) {
            (200..=299, Some(address)) => {
                self.address = Some(behind_base(&self.upload.base, address));
                self.offset = 0;
                self.go_on(now)
            }
            // Somebody answered who knows nothing of uploads: a captive portal, a proxy.
            (200..=299, None) => Next::Done(Answer::Later(None)),
            _ => Next::Done(failed(reply, now)),
        }
    }

    fn told_how_far(&mut self, reply: &Reply, now: i64) -> Next<Answer> {
        match (reply.status, offset_of(reply)) {
            (200..=299, Some(offset)) if offset <= self.upload.length => {
                if offset > self.offset {
                    self.idle = 0;
                }
                self.offset = offset;
                self.go_on(now)
            }
            // More than there is: that is another file's upload.
            (200..=299, Some(_)) | (404 | 410, _) => self.anew(),
            (200..=299, None) => Next::Done(Answer::Later(None)),
            _ => Next::Done(failed(reply, now)),
        }
    }

    fn took_piece(&mut self, reply: &Reply, now: i64, to: u64, at: i64) -> Next<Answer> {
        match (reply.status, offset_of(reply)) {
            (200..=299, Some(offset)) if offset > self.offset && offset <= to => {
                self.idle = 0;
                let took = now - at;
                if took < QUICK && offset == to {
                    self.piece = (self.piece * 2).min(LARGEST);
                } else if took > SLOW {
                    self.piece = (self.piece / 2).max(SMALLEST);
                }
                self.offset = offset;
                self.go_on(now)
            }
            // It stands elsewhere than believed, or what it has is not what was sent.
            (200..=299 | 409 | 460, _) => self.look_again(None),
            (404 | 410, _) => self.anew(),
            (422, _) if says(reply, "hash_mismatch") => self.give_up(),
            (413, _) if self.piece > SMALLEST => {
                self.piece = (self.piece / 2).max(SMALLEST);
                self.go_on(now)
            }
            (0, _) => {
                self.piece = (self.piece / 2).max(SMALLEST);
                // A line that broke after a piece that went well is worth another look at once.
                match std::mem::replace(&mut self.idle, PATIENCE) {
                    0 => self.how_far(),
                    _ => Next::Done(Answer::Later(None)),
                }
            }
            _ => Next::Done(failed(reply, now)),
        }
    }

    fn told_of_whole(&mut self, reply: &Reply, now: i64) -> Next<Answer> {
        if matches!(reply.status, 404 | 410) {
            return self.anew();
        }
        let told = serde_json::from_str::<Value>(&reply.body).ok();
        let Some(mut told) = told.filter(|_| (200..=299).contains(&reply.status)) else {
            return Next::Done(failed(reply, now));
        };
        let theirs = told.get("sha256").and_then(Value::as_str).unwrap_or("");
        let ours = &self.upload.sha256;
        let same = theirs.eq_ignore_ascii_case(ours);
        if !(same || ours.is_empty() || theirs.is_empty()) {
            return self.give_up();
        }
        let record = told.get_mut("attachment").map(Value::take);
        let record = record.filter(|record| record.get("id").is_some_and(Value::is_string));
        match record {
            Some(record) => Next::Done(Answer::Accepted(record)),
            None => self.look_again(None),
        }
    }

    /// Other bytes are there than were sent.
    fn give_up(&mut self) -> Next<Answer> {
        self.spoilt += 1;
        let request = self.request("DELETE");
        self.ask(Asked::GiveUp, request)
    }

    fn given_up(&mut self, reply: &Reply, now: i64) -> Next<Answer> {
        match reply.status {
            200..=299 | 404 | 410 if self.spoilt > 1 => Next::Done(Answer::Refused {
                code: "hash_mismatch".into(),
                detail: self.upload.name.clone(),
            }),
            200..=299 | 404 | 410 => self.anew(),
            _ => Next::Done(failed(reply, now)),
        }
    }
}

impl Conversation for Tus {
    type Outcome = Answer;

    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Answer> {
        let reply = reply.unwrap_or_default();
        match self.asked {
            Asked::Nothing if self.address.is_some() => self.how_far(),
            Asked::Nothing => self.begin(),
            Asked::Begin => self.begun(&reply, now),
            Asked::HowFar => self.told_how_far(&reply, now),
            Asked::Piece { to, at } => self.took_piece(&reply, now, to, at),
            Asked::Whole => self.told_of_whole(&reply, now),
            Asked::GiveUp => self.given_up(&reply, now),
        }
    }

    fn progress(&self) -> Option<u64> {
        Some(self.done())
    }

    fn memory(&self) -> Option<Value> {
        Some(json!({
            "address": self.address,
            "round": self.round,
            "spoilt": self.spoilt,
        }))
    }
}

/// Whether a problem has this code.
fn says(reply: &Reply, code: &str) -> bool {
    let problem = serde_json::from_str::<Value>(&reply.body).ok();
    problem.is_some_and(|problem| problem.get("code").and_then(Value::as_str) == Some(code))
}

fn offset_of(reply: &Reply) -> Option<u64> {
    reply.header("upload-offset")?.trim().parse().ok()
}

/// What an answer means that is none of the protocol's own.
fn failed(reply: &Reply, now: i64) -> Answer {
    usual(reply, now)
}

/// An address as it stands behind the base, so that it is sent to where everything is sent; one of
/// another origin as it is.
fn behind_base(base: &str, address: &str) -> String {
    let base = base.trim_end_matches('/');
    let path = match base.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => base,
    };
    for known in [base, path] {
        match address.strip_prefix(known) {
            Some(rest) if !known.is_empty() && rest.starts_with('/') => return rest.into(),
            _ => {}
        }
    }
    address.into()
}
