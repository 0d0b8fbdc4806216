//! What an author of a profile wants to know beyond its mistakes: what is hardly meant, what the
//! portal will do without, and what comes of answers that were recorded.
//!
//! Three things are told apart. A *problem* keeps the profile from being used. *Advice* is about what
//! works and is hardly meant: a value that is not read as it was written, a name that nothing binds, a
//! list that asks for the same page again and again. A *limit* is no fault at all: what the backend
//! can't do, said as what people will notice. Nothing here asks a backend.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::exchange::{Body, Conversation, Next, Reply, Request};
use super::lens::{self, Source};
use super::pull::Pull;
use super::session::SignIn;
use super::value::{Scope, at, is_empty, put, text, text_at};
use super::{Change, Profile, format};
use crate::core::case::{
    Account, Asset, Attachment, Authorization, Case, Comment, Contact, Customer, Entitlement,
    License, Offer, Product, Record,
};
use crate::core::reader::{Problem, Reader, read};
use crate::core::sync::{Answer, Event, Operation, Pulled};

/// The largest file that is looked at, in bytes.
pub const LARGEST: usize = 1024 * 1024;

/// What the portal does without, and at which part of the profile it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The part of the profile, as `resources.case.create`.
    pub path: String,
    /// What people will notice.
    pub consequence: String,
}

/// A profile as its author sees it.
#[derive(Debug)]
pub struct Examined {
    /// The profile, if it can be used.
    pub profile: Option<Profile>,
    /// Why it can't be used.
    pub problems: Vec<Problem>,
    /// What should be mended all the same.
    pub advice: Vec<Problem>,
    /// What the portal does without.
    pub limits: Vec<Limit>,
}

/// Examines the text of a file, as [`examine`].
pub fn examine_text(text: &str, base: &str, allowed: Option<&[String]>) -> Examined {
    let refused = |expected: &str, found: String, mend: &str| Examined {
        profile: None,
        problems: vec![problem("", expected, found, mend)],
        advice: Vec::new(),
        limits: Vec::new(),
    };
    if text.len() > LARGEST {
        let found = format!("{} bytes", text.len());
        return refused(
            "a file of 1 MB at most",
            found,
            "leave out what it does not need",
        );
    }
    match serde_json::from_str(text) {
        Ok(json) => examine(json, base, allowed),
        Err(error) => refused(
            "a file in JSON",
            error.to_string(),
            "look at that line: a comma, a quote or a bracket is missing or too much",
        ),
    }
}

/// Examines a profile. `base` is where the API begins and `allowed` holds the further origins that the
/// deployment lets be called; where no deployment is known, those the profile names count as allowed,
/// and that portal.json has to name them is told.
pub fn examine(json: Value, base: &str, allowed: Option<&[String]>) -> Examined {
    let named = texts(at(&json, "origins"));
    let origins = allowed.unwrap_or(&named);
    let profile = match Profile::read(json, base, origins) {
        Ok(profile) => profile,
        Err(problems) => {
            return Examined {
                profile: None,
                problems,
                advice: Vec::new(),
                limits: Vec::new(),
            };
        }
    };
    let mut advice = Vec::new();
    if allowed.is_none() {
        for origin in &named {
            let mend = "name it among \"origins\" there, or nothing at it is called";
            advice.push(problem(
                "origins",
                "an origin that portal.json names, too",
                origin,
                mend,
            ));
        }
    }
    advice.extend(hardly_meant(&profile, &Samples::new()));
    Examined {
        limits: limits(&profile),
        problems: Vec::new(),
        advice,
        profile: Some(profile),
    }
}

fn problem(path: &str, expected: &str, found: impl Into<String>, mend: &str) -> Problem {
    Problem {
        path: path.into(),
        expected: expected.into(),
        found: found.into(),
        mend: mend.into(),
    }
}

fn texts(list: &Value) -> Vec<String> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).map(String::from).collect()
}

fn is_note(key: &str) -> bool {
    key.starts_with('_')
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let all = value.as_object().into_iter().flatten();
    all.filter(|(key, _)| !is_note(key))
}

fn resources(profile: &Profile) -> impl Iterator<Item = (&String, &Value)> {
    entries(at(profile.json(), "resources"))
}

fn lists(profile: &Profile) -> impl Iterator<Item = (String, &Value)> {
    let lists = at(profile.json(), "lists").as_array();
    let lists = lists.into_iter().flatten().enumerate();
    lists.map(|(index, list)| (format!("lists[{index}]"), list))
}

