//! How values are written elsewhere: times in many forms and zones, dates, HTML.
//!
//! All by hand and over plain numbers: chrono's own way brings its whole language of formats into
//! the bundle.

use chrono::{DateTime, Datelike, NaiveDate, Timelike};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A time in milliseconds since 1970, from a text in the form of `pattern`: `iso` (also empty),
/// `epoch`, `epoch_ms`, `http`, or letters (`YYYY MM DD hh mm ss SSS Z`). A text that says no zone
/// is taken as of `zone` (`UTC` also if empty, or `+09:00`).
pub fn read_time(text: &str, pattern: &str, zone: &str) -> Option<i64> {
    let text = text.trim();
    match pattern {
        "epoch" => {
            let seconds: f64 = text.parse().ok()?;
            let fits = seconds.is_finite() && seconds.abs() < 1.0e12;
            fits.then_some((seconds * 1_000.0).round() as i64)
        }
        "epoch_ms" => text.parse().ok(),
        "http" => http_date(text),
        "" | "iso" => read_iso(text, offset(zone)?),
        letters => read_letters(text, letters, offset(zone)?),
    }
}

/// A time in the form of `pattern`, in `zone`.
pub fn write_time(time: i64, pattern: &str, zone: &str) -> Option<String> {
    Some(match pattern {
        "epoch" => time.div_euclid(1_000).to_string(),
        "epoch_ms" => time.to_string(),
        "http" => say_http(time)?,
        "" | "iso" if matches!(zone, "" | "UTC") => iso(time)?,
        "" | "iso" => write_letters(time, "YYYY-MM-DDThh:mm:ssZ", offset(zone)?)?,
        letters => write_letters(time, letters, offset(zone)?)?,
    })
}

/// The filter: a time of ours as a pattern with, at its end, perhaps the zone it is meant in.
pub fn say_time(text: &str, pattern: &str) -> Option<String> {
    let time = read_time(text, "iso", "UTC")?;
    let cut = pattern.len().checked_sub(6);
    let zone = cut.and_then(|cut| pattern.get(cut..));
    match zone.filter(|zone| zone.starts_with(['+', '-']) && offset(zone).is_some()) {
        Some(zone) => write_time(time, &pattern[..pattern.len() - 6], zone),
        None => write_time(time, pattern, "UTC"),
    }
}

/// A time as the portal writes it: RFC 3339 in UTC, with milliseconds only where there are some.
pub fn iso(time: i64) -> Option<String> {
    let pattern = if time.rem_euclid(1_000) == 0 {
        "YYYY-MM-DDThh:mm:ss"
    } else {
        "YYYY-MM-DDThh:mm:ss.SSS"
    };
    Some(write_letters(time, pattern, 0)? + "Z")
}

/// Whether a zone can be read: `UTC` or a fixed offset. Zones with a summer time are not among
/// them, because a backend that writes local times without an offset is ambiguous twice a year.
pub fn is_zone(zone: &str) -> bool {
    offset(zone).is_some()
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "UTC" | "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = zone[1..].chars().filter(|c| *c != ':').collect();
    let number = |text: Option<&str>| text?.parse::<i64>().ok();
    let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, minutes) = match digits.len() {
        _ if !all_digits => return None,
        2 => (number(Some(&digits))?, 0),
        4 => (number(digits.get(..2))?, number(digits.get(2..))?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn read_iso(text: &str, zone: i64) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    if rest.is_empty() {
        return read_letters(date, "YYYY-MM-DD", zone);
    }
    let rest = rest.strip_prefix(['T', 't', ' ', '.'])?.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_digit() || ":.,".contains(c)));
    let (clock, shift) = rest.split_at(end.unwrap_or(rest.len()));
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let pattern = match clock.len() {
        5 => "YYYY-MM-DD hh:mm",
        8 => "YYYY-MM-DD hh:mm:ss",
        _ => return None,
    };
    let shift = shift.trim();
    let zone = if shift.is_empty() {
        zone
    } else {
        offset(shift)?
    };
    let whole = read_letters(&format!("{date} {clock}"), pattern, zone)?;
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole + digits.parse::<i64>().ok()?)
}

