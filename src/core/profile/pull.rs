//! Looking for changes: list by list, page by page, with what hangs on each row.
//!
//! One conversation reads one page with its expansions and ends with the changes and a cursor that
//! says where to go on; so whatever happens in between, nothing is lost and nothing is read twice
//! for long. The cursor is a text of JSON that only this module reads; one of another form is taken
//! as the token of the first list, as versions before profiles kept it.
//!
//! Nothing that a backend answers makes it go on for ever: totals are not believed, a page that was
//! seen before ends a look, pages and requests are counted.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::address::shown;
use super::errors::{Class, Verdict, judge, trouble};
use super::exchange::{Conversation, Next, Reply, Request};
use super::format;
use super::lens::{self, Source};
use super::perform::{rows_in, table_in};
use super::request::{self, Unmade};
use super::shape;
use super::template;
use super::value::{Scope, at, hash, is_empty, lookup, text, text_at};
use super::{Change, Profile};
use crate::core::error::{Error, Kind};
use crate::core::sync::Pulled;

/// Most pages of one look, where the profile says nothing.
const MOST_PAGES: u64 = 10_000;
/// Most requests for what hangs on the rows of one page.
const MOST_FETCHES: usize = 5_000;
/// How deep records may hang on records.
const DEEPEST: usize = 5;

/// What came of a look.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// What has changed.
    pub changes: Vec<Change>,
    /// How it ended.
    pub pulled: Pulled,
    /// What went wrong, in words.
    pub trouble: Option<Error>,
}

/// What is read in turn: a list, what was deleted of it, or the ids that are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Rows,
    Deleted,
    Ids,
}

/// A record that further rows hang on, and what they are.
struct Fetch {
    spec: Value,
    scope: Scope,
    depth: usize,
    /// The row that what is fetched is put into, by its place among those of the page.
    into: Option<(usize, String)>,
    /// The page of it, and the pages it has shown.
    page: Value,
    seen: Vec<String>,
}

enum Stage {
    Begin,
    Table(String),
    Page,
    Get(usize, Request),
    Fetch(Box<Fetch>, Request),
    End,
}

/// One look.
pub struct Pull<'p> {
    profile: &'p Profile,
    session: Value,
    /// What is kept of each list, in the order of [`Pull::parts`].
    lists: Vec<Map<String, Value>>,
    /// The pairs of maps that the backend tells.
    tables: Value,
    /// What was told of the records in the profile itself.
    stamp: Value,
    stage: Stage,
    turn: usize,
    turned: Turned,
    asked: Option<Request>,
    /// The rows of the page, with their kinds; nothing where a row is not to be read.
    rows: Vec<Option<(String, Value)>>,
    gets: VecDeque<(usize, String)>,
    fetches: VecDeque<Fetch>,
    fetched: usize,
    changes: Vec<Change>,
    more: bool,
}

/// What the page at hand says of how to go on.
#[derive(Default)]
struct Turned {
    next: Option<Value>,
    /// How to know the page again.
    print: Option<String>,
    /// Whether there is more behind the token.
    more: bool,
    /// Whether the backend says that nothing has changed.
    unchanged: bool,
    /// Whether the list is not for this person.
    hidden: bool,
}

impl<'p> Pull<'p> {
    /// Begins where a cursor says; at the start without one.
    pub fn new(profile: &'p Profile, session: &Value, cursor: Option<&str>) -> Pull<'p> {
        let read = cursor.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let known = read.filter(|json| at(json, "lists").is_array());
        let mut lists = Vec::new();
        for list in known
            .iter()
            .flat_map(|known| at(known, "lists").as_array())
            .flatten()
        {
            lists.push(list.as_object().cloned().unwrap_or_default());
        }
        if let (None, Some(token)) = (&known, cursor) {
            lists.push(Map::from_iter([("token".into(), token.into())]));
        }
        let known = known.unwrap_or_default();
        Pull {
            profile,
            session: session.clone(),
            lists,
            tables: match at(&known, "maps") {
                Value::Null => json!({}),
                told => told.clone(),
            },
            stamp: at(&known, "static").clone(),
            stage: Stage::Begin,
            turn: at(&known, "turn").as_u64().unwrap_or(0) as usize,
            turned: Turned::default(),
            asked: None,
            rows: Vec::new(),
            gets: VecDeque::new(),
            fetches: VecDeque::new(),
            fetched: 0,
            changes: Vec::new(),
            more: false,
        }
    }

    fn to_cursor(&self) -> String {
        let mut cursor = json!({ "lists": self.lists, "turn": self.turn });
        for (name, value) in [("maps", &self.tables), ("static", &self.stamp)] {
            if !is_empty(value) {
                cursor[name] = value.clone();
            }
        }
        cursor.to_string()
    }

    /// Everything that is looked at, in order.
    fn parts(&self) -> Vec<(&'p Value, Part)> {
        let lists = at(self.profile.json(), "lists").as_array();
        let mut parts = Vec::new();
        for list in lists.into_iter().flatten() {
            parts.push((list, Part::Rows));
            match text_at(at(list, "deletions"), "kind") {
                "feed" => parts.push((list, Part::Deleted)),
                "sweep" => parts.push((list, Part::Ids)),
                _ => {}
            }
        }
        parts
    }

    fn list(&self) -> (&'p Value, Part) {
        let none = (&Value::Null, Part::Rows);
        self.parts().get(self.turn).copied().unwrap_or(none)
    }

    /// The description of the request at hand.
    fn spec(&self) -> &'p Value {
        let (list, part) = self.list();
        match part {
            Part::Rows => list,
            Part::Deleted | Part::Ids => at(list, "deletions"),
        }
    }