/// What is created, changed or done, each with its place.
fn operations(profile: &Profile) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (kind, resource) in resources(profile) {
        for does in ["create", "update"] {
            if let Some(operation) = resource.get(does) {
                found.push((format!("resources.{kind}.{does}"), operation));
            }
        }
        for (name, operation) in entries(at(resource, "actions")) {
            found.push((format!("resources.{kind}.actions.{name}"), operation));
        }
    }
    found
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

// What is hardly meant.

/// Values of the portal's fields, by kind and field.
type Samples = BTreeMap<(String, String), Vec<Value>>;

fn hardly_meant(profile: &Profile, samples: &Samples) -> Vec<Problem> {
    let mut told = Vec::new();
    round_trips(profile, samples, &mut told);
    unused_maps(profile, &mut told);
    unbound_names(profile, &mut told);
    unknown_fields(profile, &mut told);
    untold_changes(profile, &mut told);
    references(profile, &mut told);
    unread_headers(profile, &mut told);
    let about = at(profile.json(), "about");
    if is_empty(at(about, "tried")) && is_empty(at(about, "untried")) {
        let mend = "say against which server and version it was run, or that it was not";
        told.push(problem(
            "about.tried",
            "what it was tried against",
            "nothing",
            mend,
        ));
    }
    told
}

/// Every value that is written must be read again as it was.
fn round_trips(profile: &Profile, samples: &Samples, told: &mut Vec<Problem>) {
    for (kind, resource) in resources(profile) {
        for (field, lens) in entries(at(at(resource, "shape"), "fields")) {
            let mut values = samples_of(profile, lens);
            let recorded = samples.get(&(kind.clone(), field.clone()));
            values.extend(recorded.into_iter().flatten().cloned());
            let wrong = values
                .iter()
                .find_map(|value| strayed(profile, lens, value));
            if let Some(found) = wrong {
                told.push(problem(
                    &format!("resources.{kind}.shape.fields.{field}"),
                    "a value that is read again as it was written",
                    found,
                    "correct its format or map, or say \"write\": false",
                ));
            }
        }
    }
}

/// Values that a lens must be able to carry, by what it makes of them.
fn samples_of(profile: &Profile, lens: &Value) -> Vec<Value> {
    if let Some(name) = at(lens, "map").as_str() {
        let map = at(at(profile.json(), "maps"), name);
        let pairs = at(map, "pairs").as_array().into_iter().flatten();
        let ours = pairs.filter_map(|pair| pair.get(1).cloned());
        let written = at(map, "write").as_object().into_iter().flatten();
        return ours
            .chain(written.map(|(ours, _)| ours.as_str().into()))
            .filter(|value| !is_empty(value))
            .collect();
    }
    if let Some(each) = lens.get("each") {
        let inner = samples_of(profile, each);
        return Some(inner)
            .filter(|all| !all.is_empty())
            .map(Value::Array)
            .into_iter()
            .collect();
    }
    let samples: &[&str] = match text_at(lens, "format") {
        "time" => &["2026-02-28T23:59:30Z", "2026-07-01T00:00:00Z"],
        "date" => &["2026-02-28", "2027-01-01"],
        "html" => &["first & <second>\nthird"],
        "number" => return vec![json!(7), json!(0)],
        "list" => return vec![json!(["one", "two"])],
        "id" if text_at(lens, "as") == "number" => &["4711"],
        _ if text_at(lens, "as") == "number" => &["4711"],
        _ => &["Größe “7”, 日本語 and a\nsecond line"],
    };
    samples.iter().map(|one| Value::from(*one)).collect()
}

/// What becomes of a value that is written and read again, where that is another one.
fn strayed(profile: &Profile, lens: &Value, value: &Value) -> Option<String> {
    let computed = ["segment", "after", "before"];
    let is_computed = computed.iter().any(|key| lens.get(key).is_some());
    let reads = at(lens, "read") != &Value::Bool(false);
    let read_at = lens.as_str().or_else(|| at(lens, "pointer").as_str());
    let has_place = read_at.is_some() || at(lens, "entry").is_object();
    let written_at = lens::written_at(lens)?;
    let moved = lens.get("entry").is_some() && at(lens, "write").is_string();
    if is_computed || moved || !reads || !has_place {
        return None;
    }
    let maps = profile.maps(&Value::Null);
    let mut row = json!({});
    if lens::write(lens, value, maps, &mut row).is_err() {
        return Some(format!("{} can't be written", brief(value)));
    }
    let written = row.pointer(written_at).cloned().unwrap_or_default();
    // What is written elsewhere than it is read, the backend brings to where it is read.
    if let Some(read_at) = read_at.filter(|place| *place != written_at) {
        put(&mut row, read_at, written.clone());
    }
    let from = Source {
        row: &row,
        reply: None,
        scope: &Scope::new(),
        maps,
    };
    let again = lens::read(lens, from);
    let time = |value: &Value| format::read_time(value.as_str()?, "iso", "UTC");
    let same = match text_at(lens, "format") {
        "time" => time(value) == time(&again),
        _ => lens::alike(&again, value),
    };
    (!same).then(|| {
        format!(
            "{} is written as {} and read as {}",
            brief(value),
            brief(&written),
            brief(&again)
        )
    })
}

