//! Questions to this engine with the answers expected of it, from a JSON file.
//!
//! The format can say whatever the engine can do; `docs/sla.md` describes it for those who write
//! such files. [`run`] asks every question of a file and compares, or tells every mistake of the
//! file. Zones, holidays and policies come from outside, as everywhere in the core. Not part of
//! the browser's build.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use serde_json::Value;

use super::Trouble;
use super::calendar::{Calendar, CalendarTerms, Holidays, Special, Stretch, Why};
use super::civil::{
    DAY, HOUR, Instant, MINUTE, SECOND, date_text, local_text, read_date, read_time,
};
use super::clocks::{
    Basis, Calendars, Clock, State, WHATS, What, business_hours, clocks, select, working_days,
};
use super::duration::{Due, Pause, Span, due};
use super::explain::{Explanation, explain, with_pauses};
use super::history::{Event, read_event};
use super::ics::{DueEvent, export, import};
use super::server::{Sample, offset};
use super::terms::{Facts, Sla, read_sla, read_span, read_special, read_week};
use super::zone::Zone;
use crate::core::reader::{Problem, Reader, read};
use crate::core::text::LocalText;

/// What a file of vectors may refer to.
pub struct Supplies<'a> {
    /// Finds a zone by its IANA name.
    pub zone: &'a dyn Fn(&str) -> Option<Zone>,
    /// Public holidays by country.
    pub holidays: &'a [Holidays],
    /// Finds the JSON of a policy that ships, by its id.
    pub policy: &'a dyn Fn(&str) -> Option<Value>,
}

/// What came of one vector.
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Whether the answer was the one expected.
    pub passed: bool,
    /// What was expected.
    pub expected: String,
    /// What was answered instead, as far as it was asked for.
    pub found: String,
}

/// Runs all vectors of a file, or tells everything that is wrong with it.
pub fn run(json: &Value, supplies: &Supplies) -> Result<Vec<Outcome>, Vec<Problem>> {
    let (outcomes, problems) = read(json, |r| {
        let mut file = File {
            supplies,
            calendars: BTreeMap::new(),
            policies: BTreeMap::new(),
            shipped: RefCell::default(),
        };
        file.calendars = r
            .entries("calendars", |r| file.read_calendar(r))
            .into_iter()
            .collect();
        file.policies = r
            .entries("policies", |r| Rc::new(file.read_policy(r)))
            .into_iter()
            .collect();
        let outcomes = r.list("vectors", |r| file.run(r));
        if outcomes.is_empty() {
            r.problem("vectors", "at least one vector", "none", "add vectors");
        }
        r.text_or_none("about");
        r.done();
        outcomes
    });
    if problems.is_empty() {
        Ok(outcomes)
    } else {
        Err(problems)
    }
}

/// A calendar to ask; the outer trouble is that it could not be built.
type Asked = Result<Option<Calendar>, Trouble>;

struct Policy {
    sla: Sla,
    calendars: Calendars,
}

impl Policy {
    /// One of the policy's calendars.
    fn calendar(&self, id: &str) -> Option<Asked> {
        let index = self.sla.calendars.iter().position(|one| one.id == id)?;
        let calendar = self.calendars.of(Basis::Calendar(index));
        Some(calendar.map(|calendar| calendar.cloned()))
    }
}

struct File<'a> {
    supplies: &'a Supplies<'a>,
    calendars: BTreeMap<String, Asked>,
    policies: BTreeMap<String, Rc<Policy>>,
    /// Policies that ship, once they have been asked for.
    shipped: RefCell<BTreeMap<String, Option<Rc<Policy>>>>,
}

/// Something expected or answered.
#[derive(Clone, Debug, PartialEq)]
enum Fact {
    At(Instant),
    Length(i64),
    Flag(bool),
    Text(String),
    Texts(Vec<String>),
    Lengths(BTreeMap<String, i64>),
}