    fn kept(&self, key: &str) -> &Value {
        let state = self.lists.get(self.turn);
        state
            .and_then(|state| state.get(key))
            .unwrap_or(&Value::Null)
    }

    fn keep(&mut self, key: &str, value: Value) {
        if self.lists.len() <= self.turn {
            self.lists.resize(self.turn + 1, Map::new());
        }
        let state = &mut self.lists[self.turn];
        if value.is_null() {
            state.remove(key);
        } else {
            state.insert(key.into(), value);
        }
    }

    /// Keeps a value under an id, in the collection of a name.
    fn keep_of(&mut self, key: &str, id: &str, value: Value) {
        if !self.kept(key).is_object() {
            self.keep(key, json!({}));
        }
        let state = self.lists.get_mut(self.turn);
        if let Some(Value::Object(known)) = state.and_then(|state| state.get_mut(key)) {
            known.insert(id.into(), value);
        }
    }

    fn scope(&self) -> Scope {
        Scope::from_iter([("session".into(), self.session.clone())])
    }

    /// The names of the page at hand.
    fn page_scope(&self, now: i64) -> Scope {
        let mut scope = self.scope();
        let spec = self.spec();
        paging_names(&mut scope, at(spec, "paging"), self.kept("page"));
        let changes = at(spec, "changes");
        match text_at(changes, "kind") {
            "updated_since" => {
                let since = self
                    .kept("since")
                    .as_str()
                    .or(at(changes, "first").as_str());
                if let Some(since) = since {
                    let said = say_since(changes, since);
                    scope.insert("since".into(), said.into());
                }
            }
            "token" => {
                if let Some(token) = self.kept("token").as_str() {
                    scope.insert("token".into(), token.into());
                }
            }
            "window" => {
                let (from, to) = self.window(now);
                for (name, time) in [("since", from), ("until", to)] {
                    let said = format::iso(time).unwrap_or_default();
                    scope.insert(name.into(), say_since(changes, &said).into());
                }
            }
            _ => {}
        }
        scope
    }

    /// From where to where a windowed look goes.
    fn window(&self, now: i64) -> (i64, i64) {
        let changes = at(self.spec(), "changes");
        let seconds = |key: &str, usual: i64| at(changes, key).as_i64().unwrap_or(usual) * 1_000;
        let start = match at(changes, "start") {
            Value::Number(back) => now - back.as_i64().unwrap_or(0) * 1_000,
            Value::String(text) => format::read_time(text, "iso", "UTC").unwrap_or(0),
            _ => now - 90 * 86_400_000,
        };
        let from = self.kept("since").as_i64().unwrap_or(start);
        // A look that was begun keeps its end, or its pages would not fit together.
        let to = self.kept("until").as_i64().unwrap_or_else(|| {
            (from + seconds("width", 86_400).max(1_000)).min(now - seconds("behind", 60))
        });
        (from, to.max(from))
    }

    fn is_due(&self, turn: usize, now: i64) -> bool {
        let state = self.lists.get(turn);
        let kept = |key: &str| state.and_then(|state| state.get(key));
        let parts = self.parts();
        let Some((list, part)) = parts.get(turn) else {
            return false;
        };
        let (spec, usual) = match part {
            // As often as the engine looks, unless the profile says otherwise.
            Part::Rows => (*list, 0),
            Part::Deleted => (at(list, "deletions"), 0),
            Part::Ids => (at(list, "deletions"), 86_400),
        };
        if kept("page").is_some() {
            return true;
        }
        let once = text_at(at(spec, "changes"), "kind") == "none";
        let every = at(spec, "every").as_i64().unwrap_or(usual) * 1_000;
        match kept("at").and_then(Value::as_i64) {
            None => true,
            Some(_) if once && *part == Part::Rows => false,
            // A clock that was set back must not stop looking.
            Some(at) => now - at >= every || at > now,
        }
    }

    fn ask(&mut self, now: i64) -> Next<Looked> {
        loop {
            match &self.stage {
                Stage::Begin => {
                    if let Some(name) = self.next_table() {
                        self.stage = Stage::Table(name);
                        continue;
                    }
                    self.tell_static();
                    let count = self.parts().len();
                    let first = self.turn.min(count);
                    let mut order = (first..count).chain(0..first);
                    match order.find(|turn| self.is_due(*turn, now)) {
                        Some(turn) => {
                            self.turn = turn;
                            self.stage = Stage::Page;
                        }
                        None => return self.done(),
                    }
                }
                Stage::Table(name) => {
                    let load = at(at(at(self.profile.json(), "maps"), name), "load");
                    let made = request::make(self.profile, load, &self.scope(), "", &Value::Null);
                    return self.send(made);
                }
                Stage::Page => {
                    if text_at(at(self.spec(), "changes"), "kind") == "window" {
                        // The end of a window stays where it is while its pages are read.
                        let (_, to) = self.window(now);
                        self.keep("until", to.into());
                    }
                    let made = self.page_request(now);
                    return self.send(made);
                }
                Stage::Get(_, request) | Stage::Fetch(_, request) => {
                    let request = request.clone();
                    return self.send(Ok(request));
                }
                Stage::End => {
                    if let Some(next) = self.next_of_rows() {
                        match next {
                            Ok(stage) => self.stage = stage,
                            Err(unmade) => return self.send(Err(unmade)),
                        }
                        continue;
                    }
                    self.tell_rows();
                    self.turn_page(now);
                    self.finish(now);
                    return self.done();
                }
            }
        }
    }

