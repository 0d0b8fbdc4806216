//! Mistakes of a profile: all of them at once, with place, expectation, finding and mend.
//!
//! What each key holds stands in tables, so that a profile is checked against the same list of
//! words that its schema teaches. A profile without mistakes may be interpreted without asking
//! again whether its parts make sense.

use serde_json::Value;

use super::FORMAT;
use super::address::is_origin;
use super::errors::CLASSES;
use super::format::is_zone;
use super::query::Query;
use super::request::METHODS;
use super::session::WAYS;
use super::template;
use super::value::{at, text_at};
use crate::core::case::KINDS;
use crate::core::reader::{Problem, Reader, read};

/// What a key holds.
#[derive(Clone, Copy)]
enum Is {
    /// Anything.
    Any,
    /// A text, perhaps empty.
    Text,
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A JSON Pointer.
    Pointer,
    /// An address template.
    Url,
    /// A text template.
    Words,
    /// JSON with templates.
    Json,
    /// An object of text templates.
    AllWords,
    /// A lens or source.
    Lens,
    /// An object of lenses.
    Lenses,
    /// A predicate.
    Test,
    /// A list of predicates.
    Tests,
    /// A list of texts.
    Texts,
    /// An object with these keys.
    Object(&'static [Key]),
    /// A list of objects with these keys.
    List(&'static [Key]),
    /// The name of a map.
    Map,
    /// A kind of record, or a source of it.
    Kind,
    /// A lens, or a list of them.
    LensOrList,
    /// A list of requests that hang on a row.
    Expand,
    /// A session within a session.
    Session,
}

/// A key: its name, what it holds, whether it must be there.
type Key = (&'static str, Is, bool);

const PAGING: &[Key] = &[
    (
        "kind",
        Is::Word(&["none", "page", "offset", "range", "cursor", "next", "link"]),
        true,
    ),
    ("size", Is::Number, false),
    ("first", Is::Number, false),
    ("max_pages", Is::Number, false),
    ("next", Is::Lens, false),
    ("last", Is::Test, false),
    ("short_is_last", Is::Flag, false),
    ("end", Is::Test, false),
];
const TIME: &[Key] = &[("pattern", Is::Text, false), ("zone", Is::Text, false)];
const CHANGES: &[Key] = &[
    (
        "kind",
        Is::Word(&[
            "updated_since",
            "token",
            "window",
            "conditional",
            "sweep",
            "none",
        ]),
        true,
    ),
    ("field", Is::Text, false),
    ("overlap", Is::Number, false),
    ("format", Is::Object(TIME), false),
    ("first", Is::Text, false),
    ("token", Is::Lens, false),
    ("more", Is::Test, false),
    ("link", Is::Flag, false),
    ("width", Is::Number, false),
    ("behind", Is::Number, false),
    ("start", Is::Any, false),
];
const PART: &[Key] = &[
    ("name", Is::Text, true),
    ("text", Is::Words, false),
    ("json", Is::Json, false),
    ("file", Is::Flag, false),
];
/// What every request may have.
const REQUEST: &[Key] = &[
    ("method", Is::Word(&METHODS), false),
    ("url", Is::Url, true),
    ("let", Is::AllWords, false),
    ("headers", Is::AllWords, false),
    ("json", Is::Json, false),
    ("fields", Is::Word(&["all", "changed"]), false),
    ("onto", Is::Text, false),
    ("form", Is::List(PART), false),
    ("urlencoded", Is::Json, false),
    ("text", Is::Words, false),
    ("type", Is::Text, false),
    ("file", Is::Flag, false),
];
const POLL: &[Key] = &[
    ("until", Is::Test, true),
    ("failed", Is::Test, false),
    ("seconds", Is::Number, false),
];
const PIECES: &[Key] = &[("size", Is::Number, true), ("collect", Is::Lenses, false)];
/// What a step may have beside its request.
const STEP: &[Key] = &[
    ("bind", Is::Lenses, false),
    ("if", Is::Text, false),
    ("unless", Is::Text, false),
    ("poll", Is::Object(POLL), false),
    ("parts", Is::Object(PIECES), false),
    ("valid_seconds", Is::Number, false),
    ("ok", Is::Test, false),
    ("safe", Is::Flag, false),
];
const FIND: &[Key] = &[
    ("rows", Is::Pointer, false),
    ("rows_are", Is::Word(&["records", "ids", "keyed"]), false),
    ("id", Is::Lens, false),
    ("match", Is::Test, false),
];
const CONCURRENCY: &[Key] = &[
    (
        "kind",
        Is::Word(&[
            "if_match",
            "if_unmodified_since",
            "body",
            "guard",
            "compare",
            "none",
        ]),
        true,
    ),
    ("token", Is::Lens, false),
    ("reread", Is::Flag, false),
    ("pointer", Is::Pointer, false),
    ("quote", Is::Flag, false),
    ("conflict", Is::Test, false),
    ("rows", Is::Pointer, false),
];
const LIMITS: &[Key] = &[
    ("bytes", Is::Number, false),
    ("count", Is::Number, false),
    ("extensions", Is::Texts, false),
    ("types", Is::Texts, false),
];
const IDEMPOTENCY: [&str; 7] = [
    "header",
    "client_named",
    "upsert",
    "primary_key",
    "single_use",
    "marker",
    "none",
];
const UPLOADS: [&str; 8] = [
    "raw",
    "base64",
    "data_url",
    "multipart",
    "token",
    "presigned",
    "chunks",
    "tus",
];
const SHAPE: &[Key] = &[
    ("record", Is::Pointer, false),
    ("wrap", Is::Pointer, false),
    ("id", Is::Lens, false),
    ("version", Is::Lens, false),
    ("fields", Is::Lenses, false),
    ("keep", Is::Flag, false),
    ("set", Is::Json, false),
];
const DOWNLOAD: &[Key] = &[
    ("url", Is::Url, true),
    ("as", Is::Word(&["raw", "base64", "data_url"]), false),
    ("content", Is::Pointer, false),
];
const FIELDS: &[Key] = &[
    ("in", Is::Pointer, true),
    ("at", Is::Lens, false),
    ("message", Is::Lens, false),
    ("code", Is::Lens, false),
    ("plain", Is::Texts, false),
    ("words", Is::Any, false),
];
const RETRY: &[Key] = &[
    ("header", Is::Text, true),
    (
        "unit",
        Is::Word(&["seconds", "epoch", "epoch_ms", "iso"]),
        false,
    ),
];
const RATE: &[Key] = &[
    ("retry", Is::List(RETRY), false),
    ("remaining", Is::Text, false),
];
const TRANSPORT: &[Key] = &[
    ("headers", Is::AllWords, false),
    ("cookies", Is::Flag, false),
    ("rebase", Is::Flag, false),
    ("readable", Is::Texts, false),
];
const ABOUT: &[Key] = &[
    ("tried", Is::Any, false),
    ("untried", Is::Any, false),
    ("cannot", Is::Any, false),
];
const WHO: &[Key] = &[
    ("subject", Is::Lens, true),
    ("contact", Is::Lens, false),
    ("name", Is::Lens, false),
    ("email", Is::Lens, false),
    ("company", Is::Lens, false),
    ("login", Is::Lens, false),
    ("bind", Is::Lenses, false),
];
const SESSION: &[Key] = &[
    ("login", Is::Words, false),
    ("password", Is::Words, false),
    ("headers", Is::AllWords, false),
    ("bind", Is::Lenses, false),
    ("expired", Is::Test, false),
    ("issuer", Is::Text, false),
    ("client_id", Is::Text, false),
    ("scopes", Is::Texts, false),
    ("impersonate", Is::AllWords, false),
    ("first", Is::Session, false),
    ("second", Is::Session, false),
];
const LIST: &[Key] = &[
    ("of", Is::Kind, true),
    ("id", Is::Lens, false),
    ("rows", Is::Pointer, false),
    ("rows_are", Is::Word(&["records", "ids", "keyed"]), false),
    ("record", Is::Pointer, false),
    ("paging", Is::Object(PAGING), false),
    ("changes", Is::Object(CHANGES), true),
    ("every", Is::Number, false),
    ("optional", Is::Flag, false),
    ("expand", Is::Expand, false),
];
const EXPANSION: &[Key] = &[
    ("kind", Is::Word(&["inline", "join", "fetch"]), true),
    ("rows", Is::Pointer, false),
    ("rows_are", Is::Word(&["records", "ids", "keyed"]), false),
    ("as", Is::Kind, false),
    ("into", Is::Pointer, false),
    ("where", Is::Test, false),
    ("from", Is::Pointer, false),
    ("key", Is::Pointer, false),
    ("by", Is::Pointer, false),
    ("id", Is::Lens, false),
    ("paging", Is::Object(PAGING), false),
    ("expand", Is::Expand, false),
];
const MAP: &[Key] = &[
    ("pairs", Is::Any, false),
    ("read", Is::Any, false),
    ("write", Is::Any, false),
];
const LOAD: &[Key] = &[
    ("rows", Is::Pointer, false),
    ("rows_are", Is::Word(&["records", "ids", "keyed"]), false),
    ("theirs", Is::Lens, true),
    ("ours", Is::Lens, true),
];
const ERROR: &[Key] = &[
    ("when", Is::Test, true),
    ("code", Is::Lens, false),
    ("message", Is::LensOrList, false),
    ("fields", Is::Object(FIELDS), false),
];
const ENTRY: &[Key] = &[
    ("in", Is::Pointer, true),
    ("key", Is::Pointer, true),
    ("is", Is::Any, true),
    ("value", Is::Pointer, true),
];
/// The places of a lens, of which it has one.
const PLACES: &[Key] = &[
    ("pointer", Is::Pointer, false),
    ("entry", Is::Object(ENTRY), false),
    ("header", Is::Text, false),
    ("text", Is::Flag, false),
    ("status", Is::Any, false),
    ("query", Is::Text, false),
    ("value", Is::Any, false),
    ("template", Is::Words, false),
];
const MODIFIERS: &[Key] = &[
    ("read", Is::Flag, false),
    ("segment", Is::Any, false),
    ("after", Is::Text, false),
    ("before", Is::Text, false),
    ("prefix", Is::Text, false),
    ("suffix", Is::Text, false),
    ("null_is", Is::Any, false),
    ("default", Is::Any, false),
    ("map", Is::Map, false),
    (
        "format",
        Is::Word(&[
            "text", "id", "number", "time", "date", "list", "html", "base64",
        ]),
        false,
    ),
    ("as", Is::Word(&["number", "text"]), false),
    ("pattern", Is::Text, false),
    ("zone", Is::Text, false),
    ("separator", Is::Text, false),
    ("each", Is::Lens, false),
];
const TESTS: &[Key] = &[
    ("is", Is::Any, false),
    ("in", Is::Any, false),
    ("contains", Is::Words, false),
    ("exists", Is::Flag, false),
    ("empty", Is::Flag, false),
    ("any", Is::Tests, false),
    ("all", Is::Tests, false),
    ("not", Is::Test, false),
];

/// Everything that is wrong with a profile; `allowed` holds the origins that the deployment allows.
pub fn problems(json: &Value, allowed: &[String]) -> Vec<Problem> {
    let (_, problems) = read(json, |r| {
        let checker = Checker { root: json };
        if r.number_or_none("format") != Some(FORMAT) {
            let found = at(json, "format").to_string();
            r.problem(
                "format",
                "the format 1",
                found,
                "write \"format\": 1; another is not understood",
            );
            // Another format would drown its one problem in consequences.
            return;
        }
        r.text("id");
        r.text("name");
        checker.keys(
            r,
            &[
                ("about", Is::Object(ABOUT), false),
                ("transport", Is::Object(TRANSPORT), false),
                ("rate", Is::Object(RATE), false),
                ("session", Is::Session, true),
            ],
        );
        for origin in r.texts("origins") {
            if !is_origin(&origin) {
                r.problem(
                    "origins",
                    "origins such as https://files.example",
                    origin.as_str(),
                    "leave out the path",
                );
            } else if !allowed.contains(&origin) {
                let mend = "add it to \"origins\" in portal.json, if it may be called";
                r.problem(
                    "origins",
                    "origins that portal.json allows",
                    origin.as_str(),
                    mend,
                );
            }
        }
        let maps = r.entries("maps", |p| checker.map(p));
        drop(maps);
        let errors = r.list("errors", |p| checker.error(p));
        drop(errors);
        r.object("resources", |p| checker.resources(p));
        let lists = r.list("lists", |p| checker.list(p));
        drop(lists);
        r.done();
    });
    problems
}

struct Checker<'v> {
    root: &'v Value,
}

impl Checker<'_> {
    fn keys(&self, r: &Reader, keys: &[Key]) {
        for (key, is, required) in keys {
            let found = r.object_or_none(key, |p| self.one(p, *is));
            if found.is_none() && *required {
                r.problem(key, describe(*is), "nothing", "add it");
            }
        }
    }

    fn one(&self, p: &Reader, is: Is) {
        let value = p.value();
        let text = value.as_str();
        let wrong = |expected: &str, mend: &str| p.problem("", expected, brief(value), mend);
        match is {
            Is::Any => {}
            Is::Text if text.is_some() => {}
            Is::Flag if value.is_boolean() => {}
            Is::Number if value.is_u64() => {}
            Is::Texts
                if value
                    .as_array()
                    .is_some_and(|all| all.iter().all(Value::is_string)) => {}
            Is::Word(words) if text.is_some_and(|word| words.contains(&word)) => {}
            Is::Word(words) => wrong(&format!("one of {}", words.join(", ")), "use one of them"),
            Is::Pointer if text.is_some_and(|one| one.is_empty() || one.starts_with('/')) => {}
            Is::Pointer => wrong("a JSON Pointer", "begin it with /; \"\" is the whole"),
            Is::Url => self.url(p),
            Is::Words => match text.map(|text| template::mistake(text, false)) {
                Some(None) => {}
                Some(Some(why)) => wrong("a text with names in braces", &format!("mend {why}")),
                None => wrong("a text", "write a text"),
            },
            Is::Json => {
                if let Some(why) = json_mistake(value) {
                    wrong("JSON with names in braces", &format!("mend {why}"));
                }
            }
            Is::AllWords => match value.as_object() {
                Some(all) => {
                    for (name, words) in all.iter().filter(|(name, _)| !name.starts_with('_')) {
                        let why = match words.as_str() {
                            Some(words) => template::mistake(words, false),
                            None => Some(format!("what is no text at {name}")),
                        };
                        if let Some(why) = why {
                            wrong("texts with names in braces", &format!("mend {why}"));
                        }
                    }
                }
                None => wrong("an object of texts", "write {\"name\": \"text\"}"),
            },
            Is::Lens => self.lens(p),
            Is::LensOrList if value.is_array() => {
                for one in value.as_array().into_iter().flatten() {
                    self.again(p, one, |p| self.lens(p));
                }
            }
            Is::LensOrList => self.lens(p),
            Is::Lenses => match value.as_object() {
                Some(all) => {
                    for (name, one) in all.iter().filter(|(name, _)| !name.starts_with('_')) {
                        self.again_at(p, name, one, |p| self.lens(p));
                    }
                }
                None => wrong("an object of lenses", "write {\"name\": \"/pointer\"}"),
            },
            Is::Test => self.test(p),
            Is::Tests => match value.as_array() {
                Some(all) => all
                    .iter()
                    .for_each(|one| self.again(p, one, |p| self.test(p))),
                None => wrong("a list of predicates", "write […]"),
            },
            Is::Object(keys) if value.is_object() => {
                self.keys(p, keys);
                self.sense(p);
                p.done();
            }
            Is::List(keys) if value.is_array() => {
                for (index, one) in value.as_array().into_iter().flatten().enumerate() {
                    self.again_at(p, &index.to_string(), one, |p| {
                        self.one(p, Is::Object(keys))
                    });
                }
            }
            Is::Map => {
                let known = at(self.root, "maps").as_object();
                let is_known =
                    text.is_some_and(|name| known.is_some_and(|all| all.contains_key(name)));
                if !is_known {
                    let names: Vec<&str> = known
                        .into_iter()
                        .flatten()
                        .map(|(name, _)| name.as_str())
                        .collect();
                    wrong(
                        "the name of one of maps",
                        &format!("there are: {}", names.join(", ")),
                    );
                }
            }
            Is::Kind => self.kind(p),
            Is::Expand => match value.as_array() {
                Some(all) => {
                    for (index, one) in all.iter().enumerate() {
                        self.again_at(p, &index.to_string(), one, |p| self.expansion(p));
                    }
                }
                None => wrong("a list", "write […]"),
            },
            Is::Session => self.session(p),
            other => wrong(describe(other), "replace it"),
        }
    }

    /// Reads a value beneath this place with a reader of its own, so that its keys are seen apart.
    fn again_at(&self, p: &Reader, name: &str, value: &Value, check: impl FnOnce(&Reader)) {
        let (_, found) = read(value, |r| check(r));
        for problem in found {
            let place = match problem.path.as_str() {
                "" => name.to_string(),
                path => format!("{name}.{path}"),
            };
            p.problem(&place, &problem.expected, problem.found, &problem.mend);
        }
    }

    fn again(&self, p: &Reader, value: &Value, check: impl FnOnce(&Reader)) {
        let (_, found) = read(value, |r| check(r));
        for problem in found {
            p.problem(
                &problem.path,
                &problem.expected,
                problem.found,
                &problem.mend,
            );
        }
    }

    fn url(&self, p: &Reader) {
        let Some(url) = p.value().as_str() else {
            return p.problem("", "an address", brief(p.value()), "write \"/path\"");
        };
        if let Some(why) = template::mistake(url, true) {
            p.problem(
                "",
                "an address with names in braces",
                url,
                &format!("mend {why}"),
            );
        }
        let plain: String = url.split('{').next().unwrap_or("").into();
        let named = at(self.root, "origins").as_array().into_iter().flatten();
        let mut named = named.filter_map(Value::as_str);
        let is_named =
            named.any(|origin| plain == origin || plain.starts_with(&format!("{origin}/")));
        let behind = plain.starts_with('/') && !plain.starts_with("//");
        let by_name = plain.is_empty() && (url.starts_with("{+") || url.starts_with("{/"));
        if !(behind || by_name || is_named) {
            let mend = "begin it with /, as behind the base, or name its origin in \"origins\"";
            p.problem(
                "",
                "an address behind the base or of one of origins",
                url,
                mend,
            );
        }
    }

    fn kind(&self, p: &Reader) {
        match p.value().as_str() {
            Some(kind) if KINDS.contains(&kind) => {
                let resources = at(self.root, "resources");
                if resources.get(kind).is_none() && resources.get("*").is_none() {
                    p.problem(
                        "",
                        "a kind that resources describes",
                        kind,
                        "describe it in resources",
                    );
                }
            }
            Some(kind) => p.problem(
                "",
                &format!("one of {}", KINDS.join(", ")),
                kind,
                "use one of them",
            ),
            None => self.lens(p),
        }
    }

    fn lens(&self, p: &Reader) {
        match p.value() {
            Value::String(_) => {
                let code = p
                    .value()
                    .as_str()
                    .is_some_and(|word| word.starts_with("words:"));
                if !code {
                    self.one(p, Is::Pointer);
                }
            }
            Value::Object(_) => {
                self.places(p, PLACES);
                self.keys(p, MODIFIERS);
                p.object_or_none("write", |w| match w.value() {
                    Value::Bool(_) => {}
                    _ => self.one(w, Is::Pointer),
                });
                self.lens_sense(p);
                p.done();
            }
            other => p.problem(
                "",
                "a lens",
                brief(other),
                "write \"/pointer\" or {\"pointer\": …}",
            ),
        }
    }

    fn places(&self, p: &Reader, places: &[Key]) {
        self.keys(p, places);
        let count = PLACES
            .iter()
            .filter(|(key, _, _)| p.value().get(key).is_some())
            .count();
        if count != 1 {
            let names: Vec<&str> = PLACES.iter().map(|(key, _, _)| *key).collect();
            let expected = format!("one place: {}", names.join(", "));
            p.problem("", &expected, format!("{count} of them"), "leave one");
        }
    }

    fn lens_sense(&self, p: &Reader) {
        let lens = p.value();
        if let Some(Err(why)) = at(lens, "query").as_str().map(Query::read) {
            p.problem(
                "query",
                "a JMESPath expression",
                text_at(lens, "query"),
                &format!("mend {why}"),
            );
        }
        self.zone(p);
        let two_way = at(lens, "pointer").is_string() || at(lens, "entry").is_object();
        let computed = ["segment", "after"]
            .iter()
            .any(|key| lens.get(key).is_some());
        if two_way && computed && lens.get("write").is_none() {
            let mend = "say \"write\": false, or where it is written";
            p.problem(
                "write",
                "where a part of a text is written",
                "nothing",
                mend,
            );
        }
    }

    fn zone(&self, p: &Reader) {
        let zone = text_at(p.value(), "zone");
        if !is_zone(zone) {
            let mend = "use UTC or an offset such as +09:00; a zone with summer time needs times that say theirs";
            p.problem("zone", "UTC or an offset", zone, mend);
        }
    }

    fn test(&self, p: &Reader) {
        match p.value() {
            Value::Bool(_) => {}
            Value::Object(_) => {
                self.keys(p, PLACES);
                self.keys(p, MODIFIERS);
                self.keys(p, TESTS);
                self.lens_sense_of_test(p);
                p.done();
            }
            other => p.problem(
                "",
                "a predicate",
                brief(other),
                "write {\"pointer\": …, \"is\": …}",
            ),
        }
    }

    fn lens_sense_of_test(&self, p: &Reader) {
        if let Some(Err(why)) = at(p.value(), "query").as_str().map(Query::read) {
            p.problem(
                "query",
                "a JMESPath expression",
                text_at(p.value(), "query"),
                &format!("mend {why}"),
            );
        }
        let tests = TESTS
            .iter()
            .take(5)
            .any(|(key, _, _)| p.value().get(key).is_some());
        let place = PLACES
            .iter()
            .any(|(key, _, _)| *key != "status" && p.value().get(key).is_some());
        if tests && !place {
            p.problem(
                "",
                "a place to test",
                "none",
                "add \"pointer\", \"header\", \"query\" or \"text\"",
            );
        }
    }

    /// What belongs together in an object of a kind.
    fn sense(&self, p: &Reader) {
        let value = p.value();
        let needs = |key: &'static str, why: &str| {
            if value.get(key).is_none() {
                p.problem(key, why, "nothing", "add it");
            }
        };
        if value.get("zone").is_some() {
            self.zone(p);
        }
        match text_at(value, "kind") {
            "cursor" | "next" if value.get("field").is_none() => {
                needs("next", "where the next page is told")
            }
            "token" => needs("token", "where the token is"),
            "body" => needs("pointer", "where the token is put"),
            "guard" => needs("rows", "where the rows of the answer are"),
            _ => {}
        }
    }