type Answer = BTreeMap<&'static str, Fact>;

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::At(at) => write!(f, "{}Z", local_text(*at)),
            Fact::Length(length) => f.write_str(&length_text(*length)),
            Fact::Flag(flag) => write!(f, "{flag}"),
            Fact::Text(text) => f.write_str(text),
            Fact::Texts(texts) => f.write_str(&texts.join(" | ")),
            Fact::Lengths(lengths) => {
                let entry =
                    |(name, length): (&String, &i64)| format!("{name} {}", length_text(*length));
                f.write_str(&lengths.iter().map(entry).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn shown(facts: &Answer) -> String {
    let entry = |(key, fact): (&&str, &Fact)| format!("{key} {fact}");
    let list: Vec<String> = facts.iter().map(entry).collect();
    if list.is_empty() {
        "nothing".into()
    } else {
        list.join("; ")
    }
}

/// Units of a length, the greatest first.
const LENGTHS: [(&str, i64); 5] = [
    ("d", DAY),
    ("h", HOUR),
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", 1),
];

/// A length of time as `1d 2h 30m`; a day is 24 hours.
pub fn length_text(length: i64) -> String {
    let mut rest = length.unsigned_abs();
    let mut parts = Vec::new();
    for (unit, size) in LENGTHS {
        let count = rest / size.unsigned_abs();
        rest %= size.unsigned_abs();
        if count > 0 {
            parts.push(format!("{count}{unit}"));
        }
    }
    match (parts.is_empty(), length < 0) {
        (true, _) => "0m".into(),
        (false, true) => format!("-{}", parts.join(" ")),
        (false, false) => parts.join(" "),
    }
}

fn read_length(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut sum = 0_i64;
    for part in text.split_whitespace() {
        let unit = part.trim_start_matches(|char: char| char.is_ascii_digit());
        let count: i64 = part.strip_suffix(unit)?.parse().ok()?;
        let (_, size) = LENGTHS.iter().find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(count.checked_mul(*size)?)?;
    }
    (!text.trim().is_empty()).then_some(sign * sum)
}

/// Reads times: with their distance from UTC, or as the clock of a zone shows them.
struct Times {
    zone: Option<Zone>,
}

impl Times {
    fn parse(&self, text: &str) -> Option<Instant> {
        match (read_time(text)?, &self.zone) {
            ((local, Some(ahead)), _) => Some(local - ahead),
            ((local, None), Some(zone)) => zone.instant(local).ok(),
            _ => None,
        }
    }

    fn value(&self, r: &Reader, key: &str, value: &Value) -> Instant {
        let at = value.as_str().and_then(|text| self.parse(text));
        at.unwrap_or_else(|| {
            r.problem(
                key,
                "a time as 2026-11-20T09:30 on the clock of the zone, or with Z or +09:00 behind it",
                value.to_string(),
                "correct it; a time without its distance from UTC needs a calendar or a zone",
            );
            0
        })
    }

    fn at(&self, r: &Reader, key: &'static str) -> Instant {
        let text = Value::String(r.text(key));
        self.value(r, key, &text)
    }

    fn pauses(&self, r: &Reader) -> Vec<Pause> {
        r.list("pauses", |r| {
            let pause = Pause {
                from: self.at(r, "from"),
                to: self.at(r, "to"),
            };
            r.done();
            pause
        })
    }
}

impl File<'_> {
    fn holidays(&self, id: &str) -> Option<&Holidays> {
        self.supplies.holidays.iter().find(|set| set.id == id)
    }

    fn read_calendar(&self, r: &Reader) -> Asked {
        let mut terms = CalendarTerms {
            zone: r.text("zone"),
            week: read_week(r),
            special: read_special(r),
            ..CalendarTerms::default()
        };
        let mut last = None;
        let named = r.list("holidays", |r| match r.value() {
            Value::String(id) => Some(id.clone()),
            _ => {
                let text = r.text("date");
                let date = read_date(&text);
                if date.is_none() || date <= last {
                    let expected = "a date after the one before it, as 2026-11-23";
                    r.problem("date", expected, text, "correct it, and sort the list");
                }
                last = date.or(last);
                let name = r
                    .local_or_none("name")
                    .unwrap_or_else(|| english("holiday"));
                terms.special.push(Special {
                    date: date.unwrap_or_default(),
                    name,
                    hours: Vec::new(),
                    holiday: true,
                });
                r.done();
                None
            }
        });
        r.text_or_none("id");
        r.local_or_none("name");
        r.done();
        let zone = (self.supplies.zone)(&terms.zone).ok_or(Trouble::NoZone)?;
        let sets: Option<Vec<&Holidays>> =
            named.iter().flatten().map(|id| self.holidays(id)).collect();
        let sets = sets.ok_or(Trouble::NoHolidays)?;
        Ok(Some(Calendar::new(&terms, zone, &sets)))
    }

    fn read_policy(&self, r: &Reader) -> Policy {
        let sla = read_sla(r);
        let zone = &mut |name: &str| (self.supplies.zone)(name);
        let calendars = Calendars::new(&sla, zone, self.supplies.holidays);
        Policy { sla, calendars }
    }

    /// The calendar of a vector: named, written out, or one that never closes.
    fn calendar(&self, r: &Reader) -> Asked {
        match r.value().get("calendar") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(_)) => r.object("calendar", |r| self.read_calendar(r)),
            Some(_) => match r.text("calendar").as_str() {
                "always" => Ok(None),
                name => {
                    let of_policy = |(policy, id): (&str, &str)| self.policy(policy)?.calendar(id);
                    let own = self.calendars.get(name).cloned();
                    let found = own.or_else(|| name.split_once('/').and_then(of_policy));
                    found.unwrap_or_else(|| {
                        let known: Vec<&str> = self.calendars.keys().map(String::as_str).collect();
                        r.problem(
                            "calendar",
                            &format!(
                                "always, a calendar, one as policy/calendar, or one of {}",
                                known.join(", ")
                            ),
                            name,
                            "correct it, or add it to the file's calendars",
                        );
                        Ok(None)
                    })
                }
            },
        }
    }

    fn run(&self, r: &Reader) -> Outcome {
        let name = r.text("name");
        let calendar = self.calendar(r);
        let named_zone = r
            .text_or_none("zone")
            .map(|name| (self.supplies.zone)(&name));
        let of_calendar = calendar.as_ref().ok().and_then(Option::as_ref);
        let times = Times {
            zone: match &named_zone {
                Some(zone) => zone.clone(),
                None => of_calendar.map(|calendar| calendar.zone().clone()),
            },
        };
        let calendar = match named_zone {
            Some(None) => Err(Trouble::NoZone),
            _ => calendar,
        };
        let found = match calendar {
            Ok(calendar) => self.answer(r, calendar.as_ref(), &times),
            Err(trouble) => {
                r.object("ask", |_| ());
                Err(trouble)
            }
        };
        let found = found.unwrap_or_else(|trouble| {
            BTreeMap::from([("error", Fact::Text(trouble.code().into()))])
        });
        let expected = r.object("expect", |r| expectations(r, &times));
        r.done();
        let asked = found.into_iter();
        let asked: Answer = asked
            .filter(|(key, _)| expected.contains_key(key) || *key == "error")
            .collect();
        Outcome {
            name,
            passed: asked == expected,
            expected: shown(&expected),
            found: shown(&asked),
        }
    }

    fn answer(
        &self,
        r: &Reader,
        calendar: Option<&Calendar>,
        times: &Times,
    ) -> Result<Answer, Trouble> {
        let asks = |key: &str| {
            r.value()
                .get("ask")
                .is_some_and(|ask| ask.get(key).is_some())
        };
        if ["clock", "clocks", "desk", "notes"].into_iter().any(asks) {
            return self.of_a_policy(r, times);
        }
        r.object("ask", |r| {
            let answer = ask(r, calendar, times);
            r.done();
            answer
        })
    }

    /// One of the file's policies, or one that ships.
    fn policy(&self, id: &str) -> Option<Rc<Policy>> {
        if let Some(policy) = self.policies.get(id) {
            return Some(Rc::clone(policy));
        }
        let load = || {
            let json = (self.supplies.policy)(id)?;
            let (policy, problems) = read(json.get("sla")?, |r| self.read_policy(r));
            problems.is_empty().then(|| Rc::new(policy))
        };
        let mut shipped = self.shipped.borrow_mut();
        shipped.entry(id.into()).or_insert_with(load).clone()
    }

    fn of_a_policy(&self, r: &Reader, times: &Times) -> Result<Answer, Trouble> {
        let name = r.text("policy");
        let Some(policy) = self.policy(&name) else {
            r.problem(
                "policy",
                "the id of a policy that ships, or of one of the file's policies",
                name,
                "correct it, or add it to the file's policies",
            );
            return Ok(Answer::new());
        };
        let facts = r
            .object_or_none("facts", |r| {
                let facts = Facts {
                    plan: r.text_or_empty("plan"),
                    level: r.text_or_empty("level"),
                    severity: r.text_or_empty("severity"),
                    region: r.text_or_empty("region"),
                    language: r.text_or_empty("language"),
                    kind: r.text_or_empty("type"),
                    product: r.text_or_empty("product"),
                    country: r.text_or_empty("country"),
                };
                r.done();
                facts
            })
            .unwrap_or_default();
        let instant = |r: &Reader, key: &'static str| Some(times.at(r, key));
        let history = r.list("history", |r| read_event(r, &instant));
        let now = match r.value().get("now") {
            Some(_) => times.at(r, "now"),
            None => history.last().map_or(0, |event| event.at),
        };
        r.object("ask", |r| {
            if r.value().get("desk").is_some() {
                let words = [("business", true), ("working_days", false)];
                let basis = match r.one_of("desk", &words) {
                    Some(false) => working_days(&policy.sla, &facts),
                    _ => business_hours(&policy.sla, &facts),
                };
                r.done();
                return Ok(Answer::from([(
                    "desk",
                    Fact::Text(desk(&policy.sla, basis)),
                )]));
            }
            if r.value().get("notes").is_some() {
                r.flag("notes", true);
                r.done();
                let fitting = policy
                    .sla
                    .notes
                    .iter()
                    .filter(|note| note.when.fits(&facts));
                let texts = fitting
                    .map(|note| note.text.get("en").to_string())
                    .collect();
                return Ok(Answer::from([("notes", Fact::Texts(texts))]));
            }
            let list = clocks(
                &policy.sla,
                &policy.calendars,
                &select(&policy.sla, &facts),
                &history,
                now,
            );
            let answer = if r.value().get("clocks").is_some() {
                r.flag("clocks", true);
                Ok(clock_names(&policy.sla, &list))
            } else {
                one_clock(&policy, r, &list, &history, now)
            };
            r.done();
            answer
        })
    }
}