/// The letters of a pattern and how many digits each stands for.
const LETTERS: [(&str, usize); 7] = [
    ("YYYY", 4),
    ("SSS", 3),
    ("MM", 2),
    ("DD", 2),
    ("hh", 2),
    ("mm", 2),
    ("ss", 2),
];

fn read_letters(text: &str, pattern: &str, zone: i64) -> Option<i64> {
    let (mut text, mut pattern, mut zone) = (text, pattern, zone);
    let mut found = [0u32; 7];
    // The day of a month and its number begin at one.
    (found[2], found[3]) = (1, 1);
    while !pattern.is_empty() {
        if let Some(index) = LETTERS
            .iter()
            .position(|(name, _)| pattern.starts_with(name))
        {
            let (name, digits) = LETTERS[index];
            let (number, rest) = text.split_at_checked(digits)?;
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            found[index] = number.parse().ok()?;
            (text, pattern) = (rest, &pattern[name.len()..]);
        } else if let Some(rest) = pattern.strip_prefix('Z') {
            let length = if text.starts_with(['Z', 'z']) {
                1
            } else {
                text.find(|c: char| !(c.is_ascii_digit() || "+-:".contains(c)))
                    .unwrap_or(text.len())
            };
            let (shift, after) = text.split_at(length);
            zone = offset(shift)?;
            (text, pattern) = (after, rest);
        } else {
            let letter = pattern.chars().next()?;
            text = text.strip_prefix(letter)?;
            pattern = &pattern[letter.len_utf8()..];
        }
    }
    let [year, millis, month, day, hour, minute, second] = found;
    if !text.is_empty() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)?;
    // A leap second is the last one that there is.
    let time = date.and_hms_milli_opt(hour, minute, second.min(59), millis)?;
    Some(time.and_utc().timestamp_millis() - zone * 1_000)
}

fn write_letters(time: i64, pattern: &str, zone: i64) -> Option<String> {
    let local = DateTime::from_timestamp_millis(time.checked_add(zone * 1_000)?)?;
    if !(0..=9_999).contains(&local.year()) {
        return None;
    }
    let mut made = String::new();
    let mut pattern = pattern;
    while !pattern.is_empty() {
        if let Some((name, digits)) = LETTERS.iter().find(|(name, _)| pattern.starts_with(name)) {
            let number = match *name {
                "YYYY" => local.year().unsigned_abs(),
                "SSS" => local.timestamp_subsec_millis(),
                "MM" => local.month(),
                "DD" => local.day(),
                "hh" => local.hour(),
                "mm" => local.minute(),
                _ => local.second(),
            };
            made.push_str(&format!("{number:0digits$}"));
            pattern = &pattern[name.len()..];
        } else if let Some(rest) = pattern.strip_prefix('Z') {
            let minutes = zone.abs() / 60;
            let sign = if zone < 0 { '-' } else { '+' };
            let (hours, minutes) = (minutes / 60, minutes % 60);
            match zone {
                0 => made.push('Z'),
                _ => made.push_str(&format!("{sign}{hours:02}:{minutes:02}")),
            }
            pattern = rest;
        } else {
            let letter = pattern.chars().next()?;
            made.push(letter);
            pattern = &pattern[letter.len_utf8()..];
        }
    }
    Some(made)
}

/// A date (`2026-01-31`) from the form of a pattern.
pub fn read_date(text: &str, pattern: &str) -> Option<String> {
    let pattern = if pattern.is_empty() {
        "YYYY-MM-DD"
    } else {
        pattern
    };
    // A time in the place of a date is its day.
    let time = read_letters(text, pattern, 0)
        .or_else(|| read_letters(text.split_at_checked(10)?.0, "YYYY-MM-DD", 0))?;
    write_letters(time, "YYYY-MM-DD", 0)
}

/// A date of ours in the form of a pattern.
pub fn write_date(text: &str, pattern: &str) -> Option<String> {
    let pattern = if pattern.is_empty() {
        "YYYY-MM-DD"
    } else {
        pattern
    };
    write_letters(read_letters(text, "YYYY-MM-DD", 0)?, pattern, 0)
}

