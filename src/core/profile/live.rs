//! A profile asked against its running backend: what is asked, and what the answers show.
//!
//! [`Probe`] is a conversation like any other, so the native tests hold it on recorded answers. It only
//! reads: a request that could change anything is not sent but told. [`findings`] judges what it has
//! seen by codes; the words for them, what each costs and how it is mended, are the interface's.

use serde_json::Value;

use super::address::shown;
use super::advice::headers_read;
use super::errors::{Class, judge};
use super::exchange::{Conversation, Next, Reply, Request};
use super::format;
use super::pull::{Looked, Pull};
use super::request;
use super::value::{Scope, at, hash, text_at};
use super::{Change, Profile};
use crate::core::error::Kind;
use crate::core::sync::Pulled;

/// Most requests of one check: enough to see pages follow each other, few enough for any backend.
const MOST: usize = 40;
/// Bytes from which on an answer is more than an empty list.
const LONG: usize = 60;
/// Minutes by which the time of a record may lie ahead of both clocks.
const AHEAD: i64 = 10;
/// Seconds by which a clock may be off without anybody noticing.
const CLOCK: i64 = 60;

/// How a finding is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It works.
    Good,
    /// It works, or could not be seen; somebody should know.
    Note,
    /// It does not work.
    Bad,
}

/// One thing that the check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it is meant.
    pub level: Level,
    /// What it is; the interface has words for it.
    pub code: &'static str,
    /// What stands in those words.
    pub value: String,
}

/// What the check has seen.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The requests with their answers.
    pub exchanges: Vec<(Request, Reply)>,
    /// Whether the first exchange asked who is signed in.
    pub asked_who: bool,
    /// What looking from the start has brought.
    pub first: Vec<Looked>,
    /// What looking again from its end has brought.
    pub again: Vec<Looked>,
    /// How many of the exchanges belong to the first look.
    pub until: usize,
    /// Whether the first look came to its end, and whether the second did.
    pub ended: (bool, bool),
    /// A request that was not sent, since it could change something.
    pub withheld: Option<String>,
    /// Milliseconds from the local clock to the backend's, where it can be told.
    pub offset: Option<i64>,
}

impl Observed {
    /// The records that came.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.first.iter().flat_map(|looked| &looked.changes)
    }
}

/// Asks who is signed in, reads from the start, and looks once more for what has changed since.
pub struct Probe<'p> {
    profile: &'p Profile,
    session: Value,
    pull: Option<Pull<'p>>,
    cursor: Option<String>,
    began: bool,
    second: bool,
    asked: Option<Request>,
    observed: Observed,
}

impl<'p> Probe<'p> {
    /// Begins. `session` is what is known of who is signed in.
    pub fn new(profile: &'p Profile, session: &Value) -> Probe<'p> {
        Probe {
            profile,
            session: session.clone(),
            pull: None,
            cursor: None,
            began: false,
            second: false,
            asked: None,
            observed: Observed::default(),
        }
    }

    /// The request that tells who is signed in; none where the profile has none.
    fn who(&self) -> Option<Request> {
        let session = at(self.profile.json(), "session");
        if text_at(session, "kind") == "cookie" {
            return Some(Request {
                method: "GET",
                url: "/session".into(),
                ..Request::default()
            });
        }
        let mut scope: Scope = self.session.as_object().cloned().unwrap_or_default();
        scope.insert("session".into(), self.session.clone());
        let spec = session.get("who")?;
        request::make(self.profile, spec, &scope, "", &Value::Null).ok()
    }

    fn ask(&mut self, request: Request) -> Next<Observed> {
        if !matches!(request.method, "GET" | "HEAD") {
            self.observed.withheld = Some(format!("{} {}", request.method, shown(&request.url)));
            return self.done();
        }
        if self.observed.exchanges.len() >= MOST {
            return self.done();
        }
        self.asked = Some(request.clone());
        Next::Ask(request)
    }

    fn done(&mut self) -> Next<Observed> {
        if !self.second {
            self.observed.until = self.observed.exchanges.len();
        }
        Next::Done(std::mem::take(&mut self.observed))
    }
}

impl Conversation for Probe<'_> {
    type Outcome = Observed;

    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Observed> {
        let mut reply = reply;
        if let (Some(asked), Some(heard)) = (self.asked.take(), &reply) {
            self.observed.exchanges.push((asked, heard.clone()));
        }
        if !self.began {
            self.began = true;
            if let Some(request) = self.who() {
                self.observed.asked_who = true;
                return self.ask(request);
            }
        }
        if self.pull.is_none() {
            // The answer was that to who is signed in.
            reply = None;
        }
        loop {
            let (profile, cursor) = (self.profile, self.cursor.as_deref());
            let session = &self.session;
            let pull = self
                .pull
                .get_or_insert_with(|| Pull::new(profile, session, cursor));
            let looked = match pull.next(reply.take(), now) {
                Next::Ask(request) => return self.ask(request),
                Next::Done(looked) => looked,
            };
            self.pull = None;
            let pulled = looked.pulled.clone();
            match self.second {
                false => self.observed.first.push(looked),
                true => self.observed.again.push(looked),
            }
            let Pulled::Until { cursor, more } = pulled else {
                return self.done();
            };
            self.cursor = Some(cursor);
            match (more, self.second) {
                (true, _) => {}
                (false, false) => {
                    self.observed.ended.0 = true;
                    self.observed.until = self.observed.exchanges.len();
                    self.second = true;
                }
                (false, true) => {
                    self.observed.ended.1 = true;
                    return self.done();
                }
            }
        }
    }
}

