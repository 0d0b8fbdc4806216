//! One operation as a conversation: tables first, then what makes it safe, its steps, its record.
//!
//! Guarantees: what a step has bound is remembered before the next request goes out, so whoever goes
//! on after a crash repeats no step that is through; the one step that must not happen twice is
//! marked as tried before it goes out, and [`look`] finds out what became of it by the means that the
//! profile names; a request that may not go where it would go is never made.

use serde_json::{Map, Value, json};

use super::Profile;
use super::address::shown;
use super::errors::{Class, Verdict, judge};
use super::exchange::{Body, Conversation, Next, Reply, Request};
use super::format;
use super::lens::{self, Source, alike};
use super::request::{self, Unmade};
use super::session;
use super::shape;
use super::template;
use super::value::{Scope, at, is_empty, lookup, put, text, text_at};
use crate::core::order::sort_by_key;
use crate::core::sync::{Answer, Event, Operation, What};

/// Kinds of idempotency by which a request may go out again whatever became of it.
const REPEATABLE: [&str; 5] = [
    "header",
    "client_named",
    "upsert",
    "primary_key",
    "single_use",
];

/// How many steps an operation may take in requests, so that no profile asks without end.
const MOST_REQUESTS: u32 = 2_000;

/// What is asked at the moment.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Tables,
    Table(String),
    Link,
    Reread,
    Step,
    Find,
    Outcome,
    Theirs,
    Record,
}

/// What outlives a crash.
#[derive(Clone, Debug, Default)]
struct Memory {
    bound: Map<String, Value>,
    step: usize,
    part: u64,
    collected: Vec<Value>,
    /// Whether the step that must not happen twice went out, and no answer came.
    tried: bool,
    /// When steps were done whose results are valid for a while only.
    at: i64,
}

impl Memory {
    fn read(value: Option<&Value>) -> Memory {
        let value = value.unwrap_or(&Value::Null);
        Memory {
            bound: at(value, "bound").as_object().cloned().unwrap_or_default(),
            step: at(value, "step").as_u64().unwrap_or(0) as usize,
            part: at(value, "part").as_u64().unwrap_or(0),
            collected: at(value, "parts").as_array().cloned().unwrap_or_default(),
            tried: at(value, "tried").as_bool().unwrap_or(false),
            at: at(value, "at").as_i64().unwrap_or(0),
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "bound": self.bound,
            "step": self.step,
            "part": self.part,
            "parts": self.collected,
            "tried": self.tried,
            "at": self.at,
        })
    }
}

/// An operation being performed, or looked for.
pub struct Perform<'p> {
    profile: &'p Profile,
    kind: &'static str,
    what: &'p Value,
    steps: Vec<&'p Value>,
    scope: Scope,
    /// The pairs of maps that the backend tells.
    tables: Value,
    memory: Memory,
    stage: Stage,
    asked: Option<Request>,
    requests: u32,
    last: Option<(Reply, Value)>,
    /// Only looks whether it was done.
    looks: bool,
    /// Whether looking can tell.
    certain: bool,
    token: Option<Value>,
}

/// The part of a profile that an operation is performed by; null where it can't be done.
fn part_for<'p>(profile: &'p Profile, operation: &Operation) -> &'p Value {
    let resource = profile.resource(operation.what.kind());
    match &operation.what {
        What::EditCase { .. } => at(resource, "update"),
        What::Act { action, .. } => {
            let actions = at(resource, "actions");
            actions.get(action).unwrap_or(at(actions, "*"))
        }
        _ => at(resource, "create"),
    }
}

/// What a new case holds that the backend has no place for, one a line behind an empty line, so that a
/// profile can put it below the description and nothing is lost on the way.
fn others(profile: &Profile, what: &Value, body: &Value) -> String {
    let shape = at(profile.resource("case"), "shape");
    let has_place = |name: &str| {
        let lens = at(at(shape, "fields"), name);
        let written = match lens {
            Value::Null => at(shape, "keep") == &Value::Bool(true),
            lens => at(lens, "write") != &Value::Bool(false),
        };
        written || session::uses(what, &format!("new.{name}"))
    };
    // What names the case, its author and its rules is known to whoever reads it.
    let known = |name: &str| ["policy", "contact_id", "fields"].contains(&name);
    let own = body.as_object().into_iter().flatten();
    let own = own.filter(|(name, _)| !known(name) && !has_place(name));
    let fields = match has_place("fields") {
        true => None,
        false => at(body, "fields").as_object(),
    };
    let mut all: Vec<_> = own.chain(fields.into_iter().flatten()).collect();
    sort_by_key(&mut all, |(name, _)| name.as_str());
    let mut lines = String::new();
    for (name, value) in all {
        let said = match value {
            Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
            Value::Object(_) | Value::Null => continue,
            one => text(one),
        };
        if !said.is_empty() {
            let begin = if lines.is_empty() { "\n\n" } else { "\n" };
            lines.push_str(&format!("{begin}{}: {said}", name.replace('_', " ")));
        }
    }
    lines
}