fn english(text: &str) -> LocalText {
    let mut name = LocalText::default();
    name.insert("en", text);
    name
}

fn desk(sla: &Sla, basis: Basis) -> String {
    let calendar = match basis {
        Basis::Always => return "always".into(),
        Basis::Calendar(index) => sla.calendars.get(index),
        Basis::Missing => None,
    };
    calendar.map_or("none", |calendar| &calendar.id).into()
}

fn clock_names(sla: &Sla, list: &[Clock]) -> Answer {
    let name = |clock: &Clock| {
        let of = &sla.targets[clock.target].of;
        format!("{} {of}", clock.what.word()).trim().to_string()
    };
    let mut names: Vec<String> = list.iter().map(name).collect();
    names.sort_unstable();
    BTreeMap::from([("clocks", Fact::Texts(names))])
}

fn one_clock(
    policy: &Policy,
    r: &Reader,
    list: &[Clock],
    history: &[Event],
    now: Instant,
) -> Result<Answer, Trouble> {
    let what: Option<What> = r.one_of("clock", &WHATS);
    let of = r.text_or_empty("of");
    let wanted = |clock: &&Clock| {
        Some(clock.what) == what && (of.is_empty() || policy.sla.targets[clock.target].of == of)
    };
    let Some(clock) = list.iter().find(wanted) else {
        return Ok(BTreeMap::from([("state", Fact::Text("none".into()))]));
    };
    let promise = policy.sla.targets[clock.target].promise.word();
    let mut facts = BTreeMap::from([
        ("state", Fact::Text(clock.state.word().into())),
        ("promise", Fact::Text(promise.into())),
        ("since", Fact::At(clock.since)),
    ]);
    if let State::NotComputable(trouble) = clock.state {
        facts.insert("error", Fact::Text(trouble.code().into()));
        return Ok(facts);
    }
    facts.extend(clock.stopped.map(|at| ("stopped", Fact::At(at))));
    facts.extend(clock.left.map(|left| ("left", Fact::Length(left))));
    let calendar = policy.calendars.of(clock.basis)?;
    if let Some(due) = clock.due {
        facts.extend(of_due(due));
        let explanation = explain(&policy.sla, &policy.calendars, clock, history, now)?;
        facts.extend(of_explanation(&explanation, calendar));
    }
    Ok(facts)
}