/// What the answers show, in the order in which one would look.
pub fn findings(profile: &Profile, seen: &Observed, now: i64) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |level, code, value: String| found.push(Finding { level, code, value });
    let answered = seen.exchanges.iter().any(|(_, reply)| reply.status != 0);
    let Some((first, _)) = seen.exchanges.first() else {
        let what = seen.withheld.clone().unwrap_or_default();
        say(Level::Note, "withheld", what);
        return found;
    };
    if !answered {
        say(Level::Bad, "no_answer", told(first));
        return found;
    }
    say(Level::Good, "reached", profile.reach().base.clone());
    let trouble = trouble_of(seen);
    let signed_out = is_signed_out(profile, seen, now);
    match signed_out {
        Some(true) => say(Level::Bad, "signed_out", told(first)),
        Some(false) => say(Level::Good, "signed_in", String::new()),
        None => {}
    }
    if let Some((kind, words)) = trouble
        && !(kind == Kind::SignedOut && signed_out == Some(true))
    {
        say(Level::Bad, "trouble", words);
    }
    if let Some(what) = &seen.withheld {
        say(Level::Note, "withheld", what.clone());
    }
    let count = seen
        .changes()
        .filter(|change| change.record.is_some())
        .count();
    match count {
        0 => say(Level::Note, "no_records", String::new()),
        count => say(Level::Good, "records", count.to_string()),
    }
    let (level, code, value) = paging(seen);
    say(level, code, value);
    let (level, code, value) = changes(seen);
    say(level, code, value);
    if let Some(hours) = ahead(seen, now) {
        say(Level::Bad, "times_ahead", hours.to_string());
    }
    let (level, code, value) = files(profile);
    if !code.is_empty() {
        say(level, code, value);
    }
    let mut unread = readable(profile);
    unread.retain(|name| {
        let mut answers = seen.exchanges.iter();
        !answers.any(|(_, reply)| reply.header(name).is_some())
    });
    if !unread.is_empty() {
        say(Level::Note, "header_unread", unread.join(", "));
    }
    match seen.offset.map(|offset| offset / 1_000) {
        None => say(Level::Note, "clock_unknown", String::new()),
        Some(seconds) if seconds.abs() > CLOCK => {
            say(Level::Bad, "clock_off", seconds.abs().to_string());
        }
        Some(_) => say(Level::Good, "clock_right", String::new()),
    }
    found
}

/// The headers that are read, and those that the profile says must be readable, in order.
fn readable(profile: &Profile) -> Vec<String> {
    let mut names: Vec<String> = headers_read(profile)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let listed = at(at(profile.json(), "transport"), "readable").as_array();
    for name in listed.into_iter().flatten().filter_map(Value::as_str) {
        let name = name.to_ascii_lowercase();
        // The clock tells by itself whether the date can be read.
        if !names.contains(&name) && name != "date" {
            names.push(name);
        }
    }
    names
}