/// The names that an operation brings with it.
pub(super) fn scope_of(operation: &Operation, case: &str, session: &Value) -> Scope {
    let mut scope = Scope::new();
    let mut put = |name: &str, value: Value| scope.insert(name.into(), value);
    put("key", operation.id.clone().into());
    put("session", session.clone());
    if !case.is_empty() {
        put("case", case.into());
        put("parent", case.into());
    }
    let new = match &operation.what {
        What::CreateCase { body, .. } => body.clone(),
        What::AddComment { text, .. } => json!({ "body": text }),
        What::Attach { file, .. } => {
            json!({ "name": file.name, "size": file.size, "media_type": file.media_type })
        }
        What::EditCase { base, patch, .. } => {
            put("id", case.into());
            put("base", base.clone().into());
            put("token", base.clone().into());
            patch.clone()
        }
        What::Act {
            action,
            body,
            before,
            ..
        } => {
            put("before", before.clone());
            if !case.is_empty() {
                put("id", case.into());
            }
            put("action", action.clone().into());
            body.clone()
        }
    };
    put("new", new);
    if let What::Attach { file, .. } = &operation.what {
        request::add_file(&mut scope, file);
    }
    scope
}

impl<'p> Perform<'p> {
    /// Begins, or goes on from what is remembered.
    pub fn new(
        profile: &'p Profile,
        operation: &Operation,
        case: &str,
        session: &Value,
        remembered: Option<&Value>,
    ) -> Perform<'p> {
        let what = part_for(profile, operation);
        let steps = match at(what, "steps").as_array() {
            Some(steps) => steps.iter().collect(),
            None => vec![what],
        };
        Perform {
            profile,
            kind: operation.what.kind(),
            what,
            steps,
            scope: {
                let mut scope = scope_of(operation, case, session);
                if let What::CreateCase { body, .. } = &operation.what {
                    scope.insert("others".into(), others(profile, what, body).into());
                }
                scope
            },
            tables: json!({}),
            memory: Memory::read(remembered),
            stage: Stage::Tables,
            asked: None,
            requests: 0,
            last: None,
            looks: false,
            certain: false,
            token: None,
        }
    }

    fn source<'s>(
        &'s self,
        row: &'s Value,
        reply: Option<&'s Reply>,
        scope: &'s Scope,
    ) -> Source<'s> {
        Source {
            row,
            reply,
            scope,
            maps: self.profile.maps(&self.tables),
        }
    }

    /// Everything that can be named now.
    fn names(&self) -> Scope {
        let mut scope = self.scope.clone();
        for (name, value) in &self.memory.bound {
            scope.insert(name.clone(), value.clone());
        }
        if let Some(token) = &self.token {
            scope.insert("token".into(), token.clone());
        }
        if self.quotes() {
            let token = lookup(&scope, "token").map(text).unwrap_or_default();
            if !token.is_empty() && !token.contains('"') {
                scope.insert("token".into(), format!("\"{token}\"").into());
            }
        }
        if let Some(words) = at(self.idempotency(), "marker").as_str() {
            let marker = template::say_all(words, &scope);
            scope.insert("marker".into(), marker.into());
        }
        if !self.memory.collected.is_empty() {
            scope.insert("parts".into(), self.memory.collected.clone().into());
        }
        scope
    }

    fn idempotency(&self) -> &'p Value {
        at(self.what, "idempotency")
    }

    fn concurrency(&self) -> &'p Value {
        at(self.what, "concurrency")
    }

    fn quotes(&self) -> bool {
        at(self.concurrency(), "quote") == &Value::Bool(true)
    }

    fn is_kind(part: &Value, kind: &str) -> bool {
        text_at(part, "kind") == kind
    }

    /// Whether a step may be repeated whatever happened to it.
    fn is_safe(step: &Value) -> bool {
        let method = text_at(step, "method");
        matches!(method, "" | "GET" | "HEAD") || at(step, "safe") == &Value::Bool(true)
    }

    /// The step that the operation's idempotency is about: the first that may not be repeated.
    fn main_step(&self) -> usize {
        let found = self.steps.iter().position(|step| !Self::is_safe(step));
        found.unwrap_or(0)
    }

    /// Whether nothing need be remembered: one request, that may go out again as it is.
    fn forgets(&self) -> bool {
        let kind = text_at(self.idempotency(), "kind");
        let only = self.steps.first().filter(|_| self.steps.len() == 1);
        let simple = only.is_some_and(|step| {
            ["parts", "poll", "bind"]
                .iter()
                .all(|key| step.get(key).is_none())
        });
        simple && kind != "single_use" && REPEATABLE.contains(&kind)
    }

    fn get(&self) -> Option<&'p Value> {
        self.profile.resource(self.kind).get("get")
    }

    /// What is to be asked next, or how it ends.
    fn ask(&mut self, now: i64) -> Next<Answer> {
        self.scope
            .insert("now".into(), format::iso(now).unwrap_or_default().into());
        if self.what.is_null() {
            return Next::Done(refused("not_offered", String::new()));
        }
        loop {
            let request = match &self.stage {
                Stage::Tables => match self.next_table() {
                    Some(name) => {
                        self.stage = Stage::Table(name);
                        continue;
                    }
                    None => {
                        self.stage = match self.looks {
                            true => Stage::Find,
                            false => Stage::Link,
                        };
                        self.forget_old(now);
                        continue;
                    }
                },
                Stage::Table(name) => {
                    let load = at(at(at(self.profile.json(), "maps"), name), "load");
                    self.make(load, &self.names())
                }
                Stage::Link => {
                    let is_link = Self::is_kind(self.idempotency(), "single_use");
                    if !is_link || self.memory.bound.contains_key("once") {
                        self.stage = Stage::Reread;
                        continue;
                    }
                    self.make(at(self.idempotency(), "request"), &self.names())
                }
                Stage::Reread => match self.get().filter(|_| self.rereads()) {
                    Some(get) => self.make(get, &self.names()),
                    None => {
                        self.stage = Stage::Step;
                        continue;
                    }
                },
                Stage::Step => match self.step_to_take(now) {
                    Some(request) => request,
                    None => {
                        self.stage = Stage::Outcome;
                        continue;
                    }
                },
                Stage::Find => match at(self.idempotency(), "find") {
                    Value::Null => return Next::Done(Answer::Later(None)),
                    find => self.make(find, &self.names()),
                },
                Stage::Outcome => match self.outcome() {
                    Some(answer) => return Next::Done(answer),
                    None => {
                        self.stage = Stage::Record;
                        continue;
                    }
                },
                Stage::Record | Stage::Theirs => match self.get() {
                    Some(get) => self.make(get, &self.names()),
                    None => return Next::Done(Answer::Later(None)),
                },
            };
            self.requests += 1;
            if self.requests > MOST_REQUESTS {
                return Next::Done(Answer::Later(None));
            }
            return match request {
                Ok(request) => {
                    self.asked = Some(request.clone());
                    Next::Ask(request)
                }
                Err(Unmade::Field(field)) => Next::Done(refused("no_counterpart", field)),
                Err(Unmade::Address(why)) => Next::Done(refused("not_allowed", why)),
            };
        }
    }

    fn make(&self, spec: &Value, scope: &Scope) -> Result<Request, Unmade> {
        request::make(self.profile, spec, scope, self.kind, &self.tables)
    }

    fn next_table(&self) -> Option<String> {
        let maps = at(self.profile.json(), "maps").as_object()?;
        let mut unloaded = maps
            .iter()
            .filter(|(name, map)| map.get("load").is_some() && self.tables.get(*name).is_none());
        unloaded.next().map(|(name, _)| name.clone())
    }

    /// A result that is no longer valid is made anew, with everything that stands on it.
    fn forget_old(&mut self, now: i64) {
        for (index, step) in self.steps.iter().enumerate().take(self.memory.step) {
            let valid = at(step, "valid_seconds").as_i64();
            let is_old = valid.is_some_and(|valid| self.memory.at + valid * 1_000 <= now);
            if is_old {
                self.memory.step = index;
                self.memory.part = 0;
                self.memory.collected.clear();
                return;
            }
        }
        self.look_again();
    }

    /// What a step is left out for is looked for again: an earlier try may have made it.
    fn look_again(&mut self) {
        let step = self.steps.get(self.memory.step);
        let Some(name) = step.and_then(|step| at(step, "unless").as_str()) else {
            return;
        };
        let before = self.steps.iter().take(self.memory.step);
        let binds = |step: &&Value| at(step, "bind").get(name).is_some();
        let mut looks = before.enumerate().filter(|(_, step)| binds(step));
        if let Some((index, _)) = looks.next() {
            self.memory.step = index;
        }
    }

    fn rereads(&self) -> bool {
        let concurrency = self.concurrency();
        let wanted = Self::is_kind(concurrency, "compare")
            || at(concurrency, "reread") == &Value::Bool(true);
        wanted && self.memory.step <= self.main_step() && self.token.is_none()
    }

    /// The request of the step at hand; none when all are through.
    fn step_to_take(&mut self, now: i64) -> Option<Result<Request, Unmade>> {
        loop {
            let step = *self.steps.get(self.memory.step)?;
            let names = self.names();
            let has = |name: &str| lookup(&names, name).is_some_and(|value| !is_empty(value));
            let wanted = at(step, "if").as_str().is_none_or(has)
                && !at(step, "unless").as_str().is_some_and(has);
            if !wanted {
                self.memory.step += 1;
                continue;
            }
            let mut scope = names;
            if let Some(size) = at(at(step, "parts"), "size").as_u64() {
                let total = lookup(&scope, "file.size").and_then(Value::as_u64);
                let part = part(self.memory.part, size.max(1), total.unwrap_or(0));
                scope.insert("part".into(), part);
                let mark = lookup(&scope, "file.base64").cloned();
                scope["part"]["base64"] = mark.unwrap_or_default();
            }
            let is_main = self.memory.step == self.main_step() && !Self::is_safe(step);
            let mut made = self.make(step, &scope);
            if let Ok(request) = &mut made {
                if is_main {
                    self.guard(request, &scope);
                }
                self.memory.tried |= is_main;
                if at(step, "valid_seconds").is_number() {
                    self.memory.at = now;
                }
            }
            return Some(made);
        }
    }

    /// What the step carries that must not happen twice, or over somebody else's change.
    fn guard(&self, request: &mut Request, scope: &Scope) {
        let word = |name: &str| lookup(scope, name).map(text).unwrap_or_default();
        let idempotency = self.idempotency();
        if let Body::Json(body) = &mut request.body {
            let pointer = text_at(idempotency, "pointer");
            if Self::is_kind(idempotency, "primary_key") {
                put(body, pointer, word("key").into());
            }
            // Without a marker, what was sent is known again by what it says.
            if Self::is_kind(idempotency, "marker") && !word("marker").is_empty() {
                let written = body.pointer(pointer).map(text).unwrap_or_default();
                put(
                    body,
                    pointer,
                    format!("{written}\n\n{}", word("marker")).into(),
                );
            }
            if Self::is_kind(self.concurrency(), "body") {
                let token = lookup(scope, "token").cloned().unwrap_or_default();
                put(body, text_at(self.concurrency(), "pointer"), token);
            }
        }
        if Self::is_kind(idempotency, "header") {
            let name = text_at(idempotency, "name");
            request::set_header(&mut request.headers, name, &word("key"));
        }
        let token = word("token");
        let concurrency = self.concurrency();
        if Self::is_kind(concurrency, "if_match") && !token.is_empty() {
            request::set_header(&mut request.headers, "If-Match", &token);
        }
        if Self::is_kind(concurrency, "if_unmodified_since")
            && let Some(time) = format::read_time(&token, "iso", "UTC")
            && let Some(date) = format::write_time(time, "http", "")
        {
            request::set_header(&mut request.headers, "If-Unmodified-Since", &date);
        }
    }

    /// Takes an answer in; an outcome if it is over.
    fn hear(&mut self, reply: Reply, now: i64) -> Option<Answer> {
        let names = self.names();
        let verdict = judge(self.profile, &reply, &names, now);
        match self.stage.clone() {
            Stage::Table(name) => self.hear_table(&name, &verdict),
            Stage::Link => self.hear_link(&reply, &verdict),
            Stage::Reread => self.hear_reread(&reply, &verdict),
            Stage::Find => self.hear_find(&reply, &verdict),
            Stage::Theirs => Some(Answer::Conflict {
                theirs: self.record_in(&reply, &verdict),
            }),
            Stage::Record => match self.record_in(&reply, &verdict) {
                Some(record) => Some(Answer::Accepted(record)),
                None => Some(self.failed(&verdict)),
            },
            Stage::Step => self.hear_step(reply, verdict),
            Stage::Tables | Stage::Outcome => None,
        }
    }

    fn hear_table(&mut self, name: &str, verdict: &Verdict) -> Option<Answer> {
        let load = at(at(at(self.profile.json(), "maps"), name), "load");
        if verdict.class != Class::Ok {
            return Some(self.failed(verdict));
        }
        self.tables[name] = table_in(self.profile, load, &verdict.json, &self.names());
        self.stage = Stage::Tables;
        None
    }

    fn hear_link(&mut self, reply: &Reply, verdict: &Verdict) -> Option<Answer> {
        let names = self.names();
        let from = self.source(&verdict.json, Some(reply), &names);
        let link = lens::read(at(self.idempotency(), "link"), from);
        if verdict.class != Class::Ok || is_empty(&link) {
            return Some(self.failed(verdict));
        }
        self.memory.bound.insert("once".into(), link);
        self.stage = Stage::Reread;
        None
    }

    /// Somebody else's change is noticed before one's own is written over it.
    fn hear_reread(&mut self, reply: &Reply, verdict: &Verdict) -> Option<Answer> {
        if verdict.class != Class::Ok {
            return Some(self.failed(verdict));
        }
        let Some(record) = self.record_in(reply, verdict) else {
            return Some(Answer::Later(verdict.asked));
        };
        let base = lookup(&self.scope, "base").map(text).unwrap_or_default();
        let version = text(at(&record, "version"));
        if (!base.is_empty() && base != version) || (base.is_empty() && self.is_overtaken(&record))
        {
            return Some(self.overtaken(Some(record)));
        }
        let names = self.names();
        let from = self.source(&verdict.json, Some(reply), &names);
        let token = match self.concurrency().get("token") {
            Some(source) => lens::read(source, from),
            None => version.into(),
        };
        self.token = Some(token);
        let shape = at(self.profile.resource(self.kind), "shape");
        let current = verdict.json.pointer(text_at(shape, "record"));
        self.scope
            .insert("current".into(), current.cloned().unwrap_or_default());
        self.stage = Stage::Step;
        None
    }

    /// Whether somebody else has changed what an action changes, since the person saw it. An action knows
    /// no version: what else became of the case is no reason not to do it.
    fn is_overtaken(&self, record: &Value) -> bool {
        let named = |name| lookup(&self.scope, name).unwrap_or(&Value::Null);
        let (before, new) = (named("before"), named("new"));
        let mut wanted = new.as_object().into_iter().flatten();
        wanted.any(|(name, mine)| {
            let (seen, now) = (at(before, name), at(record, name));
            !seen.is_null() && !alike(seen, now) && !alike(mine, now)
        })
    }

    /// The record has changed; perhaps by this very operation, whose answer was lost.
    fn overtaken(&self, theirs: Option<Value>) -> Answer {
        match theirs {
            Some(record) if self.memory.tried && self.is_wanted(&record) => {
                Answer::Accepted(record)
            }
            theirs => Answer::Conflict { theirs },
        }
    }

    /// Whether a record is as the operation wants it.
    fn is_wanted(&self, record: &Value) -> bool {
        let new = lookup(&self.scope, "new").and_then(Value::as_object);
        let mut wanted = new.into_iter().flatten();
        new.is_some_and(|new| !new.is_empty())
            && wanted.all(|(name, value)| {
                let found = at(record, name);
                alike(found, value) || (is_empty(found) && is_empty(value))
            })
    }

    fn hear_find(&mut self, reply: &Reply, verdict: &Verdict) -> Option<Answer> {
        if verdict.class != Class::Ok {
            return Some(self.failed(verdict));
        }
        let find = at(self.idempotency(), "find");
        let names = self.names();
        let rows = rows_in(find, &verdict.json);
        let Some(rows) = rows else {
            return Some(Answer::Later(verdict.asked));
        };
        let found = rows.iter().find(|row| {
            let from = self.source(row, Some(reply), &names);
            find.get("match").is_none_or(|test| lens::holds(test, from))
        });
        let Some(row) = found.cloned() else {
            // A page that is full says nothing of what stands on the next.
            self.certain = find.get("match").is_none() || rows.is_empty();
            return Some(refused("needs_check", String::new()));
        };
        let id = match find.get("id") {
            Some(source) => lens::read_text(source, self.source(&row, Some(reply), &names)),
            None => text(at(&row, "id")),
        };
        if !id.is_empty() {
            self.memory.bound.insert("id".into(), id.into());
        }
        let record = self.read_row(&row, Some(reply));
        let can_get = self.get().is_some() && self.memory.bound.contains_key("id");
        if can_get && !record.as_ref().is_some_and(is_whole) {
            self.stage = Stage::Record;
            return None;
        }
        let record = record.or_else(|| self.sent_record());
        Some(record.map_or(Answer::Later(None), Answer::Accepted))
    }

    fn hear_step(&mut self, reply: Reply, verdict: Verdict) -> Option<Answer> {
        let step = *self.steps.get(self.memory.step)?;
        let names = self.names();
        let is_main = self.memory.step == self.main_step() && !Self::is_safe(step);
        let (idempotency, concurrency) = (self.idempotency(), self.concurrency());
        let from = self.source(&verdict.json, Some(&reply), &names);
        let says = |part: &Value, key: &str| {
            reply.status != 0 && part.get(key).is_some_and(|test| lens::holds(test, from))
        };
        if is_main && says(idempotency, "duplicate") {
            return self.hear_duplicate();
        }
        if is_main && says(idempotency, "used") {
            self.stage = Stage::Find;
            return None;
        }
        let guarded = Self::is_kind(concurrency, "guard")
            && verdict.class == Class::Ok
            && rows_in(concurrency, &verdict.json).is_none_or(|rows| rows.is_empty());
        if is_main && (guarded || says(concurrency, "conflict")) {
            return self.hear_conflict();
        }
        match verdict.class {
            Class::Ok => {}
            Class::Duplicate if is_main => return self.hear_duplicate(),
            _ if says(step, "ok") => {}
            Class::Conflict => return self.hear_conflict(),
            _ => return Some(self.failed(&verdict)),
        }
        if let Some(answer) = self.hear_poll(step, from, &verdict) {
            return answer;
        }
        let bound = at(step, "bind").as_object().into_iter().flatten();
        let later = self.steps.get(self.memory.step + 1..).unwrap_or_default();
        let is_asked = |name: &str| {
            let mut asking = later.iter();
            asking.any(|step| text_at(step, "if") == name || text_at(step, "unless") == name)
        };
        let mut found = Vec::new();
        for (name, source) in bound {
            let value = lens::read(source, from);
            // A look that finds nothing is an answer where a later step asks for it.
            if is_empty(&value) && is_asked(name) {
                continue;
            }
            if is_empty(&value) {
                // Without it nothing that follows makes sense, and what was done stays unknown.
                return Some(Answer::Later(verdict.asked));
            }
            found.push((
                name.clone(),
                if name == "id" {
                    text(&value).into()
                } else {
                    value
                },
            ));
        }
        if is_main && self.main_brings_nothing(&reply, &verdict) {
            return Some(Answer::Later(verdict.asked));
        }
        let collected = self.collected(step, from);
        self.memory.bound.extend(found);
        self.memory.tried = false;
        self.advance(step, collected);
        self.last = Some((reply, verdict.json));
        None
    }

    /// A success that carries no record where one is due is a broken backend or something in
    /// between: as far as one can tell it is not done, and sending it again is as safe as ever.
    fn main_brings_nothing(&self, reply: &Reply, verdict: &Verdict) -> bool {
        let is_last = self.memory.step + 1 >= self.steps.len();
        let record = at(self.what, "record").as_str().unwrap_or("/");
        let from_answer = record.is_empty() || record.starts_with('/');
        let binds = self.steps.iter().any(|step| step.get("bind").is_some());
        is_last
            && from_answer
            && !binds
            && self.record_in(reply, verdict).is_none()
            && lookup(&self.scope, "id").is_none()
    }

    fn hear_duplicate(&mut self) -> Option<Answer> {
        if Self::is_kind(self.idempotency(), "primary_key") {
            let key = lookup(&self.scope, "key").cloned().unwrap_or_default();
            self.memory.bound.entry("id").or_insert(key);
        }
        self.stage = match (self.get(), at(self.idempotency(), "find")) {
            (Some(_), _) if lookup(&self.names(), "id").is_some() => Stage::Record,
            (_, Value::Object(_)) => Stage::Find,
            _ => {
                let record = self.sent_record();
                return Some(record.map_or(Answer::Later(None), Answer::Accepted));
            }
        };
        None
    }

    fn hear_conflict(&mut self) -> Option<Answer> {
        self.stage = match self.get() {
            Some(_) => Stage::Theirs,
            None => return Some(self.overtaken(None)),
        };
        None
    }

    /// Whether a long-running request goes on: the answer to end with, or nothing once it is through.
    fn hear_poll(&self, step: &Value, from: Source, verdict: &Verdict) -> Option<Option<Answer>> {
        let poll = step.get("poll")?;
        if poll
            .get("failed")
            .is_some_and(|test| lens::holds(test, from))
        {
            let detail = verdict.detail.clone();
            return Some(Some(refused(&verdict.code, detail)));
        }
        if lens::holds(at(poll, "until"), from) {
            return None;
        }
        let seconds = at(poll, "seconds").as_i64().unwrap_or(5);
        let asked = verdict.asked.unwrap_or(seconds * 1_000);
        Some(Some(Answer::Later(Some(asked))))
    }

    fn collected(&self, step: &Value, from: Source) -> Option<Value> {
        let collect = at(at(step, "parts"), "collect").as_object()?;
        let mut scope = from.scope.clone();
        scope.insert(
            "part".into(),
            json!({ "number": self.memory.part + 1, "index": self.memory.part }),
        );
        let from = Source {
            scope: &scope,
            ..from
        };
        let found = collect
            .iter()
            .map(|(name, source)| (name.clone(), lens::read(source, from)));
        Some(Value::Object(found.collect()))
    }

    /// On to the next piece, or to the next step.
    fn advance(&mut self, step: &Value, collected: Option<Value>) {
        self.memory.collected.extend(collected);
        if let Some(size) = at(at(step, "parts"), "size").as_u64() {
            let total = lookup(&self.scope, "file.size").and_then(Value::as_u64);
            let done = (self.memory.part + 1).saturating_mul(size.max(1));
            if done < total.unwrap_or(0) {
                self.memory.part += 1;
                return;
            }
        }
        self.memory.part = 0;
        self.memory.step += 1;
    }

    fn record_in(&self, reply: &Reply, verdict: &Verdict) -> Option<Value> {
        let names = self.names();
        if verdict.class != Class::Ok {
            return None;
        }
        let body = match at(self.what, "record").as_str() {
            Some(pointer) if pointer.starts_with('/') && self.stage == Stage::Step => {
                let row = verdict.json.pointer(pointer)?;
                return shape::read(
                    self.profile,
                    self.kind,
                    row,
                    Some(reply),
                    &names,
                    &self.tables,
                );
            }
            _ => &verdict.json,
        };
        if !body.is_object() {
            return None;
        }
        shape::read_single(self.profile, self.kind, body, reply, &names, &self.tables)
    }

    fn read_row(&self, row: &Value, reply: Option<&Reply>) -> Option<Value> {
        let names = self.names();
        shape::read(self.profile, self.kind, row, reply, &names, &self.tables)
    }

    /// What was done, without a further request where the last answer tells it.
    fn outcome(&self) -> Option<Answer> {
        let names = self.names();
        let record = match at(self.what, "record").as_str() {
            Some("sent") => {
                return Some(
                    self.sent_record()
                        .map_or(Answer::Later(None), Answer::Accepted),
                );
            }
            Some("get") => None,
            pointer => self.last.as_ref().and_then(|(reply, json)| {
                let shape = at(self.profile.resource(self.kind), "shape");
                let place = pointer.unwrap_or(text_at(shape, "record"));
                let row = json.pointer(place).filter(|row| row.is_object())?;
                shape::read(
                    self.profile,
                    self.kind,
                    row,
                    Some(reply),
                    &names,
                    &self.tables,
                )
            }),
        };
        let can_get = self.get().is_some() && lookup(&names, "id").is_some();
        match record {
            // A record that only repeats its id is read anew where that can be done.
            Some(record) if !can_get || is_whole(&record) => Some(Answer::Accepted(record)),
            _ if can_get => None,
            other => {
                let record = other.or_else(|| self.sent_record());
                Some(record.map_or(Answer::Later(None), Answer::Accepted))
            }
        }
    }

    /// The record as far as it is known from what was sent.
    fn sent_record(&self) -> Option<Value> {
        let names = self.names();
        let id = lookup(&names, "id").map(text).filter(|id| !id.is_empty())?;
        let new = names.get("new").cloned().unwrap_or_default();
        let mut record = if new.is_object() { new } else { json!({}) };
        record["id"] = id.into();
        if let Some(case) = names.get("case").filter(|_| self.kind != "case") {
            record["case_id"] = case.clone();
        }
        if self.kind == "comment" {
            record["author_side"] = "customer".into();
            let author = lookup(&names, "session.name");
            record["author_name"] = author.cloned().unwrap_or_default();
        }
        record["created_at"] = names.get("now").cloned().unwrap_or_default();
        let shape = at(self.profile.resource(self.kind), "shape");
        if let Some(Value::Object(set)) = template::json(at(shape, "set"), &names) {
            for (name, value) in set {
                record[name] = value;
            }
        }
        Some(record)
    }

    /// The backend's words; where it has none, the request that it refused.
    fn told(&self, verdict: &Verdict) -> String {
        let status = verdict.code.strip_prefix("status_");
        match (status, &self.asked) {
            (Some(status), Some(request)) if verdict.detail.is_empty() => {
                format!(
                    "{} {}: status {status}",
                    request.method,
                    shown(&request.url)
                )
            }
            _ => verdict.detail.clone(),
        }
    }

    /// How it ends when an answer is no success.
    fn failed(&mut self, verdict: &Verdict) -> Answer {
        match verdict.class {
            Class::Ok | Class::Duplicate | Class::Later => Answer::Later(verdict.asked),
            Class::SignedOut => {
                self.memory.tried = false;
                Answer::SignedOut
            }
            Class::Conflict => self.overtaken(None),
            Class::Gone | Class::Missing | Class::Forbidden | Class::Refused => {
                refused(&verdict.code, self.told(verdict))
            }
        }
    }
}