    fn send(&mut self, made: Result<Request, Unmade>) -> Next<Looked> {
        match made {
            Ok(request) => {
                self.asked = Some(request.clone());
                Next::Ask(request)
            }
            Err(Unmade::Address(why) | Unmade::Field(why)) => Next::Done(Looked {
                changes: Vec::new(),
                pulled: Pulled::Later(None),
                trouble: Some(Error::new(Kind::Configuration, why)),
            }),
        }
    }

    fn next_table(&self) -> Option<String> {
        let maps = at(self.profile.json(), "maps").as_object()?;
        let mut unloaded = maps
            .iter()
            .filter(|(name, map)| map.get("load").is_some() && self.tables.get(*name).is_none());
        unloaded.next().map(|(name, _)| name.clone())
    }

    /// The records that stand in the profile itself, and who is signed in; told once and whenever
    /// they have become others.
    fn tell_static(&mut self) {
        let records = static_records(self.profile, &self.session);
        let mut all = String::new();
        for (kind, record) in &records {
            all.push_str(&format!("{kind} {record}\n"));
        }
        let stamp = Value::from(hash(&all));
        if records.is_empty() || self.stamp == stamp {
            return;
        }
        self.stamp = stamp;
        self.changes
            .extend(records.into_iter().map(|(kind, record)| Change {
                id: text(at(&record, "id")),
                kind,
                record: Some(record),
            }));
    }

    fn page_request(&self, now: i64) -> Result<Request, Unmade> {
        let spec = self.spec();
        let scope = self.page_scope(now);
        let link = self.kept("page").as_str();
        let is_link = matches!(text_at(at(spec, "paging"), "kind"), "next" | "link");
        let token = self.kept("token").as_str();
        let by_token = at(at(spec, "changes"), "link") == &Value::Bool(true);
        let mut made = match (link, token) {
            (Some(link), _) if is_link => request::follow(self.profile, spec, &scope, link),
            (None, Some(link)) if by_token => request::follow(self.profile, spec, &scope, link),
            _ => request::make(self.profile, spec, &scope, "", &Value::Null),
        }?;
        if text_at(at(spec, "changes"), "kind") == "conditional" && link.is_none() {
            for (key, name) in [("etag", "If-None-Match"), ("modified", "If-Modified-Since")] {
                if let Some(value) = self.kept(key).as_str() {
                    request::set_header(&mut made.headers, name, value);
                }
            }
        }
        Ok(made)
    }

    fn hear(&mut self, reply: Reply, now: i64) -> Option<Looked> {
        let scope = self.scope();
        let verdict = judge(self.profile, &reply, &scope, now);
        match std::mem::replace(&mut self.stage, Stage::End) {
            Stage::Table(name) => {
                if verdict.class != Class::Ok {
                    return Some(self.failed(&reply, &verdict));
                }
                let load = at(at(at(self.profile.json(), "maps"), &name), "load");
                self.tables[&name] = table_in(self.profile, load, &verdict.json, &scope);
                self.stage = Stage::Begin;
                None
            }
            Stage::Page => self.hear_page(&reply, verdict),
            Stage::Get(index, _) => self.hear_get(index, &reply, &verdict),
            Stage::Fetch(fetch, _) => self.hear_fetch(*fetch, &reply, &verdict),
            Stage::Begin | Stage::End => None,
        }
    }

    fn failed(&self, reply: &Reply, verdict: &Verdict) -> Looked {
        let request = self.asked.clone().unwrap_or_default();
        let pulled = match verdict.class {
            Class::SignedOut => Pulled::SignedOut,
            Class::Gone => Pulled::FromTheStart,
            _ => Pulled::Later(verdict.asked),
        };
        Looked {
            changes: Vec::new(),
            pulled,
            trouble: Some(trouble(&request, reply, verdict)),
        }
    }