/// By how many hours the latest time of a record lies ahead, where that is more than clocks explain:
/// it was written in another zone than the profile says.
fn ahead(seen: &Observed, now: i64) -> Option<i64> {
    let there = now + seen.offset.unwrap_or(0);
    let times = seen.changes().filter_map(|change| change.record.as_ref());
    let times =
        times.flat_map(|record| ["created_at", "updated_at"].map(|name| text_at(record, name)));
    let latest = times
        .filter_map(|text| format::read_time(text, "iso", "UTC"))
        .max()?;
    let minutes = (latest - there) / 60_000;
    (minutes > AHEAD).then(|| ((minutes + 30) / 60).max(1))
}

/// What the backend is said to take of files.
fn files(profile: &Profile) -> (Level, &'static str, String) {
    let create = at(profile.resource("attachment"), "create");
    let limits = profile.file_limits();
    match limits.max_bytes {
        _ if create.is_null() => (Level::Good, "", String::new()),
        Some(bytes) => {
            let mut said = vec![format!("{} MB", bytes.div_ceil(1_000_000))];
            said.extend(limits.max_count.map(|count| count.to_string()));
            said.extend(limits.endings.into_iter().chain(limits.types));
            (Level::Good, "file_limits", said.join(", "))
        }
        // It grows piece by piece, and the backend says at the first what it does not take.
        None if text_at(create, "upload") == "tus" => (Level::Good, "", String::new()),
        None => (Level::Note, "file_limits_unsaid", String::new()),
    }
}

fn told(request: &Request) -> String {
    format!("{} {}", request.method, shown(&request.url))
}

fn trouble_of(seen: &Observed) -> Option<(Kind, String)> {
    let looks = seen.first.iter().chain(&seen.again);
    let error = looks.filter_map(|looked| looked.trouble.as_ref()).next()?;
    Some((error.kind(), error.context().to_string()))
}

/// Whether the answer to who is signed in says that nobody is; nothing where that was not asked.
fn is_signed_out(profile: &Profile, seen: &Observed, now: i64) -> Option<bool> {
    let (_, reply) = seen.exchanges.first().filter(|_| seen.asked_who)?;
    let verdict = judge(profile, reply, &Scope::new(), now);
    let nobody = at(&verdict.json, "signed_in") == &Value::Bool(false);
    Some(nobody || verdict.class != Class::Ok)
}

/// Whether pages follow each other.
fn paging(seen: &Observed) -> (Level, &'static str, String) {
    let looks = &seen.exchanges[usize::from(seen.asked_who).min(seen.exchanges.len())..];
    let pages: Vec<(String, String)> = looks
        .iter()
        .filter(|(_, reply)| reply.status == 200 && reply.body.len() > LONG)
        .map(|(request, reply)| (request.url.clone(), hash(&reply.body)))
        .collect();
    let same = pages.windows(2).find(|two| {
        // What hangs on two records may well be alike; two pages of one list may not.
        two[0].0 != two[1].0 && shown(&two[0].0) == shown(&two[1].0) && two[0].1 == two[1].1
    });
    if let Some([_, (url, _)]) = same {
        return (Level::Bad, "pages_repeat", shown(url));
    }
    match seen.first.len() {
        0 | 1 => (Level::Note, "one_page", String::new()),
        count => (Level::Good, "pages", count.to_string()),
    }
}

/// Whether looking again brings only what has changed: not the answer of the first look to another
/// question. To the same question, as a list without changes asks it, that is as it should be.
fn changes(seen: &Observed) -> (Level, &'static str, String) {
    let (first, again) = seen
        .exchanges
        .split_at(seen.until.min(seen.exchanges.len()));
    let repeated = again.iter().find(|(request, reply)| {
        let (path, body) = (shown(&request.url), reply.body.as_str());
        let alike = |(asked, heard): &(Request, Reply)| {
            asked.url != request.url && shown(&asked.url) == path && heard.body == body
        };
        reply.status == 200 && body.len() > LONG && first.iter().any(alike)
    });
    match (repeated, seen.ended) {
        (Some((request, _)), _) => (Level::Bad, "changes_all", told(request)),
        (None, (true, true)) => {
            let again: usize = seen.again.iter().map(|looked| looked.changes.len()).sum();
            (Level::Good, "changes_few", again.to_string())
        }
        _ => (Level::Note, "changes_unseen", String::new()),
    }
}