fn unused_maps(profile: &Profile, told: &mut Vec<Problem>) {
    let mut used = BTreeSet::new();
    walk(profile.json(), "", &mut |path, value| {
        if path.ends_with(".map") {
            used.insert(text(value));
        }
    });
    for (name, _) in entries(at(profile.json(), "maps")) {
        if !used.contains(name) {
            let path = format!("maps.{name}");
            let mend = "name it where its values are read, or remove it";
            told.push(problem(&path, "a map that a lens names", "none does", mend));
        }
    }
}

/// Calls a function with everything beneath a value that is no note, and its place.
fn walk<'v>(value: &'v Value, path: &str, each: &mut impl FnMut(&str, &'v Value)) {
    each(path, value);
    match value {
        Value::Object(_) => {
            for (key, value) in entries(value) {
                let deeper = match path {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                walk(value, &deeper, each);
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                walk(value, &format!("{path}[{index}]"), each);
            }
        }
        _ => {}
    }
}

/// The names that the engine brings, wherever they are used.
const NAMES: [&str; 30] = [
    "action",
    "base",
    "case",
    "cursor",
    "file",
    "from",
    "id",
    "key",
    "login",
    "marker",
    "new",
    "now",
    "offset",
    "once",
    "others",
    "page",
    "parent",
    "part",
    "parts",
    "password",
    "row",
    "session",
    "since",
    "size",
    "to",
    "token",
    "until",
    "access_token",
    "subject",
    "contact",
];
/// What is known of whoever is signed in.
const OF_SESSION: [&str; 6] = ["subject", "contact", "login", "name", "email", "company"];

/// The names in braces in a text, with all that follows their first dot.
fn names_in(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let from = &rest[start + 1..];
        if let Some(literal) = from.strip_prefix('{') {
            rest = literal;
            continue;
        }
        let Some((expression, after)) = from.split_once('}') else {
            break;
        };
        let expression = expression.trim_start_matches(['+', '#', '.', '/', ';', '?', '&']);
        for one in expression.split(',') {
            let one = one.split_once(":=").map_or(one, |(_, name)| name);
            let end = one.find(['|', ':', '*']).unwrap_or(one.len());
            names.push(one[..end].trim());
        }
        rest = after;
    }
    names
}

fn unbound_names(profile: &Profile, told: &mut Vec<Problem>) {
    let mut bound: BTreeSet<&str> = NAMES.into_iter().collect();
    walk(profile.json(), "", &mut |path, value| {
        if [".bind", ".let"].iter().any(|end| path.ends_with(end)) {
            bound.extend(entries(value).map(|(name, _)| name.as_str()));
        }
        if path.ends_with(".parts") {
            bound.extend(at(value, "as").as_str());
        }
    });
    walk(profile.json(), "", &mut |path, value| {
        let Some(text) = value.as_str() else { return };
        let quoted = ["about", "maps", "name"]
            .iter()
            .any(|part| path.starts_with(part));
        if quoted || path.ends_with(".query") || path.ends_with(".pattern") {
            return;
        }
        for name in names_in(text) {
            let (first, rest) = name.split_once('.').unwrap_or((name, ""));
            let unknown = match first {
                "session" => {
                    !rest.is_empty() && !OF_SESSION.contains(&rest) && !bound.contains(rest)
                }
                first => !bound.contains(first),
            };
            if unknown {
                let mend = "correct it, or bind it in a \"bind\" or \"let\"; as it is, it stands for nothing";
                let found = format!("{{{name}}}, which nothing binds");
                told.push(problem(path, "names that are known", found, mend));
            }
        }
    });
}

/// Fields that are taken from a record as they are, without a reader.
const BESIDE: [(&str, &str); 6] = [
    ("asset", "distance_miles"),
    ("attachment", "media_type"),
    ("attachment", "sha256"),
    ("case", "customer"),
    ("comment", "author_id"),
    ("*", "client_reference"),
];