    fn hear_page(&mut self, reply: &Reply, verdict: Verdict) -> Option<Looked> {
        let spec = self.spec();
        let (list, part) = self.list();
        let hidden = matches!(verdict.class, Class::Missing | Class::Forbidden);
        if hidden && at(list, "optional") == &Value::Bool(true) {
            self.turned.hidden = true;
            return None;
        }
        let is_first = self.kept("page").is_null();
        if is_first {
            self.keep("unread", Value::Null);
        }
        let paging = at(spec, "paging");
        let scope = self.scope();
        let from = self.from(&verdict.json, Some(reply), &scope);
        let ended = |test: &Value| lens::holds(test, from);
        if reply.status == 304 {
            self.turned.unchanged = true;
            return None;
        }
        if !is_first && reply.status != 0 && paging.get("end").is_some_and(ended) {
            return None;
        }
        if verdict.class != Class::Ok {
            return Some(self.failed(reply, &verdict));
        }
        let Some(rows) = rows_in(spec, &verdict.json) else {
            return Some(self.unreadable(reply, &verdict));
        };
        let changes = at(spec, "changes");
        let by = text_at(changes, "kind");
        let token = match by {
            "token" => lens::read_text(at(changes, "token"), from),
            _ => String::new(),
        };
        let next = next_page(paging, self.kept("page"), rows.len(), from, reply);
        let more = changes
            .get("more")
            .is_some_and(|test| lens::holds(test, from));
        if by == "token" && token.is_empty() && next.is_none() {
            return Some(self.unreadable(reply, &verdict));
        }
        if !token.is_empty() {
            self.keep("token", token.into());
        }
        for (key, name) in [("etag", "etag"), ("modified", "last-modified")] {
            if by == "conditional" && is_first {
                let value = reply.header(name).map(Value::from);
                self.keep(key, value.unwrap_or_default());
            }
        }
        self.turned = Turned {
            next,
            more,
            print: Some(hash(&reply.body)),
            ..Turned::default()
        };
        let count = rows.len();
        let unread = match part {
            Part::Rows => self.take_rows(rows, &verdict.json, reply),
            Part::Deleted => self.take_deleted(&rows),
            Part::Ids => self.take_ids(&rows),
        };
        self.note_unread(unread, count, verdict.asked)
    }

    /// Notes the rows that can't be read. Where that are all of several, the backend is another one
    /// than the profile describes: nothing is taken for gone, and it is asked again.
    fn note_unread(&mut self, unread: usize, count: usize, asked: Option<i64>) -> Option<Looked> {
        if unread == 0 {
            return None;
        }
        let request = self.asked.clone().unwrap_or_default();
        let asked_for = format!("{} {}", request.method, shown(&request.url));
        let words =
            format!("{asked_for}: {unread} of {count} rows have no id or kind that can be read");
        if unread == count && count > 1 {
            return Some(Looked {
                changes: Vec::new(),
                pulled: Pulled::Later(asked),
                trouble: Some(Error::new(Kind::Unreadable, words)),
            });
        }
        self.keep("unread", words.into());
        None
    }

    fn unreadable(&self, reply: &Reply, verdict: &Verdict) -> Looked {
        let asked = verdict.asked;
        let mut looked = self.failed(reply, verdict);
        looked.pulled = Pulled::Later(asked);
        looked
    }

    fn from<'s>(
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

    /// On to the page behind the one that was read, or to the end of the list.
    fn turn_page(&mut self, now: i64) {
        let turned = std::mem::take(&mut self.turned);
        if turned.hidden {
            self.keep("page", Value::Null);
            self.keep("at", now.into());
            return;
        }
        // A page that was seen before would be followed by those that were seen before; equal pages
        // come of a parameter that the backend does not know.
        let mut seen = self.kept("seen").as_array().cloned().unwrap_or_default();
        let prints = [
            turned.print.map(Value::from),
            turned
                .next
                .as_ref()
                .map(|next| hash(&next.to_string()).into()),
        ];
        let prints: Vec<Value> = prints.into_iter().flatten().collect();
        let again = prints.iter().any(|print| seen.contains(print));
        let pages = self.kept("pages").as_u64().unwrap_or(0) + 1;
        let most = at(at(self.spec(), "paging"), "max_pages").as_u64();
        let is_cut = pages >= most.unwrap_or(MOST_PAGES);
        match turned.next {
            Some(next) if !again && !is_cut => {
                seen.extend(prints);
                self.keep("page", next);
                self.keep("pages", pages.into());
                self.keep("seen", seen.into());
                self.more = true;
            }
            next => {
                let since = self.kept("since").clone();
                self.pages_end(now, turned.unchanged);
                // Behind the ceiling there is more, which is reached from the newest that was seen.
                let goes_on = next.is_some() && is_cut && self.kept("since") != &since;
                if goes_on || turned.more {
                    self.keep("at", Value::Null);
                    self.more = true;
                }
            }
        }
    }

    /// A list was read to its end.
    fn pages_end(&mut self, now: i64, unchanged: bool) {
        for key in ["page", "pages", "seen"] {
            self.keep(key, Value::Null);
        }
        self.keep("at", now.into());
        let (list, part) = self.list();
        let changes = at(self.spec(), "changes");
        match text_at(changes, "kind") {
            "updated_since" => self.since_newest(changes, now),
            "window" => {
                let (_, to) = self.window(now);
                let behind = at(changes, "behind").as_i64().unwrap_or(60) * 1_000;
                self.keep("since", to.into());
                self.keep("until", Value::Null);
                if to < now - behind {
                    self.keep("at", Value::Null);
                    self.more = true;
                }
            }
            _ => {}
        }
        let sweeps = part == Part::Rows && text_at(at(list, "changes"), "kind") == "sweep";
        if (sweeps && !unchanged) || part == Part::Ids {
            self.forget_the_missing(part);
        }
    }

    /// The next look begins a little before the newest that was seen; a time still to come, as one of
    /// another zone is, must not hide what changes until then.
    fn since_newest(&mut self, changes: &Value, now: i64) {
        let newest = self
            .kept("newest")
            .as_str()
            .and_then(|text| format::read_time(text, "iso", ""));
        let overlap = at(changes, "overlap").as_i64().unwrap_or(60) * 1_000;
        if let Some(since) = newest.and_then(|newest| format::iso(newest.min(now) - overlap)) {
            self.keep("since", since.into());
        }
        let recent = self.kept("now_recent").clone();
        self.keep("recent", recent);
        self.keep("now_recent", Value::Null);
    }