    fn request(&self, p: &Reader) {
        self.keys(p, REQUEST);
        let bodies = ["form", "urlencoded", "text", "file"];
        let count = bodies
            .iter()
            .filter(|key| p.value().get(key).is_some())
            .count();
        let json = p.value().get("json").is_some() || p.value().get("fields").is_some();
        if count + usize::from(json) > 1 {
            p.problem(
                "",
                "one body",
                "several",
                "leave one of json and fields, form, urlencoded, text, file",
            );
        }
    }

    fn map(&self, p: &Reader) {
        self.keys(p, MAP);
        p.object_or_none("load", |l| {
            self.request(l);
            self.keys(l, LOAD);
            l.done();
        });
        for key in ["read_else", "write_else"] {
            // Null is an answer here, so that it must be written is all that can be asked.
            if p.value().get(key).is_none() {
                let mend = "say what counts for everything else: a value, null, \"=\" (as it is) or, in writing, \"!\" (refused)";
                p.problem(key, "what counts for everything else", "nothing", mend);
            }
            p.object_or_none(key, |_| ());
        }
        let pairs = at(p.value(), "pairs").as_array().into_iter().flatten();
        if pairs
            .into_iter()
            .any(|pair| pair.as_array().is_none_or(|pair| pair.len() != 2))
        {
            p.problem(
                "pairs",
                "pairs [theirs, ours]",
                "something else",
                "write [[\"theirs\", \"ours\"], …]",
            );
        }
        p.done();
    }