/// Problems of a record of a kind; with `closed` also what the portal does not know.
fn problems_of(kind: &str, record: &Value, closed: bool) -> Vec<Problem> {
    fn look<T: Record>(record: &Value, closed: bool) -> Vec<Problem> {
        let look = |r: &Reader| {
            T::read(r);
            if closed {
                r.done();
            }
        };
        read(record, look).1
    }
    match kind {
        "account" => look::<Account>(record, closed),
        "contact" => look::<Contact>(record, closed),
        "customer" => look::<Customer>(record, closed),
        "entitlement" => look::<Entitlement>(record, closed),
        "product" => look::<Product>(record, closed),
        "authorization" => look::<Authorization>(record, closed),
        "license" => look::<License>(record, closed),
        "asset" => look::<Asset>(record, closed),
        "offer" => look::<Offer>(record, closed),
        "case" => look::<Case>(record, closed),
        "comment" => look::<Comment>(record, closed),
        "attachment" => look::<Attachment>(record, closed),
        _ => Vec::new(),
    }
}

/// Fields without which a record is of little use.
const WANTED: [(&str, &[&str]); 3] = [
    (
        "case",
        &["number", "subject", "status", "created_at", "updated_at"],
    ),
    ("comment", &["case_id", "body", "author_name", "created_at"]),
    ("attachment", &["case_id", "name"]),
];

fn unknown_fields(profile: &Profile, told: &mut Vec<Problem>) {
    let mut used = BTreeSet::new();
    walk(profile.json(), "", &mut |_, value| {
        let names = value.as_str().map(names_in).unwrap_or_default();
        used.extend(
            names
                .into_iter()
                .filter_map(|name| name.strip_prefix("row.")),
        );
    });
    for (kind, resource) in resources(profile) {
        let shape = at(resource, "shape");
        let fields = entries(at(shape, "fields")).chain(entries(at(shape, "set")));
        let names: BTreeSet<&str> = fields.map(|(name, _)| name.as_str()).collect();
        let first = |name: &str| name.split('.').next().unwrap_or("").to_string();
        let record: Map<String, Value> = names
            .iter()
            .map(|name| (first(name), Value::Null))
            .collect();
        for mut found in problems_of(kind, &Value::Object(record), true) {
            let beside =
                |(of, name): &(&str, &str)| (*of == "*" || of == kind) && found.path == *name;
            let is_taken = BESIDE.iter().any(beside) || used.contains(found.path.as_str());
            if found.expected == "a known key" && !is_taken {
                found.expected = "a field that the portal knows".into();
                found.found = "one that it shows nowhere".into();
                found.mend = found
                    .mend
                    .replace("begin it with _ to keep it as a note, ", "");
                found.path = format!("resources.{kind}.shape.fields.{}", found.path);
                told.push(found);
            }
        }
        let keeps = at(shape, "keep") == &Value::Bool(true);
        let wanted = WANTED
            .iter()
            .find(|(of, _)| of == kind && profile.reads(kind) && !keeps);
        for field in wanted.into_iter().flat_map(|(_, fields)| *fields) {
            if !names.contains(field) {
                let path = format!("resources.{kind}.shape.fields");
                let found = format!("no {field}");
                told.push(problem(
                    &path,
                    "the fields that people look for",
                    found,
                    "add it",
                ));
            }
        }
    }
}

/// The names that the requests of a list use.
fn used_in(list: &Value) -> BTreeSet<&str> {
    let mut used = BTreeSet::new();
    for part in [
        "url",
        "let",
        "headers",
        "json",
        "text",
        "urlencoded",
        "form",
    ] {
        walk(at(list, part), part, &mut |_, value| {
            used.extend(value.as_str().map(names_in).unwrap_or_default());
        });
    }
    used
}

/// Lists that would read the same over and over.
fn untold_changes(profile: &Profile, told: &mut Vec<Problem>) {
    for (path, list) in lists(profile) {
        let used = used_in(list);
        let changes = at(list, "changes");
        let needed: &[&str] = match text_at(changes, "kind") {
            "updated_since" => &["since"],
            "window" => &["since", "until"],
            "token" if at(changes, "link") != &Value::Bool(true) => &["token"],
            _ => &[],
        };
        for name in needed.iter().filter(|name| !used.contains(**name)) {
            let found = format!("{{{name}}} nowhere in the request");
            let mend = "put it in, or everything is read again at each look";
            let path = format!("{path}.url");
            told.push(problem(
                &path,
                "a request that asks for what has changed",
                found,
                mend,
            ));
        }
        let paging = at(list, "paging");
        let needed: &[&str] = match text_at(paging, "kind") {
            "page" => &["page"],
            "offset" => &["offset", "from"],
            "range" => &["from", "offset"],
            "cursor" => &["cursor"],
            _ => &[],
        };
        if !needed.is_empty() && !needed.iter().any(|name| used.contains(name)) {
            let found = format!("{{{}}} nowhere in the request", needed[0]);
            let mend = "put it in, or only the first page is ever read";
            let path = format!("{path}.url");
            told.push(problem(
                &path,
                "a request that asks for a page",
                found,
                mend,
            ));
        }
        let kind = at(list, "of").as_str().unwrap_or("");
        let shape = at(profile.resource(kind), "shape");
        let field = text_at(changes, "field");
        let known = !at(at(shape, "fields"), field).is_null();
        let keeps = at(shape, "keep") == &Value::Bool(true);
        if text_at(changes, "kind") == "updated_since" && !kind.is_empty() && !known && !keeps {
            let found = format!("\"{field}\", which the {kind} has no field for");
            let mend = "name the field of the shape that says when a record was changed";
            let path = format!("{path}.changes.field");
            told.push(problem(&path, "a field of what is read", found, mend));
        }
    }
}