fn of_due(due: Due) -> Answer {
    let from = due.from.map(|from| ("from", Fact::At(from)));
    from.into_iter().chain([("at", Fact::At(due.at))]).collect()
}

/// How much counted and what did not: a special day is named by its date, and times are what the
/// desk's clock shows.
fn of_explanation(explanation: &Explanation, calendar: Option<&Calendar>) -> Answer {
    let name = |why: Why| match (why, calendar) {
        (Why::Special(index), Some(calendar)) => date_text(calendar.special()[index].date),
        (Why::Weekend, _) => "weekend".into(),
        (Why::Pause, _) => "pause".into(),
        (Why::Open, _) => "open".into(),
        _ => "night".to_string(),
    };
    let local = |at: Instant| match calendar {
        Some(calendar) => local_text(calendar.zone().local(at).unwrap_or(at)),
        None => local_text(at),
    };
    let stretches = explanation.stretches.iter();
    let stretches = stretches.map(|one| {
        let (from, to) = (local(one.from), local(one.to));
        format!("{from}/{to} {}", name(one.why))
    });
    let skipped = explanation.skipped.iter();
    let skipped = skipped.map(|(why, length)| (name(*why), *length)).collect();
    BTreeMap::from([
        ("counted", Fact::Length(explanation.counted)),
        ("total", Fact::Length(explanation.total())),
        ("skipped", Fact::Lengths(skipped)),
        ("stretches", Fact::Texts(stretches.collect())),
    ])
}

