//! What a policy says of time: calendars, whose hours apply to whom, and what is due when.
//!
//! Rules are tried in the order in which they are written and the first that fits decides, so an
//! exception stands above its rule. [`read_sla`] notes every mistake with its path; [`references`]
//! looks at the policy as a whole. Nothing here computes a time.

use serde_json::Value;

use super::calendar::{CalendarTerms, Holidays, Hours, Special, Week};
use super::civil::{DAY, Date, MINUTE, date_text, read_date, read_time_of_day};
use super::clocks::{WHATS, What};
use super::duration::{Span, UNITS, Unit};
use super::history::{MARKS, Mark};
use crate::core::policy::Policy;
use crate::core::reader::{Problem, Reader, read};
use crate::core::text::LocalText;

/// Everything a policy says of time.
#[derive(Debug, Default)]
pub struct Sla {
    /// Hours of desks.
    pub calendars: Vec<CalendarTerms>,
    /// Whose hours are the business hours of a case.
    pub desks: Vec<Desk>,
    /// What is due when.
    pub targets: Vec<Target>,
    /// What is promised beside times.
    pub notes: Vec<Note>,
    /// Whether the engineer writes on being assigned, so that the assignment is the first answer.
    pub assignment_answers: bool,
}

/// What of a case decides which rule applies.
pub const FACTS: [&str; 8] = [
    "plan", "level", "severity", "region", "language", "type", "product", "country",
];

/// The facts of a case, each empty if not known.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The contract's plan.
    pub plan: String,
    /// The contract's maintenance level.
    pub level: String,
    /// The severity.
    pub severity: String,
    /// The region of support.
    pub region: String,
    /// The language one wants to be answered in.
    pub language: String,
    /// The type of issue.
    pub kind: String,
    /// The product.
    pub product: String,
    /// The country the device stands in.
    pub country: String,
}

impl Facts {
    fn get(&self, fact: &str) -> &str {
        match fact {
            "plan" => &self.plan,
            "level" => &self.level,
            "severity" => &self.severity,
            "region" => &self.region,
            "language" => &self.language,
            "type" => &self.kind,
            "product" => &self.product,
            "country" => &self.country,
            _ => "",
        }
    }
}

/// A condition: each named fact has one of its values.
#[derive(Clone, Debug, Default)]
pub struct When(pub Vec<(String, Vec<String>)>);

impl When {
    /// Whether a case of these facts meets it.
    pub fn fits(&self, facts: &Facts) -> bool {
        let fits = |(fact, values): &(String, Vec<String>)| {
            let found = facts.get(fact);
            values.iter().any(|value| value == found)
        };
        self.0.iter().all(fits)
    }

    /// The values that it names for a fact.
    pub fn values(&self, fact: &str) -> &[String] {
        let found = self.0.iter().find(|(name, _)| name == fact);
        found.map_or(&[], |(_, values)| values)
    }
}

/// Whose hours are the business hours of a case.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// For which cases.
    pub when: When,
    /// The calendar; `None` never closes.
    pub calendar: Option<String>,
}

/// The clock that a target is counted on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClockWord {
    /// One that never stops.
    #[default]
    Always,
    /// The business hours of the case, by the first desk that fits.
    Business,
    /// The days on which offices work, by the first desk that fits and ever closes: a part is not
    /// shipped on a Sunday, even where support never sleeps.
    WorkingDays,
    /// A calendar, whatever the case.
    Calendar(String),
}

/// How firmly something is said (CSF-08).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Promise {
    /// What the vendor works to.
    #[default]
    Target,
    /// What the vendor hopes for, expressly without promise.
    Goal,
    /// When something may be expected.
    Estimate,
    /// A time by which the customer must act, or a right ends.
    Limit,
}

impl Promise {
    /// Its word, the end of the catalogue's key `sla.promise.<word>`.
    pub fn word(self) -> &'static str {
        let found = PROMISES.iter().find(|(_, promise)| *promise == self);
        found.map_or("", |(word, _)| word)
    }
}

const PROMISES: [(&str, Promise); 4] = [
    ("target", Promise::Target),
    ("goal", Promise::Goal),
    ("estimate", Promise::Estimate),
    ("limit", Promise::Limit),
];

/// What is due when: from an event, within a span, until another event.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// What.
    pub what: What,
    /// The channel, release or contract it is about.
    pub of: String,
    /// What it is called, when `what` alone doesn't say it.
    pub name: Option<LocalText>,
    /// For which cases.
    pub when: When,
    /// It applies only until this has happened.
    pub until: Option<Mark>,
    /// It is counted from this event and not from the usual one.
    pub from: Option<Mark>,
    /// The span; `None` is as agreed with the customer.
    pub within: Option<Span>,
    /// Whether it must be less than the span.
    pub less_than: bool,
    /// The clock.
    pub clock: ClockWord,
    /// How firmly it is said.
    pub promise: Promise,
    /// A sentence beside it.
    pub note: Option<LocalText>,
}