    fn error(&self, p: &Reader) {
        self.keys(p, ERROR);
        p.object_or_none("class", |c| {
            let class = c.value().as_str().unwrap_or("");
            if !CLASSES.iter().any(|(word, _)| *word == class) {
                let words: Vec<&str> = CLASSES.iter().map(|(word, _)| *word).collect();
                c.problem(
                    "",
                    &format!("one of {}", words.join(", ")),
                    brief(c.value()),
                    "use one of them",
                );
            }
        });
        p.done();
    }

    fn session(&self, p: &Reader) {
        let kind = text_at(p.value(), "kind");
        p.object_or_none("kind", |_| ());
        if !WAYS.iter().any(|(word, _)| *word == kind) {
            let words: Vec<&str> = WAYS.iter().map(|(word, _)| *word).collect();
            p.problem(
                "kind",
                &format!("one of {}", words.join(", ")),
                kind,
                "use one of them",
            );
        }
        self.keys(p, SESSION);
        p.object_or_none("who", |w| {
            self.request(w);
            self.keys(w, WHO);
            w.done();
        });
        p.object_or_none("request", |w| {
            self.request(w);
            w.done();
        });
        p.object_or_none("asks", |a| {
            a.local_or_none("login");
            a.local_or_none("password");
            a.done();
        });
        let needs: &[&'static str] = match kind {
            "header" => &["headers", "who"],
            "basic" => &["who"],
            "exchange" => &["request", "bind", "headers"],
            "oidc" => &["issuer", "client_id"],
            "two_token" => &["first", "second"],
            _ => &[],
        };
        let within = p.path().ends_with("first") || p.path().ends_with("second");
        for key in needs.iter().filter(|key| !(within && **key == "who")) {
            if p.value().get(key).is_none() {
                p.problem(
                    key,
                    &format!("what a session of the kind {kind} needs"),
                    "nothing",
                    "add it",
                );
            }
        }
        p.done();
    }