/// Answers a question to a calendar, a zone, or to none.
fn ask(r: &Reader, calendar: Option<&Calendar>, times: &Times) -> Result<Answer, Trouble> {
    let asks = |key: &str| r.value().get(key).is_some();
    if asks("is_open") {
        let at = times.at(r, "is_open");
        let open = calendar.map_or(Ok(true), |calendar| calendar.is_open(at))?;
        return Ok(BTreeMap::from([("open", Fact::Flag(open))]));
    }
    if asks("next_opening") {
        let at = times.at(r, "next_opening");
        let next = calendar.map_or(Ok(at), |calendar| calendar.next_opening(at))?;
        return Ok(BTreeMap::from([("at", Fact::At(next))]));
    }
    if asks("between") {
        let ends = r.list("between", |end| times.value(end, "", end.value()));
        let [from, to] = ends[..] else {
            r.problem("between", "two times", "another number", "name both");
            return Ok(Answer::new());
        };
        let length = super::duration::between(calendar, from, to)?;
        return Ok(BTreeMap::from([("length", Fact::Length(length))]));
    }
    if asks("add") {
        let since = times.at(r, "since");
        let pauses = times.pauses(r);
        let negative = |value: &Value| value.as_i64().is_some_and(|count| count < 0);
        let ask = r.value().get("add").and_then(Value::as_object);
        if ask.is_some_and(|span| span.values().any(negative)) {
            r.object("add", |_| ());
            return Err(Trouble::Negative);
        }
        let span: Span = r.object("add", read_span);
        return added(span, calendar, since, &pauses);
    }
    if asks("local_of") {
        let at = times.at(r, "local_of");
        let zone = times.zone.as_ref().ok_or(Trouble::NoZone)?;
        let local = zone.local(at)?;
        return Ok(BTreeMap::from([
            ("local", Fact::Text(local_text(local))),
            ("ahead", Fact::Length(local - at)),
        ]));
    }
    if asks("instant_of") {
        let text = r.text("instant_of");
        let zone = times.zone.as_ref().ok_or(Trouble::NoZone)?;
        let Some((local, None)) = read_time(&text) else {
            let expected = "a time as a clock shows it, 2026-11-20T09:30";
            r.problem("instant_of", expected, text, "correct it");
            return Ok(Answer::new());
        };
        return Ok(BTreeMap::from([("at", Fact::At(zone.instant(local)?))]));
    }
    if asks("server_offset") {
        let samples = r.list("server_offset", |r| {
            let sample = Sample {
                sent: times.at(r, "sent"),
                date: times.at(r, "date"),
                received: times.at(r, "received"),
                ahead: 0,
            };
            r.done();
            sample
        });
        return Ok(Answer::from([match offset(&samples) {
            Some(offset) => ("offset", Fact::Length(offset)),
            None => ("error", Fact::Text("no_sample".into())),
        }]));
    }
    if asks("import") {
        return Ok(imported(r));
    }
    if asks("export") {
        return Ok(r.object("export", |r| exported(r, times)));
    }
    if asks("check") {
        let json = r.object("check", |r| r.value().clone());
        let (_, problems) = read(&json, read_sla);
        let mut paths: Vec<String> = problems.into_iter().map(|problem| problem.path).collect();
        paths.sort_unstable();
        return Ok(BTreeMap::from([("problems", Fact::Texts(paths))]));
    }
    r.problem(
        "",
        "a question: one of is_open, next_opening, between, add, local_of, instant_of, clock, \
         clocks, desk, notes, server_offset, import, export, check",
        "none of them",
        "ask one",
    );
    Ok(Answer::new())
}