/// What one part of a profile needs of another.
fn references(profile: &Profile, told: &mut Vec<Problem>) {
    for (path, operation) in operations(profile) {
        let kind = path.split('.').nth(1).unwrap_or("");
        let resource = profile.resource(kind);
        let has_get = resource.get("get").is_some();
        let concurrency = at(operation, "concurrency");
        let compares =
            text_at(concurrency, "kind") == "compare" || at(concurrency, "reread") == true;
        if (text_at(operation, "record") == "get" || compares) && !has_get {
            let expected = "\"get\", by which the record is read anew";
            let path = format!("resources.{kind}.get");
            told.push(problem(
                &path,
                expected,
                "nothing",
                "describe the request of one record",
            ));
        }
        let checks = !matches!(text_at(concurrency, "kind"), "" | "none");
        let shape = at(resource, "shape");
        let keeps = at(shape, "keep") == &Value::Bool(true);
        let has_token = keeps || !at(shape, "version").is_null();
        if checks && !has_token {
            let expected = "\"version\", the value that tells one state of a record from another";
            let path = format!("resources.{kind}.shape.version");
            let mend = "name where it is read; without it no conflict is noticed";
            told.push(problem(&path, expected, "nothing", mend));
        }
    }
    for (path, list) in lists(profile) {
        let kind = at(list, "of").as_str().unwrap_or("");
        if text_at(list, "rows_are") == "ids" && profile.resource(kind).get("get").is_none() {
            let expected = "\"get\", by which each id of the list is read";
            let mend = format!("describe the request of one record, for {path}");
            let path = format!("resources.{kind}.get");
            told.push(problem(&path, expected, "nothing", &mend));
        }
    }
    told.dedup();
}

/// Headers that a page may read of any answer.
const ALWAYS_READABLE: [&str; 7] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
    "pragma",
];

/// The headers that the profile reads, in small letters, each with the part that reads it.
pub(super) fn headers_read(profile: &Profile) -> Vec<(String, String)> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |name: &str, path: &str| {
        let name = name.to_ascii_lowercase();
        if !name.is_empty() && !ALWAYS_READABLE.contains(&name.as_str()) {
            found.entry(name).or_insert_with(|| path.into());
        }
    };
    walk(profile.json(), "", &mut |path, value| {
        if path.ends_with(".header") {
            add(value.as_str().unwrap_or(""), path);
        }
        match value.as_str() {
            Some("link") if path.ends_with("paging.kind") => add("Link", path),
            Some("conditional") if path.ends_with("changes.kind") => add("ETag", path),
            Some("tus") if path.ends_with(".upload") => {
                add("Location", path);
                add("Upload-Offset", path);
            }
            _ => {}
        }
    });
    add(
        text_at(at(profile.json(), "rate"), "remaining"),
        "rate.remaining",
    );
    found.into_iter().collect()
}

fn unread_headers(profile: &Profile, told: &mut Vec<Problem>) {
    let declared = texts(at(at(profile.json(), "transport"), "readable"));
    for (name, path) in headers_read(profile) {
        if !declared.iter().any(|one| one.eq_ignore_ascii_case(&name)) {
            let found = format!("{name} is not among them, and {path} reads it");
            let mend = "add it: at another origin the backend has to expose it, and the check looks for it";
            told.push(problem(
                "transport.readable",
                "all headers that are read",
                found,
                mend,
            ));
        }
    }
}

// What the portal does without.