    /// What was there and is not any more is deleted.
    fn forget_the_missing(&mut self, part: Part) {
        let now_there = self
            .kept("now_there")
            .as_object()
            .cloned()
            .unwrap_or_default();
        self.keep("now_there", Value::Null);
        // A row that can't be read may be any of those that seem to be gone.
        let is_certain = self.kept("unread").is_null();
        let turn = self.turn;
        if part == Part::Ids {
            // The ids stand with the rows, which are the list before.
            self.turn = turn.saturating_sub(1);
        }
        let before = self.kept("ids").as_object().cloned().unwrap_or_default();
        let kind = text_at(self.list().0, "of").to_string();
        let mut left = Map::new();
        for (id, print) in before {
            if now_there.contains_key(&id) || !is_certain {
                left.insert(id, print);
            } else {
                self.changes.push(gone(&kind, &id));
            }
        }
        if part == Part::Rows {
            left.extend(now_there);
        }
        self.keep("ids", left.into());
        self.turn = turn;
    }

    fn take_deleted(&mut self, rows: &[Value]) -> usize {
        let spec = self.spec();
        let of = at(spec, "of")
            .as_str()
            .unwrap_or(text_at(self.list().0, "of"));
        let scope = self.scope();
        let source = spec.get("id").cloned().unwrap_or_else(|| "/id".into());
        let ids: Vec<String> = rows
            .iter()
            .map(|row| match row {
                Value::Object(_) => lens::read_text(&source, self.from(row, None, &scope)),
                id => text(id),
            })
            .filter(|id| !id.is_empty())
            .collect();
        self.changes.extend(ids.iter().map(|id| gone(of, id)));
        rows.len() - ids.len()
    }

    fn take_ids(&mut self, rows: &[Value]) -> usize {
        let mut unread = 0;
        let scope = self.scope();
        let source = self
            .spec()
            .get("id")
            .cloned()
            .unwrap_or_else(|| "/id".into());
        for row in rows {
            let id = match row {
                Value::Object(_) => lens::read_text(&source, self.from(row, None, &scope)),
                id => text(id),
            };
            unread += usize::from(id.is_empty());
            self.keep_of("now_there", &id, true.into());
        }
        unread
    }

    /// Takes the rows of a page, and tells how many of them can't be read.
    fn take_rows(&mut self, rows: Vec<Value>, answer: &Value, reply: &Reply) -> usize {
        let mut unread = 0;
        let (list, _) = self.list();
        let scope = self.scope();
        let deletions = at(list, "deletions");
        let ids_only = text_at(list, "rows_are") == "ids";
        let joins = expansions(list).filter(|one| text_at(one, "kind") == "join");
        let joins: Vec<&Value> = joins.collect();
        for row in rows {
            if !(row.is_object() || ids_only) {
                unread += 1;
                continue;
            }
            let from = self.from(&row, Some(reply), &scope);
            let kind = match at(list, "of") {
                Value::String(kind) => kind.clone(),
                source => lens::read_text(source, from),
            };
            let own = list.get("id").map(|source| lens::read_text(source, from));
            let is_tombstone = text_at(deletions, "kind") == "tombstone"
                && lens::holds(at(deletions, "when"), from);
            if is_tombstone {
                let id = own.unwrap_or_else(|| text(at(&row, "id")));
                let is_read = !kind.is_empty() && !id.is_empty();
                unread += usize::from(!is_read);
                if is_read {
                    // In its place among the rows, for a record may come and go on one page.
                    self.rows.push(Some((kind, id.into())));
                }
                continue;
            }
            if ids_only {
                let id = match (&row, list.get("id")) {
                    (Value::Object(_), Some(_)) => own.unwrap_or_default(),
                    (Value::Object(_), None) => text(at(&row, "id")),
                    (plain, _) => text(plain),
                };
                if id.is_empty() {
                    unread += 1;
                    continue;
                }
                self.gets.push_back((self.rows.len(), id));
                self.rows.push(Some((kind, Value::Null)));
                continue;
            }
            let mut record = match at(list, "record").as_str() {
                Some(pointer) => row.pointer(pointer).cloned().unwrap_or_default(),
                None => row.clone(),
            };
            // A record that can't be read leaves the one that could.
            if !record.is_object() {
                unread += 1;
                continue;
            }
            for join in &joins {
                join_in(join, answer, &mut record);
            }
            if let Some(own) = own.filter(|own| !own.is_empty()) {
                record["\u{f8ff}id"] = own.into();
            }
            unread += usize::from(!self.take_row(list, kind, record));
        }
        unread
    }

