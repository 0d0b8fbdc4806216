//! Calendar files (RFC 5545): one's own holidays in, a due time out.
//!
//! Of a file that comes in, whole-day events are taken, once or every year; whatever else stands
//! in it is told, event by event, and left aside, because half a recurrence would be a wrong
//! holiday. What goes out is one event in UTC, which every calendar program reads.

use super::civil::{DAY, Date, Instant, MINUTE, date, date_of, parts};
use crate::core::reader::Problem;
use crate::core::text::LocalText;

/// Holidays of a file, in order, and what was left aside.
#[derive(Debug, Default)]
pub struct Imported {
    /// Date and name.
    pub days: Vec<(Date, LocalText)>,
    /// What could not be taken, and why.
    pub problems: Vec<Problem>,
}

/// An event as far as it is read.
#[derive(Default)]
struct Event {
    number: usize,
    name: String,
    start: Option<Date>,
    end: Option<Date>,
    yearly: Option<Yearly>,
    wrong: Vec<(&'static str, String)>,
}

/// A recurrence every `every` years, at most `count` times and not after `last`.
struct Yearly {
    every: i32,
    count: Option<u32>,
    last: Option<Date>,
}

/// Reads the holidays of a file for the years `from..=to`.
pub fn import(text: &str, from: i32, to: i32) -> Imported {
    let mut imported = Imported::default();
    let mut open: Option<Event> = None;
    // What stands in a component within the event, such as an alarm, is not about the event.
    let mut depth = 0;
    let mut events = 0;
    for line in unfolded(text) {
        let Some((head, value)) = split_property(&line) else {
            continue;
        };
        let (name, params) = head.split_once(';').unwrap_or((head, ""));
        let component = value.trim().to_ascii_uppercase();
        match (name.to_ascii_uppercase().as_str(), &mut open) {
            ("BEGIN", None) if component == "VEVENT" => {
                events += 1;
                open = Some(Event {
                    number: events,
                    ..Event::default()
                });
            }
            ("BEGIN", Some(_)) => depth += 1,
            ("END", Some(_)) if depth > 0 => depth -= 1,
            ("END", Some(_)) => {
                if let Some(event) = open.take() {
                    event.close(from, to, &mut imported);
                }
            }
            (name, Some(event)) if depth == 0 => event.take(name, params, value),
            _ => {}
        }
    }
    if events == 0 || open.is_some() {
        imported.problems.push(Problem {
            path: String::new(),
            expected: "an iCalendar file with whole events".into(),
            found: if events == 0 {
                "no event"
            } else {
                "an event without an end"
            }
            .into(),
            mend: "export the calendar again, as .ics".into(),
        });
    }
    crate::core::order::sort_by_key(&mut imported.days, |(date, _)| *date);
    imported.days.dedup_by_key(|(date, _)| *date);
    imported
}

/// Splits a line at its first colon outside quotation marks.
fn split_property(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let colon = line.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b':' && !quoted
    })?;
    Some((&line[..colon], &line[colon + 1..]))
}

/// Lines with their continuations.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => lines.push(line.into()),
        }
    }
    lines
}

impl Event {
    fn take(&mut self, name: &str, params: &str, value: &str) {
        match name {
            "SUMMARY" => self.name = unescaped(value),
            "DTSTART" => {
                self.start = read_day(value);
                if self.start.is_none() {
                    self.wrong
                        .push(("a whole day", format!("{params}:{value}")));
                }
            }
            "DTEND" => self.end = read_day(value),
            "DURATION" if value != "P1D" => {
                self.wrong
                    .push(("an end as a date", format!("DURATION:{value}")));
            }
            "RRULE" => match read_rule(value, self.start) {
                Some(yearly) => self.yearly = Some(yearly),
                None => self.wrong.push(("a day of every year", value.into())),
            },
            "RDATE" | "EXDATE" | "EXRULE" | "RECURRENCE-ID" => {
                self.wrong
                    .push(("no exceptions from recurrence", name.into()));
            }
            "STATUS" if value.eq_ignore_ascii_case("CANCELLED") => {
                self.wrong.push(("an event that takes place", value.into()));
            }
            _ => {}
        }
    }