/// What people notice where something can't be done: kind, what it does, consequence.
const UNDONE: [(&str, &str, &str); 12] = [
    (
        "case",
        "create",
        "No case can be opened in the portal; it shows what is opened elsewhere.",
    ),
    (
        "case",
        "update",
        "Nothing can be added to a case's fields later, such as a report of a fault; that has to be written as a comment.",
    ),
    ("case", "close", "A case can't be closed in the portal."),
    (
        "case",
        "reopen",
        "A closed case can't be opened again in the portal.",
    ),
    (
        "case",
        "lower_severity",
        "The severity of a case can't be lowered in the portal.",
    ),
    (
        "case",
        "escalate",
        "A case can't be escalated in the portal; policies that offer it should name a telephone number.",
    ),
    (
        "case",
        "rma",
        "No return of material can be asked for on a case.",
    ),
    (
        "case",
        "contacts",
        "Contacts can't be changed after a case was opened.",
    ),
    (
        "case",
        "watchers",
        "Watchers can't be changed after a case was opened.",
    ),
    ("comment", "create", "Nobody can write on a case."),
    (
        "attachment",
        "create",
        "No files can be sent, also not with a new case.",
    ),
    (
        "entitlement",
        "link_contract",
        "Contracts can't be linked in the portal.",
    ),
];

/// What people notice where nothing of a kind is read.
const UNREAD: [(&str, &str); 8] = [
    (
        "case",
        "Cases are not shown, and nothing tells what became of those that were sent.",
    ),
    ("comment", "What is answered on a case is not shown."),
    ("attachment", "The files of a case are not shown."),
    (
        "account",
        "The account has no name, and policies can't ask for its country or region.",
    ),
    (
        "entitlement",
        "Policies that ask for a contract let nobody go on: list contracts, or write one in \"static\".",
    ),
    (
        "product",
        "Policies that ask for a product let nobody go on: list products, or write them in \"static\".",
    ),
    (
        "customer",
        "The end customer can be typed but not chosen, and no rule can ask about it.",
    ),
    (
        "contact",
        "Colleagues can't be chosen as contacts of a case.",
    ),
];

/// What the portal does without at this backend.
pub fn limits(profile: &Profile) -> Vec<Limit> {
    let mut found = Vec::new();
    let mut add = |path: String, consequence: &str| {
        found.push(Limit {
            path,
            consequence: consequence.into(),
        });
    };
    for (kind, does, consequence) in UNDONE {
        if !profile.can(kind, does) {
            let part = match does {
                "create" | "update" => does.to_string(),
                action => format!("actions.{action}"),
            };
            add(format!("resources.{kind}.{part}"), consequence);
        }
    }
    for (kind, consequence) in UNREAD {
        if !profile.reads(kind) {
            add(format!("resources.{kind}"), consequence);
        }
    }
    let kind = "attachment";
    if profile.reads(kind) && is_empty(at(profile.resource(kind), "download")) {
        let consequence = "Files of a case are listed but can't be downloaded.";
        add(format!("resources.{kind}.download"), consequence);
    }
    for (path, operation) in operations(profile) {
        limits_of(&path, operation, &mut add);
    }
    for (path, list) in lists(profile) {
        let by = |key: &str| text_at(at(list, key), "kind");
        match by("changes") {
            "none" => add(
                format!("{path}.changes"),
                "It is read once after sign-in; what changes later is not noticed before the next.",
            ),
            "sweep" => add(
                format!("{path}.changes"),
                "All of it is read at each look: a small list is fine, a large one costs the backend and the person's line.",
            ),
            "window" | "updated_since" | "token" | "conditional"
                if matches!(by("deletions"), "" | "none") =>
            {
                add(
                    format!("{path}.deletions"),
                    "What is deleted there, or no longer to be seen, stays in the portal.",
                );
            }
            _ => {}
        }
        if matches!(by("paging"), "" | "none") && !matches!(by("changes"), "token") {
            add(
                format!("{path}.paging"),
                "One answer is taken for all of it: where the backend cuts long answers, the rest is never read.",
            );
        }
    }
    found
}

fn limits_of(path: &str, operation: &Value, add: &mut impl FnMut(String, &str)) {
    let idempotency = text_at(at(operation, "idempotency"), "kind");
    let is_tus = text_at(operation, "upload") == "tus";
    match idempotency {
        "none" => add(
            format!("{path}.idempotency"),
            "After a lost answer nobody can tell whether it was done: the person has to look and decide.",
        ),
        "" if path.contains(".actions.") => add(
            format!("{path}.idempotency"),
            "A lost answer is settled by sending it again, which must do no harm.",
        ),
        "marker" => add(
            format!("{path}.idempotency"),
            "A mark stands in the text, and a repetition is prevented only as soon as the backend's search finds it.",
        ),
        _ => {}
    }
    let changes = path.ends_with(".update");
    if changes && matches!(text_at(at(operation, "concurrency"), "kind"), "" | "none") {
        add(
            format!("{path}.concurrency"),
            "Whoever saves last wins: what somebody else changed meanwhile is overwritten unseen.",
        );
    }
    let whole = ["base64", "data_url", "multipart", "raw"];
    if whole.contains(&text_at(operation, "upload")) && !is_tus {
        add(
            format!("{path}.upload"),
            "A file goes in one piece: an upload that breaks off begins anew.",
        );
        if is_empty(at(at(operation, "limits"), "bytes")) {
            add(
                format!("{path}.limits.bytes"),
                "Nobody is told before the upload that a file is too large for the backend.",
            );
        }
    }
}