    /// A row is read unless it is the one that was read before; false if it can't be.
    fn take_row(&mut self, list: &Value, kind: String, row: Value) -> bool {
        let print = Value::from(hash(&row.to_string()));
        let record = self.record(&kind, &row).filter(|_| !kind.is_empty());
        let Some(record) = record else {
            return false;
        };
        let id = text(at(&record, "id"));
        let changes = at(list, "changes");
        let known = match text_at(changes, "kind") {
            "updated_since" => {
                let field = at(changes, "field").as_str().unwrap_or("updated_at");
                let time = text(at(&record, field));
                let stamp = |text: &str| format::read_time(text, "iso", "").unwrap_or(i64::MIN);
                if stamp(&time) > stamp(self.kept("newest").as_str().unwrap_or("")) {
                    self.keep("newest", time.into());
                }
                let known = at(self.kept("recent"), &id) == &print;
                self.keep_of("now_recent", &id, print.clone());
                known
            }
            "sweep" => {
                let known = at(self.kept("ids"), &id) == &print;
                self.keep_of("now_there", &id, print.clone());
                known
            }
            _ => false,
        };
        if text_at(at(list, "deletions"), "kind") == "sweep" {
            self.keep_of("ids", &id, print);
        }
        if known {
            return true;
        }
        let index = self.rows.len();
        self.rows.push(Some((kind, row)));
        self.expand(list, index, &id, 0);
        true
    }

    /// What hangs on a row.
    fn expand(&mut self, spec: &Value, index: usize, id: &str, depth: usize) {
        let row = self.rows.get(index).and_then(Option::as_ref);
        let row = row.map(|(_, row)| row.clone()).unwrap_or_default();
        for one in expansions(spec) {
            self.expand_one(one, &row, Some(index), id, id, depth);
        }
    }