/// An HTTP date (`Fri, 31 Dec 1999 23:59:59 GMT`) in milliseconds since 1970.
pub fn http_date(text: &str) -> Option<i64> {
    let (_, date) = text.split_once(", ")?;
    let parts: Vec<&str> = date.split([' ', ':']).collect();
    let &[day, month, year, hour, minute, second, "GMT"] = parts.as_slice() else {
        return None;
    };
    let month = MONTHS.iter().position(|name| *name == month)? as u32 + 1;
    let number = |text: &str| text.parse::<u32>().ok();
    chrono::NaiveDate::from_ymd_opt(year.parse().ok()?, month, number(day)?)?
        .and_hms_opt(number(hour)?, number(minute)?, number(second)?)
        .map(|time| time.and_utc().timestamp_millis())
}

fn say_http(time: i64) -> Option<String> {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let utc = DateTime::from_timestamp_millis(time)?;
    let day = DAYS[utc.weekday().num_days_from_monday() as usize];
    let month = MONTHS[utc.month0() as usize];
    let clock = write_letters(time, "YYYY hh:mm:ss", 0)?;
    Some(format!("{day}, {:02} {month} {clock} GMT", utc.day()))
}

/// A segment of the path in a text: from the front, or with -1 the last.
pub fn segment(text: &str, index: i64) -> String {
    let path = text.split(['?', '#']).next().unwrap_or("");
    let path = path.split_once("://").map_or(path, |(_, rest)| {
        rest.split_once('/').map_or("", |(_, path)| path)
    });
    let segments: Vec<&str> = path.split('/').filter(|one| !one.is_empty()).collect();
    let index = if index < 0 {
        segments.len().checked_sub(index.unsigned_abs() as usize)
    } else {
        usize::try_from(index).ok()
    };
    let found = index.and_then(|index| segments.get(index));
    found.map_or_else(String::new, |one| decoded(one))
}

/// A text with its percent-encoding undone.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.into())
}

/// HTML as plain text: paragraphs and breaks become line breaks, everything else of it goes.
pub fn from_html(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    let mut silent: Option<String> = None;
    while let Some((before, tag_on)) = rest.split_once('<') {
        let Some((tag, after)) = tag_on.split_once('>') else {
            break;
        };
        let closing = tag.starts_with('/');
        let name = tag.trim_start_matches('/');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric());
        let name = name[..end.unwrap_or(name.len())].to_ascii_lowercase();
        if silent.is_none() {
            unescape_into(&mut text, before);
        }
        match (&silent, name.as_str()) {
            (Some(open), name) if closing && open == name => silent = None,
            (Some(_), _) => {}
            (None, "script" | "style") if !closing => silent = Some(name),
            (None, "br") => text.push('\n'),
            (None, "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3" | "pre" | "blockquote")
                if closing =>
            {
                text.push('\n');
            }
            _ => {}
        }
        rest = after;
    }
    if silent.is_none() {
        unescape_into(&mut text, rest);
    }
    text.trim_end_matches('\n').into()
}

fn unescape_into(text: &mut String, html: &str) {
    const NAMES: [(&str, char); 6] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
    ];
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('&') {
        text.push_str(before);
        let entity = after.split_once(';').and_then(|(name, behind)| {
            let code = match name.strip_prefix('#') {
                Some(hex) if hex.starts_with(['x', 'X']) => {
                    char::from_u32(u32::from_str_radix(&hex[1..], 16).ok()?)?
                }
                Some(number) => char::from_u32(number.parse().ok()?)?,
                None => NAMES.iter().find(|(known, _)| *known == name)?.1,
            };
            Some((code, behind))
        });
        match entity {
            Some((letter, behind)) => {
                text.push(letter);
                rest = behind;
            }
            None => {
                text.push('&');
                rest = after;
            }
        }
    }
    text.push_str(rest);
}

/// Plain text as HTML.
pub fn to_html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    escaped.replace('>', "&gt;").replace('\n', "<br>")
}