// Recorded answers.

/// What came of one run of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// What was done: `look for changes`, `create_case`, `sign in`.
    pub what: String,
    /// The requests, as method and address without its query's values.
    pub asked: Vec<String>,
    /// The records that the portal would show.
    pub records: Vec<Change>,
    /// How it ended, in a few words.
    pub outcome: String,
    /// What was asked otherwise than recorded, and what is wrong with the records.
    pub problems: Vec<Problem>,
}

/// Runs a recording through a profile. It is an object with `runs`; each says what is done (`pull`,
/// `do`, `look` or `sign_in`), as whom (`session`), and the `exchange`: answers in their order, and
/// where one likes the requests (`ask`) that must go out for them. `now` is in milliseconds since 1970.
pub fn replay(profile: &Profile, recording: &Value, now: i64) -> Vec<Seen> {
    let mut left = Left::default();
    let runs = at(recording, "runs").as_array().into_iter().flatten();
    runs.map(|run| {
        let mut seen = replay_run(profile, run, &mut left, now);
        let records = std::mem::take(&mut seen.records);
        for change in &records {
            seen.problems.extend(problems_of_record(change));
        }
        seen.problems.extend(strayed_records(profile, &records));
        seen.records = records;
        seen
    })
    .collect()
}

/// What one run leaves to the next that says `"again": true`.
#[derive(Default)]
struct Left {
    cursor: Option<String>,
    memory: Option<Value>,
}

fn replay_run(profile: &Profile, run: &Value, left: &mut Left, now: i64) -> Seen {
    let again = at(run, "again") == &Value::Bool(true);
    let now = at(run, "now").as_i64().unwrap_or(now);
    let (case, session) = (text_at(run, "case"), at(run, "session"));
    let mut seen = Seen::default();
    if let Some(what) = run.get("do").or_else(|| run.get("look")) {
        seen.what = text_at(what, "do").into();
        let Some(operation) = operation(what) else {
            let mend = "write it as docs/backends.md says";
            let expected = "something that the portal does";
            seen.problems
                .push(problem("do", expected, brief(what), mend));
            return seen;
        };
        let memory = left.memory.take().filter(|_| again);
        if run.get("do").is_some() {
            let mut talk = super::perform(profile, &operation, case, session, memory.as_ref());
            let answer = converse(talk.as_mut(), run, now, &mut seen);
            left.memory = talk.memory();
            if let Some(Answer::Accepted(record)) = &answer {
                seen.records.push(Change {
                    kind: operation.what.kind().into(),
                    id: text_at(record, "id").into(),
                    record: Some(record.clone()),
                });
            }
            seen.outcome = answer.map(|answer| said(&answer)).unwrap_or_default();
        } else {
            let mut talk = super::look(profile, &operation, case, session, memory.as_ref());
            let event = converse(talk.as_mut(), run, now, &mut seen);
            seen.outcome = match event {
                Some(Event::Checked { found: Some(_), .. }) => "found: it was done".into(),
                Some(Event::Checked { certain: true, .. }) => "certain: it was not done".into(),
                Some(Event::Checked { .. }) => "nobody can tell whether it was done".into(),
                Some(Event::Answered { answer, .. }) => said(&answer),
                _ => String::new(),
            };
        }
    } else if let Some(typed) = run.get("sign_in") {
        seen.what = "sign in".into();
        let mut talk = SignIn::new(profile, typed);
        seen.outcome = match converse(&mut talk, run, now, &mut seen) {
            Some(Ok(signed)) => format!("signed in as {}", signed.person),
            Some(Err(error)) => error.to_string(),
            None => String::new(),
        };
    } else {
        seen.what = "look for changes".into();
        let cursor = match at(run, "pull") {
            Value::String(cursor) => Some(cursor.clone()),
            _ => left.cursor.take().filter(|_| again),
        };
        let mut talk = Pull::new(profile, session, cursor.as_deref());
        if let Some(looked) = converse(&mut talk, run, now, &mut seen) {
            let ended = match &looked.pulled {
                Pulled::Until { more: true, .. } => "there is more to read".into(),
                Pulled::Until { .. } => "all is read".into(),
                Pulled::FromTheStart => "everything is read from the start".into(),
                Pulled::Later(_) => "looked at again later".into(),
                Pulled::SignedOut => "signed out".into(),
            };
            seen.outcome = match &looked.trouble {
                Some(trouble) => format!("{ended} ({trouble})"),
                None => ended,
            };
            if let Pulled::Until { cursor, .. } = looked.pulled {
                left.cursor = Some(cursor);
            }
            seen.records = looked.changes;
        }
    }
    seen
}