/// Something promised or asked for beside times, for some cases.
#[derive(Clone, Debug, Default)]
pub struct Note {
    /// For which cases.
    pub when: When,
    /// The sentence.
    pub text: LocalText,
}

/// Reads the part `sla` of a policy.
pub fn read_sla(r: &Reader) -> Sla {
    let sla = Sla {
        calendars: r.list("calendars", read_calendar),
        desks: r.list("desks", |r| {
            let desk = Desk {
                when: read_when(r),
                calendar: Some(r.text("calendar")).filter(|id| id != "always"),
            };
            r.done();
            desk
        }),
        targets: r.list("targets", read_target),
        notes: r.list("notes", |r| {
            let note = Note {
                when: read_when(r),
                text: r.local("text"),
            };
            r.done();
            note
        }),
        assignment_answers: r.flag("assignment_answers", false),
    };
    calendars_exist(&sla, r);
    r.done();
    sla
}

fn calendars_exist(sla: &Sla, r: &Reader) {
    let exists = |id: &str| sla.calendars.iter().any(|calendar| calendar.id == id);
    let missing = |path: String, id: &str| {
        if !id.is_empty() && !exists(id) {
            r.problem(
                &path,
                "the id of a calendar",
                format!("\"{id}\", which no calendar has"),
                "add such a calendar or correct the id",
            );
        }
    };
    for (index, desk) in sla.desks.iter().enumerate() {
        let id = desk.calendar.as_deref().unwrap_or_default();
        missing(format!("desks[{index}].calendar"), id);
    }
    for (index, target) in sla.targets.iter().enumerate() {
        match &target.clock {
            ClockWord::Calendar(id) => missing(format!("targets[{index}].clock"), id),
            ClockWord::Business | ClockWord::WorkingDays if sla.desks.is_empty() => r.problem(
                &format!("targets[{index}].clock"),
                "a desk to go with business hours",
                "none",
                "add desks, or name a calendar",
            ),
            _ => {}
        }
    }
    for (index, calendar) in sla.calendars.iter().enumerate() {
        let first = sla.calendars.iter().position(|one| one.id == calendar.id);
        let words = ["always", "business", "working_days"];
        if first != Some(index) || words.contains(&calendar.id.as_str()) {
            r.problem(
                &format!("calendars[{index}].id"),
                "an id of its own that is no word for a clock",
                format!("\"{}\"", calendar.id),
                "give it another id",
            );
        }
    }
}

/// Reads a condition: facts with the values that fit.
pub(super) fn read_when(r: &Reader) -> When {
    let entries = r.entries("when", |r| match r.value() {
        Value::Array(_) => r.as_texts(),
        _ => vec![r.as_text()],
    });
    for (fact, values) in &entries {
        let path = format!("when.{fact}");
        if !FACTS.contains(&fact.as_str()) {
            let known = format!("one of {}", FACTS.join(", "));
            r.problem(&path, &known, format!("\"{fact}\""), "correct it");
        } else if values.is_empty() {
            r.problem(&path, "at least one value", "none", "name the values");
        }
    }
    When(entries)
}

fn read_target(r: &Reader) -> Target {
    let has = |key: &str| r.value().get(key).is_some();
    let what = r.one_of("what", &WHATS).unwrap_or_default();
    let promise = has("promise").then(|| r.one_of("promise", &PROMISES));
    let target = Target {
        what,
        of: r.text_or_empty("of"),
        name: r.local_or_none("name"),
        when: read_when(r),
        until: has("until").then(|| r.one_of("until", &MARKS)).flatten(),
        from: has("from").then(|| r.one_of("from", &MARKS)).flatten(),
        within: r.object_or_none("within", read_span),
        less_than: r.flag("less_than", false),
        clock: match r.text_or_empty("clock").as_str() {
            "" | "always" => ClockWord::Always,
            "business" => ClockWord::Business,
            "working_days" => ClockWord::WorkingDays,
            id => ClockWord::Calendar(id.into()),
        },
        promise: promise.flatten().unwrap_or(what.promise()),
        note: r.local_or_none("note"),
    };
    let counts_dates = target
        .within
        .is_some_and(|span| span.unit == Unit::EndOfDay);
    if counts_dates && target.clock == ClockWord::Always {
        r.problem(
            "clock",
            "a clock with hours, since a day without them has no end",
            "always",
            "write business, working_days or the id of a calendar, or count in days",
        );
    }
    r.done();
    target
}