impl Conversation for Perform<'_> {
    type Outcome = Answer;

    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Answer> {
        if let Some(reply) = reply {
            let is_theirs = self.stage == Stage::Theirs;
            if let Some(answer) = self.hear(reply, now) {
                return Next::Done(match answer {
                    Answer::Conflict { theirs } if is_theirs => self.overtaken(theirs),
                    other => other,
                });
            }
        }
        self.ask(now)
    }

    fn progress(&self) -> Option<u64> {
        let step = self.steps.get(self.memory.step)?;
        let size = at(at(step, "parts"), "size").as_u64()?;
        Some(self.memory.part.saturating_mul(size))
    }

    fn memory(&self) -> Option<Value> {
        (!self.forgets()).then(|| self.memory.to_json())
    }
}

/// Looks whether an operation was done whose answer was lost.
pub struct Look<'p> {
    operation: String,
    perform: Perform<'p>,
    /// What is known without asking.
    known: Option<bool>,
    /// An edit is looked for in the record itself.
    edits: bool,
}

impl<'p> Look<'p> {
    /// Begins to look; `remembered` is what the conversation that sent it kept.
    pub fn new(
        profile: &'p Profile,
        operation: &Operation,
        case: &str,
        session: &Value,
        remembered: Option<&Value>,
    ) -> Look<'p> {
        let mut perform = Perform::new(profile, operation, case, session, remembered);
        perform.looks = true;
        let edits = matches!(operation.what, What::EditCase { .. }) && perform.get().is_some();
        let kind = text_at(perform.idempotency(), "kind");
        let untried = remembered.is_some() && !perform.memory.tried;
        let through = perform.memory.step > perform.main_step();
        let finds = perform.idempotency().get("find").is_some();
        let known = if untried || through {
            Some(true)
        } else if finds || edits {
            None
        } else {
            Some(REPEATABLE.contains(&kind) && profile.key_life() == 0)
        };
        if edits {
            perform.stage = Stage::Record;
        }
        Look {
            operation: operation.id.clone(),
            perform,
            known,
            edits,
        }
    }

    fn ended(&self, found: Option<Value>, certain: bool) -> Event {
        Event::Checked {
            operation: self.operation.clone(),
            found,
            certain,
        }
    }
}