fn added(
    span: Span,
    calendar: Option<&Calendar>,
    since: Instant,
    pauses: &[Pause],
) -> Result<Answer, Trouble> {
    let due = due(span, calendar, since, pauses)?;
    let stretches = match calendar {
        Some(calendar) => calendar.stretches(since, due.at)?,
        None => vec![Stretch {
            from: since,
            to: due.at,
            why: Why::Open,
        }],
    };
    let explanation = Explanation::of(with_pauses(stretches, pauses));
    let mut facts = of_due(due);
    facts.extend(of_explanation(&explanation, calendar));
    Ok(facts)
}

fn imported(r: &Reader) -> Answer {
    let text = match r.value().get("import") {
        Some(Value::Array(_)) => r.texts("import").join("\r\n"),
        _ => r.text("import"),
    };
    let years = r.list("years", |year| {
        year.value().as_i64().unwrap_or_default() as i32
    });
    let [from, to] = years[..] else {
        r.problem(
            "years",
            "the first and the last year",
            "another number",
            "name both",
        );
        return Answer::new();
    };
    let imported = import(&text, from, to);
    let day = |(date, name): &(i32, LocalText)| format!("{} {}", date_text(*date), name.get("en"));
    let aside = imported.problems.iter().map(|problem| problem.path.clone());
    BTreeMap::from([
        (
            "holidays",
            Fact::Texts(imported.days.iter().map(day).collect()),
        ),
        ("left_aside", Fact::Texts(aside.collect())),
    ])
}

fn exported(r: &Reader, times: &Times) -> Answer {
    let (uid, title) = (r.text("uid"), r.text("title"));
    let (description, url) = (r.text_or_empty("description"), r.text_or_empty("url"));
    let file = export(&DueEvent {
        uid: &uid,
        stamp: times.at(r, "stamp"),
        at: times.at(r, "at"),
        title: &title,
        description: &description,
        url: &url,
    });
    r.done();
    let lines = file.split_terminator("\r\n").map(String::from).collect();
    BTreeMap::from([("lines", Fact::Texts(lines))])
}

/// Reads what is expected.
fn expectations(r: &Reader, times: &Times) -> Answer {
    const INSTANTS: [&str; 4] = ["at", "from", "since", "stopped"];
    const LENGTHS: [&str; 6] = ["length", "left", "counted", "total", "offset", "ahead"];
    const TEXTS: [&str; 5] = ["state", "promise", "local", "desk", "error"];
    const LISTS: [&str; 7] = [
        "clocks",
        "notes",
        "stretches",
        "holidays",
        "left_aside",
        "lines",
        "problems",
    ];
    let is_there = |key: &&'static str| r.value().get(*key).is_some();
    let length = |r: &Reader, key: &str, text: &str| {
        read_length(text).unwrap_or_else(|| {
            let expected = "a length as 1d 2h 30m, or -15m";
            r.problem(key, expected, format!("\"{text}\""), "correct it");
            0
        })
    };
    let mut facts = Answer::new();
    for key in INSTANTS.into_iter().filter(is_there) {
        facts.insert(key, Fact::At(times.at(r, key)));
    }
    for key in LENGTHS.into_iter().filter(is_there) {
        facts.insert(key, Fact::Length(length(r, key, &r.text(key))));
    }
    for key in TEXTS.into_iter().filter(is_there) {
        facts.insert(key, Fact::Text(r.text(key)));
    }
    for key in LISTS.into_iter().filter(is_there) {
        facts.insert(key, Fact::Texts(r.texts(key)));
    }
    for key in ["open"].into_iter().filter(is_there) {
        facts.insert(key, Fact::Flag(r.flag(key, false)));
    }
    for key in ["skipped"].into_iter().filter(is_there) {
        let entries = r.entries(key, |r| length(r, "", &r.as_text()));
        facts.insert(key, Fact::Lengths(entries.into_iter().collect()));
    }
    if facts.is_empty() {
        r.problem(
            "",
            "something to expect",
            "nothing",
            "say what the answer must be",
        );
    }
    r.done();
    facts
}