    fn resources(&self, p: &Reader) {
        for (name, resource) in p.value().as_object().into_iter().flatten() {
            let noted = name.starts_with('_');
            if !noted && name != "*" && !KINDS.contains(&name.as_str()) {
                let expected = format!("one of {}", KINDS.join(", "));
                p.problem(
                    name,
                    &expected,
                    "another kind",
                    "use one of them, or * for all others",
                );
            } else if !noted {
                self.again_at(p, name, resource, |p| self.resource(p));
            }
        }
        if p.value().get("case").is_none() && p.value().get("*").is_none() {
            p.problem(
                "case",
                "cases",
                "nothing",
                "describe how cases are read and written",
            );
        }
    }

    fn resource(&self, p: &Reader) {
        self.keys(
            p,
            &[
                ("shape", Is::Object(SHAPE), false),
                ("static", Is::Json, false),
            ],
        );
        p.object_or_none("get", |g| {
            self.request(g);
            g.done();
        });
        p.object_or_none("create", |o| self.operation(o, true));
        p.object_or_none("update", |o| self.operation(o, false));
        p.object_or_none("actions", |a| {
            for (name, one) in a.value().as_object().into_iter().flatten() {
                self.again_at(a, name, one, |o| self.operation(o, false));
            }
        });
        p.object_or_none("download", |d| self.one(d, Is::Object(DOWNLOAD)));
        p.done();
    }