/// Reads a span: one unit with a number, or with two for a range.
pub fn read_span(r: &Reader) -> Span {
    let named = |(word, _): &&(&str, Unit)| r.value().get(word).is_some();
    let mut units = UNITS.iter().filter(named);
    let (Some((word, unit)), None) = (units.next(), units.next()) else {
        let words: Vec<&str> = UNITS.iter().map(|(word, _)| *word).collect();
        let expected = format!("exactly one of {}", words.join(", "));
        r.problem("", &expected, "none or several", "keep one");
        return Span::default();
    };
    let ends: Vec<Option<u32>> = match r.value().get(word) {
        Some(Value::Array(_)) => r.list(word, |end| count(end.value())),
        _ => vec![
            r.number_or_none(word)
                .and_then(|count| count.try_into().ok()),
        ],
    };
    let (least, most) = match ends[..] {
        [Some(count)] => (None, Some(count)),
        [Some(least), Some(most)] if least <= most => (Some(least), Some(most)),
        _ => (None, None),
    };
    let divides = *unit == Unit::TimesAWeek;
    if most.is_none() || (divides && most == Some(0)) {
        r.problem(
            word,
            "a whole number, or two with the smaller one first",
            "something else",
            "write as 5 or as [5, 10]; nothing lasts less than 0",
        );
    }
    r.done();
    Span {
        unit: *unit,
        least,
        count: most.unwrap_or_default(),
    }
}

fn count(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|count| count.try_into().ok())
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads a calendar.
pub fn read_calendar(r: &Reader) -> CalendarTerms {
    let calendar = CalendarTerms {
        id: r.text("id"),
        name: r.local("name"),
        zone: r.text("zone"),
        week: read_week(r),
        holidays: r.texts("holidays"),
        special: read_special(r),
    };
    r.done();
    calendar
}

/// Reads the regular hours: stretches of a day, each for some weekdays. What ends after midnight
/// is written past 24:00 and belongs to the next day from there on.
pub fn read_week(r: &Reader) -> Week {
    let mut week = Week::default();
    let list = r.list("hours", |r| {
        let days = read_days(r);
        let hours = read_hours(r, 2 * DAY);
        r.done();
        (days, hours)
    });
    for (index, (days, hours)) in list.into_iter().enumerate() {
        let (Some(hours), path) = (hours, format!("hours[{index}]")) else {
            continue;
        };
        for day in days {
            let Hours { from, to } = hours;
            let today = (from < DAY).then(|| Hours {
                from,
                to: to.min(DAY),
            });
            let tomorrow = (to > DAY).then(|| Hours {
                from: (from - DAY).max(0),
                to: to - DAY,
            });
            let both = [(day, today), ((day + 1) % 7, tomorrow)];
            for (day, hours) in both.into_iter().filter_map(|(d, h)| Some((d, h?))) {
                insert(r, &path, &mut week[day], hours);
            }
        }
    }
    if week.iter().all(Vec::is_empty) {
        r.problem(
            "hours",
            "a week in which the desk opens",
            "none",
            "add hours, as {\"days\": \"mon-fri\", \"from\": \"09:00\", \"to\": \"17:30\"}",
        );
    }
    week
}

/// Puts hours in their place among those of a day.
fn insert(r: &Reader, path: &str, day: &mut Vec<Hours>, hours: Hours) {
    if day
        .iter()
        .any(|one| one.from < hours.to && hours.from < one.to)
    {
        r.problem(
            path,
            "hours that overlap no others",
            "an overlap",
            "join the two, or move one",
        );
        return;
    }
    let place = day.partition_point(|one| one.from < hours.from);
    day.insert(place, hours);
}

fn read_days(r: &Reader) -> Vec<usize> {
    let text = r.text("days");
    let of = |word: &str| DAYS.iter().position(|day| *day == word.trim());
    let mut days = Vec::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let range = match part.split_once('-') {
            Some((from, to)) => of(from).zip(of(to)),
            None if part.trim() == "daily" => Some((0, 6)),
            None => of(part).map(|day| (day, day)),
        };
        match range {
            // From Saturday to Tuesday goes over the end of the week.
            Some((from, to)) => days.extend((0..=(to + 7 - from) % 7).map(|n| (from + n) % 7)),
            None => r.problem(
                "days",
                "weekdays as mon-fri, as sat,sun or as daily",
                format!("\"{text}\""),
                "correct it",
            ),
        }
    }
    days
}