impl Conversation for Look<'_> {
    type Outcome = Event;

    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Event> {
        if let Some(certain) = self.known {
            return Next::Done(self.ended(None, certain));
        }
        let unknown = reply
            .as_ref()
            .is_some_and(|reply| matches!(reply.status, 400 | 404 | 405 | 501));
        match self.perform.next(reply, now) {
            Next::Ask(request) => Next::Ask(request),
            Next::Done(Answer::Accepted(record)) if self.edits => {
                // Sent again, a change meets the version it was made against, or a conflict.
                let is_done = self.perform.is_wanted(&record);
                Next::Done(self.ended(is_done.then_some(record), true))
            }
            Next::Done(Answer::Accepted(record)) => Next::Done(self.ended(Some(record), true)),
            Next::Done(Answer::Refused { code, .. }) => {
                let certain = code == "needs_check" && self.perform.certain;
                Next::Done(self.ended(None, certain))
            }
            Next::Done(_) if unknown => Next::Done(self.ended(None, false)),
            Next::Done(answer) => Next::Done(Event::Answered {
                operation: self.operation.clone(),
                answer,
            }),
        }
    }
}

/// Whether a record says more than who it is.
fn is_whole(record: &Value) -> bool {
    record.as_object().is_some_and(|fields| fields.len() > 2)
}