    fn operation(&self, p: &Reader, creates: bool) {
        let value = p.value();
        let is_tus = text_at(value, "upload") == "tus";
        match value.get("steps") {
            Some(_) => drop(p.list("steps", |s| {
                self.request(s);
                self.keys(s, STEP);
                s.done();
            })),
            None => {
                self.request(p);
                self.keys(p, STEP);
            }
        }
        p.object_or_none("idempotency", |i| self.idempotency(i));
        if creates && !is_tus && value.get("idempotency").is_none() {
            let mend = "say how a repetition is known again, or {\"kind\": \"none\"}: then a person decides after a lost answer";
            p.problem(
                "idempotency",
                "what keeps it from happening twice",
                "nothing",
                mend,
            );
        }
        self.keys(
            p,
            &[
                ("concurrency", Is::Object(CONCURRENCY), false),
                ("record", Is::Text, false),
                ("upload", Is::Word(&UPLOADS), false),
                ("limits", Is::Object(LIMITS), false),
            ],
        );
        let one = std::slice::from_ref(value);
        let steps = at(value, "steps").as_array().map_or(one, Vec::as_slice);
        let unsafe_steps = steps.iter().filter(|step| {
            let method = text_at(step, "method");
            !matches!(method, "" | "GET" | "HEAD") && at(step, "safe") != &Value::Bool(true)
        });
        if unsafe_steps.count() > 1 {
            let mend = "say \"safe\": true of every other that may happen twice without harm";
            p.problem(
                "steps",
                "one step that must not happen twice",
                "several",
                mend,
            );
        }
        p.done();
    }