fn operation(what: &Value) -> Option<Operation> {
    Operation::from_json(&json!({
        "id": "recorded", "subject": "recorded", "created_at": 0, "what": what,
        "state": { "is": "waiting" },
    }))
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Accepted(_) => "accepted".into(),
        Answer::Later(_) => "sent again later".into(),
        Answer::SignedOut => "signed out; sent after the next sign-in".into(),
        Answer::Stopped => "stopped".into(),
        Answer::Conflict { .. } => "a conflict: somebody else changed it first".into(),
        Answer::Refused { code, detail } if detail.is_empty() => format!("refused: {code}"),
        Answer::Refused { code, detail } => format!("refused: {code}, {detail}"),
    }
}

/// Performs a conversation on recorded answers; nothing where they are at an end before it.
fn converse<T>(
    talk: &mut (impl Conversation<Outcome = T> + ?Sized),
    run: &Value,
    now: i64,
    seen: &mut Seen,
) -> Option<T> {
    let mut recorded = at(run, "exchange").as_array().into_iter().flatten();
    let mut reply = None;
    loop {
        let request = match talk.next(reply.take(), now) {
            Next::Ask(request) => request,
            Next::Done(outcome) => {
                let left = recorded.count();
                if left > 0 {
                    let found = format!("{left} more");
                    let mend = "leave them out, or see why the profile asks no further";
                    seen.problems.push(problem(
                        "exchange",
                        "as many answers as requests",
                        found,
                        mend,
                    ));
                }
                return Some(outcome);
            }
        };
        let path = format!("exchange[{}]", seen.asked.len());
        seen.asked
            .push(format!("{} {}", request.method, request.url));
        let Some(entry) = recorded.next() else {
            let found = format!("none for {} {}", request.method, request.url);
            let mend = "record it, too, or see why the profile asks for it";
            seen.problems.push(problem(&path, "an answer", found, mend));
            return None;
        };
        compare(&path, &request, at(entry, "ask"), &mut seen.problems);
        reply = Some(reply_of(at(entry, "reply")));
    }
}

fn compare(path: &str, request: &Request, ask: &Value, problems: &mut Vec<Problem>) {
    let mend = "correct the profile, or the recording";
    for (key, asked) in [("method", request.method), ("url", &request.url)] {
        if let Some(wanted) = at(ask, key).as_str().filter(|wanted| *wanted != asked) {
            problems.push(problem(&format!("{path}.{key}"), wanted, asked, mend));
        }
    }
    for (name, wanted) in at(ask, "headers").as_object().into_iter().flatten() {
        let made = request
            .headers
            .iter()
            .find(|(made, _)| made.eq_ignore_ascii_case(name));
        if made.is_none_or(|(_, value)| *value != *wanted) {
            // Its value may be a secret.
            let place = format!("{path}.headers.{name}");
            problems.push(problem(
                &place,
                "the header as recorded",
                "another or none",
                mend,
            ));
        }
    }
    if let (Some(wanted), Body::Json(body)) = (ask.get("body"), &request.body)
        && wanted != body
    {
        let place = format!("{path}.body");
        problems.push(problem(&place, &brief(wanted), brief(body), mend));
    }
}

fn reply_of(json: &Value) -> Reply {
    let headers = at(json, "headers").as_object().into_iter().flatten();
    Reply {
        status: at(json, "status").as_u64().unwrap_or(200).min(999) as u16,
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), text(value)))
            .collect(),
        body: text(at(json, "body")),
        cut: at(json, "cut") == &Value::Bool(true),
    }
}

/// What the portal can't use of a record.
pub fn problems_of_record(change: &Change) -> Vec<Problem> {
    let Some(record) = &change.record else {
        return Vec::new();
    };
    let mut found = problems_of(&change.kind, record, false);
    for one in &mut found {
        one.path = format!("{} {}: {}", change.kind, change.id, one.path);
    }
    found
}

/// Values of recorded records that would not be read again as they were written.
fn strayed_records(profile: &Profile, records: &[Change]) -> Vec<Problem> {
    let mut samples = Samples::new();
    for change in records {
        let kept = profile.resource(&change.kind);
        for (field, _) in entries(at(at(kept, "shape"), "fields")) {
            let value = change
                .record
                .as_ref()
                .map_or(&Value::Null, |record| at(record, field));
            if !is_empty(value) {
                let key = (change.kind.clone(), field.clone());
                samples.entry(key).or_default().push(value.clone());
            }
        }
    }
    let mut found = Vec::new();
    round_trips(profile, &samples, &mut found);
    found
}