    fn expand_one(
        &mut self,
        one: &Value,
        row: &Value,
        index: Option<usize>,
        id: &str,
        parent: &str,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return;
        }
        match text_at(one, "kind") {
            "inline" => {
                let rows = rows_in(one, row).unwrap_or_default();
                for inner in &rows {
                    self.take_child(one, inner, parent, id, None);
                }
            }
            "fetch" if self.fetches.len() + self.fetched < MOST_FETCHES => {
                let mut scope = self.scope();
                scope.insert("id".into(), id.into());
                scope.insert("parent".into(), parent.into());
                scope.insert("row".into(), row.clone());
                let into = at(one, "into").as_str();
                self.fetches.push_back(Fetch {
                    spec: one.clone(),
                    scope,
                    depth,
                    into: into
                        .zip(index)
                        .map(|(into, index)| (index, into.to_string())),
                    page: Value::Null,
                    seen: Vec::new(),
                });
            }
            _ => {}
        }
    }

    /// A row that hangs on a record, as a record of its own; `owner` is the id of the row it was
    /// found in.
    fn take_child(
        &mut self,
        spec: &Value,
        row: &Value,
        parent: &str,
        owner: &str,
        reply: Option<&Reply>,
    ) {
        let mut scope = self.scope();
        scope.insert("parent".into(), parent.into());
        scope.insert("owner".into(), owner.into());
        let fits = spec
            .get("where")
            .is_none_or(|test| lens::holds(test, self.from(row, reply, &scope)));
        let kind = text_at(spec, "as");
        if !fits || kind.is_empty() {
            return;
        }
        if let Some(record) = shape::read(self.profile, kind, row, None, &scope, &self.tables) {
            self.changes.push(Change {
                kind: kind.into(),
                id: text(at(&record, "id")),
                record: Some(record),
            });
        }
    }

    fn record(&self, kind: &str, row: &Value) -> Option<Value> {
        let mut scope = self.scope();
        let mut row = row.clone();
        let own = row.as_object_mut().and_then(|row| row.remove("\u{f8ff}id"));
        if let Some(own) = own {
            scope.insert("id".into(), own);
        }
        shape::read(self.profile, kind, &row, None, &scope, &self.tables)
    }

    /// The next request that the rows of the page need.
    fn next_of_rows(&mut self) -> Option<Result<Stage, Unmade>> {
        if let Some((index, id)) = self.gets.pop_front() {
            let (kind, _) = self.rows.get(index)?.clone()?;
            let mut scope = self.scope();
            scope.insert("id".into(), id.into());
            let get = at(self.profile.resource(&kind), "get");
            let made = request::make(self.profile, get, &scope, &kind, &self.tables);
            return Some(made.map(|request| Stage::Get(index, request)));
        }
        let mut fetch = self.fetches.pop_front()?;
        self.fetched += 1;
        paging_names(&mut fetch.scope, at(&fetch.spec, "paging"), &fetch.page);
        let link = fetch.page.as_str();
        let is_link = matches!(text_at(at(&fetch.spec, "paging"), "kind"), "next" | "link");
        let made = match link.filter(|_| is_link) {
            Some(link) => request::follow(self.profile, &fetch.spec, &fetch.scope, link),
            None => request::make(self.profile, &fetch.spec, &fetch.scope, "", &Value::Null),
        };
        Some(made.map(|request| Stage::Fetch(Box::new(fetch), request)))
    }

    fn hear_get(&mut self, index: usize, reply: &Reply, verdict: &Verdict) -> Option<Looked> {
        let Some(Some((kind, _))) = self.rows.get(index).cloned() else {
            return None;
        };
        match verdict.class {
            Class::Ok => {}
            // Gone between two requests, or not for this person to see.
            Class::Missing | Class::Forbidden | Class::Gone => {
                self.rows[index] = None;
                return None;
            }
            _ => return Some(self.failed(reply, verdict)),
        }
        let shape = at(self.profile.resource(&kind), "shape");
        let row = verdict.json.pointer(text_at(shape, "record"));
        let Some(row) = row.filter(|row| row.is_object()).cloned() else {
            return Some(self.unreadable(reply, verdict));
        };
        self.rows[index] = None;
        let (list, _) = self.list();
        match self.take_row(list, kind, row) {
            true => None,
            false => self.note_unread(1, 1, verdict.asked),
        }
    }

    fn hear_fetch(&mut self, mut fetch: Fetch, reply: &Reply, verdict: &Verdict) -> Option<Looked> {
        match verdict.class {
            Class::Ok => {}
            Class::Missing | Class::Forbidden | Class::Gone => return None,
            _ => return Some(self.failed(reply, verdict)),
        }
        let Some(mut rows) = rows_of_fetch(&fetch.spec, &verdict.json) else {
            return Some(self.unreadable(reply, verdict));
        };
        for join in expansions(&fetch.spec).filter(|one| text_at(one, "kind") == "join") {
            let joined = rows.iter_mut().filter(|row| row.is_object());
            joined.for_each(|row| join_in(join, &verdict.json, row));
        }
        let parent = lookup(&fetch.scope, "parent").map(text).unwrap_or_default();
        let has_more_below = expansions(&fetch.spec).next().is_some();
        for row in &rows {
            let scope = fetch.scope.clone();
            let fits = fetch
                .spec
                .get("where")
                .is_none_or(|test| lens::holds(test, self.from(row, Some(reply), &scope)));
            if !fits {
                continue;
            }
            let owner = lookup(&fetch.scope, "id").map(text).unwrap_or_default();
            self.take_child(&fetch.spec, row, &parent, &owner, Some(reply));
            if has_more_below {
                let from = self.from(row, Some(reply), &scope);
                let id = match (row, fetch.spec.get("id")) {
                    (Value::Object(_), Some(source)) => lens::read_text(source, from),
                    (Value::Object(_), None) => text(at(row, "id")),
                    (plain, _) => text(plain),
                };
                let index = fetch.into.as_ref().map(|(index, _)| *index);
                for one in expansions(&fetch.spec) {
                    self.expand_one(one, row, index, &id, &parent, fetch.depth + 1);
                }
            }
        }
        if let Some((index, into)) = &fetch.into
            && let Some(Some((_, row))) = self.rows.get_mut(*index)
        {
            let mut all = row.pointer(into).and_then(Value::as_array).cloned();
            let value = match (&mut all, fetch.page.is_null()) {
                (Some(all), false) => {
                    all.extend(rows.iter().cloned());
                    Value::Array(all.clone())
                }
                _ if fetch.spec.get("rows").is_none() => verdict.json.clone(),
                _ => Value::Array(rows.clone()),
            };
            super::value::put(row, into, value);
        }
        let from = self.from(&verdict.json, Some(reply), &fetch.scope);
        let next = next_page(
            at(&fetch.spec, "paging"),
            &fetch.page,
            rows.len(),
            from,
            reply,
        );
        let print = hash(&reply.body);
        if let Some(next) = next
            && !fetch.seen.contains(&print)
        {
            fetch.seen.push(print);
            fetch.page = next;
            self.fetches.push_front(fetch);
        }
        None
    }

    /// The rows of the page as records.
    fn tell_rows(&mut self) {
        for (kind, row) in std::mem::take(&mut self.rows).into_iter().flatten() {
            if let Value::String(id) = &row {
                self.changes.push(gone(&kind, id));
                continue;
            }
            if let Some(record) = self.record(&kind, &row) {
                self.changes.push(Change {
                    id: text(at(&record, "id")),
                    kind,
                    record: Some(record),
                });
            }
        }
    }

    fn finish(&mut self, now: i64) {
        if !self.kept("page").is_null() || self.kept("at").is_null() {
            return;
        }
        self.turn += 1;
        let count = self.parts().len();
        if (self.turn..count).any(|turn| self.is_due(turn, now)) {
            self.more = true;
        } else {
            self.turn = 0;
        }
    }

    fn done(&mut self) -> Next<Looked> {
        let cursor = self.to_cursor();
        Next::Done(Looked {
            changes: std::mem::take(&mut self.changes),
            pulled: Pulled::Until {
                cursor,
                more: self.more,
            },
            trouble: self.unread(),
        })
    }

    /// What could not be read of the lists when each was last looked at.
    fn unread(&self) -> Option<Error> {
        let told = |list: &Map<String, Value>| {
            list.get("unread").and_then(Value::as_str).map(String::from)
        };
        let words = self.lists.iter().find_map(told)?;
        Some(Error::new(Kind::Unreadable, words))
    }
}

impl Conversation for Pull<'_> {
    type Outcome = Looked;

    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Looked> {
        if let Some(reply) = reply
            && let Some(looked) = self.hear(reply, now)
        {
            return Next::Done(looked);
        }
        self.ask(now)
    }
}

fn gone(kind: &str, id: &str) -> Change {
    Change {
        kind: kind.into(),
        id: id.into(),
        record: None,
    }
}

fn expansions(spec: &Value) -> impl Iterator<Item = &Value> {
    at(spec, "expand").as_array().into_iter().flatten()
}

/// The rows of something fetched for one record; a single object is one row.
fn rows_of_fetch(spec: &Value, body: &Value) -> Option<Vec<Value>> {
    match rows_in(spec, body) {
        Some(rows) => Some(rows),
        None if spec.get("rows").is_none() && body.is_object() => Some(vec![body.clone()]),
        None => None,
    }
}