    fn idempotency(&self, p: &Reader) {
        self.keys(
            p,
            &[
                ("kind", Is::Word(&IDEMPOTENCY), true),
                ("name", Is::Text, false),
                ("days", Is::Number, false),
                ("pointer", Is::Pointer, false),
                ("marker", Is::Words, false),
                ("duplicate", Is::Test, false),
                ("used", Is::Test, false),
                ("link", Is::Lens, false),
            ],
        );
        p.object_or_none("find", |f| {
            self.request(f);
            self.keys(f, FIND);
            f.done();
        });
        p.object_or_none("request", |r| {
            self.request(r);
            r.done();
        });
        let needs: &[&'static str] = match text_at(p.value(), "kind") {
            "header" => &["name"],
            "primary_key" => &["pointer", "duplicate"],
            "single_use" => &["request", "link", "used"],
            // What is known again by its text alone is written nowhere.
            "marker" if text_at(p.value(), "marker").is_empty() => &["marker", "find"],
            "marker" => &["marker", "pointer", "find"],
            _ => &[],
        };
        for key in needs {
            if p.value().get(key).is_none() {
                p.problem(key, "what this kind needs", "nothing", "add it");
            }
        }
        p.done();
    }

    fn list(&self, p: &Reader) {
        self.request(p);
        self.keys(p, LIST);
        p.object_or_none("deletions", |d| self.deletions(d));
        p.done();
    }