fn refused(code: &str, detail: String) -> Answer {
    Answer::Refused {
        code: code.into(),
        detail,
    }
}

/// The piece of a file that has a number.
fn part(index: u64, size: u64, total: u64) -> Value {
    let from = index.saturating_mul(size).min(total);
    let to = from.saturating_add(size).min(total);
    json!({
        "index": index,
        "number": index + 1,
        "from": from,
        "to": to,
        "size": to - from,
        "count": total.div_ceil(size).max(1),
        "last": to >= total,
    })
}

/// The rows of an answer; nothing where there is no list.
pub(super) fn rows_in(spec: &Value, body: &Value) -> Option<Vec<Value>> {
    let place = body.pointer(text_at(spec, "rows"))?;
    match (text_at(spec, "rows_are"), place) {
        ("keyed", Value::Object(fields)) => Some(fields.values().cloned().collect()),
        (_, Value::Array(rows)) => Some(rows.clone()),
        _ => None,
    }
}

/// The pairs of a map that an answer tells.
pub(super) fn table_in(profile: &Profile, load: &Value, body: &Value, scope: &Scope) -> Value {
    let rows = rows_in(load, body).unwrap_or_default();
    let pairs = rows.iter().map(|row| {
        let from = Source {
            row,
            reply: None,
            scope,
            maps: profile.maps(&Value::Null),
        };
        let theirs = lens::read(at(load, "theirs"), from);
        let ours = lens::read(at(load, "ours"), from);
        Value::Array(vec![theirs, ours])
    });
    Value::Array(pairs.collect())
}