/// Puts the object that a row refers to into the row.
fn join_in(join: &Value, answer: &Value, row: &mut Value) {
    let by = row
        .pointer(text_at(join, "by"))
        .cloned()
        .unwrap_or_default();
    let others = answer.pointer(text_at(join, "from"));
    let key = text_at(join, "key");
    let fits = |other: &&Value| other.pointer(key).is_some_and(|key| lens::alike(key, &by));
    let found = match others {
        Some(Value::Array(others)) => others.iter().find(fits),
        Some(Value::Object(others)) => others.get(&text(&by)),
        _ => None,
    };
    if let Some(found) = found.filter(|_| !by.is_null()) {
        super::value::put(row, text_at(join, "into"), found.clone());
    }
}

fn say_since(changes: &Value, since: &str) -> String {
    let wanted = at(changes, "format");
    let time = format::read_time(since, "iso", "UTC");
    let said = time.filter(|_| !wanted.is_null()).and_then(|time| {
        format::write_time(time, text_at(wanted, "pattern"), text_at(wanted, "zone"))
    });
    said.unwrap_or_else(|| since.into())
}

fn paging_size(paging: &Value) -> u64 {
    at(paging, "size").as_u64().unwrap_or(100).max(1)
}

fn paging_names(scope: &mut Scope, paging: &Value, page: &Value) {
    let size = paging_size(paging);
    let first = at(paging, "first").as_u64();
    let mut put = |name: &str, value: Value| scope.insert(name.into(), value);
    match text_at(paging, "kind") {
        "" | "none" => return,
        "page" => {
            let number = page.as_u64().unwrap_or(first.unwrap_or(1));
            put("page", number.into());
        }
        "offset" | "range" => {
            let offset = page.as_u64().unwrap_or(first.unwrap_or(0));
            put("offset", offset.into());
            put("from", offset.into());
            put("to", (offset + size - 1).into());
        }
        "cursor" if !page.is_null() => {
            put("cursor", page.clone());
        }
        _ => {}
    }
    put("size", size.into());
}

/// The page behind the one that was read; none if it was the last.
fn next_page(
    paging: &Value,
    page: &Value,
    count: usize,
    from: Source,
    reply: &Reply,
) -> Option<Value> {
    if paging
        .get("last")
        .is_some_and(|test| lens::holds(test, from))
    {
        return None;
    }
    let size = paging_size(paging);
    let first = at(paging, "first").as_u64();
    let short = at(paging, "short_is_last") == &Value::Bool(true) && (count as u64) < size;
    match text_at(paging, "kind") {
        "page" if count > 0 && !short => {
            Some((page.as_u64().unwrap_or(first.unwrap_or(1)) + 1).into())
        }
        "offset" | "range" if count > 0 && !short => {
            Some((page.as_u64().unwrap_or(first.unwrap_or(0)) + count as u64).into())
        }
        "cursor" | "next" => {
            let next = lens::read(at(paging, "next"), from);
            Some(text(&next))
                .filter(|next| !next.is_empty())
                .map(Value::String)
        }
        "link" => next_link(reply.header("link")?).map(Value::String),
        _ => None,
    }
}

/// The address of the relation `next` in a `Link` header.
pub fn next_link(header: &str) -> Option<String> {
    let mut rest = header;
    loop {
        let (_, from) = rest.split_once('<')?;
        let (address, after) = from.split_once('>')?;
        let end = after.find(",<").or_else(|| after.find(", <"));
        let (parameters, behind) = after.split_at(end.unwrap_or(after.len()));
        let is_next = parameters.split(';').any(|one| {
            let (name, value) = one.split_once('=').unwrap_or((one, ""));
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel") && value.split(' ').any(|one| one == "next")
        });
        if is_next {
            return Some(address.into());
        }
        rest = behind;
    }
}

/// The records of the profile itself, and those of who is signed in where no resource has them.
fn static_records(profile: &Profile, session: &Value) -> Vec<(String, Value)> {
    let scope = Scope::from_iter([("session".into(), session.clone())]);
    let mut records = Vec::new();
    let resources = at(profile.json(), "resources").as_object();
    // In one order, however the file's own is kept.
    let resources: BTreeMap<&String, &Value> = resources.into_iter().flatten().collect();
    for (kind, resource) in resources {
        for record in at(resource, "static").as_array().into_iter().flatten() {
            let record = template::json(record, &scope).unwrap_or_default();
            if !is_empty(at(&record, "id")) {
                records.push((kind.clone(), record));
            }
        }
    }
    let word = |key: &str| at(session, key).clone();
    if profile.reads("contact") || is_empty(&word("contact")) {
        return records;
    }
    let has = |records: &[(String, Value)], kind: &str| records.iter().any(|one| one.0 == kind);
    if !has(&records, "contact") {
        let contact = json!({
            "id": word("contact"), "name": word("name"), "email": word("email"),
        });
        records.push(("contact".into(), contact));
    }
    if !has(&records, "account") && !profile.reads("account") {
        // Who belongs to no company acts in a name of one's own.
        let or = |first: &str, second: &str| match word(first) {
            none if is_empty(&none) => word(second),
            found => found,
        };
        let account = json!({ "id": or("company", "contact"), "name": or("company", "name") });
        records.push(("account".into(), account));
    }
    records
}