    fn deletions(&self, p: &Reader) {
        self.keys(
            p,
            &[
                (
                    "kind",
                    Is::Word(&["tombstone", "feed", "sweep", "none"]),
                    true,
                ),
                ("when", Is::Test, false),
                ("id", Is::Lens, false),
                ("of", Is::Kind, false),
                ("rows", Is::Pointer, false),
                ("rows_are", Is::Word(&["records", "ids", "keyed"]), false),
                ("every", Is::Number, false),
                ("paging", Is::Object(PAGING), false),
                ("changes", Is::Object(CHANGES), false),
            ],
        );
        match text_at(p.value(), "kind") {
            "feed" | "sweep" => self.request(p),
            "tombstone" if p.value().get("when").is_none() => {
                p.problem(
                    "when",
                    "how a deleted row is known",
                    "nothing",
                    "add a predicate",
                );
            }
            _ => {}
        }
        p.done();
    }

    fn expansion(&self, p: &Reader) {
        if text_at(p.value(), "kind") == "fetch" {
            self.request(p);
        }
        self.keys(p, EXPANSION);
        p.done();
    }
}

fn json_mistake(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => template::mistake(text, false),
        Value::Array(entries) => entries.iter().find_map(json_mistake),
        Value::Object(fields) => fields.values().find_map(json_mistake),
        _ => None,
    }
}

fn describe(is: Is) -> &'static str {
    match is {
        Is::Text | Is::Words => "a text",
        Is::Flag => "true or false",
        Is::Number => "a whole number",
        Is::Pointer => "a JSON Pointer",
        Is::Url => "an address",
        Is::Lens | Is::LensOrList => "a lens",
        Is::Test => "a predicate",
        Is::Texts => "a list of texts",
        Is::List(_) | Is::Tests | Is::Expand => "a list",
        Is::Kind => "a kind of record",
        Is::Word(_) => "a word",
        _ => "an object",
    }
}

fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