    fn close(mut self, from: i32, to: i32, imported: &mut Imported) {
        let start = self.start.unwrap_or_default();
        let end = self.end.unwrap_or(start + 1);
        if self.start.is_none() && self.wrong.is_empty() {
            self.wrong.push(("a beginning", "none".into()));
        } else if self.start.is_some() && !(1..=366).contains(&(end - start)) {
            self.wrong.push((
                "an end after the beginning, within a year",
                "another".into(),
            ));
        }
        if !self.wrong.is_empty() {
            let path = format!("event {} \"{}\"", self.number, self.name);
            imported
                .problems
                .extend(self.wrong.into_iter().map(|(expected, found)| Problem {
                    path: path.clone(),
                    expected: expected.into(),
                    found,
                    mend: "it was left aside; enter the day by itself".into(),
                }));
            return;
        }
        let mut name = LocalText::default();
        name.insert(
            "en",
            if self.name.is_empty() {
                "Holiday"
            } else {
                &self.name
            },
        );
        let (year, month, day) = parts(start);
        let once = Yearly {
            every: 1,
            count: Some(1),
            last: None,
        };
        let rule = self.yearly.as_ref().unwrap_or(&once);
        let years = (year..=to).step_by(rule.every.max(1) as usize);
        let days = years.filter_map(|year| date(year, month, day));
        for first in days.take(rule.count.unwrap_or(u32::MAX) as usize) {
            if rule.last.is_some_and(|last| first > last) {
                break;
            }
            for date in first..first + (end - start) {
                if (from..=to).contains(&parts(date).0) {
                    imported.days.push((date, name.clone()));
                }
            }
        }
    }
}

/// Reads a date as `20261123`.
fn read_day(value: &str) -> Option<Date> {
    let value = value.trim();
    let plain = value.len() == 8 && value.bytes().all(|byte| byte.is_ascii_digit());
    if !plain {
        return None;
    }
    let (year, rest) = value.split_at(4);
    let (month, day) = rest.split_at(2);
    date(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Reads a recurrence on the same day of every so many years; nothing finer.
fn read_rule(value: &str, start: Option<Date>) -> Option<Yearly> {
    let (_, month, day) = parts(start?);
    let mut rule = Yearly {
        every: 1,
        count: None,
        last: None,
    };
    let mut yearly = false;
    for part in value.split(';').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=')?;
        match key.to_ascii_uppercase().as_str() {
            "FREQ" => yearly = value.eq_ignore_ascii_case("YEARLY"),
            "INTERVAL" => rule.every = value.parse().ok().filter(|every| *every > 0)?,
            "COUNT" => rule.count = Some(value.parse().ok()?),
            "UNTIL" => rule.last = Some(read_day(value.get(..8)?)?),
            "BYMONTH" if value.parse() == Ok(month) => {}
            "BYMONTHDAY" if value.parse() == Ok(day) => {}
            "WKST" => {}
            _ => return None,
        }
    }
    yearly.then_some(rule)
}

fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => {}
            },
            _ => text.push(char),
        }
    }
    text.trim().into()
}

/// A due time as one goes into a calendar.
pub struct DueEvent<'a> {
    /// Identity for life: the same clock of the same case has the same, so that a second import
    /// replaces the first.
    pub uid: &'a str,
    /// When the file is made.
    pub stamp: Instant,
    /// When it is due.
    pub at: Instant,
    /// What is due.
    pub title: &'a str,
    /// Why then.
    pub description: &'a str,
    /// Where to look, or nothing.
    pub url: &'a str,
}

/// A file with one event that begins when something is due.
pub fn export(due: &DueEvent) -> String {
    let mut file = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            fold(&mut file, &format!("{name}:{value}"));
        }
    };
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line("PRODID", "-//Casement//Support portal//EN");
    line("CALSCALE", "GREGORIAN");
    line("METHOD", "PUBLISH");
    line("BEGIN", "VEVENT");
    line("UID", &escaped(due.uid));
    line("DTSTAMP", &utc(due.stamp));
    line("DTSTART", &utc(due.at));
    line("DTEND", &utc(due.at + 15 * MINUTE));
    line("SUMMARY", &escaped(due.title));
    line("DESCRIPTION", &escaped(due.description));
    // An address is not text: its commas and semicolons are its own.
    let is_control = |char: char| char.is_control();
    line("URL", &due.url.replace(is_control, ""));
    line("TRANSP", "TRANSPARENT");
    line("END", "VEVENT");
    line("END", "VCALENDAR");
    file
}

/// An instant as `20261120T093000Z`.
fn utc(at: Instant) -> String {
    let (year, month, day) = parts(date_of(at));
    let seconds = at.rem_euclid(DAY) / 1000;
    let (hour, minute) = (seconds / 3600, seconds / 60 % 60);
    format!(
        "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{:02}Z",
        seconds % 60
    )
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' | ';' | ',' => escaped.extend(['\\', char]),
            '\n' => escaped.push_str("\\n"),
            // Control characters are not allowed in a text, and mean nothing in one.
            _ if char.is_control() && char != '\t' => {}
            _ => escaped.push(char),
        }
    }
    escaped
}

/// Writes a line in pieces of at most 75 octets, never within a character.
fn fold(file: &mut String, line: &str) {
    let mut room = 75;
    for char in line.chars() {
        if char.len_utf8() > room {
            file.push_str("\r\n ");
            room = 74;
        }
        room -= char.len_utf8();
        file.push(char);
    }
    file.push_str("\r\n");
}