/// Reads one stretch of a day.
fn read_hours(r: &Reader, most: i64) -> Option<Hours> {
    let time = |key| {
        let text = r.text(key);
        let time = read_time_of_day(&text);
        if time.is_none() && !text.is_empty() {
            r.problem(key, "a time as 09:30", format!("\"{text}\""), "correct it");
        }
        time
    };
    let (from, to) = (time("from"), time("to"));
    let (from, to) = (from?, to?);
    if from >= DAY || to <= from || to > most || to - from > DAY {
        r.problem(
            "to",
            "an end after the beginning",
            format!("{} to {}", clock_text(from), clock_text(to)),
            if most > DAY {
                "correct it; write what ends after midnight past 24:00, as 22:00 to 30:00"
            } else {
                "correct it; what ends after midnight belongs to the next date"
            },
        );
        return None;
    }
    Some(Hours { from, to })
}

/// A time of day as `09:30`.
pub fn clock_text(of_day: i64) -> String {
    let minutes = of_day / MINUTE;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Reads a calendar's own exceptions and holidays.
pub fn read_special(r: &Reader) -> Vec<Special> {
    let list = r.list("exceptions", |r| {
        let mut day = Vec::new();
        let hours = r.list("hours", |r| {
            let hours = read_hours(r, DAY);
            r.done();
            hours
        });
        for (index, hours) in hours.into_iter().enumerate() {
            if let Some(hours) = hours {
                insert(r, &format!("hours[{index}]"), &mut day, hours);
            }
        }
        let special = Special {
            date: date_at(r, "date"),
            name: r.local("name"),
            hours: day,
            holiday: r.flag("holiday", false),
        };
        r.done();
        special
    });
    in_order(r, "exceptions", list.iter().map(|one| one.date));
    list
}

fn date_at(r: &Reader, key: &'static str) -> Date {
    let text = r.text(key);
    read_date(&text).unwrap_or_else(|| {
        if !text.is_empty() {
            r.problem(
                key,
                "a date as 2026-11-23",
                format!("\"{text}\""),
                "correct it",
            );
        }
        0
    })
}

fn in_order(r: &Reader, list: &str, dates: impl Iterator<Item = Date>) {
    let mut last = None;
    for (index, date) in dates.enumerate() {
        if last.is_some_and(|last| last >= date) {
            r.problem(
                &format!("{list}[{index}].date"),
                "a date after the one before it",
                date_text(date),
                "sort the list and name each date once",
            );
        }
        last = Some(date);
    }
}

/// Reads a file of public holidays.
pub fn read_holidays(json: &Value) -> (Holidays, Vec<Problem>) {
    read(json, |r| {
        let days = r.list("days", |r| {
            let day = (date_at(r, "date"), r.local("name"));
            r.done();
            day
        });
        in_order(r, "days", days.iter().map(|(date, _)| *date));
        let holidays = Holidays {
            id: r.text("country"),
            from: date_at(r, "from"),
            until: date_at(r, "until"),
            days,
        };
        let known = |date: Date| (holidays.from..holidays.until).contains(&date);
        if !holidays.days.iter().all(|(date, _)| known(*date)) || holidays.until <= holidays.from {
            r.problem(
                "until",
                "an end after the beginning, with every day between them",
                date_text(holidays.until),
                "correct from and until",
            );
        }
        r.done();
        holidays
    })
}

/// Notes conditions that no case of this policy can meet.
pub(crate) fn references(policy: &Policy, r: &Reader) {
    let known: [(&str, Vec<&String>); 4] = [
        (
            "severity",
            policy.severities.iter().map(|one| &one.id).collect(),
        ),
        ("region", policy.regions.iter().map(|one| &one.id).collect()),
        (
            "language",
            policy.languages.iter().map(|one| &one.id).collect(),
        ),
        ("plan", policy.plans.iter().map(|one| &one.id).collect()),
    ];
    let check = |list: &str, index: usize, when: &When| {
        for (fact, ids) in &known {
            // A policy that names none of a kind leaves the kind to the backend.
            for value in when.values(fact).iter().filter(|_| !ids.is_empty()) {
                if !ids.contains(&value) {
                    r.problem(
                        &format!("sla.{list}[{index}].when.{fact}"),
                        "an id that this policy has",
                        format!("\"{value}\""),
                        "correct it, or add it to the policy",
                    );
                }
            }
        }
    };
    for (index, desk) in policy.sla.desks.iter().enumerate() {
        check("desks", index, &desk.when);
    }
    for (index, target) in policy.sla.targets.iter().enumerate() {
        check("targets", index, &target.when);
    }
    for (index, note) in policy.sla.notes.iter().enumerate() {
        check("notes", index, &note.when);
    }
}
